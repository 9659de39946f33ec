/* SPDX-License-Identifier: MIT */
/* tables.c - the fields of what questions are answered with, for printers. */
#include "query.h"

#define T struct xlight_domain
static const struct xlight_field domain_fields[] = {
    FIELD(U32, domid, "domid"),
    FIELD(STRING, name, "name"),
    FIELD(UUID, uuid, "uuid"),
    FIELD(ENUM, type, "type", .names = xlight__type_names),
    FIELD(U64, memory_kb, "memory_kb"),
    FIELD(U64, claimed_kb, "claimed_kb"),
    FIELD(U64, shared_kb, "shared_kb"),
    FIELD(U64, max_memory_kb, "max_memory_kb"),
    FIELD(U32, vcpus_online, "vcpus_online"),
    FIELD(U32, vcpus, "vcpus"),
    FIELD(BOOL, running, "running"),
    FIELD(BOOL, blocked, "blocked"),
    FIELD(BOOL, paused, "paused"),
    FIELD(BOOL, shutdown, "shutdown"),
    FIELD(BOOL, dying, "dying"),
    FIELD(INT, shutdown_reason, "shutdown_reason", .preset = -1),
    FIELD(U64, cpu_time_ns, "cpu_time_ns"),
    FIELD(U32, cpupool, "cpupool"),
};
#undef T

#define T struct xlight_vcpu
static const struct xlight_field vcpu_fields[] = {
    FIELD(U32, domid, "domid"),
    FIELD(U32, vcpu, "vcpu"),
    FIELD(BOOL, online, "online"),
    FIELD(BOOL, blocked, "blocked"),
    FIELD(BOOL, running, "running"),
    FIELD(U32, cpu, "cpu"),
    FIELD(U64, cpu_time_ns, "cpu_time_ns"),
    FIELD(BITS, hard, "hard"),
    FIELD(BITS, soft, "soft"),
};
#undef T

#define T struct xlight_host
static const struct xlight_field host_fields[] = {
    FIELD(STRING, name, "host"),
    FIELD(STRING, release, "release"),
    FIELD(STRING, version, "version"),
    FIELD(STRING, machine, "machine"),
    FIELD(U32, cpus, "nr_cpus"),
    FIELD(U32, max_cpu, "max_cpu_id"),
    FIELD(U32, nodes, "nr_nodes"),
    FIELD(U32, cores, "cores_per_socket"),
    FIELD(U32, threads, "threads_per_core"),
    FIELD(U32, khz, "cpu_khz"),
    FIELD(STRING, features, "hw_caps"),
    FIELD(STRING, guest_support, "virt_caps"),
    FIELD(U64, memory_kb, "total_memory_kb"),
    FIELD(U64, free_kb, "free_memory_kb"),
    FIELD(U64, sharing_freed_kb, "sharing_freed_kb"),
    FIELD(U64, sharing_used_kb, "sharing_used_kb"),
    FIELD(U64, claimed_kb, "outstanding_claims_kb"),
    FIELD(U32, free_cpus, "free_cpus"),
    FIELD(U32, major, "xen_major"),
    FIELD(U32, minor, "xen_minor"),
    FIELD(STRING, extra, "xen_extra"),
    FIELD(STRING, capabilities, "xen_caps"),
    FIELD(STRING, scheduler, "xen_scheduler"),
    FIELD(U32, page_size, "xen_pagesize"),
    FIELD(U64, virt_start, "virt_start"),
    FIELD(STRING, changeset, "xen_changeset"),
    FIELD(STRING, command_line, "xen_commandline"),
    FIELD(STRING, compiler, "cc_compiler"),
    FIELD(STRING, compiled_by, "cc_compile_by"),
    FIELD(STRING, compile_domain, "cc_compile_domain"),
    FIELD(STRING, compile_date, "cc_compile_date"),
    FIELD(STRING, build_id, "build_id"),
};
#undef T

#define T struct xlight_host_cpu
static const struct xlight_field cpu_fields[] = {
    FIELD(U32, cpu, "cpu"),
    FIELD(U32, core, "core"),
    FIELD(U32, socket, "socket"),
    FIELD(U32, node, "node"),
};
#undef T

#define T struct xlight_node
static const struct xlight_field node_fields[] = {
    FIELD(U32, node, "node"),
    FIELD(U64, memory_kb, "memory_kb"),
    FIELD(U64, free_kb, "free_kb"),
    LIST(U32, distances, nr_distances, "distances"),
};
#undef T

#define T struct xlight_pci_node
static const struct xlight_field pci_fields[] = {
    FIELD(U32, segment, "segment"),   FIELD(U32, bus, "bus"),   FIELD(U32, device, "device"),
    FIELD(U32, function, "function"), FIELD(U32, node, "node"),
};
#undef T

static const struct xlight_name schedulers[] = {
    {XLIGHT_CREDIT, "credit", NULL},       {XLIGHT_CREDIT2, "credit2", NULL},
    {XLIGHT_ARINC653, "arinc653", NULL},   {XLIGHT_RTDS, "rtds", NULL},
    {XLIGHT_NULL_SCHEDULER, "null", NULL}, {0, NULL, NULL}};

const char *xlight_scheduler_name(int scheduler)
{
    const struct xlight_name *n = xlight__name_of(schedulers, scheduler);

    return n ? n->json : "unknown";
}

int xlight_scheduler_find(const char *name, int *ret_scheduler)
{
    for (const struct xlight_name *n = schedulers; n->json; n++)
        if (!strcmp(n->json, name)) {
            *ret_scheduler = n->value;
            return 0;
        }
    return -EINVAL;
}

#define T struct xlight_cpupool
static const struct xlight_field pool_fields[] = {
    FIELD(U32, id, "id"),
    FIELD(STRING, name, "name"),
    FIELD(ENUM, scheduler, "scheduler", .names = schedulers),
    FIELD(U32, domains, "domains"),
    FIELD(BITS, cpus, "cpus"),
};
#undef T

#define T struct xlight_cpupool_config
static const struct xlight_field pool_config_fields[] = {
    FIELD(STRING, name, "name", .key = "name", .help = "What the pool is called."),
    FIELD(ENUM, scheduler, "scheduler", .key = "sched", .names = schedulers,
          .help = "What schedules its domains; as pool 0 if not given."),
    LIST(STRING, nodes, nr_nodes, "nodes", .key = "nodes",
         .help = "Numbers of NUMA nodes; their free CPUs are taken."),
    LIST(STRING, cpus, nr_cpus, "cpus", .key = "cpus", .help = "CPUs, which must be free."),
};
#undef T

#define T struct xlight_sched
static const struct xlight_field sched_fields[] = {
    FIELD(U32, domid, "domid"),          FIELD(ENUM, scheduler, "scheduler", .names = schedulers),
    FIELD(U32, weight, "weight"),        FIELD(U32, cap, "cap"),
    FIELD(U32, period_us, "period_us"),  FIELD(U32, budget_us, "budget_us"),
    FIELD(BOOL, extratime, "extratime"),
};
#undef T

#define T struct xlight_sched_vcpu
static const struct xlight_field sched_vcpu_fields[] = {
    FIELD(U32, domid, "domid"),          FIELD(U32, vcpu, "vcpu"),
    FIELD(U32, period_us, "period_us"),  FIELD(U32, budget_us, "budget_us"),
    FIELD(BOOL, extratime, "extratime"),
};
#undef T

#define T struct xlight_sched_pool
static const struct xlight_field sched_pool_fields[] = {
    FIELD(U32, id, "id"),
    FIELD(ENUM, scheduler, "scheduler", .names = schedulers),
    FIELD(U32, slice_ms, "slice_ms"),
    FIELD(U32, ratelimit_us, "ratelimit_us"),
    FIELD(U32, migration_delay_us, "migration_delay_us"),
};
#undef T

const struct xlight_type *xlight_domain_type(void)
{
    static const struct xlight_type type = TYPE("domain", struct xlight_domain, domain_fields, );

    return &type;
}

const struct xlight_type *xlight_vcpu_type(void)
{
    static const struct xlight_type type = TYPE("vcpu", struct xlight_vcpu, vcpu_fields, );

    return &type;
}

const struct xlight_type *xlight_host_type(void)
{
    static const struct xlight_type type = TYPE("host", struct xlight_host, host_fields, );

    return &type;
}

const struct xlight_type *xlight_host_cpu_type(void)
{
    static const struct xlight_type type = TYPE("host-cpu", struct xlight_host_cpu, cpu_fields, );

    return &type;
}

const struct xlight_type *xlight_node_type(void)
{
    static const struct xlight_type type = TYPE("node", struct xlight_node, node_fields, );

    return &type;
}

const struct xlight_type *xlight_pci_node_type(void)
{
    static const struct xlight_type type = TYPE("pci-node", struct xlight_pci_node, pci_fields, );

    return &type;
}

const struct xlight_type *xlight_cpupool_type(void)
{
    static const struct xlight_type type = TYPE("cpupool", struct xlight_cpupool, pool_fields, );

    return &type;
}

const struct xlight_type *xlight_sched_type(void)
{
    static const struct xlight_type type = TYPE("sched", struct xlight_sched, sched_fields, );

    return &type;
}

const struct xlight_type *xlight_sched_vcpu_type(void)
{
    static const struct xlight_type type =
        TYPE("sched-vcpu", struct xlight_sched_vcpu, sched_vcpu_fields, );

    return &type;
}

const struct xlight_type *xlight_sched_pool_type(void)
{
    static const struct xlight_type type =
        TYPE("sched-pool", struct xlight_sched_pool, sched_pool_fields, );

    return &type;
}

const struct xlight_type *xlight_cpupool_config_type(void)
{
    static const struct xlight_type type =
        TYPE("cpupool-config", struct xlight_cpupool_config, pool_config_fields, );

    return &type;
}
