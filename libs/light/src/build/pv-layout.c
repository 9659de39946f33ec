/* SPDX-License-Identifier: MIT */
/* pv-layout.c - lays a PV guest out, and checks that its kernel wants something possible. */
#include "pv-layout.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/public/features.h>

#define PAGE_UP(x)  (((x) + XCTL_PAGE_SIZE - 1) >> XCTL_PAGE_SHIFT)
#define SLACK_PAGES ((512U << 10) >> XCTL_PAGE_SHIFT)
#define END_ALIGN   (4ULL << 20)
#define LOW_END     (1ULL << 47)
#define HIGH_START  0xffff880000000000ULL /* behind the hypervisor's part */
#define PAGES_MAX   (1ULL << 34)          /* 64 TiB */

static unsigned int table_shift(unsigned int level)
{
    return XCTL_PAGE_SHIFT + 9 * level;
}

/* May the guest have this range for itself? last is its last byte. */
static bool range_ok(uint64_t first, uint64_t last)
{
    return first <= last && (last < LOW_END || first >= HIGH_START);
}

static int reject(struct xlight__why *why, const char *what)
{
    return xlight__why(why, -ENOEXEC, "the kernel cannot run as a PV guest: %s", what);
}

static int check_kernel(const struct xlight__elf *e, struct xlight__why *why)
{
    const struct xlight__notes *n = &e->notes;

    if (!n->have)
        return reject(why, "it has no notes for Xen");
    if (!e->is64)
        return reject(why, "it is a 32-bit kernel");
    if (!xlight__elf_has(e, XEN_ELFNOTE_XEN_VERSION) || strcmp(n->xen_version, "xen-3.0"))
        return reject(why, "it is not made for the interface xen-3.0");
    if (xlight__elf_has(e, XEN_ELFNOTE_LOADER) && strcmp(n->loader, "generic") &&
        strcmp(n->guest_os, "linux"))
        return reject(why, "it wants a loader of its own");
    if (xlight__elf_has(e, XEN_ELFNOTE_PADDR_OFFSET) && !xlight__elf_has(e, XEN_ELFNOTE_VIRT_BASE))
        return reject(why, "it has an address offset but no base address");
    if (n->required_features >> XENFEAT_auto_translated_physmap & 1)
        return reject(why, "it needs its memory translated");
    return 0;
}

static int place_kernel(struct xlight__pv_layout *l, const struct xlight__elf *e,
                        struct xlight__why *why)
{
    const struct xlight__notes *n = &e->notes;
    uint64_t offset = n->paddr_offset, end;

    l->virt_base = n->virt_base;
    if (l->virt_base % XCTL_PAGE_SIZE || offset % XCTL_PAGE_SIZE)
        return reject(why, "its base address is not that of a page");
    if (e->start < offset)
        return reject(why, "it starts before its own base address");
    end = PAGE_UP(e->end - offset);
    l->kernel_pfn = (e->start - offset) >> XCTL_PAGE_SHIFT;
    l->kernel_pages = end - l->kernel_pfn;
    l->kernel_paddr = e->start & ~(uint64_t)(XCTL_PAGE_SIZE - 1);
    if (end > l->nr_pages)
        return xlight__why(why, -ENOMEM, "the kernel needs %llu MiB of memory, the domain has %llu",
                           (unsigned long long)(end >> 8) + 1,
                           (unsigned long long)(l->nr_pages >> 8));
    l->entry = xlight__elf_has(e, XEN_ELFNOTE_ENTRY) ? n->entry : e->e_entry;
    if (l->entry < xlight__pv_va(l, l->kernel_pfn) || l->entry >= xlight__pv_va(l, end))
        return reject(why, "its entry point lies outside of it");
    l->has_hypercall_page = xlight__elf_has(e, XEN_ELFNOTE_HYPERCALL_PAGE);
    if (l->has_hypercall_page) {
        l->hypercall_pfn = (n->hypercall_page - l->virt_base) >> XCTL_PAGE_SHIFT;
        if (n->hypercall_page % XCTL_PAGE_SIZE || n->hypercall_page < l->virt_base ||
            l->hypercall_pfn < l->kernel_pfn || l->hypercall_pfn >= end)
            return reject(why, "its hypercall page lies outside of it");
    }
    return 0;
}

static int add_table(struct xlight__pv_layout *l, unsigned int level, uint64_t va)
{
    if (l->nr_tables == l->room) {
        unsigned int room = l->room ? l->room * 2 : 64;
        struct xlight__pv_table *t = realloc(l->tables, room * sizeof(*t));

        if (!t)
            return -ENOMEM;
        l->tables = t;
        l->room = room;
    }
    l->tables[l->nr_tables++] = (struct xlight__pv_table){level, va, 0};
    return 0;
}

static bool has_table(const struct xlight__pv_layout *l, unsigned int nr, unsigned int level,
                      uint64_t va)
{
    for (unsigned int i = 0; i < nr; i++)
        if (l->tables[i].level == level && l->tables[i].va == va)
            return true;
    return false;
}

/* Adds the tables that map a range, but for those among the first known ones. */
static int plan_tables(struct xlight__pv_layout *l, uint64_t first, uint64_t last)
{
    unsigned int known = l->nr_tables;
    int rc = 0;

    if (!has_table(l, known, 4, 0))
        rc = add_table(l, 4, 0);
    for (unsigned int level = 3; level; level--) {
        unsigned int shift = table_shift(level);

        for (uint64_t i = first >> shift; !rc && i <= last >> shift; i++)
            if (!has_table(l, known, level, i << shift))
                rc = add_table(l, level, i << shift);
    }
    return rc;
}

/* What follows the kernel in the mapped part, with a number of tables that is a guess. */
static uint64_t place_mapped(struct xlight__pv_layout *l, uint64_t nr_pt)
{
    uint64_t pfn = l->kernel_pfn + l->kernel_pages;

    if (l->ramdisk_mapped) {
        l->ramdisk_pfn = pfn;
        pfn += l->ramdisk_pages;
    }
    if (!l->nr_p2m) {
        l->p2m_pfn = pfn;
        l->p2m_va = xlight__pv_va(l, pfn);
        pfn += l->p2m_pages;
    }
    l->start_info_pfn = pfn++;
    l->store_pfn = pfn++;
    l->console_pfn = pfn++;
    l->pt_pfn = pfn;
    l->nr_pt = nr_pt;
    l->stack_pfn = pfn + nr_pt;
    return l->stack_pfn + 1 + SLACK_PAGES;
}

static int too_small(const struct xlight__pv_layout *l, uint64_t need, struct xlight__why *why)
{
    return xlight__why(why, -ENOMEM,
                       "kernel and ramdisk need %llu MiB of memory, the domain has %llu",
                       (unsigned long long)(need >> 8) + 1, (unsigned long long)(l->nr_pages >> 8));
}

/* Tables map the room that they are in: repeat until their number is right. */
static int place_tables(struct xlight__pv_layout *l, struct xlight__why *why)
{
    uint64_t nr = 0, end, last;

    do {
        end = place_mapped(l, nr);
        if (end > l->nr_pages)
            return too_small(l, end, why);
        last = (xlight__pv_va(l, end) + END_ALIGN - 1) / END_ALIGN * END_ALIGN - 1;
        if (!range_ok(l->virt_base, last))
            return reject(why, "it wants addresses that do not exist or belong to the hypervisor");
        nr = l->nr_pt;
        l->nr_tables = 0;
        if (plan_tables(l, l->virt_base, last))
            return xlight__why(why, -ENOMEM, "no memory for a list of page tables");
        nr = l->nr_tables;
    } while (nr != l->nr_pt);
    l->virt_end = last + 1;
    for (unsigned int i = 0; i < l->nr_tables; i++)
        l->tables[i].pfn = l->pt_pfn + i;
    return 0;
}

/* Ramdisk and p2m list of kernels that need not have them mapped with the rest. */
static int place_unmapped(struct xlight__pv_layout *l, struct xlight__why *why)
{
    uint64_t pfn = (l->virt_end - l->virt_base) >> XCTL_PAGE_SHIFT, last;

    if (l->ramdisk_pages && !l->ramdisk_mapped) {
        l->ramdisk_pfn = pfn;
        pfn += l->ramdisk_pages;
    }
    if (l->nr_p2m) {
        last = l->p2m_va + (l->p2m_pages << XCTL_PAGE_SHIFT) - 1;
        if (l->p2m_va % XCTL_PAGE_SIZE || !range_ok(l->p2m_va, last) ||
            (last >= l->virt_base && l->p2m_va <= l->virt_end - 1))
            return reject(why, "it wants the list of its frames at an impossible address");
        if (plan_tables(l, l->p2m_va, last))
            return xlight__why(why, -ENOMEM, "no memory for a list of page tables");
        l->p2m_pfn = l->first_p2m_pfn = pfn;
        pfn += l->p2m_pages;
        for (unsigned int i = (unsigned int)l->nr_pt; i < l->nr_tables; i++)
            l->tables[i].pfn = pfn++;
        l->nr_p2m = pfn - l->first_p2m_pfn;
    }
    /* Without either, the end of the mapping may lie behind the end of memory. */
    return (l->nr_p2m || (l->ramdisk_pages && !l->ramdisk_mapped)) && pfn > l->nr_pages
               ? too_small(l, pfn, why)
               : 0;
}

int xlight__pv_layout(const struct xlight__elf *e, uint64_t nr_pages, uint64_t ramdisk_size,
                      struct xlight__pv_layout *ret_l, struct xlight__why *why)
{
    struct xlight__pv_layout *l = ret_l;
    int rc;

    *l = (struct xlight__pv_layout){.nr_pages = nr_pages};
    if (nr_pages > PAGES_MAX)
        return xlight__why(why, -EINVAL, "a PV guest cannot have more than 64 TiB");
    if (ramdisk_size > nr_pages << XCTL_PAGE_SHIFT)
        return xlight__why(why, -ENOMEM, "the ramdisk of %llu MiB is larger than the domain",
                           (unsigned long long)(ramdisk_size >> 20));
    rc = check_kernel(e, why);
    if (!rc)
        rc = place_kernel(l, e, why);
    if (rc)
        return rc;
    l->ramdisk_pages = PAGE_UP(ramdisk_size);
    l->ramdisk_mapped = l->ramdisk_pages && !e->notes.mod_start_pfn;
    l->p2m_pages = PAGE_UP(nr_pages * sizeof(xen_pfn_t));
    if (xlight__elf_has(e, XEN_ELFNOTE_INIT_P2M)) {
        l->p2m_va = e->notes.init_p2m;
        l->nr_p2m = l->p2m_pages; /* and tables, later */
    }
    rc = place_tables(l, why);
    return rc ? rc : place_unmapped(l, why);
}

void xlight__pv_layout_free(struct xlight__pv_layout *l)
{
    free(l->tables);
    l->tables = NULL;
}
