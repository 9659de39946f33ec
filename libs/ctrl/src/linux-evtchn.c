/* SPDX-License-Identifier: MIT */
/* linux-evtchn.c - event channels through /dev/xen/evtchn: read a port, write it to unmask. */
#include "private.h"
#include "linux-abi.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

int xctl__linux_ev_open(struct xctl_evtchn *e)
{
    e->fd = -1;
    /* Not blocking: waiting is the caller's event loop's business. */
    e->fd = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    return e->fd < 0 ? -errno : 0;
}

int xctl__linux_ev_adopt(struct xctl_evtchn *e)
{
    int flags = fcntl(e->fd, F_GETFL);

    if (flags < 0 || fcntl(e->fd, F_SETFL, flags | O_NONBLOCK) || fcntl(e->fd, F_SETFD, FD_CLOEXEC))
        return -errno;
    return 0;
}

void xctl__linux_ev_close(struct xctl_evtchn *e)
{
    close(e->fd);
}

static int ev_ioctl(struct xctl_evtchn *e, unsigned long request, void *arg)
{
    int rc = ioctl(e->fd, request, arg);

    return rc < 0 ? -errno : rc;
}

int xctl__linux_ev_bind_virq(struct xctl_evtchn *e, unsigned int virq)
{
    return ev_ioctl(e, EVTCHN_BIND_VIRQ, &virq);
}

int xctl__linux_ev_bind_interdomain(struct xctl_evtchn *e, domid_t remote, uint32_t port)
{
    uint32_t arg[2] = {remote, port};

    return ev_ioctl(e, EVTCHN_BIND_INTERDOMAIN, arg);
}

int xctl__linux_ev_bind_unbound(struct xctl_evtchn *e, domid_t remote)
{
    uint32_t arg = remote;

    return ev_ioctl(e, EVTCHN_BIND_UNBOUND, &arg);
}

int xctl__linux_ev_unbind(struct xctl_evtchn *e, uint32_t port)
{
    return ev_ioctl(e, EVTCHN_UNBIND, &port);
}

int xctl__linux_ev_notify(struct xctl_evtchn *e, uint32_t port)
{
    return ev_ioctl(e, EVTCHN_NOTIFY, &port);
}

int xctl__linux_ev_pending(struct xctl_evtchn *e, uint32_t *ret_port)
{
    ssize_t n;

    do
        n = read(e->fd, ret_port, sizeof(*ret_port));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return n == sizeof(*ret_port) ? 0 : -EIO;
}

int xctl__linux_ev_unmask(struct xctl_evtchn *e, uint32_t port)
{
    ssize_t n = write(e->fd, &port, sizeof(port));

    if (n < 0)
        return -errno;
    return n == sizeof(port) ? 0 : -EIO;
}

int xctl__linux_ev_reset(struct xctl_evtchn *e)
{
    return ev_ioctl(e, EVTCHN_RESET, NULL);
}

int xctl__linux_ev_restrict(struct xctl_evtchn *e, domid_t domid)
{
    return ev_ioctl(e, EVTCHN_RESTRICT, &domid);
}
