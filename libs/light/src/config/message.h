/* SPDX-License-Identifier: MIT */
/* message.h - adding to the list of what is to be said. */
#ifndef XENOLITH_LIGHT_CONFIG_MESSAGE_H
#define XENOLITH_LIGHT_CONFIG_MESSAGE_H

#include <xenolith/light-message.h>

/* Where something is, and what it is about. Texts belong to the caller. */
struct xlight__place {
    const char *file;
    unsigned int line, column;
    const char *key;
    const char *part; /* of the key's value, as in "disk: vdev"; NULL: none */
};

/*
 * Adds an error and returns -EINVAL, or -ENOMEM when there is no memory for it; or a warning, and
 * returns 0. m may be NULL: then nothing is kept, but the same is returned.
 */
int xlight__error(xlight_messages *m, const struct xlight__place *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int xlight__warning(xlight_messages *m, const struct xlight__place *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif /* XENOLITH_LIGHT_CONFIG_MESSAGE_H */
