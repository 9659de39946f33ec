/* SPDX-License-Identifier: MIT */
/*
 * setup.c - the scheduler's part in the life of domains and vCPUs, their parameters, and pausing.
 */
#include <xen/bitops.h>
#include <xen/cpupool.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "fair-math.h"
#include "private.h"

/* Spreads vCPUs over the CPUs that are up; the scheduler moves them as it likes later. */
static unsigned int first_cpu_for(const struct vcpu *v)
{
    unsigned int up, skip, cpu;
    cpumask_t cpus;

    cpupool_cpus_of(v->domain, &cpus);
    cpumask_and(&cpus, &cpus, &cpu_online_map);
    up = cpumask_weight(&cpus);
    if (up == 0)
        return smp_processor_id();
    skip = (v->vcpu_id + v->domain->domain_id) % up;
    for_each_cpu (cpu, &cpus)
        if (skip-- == 0)
            return cpu;
    return smp_processor_id();
}

int sched_vcpu_init(struct vcpu *v)
{
    int rc;

    v->sched = xzalloc(struct sched_unit);
    if (v->sched == NULL)
        return -ENOMEM;
    v->sched->vcpu = v;
    list_init(&v->sched->link);
    v->sched->relative = true;
    v->sched->own_cpu = NR_CPUS;
    v->processor = first_cpu_for(v);
    cpumask_setall(&v->hard_affinity);
    cpumask_setall(&v->soft_affinity);
    v->runstate.state = RUNSTATE_offline;
    v->runstate.state_entry_time = (u64)NOW();
    sched_update_allowed(v);

    rc = sched_ops->vcpu_init(v);
    if (rc) {
        xfree(v->sched);
        v->sched = NULL;
    }
    return rc;
}

void sched_vcpu_listed(struct vcpu *v)
{
    sched_update_allowed(v);
}

void sched_vcpu_destroy(struct vcpu *v)
{
    if (v->sched == NULL)
        return;
    if (v->domain->sched)
        kill_timer(&v->domain->sched->refill); /* it walks the vCPUs */
    sched_ops->vcpu_destroy(v);
    xfree(v->sched);
    v->sched = NULL;
}

static void refill_budget(void *data);

int sched_domain_init(struct domain *d, u32 pool)
{
    struct sched_domain *s = xzalloc(struct sched_domain);

    if (s == NULL)
        return -ENOMEM;
    s->d = d;
    s->weight = FAIR_WEIGHT_DEFAULT;
    init_timer(&s->refill, refill_budget, s, smp_processor_id());
    d->sched = s;
    domain_watchdogs_init(d);
    return cpupool_add_domain(d, pool);
}

void sched_domain_destroy(struct domain *d)
{
    if (d->sched == NULL)
        return;
    domain_watchdogs_destroy(d);
    kill_timer(&d->sched->refill);
    cpupool_remove_domain(d);
    xfree(d->sched);
    d->sched = NULL;
}

/* --- the budget of a domain with a cap --- */

static bool budget_full(const struct sched_domain *s)
{
    return __atomic_load_n(&s->budget, __ATOMIC_SEQ_CST) >=
           fair_cap_full(fair_cap_quota(READ_ONCE(s->cap)));
}

/*
 * Who has set refill_armed may call this; and who sets a cap, where a refill that runs at the same
 * time may win: then the new cap holds from the next period on.
 */
static void refill_after(struct sched_domain *s, s_time_t begin)
{
    s_time_t due = begin + FAIR_CAP_PERIOD;

    WRITE_ONCE(s->refill_due, due);
    set_timer(&s->refill, due);
}

void sched_budget_charge(struct sched_domain *s, s64 ns)
{
    __atomic_fetch_sub(&s->budget, ns, __ATOMIC_SEQ_CST);
    if (!__atomic_exchange_n(&s->refill_armed, true, __ATOMIC_SEQ_CST))
        refill_after(s, NOW());
}

/* Each period while the budget is in use; a late timer makes up for what it missed. */
static void refill_budget(void *data)
{
    struct sched_domain *s = data;
    s_time_t due = READ_ONCE(s->refill_due); /* a new cap may set another meanwhile */
    s64 periods = fair_cap_periods(due, NOW());
    s64 quota = fair_cap_quota(READ_ONCE(s->cap));
    s64 old, filled;
    struct vcpu *v;

    do {
        old = __atomic_load_n(&s->budget, __ATOMIC_SEQ_CST);
        filled = quota ? fair_cap_refill(old, quota, periods) : 0;
    } while (cmpxchg(&s->budget, old, filled) != old);

    if (filled > 0 || !quota)
        for_each_vcpu (s->d, v)
            if (v->sched)
                sched_unpark(v);

    if (!quota || budget_full(s)) {
        __atomic_store_n(&s->refill_armed, false, __ATOMIC_SEQ_CST);
        /* A charge may have come just before that, trusting the timer. */
        if (!quota || budget_full(s) ||
            __atomic_exchange_n(&s->refill_armed, true, __ATOMIC_SEQ_CST))
            return;
    }
    refill_after(s, due + (periods - 1) * FAIR_CAP_PERIOD);
}

int sched_domain_adjust(struct domain *d, u32 weight, u32 cap)
{
    struct sched_domain *s = d->sched;
    struct vcpu *v;
    int rc;

    if (weight < 1 || weight > FAIR_WEIGHT_MAX || cap > 100 * d->max_vcpus)
        return -EINVAL;
    rc = sched_ops->adjust(d, weight, cap);
    if (rc)
        return rc;
    WRITE_ONCE(s->weight, weight);
    if (cap != s->cap) {
        WRITE_ONCE(s->cap, cap);
        __atomic_store_n(&s->budget, fair_cap_quota(cap), __ATOMIC_SEQ_CST);
        /* Whoever waits for the old budget looks at once, and who runs without limit gets one. */
        __atomic_store_n(&s->refill_armed, true, __ATOMIC_SEQ_CST);
        refill_after(s, NOW() - FAIR_CAP_PERIOD);
        for_each_vcpu (d, v)
            if (v->sched && READ_ONCE(v->is_running))
                cpu_raise_softirq(READ_ONCE(v->processor), SOFTIRQ_SCHEDULE);
    }
    return 0;
}

void sched_domain_params(const struct domain *d, u32 *ret_weight, u32 *ret_cap)
{
    *ret_weight = d->sched->weight;
    *ret_cap = d->sched->cap;
}

const char *sched_name(u32 *ret_id)
{
    *ret_id = sched_ops->id;
    return sched_ops->name;
}
