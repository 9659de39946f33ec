/* SPDX-License-Identifier: MIT */
/* why.c - the chain of causes. */
#include "why.h"
#include <stdio.h>
#include <string.h>

int xlight__why_args(struct xlight__why *w, int code, uint32_t domid, const char *format,
                     va_list args)
{
    if (!w)
        return code;
    if (w->nr == XLIGHT__WHY_LINKS)
        w->nr--;
    vsnprintf(w->links[w->nr].text, XLIGHT__WHY_TEXT, format, args);
    w->links[w->nr].domid = domid;
    w->links[w->nr++].code = code;
    return code;
}

int xlight__why(struct xlight__why *w, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    xlight__why_args(w, code, XCTL_NO_DOMAIN, format, args);
    va_end(args);
    return code;
}

int xlight__why_ctrl(struct xlight__why *w, xctl_handle *h, int code)
{
    unsigned int nr = xctl_error_count(h);

    if (!w)
        return code;
    for (unsigned int i = nr; i--;) {
        xlight__why(w, xctl_error_code(h, i), "%s", xctl_error_text(h, i));
        w->links[w->nr - 1].domid = xctl_error_domid(h, i);
    }
    /* The number that the caller has got counts; and there is a reason at all. */
    if (!nr)
        return xlight__why(w, code, "%s", strerrordesc_np(-code));
    w->links[w->nr - 1].code = code;
    return code;
}

void xlight__why_domain(struct xlight__why *w, uint32_t domid)
{
    if (w->nr)
        w->links[w->nr - 1].domid = domid;
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
