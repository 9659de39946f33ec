/* SPDX-License-Identifier: MIT */
/*
 * page-type.c - type references of frames, and how a frame gets a type and loses it; see the head
 * of <xen/mm.h>.
 *
 * States of type_info:
 *
 *   free      count 0: the next user may choose the type
 *   valid     VALIDATED, count n: n users
 *   moving    count 1 and neither flag: one CPU gives the frame its type or takes it away; others
 *             wait and see the outcome after a bounded time
 *   partial   PARTIAL, count 1, a position: the entries below it hold references, and nobody
 *             works on it; tables of level 2 to 4 only
 *
 * Giving a type to a table (promotion) goes up its entries, taking it away (demotion) goes down, so
 * that both stop at the same kind of place. Either stops when other work waits: the frame becomes
 * partial. A partial frame belongs to nobody: it holds a reference on itself, and whoever comes
 * next goes on from there, in either direction. The hypercall that promoted is made again and finds
 * it; should it never come, the frame goes back to "free" when somebody wants another type of it.
 * The release of a table is not the guest's to ask for twice: the vCPU remembers the frame (parks
 * it) and drains that before its hypercall returns; a hypercall that is not about tables leaves it
 * until the vCPU meets another partial frame. A vCPU parks at most one frame of each level, because
 * lower levels are drained first. In a table that was left partial, the first entry that
 * holds no reference may name another partial one: that goes together with it.
 *
 * Tables only refer to tables of lower levels: waiting for one cannot form a circle, nor can
 * references keep each other alive. A dying domain's frames get no new types; what is partial then
 * is found by the walk over its frames, or by the CPU that leaves it partial.
 */
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/logdirty.h>
#include <asm/mm.h>
#include "pt.h"

static bool change_type(struct page_info *pg, unsigned long *x, unsigned long nx)
{
    return __atomic_compare_exchange_n(&pg->type_info, x, nx, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

/* Ends "moving", in which the word is ours alone. */
static void set_state(struct page_info *pg, unsigned long state)
{
    __atomic_store_n(&pg->type_info, state, __ATOMIC_SEQ_CST);
}

/* Nobody may go on using the frame through translations of its former use. */
static void flush_former_use(const struct page_info *pg)
{
    cpumask_t mask = cpu_online_map; /* foreign mappings: not only the owner's CPUs */

    tlb_filter(&mask, pg->stamp);
    if (!cpumask_empty(&mask))
        flush_tlb_mask(&mask, 0, FLUSH_TLB);
}

/* --- partial frames, parked ones --- */

static unsigned int position(unsigned long x)
{
    return (unsigned int)((x & PGT_POS_MASK) >> PGT_POS_SHIFT);
}

/* From "moving". has_ref: the frame has its reference on itself already. */
static void set_partial(struct page_info *pg, unsigned long type, unsigned int pos, bool has_ref)
{
    if (!has_ref)
        get_page_again(pg);
    set_state(pg, type | PGT_PARTIAL | (unsigned long)pos << PGT_POS_SHIFT | 1);
}

/* From "partial" to "moving", if it is of that level and nobody else was faster. */
static bool claim_partial(struct page_info *pg, unsigned int level, unsigned int *ret_pos)
{
    unsigned long x = READ_ONCE(pg->type_info);

    while ((x & PGT_PARTIAL) && type_level(x) == level) {
        if (!change_type(pg, &x, x & ~PGT_PARTIAL))
            continue;
        *ret_pos = position(x);
        return true;
    }
    return false;
}

/* Nothing is left in the table: from "moving" to "free". */
static void end_type(struct page_info *pg, unsigned long type, bool has_ref)
{
    pg->stamp = tlb_clock();
    set_state(pg, type);
    if (has_ref)
        put_page(pg);
}

static bool lower_parked(const struct vcpu *v, unsigned int level)
{
    return v->arch.parked_levels & ((1u << level) - 1);
}

static void park(struct vcpu *v, struct page_info *pg, unsigned int level)
{
    BUG_ON(v->arch.parked_levels & 1u << level); /* the frame before would be forgotten */
    get_page_again(pg);
    v->arch.parked[level] = (u32)mfn_x(page_to_mfn(pg));
    v->arch.parked_levels |= (u8)(1u << level);
}

/* Takes a table of level 2 to 4 apart, from "moving". -ERESTART: the current vCPU has parked it. */
static int release_table(struct page_info *pg, unsigned long type, unsigned int pos, bool has_ref,
                         bool preempt)
{
    unsigned int level = type_level(type);
    struct vcpu *v = current;
    int rc;

    preempt = preempt && !is_idle_vcpu(v) && !(v->arch.parked_levels & 1u << level);
    if (preempt && lower_parked(v, level))
        rc = -ERESTART;
    else
        rc = pt_demote(pg, level, &pos, preempt);
    if (!rc) {
        end_type(pg, type, has_ref);
        return 0;
    }
    park(v, pg, level);
    set_partial(pg, type, pos, has_ref);
    return -ERESTART;
}

/* Goes on with a parked frame, unless somebody else has taken it over. */
static int resume_release(struct page_info *pg, unsigned int level)
{
    unsigned int pos;
    int rc;

    while (!claim_partial(pg, level, &pos)) {
        unsigned long x = READ_ONCE(pg->type_info);

        if (!(x & PGT_COUNT_MASK) || (x & PGT_VALIDATED) || type_level(x) != level)
            return 0;
        if (hypercall_preempt_check())
            return -ERESTART;
        cpu_relax();
    }
    rc = pt_demote(pg, level, &pos, true);
    if (rc)
        set_partial(pg, level_type(level), pos, true);
    else
        end_type(pg, level_type(level), true);
    return rc;
}

int pt_drain_slow(struct vcpu *v)
{
    for (unsigned int level = 2; level <= 4; level++) {
        struct page_info *pg = mfn_to_page(_mfn(v->arch.parked[level]));
        int rc;

        if (!(v->arch.parked_levels & 1u << level))
            continue;
        rc = resume_release(pg, level);
        if (rc)
            return rc;
        v->arch.parked_levels &= (u8) ~(1u << level);
        put_page(pg);
    }
    return 0;
}

int release_partial(struct page_info *pg, unsigned int level, bool preempt)
{
    unsigned int pos;

    if (!claim_partial(pg, level, &pos))
        return 0;
    return release_table(pg, level_type(level), pos, true, preempt);
}

int pt_release_partial(struct page_info *pg)
{
    return release_partial(pg, type_level(READ_ONCE(pg->type_info)), true);
}

/* --- getting a type --- */

/* Level 2 to 4, from "moving". */
static int promote(struct page_info *pg, unsigned long type, unsigned int pos, bool resumed,
                   bool preempt)
{
    const struct domain *d = page_owner(pg);
    int rc = READ_ONCE(d->is_dying) ? -EINVAL : pt_promote(pg, type_level(type), &pos, preempt);

    if (!rc) {
        set_state(pg, type | PGT_VALIDATED | 1);
        if (resumed)
            put_page(pg);
    } else if (rc == -ERESTART) {
        set_partial(pg, type, pos, resumed);
        /* domain_kill finds the frame as it is now, or has marked the domain before. */
        if (unlikely(READ_ONCE(d->is_dying)))
            (void)pt_release_partial(pg);
    } else {
        (void)release_table(pg, type, pos, resumed, preempt);
    }
    return rc;
}

/* nx: the word as it is now, in state "moving". Only when this is done may others use the type. */
static int finish_first_use(struct page_info *pg, unsigned long nx, bool resumed, bool preempt)
{
    unsigned long type = nx & PGT_TYPE_MASK;
    int rc = 0;

    /* Looked at once: it may be filled at any moment, and then the caller comes again. */
    if (type != PGT_WRITABLE && !page_filled(pg)) {
        set_state(pg, PGT_NONE);
        return preempt && current->arch.waits_fill ? -ERESTART : -EBUSY;
    }
    if (type_level(type) >= 2 && is_table_type(type)) {
        rc = promote(pg, type, position(nx), resumed, preempt);
        page_dirtied(pg);
        return rc;
    }
    if (type != PGT_WRITABLE) {
        rc = pt_validate(pg, type);
        /* Entries may have been adjusted, and what it is belongs to what is saved. */
        page_dirtied(pg);
    }
    set_state(pg, rc ? PGT_NONE : type | PGT_VALIDATED | 1);
    return rc;
}

int get_type(struct page_info *pg, unsigned long type, bool preempt)
{
    unsigned long x = READ_ONCE(pg->type_info), nx, former;

    for (;;) {
        former = x & PGT_TYPE_MASK;
        if (!(x & PGT_COUNT_MASK)) {
            nx = type | 1;
            /* After another use, nobody may write before the flush below. */
            if (type == PGT_WRITABLE && (!former || former == type))
                nx |= PGT_VALIDATED;
        } else if (unlikely(former != type)) {
            if (!(x & PGT_PARTIAL))
                return -EBUSY;
            /* With a frame of that level parked, this could not stop: what is parked goes first. */
            if (pt_drain(current) || release_partial(pg, type_level(x), true))
                return preempt ? -ERESTART : -EBUSY;
            x = READ_ONCE(pg->type_info);
            continue;
        } else if (likely(x & PGT_VALIDATED)) {
            nx = x + 1;
        } else if (x & PGT_PARTIAL) {
            nx = x & ~PGT_PARTIAL;
        } else {
            if (preempt && hypercall_preempt_check())
                return -ERESTART;
            cpu_relax();
            x = READ_ONCE(pg->type_info);
            continue;
        }
        if (likely(change_type(pg, &x, nx)))
            break;
    }
    if (!(x & PGT_COUNT_MASK) && former != type && former) {
        flush_former_use(pg);
        if (unlikely(READ_ONCE(pg->count_info) & PGC_INCOHERENT) && type != PGT_WRITABLE)
            drop_cache_lines(pg);
    }
    return likely(nx & PGT_VALIDATED) ? 0 : finish_first_use(pg, nx, x & PGT_PARTIAL, preempt);
}

int get_valid_type(struct page_info *pg, unsigned long type)
{
    unsigned long x = READ_ONCE(pg->type_info);

    do {
        if (unlikely((x & (PGT_TYPE_MASK | PGT_VALIDATED)) != (type | PGT_VALIDATED) ||
                     !(x & PGT_COUNT_MASK)))
            return -EBUSY;
    } while (unlikely(!change_type(pg, &x, x + 1)));
    return 0;
}

int put_type(struct page_info *pg, bool preempt)
{
    unsigned long x = READ_ONCE(pg->type_info), nx, type;

    for (;;) {
        ASSERT((x & PGT_COUNT_MASK) && (x & PGT_VALIDATED));
        type = x & PGT_TYPE_MASK;
        nx = x - 1;
        if (!(nx & PGT_COUNT_MASK)) {
            pg->stamp = tlb_clock();
            nx = is_table_type(type) ? type | 1 : type;
        }
        if (likely(change_type(pg, &x, nx)))
            break;
    }
    if (likely(nx != (type | 1)))
        return 0;
    logdirty_table_gone(page_owner(pg), pg);
    if (type != PGT_L1)
        return release_table(pg, type, 512, false, preempt);
    pt_invalidate_l1(pg);
    end_type(pg, type, false);
    return 0;
}

int get_page_type(struct page_info *pg, unsigned long type)
{
    return get_type(pg, type, false);
}

void put_page_type(struct page_info *pg)
{
    (void)put_type(pg, false);
}
