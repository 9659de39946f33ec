/* SPDX-License-Identifier: MIT */
/* mmuext-op.c - mmuext_op: pinning, base pointers, TLB and cache flushes, LDT, page operations. */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/logdirty.h>
#include <asm/mm.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/system.h>
#include "pt.h"

/* Takes back the guest's pin; -EINVAL: there is none. What the frame's release leaves is parked. */
static int drop_pin(struct page_info *pg)
{
    if (!(__atomic_fetch_and(&pg->type_info, ~PGT_PINNED, __ATOMIC_SEQ_CST) & PGT_PINNED))
        return -EINVAL;
    (void)put_page_and_type_preempt(pg);
    return 0;
}

static int op_pin(struct domain *d, unsigned long mfn, unsigned int level)
{
    struct page_info *pg;
    int rc;

    if (!mfn_valid(_mfn(mfn)))
        return -EINVAL;
    pg = mfn_to_page(_mfn(mfn));
    rc = get_page_and_type_preempt(pg, d, level_type(level), true);
    if (rc)
        return rc == -ERESTART ? rc : -EINVAL;
    if (__atomic_fetch_or(&pg->type_info, PGT_PINNED, __ATOMIC_SEQ_CST) & PGT_PINNED) {
        (void)put_page_and_type_preempt(pg);
        return -EINVAL;
    }
    /* domain_kill sees the pin, or has marked the domain before. */
    if (unlikely(READ_ONCE(d->is_dying))) {
        (void)drop_pin(pg);
        return -EINVAL;
    }
    page_dirtied(pg); /* what it is belongs to what is saved */
    return 0;
}

static int op_unpin(struct domain *d, unsigned long mfn)
{
    struct page_info *pg = get_page_from_gfn(d, mfn);
    int rc;

    if (!pg)
        return -EINVAL;
    rc = drop_pin(pg);
    page_dirtied(pg);
    put_page(pg);
    return rc;
}

static int op_new_baseptr(struct vcpu *v, unsigned long mfn)
{
    mfn_t old = v->arch.kernel_l4;
    int rc;

    if (mfn_eq(old, _mfn(mfn))) {
        flush_tlb_local(0, FLUSH_TLB);
        return 0;
    }
    rc = pt_get_l4(v->domain, mfn);
    if (rc)
        return rc;
    v->arch.kernel_l4 = _mfn(mfn);
    v->arch.kernel_cr3 = v->arch.cr3 = logdirty_base_get(v->domain, _mfn(mfn));
    load_cr3(v->arch.cr3);
    logdirty_base_put(v->domain, old);
    (void)pt_put_l4(&old, true);
    return 0;
}

static int op_new_user_baseptr(struct vcpu *v, unsigned long mfn)
{
    mfn_t old = v->arch.user_l4;
    int rc;

    if (mfn && mfn_eq(old, _mfn(mfn)))
        return 0;
    if (mfn) {
        rc = pt_get_l4(v->domain, mfn);
        if (rc)
            return rc;
    }
    v->arch.user_l4 = mfn ? _mfn(mfn) : INVALID_MFN;
    v->arch.user_cr3 = logdirty_base_get(v->domain, v->arch.user_l4);
    logdirty_base_put(v->domain, old);
    (void)pt_put_l4(&old, true);
    return 0;
}

static int op_flush_vcpus(struct domain *d, const struct mmuext_op *op, unsigned int flags)
{
    cpumask_t mask;

    if (vcpumask_to_cpus(d, op->arg2.vcpumask, &mask))
        return -EINVAL;
    flush_tlb_mask(&mask, op->arg1.linear_addr, flags);
    return 0;
}

static int op_flush_all(struct domain *d, unsigned long va, unsigned int flags)
{
    flush_tlb_mask(&d->dirty_cpus, va, flags);
    return 0;
}

static int op_flush_cache(struct domain *d, bool everywhere)
{
    if (!d->arch.has_io_rights)
        return -EACCES;
    if (everywhere)
        flush_tlb_mask(&cpu_online_map, 0, FLUSH_CACHE);
    else
        wbinvd();
    return 0;
}

static int op_set_ldt(struct vcpu *v, unsigned long va, unsigned int ents)
{
    if (ents > 8192 || (va & ~PAGE_MASK) || !guest_range_ok(va, ents * 8UL))
        return -EINVAL;
    if (v->arch.ldt_base == va && v->arch.ldt_ents == ents)
        return 0;
    pv_forget_ldt(v);
    v->arch.ldt_base = va;
    v->arch.ldt_ents = ents;
    pv_load_ldt(v);
    return 0;
}

/* A copy, or zeros if from is NULL. */
static void write_page(struct page_info *to, const struct page_info *from)
{
    if (from)
        memcpy(page_to_virt(to), page_to_virt(from), PAGE_SIZE);
    else
        memset(page_to_virt(to), 0, PAGE_SIZE);
    page_dirtied(to);
}

/* The page to be written is taken as writable, so it can be no table. */
static int op_page(struct domain *d, unsigned long dst, bool copy, unsigned long src)
{
    struct page_info *from = NULL, *to;
    int rc;

    if (!mfn_valid(_mfn(dst)))
        return -EINVAL;
    to = mfn_to_page(_mfn(dst));
    if (copy) {
        from = get_page_from_gfn(d, src);
        if (!from)
            return -EINVAL;
    }
    rc = busy_or_again(get_page_and_type(to, d, PGT_WRITABLE));
    if (!rc) {
        rc = unfilled_or_busy(to);
        if (!rc && copy)
            rc = unfilled_or_busy(from);
        if (!rc)
            write_page(to, from);
        put_page_and_type(to);
    }
    if (from)
        put_page(from);
    return rc;
}

/* Operations that only make sense for the caller itself. */
static int self_op(struct vcpu *v, const struct mmuext_op *op)
{
    struct domain *d = v->domain;
    unsigned long va = op->arg1.linear_addr;

    switch (op->cmd) {
    case MMUEXT_NEW_BASEPTR:
        return op_new_baseptr(v, op->arg1.mfn);
    case MMUEXT_NEW_USER_BASEPTR:
        return op_new_user_baseptr(v, op->arg1.mfn);
    case MMUEXT_TLB_FLUSH_LOCAL:
        flush_tlb_local(0, FLUSH_TLB);
        return 0;
    case MMUEXT_INVLPG_LOCAL:
        flush_tlb_local(va, FLUSH_TLB_ONE);
        return 0;
    case MMUEXT_TLB_FLUSH_MULTI:
        return op_flush_vcpus(d, op, FLUSH_TLB);
    case MMUEXT_INVLPG_MULTI:
        return op_flush_vcpus(d, op, FLUSH_TLB_ONE);
    case MMUEXT_TLB_FLUSH_ALL:
        return op_flush_all(d, 0, FLUSH_TLB);
    case MMUEXT_INVLPG_ALL:
        return op_flush_all(d, va, FLUSH_TLB_ONE);
    case MMUEXT_FLUSH_CACHE:
    case MMUEXT_FLUSH_CACHE_GLOBAL:
        return op_flush_cache(d, op->cmd == MMUEXT_FLUSH_CACHE_GLOBAL);
    case MMUEXT_SET_LDT:
        return op_set_ldt(v, va, op->arg2.nr_ents);
    case MMUEXT_MARK_SUPER:
    case MMUEXT_UNMARK_SUPER:
        return -EOPNOTSUPP;
    }
    return -ENOSYS;
}

static int one_op(struct vcpu *v, struct domain *pg_dom, const struct mmuext_op *op)
{
    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
        return op_pin(pg_dom, op->arg1.mfn, op->cmd - MMUEXT_PIN_L1_TABLE + 1);
    case MMUEXT_UNPIN_TABLE:
        return op_unpin(pg_dom, op->arg1.mfn);
    case MMUEXT_CLEAR_PAGE:
        return op_page(pg_dom, op->arg1.mfn, false, 0);
    case MMUEXT_COPY_PAGE:
        return op_page(pg_dom, op->arg1.mfn, true, op->arg2.src_mfn);
    }
    return pg_dom == v->domain ? self_op(v, op) : -EPERM;
}

long do_mmuext_op(unsigned long uops, unsigned long count, unsigned long pdone,
                  unsigned long foreigndom)
{
    bool continued = count & COUNT_CONTINUED;
    struct vcpu *v = current;
    struct mmuext_op op;
    struct domain *d;
    unsigned long i;
    u32 done = 0;
    int rc;

    count = (u32)count & ~COUNT_CONTINUED;
    if (continued && pdone && copy_from_guest(&done, pdone, sizeof(done)))
        return -EFAULT;
    if (continued && !count)
        return finish_mmu_op(__HYPERVISOR_mmuext_op, (int)foreigndom);
    d = v->domain; /* the caller itself needs no reference */
    if (foreigndom != DOMID_SELF) {
        d = find_page_domain((domid_t)foreigndom, &rc);
        if (!d)
            return rc;
    }
    rc = 0;
    for (i = 0; i < count; i++) {
        rc = -ERESTART;
        if (unlikely((i && hypercall_preempt_check()) || pt_drain(v)))
            break;
        rc = -EFAULT;
        if (unlikely(copy_elem_from_guest(&op, uops, i, sizeof(op))))
            break;
        rc = one_op(v, d, &op);
        if (unlikely(rc))
            break;
    }
    if (unlikely(rc && current->arch.waits_fill))
        rc = -ERESTART; /* goes on with the one that met a page without content */
    if (foreigndom != DOMID_SELF)
        put_domain(d);
    done += (u32)i;
    if (pdone && copy_to_guest(pdone, &done, sizeof(done)))
        rc = -EFAULT;
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_mmuext_op, 4, uops + i * sizeof(op),
                                  (count - i) | COUNT_CONTINUED, pdone, foreigndom);
    return finish_mmu_op(__HYPERVISOR_mmuext_op, rc);
}
