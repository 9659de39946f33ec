/* SPDX-License-Identifier: MIT */
/*
 * virq.c - virtual interrupts: events that the hypervisor itself raises.
 *
 * Per-vCPU ones are bound once per vCPU and go there. Global ones are bound once per domain, but
 * only one domain is sent each of them: the one set as its handler, else the hardware domain.
 */
#include "private.h"

/* Taken in interrupt context; a port's lock nests inside. */
static DEFINE_SPINLOCK(handler_lock, LOCK_RANK_EVTCHN);
static struct domain *virq_handler[NR_VIRQS]; /* NULL: the hardware domain */

bool virq_is_global(unsigned int virq)
{
    return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF && virq != VIRQ_XENPMU;
}

int evtchn_bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu_id, u32 *ret_port)
{
    struct evtchn *chn;
    struct vcpu *v;
    unsigned long flags;
    int rc;

    if (virq >= NR_VIRQS || (virq_is_global(virq) && vcpu_id != 0))
        return -EINVAL;
    v = domain_vcpu(d, vcpu_id);
    if (!v || !v->evtchn)
        return -ENOENT;

    spin_lock(&d->evtchn->lock);
    rc = -EEXIST;
    if (v->evtchn->virq_port[virq])
        goto out;
    rc = evtchn_reserve(d, &chn);
    if (rc)
        goto out;
    spin_lock_irqsave(&chn->lock, flags);
    chn->state = ECS_VIRQ;
    chn->u.virq = virq;
    chn->notify_vcpu = (u16)vcpu_id;
    spin_unlock_irqrestore(&chn->lock, flags);
    WRITE_ONCE(v->evtchn->virq_port[virq], chn->port);
    *ret_port = chn->port;
out:
    spin_unlock(&d->evtchn->lock);
    return rc;
}

static void raise_virq(struct vcpu *v, unsigned int virq)
{
    struct domain *d = v->domain;
    struct evtchn *chn;
    unsigned long flags;

    if (!v->evtchn)
        return;
    chn = evtchn_lookup(d, READ_ONCE(v->evtchn->virq_port[virq]));
    if (!chn)
        return;
    spin_lock_irqsave(&chn->lock, flags);
    /* The port may have been closed, and even bound anew, since it was read. */
    if (chn->state == ECS_VIRQ && chn->u.virq == virq &&
        (virq_is_global(virq) || chn->notify_vcpu == v->vcpu_id))
        evtchn_raise(d, chn);
    spin_unlock_irqrestore(&chn->lock, flags);
}

void send_vcpu_virq(struct vcpu *v, unsigned int virq)
{
    ASSERT(virq < NR_VIRQS && !virq_is_global(virq));
    raise_virq(v, virq);
}

void send_global_virq(unsigned int virq)
{
    struct domain *d;
    struct vcpu *v;
    unsigned long flags;

    ASSERT(virq < NR_VIRQS && virq_is_global(virq));
    /* A handler leaves the table before it dies: the lock keeps it. */
    spin_lock_irqsave(&handler_lock, flags);
    d = virq_handler[virq] ? virq_handler[virq] : hardware_domain;
    v = d ? domain_vcpu(d, 0) : NULL;
    if (v)
        raise_virq(v, virq);
    spin_unlock_irqrestore(&handler_lock, flags);
}

int evtchn_set_virq_handler(struct domain *d, unsigned int virq)
{
    unsigned long flags;
    int rc = 0;

    if (virq >= NR_VIRQS || !virq_is_global(virq))
        return -EINVAL;
    spin_lock_irqsave(&handler_lock, flags);
    /* A domain that closes later than this look takes the handler out again afterwards. */
    if (!d->evtchn || READ_ONCE(d->evtchn->closed))
        rc = -EINVAL;
    else
        virq_handler[virq] = d;
    spin_unlock_irqrestore(&handler_lock, flags);
    return rc;
}

void evtchn_drop_virq_handlers(struct domain *d)
{
    unsigned long flags;

    spin_lock_irqsave(&handler_lock, flags);
    for (unsigned int i = 0; i < NR_VIRQS; i++)
        if (virq_handler[i] == d)
            virq_handler[i] = NULL;
    spin_unlock_irqrestore(&handler_lock, flags);
}
