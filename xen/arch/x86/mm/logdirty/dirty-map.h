/* SPDX-License-Identifier: MIT */
/*
 * dirty-map.h - a sparse set of page numbers: a tree of three levels of pages.
 *
 *   root  512 pointers   mid  512 pointers   leaf  32768 bits (128 MiB of guest memory)
 *
 * Pages are made on demand, at most max_nodes. A page number that cannot be stored sets `lost`: the
 * set is then to be taken for "every page". Callers serialise; nothing here sleeps or waits.
 */
#ifndef LOGDIRTY_DIRTY_MAP_H
#define LOGDIRTY_DIRTY_MAP_H

#include <xen/types.h>

#define DIRTY_LEAF_SHIFT 15
#define DIRTY_LEAF_BITS  (1UL << DIRTY_LEAF_SHIFT)
#define DIRTY_MAP_BITS   (1UL << (DIRTY_LEAF_SHIFT + 18)) /* page numbers are below this */

struct dirty_map {
    void ***root;        /* NULL: empty */
    unsigned long nodes; /* pages in use */
    unsigned long max_nodes;
    unsigned long count; /* members */
    bool lost;
};

/* Adds a page; true if it was not a member. Numbers beyond DIRTY_MAP_BITS are ignored. */
bool dirty_map_add(struct dirty_map *m, unsigned long pfn);
bool dirty_map_has(const struct dirty_map *m, unsigned long pfn);
/*
 * One leaf's worth: bits [pfn, pfn + nr) to dst (nr / 8 bytes, rounded up; the rest of the last
 * byte 0); clear: and out of the set. pfn is a multiple of DIRTY_LEAF_BITS, nr at most that.
 * False: there is no leaf, so that all bits are 0, and dst is untouched.
 */
bool dirty_map_read(struct dirty_map *m, unsigned long pfn, unsigned long nr, void *dst,
                    bool clear);
/* Adds what dirty_map_read() took away. */
void dirty_map_put_back(struct dirty_map *m, unsigned long pfn, unsigned long nr, const void *src);
/* First page number at or after pfn (both multiples of DIRTY_LEAF_BITS) that has a leaf;
 * DIRTY_MAP_BITS: none. */
unsigned long dirty_map_next_leaf(const struct dirty_map *m, unsigned long pfn);
/* Frees up to nr pages; true when none is left, and the map is empty. Members go at once. */
bool dirty_map_free(struct dirty_map *m, unsigned int nr);

#endif /* LOGDIRTY_DIRTY_MAP_H */
