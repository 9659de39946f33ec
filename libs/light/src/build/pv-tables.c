/* SPDX-License-Identifier: MIT */
/* pv-tables.c - the page tables that a PV guest starts with. */
#include "pv-layout.h"

#define PRESENT  0x01U
#define WRITE    0x02U
#define USER     0x04U
#define ACCESSED 0x20U
#define DIRTY    0x40U

#define TABLE_FLAGS (PRESENT | WRITE | USER | ACCESSED | DIRTY)
#define PAGE_FLAGS  (PRESENT | WRITE | ACCESSED | DIRTY)

/* What the lowest tables say about a page. Page tables are never writable for the guest. */
static uint64_t leaf(const struct xlight__pv_layout *l, const xen_pfn_t *p2m, uint64_t va)
{
    uint64_t pfn;

    if (va - l->virt_base < l->virt_end - l->virt_base) {
        pfn = (va - l->virt_base) >> XCTL_PAGE_SHIFT;
        if (pfn >= l->nr_pages)
            return 0;
        if (pfn - l->pt_pfn < l->nr_pt)
            return p2m[pfn] << XCTL_PAGE_SHIFT | (PAGE_FLAGS & ~WRITE);
    } else if (l->nr_p2m && va - l->p2m_va < l->p2m_pages << XCTL_PAGE_SHIFT) {
        pfn = l->p2m_pfn + ((va - l->p2m_va) >> XCTL_PAGE_SHIFT);
    } else {
        return 0;
    }
    return p2m[pfn] << XCTL_PAGE_SHIFT | PAGE_FLAGS;
}

/*
 * The number of the table one level up that maps table t. Tables are in order of addresses, so
 * looking on from where the last one was found makes this quick.
 */
static unsigned int parent_of(const struct xlight__pv_layout *l, const struct xlight__pv_table *t,
                              unsigned int from)
{
    unsigned int shift = XCTL_PAGE_SHIFT + 9 * (t->level + 1), i = from;

    while (l->tables[i].level != t->level + 1 ||
           (t->level < 3 && l->tables[i].va >> shift != t->va >> shift))
        i = (i + 1) % l->nr_tables;
    return i;
}

void xlight__pv_fill_tables(const struct xlight__pv_layout *l, const xen_pfn_t *p2m,
                            uint64_t *const *pages)
{
    unsigned int parent = 0;

    for (unsigned int i = 0; i < l->nr_tables; i++) {
        const struct xlight__pv_table *t = &l->tables[i];

        if (t->level < 4) {
            parent = parent_of(l, t, parent);
            pages[parent][t->va >> (XCTL_PAGE_SHIFT + 9 * t->level) & 511] =
                p2m[t->pfn] << XCTL_PAGE_SHIFT | TABLE_FLAGS;
        }
        for (unsigned int j = 0; t->level == 1 && j < 512; j++)
            pages[i][j] = leaf(l, p2m, t->va + ((uint64_t)j << XCTL_PAGE_SHIFT));
    }
}
