/* SPDX-License-Identifier: MIT */
/* tables.c - the fields of domains and vCPUs, for printers. */
#include <xenolith/light-domain.h>
#include "../config/fields.h"

#define T struct xlight_domain
static const struct xlight_field domain_fields[] = {
    FIELD(U32, domid, "domid"),
    FIELD(STRING, name, "name"),
    FIELD(UUID, uuid, "uuid"),
    FIELD(ENUM, type, "type", .names = xlight__type_names),
    FIELD(U64, memory_kb, "memory_kb"),
    FIELD(U64, claimed_kb, "claimed_kb"),
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
