/* SPDX-License-Identifier: MIT */
/* test-string.c - string.c under other names, against the host's C library. */
#include "test-main.h"
#include <stdlib.h>
#include <string.h>

#define memcpy  xl_memcpy
#define memmove xl_memmove
#define memset  xl_memset
#define memcmp  xl_memcmp
#define strlen  xl_strlen
#define strnlen xl_strnlen
#define strcmp  xl_strcmp
#define strncmp xl_strncmp
#define strchr  xl_strchr
#define strstr  xl_strstr
#define strlcpy xl_strlcpy
#define strlcat xl_strlcat
#include "../../xen/lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strstr
#undef strlcpy
#undef strlcat

#define N 64

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

START_TEST(test_memory)
{
    u8 a[N], b[N];

    for (unsigned int from = 0; from < N; from += 3) {
        for (unsigned int to = 0; to < N; to += 5) {
            unsigned int n = N - MAX(from, to);

            for (unsigned int i = 0; i < N; i++)
                a[i] = b[i] = (u8)(i * 7 + 1);
            ck_assert_ptr_eq(xl_memmove(a + to, a + from, n), a + to);
            memmove(b + to, b + from, n);
            ck_assert_int_eq(memcmp(a, b, N), 0);
            ck_assert_ptr_eq(xl_memset(a + to, 0x1c3, n / 2), a + to);
            memset(b + to, 0x1c3, n / 2);
            ck_assert_int_eq(memcmp(a, b, N), 0);
            ck_assert_int_eq(sign(xl_memcmp(a, a + from, n)), sign(memcmp(b, b + from, n)));
        }
    }
    xl_memcpy(a, "0123456789", 10);
    ck_assert_int_eq(memcmp(a, "0123456789", 10), 0);
    ck_assert_int_gt(xl_memcmp("\x80", "\x7f", 1), 0);
}
END_TEST

START_TEST(test_strings)
{
    static const char *const s[] = {"", "a", "b", "ab", "abc", "aab", "aaab", "\xff", "abcabd"};

    for (unsigned int i = 0; i < ARRAY_SIZE(s); i++) {
        ck_assert_uint_eq(xl_strlen(s[i]), strlen(s[i]));
        ck_assert_uint_eq(xl_strnlen(s[i], 2), strnlen(s[i], 2));
        ck_assert_ptr_eq(xl_strchr(s[i], 'b'), strchr(s[i], 'b'));
        ck_assert_ptr_eq(xl_strchr(s[i], 0), s[i] + strlen(s[i]));
        for (unsigned int j = 0; j < ARRAY_SIZE(s); j++) {
            ck_assert_int_eq(sign(xl_strcmp(s[i], s[j])), sign(strcmp(s[i], s[j])));
            for (unsigned int n = 0; n < 4; n++)
                ck_assert_int_eq(sign(xl_strncmp(s[i], s[j], n)), sign(strncmp(s[i], s[j], n)));
            ck_assert_ptr_eq(xl_strstr(s[i], s[j]), strstr(s[i], s[j]));
        }
    }
}
END_TEST

START_TEST(test_bounded_copies)
{
    char b[8] = "xxxxxxx";

    ck_assert_uint_eq(xl_strlcpy(b, "hello", 0), 5);
    ck_assert_str_eq(b, "xxxxxxx");
    ck_assert_uint_eq(xl_strlcpy(b, "hello", 4), 5);
    ck_assert_str_eq(b, "hel");
    ck_assert_uint_eq(xl_strlcat(b, "p", sizeof(b)), 4);
    ck_assert_str_eq(b, "help");
    ck_assert_uint_eq(xl_strlcat(b, "lines", sizeof(b)), 9);
    ck_assert_str_eq(b, "helplin");
    ck_assert_uint_eq(xl_strlcat(b, "abc", 3), 6);
    ck_assert_str_eq(b, "helplin");
}
END_TEST

TEST_MAIN("string", test_memory, test_strings, test_bounded_copies)
