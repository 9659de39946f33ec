/* SPDX-License-Identifier: MIT */
/*
 * use.c - taking and ending uses of a granted frame: the shared entry, its pin counts, the
 * references on the frame.
 *
 * The guest changes shared entries at will while we read them. In version 1 flags and domain are
 * checked and marked by one compare-exchange of the first word. In version 2 the marks are
 * elsewhere: they are set first and the entry is looked at again afterwards, so that a guest that
 * withdrew the grant meanwhile either sees the mark or is seen.
 */
#include <xen/fill.h>
#include <xen/logdirty.h>
#include <asm/current.h>
#include "private.h"

#define STATUS_TRIES 5

/* Version 1: marks the entry as used. The guest may make it fail by changing it all the time. */
static int mark_v1(u32 *head, domid_t user, bool write)
{
    u32 marks = GTF_reading | (write ? GTF_writing : 0);
    u32 seen = READ_ONCE(*head);

    for (int i = 0; i < STATUS_TRIES; i++) {
        int status = gnttab_check_head(seen, user, write);
        u32 old;

        if (status)
            return status;
        old = cmpxchg(head, seen, seen | marks);
        if (old == seen)
            return GNTST_okay;
        seen = old;
    }
    return GNTST_general_error;
}

/* Marks that no use in pin needs are taken away. */
static void unmark(const struct grant_table *gt, u32 ref, u64 pin)
{
    u16 *marks = gt->version == 1 ? (u16 *)gnttab_entry_head(gt, ref) : gnttab_status(gt, ref);
    u16 gone = (u16)((pin & PIN_WRITE_MASK ? 0 : GTF_writing) | (pin ? 0 : GTF_reading));

    if (gone)
        __atomic_fetch_and(marks, (u16)~gone, __ATOMIC_SEQ_CST);
}

/* Other types come out as they are, and do not fit. */
static u32 transitive_as_access(u32 head)
{
    return gnttab_is_transitive(head) ? (head & ~(u32)GTF_type_mask) | GTF_permit_access : head;
}

/* ret_head: the first word that was found good. */
static int mark_v2(const struct grant_table *gt, u32 ref, u64 pin, domid_t user, bool write,
                   bool may_transit, u32 *ret_head)
{
    u32 *head = gnttab_entry_head(gt, ref), seen = READ_ONCE(*head);
    u16 marks = (u16)(GTF_reading | (write ? GTF_writing : 0));
    int status = gnttab_check_head(may_transit ? transitive_as_access(seen) : seen, user, write);

    if (status)
        return status;
    __atomic_fetch_or(gnttab_status(gt, ref), marks, __ATOMIC_SEQ_CST);
    seen = READ_ONCE(*head);
    status = gnttab_check_head(may_transit ? transitive_as_access(seen) : seen, user, write);
    if (status)
        unmark(gt, ref, pin);
    else
        *ret_head = seen;
    return status;
}

static void read_v1(const struct grant_table *gt, u32 ref, struct grant_active *act)
{
    act->start = 0;
    act->length = PAGE_SIZE;
    act->whole = !(READ_ONCE(gnttab_v1(gt, ref)->flags) & GTF_sub_page);
    act->transitive = false;
    act->mfn = _mfn(READ_ONCE(gnttab_v1(gt, ref)->frame));
}

/* First use: which frame, and how much of it, or whose grant stands behind it. */
static int read_v2(const struct grant_table *gt, u32 ref, u32 head, struct grant_active *act)
{
    const union grant_entry_v2 *e = gnttab_v2(gt, ref);

    act->start = 0;
    act->length = PAGE_SIZE;
    act->whole = false;
    act->transitive = gnttab_is_transitive(head);
    if (act->transitive) {
        act->trans_domid = READ_ONCE(e->transitive.trans_domid);
        act->trans_ref = READ_ONCE(e->transitive.gref);
        act->mfn = INVALID_MFN;
        return GNTST_okay;
    }
    if (head & GTF_sub_page) {
        act->start = READ_ONCE(e->sub_page.page_off);
        act->length = READ_ONCE(e->sub_page.length);
        if (!gnttab_range_inside(act->start, act->length, 0, PAGE_SIZE))
            return GNTST_general_error;
    } else {
        act->whole = true;
    }
    act->mfn = _mfn(READ_ONCE(e->full_page.frame));
    return GNTST_okay;
}

int gnttab_take_page(struct domain *rd, mfn_t mfn, bool write)
{
    struct page_info *pg;

    if (!mfn_valid(mfn))
        return GNTST_bad_page;
    pg = mfn_to_page(mfn);
    if (!get_page(pg, rd))
        return GNTST_bad_page;
    /* Others cannot wait for its content, and Linux may not even sleep: rd does, before it writes
     * such a frame into an entry. */
    if (!page_filled(pg)) {
        put_page(pg);
        return rd == current->domain ? GNTST_eagain : GNTST_general_error;
    }
    if (write && get_page_type(pg, PGT_WRITABLE)) {
        put_page(pg);
        return GNTST_general_error;
    }
    return GNTST_okay;
}

void gnttab_drop_page(mfn_t mfn, bool write)
{
    struct page_info *pg = mfn_to_page(mfn);

    if (write)
        put_page_type(pg);
    put_page(pg);
}

/* Marks the entry for what is new about this use, and finds out about the frame if it is the first.
 */
static int open_entry(const struct grant_table *gt, u32 ref, struct grant_active *act, domid_t user,
                      bool write, bool may_transit)
{
    u32 head = 0;
    int status;

    if (gt->version == 1) {
        status = mark_v1(gnttab_entry_head(gt, ref), user, write);
        if (!status && !act->pin)
            read_v1(gt, ref, act);
        return status;
    }
    status =
        mark_v2(gt, ref, act->pin, user, write, act->pin ? act->transitive : may_transit, &head);
    if (status || act->pin)
        return status;
    status = read_v2(gt, ref, head, act);
    if (status)
        unmark(gt, ref, act->pin);
    return status;
}

static int acquire_locked(struct domain *rd, u32 ref, struct grant_active *act, domid_t user,
                          u64 pin, bool may_transit)
{
    const struct grant_table *gt = rd->grants;
    bool write = pin & PIN_WRITE_MASK;
    bool marked = false;
    int status;

    if (act->pin && (act->user != user || (act->transitive && !may_transit)))
        return GNTST_general_error;
    if (!gnttab_pin_fits(act->pin, pin))
        return GNTST_general_error;
    if (!act->pin || (write && !(act->pin & PIN_WRITE_MASK))) {
        status = open_entry(gt, ref, act, user, write, may_transit);
        if (status)
            return status;
        marked = true;
    }
    status = act->transitive ? GNTST_okay : gnttab_take_page(rd, act->mfn, write);
    if (status) {
        if (marked)
            unmark(gt, ref, act->pin);
        return status;
    }
    act->user = user;
    act->pin += pin;
    if (write && !act->transitive) /* that one's frame is another grant's */
        page_dirtied(mfn_to_page(act->mfn));
    return GNTST_okay;
}

static int acquire(struct domain *rd, u32 ref, domid_t user, u64 pin, bool may_transit,
                   struct grant_use *ret_use)
{
    struct grant_table *gt = rd->grants;
    struct grant_active *act;
    int status;

    if (!gt || rd->is_dying)
        return GNTST_bad_domain;
    read_lock(&gt->lock);
    if (ref >= gnttab_nr_entries(gt)) {
        read_unlock(&gt->lock);
        return GNTST_bad_gntref;
    }
    act = gnttab_active(gt, ref);
    spin_lock(&act->lock);
    status = acquire_locked(rd, ref, act, user, pin, may_transit);
    if (!status)
        *ret_use = (struct grant_use){.mfn = act->mfn,
                                      .start = act->start,
                                      .length = act->length,
                                      .whole = act->whole,
                                      .transitive = act->transitive,
                                      .trans_domid = act->trans_domid,
                                      .trans_ref = act->trans_ref};
    spin_unlock(&act->lock);
    read_unlock(&gt->lock);
    return status;
}

int gnttab_acquire(struct domain *rd, u32 ref, domid_t user, u64 pin, struct grant_use *ret_use)
{
    return acquire(rd, ref, user, pin, false, ret_use);
}

int gnttab_acquire_transitive(struct domain *rd, u32 ref, domid_t user, u64 pin,
                              struct grant_use *ret_use)
{
    return acquire(rd, ref, user, pin, true, ret_use);
}

void gnttab_release(struct domain *rd, u32 ref, u64 pin)
{
    struct grant_table *gt = rd->grants;
    struct grant_active *act;
    bool transitive;
    mfn_t mfn;

    read_lock(&gt->lock);
    act = gnttab_active(gt, ref);
    spin_lock(&act->lock);
    BUG_ON(act->pin < pin);
    mfn = act->mfn;
    transitive = act->transitive;
    act->pin -= pin;
    unmark(gt, ref, act->pin);
    spin_unlock(&act->lock);
    read_unlock(&gt->lock);

    if (transitive)
        return;
    if (pin & PIN_WRITE_MASK)
        page_dirtied(mfn_to_page(mfn));
    gnttab_drop_page(mfn, pin & PIN_WRITE_MASK);
}

void gnttab_mark_written(struct domain *d)
{
    struct grant_table *gt = d->grants;

    if (!gt)
        return;
    read_lock(&gt->lock);
    for (u32 ref = 0; ref < gnttab_nr_entries(gt); ref++) {
        struct grant_active *act = gnttab_active(gt, ref);

        spin_lock(&act->lock);
        if ((act->pin & PIN_WRITE_MASK) && !act->transitive)
            page_dirtied(mfn_to_page(act->mfn));
        spin_unlock(&act->lock);
    }
    read_unlock(&gt->lock);
}
