/* SPDX-License-Identifier: MIT */
/*
 * private.h (time) - scales, the platform counter, and who offers what inside this folder.
 */
#ifndef X86_TIME_PRIVATE_H
#define X86_TIME_PRIVATE_H

#include <xen/types.h>
#include <xen/time.h>

/* ns = stime + (((ticks - base) << shift) * mul >> 32); a negative shift is a right shift. */
struct time_scale {
    u64 base;
    s_time_t stime;
    u32 mul;
    s8 shift;
};

/* --- scale.c: pure --- */
u64 scale_ticks(u64 ticks, u32 mul, s8 shift);
/* mul and shift for a counter of hz ticks a second; mul has its top bit set. */
void scale_from_hz(u64 hz, u32 *ret_mul, s8 *ret_shift);
/* ticks a second = ticks * 10^9 / ns, rounded. */
u64 hz_from_interval(u64 ticks, u64 ns);
/* hz so that a clock that is `error` ns behind (negative: ahead) has caught up after `period` ns,
 * but never more than MAX_SLEW_PPM away from the true rate. */
u64 hz_with_slew(u64 hz, s64 error, s64 period);
/* 64-bit count from a narrow counter: last value, new raw reading, count expected by another clock
 * (0: unknown, less than one wrap has passed). */
u64 counter_extend(u64 last, u64 raw, unsigned int bits, u64 expected);
#define MAX_SLEW_PPM 200

/* --- platform.c --- */
struct clock_pair {
    u64 tsc;     /* middle of the bracket */
    u64 count;   /* platform counter, 64 bits */
    u64 bracket; /* TSC ticks that the reading took: twice the largest error */
};

void platform_init(void);
u64 platform_hz(void);
u64 platform_read(void);
const char *platform_name(void);
/* Best of `tries` paired readings. */
struct clock_pair platform_pair(unsigned int tries);
/* ns since platform_init. */
s_time_t platform_ns(u64 count);

/* --- tsc.c --- */
/* The scale of the calling CPU, consistent. */
struct time_scale tsc_scale_get(void);
/* NOW() is right on the calling CPU. */
bool tsc_clock_ready(void);

/* --- vtime.c --- */
/* Soon, on each CPU: tells the running vCPU about a changed scale. */
void vtime_refresh_all(void);
void vtime_init_cpu(unsigned int cpu);

/* --- lapic-timer.c --- */
void lapic_deadline_init(void);

/* --- cmos.c --- */
/* UNIX seconds of the real-time clock; 0 when it is not readable. */
u64 cmos_read_time(void);

/* --- wallclock.c --- */
void wallclock_init(void);

#endif /* X86_TIME_PRIVATE_H */
