/* SPDX-License-Identifier: MIT */
/*
 * domain.c - a domain's event channels as a whole, and the calls that other parts of the hypervisor
 * make. The table exists from creation to the last reference; close empties it for good.
 */
#include <xen/hypercall.h>
#include <xen/domain.h>
#include <asm/current.h>
#include "private.h"

int evtchn_domain_init(struct domain *d, unsigned int max_port)
{
    struct evtchn_domain *ed = xzalloc(struct evtchn_domain);

    if (!ed)
        return -ENOMEM;
    spin_lock_init(&ed->lock, LOCK_RANK_EVTCHN);
    ed->ops = &evtchn_2l_ops;
    ed->max_port = MIN(max_port, PORTS_FIFO - 1);
    ed->free_hint = 1;
    d->evtchn = ed;
    return 0;
}

int evtchn_vcpu_init(struct vcpu *v)
{
    v->evtchn = xzalloc(struct evtchn_vcpu);
    return v->evtchn ? 0 : -ENOMEM;
}

void evtchn_vcpu_free(struct vcpu *v)
{
    xfree(v->evtchn);
    v->evtchn = NULL;
}

int evtchn_reset(struct domain *d, bool preemptible)
{
    struct evtchn_domain *ed = d->evtchn;
    int rc = 0;

    for (u32 port = 1; port < READ_ONCE(ed->nr_ports); port++) {
        if (READ_ONCE(evtchn_lookup(d, port)->state) == ECS_FREE)
            continue;
        evtchn_close_port(d, port);
        if (preemptible && hypercall_preempt_check())
            return -ERESTART;
    }
    spin_lock(&ed->lock);
    if (ed->nr_used)
        rc = -EBUSY; /* another vCPU binds ports while this one closes them */
    else
        evtchn_fifo_destroy(d);
    spin_unlock(&ed->lock);
    return rc;
}

int evtchn_domain_close(struct domain *d)
{
    int rc;

    if (!d->evtchn)
        return 0;
    spin_lock(&d->evtchn->lock);
    d->evtchn->closed = true;
    spin_unlock(&d->evtchn->lock);
    evtchn_drop_virq_handlers(d);
    /* Nothing new is bound; a pirq binding in progress ends by itself. */
    do {
        rc = evtchn_reset(d, true);
        cpu_relax();
    } while (rc == -EBUSY);
    return rc;
}

void evtchn_domain_free(struct domain *d)
{
    if (!d->evtchn)
        return;
    evtchn_free_table(d->evtchn);
    xfree(d->evtchn);
    d->evtchn = NULL;
}

int evtchn_alloc_unbound_for(struct domain *d, domid_t remote, u32 *ret_port)
{
    struct evtchn *chn;
    unsigned long flags;
    int rc;

    if (!d->evtchn)
        return -EINVAL;
    spin_lock(&d->evtchn->lock);
    rc = evtchn_reserve(d, &chn);
    if (!rc) {
        spin_lock_irqsave(&chn->lock, flags);
        chn->state = ECS_UNBOUND;
        chn->u.unbound.remote = remote;
        spin_unlock_irqrestore(&chn->lock, flags);
        *ret_port = chn->port;
    }
    spin_unlock(&d->evtchn->lock);
    return rc;
}

void send_pirq_event(struct domain *d, u32 port)
{
    struct evtchn *chn = evtchn_lookup(d, port);
    unsigned long flags;

    if (!chn)
        return;
    spin_lock_irqsave(&chn->lock, flags);
    if (chn->state == ECS_PIRQ)
        evtchn_raise(d, chn);
    spin_unlock_irqrestore(&chn->lock, flags);
}

int evtchn_notify_local(struct domain *d, u32 port)
{
    struct evtchn *chn = evtchn_lookup(d, port);
    unsigned long flags;
    int rc = -EINVAL;

    if (!chn)
        return rc;
    spin_lock_irqsave(&chn->lock, flags);
    if (chn->state != ECS_FREE && chn->state != ECS_RESERVED) {
        evtchn_raise(d, chn);
        rc = 0;
    }
    spin_unlock_irqrestore(&chn->lock, flags);
    return rc;
}

int evtchn_is_pending(const struct domain *d, u32 port)
{
    struct evtchn *chn = evtchn_lookup(d, port);
    unsigned long flags;
    bool pending;

    if (!chn)
        return -EINVAL;
    spin_lock_irqsave(&chn->lock, flags);
    pending = chn->state != ECS_FREE && d->evtchn->ops->is_pending(d, chn);
    spin_unlock_irqrestore(&chn->lock, flags);
    return pending;
}

void evtchn_vcpu_info_moved(struct vcpu *v)
{
    /* What a sender wrote to the old area is not known any more: the guest has to look everywhere.
     */
    if (v->domain->evtchn && READ_ONCE(v->domain->evtchn->ops) == &evtchn_2l_ops)
        __atomic_store_n(&v->info->evtchn_pending_sel, ~0UL, __ATOMIC_SEQ_CST);
    WRITE_ONCE(v->info->evtchn_upcall_pending, 1);
    smp_mb();
    vcpu_unblock(v);
    if (v != current)
        vcpu_kick(v);
}

void vcpu_mark_events_pending(struct vcpu *v)
{
    struct vcpu_info *info;
    bool was_pending;

    do {
        info = READ_ONCE(v->info);
        if (info == &no_vcpu_info)
            return; /* it will look everywhere once it has a place for events */
        was_pending = xchg(&info->evtchn_upcall_pending, 1);
    } while (info != READ_ONCE(v->info));
    if (was_pending)
        return;
    vcpu_unblock(v);
    /* The current vCPU looks on its way back to the guest anyway. */
    if (v != current)
        vcpu_kick(v);
}
