/* SPDX-License-Identifier: MIT */
/* error.c - why the last call with a handle failed, as a chain from the wish to the cause. */
#include "private.h"
#include <stdarg.h>

_Static_assert(XLIGHT_NO_DOMAIN == XCTL_NO_DOMAIN, "links are passed on as they are");

int xlight__wrap(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    xlight__why_args(&h->why, code, domid, format, args);
    va_end(args);
    return code;
}

int xlight__fail(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
{
    va_list args;

    h->why.nr = 0;
    va_start(args, format);
    xlight__why_args(&h->why, code, domid, format, args);
    va_end(args);
    return code;
}

int xlight__fail_messages(xlight_handle *h, int code, uint32_t domid, const xlight_messages *m)
{
    char line[XLIGHT__WHY_TEXT] = "no memory";

    for (unsigned int i = 0; m && i < xlight_messages_count(m); i++)
        if (xlight_messages_get(m, i)->is_error) {
            xlight_message_format(xlight_messages_get(m, i), line, sizeof(line));
            break;
        }
    return xlight__fail(h, code, domid, "%s", line);
}

int xlight__fail_ctrl(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
{
    va_list args;

    h->why.nr = 0;
    xlight__why_ctrl(&h->why, h->ctrl, code);
    va_start(args, format);
    xlight__why_args(&h->why, code, domid, format, args);
    va_end(args);
    return code;
}

int xlight__fail_store(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
{
    va_list args;

    h->why.nr = 0;
    for (unsigned int i = xstore_error_count(h->store); i--;)
        xlight__wrap(h, xstore_error_code(h->store, i), domid, "%s",
                     xstore_error_text(h->store, i));
    va_start(args, format);
    xlight__why_args(&h->why, code, domid, format, args);
    va_end(args);
    return code;
}

/* Link 0 is the wish; inside the deepest comes first. Beyond the last: -1. */
static int get_link(const xlight_handle *h, unsigned int link)
{
    return link < h->why.nr ? (int)(h->why.nr - 1 - link) : -1;
}

unsigned int xlight_error_count(const xlight_handle *h)
{
    return h->why.nr;
}

int xlight_error_code(const xlight_handle *h, unsigned int link)
{
    int at = get_link(h, link);

    return at < 0 ? 0 : h->why.links[at].code;
}

uint32_t xlight_error_domid(const xlight_handle *h, unsigned int link)
{
    int at = get_link(h, link);

    return at < 0 ? XLIGHT_NO_DOMAIN : h->why.links[at].domid;
}

const char *xlight_error_text(const xlight_handle *h, unsigned int link)
{
    int at = get_link(h, link);

    return at < 0 ? "" : h->why.links[at].text;
}

size_t xlight_error_format(const xlight_handle *h, char *buf, size_t size)
{
    return xlight__why_format(&h->why, buf, size);
}
