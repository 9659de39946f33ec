/* SPDX-License-Identifier: MIT */
/*
 * sched_op: yield, block until a timer, poll for a port or a time, watchdog
 * misuse, bad commands.
 */
#include "guest.h"

#define MS 1000000UL

static uint32_t timer_port;

static void set_timer(uint64_t at)
{
    NEED(hypercall(set_timer_op, at) == 0);
}

static void check_yield(void)
{
    CHECK_EQ(hypercall(sched_op, SCHEDOP_yield, 0), 0);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_yield, NONCANON), 0);
}

/* block unmasks events, so the upcall has been taken when it returns. */
static void check_block(void)
{
    unsigned long before = event_count[timer_port];
    uint64_t t = system_time();

    events_off();
    set_timer(t + 30 * MS);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_block, 0), 0);
    CHECK(system_time() >= t + 30 * MS);
    CHECK_EQ(event_count[timer_port], before + 1);
    CHECK_EQ(this_vcpu_info()->evtchn_upcall_mask, 0);
    events_off();
}

static long poll_ports(const uint32_t *ports, unsigned int n, uint64_t timeout)
{
    struct sched_poll p = {.ports = (uintptr_t)ports, .nr_ports = n, .timeout = timeout};

    return hypercall(sched_op, SCHEDOP_poll, &p);
}

static void check_poll(void)
{
    struct evtchn_bind_ipi ipi = {.vcpu = 0};
    struct evtchn_send send;
    uint64_t t = system_time();
    uint32_t ports[2];

    NEED(hypercall(event_channel_op, EVTCHNOP_bind_ipi, &ipi) == 0);
    ports[0] = timer_port;
    ports[1] = send.port = ipi.port;
    event_mask(ipi.port);
    CHECK_EQ(poll_ports(ports + 1, 1, t + 30 * MS), 0);
    CHECK(system_time() >= t + 30 * MS);
    /* A pending port ends it at once, though masked twice. */
    NEED(hypercall(event_channel_op, EVTCHNOP_send, &send) == 0);
    t = system_time();
    CHECK_EQ(poll_ports(ports, 2, t + 2000 * MS), 0);
    CHECK(system_time() < t + 1000 * MS);
    CHECK(event_pending(ipi.port));
    event_clear(ipi.port);
    /* The timer's port wakes it. */
    event_mask(timer_port);
    t = system_time();
    set_timer(t + 30 * MS);
    CHECK_EQ(poll_ports(ports, 2, t + 2000 * MS), 0);
    CHECK(system_time() < t + 1000 * MS);
    CHECK(event_pending(timer_port));
    event_clear(timer_port);
}

static void check_poll_misuse(void)
{
    uint32_t bad = 1U << 20, zero = 0;
    uint64_t soon = system_time() + 5 * MS;

    CHECK_EQ(poll_ports(&bad, 129, soon), -XEN_EINVAL);
    CHECK_EQ(poll_ports(&bad, 1, soon), -XEN_EINVAL);
    CHECK_EQ(poll_ports((uint32_t *)UNMAPPED, 1, soon), -XEN_EFAULT);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_poll, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(poll_ports(&zero, 0, soon), 0);
}

static void check_others(void)
{
    struct sched_watchdog w = {.id = 3, .timeout = 1};
    struct sched_remote_shutdown r = {.domain_id = 0x1234, .reason = 0};
    struct sched_shutdown s = {.reason = SHUTDOWN_MAX + 1};

    CHECK_EQ(hypercall(sched_op, SCHEDOP_watchdog, &w), -XEN_EINVAL);
    w = (struct sched_watchdog){.id = 0, .timeout = 100};
    CHECK_EQ(hypercall(sched_op, SCHEDOP_watchdog, &w), 1);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_watchdog, &w), 2);
    /* 4.17 returns this one as an unsigned int. */
    CHECK_EQ((int)hypercall(sched_op, SCHEDOP_watchdog, &w), -XEN_ENOSPC);
    w = (struct sched_watchdog){.id = 1, .timeout = 0};
    CHECK_EQ(hypercall(sched_op, SCHEDOP_watchdog, &w), 0);
    w.id = 2;
    CHECK_EQ(hypercall(sched_op, SCHEDOP_watchdog, &w), 0);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_remote_shutdown, &r), -XEN_ESRCH);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_shutdown, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_shutdown_code, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(sched_op, 8, &s), -XEN_ENOSYS);
    CHECK_EQ(hypercall(sched_op, 0x7fffffff, &s), -XEN_ENOSYS);
}

void test_main(void)
{
    struct evtchn_bind_virq v = {.virq = VIRQ_TIMER, .vcpu = 0};

    NEED(hypercall(event_channel_op, EVTCHNOP_bind_virq, &v) == 0);
    timer_port = v.port;
    NEED(hypercall(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0) == 0);
    event_clear(timer_port);
    check_yield();
    check_block();
    check_poll();
    check_poll_misuse();
    check_others();
    success();
}
