/* SPDX-License-Identifier: MIT */
/*
 * fuzz-buddy.c - any sequence of allocations and frees, held against a table of who has each frame.
 *
 * Input: pairs of bytes. In the end all memory is given back and must have coalesced into what was
 * there at first.
 */
#include "fuzz-main.h"
#include <string.h>
#include <xen/lib.h>
#include "../../xen/common/mem/buddy.h"
#include "../shim/shim.h"

#define FRAMES     2048UL
#define MAX_BLOCKS 256u

struct block {
    unsigned long mfn;
    unsigned int order;
};

static struct buddy buddy;
static bool used[FRAMES];
static struct block blocks[MAX_BLOCKS];
static unsigned int nr_blocks;

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void give(unsigned long start, unsigned long end)
{
    require(buddy_add_range(&buddy, start, end) == 0);
    while (start < end) {
        unsigned int order = buddy_run_order(start, end - start);

        buddy_free(&buddy, mfn_to_page(_mfn(start)), order);
        start += 1UL << order;
    }
}

static void setup(void)
{
    if (!max_page)
        shim_memory_init(FRAMES);
    memset((void *)shim_frametable, 0, FRAMES * sizeof(struct page_info));
    buddy = (struct buddy){0};
    memset(used, 0, sizeof(used));
    nr_blocks = 0;
    give(1, 100);
    give(128, 1500);
    give(1501, FRAMES);
}

/* Each free frame is in one block of one list, and in no hands. */
static void check_lists(void)
{
    unsigned long sum = 0;

    for (unsigned int z = 0; z < BUDDY_ZONES; z++)
        for (unsigned int k = 0; k <= MAX_ORDER; k++)
            for (u32 m = buddy.free_list[z][k]; m; m = mfn_to_page(_mfn(m))->next) {
                require(m >> z == 1 && !(m & ((1U << k) - 1)));
                for (unsigned long i = m; i < m + (1UL << k); i++)
                    require(!used[i] && buddy_contains(&buddy, i, 1));
                sum += 1UL << k;
            }
    require(sum == buddy.free_pages && sum == buddy_free_between(&buddy, 0, 0));
}

static void take(unsigned int order, unsigned int bits)
{
    struct page_info *pg = buddy_alloc(&buddy, order, bits);
    unsigned long mfn;

    if (!pg)
        return;
    mfn = mfn_x(page_to_mfn(pg));
    require(!(mfn & ((1UL << order) - 1)));
    require(!bits || (mfn + (1UL << order)) << PAGE_SHIFT <= 1UL << bits);
    for (unsigned long i = mfn; i < mfn + (1UL << order); i++) {
        require(buddy_contains(&buddy, i, 1) && !used[i]);
        used[i] = true;
    }
    blocks[nr_blocks++] = (struct block){mfn, order};
}

/* As it was taken, or as frames one by one. */
static void give_back(unsigned int nr, bool split)
{
    struct block b = blocks[nr];

    blocks[nr] = blocks[--nr_blocks];
    for (unsigned long i = b.mfn; i < b.mfn + (1UL << b.order); i++) {
        used[i] = false;
        if (split)
            buddy_free(&buddy, mfn_to_page(_mfn(i)), 0);
    }
    if (!split)
        buddy_free(&buddy, mfn_to_page(_mfn(b.mfn)), b.order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buddy before;

    setup();
    before = buddy;
    for (; len >= 2; data += 2, len -= 2) {
        if (data[0] & 1 && nr_blocks < MAX_BLOCKS)
            take(data[0] >> 1 & 0xf, data[1] % 3 ? 0 : 12 + data[1] % 12);
        else if (nr_blocks)
            give_back(data[1] % nr_blocks, data[0] & 2);
    }
    check_lists();
    while (nr_blocks)
        give_back(nr_blocks - 1, nr_blocks & 1);
    check_lists();
    require(buddy.zones == before.zones && buddy.free_pages == before.free_pages &&
            !memcmp(buddy.orders, before.orders, sizeof(before.orders)) &&
            !memcmp(buddy.zone_free, before.zone_free, sizeof(before.zone_free)));
    return 0;
}
