/* SPDX-License-Identifier: MIT */
/*
 * cpupool.h - groups of CPUs with the domains that run on them. See common/sched/pool.c.
 *
 * Calls that change pools or move domains come one at a time (sysctl_lock); the others may come at
 * any time, from any context.
 */
#ifndef XEN_CPUPOOL_H
#define XEN_CPUPOOL_H

#include <xen/sched.h>
#include <public/sysctl.h>

struct cpupool_info {
    u32 id;
    u32 nr_domains;
    cpumask_t cpus;
};

/* Start of CPU: into pool 0. */
void cpupool_init_cpu(unsigned int cpu);

/* A domain that is being made, before it has vCPUs. -ESRCH: no such pool, or it has no CPU. */
int cpupool_add_domain(struct domain *d, u32 id) __must_check;
void cpupool_remove_domain(struct domain *d);
u32 cpupool_id_of(const struct domain *d);
/* -ENOENT: no such pool, or it has no CPU. */
int cpupool_move_domain(struct domain *d, u32 id) __must_check;
/* Whether d's pool has one of these CPUs; all of its CPUs. */
bool cpupool_allows(const struct domain *d, const cpumask_t *mask);
void cpupool_cpus_of(const struct domain *d, cpumask_t *ret_cpus);

/* *id: the wish, or XEN_SYSCTL_CPUPOOL_PAR_ANY; then what it got. -EEXIST; -ENOENT: no such
 * scheduler; -EOPNOTSUPP: the scheduler in use has no pools. */
int cpupool_create(u32 *id, u32 sched_id) __must_check;
/* -ENOENT; -EBUSY: pool 0, or one with domains or CPUs. */
int cpupool_destroy(u32 id) __must_check;
/* The pool with the lowest id from `first` on. -ENOENT: there is none. */
int cpupool_info(u32 first, struct cpupool_info *ret_info) __must_check;
/* cpu: a number, or XEN_SYSCTL_CPUPOOL_PAR_ANY for the first free one. -ENOENT: no such pool;
 * -ENODEV: the CPU is not free. */
int cpupool_add_cpu(u32 id, u32 cpu) __must_check;
/* PAR_ANY: the pool's last one. -ENOENT: no such pool; -EINVAL: the CPU is not in it; -EBUSY: its
 * domains need it. */
int cpupool_remove_cpu(u32 id, u32 cpu) __must_check;
void cpupool_free_cpus(cpumask_t *ret_cpus);

#endif /* XEN_CPUPOOL_H */
