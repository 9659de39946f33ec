/* SPDX-License-Identifier: MIT */
/* fuzz-e820.c - any bytes as a firmware memory map, then some additions; the result stays valid. */
#include "fuzz-main.h"
#include <string.h>
#include <xen/e820.h>

static void check(const struct e820_map *map)
{
    for (unsigned int i = 0; i < map->nr; i++) {
        const struct e820_entry *e = &map->entry[i], *p = e - 1;

        if (!e->size || !e->type || e->addr + e->size < e->addr)
            abort();
        if (i &&
            (e->addr < p->addr + p->size || (e->addr == p->addr + p->size && e->type == p->type)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct e820_map map;
    static struct e820_entry raw[E820_MAX_ENTRIES + 8];
    unsigned int n = 0;

    for (; len >= 20 && n < sizeof(raw) / sizeof(raw[0]); n++, data += 20, len -= 20) {
        memcpy(&raw[n].addr, data, 8);
        memcpy(&raw[n].size, data + 8, 8);
        memcpy(&raw[n].type, data + 16, 4);
    }
    map.nr = 0;
    if (e820_set(&map, raw, n))
        return 0;
    check(&map);
    for (unsigned int i = 0; i < n && i < 8; i++) {
        if (!e820_add(&map, raw[i].addr / 2, raw[i].addr / 2 + raw[i].size / 2, 1 + i % 5))
            check(&map);
    }
    if (n)
        e820_clip_ram(&map, raw[0].addr);
    check(&map);
    return 0;
}
