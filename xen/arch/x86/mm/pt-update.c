/* SPDX-License-Identifier: MIT */
/*
 * pt-update.c - changes of single entries in live page tables.
 *
 * Without locks: the caller's use of the table keeps it what it is, and each store is one atomic
 * exchange. Whoever takes an entry out of a table drops the references that this very entry held.
 * The CPU sets accessed and dirty bits at any time, so stores that keep those are
 * compare-and-exchange.
 */
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/logdirty.h>
#include <asm/mm.h>
#include <asm/page.h>
#include "pt.h"

/* Bits that carry no reference and no right over a frame. */
#define L1_CHEAP    (PTE_A | PTE_D | PTE_AVAIL | PTE_HIGH_AVAIL | PTE_NX)
#define UPPER_CHEAP (L1_CHEAP | PTE_RW)

static unsigned long store_entry(unsigned long *p, unsigned long val, bool preserve_ad)
{
    unsigned long old = READ_ONCE(*p);

    if (!preserve_ad)
        return xchg(p, val);
    for (;;) {
        unsigned long seen = cmpxchg(p, old, val | (old & (PTE_A | PTE_D)));

        if (seen == old)
            return old;
        old = seen;
    }
}

/*
 * Replaces an entry that maps the same frame with the same rights, so that the references stay.
 * *old: the entry as last seen. False: it is another.
 */
static bool store_cheap(unsigned long *p, unsigned long *old, unsigned long val,
                        unsigned long cheap, bool preserve_ad)
{
    while ((*old & val & PTE_P) && !((*old ^ val) & ~cheap)) {
        unsigned long new = preserve_ad ? val | (*old & (PTE_A | PTE_D)) : val;
        unsigned long seen = cmpxchg(p, *old, new);

        if (likely(seen == *old))
            return true;
        *old = seen;
    }
    return false;
}

/* *ret_old: the entry that was replaced; its references are gone by then. */
static int update_l1(struct page_info *table, unsigned int index, unsigned long val,
                     bool preserve_ad, struct domain *d, struct domain *pg_dom,
                     unsigned long *ret_old)
{
    unsigned long *p = (unsigned long *)page_to_virt(table) + index;
    int rc;

    if (!(val & PTE_P)) {
        *ret_old = xchg(p, val);
        logdirty_entry_changed(d, table, index);
        l1e_put(*ret_old);
        return 0;
    }
    val = (val | PTE_US) & ~PTE_G;
    *ret_old = READ_ONCE(*p);
    if (likely(d == pg_dom) && store_cheap(p, ret_old, val, L1_CHEAP, preserve_ad)) {
        logdirty_entry_changed(d, table, index);
        return 0;
    }
    rc = l1e_get(&val, d, pg_dom);
    if (likely(!rc)) {
        *ret_old = store_entry(p, val, preserve_ad);
        logdirty_entry_changed(d, table, index);
        l1e_put(*ret_old);
    }
    return rc;
}

static int update_upper(struct page_info *table, unsigned int index, unsigned long val,
                        bool preserve_ad, struct domain *d)
{
    unsigned long *p = (unsigned long *)page_to_virt(table) + index, old = READ_ONCE(*p);
    unsigned int level = type_level(table->type_info);
    int rc;

    if (store_cheap(p, &old, val | PTE_US, UPPER_CHEAP, preserve_ad)) {
        logdirty_entry_changed(d, table, index);
        return 0;
    }
    rc = upper_get(&val, level, d, true);
    if (likely(!rc)) {
        old = store_entry(p, val, preserve_ad && (val & PTE_P));
        logdirty_entry_changed(d, table, index);
        /* The old table is parked if its release takes long: that is not this entry's affair. */
        (void)upper_put(old, true);
    }
    return rc;
}

int pt_update_entry(struct page_info *table, unsigned int index, unsigned long val,
                    bool preserve_ad, struct domain *pt_dom, struct domain *pg_dom)
{
    unsigned int level = type_level(table->type_info);
    unsigned long old;

    if (likely(level == 1))
        return update_l1(table, index, val, preserve_ad, pt_dom, pg_dom, &old);
    if (unlikely(pg_dom != pt_dom))
        return -EPERM;
    if (level == 4 && unlikely(is_hv_slot(index)))
        return -EINVAL;
    return update_upper(table, index, val, preserve_ad, pt_dom);
}

int pt_swap_l1_entry(struct page_info *table, unsigned int index, unsigned long val,
                     struct domain *d, unsigned long *ret_old)
{
    return update_l1(table, index, val, false, d, d, ret_old);
}

int pt_walk_l1(struct vcpu *v, unsigned long va, struct page_info **ret_table,
               unsigned int *ret_index)
{
    struct page_info *pg;
    unsigned long *t;

    if (unlikely(!is_canonical(va) || is_hv_address(va)))
        return -EFAULT;
    pg = mfn_to_page(v->arch.kernel_mode || mfn_eq(v->arch.user_l4, INVALID_MFN) ? v->arch.kernel_l4
                                                                                 : v->arch.user_l4);
    for (unsigned int level = 4; level > 1; level--) {
        unsigned long e;

        t = page_to_virt(pg);
        e = READ_ONCE(t[pt_index(va, level)]);
        /*
         * Another vCPU may be taking these tables apart and writing what it likes into them.
         * Whoever uses the result takes references and checks the type; here it is enough to stay
         * in RAM.
         */
        if (!(e & PTE_P) || unlikely(!mfn_valid(_mfn(pte_mfn(e)))))
            return -EFAULT;
        pg = mfn_to_page(_mfn(pte_mfn(e)));
        if (unlikely(pg->count_info & (PGC_RESERVED | PGC_XEN_HEAP)))
            return -EFAULT;
    }
    *ret_table = pg;
    *ret_index = pt_index(va, 1);
    return 0;
}

int pt_get_l4(struct domain *d, unsigned long mfn)
{
    int rc;

    if (!mfn_valid(_mfn(mfn)))
        return -EINVAL;
    rc = get_page_and_type_preempt(mfn_to_page(_mfn(mfn)), d, PGT_L4, true);
    return !rc || rc == -ERESTART ? rc : -EINVAL;
}

int pt_put_l4(mfn_t *l4, bool preempt)
{
    struct page_info *pg;
    int rc;

    if (mfn_eq(*l4, INVALID_MFN))
        return 0;
    pg = mfn_to_page(*l4);
    *l4 = INVALID_MFN;
    rc = put_type(pg, preempt);
    put_page(pg);
    return rc;
}
