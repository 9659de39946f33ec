/* SPDX-License-Identifier: MIT */
/*
 * sched_op in domains that may end: each shutdown code, the code given before, a watchdog that
 * expires, shutdown by Domain 0, suspend and resume; pinning; polls woken from another CPU.
 */
#include "guest.h"

#define op(cmd, arg) hypercall(sched_op, SCHEDOP_##cmd, arg)
#define MS           1000000UL

static void child_ends(void)
{
    struct sched_shutdown s = {.reason = (unsigned int)child_box.word[0]};
    struct sched_shutdown code = {.reason = (unsigned int)child_box.word[1]};

    if (child_box.word[2])
        CHECK_EQ(op(shutdown_code, &code), 0);
    child_box.word[3] = (uint64_t)op(shutdown, &s);
    child_box.word[4] = 1;
    hypercall(vcpu_op, VCPUOP_down, 0, 0);
}

/* The code that the tools see. */
static int end_with(unsigned int reason, bool say_before, unsigned int code)
{
    struct child c = {0};
    int seen;

    child_make(&c, child_ends, 1);
    c.box->word[0] = reason;
    c.box->word[1] = code;
    c.box->word[2] = say_before;
    child_run(&c);
    seen = child_wait(&c, 20000);
    CHECK_EQ(c.box->word[4], 0); /* it did not go on */
    child_end(&c);
    return seen;
}

static void check_codes(void)
{
    CHECK_EQ(end_with(SHUTDOWN_poweroff, false, 0), SHUTDOWN_poweroff);
    CHECK_EQ(end_with(SHUTDOWN_reboot, false, 0), SHUTDOWN_reboot);
    CHECK_EQ(end_with(SHUTDOWN_watchdog, false, 0), SHUTDOWN_watchdog);
    CHECK_EQ(end_with(SHUTDOWN_soft_reset, false, 0), SHUTDOWN_soft_reset);
    CHECK_EQ(end_with(77, false, 0), 77);
    CHECK_EQ(end_with(SHUTDOWN_poweroff, true, SHUTDOWN_crash), SHUTDOWN_crash);
}

/* Resumed by the tools, the guest goes on behind its call. */
static void check_suspend(void)
{
    struct child c = {0};

    child_make(&c, child_ends, 1);
    c.box->word[0] = SHUTDOWN_suspend;
    c.box->word[3] = 77;
    child_run(&c);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_suspend);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_resumedomain, c.id), 0);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff); /* its last vCPU is down */
    CHECK_EQ(c.box->word[3], 0);
    child_end(&c);
}

static void child_sleeps(void)
{
    struct sched_watchdog w = {.id = 0, .timeout = (uint32_t)child_box.word[0]};

    if (child_box.word[0])
        CHECK_EQ(op(watchdog, &w), 1);
    child_box.word[1] = 1;
    for (;;)
        op(block, 0);
}

static void check_watchdog(void)
{
    struct child c = {0};
    uint64_t t;

    child_make(&c, child_sleeps, 1);
    c.box->word[0] = 1;
    t = system_time();
    child_run(&c);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_watchdog);
    CHECK(system_time() - t >= 900 * MS);
    child_end(&c);
}

static void check_remote(void)
{
    struct sched_remote_shutdown r = {.reason = SHUTDOWN_reboot};
    struct child c = {0};

    child_start(&c, child_sleeps, 1);
    r.domain_id = c.id;
    CHECK_EQ(op(remote_shutdown, &r), 0);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_reboot);
    CHECK_EQ(op(remote_shutdown, &r), 0); /* again: nothing more happens */
    child_end(&c);
    r.domain_id = DOMID_SELF;
    CHECK_EQ(op(remote_shutdown, &r), -XEN_ESRCH);
    CHECK_EQ(op(remote_shutdown, UNMAPPED), -XEN_EFAULT);
}

static void check_pin(void)
{
    struct sched_pin_override p = {.pcpu = 0};

    CHECK_EQ(op(pin_override, &p), 0);
    p.pcpu = 1;
    CHECK_EQ(op(pin_override, &p), -XEN_EBUSY);
    p.pcpu = -1;
    CHECK_EQ(op(pin_override, &p), 0);
    CHECK_EQ(op(pin_override, &p), -XEN_EINVAL);
    p.pcpu = 5000;
    CHECK_EQ(op(pin_override, &p), -XEN_EINVAL);
    p.pcpu = 0x7fffffff;
    CHECK_EQ(op(pin_override, &p), -XEN_EINVAL);
    CHECK_EQ(op(pin_override, UNMAPPED), -XEN_EFAULT);
}

static uint32_t kick_port;
static volatile bool kick_go;

static void second_kicks(void)
{
    struct evtchn_send s = {.port = kick_port};
    uint64_t end = system_time() + 20 * MS;

    while (system_time() < end)
        barrier();
    kick_go = true;
    hypercall(event_channel_op, EVTCHNOP_send, &s);
}

/* As spinlocks of Linux do it: a masked port, upcalls masked, no time limit. */
static void check_kick(void)
{
    struct evtchn_bind_ipi b = {.vcpu = 0};
    struct sched_poll p = {.ports = (uintptr_t)&kick_port, .nr_ports = 1};

    NEED(hypercall(event_channel_op, EVTCHNOP_bind_ipi, &b) == 0);
    kick_port = b.port;
    event_mask(kick_port);
    if (!second_start(second_kicks)) {
        skip("one vCPU only: nobody who kicks");
        return;
    }
    events_off();
    CHECK_EQ(op(poll, &p), 0);
    CHECK(kick_go && event_pending(kick_port));
    event_clear(kick_port);
    CHECK(second_wait(20000));
    CHECK_EQ(evtchn_close_port(kick_port), 0);
}

static void check_poll_pointers(void)
{
    struct sched_poll p = {.ports = UNMAPPED, .nr_ports = 2, .timeout = system_time() + MS};
    uint32_t port[2] = {0, 0};

    CHECK_EQ(op(poll, &p), -XEN_EFAULT);
    p.ports = HYPERVISOR_VIRT_START;
    CHECK_EQ(op(poll, &p), -XEN_EFAULT);
    p.ports = HYPERVISOR_VIRT_START - 4;
    CHECK_EQ(op(poll, &p), -XEN_EFAULT);
    p.ports = (uintptr_t)port;
    p.nr_ports = ~0U;
    CHECK_EQ(op(poll, &p), -XEN_EINVAL);
    p.nr_ports = 129;
    CHECK_EQ(op(poll, &p), -XEN_EINVAL);
}

void test_main(void)
{
    struct counts before;

    check_kick(); /* the first channel and vCPU have parts that stay */
    check_codes();
    counts_take(&before);
    check_suspend();
    check_watchdog();
    check_remote();
    check_pin();
    check_kick();
    check_poll_pointers();
    CHECK_COUNTS(&before);
}
