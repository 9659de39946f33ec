/* SPDX-License-Identifier: MIT */
/* call.c - making other CPUs look, run a function, or stop. */
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/spinlock.h>
#include <xen/time.h>
#include <asm/apic.h>
#include <asm/setup.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/vectors.h>

static DEFINE_SPINLOCK(call_lock, LOCK_RANK_SMP_CALL);
static void (*call_fn)(void *data);
static void *call_data;
static cpumask_t call_waiting;
static bool stopping;

static void call_interrupt(struct cpu_user_regs *regs)
{
    unsigned int cpu = smp_processor_id();

    (void)regs;
    if (!cpumask_test(cpu, &call_waiting))
        return;
    call_fn(call_data);
    cpumask_unset(cpu, &call_waiting);
}

void smp_call_on(const cpumask_t *mask, void (*fn)(void *data), void *data)
{
    unsigned int self = smp_processor_id();
    cpumask_t to;
    unsigned long flags;

    ASSERT(local_irq_is_enabled());
    /* With interrupts on while we wait for our turn, another caller can reach us. */
    while (!spin_trylock(&call_lock))
        cpu_relax();
    cpumask_and(&to, mask, &cpu_online_map);
    __clear_bit(self, to.bits);
    call_fn = fn;
    call_data = data;
    call_waiting = to;
    smp_mb();
    if (!cpumask_empty(&to))
        lapic_send_ipi_mask(&to, VECTOR_CALL);
    if (cpumask_test(self, mask)) {
        flags = local_irq_save();
        fn(data);
        local_irq_restore(flags);
    }
    while (!cpumask_empty(&call_waiting))
        cpu_relax();
    spin_unlock(&call_lock);
}

/* The way out of the interrupt does the looking. */
static void kick_interrupt(struct cpu_user_regs *regs)
{
    (void)regs;
}

void smp_kick(unsigned int cpu)
{
    if (cpu != smp_processor_id())
        lapic_send_ipi(cpu, VECTOR_KICK);
}

static void __noreturn stop_this_cpu(void)
{
    cpumask_unset(smp_processor_id(), &cpu_online_map);
    for (;;) {
        local_irq_disable();
        halt();
    }
}

static void stop_interrupt(struct cpu_user_regs *regs)
{
    (void)regs;
    stop_this_cpu();
}

bool smp_nmi_stop(const struct cpu_user_regs *regs)
{
    (void)regs;
    if (READ_ONCE(stopping))
        stop_this_cpu();
    return false;
}

static bool alone(void)
{
    return cpumask_weight(&cpu_online_map) <= 1;
}

/* First asks, then insists by NMI: some CPUs may have interrupts off for good. */
void smp_stop_others(void)
{
    cpumask_t others = cpu_online_map;
    unsigned int cpu;

    __clear_bit(smp_processor_id(), others.bits);
    if (alone() || __atomic_exchange_n(&stopping, true, __ATOMIC_SEQ_CST))
        return;
    lapic_send_ipi_mask(&others, VECTOR_STOP);
    for (unsigned int i = 0; i < 100 && !alone(); i++)
        udelay(1000);
    for_each_cpu (cpu, &others)
        if (cpumask_test(cpu, &cpu_online_map))
            lapic_send_nmi(cpu);
    for (unsigned int i = 0; i < 100 && !alone(); i++)
        udelay(1000);
}

void smp_calls_init(void)
{
    set_direct_vector(VECTOR_CALL, call_interrupt);
    set_direct_vector(VECTOR_KICK, kick_interrupt);
    set_direct_vector(VECTOR_STOP, stop_interrupt);
}
