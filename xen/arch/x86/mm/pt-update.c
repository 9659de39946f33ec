/* SPDX-License-Identifier: MIT */
/*
 * pt-update.c - changes of single entries in live page tables.
 *
 * The frame's PGT_LOCKED bit serialises changes of one table; the CPU sets accessed and dirty bits
 * at any time, so stores that keep those are compare-and-exchange.
 */
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/mm.h>
#include <asm/page.h>
#include "pt.h"

/* Bits that carry no reference and no right over a frame. */
#define L1_CHEAP (PTE_A | PTE_D | PTE_AVAIL | PTE_HIGH_AVAIL | PTE_NX)

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

/* *ret_old: the entry that was replaced; its references are gone by then. */
static int update_l1(unsigned long *p, unsigned long val, bool preserve_ad, struct domain *d,
                     struct domain *pg_dom, unsigned long *ret_old)
{
    unsigned long old = READ_ONCE(*p);
    int rc;

    if (!(val & PTE_P)) {
        *ret_old = xchg(p, val);
        l1e_put(*ret_old);
        return 0;
    }
    val = (val | PTE_US) & ~PTE_G;
    if ((old & PTE_P) && !((old ^ val) & ~L1_CHEAP) && d == pg_dom) {
        *ret_old = store_entry(p, val, preserve_ad);
        return 0;
    }
    rc = l1e_get(&val, d, pg_dom);
    if (likely(!rc)) {
        *ret_old = store_entry(p, val, preserve_ad);
        l1e_put(*ret_old);
    }
    return rc;
}

static int update_upper(unsigned long *p, unsigned long val, unsigned int level, bool preserve_ad,
                        struct domain *d)
{
    unsigned long old = READ_ONCE(*p);
    int rc;

    if ((old & val & PTE_P) && pte_mfn(old) == pte_mfn(val) &&
        !((old ^ (val | PTE_US)) &
          ~(PTE_A | PTE_D | PTE_AVAIL | PTE_HIGH_AVAIL | PTE_NX | PTE_RW | PTE_MFN_MASK))) {
        store_entry(p, val | PTE_US, preserve_ad);
        return 0;
    }
    rc = upper_get(&val, level, d);
    if (likely(!rc))
        upper_put(store_entry(p, val, preserve_ad && (val & PTE_P)));
    return rc;
}

int pt_update_entry(struct page_info *table, unsigned int index, unsigned long val,
                    bool preserve_ad, struct domain *pt_dom, struct domain *pg_dom)
{
    unsigned long *p = (unsigned long *)page_to_virt(table) + index;
    unsigned int level = type_level(table->type_info);
    unsigned long old;
    int rc;

    if (level > 1 && unlikely(pg_dom != pt_dom))
        return -EPERM;
    if (level == 4 && unlikely(is_hv_slot(index)))
        return -EINVAL;
    pt_lock(table);
    if (level == 1)
        rc = update_l1(p, val, preserve_ad, pt_dom, pg_dom, &old);
    else
        rc = update_upper(p, val, level, preserve_ad, pt_dom);
    pt_unlock(table);
    return rc;
}

int pt_swap_l1_entry(struct page_info *table, unsigned int index, unsigned long val,
                     struct domain *d, unsigned long *ret_old)
{
    int rc;

    pt_lock(table);
    rc = update_l1((unsigned long *)page_to_virt(table) + index, val, false, d, d, ret_old);
    pt_unlock(table);
    return rc;
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
    if (!mfn_valid(_mfn(mfn)) || get_page_and_type(mfn_to_page(_mfn(mfn)), d, PGT_L4))
        return -EINVAL;
    return 0;
}

void pt_put_l4(mfn_t mfn)
{
    if (!mfn_eq(mfn, INVALID_MFN))
        put_page_and_type(mfn_to_page(mfn));
}
