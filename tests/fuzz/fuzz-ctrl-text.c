/* SPDX-License-Identifier: MIT */
/* fuzz-ctrl-text.c - texts that libs/ctrl reads: sets of CPUs, and the names of simulated hosts. */
#include "fuzz-main.h"
#include <string.h>
#include "sim/sim.h"

static void check_bitmap(const char *text, unsigned int bits)
{
    uint8_t map[32], again[32];
    char list[1024];

    memset(map, 0xaa, sizeof(map));
    if (xctl_bitmap_parse(text, map, bits)) {
        for (size_t i = 0; i < sizeof(map); i++)
            if (map[i] != 0xaa)
                abort();
        return;
    }
    /* What was understood can be said, and is understood to be the same. */
    if (xctl_bitmap_format(map, bits, list, sizeof(list)) >= sizeof(list))
        abort();
    memset(again, 0, sizeof(again));
    if (*list && (xctl_bitmap_parse(list, again, bits) || memcmp(map, again, (bits + 7) / 8)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct sim_config c;
    const char *why = NULL;
    char *text;

    if (!len)
        return 0;
    text = malloc(len);
    if (!text)
        return 0;
    memcpy(text, data + 1, len - 1);
    text[len - 1] = 0;
    check_bitmap(text, data[0]);
    if (sim_parse(text, &c, &why)) {
        if (!why)
            abort();
    } else if (c.cpus < 1 || c.cpus > SIM_CPUS || c.nodes > c.cpus || c.mem_mib < 64 ||
               c.domid >= DOMID_FIRST_RESERVED || strlen(c.name) >= sizeof(c.name)) {
        abort();
    }
    free(text);
    return 0;
}
