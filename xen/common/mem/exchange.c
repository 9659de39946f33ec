/* SPDX-License-Identifier: MIT */
/*
 * exchange.c - XENMEM_exchange: frames in, frames with other properties out, mostly 2^n single
 * frames for one contiguous block that devices can reach.
 *
 * One step takes as many input extents as make one output extent, or as many output extents as one
 * input extent gives. The new frames are allocated before the old ones are let go, and a step
 * either happens completely or not at all.
 */
#include <xen/fill.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/logdirty.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <public/memory.h>
#include <asm/mm.h>
#include "private.h"

#define MAX_EXCHANGE_ORDER 10

struct exchange_step {
    struct domain *d;
    const struct xen_memory_exchange *x;
    unsigned int in_order, out_order;
    u64 in_extents, out_extents; /* of one step */
    unsigned int memflags;
    unsigned long *taken; /* MFNs of the step's input: read from the guest once only */
};

/*
 * Takes a frame away from the domain if nothing but its allocation refers to it. With a count of 0
 * nobody can take a new reference: it is ours to give back or to free.
 */
static bool steal_frame(struct domain *d, unsigned long mfn)
{
    struct page_info *pg = get_page_from_gfn(d, mfn);
    unsigned long x;

    if (!pg)
        return false;
    if (!page_filled(pg)) { /* whoever fills it must find it the domain's */
        put_page(pg);
        return false;
    }
    x = READ_ONCE(pg->count_info);
    if ((x & PGC_XEN_HEAP) || (x & (PGC_COUNT_MASK | PGC_ALLOCATED)) != (PGC_ALLOCATED | 2) ||
        (READ_ONCE(pg->type_info) & PGT_COUNT_MASK) ||
        cmpxchg(&pg->count_info, x, x & ~(PGC_ALLOCATED | PGC_COUNT_MASK)) != x) {
        put_page(pg);
        return false;
    }
    return true;
}

static bool read_input_frame(const struct exchange_step *s, u64 step, u64 i, u64 *ret_mfn)
{
    u64 first;

    if (copy_elem_from_guest(&first, s->x->in.extent_start,
                             step * s->in_extents + (i >> s->in_order), sizeof(first)))
        return false;
    *ret_mfn = first + (i & ((1ULL << s->in_order) - 1));
    return true;
}

/* Puts frames back that a failed step had taken. */
static void give_back(const struct exchange_step *s, u64 n)
{
    while (n--)
        __atomic_fetch_or(&mfn_to_page(_mfn(s->taken[n]))->count_info, PGC_ALLOCATED | 1,
                          __ATOMIC_SEQ_CST);
}

static int publish_out(const struct exchange_step *s, u64 step, struct page_info **out)
{
    int rc = 0;

    for (u64 k = 0; k < s->out_extents; k++) {
        u64 index = step * s->out_extents + k, pfn, mfn = mfn_x(page_to_mfn(out[k]));

        if (copy_elem_from_guest(&pfn, s->x->out.extent_start, index, sizeof(pfn))) {
            rc = -EFAULT;
            continue;
        }
        for (u64 i = 0; i < 1ULL << s->out_order; i++)
            m2p_enter(s->d, out[k] + i, pfn + i);
        if (copy_elem_to_guest(s->x->out.extent_start, index, &mfn, sizeof(mfn)))
            rc = -EFAULT;
    }
    return rc;
}

static int one_step(const struct exchange_step *s, u64 step, struct page_info **out)
{
    u64 frames = s->in_extents << s->in_order, n, mfn, got = 0;
    int rc = -ENOMEM;

    for (n = 0; n < frames; n++) {
        if (!read_input_frame(s, step, n, &mfn) || !steal_frame(s->d, mfn)) {
            rc = -EINVAL;
            goto undo;
        }
        s->taken[n] = mfn;
    }
    for (; got < s->out_extents; got++) {
        out[got] = alloc_domheap_pages(s->d, s->out_order, s->memflags | MEMF_OVER_LIMIT);
        if (!out[got])
            goto undo;
    }
    rc = publish_out(s, step, out);
    for (n = 0; n < frames; n++) {
        unsigned long pfn = m2p_get(_mfn(s->taken[n]));

        m2p_set(_mfn(s->taken[n]), INVALID_M2P);
        pfn_dirtied(s->d, pfn);
        mfn_to_page(_mfn(s->taken[n]))->stamp = tlb_clock();
        free_domheap_page(mfn_to_page(_mfn(s->taken[n])));
    }
    return rc;
undo:
    while (got--)
        for (u64 i = 0; i < 1ULL << s->out_order; i++)
            release_new(s->d, out[got] + i);
    give_back(s, n);
    return rc;
}

static int check_shape(const struct xen_memory_exchange *x, struct exchange_step *s)
{
    unsigned int diff;

    s->in_order = x->in.extent_order;
    s->out_order = x->out.extent_order;
    if (s->in_order > MAX_EXCHANGE_ORDER || s->out_order > MAX_EXCHANGE_ORDER)
        return -EPERM;
    if (x->in.nr_extents > (~0UL >> 16) || x->out.nr_extents > (~0UL >> 16) ||
        x->in.nr_extents << s->in_order != x->out.nr_extents << s->out_order ||
        x->in.domid != x->out.domid)
        return -EINVAL;
    if (!guest_range_ok(x->in.extent_start, x->in.nr_extents * 8) ||
        !guest_range_ok(x->out.extent_start, x->out.nr_extents * 8))
        return -EFAULT;
    if (s->in_order <= s->out_order) {
        diff = s->out_order - s->in_order;
        s->in_extents = 1ULL << diff;
        s->out_extents = 1;
    } else {
        diff = s->in_order - s->out_order;
        s->in_extents = 1;
        s->out_extents = 1ULL << diff;
    }
    return 0;
}

long memory_exchange(unsigned long cmd, unsigned long arg)
{
    struct xen_memory_exchange x;
    struct exchange_step s = {0};
    struct page_info **out;
    unsigned int bits;
    u64 step;
    int rc;

    if (copy_from_guest(&x, arg, sizeof(x)))
        return -EFAULT;
    rc = check_shape(&x, &s);
    if (rc)
        return rc;
    if (x.nr_exchanged > x.in.nr_extents || x.nr_exchanged % s.in_extents)
        return -EINVAL;
    s.d = current->domain;
    if (x.in.domid != DOMID_SELF && x.in.domid != s.d->domain_id)
        return -EPERM;
    s.x = &x;
    bits = XENMEMF_get_address_bits(x.out.mem_flags);
    s.memflags = bits && bits < 64 ? MEMF_BITS(bits) : 0;
    out = xzalloc_array(struct page_info *, s.out_extents);
    s.taken = xzalloc_array(unsigned long, s.in_extents << s.in_order);
    if (!out || !s.taken) {
        xfree(out);
        xfree(s.taken);
        return -ENOMEM;
    }
    for (step = x.nr_exchanged / s.in_extents; step * s.in_extents < x.in.nr_extents; step++) {
        if (step * s.in_extents != x.nr_exchanged && hypercall_preempt_check()) {
            rc = -ERESTART;
            break;
        }
        rc = one_step(&s, step, out);
        if (rc)
            break;
    }
    xfree(out);
    xfree(s.taken);
    x.nr_exchanged = step * s.in_extents;
    if (copy_to_guest(arg + offsetof(struct xen_memory_exchange, nr_exchanged), &x.nr_exchanged,
                      sizeof(x.nr_exchanged)))
        return -EFAULT;
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_memory_op, 2, cmd, arg);
    return rc;
}
