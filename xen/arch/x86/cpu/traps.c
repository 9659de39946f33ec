/* SPDX-License-Identifier: MIT */
/*
 * traps.c - every exception and interrupt arrives in trap_dispatch(): faults of a PV guest go to
 * arch/x86/pv, interrupts to their handlers, and faults of our own to the fix-up table or to the
 * end.
 */
#include <xen/console.h>
#include <xen/irq.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/spinlock.h>
#include <asm/apic.h>
#include <asm/logdirty.h>
#include <asm/setup.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/vectors.h>
#include <asm/pv.h>
#include "private.h"

static void (*direct_vector[256])(struct cpu_user_regs *regs);

void set_direct_vector(u8 vector, void (*handler)(struct cpu_user_regs *regs))
{
    direct_vector[vector] = handler;
}

static const char *const trap_name[] = {
    "divide error",
    "debug",
    "NMI",
    "breakpoint",
    "overflow",
    "bound range",
    "invalid opcode",
    "device not available",
    "double fault",
    "coprocessor overrun",
    "invalid TSS",
    "segment not present",
    "stack fault",
    "general protection fault",
    "page fault",
    "reserved",
    "x87 error",
    "alignment check",
    "machine check",
    "SIMD error",
};

struct extable_row {
    unsigned long insn, fix;
};

/* The row for an instruction that may fault, or NULL. */
static const struct extable_row *may_fault(unsigned long rip)
{
    extern const struct extable_row __extable_start[], __extable_end[];

    for (const struct extable_row *r = __extable_start; r < __extable_end; r++)
        if (r->insn == rip)
            return r;
    return NULL;
}

/* Continues at the fix-up address when regs->rip may fault; false otherwise. */
static bool fixup_exception(struct cpu_user_regs *regs)
{
    const struct extable_row *r = may_fault(regs->rip);

    if (r)
        regs->rip = r->fix;
    return r != NULL;
}

/*
 * Copying to and from a guest whose writes are logged: its shadow tables are filled by faults, ours
 * as well as its own. Only where interrupts were on: whoever needs them off asks beforehand.
 */
static bool logdirty_copy_fault(struct cpu_user_regs *regs)
{
    unsigned long cr2 = read_cr2();
    bool done;

    if (!(regs->rflags & X86_EFLAGS_IF) || !logdirty_on(current->domain) || !may_fault(regs->rip))
        return false;
    local_irq_enable();
    done = logdirty_fault(current, cr2, regs->error_code) == LOGDIRTY_DONE;
    local_irq_disable();
    return done;
}

#define ADVICE "This is a fault of the hypervisor: please report it, with all lines above."

static void __noreturn fatal_trap(struct cpu_user_regs *regs)
{
    unsigned int v = regs->entry_vector;
    unsigned long cr2 = read_cr2();

    panic_begin();
    show_regs(regs);
    if (v == TRAP_MC) {
        mce_report();
        panic("Machine check: the hardware found an error that it could not correct. Check memory "
              "modules and cooling; the banks above say more.");
    }
    /* The first fault was for this page, and the second when its frame did not fit there either. */
    if (v == TRAP_DF && in_stack_guard(cr2))
        panic("Stack overflow: more than the %lu KiB of a CPU's stack in use. " ADVICE,
              MAIN_STACK_SIZE >> 10);
    if (v == TRAP_PF)
        panic("Fatal page fault in the hypervisor at address %016lx, error code %04x. " ADVICE, cr2,
              regs->error_code);
    panic("Fatal trap %u (%s) in the hypervisor, error code %04x. " ADVICE, v,
          v < ARRAY_SIZE(trap_name) ? trap_name[v] : "?", regs->error_code);
}

static void trap_in_hypervisor(struct cpu_user_regs *regs)
{
    switch (regs->entry_vector) {
    case TRAP_NMI:
        nmi_in_hypervisor(regs);
        return;
    case TRAP_DB:
        /* A guest's breakpoint or single step that hit our code: not ours to act on. */
        regs->rflags &= ~X86_EFLAGS_TF;
        __asm__ volatile("mov %0,%%db6" ::"r"(0xffff0ff0UL));
        return;
    case TRAP_PF:
        if (logdirty_copy_fault(regs))
            return;
        /* fallthrough */
    case TRAP_GP:
    case TRAP_NP:
    case TRAP_SS:
    case TRAP_AC:
        if (regs->rip == (unsigned long)guest_iret || regs->rip == (unsigned long)fast_guest_iret)
            pv_iret_fault(regs);
        if (fixup_exception(regs))
            return;
        break;
    }
    fatal_trap(regs);
}

static void interrupt(struct cpu_user_regs *regs)
{
    unsigned int checks = lock_check_enter_irq();
    u8 vector = (u8)regs->entry_vector;

    if (direct_vector[vector]) {
        lapic_eoi();
        direct_vector[vector](regs);
    } else if (vector != VECTOR_SPURIOUS) {
        do_irq(vector);
    }
    lock_check_exit_irq(checks);
}

void trap_dispatch(struct cpu_user_regs *regs)
{
    unsigned int v = regs->entry_vector;

    if (v >= 0x20 && (v != VECTOR_GUEST_SYSCALL || !guest_mode(regs)))
        interrupt(regs);
    else if (v == TRAP_MC || v == TRAP_DF)
        fatal_trap(regs);
    else if (guest_mode(regs))
        pv_trap(regs);
    else
        trap_in_hypervisor(regs);
}
