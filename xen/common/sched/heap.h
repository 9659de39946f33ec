/* SPDX-License-Identifier: MIT */
/*
 * heap.h - a binary heap of timers, earliest deadline on top. Pure: no locks, no allocation.
 *
 * The caller owns the slot array. Slot 0 is never used, so that heap_index 0 means "in no heap".
 */
#ifndef SCHED_HEAP_H
#define SCHED_HEAP_H

#include <xen/types.h>
#include <xen/timer.h>

struct timer_heap {
    struct timer **slot; /* 1 to count are in use */
    u32 count;
    u32 capacity; /* highest usable index */
};

/* slots: array of capacity + 1 pointers. */
void heap_init(struct timer_heap *h, struct timer **slots, u32 capacity);
/* False, and nothing changed, when there is no room. */
bool heap_insert(struct timer_heap *h, struct timer *t) __must_check;
/* t must be in the heap. */
void heap_remove(struct timer_heap *h, struct timer *t);
/* NULL when empty. */
struct timer *heap_top(const struct timer_heap *h);
/* Moves everything to a larger array; returns the old one for the caller to free. */
struct timer **heap_grow(struct timer_heap *h, struct timer **slots, u32 capacity);

#endif /* SCHED_HEAP_H */
