/* SPDX-License-Identifier: MIT */
/* evtchn.c - event channels: our own through the back end, others' by hypercall. */
#include "private.h"

/* Tells a failure; bind calls return ports. */
static int told(struct xctl_evtchn *e, int rc, domid_t domid, const char *verb)
{
    return rc < 0 ? xctl__failed(e->h, rc, domid, verb, "event channel device") : 0;
}

/* remote: whom the port is for; XCTL_NO_DOMAIN where the kernel refuses any. */
static int allowed(struct xctl_evtchn *e, domid_t remote, const char *verb)
{
    if (!e->restricted || remote == e->restricted_to)
        return 0;
    return xctl__fail(e->h, -EPERM, remote, "cannot %s: restricted to ports towards domain %u",
                      verb, e->restricted_to);
}

int xctl_evtchn_open(xctl_handle *h, xctl_evtchn **ret_e)
{
    struct xctl_evtchn *e = calloc(1, sizeof(*e));
    int rc;

    if (!e)
        return xctl__fail(h, -ENOMEM, XCTL_NO_DOMAIN, "no memory for event channels");
    e->h = h;
    rc = h->be->ev_open(e);
    if (!rc && h->restricted) {
        rc = h->be->ev_restrict(e, h->restricted_to);
        e->restricted = true;
        e->restricted_to = h->restricted_to;
        if (rc)
            h->be->ev_close(e);
    }
    if (rc) {
        free(e);
        return xctl__failed(h, rc, XCTL_NO_DOMAIN, "open event channels", "event channel device");
    }
    e->next = h->evtchns;
    h->evtchns = e;
    *ret_e = e;
    return 0;
}

int xctl_evtchn_adopt(xctl_handle *h, int fd, xctl_evtchn **ret_e)
{
    struct xctl_evtchn *e = calloc(1, sizeof(*e));
    int rc = h->be->ev_adopt && !h->restricted ? 0 : -EOPNOTSUPP;

    if (!e)
        return xctl__fail(h, -ENOMEM, XCTL_NO_DOMAIN, "no memory for event channels");
    e->h = h;
    e->fd = fd;
    if (!rc)
        rc = h->be->ev_adopt(e);
    if (rc) {
        free(e);
        return xctl__failed(h, rc, XCTL_NO_DOMAIN, "take over event channels",
                            "event channel device");
    }
    e->next = h->evtchns;
    h->evtchns = e;
    *ret_e = e;
    return 0;
}

void xctl_evtchn_close(xctl_evtchn *e)
{
    struct xctl_evtchn **at;

    if (!e)
        return;
    for (at = &e->h->evtchns; *at != e; at = &(*at)->next)
        ;
    *at = e->next;
    e->h->be->ev_close(e);
    free(e);
}

int xctl_evtchn_fd(const xctl_evtchn *e)
{
    return e->fd;
}

int xctl_evtchn_bind_virq(xctl_evtchn *e, unsigned int virq, uint32_t *ret_port)
{
    int rc = allowed(e, XCTL_NO_DOMAIN, "bind a virtual interrupt");

    if (rc)
        return rc;
    rc = e->h->be->ev_bind_virq(e, virq);
    if (rc < 0)
        return told(e, rc, XCTL_NO_DOMAIN, "bind a virtual interrupt");
    *ret_port = (uint32_t)rc;
    return 0;
}

int xctl_evtchn_bind_interdomain(xctl_evtchn *e, domid_t remote, uint32_t remote_port,
                                 uint32_t *ret_port)
{
    int rc = allowed(e, remote, "connect to an event channel");

    if (rc)
        return rc;
    rc = e->h->be->ev_bind_interdomain(e, remote, remote_port);
    if (rc < 0)
        return told(e, rc, remote, "connect to an event channel");
    *ret_port = (uint32_t)rc;
    return 0;
}

int xctl_evtchn_bind_unbound(xctl_evtchn *e, domid_t remote, uint32_t *ret_port)
{
    int rc = allowed(e, XCTL_NO_DOMAIN, "allocate an event channel");

    if (rc)
        return rc;
    rc = e->h->be->ev_bind_unbound(e, remote);
    if (rc < 0)
        return told(e, rc, remote, "allocate an event channel");
    *ret_port = (uint32_t)rc;
    return 0;
}

int xctl_evtchn_unbind(xctl_evtchn *e, uint32_t port)
{
    return told(e, e->h->be->ev_unbind(e, port), XCTL_NO_DOMAIN, "unbind an event channel");
}

int xctl_evtchn_notify(xctl_evtchn *e, uint32_t port)
{
    return told(e, e->h->be->ev_notify(e, port), XCTL_NO_DOMAIN, "send an event");
}

int xctl_evtchn_pending(xctl_evtchn *e, uint32_t *ret_port)
{
    uint32_t port;
    int rc = e->h->be->ev_pending(e, &port);

    /* Nothing pending is an everyday answer, not a failure to explain. */
    if (rc == -EAGAIN)
        return rc;
    if (rc < 0)
        return told(e, rc, XCTL_NO_DOMAIN, "receive an event");
    *ret_port = port;
    return 0;
}

int xctl_evtchn_unmask(xctl_evtchn *e, uint32_t port)
{
    return told(e, e->h->be->ev_unmask(e, port), XCTL_NO_DOMAIN, "unmask an event channel");
}

int xctl_evtchn_reset(xctl_evtchn *e)
{
    return told(e, e->h->be->ev_reset(e), XCTL_NO_DOMAIN, "reset event channels");
}

int xctl_evtchn_restrict(xctl_evtchn *e, domid_t domid)
{
    int rc;

    if (e->restricted && e->restricted_to == domid)
        return 0;
    if (domid >= DOMID_FIRST_RESERVED || e->restricted)
        return xctl__fail(e->h, -EINVAL, domid, "cannot restrict event channels to domain %u%s",
                          domid, e->restricted ? ": they have been restricted already" : "");
    rc = e->h->be->ev_restrict(e, domid);
    if (rc)
        return told(e, rc, domid, "restrict event channels");
    e->restricted = true;
    e->restricted_to = domid;
    return 0;
}

int xctl_domain_alloc_port(xctl_handle *h, domid_t domid, domid_t remote, uint32_t *ret_port)
{
    struct evtchn_alloc_unbound a = {.dom = domid, .remote_dom = remote};
    int64_t rc = xctl__simple(h, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, domid, &a,
                              sizeof(a), NULL, 0, "allocate an event channel");

    if (rc >= 0)
        *ret_port = a.port;
    return (int)rc;
}

int xctl_domain_port_status(xctl_handle *h, domid_t domid, uint32_t port,
                            struct evtchn_status *ret_status)
{
    struct evtchn_status s = {.dom = domid, .port = port};
    int64_t rc = xctl__simple(h, __HYPERVISOR_event_channel_op, EVTCHNOP_status, domid, &s,
                              sizeof(s), NULL, 0, "look up an event channel");

    if (rc >= 0)
        *ret_status = s;
    return (int)rc;
}

int xctl_domain_reset_ports(xctl_handle *h, domid_t domid)
{
    struct evtchn_reset r = {.dom = domid};

    return (int)xctl__simple(h, __HYPERVISOR_event_channel_op, EVTCHNOP_reset, domid, &r, sizeof(r),
                             NULL, 0, "close the event channels");
}
