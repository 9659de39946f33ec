/* SPDX-License-Identifier: MIT */
/*
 * lapic-timer.c - the local timer of each CPU: an absolute TSC deadline where the CPU has that,
 * else a count of local APIC ticks. Called with interrupts off or from softirq context of the own
 * CPU.
 */
#include <xen/lib.h>
#include <xen/softirq.h>
#include <xen/timer.h>
#include <asm/apic.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/vectors.h>
#include "private.h"

#define CPUID1_ECX_TSC_DEADLINE BIT(24)
/* Longer waits are cut; the interrupt then finds nothing due and the timer is set again. */
#define LONGEST_WAIT SECONDS(4)

static bool use_deadline __read_mostly;

static void local_timer_vector(struct cpu_user_regs *regs)
{
    (void)regs;
    timer_interrupt();
}

void lapic_deadline_init(void)
{
    set_direct_vector(VECTOR_LAPIC_TIMER, local_timer_vector);
    if (cpuid(1, 0).c & CPUID1_ECX_TSC_DEADLINE)
        use_deadline = lapic_timer_use_deadline();
}

static void program_ticks(s_time_t wait)
{
    u64 ticks = (u64)wait * lapic_timer_khz() / 1000000 + 1;

    lapic_timer_set((u32)MIN(ticks, 0xffffffffULL));
}

void arch_timer_program(s_time_t deadline)
{
    s_time_t now;

    if (deadline == STIME_MAX) {
        if (use_deadline)
            wrmsr(MSR_TSC_DEADLINE, 0);
        else
            lapic_timer_set(0);
        return;
    }
    now = NOW();
    if (deadline <= now) {
        raise_softirq(SOFTIRQ_TIMER);
        return;
    }
    if (use_deadline)
        wrmsr(MSR_TSC_DEADLINE, stime_to_tsc(deadline));
    else
        program_ticks(MIN(deadline - now, LONGEST_WAIT));
}
