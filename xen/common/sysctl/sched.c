/* SPDX-License-Identifier: MIT */
/*
 * sched.c - sysctl operations on the scheduler and its pools of CPUs.
 */
#include <xen/cpupool.h>
#include <xen/ctl-bitmap.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/sysctl-table.h>

long sysctl_sched_id(struct xen_sysctl *op)
{
    sched_name(&op->u.sched_id.sched_id);
    return 0;
}

static long pool_info(struct xen_sysctl_cpupool_op *p)
{
    struct cpupool_info info;
    int rc = cpupool_info(p->cpupool_id, &info);

    if (rc)
        return rc;
    p->cpupool_id = info.id;
    p->n_dom = info.nr_domains;
    sched_name(&p->sched_id);
    return ctl_cpumask_write(&p->cpumap, &info.cpus);
}

/* Not the caller's own domain, as in 4.17. */
static long move_domain(const struct xen_sysctl_cpupool_op *p)
{
    struct domain *d = p->domid < DOMID_FIRST_RESERVED ? get_domain_by_id((domid_t)p->domid) : NULL;
    long rc = -EPERM;

    if (!d)
        return -ESRCH;
    if (d != current->domain)
        rc = cpupool_move_domain(d, p->cpupool_id);
    put_domain(d);
    return rc;
}

static long free_cpus(const struct xen_sysctl_cpupool_op *p)
{
    cpumask_t cpus;

    cpupool_free_cpus(&cpus);
    return ctl_cpumask_write(&p->cpumap, &cpus);
}

long sysctl_cpupool_op(struct xen_sysctl *op)
{
    struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;

    switch (p->op) {
    case XEN_SYSCTL_CPUPOOL_OP_CREATE:
        return cpupool_create(&p->cpupool_id, p->sched_id);
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
        return cpupool_destroy(p->cpupool_id);
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return pool_info(p);
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
        return cpupool_add_cpu(p->cpupool_id, p->cpu);
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
        return cpupool_remove_cpu(p->cpupool_id, p->cpu);
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
        return move_domain(p);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
        return free_cpus(p);
    }
    return -ENOSYS;
}

/* One setting: for how long a vCPU runs undisturbed once it was chosen. It is constant. */
long sysctl_scheduler_op(struct xen_sysctl *op)
{
    struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;
    u32 id, rate = sched_ratelimit_us();
    struct cpupool_info pool;

    if (s->cmd != XEN_SYSCTL_SCHEDOP_putinfo && s->cmd != XEN_SYSCTL_SCHEDOP_getinfo)
        return -EINVAL;
    sched_name(&id);
    if (cpupool_info(s->cpupool_id, &pool) || pool.id != s->cpupool_id)
        return -ESRCH;
    if (s->sched_id != id)
        return -EINVAL;
    if (id != XEN_SCHEDULER_CREDIT2)
        return -EOPNOTSUPP;
    if (s->cmd == XEN_SYSCTL_SCHEDOP_getinfo) {
        s->u.sched_credit2.ratelimit_us = rate;
        return 0;
    }
    return sched_set_ratelimit_us(s->u.sched_credit2.ratelimit_us);
}
