/* SPDX-License-Identifier: MIT */
/*
 * hypercall.h - every hypercall's entry function, and continuations.
 *
 * Arguments arrive as the guest passed them: numbers, or guest linear addresses (guest-access.h).
 * Each returns 0 or a positive result, or a negative errno; it checks everything before it changes
 * anything. common/hypercall/table.c maps numbers to functions.
 */
#ifndef XEN_HYPERCALL_H
#define XEN_HYPERCALL_H

#include <xen/types.h>

struct vcpu;

long do_set_trap_table(unsigned long traps);
long do_mmu_update(unsigned long ureqs, unsigned long count, unsigned long pdone,
                   unsigned long foreigndom);
long do_set_gdt(unsigned long frames, unsigned long entries);
long do_stack_switch(unsigned long ss, unsigned long sp);
long do_set_callbacks(unsigned long event, unsigned long failsafe, unsigned long syscall);
long do_sched_op_compat(unsigned long cmd, unsigned long arg);
long do_fpu_taskswitch(unsigned long set);
long do_platform_op(unsigned long op);
long do_set_debugreg(unsigned long reg, unsigned long value);
long do_get_debugreg(unsigned long reg);
long do_update_descriptor(unsigned long maddr, unsigned long desc);
/* The command number is below this bit of cmd; above it, where a preempted call goes on. */
#define MEMOP_EXTENT_SHIFT 6
long do_memory_op(unsigned long cmd, unsigned long arg);
long do_multicall(unsigned long list, unsigned long nr);
long do_update_va_mapping(unsigned long va, unsigned long val, unsigned long flags);
long do_set_timer_op(unsigned long timeout);
long do_xen_version(unsigned long cmd, unsigned long arg);
long do_console_io(unsigned long cmd, unsigned long count, unsigned long buffer);
long do_grant_table_op(unsigned long cmd, unsigned long uop, unsigned long count);
long do_vm_assist(unsigned long cmd, unsigned long type);
long do_update_va_mapping_otherdomain(unsigned long va, unsigned long val, unsigned long flags,
                                      unsigned long domid);
long do_iret(void);
long do_vcpu_op(unsigned long cmd, unsigned long vcpuid, unsigned long arg);
long do_set_segment_base(unsigned long which, unsigned long base);
long do_mmuext_op(unsigned long uops, unsigned long count, unsigned long pdone,
                  unsigned long foreigndom);
long do_sched_op(unsigned long cmd, unsigned long arg);
long do_callback_op(unsigned long cmd, unsigned long arg);
long do_event_channel_op(unsigned long cmd, unsigned long arg);
long do_physdev_op(unsigned long cmd, unsigned long arg);
long do_sysctl(unsigned long op);
long do_domctl(unsigned long op);
long do_mca(unsigned long op);
long do_xenpmu_op(unsigned long op, unsigned long arg);
long do_hypfs_op(unsigned long cmd, unsigned long upath, unsigned long len, unsigned long ubuf,
                 unsigned long size);

/* Which table v's hypercalls go through: on, each is made again until it finds all pages that it
 * needs filled (<xen/fill.h>). v does not run. */
void hypercalls_when_filled(struct vcpu *v, bool on);

/* Long work should stop and continue later: softirqs or events wait. */
bool hypercall_preempt_check(void);
/*
 * Arranges that the current hypercall is issued again with these arguments once the vCPU runs
 * again; return its value from the hypercall. Works inside multicall too.
 */
long hypercall_continue(unsigned int op, unsigned int nr_args, ...);

#endif /* XEN_HYPERCALL_H */
