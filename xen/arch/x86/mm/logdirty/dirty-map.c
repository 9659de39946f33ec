/* SPDX-License-Identifier: MIT */
/* dirty-map.c - a sparse set of page numbers; see dirty-map.h. */
#include <xen/bitops.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "dirty-map.h"

#define FAN 512UL

static unsigned long mid_of(unsigned long pfn)
{
    return pfn >> (DIRTY_LEAF_SHIFT + 9);
}
static unsigned long leaf_of(unsigned long pfn)
{
    return (pfn >> DIRTY_LEAF_SHIFT) % FAN;
}

static unsigned long *find_leaf(const struct dirty_map *m, unsigned long pfn)
{
    void **mid = m->root && pfn < DIRTY_MAP_BITS ? m->root[mid_of(pfn)] : NULL;

    return mid ? mid[leaf_of(pfn)] : NULL;
}

/* *slot, or a new zeroed page in it. NULL: the limit is reached, or no memory. */
static void *node(struct dirty_map *m, void **slot)
{
    if (!*slot && m->nodes < m->max_nodes) {
        *slot = alloc_xenheap_page();
        if (*slot)
            m->nodes++;
    }
    return *slot;
}

static unsigned long *make_leaf(struct dirty_map *m, unsigned long pfn)
{
    void ***root = node(m, (void **)&m->root), **mid;

    if (!root)
        return NULL;
    mid = node(m, (void **)&root[mid_of(pfn)]);
    return mid ? node(m, &mid[leaf_of(pfn)]) : NULL;
}

bool dirty_map_add(struct dirty_map *m, unsigned long pfn)
{
    unsigned long *leaf;

    if (pfn >= DIRTY_MAP_BITS)
        return false;
    leaf = make_leaf(m, pfn);
    if (!leaf) {
        m->lost = true;
        return true;
    }
    if (__test_and_set_bit(pfn % DIRTY_LEAF_BITS, leaf))
        return false;
    m->count++;
    return true;
}

bool dirty_map_has(const struct dirty_map *m, unsigned long pfn)
{
    const unsigned long *leaf = find_leaf(m, pfn);

    return leaf && test_bit(pfn % DIRTY_LEAF_BITS, leaf);
}

/* Word i of a read of nr bits: only bits below nr count. */
static unsigned long word_mask(unsigned long nr, unsigned long i)
{
    unsigned long left = nr - i * BITS_PER_LONG;

    return left >= BITS_PER_LONG ? ~0UL : BIT(left) - 1;
}

bool dirty_map_read(struct dirty_map *m, unsigned long pfn, unsigned long nr, void *dst, bool clear)
{
    unsigned long *leaf = find_leaf(m, pfn);

    ASSERT(!(pfn % DIRTY_LEAF_BITS) && nr <= DIRTY_LEAF_BITS);
    if (!leaf)
        return false;
    for (unsigned long i = 0; i < BITS_TO_LONGS(nr); i++) {
        unsigned long w = leaf[i] & word_mask(nr, i);
        unsigned long bytes = MIN(DIV_ROUND_UP(nr, 8UL) - i * 8, 8UL);

        memcpy((u8 *)dst + i * 8, &w, bytes);
        if (clear && w) {
            leaf[i] &= ~w;
            m->count -= hweight64(w);
        }
    }
    return true;
}

void dirty_map_put_back(struct dirty_map *m, unsigned long pfn, unsigned long nr, const void *src)
{
    const u8 *bits = src;

    for (unsigned long i = 0; i < nr; i++)
        if (bits[i / 8] >> (i % 8) & 1)
            dirty_map_add(m, pfn + i);
}

unsigned long dirty_map_next_leaf(const struct dirty_map *m, unsigned long pfn)
{
    for (; m->root && pfn < DIRTY_MAP_BITS; pfn += DIRTY_LEAF_BITS) {
        if (!m->root[mid_of(pfn)])
            pfn |= (FAN - 1) << DIRTY_LEAF_SHIFT; /* the last leaf under this entry */
        else if (m->root[mid_of(pfn)][leaf_of(pfn)])
            return pfn;
    }
    return DIRTY_MAP_BITS;
}

/* Frees the pages under and including a mid node, while *nr lasts. */
static bool free_mid(struct dirty_map *m, void ***slot, unsigned int *nr)
{
    for (unsigned long i = 0; i < FAN; i++) {
        if (!(*slot)[i])
            continue;
        if (!*nr)
            return false;
        free_xenheap_page((*slot)[i]);
        (*slot)[i] = NULL;
        m->nodes--;
        --*nr;
    }
    if (!*nr)
        return false;
    free_xenheap_page(*slot);
    *slot = NULL;
    m->nodes--;
    --*nr;
    return true;
}

bool dirty_map_free(struct dirty_map *m, unsigned int nr)
{
    m->count = 0;
    m->lost = false;
    if (!m->root)
        return true;
    for (unsigned long i = 0; i < FAN; i++)
        if (m->root[i] && !free_mid(m, (void ***)&m->root[i], &nr))
            return false;
    if (!nr)
        return false;
    free_xenheap_page(m->root);
    m->root = NULL;
    m->nodes--;
    return true;
}
