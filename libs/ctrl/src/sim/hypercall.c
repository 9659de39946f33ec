/* SPDX-License-Identifier: MIT */
/* hypercall.c - hypercalls of the simulated host: dispatch, and the small ones. */
#include "sim.h"
#include <xenolith/public/platform.h>
#include <xenolith/public/version.h>

#define PTR(x) ((void *)(uintptr_t)(x))

static int64_t version_op(unsigned int cmd, void *arg)
{
    switch (cmd) {
    case XENVER_version:
        return 4 << 16 | 17;
    case XENVER_pagesize:
        return XCTL_PAGE_SIZE;
    case XENVER_extraversion:
        strcpy(arg, "-sim");
        return 0;
    case XENVER_capabilities:
        strcpy(arg, "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 ");
        return 0;
    case XENVER_changeset:
        strcpy(arg, "simulated");
        return 0;
    case XENVER_commandline:
        strcpy(arg, "");
        return 0;
    case XENVER_compile_info:
        *(struct xen_compile_info *)arg = (struct xen_compile_info){
            .compiler = "none", .compile_by = "xenolith", .compile_domain = "sim"};
        return 0;
    case XENVER_platform_parameters:
        ((struct xen_platform_parameters *)arg)->virt_start = __HYPERVISOR_VIRT_START;
        return 0;
    case XENVER_get_features:
        if (((struct xen_feature_info *)arg)->submap_idx > 1)
            return -EINVAL;
        ((struct xen_feature_info *)arg)->submap = 0;
        return 0;
    case XENVER_build_id:
        return -ENODATA;
    default:
        return -ENOSYS;
    }
}

static int sched_op(struct sim *sim, unsigned int cmd, void *arg)
{
    const struct sched_remote_shutdown *r = arg;
    struct sim_domain *me = sim_domain(sim->host, sim->domid), *d;
    int rc;

    switch (cmd) {
    case SCHEDOP_yield:
    case SCHEDOP_block:
        return 0;
    case SCHEDOP_shutdown:
        if (((const struct sched_shutdown *)arg)->reason > SHUTDOWN_MAX)
            return -EINVAL;
        sim_domain_stop(sim, me, ((const struct sched_shutdown *)arg)->reason);
        return 0;
    case SCHEDOP_remote_shutdown:
        rc = sim_target(sim, r->domain_id, &d);
        if (rc)
            return rc;
        if (d == me || r->reason > SHUTDOWN_MAX)
            return -EINVAL;
        sim_domain_stop(sim, d, r->reason);
        return 0;
    default:
        return -ENOSYS;
    }
}

static int map_pirq(struct sim *sim, struct physdev_map_pirq *m)
{
    struct sim_domain *d;
    int rc = sim_target(sim, m->domid, &d), pirq = m->pirq;

    if (rc)
        return rc;
    if (m->type != MAP_PIRQ_TYPE_GSI)
        return -ENODEV;
    if (m->index < 0 || m->index >= SIM_PIRQS)
        return -EINVAL;
    for (int i = 16; pirq < 0 && i < SIM_PIRQS; i++)
        pirq = d->pirqs[i] ? pirq : i;
    if (pirq < 0 || pirq >= SIM_PIRQS)
        return pirq < 0 ? -ENOSPC : -EINVAL;
    d->pirqs[pirq] = 1;
    m->pirq = pirq;
    return 0;
}

static int physdev_op(struct sim *sim, unsigned int cmd, void *arg)
{
    const struct physdev_unmap_pirq *u = arg;
    struct sim_domain *d;
    int rc;

    switch (cmd) {
    case PHYSDEVOP_map_pirq:
        return map_pirq(sim, arg);
    case PHYSDEVOP_unmap_pirq:
        rc = sim_target(sim, u->domid, &d);
        if (rc)
            return rc;
        if (u->pirq < 0 || u->pirq >= SIM_PIRQS || !d->pirqs[u->pirq])
            return -EINVAL;
        d->pirqs[u->pirq] = 0;
        return 0;
    case PHYSDEVOP_setup_gsi:
        return ((const struct physdev_setup_gsi *)arg)->gsi < 0 ? -EINVAL : 0;
    default:
        return -ENOSYS;
    }
}

/* A table leads to frames of the domain only; those below become tables, too, or none again. */
static int set_table(struct sim *sim, struct sim_domain *d, uint64_t mfn, unsigned int level,
                     bool table)
{
    struct sim_frame *f = &sim_frames(sim->host)[mfn];
    const uint64_t *entries = sim_page(sim->host, mfn);

    if (table && f->type && (f->type & 7) != level)
        return -EINVAL;
    if (!(f->type & SIM_PINNED))
        f->type = table ? (uint8_t)level : 0;
    for (unsigned int i = 0; i < XCTL_PAGE_SIZE / sizeof(*entries); i++) {
        uint64_t next;
        int rc;

        /* What is the hypervisor's in a top table. */
        if (!(entries[i] & 1) || (level == 4 && i >= 256 && i < 272))
            continue;
        rc = sim_translate(sim->host, d, (entries[i] & 0xffffffffff000) >> XCTL_PAGE_SHIFT, &next);
        if (!rc && level > 1)
            rc = set_table(sim, d, next, level - 1, table);
        if (rc && table)
            return -EINVAL;
    }
    return 0;
}

static int mmuext_one(struct sim *sim, struct sim_domain *d, const struct mmuext_op *op)
{
    struct sim_frame *f;
    uint64_t mfn;

    if (op->cmd > MMUEXT_UNPIN_TABLE)
        return op->cmd <= MMUEXT_FLUSH_CACHE_GLOBAL ? 0 : -ENOSYS;
    if (d->hvm || sim_translate(sim->host, d, op->arg1.mfn, &mfn))
        return -EINVAL;
    f = &sim_frames(sim->host)[mfn];
    if (op->cmd == MMUEXT_UNPIN_TABLE) {
        if (!(f->type & SIM_PINNED))
            return -EINVAL;
        f->type &= 7;
        return set_table(sim, d, mfn, f->type, false);
    }
    if (f->type & SIM_PINNED)
        return -EINVAL;
    if (set_table(sim, d, mfn, op->cmd + 1, true))
        return -EINVAL;
    f->type = (uint8_t)(SIM_PINNED | (op->cmd + 1));
    return 0;
}

static int mmu_update_one(struct sim *sim, struct sim_domain *d, const struct mmu_update *u)
{
    uint64_t mfn;

    if (sim_translate(sim->host, d, u->ptr >> XCTL_PAGE_SHIFT, &mfn))
        return -EINVAL;
    if ((u->ptr & 3) == MMU_MACHPHYS_UPDATE)
        return sim_p2m_set(sim->host, d, u->val, mfn);
    if (u->ptr & 4)
        return -EINVAL;
    memcpy((char *)sim_page(sim->host, mfn) + (u->ptr & 0xff8), &u->val, sizeof(u->val));
    sim_dirty(&sim_frames(sim->host)[mfn]);
    return 0;
}

static int mmu_list(struct sim *sim, unsigned int op, const uint64_t args[5])
{
    struct sim_domain *d;
    unsigned int *done = PTR(args[2]);
    int rc = sim_target(sim, (domid_t)args[3], &d);

    for (unsigned int i = 0; !rc && i < args[1]; i++) {
        rc = op == __HYPERVISOR_mmuext_op
                 ? mmuext_one(sim, d, (const struct mmuext_op *)PTR(args[0]) + i)
                 : mmu_update_one(sim, d, (const struct mmu_update *)PTR(args[0]) + i);
        if (!rc && done)
            *done = i + 1;
    }
    return rc;
}

static int platform_op(struct sim *sim, struct xen_platform_op *op)
{
    struct xenpf_pcpuinfo *p = &op->u.pcpu_info;

    if (!sim_domain(sim->host, sim->domid)->privileged)
        return -EPERM;
    if (op->interface_version != XENPF_INTERFACE_VERSION)
        return -EACCES;
    if (op->cmd != XENPF_get_cpuinfo)
        return -ENOSYS;
    p->max_present = sim->host->nr_cpus - 1;
    p->flags = XEN_PCPU_FLAGS_INVALID;
    if (p->xen_cpuid < sim->host->nr_cpus) {
        p->flags = sim->host->cpu_offline[p->xen_cpuid] ? 0 : XEN_PCPU_FLAGS_ONLINE;
        p->apic_id = p->acpi_id = p->xen_cpuid;
    }
    return 0;
}

static int console_op(struct sim *sim, const uint64_t args[5])
{
    if (args[0] != CONSOLEIO_write)
        return args[0] == CONSOLEIO_read ? 0 : -ENOSYS;
    sim_print(sim, PTR(args[2]), args[1]);
    return 0;
}

/* Which planned failure a call may be. */
static void classify(unsigned int op, const uint64_t args[5], enum xctl_sim_call *ret_call,
                     int *ret_cmd)
{
    const struct multicall_entry *m = PTR(args[0]);

    *ret_call = XCTL_SIM_HYPERCALL;
    *ret_cmd = (int)op;
    if (op == __HYPERVISOR_domctl) {
        *ret_call = XCTL_SIM_DOMCTL;
        *ret_cmd = (int)((const struct xen_domctl *)PTR(args[0]))->cmd;
    } else if (op == __HYPERVISOR_sysctl) {
        *ret_call = XCTL_SIM_SYSCTL;
        *ret_cmd = (int)((const struct xen_sysctl *)PTR(args[0]))->cmd;
    } else if (op == __HYPERVISOR_multicall && args[1] && m->op == __HYPERVISOR_memory_op) {
        *ret_call = XCTL_SIM_MEMORY;
        *ret_cmd = (int)m->args[0];
    } else if (op == __HYPERVISOR_event_channel_op) {
        *ret_call = XCTL_SIM_EVTCHN;
        *ret_cmd = (int)args[0];
    }
}

static int64_t dispatch(struct sim *sim, unsigned int op, const uint64_t args[5]);

static int64_t multicall(struct sim *sim, struct multicall_entry *list, uint64_t nr)
{
    for (uint64_t i = 0; i < nr; i++) {
        uint64_t args[5];

        memcpy(args, list[i].args, sizeof(args));
        list[i].result = list[i].op == __HYPERVISOR_multicall
                             ? (xen_ulong_t)-EINVAL
                             : (xen_ulong_t)dispatch(sim, (unsigned int)list[i].op, args);
    }
    return 0;
}

static int64_t dispatch(struct sim *sim, unsigned int op, const uint64_t args[5])
{
    switch (op) {
    case __HYPERVISOR_domctl:
        return sim_domctl(sim, PTR(args[0]));
    case __HYPERVISOR_sysctl:
        return sim_sysctl(sim, PTR(args[0]));
    case __HYPERVISOR_platform_op:
        return platform_op(sim, PTR(args[0]));
    case __HYPERVISOR_multicall:
        return multicall(sim, PTR(args[0]), args[1]);
    case __HYPERVISOR_memory_op:
        return sim_memory_op(sim, (unsigned int)args[0], PTR(args[1]));
    case __HYPERVISOR_xen_version:
        return version_op((unsigned int)args[0], PTR(args[1]));
    case __HYPERVISOR_event_channel_op:
        return sim_evtchn_op(sim, (unsigned int)args[0], PTR(args[1]));
    case __HYPERVISOR_grant_table_op:
        return sim_gnttab_op(sim, (unsigned int)args[0], PTR(args[1]), (unsigned int)args[2]);
    case __HYPERVISOR_hvm_op:
        return sim_hvm_op(sim, (unsigned int)args[0], PTR(args[1]));
    case __HYPERVISOR_sched_op:
        return sched_op(sim, (unsigned int)args[0], PTR(args[1]));
    case __HYPERVISOR_physdev_op:
        return physdev_op(sim, (unsigned int)args[0], PTR(args[1]));
    case __HYPERVISOR_mmuext_op:
    case __HYPERVISOR_mmu_update:
        return mmu_list(sim, op, args);
    case __HYPERVISOR_console_io:
        return console_op(sim, args);
    case __HYPERVISOR_hypfs_op:
        return sim_hypfs_op(sim, args);
    default:
        return -ENOSYS;
    }
}

int64_t sim_hypercall(xctl_handle *h, unsigned int op, const uint64_t args[5])
{
    struct sim *sim = sim_of(h);
    enum xctl_sim_call call;
    int64_t rc;
    int cmd;

    classify(op, args, &call, &cmd);
    rc = sim_enter(sim, call, cmd, (int)op);
    if (rc)
        return rc;
    /* A domain that is gone makes no calls. */
    rc = sim_domain(sim->host, sim->domid) ? dispatch(sim, op, args) : -ESRCH;
    sim_unlock(sim->host);
    return rc;
}
