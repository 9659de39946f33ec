/* SPDX-License-Identifier: MIT */
/*
 * fair-math.h - arithmetic of the fair scheduler. Pure: no locks, no state, host-testable.
 *
 * Virtual run time of a vCPU grows by the time it runs, divided by its weight (256 is one). Who has
 * the smallest runs next, so that in the long run each gets CPU time in proportion to its weight.
 * A domain with a cap also has a budget in ns, refilled each CAP_PERIOD; overdrawn, it waits.
 */
#ifndef SCHED_FAIR_MATH_H
#define SCHED_FAIR_MATH_H

#include <xen/types.h>

#define FAIR_WEIGHT_DEFAULT 256U
#define FAIR_WEIGHT_MAX     65535U

/* All in ns. The least time between two switches that fairness asks for; the longest run while
 * others wait; what a sleeper may be ahead of the queue when it wakes. */
#define FAIR_GRANULARITY 1000000LL
#define FAIR_SLICE_MAX   10000000LL
#define FAIR_WAKE_CREDIT 3000000LL
/* Of virtual time: what a vCPU may be behind the CPU that picks it, and who waits for that. */
#define FAIR_CPU_LEAD 100000000LL
#define FAIR_LEAD_MAX 1000000000LL
/* A cap's period; a rest of the budget that is not worth a timer. */
#define FAIR_CAP_PERIOD  10000000LL
#define FAIR_CAP_MIN_RUN 50000LL
/* Periods of budget that may be saved: what ran is charged, and timers come, late. */
#define FAIR_CAP_SAVED 3

/* What ns of real time cost a vCPU of this weight (1 to FAIR_WEIGHT_MAX). */
s64 fair_cost(s64 ns, u32 weight);
/* Whether a waiting vCPU should replace a running one. */
bool fair_preempts(s64 waiting, s64 running);
/* How long the running vCPU may go on before the waiting one should replace it. */
s64 fair_slice(s64 running, s64 waiting, u32 weight);
/* Virtual time of a vCPU that joins a queue whose least is `least`. */
s64 fair_join(s64 vruntime, s64 least);
/* The queue's least virtual time: never goes back. */
s64 fair_least(s64 least, s64 candidate);

/* Budget of a period for a cap in percent of one CPU. */
s64 fair_cap_quota(u32 cap);
/* The periods that are over when the timer that was due at `due` comes at `now`: at least 1. */
s64 fair_cap_periods(s64 due, s64 now);
/* Periods are over: a debt is paid off first, of savings only some are kept. */
s64 fair_cap_refill(s64 budget, s64 quota, s64 periods);
/* The most that a budget can be. */
s64 fair_cap_full(s64 quota);
/* Run limit under a budget that `sharers` running vCPUs use up together. */
s64 fair_cap_slice(s64 slice, s64 budget, unsigned int sharers);

#endif /* SCHED_FAIR_MATH_H */
