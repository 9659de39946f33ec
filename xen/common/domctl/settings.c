/* SPDX-License-Identifier: MIT */
/* settings.c - domctl operations that set or tell one property of a domain. Under domctl_lock. */
#include <xen/bitops.h>
#include <xen/ctl-bitmap.h>
#include <xen/event.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/time.h>
#include <xen/domctl-table.h>

/* May be less than the domain has: then it only gets no more. */
long domctl_max_mem(struct domain *d, struct xen_domctl *op)
{
    u64 pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

    spin_lock(&d->page_lock);
    d->max_pages = MIN(pages, DOMAIN_PAGES_UNLIMITED);
    spin_unlock(&d->page_lock);
    return 0;
}

long domctl_setdomainhandle(struct domain *d, struct xen_domctl *op)
{
    memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
    return 0;
}

long domctl_setdebugging(struct domain *d, struct xen_domctl *op)
{
    domain_pause(d);
    d->debugger_attached = op->u.setdebugging.enable != 0;
    domain_unpause(d);
    return 0;
}

long domctl_settimeoffset(struct domain *d, struct xen_domctl *op)
{
    d->time_offset_seconds = op->u.settimeoffset.time_offset_seconds;
    domain_wallclock_update(d);
    return 0;
}

long domctl_subscribe(struct domain *d, struct xen_domctl *op)
{
    spin_lock(&d->lock);
    d->suspend_port = op->u.subscribe.port;
    spin_unlock(&d->lock);
    return 0;
}

long domctl_set_virq_handler(struct domain *d, struct xen_domctl *op)
{
    return evtchn_set_virq_handler(d, op->u.set_virq_handler.virq);
}

/* Device models manage HVM guests only. */
long domctl_set_target(struct domain *d, struct xen_domctl *op)
{
    struct domain *target = get_domain_by_id(op->u.set_target.target);
    long rc;

    if (!target)
        return -ESRCH;
    rc = d == target ? -EINVAL : -EOPNOTSUPP;
    put_domain(target);
    return rc;
}

/* --- scheduling --- */

static long put_params(struct domain *d, const struct xen_domctl_scheduler_op *s)
{
    u32 weight, cap;

    sched_domain_params(d, &weight, &cap);
    /* 0 is no weight: leave it; and no cap. */
    return sched_domain_adjust(d, s->u.credit2.weight ? s->u.credit2.weight : weight,
                               s->u.credit2.cap);
}

long domctl_scheduler_op(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
    u32 id, weight, cap;

    sched_name(&id);
    if (s->sched_id != id)
        return -EINVAL;
    switch (s->cmd) {
    case XEN_DOMCTL_SCHEDOP_putinfo:
        return id == XEN_SCHEDULER_CREDIT2 ? put_params(d, s) : 0;
    case XEN_DOMCTL_SCHEDOP_getinfo:
        if (id == XEN_SCHEDULER_CREDIT2) {
            sched_domain_params(d, &weight, &cap);
            s->u.credit2.weight = (u16)weight;
            s->u.credit2.cap = (u16)cap;
        }
        return 0;
    }
    return -EINVAL; /* no settings for single vCPUs */
}

/* Where new memory comes from. */
long domctl_setnodeaffinity(struct domain *d, struct xen_domctl *op)
{
    unsigned long nodes;
    int rc = ctl_bitmap_read(&op->u.nodeaffinity.nodemap, &nodes, BITS_PER_LONG);

    if (rc)
        return rc;
    nodes &= heap_node_mask();
    if (!nodes)
        return -EINVAL;
    WRITE_ONCE(d->node_affinity, nodes);
    return 0;
}

long domctl_getnodeaffinity(struct domain *d, struct xen_domctl *op)
{
    unsigned long nodes = d->node_affinity ? d->node_affinity : heap_node_mask();

    return ctl_bitmap_write(&op->u.nodeaffinity.nodemap, &nodes, BITS_PER_LONG);
}
