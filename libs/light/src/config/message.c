/* SPDX-License-Identifier: MIT */
/* message.c - lists of errors and warnings. */
#include "message.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE    1024
#define MAX_MESSAGES 1000 /* nobody reads on */

/* One message with its texts behind it. */
struct entry {
    struct xlight_message msg;
    char texts[];
};

struct xlight_messages {
    struct entry **list;
    unsigned int nr, errors;
};

int xlight_messages_new(xlight_messages **ret_m)
{
    xlight_messages *m = calloc(1, sizeof(*m));

    if (!m)
        return -ENOMEM;
    *ret_m = m;
    return 0;
}

void xlight_messages_free(xlight_messages *m)
{
    if (!m)
        return;
    for (unsigned int i = 0; i < m->nr; i++)
        free(m->list[i]);
    free(m->list);
    free(m);
}

unsigned int xlight_messages_count(const xlight_messages *m)
{
    return m->nr;
}

unsigned int xlight_messages_errors(const xlight_messages *m)
{
    return m->errors;
}

const struct xlight_message *xlight_messages_get(const xlight_messages *m, unsigned int i)
{
    return i < m->nr ? &m->list[i]->msg : NULL;
}

/* What terminals would obey does not get there. */
static void tidy(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

static struct entry *make_entry(const struct xlight__place *at, const char *text)
{
    const char *file = at->file ? at->file : "", *key = at->key ? at->key : "";
    const char *part = at->part ? at->part : "", *colon = *key && *part ? ": " : "";
    size_t files = strlen(file) + 1, keys = strlen(key) + strlen(colon) + strlen(part) + 1;
    struct entry *e = malloc(sizeof(*e) + files + keys + strlen(text) + 1);

    if (!e)
        return NULL;
    strcpy(e->texts, file);
    snprintf(e->texts + files, keys, "%s%s%s", key, colon, part);
    strcpy(e->texts + files + keys, text);
    e->msg = (struct xlight_message){.file = e->texts,
                                     .line = at->line,
                                     .column = at->column,
                                     .key = e->texts + files,
                                     .text = e->texts + files + keys};
    tidy(e->texts + files);
    tidy(e->texts + files + keys);
    return e;
}

static int add(xlight_messages *m, bool is_error, const struct xlight__place *at,
               const char *format, va_list args)
{
    char text[TEXT_SIZE];
    struct entry **list, *e;

    if (!m)
        return 0;
    if (m->nr < MAX_MESSAGES) {
        vsnprintf(text, sizeof(text), format, args);
        list = realloc(m->list, (m->nr + 1) * sizeof(*list));
        if (!list)
            return -ENOMEM;
        m->list = list;
        e = make_entry(at, text);
        if (!e)
            return -ENOMEM;
        e->msg.is_error = is_error;
        m->list[m->nr++] = e;
    }
    m->errors += is_error;
    return 0;
}

int xlight__error(xlight_messages *m, const struct xlight__place *at, const char *format, ...)
{
    va_list args;
    int rc;

    va_start(args, format);
    rc = add(m, true, at, format, args);
    va_end(args);
    return rc ? rc : -EINVAL;
}

int xlight__warning(xlight_messages *m, const struct xlight__place *at, const char *format, ...)
{
    va_list args;
    int rc;

    va_start(args, format);
    rc = add(m, false, at, format, args);
    va_end(args);
    return rc;
}

size_t xlight_message_format(const struct xlight_message *msg, char *buf, size_t size)
{
    char line[16] = "", column[16] = "";

    if (msg->line)
        snprintf(line, sizeof(line), "%u:", msg->line);
    if (msg->line && msg->column)
        snprintf(column, sizeof(column), "%u:", msg->column);
    return (size_t)snprintf(buf, size, "%s%s%s%s%s%s%s%s%s", msg->file, *msg->file ? ":" : "", line,
                            column, *msg->file || *line ? " " : "",
                            msg->is_error ? "error: " : "warning: ", msg->key,
                            *msg->key ? ": " : "", msg->text);
}
