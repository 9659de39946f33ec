/* SPDX-License-Identifier: MIT */
/* test-vsnprintf.c - vsnprintf.c under other names, against the host's printf. */
#include "test-main.h"
#include <stdio.h>
#include <string.h>

#define vsnprintf xl_vsnprintf
#define snprintf  xl_snprintf
#define scnprintf xl_scnprintf
#include "../../xen/lib/vsnprintf.c"
#undef vsnprintf
#undef snprintf
#undef scnprintf

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-overflow"

#define SAME(...)                                                    \
    do {                                                             \
        char a_[128], b_[128];                                       \
        int n_ = xl_snprintf(a_, sizeof(a_), __VA_ARGS__);           \
        ck_assert_int_eq(n_, snprintf(b_, sizeof(b_), __VA_ARGS__)); \
        ck_assert_str_eq(a_, b_);                                    \
    } while (0)

START_TEST(test_like_host)
{
    static const char *const flags[] = {"", "0", "-", "+", "#", " ", "-+", "0#", "+0", "-#"};
    static const char *const width[] = {"", "1", "7", "20", "*"};
    static const char *const precision[] = {"", ".", ".0", ".3", ".12"};
    static const char *const conv[] = {"d", "i", "u", "x", "X", "o"};
    static const int values[] = {0, 1, -1, 42, -300, 65535, INT32_MAX, INT32_MIN};
    char fmt[32];

    for (unsigned int f = 0; f < ARRAY_SIZE(flags); f++)
        for (unsigned int w = 0; w < ARRAY_SIZE(width); w++)
            for (unsigned int p = 0; p < ARRAY_SIZE(precision); p++)
                for (unsigned int c = 0; c < ARRAY_SIZE(conv); c++)
                    for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
                        snprintf(fmt, sizeof(fmt), "<%%%s%s%s%s>", flags[f], width[w], precision[p],
                                 conv[c]);
                        if (*width[w] == '*')
                            SAME(fmt, (int)(i * 3) - 9, values[i]);
                        else
                            SAME(fmt, values[i]);
                    }
}
END_TEST

START_TEST(test_sizes)
{
    SAME("%ld %lu %lx", INT64_MIN, UINT64_MAX, UINT64_MAX);
    SAME("%lld %llu %llo", (long long)INT64_MIN, ~0ULL, ~0ULL);
    SAME("%zu %zx %zd", (size_t)12345, (size_t)-1, (size_t)-1);
    SAME("%hd %hu %hhd %hhu %hhx", -70000, 70000, 300, 300, -1);
}
END_TEST

START_TEST(test_text)
{
    SAME("%s|%8s|%-8s|%.2s|%8.3s|%.*s", "abc", "abc", "abc", "abc", "abcdef", 2, "xyz");
    SAME("%c%5c%-5c|%%", 'a', 'b', 'c');
    SAME("%.0s|%.3s", "gone", "abcdef");
    SAME("%*d|%-*d|%.*d", 5, 1, 5, 2, -1, 3);
}
END_TEST

START_TEST(test_own_rules)
{
    char b[64];
    char unterminated[3] = {'a', 'b', 'c'};

    xl_snprintf(b, sizeof(b), "%p", (void *)0xffff830000001000UL);
    ck_assert_str_eq(b, "ffff830000001000");
    xl_snprintf(b, sizeof(b), "%p", NULL);
    ck_assert_str_eq(b, "0000000000000000");
    xl_snprintf(b, sizeof(b), "%s", NULL);
    ck_assert_str_eq(b, "(null)");
    xl_snprintf(b, sizeof(b), "%.3s", unterminated);
    ck_assert_str_eq(b, "abc");
    xl_snprintf(b, sizeof(b), "%q %5y %", 1);
    ck_assert_str_eq(b, "%q %5y %");
}
END_TEST

START_TEST(test_truncation)
{
    char b[8];

    memset(b, '#', sizeof(b));
    ck_assert_int_eq(xl_snprintf(b, 0, "hello"), 5);
    ck_assert_int_eq(b[0], '#');
    ck_assert_int_eq(xl_snprintf(NULL, 0, "%100d", 1), 100);
    ck_assert_int_eq(xl_snprintf(b, 4, "hello"), 5);
    ck_assert_str_eq(b, "hel");
    ck_assert_int_eq(b[4], '#');
    ck_assert_int_eq(xl_scnprintf(b, 4, "hello"), 3);
    ck_assert_int_eq(xl_scnprintf(b, 0, "hello"), 0);
    ck_assert_int_eq(xl_scnprintf(b, 8, "hi"), 2);
    ck_assert_int_eq(xl_snprintf(b, 8, "%*d", INT32_MIN, 5), 4096);
}
END_TEST

TEST_MAIN("vsnprintf", test_like_host, test_sizes, test_text, test_own_rules, test_truncation)
