/* SPDX-License-Identifier: MIT */
/*
 * two-level.c - pending events as bits: one per port in shared_info, one per word of ports in the
 * vCPU's pending_sel, and upcall_pending above all.
 *
 * No locks: bits are set with locked instructions, lowest level first, and the guest clears them in
 * the opposite order. A vcpu_info area may move at any time: who writes to one looks afterwards
 * whether it is still the current one and repeats if not.
 */
#include <xen/domain.h>
#include "private.h"

static void mark_selector(struct vcpu *v, u32 port)
{
    struct vcpu_info *info;
    bool was_set;

    do {
        info = READ_ONCE(v->info);
        if (info == &no_vcpu_info)
            return;
        was_set = test_and_set_bit(port / BITS_PER_LONG, &info->evtchn_pending_sel);
    } while (info != READ_ONCE(v->info));
    if (!was_set)
        vcpu_mark_events_pending(v);
}

static void notify(struct domain *d, const struct evtchn *chn)
{
    struct vcpu *v = domain_vcpu(d, READ_ONCE(chn->notify_vcpu));

    if (v) /* else: ports of a domain under construction */
        mark_selector(v, chn->port);
}

static void two_level_set_pending(struct domain *d, struct evtchn *chn)
{
    struct shared_info *s = d->shared_info;

    if (test_and_set_bit(chn->port, s->evtchn_pending))
        return;
    if (unlikely(READ_ONCE(d->evtchn->ops) != &evtchn_2l_ops)) {
        /* The guest changed to FIFO just now. Whoever takes the bit away carries it over. */
        if (test_and_clear_bit(chn->port, s->evtchn_pending))
            evtchn_fifo_ops.set_pending(d, chn);
        return;
    }
    if (!test_bit(chn->port, s->evtchn_mask))
        notify(d, chn);
}

static void two_level_clear_pending(struct domain *d, struct evtchn *chn)
{
    clear_bit(chn->port, d->shared_info->evtchn_pending);
}

static void two_level_unmask(struct domain *d, struct evtchn *chn)
{
    if (test_and_clear_bit(chn->port, d->shared_info->evtchn_mask) &&
        test_bit(chn->port, d->shared_info->evtchn_pending))
        notify(d, chn);
}

static bool two_level_is_pending(const struct domain *d, const struct evtchn *chn)
{
    return test_bit(chn->port, d->shared_info->evtchn_pending);
}

static bool two_level_is_masked(const struct domain *d, const struct evtchn *chn)
{
    return test_bit(chn->port, d->shared_info->evtchn_mask);
}

static bool two_level_is_busy(const struct domain *d __maybe_unused,
                              const struct evtchn *chn __maybe_unused)
{
    return false;
}

static int two_level_set_priority(struct domain *d __maybe_unused,
                                  struct evtchn *chn __maybe_unused,
                                  unsigned int priority __maybe_unused)
{
    return -ENOSYS;
}

const struct evtchn_ops evtchn_2l_ops = {
    .nr_ports = PORTS_2L,
    .set_pending = two_level_set_pending,
    .clear_pending = two_level_clear_pending,
    .unmask = two_level_unmask,
    .is_pending = two_level_is_pending,
    .is_masked = two_level_is_masked,
    .is_busy = two_level_is_busy,
    .set_priority = two_level_set_priority,
};
