/* SPDX-License-Identifier: MIT */
/*
 * scale.c - arithmetic of clock scales. Pure: also built for the host's unit tests.
 */
#include "private.h"

#define SLEW_UNIT 1000000LL

/* a * b / d with a 128-bit product; the quotient must fit 64 bits. */
static u64 mul_div(u64 a, u64 b, u64 d)
{
    u64 lo, hi, rem;

    __asm__("mulq %3" : "=a"(lo), "=d"(hi) : "0"(a), "rm"(b) : "cc");
    __asm__("divq %4" : "=a"(lo), "=d"(rem) : "0"(lo), "1"(hi), "rm"(d) : "cc");
    return lo;
}

u64 scale_ticks(u64 ticks, u32 mul, s8 shift)
{
    if (shift >= 0)
        ticks <<= shift;
    else
        ticks >>= -shift;
    return (u64)(((unsigned __int128)ticks * mul) >> 32);
}

void scale_from_hz(u64 hz, u32 *ret_mul, s8 *ret_shift)
{
    s8 shift = 0;

    /* Wanted: 10^9 / 2 <= hz / 2^n < 10^9, so that mul = 2^32 * 10^9 / hz' / 2 uses all 32 bits. */
    while (hz > NSEC_PER_SEC) {
        hz >>= 1;
        shift--;
    }
    while (hz <= NSEC_PER_SEC / 2) {
        hz <<= 1;
        shift++;
    }
    *ret_mul = (u32)((NSEC_PER_SEC << 31) / hz);
    *ret_shift = (s8)(shift + 1);
}

u64 hz_from_interval(u64 ticks, u64 ns)
{
    return mul_div(ticks, NSEC_PER_SEC, ns);
}

u64 hz_with_slew(u64 hz, s64 error, s64 period)
{
    s64 limit = period / SLEW_UNIT * MAX_SLEW_PPM;

    if (error > limit)
        error = limit;
    if (error < -limit)
        error = -limit;
    /* Behind: pretend that the counter is slower, then each tick counts for more time. */
    return mul_div(hz, (u64)period, (u64)(period + error));
}

u64 counter_extend(u64 last, u64 raw, unsigned int bits, u64 expected)
{
    u64 mask = bits < 64 ? (1ULL << bits) - 1 : ~0ULL;
    u64 count = last + ((raw - last) & mask);

    if (bits < 64 && expected > count + (mask >> 1))
        count += (expected - count + (mask >> 1)) & ~mask;
    return count;
}
