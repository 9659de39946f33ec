/* SPDX-License-Identifier: MIT */
/* blob.h - bytes to read from, in memory or in a file: kernels, ramdisks. */
#ifndef XENOLITH_LIGHT_BUILD_BLOB_H
#define XENOLITH_LIGHT_BUILD_BLOB_H

#include "why.h"

/*
 * A view, it owns nothing. Files are read with pread(), never mapped: one that shrinks while it is
 * read gives an error instead of a signal.
 */
struct xlight__blob {
    const uint8_t *data; /* NULL: in fd */
    int fd;
    uint64_t start; /* in the file */
    uint64_t size;
};

static inline struct xlight__blob xlight__blob_memory(const void *data, size_t size)
{
    return (struct xlight__blob){.data = data, .fd = -1, .size = size};
}

/* All of an open file. -EINVAL: not a regular file. */
int xlight__blob_file(int fd, struct xlight__blob *ret_b, struct xlight__why *why);

/* A part of a blob; the caller has checked that it lies within. */
struct xlight__blob xlight__blob_part(const struct xlight__blob *b, uint64_t start, uint64_t size);

/* Reads exactly len bytes. -ENODATA: the blob, or the file below it, is shorter. */
int xlight__blob_read(const struct xlight__blob *b, uint64_t at, void *buf, size_t len,
                      struct xlight__why *why);

/* The same into guest memory: holes of a sparse file are not read but cleared. */
int xlight__blob_copy(const struct xlight__blob *b, uint64_t at, void *to, size_t len,
                      struct xlight__why *why);

/* Clears memory that will not be looked at soon, past the caches. */
void xlight__clear(void *p, size_t len);

#endif /* XENOLITH_LIGHT_BUILD_BLOB_H */
