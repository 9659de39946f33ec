/* SPDX-License-Identifier: MIT */
/*
 * fuzz-sched.c - arithmetic of the fair scheduler and of clocks, with any numbers of the range that
 * they may have: times up to a year, all weights and caps. The sanitizers see each overflow.
 */
#include "fuzz-main.h"
#include <string.h>
#include "../../xen/common/sched/fair-math.h"
#include "../../xen/arch/x86/time/private.h"

#define YEAR     (SECONDS(1) * 3600 * 24 * 365)
#define NR_VCPUS 3

struct input {
    u64 a, b;
    u32 c;
    u16 weight[NR_VCPUS];
    u8 bits;
};

static void require(bool ok)
{
    if (!ok)
        abort();
}

static u32 weight_of(u16 raw)
{
    return raw ? raw : FAIR_WEIGHT_MAX;
}

static void check_slices(const struct input *in)
{
    s64 running = (s64)(in->a % YEAR), waiting = (s64)(in->b % YEAR);
    u32 weight = weight_of(in->weight[0]), cap = in->c % 12800;
    s64 slice = fair_slice(running, waiting, weight), quota = fair_cap_quota(cap), budget;

    require(slice >= FAIR_GRANULARITY && slice <= FAIR_SLICE_MAX);
    require(slice == FAIR_SLICE_MAX || fair_preempts(waiting, running + fair_cost(slice, weight)));
    require(fair_cost(running, weight) >= 0 || running == 0);
    require(fair_cost(slice, weight) <= fair_cost(FAIR_SLICE_MAX, 1));
    require(fair_join(running, waiting) >= waiting - FAIR_WAKE_CREDIT);
    require(fair_join(running, waiting) >= running);
    require(fair_least(running, waiting) >= running);

    budget = fair_cap_refill(-waiting, quota, 1);
    require(budget <= quota && budget == quota - waiting);
    require(fair_cap_refill(fair_cap_full(quota), quota, 7) == fair_cap_full(quota));
    require(fair_cap_periods(waiting, running) >= 1);
    budget = fair_cap_slice(slice, budget, in->bits);
    require(budget >= FAIR_CAP_MIN_RUN && budget <= slice);
    require(fair_cap_slice(0, quota, in->bits) >= FAIR_CAP_MIN_RUN);
}

/* One CPU, everybody always wants it: nobody falls behind by more than one turn of each other. */
static void check_fairness(const struct input *in)
{
    s64 v[NR_VCPUS] = {0}, bound = 2 * FAIR_GRANULARITY;
    u32 w[NR_VCPUS];

    for (int i = 0; i < NR_VCPUS; i++) {
        w[i] = weight_of(in->weight[i]);
        bound += fair_cost(FAIR_GRANULARITY, w[i]) + FAIR_WEIGHT_DEFAULT;
    }
    for (int turn = 0; turn < 200; turn++) {
        int run = 0;
        s64 least = INT64_MAX, most = 0;

        for (int i = 1; i < NR_VCPUS; i++)
            run = v[i] < v[run] ? i : run;
        for (int i = 0; i < NR_VCPUS; i++)
            if (i != run)
                least = MIN(least, v[i]);
        v[run] += fair_cost(fair_slice(v[run], least, w[run]), w[run]);
        least = INT64_MAX;
        for (int i = 0; i < NR_VCPUS; i++) {
            least = MIN(least, v[i]);
            most = MAX(most, v[i]);
        }
        require(most - least <= bound);
    }
}

static void check_clocks(const struct input *in)
{
    u64 hz = 1000 + in->a % 10000000000ULL, last = in->b >> 2, raw, got, expected;
    unsigned int bits = 16 + in->bits % 49;
    s64 error = (s64)in->b, period = MILLISECS(10) + (s64)(in->a % SECONDS(10));
    u32 mul;
    s8 shift;

    scale_from_hz(hz, &mul, &shift);
    require(mul >> 31);
    got = scale_ticks(hz, mul, shift);
    require(got <= SECONDS(1) && got >= SECONDS(1) - SECONDS(1) / hz - 100);
    got = hz_from_interval(hz, SECONDS(1));
    require(got == hz);
    got = hz_with_slew(hz, error, period);
    require(got >= hz - hz / 4900 - 1 && got <= hz + hz / 4900 + 1);

    expected = last + in->c;
    raw = bits < 64 ? expected & ((1ULL << bits) - 1) : expected;
    got = counter_extend(last, raw, bits, expected);
    require(got == expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in;

    if (len < sizeof(in))
        return 0;
    memcpy(&in, data, sizeof(in));
    check_slices(&in);
    check_fairness(&in);
    check_clocks(&in);
    return 0;
}
