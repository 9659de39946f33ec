/* SPDX-License-Identifier: MIT */
/*
 * lapic.c - the local APIC: identity, interrupts between CPUs, end of interrupt, one-shot timer.
 *
 * Two register interfaces: xAPIC in memory, x2APIC by MSR. The boot CPU chooses once, all CPUs
 * follow. Registers belong to their CPU; sending only needs interrupts off, because a command takes
 * two writes in xAPIC mode. References: Intel SDM volume 3, chapter 11 (local APIC, x2APIC).
 */
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/percpu.h>
#include <xen/time.h>
#include <asm/apic.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/vectors.h>
#include "private.h"

#define REG_ID         0x020
#define REG_TPR        0x080
#define REG_EOI        0x0b0
#define REG_SPIV       0x0f0
#define REG_ISR        0x100
#define REG_ESR        0x280
#define REG_ICR        0x300
#define REG_ICR_HIGH   0x310
#define REG_LVT_TIMER  0x320
#define REG_LVT_THERM  0x330
#define REG_LVT_PERF   0x340
#define REG_LVT_LINT0  0x350
#define REG_LVT_LINT1  0x360
#define REG_LVT_ERROR  0x370
#define REG_TIMER_INIT 0x380
#define REG_TIMER_NOW  0x390
#define REG_TIMER_DIV  0x3e0

#define SPIV_ENABLE      (1U << 8)
#define LVT_TSC_DEADLINE (2U << 17)
#define LVT_MASKED       (1U << 16)
#define DELIVERY_NMI     (4U << 8)
#define DELIVERY_INIT    (5U << 8)
#define DELIVERY_SIPI    (6U << 8)
#define ICR_BUSY         (1U << 12)
#define ICR_ASSERT       (1U << 14)
#define ICR_LEVEL        (1U << 15)
#define TIMER_DIVIDE_16  0x3

#define APIC_BASE_ENABLE (1UL << 11)
#define APIC_BASE_X2APIC (1UL << 10)
#define MSR_X2APIC(reg)  (0x800 + ((reg) >> 4))

#define CPUID1_EDX_APIC   (1U << 9)
#define CPUID1_ECX_X2APIC (1U << 21)

#define CALIBRATION_USECS 5000

static bool use_x2apic __ro_after_init;
static volatile u32 *lapic_mmio __ro_after_init;
static u32 timer_khz __ro_after_init;

static u32 lapic_read(unsigned int reg)
{
    return use_x2apic ? (u32)rdmsr(MSR_X2APIC(reg)) : lapic_mmio[reg / 4];
}

static void lapic_write(unsigned int reg, u32 val)
{
    if (use_x2apic)
        wrmsr(MSR_X2APIC(reg), val);
    else
        lapic_mmio[reg / 4] = val;
}

u32 lapic_id(void)
{
    u32 id = lapic_read(REG_ID);

    return use_x2apic ? id : id >> 24;
}

void lapic_eoi(void)
{
    lapic_write(REG_EOI, 0);
}

bool lapic_in_service(u8 vector)
{
    return lapic_read(REG_ISR + vector / 32 * 0x10) >> (vector % 32) & 1;
}

/* --- sending --- */

static void send_command(u32 apicid, u32 low)
{
    unsigned long flags;

    if (use_x2apic) {
        /* Unlike a store to the xAPIC page this MSR write is not ordered after earlier stores. */
        __asm__ volatile("mfence; lfence" ::: "memory");
        wrmsr(MSR_X2APIC(REG_ICR), (u64)apicid << 32 | low);
        return;
    }
    flags = local_irq_save();
    while (lapic_read(REG_ICR) & ICR_BUSY)
        cpu_relax();
    lapic_write(REG_ICR_HIGH, apicid << 24);
    lapic_write(REG_ICR, low);
    local_irq_restore(flags);
}

void lapic_send_ipi(unsigned int cpu, u8 vector)
{
    send_command(cpu_apicid[cpu], ICR_ASSERT | vector);
}

void lapic_send_ipi_mask(const cpumask_t *mask, u8 vector)
{
    unsigned int cpu;

    for_each_cpu (cpu, mask)
        lapic_send_ipi(cpu, vector);
}

void lapic_send_nmi(unsigned int cpu)
{
    send_command(cpu_apicid[cpu], ICR_ASSERT | DELIVERY_NMI);
}

/* The delays are those of the MultiProcessor Specification 1.4, appendix B.4. */
void lapic_start_ap(u32 apicid, u8 page)
{
    lapic_write(REG_ESR, 0);
    send_command(apicid, DELIVERY_INIT | ICR_LEVEL | ICR_ASSERT);
    udelay(200);
    if (!use_x2apic)
        send_command(apicid, DELIVERY_INIT | ICR_LEVEL);
    udelay(10000);
    for (unsigned int i = 0; i < 2; i++) {
        send_command(apicid, ICR_ASSERT | DELIVERY_SIPI | page);
        udelay(200);
    }
}

/* --- timer --- */

void lapic_timer_set(u32 ticks)
{
    lapic_write(REG_TIMER_INIT, ticks);
}

u32 lapic_timer_khz(void)
{
    return timer_khz;
}

void lapic_timer_calibrate(void)
{
    unsigned long flags = local_irq_save();
    u32 lvt = lapic_read(REG_LVT_TIMER), elapsed;

    lapic_write(REG_LVT_TIMER, lvt | LVT_MASKED);
    lapic_write(REG_TIMER_INIT, ~0U);
    udelay(CALIBRATION_USECS);
    elapsed = ~0U - lapic_read(REG_TIMER_NOW);
    lapic_write(REG_TIMER_INIT, 0);
    lapic_write(REG_LVT_TIMER, lvt);
    local_irq_restore(flags);

    timer_khz = elapsed / (CALIBRATION_USECS / 1000);
    if (!timer_khz)
        panic("The local APIC timer does not count; check the firmware's APIC settings");
    printk("APIC: timer %u.%03u MHz\n", timer_khz / 1000, timer_khz % 1000);
}

bool lapic_timer_use_deadline(void)
{
    lapic_write(REG_LVT_TIMER, VECTOR_LAPIC_TIMER | LVT_TSC_DEADLINE);
    smp_mb(); /* SDM vol. 3, 10.5.4.1: the mode must be in force before the first deadline */
    return true;
}

/* --- bringing one up --- */

static void error_interrupt(struct cpu_user_regs *regs)
{
    u32 esr;

    (void)regs;
    lapic_write(REG_ESR, 0); /* latches what was collected */
    esr = lapic_read(REG_ESR);
    printk(XLOG_GUEST_ERR "APIC: error %#x on CPU %u\n", esr, smp_processor_id());
}

/* What firmware or a crashed kernel left in service would block lower priorities for ever. */
static void drain_in_service(void)
{
    for (unsigned int tries = 0; tries < 256; tries++) {
        bool any = false;

        for (unsigned int i = 0; i < 8; i++)
            any |= lapic_read(REG_ISR + i * 0x10) != 0;
        if (!any)
            return;
        lapic_eoi();
    }
}

static void enable_this_cpu(bool boot_cpu)
{
    u64 base = rdmsr(MSR_APIC_BASE);

    if (!(base & APIC_BASE_ENABLE)) {
        base |= APIC_BASE_ENABLE;
        wrmsr(MSR_APIC_BASE, base);
    }
    /* x2APIC may only be entered from enabled xAPIC mode: hence in two steps. */
    if (use_x2apic && !(base & APIC_BASE_X2APIC))
        wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);

    /* The trap entry drops the spurious vector: it must not be followed by an EOI. */
    lapic_write(REG_SPIV, SPIV_ENABLE | VECTOR_SPURIOUS);
    lapic_write(REG_TPR, 0);
    lapic_write(REG_LVT_THERM, LVT_MASKED);
    lapic_write(REG_LVT_PERF, LVT_MASKED);
    lapic_write(REG_LVT_LINT0, LVT_MASKED);
    lapic_write(REG_LVT_LINT1, boot_cpu ? DELIVERY_NMI : LVT_MASKED);
    lapic_write(REG_LVT_ERROR, VECTOR_LAPIC_ERROR);
    drain_in_service();
    lapic_write(REG_ESR, 0);

    lapic_write(REG_TIMER_DIV, TIMER_DIVIDE_16);
    lapic_write(REG_TIMER_INIT, 0);
    lapic_write(REG_LVT_TIMER, VECTOR_LAPIC_TIMER);
}

static bool want_x2apic(void)
{
    if (rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC)
        return true;
    if (!(cpuid(1, 0).c & CPUID1_ECX_X2APIC))
        return false;
    for (unsigned int i = 0; i < acpi.nr_cpus; i++)
        if (acpi.cpu[i].enabled && acpi.cpu[i].apicid >= 255)
            return true;
    return false;
}

void __init lapic_init_bsp(void)
{
    if (!(cpuid(1, 0).d & CPUID1_EDX_APIC))
        panic("This machine has no local APIC, or its firmware disabled it");
    use_x2apic = want_x2apic();
    if (!use_x2apic) {
        /* The MSR is where the registers really are; the MADT should agree. */
        u64 pa = rdmsr(MSR_APIC_BASE) & 0xffffffffff000UL;

        if (!pa)
            pa = acpi.lapic_addr;
        lapic_mmio = ioremap(pa, PAGE_SIZE);
        if (!lapic_mmio)
            panic("Cannot map the local APIC at %#lx", (unsigned long)pa);
    }
    enable_this_cpu(true);
    set_direct_vector(VECTOR_LAPIC_ERROR, error_interrupt);
    printk("APIC: %s mode, boot CPU has id %u\n", use_x2apic ? "x2APIC" : "xAPIC", lapic_id());
}

void lapic_init_ap(void)
{
    enable_this_cpu(false);
}
