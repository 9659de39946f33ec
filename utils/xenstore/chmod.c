/* SPDX-License-Identifier: MIT */
/* chmod.c - sets permissions, of a node or of many. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include "tool.h"

struct perm_list {
    struct xs_permissions *perms;
    unsigned int num;
};

/* "r3"; the number is taken as far as it goes. */
static bool parse_perm(const char *arg, struct xs_permissions *ret_perm)
{
    static const char letters[] = "nrwb"; /* by XS_PERM_READ and XS_PERM_WRITE */
    const char *letter = *arg ? strchr(letters, *arg) : NULL;

    if (!letter) {
        warnx("Invalid permission specification: '%c'", *arg);
        return false;
    }
    ret_perm->perms = letter - letters;
    ret_perm->id = atoi(arg + 1);
    return true;
}

static int set_one(struct context *c, const char *path, const struct perm_list *list)
{
    if (xs_set_permissions(c->h, c->t, path, list->perms, list->num))
        return 0;
    warn("Error occurred setting permissions on '%s'", path);
    return 1;
}

/* The nodes above; the root stays as it is. */
static int set_parents(struct context *c, const char *arg, const struct perm_list *list)
{
    char *path = strdup(arg), *slash;
    int status = 0;

    if (!path)
        err(1, "malloc");
    while (!status && *path) {
        slash = strrchr(path, '/');
        if (!slash) {
            warnx("Unable to locate path separator '/' in '%s'", path);
            status = 1;
            break;
        }
        *slash = '\0';
        if (*path)
            status = set_one(c, path, list);
    }
    free(path);
    return status;
}

/* The nodes below. One without a readable directory has none. */
static int set_children(struct context *c, const char *path, const struct perm_list *list)
{
    unsigned int num;
    char **names = xs_directory(c->h, c->t, path, &num);
    int status = 0;

    for (unsigned int i = 0; names && i < num && !status; i++) {
        char *child = join_path(path, names[i]);

        status = set_one(c, child, list);
        if (!status)
            status = set_children(c, child, list);
        free(child);
    }
    free(names);
    return status;
}

int cmd_chmod(struct context *c)
{
    const char *path = c->args[0];
    struct perm_list list = {.num = c->nr_args - 1};
    int status = 0;

    list.perms = calloc(list.num + 1, sizeof(*list.perms));
    if (!list.perms)
        err(1, "malloc");
    for (unsigned int i = 0; i < list.num && !status; i++)
        status = !parse_perm(c->args[1 + i], &list.perms[i]);
    if (!status && *path)
        status = set_one(c, path, &list);
    if (!status && c->opt.upto)
        status = set_parents(c, path, &list);
    if (!status && c->opt.recurse && *path)
        status = set_children(c, path, &list);
    free(list.perms);
    return status;
}
