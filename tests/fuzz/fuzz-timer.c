/* SPDX-License-Identifier: MIT */
/* fuzz-timer.c - any sequence of insertions and removals in a timer heap: its order always holds.
 */
#include "fuzz-main.h"
#include "../../xen/common/sched/heap.h"

#define TIMERS   32
#define CAPACITY 24

static void check_shape(const struct timer_heap *h)
{
    for (u32 i = 1; i <= h->count; i++)
        if (h->slot[i]->heap_index != i || (i > 1 && h->slot[i / 2]->expires > h->slot[i]->expires))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct timer timers[TIMERS] = {{.expires = 0}}, *slots[CAPACITY + 1], *t;
    struct timer_heap h;

    heap_init(&h, slots, CAPACITY);
    for (; len >= 2; data += 2, len -= 2) {
        u32 before = h.count;

        t = &timers[data[0] % TIMERS];
        if (t->heap_index) {
            heap_remove(&h, t);
            if (t->heap_index || h.count != before - 1)
                abort();
        } else {
            t->expires = data[1];
            if (heap_insert(&h, t) != (before < CAPACITY))
                abort();
        }
        check_shape(&h);
    }
    for (s_time_t last = 0; (t = heap_top(&h)); last = t->expires) {
        if (t->expires < last)
            abort();
        heap_remove(&h, t);
    }
    return 0;
}
