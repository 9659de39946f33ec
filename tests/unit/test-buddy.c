/* SPDX-License-Identifier: MIT */
/* test-buddy.c - the buddy allocator against a model that knows the owner of every frame. */
#include "test-main.h"
#include <stdlib.h>
#include <string.h>
#include "../../xen/common/mem/buddy.h"
#include <xen/lib.h>
#include "shim.h"

#define NR_FRAMES 8192UL

static struct buddy buddy;
static bool used[NR_FRAMES];

static void give(unsigned long start, unsigned long end)
{
    ck_assert_int_eq(buddy_add_range(&buddy, start, end), 0);
    while (start < end) {
        unsigned int order = buddy_run_order(start, end - start);

        buddy_free(&buddy, mfn_to_page(_mfn(start)), order);
        start += 1UL << order;
    }
}

static void setup(void)
{
    shim_memory_init(NR_FRAMES);
    buddy = (struct buddy){0};
    memset(used, 0, sizeof(used));
}

/* Counts what the lists hold, checks links and alignment. */
static unsigned long walk_lists(void)
{
    unsigned long sum = 0;

    for (unsigned int z = 0; z < BUDDY_ZONES; z++) {
        for (unsigned int k = 0; k <= MAX_ORDER; k++) {
            u32 prev = 0;

            ck_assert_int_eq(!!(buddy.orders[z] & (1U << k)), buddy.free_list[z][k] != 0);
            for (u32 m = buddy.free_list[z][k]; m; m = mfn_to_page(_mfn(m))->next) {
                struct page_info *pg = mfn_to_page(_mfn(m));

                ck_assert_uint_eq(pg->prev, prev);
                ck_assert_uint_eq(pg->type_info, k);
                ck_assert_uint_eq(m & ((1U << k) - 1), 0);
                ck_assert_uint_eq(m >> z, 1);
                for (unsigned long i = m; i < m + (1UL << k); i++)
                    ck_assert(!used[i]);
                sum += 1UL << k;
                prev = m;
            }
        }
        ck_assert_int_eq(!!(buddy.zones & (1U << z)), buddy.orders[z] != 0);
    }
    ck_assert_uint_eq(sum, buddy.free_pages);
    return sum;
}

struct block {
    unsigned long mfn;
    unsigned int order;
};

static bool take(unsigned int order, unsigned int bits, struct block *ret_block)
{
    struct page_info *pg = buddy_alloc(&buddy, order, bits);
    unsigned long mfn;

    if (!pg)
        return false;
    mfn = mfn_x(page_to_mfn(pg));
    ck_assert(buddy_contains(&buddy, mfn, 1));
    ck_assert_uint_eq(mfn & ((1UL << order) - 1), 0);
    if (bits)
        ck_assert_uint_le((mfn + (1UL << order)) << PAGE_SHIFT, 1UL << bits);
    for (unsigned long i = mfn; i < mfn + (1UL << order); i++) {
        ck_assert(!used[i]);
        used[i] = true;
    }
    *ret_block = (struct block){mfn, order};
    return true;
}

static void give_back(const struct block *b)
{
    for (unsigned long i = b->mfn; i < b->mfn + (1UL << b->order); i++)
        used[i] = false;
    buddy_free(&buddy, mfn_to_page(_mfn(b->mfn)), b->order);
}

START_TEST(test_random)
{
    static struct block blocks[1024];
    unsigned int n = 0;
    unsigned long all;

    setup();
    give(1, 159);
    give(256, 4000);
    give(4100, NR_FRAMES);
    all = walk_lists();
    ck_assert_uint_eq(all, 158 + 3744 + 4092);

    for (unsigned int step = 0; step < 20000; step++) {
        if (n < ARRAY_SIZE(blocks) && (shim_random() & 1)) {
            unsigned int order = shim_random() % 6, bits = shim_random() % 4 ? 0 : 20 + step % 6;

            n += take(order, bits, &blocks[n]);
        } else if (n) {
            unsigned int i = shim_random() % n;

            give_back(&blocks[i]);
            blocks[i] = blocks[--n];
        }
        if (step % 500 == 0)
            walk_lists();
    }
    while (n)
        give_back(&blocks[--n]);
    ck_assert_uint_eq(walk_lists(), all);
    /* Everything has coalesced again: the 4096 frames at 4096 miss 4 only. */
    ck_assert(take(11, 0, &blocks[0]));
    ck_assert_uint_eq(blocks[0].mfn, 6144);
}
END_TEST

START_TEST(test_coalesces_fully)
{
    struct block b;

    setup();
    give(4096, 8192);
    ck_assert_uint_eq(buddy.orders[12], 1U << 12);
    for (unsigned int i = 0; i < 4096; i++)
        ck_assert(take(0, 0, &b));
    ck_assert(!take(0, 0, &b));
    ck_assert_uint_eq(buddy.zones, 0);
    for (unsigned long m = 4096; m < 8192; m++)
        give_back(&(struct block){m, 0});
    ck_assert_uint_eq(buddy.orders[12], 1U << 12);
    ck_assert_uint_eq(walk_lists(), 4096);
}
END_TEST

START_TEST(test_high_memory_first)
{
    struct block b;

    setup();
    give(1, NR_FRAMES);
    /* While there is memory at or above 16 MiB, nothing below is touched. */
    for (unsigned int i = 0; i < 4096; i++) {
        ck_assert(take(0, 0, &b));
        ck_assert_uint_ge(b.mfn, 4096);
    }
    ck_assert(take(0, 0, &b));
    ck_assert_uint_lt(b.mfn, 4096);
    ck_assert(take(8, 21, &b));
    ck_assert_uint_eq(b.mfn, 256);
    ck_assert(!take(8, 20, &b)); /* its only candidate has frame 0 */
    ck_assert(take(7, 20, &b));
    ck_assert(!take(0, 12, &b));
    ck_assert(take(0, 13, &b));
    ck_assert_uint_eq(b.mfn, 1);
    ck_assert(!take(0, 13, &b));
    ck_assert(!take(MAX_ORDER + 1, 0, &b));
}
END_TEST

START_TEST(test_ranges)
{
    setup();
    ck_assert_int_eq(buddy_add_range(&buddy, 0, 10), -EINVAL);
    ck_assert_int_eq(buddy_add_range(&buddy, 10, 10), -EINVAL);
    ck_assert_int_eq(buddy_add_range(&buddy, 10, (1UL << 32) + 1), -EINVAL);
    ck_assert_int_eq(buddy_add_range(&buddy, 10, 20), 0);
    ck_assert_int_eq(buddy_add_range(&buddy, 15, 30), -EINVAL);
    ck_assert_int_eq(buddy_add_range(&buddy, 20, 30), 0);
    ck_assert_int_eq(buddy_add_range(&buddy, 5, 10), 0);
    ck_assert_uint_eq(buddy.nr_ranges, 1);
    ck_assert(buddy_contains(&buddy, 5, 1) && buddy_contains(&buddy, 29, 1));
    ck_assert(!buddy_contains(&buddy, 4, 1) && !buddy_contains(&buddy, 30, 1));
    ck_assert(buddy_contains(&buddy, 5, 25) && !buddy_contains(&buddy, 5, 26));
    ck_assert(!buddy_contains(&buddy, 4, 2));
    for (unsigned long i = 1; i < BUDDY_MAX_RANGES; i++)
        ck_assert_int_eq(buddy_add_range(&buddy, 100 * i, 100 * i + 1), 0);
    ck_assert_int_eq(buddy_add_range(&buddy, 10000, 10001), -ENOSPC);
}
END_TEST

TEST_MAIN("buddy", test_random, test_coalesces_fully, test_high_memory_first, test_ranges)
