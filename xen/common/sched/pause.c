/* SPDX-License-Identifier: MIT */
/*
 * pause.c - counted pausing of vCPUs and whole domains. The counts are atomic; the scheduler looks
 * at them whenever it is told that something changed.
 */
#include <xen/lib.h>
#include "private.h"

void vcpu_pause(struct vcpu *v)
{
    ASSERT(v != current);
    atomic_inc(&v->pause_count);
    vcpu_sleep_sync(v);
}

void vcpu_pause_nosync(struct vcpu *v)
{
    atomic_inc(&v->pause_count);
    vcpu_sleep_nosync(v);
}

void vcpu_unpause(struct vcpu *v)
{
    if (atomic_dec_and_test(&v->pause_count))
        vcpu_wake(v);
}

void domain_pause(struct domain *d)
{
    struct vcpu *v;

    ASSERT(d != current->domain);
    domain_pause_nosync(d);
    /* All were told to stop above: the waits overlap. */
    for_each_vcpu (d, v)
        vcpu_sleep_sync(v);
}

void domain_pause_nosync(struct domain *d)
{
    struct vcpu *v;

    atomic_inc(&d->pause_count);
    for_each_vcpu (d, v)
        vcpu_sleep_nosync(v);
}

void domain_unpause(struct domain *d)
{
    struct vcpu *v;

    if (atomic_dec_and_test(&d->pause_count))
        for_each_vcpu (d, v)
            vcpu_wake(v);
}
