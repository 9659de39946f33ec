/* SPDX-License-Identifier: MIT */
/* linux.c - the back end on a Xen host: privcmd, hypercall memory, device-model calls. */
#include "private.h"
#include "linux-abi.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

struct xctl__linux *xctl__linux(xctl_handle *h)
{
    return h->priv;
}

/* Opens a device at its first use. */
int xctl__linux_device(xctl_handle *h, int *fd, const char *path)
{
    if (*fd >= 0)
        return 0;
    *fd = open(path, O_RDWR | O_CLOEXEC);
    if (*fd < 0)
        return xctl__fail(h, -errno, XCTL_NO_DOMAIN, "cannot open %s: %s", path,
                          strerrordesc_np(errno));
    return 0;
}

static int64_t linux_hypercall(xctl_handle *h, unsigned int op, const uint64_t args[5])
{
    struct privcmd_hypercall call = {op, {args[0], args[1], args[2], args[3], args[4]}};
    int rc = ioctl(xctl__linux(h)->privcmd, PRIVCMD_HYPERCALL, &call);

    return rc < 0 ? -errno : rc;
}

/*
 * Pages of /dev/xen/hypercall stay where they are by themselves. Without that device: locked, kept
 * out of children (copy on write would move them) and touched, so that they exist.
 */
static void *linux_buf_alloc(xctl_handle *h, size_t pages)
{
    struct xctl__linux *l = xctl__linux(h);
    size_t size = pages * XCTL_PAGE_SIZE;
    char *p;

    if (l->hypercall >= 0) {
        p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, l->hypercall, 0);
        return p == MAP_FAILED ? NULL : p;
    }
    p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (madvise(p, size, MADV_DONTFORK)) {
        munmap(p, size);
        return NULL;
    }
    for (size_t i = 0; i < size; i += XCTL_PAGE_SIZE)
        ((volatile char *)p)[i] = 0;
    return p;
}

static void linux_buf_free(xctl_handle *h, void *buf, size_t pages)
{
    (void)h;
    munmap(buf, pages * XCTL_PAGE_SIZE);
}

/* Kernels without the ioctl: the hypercall itself, with buffers that it can reach. */
static int dm_op_hypercall(xctl_handle *h, domid_t domid, const struct xctl_dm_buf *bufs,
                           unsigned int nr)
{
    struct xen_dm_op_buf *list = xctl__buf_get(h, sizeof(*list) * XCTL__DM_BUFS);
    uint64_t args[5] = {domid, nr, (uintptr_t)list};
    struct xctl__bounce b[XCTL__DM_BUFS];
    int64_t rc = -ENOMEM;

    if (!list)
        return -ENOMEM;
    for (unsigned int i = 0; i < nr; i++) {
        b[i] = (struct xctl__bounce)BOUNCE(list[i].h, bufs[i].data, bufs[i].size, BOTH);
        list[i].size = bufs[i].size;
    }
    if (!xctl__bounce_start(h, b, nr)) {
        rc = linux_hypercall(h, __HYPERVISOR_dm_op, args);
        xctl__bounce_end(h, b, nr, rc >= 0);
    }
    xctl__buf_put(h, list, sizeof(*list) * XCTL__DM_BUFS);
    return (int)rc;
}

static int linux_dm_op(xctl_handle *h, domid_t domid, const struct xctl_dm_buf *bufs,
                       unsigned int nr)
{
    struct privcmd_dm_buf list[XCTL__DM_BUFS];
    struct privcmd_dm_op op = {.dom = domid, .num = (uint16_t)nr, .bufs = (uintptr_t)list};
    int rc;

    if (!xctl__linux(h)->dm_op_ioctl)
        return h->restricted ? -EPERM : dm_op_hypercall(h, domid, bufs, nr);
    for (unsigned int i = 0; i < nr; i++)
        list[i] = (struct privcmd_dm_buf){(uintptr_t)bufs[i].data, bufs[i].size};
    rc = ioctl(xctl__linux(h)->privcmd, PRIVCMD_DM_OP, &op);
    return rc < 0 ? -errno : rc;
}

static int linux_restrict(xctl_handle *h, domid_t domid)
{
    return ioctl(xctl__linux(h)->privcmd, PRIVCMD_RESTRICT, &domid) ? -errno : 0;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void linux_close(xctl_handle *h)
{
    struct xctl__linux *l = xctl__linux(h);

    xctl__linux_gnt_forget(l);
    close_fd(l->gntalloc);
    close_fd(l->gntdev);
    close_fd(l->hypercall);
    close_fd(l->privcmd);
    free(l);
}

const struct xctl__backend xctl__linux_backend = {
    .close = linux_close,
    .hypercall = linux_hypercall,
    .buf_alloc = linux_buf_alloc,
    .buf_free = linux_buf_free,
    .dm_op = linux_dm_op,
    .restrict_to = linux_restrict,
    .map = xctl__linux_map,
    .unmap = xctl__linux_unmap,
    .resource_size = xctl__linux_resource_size,
    .resource_map = xctl__linux_resource_map,
    .gnt_map = xctl__linux_gnt_map,
    .gnt_unmap = xctl__linux_gnt_unmap,
    .gnt_alloc = xctl__linux_gnt_alloc,
    .gnt_free = xctl__linux_gnt_free,
    .gnt_copy = xctl__linux_gnt_copy,
    .ev_open = xctl__linux_ev_open,
    .ev_adopt = xctl__linux_ev_adopt,
    .ev_close = xctl__linux_ev_close,
    .ev_bind_virq = xctl__linux_ev_bind_virq,
    .ev_bind_interdomain = xctl__linux_ev_bind_interdomain,
    .ev_bind_unbound = xctl__linux_ev_bind_unbound,
    .ev_unbind = xctl__linux_ev_unbind,
    .ev_notify = xctl__linux_ev_notify,
    .ev_pending = xctl__linux_ev_pending,
    .ev_unmask = xctl__linux_ev_unmask,
    .ev_reset = xctl__linux_ev_reset,
    .ev_restrict = xctl__linux_ev_restrict,
};

/* The older place only when the newer device does not exist at all. */
static int open_privcmd(xctl_handle *h, struct xctl__linux *l)
{
    l->privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (l->privcmd < 0 && (errno == ENOENT || errno == ENXIO || errno == ENODEV))
        l->privcmd = open("/proc/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (l->privcmd >= 0)
        return 0;
    if (errno == EACCES)
        return xctl__fail(h, -EACCES, XCTL_NO_DOMAIN, "only root may open /dev/xen/privcmd");
    return xctl__fail(h, -errno, XCTL_NO_DOMAIN,
                      "cannot open /dev/xen/privcmd or /proc/xen/privcmd: %s; is this Domain 0 of "
                      "a Xen host, and is xen-privcmd loaded?",
                      strerrordesc_np(errno));
}

int xctl__linux_open(xctl_handle *h)
{
    struct xctl__linux *l = calloc(1, sizeof(*l));
    struct privcmd_dm_op probe = {.dom = DOMID_INVALID};
    int rc;

    if (!l)
        return xctl__fail(h, -ENOMEM, XCTL_NO_DOMAIN, "no memory for a handle");
    l->gntdev = l->gntalloc = -1;
    l->batch_v2 = l->resources = true;
    rc = open_privcmd(h, l);
    if (rc) {
        free(l);
        return rc;
    }
    l->hypercall = open("/dev/xen/hypercall", O_RDWR | O_CLOEXEC);
    l->dm_op_ioctl = ioctl(l->privcmd, PRIVCMD_DM_OP, &probe) >= 0;
    h->efault_retries = l->hypercall < 0 ? 2 : 0;
    h->priv = l;
    h->be = &xctl__linux_backend;
    return 0;
}
