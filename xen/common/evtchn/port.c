/* SPDX-License-Identifier: MIT */
/*
 * port.c - the table of ports: finding, reserving, closing. States and locks: see private.h.
 */
#include <xen/irq.h>
#include "private.h"

struct evtchn *evtchn_lookup(const struct domain *d, u32 port)
{
    const struct evtchn_domain *ed = d->evtchn;
    struct evtchn_group *group;
    u32 bucket = port / BUCKET_PORTS;

    /* nr_ports is published after the bucket: a port below it has one. Port 0 is always free. */
    if (!ed || port >= __atomic_load_n(&ed->nr_ports, __ATOMIC_ACQUIRE))
        return NULL;
    group = ed->group[bucket / GROUP_BUCKETS];
    return &group->bucket[bucket % GROUP_BUCKETS][port % BUCKET_PORTS];
}

static int add_bucket(struct evtchn_domain *ed)
{
    u32 first = ed->nr_ports, bucket = first / BUCKET_PORTS;
    struct evtchn_group **group = &ed->group[bucket / GROUP_BUCKETS];
    struct evtchn *chn;

    if (!*group) {
        *group = xzalloc(struct evtchn_group);
        if (!*group)
            return -ENOMEM;
    }
    chn = xzalloc_array(struct evtchn, BUCKET_PORTS);
    if (!chn)
        return -ENOMEM;
    for (unsigned int i = 0; i < BUCKET_PORTS; i++) {
        spin_lock_init(&chn[i].lock, LOCK_RANK_EVTCHN_PORT);
        chn[i].port = first + i;
        chn[i].last_queue = FIFO_QUEUE_NONE;
    }
    (*group)->bucket[bucket % GROUP_BUCKETS] = chn;
    __atomic_store_n(&ed->nr_ports, first + BUCKET_PORTS, __ATOMIC_RELEASE);
    return 0;
}

void evtchn_free_table(struct evtchn_domain *ed)
{
    for (u32 b = 0; b < ed->nr_ports / BUCKET_PORTS; b++)
        xfree(ed->group[b / GROUP_BUCKETS]->bucket[b % GROUP_BUCKETS]);
    for (unsigned int g = 0; g < NR_GROUPS; g++)
        xfree(ed->group[g]);
}

int evtchn_reserve(struct domain *d, struct evtchn **ret_chn)
{
    struct evtchn_domain *ed = d->evtchn;
    bool skipped = false;
    unsigned long flags;

    if (!ed || ed->closed)
        return -EINVAL;
    for (u32 port = MAX(ed->free_hint, 1U); port <= ed->max_port && port < ed->ops->nr_ports;
         port++) {
        struct evtchn *chn;

        if (port >= ed->nr_ports) {
            int rc = add_bucket(ed);

            if (rc)
                return rc;
        }
        chn = evtchn_lookup(d, port);
        if (chn->state != ECS_FREE)
            continue;
        if (ed->ops->is_busy(d, chn)) {
            /* Free for us, but not usable before the guest took it off its queue. */
            if (!skipped)
                ed->free_hint = port;
            skipped = true;
            continue;
        }
        spin_lock_irqsave(&chn->lock, flags);
        chn->state = ECS_RESERVED;
        chn->notify_vcpu = 0;
        chn->priority = PRIORITY_DEFAULT;
        spin_unlock_irqrestore(&chn->lock, flags);
        ed->nr_used++;
        if (!skipped)
            ed->free_hint = port + 1;
        *ret_chn = chn;
        return 0;
    }
    return -ENOSPC;
}

/* The port's lock and the domain's lock are held. */
static void free_port_locked(struct domain *d, struct evtchn *chn)
{
    struct evtchn_domain *ed = d->evtchn;

    /* Pending goes first: the next owner must not see the old one's event. */
    ed->ops->clear_pending(d, chn);
    chn->state = ECS_FREE;
    chn->binding = false;
    chn->notify_vcpu = 0;
    chn->priority = PRIORITY_DEFAULT;
    ed->free_hint = MIN(ed->free_hint, chn->port);
    ed->nr_used--;
}

void evtchn_release(struct domain *d, struct evtchn *chn)
{
    unsigned long flags;

    ASSERT(spin_is_locked(&d->evtchn->lock));
    spin_lock_irqsave(&chn->lock, flags);
    free_port_locked(d, chn);
    spin_unlock_irqrestore(&chn->lock, flags);
}

void evtchn_lock_two(struct domain *d1, struct domain *d2)
{
    spinlock_t *a = &d1->evtchn->lock, *b = &d2->evtchn->lock;

    spin_lock(MIN(a, b));
    if (a != b)
        spin_lock_nested(MAX(a, b));
}

void evtchn_unlock_two(struct domain *d1, struct domain *d2)
{
    spinlock_t *a = &d1->evtchn->lock, *b = &d2->evtchn->lock;

    if (a != b)
        spin_unlock(MAX(a, b));
    spin_unlock(MIN(a, b));
}

/* Takes an interdomain pair apart. Both domains' locks are held. */
static void close_pair_locked(struct domain *d, struct evtchn *chn, struct domain *rd)
{
    struct evtchn *rchn = evtchn_lookup(rd, chn->u.inter.port);
    spinlock_t *a = &chn->lock, *b = &rchn->lock;
    unsigned long flags;

    BUG_ON(rchn->state != ECS_INTERDOMAIN || rchn->u.inter.dom != d);
    spin_lock_irqsave(MIN(a, b), flags);
    spin_lock_nested(MAX(a, b));
    rchn->state = ECS_UNBOUND;
    rchn->u.unbound.remote = d->domain_id;
    free_port_locked(d, chn);
    spin_unlock(MAX(a, b));
    spin_unlock_irqrestore(MIN(a, b), flags);
}

/* Releases a physical interrupt; its locks rank below ours, so ours is dropped meanwhile. */
static void close_pirq_locked(struct domain *d, struct evtchn *chn)
{
    u32 pirq = chn->u.pirq;
    unsigned long flags;

    spin_lock_irqsave(&chn->lock, flags);
    chn->state = ECS_RESERVED;
    spin_unlock_irqrestore(&chn->lock, flags);

    spin_unlock(&d->evtchn->lock);
    pirq_unbind_port(d, pirq);
    spin_lock(&d->evtchn->lock);
    evtchn_release(d, chn);
}

static void close_virq_locked(struct domain *d, struct evtchn *chn)
{
    struct vcpu *v;

    for_each_vcpu (d, v)
        if (v->evtchn->virq_port[chn->u.virq] == chn->port)
            WRITE_ONCE(v->evtchn->virq_port[chn->u.virq], 0);
    evtchn_release(d, chn);
}

/* Anything but a pair. */
static int close_single_locked(struct domain *d, struct evtchn *chn)
{
    switch (chn->state) {
    case ECS_UNBOUND:
    case ECS_IPI:
        evtchn_release(d, chn);
        return 0;
    case ECS_PIRQ:
        if (chn->binding)
            return -EBUSY;
        close_pirq_locked(d, chn);
        return 0;
    case ECS_VIRQ:
        close_virq_locked(d, chn);
        return 0;
    default: /* free, or reserved by an operation in progress */
        return -EINVAL;
    }
}

int evtchn_close_port(struct domain *d, u32 port)
{
    struct evtchn *chn = evtchn_lookup(d, port);
    struct domain *rd;
    int rc;

    if (!chn)
        return -EINVAL;
    for (;;) {
        spin_lock(&d->evtchn->lock);
        if (chn->state != ECS_INTERDOMAIN) {
            rc = close_single_locked(d, chn);
            spin_unlock(&d->evtchn->lock);
            return rc;
        }
        rd = chn->u.inter.dom;
        if (rd == d) {
            close_pair_locked(d, chn, rd);
            spin_unlock(&d->evtchn->lock);
            return 0;
        }
        /* The pair keeps rd alive only while locked: hold it across the change of locks. */
        BUG_ON(!get_domain(rd));
        spin_unlock(&d->evtchn->lock);

        evtchn_lock_two(d, rd);
        rc = -EAGAIN;
        if (chn->state == ECS_INTERDOMAIN && chn->u.inter.dom == rd) {
            close_pair_locked(d, chn, rd);
            rc = 0;
        }
        evtchn_unlock_two(d, rd);
        put_domain(rd);
        if (!rc)
            return 0;
        /* The peer closed its end first: look again. */
    }
}

/* A vCPU in SCHEDOP_poll waits for the port itself, masked or not. */
static void wake_pollers(struct domain *d, u32 port)
{
    struct vcpu *v;

    for_each_vcpu (d, v) {
        u32 wanted;

        if (likely(!test_bit(VPF_POLLING, &v->pause_flags)))
            continue;
        wanted = READ_ONCE(v->poll_port);
        if (wanted == 0 || wanted == port)
            vcpu_unblock(v);
    }
}

void evtchn_raise(struct domain *d, struct evtchn *chn)
{
    /* The pending bit is set by a locked instruction: pollers that look later see it. */
    READ_ONCE(d->evtchn->ops)->set_pending(d, chn);
    wake_pollers(d, chn->port);
}
