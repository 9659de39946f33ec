/* SPDX-License-Identifier: MIT */
/* pv.h - what the rest of arch/x86 needs of PV guests. See arch/x86/pv/. */
#ifndef ASM_PV_H
#define ASM_PV_H

#include <xen/types.h>
#include <asm/current.h>

struct vcpu;
struct domain;

/* An exception, or int 0x80, from a guest. Interrupts off. */
void pv_trap(struct cpu_user_regs *regs);
/* The IRET that returns to the guest faulted: bad selector or address. Does not return. */
void pv_iret_fault(struct cpu_user_regs *regs) __noreturn;
void nmi_in_hypervisor(struct cpu_user_regs *regs);
/* Softirqs, exceptions, NMIs and events that wait: all done on return. Interrupts off both ways. */
void pv_exit_work(struct cpu_user_regs *regs);
void pv_syscall_from_user(struct cpu_user_regs *regs);
void pv_syscall_frame_fault(struct cpu_user_regs *regs);
/* entry.S: with reset_stack_and_jump after the guest's registers are complete. */
void exit_to_guest(void);

int pv_domain_init(struct domain *d) __must_check;
void pv_domain_free(struct domain *d);
int pv_vcpu_init(struct vcpu *v) __must_check;
void pv_vcpu_free(struct vcpu *v);
/* Loads what VCPUOP_initialise and setvcpucontext give. Checks all, then commits. -ERESTART: not
 * there yet, to be called again with the same context. */
struct vcpu_guest_context;
int pv_vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *ctx) __must_check;
/* The same for a vCPU that has a context: page tables, GDT and LDT must be what they are, else
 * -EOPNOTSUPP. It must not be running. */
int pv_vcpu_change_context(struct vcpu *v, const struct vcpu_guest_context *ctx) __must_check;
/* All of a vCPU that is not running, into a zeroed structure. */
void pv_vcpu_get_context(const struct vcpu *v, struct vcpu_guest_context *ctx);
/* Drops every reference the vCPU holds; it has no context then. Not running. With preempt: 0, or
 * -ERESTART to be called again; without, nothing may be parked any more. */
int pv_vcpu_reset(struct vcpu *v, bool preempt) __must_check;
/* Works out what CR3 is to be for those of v's L4s for which it is 0. Not running. */
void pv_load_bases(struct vcpu *v);
/* Drops one of v's L4s, &arch.kernel_l4 or &arch.user_l4; -ERESTART as pt_put_l4(). Not running. */
int pv_put_base(struct vcpu *v, mfn_t *l4, bool preempt);
/* Recomputes arch.fast_syscall_sp and the like after a change of stack, callback, vm_assist or
 * log-dirty. */
void pv_update_fast_path(struct vcpu *v);
/* Writes the stubs for hypercalls that older kernels jump to. */
void pv_fill_hypercall_page(void *page);
/* VMASST_TYPE_* that a guest may turn on. */
#define VM_ASSIST_VALID                                                                \
    (1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify |        \
     1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 |    \
     1UL << VMASST_TYPE_architectural_iopl | 1UL << VMASST_TYPE_runstate_update_flag | \
     1UL << VMASST_TYPE_m2p_strict)
/* This CPU's own page into v's GDT window. Before CR3: no walk may find another CPU's page. */
void pv_map_cpu_gdt(struct vcpu *v);
/* Points the CPU's GDT window at v's tables / loads its LDT. */
void pv_load_gdt(struct vcpu *v);
void pv_load_ldt(struct vcpu *v);
/* Unmaps the LDT pages that were faulted in and drops their references. */
void pv_forget_ldt(struct vcpu *v);
/* Copies a 64-bit L4's hypervisor slots into a table of d. */
void pv_init_l4_slots(struct domain *d, unsigned long *l4);

#endif /* ASM_PV_H */
