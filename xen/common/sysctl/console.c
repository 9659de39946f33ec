/* SPDX-License-Identifier: MIT */
/* console.c - sysctl operations on the hypervisor's console: its text, and keys as if typed. */
#include <xen/trace.h>
#include <xen/console.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/sysctl-table.h>

#define MAX_KEYS 256

/* Text is copied in pieces: a guest page may fault, and the ring's lock must not wait for that. */
long sysctl_readconsole(struct xen_sysctl *op)
{
    struct xen_sysctl_readconsole *r = &op->u.readconsole;
    u32 done = 0, index = r->incremental ? r->index : 0; /* 0: the oldest */
    char piece[256];

    while (done < r->count) {
        size_t n = console_ring_read(piece, MIN(sizeof(piece), r->count - done), &index, r->clear);

        if (!n)
            break;
        if (copy_to_guest(r->buffer + done, piece, n))
            return -EFAULT;
        done += (u32)n;
    }
    r->count = done;
    r->index = index;
    return 0;
}

/* Keys without a meaning are ignored, as on the serial line. */
long sysctl_debug_keys(struct xen_sysctl *op)
{
    const struct xen_sysctl_debug_keys *k = &op->u.debug_keys;
    u32 n = MIN(k->nr_keys, MAX_KEYS);
    u8 key;

    for (u32 i = 0; i < n; i++) {
        if (copy_elem_from_guest(&key, k->keys, i, sizeof(key)))
            return -EFAULT;
        handle_keypress(key, NULL);
    }
    return 0;
}

long sysctl_tbuf_op(struct xen_sysctl *op)
{
    return trace_control(&op->u.tbuf_op);
}
