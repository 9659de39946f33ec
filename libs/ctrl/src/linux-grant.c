/* SPDX-License-Identifier: MIT */
/*
 * linux-grant.c - granted pages through gntdev and gntalloc.
 *
 * The kernel names a mapping by its offset in the device file; the list of maps remembers which
 * offset belongs to which address.
 */
#include "private.h"
#include "linux-abi.h"
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define AGAIN_WAIT_US 1000
#define AGAIN_TRIES   1000

struct xctl__linux_map {
    struct xctl__linux_map *next;
    void *addr;
    uint64_t index;
    unsigned int nr;
    bool own; /* of gntalloc */
};

static int remember(struct xctl__linux *l, void *addr, uint64_t index, unsigned int nr, bool own)
{
    struct xctl__linux_map *m = malloc(sizeof(*m));

    if (!m)
        return -ENOMEM;
    *m = (struct xctl__linux_map){l->maps, addr, index, nr, own};
    l->maps = m;
    return 0;
}

static int set_notify(int fd, uint64_t index, const struct xctl_grant_notify *notify)
{
    struct gntdev_notify n = {.index = index};

    if (!notify)
        return 0;
    if (notify->clear_offset != XCTL_GRANT_NO_CLEAR) {
        n.index += notify->clear_offset;
        n.action |= NOTIFY_CLEAR_BYTE;
    }
    if (notify->port != XCTL_GRANT_NO_PORT) {
        n.port = notify->port;
        n.action |= NOTIFY_SEND_EVENT;
    }
    if (!n.action)
        return 0;
    return ioctl(fd, GNTDEV_UNMAP_NOTIFY, &n) ? -errno : 0;
}

/* The page may be paged out at the granting side: the kernel says EAGAIN. */
static void *map_patiently(int fd, unsigned int nr, int prot, uint64_t index)
{
    for (int i = 0;; i++) {
        void *p = mmap(NULL, (size_t)nr * XCTL_PAGE_SIZE, prot, MAP_SHARED, fd, (off_t)index);

        if (p != MAP_FAILED || errno != EAGAIN || i == AGAIN_TRIES)
            return p;
        usleep(AGAIN_WAIT_US);
    }
}

/* Maps what an ioctl has reserved; the caller undoes that if this fails. */
static int map_reserved(struct xctl__linux *l, int fd, uint64_t index, unsigned int nr, int prot,
                        const struct xctl_grant_notify *notify, bool own, void **ret_addr)
{
    void *addr = map_patiently(fd, nr, prot, index);
    int rc;

    if (addr == MAP_FAILED)
        return -errno;
    rc = set_notify(fd, index, notify);
    if (!rc)
        rc = remember(l, addr, index, nr, own);
    if (rc) {
        munmap(addr, (size_t)nr * XCTL_PAGE_SIZE);
        return rc;
    }
    *ret_addr = addr;
    return 0;
}

int xctl__linux_gnt_map(xctl_handle *h, const struct xctl_grant *grants, unsigned int nr, int prot,
                        const struct xctl_grant_notify *notify, void **ret_addr)
{
    struct xctl__linux *l = xctl__linux(h);
    struct gntdev_map *m;
    int rc = xctl__linux_device(h, &l->gntdev, "/dev/xen/gntdev");

    if (rc)
        return rc;
    m = calloc(1, sizeof(*m) + nr * sizeof(m->refs[0]));
    if (!m)
        return -ENOMEM;
    m->count = nr;
    for (unsigned int i = 0; i < nr; i++)
        m->refs[i] = (struct gntdev_ref){grants[i].domid, grants[i].ref};
    if (ioctl(l->gntdev, GNTDEV_MAP, m)) {
        rc = -errno;
    } else {
        rc = map_reserved(l, l->gntdev, m->index, nr, prot, notify, false, ret_addr);
        if (rc)
            ioctl(l->gntdev, GNTDEV_UNMAP, &(struct gntdev_unmap){m->index, nr, 0});
    }
    free(m);
    return rc;
}

int xctl__linux_gnt_alloc(xctl_handle *h, domid_t domid, unsigned int nr, int writable,
                          const struct xctl_grant_notify *notify, uint32_t *ret_refs,
                          void **ret_addr)
{
    struct xctl__linux *l = xctl__linux(h);
    struct gntalloc_alloc *a;
    int rc = xctl__linux_device(h, &l->gntalloc, "/dev/xen/gntalloc");

    if (rc)
        return rc;
    a = calloc(1, sizeof(*a) + nr * sizeof(a->refs[0]));
    if (!a)
        return -ENOMEM;
    a->domid = domid;
    a->flags = writable ? 1 : 0;
    a->count = nr;
    if (ioctl(l->gntalloc, GNTALLOC_ALLOC, a)) {
        rc = -errno;
    } else {
        rc = map_reserved(l, l->gntalloc, a->index, nr, PROT_READ | PROT_WRITE, notify, true,
                          ret_addr);
        if (rc)
            ioctl(l->gntalloc, GNTALLOC_FREE, &(struct gntdev_unmap){a->index, nr, 0});
        else
            memcpy(ret_refs, a->refs, nr * sizeof(*ret_refs));
    }
    free(a);
    return rc;
}

/* Undoes a mapping that is in the list; -EINVAL if it is not. */
static int drop(xctl_handle *h, void *addr, unsigned int nr, bool own)
{
    struct xctl__linux *l = xctl__linux(h);
    int rc = 0;

    for (struct xctl__linux_map **at = &l->maps, *m; (m = *at); at = &m->next) {
        struct gntdev_unmap u = {m->index, nr, 0};

        if (m->addr != addr || m->nr != nr || m->own != own)
            continue;
        munmap(addr, (size_t)nr * XCTL_PAGE_SIZE);
        if (ioctl(own ? l->gntalloc : l->gntdev, own ? GNTALLOC_FREE : GNTDEV_UNMAP, &u))
            rc = -errno;
        *at = m->next;
        free(m);
        return rc;
    }
    return -EINVAL;
}

int xctl__linux_gnt_unmap(xctl_handle *h, void *addr, unsigned int nr)
{
    return drop(h, addr, nr, false);
}

int xctl__linux_gnt_free(xctl_handle *h, void *addr, unsigned int nr)
{
    return drop(h, addr, nr, true);
}

/* The device files are about to be closed, which undoes the mappings. */
void xctl__linux_gnt_forget(struct xctl__linux *l)
{
    for (struct xctl__linux_map *m = l->maps, *next; m; m = next) {
        next = m->next;
        free(m);
    }
    l->maps = NULL;
}

static struct gntdev_copy_end copy_end(const struct xctl_grant_copy_end *e)
{
    struct gntdev_copy_end r = {.u.virt = (uintptr_t)e->addr};

    if (e->is_grant) {
        r.u.foreign.ref = e->grant.ref;
        r.u.foreign.offset = (uint16_t)e->offset;
        r.u.foreign.domid = (uint16_t)e->grant.domid;
    }
    return r;
}

int xctl__linux_gnt_copy(xctl_handle *h, struct xctl_grant_copy *copies, unsigned int nr)
{
    struct xctl__linux *l = xctl__linux(h);
    struct gntdev_copy_segment *s;
    struct gntdev_copy c = {.count = nr};
    int rc = xctl__linux_device(h, &l->gntdev, "/dev/xen/gntdev");

    if (rc)
        return rc;
    s = calloc(nr, sizeof(*s));
    if (!s)
        return -ENOMEM;
    for (unsigned int i = 0; i < nr; i++) {
        s[i].source = copy_end(&copies[i].source);
        s[i].dest = copy_end(&copies[i].dest);
        s[i].len = (uint16_t)copies[i].len;
        s[i].flags = (uint16_t)((copies[i].source.is_grant ? GNTCOPY_source_gref : 0) |
                                (copies[i].dest.is_grant ? GNTCOPY_dest_gref : 0));
    }
    c.segments = (uintptr_t)s;
    if (ioctl(l->gntdev, GNTDEV_COPY, &c))
        rc = -errno;
    for (unsigned int i = 0; !rc && i < nr; i++)
        copies[i].status = s[i].status;
    free(s);
    return rc;
}
