/* SPDX-License-Identifier: MIT */
/*
 * platform.c - the counter that the TSC is measured against: HPET, ACPI PM timer, or the 8254.
 *
 * Any of them is read as a 64-bit count. Wraps between two readings are told from the system
 * clock, once the CPU has one; until then somebody reads often. Lock: platform_lock, interrupts
 * off.
 */
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/spinlock.h>
#include <asm/system.h>
#include "private.h"

struct platform_counter {
    const char *name;
    unsigned int bits;
    u64 hz;
    bool (*probe)(struct platform_counter *c); /* sets hz and bits */
    u64 (*read)(void);
};

static char clocksource[8];
PARAM_STRING_DEF("clocksource", clocksource, "platform counter: hpet, acpi or pit (default: best)");

static DEFINE_SPINLOCK(platform_lock, LOCK_RANK_TIME);
static struct platform_counter *counter;
static u64 last_count, first_count;
static s_time_t last_now; /* system time at last_count */
static u32 ns_mul;
static s8 ns_shift;

/* --- HPET --- */
#define HPET_CAPABILITIES 0x00
#define HPET_CONFIG       0x10
#define HPET_COUNTER      0xf0
#define HPET_ENABLE       1U
#define HPET_LEGACY       2U
#define FEMTOSECS         1000000000000000ULL
#define HPET_PERIOD_MAX   100000000U /* femtoseconds; IA-PC HPET specification 2.3.4 */

static volatile u8 *hpet;

static u32 hpet_reg(unsigned int reg)
{
    return *(volatile u32 *)(hpet + reg);
}

/* 32 bits: a 64-bit read is two bus cycles on some chipsets. */
static u64 hpet_read(void)
{
    return hpet_reg(HPET_COUNTER);
}

static bool hpet_probe(struct platform_counter *c)
{
    u32 period;

    if (!acpi.has_hpet || !acpi.hpet_addr)
        return false;
    hpet = ioremap(acpi.hpet_addr, PAGE_SIZE);
    if (hpet == NULL)
        return false;
    period = hpet_reg(HPET_CAPABILITIES + 4);
    if (period == 0 || period > HPET_PERIOD_MAX) {
        printk(XLOG_WARN "HPET: impossible period of %u fs, not used\n", period);
        return false;
    }
    *(volatile u32 *)(hpet + HPET_CONFIG) = (hpet_reg(HPET_CONFIG) | HPET_ENABLE) & ~HPET_LEGACY;
    c->hz = (FEMTOSECS + period / 2) / period;
    return true;
}

/* --- ACPI power management timer --- */
#define PM_TIMER_HZ 3579545ULL

static u64 pm_read(void)
{
    return inl(acpi.pm_timer_port);
}

static bool pm_probe(struct platform_counter *c)
{
    c->hz = PM_TIMER_HZ;
    c->bits = acpi.pm_timer_32bit ? 32 : 24;
    return acpi.pm_timer_port != 0;
}

/* --- 8254, channel 0 as a free-running 16-bit counter; its interrupt stays masked --- */
#define PIT_HZ       1193182ULL
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND  0x43
#define PIT_LATCH0   0x00
#define PIT_MODE2    0x34 /* channel 0, low then high byte, rate generator */

static u64 pit_read(void)
{
    u8 lo, hi;

    outb(PIT_LATCH0, PIT_COMMAND);
    lo = inb(PIT_CHANNEL0);
    hi = inb(PIT_CHANNEL0);
    return (u16) - (hi << 8 | lo); /* it counts down */
}

static bool pit_probe(struct platform_counter *c)
{
    c->hz = PIT_HZ;
    outb(PIT_MODE2, PIT_COMMAND);
    outb(0, PIT_CHANNEL0); /* 0 stands for 65536 */
    outb(0, PIT_CHANNEL0);
    return true;
}

static struct platform_counter counters[] = {
    {.name = "hpet", .bits = 32, .probe = hpet_probe, .read = hpet_read},
    {.name = "acpi", .bits = 24, .probe = pm_probe, .read = pm_read},
    {.name = "pit", .bits = 16, .probe = pit_probe, .read = pit_read},
};

/* A counter that stands still is worse than none. */
static bool counts(const struct platform_counter *c)
{
    u64 start = c->read();

    for (unsigned int i = 0; i < 100000; i++)
        if (c->read() != start)
            return true;
    printk(XLOG_WARN "%s: the counter stands still, not used\n", c->name);
    return false;
}

static bool use(struct platform_counter *c)
{
    if (!c->probe(c) || !counts(c))
        return false;
    counter = c;
    return true;
}

void platform_init(void)
{
    for (unsigned int i = 0; clocksource[0] && i < ARRAY_SIZE(counters); i++)
        if (strcmp(clocksource, counters[i].name) == 0 && use(&counters[i]))
            break;
    if (clocksource[0] && counter == NULL)
        printk(XLOG_WARN "clocksource=%s is not available\n", clocksource);
    for (unsigned int i = 0; counter == NULL && i < ARRAY_SIZE(counters); i++)
        use(&counters[i]);
    if (counter == NULL)
        panic("no platform counter works: neither HPET, nor ACPI PM timer, nor 8254");

    scale_from_hz(counter->hz, &ns_mul, &ns_shift);
    last_count = first_count = counter->read() & ((1ULL << counter->bits) - 1);
}

u64 platform_hz(void)
{
    return counter->hz;
}

const char *platform_name(void)
{
    return counter->name;
}

s_time_t platform_ns(u64 count)
{
    return (s_time_t)scale_ticks(count - first_count, ns_mul, ns_shift);
}

/* What the count should be by the system clock; 0 while this CPU does not have that yet. */
static u64 expected_locked(void)
{
    u64 ns, secs;

    if (!tsc_clock_ready())
        return 0;
    ns = (u64)MAX(NOW() - last_now, 0);
    secs = ns / NSEC_PER_SEC;
    ns %= NSEC_PER_SEC;
    return last_count + secs * counter->hz + ns * counter->hz / NSEC_PER_SEC;
}

u64 platform_read(void)
{
    return platform_pair(1).count;
}

struct clock_pair platform_pair(unsigned int tries)
{
    struct clock_pair best = {.bracket = ~0ULL};
    unsigned long flags;

    for (unsigned int i = 0; i < tries; i++) {
        u64 before, after, raw;

        spin_lock_irqsave(&platform_lock, flags);
        before = rdtsc_ordered();
        raw = counter->read();
        after = rdtsc_ordered();
        last_count = counter_extend(last_count, raw, counter->bits, expected_locked());
        if (tsc_clock_ready())
            last_now = NOW();
        if (after - before < best.bracket)
            best = (struct clock_pair){.tsc = before + (after - before) / 2,
                                       .count = last_count,
                                       .bracket = after - before};
        spin_unlock_irqrestore(&platform_lock, flags);
    }
    return best;
}
