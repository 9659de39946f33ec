/* SPDX-License-Identifier: MIT */
/* lex.c - splits an xl.cfg(5) file into words. */
#include "lex.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_key_char(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static bool is_word_char(int c)
{
    return is_key_char(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == ':' ||
           c == '/' || c == '@' || c >= 0x80;
}

/* The byte that many further, or -1 behind the end. */
static int peek(const struct cfg_lex *l, size_t further)
{
    return l->at + further < l->len ? (unsigned char)l->text[l->at + further] : -1;
}

static void error_at(struct cfg_lex *l, unsigned int column, const char *format, va_list args)
{
    char text[256];
    struct xlight__place at = {l->file, l->line, column, l->key, NULL};
    int rc;

    vsnprintf(text, sizeof(text), format, args);
    rc = xlight__error(l->m, &at, "%s", text);
    if (l->rc != -ENOMEM)
        l->rc = rc;
}

void cfg_error(struct cfg_lex *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    error_at(l, l->column, format, args);
    va_end(args);
}

const char *cfg_describe(const struct cfg_lex *l, char buf[TOKEN_TEXT])
{
    size_t n = l->at - l->start;
    const char *quote;

    if (l->token == TOKEN_END)
        return "the end of the file";
    if (l->token == TOKEN_NEWLINE && l->text[l->start] != ';')
        return "the end of the line";
    quote = l->token == TOKEN_ATOM && strchr("'\"", l->text[l->start]) ? "" : "\"";
    snprintf(buf, TOKEN_TEXT, "%s%.*s%s%s", quote, n > 32 ? 32 : (int)n, l->text + l->start,
             n > 32 ? "..." : "", quote);
    return buf;
}

static void skip_blanks(struct cfg_lex *l)
{
    int c;

    while ((c = peek(l, 0)) == ' ' || c == '\t' || (c == '\r' && peek(l, 1) == '\n'))
        l->at++;
    if (c == '#')
        while (peek(l, 0) != '\n' && peek(l, 0) != -1)
            l->at++;
}

static int digit(int c, int base)
{
    int d = c >= '0' && c <= '9'   ? c - '0'
            : c >= 'a' && c <= 'f' ? c - 'a' + 10
            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                   : 99;

    return d < base ? d : -1;
}

/* Up to max digits; -1 if there is none or they make no byte of a string. */
static int number_escape(struct cfg_lex *l, int base, int max)
{
    int value = 0, n = 0;

    while (n < max && digit(peek(l, 0), base) >= 0) {
        value = value * base + digit(peek(l, 0), base);
        l->at++;
        n++;
    }
    return n && value > 0 && value < 256 ? value : -1;
}

/* Behind a backslash: the byte that is meant, or -1. */
static int escape(struct cfg_lex *l)
{
    static const char from[] = "abfnrtv\\\"'", to[] = "\a\b\f\n\r\t\v\\\"'";
    int c = peek(l, 0);
    const char *at = c > 0 ? strchr(from, c) : NULL;

    if (digit(c, 8) >= 0)
        return number_escape(l, 8, 3);
    if (c != -1)
        l->at++;
    if (c == 'x')
        return number_escape(l, 16, 2);
    return at ? to[at - from] : -1;
}

/* In a string, behind its first quote. The decoded text is never longer than the text. */
static void string(struct cfg_lex *l, int quote)
{
    char *out;
    int c;

    l->token = TOKEN_BAD;
    l->atom = out = malloc(l->len - l->at + 1);
    if (!l->atom) {
        l->rc = -ENOMEM;
        return;
    }
    while ((c = peek(l, 0)) != quote) {
        size_t from = l->at;

        if (c == -1 || c == '\n') {
            cfg_error(l, "the string is not closed on its line");
            return;
        }
        l->at++;
        if (c == '\\')
            c = escape(l);
        if (c <= 0) {
            l->column = (unsigned int)(from - l->line_start) + 1;
            cfg_error(l, "%s is not an escape; a backslash is written \\\\",
                      c ? "this" : "a zero byte");
            return;
        }
        *out++ = (char)c;
    }
    *out = 0;
    l->at++;
    l->token = TOKEN_ATOM;
}

/* Numbers, keys, and what is neither. */
static void word(struct cfg_lex *l)
{
    bool number = peek(l, 0) >= '0' && peek(l, 0) <= '9';
    bool key = peek(l, 0) >= 'a' && peek(l, 0) <= 'z';
    int c;

    /* Neither "+=" nor a colon that ends the word is part of it. */
    while (is_word_char(c = peek(l, 0)) && !(c == '+' && peek(l, 1) == '=') &&
           !(c == ':' && !is_word_char(peek(l, 1)))) {
        number &= digit(c, 16) >= 0 || c == 'x';
        number &= !(c >= 'A' && c <= 'F');
        key &= is_key_char(c);
        l->at++;
    }
    l->token = key ? TOKEN_KEY : number ? TOKEN_ATOM : TOKEN_WORD;
    if (!number)
        return;
    l->atom = strndup(l->text + l->start, l->at - l->start);
    if (!l->atom) {
        l->rc = -ENOMEM;
        l->token = TOKEN_BAD;
    }
}

void cfg_next(struct cfg_lex *l)
{
    int c;

    free(l->atom);
    l->atom = NULL;
    if (l->token == TOKEN_NEWLINE && l->text[l->start] == '\n') {
        l->line++;
        l->line_start = l->at;
    }
    skip_blanks(l);
    l->start = l->at;
    l->column = (unsigned int)(l->start - l->line_start) + 1;
    c = peek(l, 0);
    if (is_word_char(c) && c != ':' && !(c == '+' && peek(l, 1) == '=')) {
        word(l);
        return;
    }
    l->at += c != -1;
    switch (c) {
    case -1:
        l->token = TOKEN_END;
        break;
    case '\n':
    case ';':
        l->token = TOKEN_NEWLINE;
        break;
    case '[':
        l->token = TOKEN_OPEN;
        break;
    case ']':
        l->token = TOKEN_CLOSE;
        break;
    case ',':
        l->token = TOKEN_COMMA;
        break;
    case '=':
        l->token = TOKEN_SET;
        break;
    case '+':
        l->at++;
        l->token = TOKEN_ADD;
        break;
    case '"':
    case '\'':
        string(l, c);
        break;
    default:
        l->token = TOKEN_BAD;
    }
}
