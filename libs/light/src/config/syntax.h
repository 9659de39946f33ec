/* SPDX-License-Identifier: MIT */
/*
 * syntax.h - the grammar of xl.cfg(5) files, without knowing any key.
 *
 *   file       := { [assignment] (newline | ';') } [assignment]
 *   assignment := KEY ('=' | '+=') value
 *   value      := STRING | NUMBER | '[' [value {',' value} [',']] ']'    lists may span lines
 *   KEY        := [a-z][a-z0-9_.]*       NUMBER := [0-9][0-9a-fx]*, kept as text
 *   STRING     := in ' or ", on one line, with the escapes of C
 * From # to the end of the line is a comment.
 */
#ifndef XENOLITH_LIGHT_CONFIG_SYNTAX_H
#define XENOLITH_LIGHT_CONFIG_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include "message.h"

struct cfg_value {
    unsigned int line, column;
    char *atom;              /* NULL: a list */
    struct cfg_value *items; /* of a list */
    unsigned int nr;
};

struct cfg_setting {
    char *key;
    unsigned int line, column;
    bool added; /* by +=, so that it is not a number */
    struct cfg_value value;
};

/* Each key once, with its last value, or all that were added up. */
struct cfg_tree {
    const char *file; /* the caller's */
    struct cfg_setting *settings;
    unsigned int nr;
};

/*
 * Reads what can be read; *t is to be freed in any case. -EINVAL: there are errors, and m knows
 * them; -ENOMEM.
 */
int cfg_parse(const char *file, const char *text, size_t len, xlight_messages *m,
              struct cfg_tree *t);
void cfg_free(struct cfg_tree *t);

/* The setting of a key, or NULL. */
const struct cfg_setting *cfg_find(const struct cfg_tree *t, const char *key);

#endif /* XENOLITH_LIGHT_CONFIG_SYNTAX_H */
