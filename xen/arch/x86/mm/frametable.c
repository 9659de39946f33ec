/* SPDX-License-Identifier: MIT */
/*
 * frametable.c - makes the frame table and the machine-to-phys table, and hands RAM to the heap.
 *
 * Both are sparse in 2 MiB pages. A page of the frame table covers 256 MiB of machine memory and
 * exists if any RAM is there. A page of the M2P covers 1 GiB; below max(4 GiB, end of RAM) there
 * are no holes, because PV guests read it for any frame: empty ones share a page of all ones.
 */
#include <xen/bitops.h>
#include <xen/domain.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <asm/setup.h>
#include <asm/system.h>
#include "private.h"

#define CHUNK_FRAMES FRAME_CHUNK
#define CHUNK_BITS   (1UL << (44 - PAGE_SHIFT - 16)) /* 16 TiB of machine address space */
#define M2P_CHUNK    (0x200000 / 8)

unsigned long max_page __ro_after_init;
unsigned long total_pages __ro_after_init;
unsigned long m2p_entries __ro_after_init;
BITMAP(frame_chunk_present, CHUNK_BITS) __ro_after_init;

unsigned long max_mfn(void)
{
    return 1UL << (cpu_caps.paddr_bits - PAGE_SHIFT);
}

unsigned int domain_gpaddr_bits(void)
{
    return cpu_caps.paddr_bits;
}

static void __init add_chunk(unsigned long chunk)
{
    struct page_info *pg = mfn_to_page(_mfn(chunk * CHUNK_FRAMES));
    maddr_t ma;

    if (test_bit(chunk, frame_chunk_present))
        return;
    ma = boot_alloc(0x200000, 0x200000, ~0UL);
    if (map_pages((unsigned long)pg, ma, 512, HV_PTE_RW))
        panic("Out of memory while making the frame table.");
    for (unsigned long i = 0; i < CHUNK_FRAMES; i++)
        pg[i].count_info = PGC_RESERVED;
    __set_bit(chunk, frame_chunk_present);
}

/* RAM that is not given to the heap later is ours: image, modules, tables. */
static void __init mark_ram(unsigned long start, unsigned long end)
{
    for (unsigned long mfn = MAX(start, 0x100UL); mfn < end; mfn++)
        mfn_to_page(_mfn(mfn))->count_info = PGC_XEN_HEAP;
    total_pages += end - start;
}

static void __init make_m2p(void)
{
    unsigned long chunks;
    maddr_t holes = boot_alloc(0x200000, 0x200000, ~0UL);

    memset(maddr_to_virt(holes), 0xff, 0x200000);
    m2p_entries = ROUNDUP(MAX(max_page, 1UL << 20), M2P_CHUNK);
    chunks = m2p_entries / M2P_CHUNK;
    for (unsigned long c = 0; c < chunks; c++) {
        unsigned long va = c * 0x200000;
        bool ram = false;
        maddr_t ma = holes;

        for (unsigned long m = c * M2P_CHUNK; m < (c + 1) * M2P_CHUNK; m += CHUNK_FRAMES)
            ram = ram || mfn_valid(_mfn(m));
        if (ram) {
            ma = boot_alloc(0x200000, 0x200000, ~0UL);
            memset(maddr_to_virt(ma), 0xff, 0x200000);
            if (map_pages(RW_M2P_START + va, ma, 512, HV_PTE_RW))
                panic("Out of memory while making the M2P table.");
        }
        if (map_pages(RO_M2P_START + va, ma, 512, HV_PTE_RO | PTE_US))
            panic("Out of memory while making the M2P table.");
    }
}

/* The 2 MiB piece of the table that holds entry `index`. */
mfn_t m2p_frame(unsigned long index)
{
    unsigned long va = RO_M2P_START + index * 8;
    const unsigned long *l3 = maddr_to_virt(hv_l4[pt_index(va, 4)] & PTE_MFN_MASK);
    const unsigned long *l2 = maddr_to_virt(l3[pt_index(va, 3)] & PTE_MFN_MASK);

    return _mfn(pte_mfn(l2[pt_index(va, 2)]));
}

/* The tools may map it to read, as frames of DOMID_XEN. */
void __init m2p_share(struct domain *d)
{
    for (unsigned long c = 0; c < m2p_entries / M2P_CHUNK; c++) {
        struct page_info *pg = mfn_to_page(m2p_frame(c * M2P_CHUNK));

        if (page_owner(pg))
            continue; /* the piece that stands for all holes */
        for (unsigned int i = 0; i < 512; i++)
            if (!share_xen_page_with_guest(pg + i, d, false))
                BUG(); /* it never dies */
    }
}

void __init frametable_init(void)
{
    const struct e820_map *map = &boot_info.e820;

    for (unsigned int i = 0; i < map->nr; i++) {
        unsigned long s = ROUNDUP(map->entry[i].addr, PAGE_SIZE) >> PAGE_SHIFT;
        unsigned long e = (map->entry[i].addr + map->entry[i].size) >> PAGE_SHIFT;

        if (map->entry[i].type != E820_RAM || s >= e)
            continue;
        if (e > CHUNK_BITS * CHUNK_FRAMES)
            panic("Memory above 16 TiB is not supported.");
        for (unsigned long c = s / CHUNK_FRAMES; c <= (e - 1) / CHUNK_FRAMES; c++)
            add_chunk(c);
        max_page = MAX(max_page, e);
        mark_ram(s, e);
    }
    make_m2p();
    boot_alloc_finish();
    paging_use_heap();
    printk("RAM: %lu MiB, %lu MiB free for domains\n", total_pages >> 8, heap_free_pages() >> 8);
}
