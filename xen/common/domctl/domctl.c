/* SPDX-License-Identifier: MIT */
/*
 * domctl.c - hypercall domctl: the one table of operations on a domain, and what all of them have
 * in common: version, target, permission, one at a time, copying back.
 *
 * domctl_lock is only ever tried: a caller that finds it taken comes back later, so that its CPU
 * stays free for interrupts and other vCPUs.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include <xen/domctl-table.h>
#include <public/xenolith.h>

static DEFINE_SPINLOCK(domctl_lock, LOCK_RANK_DOMCTL);

/* Numbers without a row do not exist, or not in a build without the feature: -ENOSYS. */
const struct domctl_row domctl_table[] = {
    [XEN_DOMCTL_createdomain] = {domctl_createdomain, DCF_NO_DOMAIN | DCF_OUT},
    [XEN_DOMCTL_destroydomain] = {domctl_destroydomain, DCF_OTHER},
    [XEN_DOMCTL_pausedomain] = {domctl_pausedomain, DCF_OTHER},
    [XEN_DOMCTL_unpausedomain] = {domctl_unpausedomain, 0},
    [XEN_DOMCTL_getdomaininfo] = {domctl_getdomaininfo, DCF_NO_DOMAIN | DCF_OUT},
    [XEN_DOMCTL_setvcpuaffinity] = {domctl_setvcpuaffinity, 0},
    [XEN_DOMCTL_shadow_op] = {domctl_shadow_op, DCF_OTHER | DCF_OUT},
    [XEN_DOMCTL_max_mem] = {domctl_max_mem, 0},
    [XEN_DOMCTL_setvcpucontext] = {domctl_setvcpucontext, DCF_OTHER},
    [XEN_DOMCTL_getvcpucontext] = {domctl_getvcpucontext, DCF_OTHER | DCF_OUT},
    [XEN_DOMCTL_getvcpuinfo] = {domctl_getvcpuinfo, DCF_OUT},
    [XEN_DOMCTL_max_vcpus] = {domctl_max_vcpus, DCF_OTHER},
    [XEN_DOMCTL_scheduler_op] = {domctl_scheduler_op, DCF_OUT},
    [XEN_DOMCTL_setdomainhandle] = {domctl_setdomainhandle, 0},
    [XEN_DOMCTL_setdebugging] = {domctl_setdebugging, DCF_OTHER},
    [XEN_DOMCTL_irq_permission] = {domctl_irq_permission, 0},
    [XEN_DOMCTL_iomem_permission] = {domctl_iomem_permission, 0},
    [XEN_DOMCTL_ioport_permission] = {domctl_ioport_permission, 0},
    [XEN_DOMCTL_hypercall_init] = {domctl_hypercall_init, 0},
    [XEN_DOMCTL_settimeoffset] = {domctl_settimeoffset, 0},
    [XEN_DOMCTL_getvcpuaffinity] = {domctl_getvcpuaffinity, DCF_OUT},
    [XEN_DOMCTL_resumedomain] = {domctl_resumedomain, DCF_OTHER},
    [XEN_DOMCTL_sendtrigger] = {domctl_sendtrigger, 0},
    [XEN_DOMCTL_subscribe] = {domctl_subscribe, 0},
    [XEN_DOMCTL_gethvmcontext] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_sethvmcontext] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_gethvmcontext_partial] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_set_address_size] = {domctl_set_address_size, 0},
    [XEN_DOMCTL_get_address_size] = {domctl_get_address_size, DCF_OUT},
    [XEN_DOMCTL_assign_device] = {domctl_assign_device, 0},
    [XEN_DOMCTL_test_assign_device] = {domctl_assign_device, DCF_OR_NONE},
    [XEN_DOMCTL_deassign_device] = {domctl_assign_device, 0},
    [XEN_DOMCTL_get_device_group] = {domctl_assign_device, 0},
    [XEN_DOMCTL_bind_pt_irq] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_unbind_pt_irq] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_memory_mapping] = {domctl_memory_mapping, 0},
    [XEN_DOMCTL_ioport_mapping] = {domctl_pv_unsupported, 0},
    [XEN_DOMCTL_set_ext_vcpucontext] = {domctl_set_ext_vcpucontext, 0},
    [XEN_DOMCTL_get_ext_vcpucontext] = {domctl_get_ext_vcpucontext, DCF_OUT},
    [XEN_DOMCTL_set_target] = {domctl_set_target, 0},
    [XEN_DOMCTL_debug_op] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_vm_event_op] = {domctl_vm_event_op, DCF_OTHER | DCF_OUT},
    [XEN_DOMCTL_getpageframeinfo3] = {domctl_getpageframeinfo3, 0},
    [XEN_DOMCTL_setvcpuextstate] = {domctl_setvcpuextstate, DCF_OTHER},
    [XEN_DOMCTL_getvcpuextstate] = {domctl_getvcpuextstate, DCF_OTHER | DCF_OUT},
    [XEN_DOMCTL_get_vcpu_msrs] = {domctl_get_vcpu_msrs, DCF_OTHER | DCF_OUT},
    [XEN_DOMCTL_set_vcpu_msrs] = {domctl_set_vcpu_msrs, DCF_OTHER | DCF_OUT_ERR},
    [XEN_DOMCTL_set_access_required] = {domctl_set_access_required, 0},
    [XEN_DOMCTL_set_broken_page_p2m] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_set_virq_handler] = {domctl_set_virq_handler, 0},
    [XEN_DOMCTL_setnodeaffinity] = {domctl_setnodeaffinity, 0},
    [XEN_DOMCTL_getnodeaffinity] = {domctl_getnodeaffinity, DCF_OUT},
    [XEN_DOMCTL_setvnumainfo] = {domctl_setvnumainfo, 0},
    [XEN_DOMCTL_psr_cmt_op] = {domctl_psr_cmt_op, DCF_OUT},
    [XEN_DOMCTL_psr_alloc] = {domctl_psr_alloc, DCF_OUT},
    [XEN_DOMCTL_monitor_op] = {domctl_monitor_op, DCF_OUT},
    [XEN_DOMCTL_soft_reset] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_vmtrace_op] = {domctl_pv_has_none, 0},
    [XEN_DOMCTL_gettscinfo] = {domctl_gettscinfo, DCF_OTHER | DCF_OUT},
    [XEN_DOMCTL_settscinfo] = {domctl_settscinfo, DCF_OTHER},
    [XEN_DOMCTL_get_cpu_policy] = {domctl_get_cpu_policy, DCF_OUT},
    [XEN_DOMCTL_set_cpu_policy] = {domctl_set_cpu_policy, DCF_OUT_ERR},
    [XEN_DOMCTL_get_paging_mempool_size] = {domctl_paging_mempool, 0},
    [XEN_DOMCTL_set_paging_mempool_size] = {domctl_paging_mempool, 0},
};

/* Ours alone, far from the others. */
static const struct domctl_row fill_row = {domctl_fill_op, DCF_OTHER | DCF_OUT_ERR};

static const struct domctl_row *find_row(u32 cmd)
{
    const struct domctl_row *row = cmd < ARRAY_SIZE(domctl_table) ? &domctl_table[cmd] : NULL;

    if (cmd == XEN_DOMCTL_fill_op)
        return &fill_row;
    return row && row->fn ? row : NULL;
}

static bool wants_domain(const struct domctl_row *row, domid_t id)
{
    if (row && (row->flags & DCF_OR_NONE) && id == DOMID_INVALID)
        return false;
    return !row || !(row->flags & DCF_NO_DOMAIN);
}

/* Only the control domain manages others; the rest may not even ask. */
static long run(const struct domctl_row *row, struct domain *d, struct xen_domctl *op)
{
    long rc;

    if (!current->domain->is_control)
        return -EPERM;
    if (!row)
        return -ENOSYS;
    if ((row->flags & DCF_OTHER) && d == current->domain)
        return -EINVAL;
    if (!spin_trylock(&domctl_lock))
        return -ERESTART;
    rc = row->fn(d, op);
    spin_unlock(&domctl_lock);
    return rc;
}

long do_domctl(unsigned long uop)
{
    const struct domctl_row *row;
    struct domain *d = NULL;
    struct xen_domctl op;
    long rc;

    if (copy_from_guest(&op, uop, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    row = find_row(op.cmd);
    if (wants_domain(row, op.domain)) {
        /* DOMID_SELF names nobody here. */
        d = op.domain < DOMID_FIRST_RESERVED ? get_domain_by_id(op.domain) : NULL;
        if (!d)
            return -ESRCH;
    }
    rc = run(row, d, &op);
    if (d)
        put_domain(d);
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_domctl, 1, uop);
    if (row && ((rc >= 0 && (row->flags & DCF_OUT)) || (row->flags & DCF_OUT_ERR)))
        if (copy_to_guest(uop, &op, sizeof(op)))
            rc = -EFAULT;
    return rc;
}
