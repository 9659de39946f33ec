/* SPDX-License-Identifier: MIT */
/* private.h - between the files of arch/x86/cpu and the start-up code that drives them. */
#ifndef X86_CPU_PRIVATE_H
#define X86_CPU_PRIVATE_H

#include <xen/types.h>
#include <asm/current.h>

/* entry.S */
extern const unsigned long trap_stubs[256];
extern char syscall_stubs[], syscall_entry[], syscall_compat_entry[], guest_iret[],
    fast_guest_iret[];
int msr_access(u32 msr, u64 *val, bool write);

/* traps.c: called by entry.S with interrupts off. */
void trap_dispatch(struct cpu_user_regs *regs);

/* mce.c: each CPU while it comes up; what the calling CPU's banks hold, for people. */
void mce_init_cpu(void);
void mce_report(void);

/* desc.c: whether the address is in the page below the calling CPU's main stack. */
bool in_stack_guard(unsigned long va);

#endif /* X86_CPU_PRIVATE_H */
