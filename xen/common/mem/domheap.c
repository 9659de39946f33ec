/* SPDX-License-Identifier: MIT */
/*
 * domheap.c - frames that belong to domains: ownership, the domain's page list, its page count.
 *
 * A domain holds one reference to itself while tot_pages is not zero, one while xenheap_pages is
 * not, and one for each uncounted frame (MEMF_NO_REFCOUNT, marked PGC_EXTRA), so that page_owner()
 * of an owned frame stays valid.
 * Locks: domain->page_lock for the list and the counts; heap locks nest inside it or come alone.
 */
#include <xen/lib.h>
#include <xen/atomic.h>
#include <xen/fill.h>
#include <xen/mm.h>
#include <xen/sched.h>

static void list_link(u32 *head, struct page_info *pg)
{
    u32 mfn = (u32)mfn_x(page_to_mfn(pg));

    pg->next = *head;
    pg->prev = 0;
    if (*head)
        mfn_to_page(_mfn(*head))->prev = mfn;
    *head = mfn;
}

static void list_unlink(u32 *head, struct page_info *pg)
{
    if (pg->prev) {
        mfn_to_page(_mfn(pg->prev))->next = pg->next;
    } else {
        ASSERT(*head == mfn_x(page_to_mfn(pg)));
        *head = pg->next;
    }
    if (pg->next)
        mfn_to_page(_mfn(pg->next))->prev = pg->prev;
    pg->next = pg->prev = 0;
}

/* The list that an owned page is on: while its domain dies, there are two. */
static u32 *list_of(struct domain *d, const struct page_info *pg)
{
    return d->dying_list == mfn_x(page_to_mfn(pg)) ? &d->dying_list : &d->page_list;
}

/* --- claims: memory that is free but promised; all counts under claim_lock --- */

static DEFINE_SPINLOCK(claim_lock, LOCK_RANK_SLAB);
static unsigned long claimed_total;

unsigned long claims_outstanding(void)
{
    return READ_ONCE(claimed_total);
}

/* Whether d may have nr frames without taking what others were promised. */
static bool claims_permit(const struct domain *d, unsigned long nr)
{
    unsigned long others = READ_ONCE(claimed_total) - READ_ONCE(d->claimed_pages);

    return likely(!READ_ONCE(claimed_total)) || heap_free_pages() >= others + nr;
}

/* d->page_lock is held. */
static void set_claim_locked(struct domain *d, unsigned long pages)
{
    spin_lock(&claim_lock);
    claimed_total += pages - d->claimed_pages;
    d->claimed_pages = pages;
    spin_unlock(&claim_lock);
}

int domain_claim_pages(struct domain *d, unsigned long pages)
{
    int rc = 0;

    spin_lock(&d->page_lock);
    if (!pages)
        set_claim_locked(d, 0);
    else if (d->claimed_pages || pages <= d->tot_pages || pages > d->max_pages || d->is_dying)
        rc = -EINVAL;
    else if (pages - d->tot_pages > heap_free_pages() - MIN(heap_free_pages(), claimed_total))
        rc = -ENOMEM;
    else
        set_claim_locked(d, pages - d->tot_pages);
    spin_unlock(&d->page_lock);
    return rc;
}

static bool within_limit(const struct domain *d, unsigned long nr)
{
    return d->tot_pages <= d->max_pages && nr <= d->max_pages - d->tot_pages;
}

/* The references that owning nr more frames needs. All or nothing. */
static bool take_references_locked(struct domain *d, unsigned long nr, bool extra)
{
    unsigned long wanted = extra ? nr : d->tot_pages ? 0 : 1;

    for (unsigned long i = 0; i < wanted; i++) {
        if (get_domain(d))
            continue;
        /* Only a domain without any reference refuses, so that the first attempt fails or none. */
        BUG_ON(i);
        return false;
    }
    return true;
}

static bool assign_pages(struct domain *d, struct page_info *pg, unsigned long nr,
                         unsigned int memflags)
{
    bool extra = (memflags & MEMF_NO_REFCOUNT) != 0,
         unlimited = extra || (memflags & MEMF_OVER_LIMIT);
    u32 owner = (u32)mfn_x(virt_to_mfn(d));
    bool ok;

    spin_lock(&d->page_lock);
    ok = !d->is_dying && (unlimited || within_limit(d, nr)) && take_references_locked(d, nr, extra);
    if (ok) {
        if (!extra)
            d->tot_pages += nr;
        if (!extra && d->claimed_pages)
            set_claim_locked(d, d->claimed_pages - MIN(nr, d->claimed_pages));
        for (unsigned long i = 0; i < nr; i++) {
            pg[i].type_info = 0;
            pg[i].owner = owner;
            /* Whoever finds a reference count must find the owner too. */
            smp_wmb();
            WRITE_ONCE(pg[i].count_info, PGC_ALLOCATED | (extra ? PGC_EXTRA : 0) | 1);
            list_link(&d->page_list, &pg[i]);
        }
    }
    spin_unlock(&d->page_lock);
    return ok;
}

struct page_info *alloc_domheap_pages(struct domain *d, unsigned int order, unsigned int memflags)
{
    bool unlimited = (memflags & (MEMF_NO_REFCOUNT | MEMF_OVER_LIMIT)) != 0;
    struct page_info *pg;

    if (order > MAX_ORDER)
        return NULL;
    /* Spares the work in the common case of failure; assign_pages() decides. */
    if (!unlimited && (READ_ONCE(d->tot_pages) + (1UL << order) > READ_ONCE(d->max_pages)))
        return NULL;

    if (!claims_permit(d, 1UL << order))
        return NULL;
    pg = alloc_heap_pages(order, memflags);
    if (pg && !assign_pages(d, pg, 1UL << order, memflags)) {
        free_heap_pages(pg, order);
        pg = NULL;
    }
    return pg;
}

/* A hypervisor page that was shared with d: its memory stays with the hypervisor. */
static void release_xen_page(struct domain *d, struct page_info *pg)
{
    bool drop;

    spin_lock(&d->page_lock);
    BUG_ON(!d->xenheap_pages);
    list_unlink(&d->xenpage_list, pg);
    drop = !--d->xenheap_pages;
    pg->owner = 0;
    pg->count_info |= PGC_STALE_TLB;
    spin_unlock(&d->page_lock);
    if (drop)
        put_domain(d);
}

/* --- for domain_kill, which has a reference of its own --- */

/* Takes the first frames off a list, up to `last`. Their own links stay as they are. */
static void list_cut(u32 *head, const struct page_info *last)
{
    *head = last->next;
    if (last->next)
        mfn_to_page(_mfn(last->next))->prev = 0;
}

/* The first frames of page_list go to the front of dying_list, up to `last`. */
static void set_aside_until(struct domain *d, struct page_info *last)
{
    u32 first = d->page_list;

    list_cut(&d->page_list, last);
    last->next = d->dying_list;
    if (d->dying_list)
        mfn_to_page(_mfn(d->dying_list))->prev = (u32)mfn_x(page_to_mfn(last));
    d->dying_list = first;
}

struct page_info *domain_set_aside(struct domain *d, bool (*stop)(const struct page_info *pg))
{
    struct page_info *pg = NULL;
    bool found = false;
    u32 mfn;

    spin_lock(&d->page_lock);
    mfn = d->page_list;
    for (unsigned int n = 0; n < DYING_BATCH && mfn && !found; n++) {
        pg = mfn_to_page(_mfn(mfn));
        found = stop(pg) && get_page(pg, d);
        mfn = pg->next;
    }
    if (pg)
        set_aside_until(d, pg);
    spin_unlock(&d->page_lock);
    return found ? pg : NULL;
}

/* Takes neighbours off dying_list that nobody else uses. The frame with the lowest number; NULL:
 * there is none. */
static struct page_info *take_unused_locked(struct domain *d, unsigned long *ret_nr)
{
    unsigned long first = d->dying_list, nr = 0;
    struct page_info *last = NULL;

    for (unsigned long mfn = first; mfn && nr < DYING_BATCH; mfn = last->next, nr++) {
        struct page_info *pg = mfn_to_page(_mfn(mfn));

        if ((nr && mfn + 1 != first && mfn != first + nr) || !put_only_ref(pg))
            break;
        first = MIN(first, mfn);
        last = pg;
    }
    if (last)
        list_cut(&d->dying_list, last);
    *ret_nr = nr;
    return last ? mfn_to_page(_mfn(first)) : NULL;
}

unsigned long domain_free_unused(struct domain *d)
{
    struct page_info *run;
    unsigned long nr;
    bool drop;

    spin_lock(&d->page_lock);
    run = take_unused_locked(d, &nr);
    BUG_ON(nr > d->tot_pages);
    d->tot_pages -= nr;
    drop = nr && !d->tot_pages;
    spin_unlock(&d->page_lock);

    if (run)
        free_heap_run(run, nr);
    if (drop)
        put_domain(d);
    return nr;
}

struct page_info *domain_take_back(struct domain *d, bool *ret_has_ref)
{
    struct page_info *pg = NULL;

    spin_lock(&d->page_lock);
    if (d->dying_list) {
        pg = mfn_to_page(_mfn(d->dying_list));
        *ret_has_ref = get_page(pg, d);
        list_unlink(&d->dying_list, pg);
        list_link(&d->page_list, pg);
    }
    spin_unlock(&d->page_lock);
    return pg;
}

void free_domheap_page(struct page_info *pg)
{
    struct domain *d = page_owner(pg);
    bool extra = (pg->count_info & PGC_EXTRA) != 0;
    bool drop;

    BUG_ON(!d || (pg->count_info & (PGC_FREE | PGC_COUNT_MASK)));
    if (pg->count_info & PGC_XEN_HEAP) {
        release_xen_page(d, pg);
        return;
    }

    spin_lock(&d->page_lock);
    list_unlink(list_of(d, pg), pg);
    if (!extra) {
        BUG_ON(!d->tot_pages);
        d->tot_pages--;
    }
    if (page_unfilled(pg)) /* nobody will miss what was to come */
        atomic_dec(&d->unfilled_pages);
    drop = extra || !d->tot_pages;
    spin_unlock(&d->page_lock);

    free_heap_pages(pg, 0);
    if (drop)
        put_domain(d);
}
