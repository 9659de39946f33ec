/* SPDX-License-Identifier: MIT */
/*
 * vcpu-timer.c - the timers that each vCPU has: one shot, periodic, and the time limit of a poll.
 * All but the last end in VIRQ_TIMER. They follow the vCPU from CPU to CPU.
 */
#include <xen/event.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include "private.h"

#define PERIOD_MIN MILLISECS(1)
#define PERIOD_MAX ((1LL << 62) - 1)
/* A timeout beyond this is a guest's arithmetic gone wrong, not a wish: see do_set_timer_op. */
#define FAR_FUTURE (1LL << 50)

static void singleshot_expired(void *data)
{
    send_vcpu_virq(data, VIRQ_TIMER);
}

static void periodic_expired(void *data)
{
    struct vcpu *v = data;
    s_time_t now = NOW(), period = READ_ONCE(v->periodic_period);

    if (period == 0)
        return;
    /* In step with the first one; ticks that nobody could take are dropped. */
    v->periodic_last += period;
    if (v->periodic_last + period <= now)
        v->periodic_last = now;
    set_timer(&v->periodic_timer, v->periodic_last + period);
    send_vcpu_virq(v, VIRQ_TIMER);
}

static long set_periodic(struct vcpu *v, unsigned long arg)
{
    struct vcpu_set_periodic_timer op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.period_ns < (u64)PERIOD_MIN || op.period_ns > (u64)PERIOD_MAX)
        return -EINVAL;
    stop_timer(&v->periodic_timer);
    v->periodic_last = NOW();
    WRITE_ONCE(v->periodic_period, (s_time_t)op.period_ns);
    set_timer(&v->periodic_timer, v->periodic_last + (s_time_t)op.period_ns);
    return 0;
}

static long set_singleshot(struct vcpu *v, unsigned long arg)
{
    struct vcpu_set_singleshot_timer op;

    if (v != current)
        return -EINVAL;
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    /* Version 4.17 fires at once for a time in the past, whatever VCPU_SSHOTTMR_future says. */
    set_timer(&v->singleshot_timer, (s_time_t)MIN(op.timeout_abs_ns, (u64)STIME_MAX));
    return 0;
}

long vcpu_timer_op(struct vcpu *v, int cmd, unsigned long arg)
{
    switch (cmd) {
    case VCPUOP_set_periodic_timer:
        return set_periodic(v, arg);
    case VCPUOP_stop_periodic_timer:
        WRITE_ONCE(v->periodic_period, 0);
        stop_timer(&v->periodic_timer);
        return 0;
    case VCPUOP_set_singleshot_timer:
        return set_singleshot(v, arg);
    case VCPUOP_stop_singleshot_timer:
        if (v != current)
            return -EINVAL;
        stop_timer(&v->singleshot_timer);
        return 0;
    default:
        return -ENOSYS;
    }
}

long do_set_timer_op(unsigned long timeout)
{
    struct vcpu *v = current;
    s_time_t when = (s_time_t)timeout, now = NOW();

    if (timeout == 0) {
        stop_timer(&v->singleshot_timer);
        return 0;
    }
    /* Guests have been known to overflow; waking them soon lets them recover. */
    if (when < 0 || when - now > FAR_FUTURE)
        when = now + MILLISECS(100);
    set_timer(&v->singleshot_timer, when);
    return 0;
}

int vcpu_timers_init(struct vcpu *v)
{
    unsigned int cpu = v->processor;

    init_timer(&v->singleshot_timer, singleshot_expired, v, cpu);
    init_timer(&v->periodic_timer, periodic_expired, v, cpu);
    init_timer(&v->poll_timer, vcpu_poll_timeout, v, cpu);
    return 0;
}

void vcpu_timers_destroy(struct vcpu *v)
{
    kill_timer(&v->singleshot_timer);
    kill_timer(&v->periodic_timer);
    kill_timer(&v->poll_timer);
}

void vcpu_timers_migrate(struct vcpu *v, unsigned int cpu)
{
    struct timer *t[] = {&v->singleshot_timer, &v->periodic_timer, &v->poll_timer};

    for (unsigned int i = 0; i < ARRAY_SIZE(t); i++)
        if (READ_ONCE(t[i]->cpu) != cpu)
            migrate_timer(t[i], cpu);
}
