/* SPDX-License-Identifier: MIT */
/*
 * why.h - why something failed: the one error chain of the library.
 *
 * The deepest cause comes first, whoever passes it on adds what it had wanted to do. A handle has
 * one, which its callers read; the builder and what else knows no handle fill the one they are
 * given.
 */
#ifndef XENOLITH_LIGHT_BUILD_WHY_H
#define XENOLITH_LIGHT_BUILD_WHY_H

#include <stdarg.h>
#include <xenolith/ctrl.h>

#define XLIGHT__WHY_LINKS 8
#define XLIGHT__WHY_TEXT  256

struct xlight__why {
    unsigned int nr; /* links; 0: nothing has failed */
    struct {
        int code;
        uint32_t domid; /* or XCTL_NO_DOMAIN */
        char text[XLIGHT__WHY_TEXT];
    } links[XLIGHT__WHY_LINKS];
};

/*
 * Adds a link and returns code. A full chain loses what is in the middle: the cause and what was
 * wanted in the end matter. w may be NULL.
 */
int xlight__why(struct xlight__why *w, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int xlight__why_args(struct xlight__why *w, int code, uint32_t domid, const char *format,
                     va_list args) __attribute__((format(printf, 4, 0)));

/* Adds the error chain of a control handle. */
int xlight__why_ctrl(struct xlight__why *w, xctl_handle *h, int code);

/* The outermost link, if there is one, is about this domain. */
void xlight__why_domain(struct xlight__why *w, uint32_t domid);

/* One line, the outermost link first. Returns the full length, as snprintf() does. */
size_t xlight__why_format(const struct xlight__why *w, char *buf, size_t size);

#endif /* XENOLITH_LIGHT_BUILD_WHY_H */
