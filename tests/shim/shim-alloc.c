/* SPDX-License-Identifier: MIT */
/* shim-alloc.c - the hypervisor's small-object allocator on the host's; see shim.h. */
#include <stdlib.h>
#include <string.h>
#include <xen/mm.h>
#include "shim.h"

unsigned long shim_alloc_fail_at, shim_allocs_live;
unsigned long shim_frametable, shim_directmap;

void *xzalloc_bytes(size_t size, size_t align)
{
    void *p = NULL;

    if (shim_alloc_fail_at && !--shim_alloc_fail_at)
        return NULL;
    if (posix_memalign(&p, MAX(align, sizeof(void *)), MAX(size, (size_t)1)))
        return NULL;
    shim_allocs_live++;
    return memset(p, 0, size);
}

void xfree(void *p)
{
    if (p)
        shim_allocs_live--;
    free(p);
}
