/* SPDX-License-Identifier: MIT */
/* test-strtoull.c - numbers and sizes from text. */
#include "test-main.h"
#include <xen/lib.h>

static void number(const char *s, unsigned int base, unsigned long long val, size_t used)
{
    const char *end;

    ck_assert_uint_eq(simple_strtoull(s, &end, base), val);
    ck_assert_uint_eq((size_t)(end - s), used);
    ck_assert_uint_eq(simple_strtoull(s, NULL, base), val);
}

START_TEST(test_numbers)
{
    number("0", 0, 0, 1);
    number("123abc", 0, 123, 3);
    number("0x1fG", 0, 0x1f, 4);
    number("0X1f", 16, 0x1f, 4);
    number("1f", 16, 0x1f, 2);
    number("017", 0, 15, 3);
    number("017", 10, 17, 3);
    number("0x", 0, 0, 1);
    number("0x1", 10, 0, 1);
    number("", 0, 0, 0);
    number("-1", 0, 0, 0);
    number("18446744073709551615", 0, ~0ULL, 20);
    number("18446744073709551616", 0, ~0ULL, 20);
    number("99999999999999999999999", 10, ~0ULL, 23);
}
END_TEST

static void size(const char *s, unsigned long unit, unsigned long long val, size_t used)
{
    const char *end;

    ck_assert_uint_eq(parse_size(s, &end, unit), val);
    ck_assert_uint_eq((size_t)(end - s), used);
}

START_TEST(test_sizes)
{
    size("512", 1024, 512 * 1024, 3);
    size("512", 1, 512, 3);
    size("64K", 1, 65536, 3);
    size("64k,", 1, 65536, 3);
    size("3M", 1, 3 << 20, 2);
    size("1G", 1, 1 << 30, 2);
    size("2T", 1, 2ULL << 40, 2);
    size("7B", 1024, 7, 2);
    size("0x10M", 1, 16 << 20, 5);
    size("", 1, 0, 0);
    size("M", 1, 0, 0);
    size("99999999999T", 1, ~0ULL, 12);
}
END_TEST

TEST_MAIN("strtoull", test_numbers, test_sizes)
