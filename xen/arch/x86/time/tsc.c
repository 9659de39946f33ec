/* SPDX-License-Identifier: MIT */
/*
 * tsc.c - NOW(): the TSC, scaled, and kept in step with the platform counter.
 *
 * While all TSCs agree, one scale serves all CPUs. The first AP whose TSC does not fit makes every
 * CPU use a scale of its own. A scale is replaced only at a point where the old and the new one
 * give the same time, so that the clock never steps: drift is removed by running slightly faster or
 * slower (at most MAX_SLEW_PPM) until the next look at the platform counter.
 *
 * A scale is written by one CPU (global: the boot CPU; else its own) with interrupts off, and read
 * by its sequence number: odd while it changes.
 */
#include <xen/atomic.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/percpu.h>
#include <xen/softirq.h>
#include <xen/timer.h>
#include <asm/system.h>
#include <asm/apic.h>
#include "private.h"

#define CALIBRATE_MS     80
#define PAIR_TRIES       40
#define STEER_TRIES      8
#define STEER_PERIOD     MILLISECS(1500)
#define STEER_QUIET_NS   500  /* smaller errors are measuring noise */
#define RATE_SMOOTHING   8    /* a new rate counts for one eighth */
#define RATE_OUTLIER_PPM 1000 /* a suspended host or a broken reading: not a rate */

struct cpu_clock {
    u32 seq;
    struct time_scale scale;
    u64 hz;                 /* best estimate of the true rate */
    struct clock_pair last; /* at the latest steering */
    struct timer steer;
};

u32 cpu_khz;
static bool per_cpu_scales __read_mostly;
static struct cpu_clock global_clock;
static DEFINE_PER_CPU(struct cpu_clock, own_clock);
static DEFINE_PER_CPU(bool, clock_ready);

static struct cpu_clock *clock_in_use(void)
{
    return unlikely(per_cpu_scales) ? &this_cpu(own_clock) : &global_clock;
}

static s_time_t scale_at(const struct time_scale *s, u64 tsc)
{
    /* Another CPU's update may lie a few ticks ahead of a reading made here. */
    if ((s64)(tsc - s->base) < 0)
        return s->stime;
    return s->stime + (s_time_t)scale_ticks(tsc - s->base, s->mul, s->shift);
}

bool tsc_clock_ready(void)
{
    return this_cpu(clock_ready);
}

struct time_scale tsc_scale_get(void)
{
    struct time_scale copy;
    const struct cpu_clock *c;
    u32 seq;

    do {
        c = clock_in_use();
        seq = READ_ONCE(c->seq);
        smp_rmb();
        copy = c->scale;
        smp_rmb();
    } while (unlikely((seq & 1) || seq != READ_ONCE(c->seq)));
    return copy;
}

s_time_t NOW(void)
{
    const struct cpu_clock *c;
    s_time_t now;
    u32 seq;

    do {
        c = clock_in_use();
        seq = READ_ONCE(c->seq);
        smp_rmb();
        now = scale_at(&c->scale, rdtsc_ordered());
        smp_rmb();
    } while (unlikely((seq & 1) || seq != READ_ONCE(c->seq)));
    return now;
}

u64 stime_to_tsc(s_time_t t)
{
    struct time_scale s = tsc_scale_get();
    u64 ns, lo, hi, ticks, rem;

    if (t <= s.stime || s.mul == 0)
        return s.base;
    ns = (u64)(t - s.stime);
    /* ns * 2^32 / mul: mul has its top bit set, so that the quotient fits for ns below 2^62. */
    ns = MIN(ns, 1ULL << 61);
    lo = ns << 32;
    hi = ns >> 32;
    __asm__("divq %4" : "=a"(ticks), "=d"(rem) : "0"(lo), "1"(hi), "r"((u64)s.mul) : "cc");
    ticks++; /* rounded up: never before t */
    return s.base + (s.shift >= 0 ? (ticks >> s.shift) + 1 : ticks << -s.shift);
}

/* From tsc on the clock runs at hz; the time at that point stays what it was. */
static void scale_replace(struct cpu_clock *c, u64 tsc, u64 hz)
{
    struct time_scale next = {.base = tsc, .stime = scale_at(&c->scale, tsc)};

    scale_from_hz(hz, &next.mul, &next.shift);
    WRITE_ONCE(c->seq, c->seq + 1);
    smp_wmb();
    c->scale = next;
    smp_wmb();
    WRITE_ONCE(c->seq, c->seq + 1);
}

/* The true rate over the interval since the last look, blended into the estimate. */
static void update_rate(struct cpu_clock *c, const struct clock_pair *p)
{
    u64 ns = (u64)(platform_ns(p->count) - platform_ns(c->last.count));
    u64 hz, limit = c->hz / 1000000 * RATE_OUTLIER_PPM;

    if (ns < MILLISECS(100) || ns > SECONDS(60) || p->tsc <= c->last.tsc)
        return;
    hz = hz_from_interval(p->tsc - c->last.tsc, ns);
    if (hz > c->hz + limit || hz + limit < c->hz)
        return;
    c->hz += ((s64)hz - (s64)c->hz) / RATE_SMOOTHING;
}

static void steer(void *data)
{
    struct cpu_clock *c = data;
    struct clock_pair p = platform_pair(STEER_TRIES);
    s64 error = platform_ns(p.count) - scale_at(&c->scale, p.tsc);
    unsigned long flags;

    update_rate(c, &p);
    c->last = p;
    if (error > -STEER_QUIET_NS && error < STEER_QUIET_NS)
        error = 0;
    flags = local_irq_save();
    scale_replace(c, rdtsc_ordered(), hz_with_slew(c->hz, error, STEER_PERIOD));
    local_irq_restore(flags);

    vtime_refresh_all();
    set_timer(&c->steer, NOW() + STEER_PERIOD);
}

static void steer_start(struct cpu_clock *c, unsigned int cpu)
{
    init_timer(&c->steer, steer, c, cpu);
    set_timer(&c->steer, NOW() + STEER_PERIOD);
}

/* Once all CPUs are up it is known whether one scale is enough. */
static int __init time_start_steering(void)
{
    unsigned int cpu;

    if (!per_cpu_scales)
        steer_start(&global_clock, smp_processor_id());
    else
        for_each_online_cpu (cpu)
            steer_start(&per_cpu(own_clock, cpu), cpu);
    printk("time: TSC %u.%03u MHz against %s, %s scale\n", cpu_khz / 1000, cpu_khz % 1000,
           platform_name(), per_cpu_scales ? "one per CPU" : "one");
    return 0;
}
INITCALL(time_start_steering);

static void wait_on_platform(u64 ticks)
{
    u64 start = platform_read();

    while (platform_read() - start < ticks)
        cpu_relax();
}

void udelay(unsigned int usecs)
{
    u64 start;

    if (cpu_khz == 0) {
        wait_on_platform(usecs * platform_hz() / 1000000 + 1);
        return;
    }
    start = rdtsc_ordered();
    while (rdtsc_ordered() - start < (u64)usecs * cpu_khz / 1000 + 1)
        cpu_relax();
}

/*
 * Rate and starting point by two tight brackets CALIBRATE_MS apart. The error is at most the sum of
 * half of each bracket: about 1 us in 80 ms with an HPET; steering removes it.
 */
static void calibrate(struct cpu_clock *c)
{
    struct clock_pair a, b;

    a = platform_pair(PAIR_TRIES);
    wait_on_platform(platform_hz() * CALIBRATE_MS / 1000);
    b = platform_pair(PAIR_TRIES);
    c->hz = hz_from_interval(b.tsc - a.tsc, (u64)(platform_ns(b.count) - platform_ns(a.count)));
    c->last = b;
    c->scale = (struct time_scale){.base = b.tsc, .stime = platform_ns(b.count)};
    scale_from_hz(c->hz, &c->scale.mul, &c->scale.shift);
}

static void __init warn_if_unstable(void)
{
    bool invariant = cpuid(0x80000000, 0).a >= 0x80000007 && (cpuid(0x80000007, 0).d & BIT(8));
    bool virtual = cpuid(1, 0).c & BIT(31);

    if (!invariant && !virtual)
        printk(XLOG_WARN "time: the TSC may change its rate; timekeeping will be less exact\n");
}

void time_init_bsp(void)
{
    platform_init();
    calibrate(&global_clock);
    this_cpu(own_clock) = global_clock;
    cpu_khz = (u32)((global_clock.hz + 500) / 1000);
    this_cpu(clock_ready) = true;
    warn_if_unstable();
    vtime_init_cpu(smp_processor_id());
    if (lapic_timer_khz() == 0)
        lapic_timer_calibrate();
    lapic_deadline_init();
    wallclock_init();
}

/* Whether this CPU's TSC tells the common time, as far as the platform counter can show. */
static bool tsc_agrees(void)
{
    struct clock_pair p = platform_pair(PAIR_TRIES);
    s64 off = platform_ns(p.count) - scale_at(&global_clock.scale, p.tsc);
    s64 elapsed = platform_ns(p.count) - global_clock.scale.stime;
    /* Bracket here and at calibration, the counter's step, and 30 ppm of calibration error. */
    s64 allowed = (s64)scale_ticks(p.bracket, global_clock.scale.mul, global_clock.scale.shift) +
                  2 * (s64)(NSEC_PER_SEC / platform_hz()) + 2000 + elapsed / 1000000 * 30;

    if (p.tsc < global_clock.scale.base)
        off = elapsed;
    return off <= allowed && off >= -allowed;
}

void time_init_ap(void)
{
    vtime_init_cpu(smp_processor_id());
    lapic_deadline_init();
    this_cpu(own_clock) = global_clock;
    if (tsc_agrees()) {
        this_cpu(clock_ready) = true;
        return;
    }
    printk(XLOG_WARN "time: the TSC of CPU %u differs: each CPU gets its own scale\n",
           smp_processor_id());
    calibrate(&this_cpu(own_clock));
    /* No scale was steered yet, so the other CPUs' copies equal the common one. */
    per_cpu_scales = true;
    this_cpu(clock_ready) = true;
}
