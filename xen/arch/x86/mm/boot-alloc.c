/* SPDX-License-Identifier: MIT */
/*
 * boot-alloc.c - memory before the heap exists: a list of free ranges, taken from the top down.
 * Used on the boot CPU only; what is left goes to the heap.
 */
#include <xen/acpi.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <asm/setup.h>
#include "private.h"

#define MAX_RANGES 64

static struct {
    maddr_t start, end;
} range[MAX_RANGES] __initdata;
static unsigned int nr_ranges __initdata;

/* Removes [start, end) from the free ranges. */
static void __init reserve(maddr_t start, maddr_t end)
{
    start = ROUNDDOWN(start, PAGE_SIZE);
    end = ROUNDUP(end, PAGE_SIZE);
    for (unsigned int i = 0; i < nr_ranges; i++) {
        maddr_t s = range[i].start, e = range[i].end;

        if (start >= e || end <= s)
            continue;
        range[i].end = MAX(s, start);
        if (end < e && nr_ranges < MAX_RANGES) {
            range[nr_ranges].start = end;
            range[nr_ranges++].end = e;
        }
    }
}

void __init boot_alloc_init(void)
{
    extern char __image_end[];
    const struct e820_map *map = &boot_info.e820;

    for (unsigned int i = 0; i < map->nr && nr_ranges < MAX_RANGES; i++) {
        maddr_t s = ROUNDUP(map->entry[i].addr, PAGE_SIZE);
        maddr_t e = ROUNDDOWN(map->entry[i].addr + map->entry[i].size, PAGE_SIZE);

        if (map->entry[i].type != E820_RAM || e <= s)
            continue;
        range[nr_ranges].start = s;
        range[nr_ranges++].end = e;
    }
    /* Firmware data, the trampoline, and mfn 0, which lists use as their end. */
    reserve(0, 0x100000);
    reserve(IMAGE_LOAD_PADDR, (maddr_t)__image_end - IMAGE_VIRT_BASE);
    reserve(boot_info.info, boot_info.info_end);
    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        reserve(boot_info.module[i].start, boot_info.module[i].start + boot_info.module[i].size);
}

maddr_t __init boot_alloc(size_t bytes, size_t align, maddr_t limit)
{
    maddr_t best = 0;

    for (unsigned int i = 0; i < nr_ranges; i++) {
        maddr_t end = MIN(range[i].end, limit), at;

        if (end < bytes || range[i].start >= end)
            continue;
        at = ROUNDDOWN(end - bytes, align);
        if (at >= range[i].start && at > best)
            best = at;
    }
    if (!best)
        panic("Out of memory at boot: no %lu KiB left. Give the machine more memory.",
              (unsigned long)(bytes >> 10));
    reserve(best, best + bytes);
    memset(maddr_to_virt(best), 0, bytes);
    return best;
}

static void __init add_by_node(maddr_t start, maddr_t end)
{
    while (start < end) {
        unsigned int node = acpi_node_of_maddr(start);
        maddr_t stop = end;

        for (unsigned int i = 0; i < acpi.nr_srat_mem; i++) {
            maddr_t s = acpi.srat_mem[i].start, e = s + acpi.srat_mem[i].size;

            if (s > start && s < stop)
                stop = s;
            if (e > start && e < stop)
                stop = e;
        }
        heap_add_range(_mfn(start >> PAGE_SHIFT), _mfn(stop >> PAGE_SHIFT), node);
        start = stop;
    }
}

void __init boot_alloc_finish(void)
{
    for (unsigned int i = 0; i < nr_ranges; i++)
        if (range[i].start < range[i].end)
            add_by_node(range[i].start, range[i].end);
    nr_ranges = 0;
}
