/* SPDX-License-Identifier: MIT */
/* private.h (pv) - what the PV guest code shares among its files, by file. */
#ifndef PV_PRIVATE_H
#define PV_PRIVATE_H

#include <xen/types.h>
#include <xen/errno.h>
#include <xen/sched.h>
#include <asm/system.h>
#include "../emul/decode.h"

/* --- traps.c --- */
/* Where a guest's kernel goes on, and what its frame carries. rip 0: there is no handler. */
struct bounce_target {
    unsigned long rip;
    bool mask_events, has_error;
    u8 vector; /* for messages */
    u32 error;
};

/* --- callbacks.c --- */
bool pv_code_address_ok(unsigned long addr);
/* Makes a trap table entry safe: ring 3 selector, address that can be jumped to or 0. */
void pv_fix_trap(struct trap_info *t);

/* --- segments.c --- */
/* References and type references on n GDT frames, all or none: 0 or -EINVAL. */
int pv_take_gdt_frames(struct domain *d, const unsigned long *frames, unsigned int n) __must_check;
/* Puts taken frames into v's window in place of what was there. */
void pv_install_gdt(struct vcpu *v, const unsigned long *frames, unsigned int ents);
void pv_forget_gdt(struct vcpu *v);

/* --- nmi.c --- */
void nmi_from_guest(struct cpu_user_regs *regs);

/* --- emul-priv.c: privileged instructions --- */
struct x86_emul;
/*
 * #GP from the current PV guest: true when it was dealt with: executed and rip moved on, or another
 * exception was injected. False: the guest gets its #GP.
 */
bool pv_emulate_privileged(struct cpu_user_regs *regs);
/* Fetches and decodes the guest's current instruction. -EFAULT, or as x86_decode(). */
int pv_fetch_insn(const struct cpu_user_regs *regs, struct x86_insn *ret_insn) __must_check;
/* An instruction was emulated: single-step trap if the guest asked for it. */
void pv_insn_done(struct cpu_user_regs *regs);
/* The guest's CR4, of which only some bits are its own; loaded when v runs next. */
void pv_set_cr4(struct vcpu *v, u64 val);
/* Brings the guest-controlled bits of this CPU's CR4 in line with v; pv_debugregs_load does too. */
void pv_cr4_load(const struct vcpu *v);
/* The guest gets the exception that x86_emulate() has recorded with -EFAULT. */
void pv_emul_inject(const struct x86_emul *e);
/* Callbacks shared by the emulator's users. */
int pv_emul_read(struct x86_emul *e, unsigned long addr, unsigned int size, u64 *ret_val);
int pv_emul_seg_base(struct x86_emul *e, enum x86_seg seg, unsigned long *ret_base);

/* --- emul-ud.c: #UD of the current PV guest; true: it was forced emulation, done --- */
bool pv_emulate_ud(struct cpu_user_regs *regs);

/* --- emul-cpuid.c --- */
void pv_cpuid(const struct vcpu *v, u32 leaf, u32 sub, struct cpuid_regs *res);

/* --- emul-msr.c: of the running vCPU; an error means #GP --- */
int pv_read_msr(struct vcpu *v, u32 msr, u64 *ret_val) __must_check;
int pv_write_msr(struct vcpu *v, u32 msr, u64 val) __must_check;

/* --- domain.c --- */
/* Gives this CPU the TSC_AUX of v, which runs on it or is about to. */
void pv_tsc_aux_load(const struct vcpu *v);

/* --- emul-io.c; size 1, 2 or 4 --- */
/* Whether the virtual I/O privilege level lets v's present code use ports, cli and sti. */
bool pv_iopl_permits(const struct vcpu *v);
/* Whether v's present code may execute port instructions for these ports; false means #GP. */
bool pv_io_permitted(struct vcpu *v, u16 port, unsigned int size);
/* The access itself; ports the domain has no right to read all ones and ignore writes. */
u32 pv_port_in(struct vcpu *v, u16 port, unsigned int size);
void pv_port_out(struct vcpu *v, u16 port, unsigned int size, u32 val);

/* --- vpit.c: true when the port is one of its own --- */
bool pv_pit_in(u16 port, unsigned int size, u32 *ret_val);
bool pv_pit_out(u16 port, unsigned int size, u32 val);

/* --- ptwr.c --- */
/*
 * #PF (present, write) of the current PV guest's kernel at addr: true when it was a store to one of
 * its level-1 tables, done or to be tried again. False: the guest gets its page fault.
 */
bool pv_ptwr_fault(struct cpu_user_regs *regs, unsigned long addr);
/* Used by it, implemented by the page-table code: */
/* The leaf entry that maps va in v's present page tables: 0 or -EFAULT. */
int pv_walk_l1e(struct vcpu *v, unsigned long va, unsigned long *ret_l1e) __must_check;
/*
 * Validated update of the 8-byte slot at guest address va_of_pte, whose frame must be typed L1.
 * -EAGAIN: check_old and the slot is not `old`.
 */
int pv_l1_update_by_va(struct vcpu *v, unsigned long va_of_pte, unsigned long old, bool check_old,
                       unsigned long val) __must_check;

/* --- grant-write.c --- */
/*
 * A store of the current PV guest's kernel to its own grant table, which is mapped read-only while
 * some of its pages are not filled. It is done, or will be made again.
 */
void pv_grant_write(struct cpu_user_regs *regs, unsigned long addr);

/* --- debugreg.c --- */
/* Context switch to v, on its CPU: hardware debug registers, and CR4 as pv_cr4_load. */
void pv_debugregs_load(struct vcpu *v);
/* -ENODEV no such register, -EPERM refused, -EINVAL reserved bits. v is current or not running. */
int pv_set_debugreg(struct vcpu *v, unsigned int reg, unsigned long val) __must_check;
int pv_get_debugreg(const struct vcpu *v, unsigned int reg, unsigned long *ret_val) __must_check;

#endif /* PV_PRIVATE_H */
