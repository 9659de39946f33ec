/* SPDX-License-Identifier: MIT */
/* test-e820.c - memory maps against a byte-per-address model. */
#include "test-main.h"
#include <string.h>
#include <xen/e820.h>
#include <xen/lib.h>
#include "shim.h"

#define SPAN 128U

static struct e820_map map;

static unsigned int rank(u32 type)
{
    static const unsigned int ranks[] = {0, 1, 5, 2, 3, 6};

    return type < ARRAY_SIZE(ranks) ? ranks[type] : 4;
}

static void model_add(u32 *model, u64 addr, u64 size, u32 type)
{
    for (u64 i = addr; i < addr + size && i < SPAN; i++)
        if (rank(type) > rank(model[i]))
            model[i] = type;
}

static void check_valid(const u32 *model)
{
    for (unsigned int i = 0; i < map.nr; i++) {
        const struct e820_entry *e = &map.entry[i];

        ck_assert_uint_gt(e->size, 0);
        if (i) {
            const struct e820_entry *p = e - 1;

            ck_assert_uint_ge(e->addr, p->addr + p->size);
            if (e->addr == p->addr + p->size)
                ck_assert_uint_ne(e->type, p->type);
        }
    }
    for (unsigned int i = 0; i < SPAN; i++)
        ck_assert_uint_eq(e820_type_at(&map, i), model[i]);
}

START_TEST(test_random)
{
    struct e820_entry raw[20];
    u32 model[SPAN];

    for (unsigned int round = 0; round < 500; round++) {
        unsigned int n = shim_random() % 20;

        memset(model, 0, sizeof(model));
        for (unsigned int i = 0; i < n; i++) {
            raw[i].addr = shim_random() % SPAN;
            raw[i].size = shim_random() % 30;
            raw[i].type = 1 + shim_random() % 7;
            raw[i].size = MIN(raw[i].size, SPAN - raw[i].addr);
            model_add(model, raw[i].addr, raw[i].size, raw[i].type);
        }
        ck_assert_int_eq(e820_set(&map, raw, n), 0);
        check_valid(model);
        for (unsigned int i = 0; i < 5; i++) {
            u64 start = shim_random() % (SPAN - 10), end = start + 1 + shim_random() % 9;
            u32 type = 1 + shim_random() % 5;

            model_add(model, start, end - start, type);
            ck_assert_int_eq(e820_add(&map, start, end, type), 0);
            check_valid(model);
        }
        e820_clip_ram(&map, 60);
        for (unsigned int i = 60; i < SPAN; i++)
            if (model[i] == E820_RAM)
                model[i] = 0;
        check_valid(model);
    }
}
END_TEST

START_TEST(test_queries)
{
    static const struct e820_entry raw[] = {
        {0x100000, 0x7ff00000, E820_RAM},     {0, 0xa0000, E820_RAM},
        {0xfffc0000, 0x40000, E820_RESERVED}, {0x9fc00, 0x60400, E820_RESERVED},
        {0x100000000, 0x40000000, E820_RAM},  {0x5000, 0, E820_UNUSABLE},
    };

    ck_assert_int_eq(e820_set(&map, raw, ARRAY_SIZE(raw)), 0);
    ck_assert_uint_eq(map.nr, 5);
    ck_assert_uint_eq(map.entry[0].size, 0x9fc00);
    ck_assert_uint_eq(e820_end_of(&map, E820_RAM), 0x140000000);
    ck_assert_uint_eq(e820_end_of(&map, E820_NVS), 0);
    ck_assert(e820_all(&map, 0x100000, 0x80000000, E820_RAM));
    ck_assert(!e820_all(&map, 0x9f000, 0xa0000, E820_RAM));
    ck_assert(!e820_all(&map, 0x90000000, 0x90001000, E820_RAM));
    ck_assert_str_eq(e820_type_name(E820_RAM), "usable");
    ck_assert_int_eq(e820_add(&map, 5, 5, E820_RAM), -EINVAL);
}
END_TEST

START_TEST(test_limits)
{
    static struct e820_entry raw[E820_MAX_ENTRIES + 1];
    static struct e820_entry kept[E820_MAX_ENTRIES];

    for (unsigned int i = 0; i <= E820_MAX_ENTRIES; i++)
        raw[i] = (struct e820_entry){(E820_MAX_ENTRIES - i) * 16, 8, E820_RAM};
    ck_assert_int_eq(e820_set(&map, raw, E820_MAX_ENTRIES), 0);
    ck_assert_uint_eq(map.nr, E820_MAX_ENTRIES);
    memcpy(kept, map.entry, sizeof(kept));
    ck_assert_int_eq(e820_set(&map, raw, E820_MAX_ENTRIES + 1), -E2BIG);
    ck_assert_int_eq(e820_add(&map, 0, 1, E820_RAM), -E2BIG);
    ck_assert_uint_eq(map.nr, E820_MAX_ENTRIES);
    ck_assert_int_eq(memcmp(kept, map.entry, sizeof(kept)), 0);

    raw[0] = (struct e820_entry){~0ULL - 10, 100, E820_RESERVED};
    ck_assert_int_eq(e820_set(&map, raw, 1), 0);
    ck_assert_uint_eq(map.entry[0].size, 10);
}
END_TEST

TEST_MAIN("e820", test_random, test_queries, test_limits)
