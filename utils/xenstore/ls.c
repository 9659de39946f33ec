/* SPDX-License-Identifier: MIT */
/*
 * ls.c - prints a tree: name, value, and permissions on request.
 *
 * Lines fit the terminal, or 80 columns: a name or value that would go over ends in "\...". The
 * rules for that, down to counting the bytes of a value before quoting, are Xen's.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "text.h"
#include "tool.h"

/* What a cut value needs besides itself: ' = "..."'. */
#define TAG_LEN 8

struct layout {
    int width;  /* no line is longer */
    int column; /* where permissions begin, if possible */
};

static struct layout get_layout(const struct context *c)
{
    struct layout l = {.width = 80, .column = 60};
    struct winsize ws = {0};

    if (c->opt.flat) {
        l.width = INT_MAX / 2;
        l.column = 0;
    }
    /* Also of -f, as it is in Xen. */
    if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws))
        l.width = ws.ws_col - 2;
    if (l.column > l.width)
        l.column = l.width;
    if (l.width <= 0) /* a terminal that does not know */
        l.width = INT_MAX / 2;
    return l;
}

/* Indentation and name; returns how far the line is. */
static int print_name(struct context *c, const struct layout *l, const char *path, const char *name,
                      int depth)
{
    if (c->opt.flat) {
        fputs(path, c->out);
        return 0;
    }
    return fprintf(c->out, "%*s%.*s", depth, "", l->width - TAG_LEN - depth, name);
}

static void print_value(struct context *c, const struct layout *l, int at, const char *value,
                        unsigned int len)
{
    char *quote = quote_value(value, len);

    if (l->width < at + (int)len + TAG_LEN) {
        fprintf(c->out, " = \"%.*s\\...\"", l->width - TAG_LEN - at, quote);
    } else {
        at += fprintf(c->out, " = \"%s\"", quote);
        if (c->opt.prefix) {
            putc(' ', c->out);
            for (at++; at < l->column; at++)
                putc(at & 1 ? '.' : ' ', c->out);
        }
    }
    free(quote);
}

static void print_perms(struct context *c, const char *path, const char *name)
{
    unsigned int num;
    struct xs_permissions *perms = xs_get_permissions(c->h, XBT_NULL, path, &num);
    char text[XS__PERM_SIZE];

    if (!perms) {
        warn("\ncould not access permissions for %s", name);
        return;
    }
    for (unsigned int i = 0; i < num; i++)
        fprintf(c->out, "%s%s", i ? "," : "  (", xs__perm_to_string(&perms[i], text) ? text : "?");
    fputs(num ? ")" : "  ()", c->out);
    free(perms);
}

static void print_node(struct context *c, const struct layout *l, const char *path,
                       const char *name, int depth)
{
    int at = print_name(c, l, path, name, depth);
    unsigned int len;
    char *value = xs_read(c->h, XBT_NULL, path, &len);

    if (value)
        print_value(c, l, at, value, len);
    else
        fputs(":\n", c->out);
    free(value);
    if (c->opt.prefix)
        print_perms(c, path, name);
    putc('\n', c->out);
}

/* Nodes that vanish meanwhile are passed over, except the first. */
static int list_tree(struct context *c, const struct layout *l, const char *path, int depth)
{
    unsigned int num;
    char **names = xs_directory(c->h, XBT_NULL, path, &num);
    int status = 0;

    if (!names) {
        if (depth && errno == ENOENT)
            return 0;
        warn("xs_directory (%s)", path);
        return 1;
    }
    for (unsigned int i = 0; i < num && !status; i++) {
        char *child = join_path(path, names[i]);

        print_node(c, l, child, names[i], depth);
        status = list_tree(c, l, child, depth + 1);
        free(child);
    }
    free(names);
    return status;
}

int cmd_ls(struct context *c)
{
    struct layout l = get_layout(c);

    if (!c->nr_args)
        return list_tree(c, &l, "/", 0);
    for (int i = 0; i < c->nr_args; i++)
        if (list_tree(c, &l, c->args[i], 0))
            return 1;
    return 0;
}
