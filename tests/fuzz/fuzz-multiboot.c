/* SPDX-License-Identifier: MIT */
/*
 * fuzz-multiboot.c - any bytes as what a loader hands over: one chooses the version, the rest is
 * physical memory from BASE on, the information block first. Every mapping is a heap copy of its
 * exact size, so that a sanitizer sees overruns; it lives until the parser is done.
 */
#include "fuzz-main.h"
#include <string.h>
#include <asm/setup.h>
#include "../shim/shim.h"

#define BASE     0x1000u
#define MAX_MAPS 100000

static const uint8_t *ram;
static size_t ram_size;
static void *maps[MAX_MAPS];
static unsigned int nr_maps;

static const void *map(void *ctx, u64 pa, size_t len)
{
    void *copy;

    (void)ctx;
    if (pa < BASE || pa - BASE > ram_size || len > ram_size - (pa - BASE) || nr_maps == MAX_MAPS)
        return NULL;
    copy = malloc(len ? len : 1);
    if (!copy)
        return NULL;
    memcpy(copy, ram + (pa - BASE), len);
    maps[nr_maps++] = copy;
    return copy;
}

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check(const struct boot_info *bi)
{
    require(strnlen(bi->loader, sizeof(bi->loader)) < sizeof(bi->loader));
    require(strnlen(bi->cmdline, sizeof(bi->cmdline)) < sizeof(bi->cmdline));
    require(bi->nr_modules <= BOOT_MAX_MODULES && bi->e820.nr <= E820_MAX_ENTRIES);
    for (unsigned int i = 0; i < bi->nr_modules; i++) {
        const struct boot_module *m = &bi->module[i];

        require(m->size && m->start + m->size <= 1UL << 32);
        require(strnlen(m->cmdline, sizeof(m->cmdline)) < sizeof(m->cmdline));
    }
    for (unsigned int i = 1; i < bi->e820.nr; i++)
        require(bi->e820.entry[i].addr >= bi->e820.entry[i - 1].addr + bi->e820.entry[i - 1].size);
    /* The old RSDP has 20 bytes. */
    require(!bi->rsdp || (bi->rsdp > BASE && bi->rsdp + 20 <= BASE + ram_size));
    require(bi->info_end <= BASE + ram_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct mb_memory memory = {map, NULL};
    static struct boot_info bi;
    const char *why = NULL;
    int rc;

    if (!len)
        return 0;
    ram = data + 1;
    ram_size = len - 1;
    nr_maps = 0;
    memset(&bi, 0, sizeof(bi));
    shim_bug_expected = true; /* keeps messages off the screen */
    rc = multiboot_parse(&memory, data[0] & 1 ? 0x2badb002u : 0x36d76289u, BASE, &bi, &why);
    require((rc != 0) == (why != NULL));
    check(&bi);
    while (nr_maps)
        free(maps[--nr_maps]);
    return 0;
}
