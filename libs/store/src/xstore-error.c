/* SPDX-License-Identifier: MIT */
/* xstore-error.c - why the last call failed, as a chain. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "xstore.h"

static int add_link(struct xs__errors *e, int code, const char *format, va_list ap)
{
    /* A full chain loses what is in the middle: the cause and what the caller wanted matter. */
    if (e->count == XS__ERROR_LINKS)
        e->count--;
    e->links[e->count].code = code;
    vsnprintf(e->links[e->count].text, XS__ERROR_SIZE, format, ap);
    /* Guests write values: what terminals would obey does not get there. */
    for (char *p = e->links[e->count].text; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    e->count++;
    return code;
}

int xs__fail(xstore_handle *xs, int code, const char *format, ...)
{
    va_list ap;

    xs->errors.count = 0;
    va_start(ap, format);
    add_link(&xs->errors, code, format, ap);
    va_end(ap);
    return code;
}

int xs__context(xstore_handle *xs, int code, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_link(&xs->errors, code, format, ap);
    va_end(ap);
    return code;
}

unsigned int xstore_error_count(const xstore_handle *xs)
{
    return xs->errors.count;
}

int xstore_error_code(const xstore_handle *xs, unsigned int link)
{
    const struct xs__errors *e = &xs->errors;

    return link < e->count ? e->links[e->count - 1 - link].code : 0;
}

const char *xstore_error_text(const xstore_handle *xs, unsigned int link)
{
    const struct xs__errors *e = &xs->errors;

    return link < e->count ? e->links[e->count - 1 - link].text : NULL;
}

size_t xstore_error_format(const xstore_handle *xs, char *buf, size_t size)
{
    size_t len = 0;

    if (size)
        buf[0] = '\0';
    for (unsigned int i = 0; i < xs->errors.count; i++) {
        bool fits = len < size;

        len += snprintf(fits ? buf + len : NULL, fits ? size - len : 0, "%s%s", i ? ": " : "",
                        xstore_error_text(xs, i));
    }
    return len;
}
