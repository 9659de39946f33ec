/* SPDX-License-Identifier: MIT */
/*
 * event.h - event channels: the calls other parts of the hypervisor need. See common/evtchn/.
 *
 * Sending is lock-light: it may happen in interrupt context and with any lock of a lower rank held.
 */
#ifndef XEN_EVENT_H
#define XEN_EVENT_H

#include <xen/types.h>
#include <public/xen.h>

struct domain;
struct vcpu;

int evtchn_domain_init(struct domain *d, unsigned int max_port) __must_check;
/* Closes all ports (peers become unbound), -ERESTART while some are left; then frees. Both accept
 * half-made domains. */
int evtchn_domain_close(struct domain *d);
void evtchn_domain_free(struct domain *d);
int evtchn_vcpu_init(struct vcpu *v) __must_check;
void evtchn_vcpu_free(struct vcpu *v); /* after evtchn_domain_close */

/* Raises a per-vCPU virtual interrupt (VIRQ_TIMER, VIRQ_DEBUG...); nothing bound: no effect. */
void send_vcpu_virq(struct vcpu *v, unsigned int virq);
/* Raises a global one (VIRQ_CONSOLE, VIRQ_DOM_EXC...) in the domain that handles it. */
void send_global_virq(unsigned int virq);
/* XEN_DOMCTL_set_virq_handler: d gets it from now on, until it dies. -EINVAL: not a global one. */
int evtchn_set_virq_handler(struct domain *d, unsigned int virq) __must_check;
/* Physical interrupt pirq of d fired. port as stored by evtchn_bind_pirq's owner. */
void send_pirq_event(struct domain *d, u32 port);
/* What EVTCHNOP_send does for a vCPU of d: 0, or -EINVAL. */
int evtchn_send(struct domain *d, u32 port);
/* Marks a port of d pending as EVTCHNOP_send on its peer would (xenstore ring, tests). */
int evtchn_notify_local(struct domain *d, u32 port);

/* For SCHEDOP_poll: 1 if the port is pending (even if masked), 0 if not, -EINVAL: no such port. */
int evtchn_is_pending(const struct domain *d, u32 port);
/* VCPUOP_register_vcpu_info moved v->info: re-raises what is pending. */
void evtchn_vcpu_info_moved(struct vcpu *v);
/* domctl and VCPUOP: allocates an unbound port of d for remote. */
int evtchn_alloc_unbound_for(struct domain *d, domid_t remote, u32 *ret_port) __must_check;

/* Marks upcall_pending of v and makes it look. */
void vcpu_mark_events_pending(struct vcpu *v);

#endif /* XEN_EVENT_H */
