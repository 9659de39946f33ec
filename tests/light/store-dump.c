/* SPDX-License-Identifier: MIT */
/* store-dump.c - a part of the store as text. */
#include "store-dump.h"
#include "test-main.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_perms(xstore_handle *xs, const char *path, FILE *f)
{
    static const char letters[] = {[XS_PERM_NONE] = 'n',
                                   [XS_PERM_READ] = 'r',
                                   [XS_PERM_WRITE] = 'w',
                                   [XS_PERM_READ | XS_PERM_WRITE] = 'b'};
    struct xs_permissions *perms = NULL;
    unsigned int nr = 0;

    ck_assert_int_eq(xstore_get_perms(xs, XBT_NULL, path, &perms, &nr), 0);
    for (unsigned int i = 0; i < nr; i++)
        fprintf(f, "%s%c%u", i ? "," : " (", letters[perms[i].perms & 3], perms[i].id);
    fprintf(f, ")\n");
    free(perms);
}

static void dump_below(xstore_handle *xs, const char *path, FILE *f)
{
    char **names = NULL;
    unsigned int nr = 0;
    int rc = xstore_list(xs, XBT_NULL, path, &names, &nr);

    ck_assert(!rc || rc == -ENOENT);
    if (nr)
        qsort(names, nr, sizeof(*names), by_name);
    for (unsigned int i = 0; i < nr; i++) {
        char child[512], *value = NULL;

        snprintf(child, sizeof(child), "%s/%s", path, names[i]);
        ck_assert_int_eq(xstore_read_string(xs, XBT_NULL, child, &value), 0);
        fprintf(f, "%s = %s", child, value);
        free(value);
        print_perms(xs, child, f);
        dump_below(xs, child, f);
    }
    free(names);
}

char *store_dump(xstore_handle *xs, const char *path)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    dump_below(xs, path, f);
    fclose(f);
    return text;
}
