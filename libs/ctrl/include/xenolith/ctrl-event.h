/* SPDX-License-Identifier: MIT */
/*
 * ctrl-event.h - event channels. The rules of ctrl.h apply.
 *
 * An xctl_evtchn receives the events of the ports bound through it, and fits any event loop: wait
 * until the descriptor is readable, then take ports one by one with xctl_evtchn_pending(). A port
 * that was delivered stays quiet until it is unmasked.
 */
#ifndef XENOLITH_CTRL_EVENT_H
#define XENOLITH_CTRL_EVENT_H

#include <xenolith/ctrl.h>
#include <xenolith/public/event_channel.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct xctl_evtchn xctl_evtchn;

/* -ENOENT: no such device. The handle must outlive the object. */
XCTL_CHECK int xctl_evtchn_open(xctl_handle *h, xctl_evtchn **ret_e);
/*
 * Takes over an open descriptor of the event channel device with the ports that are bound through
 * it, as a program inherits it over exec(); it is closed with *ret_e, on failure it stays open. fd
 * gets close-on-exec, and calls do not wait. -EBADF: not open; -EOPNOTSUPP: a simulated host, or
 * the handle is restricted.
 */
XCTL_CHECK int xctl_evtchn_adopt(xctl_handle *h, int fd, xctl_evtchn **ret_e);
/* Unbinds all ports; NULL is fine. */
XCTL_API void xctl_evtchn_close(xctl_evtchn *e);
/* Readable when a port is pending; never read it or close it yourself. */
XCTL_API int xctl_evtchn_fd(const xctl_evtchn *e);

/* Binds a virtual interrupt, VIRQ_*. -EEXIST: somebody else has this one. */
XCTL_CHECK int xctl_evtchn_bind_virq(xctl_evtchn *e, unsigned int virq, uint32_t *ret_port);
/* Connects to a port that remote has allocated for us. */
XCTL_CHECK int xctl_evtchn_bind_interdomain(xctl_evtchn *e, domid_t remote, uint32_t remote_port,
                                            uint32_t *ret_port);
/* A port that remote may connect to. */
XCTL_CHECK int xctl_evtchn_bind_unbound(xctl_evtchn *e, domid_t remote, uint32_t *ret_port);
/* -ENOTCONN: not bound through this object. */
XCTL_CHECK int xctl_evtchn_unbind(xctl_evtchn *e, uint32_t port);
XCTL_CHECK int xctl_evtchn_notify(xctl_evtchn *e, uint32_t port);

/*
 * Takes the next pending port. -EAGAIN: none (this call never waits); -EFBIG: events were lost,
 * look at every port after xctl_evtchn_reset().
 */
XCTL_CHECK int xctl_evtchn_pending(xctl_evtchn *e, uint32_t *ret_port);
XCTL_CHECK int xctl_evtchn_unmask(xctl_evtchn *e, uint32_t port);
XCTL_CHECK int xctl_evtchn_reset(xctl_evtchn *e);
/*
 * From now on only xctl_evtchn_bind_interdomain() to this domain can bind; all else gets -EPERM.
 * Ports that are bound stay. As often as you like with the same domain; another one gives -EINVAL.
 */
XCTL_CHECK int xctl_evtchn_restrict(xctl_evtchn *e, domid_t domid);

/* For other domains: a port in domid that remote may connect to; what a port is; close all. */
XCTL_CHECK int xctl_domain_alloc_port(xctl_handle *h, domid_t domid, domid_t remote,
                                      uint32_t *ret_port);
XCTL_CHECK int xctl_domain_port_status(xctl_handle *h, domid_t domid, uint32_t port,
                                       struct evtchn_status *ret_status);
XCTL_CHECK int xctl_domain_reset_ports(xctl_handle *h, domid_t domid);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_EVENT_H */
