/* SPDX-License-Identifier: MIT */
/*
 * copy.c - GNTTABOP_copy: bytes from one page to another, each named by a grant or, for the
 * caller's own pages, by frame. Both pages are held for just as long as the copy takes.
 */
#include <xen/fill.h>
#include <xen/guest-access.h>
#include <xen/logdirty.h>
#include <asm/current.h>
#include "private.h"

struct copy_side {
    struct domain *owner; /* referenced */
    bool is_gref;
    bool write;
    u32 ref;
    struct domain *final; /* transitive grants: whose frame it is in the end; referenced */
    u32 final_ref;
    struct page_info *page;
    mfn_t mfn;
};

static u64 side_pin(const struct copy_side *s)
{
    return s->write ? PIN_HOST_WRITE : PIN_HOST_READ;
}

static void close_gref(struct copy_side *s)
{
    if (s->final) {
        gnttab_release(s->final, s->final_ref, side_pin(s));
        put_domain(s->final);
        s->final = NULL;
    }
    gnttab_release(s->owner, s->ref, side_pin(s));
}

/* The use that a transitive one stands for. One step is all: no grant of a grant of a grant. */
static int open_final(struct copy_side *s, struct grant_use *use)
{
    struct domain *td;
    int status;

    if (use->trans_domid >= DOMID_FIRST_RESERVED || use->trans_domid == s->owner->domain_id)
        return GNTST_general_error;
    td = get_domain_by_id(use->trans_domid);
    if (!td)
        return GNTST_general_error;
    s->final_ref = use->trans_ref;
    status = gnttab_acquire(td, s->final_ref, s->owner->domain_id, side_pin(s), use);
    if (status)
        put_domain(td);
    else
        s->final = td;
    return status;
}

static int open_gref(struct domain *d, struct copy_side *s, const struct gnttab_copy_ptr *ptr,
                     unsigned int len)
{
    struct grant_use use;
    int status;

    s->ref = ptr->u.ref;
    status = gnttab_acquire_transitive(s->owner, s->ref, d->domain_id, side_pin(s), &use);
    if (status)
        return status;
    if (use.transitive)
        status = open_final(s, &use);
    if (!status && !gnttab_range_inside(ptr->offset, len, use.start, use.length))
        status = GNTST_general_error;
    if (status)
        close_gref(s);
    else
        s->mfn = use.mfn;
    return status;
}

static int open_frame(struct domain *d, struct copy_side *s, unsigned long gmfn)
{
    struct page_info *pg = get_page_from_gfn(d, gmfn);

    if (!pg)
        return GNTST_bad_page;
    if (!page_filled(pg)) {
        put_page(pg);
        return GNTST_eagain;
    }
    if (s->write && get_page_type(pg, PGT_WRITABLE)) {
        put_page(pg);
        return GNTST_general_error;
    }
    s->page = pg;
    s->mfn = page_to_mfn(pg);
    return GNTST_okay;
}

static int open_side(struct domain *d, struct copy_side *s, const struct gnttab_copy_ptr *ptr,
                     unsigned int len)
{
    int status;

    /* Frames of others have to be granted. */
    if (!s->is_gref && ptr->domid != DOMID_SELF)
        return GNTST_permission_denied;
    s->owner = get_domain_by_id(ptr->domid);
    if (!s->owner)
        return GNTST_bad_domain;
    status = s->is_gref ? open_gref(d, s, ptr, len) : open_frame(d, s, ptr->u.gmfn);
    if (status) {
        put_domain(s->owner);
        s->owner = NULL;
    }
    return status;
}

static void close_side(struct copy_side *s)
{
    if (s->is_gref) {
        close_gref(s);
    } else {
        if (s->write) {
            page_dirtied(s->page);
            put_page_type(s->page);
        }
        put_page(s->page);
    }
    put_domain(s->owner);
}

static int copy_one(struct domain *d, const struct gnttab_copy *op)
{
    struct copy_side src = {.is_gref = op->flags & GNTCOPY_source_gref};
    struct copy_side dst = {.is_gref = op->flags & GNTCOPY_dest_gref, .write = true};
    int status;

    if (!gnttab_range_inside(op->source.offset, op->len, 0, PAGE_SIZE) ||
        !gnttab_range_inside(op->dest.offset, op->len, 0, PAGE_SIZE))
        return GNTST_bad_copy_arg;
    status = open_side(d, &src, &op->source, op->len);
    if (status)
        return status;
    status = open_side(d, &dst, &op->dest, op->len);
    if (!status) {
        memmove((char *)mfn_to_virt(dst.mfn) + op->dest.offset,
                (const char *)mfn_to_virt(src.mfn) + op->source.offset, op->len);
        close_side(&dst);
    }
    close_side(&src);
    return status;
}

long gnttab_op_copy(unsigned long uop, unsigned int count)
{
    struct domain *d = current->domain;
    struct gnttab_copy op;

    for (unsigned int i = 0; i < count; i++) {
        if (copy_elem_from_guest(&op, uop, i, sizeof(op)))
            return -EFAULT;
        op.status = (int16_t)copy_one(d, &op);
        if (copy_elem_to_guest(uop, i, &op, sizeof(op)))
            return -EFAULT;
    }
    return count;
}
