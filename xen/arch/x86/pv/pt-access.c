/* SPDX-License-Identifier: MIT */
/* pt-access.c - what the page-table write emulation (ptwr.c) needs of the page-table code. */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/mm.h>
#include <asm/page.h>
#include "private.h"

int pv_walk_l1e(struct vcpu *v, unsigned long va, unsigned long *ret_l1e)
{
    struct page_info *table;
    unsigned int index;
    int rc = pt_walk_l1(v, va, &table, &index);

    if (!rc)
        *ret_l1e = READ_ONCE(((unsigned long *)page_to_virt(table))[index]);
    return rc;
}

int pv_l1_update_by_va(struct vcpu *v, unsigned long va_of_pte, unsigned long old, bool check_old,
                       unsigned long val)
{
    unsigned int index = (va_of_pte & ~PAGE_MASK) / 8;
    struct page_info *table;
    unsigned long e;
    int rc = pv_walk_l1e(v, va_of_pte, &e);

    if (rc || !(e & PTE_P) || !mfn_valid(_mfn(pte_mfn(e))))
        return -EFAULT;
    table = mfn_to_page(_mfn(pte_mfn(e)));
    if ((READ_ONCE(table->type_info) & PGT_TYPE_MASK) != PGT_L1)
        return -EINVAL;
    rc = get_page_and_type(table, v->domain, PGT_L1);
    if (rc)
        return rc;
    /* A guest that races its own vCPUs here gets one of the outcomes real hardware could give. */
    if (check_old && READ_ONCE(((unsigned long *)page_to_virt(table))[index]) != old)
        rc = -EAGAIN;
    else
        rc = pt_update_entry(table, index, val, false, v->domain, v->domain);
    put_page_and_type(table);
    return rc;
}
