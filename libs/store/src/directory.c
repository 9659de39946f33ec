/* SPDX-License-Identifier: MIT */
/*
 * directory.c - puts a directory together that came in parts.
 *
 * A part is a generation count, which changes with the directory, and some names; behind the last
 * name of all is one more NUL.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "directory.h"

int xs__directory_add(struct xs__directory *dir, const char *part, size_t len)
{
    const char *names = memchr(part, '\0', len);
    size_t count;
    char *grown;

    if (!names || (size_t)(names - part) >= sizeof(dir->generation))
        return -EINVAL;
    if (dir->used && strcmp(dir->generation, part)) {
        dir->used = 0;
        return -EAGAIN;
    }
    strcpy(dir->generation, part);
    count = len - (++names - part);
    if (!count || names[count - 1])
        return -EINVAL;
    grown = realloc(dir->names, dir->used + count);
    if (!grown)
        return -ENOMEM;
    dir->names = grown;
    memcpy(grown + dir->used, names, count);
    dir->used += count;
    /* A lone NUL is an empty name, or follows the last of the part before. */
    if (dir->used >= 2 && grown[dir->used - 2])
        return -EAGAIN;
    dir->used--;
    return 0;
}
