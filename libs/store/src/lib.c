/* SPDX-License-Identifier: MIT */
/* lib.c - the calls of xenstore_lib.h, except paths. */
#include <errno.h>
#include <unistd.h>
#include <xenstore.h>
#include "text.h"

bool xs_write_all(int fd, const void *data, unsigned int len)
{
    const char *p = data;

    while (len) {
        ssize_t done = write(fd, p, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        len -= done;
    }
    return true;
}

bool xs_strings_to_perms(struct xs_permissions *perms, unsigned int num, const char *strings)
{
    for (unsigned int i = 0; i < num; i++) {
        if (!xs__string_to_perm(strings, &perms[i], &strings)) {
            errno = EINVAL;
            return false;
        }
        strings++;
    }
    return true;
}

bool xs_path_is_subpath(const char *parent, const char *child)
{
    while (*parent && *parent == *child)
        parent++, child++;
    return !*parent && (!*child || *child == '/');
}
