/* SPDX-License-Identifier: MIT */
/*
 * why.h - why something failed, while it is still on its way up.
 *
 * A chain like that of libs/ctrl: the deepest cause comes first, whoever passes it on adds what it
 * had wanted to do. The caller of the builder copies the chain to where its own errors live.
 */
#ifndef XENOLITH_LIGHT_BUILD_WHY_H
#define XENOLITH_LIGHT_BUILD_WHY_H

#include <xenolith/ctrl.h>

#define XLIGHT__WHY_LINKS 6
#define XLIGHT__WHY_TEXT  256

struct xlight__why {
    unsigned int nr; /* links; 0: nothing has failed */
    struct {
        int code;
        char text[XLIGHT__WHY_TEXT];
    } links[XLIGHT__WHY_LINKS];
};

/* Adds a link and returns code. Links beyond the last are dropped; w may be NULL. */
int xlight__why(struct xlight__why *w, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds the error chain of a control handle as one link. */
int xlight__why_ctrl(struct xlight__why *w, xctl_handle *h, int code);

/* One line, the outermost link first. Returns the full length, as snprintf() does. */
size_t xlight__why_format(const struct xlight__why *w, char *buf, size_t size);

#endif /* XENOLITH_LIGHT_BUILD_WHY_H */
