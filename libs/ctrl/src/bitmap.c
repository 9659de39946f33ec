/* SPDX-License-Identifier: MIT */
/* bitmap.c - sets of CPUs and nodes as text: "0-3,8,^2". */
#include "private.h"
#include <stdio.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static const char *skip_blanks(const char *p)
{
    while (is_blank(*p))
        p++;
    return p;
}

/* Reads a number; NULL if there is none. Too large ones stay too large. */
static const char *read_number(const char *p, unsigned int *ret)
{
    unsigned int v = 0;

    if (*p < '0' || *p > '9')
        return NULL;
    for (; *p >= '0' && *p <= '9'; p++)
        v = v > 1000000 ? v : v * 10 + (unsigned int)(*p - '0');
    *ret = v;
    return p;
}

static void set_range(uint8_t *bytes, unsigned int first, unsigned int last, bool on)
{
    for (unsigned int i = first; i <= last; i++) {
        uint8_t bit = (uint8_t)(1U << (i % 8));

        bytes[i / 8] = (uint8_t)(on ? bytes[i / 8] | bit : bytes[i / 8] & ~bit);
    }
}

/* One item, "all", "5", "^2-4". Returns the text behind it, or NULL with *ret_rc set. */
static const char *read_item(const char *p, uint8_t *bytes, unsigned int nr_bits, bool take_out,
                             int *ret_rc)
{
    unsigned int first = 0, last = nr_bits - 1;
    bool out;

    p = skip_blanks(p);
    out = *p == '^';
    if (out)
        p = skip_blanks(p + 1);
    *ret_rc = -EINVAL;
    if (!strncmp(p, "all", 3)) {
        p += 3;
    } else {
        p = read_number(p, &first);
        if (!p)
            return NULL;
        last = first;
        p = skip_blanks(p);
        if (*p == '-') {
            p = read_number(skip_blanks(p + 1), &last);
            if (!p || last < first)
                return NULL;
        }
    }
    if (last >= nr_bits) {
        *ret_rc = -ERANGE;
        return NULL;
    }
    /* What is taken out stays out, wherever it stands in the list: that is done last. */
    if (out == take_out)
        set_range(bytes, first, last, !out);
    return skip_blanks(p);
}

int xctl_bitmap_parse(const char *text, uint8_t *ret_bytes, unsigned int nr_bits)
{
    size_t size = DIV_ROUND_UP(nr_bits, 8U);
    uint8_t *bytes;
    int rc = 0;

    if (!nr_bits || nr_bits > 1000000)
        return -EINVAL;
    bytes = calloc(1, size);
    if (!bytes)
        return -ENOMEM;
    for (int pass = 0; pass < 2 && !rc; pass++) {
        for (const char *p = text;;) {
            p = read_item(p, bytes, nr_bits, pass == 1, &rc);
            if (!p)
                break;
            rc = *p == 0 || *p == ',' ? 0 : -EINVAL;
            if (rc || !*p)
                break;
            p++;
        }
    }
    if (!rc)
        memcpy(ret_bytes, bytes, size);
    free(bytes);
    return rc;
}

size_t xctl_bitmap_format(const uint8_t *bytes, unsigned int nr_bits, char *buf, size_t size)
{
    size_t len = 0;

    if (size)
        buf[0] = 0;
    for (unsigned int i = 0; i < nr_bits; i++) {
        unsigned int first = i;
        size_t at = MIN_OF(len, size);
        char *to = size ? buf + at : NULL;

        if (!(bytes[i / 8] >> (i % 8) & 1))
            continue;
        while (i + 1 < nr_bits && (bytes[(i + 1) / 8] >> ((i + 1) % 8) & 1))
            i++;
        if (i == first)
            len += (size_t)snprintf(to, size - at, "%s%u", len ? "," : "", i);
        else
            len += (size_t)snprintf(to, size - at, "%s%u-%u", len ? "," : "", first, i);
    }
    return len;
}
