/* SPDX-License-Identifier: MIT */
/*
 * mmu-update.c - the hypercalls that change page-table entries: mmu_update, update_va_mapping.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/logdirty.h>
#include <xen/sched.h>
#include <asm/mm.h>
#include <asm/page.h>
#include "pt.h"

/* Whose tables are changed and whose frames they may map. The caller itself needs no reference. */
struct mmu_doms {
    struct domain *pt_dom, *pg_dom;
    bool self;
};

struct domain *find_page_domain(domid_t id, int *ret_rc)
{
    struct domain *d;

    *ret_rc = -ESRCH;
    switch (id) {
    case DOMID_IO:
        return get_domain(dom_io) ? dom_io : NULL;
    case DOMID_XEN:
        *ret_rc = -EPERM;
        return current->domain->is_control && get_domain(dom_xen) ? dom_xen : NULL;
    }
    d = get_domain_by_id(id);
    if (d && d != current->domain && !may_control(d)) {
        put_domain(d);
        *ret_rc = -EPERM;
        return NULL;
    }
    return d;
}

static int mmu_doms_get(u32 foreigndom, struct mmu_doms *doms)
{
    u32 pt = foreigndom >> 16;
    int rc;

    doms->self = foreigndom == DOMID_SELF;
    if (likely(doms->self)) {
        doms->pt_dom = doms->pg_dom = current->domain;
        return 0;
    }
    doms->pt_dom = get_domain_by_id(pt ? (domid_t)(pt - 1) : DOMID_SELF);
    if (!doms->pt_dom)
        return -ESRCH;
    if (doms->pt_dom != current->domain && !may_control(doms->pt_dom)) {
        put_domain(doms->pt_dom);
        return -EPERM;
    }
    doms->pg_dom = find_page_domain((domid_t)foreigndom, &rc);
    if (!doms->pg_dom) {
        put_domain(doms->pt_dom);
        return rc;
    }
    return 0;
}

static void mmu_doms_put(struct mmu_doms *doms)
{
    if (doms->self)
        return;
    put_domain(doms->pg_dom);
    put_domain(doms->pt_dom);
}

/* DOMID_IO names no owner of RAM: its frames are checked by rights, so the caller's own id serves.
 */
static struct domain *entry_owner(const struct mmu_doms *doms)
{
    return doms->pg_dom == dom_io ? doms->pt_dom : doms->pg_dom;
}

/* A plain frame: the guest may write to it anyway. */
static int write_word(struct page_info *pg, unsigned int index, unsigned long val)
{
    int rc = unfilled_or_busy(pg);

    if (!rc)
        rc = busy_or_again(get_page_type(pg, PGT_WRITABLE));
    if (rc)
        return rc == -ERESTART ? rc : -EINVAL;
    WRITE_ONCE(((unsigned long *)page_to_virt(pg))[index], val);
    page_dirtied(pg);
    put_page_type(pg);
    return 0;
}

static int update_entry(maddr_t ptr, unsigned long val, bool preserve_ad,
                        const struct mmu_doms *doms)
{
    struct page_info *pg = mfn_to_page(_mfn(ptr >> PAGE_SHIFT));
    unsigned int index = (ptr & ~PAGE_MASK) / 8;
    unsigned long type;
    int rc;

    if (unlikely(!mfn_valid(_mfn(ptr >> PAGE_SHIFT)) || !get_page_quick(pg, doms->pt_dom)))
        return -EINVAL;
    type = READ_ONCE(pg->type_info);
    if (likely(is_table_type(type) && !get_valid_type_quick(pg, type & PGT_TYPE_MASK))) {
        rc = pt_update_entry(pg, index, val, preserve_ad, doms->pt_dom, entry_owner(doms));
        rc = busy_or_again(rc);
        (void)put_type_quick(pg, true);
    } else {
        rc = write_word(pg, index, val);
    }
    put_page_quick(pg);
    return rc;
}

static int update_m2p(maddr_t ptr, unsigned long pfn, const struct mmu_doms *doms)
{
    struct page_info *pg = get_page_from_gfn(doms->pt_dom, ptr >> PAGE_SHIFT);

    if (!pg)
        return -EINVAL;
    m2p_set(page_to_mfn(pg), pfn);
    page_dirtied(pg);
    put_page(pg);
    return 0;
}

static int one_update(const struct mmu_update *req, const struct mmu_doms *doms)
{
    unsigned int cmd = req->ptr & 7; /* entries are 8 bytes, aligned */
    maddr_t ptr = req->ptr & ~7UL;

    switch (cmd) {
    case MMU_NORMAL_PT_UPDATE:
    case MMU_PT_UPDATE_NO_TRANSLATE:
    case MMU_PT_UPDATE_PRESERVE_AD:
        return update_entry(ptr, req->val, cmd == MMU_PT_UPDATE_PRESERVE_AD, doms);
    case MMU_MACHPHYS_UPDATE:
        return update_m2p(ptr, req->val, doms);
    }
    return -ENOSYS;
}

/*
 * The end of mmu_update and mmuext_op. What they were asked for is done, but tables that they let
 * go may still have to be taken apart: then the call goes on with nothing to do, and its result in
 * the place of the domain.
 */
long finish_mmu_op(unsigned int nr, int rc)
{
    if (likely(!pt_drain(current)))
        return rc;
    return hypercall_continue(nr, 4, 0UL, COUNT_CONTINUED, 0UL, (unsigned long)rc);
}

/* One update of an own table: nearly every call. -ERESTART: not done, take the long way. */
static int single_update(unsigned long ureq)
{
    struct domain *d = current->domain;
    const struct mmu_doms doms = {d, d, true};
    struct mmu_update req;

    if (copy_from_guest(&req, ureq, sizeof(req)))
        return -EFAULT;
    return one_update(&req, &doms);
}

long do_mmu_update(unsigned long ureqs, unsigned long count, unsigned long pdone,
                   unsigned long foreigndom)
{
    bool continued = count & COUNT_CONTINUED;
    struct mmu_doms doms;
    struct mmu_update req;
    unsigned long i = 0;
    u32 done = 0;
    int rc;

    if (likely(count == 1 && !pdone && foreigndom == DOMID_SELF && !pt_drain(current))) {
        rc = single_update(ureqs);
        if (likely(rc != -ERESTART))
            return finish_mmu_op(__HYPERVISOR_mmu_update, rc);
    }
    count = (u32)count & ~COUNT_CONTINUED;
    if (continued && pdone && copy_from_guest(&done, pdone, sizeof(done)))
        return -EFAULT;
    if (continued && !count)
        return finish_mmu_op(__HYPERVISOR_mmu_update, (int)foreigndom);
    rc = mmu_doms_get((u32)foreigndom, &doms);
    if (rc)
        return rc;
    for (; i < count; i++) {
        rc = -ERESTART;
        if (unlikely((i && !(i & 31) && hypercall_preempt_check()) || pt_drain(current)))
            break;
        rc = -EFAULT;
        if (unlikely(copy_elem_from_guest(&req, ureqs, i, sizeof(req))))
            break;
        rc = one_update(&req, &doms);
        if (unlikely(rc))
            break;
    }
    if (unlikely(rc && current->arch.waits_fill))
        rc = -ERESTART; /* goes on with the one that met a page without content */
    mmu_doms_put(&doms);
    done += (u32)i;
    if (pdone && copy_to_guest(pdone, &done, sizeof(done)))
        rc = -EFAULT;
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_mmu_update, 4, ureqs + i * sizeof(req),
                                  (count - i) | COUNT_CONTINUED, pdone, foreigndom);
    return finish_mmu_op(__HYPERVISOR_mmu_update, rc);
}

/* --- update_va_mapping --- */

/* vCPUs named by a guest bitmap -> the CPUs that may hold their translations. */
int vcpumask_to_cpus(struct domain *d, unsigned long uaddr, cpumask_t *ret_mask)
{
    unsigned int longs = BITS_TO_LONGS(d->max_vcpus);
    unsigned long w = 0;

    cpumask_clear(ret_mask);
    for (unsigned int i = 0; i < longs; i++) {
        if (copy_elem_from_guest(&w, uaddr, i, sizeof(w)))
            return -EFAULT;
        for (; w; w &= w - 1) {
            struct vcpu *v = domain_vcpu(d, i * BITS_PER_LONG + lowest_bit(w));
            unsigned int cpu = v ? READ_ONCE(v->dirty_cpu) : NR_CPUS;

            if (cpu < NR_CPUS)
                __set_bit(cpu, ret_mask->bits);
        }
    }
    return 0;
}

static int flush_after_update(unsigned long va, unsigned long flags)
{
    unsigned int what = (flags & UVMF_FLUSHTYPE_MASK) == UVMF_TLB_FLUSH ? FLUSH_TLB : FLUSH_TLB_ONE;
    unsigned long target = flags & ~UVMF_FLUSHTYPE_MASK;
    const cpumask_t *all = &current->domain->dirty_cpus;
    cpumask_t mask;
    int rc;

    if (!(flags & UVMF_FLUSHTYPE_MASK))
        return 0;
    if (target == UVMF_LOCAL) {
        flush_tlb_local(va, what);
        return 0;
    }
    if (target == UVMF_ALL) {
        flush_tlb_mask(all, va, what);
        return 0;
    }
    rc = vcpumask_to_cpus(current->domain, target, &mask);
    if (!rc)
        flush_tlb_mask(&mask, va, what);
    return rc;
}

static long update_va(unsigned long va, unsigned long val, unsigned long flags,
                      struct domain *pg_dom)
{
    struct vcpu *v = current;
    struct page_info *table;
    unsigned int index;
    int rc = pt_walk_l1(v, va, &table, &index);

    if (unlikely(rc) || (flags & UVMF_FLUSHTYPE_MASK) == 3)
        return -EINVAL;
    /* The walk took no reference: another vCPU may be tearing these tables down. */
    if (unlikely(!get_page_quick(table, v->domain)))
        return -EINVAL;
    if (likely(!get_valid_type_quick(table, PGT_L1))) {
        rc = busy_or_again(pt_update_entry(table, index, val, false, v->domain, pg_dom));
        (void)put_type_quick(table, false);
    } else {
        rc = -EINVAL;
    }
    put_page_quick(table);
    return rc ? rc : flush_after_update(va, flags);
}

long do_update_va_mapping(unsigned long va, unsigned long val, unsigned long flags)
{
    long rc = pt_drain(current);

    if (likely(!rc))
        rc = update_va(va, val, flags, current->domain);
    if (likely(rc != -ERESTART))
        return rc;
    return hypercall_continue(__HYPERVISOR_update_va_mapping, 3, va, val, flags);
}

long do_update_va_mapping_otherdomain(unsigned long va, unsigned long val, unsigned long flags,
                                      unsigned long domid)
{
    struct domain *pg_dom;
    long rc = pt_drain(current);
    int err;

    if (!rc) {
        pg_dom = find_page_domain((domid_t)domid, &err);
        if (!pg_dom)
            return err;
        rc = update_va(va, val, flags, pg_dom == dom_io ? current->domain : pg_dom);
        put_domain(pg_dom);
    }
    if (rc != -ERESTART)
        return rc;
    return hypercall_continue(__HYPERVISOR_update_va_mapping_otherdomain, 4, va, val, flags, domid);
}
