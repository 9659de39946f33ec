/* SPDX-License-Identifier: MIT */
/*
 * string.c - memory and string functions of xen/lib.h. No state, no locks, any context.
 *
 * Copying and filling use the string instructions: recent CPUs run them at full cache bandwidth,
 * and the compiler cannot turn them back into a call to the function being defined. Words first:
 * older CPUs and emulators take as long for a byte as for a word.
 */
#include <xen/lib.h>

/* GCC would recognise the loops below as memcpy, strlen and so on, and make them call themselves.
 */
#ifndef __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

void *memcpy(void *dst, const void *src, size_t n)
{
    void *d = dst;
    size_t words = n / 8, rest = n % 8;

    __asm__ volatile("rep movsq" : "+D"(d), "+S"(src), "+c"(words)::"memory");
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(rest)::"memory");
    return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
    u8 *d = dst;
    const u8 *s = src;

    /* One unsigned comparison covers "dst before src" as well as "dst past the end of src". */
    if ((unsigned long)dst - (unsigned long)src >= n)
        return memcpy(dst, src, n);
    while (n--)
        d[n] = s[n];
    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    void *d = dst;
    u64 word = (u8)c * 0x0101010101010101ULL;
    size_t words = n / 8, rest = n % 8;

    __asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(word) : "memory");
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(word) : "memory");
    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *x = a, *y = b;

    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    const char *p = s;

    while (*p)
        p++;
    return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    for (; *a && *a == *b; a++, b++)
        ;
    return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n && *a && *a == *b; n--, a++, b++)
        ;
    return n ? (u8)*a - (u8)*b : 0;
}

char *strchr(const char *s, int c)
{
    for (; *s != (char)c; s++)
        if (!*s)
            return NULL;
    return (char *)(unsigned long)s;
}

char *strstr(const char *hay, const char *needle)
{
    size_t n = strlen(needle);

    for (;; hay++) {
        if (!strncmp(hay, needle, n))
            return (char *)(unsigned long)hay;
        if (!*hay)
            return NULL;
    }
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
    size_t len = strlen(src);

    if (size) {
        size_t n = MIN(len, size - 1);

        memcpy(dst, src, n);
        dst[n] = '\0';
    }
    return len;
}

size_t strlcat(char *dst, const char *src, size_t size)
{
    size_t used = strnlen(dst, size);

    return used + strlcpy(dst + used, src, size - used);
}
