/* SPDX-License-Identifier: MIT */
/*
 * table.c - a domain's grant table: its pages, its growth, its two versions, its end.
 *
 * Pages are the hypervisor's, shared writable with the domain; they are added, never taken away
 * before the domain is freed. Status pages exist once version 2 was chosen. Lock: grant_table.lock.
 */
#include <xen/guest-access.h>
#include <asm/current.h>
#include "private.h"

BUILD_BUG_ON(ACTIVE_PER_PAGE * sizeof(struct grant_active) > PAGE_SIZE);
BUILD_BUG_ON(V1_PER_FRAME * sizeof(struct grant_entry_v1) != PAGE_SIZE);

unsigned int gnttab_nr_entries(const struct grant_table *gt)
{
    return gt->nr_frames * (unsigned int)(gt->version == 1 ? V1_PER_FRAME : V2_PER_FRAME);
}

struct grant_active *gnttab_active(const struct grant_table *gt, u32 ref)
{
    return &gt->active[ref / ACTIVE_PER_PAGE][ref % ACTIVE_PER_PAGE];
}

u32 *gnttab_entry_head(const struct grant_table *gt, u32 ref)
{
    return gt->version == 1 ? (u32 *)gnttab_v1(gt, ref) : (u32 *)gnttab_v2(gt, ref);
}

static void *alloc_shared_page(struct domain *d)
{
    void *p = alloc_xenheap_page();

    if (p && !share_xen_page_with_guest(virt_to_page(p), d, true)) {
        free_xenheap_page(p);
        return NULL;
    }
    return p;
}

/* Enough active entries for nr frames of version 1, which has more entries per frame. */
static int grow_active(struct grant_table *gt, unsigned int nr)
{
    while (gt->nr_active * ACTIVE_PER_PAGE < nr * V1_PER_FRAME) {
        struct grant_active *a = alloc_xenheap_page();

        if (!a)
            return -ENOMEM;
        for (unsigned int i = 0; i < ACTIVE_PER_PAGE; i++)
            spin_lock_init(&a[i].lock, LOCK_RANK_GNT_ENTRY);
        gt->active[gt->nr_active++] = a;
    }
    return 0;
}

static int grow_status(struct domain *d, unsigned int nr_frames)
{
    struct grant_table *gt = d->grants;

    while (gt->nr_status < gnttab_status_frames(nr_frames)) {
        void *p = alloc_shared_page(d);

        if (!p)
            return -ENOMEM;
        gt->status[gt->nr_status++] = p;
    }
    return 0;
}

static int __must_check gnttab_grow_status_locked(struct domain *d)
{
    return grow_status(d, d->grants->nr_frames);
}

/* A failure leaves pages that the next try uses: the visible size changes only with shared pages.
 */
int gnttab_grow_locked(struct domain *d, unsigned int nr)
{
    struct grant_table *gt = d->grants;
    int rc;

    if (nr > gt->max_frames)
        return -EINVAL;
    rc = grow_active(gt, nr);
    if (!rc && gt->nr_status)
        rc = grow_status(d, nr);
    while (!rc && gt->nr_frames < nr) {
        void *p = alloc_shared_page(d);

        if (p)
            gt->shared[gt->nr_frames++] = p;
        else
            rc = -ENOMEM;
    }
    return rc;
}

/* Nobody uses an entry, but for the toolstack's, which stay as they are; write lock. */
static bool gnttab_idle_locked(const struct grant_table *gt)
{
    for (u32 ref = GNTTAB_NR_RESERVED_ENTRIES; ref < gnttab_nr_entries(gt); ref++)
        if (gnttab_active(gt, ref)->pin)
            return false;
    return true;
}

static int alloc_arrays(struct grant_table *gt)
{
    size_t nr_active = DIV_ROUND_UP(gt->max_frames * V1_PER_FRAME, ACTIVE_PER_PAGE);

    gt->shared = xzalloc_array(void *, gt->max_frames);
    gt->status = xzalloc_array(grant_status_t *, gnttab_status_frames(gt->max_frames));
    gt->active = xzalloc_array(struct grant_active *, nr_active);
    return gt->shared && gt->status && gt->active ? 0 : -ENOMEM;
}

int gnttab_domain_init(struct domain *d, unsigned int max_version, unsigned int max_grant_frames,
                       unsigned int max_maptrack_frames)
{
    struct grant_table *gt;
    int rc;

    if (max_version < 1 || max_version > 2)
        return -EINVAL;
    gt = xzalloc(struct grant_table);

    if (!gt)
        return -ENOMEM;
    d->grants = gt;
    rwlock_init(&gt->lock, LOCK_RANK_GNT_TABLE);
    gt->version = 1;
    gt->max_version = max_version;
    gt->max_frames = MAX(max_grant_frames, 1U);
    rc = alloc_arrays(gt);
    if (!rc)
        rc = gnttab_maptrack_init(gt, max_maptrack_frames);
    if (!rc) {
        /* The toolstack writes to the first frame before the domain runs. */
        write_lock(&gt->lock);
        rc = gnttab_grow_locked(d, 1);
        write_unlock(&gt->lock);
    }
    return rc;
}

/* The pages are not shared any more: that would have kept the domain. */
void gnttab_domain_free(struct domain *d)
{
    struct grant_table *gt = d->grants;

    if (!gt)
        return;
    for (unsigned int i = 0; i < gt->nr_frames; i++)
        free_xenheap_page(gt->shared[i]);
    for (unsigned int i = 0; i < gt->nr_status; i++)
        free_xenheap_page(gt->status[i]);
    for (unsigned int i = 0; i < gt->nr_active; i++)
        free_xenheap_page(gt->active[i]);
    gnttab_maptrack_free(gt);
    xfree(gt->shared);
    xfree(gt->status);
    xfree(gt->active);
    xfree(gt);
    d->grants = NULL;
}

/*
 * Entries 0 to 7 are the toolstack's: they survive a change of version, even in use (a kernel that
 * starts another one leaves its console and store mapped by Domain 0). All others are cleared. In
 * between they are kept in the form of version 1.
 */
static int save_reserved(const struct grant_table *gt, struct grant_entry_v1 *ret_entries)
{
    for (u32 ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
        union grant_entry_v2 e;
        u16 type;

        if (gt->version == 1) {
            ret_entries[ref] = *gnttab_v1(gt, ref);
            continue;
        }
        e = *gnttab_v2(gt, ref);
        type = e.hdr.flags & GTF_type_mask;
        if (type == GTF_transitive || (type == GTF_permit_access && e.full_page.frame > UINT32_MAX))
            return -ERANGE;
        if (type == GTF_permit_access)
            ret_entries[ref] = (struct grant_entry_v1){e.hdr.flags | *gnttab_status(gt, ref),
                                                       e.hdr.domid, (u32)e.full_page.frame};
    }
    return 0;
}

static void restore_reserved(const struct grant_table *gt, const struct grant_entry_v1 *entries)
{
    const u16 marks = GTF_reading | GTF_writing;

    for (u32 ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
        const struct grant_entry_v1 *e = &entries[ref];

        if (gt->version == 1) {
            *gnttab_v1(gt, ref) = *e;
            continue;
        }
        *gnttab_status(gt, ref) = e->flags & marks;
        gnttab_v2(gt, ref)->full_page.hdr =
            (struct grant_entry_header){e->flags & (u16)~marks, e->domid};
        gnttab_v2(gt, ref)->full_page.frame = e->frame;
    }
}

static int set_version_locked(struct domain *d, unsigned int version)
{
    struct grant_table *gt = d->grants;
    struct grant_entry_v1 reserved[GNTTAB_NR_RESERVED_ENTRIES] = {0};
    int rc;

    if (gt->version == version)
        return 0;
    if (!gnttab_idle_locked(gt))
        return -EBUSY;
    rc = save_reserved(gt, reserved);
    if (!rc && version == 2)
        rc = gnttab_grow_status_locked(d);
    if (rc)
        return rc;
    for (unsigned int i = 0; i < gt->nr_frames; i++)
        memset(gt->shared[i], 0, PAGE_SIZE);
    for (unsigned int i = 0; i < gt->nr_status; i++)
        memset(gt->status[i], 0, PAGE_SIZE);
    gt->version = version;
    restore_reserved(gt, reserved);
    return 0;
}

long gnttab_op_set_version(unsigned long uop)
{
    struct domain *d = current->domain;
    struct gnttab_set_version op;
    long rc = -EINVAL;

    if (copy_from_guest(&op, uop, sizeof(op)))
        return -EFAULT;
    if (op.version == 2 && d->grants->max_version == 1)
        return -ENOSYS; /* as before there was a version 2 */
    write_lock(&d->grants->lock);
    if (op.version == 1 || op.version == 2)
        rc = set_version_locked(d, op.version);
    op.version = d->grants->version;
    write_unlock(&d->grants->lock);
    /* The version in force is told even if it is not the one asked for. */
    if (copy_to_guest(uop, &op, sizeof(op)))
        rc = -EFAULT;
    return rc;
}

unsigned int gnttab_resource_max_frames(struct domain *d, unsigned int id)
{
    if (!d->grants)
        return 0;
    switch (id) {
    case 0:
        return d->grants->max_frames;
    case 1:
        return gnttab_status_frames(d->grants->max_frames);
    default:
        return 0;
    }
}

int gnttab_acquire_resource(struct domain *d, unsigned int id, unsigned int first, unsigned int nr,
                            mfn_t *ret_mfns)
{
    struct grant_table *gt = d->grants;
    unsigned int end;
    int rc = 0;

    if (id > 1 || __builtin_add_overflow(first, nr, &end) ||
        end > gnttab_resource_max_frames(d, id))
        return -EINVAL;
    write_lock(&gt->lock);
    if (id == 1 && (gt->version != 2 || end > gt->nr_status))
        rc = -EINVAL;
    else if (id == 0 && end > gt->nr_frames)
        rc = gnttab_grow_locked(d, end);
    for (unsigned int i = 0; !rc && i < nr; i++)
        ret_mfns[i] = virt_to_mfn(id ? (void *)gt->status[first + i] : gt->shared[first + i]);
    write_unlock(&gt->lock);
    return rc;
}
