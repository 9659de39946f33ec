/* SPDX-License-Identifier: MIT */
/*
 * runstate.c - where the time of each vCPU goes: running, runnable, blocked, offline.
 *
 * v->runstate is written under the run queue's lock, at each change of state.
 */
#include <xen/bitops.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/trace.h>
#include "private.h"

int vcpu_resting_state(const struct vcpu *v)
{
    if (test_bit(VPF_BLOCKED, &v->pause_flags))
        return RUNSTATE_blocked;
    return vcpu_runnable(v) ? RUNSTATE_runnable : RUNSTATE_offline;
}

void vcpu_runstate_change(struct vcpu *v, int state, s_time_t now)
{
    struct vcpu_runstate_info *r = &v->runstate;
    s64 delta = now - (s_time_t)r->state_entry_time;

    if (r->state == state)
        return;
    /* CPUs with a scale of their own may disagree by a little. */
    if (delta > 0) {
        r->time[r->state] += (u64)delta;
        r->state_entry_time = (u64)now;
    }
    trace(TRC_SCHED_RUNSTATE_CHANGE | (u32)(r->state & 3) << 8 | (u32)(state & 3) << 4,
          trace_vcpu(v));
    r->state = state;
}

void vcpu_runstate_get(const struct vcpu *v, struct vcpu_runstate_info *ret_info)
{
    unsigned long flags;
    struct sched_rq *rq = vcpu_rq_lock(v, &flags);
    s64 delta;

    *ret_info = v->runstate;
    delta = NOW() - (s_time_t)ret_info->state_entry_time;
    rq_unlock(rq, flags);
    if (delta > 0)
        ret_info->time[ret_info->state] += (u64)delta;
}

void vcpu_runstate_publish(struct vcpu *v)
{
    struct vcpu_runstate_info info = v->runstate; /* v is current: nobody changes it now */
    unsigned long at = v->runstate_guest;
    unsigned long entry_at = at + offsetof(struct vcpu_runstate_info, state_entry_time);
    u64 entry = info.state_entry_time;

    if (!at)
        return;
    if (!(READ_ONCE(v->domain->arch.vm_assist) & BIT(VMASST_TYPE_runstate_update_flag))) {
        /* An area that is not mapped stays as it was; the guest asked for it. */
        if (copy_to_guest(at, &info, sizeof(info)))
            return;
        return;
    }
    info.state_entry_time |= XEN_RUNSTATE_UPDATE;
    if (copy_to_guest(entry_at, &info.state_entry_time, sizeof(entry)))
        return;
    smp_wmb();
    if (copy_to_guest(at, &info, sizeof(info)))
        return;
    smp_wmb();
    if (copy_to_guest(entry_at, &entry, sizeof(entry)))
        return;
}
