/* SPDX-License-Identifier: MIT */
/*
 * buddy.c - buddy allocator over the frame table; see buddy.h. Every call takes O(orders + zones).
 * The caller holds the node's lock.
 */
#include <xen/lib.h>
#include <xen/atomic.h>
#include <xen/bitops.h>
#include "buddy.h"

static unsigned int zone_of(unsigned long mfn)
{
    return highest_bit(mfn);
}

static struct page_info *frame(unsigned long mfn)
{
    return mfn_to_page(_mfn(mfn));
}

static void list_push(struct buddy *b, unsigned long mfn, unsigned int order)
{
    unsigned int z = zone_of(mfn);
    struct page_info *pg = frame(mfn);
    u32 *head = &b->free_list[z][order];

    pg->type_info = order;
    pg->next = *head;
    pg->prev = 0;
    if (*head)
        frame(*head)->prev = (u32)mfn;
    *head = (u32)mfn;
    b->orders[z] |= 1U << order;
    b->zones |= 1U << z;
    b->zone_free[z] += 1UL << order;
    pg->count_info |= PGC_FREE_HEAD;
}

static void list_remove(struct buddy *b, unsigned long mfn, unsigned int order)
{
    unsigned int z = zone_of(mfn);
    struct page_info *pg = frame(mfn);

    ASSERT((pg->count_info & PGC_FREE_HEAD) && pg->type_info == order);
    if (pg->prev)
        frame(pg->prev)->next = pg->next;
    else
        b->free_list[z][order] = pg->next;
    if (pg->next)
        frame(pg->next)->prev = pg->prev;
    b->zone_free[z] -= 1UL << order;
    pg->count_info &= ~PGC_FREE_HEAD;

    if (!b->free_list[z][order])
        b->orders[z] &= ~(1U << order);
    if (!b->orders[z])
        b->zones &= ~(1U << z);
}

bool buddy_contains(const struct buddy *b, unsigned long mfn, unsigned long nr)
{
    unsigned int n = READ_ONCE(b->nr_ranges);

    for (unsigned int i = 0; i < n; i++)
        if (mfn >= READ_ONCE(b->range[i].start) && mfn + nr <= READ_ONCE(b->range[i].end))
            return true;
    return false;
}

int buddy_add_range(struct buddy *b, unsigned long start, unsigned long end)
{
    unsigned int n = b->nr_ranges;

    if (!start || start >= end || end > 1UL << BUDDY_ZONES)
        return -EINVAL;
    for (unsigned int i = 0; i < n; i++)
        if (start < b->range[i].end && end > b->range[i].start)
            return -EINVAL;

    /* Ranges only grow and are never moved, because buddy_contains() reads them without a lock. */
    for (unsigned int i = 0; i < n; i++) {
        if (b->range[i].end == start) {
            WRITE_ONCE(b->range[i].end, end);
            return 0;
        }
        if (b->range[i].start == end) {
            WRITE_ONCE(b->range[i].start, start);
            return 0;
        }
    }
    if (n == BUDDY_MAX_RANGES)
        return -ENOSPC;
    b->range[n].start = start;
    b->range[n].end = end;
    smp_wmb();
    WRITE_ONCE(b->nr_ranges, n + 1);
    return 0;
}

unsigned int buddy_run_order(unsigned long mfn, unsigned long n)
{
    return MIN(MIN(lowest_bit(mfn), highest_bit(n)), (unsigned int)MAX_ORDER);
}

/* Zones that lie wholly below 2^addr_bits bytes. */
static u32 zones_below(unsigned int addr_bits)
{
    if (!addr_bits || addr_bits >= PAGE_SHIFT + BUDDY_ZONES)
        return ~0U;
    if (addr_bits <= PAGE_SHIFT)
        return 0;
    return (1U << (addr_bits - PAGE_SHIFT)) - 1;
}

unsigned long buddy_free_between(const struct buddy *b, unsigned int min_bits,
                                 unsigned int max_bits)
{
    u32 zones = zones_below(max_bits) & ~(min_bits ? zones_below(min_bits) : 0);
    unsigned long sum = 0;

    for (; zones; zones &= zones - 1)
        sum += READ_ONCE(b->zone_free[lowest_bit(zones)]);
    return sum;
}

struct page_info *buddy_alloc(struct buddy *b, unsigned int order, unsigned int addr_bits)
{
    u32 zones = b->zones & zones_below(addr_bits);

    if (order > MAX_ORDER)
        return NULL;

    while (zones) {
        unsigned int z = highest_bit(zones), k;
        unsigned long mfn;

        if (!(b->orders[z] >> order)) {
            zones &= ~(1U << z);
            continue;
        }
        k = order + lowest_bit(b->orders[z] >> order);
        mfn = b->free_list[z][k];
        list_remove(b, mfn, k);
        /* Keep the upper half of each split: the lower one stays free. */
        while (k > order) {
            k--;
            list_push(b, mfn, k);
            mfn += 1UL << k;
        }
        b->free_pages -= 1UL << order;
        return frame(mfn);
    }
    return NULL;
}

void buddy_free(struct buddy *b, struct page_info *pg, unsigned int order)
{
    unsigned long mfn = mfn_x(page_to_mfn(pg));

    ASSERT(order <= MAX_ORDER && !(mfn & ((1UL << order) - 1)));
    b->free_pages += 1UL << order;

    for (; order < MAX_ORDER; order++) {
        unsigned long other = mfn ^ (1UL << order);

        /*
         * PGC_FREE_HEAD changes only under the caller's lock, and type_info of a free block's head
         * too; a frame without it may be changing under its owner's hands and must not be looked at
         * any further.
         */
        if (!buddy_contains(b, other, 1) || !(frame(other)->count_info & PGC_FREE_HEAD) ||
            frame(other)->type_info != order)
            break;
        list_remove(b, other, order);
        mfn &= ~(1UL << order);
    }
    list_push(b, mfn, order);
}
