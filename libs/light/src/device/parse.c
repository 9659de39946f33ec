/* SPDX-License-Identifier: MIT */
/* parse.c - texts about devices. */
#include "parse.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <xenolith/light.h>

/* *p goes behind it. */
static bool read_number(const char **p, unsigned long max, unsigned long *ret)
{
    const char *s = *p;
    unsigned long n = 0;

    if (*s < '0' || *s > '9')
        return false;
    for (; *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (unsigned long)(*s - '0');
        if (n > max)
            return false;
    }
    *p = s;
    *ret = n;
    return true;
}

bool xlight__parse_decimal(const char *text, unsigned long max, unsigned long *ret_number)
{
    unsigned long n;

    if (!read_number(&text, max, &n) || *text)
        return false;
    *ret_number = n;
    return true;
}

static bool skip(const char **p, const char *text)
{
    size_t len = strlen(text);

    if (strncmp(*p, text, len))
        return false;
    *p += len;
    return true;
}

int xlight__dev_parse(const char *back, uint32_t *ret_server_domid,
                      char ret_server[XLIGHT__DEV_KIND], uint32_t *ret_domid, int *ret_devid)
{
    unsigned long server_domid, domid, devid;
    const char *server, *p = back;
    size_t len;

    if (!skip(&p, "/local/domain/") || !read_number(&p, XLIGHT_NO_DOMAIN - 1, &server_domid) ||
        !skip(&p, "/backend/"))
        return -EBADMSG;
    server = p;
    len = strcspn(p, "/");
    p += len;
    if (!len || len >= XLIGHT__DEV_KIND || !skip(&p, "/") ||
        !read_number(&p, XLIGHT_NO_DOMAIN - 1, &domid) || !skip(&p, "/") ||
        !read_number(&p, INT32_MAX, &devid) || *p)
        return -EBADMSG;
    *ret_server_domid = (uint32_t)server_domid;
    memcpy(ret_server, server, len);
    ret_server[len] = 0;
    *ret_domid = (uint32_t)domid;
    *ret_devid = (int)devid;
    return 0;
}

int xlight__parse_number(const char *text, dev_t *ret_number)
{
    unsigned int major, minor;
    int len = -1;

    if (strlen(text) > 17 || strspn(text, "0123456789abcdefABCDEF:") != strlen(text) ||
        sscanf(text, "%8x:%8x%n", &major, &minor, &len) != 2 || text[len])
        return -EINVAL;
    *ret_number = makedev(major, minor);
    return 0;
}
