/* SPDX-License-Identifier: MIT */
/* test-heap.c - nodes and their fallback order, limits, and that no old contents get out. */
#include "test-main.h"
#include <string.h>
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/percpu.h>
#include "shim.h"

#define FRAMES 4096UL

/* Node 0: 1-1023, node 1: 1024-2047, node 2: 2048-4095 without 3000-3009. */
static void setup_once(void)
{
    static bool done;

    if (done)
        return;
    done = true;
    shim_memory_init(FRAMES);
    memset((void *)shim_directmap, 0xa5, FRAMES * PAGE_SIZE);
    acpi.nr_nodes = 3;
    for (unsigned int i = 0; i < 3; i++)
        for (unsigned int j = 0; j < 3; j++)
            acpi.distance[i][j] = i == j ? 10 : 20;
    acpi.distance[0][1] = 30; /* from node 0 node 2 is nearer */
    heap_add_range(_mfn(0), _mfn(1024), 0);
    heap_add_range(_mfn(1024), _mfn(2048), 1);
    heap_add_range(_mfn(3010), _mfn(4096), 2);
    heap_add_range(_mfn(2048), _mfn(3000), 2);
    ck_assert_uint_eq(heap_free_pages(), FRAMES - 11);
}

static unsigned int node_of(const struct page_info *pg)
{
    unsigned long mfn = mfn_x(page_to_mfn(pg));

    return mfn < 1024 ? 0 : mfn < 2048 ? 1 : 2;
}

START_TEST(test_node_fallback)
{
    static struct page_info *got[FRAMES];
    static const unsigned int expected[] = {0, 2, 1};
    unsigned int n = 0, step = 0;
    struct page_info *pg;

    setup_once();
    while ((pg = alloc_heap_pages(0, MEMF_NODE(0) | MEMF_NO_SCRUB)) != NULL) {
        while (node_of(pg) != expected[step])
            ck_assert_uint_lt(++step, 3);
        got[n++] = pg;
    }
    ck_assert_uint_eq(n, FRAMES - 11);
    ck_assert_uint_eq(heap_free_pages(), 0);
    while (n)
        free_heap_pages(got[--n], 0);
    ck_assert_uint_eq(heap_node_free_pages(0), 1023);
    ck_assert_uint_eq(heap_node_free_pages(1), 1024);
    ck_assert_uint_eq(heap_node_free_pages(2), 2038);
    ck_assert_uint_eq(heap_node_free_pages(99), 0);
}
END_TEST

/* A run is freed whatever it starts and ends with, each frame to its own node. */
START_TEST(test_free_run)
{
    static const unsigned long runs[][2] = {{1, 4}, {1000, 200}, {1021, 3}, {1023, 2}, {2040, 900}};

    setup_once();
    for (unsigned int i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        unsigned long n = 0, left = 0;

        while (alloc_heap_pages(0, MEMF_NO_SCRUB) != NULL)
            n++;
        ck_assert_uint_eq(n, FRAMES - 11);
        free_heap_run(mfn_to_page(_mfn(runs[i][0])), runs[i][1]);
        ck_assert_uint_eq(heap_free_pages(), runs[i][1]);
        for (unsigned long m = runs[i][0]; m < runs[i][0] + runs[i][1]; m++)
            left += node_of(mfn_to_page(_mfn(m))) == 1;
        ck_assert_uint_eq(heap_node_free_pages(1), left);
        for (unsigned long m = 1; m < FRAMES; m++)
            if ((m < runs[i][0] || m >= runs[i][0] + runs[i][1]) && (m < 3000 || m > 3009))
                free_heap_pages(mfn_to_page(_mfn(m)), 0);
        ck_assert_uint_eq(heap_free_pages(), FRAMES - 11);
    }
}
END_TEST

START_TEST(test_node_choice)
{
    struct page_info *pg;

    setup_once();
    ck_assert_ptr_null(alloc_heap_pages(10, MEMF_NODE(0) | MEMF_EXACT_NODE));
    pg = alloc_heap_pages(10, MEMF_NODE(1) | MEMF_EXACT_NODE);
    ck_assert_uint_eq(node_of(pg), 1);
    free_heap_pages(pg, 10);
    ck_assert_ptr_null(alloc_heap_pages(0, MEMF_NODE(ACPI_MAX_NODES)));
    ck_assert_ptr_null(alloc_heap_pages(MAX_ORDER + 1, 0));

    /* Without a wish: the node of the own CPU. */
    cpu_apicid[0] = 2;
    pg = alloc_heap_pages(0, 0);
    ck_assert_uint_eq(node_of(pg), 2);
    free_heap_pages(pg, 0);
    cpu_apicid[0] = 0;

    /* A limit beats a wish for a node that has nothing below it. */
    pg = alloc_heap_pages(3, MEMF_NODE(2) | MEMF_BITS(20));
    ck_assert_uint_lt(mfn_x(page_to_mfn(pg)), 256);
    free_heap_pages(pg, 3);
}
END_TEST

static bool all_zero(const void *p, size_t n)
{
    const u8 *b = p;

    while (n && !*b)
        b++, n--;
    return !n;
}

START_TEST(test_scrubs)
{
    unsigned long before;

    setup_once();
    before = heap_free_pages();
    for (unsigned int i = 0; i < 300; i++) {
        unsigned int order = shim_random() % 5;
        void *va = alloc_xenheap_pages(order, 0);

        ck_assert_ptr_nonnull(va);
        ck_assert(all_zero(va, PAGE_SIZE << order));
        ck_assert_uint_eq(virt_to_page(va)->count_info, PGC_XEN_HEAP);
        memset(va, 0x77, PAGE_SIZE << order);
        free_xenheap_pages(va, order);
        /* Taken without clearing and given back: still dirty for the next one. */
        va = alloc_xenheap_pages(order, MEMF_NO_SCRUB);
        free_xenheap_pages(va, order);
    }
    ck_assert_uint_eq(heap_free_pages(), before);
    ck_assert_uint_eq(shim_locks_held, 0);
    ck_assert(shim_irqs_on);
}
END_TEST

START_TEST(test_misuse)
{
    struct page_info *pg;

    setup_once();
    pg = alloc_heap_pages(1, 0);
    ck_assert(SHIM_BUGS(free_heap_pages(pg + 1, 1)));
    ck_assert(SHIM_BUGS(free_heap_pages(mfn_to_page(_mfn(3005)), 0)));
    free_heap_pages(pg, 1);
    ck_assert(SHIM_BUGS(free_heap_pages(pg, 1)));
    free_xenheap_pages(NULL, 0);
    /* Ranges that make no sense are left out with a message. */
    heap_add_range(_mfn(5), _mfn(5), 0);
    shim_bug_expected = true; /* keeps the message off the screen */
    heap_add_range(_mfn(1000), _mfn(1100), 0);
    shim_bug_expected = false;
    ck_assert_ptr_nonnull(strstr(shim_last_message, "stay unused"));
}
END_TEST

TEST_MAIN("heap", test_node_fallback, test_free_run, test_node_choice, test_scrubs, test_misuse)
