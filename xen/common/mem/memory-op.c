/* SPDX-License-Identifier: MIT */
/*
 * memory-op.c - memory_op: reservations of frames, memory maps, information.
 *
 * The bits of cmd above MEMOP_EXTENT_SHIFT hold the extent at which a preempted call goes on.
 */
#include <xen/e820.h>
#include <xen/domain.h>
#include <xen/guest-access.h>
#include <xen/grant-table.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/logdirty.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <public/memory.h>
#include <asm/mm.h>
#include "private.h"

#define MEMOP_CMD_MASK ((1UL << MEMOP_EXTENT_SHIFT) - 1)
/* Largest extents: each is cleared and entered without a pause. */
#define MAX_ORDER_GUEST  9
#define MAX_ORDER_DRIVER 12 /* of a domain with I/O rights */

/* One reservation call in progress. */
struct reserve_args {
    struct domain *d;
    unsigned long list;
    u64 nr_extents;
    u64 done; /* extents finished, and where to go on */
    unsigned int order, memflags;
    bool preempted;
};

static unsigned int memflags_of(u32 mem_flags)
{
    unsigned int bits = XENMEMF_get_address_bits(mem_flags), f = 0;
    unsigned int node = (mem_flags >> 8) & 0xff;

    if (bits && bits < 64)
        f |= MEMF_BITS(bits);
    if (node)
        f |= MEMF_NODE(node - 1);
    if (mem_flags & XENMEMF_exact_node_request)
        f |= MEMF_EXACT_NODE;
    return f;
}

/* The caller may ask for itself, and the control domain for anyone. */
static int target(domid_t id, struct domain **ret_d)
{
    struct domain *d = get_domain_by_id(id);

    if (!d)
        return -ESRCH;
    if (d != current->domain && !may_control(d)) {
        put_domain(d);
        return -EPERM;
    }
    *ret_d = d;
    return 0;
}

static bool should_stop(struct reserve_args *a, u64 i)
{
    if (i == a->done || !hypercall_preempt_check())
        return false;
    a->preempted = true;
    return true;
}

void m2p_enter(struct domain *d, struct page_info *pg, unsigned long pfn)
{
    if (!get_page(pg, d))
        return;
    /* Given back meanwhile, it can be a page that the hypervisor shares with the domain by now. */
    if (!(pg->count_info & PGC_XEN_HEAP)) {
        m2p_set(page_to_mfn(pg), pfn);
        pfn_dirtied(d, pfn);
    }
    put_page(pg);
}

/* increase_reservation: MFNs out; populate_physmap: PFNs in, MFNs out, M2P set. */
static void allocate_extents(struct reserve_args *a, bool populate)
{
    u64 i, start = a->done;
    u64 pfn = 0;

    for (i = start; i < a->nr_extents; i++) {
        struct page_info *pg;
        u64 mfn;

        if (i != start && should_stop(a, i))
            break;
        if (populate && copy_elem_from_guest(&pfn, a->list, i, sizeof(pfn)))
            break;
        pg = alloc_domheap_pages(a->d, a->order, a->memflags);
        if (!pg)
            break;
        mfn = mfn_x(page_to_mfn(pg));
        for (u64 k = 0; populate && k < 1ULL << a->order; k++)
            m2p_enter(a->d, pg + k, pfn + k);
        if (a->list && copy_elem_to_guest(a->list, i, &mfn, sizeof(mfn))) {
            i++; /* the frames are the domain's, even if it cannot learn their numbers */
            break;
        }
    }
    a->done = i;
}

/* Whoever takes the mark of the allocation away drops its reference. */
static bool take_allocation(struct page_info *pg)
{
    return __atomic_fetch_and(&pg->count_info, ~PGC_ALLOCATED, __ATOMIC_SEQ_CST) & PGC_ALLOCATED;
}

void release_new(struct domain *d, struct page_info *pg)
{
    if (!get_page(pg, d))
        return;
    if (!(pg->count_info & PGC_XEN_HEAP) && take_allocation(pg))
        put_page(pg);
    put_page(pg);
}

/* Gives one frame back: only the allocation itself may refer to it. */
static bool release_frame(struct domain *d, unsigned long mfn)
{
    struct page_info *pg = get_page_from_gfn(d, mfn);
    unsigned long pfn;
    bool ok;

    if (!pg)
        return false;
    if (pg->count_info & PGC_XEN_HEAP) {
        put_page(pg);
        return false;
    }
    ok = take_allocation(pg);
    if (ok) {
        pfn = m2p_get(_mfn(mfn));
        m2p_set(_mfn(mfn), INVALID_M2P);
        pfn_dirtied(d, pfn);
        put_page(pg);
    }
    put_page(pg);
    return ok;
}

static void release_extents(struct reserve_args *a)
{
    u64 i, start = a->done, mfn;

    for (i = start; i < a->nr_extents; i++) {
        if (i != start && should_stop(a, i))
            break;
        if (copy_elem_from_guest(&mfn, a->list, i, sizeof(mfn)))
            break;
        for (u64 k = 0; k < 1ULL << a->order; k++)
            if (!release_frame(a->d, mfn + k))
                goto out;
    }
out:
    a->done = i;
}

static unsigned int max_order(const struct domain *d)
{
    return d->is_control ? MAX_ORDER : d->arch.has_io_rights ? MAX_ORDER_DRIVER : MAX_ORDER_GUEST;
}

static long reservation_op(unsigned long cmd, u64 start, unsigned long arg)
{
    struct xen_memory_reservation r;
    struct reserve_args a = {0};
    int rc;

    if (copy_from_guest(&r, arg, sizeof(r)))
        return (long)start;
    /* The count must fit the result and the continuation field of cmd. */
    if (r.nr_extents > (~0UL >> MEMOP_EXTENT_SHIFT) || start > r.nr_extents)
        return (long)start;
    if (r.extent_start && !guest_range_ok(r.extent_start, r.nr_extents * sizeof(u64)))
        return (long)start;
    if (r.extent_order > max_order(current->domain))
        return (long)start;
    if (r.mem_flags & XENMEMF_populate_on_demand)
        return (long)start; /* PV guests have none */
    rc = target(r.domid, &a.d);
    if (rc)
        return rc == -ESRCH || start ? (long)start : rc;
    a.list = r.extent_start;
    a.nr_extents = r.nr_extents;
    a.done = start;
    a.order = r.extent_order;
    a.memflags = memflags_of(r.mem_flags);
    if (cmd == XENMEM_decrease_reservation)
        release_extents(&a);
    else
        allocate_extents(&a, cmd == XENMEM_populate_physmap);
    put_domain(a.d);
    if (a.preempted)
        return hypercall_continue(__HYPERVISOR_memory_op, 2, cmd | a.done << MEMOP_EXTENT_SHIFT,
                                  arg);
    return (long)a.done;
}

/*
 * A domain without a limit is told its present size: Linux, as Domain 0, would else make page
 * structures for all memory of the host at boot.
 */
static unsigned long maximum_pages(const struct domain *d)
{
    return d->max_pages == DOMAIN_PAGES_UNLIMITED ? d->tot_pages : d->max_pages;
}

static long query_pages(unsigned long cmd, unsigned long arg)
{
    struct domain *d;
    domid_t id;
    long pages;
    int rc;

    if (copy_from_guest(&id, arg, sizeof(id)))
        return -EFAULT;
    rc = target(id, &d);
    if (rc)
        return rc;
    pages = (long)(cmd == XENMEM_current_reservation ? d->tot_pages : maximum_pages(d));
    put_domain(d);
    return pages;
}

/* Host map with what we keep reserved; the hardware domain only. */
static long machine_memory_map(unsigned long arg)
{
    const struct e820_map *map = hardware_e820();
    struct xen_memory_map out;

    if (!current->domain->is_hardware)
        return -EPERM;
    if (copy_from_guest(&out, arg, sizeof(out)))
        return -EFAULT;
    if (out.nr_entries < map->nr)
        return -EINVAL;
    for (u32 i = 0; i < map->nr; i++) {
        struct e820_abi_entry e = {map->entry[i].addr, map->entry[i].size, map->entry[i].type};

        if (copy_elem_to_guest(out.buffer, i, &e, sizeof(e)))
            return -EFAULT;
    }
    out.nr_entries = map->nr;
    return copy_to_guest(arg, &out, sizeof(out));
}

static long memory_map(unsigned long arg)
{
    struct domain *d = current->domain;
    struct xen_memory_map out;
    long rc = 0;

    if (copy_from_guest(&out, arg, sizeof(out)))
        return -EFAULT;
    spin_lock(&d->lock);
    if (!d->arch.e820)
        rc = -ENOSYS;
    else if (out.nr_entries < d->arch.nr_e820)
        rc = -EINVAL;
    else if (copy_to_guest(out.buffer, d->arch.e820, d->arch.nr_e820 * 20UL))
        rc = -EFAULT;
    out.nr_entries = d->arch.nr_e820;
    spin_unlock(&d->lock);
    return rc ? rc : copy_to_guest(arg, &out, sizeof(out));
}

static long machphys_mapping(unsigned long arg)
{
    struct xen_machphys_mapping m = {
        .v_start = RO_M2P_START, .v_end = RO_M2P_END, .max_mfn = m2p_entries - 1};

    return copy_to_guest(arg, &m, sizeof(m));
}

/* The highest page number that the domain uses, as its kernel says. */
static long maximum_gpfn(unsigned long arg)
{
    struct domain *d;
    domid_t id;
    long pfns;
    int rc;

    if (copy_from_guest(&id, arg, sizeof(id)))
        return -EFAULT;
    rc = target(id, &d);
    if (rc)
        return rc;
    pfns = (long)READ_ONCE(d->shared_info->arch.max_pfn);
    put_domain(d);
    return pfns ? pfns - 1 : 0;
}

static long claim_pages(unsigned long arg)
{
    struct xen_memory_reservation r;
    struct domain *d;
    long rc;

    if (!current->domain->is_control)
        return -EPERM;
    if (copy_from_guest(&r, arg, sizeof(r)))
        return -EFAULT;
    if (r.extent_start || r.extent_order || r.mem_flags)
        return -EINVAL;
    d = get_domain_by_id(r.domid);
    if (!d)
        return -EINVAL;
    rc = domain_claim_pages(d, r.nr_extents);
    put_domain(d);
    return rc;
}

#define GUEST_E820_MAX 128

static long set_memory_map(unsigned long arg)
{
    struct xen_foreign_memory_map fmap;
    struct domain *d;
    void *map = NULL, *old;
    long rc = -EINVAL;

    if (copy_from_guest(&fmap, arg, sizeof(fmap)))
        return -EFAULT;
    if (fmap.map.nr_entries > GUEST_E820_MAX)
        return -EINVAL;
    rc = target(fmap.domid, &d);
    if (rc)
        return rc;
    rc = d == current->domain && !d->is_control ? -EPERM : 0;
    if (!rc) {
        map = xzalloc_array(struct e820_abi_entry, MAX(fmap.map.nr_entries, 1U));
        rc = map ? 0 : -ENOMEM;
    }
    if (!rc)
        rc = copy_from_guest(map, fmap.map.buffer,
                             fmap.map.nr_entries * sizeof(struct e820_abi_entry));
    if (!rc) {
        spin_lock(&d->lock);
        old = d->arch.e820;
        d->arch.e820 = map;
        d->arch.nr_e820 = fmap.map.nr_entries;
        spin_unlock(&d->lock);
        map = old;
    }
    xfree(map);
    put_domain(d);
    return rc;
}

/* The frames of the machine-to-phys table, one number for each 2 MiB of it. */
static long machphys_mfn_list(unsigned long arg)
{
    struct xen_machphys_mfn_list l;
    unsigned int i;

    if (!current->domain->is_control)
        return -EPERM;
    if (copy_from_guest(&l, arg, sizeof(l)))
        return -EFAULT;
    for (i = 0; i < l.max_extents && (u64)i << 18 < m2p_entries; i++) {
        u64 mfn = mfn_x(m2p_frame((u64)i << 18));

        if (copy_elem_to_guest(l.extent_start, i, &mfn, sizeof(mfn)))
            return -EFAULT;
    }
    l.nr_extents = i;
    return copy_to_guest(arg, &l, sizeof(l));
}

static long acquire_resource(unsigned long arg)
{
    struct xen_mem_acquire_resource r;
    mfn_t mfns[64];
    struct domain *d;
    long rc;

    if (copy_from_guest(&r, arg, sizeof(r)))
        return -EFAULT;
    if (r.pad)
        return -EINVAL;
    rc = target(r.domid, &d);
    if (rc)
        return rc;
    rc = -EOPNOTSUPP;
    if (d == current->domain || r.type != XENMEM_resource_grant_table)
        goto out;
    rc = 0;
    if (!r.nr_frames) {
        r.nr_frames = gnttab_resource_max_frames(d, r.id);
        if (!r.nr_frames)
            rc = -EINVAL;
        else if (copy_to_guest(arg, &r, sizeof(r)))
            rc = -EFAULT;
        goto out;
    }
    for (u32 i = 0; !rc && i < r.nr_frames; i += ARRAY_SIZE(mfns)) {
        u32 n = MIN(r.nr_frames - i, (u32)ARRAY_SIZE(mfns));

        rc = r.frame + i > UINT32_MAX
                 ? -EINVAL
                 : gnttab_acquire_resource(d, r.id, (unsigned int)(r.frame + i), n, mfns);
        for (u32 k = 0; !rc && k < n; k++) {
            u64 mfn = mfn_x(mfns[k]);

            rc = copy_elem_to_guest(r.frame_list, i + k, &mfn, sizeof(mfn));
        }
    }
out:
    put_domain(d);
    return rc;
}

long do_memory_op(unsigned long cmd, unsigned long arg)
{
    u64 start = cmd >> MEMOP_EXTENT_SHIFT;
    unsigned long op = cmd & MEMOP_CMD_MASK;

    switch (op) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return reservation_op(op, start, arg);
    case XENMEM_exchange:
        return memory_exchange(cmd, arg);
    case XENMEM_maximum_ram_page:
        return (long)max_page;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
        return query_pages(op, arg);
    case XENMEM_memory_map:
        return memory_map(arg);
    case XENMEM_machine_memory_map:
        return machine_memory_map(arg);
    case XENMEM_machphys_mapping:
        return machphys_mapping(arg);
    case XENMEM_maximum_gpfn:
        return maximum_gpfn(arg);
    case XENMEM_set_memory_map:
        return set_memory_map(arg);
    case XENMEM_machphys_mfn_list:
        return machphys_mfn_list(arg);
    case XENMEM_claim_pages:
        return claim_pages(arg);
    case XENMEM_acquire_resource:
        return acquire_resource(arg);
    case XENMEM_set_pod_target: /* PV guests have no populate-on-demand */
    case XENMEM_get_pod_target:
        return -EINVAL;
    case XENMEM_get_vnumainfo:
        return vnuma_get_info(arg);
    case XENMEM_get_sharing_freed_pages:
    case XENMEM_get_sharing_shared_pages:
        return 0;
    }
    return -ENOSYS;
}
