/* SPDX-License-Identifier: MIT */
/*
 * maptrack.c - the handles of the mappings a domain made of others' grants.
 *
 * A handle is free (owner NULL, on the free list), got (off the list, not valid yet), or valid. To
 * undo a mapping its halves are claimed, which makes the undoing theirs alone who claimed; the
 * handle is freed when no half and no claim is left. Lock: maptrack_lock.
 */
#include "private.h"

BUILD_BUG_ON(PAGE_SIZE % sizeof(struct maptrack));

static struct maptrack *entry(const struct grant_table *gt, u32 handle)
{
    return &gt->maptrack[handle / MAPTRACK_PER_PAGE][handle % MAPTRACK_PER_PAGE];
}

/* NULL: not a valid handle. */
static struct maptrack *lookup_locked(const struct grant_table *gt, u32 handle)
{
    struct maptrack *m;

    if (handle / MAPTRACK_PER_PAGE >= gt->nr_maptrack)
        return NULL;
    m = entry(gt, handle);
    return m->owner ? m : NULL;
}

int gnttab_maptrack_init(struct grant_table *gt, unsigned int max_frames)
{
    spin_lock_init(&gt->maptrack_lock, LOCK_RANK_GNT_MAPTRACK);
    gt->max_maptrack = max_frames;
    gt->maptrack_free = HANDLE_NONE;
    gt->maptrack = xzalloc_array(struct maptrack *, MAX(max_frames, 1U));
    return gt->maptrack ? 0 : -ENOMEM;
}

void gnttab_maptrack_free(struct grant_table *gt)
{
    for (unsigned int i = 0; i < gt->nr_maptrack; i++)
        free_xenheap_page(gt->maptrack[i]);
    xfree(gt->maptrack);
}

static void grow_locked(struct grant_table *gt)
{
    struct maptrack *page;
    u32 first = gt->nr_maptrack * (u32)MAPTRACK_PER_PAGE;

    if (gt->nr_maptrack >= gt->max_maptrack)
        return;
    page = alloc_xenheap_page();
    if (!page)
        return;
    for (u32 i = 0; i < MAPTRACK_PER_PAGE; i++)
        page[i].ref = i + 1 < MAPTRACK_PER_PAGE ? first + i + 1 : gt->maptrack_free;
    gt->maptrack[gt->nr_maptrack++] = page;
    gt->maptrack_free = first;
}

u32 gnttab_handle_get(struct grant_table *gt)
{
    u32 handle;

    spin_lock(&gt->maptrack_lock);
    if (gt->maptrack_free == HANDLE_NONE)
        grow_locked(gt);
    handle = gt->maptrack_free;
    if (handle != HANDLE_NONE)
        gt->maptrack_free = entry(gt, handle)->ref;
    spin_unlock(&gt->maptrack_lock);
    return handle;
}

static void put_locked(struct grant_table *gt, u32 handle)
{
    struct maptrack *m = entry(gt, handle);

    m->owner = NULL;
    m->flags = 0;
    m->ref = gt->maptrack_free;
    gt->maptrack_free = handle;
}

void gnttab_handle_put(struct grant_table *gt, u32 handle)
{
    spin_lock(&gt->maptrack_lock);
    put_locked(gt, handle);
    spin_unlock(&gt->maptrack_lock);
}

void gnttab_handle_set(struct grant_table *gt, u32 handle, const struct maptrack *m)
{
    spin_lock(&gt->maptrack_lock);
    *entry(gt, handle) = *m;
    entry(gt, handle)->flags &= ~MAPTRACK_CLAIM_MASK;
    spin_unlock(&gt->maptrack_lock);
}

/* Takes those of the halves that are there. */
static void claim_locked(struct maptrack *m, u32 halves, struct maptrack *ret_m)
{
    halves &= m->flags;
    *ret_m = *m;
    ret_m->flags &= ~(MAP_HALVES | MAPTRACK_CLAIM_MASK);
    ret_m->flags |= halves;
    if (halves) {
        m->flags &= ~halves;
        m->flags += MAPTRACK_CLAIM;
    }
}

int gnttab_handle_claim(struct grant_table *gt, u32 handle, u64 host_addr, u64 dev_addr,
                        struct maptrack *ret_m)
{
    struct maptrack *m;
    int status = GNTST_okay;

    spin_lock(&gt->maptrack_lock);
    m = lookup_locked(gt, handle);
    if (!m)
        status = GNTST_bad_handle;
    else if (dev_addr && dev_addr != mfn_to_maddr(m->mfn))
        status = GNTST_bad_dev_addr;
    else if (host_addr && (m->flags & GNTMAP_host_map) && host_addr != m->host_addr)
        status = GNTST_general_error;
    else
        claim_locked(m, (host_addr ? GNTMAP_host_map : 0) | (dev_addr ? GNTMAP_device_map : 0),
                     ret_m);
    spin_unlock(&gt->maptrack_lock);
    return status;
}

bool gnttab_maps_frame(struct grant_table *gt, mfn_t mfn)
{
    bool found = false;

    /* Page by page: the lock is everybody's who maps. Pages are never taken away. */
    for (unsigned int page = 0; !found && page < READ_ONCE(gt->nr_maptrack); page++) {
        spin_lock(&gt->maptrack_lock);
        for (u32 i = 0; !found && i < MAPTRACK_PER_PAGE; i++) {
            const struct maptrack *m = &gt->maptrack[page][i];

            found = m->owner && (m->flags & MAP_HALVES) && mfn_eq(m->mfn, mfn);
        }
        spin_unlock(&gt->maptrack_lock);
    }
    return found;
}

bool gnttab_handle_claim_all(struct grant_table *gt, u32 handle, struct maptrack *ret_m)
{
    struct maptrack *m;
    bool found = false;

    spin_lock(&gt->maptrack_lock);
    m = lookup_locked(gt, handle);
    if (m && (m->flags & MAP_HALVES)) {
        claim_locked(m, MAP_HALVES, ret_m);
        found = true;
    }
    spin_unlock(&gt->maptrack_lock);
    return found;
}

void gnttab_handle_unclaim(struct grant_table *gt, u32 handle, u32 halves)
{
    spin_lock(&gt->maptrack_lock);
    entry(gt, handle)->flags |= halves;
    entry(gt, handle)->flags -= MAPTRACK_CLAIM;
    spin_unlock(&gt->maptrack_lock);
}

void gnttab_handle_done(struct grant_table *gt, u32 handle)
{
    struct domain *owner = NULL;
    struct maptrack *m;

    spin_lock(&gt->maptrack_lock);
    m = entry(gt, handle);
    m->flags -= MAPTRACK_CLAIM;
    if (!(m->flags & (MAP_HALVES | MAPTRACK_CLAIM_MASK))) {
        owner = m->owner;
        put_locked(gt, handle);
    }
    spin_unlock(&gt->maptrack_lock);
    if (owner)
        put_domain(owner); /* may free it: no lock is held */
}
