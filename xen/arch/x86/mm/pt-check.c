/* SPDX-License-Identifier: MIT */
/*
 * pt-check.c - what a PV guest may have in its page tables and descriptor tables, and the
 * references that each present entry holds.
 *
 *   L1 entry        a reference on the frame, and a writable use if the entry allows writes
 *   L2..L4 entry    a reference and a use as a table of the next lower level
 *
 * Frames without page_info, or reserved ones, are devices or firmware: only domains with I/O rights
 * may map them, and no references are kept. Frames of ours that were given to a domain to map have
 * a use of their own, which keeps them from becoming tables.
 */
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/rangeset.h>
#include <xen/sched.h>
#include <asm/logdirty.h>
#include <asm/mm.h>
#include <asm/page.h>
#include <asm/pv.h>
#include "pt.h"

#define UPPER_REFUSED (PTE_PSE | PTE_PWT | PTE_PCD | PTE_G)

/* Device frames of ours that guests may read: writable mappings silently become read-only. */
struct rangeset *mmio_ro_ranges;

static always_inline bool is_io_frame(unsigned long mfn)
{
    return !mfn_valid(_mfn(mfn)) || (mfn_to_page(_mfn(mfn))->count_info & PGC_RESERVED);
}

/* Cached mappings of device memory become uncached; UC-, UC and WC stay what they are. */
static unsigned long io_cache_bits(unsigned long e)
{
    switch (e & PTE_CACHE) {
    case PTE_PCD:
    case PTE_PCD | PTE_PWT:
    case PTE_PAT:
        return e;
    }
    return (e & ~PTE_CACHE) | PTE_PCD | PTE_PWT;
}

static int get_io_frame(unsigned long *e, const struct domain *d)
{
    unsigned long mfn = pte_mfn(*e);

    if (mfn >= max_mfn())
        return -EINVAL;
    if (!d->arch.has_io_rights || !rangeset_contains(d->arch.iomem, mfn, mfn))
        return -EPERM;
    if ((*e & PTE_RW) && rangeset_contains(mmio_ro_ranges, mfn, mfn))
        *e &= ~PTE_RW;
    *e = io_cache_bits(*e);
    return 0;
}

/*
 * RAM that the guest wants other than write-back. Our own pages we use through the caches
 * ourselves; others are marked, so that what is checked or handed on later is what memory holds.
 */
static int allow_uncached(struct page_info *pg, unsigned long e)
{
    if (pg->count_info & PGC_XEN_HEAP) {
        if (e & PTE_RW)
            put_page_type(pg);
        return -EACCES;
    }
    if ((e & PTE_RW) && !(READ_ONCE(pg->count_info) & PGC_INCOHERENT))
        __atomic_fetch_or(&pg->count_info, PGC_INCOHERENT, __ATOMIC_SEQ_CST);
    return 0;
}

/* Another domain's page, with the references that the entry holds. */
static int check_foreign(struct page_info *pg, unsigned long e)
{
    if (page_unfilled(pg)) {
        if (e & PTE_RW)
            put_page_type(pg);
        put_page(pg);
        return -ENOENT;
    }
    if (e & PTE_RW)
        page_dirtied(pg); /* from now on, without being asked */
    return 0;
}

int l1e_get(unsigned long *e, struct domain *d, struct domain *pg_dom)
{
    unsigned long mfn = pte_mfn(*e);
    struct page_info *pg;
    int rc;

    if (!(*e & PTE_P))
        return 0;
    *e = (*e | PTE_US) & ~PTE_G;
    if (unlikely((*e & PTE_CACHE) && !d->arch.has_io_rights))
        return -EINVAL;
    if (unlikely(is_io_frame(mfn)))
        return get_io_frame(e, d);
    pg = mfn_to_page(_mfn(mfn));
    if (unlikely(!get_page_quick(pg, pg_dom)))
        return page_owner(pg) ? -EBUSY : -EINVAL;
    rc = *e & PTE_RW ? get_writable_quick(pg) : 0;
    if (unlikely(*e & PTE_CACHE) && !rc)
        rc = allow_uncached(pg, *e);
    if (unlikely(rc))
        put_page(pg);
    else if (pg_dom != d)
        rc = check_foreign(pg, *e);
    return rc;
}

void l1e_put(unsigned long e)
{
    struct page_info *pg;

    if (!(e & PTE_P) || is_io_frame(pte_mfn(e)))
        return;
    pg = mfn_to_page(_mfn(pte_mfn(e)));
    if (e & PTE_RW) {
        /* Its owner's own writes are seen when they happen, others' are not. */
        if (unlikely(logdirty_domains) && page_owner(pg) != current->domain)
            page_dirtied(pg);
        (void)put_type_quick(pg, false);
    }
    put_page_quick(pg);
}

int upper_get(unsigned long *e, unsigned int level, struct domain *d, bool preempt)
{
    struct page_info *pg;
    int rc;

    if (!(*e & PTE_P))
        return 0;
    if (unlikely((*e & UPPER_REFUSED) || !mfn_valid(_mfn(pte_mfn(*e)))))
        return -EINVAL;
    *e |= PTE_US;
    pg = mfn_to_page(_mfn(pte_mfn(*e)));
    rc = get_page_and_type_preempt(pg, d, level_type(level - 1), preempt);
    return !rc || rc == -ERESTART ? rc : -EINVAL;
}

int upper_put(unsigned long e, bool preempt)
{
    struct page_info *pg;
    int rc;

    if (!(e & PTE_P))
        return 0;
    pg = mfn_to_page(_mfn(pte_mfn(e)));
    rc = put_type(pg, preempt);
    put_page(pg);
    return rc;
}

/*
 * Index of the next present entry at or after i, n if there is none. Tables are mostly empty: eight
 * entries are looked at together.
 */
static unsigned int next_present(const unsigned long *t, unsigned int i, unsigned int n)
{
    while (i < n) {
        const unsigned long *e = &t[i];

        if (!(i & 7) && !((e[0] | e[1] | e[2] | e[3] | e[4] | e[5] | e[6] | e[7]) & PTE_P))
            i += 8;
        else if (*e & PTE_P)
            return i;
        else
            i++;
    }
    return n;
}

/* Number of entries up to and with the last present one of the first n; 0 if there is none. */
static unsigned int last_present(const unsigned long *t, unsigned int n)
{
    while (n) {
        const unsigned long *e = &t[n - 1];

        if (!(n & 7) && !((e[0] | e[-1] | e[-2] | e[-3] | e[-4] | e[-5] | e[-6] | e[-7]) & PTE_P))
            n -= 8;
        else if (*e & PTE_P)
            return n;
        else
            n--;
    }
    return 0;
}

static void say_refused(const struct domain *d, unsigned int level, unsigned int i, unsigned long e,
                        int rc)
{
    printk(XLOG_GUEST_DEBUG "d%u: L%u entry %u (%016lx) refused: %d\n", d->domain_id, level, i, e,
           rc);
}

static void l1_put(const unsigned long *t, unsigned int n)
{
    for (unsigned int i = next_present(t, 0, n); i < n; i = next_present(t, i + 1, n))
        l1e_put(t[i]);
}

static int l1_get(unsigned long *t, struct domain *d)
{
    for (unsigned int i = next_present(t, 0, 512); i < 512; i = next_present(t, i + 1, 512)) {
        unsigned long e = t[i];
        int rc = l1e_get(&e, d, d);

        if (unlikely(rc)) {
            say_refused(d, 1, i, e, rc);
            l1_put(t, i);
            return rc;
        }
        if (e != t[i])
            WRITE_ONCE(t[i], e);
    }
    return 0;
}

static bool is_ours(unsigned int level, unsigned int i)
{
    return level == 4 && is_hv_slot(i);
}

int pt_promote(struct page_info *pg, unsigned int level, unsigned int *pos, bool preempt)
{
    unsigned long *t = page_to_virt(pg);
    struct domain *d = page_owner(pg);
    bool moved = false;

    for (unsigned int i = next_present(t, *pos, 512); i < 512; i = next_present(t, i + 1, 512)) {
        unsigned long e = t[i];
        int rc;

        if (is_ours(level, i))
            continue;
        *pos = i;
        if (preempt && moved && hypercall_preempt_check())
            return -ERESTART;
        rc = upper_get(&e, level, d, preempt);
        if (unlikely(rc)) {
            if (rc != -ERESTART)
                say_refused(d, level, i, e, rc);
            return rc;
        }
        if (e != t[i])
            WRITE_ONCE(t[i], e);
        moved = true;
    }
    *pos = 512;
    if (level == 4)
        pv_init_l4_slots(d, t);
    return 0;
}

/* The table that promotion has stopped in, if it has: nobody would come back for it. */
static int release_partial_below(unsigned long e, unsigned int level, const struct domain *d,
                                 bool preempt)
{
    struct page_info *pg;
    int rc;

    if (!(e & PTE_P) || !mfn_valid(_mfn(pte_mfn(e))))
        return 0;
    pg = mfn_to_page(_mfn(pte_mfn(e)));
    if (!get_page(pg, d))
        return 0;
    rc = release_partial(pg, level - 1, preempt);
    put_page(pg);
    return rc;
}

int pt_demote(struct page_info *pg, unsigned int level, unsigned int *pos, bool preempt)
{
    const unsigned long *t = page_to_virt(pg);
    bool moved = false;
    int rc = 0;

    if (*pos < 512 && !is_ours(level, *pos))
        rc = release_partial_below(t[*pos], level, page_owner(pg), preempt);
    if (rc)
        return rc;
    for (;;) {
        *pos = last_present(t, *pos);
        if (!*pos)
            return 0;
        if (is_ours(level, *pos - 1)) {
            *pos = HV_SLOT_FIRST;
            continue;
        }
        if (preempt && moved && hypercall_preempt_check())
            return -ERESTART;
        /* Whatever becomes of the lower table, this one does not refer to it any more. */
        rc = upper_put(t[--*pos], preempt);
        if (rc)
            return rc;
        moved = true;
    }
}

/*
 * Code and data segments only, made callable from ring 3. The descriptor's base and limit are the
 * guest's own affair: paging protects us. Not-present descriptors may hold anything.
 */
int descriptor_check(u64 *desc)
{
    if (!(*desc >> 47 & 1))
        return 0;
    if (!(*desc >> 44 & 1))
        return -EINVAL; /* gates, TSS, LDT */
    if ((*desc >> 43 & 1) && (*desc >> 53 & 1) && (*desc >> 54 & 1))
        return -EINVAL; /* code segment with both L and D */
    *desc |= 3ULL << 45;
    return 0;
}

static int descriptors_get(u64 *t)
{
    for (unsigned int i = 0; i < 512; i++) {
        u64 desc = t[i];
        int rc = descriptor_check(&desc);

        if (rc)
            return rc;
        if (desc != t[i])
            WRITE_ONCE(t[i], desc);
    }
    return 0;
}

int pt_validate(struct page_info *pg, unsigned long type)
{
    void *t = page_to_virt(pg);

    return type == PGT_SEG_DESC ? descriptors_get(t) : l1_get(t, page_owner(pg));
}

void pt_invalidate_l1(struct page_info *pg)
{
    l1_put(page_to_virt(pg), 512);
}
