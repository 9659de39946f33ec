/* SPDX-License-Identifier: MIT */
/*
 * absent.c - domctl operations on what a PV domain has not, or this build, each with the answer
 * that a 4.17 without the feature gives: tools tell from it what they can do. Under domctl_lock.
 */
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/domctl-table.h>

#define VM_EVENT_VERSION 7

/* State, devices and interrupts of HVM guests. */
long domctl_pv_has_none(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -EINVAL;
}

long domctl_pv_unsupported(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -EOPNOTSUPP;
}

/* Nested paging. */
long domctl_paging_mempool(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -EOPNOTSUPP;
}

/* Rings for events of HVM guests: only their version can be had. */
long domctl_vm_event_op(struct domain *d, struct xen_domctl *op)
{
    if (!d->max_vcpus || !d->vcpu[0])
        return -EINVAL;
    if (op->u.vm_event_op.op != XEN_VM_EVENT_GET_VERSION)
        return -ENOSYS;
    op->u.vm_event_op.u.version = VM_EVENT_VERSION;
    return 0;
}

long domctl_monitor_op(struct domain *d, struct xen_domctl *op)
{
    if (d == current->domain)
        return -EPERM;
    switch (op->u.monitor_op.op) {
    case XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES:
        op->u.monitor_op.event = 0; /* no kind of event can be watched */
        return 0;
    case XEN_DOMCTL_MONITOR_OP_EMULATE_EACH_REP:
        return -EINVAL;
    case XEN_DOMCTL_MONITOR_OP_CONTROL_REGISTERS:
        return 0; /* is about registers that nobody can watch */
    }
    return -EOPNOTSUPP;
}

/* Says what happens to faults that need a listener: PV pages have no such faults. */
long domctl_set_access_required(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    return d == current->domain ? -EPERM : 0;
}

/* Cache monitoring and allocation: CPUs with it are not set up for it. */
long domctl_psr_cmt_op(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -ENODEV;
}

long domctl_psr_alloc(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    return op->u.psr_alloc.cmd <= XEN_DOMCTL_PSR_GET_MBA_THRTL ? -ENODEV : -EOPNOTSUPP;
}
