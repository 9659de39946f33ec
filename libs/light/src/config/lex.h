/* SPDX-License-Identifier: MIT */
/* lex.h - the words of xl.cfg(5) files. */
#ifndef XENOLITH_LIGHT_CONFIG_LEX_H
#define XENOLITH_LIGHT_CONFIG_LEX_H

#include <stddef.h>
#include "message.h"

enum cfg_token {
    TOKEN_END,     /* of the file */
    TOKEN_NEWLINE, /* or ; */
    TOKEN_KEY,
    TOKEN_ATOM, /* number or string: the text is in lex.atom */
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_SET,
    TOKEN_ADD,
    TOKEN_WORD, /* something else that looks like a word or number */
    TOKEN_BAD   /* anything else, or an error that has been reported */
};

struct cfg_lex {
    const char *text;
    size_t len, at;
    const char *file;
    const char *key; /* that is being read, for messages */
    xlight_messages *m;
    unsigned int line;
    size_t line_start;

    enum cfg_token token;
    size_t start;        /* of the token */
    unsigned int column; /* of the token */
    char *atom;          /* of TOKEN_ATOM; whoever keeps it sets this to NULL */
    int rc;              /* -EINVAL: an error has been reported; -ENOMEM */
};

/* Goes to the next token. */
void cfg_next(struct cfg_lex *l);

/* Reports an error at the current token. */
void cfg_error(struct cfg_lex *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The current token in words: "x" in quotes, or "the end of the line". */
#define TOKEN_TEXT 48
const char *cfg_describe(const struct cfg_lex *l, char buf[TOKEN_TEXT]);

#endif /* XENOLITH_LIGHT_CONFIG_LEX_H */
