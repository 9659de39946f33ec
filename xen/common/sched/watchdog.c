/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c - SCHEDOP_watchdog: a domain that stops re-arming its watchdog is shut down.
 *
 * Lock: d->lock. The timers are set under it (its rank is lower than theirs).
 */
#include <xen/lib.h>
#include <public/sched.h>
#include "private.h"

static void watchdog_expired(void *data)
{
    struct domain *d = data;

    printk(XLOG_WARN "%s: watchdog expired\n", d->name);
    domain_shutdown(d, SHUTDOWN_watchdog);
}

static s_time_t deadline(u32 timeout)
{
    return NOW() + SECONDS(timeout);
}

/* The id of the new one. */
static long start_locked(struct domain *d, u32 timeout)
{
    struct sched_domain *s = d->sched;

    if (timeout == 0)
        return -EINVAL;
    for (u32 i = 0; i < NR_WATCHDOGS; i++)
        if (!s->watchdog_used[i]) {
            s->watchdog_used[i] = true;
            set_timer(&s->watchdog[i], deadline(timeout));
            return i + 1;
        }
    return -ENOSPC;
}

static long change_locked(struct domain *d, u32 i, u32 timeout)
{
    struct sched_domain *s = d->sched;

    if (!s->watchdog_used[i])
        return -EINVAL;
    if (timeout) {
        set_timer(&s->watchdog[i], deadline(timeout));
    } else {
        stop_timer(&s->watchdog[i]);
        s->watchdog_used[i] = false;
    }
    return 0;
}

long domain_watchdog(struct domain *d, u32 id, u32 timeout)
{
    long rc;

    if (id > NR_WATCHDOGS)
        return -EINVAL;
    spin_lock(&d->lock);
    rc = id ? change_locked(d, id - 1, timeout) : start_locked(d, timeout);
    spin_unlock(&d->lock);
    return rc;
}

void domain_watchdogs_init(struct domain *d)
{
    for (unsigned int i = 0; i < NR_WATCHDOGS; i++)
        init_timer(&d->sched->watchdog[i], watchdog_expired, d, smp_processor_id());
}

void domain_watchdogs_destroy(struct domain *d)
{
    for (unsigned int i = 0; i < NR_WATCHDOGS; i++)
        kill_timer(&d->sched->watchdog[i]);
}
