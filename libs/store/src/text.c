/* SPDX-License-Identifier: MIT */
/* text.c - lists of strings, permissions and quoted values. See text.h. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"

unsigned int xs__count_strings(const char *strings, size_t len)
{
    unsigned int num = 0;

    for (size_t i = 0; i < len; i++)
        if (strings[i] == '\0' || i == len - 1)
            num++;
    return num;
}

char **xs__split_strings(const char *strings, size_t len, unsigned int *ret_num)
{
    unsigned int num = xs__count_strings(strings, len), i = 0;
    char **list = malloc(num * sizeof(char *) + len + 1);
    char *text;

    if (!list)
        return NULL;
    text = (char *)&list[num];
    if (len)
        memcpy(text, strings, len);
    text[len] = '\0';
    for (char *p = text; p < text + len; p += strlen(p) + 1)
        list[i++] = p;
    if (ret_num)
        *ret_num = num;
    return list;
}

static const char perm_letters[] = {
    [XS_PERM_NONE] = 'n',
    [XS_PERM_READ] = 'r',
    [XS_PERM_WRITE] = 'w',
    [XS_PERM_READ | XS_PERM_WRITE] = 'b',
};

bool xs__perm_to_string(const struct xs_permissions *perm, char text[XS__PERM_SIZE])
{
    unsigned int perms = perm->perms & ~XS_PERM_IGNORE;

    if (perms >= sizeof(perm_letters))
        return false;
    snprintf(text, XS__PERM_SIZE, "%c%d", perm_letters[perms], (int)perm->id);
    return true;
}

bool xs__string_to_perm(const char *text, struct xs_permissions *ret_perm, const char **ret_end)
{
    const char *letter = *text ? memchr(perm_letters, *text, sizeof(perm_letters)) : NULL;
    char *end;
    long id;

    if (!letter)
        return false;
    id = strtol(text + 1, &end, 0);
    if (*end || end == text + 1)
        return false;
    ret_perm->id = id;
    ret_perm->perms = letter - perm_letters;
    *ret_end = end;
    return true;
}

/* Writes the escape of one byte; at most 4 characters. */
static char *quote_byte(char *out, unsigned char c)
{
    static const char named[] = "\tt\nn\rr\\\\";
    static const char digits[] = "0123456789abcdef";

    *out++ = '\\';
    for (const char *p = named; *p; p += 2) {
        if (c == (unsigned char)*p) {
            *out++ = p[1];
            return out;
        }
    }
    *out++ = c < 8 ? '0' : 'x';
    *out++ = c < 8 ? '0' : digits[c >> 4];
    *out++ = digits[c & 15];
    return out;
}

char *xs__quote(const char *value, size_t len)
{
    char *text = len < SIZE_MAX / 4 ? malloc(len * 4 + 1) : NULL, *out = text;

    if (!text)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = value[i];

        if (c >= ' ' && c <= '~' && c != '\\')
            *out++ = c;
        else
            out = quote_byte(out, c);
    }
    *out = '\0';
    return text;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Up to max digits of base; *p moves behind them. Without a digit, other. */
static unsigned char unquote_number(const char **p, int base, int max, unsigned char other)
{
    unsigned int n = 0;
    int used = 0;

    for (; used < max && digit_value(**p) < base; used++, ++*p)
        n = n * base + digit_value(**p);
    return used ? n : other;
}

size_t xs__unquote(char *text)
{
    const char *in = text;
    char *out = text;

    while (*in) {
        char c = *in++;

        if (c == '\\' && *in) {
            c = *in++;
            switch (c) {
            case 't':
                c = '\t';
                break;
            case 'n':
                c = '\n';
                break;
            case 'r':
                c = '\r';
                break;
            case 'x':
                c = unquote_number(&in, 16, 2, 'x');
                break;
            case '0' ... '7':
                in--;
                c = unquote_number(&in, 8, 3, c);
                break;
            }
        } else if (c == '\\') {
            c = '\0'; /* nothing behind it: Xen's tools write a NUL */
        }
        *out++ = c;
    }
    *out = '\0';
    return out - text;
}
