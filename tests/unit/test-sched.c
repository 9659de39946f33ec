/* SPDX-License-Identifier: MIT */
/*
 * test-sched.c - arithmetic of the fair scheduler and of clock scales, alone and in a simulated
 * host: busy vCPUs of several weights and caps on several CPUs, which must get their shares.
 */
#include <check.h>
#include <stdlib.h>
#include "../../xen/arch/x86/time/private.h"
#include "../../xen/common/sched/fair-math.h"

#define MAX_VCPUS 16
#define MAX_CPUS  4
#define STEP      50000LL       /* ns a simulated step */
#define SIM_TIME  10000000000LL /* 10 s */

struct sim_vcpu {
    u32 weight, cap;
    s64 vruntime, ran, budget;
    s64 sleep, run; /* pattern of a sleeper, ns; 0: always busy */
    s64 phase;
    int cpu; /* -1: waits */
    bool asleep;
};

struct sim {
    struct sim_vcpu v[MAX_VCPUS];
    int nr_vcpus, nr_cpus;
    struct sim_vcpu *curr[MAX_CPUS];
    s64 slice_end[MAX_CPUS];
    s64 least;
};

static bool waits(const struct sim_vcpu *v)
{
    return v->cpu < 0 && !v->asleep && (!v->cap || v->budget > 0);
}

static struct sim_vcpu *first_waiting(struct sim *s)
{
    struct sim_vcpu *best = NULL;

    for (int i = 0; i < s->nr_vcpus; i++)
        if (waits(&s->v[i]) && (!best || s->v[i].vruntime < best->vruntime))
            best = &s->v[i];
    return best;
}

static void sim_pick(struct sim *s, int cpu, s64 now)
{
    struct sim_vcpu *c = s->curr[cpu], *w = first_waiting(s);
    bool stay = c && !c->asleep && (!c->cap || c->budget > 0) &&
                (!w || !fair_preempts(w->vruntime, c->vruntime));

    if (!stay) {
        if (c)
            c->cpu = -1;
        s->curr[cpu] = w;
        if (w)
            w->cpu = cpu;
        c = w;
        w = first_waiting(s);
    }
    s->slice_end[cpu] = SIM_TIME * 2;
    if (!c)
        return;
    s->least = fair_least(s->least, w ? MIN(w->vruntime, c->vruntime) : c->vruntime);
    if (w)
        s->slice_end[cpu] = now + fair_slice(c->vruntime, w->vruntime, c->weight);
    if (c->cap)
        s->slice_end[cpu] = MIN(s->slice_end[cpu], now + fair_cap_slice(0, c->budget, 1));
}

static void sim_wake_or_sleep(struct sim *s, struct sim_vcpu *v)
{
    if (!v->sleep)
        return;
    v->phase += STEP;
    if (v->asleep && v->phase >= v->sleep) {
        v->asleep = false;
        v->phase = 0;
        v->vruntime = fair_join(v->vruntime, s->least);
    } else if (!v->asleep && v->phase >= v->run) {
        v->asleep = true;
        v->phase = 0;
    }
}

static void sim_run(struct sim *s)
{
    for (int i = 0; i < s->nr_vcpus; i++) {
        s->v[i].cpu = -1;
        s->v[i].budget = fair_cap_quota(s->v[i].cap);
    }
    for (s64 now = 0; now < SIM_TIME; now += STEP) {
        if (now % FAIR_CAP_PERIOD == 0)
            for (int i = 0; i < s->nr_vcpus; i++)
                s->v[i].budget = fair_cap_refill(s->v[i].budget, fair_cap_quota(s->v[i].cap), 1);
        for (int i = 0; i < s->nr_vcpus; i++)
            sim_wake_or_sleep(s, &s->v[i]);
        for (int c = 0; c < s->nr_cpus; c++)
            if (!s->curr[c] || s->curr[c]->asleep || now >= s->slice_end[c] ||
                s->slice_end[c] > SIM_TIME)
                sim_pick(s, c, now);
        for (int c = 0; c < s->nr_cpus; c++) {
            struct sim_vcpu *v = s->curr[c];

            if (!v)
                continue;
            v->ran += STEP;
            v->vruntime += fair_cost(STEP, v->weight);
            if (v->cap)
                v->budget -= STEP;
        }
    }
}

static void assert_share(const struct sim_vcpu *v, double cpus)
{
    double got = (double)v->ran / (double)SIM_TIME;

    ck_assert_double_gt(got, cpus * 0.95);
    ck_assert_double_lt(got, cpus * 1.05);
}

START_TEST(cost_is_time_over_weight)
{
    ck_assert_int_eq(fair_cost(1000, 256), 1000);
    ck_assert_int_eq(fair_cost(1000, 512), 500);
    ck_assert_int_eq(fair_cost(1000, 128), 2000);
    ck_assert_int_eq(fair_cost(SECONDS(3600), 1), SECONDS(3600) * 256);
}
END_TEST

START_TEST(slice_ends_where_preemption_begins)
{
    static const u32 weights[] = {16, 100, 256, 300, 1024};

    for (unsigned int i = 0; i < ARRAY_SIZE(weights); i++) {
        s64 waiting = 2000000, slice = fair_slice(0, waiting, weights[i]);

        if (slice > FAIR_GRANULARITY && slice < FAIR_SLICE_MAX)
            ck_assert(fair_preempts(waiting, fair_cost(slice, weights[i])));
    }
    ck_assert_int_eq(fair_slice(0, SECONDS(100000), 65535), FAIR_SLICE_MAX);
    ck_assert_int_eq(fair_slice(SECONDS(100), 0, 256), FAIR_GRANULARITY);
}
END_TEST

START_TEST(sleepers_keep_a_bounded_credit)
{
    ck_assert_int_eq(fair_join(0, SECONDS(5)), SECONDS(5) - FAIR_WAKE_CREDIT);
    ck_assert_int_eq(fair_join(SECONDS(6), SECONDS(5)), SECONDS(6));
}
END_TEST

START_TEST(budget_pays_debts_and_saves_nothing)
{
    ck_assert_int_eq(fair_cap_quota(50), FAIR_CAP_PERIOD / 2);
    ck_assert_int_eq(fair_cap_refill(-3000, 5000, 1), 2000);
    ck_assert_int_eq(fair_cap_refill(4000, 5000, 1), 9000);
    ck_assert_int_eq(fair_cap_refill(-8000, 5000, 2), 2000);
    ck_assert_int_eq(fair_cap_refill(0, 5000, 1000), 5000 * FAIR_CAP_SAVED);
    ck_assert_int_eq(fair_cap_full(5000), 5000 * FAIR_CAP_SAVED);
    ck_assert_int_eq(fair_cap_periods(1000, 900), 1);
    ck_assert_int_eq(fair_cap_periods(1000, 1000 + FAIR_CAP_PERIOD - 1), 1);
    ck_assert_int_eq(fair_cap_periods(1000, 1000 + FAIR_CAP_PERIOD), 2);
    ck_assert_int_eq(fair_cap_periods(0, 1000 * FAIR_CAP_PERIOD), 1001);
    ck_assert_int_eq(fair_cap_slice(0, 4000000, 2), 2000000);
    ck_assert_int_eq(fair_cap_slice(1000000, 4000000, 1), 1000000);
    ck_assert_int_eq(fair_cap_slice(0, -5, 0), FAIR_CAP_MIN_RUN);
}
END_TEST

START_TEST(weights_share_one_cpu)
{
    struct sim s = {.nr_vcpus = 3, .nr_cpus = 1};

    s.v[0].weight = 256;
    s.v[1].weight = 512;
    s.v[2].weight = 1024;
    sim_run(&s);
    assert_share(&s.v[0], 1.0 / 7);
    assert_share(&s.v[1], 2.0 / 7);
    assert_share(&s.v[2], 4.0 / 7);
}
END_TEST

START_TEST(weights_share_three_cpus)
{
    struct sim s = {.nr_vcpus = 8, .nr_cpus = 3};

    for (int i = 0; i < 8; i++)
        s.v[i].weight = i < 4 ? 256 : 512;
    sim_run(&s);
    for (int i = 0; i < 8; i++)
        assert_share(&s.v[i], i < 4 ? 0.25 : 0.5);
}
END_TEST

START_TEST(caps_hold_on_an_idle_host)
{
    struct sim s = {.nr_vcpus = 3, .nr_cpus = 4};

    for (int i = 0; i < 3; i++)
        s.v[i].weight = 256;
    s.v[0].cap = 10;
    s.v[1].cap = 75;
    sim_run(&s);
    assert_share(&s.v[0], 0.10);
    assert_share(&s.v[1], 0.75);
    assert_share(&s.v[2], 1.0);
}
END_TEST

START_TEST(what_a_cap_leaves_goes_to_the_others)
{
    struct sim s = {.nr_vcpus = 3, .nr_cpus = 2};

    for (int i = 0; i < 3; i++)
        s.v[i].weight = 256;
    s.v[0].cap = 20;
    sim_run(&s);
    assert_share(&s.v[0], 0.2);
    assert_share(&s.v[1], 0.9);
    assert_share(&s.v[2], 0.9);
}
END_TEST

START_TEST(a_sleeper_gains_no_more_than_it_asks_for)
{
    struct sim s = {.nr_vcpus = 3, .nr_cpus = 1};

    for (int i = 0; i < 3; i++)
        s.v[i].weight = 256;
    s.v[2].sleep = 30000000;
    s.v[2].run = 10000000;
    sim_run(&s);
    ck_assert_double_lt((double)s.v[2].ran / SIM_TIME, 1.0 / 3 * 1.05);
    ck_assert_double_gt((double)s.v[0].ran / (double)s.v[1].ran, 0.95);
    ck_assert_double_lt((double)s.v[0].ran / (double)s.v[1].ran, 1.05);
}
END_TEST

START_TEST(scale_counts_a_second)
{
    static const u64 rates[] = {1193182,    3579545,    14318180,   999999999, 1000000000,
                                1000000001, 2400000000, 2893412345, 5100000000};

    for (unsigned int i = 0; i < ARRAY_SIZE(rates); i++) {
        u32 mul;
        s8 shift;
        u64 ns;

        scale_from_hz(rates[i], &mul, &shift);
        ck_assert_uint_ge(mul, 1U << 31);
        ns = scale_ticks(rates[i] * 100, mul, shift);
        ck_assert_uint_ge(ns, 100 * NSEC_PER_SEC - 300);
        ck_assert_uint_le(ns, 100 * NSEC_PER_SEC + 300);
    }
}
END_TEST

START_TEST(slew_is_bounded_and_catches_up)
{
    s64 period = 1500000000;
    u64 hz = 2400000000;

    ck_assert_uint_eq(hz_with_slew(hz, 0, period), hz);
    ck_assert_uint_lt(hz_with_slew(hz, 1000, period), hz);
    ck_assert_uint_gt(hz_with_slew(hz, -1000, period), hz);
    ck_assert_uint_ge(hz_with_slew(hz, SECONDS(10), period), hz - hz / 1000000 * 201);
    ck_assert_uint_le(hz_with_slew(hz, -SECONDS(10), period), hz + hz / 1000000 * 201);
}
END_TEST

START_TEST(narrow_counters_are_extended)
{
    ck_assert_uint_eq(counter_extend(0xfff0, 0x0010, 16, 0), 0x10010);
    ck_assert_uint_eq(counter_extend(0x1fff0, 0x0010, 16, 0x20000), 0x20010);
    /* Three wraps went by unseen; another clock says so, not quite exactly. */
    ck_assert_uint_eq(counter_extend(0x0010, 0x0020, 16, 0x30100), 0x30020);
    ck_assert_uint_eq(counter_extend(0x0010, 0x0020, 16, 0x2ff00), 0x30020);
    ck_assert_uint_eq(counter_extend(5, 7, 32, 9), 7);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sched");
    TCase *tc = tcase_create("fair");
    TCase *clock = tcase_create("clock");
    SRunner *sr = srunner_create(s);
    int failed;

    tcase_add_test(tc, cost_is_time_over_weight);
    tcase_add_test(tc, slice_ends_where_preemption_begins);
    tcase_add_test(tc, sleepers_keep_a_bounded_credit);
    tcase_add_test(tc, budget_pays_debts_and_saves_nothing);
    tcase_add_test(tc, weights_share_one_cpu);
    tcase_add_test(tc, weights_share_three_cpus);
    tcase_add_test(tc, caps_hold_on_an_idle_host);
    tcase_add_test(tc, what_a_cap_leaves_goes_to_the_others);
    tcase_add_test(tc, a_sleeper_gains_no_more_than_it_asks_for);
    tcase_add_test(clock, scale_counts_a_second);
    tcase_add_test(clock, slew_is_bounded_and_catches_up);
    tcase_add_test(clock, narrow_counters_are_extended);
    suite_add_tcase(s, tc);
    suite_add_tcase(s, clock);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
