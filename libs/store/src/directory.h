/* SPDX-License-Identifier: MIT */
/* directory.h - puts a directory together that came in parts. */
#ifndef LIBS_STORE_DIRECTORY_H
#define LIBS_STORE_DIRECTORY_H

#include <stddef.h>

/* used is the offset to ask for next, and in the end the length of names. Free names at the end. */
struct xs__directory {
    char *names;
    size_t used;
    char generation[24];
};

/*
 * Adds the answer to XS_DIRECTORY_PART at offset dir->used. The directory may have changed since
 * the part before; then used is 0 again. Returns 0 when all is there, -EAGAIN to go on asking,
 * -ENOMEM, or -EINVAL when the part makes no sense.
 */
int xs__directory_add(struct xs__directory *dir, const char *part, size_t len);

#endif /* LIBS_STORE_DIRECTORY_H */
