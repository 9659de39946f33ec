/* SPDX-License-Identifier: MIT */
/*
 * shadow-pool.h - the shadow pages of one domain, found by the frame of the guest table they stand
 * for. Knows nothing of what is in them. Callers serialise.
 *
 * A shadow is in the pool's hash, on the list `tables` or `writable`, or unused on the list `free`.
 * The pool grows up to max; what it once had it keeps until shadow_pool_free().
 */
#ifndef LOGDIRTY_SHADOW_POOL_H
#define LOGDIRTY_SHADOW_POOL_H

#include <xen/list.h>
#include <xen/types.h>

struct shadow {
    struct list_head list;
    struct shadow *chain; /* next of the same hash bucket */
    unsigned long *table; /* the page */
    unsigned long mfn;    /* of the guest's table */
    unsigned int level;   /* 1 to 4 */
    unsigned int users;   /* vCPUs that have it as their L4: it cannot be dropped */
    bool fresh;           /* was never in use: no CPU knows the page */
    u32 stamp;            /* free: TLB clock when it was last in use */
};

struct shadow_pool {
    struct shadow **bucket;
    unsigned int bucket_order; /* of pages */
    unsigned long nr_buckets;
    struct list_head tables;   /* in use */
    struct list_head writable; /* in use, L1: may have writable entries */
    struct list_head free;     /* oldest first */
    unsigned long nr, max;     /* all that exist; their limit */
    unsigned long generation;  /* counts shadow_pool_drop_all() */
};

/* An empty pool. -ENOMEM. */
int shadow_pool_init(struct shadow_pool *p, unsigned long max) __must_check;
/* Adds one free shadow, within max. -ENOMEM. */
int shadow_pool_grow(struct shadow_pool *p) __must_check;
struct shadow *shadow_pool_find(const struct shadow_pool *p, unsigned long mfn);
/* Takes the oldest free shadow into use; its page is zeroed. NULL: none is free. */
struct shadow *shadow_pool_take(struct shadow_pool *p, unsigned long mfn, unsigned int level);
/* Back to the free ones; stamp: the TLB clock now. */
void shadow_pool_drop(struct shadow_pool *p, struct shadow *s, u32 stamp);
/* Drops all that have no users; of the others, calls wipe. */
void shadow_pool_drop_all(struct shadow_pool *p, u32 stamp, void (*wipe)(struct shadow *s));
/* Frees up to nr shadows, in use or not; true when nothing is left of the pool. */
bool shadow_pool_free(struct shadow_pool *p, unsigned int nr);

#endif /* LOGDIRTY_SHADOW_POOL_H */
