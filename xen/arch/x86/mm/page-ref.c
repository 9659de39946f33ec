/* SPDX-License-Identifier: MIT */
/*
 * page-ref.c - references on frames, and frames of ours that a guest may map; see the head of
 * <xen/mm.h>. page-type.c has the type references.
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/mm.h>
#include <asm/system.h>
#include "pt.h"

struct domain *page_owner(const struct page_info *pg)
{
    u32 owner = READ_ONCE(pg->owner);

    return owner ? mfn_to_virt(_mfn(owner)) : NULL;
}

/* A reference on a frame whoever owns it; false when it has none, so that it is being freed. */
static bool get_any_ref(struct page_info *pg)
{
    unsigned long x = READ_ONCE(pg->count_info);

    do {
        if (unlikely(!(x & PGC_COUNT_MASK) || (x & PGC_COUNT_MASK) == PGC_COUNT_MASK))
            return false;
    } while (!__atomic_compare_exchange_n(&pg->count_info, &x, x + 1, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
    return true;
}

bool get_page(struct page_info *pg, const struct domain *d)
{
    /* Another domain's frame must not see even a short-lived reference of ours. */
    if (unlikely(page_owner(pg) != d) || !get_any_ref(pg))
        return false;
    if (likely(page_owner(pg) == d))
        return true;
    put_page(pg);
    return false;
}

void get_page_again(struct page_info *pg)
{
    BUG_ON(!get_any_ref(pg));
}

/* Nobody can take the frame before it is freed: the stamp is in time. */
static void last_ref_went(struct page_info *pg)
{
    pg->stamp = tlb_clock();
    m2p_set(page_to_mfn(pg), INVALID_M2P);
}

void put_page(struct page_info *pg)
{
    unsigned long x;

    ASSERT(pg->count_info & PGC_COUNT_MASK);
    x = __atomic_sub_fetch(&pg->count_info, 1, __ATOMIC_SEQ_CST);
    if (unlikely(!(x & PGC_COUNT_MASK))) {
        last_ref_went(pg);
        free_domheap_page(pg);
    }
}

bool put_only_ref(struct page_info *pg)
{
    unsigned long alone = PGC_ALLOCATED | 1;

    if (!__atomic_compare_exchange_n(&pg->count_info, &alone, 0, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED))
        return false;
    /* Uses of a type have references of their own. */
    ASSERT(!(pg->type_info & PGT_COUNT_MASK));
    last_ref_went(pg);
    return true;
}

int get_page_and_type_preempt(struct page_info *pg, const struct domain *d, unsigned long type,
                              bool preempt)
{
    int rc;

    if (unlikely(!get_page(pg, d)))
        return -EINVAL;
    rc = get_type(pg, type, preempt);
    if (unlikely(rc))
        put_page(pg);
    return rc;
}

int get_page_and_type(struct page_info *pg, struct domain *d, unsigned long type)
{
    return get_page_and_type_preempt(pg, d, type, false);
}

int put_page_and_type_preempt(struct page_info *pg)
{
    int rc = put_type(pg, true);

    put_page(pg);
    return rc;
}

void put_page_and_type(struct page_info *pg)
{
    put_page_type(pg);
    put_page(pg);
}

void drop_cache_lines(struct page_info *pg)
{
    const char *p = page_to_virt(pg);

    for (unsigned int i = 0; i < PAGE_SIZE; i += 64) /* the smallest line there is */
        clflush(p + i);
    smp_mb();
    __atomic_fetch_and(&pg->count_info, ~PGC_INCOHERENT, __ATOMIC_SEQ_CST);
}

struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn)
{
    struct page_info *pg;

    if (!mfn_valid(_mfn(gfn)))
        return NULL;
    pg = mfn_to_page(_mfn(gfn));
    return get_page(pg, d) ? pg : NULL;
}

bool share_xen_page_with_guest(struct page_info *pg, struct domain *d, bool writable)
{
    ASSERT(pg->count_info & PGC_XEN_HEAP);
    spin_lock(&d->page_lock);
    if (d->is_dying) {
        spin_unlock(&d->page_lock);
        return false;
    }
    /* One type reference keeps a read-only page from ever becoming writable, or the reverse. */
    pg->type_info = (writable ? PGT_WRITABLE : PGT_NONE) | PGT_VALIDATED | 1;
    pg->owner = (u32)mfn_x(virt_to_mfn(d));
    smp_wmb();
    pg->count_info = PGC_XEN_HEAP | PGC_ALLOCATED | 1;
    pg->prev = 0;
    pg->next = d->xenpage_list;
    if (d->xenpage_list)
        mfn_to_page(_mfn(d->xenpage_list))->prev = (u32)mfn_x(page_to_mfn(pg));
    d->xenpage_list = (u32)mfn_x(page_to_mfn(pg));
    if (!d->xenheap_pages++ && !get_domain(d))
        BUG(); /* the caller has a reference */
    spin_unlock(&d->page_lock);
    return true;
}

/* A page that still has our reference, which is the caller's now. */
static struct page_info *next_shared(struct domain *d)
{
    struct page_info *pg, *found = NULL;

    spin_lock(&d->page_lock);
    for (u32 mfn = d->xenpage_list; mfn && !found; mfn = pg->next) {
        pg = mfn_to_page(_mfn(mfn));
        if (__atomic_fetch_and(&pg->count_info, ~PGC_ALLOCATED, __ATOMIC_SEQ_CST) & PGC_ALLOCATED)
            found = pg;
    }
    spin_unlock(&d->page_lock);
    return found;
}

void unshare_xen_pages(struct domain *d)
{
    struct page_info *pg;

    while ((pg = next_shared(d)) != NULL)
        put_page(pg);
}

bool unshare_xen_page(struct page_info *pg)
{
    /* Only our own reference may be left. */
    unsigned long alone = PGC_XEN_HEAP | PGC_ALLOCATED | 1;

    if (cmpxchg(&pg->count_info, alone, PGC_XEN_HEAP) != alone)
        return false;
    pg->stamp = tlb_clock();
    pg->type_info = 0;
    free_domheap_page(pg);
    return true;
}
