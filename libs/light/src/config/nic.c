/* SPDX-License-Identifier: MIT */
/* nic.c - specifications of network cards, xl-network-configuration(5). */
#include "read.h"

#define DEFAULT_INTERVAL 50000U /* microseconds */

/* "10Mb/s" in bytes; *ret_end is behind it. */
static int read_speed(xlight_messages *m, const struct xlight__place *at, const char *text,
                      uint64_t *ret_bytes, const char **ret_end)
{
    char *end;
    unsigned long long n;
    uint64_t factor = 1;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (end == text || *text < '0' || *text > '9')
        goto bad;
    if (*end == 'G' || *end == 'M' || *end == 'K') {
        factor = *end == 'G' ? 1000000000 : *end == 'M' ? 1000000 : 1000;
        end++;
    }
    if ((*end != 'b' && *end != 'B') || strncmp(end + 1, "/s", 2))
        goto bad;
    if (!n || n > UINT32_MAX || errno == ERANGE)
        return xlight__error(m, at, "the number in \"%s\" must be from 1 to 4294967295", text);
    *ret_bytes = n * factor / (*end == 'b' ? 8 : 1);
    *ret_end = end + 3;
    return 0;
bad:
    return xlight__error(m, at, "\"%s\" is not a rate like 10Mb/s or 1MB/s@20ms", text);
}

/* "20ms" in microseconds. */
static int read_interval(xlight_messages *m, const struct xlight__place *at, const char *text,
                         uint32_t *ret_usecs)
{
    char *end;
    unsigned long long n;
    uint64_t factor;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (end == text || *text < '0' || *text > '9')
        goto bad;
    if (!strcmp(end, "us"))
        factor = 1;
    else if (!strcmp(end, "ms"))
        factor = 1000;
    else if (!strcmp(end, "s") || !*end)
        factor = 1000000;
    else
        goto bad;
    if (!n || n > UINT32_MAX || errno == ERANGE || n * factor > UINT32_MAX)
        return xlight__error(m, at, "the interval \"%s\" must be from 1us to 4294s", text);
    *ret_usecs = (uint32_t)(n * factor);
    return 0;
bad:
    return xlight__error(m, at, "\"%s\" is not an interval like 20ms", text);
}

static int read_rate(xlight_messages *m, const struct xlight__place *at, struct xlight_nic *n,
                     const char *text)
{
    uint64_t bytes = 0;
    uint32_t usecs = DEFAULT_INTERVAL;
    const char *end = text;
    int rc = read_speed(m, at, text, &bytes, &end);

    if (rc)
        return rc;
    if (*end == '@')
        rc = read_interval(m, at, end + 1, &usecs);
    else if (*end)
        rc = xlight__error(m, at, "\"%s\" is not a rate like 10Mb/s or 1MB/s@20ms", text);
    if (rc)
        return rc;
    if (bytes > UINT64_MAX / usecs)
        return xlight__error(m, at, "\"%s\" is too fast", text);
    n->rate_bytes_per_interval = bytes * usecs / 1000000;
    n->rate_interval_usecs = usecs;
    return 0;
}

static int special(xlight_messages *m, const struct xlight__place *at, void *obj, const char *key,
                   const char *value)
{
    struct xlight_nic *n = obj;
    int rc;

    if (!value && !strcmp(key, "trusted")) {
        n->trusted = XLIGHT_YES;
    } else if (!value && !strcmp(key, "untrusted")) {
        n->trusted = XLIGHT_NO;
    } else if (value && !strcmp(key, "rate")) {
        return read_rate(m, at, n, value);
    } else if (value && !strcmp(key, "netdev")) {
        rc = xlight__warning(m, at, "is called gatewaydev now");
        return rc ? rc : xlight__set_string(&n->gatewaydev, value);
    } else {
        return 1;
    }
    return 0;
}

int xlight__read_nic(xlight_messages *m, const struct xlight__place *at, struct xlight_nic *n,
                     const char *text)
{
    return xlight__read_spec(m, at, &xlight__nic_type, special, n, text);
}
