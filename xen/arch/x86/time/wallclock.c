/* SPDX-License-Identifier: MIT */
/*
 * wallclock.c - UNIX time: the moment at which system time was 0, and its copy in each domain's
 * shared_info. Read from the real-time clock at boot, corrected by the hardware domain.
 *
 * Lock: wallclock_lock protects the moment and the writing of the copies.
 */
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include "private.h"

static DEFINE_SPINLOCK(wallclock_lock, LOCK_RANK_TIME);
static u64 epoch_ns; /* UNIX time at system time 0, ns */

void domain_wallclock_update(struct domain *d)
{
    struct shared_info *s = d->shared_info;
    unsigned long flags;
    u64 secs;

    if (s == NULL)
        return;
    spin_lock_irqsave(&wallclock_lock, flags);
    secs = epoch_ns / NSEC_PER_SEC + (u64)d->time_offset_seconds;
    WRITE_ONCE(s->wc_version, (s->wc_version | 1) + (s->wc_version & 1 ? 2 : 0));
    smp_wmb();
    s->wc_sec = (u32)secs;
    s->wc_sec_hi = (u32)(secs >> 32);
    s->wc_nsec = (u32)(epoch_ns % NSEC_PER_SEC);
    smp_wmb();
    WRITE_ONCE(s->wc_version, s->wc_version + 1);
    spin_unlock_irqrestore(&wallclock_lock, flags);
}

void wallclock_set(u64 secs, u32 nsecs, s_time_t at)
{
    unsigned long flags;
    struct domain *d;
    domid_t next = 0;

    spin_lock_irqsave(&wallclock_lock, flags);
    epoch_ns = secs * NSEC_PER_SEC + nsecs - (u64)at;
    spin_unlock_irqrestore(&wallclock_lock, flags);

    /* Without the lock: the list's lock ranks lower. Each update takes the latest value anyway. */
    while ((d = get_domain_from(next)) != NULL) {
        domain_wallclock_update(d);
        next = (domid_t)(d->domain_id + 1);
        put_domain(d);
    }
}

u64 wallclock_seconds(void)
{
    unsigned long flags;
    u64 ns;

    spin_lock_irqsave(&wallclock_lock, flags);
    ns = epoch_ns;
    spin_unlock_irqrestore(&wallclock_lock, flags);
    return (ns + (u64)NOW()) / NSEC_PER_SEC;
}

void wallclock_init(void)
{
    epoch_ns = cmos_read_time() * NSEC_PER_SEC - (u64)NOW();
}
