/* SPDX-License-Identifier: MIT */
/*
 * cache.c - GNTTABOP_cache_flush: writes the cache lines of a part of a page back to memory, for
 * devices that do not look into caches. The page is the caller's own or one that it has mapped.
 */
#include <xen/guest-access.h>
#include <asm/current.h>
#include <asm/system.h>
#include "private.h"

#define CACHE_LINE 64 /* the smallest there is: flushing a line twice does no harm */

/* Should a mapping end meanwhile, lines of what the frame has become are flushed: no harm. */
static int flush_range(struct domain *d, const struct gnttab_cache_flush *op)
{
    mfn_t mfn = _mfn(op->a.dev_bus_addr >> PAGE_SHIFT);
    const char *from = (const char *)mfn_to_virt(mfn) + op->offset;
    struct page_info *pg;
    bool own;

    if (!mfn_valid(mfn))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    own = get_page(pg, d);
    if (!own && !READ_ONCE(pg->owner))
        return -EPERM;
    if (!own && !gnttab_maps_frame(d->grants, mfn))
        return -EINVAL;
    for (const char *p = from; p < from + op->length; p += CACHE_LINE)
        clflush(p);
    clflush(from + op->length - 1);
    if (own)
        put_page(pg);
    return 0;
}

static int flush_one(struct domain *d, const struct gnttab_cache_flush *op)
{
    const u32 known = GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL;

    if (op->offset >= PAGE_SIZE || op->length > PAGE_SIZE - op->offset || (op->op & ~known))
        return -EINVAL;
    if (!op->length || !op->op)
        return 0;
    /* Dropping lines unwritten would undo what others wrote. */
    if (op->op == GNTTAB_CACHE_INVAL)
        return -EOPNOTSUPP;
    return flush_range(d, op);
}

long gnttab_op_cache_flush(unsigned long uop, unsigned int count)
{
    struct gnttab_cache_flush op;

    for (unsigned int i = 0; i < count; i++) {
        int rc;

        if (copy_elem_from_guest(&op, uop, i, sizeof(op)))
            return -EFAULT;
        rc = flush_one(current->domain, &op);
        if (rc)
            return rc;
    }
    return count;
}
