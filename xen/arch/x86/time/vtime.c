/* SPDX-License-Identifier: MIT */
/*
 * vtime.c - the clock as guests read it: scale and base in vcpu_time_info, and in the copy that a
 * guest may have registered for its user mode.
 *
 * Written only on the vCPU's own CPU. Version odd: being written. The guest cannot be trusted to
 * leave the version alone, and need not be: only it would suffer.
 */
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/percpu.h>
#include <xen/sched.h>
#include <xen/timer.h>
#include "private.h"

static DEFINE_PER_CPU(struct timer, refresh_timer);

static void write_secondary(const struct vcpu *v, struct vcpu_time_info info)
{
    unsigned long at = v->time_guest;
    u32 done = info.version;

    /* Not mapped just now, or gone: the guest's affair. */
    info.version = done - 1;
    if (copy_to_guest(at, &info.version, sizeof(info.version)))
        return;
    smp_wmb();
    if (copy_to_guest(at, &info, sizeof(info)))
        return;
    smp_wmb();
    if (copy_to_guest(at, &done, sizeof(done)))
        return;
}

void vcpu_time_update(struct vcpu *v)
{
    struct time_scale s = tsc_scale_get();
    struct vcpu_time_info *t, copy;
    u32 version;

    if (v->info == NULL)
        return;
    t = &v->info->time;
    copy = (struct vcpu_time_info){.tsc_timestamp = s.base,
                                   .system_time = (u64)s.stime,
                                   .tsc_to_system_mul = s.mul,
                                   .tsc_shift = s.shift};
    if (t->tsc_timestamp == copy.tsc_timestamp && t->system_time == copy.system_time &&
        t->version && !v->time_guest)
        return; /* the scale is still the one the guest has */

    version = (READ_ONCE(t->version) | 1) + 1;
    WRITE_ONCE(t->version, version - 1);
    smp_wmb();
    t->tsc_timestamp = copy.tsc_timestamp;
    t->system_time = copy.system_time;
    t->tsc_to_system_mul = copy.tsc_to_system_mul;
    t->tsc_shift = copy.tsc_shift;
    t->flags = 0;
    smp_wmb();
    WRITE_ONCE(t->version, version);

    copy.version = version;
    if (v->time_guest && v == current)
        write_secondary(v, copy);
}

static void refresh(void *unused)
{
    (void)unused;
    if (!is_idle_vcpu(current))
        vcpu_time_update(current);
}

void vtime_refresh_all(void)
{
    unsigned int cpu;

    for_each_online_cpu (cpu)
        set_timer(&per_cpu(refresh_timer, cpu), 0);
}

void vtime_init_cpu(unsigned int cpu)
{
    init_timer(&per_cpu(refresh_timer, cpu), refresh, NULL, cpu);
}
