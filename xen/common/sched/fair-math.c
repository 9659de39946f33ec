/* SPDX-License-Identifier: MIT */
/* fair-math.c - arithmetic of the fair scheduler; see fair-math.h. */
#include "fair-math.h"

s64 fair_cost(s64 ns, u32 weight)
{
    return ns * FAIR_WEIGHT_DEFAULT / weight;
}

bool fair_preempts(s64 waiting, s64 running)
{
    return running >= waiting + FAIR_GRANULARITY;
}

s64 fair_slice(s64 running, s64 waiting, u32 weight)
{
    s64 lead = waiting + FAIR_GRANULARITY - running;
    s64 ns;

    if (lead > FAIR_SLICE_MAX * FAIR_WEIGHT_DEFAULT)
        return FAIR_SLICE_MAX;
    /* Rounded up, or the slice would end just before the point where fair_preempts holds. */
    ns = lead > 0 ? (lead * weight + FAIR_WEIGHT_DEFAULT - 1) / FAIR_WEIGHT_DEFAULT + 1 : 0;
    return MIN(MAX(ns, FAIR_GRANULARITY), FAIR_SLICE_MAX);
}

s64 fair_join(s64 vruntime, s64 least)
{
    return MAX(vruntime, least - FAIR_WAKE_CREDIT);
}

s64 fair_least(s64 least, s64 candidate)
{
    return MAX(least, candidate);
}

s64 fair_cap_quota(u32 cap)
{
    return FAIR_CAP_PERIOD / 100 * cap;
}

s64 fair_cap_periods(s64 due, s64 now)
{
    return 1 + MAX(now - due, 0) / FAIR_CAP_PERIOD;
}

s64 fair_cap_full(s64 quota)
{
    return quota * FAIR_CAP_SAVED;
}

s64 fair_cap_refill(s64 budget, s64 quota, s64 periods)
{
    return MIN(budget + quota * periods, fair_cap_full(quota));
}

s64 fair_cap_slice(s64 slice, s64 budget, unsigned int sharers)
{
    s64 share = budget / (s64)MAX(sharers, 1U);

    share = MAX(share, FAIR_CAP_MIN_RUN);
    return slice ? MIN(slice, share) : share;
}
