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

static int mark_v2(const struct grant_table *gt, u32 ref, u64 pin, domid_t user, bool write)
{
    u32 *head = gnttab_entry_head(gt, ref);
    u16 marks = (u16)(GTF_reading | (write ? GTF_writing : 0));
    int status = gnttab_check_head(READ_ONCE(*head), user, write);

    if (status)
        return status;
    __atomic_fetch_or(gnttab_status(gt, ref), marks, __ATOMIC_SEQ_CST);
    status = gnttab_check_head(READ_ONCE(*head), user, write);
    if (status)
        unmark(gt, ref, pin);
    return status;
}

static int mark(const struct grant_table *gt, u32 ref, u64 pin, domid_t user, bool write)
{
    return gt->version == 1 ? mark_v1(gnttab_entry_head(gt, ref), user, write)
                            : mark_v2(gt, ref, pin, user, write);
}

/* First use: which frame, and how much of it. */
static int read_frame(const struct grant_table *gt, u32 ref, struct grant_active *act)
{
    act->start = 0;
    act->length = PAGE_SIZE;
    act->whole = true;
    if (gt->version == 1) {
        act->mfn = _mfn(READ_ONCE(gnttab_v1(gt, ref)->frame));
    } else {
        const union grant_entry_v2 *e = gnttab_v2(gt, ref);

        if (READ_ONCE(e->hdr.flags) & GTF_sub_page) {
            act->start = READ_ONCE(e->sub_page.page_off);
            act->length = READ_ONCE(e->sub_page.length);
            act->whole = false;
            if (!gnttab_range_inside(act->start, act->length, 0, PAGE_SIZE))
                return GNTST_general_error;
        }
        act->mfn = _mfn(READ_ONCE(e->full_page.frame));
    }
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

static int acquire_locked(struct domain *rd, u32 ref, struct grant_active *act, domid_t user,
                          u64 pin)
{
    const struct grant_table *gt = rd->grants;
    bool write = pin & PIN_WRITE_MASK;
    bool marked = false;
    int status;

    if (act->pin && act->user != user)
        return GNTST_general_error;
    if (!gnttab_pin_fits(act->pin, pin))
        return GNTST_no_space;
    if (!act->pin || (write && !(act->pin & PIN_WRITE_MASK))) {
        status = mark(gt, ref, act->pin, user, write);
        if (status)
            return status;
        marked = true;
    }
    status = act->pin ? GNTST_okay : read_frame(gt, ref, act);
    if (!status)
        status = gnttab_take_page(rd, act->mfn, write);
    if (status) {
        if (marked)
            unmark(gt, ref, act->pin);
        return status;
    }
    act->user = user;
    act->pin += pin;
    return GNTST_okay;
}

int gnttab_acquire(struct domain *rd, u32 ref, domid_t user, u64 pin, struct grant_use *ret_use)
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
    status = acquire_locked(rd, ref, act, user, pin);
    if (!status)
        *ret_use = (struct grant_use){act->mfn, act->start, act->length, act->whole};
    spin_unlock(&act->lock);
    read_unlock(&gt->lock);
    return status;
}

void gnttab_release(struct domain *rd, u32 ref, u64 pin)
{
    struct grant_table *gt = rd->grants;
    struct grant_active *act;
    mfn_t mfn;

    read_lock(&gt->lock);
    act = gnttab_active(gt, ref);
    spin_lock(&act->lock);
    BUG_ON(act->pin < pin);
    mfn = act->mfn;
    act->pin -= pin;
    unmark(gt, ref, act->pin);
    spin_unlock(&act->lock);
    read_unlock(&gt->lock);

    gnttab_drop_page(mfn, pin & PIN_WRITE_MASK);
}
