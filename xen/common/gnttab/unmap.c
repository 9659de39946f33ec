/* SPDX-License-Identifier: MIT */
/*
 * unmap.c - undoing mappings: GNTTABOP_unmap_grant_ref, _unmap_and_replace, and all that a dying
 * domain has left.
 *
 * A CPU may still use a translation after its page table entry is gone. So a batch first takes the
 * entries away, then flushes the TLBs once, and only then drops the references: until then the
 * frame cannot become anything else.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <asm/current.h>
#include "private.h"

/* What one batch has taken away and has still to release. */
struct unmap_batch {
    unsigned int nr;
    bool flush;
    struct {
        struct maptrack m; /* flags: the halves claimed */
        u32 handle;
    } item[GNTTAB_BATCH];
};

static void flush_tlbs_of(const struct domain *d)
{
    flush_tlb_mask(&d->dirty_cpus, 0, FLUSH_TLB);
}

static void release_claimed(struct grant_table *gt, u32 handle, const struct maptrack *m)
{
    if (m->flags & GNTMAP_host_map)
        gnttab_release(m->owner, m->ref, gnttab_pin_of(GNTMAP_host_map, m->flags));
    if (m->flags & GNTMAP_device_map)
        gnttab_release(m->owner, m->ref, gnttab_pin_of(GNTMAP_device_map, m->flags));
    gnttab_handle_done(gt, handle);
}

static void finish_batch(struct domain *d, struct unmap_batch *b)
{
    if (b->flush)
        flush_tlbs_of(d);
    for (unsigned int i = 0; i < b->nr; i++) {
        const struct maptrack *m = &b->item[i].m;

        if (m->flags & GNTMAP_host_map) /* for the entry that is gone */
            gnttab_drop_page(m->mfn, !(m->flags & GNTMAP_readonly));
        release_claimed(d->grants, b->item[i].handle, m);
    }
}

/*
 * First step for one element. replace: new_addr's entry goes to host_addr; otherwise the entry
 * is cleared.
 */
static int unmap_one(struct domain *d, struct unmap_batch *b, u32 handle, u64 host_addr,
                     u64 dev_addr, bool replace, u64 new_addr)
{
    struct maptrack m;
    int status = gnttab_handle_claim(d->grants, handle, host_addr, dev_addr, &m);

    if (status || !(m.flags & MAP_HALVES))
        return status;
    if (m.flags & GNTMAP_host_map) {
        if (!replace)
            status = arch_grant_unmap(host_addr, m.mfn, m.flags);
        else if (m.flags & GNTMAP_contains_pte)
            status = GNTST_general_error;
        else
            status = arch_grant_replace(host_addr, m.mfn, new_addr, m.flags);
        if (status) {
            gnttab_handle_unclaim(d->grants, handle, m.flags & MAP_HALVES);
            return GNTST_general_error;
        }
        b->flush = true;
    }
    b->item[b->nr].m = m;
    b->item[b->nr].handle = handle;
    b->nr++;
    return GNTST_okay;
}

long gnttab_op_unmap(unsigned long uop, unsigned int count)
{
    struct domain *d = current->domain;
    struct gnttab_unmap_grant_ref op;
    struct unmap_batch batch;
    long rc = count;

    ASSERT(count <= GNTTAB_BATCH);
    batch.nr = 0;
    batch.flush = false;
    for (unsigned int i = 0; i < count; i++) {
        rc = -EFAULT;
        if (copy_elem_from_guest(&op, uop, i, sizeof(op)))
            break;
        op.status =
            (int16_t)unmap_one(d, &batch, op.handle, op.host_addr, op.dev_bus_addr, false, 0);
        if (copy_elem_to_guest(uop, i, &op, sizeof(op)))
            break;
        rc = count;
    }
    finish_batch(d, &batch);
    return rc;
}

long gnttab_op_unmap_replace(unsigned long uop, unsigned int count)
{
    struct domain *d = current->domain;
    struct gnttab_unmap_and_replace op;
    struct unmap_batch batch;
    long rc = count;

    ASSERT(count <= GNTTAB_BATCH);
    batch.nr = 0;
    batch.flush = false;
    for (unsigned int i = 0; i < count; i++) {
        rc = -EFAULT;
        if (copy_elem_from_guest(&op, uop, i, sizeof(op)))
            break;
        op.status = (int16_t)unmap_one(d, &batch, op.handle, op.host_addr, 0, true, op.new_addr);
        if (copy_elem_to_guest(uop, i, &op, sizeof(op)))
            break;
        rc = count;
    }
    finish_batch(d, &batch);
    return rc;
}

int gnttab_release_mappings(struct domain *d)
{
    struct grant_table *gt = d->grants;
    struct maptrack m;
    unsigned int nr = 0;

    if (!gt)
        return 0;
    /*
     * No vCPU of d runs any more, but what it had mapped may be in TLBs. Entries that are left in
     * its page tables have references of their own, which go with the tables.
     */
    flush_tlbs_of(d);
    for (u32 handle = 0; handle < gt->nr_maptrack * MAPTRACK_PER_PAGE; handle++) {
        if (!gnttab_handle_claim_all(gt, handle, &m))
            continue;
        release_claimed(gt, handle, &m);
        if (++nr % GNTTAB_BATCH == 0 && hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}
