/* SPDX-License-Identifier: MIT */
/* common.c - what several commands read and print. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/ctrl.h>
#include "xl.h"

bool xl_number(const char *text, uint32_t *ret)
{
    unsigned long n;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    n = strtoul(text, &end, 10);
    if (*end || n > UINT32_MAX)
        return false;
    *ret = (uint32_t)n;
    return true;
}

void xl_print_set(const struct xlight_bits *b)
{
    char list[1024];
    uint32_t n = 0;

    while (n < b->nr && (b->bytes[n / 8] & 1U << n % 8))
        n++;
    if (n == b->nr) {
        fputs("all", stdout);
        return;
    }
    xctl_bitmap_format(b->bytes, b->nr, list, sizeof(list));
    fputs(*list ? list : "none", stdout);
}

int xl_json(const struct xlight_type *type, const void *objs, unsigned int nr, unsigned int flags)
{
    char *text;
    int rc = xlight_type_to_json(type, objs, nr, flags, &text);

    if (rc) {
        fprintf(stderr, "xl: cannot write JSON: %s\n", strerror(-rc));
        return XL_FAILED;
    }
    fputs(text, stdout);
    free(text);
    if (flags & XLIGHT_JSON_LINE)
        putchar('\n');
    return fflush(stdout) ? XL_FAILED : XL_OK;
}

struct xlight_settings *xl_settings(const struct xl *xl)
{
    struct xlight_settings *s = NULL;
    xlight_messages *m;
    int rc = xlight_messages_new(&m);

    if (rc) {
        fputs("xl: no memory\n", stderr);
        return NULL;
    }
    rc = xlight_settings_read(xl->conf, m, &s);
    xl_say(m);
    xlight_messages_free(m);
    return rc ? NULL : s;
}
