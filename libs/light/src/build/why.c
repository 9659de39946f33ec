/* SPDX-License-Identifier: MIT */
/* why.c - the chain of causes. */
#include "why.h"
#include <stdarg.h>
#include <stdio.h>

int xlight__why(struct xlight__why *w, int code, const char *format, ...)
{
    va_list ap;

    if (!w || w->nr == XLIGHT__WHY_LINKS)
        return code;
    va_start(ap, format);
    vsnprintf(w->links[w->nr].text, XLIGHT__WHY_TEXT, format, ap);
    va_end(ap);
    w->links[w->nr++].code = code;
    return code;
}

int xlight__why_ctrl(struct xlight__why *w, xctl_handle *h, int code)
{
    char text[XLIGHT__WHY_TEXT];

    xctl_error_format(h, text, sizeof(text));
    return xlight__why(w, code, "%s", text);
}

size_t xlight__why_format(const struct xlight__why *w, char *buf, size_t size)
{
    size_t at = 0;

    if (size)
        buf[0] = 0;
    for (unsigned int i = w->nr; i-- > 0;) {
        size_t left = at < size ? size - at : 0;

        at += (size_t)snprintf(left ? buf + at : NULL, left, "%s%s", at ? ": " : "",
                               w->links[i].text);
    }
    return at;
}
