/* SPDX-License-Identifier: MIT */
/*
 * Timers of a vCPU: singleshot in the future and the past, set_timer_op,
 * periodic, cancelling, and VIRQ_TIMER as upcall.  System time never runs
 * backwards.
 */
#include "guest.h"

#define MS 1000000UL

static uint32_t port;

static void bind_timer(void)
{
    struct evtchn_bind_virq v = {.virq = VIRQ_TIMER, .vcpu = 0};

    NEED(hypercall(event_channel_op, EVTCHNOP_bind_virq, &v) == 0);
    port = v.port;
    hypercall(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
    hypercall(sched_op, SCHEDOP_yield, 0);
    events_on();
}

static long singleshot(uint64_t at, uint32_t flags)
{
    struct vcpu_set_singleshot_timer t = {.timeout_abs_ns = at, .flags = flags};

    return hypercall(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t);
}

static void check_clock(void)
{
    uint64_t last = system_time(), now;
    int i;

    for (i = 0; i < 2000; i++) {
        now = system_time();
        if (now < last) {
            failure("system time went back from %lu to %lu", last, now);
            return;
        }
        last = now;
    }
    CHECK(shared_info->wc_sec > 1000000000U);
    CHECK_EQ(shared_info->wc_version & 1, 0);
}

static void check_singleshot(void)
{
    unsigned long before = event_count[port];
    uint64_t t = system_time();

    CHECK_EQ(singleshot(t + 20 * MS, 0), 0);
    while (event_count[port] == before && system_time() < t + 2000 * MS)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK_EQ(event_count[port], before + 1);
    CHECK(system_time() >= t + 20 * MS);
    wait_until(system_time() + 30 * MS);
    CHECK_EQ(event_count[port], before + 1);
}

static void check_past(void)
{
    unsigned long before = event_count[port];
    uint64_t t = system_time();

    CHECK_EQ(singleshot(1, 0), 0);
    wait_until(t + 20 * MS);
    CHECK_EQ(event_count[port], before + 1);
    /* 4.17 no longer looks at this flag. */
    CHECK_EQ(singleshot(1, VCPU_SSHOTTMR_future), 0);
    wait_until(system_time() + 20 * MS);
    CHECK_EQ(event_count[port], before + 2);
}

static void check_stop(void)
{
    unsigned long before = event_count[port];
    uint64_t t = system_time();

    CHECK_EQ(singleshot(t + 50 * MS, 0), 0);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0), 0);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0), 0);
    wait_until(t + 80 * MS);
    CHECK_EQ(event_count[port], before);
}

/* A later setting replaces an earlier one. */
static void check_replace(void)
{
    unsigned long before = event_count[port];
    uint64_t t = system_time();

    CHECK_EQ(singleshot(t + 400 * MS, 0), 0);
    CHECK_EQ(singleshot(t + 20 * MS, 0), 0);
    while (event_count[port] == before && system_time() < t + 300 * MS)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK_EQ(event_count[port], before + 1);
    CHECK(system_time() < t + 300 * MS);
    wait_until(t + 430 * MS);
    CHECK_EQ(event_count[port], before + 1);
}

static void check_timer_op(void)
{
    unsigned long before = event_count[port];
    uint64_t t = system_time();

    CHECK_EQ(hypercall(set_timer_op, t + 20 * MS), 0);
    while (event_count[port] == before && system_time() < t + 2000 * MS)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK_EQ(event_count[port], before + 1);
    CHECK_EQ(hypercall(set_timer_op, system_time() + 30 * MS), 0);
    CHECK_EQ(hypercall(set_timer_op, 0), 0);
    wait_until(system_time() + 60 * MS);
    CHECK_EQ(event_count[port], before + 1);
}

static void check_periodic(void)
{
    struct vcpu_set_periodic_timer p = {.period_ns = 10 * MS};
    unsigned long before = event_count[port], seen;

    CHECK_EQ(hypercall(vcpu_op, VCPUOP_set_periodic_timer, 0, &p), 0);
    wait_until(system_time() + 200 * MS);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
    seen = event_count[port] - before;
    CHECK(seen >= 5 && seen <= 21);
    hypercall(xen_version, 0, 0);
    seen = event_count[port];
    wait_until(system_time() + 40 * MS);
    CHECK_EQ(event_count[port], seen);
}

static void check_misuse(void)
{
    struct vcpu_set_periodic_timer p = {.period_ns = 999999};
    struct vcpu_set_singleshot_timer t = {.timeout_abs_ns = 1};

    CHECK_EQ(hypercall(vcpu_op, VCPUOP_set_periodic_timer, 0, &p), -XEN_EINVAL);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_set_singleshot_timer, 1, &t), -XEN_EINVAL);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_stop_singleshot_timer, 1, 0), -XEN_EINVAL);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_set_singleshot_timer, 0, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_set_periodic_timer, 0, UNMAPPED), -XEN_EFAULT);
}

void test_main(void)
{
    bind_timer();
    check_clock();
    check_singleshot();
    check_past();
    check_stop();
    check_replace();
    check_timer_op();
    check_periodic();
    check_misuse();
    success();
}
