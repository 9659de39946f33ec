/* SPDX-License-Identifier: MIT */
/*
 * light-message.h - what is to be said about a configuration. The rules of light.h apply.
 *
 * A configuration can be wrong in several places at once, so functions that read one fill a list:
 * errors, because of which they fail, and warnings, which are for the user's information.
 */
#ifndef XENOLITH_LIGHT_MESSAGE_H
#define XENOLITH_LIGHT_MESSAGE_H

#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct xlight_messages xlight_messages;

struct xlight_message {
    bool is_error;       /* or a warning */
    const char *file;    /* as the caller has named it; "" if there is none */
    unsigned int line;   /* from 1; 0: about the whole file */
    unsigned int column; /* from 1, in bytes; 0: about the whole line */
    const char *key;     /* the key, and in specifications what is inside of it; "" if none */
    const char *text;    /* which rule is broken, and what would be right */
};

/* An empty list. The caller frees it; NULL is fine there. */
XLIGHT_CHECK int xlight_messages_new(xlight_messages **ret_m);
XLIGHT_API void xlight_messages_free(xlight_messages *m);

/* How many there are. */
XLIGHT_API unsigned int xlight_messages_count(const xlight_messages *m);
XLIGHT_API unsigned int xlight_messages_errors(const xlight_messages *m); /* how many are errors */
/* The i-th in the order of the text, or NULL. It belongs to the list. */
XLIGHT_API const struct xlight_message *xlight_messages_get(const xlight_messages *m,
                                                            unsigned int i);

/*
 * "web.cfg:3:10: error: memory: must be at least 1, not 0", without what is not known. Writes at
 * most size bytes with the zero; returns the full length, as snprintf() does.
 */
XLIGHT_API size_t xlight_message_format(const struct xlight_message *msg, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_MESSAGE_H */
