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
          test_xenheap_page, test_flushes_before_reuse)
