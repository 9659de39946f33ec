/* SPDX-License-Identifier: MIT */
/*
 * xen.c - Linux on Xen, through libs/ctrl; and the ring of the domain that we run in, of which only
 * the kernel's store driver knows.
 */
#include "../osdep.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenolith/ctrl-domain.h>
#include <xenolith/ctrl-event.h>
#include <xenolith/ctrl-foreign.h>
#include <xenolith/ctrl-grant.h>
#include <xenolith/public/grant_table.h>
#include "../log.h"
#include "../state.h"

/* The store driver's own number; it has no public header outside the kernel's. */
#define XENBUS_BACKEND_EVTCHN 0x00004200UL

#define RIGHTS (PROT_READ | PROT_WRITE)

static xctl_handle *xen;
static xctl_evtchn *events;
static uint32_t virq_port;

/* Says why the last call failed; returns rc. */
static int warn(int rc)
{
    char why[256];

    xctl_error_format(xen, why, sizeof(why));
    log_warn("%s", why);
    return rc;
}

static void xen_close(void)
{
    xctl_evtchn_close(events);
    events = NULL;
    xctl_close(xen);
    xen = NULL;
}

static int open_handle(void)
{
    char why[256];
    int rc = xctl_open_why(NULL, &xen, why, sizeof(why));

    if (rc)
        log_warn("%s", why);
    return rc;
}

static int xen_open(int *ret_fd)
{
    int rc = open_handle();

    if (rc)
        return rc;
    rc = xctl_evtchn_open(xen, &events);
    if (!rc)
        rc = xctl_evtchn_bind_virq(events, VIRQ_DOM_EXC, &virq_port); /* domains that die */
    if (rc) {
        warn(rc);
        xen_close();
        return rc;
    }
    *ret_fd = xctl_evtchn_fd(events);
    return 0;
}

/* The domain grants its ring to us; a toolstack that did not arrange that gave the frame. */
static int xen_map_ring(uint16_t domid, uint64_t gfn, void **ret_page)
{
    struct xctl_grant grant = {domid, GNTTAB_RESERVED_XENSTORE};
    xen_pfn_t frame = gfn;

    if (!xctl_grant_map(xen, &grant, 1, RIGHTS, NULL, ret_page))
        return 0;
    return xctl_foreign_map(xen, domid, RIGHTS, &frame, 1, NULL, ret_page);
}

static void xen_unmap_ring(uint16_t domid, void *page)
{
    (void)domid;
    if (xctl_grant_unmap(xen, page, 1) && xctl_foreign_unmap(xen, page, 1))
        warn(0);
}

/* A port as the kernel prints it, or asks us to ask. */
static int own_port(uint32_t *ret_port)
{
    char text[32] = "";
    int fd = open("/proc/xen/xsd_port", O_RDONLY | O_CLOEXEC), port;

    if (fd >= 0) {
        ssize_t n = read(fd, text, sizeof(text) - 1);

        close(fd);
        if (n <= 0)
            return -EIO;
        *ret_port = strtoul(text, NULL, 10);
        return *ret_port ? 0 : -ENODEV;
    }
    fd = open("/dev/xen/xenbus_backend", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -ENODEV;
    port = ioctl(fd, XENBUS_BACKEND_EVTCHN, NULL);
    close(fd);
    if (port <= 0)
        return -ENODEV;
    *ret_port = port;
    return 0;
}

static int map_own(void **ret_page)
{
    static const char *const names[] = {"/proc/xen/xsd_kva", "/dev/xen/xenbus_backend"};

    for (unsigned int i = 0; i < 2; i++) {
        int fd = open(names[i], O_RDWR | O_CLOEXEC);
        void *p;

        if (fd < 0)
            continue;
        p = mmap(NULL, XCTL_PAGE_SIZE, RIGHTS, MAP_SHARED, fd, 0);
        close(fd);
        if (p == MAP_FAILED)
            continue;
        *ret_page = p;
        return 0;
    }
    return -ENODEV;
}

static int xen_bind(uint16_t domid, uint32_t remote_port, uint32_t *ret_port)
{
    return xctl_evtchn_bind_interdomain(events, domid, remote_port, ret_port);
}

static int xen_own_ring(void **ret_page, uint32_t *ret_port)
{
    uint32_t port;
    int rc = own_port(&port);

    if (!rc)
        rc = map_own(ret_page);
    /* After a live update the old binding is still there. */
    if (!rc && !*ret_port)
        rc = xen_bind(0, port, ret_port);
    return rc;
}

static void xen_unbind(uint32_t port)
{
    if (xctl_evtchn_unbind(events, port))
        warn(0);
}

static void xen_notify(uint32_t port)
{
    if (xctl_evtchn_notify(events, port))
        warn(0);
}

static void xen_unmask(uint32_t port)
{
    if (xctl_evtchn_unmask(events, port))
        warn(0);
}

static int xen_next_event(uint32_t *ret_port, bool *ret_domains)
{
    uint32_t port;
    int rc = xctl_evtchn_pending(events, &port);

    /* The kernel's queue overflowed: which ports it has masked and not told us of is lost. */
    if (rc == -EFBIG && !xctl_evtchn_reset(events)) {
        log_warn("events were lost");
        xen_unmask(virq_port);
        *ret_domains = false;
        *ret_port = 0;
        return 0;
    }
    if (rc)
        return -EAGAIN;
    *ret_domains = port == virq_port;
    *ret_port = port;
    if (*ret_domains)
        xen_unmask(port);
    return 0;
}

static int xen_domain_state(uint16_t domid, unsigned int *ret_state)
{
    struct xen_domctl_getdomaininfo info;
    int rc;

    if (!xen)
        return -EBADF;
    rc = xctl_domain_info(xen, domid, &info);
    if (rc)
        return rc == -ESRCH ? -ENOENT : rc;
    *ret_state = (info.flags & XEN_DOMINF_dying ? OS_DOMAIN_DYING : 0) |
                 (info.flags & XEN_DOMINF_shutdown ? OS_DOMAIN_SHUTDOWN : 0);
    return 0;
}

static void xen_save(struct state_out *out)
{
    put_u32(out, xctl_evtchn_fd(events));
    put_u32(out, virq_port);
}

static void xen_keep_open(bool keep)
{
    fcntl(xctl_evtchn_fd(events), F_SETFD, keep ? 0 : FD_CLOEXEC);
}

static int xen_restore(struct state_in *in, int *ret_fd)
{
    uint32_t fd = get_u32(in), port = get_u32(in);
    int rc;

    if (in->failed)
        return -EINVAL;
    if (!ret_fd)
        return 0;
    rc = open_handle();
    if (!rc && (rc = xctl_evtchn_adopt(xen, fd, &events)))
        warn(rc);
    if (rc)
        return rc;
    *ret_fd = fd;
    virq_port = port;
    return 0;
}

const struct osdep osdep_xen = {
    .name = "xen",
    .open = xen_open,
    .close = xen_close,
    .map_ring = xen_map_ring,
    .unmap_ring = xen_unmap_ring,
    .own_ring = xen_own_ring,
    .bind = xen_bind,
    .unbind = xen_unbind,
    .notify = xen_notify,
    .next_event = xen_next_event,
    .unmask = xen_unmask,
    .domain_state = xen_domain_state,
    .save = xen_save,
    .keep_open = xen_keep_open,
    .restore = xen_restore,
};
