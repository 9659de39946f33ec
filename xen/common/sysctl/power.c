/* SPDX-License-Identifier: MIT */
/*
 * power.c - sysctl operations on power states and CPU hotplug. The hypervisor neither scales
 * frequencies nor enters deeper states than HLT, so it answers as 4.17 does where no driver took
 * hold.
 */
#include <xen/lib.h>
#include <xen/percpu.h>
#include <xen/sysctl-table.h>

static bool is_online(u32 cpu)
{
    return cpu < NR_CPUS && cpumask_test(cpu, &cpu_online_map);
}

long sysctl_get_pmstat(struct xen_sysctl *op)
{
    const struct xen_sysctl_get_pmstat *p = &op->u.get_pmstat;

    if (!is_online(p->cpuid))
        return -EINVAL;
    switch (p->type & PMSTAT_CATEGORY_MASK) {
    case PMSTAT_PX:
    case PMSTAT_CX:
        return -ENODEV;
    }
    return -ENODEV;
}

long sysctl_pm_op(struct xen_sysctl *op)
{
    struct xen_sysctl_pm_op *p = &op->u.pm_op;

    if (!is_online(p->cpuid))
        return -EINVAL;
    switch (p->cmd) {
    case XEN_SYSCTL_pm_op_get_max_cstate:
        p->u.get_max_cstate = XEN_SYSCTL_CX_UNLIMITED;
        return 0;
    case GET_CPUFREQ_PARA:
    case SET_CPUFREQ_GOV:
    case SET_CPUFREQ_PARA:
    case GET_CPUFREQ_AVGFREQ:
        return -ENODEV;
    case XEN_SYSCTL_pm_op_set_sched_opt_smt:
    case XEN_SYSCTL_pm_op_set_max_cstate:
    case XEN_SYSCTL_pm_op_enable_turbo:
    case XEN_SYSCTL_pm_op_disable_turbo:
        return -EOPNOTSUPP;
    }
    return -EINVAL;
}

/* CPUs stay up once they are. */
long sysctl_cpu_hotplug(struct xen_sysctl *op)
{
    switch (op->u.cpu_hotplug.op) {
    case XEN_SYSCTL_CPU_HOTPLUG_ONLINE:
        return is_online(op->u.cpu_hotplug.cpu) ? 0 : -EINVAL;
    case XEN_SYSCTL_CPU_HOTPLUG_OFFLINE:
        return op->u.cpu_hotplug.cpu == 0 ? -EINVAL : -EOPNOTSUPP;
    }
    return -EOPNOTSUPP;
}
