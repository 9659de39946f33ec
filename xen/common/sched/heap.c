/* SPDX-License-Identifier: MIT */
/*
 * heap.c - the binary heap behind the timer queues. Each timer knows its slot, so that removal from
 * the middle needs no search.
 */
#include "heap.h"

static void place(struct timer_heap *h, u32 i, struct timer *t)
{
    h->slot[i] = t;
    t->heap_index = i;
}

static void sift_up(struct timer_heap *h, u32 i, struct timer *t)
{
    while (i > 1 && h->slot[i / 2]->expires > t->expires) {
        place(h, i, h->slot[i / 2]);
        i /= 2;
    }
    place(h, i, t);
}

static void sift_down(struct timer_heap *h, u32 i, struct timer *t)
{
    for (;;) {
        u32 child = 2 * i;

        if (child > h->count)
            break;
        if (child < h->count && h->slot[child + 1]->expires < h->slot[child]->expires)
            child++;
        if (h->slot[child]->expires >= t->expires)
            break;
        place(h, i, h->slot[child]);
        i = child;
    }
    place(h, i, t);
}

void heap_init(struct timer_heap *h, struct timer **slots, u32 capacity)
{
    h->slot = slots;
    h->count = 0;
    h->capacity = capacity;
}

bool heap_insert(struct timer_heap *h, struct timer *t)
{
    if (h->count == h->capacity)
        return false;
    sift_up(h, ++h->count, t);
    return true;
}

void heap_remove(struct timer_heap *h, struct timer *t)
{
    u32 i = t->heap_index;
    struct timer *last = h->slot[h->count--];

    t->heap_index = 0;
    if (last == t)
        return;
    /* The last one fills the hole; it may belong above or below it. */
    if (i > 1 && h->slot[i / 2]->expires > last->expires)
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}

struct timer *heap_top(const struct timer_heap *h)
{
    return h->count ? h->slot[1] : NULL;
}

struct timer **heap_grow(struct timer_heap *h, struct timer **slots, u32 capacity)
{
    struct timer **old = h->slot;

    for (u32 i = 1; i <= h->count; i++)
        slots[i] = old[i];
    h->slot = slots;
    h->capacity = capacity;
    return old;
}
