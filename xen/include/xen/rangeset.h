/* SPDX-License-Identifier: MIT */
/*
 * rangeset.h - a set of unsigned longs kept as sorted, disjoint, non-adjacent inclusive ranges.
 * Used for I/O ports, I/O memory frames and IRQs that a domain may use. Has its own lock.
 */
#ifndef XEN_RANGESET_H
#define XEN_RANGESET_H

#include <xen/types.h>

struct rangeset;

/* max_ranges limits how far guests can fragment it; 0 means no limit. NULL: no memory. */
struct rangeset *rangeset_new(const char *name, unsigned int max_ranges);
void rangeset_free(struct rangeset *r); /* NULL is fine */
/* Adds or removes [first, last]. 0, -EINVAL (first > last), -ENOMEM, -E2BIG: set unchanged. */
int rangeset_add(struct rangeset *r, unsigned long first, unsigned long last) __must_check;
int rangeset_remove(struct rangeset *r, unsigned long first, unsigned long last) __must_check;
bool rangeset_contains(struct rangeset *r, unsigned long first, unsigned long last);
bool rangeset_overlaps(struct rangeset *r, unsigned long first, unsigned long last);
bool rangeset_is_empty(struct rangeset *r);
/* Calls fn for every range in ascending order until it returns non-zero; returns that value. */
int rangeset_walk(struct rangeset *r, int (*fn)(unsigned long first, unsigned long last, void *ctx),
                  void *ctx);

#endif /* XEN_RANGESET_H */
