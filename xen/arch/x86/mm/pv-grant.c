/* SPDX-License-Identifier: MIT */
/*
 * pv-grant.c - grant mappings in the page tables of the current PV guest.
 *
 * The entry holds the references that common/gnttab took for it. Whoever removes the entry drops
 * them: an explicit unmap through common/gnttab, or l1e_put when the guest overwrites the entry or
 * its tables go.
 */
#include <xen/grant-table.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <public/grant_table.h>
#include <asm/logdirty.h>
#include <asm/mm.h>
#include <asm/page.h>
#include "pt.h"

/* The L1 table and index that addr names, with a reference and type reference on the table. */
static int find_slot(unsigned long addr, unsigned int flags, struct page_info **ret_table,
                     unsigned int *ret_index)
{
    struct vcpu *v = current;

    if (flags & GNTMAP_contains_pte) {
        if ((addr & 7) || !mfn_valid(_mfn(addr >> PAGE_SHIFT)))
            return GNTST_general_error;
        *ret_table = mfn_to_page(_mfn(addr >> PAGE_SHIFT));
        *ret_index = (addr & ~PAGE_MASK) / 8;
    } else if ((addr & ~PAGE_MASK) || pt_walk_l1(v, addr, ret_table, ret_index)) {
        return GNTST_bad_virt_addr;
    }
    return get_page_and_type(*ret_table, v->domain, PGT_L1) ? GNTST_general_error : GNTST_okay;
}

static unsigned long grant_entry(mfn_t mfn, unsigned int flags)
{
    unsigned long e = mfn_to_maddr(mfn) | PTE_P | PTE_US | PTE_A | PTE_D;

    if (!(flags & GNTMAP_readonly))
        e |= PTE_RW;
    /* The guest's own software bits: map flags 16 to 18 become entry bits 9 to 11. */
    return e | ((unsigned long)(flags >> 16) & 7) << 9;
}

static unsigned long *slot_ptr(struct page_info *table, unsigned int index)
{
    return (unsigned long *)page_to_virt(table) + index;
}

/* The entry that was there. In the caller's own table. */
static unsigned long replace(struct page_info *table, unsigned int index, unsigned long val)
{
    unsigned long old = xchg(slot_ptr(table, index), val);

    logdirty_entry_changed(current->domain, table, index);
    return old;
}

int arch_grant_map(unsigned long addr, mfn_t mfn, unsigned int flags)
{
    struct page_info *table;
    unsigned int index;
    unsigned long old;
    int st = find_slot(addr, flags, &table, &index);

    if (st)
        return st;
    old = replace(table, index, grant_entry(mfn, flags));
    l1e_put(old);
    put_page_and_type(table);
    return GNTST_okay;
}

/* Whether entry e maps mfn with the access that the grant gave. */
static bool matches(unsigned long e, mfn_t mfn, unsigned int flags)
{
    return (e & PTE_P) && pte_mfn(e) == mfn_x(mfn) && !!(e & PTE_RW) == !(flags & GNTMAP_readonly);
}

static int swap_entry(unsigned long addr, mfn_t mfn, unsigned int flags, unsigned long val)
{
    struct page_info *table;
    unsigned int index;
    unsigned long e, seen;
    int st = find_slot(addr, flags, &table, &index);

    if (st)
        return st;
    /* The CPU may set accessed and dirty bits meanwhile. */
    for (e = READ_ONCE(*slot_ptr(table, index)); matches(e, mfn, flags); e = seen) {
        seen = cmpxchg(slot_ptr(table, index), e, val);
        if (seen == e) {
            logdirty_entry_changed(current->domain, table, index);
            break;
        }
    }
    st = matches(e, mfn, flags) ? GNTST_okay : GNTST_general_error;
    put_page_and_type(table);
    return st;
}

int arch_grant_unmap(unsigned long addr, mfn_t mfn, unsigned int flags)
{
    return swap_entry(addr, mfn, flags, 0);
}

int arch_grant_replace(unsigned long addr, mfn_t mfn, unsigned long new_addr, unsigned int flags)
{
    struct page_info *table;
    unsigned int index;
    unsigned long moved;
    int st;

    if (!new_addr)
        return arch_grant_unmap(addr, mfn, flags);
    if (flags & GNTMAP_contains_pte)
        return GNTST_general_error;
    st = find_slot(new_addr, 0, &table, &index);
    if (st)
        return st;
    moved = replace(table, index, 0);
    st = swap_entry(addr, mfn, flags, moved);
    if (st) {
        moved = replace(table, index, moved);
        l1e_put(moved);
    }
    put_page_and_type(table);
    return st;
}
