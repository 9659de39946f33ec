/* SPDX-License-Identifier: MIT */
/*
 * poll.c - SCHEDOP_poll: sleep until one of some ports is pending, masked or not.
 *
 * Flags first, then a look at the ports; a sender marks the port first, then looks at the flags. So
 * one of the two always sees the other. Waking too early is allowed: the guest looks again.
 */
#include <xen/bitops.h>
#include <xen/event.h>
#include <xen/guest-access.h>
#include <xen/softirq.h>
#include <public/sched.h>
#include "private.h"

#define MAX_POLL_PORTS 128

void vcpu_poll_timeout(void *data)
{
    struct vcpu *v = data;

    if (test_bit(VPF_POLLING, &v->pause_flags))
        vcpu_unblock(v);
}

/* 1: some port is pending, 0: none, -EFAULT, -EINVAL. */
static int any_pending(const struct domain *d, const struct sched_poll *poll)
{
    for (unsigned int i = 0; i < poll->nr_ports; i++) {
        u32 port;
        int rc;

        if (copy_elem_from_guest(&port, poll->ports, i, sizeof(port)))
            return -EFAULT;
        rc = evtchn_is_pending(d, port);
        if (rc)
            return rc;
    }
    return 0;
}

static void stop_polling(struct vcpu *v)
{
    WRITE_ONCE(v->poll_port, 0);
    clear_bit(VPF_POLLING, &v->pause_flags);
    clear_bit(VPF_BLOCKED, &v->pause_flags);
}

long sched_poll(unsigned long arg)
{
    struct vcpu *v = current;
    struct sched_poll poll;
    u32 port = 0;
    int rc;

    if (copy_from_guest(&poll, arg, sizeof(poll)))
        return -EFAULT;
    if (poll.nr_ports > MAX_POLL_PORTS)
        return -EINVAL;
    if (poll.nr_ports == 1 && copy_from_guest(&port, poll.ports, sizeof(port)))
        return -EFAULT;

    stop_timer(&v->poll_timer); /* of an earlier poll */
    WRITE_ONCE(v->poll_port, port);
    set_bit(VPF_BLOCKED, &v->pause_flags);
    set_bit(VPF_POLLING, &v->pause_flags);

    rc = vcpu_events_pending(v) ? 1 : any_pending(v->domain, &poll);
    if (rc) {
        stop_polling(v);
        return rc < 0 ? rc : 0;
    }
    if (poll.timeout)
        set_timer(&v->poll_timer, (s_time_t)MIN(poll.timeout, (u64)STIME_MAX));
    raise_softirq(SOFTIRQ_SCHEDULE);
    return 0;
}
