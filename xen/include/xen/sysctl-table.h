/* SPDX-License-Identifier: MIT */
/*
 * sysctl-table.h - one function for each operation on the host, found through the table in
 * sysctl.c. The caller is the control domain and holds sysctl_lock. 0 or a positive result, or a
 * negative errno.
 */
#ifndef XEN_SYSCTL_TABLE_H
#define XEN_SYSCTL_TABLE_H

#include <xen/errno.h>
#include <public/sysctl.h>

typedef long sysctl_fn(struct xen_sysctl *op);

#define SCF_OUT     1U /* the argument is copied back after success */
#define SCF_OUT_ERR 2U /* ... and after an error too */

/* console.c */
sysctl_fn sysctl_readconsole, sysctl_debug_keys, sysctl_tbuf_op;
/* info.c */
sysctl_fn sysctl_physinfo, sysctl_getdomaininfolist, sysctl_getcpuinfo, sysctl_availheap,
    sysctl_cputopoinfo, sysctl_numainfo, sysctl_pcitopoinfo;
/* sched.c */
sysctl_fn sysctl_sched_id, sysctl_cpupool_op, sysctl_scheduler_op;
/* arch/x86/domctl/policy.c */
sysctl_fn sysctl_get_cpu_policy, sysctl_get_cpu_featureset, sysctl_get_cpu_levelling_caps;
/* power.c */
sysctl_fn sysctl_get_pmstat, sysctl_pm_op, sysctl_cpu_hotplug;

#endif /* XEN_SYSCTL_TABLE_H */
