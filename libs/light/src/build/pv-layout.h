/* SPDX-License-Identifier: MIT */
/*
 * pv-layout.h - where everything is in a PV guest that starts.
 *
 * Page frame numbers (pfn) count the guest's memory from 0. From virt_base on it is mapped in
 * order, up to virt_end: kernel, a ramdisk and the p2m list if the kernel wants them there,
 * start_info, the pages of the store and the console, page tables, boot stack, and room that the
 * kernel uses before it can allocate. Ramdisk and p2m list of modern kernels lie behind all that.
 */
#ifndef XENOLITH_LIGHT_BUILD_PV_LAYOUT_H
#define XENOLITH_LIGHT_BUILD_PV_LAYOUT_H

#include "elf-image.h"

/* A page table: its level (4 is the root), the first address it maps, where it is. */
struct xlight__pv_table {
    unsigned int level;
    uint64_t va;
    uint64_t pfn;
};

struct xlight__pv_layout {
    uint64_t nr_pages;
    uint64_t virt_base, virt_end;
    uint64_t kernel_pfn, kernel_pages; /* from the first segment to the end of the last */
    uint64_t kernel_paddr;             /* ELF's address of kernel_pfn */
    uint64_t ramdisk_pfn, ramdisk_pages;
    bool ramdisk_mapped;
    uint64_t start_info_pfn, store_pfn, console_pfn; /* in a row, */
    uint64_t pt_pfn, nr_pt;                          /* with these */
    uint64_t stack_pfn;                              /* and this */
    uint64_t p2m_va, p2m_pfn, p2m_pages;             /* the list */
    uint64_t first_p2m_pfn, nr_p2m; /* the list and its tables; 0, 0: mapped with the rest */
    uint64_t entry;                 /* virtual */
    uint64_t hypercall_pfn;
    bool has_hypercall_page;
    struct xlight__pv_table *tables; /* the first nr_pt are in a row from pt_pfn on, root first */
    unsigned int nr_tables, room;
};

/*
 * Lays out a guest of nr_pages. -ENOEXEC: the kernel cannot run as a PV guest; -ENOMEM: it does not
 * fit, or we have no memory. The caller frees the layout, also after a failure.
 */
int xlight__pv_layout(const struct xlight__elf *e, uint64_t nr_pages, uint64_t ramdisk_size,
                      struct xlight__pv_layout *ret_l, struct xlight__why *why);
void xlight__pv_layout_free(struct xlight__pv_layout *l);

static inline uint64_t xlight__pv_va(const struct xlight__pv_layout *l, uint64_t pfn)
{
    return l->virt_base + (pfn << XCTL_PAGE_SHIFT);
}

/* Fills the page tables: tables[i] of the layout at pages[i], cleared before. */
void xlight__pv_fill_tables(const struct xlight__pv_layout *l, const xen_pfn_t *p2m,
                            uint64_t *const *pages);

#endif /* XENOLITH_LIGHT_BUILD_PV_LAYOUT_H */
