/* SPDX-License-Identifier: MIT */
/*
 * sched.c - sysctl operations on the scheduler. All CPUs are in one pool, number 0, which can be
 * neither left nor split.
 */
#include <xen/ctl-bitmap.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include "private.h"

long sysctl_sched_id(struct xen_sysctl *op)
{
    sched_name(&op->u.sched_id.sched_id);
    return 0;
}

static u32 count_domains(void)
{
    struct domain *d;
    domid_t next = 0;
    u32 n = 0;

    while ((d = get_domain_from(next)) != NULL) {
        n++;
        next = (domid_t)(d->domain_id + 1);
        put_domain(d);
    }
    return n;
}

static long pool_info(struct xen_sysctl_cpupool_op *p)
{
    if (p->cpupool_id != 0 && p->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY)
        return -ENOENT;
    p->cpupool_id = 0;
    sched_name(&p->sched_id);
    p->n_dom = count_domains();
    return ctl_cpumask_write(&p->cpumap, &cpu_online_map);
}

static long move_domain(const struct xen_sysctl_cpupool_op *p)
{
    struct domain *d = p->domid < DOMID_FIRST_RESERVED ? get_domain_by_id((domid_t)p->domid) : NULL;

    if (!d)
        return -ESRCH;
    put_domain(d);
    return p->cpupool_id ? -ENOENT : 0; /* it is in the only pool already */
}

static long free_cpus(const struct xen_sysctl_cpupool_op *p)
{
    cpumask_t none;

    cpumask_clear(&none);
    return ctl_cpumask_write(&p->cpumap, &none);
}

long sysctl_cpupool_op(struct xen_sysctl *op)
{
    struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;

    switch (p->op) {
    case XEN_SYSCTL_CPUPOOL_OP_CREATE:
        return -EOPNOTSUPP;
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
        return p->cpupool_id ? -ENOENT : -EBUSY;
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return pool_info(p);
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
        return p->cpupool_id ? -ENOENT : -ENODEV; /* no CPU is free */
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
        return p->cpupool_id ? -ENOENT : -EBUSY;
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

    if (s->cmd != XEN_SYSCTL_SCHEDOP_putinfo && s->cmd != XEN_SYSCTL_SCHEDOP_getinfo)
        return -EINVAL;
    sched_name(&id);
    if (s->cpupool_id)
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
