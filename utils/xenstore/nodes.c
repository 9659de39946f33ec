/* SPDX-License-Identifier: MIT */
/* nodes.c - commands on single nodes: read, write, rm, exists, list. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"
#include "tool.h"

char *join_path(const char *parent, const char *child)
{
    size_t len = strlen(parent);
    const char *slash = len && parent[len - 1] == '/' ? "" : "/";
    char *path = malloc(len + 1 + strlen(child) + 1);

    if (!path)
        err(1, "malloc");
    sprintf(path, "%s%s%s", parent, slash, child);
    return path;
}

char *quote_value(const char *value, size_t len)
{
    char *quote = xs__quote(value, len);

    if (!quote)
        err(1, "malloc");
    return quote;
}

int cmd_read(struct context *c)
{
    for (int i = 0; i < c->nr_args; i++) {
        unsigned int len;
        char *value = xs_read(c->h, c->t, c->args[i], &len);

        if (!value) {
            warnx("couldn't read path %s", c->args[i]);
            return 1;
        }
        if (c->opt.prefix)
            fprintf(c->out, "%s: ", c->args[i]);
        if (c->opt.raw) {
            fwrite(value, 1, len, c->out);
        } else {
            char *quote = quote_value(value, len);

            fprintf(c->out, "%s\n", quote);
            free(quote);
        }
        free(value);
    }
    return 0;
}

int cmd_write(struct context *c)
{
    for (int i = 0; i < c->nr_args; i += 2) {
        char *value = strdup(c->args[i + 1]);
        bool done;

        if (!value)
            err(1, "malloc");
        done = xs_write(c->h, c->t, c->args[i], value,
                        c->opt.raw ? strlen(value) : xs__unquote(value));
        free(value);
        if (!done) {
            warnx("could not write path %s", c->args[i]);
            return 1;
        }
    }
    return 0;
}

/* Whether a node has neither a value nor children. */
static bool is_empty(struct context *c, const char *path)
{
    unsigned int len = 0, num = 0;
    char *value = xs_read(c->h, c->t, path, &len);
    char **names = value && !len ? xs_directory(c->h, c->t, path, &num) : NULL;
    bool empty = names && !num;

    free(names);
    free(value);
    return empty;
}

/* Removes the node, then each node above it that is empty by that. */
static int remove_tidily(struct context *c, const char *arg)
{
    char *path = strdup(arg), *slash;
    int status = 0;

    if (!path)
        err(1, "malloc");
    do {
        if (!xs_rm(c->h, c->t, path)) {
            warnx("could not remove path %s", path);
            status = 1;
            break;
        }
        slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    } while (slash && is_empty(c, path));
    free(path);
    return status;
}

int cmd_rm(struct context *c)
{
    for (int i = 0; i < c->nr_args; i++) {
        if (c->opt.tidy) {
            if (remove_tidily(c, c->args[i]))
                return 1;
        } else if (!xs_rm(c->h, c->t, c->args[i])) {
            warnx("could not remove path %s", c->args[i]);
            return 1;
        }
    }
    return 0;
}

int cmd_exists(struct context *c)
{
    for (int i = 0; i < c->nr_args; i++) {
        char *value = xs_read(c->h, c->t, c->args[i], NULL);

        if (!value)
            return 1;
        free(value);
    }
    return 0;
}

int cmd_list(struct context *c)
{
    for (int i = 0; i < c->nr_args; i++) {
        unsigned int num;
        char **names = xs_directory(c->h, c->t, c->args[i], &num);

        if (!names) {
            warnx("could not list path %s", c->args[i]);
            return 1;
        }
        for (unsigned int j = 0; j < num; j++)
            fprintf(c->out, "%s%s%s\n", c->opt.prefix ? c->args[i] : "", c->opt.prefix ? "/" : "",
                    names[j]);
        free(names);
    }
    return 0;
}
