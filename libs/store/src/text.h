/* SPDX-License-Identifier: MIT */
/*
 * text.h - lists of strings, permissions and quoted values. Pure functions; the tools compile
 * them in, so that they also run on another libxenstore.
 */
#ifndef LIBS_STORE_TEXT_H
#define LIBS_STORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <xenstore_lib.h>

/* Strings in len bytes; bytes after the last NUL count as one more. */
unsigned int xs__count_strings(const char *strings, size_t len);

/*
 * An array of pointers to the strings in len bytes, and the strings behind it, in one piece of
 * memory that the caller frees. Never NULL for lack of strings, only for lack of memory.
 */
char **xs__split_strings(const char *strings, size_t len, unsigned int *ret_num);

/* Bytes for xs__perm_to_string(). */
#define XS__PERM_SIZE 16

/* "r3" and the like; domains print signed, as the daemons have it. false: perms makes no sense. */
bool xs__perm_to_string(const struct xs_permissions *perm, char text[XS__PERM_SIZE]);

/* Reads one "r3"; *ret_end is behind it. */
bool xs__string_to_perm(const char *text, struct xs_permissions *ret_perm, const char **ret_end);

/*
 * A value as printable ASCII: \t \n \r \\, three octal digits below 8, \xNN for other bytes
 * outside ' ' to '~'. The result is to be freed; NULL without memory.
 */
char *xs__quote(const char *value, size_t len);

/*
 * Undoes xs__quote() in the same place; also takes one or two octal digits and one hex digit. An
 * unknown letter after a backslash stands for itself, a backslash at the end for a NUL byte, as in
 * Xen's tools. Returns the number of bytes; a NUL that does not count follows.
 */
size_t xs__unquote(char *text);

#endif /* LIBS_STORE_TEXT_H */
