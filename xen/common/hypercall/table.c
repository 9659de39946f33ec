/* SPDX-License-Identifier: MIT */
/*
 * table.c - hypercall numbers to functions. entry.S calls through this table for every number below
 * NR_HYPERCALLS, with the arguments in registers; functions take as many as they need.
 */
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <public/xen.h>
#include "private.h"

#define HYPERCALL(name) [__HYPERVISOR_##name] = (hypercall_fn *)(void *)do_##name

hypercall_fn *const hypercall_table[NR_HYPERCALLS] = {
    HYPERCALL(set_trap_table),
    HYPERCALL(mmu_update),
    HYPERCALL(set_gdt),
    HYPERCALL(stack_switch),
    HYPERCALL(set_callbacks),
    HYPERCALL(fpu_taskswitch),
    HYPERCALL(sched_op_compat),
    HYPERCALL(platform_op),
    HYPERCALL(set_debugreg),
    HYPERCALL(get_debugreg),
    HYPERCALL(update_descriptor),
    HYPERCALL(memory_op),
    HYPERCALL(multicall),
    HYPERCALL(update_va_mapping),
    HYPERCALL(set_timer_op),
    HYPERCALL(xen_version),
    HYPERCALL(console_io),
    HYPERCALL(grant_table_op),
    HYPERCALL(vm_assist),
    HYPERCALL(update_va_mapping_otherdomain),
    HYPERCALL(iret),
    HYPERCALL(vcpu_op),
    HYPERCALL(set_segment_base),
    HYPERCALL(mmuext_op),
    HYPERCALL(sched_op),
    HYPERCALL(callback_op),
    HYPERCALL(event_channel_op),
    HYPERCALL(physdev_op),
    HYPERCALL(sysctl),
    HYPERCALL(domctl),
    HYPERCALL(xenpmu_op),
    HYPERCALL(hypfs_op),
    [__HYPERVISOR_arch_0] = (hypercall_fn *)(void *)do_mca,
};
