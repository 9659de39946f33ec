/* SPDX-License-Identifier: MIT */
/* dom0-mem.c - the option dom0_mem: pure code, also built for the host's unit tests. */
#include <xen/lib.h>
#include "dom0.h"

/* "512M", or "-512M": that much less than there is. */
static int __init parse_one(const char **s, struct dom0_mem_size *ret_size)
{
    struct dom0_mem_size size = {.given = true, .less = **s == '-'};
    const char *from = *s + size.less, *end;

    size.bytes = parse_size(from, &end, 1024);
    if (end == from || (*end && *end != ',') || size.bytes == ~0ULL)
        return -EINVAL;
    *s = *end ? end + 1 : end;
    *ret_size = size;
    return 0;
}

int __init dom0_mem_parse(const char *s, struct dom0_mem *ret_mem)
{
    struct dom0_mem mem = {.fixed = {0}};

    if (!*s)
        return -EINVAL;
    while (*s) {
        struct dom0_mem_size *to = &mem.fixed;
        int rc;

        if (!strncmp(s, "min:", 4))
            to = &mem.min, s += 4;
        else if (!strncmp(s, "max:", 4))
            to = &mem.max, s += 4;
        rc = parse_one(&s, to);
        if (rc)
            return rc;
    }
    *ret_mem = mem;
    return 0;
}

unsigned long __init dom0_mem_pages(const struct dom0_mem_size *size, unsigned long avail)
{
    unsigned long nr = size->bytes >> PAGE_SHIFT;

    if (!size->less)
        return nr;
    return nr < avail ? avail - nr : 0;
}

unsigned long __init dom0_mem_choose(const struct dom0_mem *mem, unsigned long free_pages)
{
    unsigned long reserve = MAX(free_pages / 16, DOM0_RESERVE_MIN_PAGES);
    unsigned long avail = free_pages > reserve ? free_pages - reserve : free_pages / 2;
    unsigned long nr = avail, min = 0, max = ~0UL;

    if (mem->fixed.given)
        nr = dom0_mem_pages(&mem->fixed, free_pages);
    if (mem->min.given)
        min = MIN(dom0_mem_pages(&mem->min, free_pages), avail);
    if (mem->max.given)
        max = dom0_mem_pages(&mem->max, free_pages);
    return MIN(MAX(nr, min), max);
}
