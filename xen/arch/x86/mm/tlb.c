/* SPDX-License-Identifier: MIT */
/*
 * tlb.c - TLB flushes on this CPU and on others.
 *
 * A frame whose last use has ended may still be cached by CPUs. Instead of flushing at once, the
 * frame is stamped with the TLB clock; when it is put to another use, only CPUs that run a guest
 * and have not flushed since then need to (tlb_filter). The clock advances with every flush of
 * other CPUs.
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/spinlock.h>
#include <asm/apic.h>
#include <asm/mm.h>
#include <asm/setup.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/vectors.h>

/* Stale stamps must not seem new again: everyone flushes long before the clock wraps. */
#define CLOCK_PERIOD (1U << 30)

static u32 clock = 1;
static u32 all_flushed_at = 1; /* written under flush_lock */
static DEFINE_PER_CPU(u32, flushed_at);
static cpumask_t guest_cpus; /* CPUs that run on the page tables of a guest, not on our own */

/* One broadcast at a time: what to do, and who still has to. */
static DEFINE_SPINLOCK(flush_lock, LOCK_RANK_TLB);
static unsigned long flush_va;
static unsigned int flush_flags;
static cpumask_t flush_waiting;

u32 tlb_clock(void)
{
    return READ_ONCE(clock);
}

void load_cr3(unsigned long cr3)
{
    u32 now = READ_ONCE(clock);

    write_cr3(cr3);
    this_cpu(flushed_at) = now;
}

/*
 * The masks change before a CPU can make its first translation in a guest's address space, and
 * after its last one is gone. So who has changed a page table may pass over a CPU that is not in
 * the mask: if it enters now, it sees the change.
 */
void tlb_note_guest(struct vcpu *v)
{
    unsigned int cpu = smp_processor_id();

    v->dirty_cpu = cpu;
    if (!cpumask_test(cpu, &v->domain->dirty_cpus))
        cpumask_set(cpu, &v->domain->dirty_cpus);
    if (!cpumask_test(cpu, &guest_cpus))
        cpumask_set(cpu, &guest_cpus);
    smp_mb();
}

void tlb_note_left(struct vcpu *prev, const struct vcpu *next)
{
    unsigned int cpu = smp_processor_id();

    if (is_idle_vcpu(next))
        cpumask_unset(cpu, &guest_cpus);
    if (is_idle_vcpu(prev))
        return;
    WRITE_ONCE(prev->dirty_cpu, NR_CPUS);
    if (prev->domain != next->domain)
        cpumask_unset(cpu, &prev->domain->dirty_cpus);
}

void tlb_filter(cpumask_t *mask, u32 stamp)
{
    unsigned int cpu;

    cpumask_and(mask, mask, &guest_cpus);
    for_each_cpu (cpu, mask)
        if ((s32)(per_cpu(flushed_at, cpu) - stamp) > 0)
            __clear_bit(cpu, mask->bits);
}

/* Interrupts off: their handlers may change CR4. */
static void toggle_pge(void)
{
    u32 now = READ_ONCE(clock);
    unsigned long irq = local_irq_save(), cr4 = get_cpu_info()->cr4;

    write_cr4(cr4 & ~CR4_PGE);
    write_cr4(cr4);
    local_irq_restore(irq);
    this_cpu(flushed_at) = now;
}

void flush_tlb_local(unsigned long va, unsigned int flags)
{
    if (flags & FLUSH_CACHE)
        wbinvd();
    if ((flags & FLUSH_TLB_GLOBAL) && cpu_caps.pge) {
        toggle_pge();
    } else if (flags & (FLUSH_TLB | FLUSH_TLB_GLOBAL)) {
        load_cr3(read_cr3());
    } else if (flags & FLUSH_TLB_ONE) {
        invlpg(va);
    }
}

static void flush_interrupt(struct cpu_user_regs *regs)
{
    (void)regs;
    if (!cpumask_test(smp_processor_id(), &flush_waiting))
        return;
    flush_tlb_local(flush_va, flush_flags);
    cpumask_unset(smp_processor_id(), &flush_waiting);
}

static u32 advance_clock(void)
{
    return __atomic_add_fetch(&clock, 1, __ATOMIC_SEQ_CST);
}

static bool all_must_flush(void)
{
    return READ_ONCE(clock) - READ_ONCE(all_flushed_at) >= CLOCK_PERIOD;
}

/* Flushes the other CPUs of the mask; when that is due, all CPUs, this one included. */
static void flush_others(const cpumask_t *mask, unsigned long va, unsigned int flags)
{
    unsigned int self = smp_processor_id();
    cpumask_t to;
    bool all;
    u32 now;

    /* Waiting with interrupts off could deadlock with another CPU that flushes us. */
    ASSERT(local_irq_is_enabled());
    while (!spin_trylock(&flush_lock))
        cpu_relax();
    all = all_must_flush();
    now = advance_clock();
    if (all)
        to = cpu_online_map, flags = FLUSH_TLB_GLOBAL | (flags & FLUSH_CACHE);
    else
        cpumask_and(&to, mask, &cpu_online_map);
    __clear_bit(self, to.bits);
    flush_va = va;
    flush_flags = flags;
    flush_waiting = to;
    smp_mb();
    lapic_send_ipi_mask(&to, VECTOR_TLB_FLUSH);
    while (!cpumask_empty(&flush_waiting))
        cpu_relax();
    if (all) {
        flush_tlb_local(0, FLUSH_TLB_GLOBAL);
        WRITE_ONCE(all_flushed_at, now);
    }
    spin_unlock(&flush_lock);
}

void flush_tlb_mask(const cpumask_t *mask, unsigned long va, unsigned int flags)
{
    unsigned int self = smp_processor_id();
    bool others = false;

    for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++) {
        unsigned long w = mask->bits[i] & cpu_online_map.bits[i];

        if (self / BITS_PER_LONG == i)
            w &= ~BIT(self % BITS_PER_LONG);
        others = others || w;
    }
    if (others || (all_must_flush() && local_irq_is_enabled()))
        flush_others(mask, va, flags);
    if (cpumask_test(self, mask)) {
        /* With interrupts off the clock waits rather than pass the end of its period. */
        if (!others && !all_must_flush())
            (void)advance_clock();
        flush_tlb_local(va, flags);
    }
}

void tlb_init(void)
{
    set_direct_vector(VECTOR_TLB_FLUSH, flush_interrupt);
}
