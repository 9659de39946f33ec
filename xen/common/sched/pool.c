/* SPDX-License-Identifier: MIT */
/*
 * pool.c - cpupools: each CPU is in one pool or free, each domain in one pool, and a vCPU runs on
 * CPUs of its domain's pool only. A free CPU runs nothing.
 *
 * Pools restrict, they do not schedule: a vCPU's sched->allowed is its hard affinity within its
 * pool, and that is all that a scheduler looks at. So one scheduler serves all pools, and only one
 * that can move vCPUs (`fair`); with `null` there is pool 0 and nothing can leave it.
 *
 * Lock: pool_lock for the list, the sets and domain->sched->pool; the run queue's nests in it.
 * Operations that change a set or move a domain come one at a time (sysctl_lock): they walk the
 * domains afterwards, without pool_lock, and vcpu_create() looks again once its vCPU can be found.
 */
#include <xen/cpupool.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/softirq.h>
#include "private.h"

/* P pool_lock, I set at creation. */
struct cpupool {
    struct cpupool *next; /* P ascending ids */
    u32 id;               /* I */
    u32 nr_domains;       /* P */
    cpumask_t cpus;       /* P */
};

static DEFINE_SPINLOCK(pool_lock, LOCK_RANK_SCHED_GLOBAL);
static struct cpupool pool0;
static struct cpupool *pools = &pool0;
static cpumask_t free_cpus;

static struct cpupool *find_locked(u32 id)
{
    for (struct cpupool *p = pools; p; p = p->next)
        if (p->id == id)
            return p;
    return NULL;
}

void cpupool_init_cpu(unsigned int cpu)
{
    cpumask_set(cpu, &pool0.cpus);
}

/* --- what a vCPU may use --- */

static void allowed_locked(const struct vcpu *v, cpumask_t *ret_allowed)
{
    const struct cpupool *p = v->domain->sched->pool;

    cpumask_and(ret_allowed, &v->hard_affinity, &p->cpus);
    cpumask_and(ret_allowed, ret_allowed, &cpu_online_map);
    /* The pool lost all CPUs of an affinity: the affinity does not count while that lasts. */
    if (cpumask_empty(ret_allowed))
        *ret_allowed = p->cpus;
}

void sched_update_allowed(struct vcpu *v)
{
    struct sched_unit *u = v->sched;
    unsigned long flags, rq_flags;
    struct sched_rq *rq;
    bool place = false;

    spin_lock_irqsave(&pool_lock, flags);
    rq = vcpu_rq_lock(v, &rq_flags);
    allowed_locked(v, &u->allowed);
    if (!cpumask_test(v->processor, &u->allowed)) {
        if (v->is_running) {
            cpu_raise_softirq(v->processor, SOFTIRQ_SCHEDULE);
        } else if (u->queued) {
            sched_ops->dequeue(rq, v);
            u->queued = false;
            place = true;
        }
    }
    rq_unlock(rq, rq_flags);
    spin_unlock_irqrestore(&pool_lock, flags);
    if (place)
        sched_place(v);
    else
        sched_unpark(v); /* it may have waited for just this: sched=null gives a vCPU one CPU */
}

bool cpupool_allows(const struct domain *d, const cpumask_t *mask)
{
    unsigned long flags;
    bool ok;

    spin_lock_irqsave(&pool_lock, flags);
    ok = cpumask_intersects(mask, &d->sched->pool->cpus);
    spin_unlock_irqrestore(&pool_lock, flags);
    return ok;
}

void cpupool_cpus_of(const struct domain *d, cpumask_t *ret_cpus)
{
    unsigned long flags;

    spin_lock_irqsave(&pool_lock, flags);
    *ret_cpus = d->sched->pool->cpus;
    spin_unlock_irqrestore(&pool_lock, flags);
}

static void update_domain(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu (d, v)
        if (v->sched)
            sched_update_allowed(v);
}

static void update_all(void)
{
    struct domain *d;

    for (domid_t next = 0; (d = get_domain_from(next)) != NULL;
         next = (domid_t)(d->domain_id + 1)) {
        update_domain(d);
        put_domain(d);
    }
}

/* --- domains --- */

int cpupool_add_domain(struct domain *d, u32 id)
{
    unsigned long flags;
    struct cpupool *p;
    int rc = -ESRCH;

    spin_lock_irqsave(&pool_lock, flags);
    p = find_locked(id);
    if (p && !cpumask_empty(&p->cpus)) {
        p->nr_domains++;
        d->sched->pool = p;
        rc = 0;
    }
    spin_unlock_irqrestore(&pool_lock, flags);
    return rc;
}

void cpupool_remove_domain(struct domain *d)
{
    unsigned long flags;

    spin_lock_irqsave(&pool_lock, flags);
    if (d->sched->pool)
        d->sched->pool->nr_domains--;
    d->sched->pool = NULL;
    spin_unlock_irqrestore(&pool_lock, flags);
}

u32 cpupool_id_of(const struct domain *d)
{
    unsigned long flags;
    u32 id;

    spin_lock_irqsave(&pool_lock, flags);
    id = d->sched->pool->id;
    spin_unlock_irqrestore(&pool_lock, flags);
    return id;
}

int cpupool_move_domain(struct domain *d, u32 id)
{
    unsigned long flags;
    struct cpupool *p;
    int rc = 0;

    spin_lock_irqsave(&pool_lock, flags);
    p = find_locked(id);
    if (d->sched->pool->id != id) {
        if (!p || cpumask_empty(&p->cpus)) {
            rc = -ENOENT;
        } else {
            d->sched->pool->nr_domains--;
            p->nr_domains++;
            d->sched->pool = p;
        }
    }
    spin_unlock_irqrestore(&pool_lock, flags);
    if (!rc)
        update_domain(d);
    return rc;
}

/* --- pools --- */

/* The id asked for, or the lowest free one; the place in the list to put it. */
static int choose_id_locked(u32 *id, struct cpupool ***ret_link)
{
    struct cpupool **link = &pools;
    bool any = *id == XEN_SYSCTL_CPUPOOL_PAR_ANY;
    u32 want = any ? 0 : *id;

    for (; *link && (*link)->id <= want; link = &(*link)->next) {
        if ((*link)->id < want)
            continue;
        if (!any)
            return -EEXIST;
        want++;
    }
    *id = want;
    *ret_link = link;
    return 0;
}

int cpupool_create(u32 *id, u32 sched_id)
{
    struct cpupool *p, **link;
    unsigned long flags;
    int rc;

    if (!sched_ops->has_pools)
        return -EOPNOTSUPP;
    if (sched_id != sched_ops->id)
        return -ENOENT;
    p = xzalloc(struct cpupool);
    if (!p)
        return -ENOMEM;
    spin_lock_irqsave(&pool_lock, flags);
    rc = choose_id_locked(id, &link);
    if (!rc) {
        p->id = *id;
        p->next = *link;
        *link = p;
    }
    spin_unlock_irqrestore(&pool_lock, flags);
    if (rc)
        xfree(p);
    return rc;
}

int cpupool_destroy(u32 id)
{
    struct cpupool **link, *p = NULL;
    unsigned long flags;
    int rc = -ENOENT;

    spin_lock_irqsave(&pool_lock, flags);
    for (link = &pools; *link && (*link)->id != id; link = &(*link)->next)
        ;
    if (*link) {
        rc = *link == &pool0 || (*link)->nr_domains || !cpumask_empty(&(*link)->cpus) ? -EBUSY : 0;
        if (!rc) {
            p = *link;
            *link = p->next;
        }
    }
    spin_unlock_irqrestore(&pool_lock, flags);
    xfree(p);
    return rc;
}

int cpupool_info(u32 first, struct cpupool_info *ret_info)
{
    unsigned long flags;
    struct cpupool *p;

    spin_lock_irqsave(&pool_lock, flags);
    for (p = pools; p && p->id < first; p = p->next)
        ;
    if (p) {
        ret_info->id = p->id;
        ret_info->nr_domains = p->nr_domains;
        ret_info->cpus = p->cpus;
    }
    spin_unlock_irqrestore(&pool_lock, flags);
    return p ? 0 : -ENOENT;
}

void cpupool_free_cpus(cpumask_t *ret_cpus)
{
    unsigned long flags;

    spin_lock_irqsave(&pool_lock, flags);
    *ret_cpus = free_cpus;
    spin_unlock_irqrestore(&pool_lock, flags);
}

int cpupool_add_cpu(u32 id, u32 cpu)
{
    unsigned long flags;
    struct cpupool *p;
    int rc = 0;

    spin_lock_irqsave(&pool_lock, flags);
    p = find_locked(id);
    if (cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY)
        cpu = cpumask_first(&free_cpus);
    if (!p)
        rc = -ENOENT;
    else if (cpu >= nr_cpus || !cpumask_test(cpu, &free_cpus))
        rc = -ENODEV;
    if (!rc) {
        cpumask_unset(cpu, &free_cpus);
        cpumask_set(cpu, &p->cpus);
    }
    spin_unlock_irqrestore(&pool_lock, flags);
    if (!rc)
        update_all();
    return rc;
}

static int remove_locked(struct cpupool *p, u32 cpu)
{
    if (!p)
        return -ENOENT;
    if (cpu >= nr_cpus || !cpumask_test(cpu, &p->cpus))
        return -EINVAL;
    if (!sched_ops->has_pools || (p->nr_domains && cpumask_weight(&p->cpus) == 1))
        return -EBUSY;
    cpumask_unset(cpu, &p->cpus);
    cpumask_set(cpu, &free_cpus);
    return 0;
}

static u32 last_cpu(const cpumask_t *mask)
{
    u32 last = NR_CPUS, cpu;

    for_each_cpu (cpu, mask)
        last = cpu;
    return last;
}

int cpupool_remove_cpu(u32 id, u32 cpu)
{
    unsigned long flags;
    struct cpupool *p;
    int rc;

    spin_lock_irqsave(&pool_lock, flags);
    p = find_locked(id);
    if (p && cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY)
        cpu = last_cpu(&p->cpus);
    rc = remove_locked(p, cpu);
    spin_unlock_irqrestore(&pool_lock, flags);
    if (!rc)
        update_all();
    return rc;
}
