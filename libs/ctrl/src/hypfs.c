/* SPDX-License-Identifier: MIT */
/* hypfs.c - the hypervisor's tree of settings. */
#include "private.h"

/* op(cmd, path, its length with the zero, buffer, its length) */
static int call(xctl_handle *h, unsigned int cmd, const char *path, struct xctl__bounce *buf,
                const char *verb)
{
    uint64_t args[5] = {cmd, 0, strlen(path) + 1, 0, buf->size};
    struct xctl__bounce b[] = {BOUNCE(args[1], path, strlen(path) + 1, IN), *buf};
    int64_t rc;
    bool ok;

    b[1].field = &args[3];
    rc = xctl__bounce_start(h, b, ARRAY_SIZE(b));
    if (!rc) {
        rc = xctl__hypervisor(h, __HYPERVISOR_hypfs_op, args);
        /* With too little space for the content the head has come all the same. */
        ok = rc >= 0 || (cmd == XEN_HYPFS_OP_read && rc == -ENOBUFS);
        xctl__bounce_end(h, b, ARRAY_SIZE(b), ok);
    }
    return rc >= 0 ? (int)rc : xctl__failed(h, (int)rc, XCTL_NO_DOMAIN, verb, path);
}

int xctl_hypfs_read(xctl_handle *h, const char *path, struct xen_hypfs_direntry *ret_head,
                    void *buf, size_t *size)
{
    struct xen_hypfs_direntry *all;
    struct xctl__bounce b = {.size = sizeof(*all) + (buf ? *size : 0), .dir = XCTL__OUT};
    int rc;

    all = b.data = calloc(1, b.size);
    if (!all)
        return xctl__fail(h, -ENOMEM, XCTL_NO_DOMAIN, "no memory for a setting");
    rc = call(h, XEN_HYPFS_OP_read, path, &b, "read a setting");
    if (rc == -ENOBUFS && !buf)
        rc = 0;
    if (!rc && buf && all->content_len <= *size)
        memcpy(buf, all + 1, all->content_len);
    if (!rc || rc == -ENOBUFS) {
        *ret_head = *all;
        *size = all->content_len;
    }
    free(all);
    return rc;
}

int xctl_hypfs_write(xctl_handle *h, const char *path, const void *data, size_t size)
{
    struct xctl__bounce b = {.data = (void *)(uintptr_t)data, .size = size, .dir = XCTL__IN};

    return call(h, XEN_HYPFS_OP_write_contents, path, &b, "write a setting");
}
