/* SPDX-License-Identifier: MIT */
/*
 * fault.c - filling the shadows: a fault walks the guest's tables and copies the entries on the
 * way, as the CPU would have used them: it sets A and D in the guest's entries, and a write marks
 * the page.
 */
#include <xen/fill.h>
#include <xen/guest-access.h>
#include <asm/traps.h>
#include "private.h"

struct walk {
    struct domain *d;
    struct logdirty *ld;
    unsigned long va;
    bool write, fetch;
    bool may_write, may_fetch; /* by the entries seen so far */
    bool changed;              /* a shadow entry was */
    unsigned long unfilled;    /* mfn */
};

/* Sets A, or A and D, in a guest's entry; its table changed then. False: the entry is another. */
static bool set_used(const struct walk *w, unsigned long mfn, unsigned long *p, unsigned long e,
                     unsigned long bits)
{
    if ((e & bits) == bits)
        return true;
    if (cmpxchg(p, e, e | bits) != e)
        return false;
    (void)logdirty_mark_locked(w->d, w->ld, mfn);
    return true;
}

static void set_shadow(struct walk *w, struct shadow *s, unsigned int index, unsigned long e)
{
    /* The CPU may have set D in an upper entry, where it means nothing. */
    if (!((s->table[index] ^ e) & ~(s->level > 1 ? PTE_D : 0UL)))
        return;
    WRITE_ONCE(s->table[index], e);
    w->changed = true;
}

static enum logdirty_result upper_level(struct walk *w, struct shadow **s)
{
    unsigned long generation = w->ld->pool.generation, mfn = (*s)->mfn, e;
    unsigned int index = pt_index(w->va, (*s)->level);
    unsigned long *p = (unsigned long *)mfn_to_virt(_mfn(mfn)) + index;
    struct shadow *lower;

    e = READ_ONCE(*p);
    if (!(e & PTE_P))
        return LOGDIRTY_REFUSED;
    if (!set_used(w, mfn, p, e, PTE_A))
        return LOGDIRTY_AGAIN;
    lower = logdirty_shadow_locked(w->d, w->ld, pte_mfn(e), (*s)->level - 1);
    if (w->ld->pool.generation != generation)
        return LOGDIRTY_AGAIN; /* *s may be gone */
    w->may_write = w->may_write && (e & PTE_RW);
    w->may_fetch = w->may_fetch && !(e & PTE_NX);
    set_shadow(w, *s, index, virt_to_maddr(lower->table) | pte_flags(e & ~PTE_D) | PTE_A);
    *s = lower;
    return LOGDIRTY_DONE;
}

/*
 * The domain's grant table, while it has pages that are not filled: whoever has a grant could not
 * wait for one, so the domain must before it makes the grant. Grant tables are the only pages of
 * ours that it can write to, besides shared_info.
 */
static bool is_watched_table(const struct walk *w, unsigned long mfn)
{
    const struct page_info *pg = mfn_to_page(_mfn(mfn));

    return w->ld->filling && mfn_valid(_mfn(mfn)) && (pg->count_info & PGC_XEN_HEAP) &&
           page_owner(pg) == w->d && mfn != mfn_x(w->d->shared_info_mfn) &&
           atomic_read(&w->d->unfilled_pages);
}

/* Whether the leaf entry e may be writable in the shadow. */
static bool leaf_writable(struct walk *w, struct shadow *s, unsigned long e, bool write)
{
    unsigned long pfn;

    if (!(e & PTE_RW) || !(write || (e & PTE_D)) || is_watched_table(w, pte_mfn(e)))
        return false;
    if (logdirty_pfn_of(w->d, pte_mfn(e), &pfn)) {
        if (write) {
            if (dirty_map_add(&w->ld->map, pfn))
                w->ld->faults++;
        } else if (!dirty_map_has(&w->ld->map, pfn)) {
            return false;
        }
    }
    /* Pages of others, and devices, are not ours to log. */
    list_del(&s->list);
    list_add_tail(&s->list, &w->ld->pool.writable);
    return true;
}

/* Whether the shadow may map what the leaf entry e does: LOGDIRTY_DONE, LOGDIRTY_UNFILLED or
 * LOGDIRTY_GRANTS. */
static enum logdirty_result look_at_page(struct walk *w, unsigned long e)
{
    unsigned long mfn = pte_mfn(e);

    if (!w->ld->filling || !mfn_valid(_mfn(mfn)))
        return LOGDIRTY_DONE;
    if (page_unfilled(mfn_to_page(_mfn(mfn)))) {
        w->unfilled = mfn;
        return LOGDIRTY_UNFILLED;
    }
    return w->write && w->may_write && is_watched_table(w, mfn) ? LOGDIRTY_GRANTS : LOGDIRTY_DONE;
}

static enum logdirty_result leaf_level(struct walk *w, struct shadow *s)
{
    enum logdirty_result o;
    unsigned int index = pt_index(w->va, 1);
    unsigned long *p = (unsigned long *)mfn_to_virt(_mfn(s->mfn)) + index;
    unsigned long e = READ_ONCE(*p), bits;
    bool write;

    if (!(e & PTE_P))
        return LOGDIRTY_REFUSED;
    w->may_write = w->may_write && (e & PTE_RW);
    w->may_fetch = w->may_fetch && !(e & PTE_NX);
    o = look_at_page(w, e);
    if (unlikely(o != LOGDIRTY_DONE))
        return o;
    write = w->write && w->may_write;
    bits = write ? PTE_A | PTE_D : PTE_A;
    if (!set_used(w, s->mfn, p, e, bits))
        return LOGDIRTY_AGAIN;
    e |= bits;
    set_shadow(w, s, index, leaf_writable(w, s, e, write) ? e : e & ~PTE_RW);
    if (w->changed)
        return LOGDIRTY_DONE; /* if the access is refused all the same, the CPU says so next */
    return (!w->write || w->may_write) && (!w->fetch || w->may_fetch) ? LOGDIRTY_DONE
                                                                      : LOGDIRTY_REFUSED;
}

static enum logdirty_result walk_locked(struct walk *w, mfn_t l4)
{
    struct shadow *s = shadow_pool_find(&w->ld->pool, mfn_x(l4));
    enum logdirty_result o = LOGDIRTY_DONE;

    BUG_ON(!s);
    w->may_write = w->may_fetch = true;
    while (o == LOGDIRTY_DONE && s->level > 1)
        o = upper_level(w, &s);
    return o == LOGDIRTY_DONE ? leaf_level(w, s) : o;
}

static enum logdirty_result walk(struct vcpu *v, unsigned long va, u32 error, bool *ret_may_write)
{
    struct walk w = {
        .d = v->domain,
        .ld = v->domain->arch.logdirty,
        .va = va,
        .write = error & PFEC_W,
        .fetch = error & PFEC_I,
    };
    bool kernel = v->arch.kernel_mode || mfn_eq(v->arch.user_l4, INVALID_MFN);
    enum logdirty_result o;

    ASSERT(local_irq_is_enabled());
    spin_lock(&w.ld->lock);
    do {
        o = walk_locked(&w, kernel ? v->arch.kernel_l4 : v->arch.user_l4);
    } while (o == LOGDIRTY_AGAIN);
    spin_unlock(&w.ld->lock);
    if (unlikely(o == LOGDIRTY_UNFILLED))
        fill_note(v, w.unfilled);
    *ret_may_write = w.may_write;
    return o;
}

enum logdirty_result logdirty_fault(struct vcpu *v, unsigned long va, u32 error)
{
    bool may_write;

    if ((error & PFEC_RSV) || !is_canonical(va) || is_hv_address(va))
        return LOGDIRTY_REFUSED;
    return walk(v, va, error, &may_write);
}

bool logdirty_filled(struct vcpu *v, unsigned long va, unsigned long len)
{
    unsigned long last = va + len - 1;
    bool may_write;

    if (!len || !logdirty_on(v->domain) || !guest_range_ok(va, len))
        return true;
    for (;; va = (va | ~PAGE_MASK) + 1) {
        if (is_canonical(va) && walk(v, va, 0, &may_write) == LOGDIRTY_UNFILLED)
            return false;
        if ((va | ~PAGE_MASK) >= last)
            return true;
    }
}

bool logdirty_touch(struct vcpu *v, unsigned long va, unsigned long len)
{
    unsigned long last = va + len - 1;
    bool may_write;

    if (!logdirty_on(v->domain) || !guest_range_ok(va, len))
        return false;
    for (unsigned long at = va;; at = last) {
        if (!is_canonical(at) || walk(v, at, PFEC_W, &may_write) != LOGDIRTY_DONE || !may_write)
            return false;
        if (at == last)
            return true;
    }
}
