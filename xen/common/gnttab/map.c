/* SPDX-License-Identifier: MIT */
/*
 * map.c - GNTTABOP_map_grant_ref: mapping a frame that another domain granted.
 *
 * A mapping has up to two halves, each a use of its own: by the CPU (arch_grant_map makes the page
 * table entry) and by devices, which without an IOMMU only pins the frame.
 */
#include <xen/guest-access.h>
#include <asm/current.h>
#include "private.h"

static void release_halves(struct domain *rd, u32 ref, u32 flags, u32 halves)
{
    if (halves & GNTMAP_host_map)
        gnttab_release(rd, ref, gnttab_pin_of(GNTMAP_host_map, flags));
    if (halves & GNTMAP_device_map)
        gnttab_release(rd, ref, gnttab_pin_of(GNTMAP_device_map, flags));
}

/* Takes the uses that op asks for, all or none. */
static int acquire_halves(struct domain *rd, const struct gnttab_map_grant_ref *op, domid_t user,
                          mfn_t *ret_mfn)
{
    static const u32 order[] = {GNTMAP_host_map, GNTMAP_device_map};
    struct grant_use use;
    u32 taken = 0;

    for (unsigned int i = 0; i < ARRAY_SIZE(order); i++) {
        int status;

        if (!(op->flags & order[i]))
            continue;
        status = gnttab_acquire(rd, op->ref, user, gnttab_pin_of(order[i], op->flags), &use);
        if (!status) {
            taken |= order[i];
            if (!use.whole) /* a mapping would show the rest of the page as well */
                status = GNTST_general_error;
        }
        if (status) {
            release_halves(rd, op->ref, op->flags, taken);
            return status;
        }
    }
    *ret_mfn = use.mfn;
    return GNTST_okay;
}

/* The page table entry, with the references that go with it. */
static int make_entry(struct domain *rd, const struct gnttab_map_grant_ref *op, mfn_t mfn)
{
    bool write = !(op->flags & GNTMAP_readonly);
    int status = gnttab_take_page(rd, mfn, write);

    if (status)
        return status;
    if (!arch_grant_map(op->host_addr, mfn, op->flags))
        return GNTST_okay;
    gnttab_drop_page(mfn, write);
    /* Guests know one status only for every address that cannot take the mapping. */
    return GNTST_general_error;
}

/* rd's reference passes to the handle on success. */
static int map_from(struct domain *d, struct domain *rd, u32 handle,
                    struct gnttab_map_grant_ref *op)
{
    u32 halves = op->flags & MAP_HALVES;
    struct maptrack m;
    mfn_t mfn;
    int status = acquire_halves(rd, op, d->domain_id, &mfn);

    if (status)
        return status;
    if (halves & GNTMAP_host_map) {
        status = make_entry(rd, op, mfn);
        if (status) {
            release_halves(rd, op->ref, op->flags, halves);
            return status;
        }
    }
    m = (struct maptrack){
        .owner = rd,
        .host_addr = op->host_addr,
        .mfn = mfn,
        .ref = op->ref,
        .flags = op->flags,
    };
    gnttab_handle_set(d->grants, handle, &m);
    op->handle = handle;
    op->dev_bus_addr = mfn_to_maddr(mfn);
    return GNTST_okay;
}

static int map_one(struct domain *d, struct gnttab_map_grant_ref *op)
{
    struct domain *rd;
    u32 handle;
    int status;

    if (!(op->flags & MAP_HALVES))
        return GNTST_bad_gntref;
    rd = op->dom == DOMID_SELF ? NULL : get_domain_by_id(op->dom);
    if (!rd)
        return GNTST_bad_domain;
    handle = gnttab_handle_get(d->grants);
    if (handle == HANDLE_NONE) {
        put_domain(rd);
        return GNTST_no_space;
    }
    status = map_from(d, rd, handle, op);
    if (status) {
        gnttab_handle_put(d->grants, handle);
        put_domain(rd);
    }
    return status;
}

long gnttab_op_map(unsigned long uop, unsigned int count)
{
    struct domain *d = current->domain;
    struct gnttab_map_grant_ref op;

    for (unsigned int i = 0; i < count; i++) {
        if (copy_elem_from_guest(&op, uop, i, sizeof(op)))
            return -EFAULT;
        op.status = (int16_t)map_one(d, &op);
        if (copy_elem_to_guest(uop, i, &op, sizeof(op)))
            return -EFAULT;
    }
    return count;
}
