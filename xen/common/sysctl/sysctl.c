/* SPDX-License-Identifier: MIT */
/*
 * sysctl.c - hypercall sysctl: the one table of operations on the whole host, and what all of them
 * have in common: version, permission, one at a time, copying back.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include <xen/sysctl-table.h>

static DEFINE_SPINLOCK(sysctl_lock, LOCK_RANK_DOMCTL);

struct row {
    sysctl_fn *fn;
    u8 flags;
};

/* Numbers without a row do not exist, or not in a build without the feature: -ENOSYS. */
static const struct row rows[] = {
    [XEN_SYSCTL_readconsole] = {sysctl_readconsole, SCF_OUT},
    [XEN_SYSCTL_tbuf_op] = {sysctl_tbuf_op, SCF_OUT},
    [XEN_SYSCTL_physinfo] = {sysctl_physinfo, SCF_OUT},
    [XEN_SYSCTL_sched_id] = {sysctl_sched_id, SCF_OUT},
    [XEN_SYSCTL_getdomaininfolist] = {sysctl_getdomaininfolist, SCF_OUT},
    [XEN_SYSCTL_debug_keys] = {sysctl_debug_keys, 0},
    [XEN_SYSCTL_getcpuinfo] = {sysctl_getcpuinfo, SCF_OUT},
    [XEN_SYSCTL_availheap] = {sysctl_availheap, SCF_OUT},
    [XEN_SYSCTL_get_pmstat] = {sysctl_get_pmstat, 0},
    [XEN_SYSCTL_cpu_hotplug] = {sysctl_cpu_hotplug, 0},
    [XEN_SYSCTL_pm_op] = {sysctl_pm_op, SCF_OUT},
    [XEN_SYSCTL_cputopoinfo] = {sysctl_cputopoinfo, SCF_OUT},
    [XEN_SYSCTL_numainfo] = {sysctl_numainfo, SCF_OUT},
    [XEN_SYSCTL_cpupool_op] = {sysctl_cpupool_op, SCF_OUT},
    [XEN_SYSCTL_scheduler_op] = {sysctl_scheduler_op, SCF_OUT},
    [XEN_SYSCTL_pcitopoinfo] = {sysctl_pcitopoinfo, SCF_OUT},
    [XEN_SYSCTL_get_cpu_levelling_caps] = {sysctl_get_cpu_levelling_caps, SCF_OUT},
    [XEN_SYSCTL_get_cpu_featureset] = {sysctl_get_cpu_featureset, SCF_OUT | SCF_OUT_ERR},
    [XEN_SYSCTL_get_cpu_policy] = {sysctl_get_cpu_policy, SCF_OUT | SCF_OUT_ERR},
};

static const struct row *find_row(u32 cmd)
{
    const struct row *row = cmd < ARRAY_SIZE(rows) ? &rows[cmd] : NULL;

    return row && row->fn ? row : NULL;
}

long do_sysctl(unsigned long uop)
{
    const struct row *row;
    struct xen_sysctl op;
    long rc;

    if (copy_from_guest(&op, uop, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    if (!current->domain->is_control)
        return -EPERM;
    row = find_row(op.cmd);
    if (!row)
        return -ENOSYS;
    /* Only tried, so that this CPU stays free for others while it waits. */
    if (!spin_trylock(&sysctl_lock))
        return hypercall_continue(__HYPERVISOR_sysctl, 1, uop);
    rc = row->fn(&op);
    spin_unlock(&sysctl_lock);
    if ((rc >= 0 && (row->flags & SCF_OUT)) || (row->flags & SCF_OUT_ERR))
        if (copy_to_guest(uop, &op, sizeof(op)))
            rc = -EFAULT;
    return rc;
}
