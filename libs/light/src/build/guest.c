/* SPDX-License-Identifier: MIT */
/* guest.c - giving a guest its memory, and writing to it. */
#include "guest.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WINDOW  4096U /* pages mapped at once */
#define BATCH   512U  /* large blocks asked for at once */
#define SINGLES 65536U

#define ORDER_2M 9U
#define ORDER_1G 18U

static int ctrl_failed(struct xlight__guest *g, int rc)
{
    return xlight__why_ctrl(g->why, g->h, rc);
}

/* Blocks of one size at frames first and on. *ret_pages: how much there is now, maybe less. */
static int populate_blocks(struct xlight__guest *g, uint64_t first, uint64_t blocks,
                           unsigned int order, unsigned int flags, xen_pfn_t *list,
                           uint64_t *ret_pages)
{
    int64_t done;

    for (uint64_t i = 0; i < blocks; i++)
        list[i] = first + (i << order);
    done = xctl_memory_populate(g->h, g->domid, order, flags, list, blocks);
    if (done < 0)
        return ctrl_failed(g, (int)done);
    for (uint64_t i = 0; g->p2m && i < (uint64_t)done; i++)
        for (uint64_t j = 0; j < 1UL << order; j++)
            g->p2m[first + (i << order) + j] = list[i] + j;
    *ret_pages = (uint64_t)done << order;
    return 0;
}

/* Page by page: the last resort, and for what is less than a block. */
static int populate_singles(struct xlight__guest *g, uint64_t first, uint64_t pages,
                            unsigned int flags, xen_pfn_t *list)
{
    while (pages) {
        uint64_t n = pages < SINGLES ? pages : SINGLES, done = 0;
        int rc = populate_blocks(g, first, n, 0, flags, list, &done);

        if (rc)
            return rc;
        if (done < n)
            return xlight__why(g->why, -ENOMEM,
                               "memory ran out: %llu MiB of what the domain needs are missing",
                               (unsigned long long)((pages - done + 255) >> 8));
        first += n;
        pages -= n;
    }
    return 0;
}

/* The largest block that starts at a frame and fits. */
static unsigned int best_order(const struct xlight__guest *g, uint64_t first, uint64_t pages,
                               bool huge)
{
    /* PV guests gain nothing from more than 2 MiB, and there is less of it to be had. */
    if (huge && !g->p2m && first % (1UL << ORDER_1G) == 0 && pages >= 1UL << ORDER_1G)
        return ORDER_1G;
    if (first % (1UL << ORDER_2M) == 0 && pages >= 1UL << ORDER_2M)
        return ORDER_2M;
    return 0;
}

/* How many single pages it takes until a larger block can start. */
static uint64_t until_block(uint64_t first, uint64_t pages)
{
    uint64_t n = (1UL << ORDER_2M) - first % (1UL << ORDER_2M);

    return n < pages ? n : pages;
}

int xlight__guest_populate(struct xlight__guest *g, uint64_t first, uint64_t pages,
                           unsigned int flags)
{
    uint64_t room = pages < SINGLES ? pages : SINGLES;
    xen_pfn_t *list = malloc((room < BATCH ? BATCH : room) * sizeof(*list));
    bool huge = true;
    int rc = 0;

    if (!list)
        return xlight__why(g->why, -ENOMEM, "no memory for a list of frames");
    while (!rc && pages) {
        unsigned int order = best_order(g, first, pages, huge);
        uint64_t blocks = pages >> order, want, done = 0;

        if (order == ORDER_1G)
            blocks = 1;
        else if (order)
            blocks = blocks < BATCH ? blocks : BATCH;
        /* Not beyond where a larger block could start. */
        if (order == ORDER_2M && huge && !g->p2m) {
            uint64_t to_huge = (1UL << ORDER_1G) - first % (1UL << ORDER_1G);

            if (blocks << order > to_huge)
                blocks = to_huge >> order;
        }
        want = order ? blocks << order : until_block(first, pages);
        if (order)
            rc = populate_blocks(g, first, blocks, order, flags, list, &done);
        /* Too little is a normal answer for large blocks: take smaller ones in their place. */
        if (!rc && done < want && order == ORDER_1G) {
            huge = false;
            want = 0;
        } else if (!rc && done < want) {
            rc = populate_singles(g, first + done, want - done, flags, list);
        }
        first += want;
        pages -= want;
    }
    free(list);
    return rc;
}

int xlight__guest_populate_pv(struct xlight__guest *g, uint64_t pages)
{
    return xlight__guest_populate(g, 0, pages, 0);
}

int xlight__guest_map(struct xlight__guest *g, uint64_t pfn, uint64_t count, void **ret_addr)
{
    xen_pfn_t *list = NULL, *frames = g->p2m ? g->p2m + pfn : NULL;
    int rc;

    if (!frames) {
        list = frames = malloc(count * sizeof(*list));
        if (!list)
            return xlight__why(g->why, -ENOMEM, "no memory for a list of frames");
        for (uint64_t i = 0; i < count; i++)
            list[i] = pfn + i;
    }
    rc = xctl_foreign_map(g->h, g->domid, PROT_READ | PROT_WRITE, frames, (unsigned int)count, NULL,
                          ret_addr);
    free(list);
    return rc ? ctrl_failed(g, rc) : 0;
}

int xlight__guest_unmap(struct xlight__guest *g, void *addr, uint64_t count)
{
    int rc = xctl_foreign_unmap(g->h, addr, (unsigned int)count);

    return rc ? ctrl_failed(g, rc) : 0;
}

int xlight__guest_write(struct xlight__guest *g, uint64_t pfn, uint64_t count,
                        xlight__guest_fill fill, void *arg)
{
    int rc = 0, rc2;

    for (uint64_t at = 0; !rc && at < count; at += WINDOW) {
        uint64_t n = count - at < WINDOW ? count - at : WINDOW;
        void *p;

        rc = xlight__guest_map(g, pfn + at, n, &p);
        if (rc)
            return rc;
        rc = fill(arg, at << XCTL_PAGE_SHIFT, p, n << XCTL_PAGE_SHIFT, g->why);
        rc2 = xlight__guest_unmap(g, p, n);
        rc = rc ? rc : rc2;
    }
    return rc;
}

static int fill_blob(void *arg, uint64_t at, void *to, size_t size, struct xlight__why *why)
{
    const struct xlight__blob *b = arg;
    uint64_t rest = b->size - at;
    size_t n = rest < size ? (size_t)rest : size;
    int rc = xlight__blob_copy(b, at, to, n, why);

    if (!rc)
        xlight__clear((char *)to + n, size - n);
    return rc;
}

int xlight__guest_put_blob(struct xlight__guest *g, uint64_t pfn, const struct xlight__blob *b)
{
    uint64_t pages = (b->size + XCTL_PAGE_SIZE - 1) >> XCTL_PAGE_SHIFT;

    return xlight__guest_write(g, pfn, pages, fill_blob, (void *)(uintptr_t)b);
}

struct kernel_at {
    const struct xlight__kernel *k;
    uint64_t paddr;
};

static int fill_kernel(void *arg, uint64_t at, void *to, size_t size, struct xlight__why *why)
{
    const struct kernel_at *k = arg;

    return xlight__elf_load(&k->k->elf, &k->k->image, k->paddr + at, to, size, why);
}

int xlight__guest_put_kernel(struct xlight__guest *g, uint64_t pfn, uint64_t pages, uint64_t paddr,
                             const struct xlight__kernel *k)
{
    struct kernel_at arg = {k, paddr};

    return xlight__guest_write(g, pfn, pages, fill_kernel, &arg);
}

/*
 * Old kernels of Dom0 cannot map resources. Then the frame of a PV guest's table can be looked up,
 * and that of another appears for a while behind all that the guest has.
 */
enum grants_by { BY_RESOURCE, BY_FRAME, BY_PHYSMAP };

static int find_grants(struct xlight__guest *g, enum grants_by *ret_by, xen_pfn_t *ret_frame)
{
    int rc;

    if (g->p2m) {
        *ret_by = BY_FRAME;
        return xctl_grant_table_setup(g->h, g->domid, 1, ret_frame);
    }
    rc = xctl_memory_max_gpfn(g->h, g->domid, ret_frame);
    if (rc)
        return rc;
    ++*ret_frame;
    rc = xctl_memory_add_to_physmap(g->h, g->domid, XENMAPSPACE_grant_table, 0, *ret_frame);
    if (!rc)
        *ret_by = BY_PHYSMAP;
    return rc;
}

static int map_grants(struct xlight__guest *g, enum grants_by *ret_by, xen_pfn_t *ret_frame,
                      void **ret_table)
{
    const int prot = PROT_READ | PROT_WRITE;
    int rc = xctl_resource_map(g->h, g->domid, XENMEM_resource_grant_table,
                               XENMEM_resource_grant_table_id_shared, 0, 1, prot, ret_table);

    *ret_by = BY_RESOURCE;
    if (rc != -EOPNOTSUPP)
        return rc;
    rc = find_grants(g, ret_by, ret_frame);
    return rc ? rc : xctl_foreign_map(g->h, g->domid, prot, ret_frame, 1, NULL, ret_table);
}

static int unmap_grants(struct xlight__guest *g, enum grants_by by, void *table)
{
    if (!table)
        return 0;
    return by == BY_RESOURCE ? xctl_resource_unmap(g->h, table, 1)
                             : xctl_foreign_unmap(g->h, table, 1);
}

static struct grant_entry_v1 permit(domid_t domid, uint64_t frame)
{
    return (struct grant_entry_v1){
        .flags = GTF_permit_access, .domid = domid, .frame = (uint32_t)frame};
}

int xlight__guest_seed_grants(struct xlight__guest *g, const struct xlight__build *b,
                              uint64_t console_frame, uint64_t store_frame)
{
    struct grant_entry_v1 *table;
    void *addr = NULL;
    enum grants_by by;
    xen_pfn_t frame;
    int rc, rc2;

    if (console_frame > UINT32_MAX || store_frame > UINT32_MAX)
        return xlight__why(g->why, -ERANGE, "a frame above 16 TiB does not fit into a grant");
    rc = map_grants(g, &by, &frame, &addr);
    if (!rc) {
        table = addr;
        table[GNTTAB_RESERVED_CONSOLE] = permit(b->console_domid, console_frame);
        table[GNTTAB_RESERVED_XENSTORE] = permit(b->store_domid, store_frame);
    }
    rc2 = unmap_grants(g, by, addr);
    rc = rc ? rc : rc2;
    /* Not left in the guest's memory, whatever came before. */
    rc2 = by == BY_PHYSMAP ? xctl_memory_remove_from_physmap(g->h, g->domid, frame) : 0;
    rc = rc ? rc : rc2;
    return rc ? ctrl_failed(g, rc) : 0;
}

int xlight__guest_claim(struct xlight__guest *g, const struct xlight__build *b, uint64_t pages)
{
    int rc = b->claim ? xctl_memory_claim(g->h, g->domid, pages) : 0;

    return rc ? ctrl_failed(g, rc) : 0;
}

void xlight__guest_unclaim(struct xlight__guest *g, const struct xlight__build *b)
{
    /* Nothing to be done about a failure: what is claimed goes with the domain at the latest. */
    if (b->claim && xctl_memory_claim(g->h, g->domid, 0))
        return;
}

int xlight__guest_check_caps(struct xlight__guest *g, const char *kind)
{
    xen_capabilities_info_t caps = "";
    size_t len = strlen(kind);
    int rc = xctl_version_capabilities(g->h, caps);

    if (rc)
        return ctrl_failed(g, rc);
    for (const char *p = caps; (p = strstr(p, kind)); p += len)
        if ((p == caps || p[-1] == ' ') && (!p[len] || p[len] == ' '))
            return 0;
    return xlight__why(g->why, -EOPNOTSUPP, "this hypervisor runs no guests of kind %s, only: %s",
                       kind, caps);
}
