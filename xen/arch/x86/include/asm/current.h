/* SPDX-License-Identifier: MIT */
/*
 * current.h - what a CPU knows about itself, found from its stack pointer.
 *
 * GS belongs to the guest, so the per-CPU block sits at the top of each CPU's stack (also reachable
 * from its exception stacks, which share the aligned 32 KiB). The registers of the interrupted
 * guest are always saved in guest_regs, at one fixed place.
 */
#ifndef ASM_CURRENT_H
#define ASM_CURRENT_H

#include <xen/types.h>
#include <public/xen.h>
#include <asm/layout.h>

struct vcpu;

struct cpu_info {
    struct cpu_user_regs guest_regs; /* must be first: the CPU pushes to its es field downwards */
    unsigned int processor_id;
    struct vcpu *current_vcpu;
    unsigned long per_cpu_offset;
    unsigned long cr4; /* value loaded on this CPU */
};

static always_inline struct cpu_info *get_cpu_info(void)
{
    unsigned long sp;

    __asm__("mov %%rsp,%0" : "=r"(sp));
    return (struct cpu_info *)((sp | (STACK_SIZE - 1)) + 1) - 1;
}

/* The vCPU this CPU runs; the idle vCPU when none. Never NULL after early boot. */
#define current          (get_cpu_info()->current_vcpu)
#define guest_cpu_regs() (&get_cpu_info()->guest_regs)

/* Drops the stack down to the guest's registers and jumps: no return. */
#define reset_stack_and_jump(fn)                                                               \
    do {                                                                                       \
        __asm__ volatile("mov %0,%%rsp; jmp *%1" ::"r"(guest_cpu_regs()), "r"(fn) : "memory"); \
        __builtin_unreachable();                                                               \
    } while (0)

/* Whether regs were saved on entry from a guest (and not from the hypervisor itself). */
#define guest_mode(regs) ((regs) == guest_cpu_regs())

#endif /* ASM_CURRENT_H */
