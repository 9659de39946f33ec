/* SPDX-License-Identifier: MIT */
/*
 * shadow-op.c - XEN_DOMCTL_shadow_op: log-dirty on, off, and its bitmap.
 *
 * Whatever takes long stops between two steps and comes back with the same argument; until it is
 * done, nobody can begin anything else (-EBUSY). The domain stays paused all through CLEAN: what
 * its vCPUs wrote before is in the bitmap, and what they write after it makes a new mark.
 */
#include <xen/errno.h>
#include <xen/grant-table.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/domctl-table.h>
#include "private.h"

enum { STAGE_PROTECT, STAGE_COPY };

static bool same_op(const struct logdirty_op *o, const struct xen_domctl_shadow_op *s)
{
    return o->caller == current->domain->domain_id && o->op == s->op && o->mode == s->mode &&
           o->bitmap == s->dirty_bitmap && o->pages == s->pages;
}

static void begin(struct logdirty_op *o, const struct xen_domctl_shadow_op *s)
{
    *o = (struct logdirty_op){
        .active = true,
        .caller = current->domain->domain_id,
        .op = s->op,
        .mode = s->mode,
        .bitmap = s->dirty_bitmap,
        .pages = s->pages,
    };
}

/* --- on and off --- */

static long enable(struct domain *d, const struct xen_domctl_shadow_op *s)
{
    int rc;

    if (logdirty_on(d))
        return -EINVAL;
    rc = logdirty_prepare(d);
    if (rc == -ERESTART && !d->arch.logdirty->op.active)
        begin(&d->arch.logdirty->op, s);
    if (rc == -ERESTART)
        return rc;
    if (d->arch.logdirty)
        d->arch.logdirty->op.active = false;
    if (!rc)
        logdirty_start(d);
    return rc;
}

static long disable(struct domain *d, const struct xen_domctl_shadow_op *s)
{
    struct logdirty *ld = d->arch.logdirty;

    if (!ld)
        return 0;
    if (ld->enabled) {
        logdirty_stop(d);
        begin(&ld->op, s);
    }
    while (!logdirty_release(ld))
        if (hypercall_preempt_check())
            return -ERESTART;
    ld->op.active = false;
    return 0;
}

/* --- the bitmap --- */

/* Pages that we write to at any time, without passing by a shadow. */
static void mark_own_writes(struct domain *d, bool final)
{
    struct vcpu *v;

    spin_lock(&d->lock);
    for_each_vcpu (d, v)
        if (v->info_page)
            page_dirtied(v->info_page);
    spin_unlock(&d->lock);
    /* Others may write to these as long as they map them; later rounds see the unmapping. */
    if (final)
        gnttab_mark_written(d);
}

static void begin_reading(struct domain *d, struct logdirty *ld,
                          const struct xen_domctl_shadow_op *s)
{
    bool clean = s->op == XEN_DOMCTL_SHADOW_OP_CLEAN;
    struct logdirty_op *o = &ld->op;

    begin(o, s);
    o->stage = clean ? STAGE_PROTECT : STAGE_COPY;
    if (clean)
        domain_pause(d);
    mark_own_writes(d, s->mode & XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL);
    spin_lock(&ld->lock);
    o->everything = ld->map.lost;
    o->fault_count = ld->faults;
    o->dirty_count = (u32)MIN(o->everything ? s->pages : (u64)ld->map.count, (u64)~0U);
    if (clean) {
        ld->map.lost = false;
        ld->faults = 0;
    }
    spin_unlock(&ld->lock);
}

/* One leaf's worth from position pos, nr pages long. */
static int read_leaf(struct logdirty *ld, u64 pos, u64 nr)
{
    struct logdirty_op *o = &ld->op;
    bool clean = o->op == XEN_DOMCTL_SHADOW_OP_CLEAN, found;
    int rc;

    spin_lock(&ld->lock);
    found = dirty_map_read(&ld->map, pos, nr, ld->buffer, clean);
    spin_unlock(&ld->lock);
    if (!o->bitmap)
        return 0;
    if (o->everything) {
        memset(ld->buffer, 0xff, nr / 8);
        if (nr % 8)
            ld->buffer[nr / 8] = (u8)((1U << (nr % 8)) - 1);
    }
    if (o->everything || found)
        rc = copy_to_guest(o->bitmap + pos / 8, ld->buffer, DIV_ROUND_UP(nr, (u64)8));
    else
        rc = clear_guest(o->bitmap + pos / 8, DIV_ROUND_UP(nr, (u64)8));
    if (rc && found && clean && !o->everything) {
        spin_lock(&ld->lock);
        dirty_map_put_back(&ld->map, pos, nr, ld->buffer);
        spin_unlock(&ld->lock);
    }
    return rc;
}

static int read_all(struct logdirty *ld, u64 pages)
{
    struct logdirty_op *o = &ld->op;

    while (o->pos < pages) {
        u64 nr = MIN(pages - o->pos, (u64)DIRTY_LEAF_BITS);
        int rc = read_leaf(ld, o->pos, nr);

        if (rc)
            return rc;
        o->pos += nr;
        if (!o->bitmap && o->pos < pages) {
            spin_lock(&ld->lock);
            o->pos = dirty_map_next_leaf(&ld->map, o->pos);
            spin_unlock(&ld->lock);
        }
        if (o->pos < pages && hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}

static void end_reading(struct domain *d, struct logdirty *ld, int rc)
{
    struct logdirty_op *o = &ld->op;

    o->active = false;
    if (o->op != XEN_DOMCTL_SHADOW_OP_CLEAN)
        return;
    if (rc) { /* nothing that was not handed over may be forgotten */
        spin_lock(&ld->lock);
        ld->map.lost = ld->map.lost || o->everything;
        ld->faults += o->fault_count;
        spin_unlock(&ld->lock);
    }
    domain_unpause(d);
}

static long read_log(struct domain *d, struct logdirty *ld, struct xen_domctl_shadow_op *s)
{
    u64 pages = MIN(s->pages, (u64)DIRTY_MAP_BITS);
    int rc;

    if (!ld->op.active)
        begin_reading(d, ld, s);
    if (ld->op.stage == STAGE_PROTECT) {
        while (!logdirty_protect(ld))
            if (hypercall_preempt_check())
                return -ERESTART;
        ld->op.stage = STAGE_COPY;
    }
    rc = read_all(ld, pages);
    if (rc == -ERESTART)
        return rc;
    end_reading(d, ld, rc);
    if (rc)
        return rc;
    s->pages = pages;
    s->stats.fault_count = ld->op.fault_count;
    s->stats.dirty_count = ld->op.dirty_count;
    return 0;
}

/* While it is off, nothing was written as far as we know. */
static long read_empty_log(struct xen_domctl_shadow_op *s)
{
    u64 pages = MIN(s->pages, (u64)max_page);

    if (s->dirty_bitmap && clear_guest(s->dirty_bitmap, DIV_ROUND_UP(pages, (u64)8)))
        return -EFAULT;
    s->pages = pages;
    s->stats.fault_count = s->stats.dirty_count = 0;
    return 0;
}

long domctl_shadow_op(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_shadow_op *s = &op->u.shadow_op;
    struct logdirty *ld = d->arch.logdirty;

    if (d->is_dying)
        return 0;
    if (!d->vcpu[0])
        return -EINVAL;
    if (ld && (ld->filling || (ld->op.active && !same_op(&ld->op, s))))
        return -EBUSY;
    switch (s->op) {
    case XEN_DOMCTL_SHADOW_OP_OFF:
        return disable(d, s);
    case XEN_DOMCTL_SHADOW_OP_ENABLE:
        if (!(s->mode & XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY))
            return -EINVAL;
        /* fallthrough */
    case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
        return enable(d, s);
    case XEN_DOMCTL_SHADOW_OP_CLEAN:
    case XEN_DOMCTL_SHADOW_OP_PEEK:
        if (s->mode & ~(u32)XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL)
            return -EINVAL;
        return logdirty_on(d) ? read_log(d, ld, s) : read_empty_log(s);
    }
    return -EINVAL;
}
