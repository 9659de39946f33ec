/* SPDX-License-Identifier: MIT */
/* cpupool.c - CPU pools of the simulated host. */
#include "sim.h"

static bool has(const uint8_t *map, uint32_t cpu)
{
    return map[cpu / 8] >> cpu % 8 & 1;
}

static uint32_t pool_domains(const struct sim_host *s, uint32_t id)
{
    uint32_t n = 0;

    for (size_t i = 0; i < s->nr_slots; i++)
        n += s->domains[i].life && s->domains[i].pool == id;
    return n;
}

static void free_cpus(const struct sim_host *s, uint8_t *ret)
{
    for (int i = 0; i < SIM_CPU_BYTES; i++) {
        ret[i] = 0;
        for (int k = 0; k < SIM_POOLS; k++)
            ret[i] |= s->pools[k].used ? s->pools[k].cpus[i] : 0;
        ret[i] = (uint8_t)~ret[i];
    }
    for (uint32_t c = s->nr_cpus; c < SIM_CPUS; c++)
        ret[c / 8] &= (uint8_t) ~(1U << c % 8);
}

static void copy_map(const struct xenctl_bitmap *to, const uint8_t *from)
{
    uint8_t *p = (uint8_t *)(uintptr_t)to->bitmap;

    for (uint32_t i = 0; p && i < (to->nr_bits + 7) / 8; i++)
        p[i] = i < SIM_CPU_BYTES ? from[i] : 0;
}

static int create(struct sim_host *s, struct xen_sysctl_cpupool_op *o)
{
    uint32_t id = o->cpupool_id;

    if (o->sched_id != XEN_SCHEDULER_CREDIT2 && o->sched_id != XEN_SCHEDULER_CREDIT &&
        o->sched_id != XEN_SCHEDULER_RTDS && o->sched_id != XEN_SCHEDULER_NULL)
        return -ENOENT;
    for (uint32_t i = 0; id == XEN_SYSCTL_CPUPOOL_PAR_ANY && i < SIM_POOLS; i++)
        id = s->pools[i].used ? id : i;
    if (id >= SIM_POOLS)
        return -EINVAL;
    if (s->pools[id].used)
        return -EEXIST;
    s->pools[id] = (struct sim_pool){.used = 1,
                                     .sched_id = o->sched_id,
                                     .params = {.ratelimit_us = 1000},
                                     .credit = {.tslice_ms = 30, .ratelimit_us = 1000}};
    o->cpupool_id = id;
    return 0;
}

static int info(struct sim_host *s, struct xen_sysctl_cpupool_op *o)
{
    for (uint32_t id = o->cpupool_id; id < SIM_POOLS; id++) {
        if (!s->pools[id].used)
            continue;
        o->cpupool_id = id;
        o->sched_id = s->pools[id].sched_id;
        o->n_dom = pool_domains(s, id);
        copy_map(&o->cpumap, s->pools[id].cpus);
        return 0;
    }
    return -ENOENT;
}

static int add_cpu(struct sim_host *s, struct sim_pool *p, uint32_t cpu)
{
    uint8_t map[SIM_CPU_BYTES];

    free_cpus(s, map);
    for (uint32_t i = 0; cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY && i < s->nr_cpus; i++)
        cpu = has(map, i) ? i : cpu;
    if (cpu >= s->nr_cpus)
        return cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY ? -ENODEV : -EINVAL;
    if (!has(map, cpu))
        return -ENODEV;
    p->cpus[cpu / 8] |= (uint8_t)(1U << cpu % 8);
    return 0;
}

static int remove_cpu(struct sim_host *s, struct sim_pool *p, uint32_t cpu)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->nr_cpus; i++) {
        n += has(p->cpus, i);
        if (cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY && has(p->cpus, s->nr_cpus - 1 - i))
            cpu = s->nr_cpus - 1 - i;
    }
    if (cpu >= s->nr_cpus)
        return -EINVAL;
    if (!has(p->cpus, cpu))
        return -ENODEV;
    if (n == 1 && pool_domains(s, (uint32_t)(p - s->pools)))
        return -EBUSY;
    p->cpus[cpu / 8] &= (uint8_t) ~(1U << cpu % 8);
    return 0;
}

static int move_domain(struct sim_host *s, struct sim_pool *p, domid_t domid)
{
    struct sim_domain *d = sim_domain(s, domid);
    uint8_t any = 0;

    if (!domid)
        return -EINVAL;
    if (!d)
        return -ESRCH;
    for (int i = 0; i < SIM_CPU_BYTES; i++)
        any |= p->cpus[i];
    if (!any)
        return -ENOENT;
    d->pool = (uint32_t)(p - s->pools);
    return 0;
}

int sim_cpupool_op(struct sim *sim, struct xen_sysctl_cpupool_op *o)
{
    struct sim_host *s = sim->host;
    struct sim_pool *p;
    uint8_t map[SIM_CPU_BYTES], any = 0;

    switch (o->op) {
    case XEN_SYSCTL_CPUPOOL_OP_CREATE:
        return create(s, o);
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return info(s, o);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
        free_cpus(s, map);
        copy_map(&o->cpumap, map);
        return 0;
    }
    if (o->cpupool_id >= SIM_POOLS || !s->pools[o->cpupool_id].used)
        return -ENOENT;
    p = &s->pools[o->cpupool_id];
    switch (o->op) {
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
        for (int i = 0; i < SIM_CPU_BYTES; i++)
            any |= p->cpus[i];
        if (pool_domains(s, o->cpupool_id) || any)
            return -EBUSY;
        p->used = 0;
        return 0;
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
        return add_cpu(s, p, o->cpu);
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
        return remove_cpu(s, p, o->cpu);
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
        return move_domain(s, p, (domid_t)o->domid);
    default:
        return -ENOSYS;
    }
}
