/* SPDX-License-Identifier: MIT */
/*
 * page-ref.c - references and type references of frames; see the head of <xen/mm.h>.
 *
 * Both words change only by compare-and-exchange. A frame whose type count goes from 0 to 1 for a
 * checked type has PGT_VALIDATED clear while its contents are checked; others that want the same
 * type wait for the outcome. Checks only go down the levels, so that waiting cannot form a circle.
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/mm.h>

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

void put_page(struct page_info *pg)
{
    unsigned long x;

    ASSERT(pg->count_info & PGC_COUNT_MASK);
    x = __atomic_sub_fetch(&pg->count_info, 1, __ATOMIC_SEQ_CST);
    if (unlikely(!(x & PGC_COUNT_MASK))) {
        /* Nobody can take the frame before it is freed: the stamp is in time. */
        pg->stamp = tlb_clock();
        free_domheap_page(pg);
    }
}

/* Nobody may go on using the frame through translations of its former use. */
static void flush_former_use(const struct page_info *pg)
{
    cpumask_t mask = cpu_online_map; /* foreign mappings: not only the owner's CPUs */

    tlb_filter(&mask, pg->stamp);
    if (!cpumask_empty(&mask))
        flush_tlb_mask(&mask, 0, FLUSH_TLB);
}

/*
 * Checks the contents for a type that was just taken; gives it up again on failure. Only now may
 * others use the frame as that type.
 */
static int finish_first_use(struct page_info *pg, unsigned long type)
{
    int rc = type == PGT_WRITABLE ? 0 : pt_validate(pg, type);

    if (rc)
        __atomic_fetch_and(&pg->type_info, ~(PGT_COUNT_MASK | PGT_TYPE_MASK), __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_or(&pg->type_info, PGT_VALIDATED, __ATOMIC_SEQ_CST);
    return rc;
}

int get_page_type(struct page_info *pg, unsigned long type)
{
    unsigned long x = READ_ONCE(pg->type_info), nx;

    for (;;) {
        if (!(x & PGT_COUNT_MASK)) {
            nx = (x & PGT_LOCKED) | type | 1;
            /* After another use, nobody may write before the flush below. */
            if (type == PGT_WRITABLE && (!(x & PGT_TYPE_MASK) || (x & PGT_TYPE_MASK) == type))
                nx |= PGT_VALIDATED;
        } else if (unlikely((x & PGT_TYPE_MASK) != type)) {
            return -EBUSY;
        } else if (unlikely(!(x & PGT_VALIDATED))) {
            cpu_relax();
            x = READ_ONCE(pg->type_info);
            continue;
        } else {
            nx = x + 1;
        }
        if (likely(__atomic_compare_exchange_n(&pg->type_info, &x, nx, false, __ATOMIC_SEQ_CST,
                                               __ATOMIC_RELAXED)))
            break;
    }
    if ((x & PGT_COUNT_MASK) == 0 && (x & PGT_TYPE_MASK) != type && (x & PGT_TYPE_MASK))
        flush_former_use(pg);
    return (nx & PGT_VALIDATED) ? 0 : finish_first_use(pg, type);
}

void put_page_type(struct page_info *pg)
{
    unsigned long x = READ_ONCE(pg->type_info), nx, type;

    for (;;) {
        ASSERT(x & PGT_COUNT_MASK);
        type = x & PGT_TYPE_MASK;
        nx = x - 1;
        if (!(nx & PGT_COUNT_MASK)) {
            pg->stamp = tlb_clock();
            if (type != PGT_WRITABLE && (x & PGT_VALIDATED))
                nx = x & ~PGT_VALIDATED; /* keeps its count while the contents are let go */
        }
        if (likely(__atomic_compare_exchange_n(&pg->type_info, &x, nx, false, __ATOMIC_SEQ_CST,
                                               __ATOMIC_RELAXED)))
            break;
    }
    if (unlikely((nx & PGT_COUNT_MASK) && !(nx & PGT_VALIDATED))) {
        pt_invalidate(pg, type);
        pg->stamp = tlb_clock();
        __atomic_fetch_sub(&pg->type_info, 1, __ATOMIC_SEQ_CST);
    }
}

int get_page_and_type(struct page_info *pg, struct domain *d, unsigned long type)
{
    int rc;

    if (unlikely(!get_page(pg, d)))
        return -EINVAL;
    rc = get_page_type(pg, type);
    if (unlikely(rc))
        put_page(pg);
    return rc;
}

void put_page_and_type(struct page_info *pg)
{
    put_page_type(pg);
    put_page(pg);
}

struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn)
{
    struct page_info *pg;

    if (!mfn_valid(_mfn(gfn)))
        return NULL;
    pg = mfn_to_page(_mfn(gfn));
    return get_page(pg, d) ? pg : NULL;
}

void pt_lock(struct page_info *pg)
{
    while (unlikely(__atomic_fetch_or(&pg->type_info, PGT_LOCKED, __ATOMIC_ACQUIRE) & PGT_LOCKED))
        cpu_relax();
}

void pt_unlock(struct page_info *pg)
{
    __atomic_fetch_and(&pg->type_info, ~PGT_LOCKED, __ATOMIC_RELEASE);
}

void share_xen_page_with_guest(struct page_info *pg, struct domain *d, bool writable)
{
    ASSERT(pg->count_info & PGC_XEN_HEAP);
    spin_lock(&d->page_lock);
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
    d->xenheap_pages++;
    spin_unlock(&d->page_lock);
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
