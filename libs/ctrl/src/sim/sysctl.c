/* SPDX-License-Identifier: MIT */
/* sysctl.c - sysctl of the simulated host: what it is, its console, its CPU pools. */
#include "sim.h"

static uint32_t cpu_node(const struct sim_host *s, uint32_t cpu)
{
    return cpu * s->nr_nodes / s->nr_cpus;
}

static uint32_t online(const struct sim_host *s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->nr_cpus; i++)
        n += !s->cpu_offline[i];
    return n;
}

static int physinfo(struct sim_host *s, struct xen_sysctl_physinfo *p)
{
    uint32_t words[SIM_FEATURES];

    memset(p, 0, sizeof(*p));
    p->threads_per_core = 1;
    p->cores_per_socket = s->nr_cpus / s->nr_nodes;
    p->nr_cpus = online(s);
    p->max_cpu_id = s->nr_cpus - 1;
    p->nr_nodes = s->nr_nodes;
    p->max_node_id = s->nr_nodes - 1;
    p->cpu_khz = SIM_CPU_KHZ;
    p->capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap |
                      XEN_SYSCTL_PHYSCAP_gnttab_v1;
    p->total_pages = s->nr_frames;
    p->free_pages = s->free_frames;
    p->outstanding_pages = s->outstanding;
    p->max_mfn = s->nr_frames - 1;
    sim_host_features(XEN_SYSCTL_cpu_featureset_host, words);
    memcpy(p->hw_cap, words, sizeof(p->hw_cap));
    return 0;
}

static int cpu_topology(struct sim_host *s, struct xen_sysctl_cputopoinfo *c)
{
    struct xen_sysctl_cputopo *to = (struct xen_sysctl_cputopo *)(uintptr_t)c->cputopo;
    uint32_t n = to ? MIN_OF(c->num_cpus, s->nr_cpus) : s->nr_cpus;

    for (uint32_t i = 0; to && i < n; i++) {
        to[i] = (struct xen_sysctl_cputopo){i % (s->nr_cpus / s->nr_nodes), cpu_node(s, i),
                                            cpu_node(s, i)};
        if (s->cpu_offline[i])
            to[i] = (struct xen_sysctl_cputopo){XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID,
                                                XEN_INVALID_NODE_ID};
    }
    c->num_cpus = n;
    return 0;
}

static int numa(struct sim_host *s, struct xen_sysctl_numainfo *n)
{
    struct xen_sysctl_meminfo *mem = (struct xen_sysctl_meminfo *)(uintptr_t)n->meminfo;
    uint32_t *dist = (uint32_t *)(uintptr_t)n->distance;
    uint32_t count = mem || dist ? MIN_OF(n->num_nodes, s->nr_nodes) : s->nr_nodes;

    for (uint32_t i = 0; i < count; i++) {
        if (mem)
            mem[i] = (struct xen_sysctl_meminfo){s->nr_frames / s->nr_nodes << XCTL_PAGE_SHIFT,
                                                 s->free_frames / s->nr_nodes << XCTL_PAGE_SHIFT};
        for (uint32_t k = 0; dist && k < count; k++)
            dist[i * n->num_nodes + k] = i == k ? 10 : 20;
    }
    n->num_nodes = count;
    return 0;
}

static int idle_times(struct sim_host *s, struct xen_sysctl_getcpuinfo *c)
{
    struct xen_sysctl_cpuinfo *to = (struct xen_sysctl_cpuinfo *)(uintptr_t)c->info;
    uint32_t n = MIN_OF(c->max_cpus, s->nr_cpus);
    uint64_t busy = 0;

    for (size_t i = 0; i < s->nr_slots; i++)
        for (uint32_t k = 0; s->domains[i].life && k < s->domains[i].nr_vcpus; k++)
            busy += sim_vcpu(s, &s->domains[i], k)->cpu_time;
    busy /= s->nr_cpus;
    for (uint32_t i = 0; i < n; i++)
        to[i].idletime = s->now > busy ? s->now - busy : 0;
    c->nr_cpus = n;
    return 0;
}

static int domain_list(struct sim_host *s, struct xen_sysctl_getdomaininfolist *l)
{
    struct xen_domctl_getdomaininfo *to = (struct xen_domctl_getdomaininfo *)(uintptr_t)l->buffer;

    l->num_domains = 0;
    for (uint32_t id = l->first_domain; id < DOMID_FIRST_RESERVED; id++) {
        if (l->num_domains == l->max_domains)
            break;
        if (s->slot_of[id])
            sim_domain_describe(s, &s->domains[s->slot_of[id] - 1], &to[l->num_domains++]);
    }
    return 0;
}

static int read_console(struct sim_host *s, struct xen_sysctl_readconsole *r)
{
    char *to = (char *)(uintptr_t)r->buffer;
    uint32_t at = s->con_cons, n = 0;

    /* An index that lies behind what is left starts at the oldest. */
    if (r->incremental && r->index - s->con_cons < s->con_prod - s->con_cons)
        at = r->index;
    else if (r->incremental && r->index == s->con_prod)
        at = s->con_prod;
    while (at != s->con_prod && n < r->count)
        to[n++] = s->conring[at++ % SIM_CONRING];
    r->count = n;
    r->index = at;
    if (r->clear)
        s->con_cons = at;
    return 0;
}

void sim_print(struct sim *sim, const char *text, size_t len)
{
    struct sim_host *s = sim->host;

    for (size_t i = 0; i < len; i++)
        s->conring[s->con_prod++ % SIM_CONRING] = text[i];
    if (s->con_prod - s->con_cons > SIM_CONRING)
        s->con_cons = s->con_prod - SIM_CONRING;
    sim_virq_raise(sim, VIRQ_CON_RING);
}

static int debug_keys(struct sim *sim, const struct xen_sysctl_debug_keys *k)
{
    const char *keys = (const char *)(uintptr_t)k->keys;

    for (uint32_t i = 0; keys && i < k->nr_keys; i++) {
        char line[] = "(XEN) '?' pressed\n";

        line[7] = keys[i];
        sim_print(sim, line, sizeof(line) - 1);
    }
    return 0;
}

static int cpu_hotplug(struct sim_host *s, const struct xen_sysctl_cpu_hotplug *c)
{
    if (c->op > XEN_SYSCTL_CPU_HOTPLUG_OFFLINE)
        return -EOPNOTSUPP;
    if (c->cpu >= s->nr_cpus)
        return -EINVAL;
    if (!c->cpu && c->op == XEN_SYSCTL_CPU_HOTPLUG_OFFLINE)
        return -EINVAL;
    s->cpu_offline[c->cpu] = c->op == XEN_SYSCTL_CPU_HOTPLUG_OFFLINE;
    return 0;
}

static bool is_ratelimit(uint32_t us)
{
    return !us || (us >= XEN_SYSCTL_SCHED_RATELIMIT_MIN && us <= XEN_SYSCTL_SCHED_RATELIMIT_MAX);
}

static int put_schedule(struct sim_pool *p, const struct xen_sysctl_scheduler_op *o)
{
    const struct xen_sysctl_credit_schedule *c = &o->u.sched_credit;

    if (p->sched_id == XEN_SCHEDULER_CREDIT2) {
        if (!is_ratelimit(o->u.sched_credit2.ratelimit_us))
            return -EINVAL;
        p->params = o->u.sched_credit2;
        return 0;
    }
    if (c->tslice_ms < XEN_SYSCTL_CSCHED_TSLICE_MIN ||
        c->tslice_ms > XEN_SYSCTL_CSCHED_TSLICE_MAX || !is_ratelimit(c->ratelimit_us) ||
        c->ratelimit_us > c->tslice_ms * 1000)
        return -EINVAL;
    p->credit = *c;
    return 0;
}

static int scheduler_op(struct sim_host *s, struct xen_sysctl_scheduler_op *o)
{
    struct sim_pool *p = o->cpupool_id < SIM_POOLS ? &s->pools[o->cpupool_id] : NULL;

    if (!p || !p->used)
        return -ESRCH;
    if (o->sched_id != p->sched_id)
        return -EINVAL;
    if (o->sched_id != XEN_SCHEDULER_CREDIT2 && o->sched_id != XEN_SCHEDULER_CREDIT)
        return -EOPNOTSUPP;
    if (o->cmd == XEN_SYSCTL_SCHEDOP_putinfo)
        return put_schedule(p, o);
    if (o->cmd != XEN_SYSCTL_SCHEDOP_getinfo)
        return -EINVAL;
    if (o->sched_id == XEN_SCHEDULER_CREDIT2)
        o->u.sched_credit2 = p->params;
    else
        o->u.sched_credit = p->credit;
    return 0;
}

static int with_sysctl(struct sim *sim, struct xen_sysctl *op)
{
    struct sim_host *s = sim->host;

    switch (op->cmd) {
    case XEN_SYSCTL_physinfo:
        return physinfo(s, &op->u.physinfo);
    case XEN_SYSCTL_sched_id:
        op->u.sched_id.sched_id = s->pools[0].sched_id;
        return 0;
    case XEN_SYSCTL_getdomaininfolist:
        return domain_list(s, &op->u.getdomaininfolist);
    case XEN_SYSCTL_readconsole:
        return read_console(s, &op->u.readconsole);
    case XEN_SYSCTL_debug_keys:
        return debug_keys(sim, &op->u.debug_keys);
    case XEN_SYSCTL_getcpuinfo:
        return idle_times(s, &op->u.getcpuinfo);
    case XEN_SYSCTL_availheap:
        op->u.availheap.avail_bytes = s->free_frames << XCTL_PAGE_SHIFT;
        if (op->u.availheap.node >= (int32_t)s->nr_nodes)
            return -EINVAL;
        if (op->u.availheap.node >= 0)
            op->u.availheap.avail_bytes /= s->nr_nodes;
        return 0;
    case XEN_SYSCTL_cpu_hotplug:
        return cpu_hotplug(s, &op->u.cpu_hotplug);
    case XEN_SYSCTL_cputopoinfo:
        return cpu_topology(s, &op->u.cputopoinfo);
    case XEN_SYSCTL_numainfo:
        return numa(s, &op->u.numainfo);
    case XEN_SYSCTL_cpupool_op:
        return sim_cpupool_op(sim, &op->u.cpupool_op);
    case XEN_SYSCTL_scheduler_op:
        return scheduler_op(s, &op->u.scheduler_op);
    default:
        return sim_sysctl_policy(sim, op);
    }
}

int sim_sysctl(struct sim *sim, struct xen_sysctl *op)
{
    if (!sim_domain(sim->host, sim->domid)->privileged)
        return -EPERM;
    if (op->interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    return with_sysctl(sim, op);
}
