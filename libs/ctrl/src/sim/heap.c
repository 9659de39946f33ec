/* SPDX-License-Identifier: MIT */
/* heap.c - memory of the simulated hypervisor: blocks of powers of two of pages. */
#include "sim.h"

static unsigned int order_of(size_t size)
{
    unsigned int order = 0;

    while (((size_t)XCTL_PAGE_SIZE << order) < size)
        order++;
    return order;
}

void *sim_alloc(struct sim_host *s, size_t size)
{
    unsigned int order = order_of(size);
    size_t bytes = (size_t)XCTL_PAGE_SIZE << order;
    sim_off off;

    if (order >= ARRAY_SIZE(s->heap_free))
        return NULL;
    off = s->heap_free[order];
    if (off) {
        s->heap_free[order] = *(sim_off *)sim_at(s, off);
        memset(sim_at(s, off), 0, bytes);
    } else {
        /* Never used before, so still zero. */
        if (s->heap_top + bytes > SIM_HEAP_OFFSET + SIM_HEAP_SIZE)
            return NULL;
        off = s->heap_top;
        s->heap_top += bytes;
    }
    s->heap_used += 1UL << order;
    return sim_at(s, off);
}

void sim_free(struct sim_host *s, void *p, size_t size)
{
    unsigned int order = order_of(size);

    if (!p)
        return;
    *(sim_off *)p = s->heap_free[order];
    s->heap_free[order] = sim_offset(s, p);
    s->heap_used -= 1UL << order;
}
