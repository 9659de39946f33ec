/* SPDX-License-Identifier: MIT */
/*
 * fill-op.c - pages whose content has yet to come: marks, vCPUs that wait, and the tools'
 * operation. See <xen/fill.h> and <public/xenolith.h>.
 *
 * A vCPU decides to wait under ld->lock, and a page is filled under it: either the vCPU finds it
 * filled, or the one that fills it finds the vCPU waiting.
 */
#include <xen/domctl-table.h>
#include <xen/event.h>
#include <xen/fill.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/time.h>
#include <public/xenolith.h>
#include "private.h"

/* --- who waits --- */

void fill_note(struct vcpu *v, unsigned long mfn)
{
    v->arch.fill_noted = (u32)mfn;
    v->arch.waits_fill = true;
}

bool fill_note_page(const struct page_info *pg)
{
    if (page_owner(pg) == current->domain)
        fill_note(current, mfn_x(page_to_mfn(pg)));
    return false;
}

/* The frame may be another domain's by now. */
static bool must_wait(const struct vcpu *v)
{
    const struct page_info *pg = mfn_to_page(_mfn(v->arch.fill_mfn));

    if (!v->arch.fill_mfn)
        return atomic_read(&v->domain->unfilled_pages) != 0;
    return page_unfilled(pg) && page_owner(pg) == v->domain;
}

void fill_wait(struct vcpu *v)
{
    struct logdirty *ld = v->domain->arch.logdirty;
    u32 port = 0;
    bool waits;

    v->arch.waits_fill = false;
    spin_lock(&ld->lock);
    v->arch.fill_mfn = v->arch.fill_noted;
    waits = must_wait(v);
    if (waits) {
        set_bit(VPF_FILL, &v->pause_flags);
        port = v->arch.fill_mfn ? ld->fill_port : 0;
    }
    spin_unlock(&ld->lock);
    if (!waits) {
        /* It came in between: what could not be written there, because of it, is written now. */
        vcpu_time_update(v);
        vcpu_runstate_publish(v);
        return;
    }
    if (port)
        (void)evtchn_send(v->domain, port); /* closed: then it comes when it comes */
    raise_softirq(SOFTIRQ_SCHEDULE);
}

static void wake_waiters(struct domain *d, struct logdirty *ld)
{
    struct vcpu *v;

    for_each_vcpu (d, v) {
        bool wake;

        spin_lock(&ld->lock);
        wake = test_bit(VPF_FILL, &v->pause_flags) && !must_wait(v);
        if (wake)
            clear_bit(VPF_FILL, &v->pause_flags);
        spin_unlock(&ld->lock);
        if (wake)
            vcpu_wake(v);
    }
}

/* --- the operation --- */

static long start(struct domain *d, const struct xen_domctl_fill_op *f)
{
    struct logdirty *ld = d->arch.logdirty;
    int rc;

    if (!d->vcpu[d->max_vcpus - 1]) /* those that come later would know nothing of it */
        return -EINVAL;
    if (d->creation_finished || (ld && (ld->filling || ld->enabled || ld->op.active)))
        return -EBUSY;
    rc = logdirty_prepare(d);
    if (rc)
        return rc;
    ld = d->arch.logdirty;
    ld->filling = true;
    ld->fill_port = f->port;
    logdirty_start(d);
    return 0;
}

/* Nobody may have a use of it that began while it seemed to have content. */
static int mark_frame(struct domain *d, u64 mfn)
{
    struct page_info *pg = get_page_from_gfn(d, mfn);
    unsigned long x;
    int rc = 0;

    if (!pg)
        return -EINVAL;
    x = READ_ONCE(pg->count_info);
    if (x & (PGC_XEN_HEAP | PGC_EXTRA))
        rc = -EINVAL;
    else if ((x & (PGC_ALLOCATED | PGC_COUNT_MASK)) != (PGC_ALLOCATED | 2) ||
             (READ_ONCE(pg->type_info) & PGT_COUNT_MASK))
        rc = -EBUSY;
    else if (!(x & PGC_UNFILLED) && cmpxchg(&pg->count_info, x, x | PGC_UNFILLED) != x)
        rc = -EBUSY;
    else if (!(x & PGC_UNFILLED))
        atomic_inc(&d->unfilled_pages);
    put_page(pg);
    return rc;
}

static long mark(struct domain *d, struct xen_domctl_fill_op *f, u64 nr)
{
    if (d->creation_finished)
        return -EINVAL;
    for (; f->nr < nr; f->nr++) {
        u64 mfn;
        int rc;

        if (copy_elem_from_guest(&mfn, f->frames, f->nr, sizeof(mfn)))
            return -EFAULT;
        rc = mark_frame(d, mfn);
        if (rc)
            return rc;
    }
    return 0;
}

static int fill_frame(struct domain *d, struct logdirty *ld, u64 mfn, unsigned long from)
{
    struct page_info *pg = get_page_from_gfn(d, mfn);
    int rc = 0;

    if (!pg)
        return 0;
    if (page_unfilled(pg)) {
        rc = copy_from_guest(page_to_virt(pg), from, PAGE_SIZE);
        if (!rc) {
            spin_lock(&ld->lock);
            __atomic_fetch_and(&pg->count_info, ~PGC_UNFILLED, __ATOMIC_SEQ_CST);
            atomic_dec(&d->unfilled_pages);
            spin_unlock(&ld->lock);
        }
    }
    put_page(pg);
    return rc;
}

static long fill(struct domain *d, struct logdirty *ld, struct xen_domctl_fill_op *f, u64 nr)
{
    long rc = 0;

    if (!guest_range_ok(f->pages, nr * PAGE_SIZE))
        return -EFAULT;
    while (!rc && f->nr < nr && (!f->nr || !hypercall_preempt_check())) {
        u64 mfn;

        rc = copy_elem_from_guest(&mfn, f->frames, f->nr, sizeof(mfn));
        if (!rc)
            rc = fill_frame(d, ld, mfn, f->pages + f->nr * PAGE_SIZE);
        if (!rc)
            f->nr++;
    }
    wake_waiters(d, ld);
    return rc;
}

/* 0: this one waits for none, or not for a certain one. */
static unsigned long wanted_by(const struct vcpu *v, struct logdirty *ld)
{
    unsigned long mfn;

    spin_lock(&ld->lock);
    mfn = test_bit(VPF_FILL, &v->pause_flags) && must_wait(v) ? v->arch.fill_mfn : 0;
    spin_unlock(&ld->lock);
    return mfn;
}

static long wanted(struct domain *d, struct logdirty *ld, struct xen_domctl_fill_op *f, u64 most)
{
    struct vcpu *v;

    for_each_vcpu (d, v) {
        u64 mfn = wanted_by(v, ld);

        if (!mfn || f->nr == most)
            continue;
        if (copy_elem_to_guest(f->frames, f->nr, &mfn, sizeof(mfn)))
            return -EFAULT;
        f->nr++;
    }
    wake_waiters(d, ld); /* for frames that the domain gave away */
    return 0;
}

static long end(struct domain *d, struct logdirty *ld)
{
    if (atomic_read(&d->unfilled_pages))
        return -EBUSY;
    wake_waiters(d, ld);
    if (ld->enabled)
        logdirty_stop(d);
    while (!logdirty_release(ld))
        if (hypercall_preempt_check())
            return -ERESTART;
    ld->filling = false;
    return 0;
}

static long run(struct domain *d, struct xen_domctl_fill_op *f)
{
    struct logdirty *ld = d->arch.logdirty;
    u64 nr = f->nr;

    if (f->op == XEN_DOMCTL_FILL_START)
        return start(d, f);
    f->nr = 0;
    if (!ld || !ld->filling)
        return -EINVAL;
    if (f->op == XEN_DOMCTL_FILL_END)
        return end(d, ld);
    if (nr > XEN_DOMCTL_FILL_MOST)
        return -EINVAL;
    if (!ld->enabled) /* it is about to end */
        return -EBUSY;
    switch (f->op) {
    case XEN_DOMCTL_FILL_MARK:
        return mark(d, f, nr);
    case XEN_DOMCTL_FILL_FILL:
        return fill(d, ld, f, nr);
    case XEN_DOMCTL_FILL_WANTED:
        return wanted(d, ld, f, nr);
    }
    return -EINVAL;
}

long domctl_fill_op(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_fill_op *f = (struct xen_domctl_fill_op *)&op->u;
    long rc;

    BUILD_BUG_ON(sizeof(*f) > sizeof(op->u));
    rc = d->is_dying ? -ESRCH : run(d, f);
    f->unfilled = (u64)atomic_read(&d->unfilled_pages);
    return rc;
}
