/* SPDX-License-Identifier: MIT */
/* shim-mem.c - host memory as frames: frame table, direct map, nodes; see shim.h. */
#include <stdlib.h>
#include <string.h>
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <asm/mm.h>
#include "shim.h"

unsigned long shim_frametable, shim_directmap;
unsigned long max_page, total_pages;
struct acpi_facts acpi = {.nr_nodes = 1};

/* All frames below max_page have a page_info. */
unsigned long frame_chunk_present[64];

void shim_memory_init(unsigned long nr_frames)
{
    memset(frame_chunk_present, 0xff, sizeof(frame_chunk_present));
    free((void *)shim_frametable);
    free((void *)shim_directmap);
    shim_frametable = (unsigned long)calloc(nr_frames, sizeof(struct page_info));
    shim_directmap = (unsigned long)aligned_alloc(PAGE_SIZE, nr_frames * PAGE_SIZE);
    if (!shim_frametable || !shim_directmap)
        abort();
    memset((void *)shim_directmap, 0, nr_frames * PAGE_SIZE);
    max_page = total_pages = nr_frames;
}

maddr_t virt_to_maddr(const void *va)
{
    return (unsigned long)va - shim_directmap;
}

struct domain *page_owner(const struct page_info *pg)
{
    return pg->owner ? mfn_to_virt(_mfn(pg->owner)) : NULL;
}

/* APIC id n is on node n. */
unsigned int acpi_node_of_apicid(u32 apicid)
{
    return apicid;
}

/* One CPU, whose TLB was last flushed at shim_flushed_at. */
u32 shim_tlb_clock = 1, shim_flushed_at;
unsigned int shim_flushes;

void drop_cache_lines(struct page_info *pg)
{
    pg->count_info &= ~PGC_INCOHERENT;
}

void tlb_filter(cpumask_t *mask, u32 stamp)
{
    if ((s32)(shim_flushed_at - stamp) > 0)
        cpumask_clear(mask);
}

void flush_tlb_mask(const struct cpumask *mask, unsigned long va, unsigned int flags)
{
    (void)mask, (void)va, (void)flags;
    shim_flushed_at = ++shim_tlb_clock;
    shim_flushes++;
}
