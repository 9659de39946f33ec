/* SPDX-License-Identifier: MIT */
/*
 * cache.h - unpacked kernels, kept for the next guest.
 *
 * An entry is a file with the packed original, whole, and behind it what it unpacks to. It is used
 * for a kernel file only when that is equal to the original to the last byte. So an entry can be
 * neither stale nor somebody else's, whatever names, times or hash values say; these only find it.
 * Comparing costs next to nothing beside unpacking.
 *
 * The folder must belong to us, and nobody else may write to it or to the files in it; otherwise
 * there is no cache. Entries appear by rename() when they are complete and on disk, and never
 * change: readers need no lock, and what they have open stays when the entry goes.
 */
#ifndef XENOLITH_LIGHT_BUILD_CACHE_H
#define XENOLITH_LIGHT_BUILD_CACHE_H

#include "blob.h"

struct xlight__cache;

/* *ret_c NULL, and an error: the cache cannot be used. The folder is made if only it is missing. */
int xlight__cache_open(const char *dir, uint64_t max, struct xlight__cache **ret_c);
void xlight__cache_close(struct xlight__cache *c); /* NULL is fine, here and below */

/* What file unpacks to: a descriptor for the caller to close, or -ENOENT. */
int xlight__cache_find(struct xlight__cache *c, const struct xlight__blob *file,
                       struct xlight__blob *ret_unpacked);

/* An entry on its way. */
struct xlight__cache_new {
    struct xlight__cache *cache;
    int fd;        /* to be filled from base on; -1: nothing will be kept */
    uint64_t base; /* above 0 */
    char temp[64];
    char name[64];
};
#define XLIGHT__CACHE_NEW_INIT \
    {                          \
        NULL, -1, 0, "", ""    \
    }

/* Copies the original. On failure n->fd is -1, and committing does nothing. */
int xlight__cache_new_start(struct xlight__cache *c, const struct xlight__blob *file,
                            struct xlight__cache_new *n);
/* The unpacked content, size bytes, is complete. Makes room by removing the oldest entries. */
int xlight__cache_new_commit(struct xlight__cache_new *n, uint64_t size);
/* Gives up; does nothing after a commit. */
void xlight__cache_new_drop(struct xlight__cache_new *n);

#endif /* XENOLITH_LIGHT_BUILD_CACHE_H */
