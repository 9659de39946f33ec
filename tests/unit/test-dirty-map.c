/* SPDX-License-Identifier: MIT */
/* test-dirty-map.c - the set of dirty pages against a plain bitmap; limits; lack of memory. */
#include "test-main.h"
#include <stdlib.h>
#include <string.h>
#include <xen/bitops.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "../../xen/arch/x86/mm/logdirty/dirty-map.h"
#include "shim.h"

static unsigned long pages_live, fail_at;

void *alloc_xenheap_pages(unsigned int order, unsigned int memflags)
{
    void *p = NULL;

    (void)memflags;
    ck_assert_uint_eq(order, 0);
    if (fail_at && !--fail_at)
        return NULL;
    ck_assert_int_eq(posix_memalign(&p, PAGE_SIZE, PAGE_SIZE), 0);
    pages_live++;
    return memset(p, 0, PAGE_SIZE);
}

void free_xenheap_pages(void *va, unsigned int order)
{
    (void)order;
    pages_live -= va != NULL;
    free(va);
}

static void end(struct dirty_map *m)
{
    while (!dirty_map_free(m, 3))
        ;
    ck_assert_uint_eq(m->nodes, 0);
    ck_assert_uint_eq(m->count, 0);
    ck_assert_uint_eq(pages_live, 0);
}

/* Three leaves, the middle one in another part of the tree; bits by their position here. */
#define BITS (3 * DIRTY_LEAF_BITS)

static unsigned long place(unsigned long i)
{
    static const unsigned long base[] = {0, 700 * DIRTY_LEAF_BITS,
                                         DIRTY_MAP_BITS - DIRTY_LEAF_BITS};

    return base[i / DIRTY_LEAF_BITS] + i % DIRTY_LEAF_BITS;
}

START_TEST(test_like_a_bitmap)
{
    static BITMAP(model, BITS);
    struct dirty_map m = {.max_nodes = 100};
    u8 out[DIRTY_LEAF_BITS / 8];
    unsigned long count = 0;

    memset(model, 0, sizeof(model));
    for (unsigned int n = 0; n < 20000; n++) {
        unsigned long i = shim_random() % BITS;
        bool is_new = !__test_and_set_bit(i, model);

        ck_assert(dirty_map_has(&m, place(i)) == !is_new);
        ck_assert(dirty_map_add(&m, place(i)) == is_new);
        count += is_new;
        ck_assert_uint_eq(m.count, count);
    }
    ck_assert(!m.lost);
    for (unsigned int leaf = 0; leaf < 3; leaf++) {
        unsigned long from = leaf * DIRTY_LEAF_BITS;

        ck_assert(dirty_map_read(&m, place(from), DIRTY_LEAF_BITS, out, leaf != 1));
        ck_assert_mem_eq(out, &model[from / 64], sizeof(out));
        for (unsigned long i = from; i < from + DIRTY_LEAF_BITS; i += 7)
            ck_assert(dirty_map_has(&m, place(i)) == (leaf == 1 && test_bit(i, model)));
    }
    ck_assert_uint_eq(m.count, bitmap_weight(model + DIRTY_LEAF_BITS / 64, DIRTY_LEAF_BITS));
    end(&m);
}
END_TEST

START_TEST(test_part_of_a_leaf)
{
    struct dirty_map m = {.max_nodes = 100};
    u8 out[8];

    for (unsigned long i = 0; i < 64; i++)
        dirty_map_add(&m, i);
    for (unsigned long nr = 0; nr <= 40; nr++) {
        memset(out, 0xaa, sizeof(out));
        ck_assert(dirty_map_read(&m, 0, nr, out, false));
        for (unsigned long i = 0; i < 64; i++)
            ck_assert_int_eq(out[i / 8] >> (i % 8) & 1, i < nr ? 1
                                                        : i < ROUNDUP(nr, 8UL)
                                                            ? 0
                                                            : (0xaa >> (i % 8) & 1));
    }
    ck_assert(dirty_map_read(&m, 0, 13, out, true));
    ck_assert_uint_eq(m.count, 64 - 13);
    ck_assert(!dirty_map_has(&m, 12) && dirty_map_has(&m, 13));
    dirty_map_put_back(&m, 0, 13, out);
    ck_assert_uint_eq(m.count, 64);
    end(&m);
}
END_TEST

START_TEST(test_next_leaf)
{
    struct dirty_map m = {.max_nodes = 100};
    const unsigned long far = 513 * DIRTY_LEAF_BITS;
    u8 out[8];

    ck_assert_uint_eq(dirty_map_next_leaf(&m, 0), DIRTY_MAP_BITS);
    ck_assert(!dirty_map_read(&m, 0, 64, out, true));
    dirty_map_add(&m, 5);
    dirty_map_add(&m, far + 5);
    ck_assert_uint_eq(dirty_map_next_leaf(&m, 0), 0);
    ck_assert_uint_eq(dirty_map_next_leaf(&m, DIRTY_LEAF_BITS), far);
    ck_assert_uint_eq(dirty_map_next_leaf(&m, far), far);
    ck_assert_uint_eq(dirty_map_next_leaf(&m, far + DIRTY_LEAF_BITS), DIRTY_MAP_BITS);
    ck_assert_uint_eq(dirty_map_next_leaf(&m, DIRTY_MAP_BITS), DIRTY_MAP_BITS);
    ck_assert(!dirty_map_read(&m, DIRTY_LEAF_BITS, 64, out, true));
    end(&m);
}
END_TEST

/* Numbers that are none, and numbers that have no room any more. */
START_TEST(test_limits)
{
    struct dirty_map m = {.max_nodes = 4};

    ck_assert(!dirty_map_add(&m, DIRTY_MAP_BITS));
    ck_assert(!dirty_map_add(&m, ~0UL));
    ck_assert(!dirty_map_has(&m, ~0UL));
    ck_assert(!m.lost && !m.root);
    dirty_map_add(&m, 0);
    dirty_map_add(&m, DIRTY_LEAF_BITS);
    ck_assert(!m.lost);
    ck_assert_uint_eq(m.nodes, 4);
    ck_assert(dirty_map_add(&m, 2 * DIRTY_LEAF_BITS));
    ck_assert(m.lost);
    ck_assert(dirty_map_has(&m, 0) && dirty_map_has(&m, DIRTY_LEAF_BITS));
    ck_assert(!dirty_map_has(&m, 2 * DIRTY_LEAF_BITS));
    end(&m);
    ck_assert(!m.lost);
}
END_TEST

START_TEST(test_no_memory)
{
    for (unsigned long n = 1; n <= 3; n++) {
        struct dirty_map m = {.max_nodes = 100};

        fail_at = n;
        ck_assert(dirty_map_add(&m, 9));
        ck_assert(m.lost && !dirty_map_has(&m, 9));
        ck_assert_uint_eq(m.nodes, n - 1);
        ck_assert(dirty_map_add(&m, 9)); /* there is memory again */
        ck_assert(dirty_map_has(&m, 9));
        end(&m);
    }
    fail_at = 0;
}
END_TEST

TEST_MAIN("dirty-map", test_like_a_bitmap, test_part_of_a_leaf, test_next_leaf, test_limits,
          test_no_memory)
