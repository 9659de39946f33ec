/* SPDX-License-Identifier: MIT */
/*
 * buddy.h - one node's free memory as naturally aligned blocks of 2^order frames.
 *
 * Blocks are sorted into zones: zone z holds the frames 2^z to 2^(z+1) - 1. A naturally aligned
 * block that does not contain frame 0 never crosses a zone, so that "below 2^b bytes" is a range of
 * whole zones, and taking from the highest zone first keeps low memory for those who need it.
 *
 * Only the first frame of a free block (PGC_FREE_HEAD) carries state: its order in type_info and
 * its list links. No locks: the caller serialises all calls for one buddy, except buddy_contains().
 */
#ifndef COMMON_MEM_BUDDY_H
#define COMMON_MEM_BUDDY_H

#include <xen/mm.h>

#define BUDDY_ZONES      32 /* frame numbers have 32 bits in struct page_info */
#define BUDDY_MAX_RANGES 64

struct buddy {
    unsigned long free_pages;
    unsigned long zone_free[BUDDY_ZONES];
    u32 zones;                                 /* bit z: zone z has a free block */
    u32 orders[BUDDY_ZONES];                   /* bit k: zone has a free block of order k */
    u32 free_list[BUDDY_ZONES][MAX_ORDER + 1]; /* MFN of the first block, 0: none */
    unsigned int nr_ranges;
    struct {
        unsigned long start, end;
    } range[BUDDY_MAX_RANGES];
};

/*
 * Puts the frames [start, end) under this buddy's control; they count as allocated until they are
 * freed to it. -EINVAL: empty, frame 0, too high or already known; -ENOSPC: too many ranges.
 */
int buddy_add_range(struct buddy *b, unsigned long start, unsigned long end) __must_check;
/* Whether these nr frames, 1 or more, are under this buddy's control, free or not. Needs no lock. */
bool buddy_contains(const struct buddy *b, unsigned long mfn, unsigned long nr);
/* The highest fitting block that ends at or below 2^addr_bits bytes; addr_bits 0: no limit. */
struct page_info *buddy_alloc(struct buddy *b, unsigned int order, unsigned int addr_bits);
/* Free frames between 2^min_bits and 2^max_bits bytes; max_bits 0: no limit. */
unsigned long buddy_free_between(const struct buddy *b, unsigned int min_bits,
                                 unsigned int max_bits);
/* Frames must be under b's control, aligned to the order and not free. */
void buddy_free(struct buddy *b, struct page_info *pg, unsigned int order);
/* Largest order by which the run [mfn, mfn + n) can start, mfn and n not 0. */
unsigned int buddy_run_order(unsigned long mfn, unsigned long n);

#endif /* COMMON_MEM_BUDDY_H */
