/* SPDX-License-Identifier: MIT */
/*
 * ops.c - the grant_table_op hypercall: dispatch of the array in batches, with a look in between at
 * whether to continue later, and the sub-operations that only ask or arrange.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <asm/current.h>
#include "private.h"

/* The domain of a sub-operation on a whole table, referenced. 0 or GNTST_*. */
static int get_table_owner(domid_t id, struct domain **ret_d)
{
    struct domain *d = get_domain_by_id(id);
    int status = GNTST_okay;

    if (!d)
        return GNTST_bad_domain;
    if (!may_control(d))
        status = GNTST_permission_denied;
    else if (!d->grants)
        status = GNTST_bad_domain;
    if (status)
        put_domain(d);
    else
        *ret_d = d;
    return status;
}

/* Writes the frame numbers of pages to the guest. The list ends within what the table has. */
static int put_frames(unsigned long list, void *const *pages, unsigned int nr)
{
    for (unsigned int i = 0; i < nr; i++) {
        u64 mfn = mfn_x(virt_to_mfn(pages[i]));

        if (copy_elem_to_guest(list, i, &mfn, sizeof(mfn)))
            return GNTST_bad_virt_addr;
    }
    return GNTST_okay;
}

static int setup_table(struct domain *d, const struct gnttab_setup_table *op)
{
    struct grant_table *gt = d->grants;
    int status = GNTST_general_error;

    write_lock(&gt->lock);
    if (op->nr_frames <= gt->max_frames && !gnttab_grow_locked(d, op->nr_frames))
        status = put_frames(op->frame_list, gt->shared, op->nr_frames);
    write_unlock(&gt->lock);
    return status;
}

static long op_setup_table(unsigned long uop)
{
    struct gnttab_setup_table op;
    struct domain *d;
    int status;

    if (copy_from_guest(&op, uop, sizeof(op)))
        return -EFAULT;
    status = get_table_owner(op.dom, &d);
    if (!status) {
        status = setup_table(d, &op);
        put_domain(d);
    }
    if (status && current->arch.waits_fill)
        return -EFAULT;
    op.status = (int16_t)status;
    return copy_to_guest(uop, &op, sizeof(op));
}

static long op_query_size(unsigned long uop)
{
    struct gnttab_query_size op;
    struct domain *d;
    int status;

    if (copy_from_guest(&op, uop, sizeof(op)))
        return -EFAULT;
    status = get_table_owner(op.dom, &d);
    if (!status) {
        read_lock(&d->grants->lock);
        op.nr_frames = d->grants->nr_frames;
        op.max_nr_frames = d->grants->max_frames;
        read_unlock(&d->grants->lock);
        put_domain(d);
    }
    op.status = (int16_t)status;
    return copy_to_guest(uop, &op, sizeof(op));
}

static int status_frames(const struct grant_table *gt, const struct gnttab_get_status_frames *op)
{
    if (op->nr_frames > (gt->version == 2 ? gt->nr_status : 0))
        return GNTST_general_error;
    return put_frames(op->frame_list, (void *const *)gt->status, op->nr_frames);
}

static long op_get_status_frames(unsigned long uop)
{
    struct gnttab_get_status_frames op;
    struct domain *d;
    int status;

    if (copy_from_guest(&op, uop, sizeof(op)))
        return -EFAULT;
    status = get_table_owner(op.dom, &d);
    if (!status) {
        read_lock(&d->grants->lock);
        status = status_frames(d->grants, &op);
        read_unlock(&d->grants->lock);
        put_domain(d);
    }
    if (status && current->arch.waits_fill)
        return -EFAULT;
    op.status = (int16_t)status;
    return copy_to_guest(uop, &op, sizeof(op));
}

static long op_get_version(unsigned long uop)
{
    struct gnttab_get_version op;
    struct domain *d;

    if (copy_from_guest(&op, uop, sizeof(op)))
        return -EFAULT;
    switch (get_table_owner(op.dom, &d)) {
    case GNTST_okay:
        break;
    case GNTST_permission_denied:
        return -EPERM;
    default:
        return -ESRCH;
    }
    op.version = READ_ONCE(d->grants->version);
    put_domain(d);
    return copy_to_guest(uop, &op, sizeof(op));
}

static int swap_refs_locked(struct grant_table *gt, u32 a, u32 b)
{
    unsigned int nr = gnttab_nr_entries(gt);

    if (a >= nr || b >= nr)
        return GNTST_bad_gntref;
    if (a == b)
        return GNTST_okay;
    if (gnttab_active(gt, a)->pin || gnttab_active(gt, b)->pin)
        return GNTST_eagain;
    if (gt->version == 1) {
        struct grant_entry_v1 e = *gnttab_v1(gt, a);

        *gnttab_v1(gt, a) = *gnttab_v1(gt, b);
        *gnttab_v1(gt, b) = e;
    } else {
        union grant_entry_v2 e = *gnttab_v2(gt, a);

        *gnttab_v2(gt, a) = *gnttab_v2(gt, b);
        *gnttab_v2(gt, b) = e;
    }
    return GNTST_okay;
}

static long op_swap(unsigned long uop, unsigned int count)
{
    struct grant_table *gt = current->domain->grants;
    struct gnttab_swap_grant_ref op;

    for (unsigned int i = 0; i < count; i++) {
        if (copy_elem_from_guest(&op, uop, i, sizeof(op)))
            return -EFAULT;
        write_lock(&gt->lock);
        op.status = (int16_t)swap_refs_locked(gt, op.ref_a, op.ref_b);
        write_unlock(&gt->lock);
        if (copy_elem_to_guest(uop, i, &op, sizeof(op)))
            return -EFAULT;
    }
    return count;
}

/*
 * Giving frames away is not offered: no entry is ever accepted, and the caller keeps its frame.
 * What 4.17 would not take either, because it is not the caller's or is in use, is told apart.
 */
static int refuse_transfer(const struct gnttab_transfer *op)
{
    struct page_info *pg = get_page_from_gfn(current->domain, op->mfn);
    struct domain *rd;
    bool in_use;

    if (!pg)
        return GNTST_bad_page;
    in_use = (READ_ONCE(pg->count_info) & PGC_COUNT_MASK) != 2; /* allocated, and ours */
    put_page(pg);
    if (in_use)
        return GNTST_bad_page;
    rd = get_domain_by_id(op->domid);
    if (!rd)
        return GNTST_bad_domain;
    put_domain(rd);
    return GNTST_general_error;
}

static long op_transfer(unsigned long uop, unsigned int count)
{
    struct gnttab_transfer op;

    for (unsigned int i = 0; i < count; i++) {
        if (copy_elem_from_guest(&op, uop, i, sizeof(op)))
            return -EFAULT;
        op.status = (int16_t)refuse_transfer(&op);
        if (copy_elem_to_guest(uop, i, &op, sizeof(op)))
            return -EFAULT;
    }
    return count;
}

static long batch(unsigned long cmd, unsigned long uop, unsigned int n)
{
    switch (cmd) {
    case GNTTABOP_map_grant_ref:
        return gnttab_op_map(uop, n);
    case GNTTABOP_unmap_grant_ref:
        return gnttab_op_unmap(uop, n);
    case GNTTABOP_unmap_and_replace:
        return gnttab_op_unmap_replace(uop, n);
    case GNTTABOP_copy:
        return gnttab_op_copy(uop, n);
    case GNTTABOP_swap_grant_ref:
        return op_swap(uop, n);
    case GNTTABOP_transfer:
        return op_transfer(uop, n);
    case GNTTABOP_cache_flush:
        return gnttab_op_cache_flush(uop, n);
    default:
        return -ENOSYS;
    }
}

size_t gnttab_element_size(unsigned long cmd)
{
    switch ((u32)cmd) {
    case GNTTABOP_map_grant_ref:
        return sizeof(struct gnttab_map_grant_ref);
    case GNTTABOP_unmap_grant_ref:
        return sizeof(struct gnttab_unmap_grant_ref);
    case GNTTABOP_unmap_and_replace:
        return sizeof(struct gnttab_unmap_and_replace);
    case GNTTABOP_copy:
        return sizeof(struct gnttab_copy);
    case GNTTABOP_swap_grant_ref:
        return sizeof(struct gnttab_swap_grant_ref);
    case GNTTABOP_transfer:
        return sizeof(struct gnttab_transfer);
    case GNTTABOP_cache_flush:
        return sizeof(struct gnttab_cache_flush);
    default:
        return 0;
    }
}

static long do_array(unsigned long cmd, unsigned long uop, unsigned int count, size_t size)
{
    unsigned int done = 0;

    if (!guest_range_ok(uop, count * size))
        return -EFAULT;
    while (done < count) {
        unsigned int n = MIN(count - done, (unsigned int)GNTTAB_BATCH);
        long rc = batch(cmd, uop + done * size, n);

        if (rc < 0)
            return rc;
        done += n;
        if (done < count && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_grant_table_op, 3, cmd, uop + done * size,
                                      (unsigned long)(count - done));
    }
    return 0;
}

static long do_single(unsigned long cmd, unsigned long uop)
{
    switch (cmd) {
    case GNTTABOP_setup_table:
        return op_setup_table(uop);
    case GNTTABOP_query_size:
        return op_query_size(uop);
    case GNTTABOP_set_version:
        return gnttab_op_set_version(uop);
    case GNTTABOP_get_status_frames:
        return op_get_status_frames(uop);
    case GNTTABOP_get_version:
        return op_get_version(uop);
    default:
        return -ENOSYS;
    }
}

long do_grant_table_op(unsigned long cmd, unsigned long uop, unsigned long count)
{
    size_t size;

    /* Both are ints of the ABI: the upper halves of the registers mean nothing. */
    cmd = (u32)cmd;
    count = (u32)count;
    if (count > INT32_MAX)
        return -EINVAL;
    if (!current->domain->grants)
        return -ENOSYS;
    size = gnttab_element_size(cmd);
    if (size)
        return do_array(cmd, uop, (unsigned int)count, size);
    if (count != 1 && (cmd == GNTTABOP_setup_table || cmd == GNTTABOP_query_size ||
                       cmd == GNTTABOP_get_status_frames))
        return -EINVAL;
    return do_single(cmd, uop);
}
