/* SPDX-License-Identifier: MIT */
/*
 * affinity.c - on which CPUs a vCPU may run (hard) and should run (soft).
 */
#include <xen/cpupool.h>
#include <xen/lib.h>
#include "private.h"

/* Never fails: a mask without a CPU of the pool does not count. */
static void set_hard(struct vcpu *v, const cpumask_t *mask)
{
    unsigned long flags;
    struct sched_rq *rq;

    rq = vcpu_rq_lock(v, &flags);
    v->hard_affinity = *mask;
    rq_unlock(rq, flags);
    sched_update_allowed(v);
}

int vcpu_set_hard_affinity(struct vcpu *v, const cpumask_t *mask)
{
    unsigned long flags;
    struct sched_rq *rq;
    bool pinned;

    if (!cpupool_allows(v->domain, mask))
        return -EINVAL;
    /* While pinned by SCHEDOP_pin_override the new mask waits for the end of that. */
    rq = vcpu_rq_lock(v, &flags);
    pinned = v->sched->pinned;
    if (pinned)
        v->sched->unpinned = *mask;
    rq_unlock(rq, flags);
    if (!pinned)
        set_hard(v, mask);
    return 0;
}

void vcpu_set_soft_affinity(struct vcpu *v, const cpumask_t *mask)
{
    unsigned long flags;
    struct sched_rq *rq;

    rq = vcpu_rq_lock(v, &flags);
    v->soft_affinity = *mask; /* a wish: it counts from the next wake-up on */
    rq_unlock(rq, flags);
}

void vcpu_pin_override_end(struct vcpu *v)
{
    if (v->sched->pinned && vcpu_pin_override(v, -1))
        printk(XLOG_WARN "%s: vCPU %u stays pinned\n", v->domain->name, v->vcpu_id);
}

long vcpu_pin_override(struct vcpu *v, s32 cpu)
{
    struct sched_unit *u = v->sched;
    cpumask_t mask;

    if (cpu < 0) {
        if (!u->pinned)
            return -EINVAL;
        u->pinned = false;
        mask = u->unpinned;
        set_hard(v, &mask);
        return 0;
    }
    if ((u32)cpu >= NR_CPUS)
        return -EINVAL;
    mask = cpumask_of((unsigned int)cpu);
    if (!cpupool_allows(v->domain, &mask))
        return -EINVAL;
    if (u->pinned)
        return -EBUSY;
    u->unpinned = v->hard_affinity;
    u->pinned = true;
    set_hard(v, &mask);
    return 0;
}
