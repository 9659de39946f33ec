/* SPDX-License-Identifier: MIT */
/* test-domheap.c - frames of domains: lists, counts, limits, references, no leak of contents. */
#include "test-main.h"
#include <stdlib.h>
#include <string.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/mm.h>
#include "shim.h"

#define FRAMES 2048UL

static struct domain *dom[2];
static unsigned int order_of_domain;

bool get_domain(struct domain *d)
{
    if (atomic_read(&d->refcnt) == 0)
        return false;
    atomic_inc(&d->refcnt);
    return true;
}

void put_domain(struct domain *d)
{
    BUG_ON(spin_is_locked(&d->page_lock));
    atomic_dec(&d->refcnt);
}

bool get_page(struct page_info *pg, const struct domain *d)
{
    if (page_owner(pg) != d || !(pg->count_info & PGC_COUNT_MASK))
        return false;
    pg->count_info++;
    return true;
}

bool put_only_ref(struct page_info *pg)
{
    if (pg->count_info != (PGC_ALLOCATED | 1))
        return false;
    pg->count_info = 0;
    return true;
}

static bool is_pinned(const struct page_info *pg)
{
    return pg->type_info & PGT_PINNED;
}

static void setup(void)
{
    if (!dom[0]) {
        shim_memory_init(FRAMES);
        heap_add_range(_mfn(1), _mfn(FRAMES), 0);
        while (PAGE_SIZE << order_of_domain < sizeof(struct domain))
            order_of_domain++;
    }
    for (unsigned int i = 0; i < 2; i++) {
        if (!dom[i])
            dom[i] = alloc_xenheap_pages(order_of_domain, 0);
        memset(dom[i], 0, sizeof(*dom[i]));
        spin_lock_init(&dom[i]->page_lock, LOCK_RANK_PAGE_ALLOC);
        atomic_set(&dom[i]->refcnt, 1);
        dom[i]->max_pages = 64;
    }
}

/* What put_page does with the last reference. */
static void drop(struct page_info *pg)
{
    pg->count_info &= ~(PGC_ALLOCATED | PGC_COUNT_MASK);
    free_domheap_page(pg);
}

static unsigned long list_length(u32 head)
{
    unsigned long n = 0;
    u32 prev = 0;

    for (u32 m = head; m; m = mfn_to_page(_mfn(m))->next, n++) {
        ck_assert_uint_eq(mfn_to_page(_mfn(m))->prev, prev);
        prev = m;
    }
    return n;
}

START_TEST(test_counts_and_limits)
{
    struct domain *d;
    struct page_info *pg[8];
    unsigned long before;

    setup();
    d = dom[0];
    before = heap_free_pages();
    for (unsigned int i = 0; i < 8; i++) {
        pg[i] = alloc_domheap_pages(d, 3, 0);
        ck_assert_ptr_nonnull(pg[i]);
        ck_assert_ptr_eq(page_owner(pg[i] + 7), d);
        ck_assert_uint_eq(pg[i][7].count_info, PGC_ALLOCATED | 1);
    }
    ck_assert_uint_eq(d->tot_pages, 64);
    ck_assert_uint_eq(list_length(d->page_list), 64);
    ck_assert_int_eq(atomic_read(&d->refcnt), 2);
    ck_assert_ptr_null(alloc_domheap_pages(d, 0, 0));
    ck_assert_ptr_null(alloc_domheap_pages(d, MAX_ORDER + 1, 0));

    while (d->page_list)
        drop(mfn_to_page(_mfn(d->page_list)));
    ck_assert_uint_eq(d->tot_pages, 0);
    ck_assert_int_eq(atomic_read(&d->refcnt), 1);
    ck_assert_uint_eq(heap_free_pages(), before);
}
END_TEST

START_TEST(test_random_two_domains)
{
    struct page_info *mine[2][64];
    unsigned int n[2] = {0, 0};
    unsigned long before;

    setup();
    before = heap_free_pages();
    for (unsigned int step = 0; step < 4000; step++) {
        unsigned int i = shim_random() % 2;

        if (n[i] < 64 && (shim_random() & 1)) {
            struct page_info *pg = alloc_domheap_pages(dom[i], 0, 0);
            u8 *va = page_to_virt(pg);

            for (unsigned int k = 0; k < PAGE_SIZE; k += 256)
                ck_assert_uint_eq(va[k], 0);
            memset(va, 0xe0 + (int)i, PAGE_SIZE);
            mine[i][n[i]++] = pg;
        } else if (n[i]) {
            unsigned int k = shim_random() % n[i];

            drop(mine[i][k]);
            mine[i][k] = mine[i][--n[i]];
        }
        ck_assert_uint_eq(dom[i]->tot_pages, n[i]);
        ck_assert_int_eq(atomic_read(&dom[i]->refcnt), n[i] ? 2 : 1);
        if (step % 100 == 0)
            ck_assert_uint_eq(list_length(dom[i]->page_list), n[i]);
    }
    for (unsigned int i = 0; i < 2; i++)
        while (n[i])
            drop(mine[i][--n[i]]);
    ck_assert_uint_eq(heap_free_pages(), before);
}
END_TEST

START_TEST(test_uncounted)
{
    struct page_info *pg;

    setup();
    dom[0]->max_pages = 0;
    pg = alloc_domheap_pages(dom[0], 1, MEMF_NO_REFCOUNT);
    ck_assert_ptr_nonnull(pg);
    ck_assert_uint_eq(dom[0]->tot_pages, 0);
    ck_assert_uint_eq(list_length(dom[0]->page_list), 2);
    ck_assert_int_eq(atomic_read(&dom[0]->refcnt), 3);
    drop(pg);
    drop(pg + 1);
    ck_assert_int_eq(atomic_read(&dom[0]->refcnt), 1);
}
END_TEST

START_TEST(test_dying)
{
    unsigned long before;

    setup();
    before = heap_free_pages();
    dom[0]->is_dying = true;
    ck_assert_ptr_null(alloc_domheap_pages(dom[0], 0, 0));
    dom[0]->is_dying = false;
    atomic_set(&dom[0]->refcnt, 0);
    ck_assert_ptr_null(alloc_domheap_pages(dom[0], 0, 0));
    ck_assert_ptr_null(alloc_domheap_pages(dom[0], 2, MEMF_NO_REFCOUNT));
    ck_assert_uint_eq(heap_free_pages(), before);
}
END_TEST

static unsigned long free_all_unused(struct domain *d, unsigned int *ret_runs)
{
    unsigned long sum = 0, n;

    for (*ret_runs = 0; (n = domain_free_unused(d)) != 0; sum += n)
        ++*ret_runs;
    return sum;
}

/* All is freed in few steps but what somebody else uses, which stays on a list of the domain's. */
START_TEST(test_teardown)
{
    struct domain *d;
    struct page_info *big, *pinned, *used, *extra, *down[4];
    unsigned long before;
    unsigned int runs;
    bool has_ref;

    setup();
    d = dom[0];
    d->max_pages = FRAMES;
    before = heap_free_pages();
    big = alloc_domheap_pages(d, 9, 0);
    for (unsigned int i = 0; i < 4; i++)
        down[i] = alloc_domheap_pages(d, 0, 0);
    ck_assert(down[1] == down[0] - 1 || down[1] == down[0] + 1);
    extra = alloc_domheap_pages(d, 0, MEMF_NO_REFCOUNT);
    ck_assert(big && extra);
    pinned = big + 100;
    pinned->type_info |= PGT_PINNED;
    used = big + 300;
    used->count_info++;

    ck_assert_ptr_eq(domain_set_aside(d, is_pinned), pinned);
    ck_assert_uint_eq(pinned->count_info, PGC_ALLOCATED | 2);
    pinned->type_info = 0;
    pinned->count_info--;
    while (d->page_list)
        ck_assert_ptr_null(domain_set_aside(d, is_pinned));
    ck_assert_uint_eq(list_length(d->dying_list), 512 + 4 + 1);
    ck_assert_uint_eq(d->tot_pages, 512 + 4);

    /* What was set aside last comes first: the part of the big block below the pinned one. */
    ck_assert_uint_eq(free_all_unused(d, &runs), 100);
    ck_assert_uint_eq(runs, 1);
    ck_assert_ptr_eq(domain_take_back(d, &has_ref), extra);
    ck_assert_uint_eq(free_all_unused(d, &runs), 4 + 211);
    ck_assert_uint_le(runs, 3);
    ck_assert_ptr_eq(domain_take_back(d, &has_ref), used);
    ck_assert(has_ref);
    ck_assert_uint_eq(used->count_info, PGC_ALLOCATED | 3);
    ck_assert_uint_eq(d->page_list, mfn_x(page_to_mfn(used)));
    ck_assert_uint_eq(free_all_unused(d, &runs), 200);
    ck_assert_uint_eq(d->tot_pages, 1);
    ck_assert_ptr_null(domain_take_back(d, &has_ref));
    ck_assert_uint_eq(list_length(d->page_list), 2);
    ck_assert_int_eq(atomic_read(&d->refcnt), 3);
    drop(used);
    drop(extra);
    ck_assert_int_eq(atomic_read(&d->refcnt), 1);
    ck_assert_uint_eq(heap_free_pages(), before);
}
END_TEST

/* The last page gives back the domain's own reference; one that is being freed is left alone. */
START_TEST(test_teardown_ends)
{
    struct domain *d;
    struct page_info *pg;
    unsigned int runs;
    bool has_ref;

    setup();
    d = dom[0];
    pg = alloc_domheap_pages(d, 0, 0);
    ck_assert(pg && alloc_domheap_pages(d, 2, 0));
    while (d->page_list)
        ck_assert_ptr_null(domain_set_aside(d, is_pinned));
    pg->count_info = 0; /* its last reference has just gone */
    ck_assert_uint_eq(free_all_unused(d, &runs), 4);
    ck_assert_ptr_eq(domain_take_back(d, &has_ref), pg);
    ck_assert(!has_ref);
    drop(pg);
    ck_assert_int_eq(atomic_read(&d->refcnt), 1);

    ck_assert_ptr_nonnull(alloc_domheap_pages(d, 5, 0));
    ck_assert_int_eq(atomic_read(&d->refcnt), 2);
    ck_assert_ptr_null(domain_set_aside(d, is_pinned));
    ck_assert_uint_eq(free_all_unused(d, &runs), 32);
    ck_assert_uint_eq(runs, 1);
    ck_assert_int_eq(atomic_read(&d->refcnt), 1);
    ck_assert_uint_eq(domain_free_unused(d), 0);
}
END_TEST

START_TEST(test_xenheap_page)
{
    struct page_info *pg;

    setup();
    pg = alloc_heap_pages(0, 0);
    pg->owner = (u32)mfn_x(virt_to_mfn(dom[0]));
    dom[0]->xenpage_list = (u32)mfn_x(page_to_mfn(pg));
    dom[0]->xenheap_pages = 1;
    atomic_set(&dom[0]->refcnt, 2); /* one of them for that page */
    drop(pg);
    ck_assert_int_eq(atomic_read(&dom[0]->refcnt), 1);
    ck_assert_uint_eq(dom[0]->xenpage_list, 0);
    ck_assert_uint_eq(dom[0]->xenheap_pages, 0);
    ck_assert_uint_eq(pg->owner, 0);
    ck_assert(!(pg->count_info & PGC_FREE));
    free_heap_pages(pg, 0);
    ck_assert(SHIM_BUGS(free_domheap_page(pg)));
}
END_TEST

/* A frame changes hands only after every CPU has dropped the translations of its former owner. */
START_TEST(test_flushes_before_reuse)
{
    struct page_info *pg;
    unsigned int flushes;

    setup();
    pg = alloc_domheap_pages(dom[0], 0, 0);
    pg->stamp = shim_tlb_clock;
    drop(pg);
    flushes = shim_flushes;
    shim_irqs_on = false;
    ck_assert_ptr_null(alloc_domheap_pages(dom[1], 0, 0));
    shim_irqs_on = true;
    ck_assert_uint_eq(shim_flushes, flushes);
    ck_assert_ptr_eq(alloc_domheap_pages(dom[1], 0, 0), pg);
    ck_assert_uint_eq(shim_flushes, flushes + 1);
    pg->stamp = shim_flushed_at - 1;
    drop(pg);
    ck_assert_ptr_eq(alloc_domheap_pages(dom[1], 0, 0), pg);
    ck_assert_uint_eq(shim_flushes, flushes + 1);
    drop(pg);
}
END_TEST

TEST_MAIN("domheap", test_counts_and_limits, test_random_two_domains, test_uncounted, test_dying,
          test_teardown, test_teardown_ends, test_xenheap_page, test_flushes_before_reuse)
