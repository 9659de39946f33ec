/* SPDX-License-Identifier: MIT */
/*
 * tool.h - what the commands of the xenstore tool have in common.
 *
 * Texts, exit statuses and output are those of Xen 4.17's tools, which scripts depend on. Only
 * libxenstore's own interface is used, so that the tool runs with Xen's library as well.
 */
#ifndef UTILS_XENSTORE_TOOL_H
#define UTILS_XENSTORE_TOOL_H

#include <stdbool.h>
#include <stdio.h>
#include <xenstore.h>

struct options {
    bool flat;    /* -f: whole paths */
    bool prefix;  /* -p: paths, or permissions, too */
    bool raw;     /* -R: values are not quoted */
    bool recurse; /* -r: and all below */
    bool tidy;    /* -t: and what is empty then */
    bool upto;    /* -u: and all above */
    int events;   /* -n: stop after so many; -1: never */
};

struct context {
    struct xs_handle *h;
    xs_transaction_t t;
    struct options opt;
    char **args; /* those that are not options, NULL behind them */
    int nr_args;
    FILE *out; /* thrown away when the transaction has to be repeated */
};

/* Each does all of its arguments. Returns the exit status; has said why on stderr. */
int cmd_read(struct context *c);
int cmd_write(struct context *c);
int cmd_rm(struct context *c);
int cmd_exists(struct context *c);
int cmd_list(struct context *c);
int cmd_ls(struct context *c);
int cmd_chmod(struct context *c);
int cmd_watch(struct context *c);

/* xenstore-control; argv[0] is its own name. */
int control_main(int argc, char **argv);

/* parent and child with one slash between them, to be freed; exits without memory. */
char *join_path(const char *parent, const char *child);

/* A value in quotes' notation, to be freed; exits without memory. */
char *quote_value(const char *value, size_t len);

#endif /* UTILS_XENSTORE_TOOL_H */
