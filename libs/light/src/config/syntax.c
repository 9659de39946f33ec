/* SPDX-License-Identifier: MIT */
/*
 * syntax.c - from the words of an xl.cfg(5) file to a tree.
 *
 * After an error reading goes on at the next line that begins like an assignment, so that one file
 * shows all of its errors, and few that are not there.
 */
#include "syntax.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lex.h"

#define MAX_DEPTH 32 /* of lists in lists */

static void free_value(struct cfg_value *v)
{
    free(v->atom);
    for (unsigned int i = 0; i < v->nr; i++)
        free_value(&v->items[i]);
    free(v->items);
}

void cfg_free(struct cfg_tree *t)
{
    for (unsigned int i = 0; i < t->nr; i++) {
        free(t->settings[i].key);
        free_value(&t->settings[i].value);
    }
    free(t->settings);
    memset(t, 0, sizeof(*t));
}

const struct cfg_setting *cfg_find(const struct cfg_tree *t, const char *key)
{
    for (unsigned int i = 0; i < t->nr; i++)
        if (!strcmp(t->settings[i].key, key))
            return &t->settings[i];
    return NULL;
}

static int no_memory(struct cfg_lex *l)
{
    l->rc = -ENOMEM;
    return -ENOMEM;
}

/* Moves *item to the end of the list, or frees it. */
static int push(struct cfg_lex *l, struct cfg_value *list, struct cfg_value *item)
{
    struct cfg_value *more = realloc(list->items, (list->nr + 1) * sizeof(*more));

    if (!more) {
        free_value(item);
        return no_memory(l);
    }
    list->items = more;
    more[list->nr++] = *item;
    return 0;
}

static int value(struct cfg_lex *l, struct cfg_value *ret_v, int depth);

static void skip_newlines(struct cfg_lex *l)
{
    while (l->token == TOKEN_NEWLINE && l->text[l->start] != ';')
        cfg_next(l);
}

static int unclosed(struct cfg_lex *l, const struct cfg_value *list)
{
    char buf[TOKEN_TEXT];

    if (l->token == TOKEN_END) {
        l->line = list->line;
        l->column = list->column;
        cfg_error(l, "the list is not closed; \"]\" is missing");
    } else if (l->token == TOKEN_KEY || l->token == TOKEN_WORD) {
        cfg_error(l, "%s needs quotes, or \"]\" is missing before it", cfg_describe(l, buf));
    } else if (l->token != TOKEN_BAD || !l->atom) {
        cfg_error(l, "expected \",\" or \"]\" in the list, not %s", cfg_describe(l, buf));
    }
    return -EINVAL;
}

/* Behind "[". What has been read is in *v, also on failure. */
static int list(struct cfg_lex *l, struct cfg_value *v, int depth)
{
    if (depth == MAX_DEPTH) {
        cfg_error(l, "lists are nested deeper than %d", MAX_DEPTH);
        return -EINVAL;
    }
    cfg_next(l);
    skip_newlines(l);
    while (l->token != TOKEN_CLOSE) {
        struct cfg_value item;
        int rc;

        if (l->token != TOKEN_ATOM && l->token != TOKEN_OPEN)
            return unclosed(l, v);
        rc = value(l, &item, depth + 1);
        if (rc)
            return rc;
        rc = push(l, v, &item);
        if (rc)
            return rc;
        skip_newlines(l);
        if (l->token == TOKEN_COMMA) {
            cfg_next(l);
            skip_newlines(l);
        } else if (l->token != TOKEN_CLOSE) {
            return unclosed(l, v);
        }
    }
    cfg_next(l);
    return 0;
}

/* Leaves nothing to free on failure. */
static int value(struct cfg_lex *l, struct cfg_value *ret_v, int depth)
{
    struct cfg_value v = {l->line, l->column, NULL, NULL, 0};
    char buf[TOKEN_TEXT];
    int rc;

    if (l->token == TOKEN_ATOM) {
        v.atom = l->atom;
        l->atom = NULL;
        cfg_next(l);
    } else if (l->token == TOKEN_OPEN) {
        rc = list(l, &v, depth);
        if (rc) {
            free_value(&v);
            return rc;
        }
    } else {
        if (l->token == TOKEN_WORD && l->text[l->start] >= '0' && l->text[l->start] <= '9')
            cfg_error(l, "%s is not a number; text needs quotes", cfg_describe(l, buf));
        else if (l->token == TOKEN_KEY || l->token == TOKEN_WORD)
            cfg_error(l, "%s needs quotes", cfg_describe(l, buf));
        else if (l->token != TOKEN_BAD || !l->atom)
            cfg_error(l, "expected a value, not %s", cfg_describe(l, buf));
        return -EINVAL;
    }
    *ret_v = v;
    return 0;
}

/* Puts what += adds behind what is there. *more is used up. */
static int add_up(struct cfg_lex *l, struct cfg_value *v, struct cfg_value *more)
{
    char *text;
    int rc = 0;

    v->line = more->line;
    v->column = more->column;
    if (v->atom) {
        text = realloc(v->atom, strlen(v->atom) + strlen(more->atom) + 1);
        if (text)
            v->atom = strcat(text, more->atom);
        else
            rc = no_memory(l);
        free_value(more);
        return rc;
    }
    for (unsigned int i = 0; i < more->nr; i++)
        rc = push(l, v, &more->items[i]) ? -ENOMEM : rc;
    free(more->items);
    return rc;
}

static struct cfg_setting *find(struct cfg_tree *t, const char *key)
{
    return (struct cfg_setting *)(uintptr_t)cfg_find(t, key);
}

/* Keeps a setting, or adds it to the one of the same key. key and *v are used up. */
static int store(struct cfg_lex *l, struct cfg_tree *t, struct cfg_setting *s)
{
    struct cfg_setting *old = find(t, s->key), *more;

    if (old && s->added && !old->value.atom != !s->value.atom) {
        l->column = s->value.column;
        l->line = s->value.line;
        cfg_error(l, "+= adds text to text and a list to a list; the value of line %u is a %s",
                  old->line, old->value.atom ? "text" : "list");
    } else if (old && s->added) {
        free(s->key);
        old->added = true;
        return add_up(l, &old->value, &s->value);
    } else if (old) {
        free(old->key);
        free_value(&old->value);
        *old = *s;
        return 0;
    } else {
        more = realloc(t->settings, (t->nr + 1) * sizeof(*more));
        if (more) {
            t->settings = more;
            more[t->nr++] = *s;
            return 0;
        }
        no_memory(l);
    }
    free(s->key);
    free_value(&s->value);
    return -EINVAL;
}

/* At a key. *s is filled as far as reading came; s->key is to be freed on failure. */
static int assignment(struct cfg_lex *l, struct cfg_setting *s)
{
    char buf[TOKEN_TEXT];
    int rc;

    s->line = l->line;
    s->column = l->column;
    s->key = strndup(l->text + l->start, l->at - l->start);
    if (!s->key)
        return no_memory(l);
    l->key = s->key;
    cfg_next(l);
    if (l->token != TOKEN_SET && l->token != TOKEN_ADD) {
        if (l->token != TOKEN_BAD || !l->atom)
            cfg_error(l, "expected \"=\" or \"+=\" after the key, not %s", cfg_describe(l, buf));
        return -EINVAL;
    }
    s->added = l->token == TOKEN_ADD;
    cfg_next(l);
    rc = value(l, &s->value, 0);
    if (rc)
        return rc;
    if (l->token == TOKEN_NEWLINE || l->token == TOKEN_END)
        return 0;
    if (l->token != TOKEN_BAD || !l->atom)
        cfg_error(l, "expected the end of the line after the value, not %s", cfg_describe(l, buf));
    free_value(&s->value);
    return -EINVAL;
}

/* Whether the line from here on begins like an assignment. */
static bool begins_assignment(const struct cfg_lex *l)
{
    struct cfg_lex look = *l;
    bool yes;

    look.m = NULL;
    look.atom = NULL;
    yes = look.token == TOKEN_KEY;
    cfg_next(&look);
    yes &= look.token == TOKEN_SET || look.token == TOKEN_ADD;
    free(look.atom);
    return yes;
}

/* The next token, without a word about what is wrong with it. */
static void skip(struct cfg_lex *l)
{
    xlight_messages *m = l->m;

    l->m = NULL;
    cfg_next(l);
    l->m = m;
}

static bool first_on_line(const struct cfg_lex *l)
{
    for (size_t i = l->line_start; i < l->start; i++)
        if (l->text[i] != ' ' && l->text[i] != '\t')
            return false;
    return true;
}

static void recover(struct cfg_lex *l)
{
    while (l->token != TOKEN_END && !(first_on_line(l) && begins_assignment(l)))
        skip(l);
}

static void one(struct cfg_lex *l, struct cfg_tree *t)
{
    struct cfg_setting s = {0};
    char buf[TOKEN_TEXT];
    int rc = -EINVAL;

    l->key = NULL;
    if (l->token == TOKEN_KEY) {
        rc = assignment(l, &s);
        if (!rc)
            rc = store(l, t, &s);
        else
            free(s.key);
    } else if (l->token == TOKEN_WORD) {
        cfg_error(l, "%s is not a key; keys have small letters, digits, \"_\" and \".\"",
                  cfg_describe(l, buf));
    } else if (l->token != TOKEN_BAD || !l->atom) {
        cfg_error(l, "expected a key, not %s", cfg_describe(l, buf));
    }
    l->key = NULL;
    if (!rc)
        return;
    if (!s.key)
        skip(l);
    recover(l);
}

int cfg_parse(const char *file, const char *text, size_t len, xlight_messages *m,
              struct cfg_tree *t)
{
    struct cfg_lex l = {.text = text, .len = len, .file = file, .m = m, .line = 1};

    memset(t, 0, sizeof(*t));
    t->file = file;
    l.token = TOKEN_END; /* not a newline, for the first line */
    cfg_next(&l);
    while (l.token != TOKEN_END && l.rc != -ENOMEM) {
        if (l.token == TOKEN_NEWLINE)
            cfg_next(&l);
        else
            one(&l, t);
    }
    free(l.atom);
    return l.rc;
}
