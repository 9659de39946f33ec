/* SPDX-License-Identifier: MIT */
/* address.c - tcp://HOST:PORT and tls://HOST:PORT; a HOST with colons is in brackets. Pure code. */
#include "wire.h"
#include <stdio.h>
#include <stdlib.h>

static int wrong(const char *address, struct xlight__why *why)
{
    return xlight__why(why, -EINVAL, "\"%s\" is not like tcp://HOST:PORT or tls://HOST:PORT",
                       address);
}

static int parse_port(const char *address, const char *text, char port[8], struct xlight__why *why)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || n > 65535)
        return xlight__why(why, -EINVAL, "\"%s\" of \"%s\" is no port, which is a number to 65535",
                           text, address);
    snprintf(port, 8, "%lu", n);
    return 0;
}

int wire_parse(const char *address, struct wire_address *ret_a, struct xlight__why *why)
{
    struct wire_address a = {.tls = !strncmp(address, "tls://", 6), .port = WIRE_PORT};
    const char *host = address + 6, *end, *rest;
    bool brackets;
    int rc = 0;

    if (!a.tls && strncmp(address, "tcp://", 6) != 0)
        return wrong(address, why);
    brackets = *host == '[';
    host += brackets;
    end = host + strcspn(host, brackets ? "]" : ":");
    rest = end + (brackets && *end);
    if ((brackets && !*end) || (*rest && *rest != ':') || memchr(host, '/', (size_t)(end - host)) ||
        (size_t)(end - host) >= sizeof(a.host))
        return wrong(address, why);
    memcpy(a.host, host, (size_t)(end - host));
    if (*rest)
        rc = parse_port(address, rest + 1, a.port, why);
    if (!rc)
        *ret_a = a;
    return rc;
}
