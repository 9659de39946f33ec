/* SPDX-License-Identifier: MIT */
/* test-bitmap.c - bitmap searches and counts against bit-by-bit versions; bit operations. */
#include "test-main.h"
#include <string.h>
#include <xen/lib.h>
#include <xen/bitops.h>
#include "shim.h"

#define BITS 200UL

static unsigned long slow_find(const unsigned long *map, unsigned long bits, unsigned long i,
                               bool val)
{
    while (i < bits && test_bit(i, map) != val)
        i++;
    return MIN(i, bits);
}

START_TEST(test_find)
{
    BITMAP(map, 256);

    for (unsigned int round = 0; round < 200; round++) {
        memset(map, round & 1 ? 0xff : 0, sizeof(map));
        for (unsigned int i = 0; i < round % 9; i++)
            map[shim_random() % 4] ^= BIT(shim_random() % 64);
        for (unsigned long bits = BITS - 10; bits < BITS; bits++) {
            unsigned long weight = 0;

            for (unsigned long s = 0; s <= bits + 1; s += 1 + s % 3) {
                ck_assert_uint_eq(find_next_bit(map, bits, s), slow_find(map, bits, s, true));
                ck_assert_uint_eq(find_next_zero_bit(map, bits, s), slow_find(map, bits, s, false));
            }
            for (unsigned long i = 0; i < bits; i++)
                weight += test_bit(i, map);
            ck_assert_uint_eq(bitmap_weight(map, bits), weight);
        }
    }
    ck_assert_uint_eq(find_first_bit(map, 0), 0);
}
END_TEST

START_TEST(test_bits)
{
    BITMAP(map, 128) = {0};

    set_bit(100, map);
    ck_assert(test_bit(100, map) && map[1] == BIT(36));
    ck_assert(test_and_set_bit(100, map) && !test_and_set_bit(3, map));
    ck_assert(test_and_clear_bit(100, map) && !test_and_clear_bit(100, map));
    ck_assert(!__test_and_set_bit(64, map) && __test_and_set_bit(64, map));
    __clear_bit(64, map);
    clear_bit(3, map);
    ck_assert_uint_eq(bitmap_weight(map, 128), 0);
    ck_assert_uint_eq(GENMASK(7, 4), 0xf0);
    ck_assert_uint_eq(GENMASK(63, 0), ~0UL);
    ck_assert_uint_eq(highest_bit(0x1234), 12);
    ck_assert_uint_eq(lowest_bit(0x1230), 4);
}
END_TEST

TEST_MAIN("bitmap", test_find, test_bits)
