/* SPDX-License-Identifier: MIT */
/*
 * paging.c - the hypervisor's own page tables: image with the rights of each section, direct map,
 * frame table, M2P, device mappings. See <asm/layout.h>.
 *
 * Every guest's L4 carries copies of our L4 entries, so those are complete before the first guest
 * exists and never change: all L3 tables are made here. Lower tables may grow at any time; of two
 * CPUs that add the same one, the first wins. mapping_lock: the next address for device memory.
 */
#include <xen/acpi.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/smp.h>
#include <xen/spinlock.h>
#include <asm/setup.h>
#include <asm/system.h>
#include "private.h"

unsigned long hv_l4[512] __aligned(4096);
static DEFINE_SPINLOCK(mapping_lock, LOCK_RANK_MAPPING);
static bool heap_works;

static unsigned long *new_table(void)
{
    if (!heap_works)
        return maddr_to_virt(boot_alloc(PAGE_SIZE, PAGE_SIZE, 1UL << 32));
    return alloc_xenheap_page();
}

/* The table of the next lower level under *e, made if absent. NULL: no memory. */
static unsigned long *lower_table(unsigned long *e, unsigned long flags)
{
    unsigned long old = READ_ONCE(*e), *t;

    if (!(old & PTE_P)) {
        t = new_table();
        if (!t)
            return NULL;
        old = cmpxchg(e, 0UL, virt_to_maddr(t) | HV_PTE_TABLE | (flags & PTE_US));
        if (!old)
            return t;
        free_xenheap_page(t);
    }
    ASSERT(!(old & PTE_PSE));
    return maddr_to_virt(old & PTE_MFN_MASK);
}

int map_pages(unsigned long va, maddr_t ma, unsigned long nr, unsigned long flags)
{
    while (nr) {
        unsigned long *l3 = lower_table(&hv_l4[pt_index(va, 4)], flags), *l2, *l1;
        unsigned long n = 1;

        if (!l3)
            return -ENOMEM;
        l2 = lower_table(&l3[pt_index(va, 3)], flags);
        if (!l2)
            return -ENOMEM;
        if (!((va | ma) & 0x1fffff) && nr >= 512 && !(l2[pt_index(va, 2)] & PTE_P)) {
            WRITE_ONCE(l2[pt_index(va, 2)], ma | flags | PTE_PSE);
            n = 512;
        } else {
            l1 = lower_table(&l2[pt_index(va, 2)], flags);
            if (!l1)
                return -ENOMEM;
            WRITE_ONCE(l1[pt_index(va, 1)], ma | flags);
        }
        va += n << PAGE_SHIFT;
        ma += n << PAGE_SHIFT;
        nr -= n;
    }
    return 0;
}

/* The entry that maps va and its level, or NULL. */
static unsigned long *find_entry(unsigned long va, unsigned int *ret_level)
{
    unsigned long *t = hv_l4;

    for (unsigned int level = 4;; level--) {
        unsigned long *e = &t[pt_index(va, level)];

        if (!(*e & PTE_P))
            return NULL;
        if (level == 1 || (level < 4 && (*e & PTE_PSE))) {
            *ret_level = level;
            return e;
        }
        t = maddr_to_virt(*e & PTE_MFN_MASK);
    }
}

static void unmap_pages(unsigned long va, unsigned long nr)
{
    unsigned int level;

    for (; nr; nr--, va += PAGE_SIZE) {
        unsigned long *e = find_entry(va, &level);

        if (e && level == 1)
            WRITE_ONCE(*e, 0);
    }
}

/* Cuts a large page into small ones of the same rights. */
static int __init split_large(unsigned long *e)
{
    unsigned long *l1 = new_table(), old = *e;

    if (!l1)
        return -ENOMEM;
    for (unsigned long i = 0; i < 512; i++)
        l1[i] = (old & ~PTE_PSE) + (i << PAGE_SHIFT);
    WRITE_ONCE(*e, virt_to_maddr(l1) | HV_PTE_TABLE);
    return 0;
}

int __init unmap_guard_page(void *page)
{
    unsigned long va = (unsigned long)page;
    unsigned int level;
    unsigned long *e = find_entry(va, &level);
    int rc;

    BUG_ON(!e || level > 2);
    if (level == 2) {
        rc = split_large(e);
        if (rc)
            return rc;
    }
    unmap_pages(va, 1);
    invlpg(va);
    return 0;
}

maddr_t virt_to_maddr(const void *p)
{
    unsigned long va = (unsigned long)p;

    if (va >= DIRECTMAP_START)
        return va - DIRECTMAP_START;
    ASSERT(va >= IMAGE_VIRT_BASE && va < IOREMAP_START);
    return va - IMAGE_VIRT_BASE;
}

/* --- device memory: addresses are handed out upwards; the last ones can be taken back --- */

static unsigned long ioremap_next = IOREMAP_START;

/* 0: none left. */
static unsigned long take_addresses(unsigned long nr)
{
    unsigned long va, irq;

    spin_lock_irqsave(&mapping_lock, irq);
    va = ioremap_next;
    if (nr <= (IOREMAP_END - va) >> PAGE_SHIFT)
        ioremap_next = va + (nr << PAGE_SHIFT);
    else
        va = 0;
    spin_unlock_irqrestore(&mapping_lock, irq);
    return va;
}

static void give_addresses_back(unsigned long va, unsigned long end)
{
    unsigned long irq;

    spin_lock_irqsave(&mapping_lock, irq);
    if (end == ioremap_next)
        ioremap_next = va; /* the usual case: short-lived mappings, last in first out */
    spin_unlock_irqrestore(&mapping_lock, irq);
}

/* Without the lock: with interrupts off the heap could not give memory for tables at times. */
static void *map_device(maddr_t ma, size_t bytes, unsigned long flags)
{
    maddr_t first = ma & PAGE_MASK;
    unsigned long nr, va;
    int rc = 0;

    if (!bytes || ma + bytes < ma)
        return NULL;
    nr = (ROUNDUP(ma + bytes, PAGE_SIZE) - first) >> PAGE_SHIFT;
    va = take_addresses(nr);
    if (!va)
        return NULL;
    /* 4 KiB entries only: a hole between two mappings must not end up inside a large page. */
    for (unsigned long i = 0; i < nr && !rc; i++)
        rc = map_pages(va + (i << PAGE_SHIFT), first + (i << PAGE_SHIFT), 1, flags);
    if (rc) {
        iounmap((void *)va, nr << PAGE_SHIFT);
        return NULL;
    }
    return (void *)(va + (ma - first));
}

void *ioremap(maddr_t ma, size_t bytes)
{
    return map_device(ma, bytes, HV_PTE_UC);
}

void *ioremap_wb(maddr_t ma, size_t bytes)
{
    return map_device(ma, bytes, HV_PTE_RO);
}

void iounmap(void *p, size_t bytes)
{
    unsigned long start = (unsigned long)p & PAGE_MASK;
    unsigned long end = ROUNDUP((unsigned long)p + bytes, PAGE_SIZE);

    unmap_pages(start, (end - start) >> PAGE_SHIFT);
    for (unsigned long va = start; va < end; va += PAGE_SIZE)
        invlpg(va);
    /* Nobody may use the addresses again while a CPU still has the old translations. */
    if (heap_works)
        flush_tlb_mask(&cpu_online_map, 0, FLUSH_TLB_GLOBAL);
    give_addresses_back(start, end);
}

/* --- start-up --- */

extern char __image_start[], __text_start[], __text_end[], __rodata_start[], __rodata_end[],
    __init_start[], __init_text_end[], __init_end[], __ro_after_init_start[], __ro_after_init_end[],
    __image_end[];

static void __init map_section(const char *start, const char *end, unsigned long flags)
{
    unsigned long va = ROUNDDOWN((unsigned long)start, PAGE_SIZE);

    for (; va < (unsigned long)end; va += PAGE_SIZE)
        if (map_pages(va, va - IMAGE_VIRT_BASE, 1, flags))
            panic("Out of memory while mapping the hypervisor image.");
}

static void __init map_image(void)
{
    map_section(__text_start, __text_end, HV_PTE_RX);
    map_section(__rodata_start, __rodata_end, HV_PTE_RO);
    map_section(__init_start, __init_text_end, HV_PTE_RX);
    map_section(__init_text_end, __init_end, HV_PTE_RW);
    map_section(__ro_after_init_start, __image_end, HV_PTE_RW);
}

/* Whole frames of everything the firmware calls memory or ACPI data. */
static void __init map_direct(void)
{
    const struct e820_map *map = &boot_info.e820;

    for (unsigned int i = 0; i < map->nr; i++) {
        maddr_t s = map->entry[i].addr & PAGE_MASK;
        maddr_t e = ROUNDUP(map->entry[i].addr + map->entry[i].size, PAGE_SIZE);
        u32 type = map->entry[i].type;

        if (type != E820_RAM && type != E820_ACPI && type != E820_NVS)
            continue;
        if (e > DIRECTMAP_END - DIRECTMAP_START)
            panic("Memory above %lu TiB is not supported.",
                  (DIRECTMAP_END - DIRECTMAP_START) >> 40);
        if (s < 0x100000)
            s = 0x100000;
        if (s < e && map_pages(DIRECTMAP_START + s, s, (e - s) >> PAGE_SHIFT, HV_PTE_RW))
            panic("Out of memory while making the direct map.");
    }
    /* The first MiB: firmware tables, trampoline, VGA (its cacheability comes from the MTRRs). */
    if (map_pages(DIRECTMAP_START, 0, 256, HV_PTE_RW))
        panic("Out of memory while making the direct map.");
}

void __init paging_init(void)
{
    boot_alloc_init();
    map_image();
    map_direct();
    /* L3 tables of the remaining areas, so that L4 entries never change again. */
    if (!lower_table(&hv_l4[pt_index(RO_M2P_START, 4)], PTE_US) ||
        !lower_table(&hv_l4[pt_index(RW_M2P_START, 4)], 0) ||
        !lower_table(&hv_l4[pt_index(FRAMETABLE_START, 4)], 0))
        panic("Out of memory while making page tables.");
    for (unsigned int i = 0; i < 2; i++) {
        unsigned long *l3 = maddr_to_virt(hv_l4[260] & PTE_MFN_MASK);

        (void)lower_table(&l3[2 + i], 0);
    }
    write_cr3(virt_to_maddr(hv_l4));
}

/* From now on page tables come from the heap. */
void __init paging_use_heap(void)
{
    heap_works = true;
}

static void set_flags(const char *start, const char *end, unsigned long flags)
{
    unsigned int level;

    for (unsigned long va = (unsigned long)start; va < (unsigned long)end; va += PAGE_SIZE) {
        unsigned long *e = find_entry(va, &level);

        BUG_ON(!e || level != 1);
        *e = (*e & PTE_MFN_MASK) | flags;
    }
}

/*
 * End of boot: what was written only during boot becomes read-only, and the memory of what was used
 * only during boot goes to the heap. The caller cannot be part of that.
 */
void paging_seal(void)
{
    unsigned long nr = (unsigned long)(__init_end - __init_start) >> PAGE_SHIFT;
    mfn_t first = virt_to_mfn(__init_start);

    set_flags(__ro_after_init_start, __ro_after_init_end, HV_PTE_RO);
    unmap_pages((unsigned long)__init_start, nr);
    flush_tlb_mask(&cpu_online_map, 0, FLUSH_TLB_GLOBAL);
    heap_add_range(first, _mfn(mfn_x(first) + nr), acpi_node_of_maddr(mfn_to_maddr(first)));
    printk("Freed %lu KiB of start-up code and data\n", nr << (PAGE_SHIFT - 10));
}
