/* SPDX-License-Identifier: MIT */
/*
 * domctl-table.h - what the files of common/domctl and arch/x86/domctl share: one function for
 * each operation, found through the table in domctl.c.
 *
 * A function gets the target with a reference (or NULL, if its row says so) and the copied-in
 * argument. The caller holds domctl_lock, so operations never race each other. It returns 0 or a
 * positive result, a negative errno, or -ERESTART after progress it can continue from: then the
 * same argument comes again.
 */
#ifndef XEN_DOMCTL_TABLE_H
#define XEN_DOMCTL_TABLE_H

#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/sched.h>
#include <public/domctl.h>

typedef long domctl_fn(struct domain *d, struct xen_domctl *op);

/* Rows. */
#define DCF_NO_DOMAIN 1U  /* op->domain is not looked up */
#define DCF_OTHER     2U  /* -EINVAL on the caller's own domain */
#define DCF_OUT       4U  /* the argument is copied back after success */
#define DCF_OUT_ERR   8U  /* ... and after an error too */
#define DCF_OR_NONE   16U /* DOMID_INVALID is fine too, and means no domain */

struct domctl_row {
    domctl_fn *fn;
    u8 flags;
};
extern const struct domctl_row domctl_table[];

/* -EINVAL: d can have no such vCPU; -ESRCH: it does not have it yet. */
static inline int domctl_find_vcpu(const struct domain *d, u32 id, struct vcpu **ret_v)
{
    if (id >= d->max_vcpus)
        return -EINVAL;
    if (!d->vcpu[id])
        return -ESRCH;
    *ret_v = d->vcpu[id];
    return 0;
}

/* life.c */
domctl_fn domctl_createdomain, domctl_destroydomain, domctl_pausedomain, domctl_unpausedomain,
    domctl_getdomaininfo, domctl_max_vcpus, domctl_resumedomain;
/* settings.c */
domctl_fn domctl_max_mem, domctl_setdomainhandle, domctl_setdebugging, domctl_settimeoffset,
    domctl_subscribe, domctl_set_virq_handler, domctl_set_target, domctl_scheduler_op,
    domctl_setnodeaffinity, domctl_getnodeaffinity;
/* vcpu.c */
domctl_fn domctl_setvcpuaffinity, domctl_getvcpuaffinity, domctl_setvcpucontext,
    domctl_getvcpucontext, domctl_getvcpuinfo, domctl_sendtrigger;
/* common/domain/vnuma.c */
domctl_fn domctl_setvnumainfo;

/* arch/x86/domctl */
domctl_fn domctl_hypercall_init, domctl_getpageframeinfo3, domctl_set_address_size,
    domctl_get_address_size, domctl_set_ext_vcpucontext, domctl_get_ext_vcpucontext,
    domctl_irq_permission, domctl_iomem_permission, domctl_ioport_permission, domctl_memory_mapping,
    domctl_paging_mempool, domctl_pv_has_none, domctl_pv_unsupported, domctl_assign_device,
    domctl_shadow_op, domctl_fill_op, domctl_vm_event_op, domctl_monitor_op,
    domctl_set_access_required, domctl_psr_cmt_op, domctl_psr_alloc, domctl_get_cpu_policy,
    domctl_set_cpu_policy, domctl_gettscinfo, domctl_settscinfo, domctl_getvcpuextstate,
    domctl_setvcpuextstate, domctl_get_vcpu_msrs, domctl_set_vcpu_msrs;

#endif /* XEN_DOMCTL_TABLE_H */
