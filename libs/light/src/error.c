/* SPDX-License-Identifier: MIT */
/* error.c - why the last call failed, as a chain from the wish to the cause. */
#include "private.h"
#include <stdarg.h>
#include <stdio.h>

static int add_link(xlight_handle *h, int code, uint32_t domid, const char *format, va_list args)
{
    struct xlight__error *e;

    /* A full chain loses what is in the middle: the cause and what the caller wanted matter. */
    if (h->nr_errors == XLIGHT__LINKS)
        h->nr_errors--;
    e = &h->errors[h->nr_errors++];
    e->code = code;
    e->domid = domid;
    vsnprintf(e->text, sizeof(e->text), format, args);
    return code;
}

int xlight__wrap(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_link(h, code, domid, format, args);
    va_end(args);
    return code;
}

int xlight__fail(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
{
    va_list args;

    h->nr_errors = 0;
    va_start(args, format);
    add_link(h, code, domid, format, args);
    va_end(args);
    return code;
}

int xlight__fail_ctrl(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
{
    va_list args;

    h->nr_errors = 0;
    for (unsigned int i = xctl_error_count(h->ctrl); i--;) {
        uint32_t at = xctl_error_domid(h->ctrl, i);

        xlight__wrap(h, xctl_error_code(h->ctrl, i), at == XCTL_NO_DOMAIN ? XLIGHT_NO_DOMAIN : at,
                     "%s", xctl_error_text(h->ctrl, i));
    }
    va_start(args, format);
    add_link(h, code, domid, format, args);
    va_end(args);
    return code;
}

int xlight__fail_store(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
{
    va_list args;

    h->nr_errors = 0;
    for (unsigned int i = xstore_error_count(h->store); i--;)
        xlight__wrap(h, xstore_error_code(h->store, i), domid, "%s",
                     xstore_error_text(h->store, i));
    va_start(args, format);
    add_link(h, code, domid, format, args);
    va_end(args);
    return code;
}

/* Link 0 is the wish; inside the deepest comes first. */
static const struct xlight__error *get_link(const xlight_handle *h, unsigned int link)
{
    return link < h->nr_errors ? &h->errors[h->nr_errors - 1 - link] : NULL;
}

unsigned int xlight_error_count(const xlight_handle *h)
{
    return h->nr_errors;
}

int xlight_error_code(const xlight_handle *h, unsigned int link)
{
    const struct xlight__error *e = get_link(h, link);

    return e ? e->code : 0;
}

uint32_t xlight_error_domid(const xlight_handle *h, unsigned int link)
{
    const struct xlight__error *e = get_link(h, link);

    return e ? e->domid : XLIGHT_NO_DOMAIN;
}

const char *xlight_error_text(const xlight_handle *h, unsigned int link)
{
    const struct xlight__error *e = get_link(h, link);

    return e ? e->text : "";
}

size_t xlight_error_format(const xlight_handle *h, char *buf, size_t size)
{
    size_t len = 0;

    if (size)
        buf[0] = 0;
    for (unsigned int i = 0; i < h->nr_errors; i++) {
        size_t at = len < size ? len : size;

        len += (size_t)snprintf(size ? buf + at : NULL, size - at, "%s%s", i ? ": " : "",
                                get_link(h, i)->text);
    }
    return len;
}
