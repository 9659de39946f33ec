/* SPDX-License-Identifier: MIT */
/* pt.h - entries of guest page tables: references they hold. Private to arch/x86/mm. */
#ifndef X86_MM_PT_H
#define X86_MM_PT_H

#include <xen/errno.h>
#include <xen/fill.h>
#include <xen/mm.h>
#include <xen/percpu.h>
#include <xen/sched.h>
#include <asm/current.h>
#include <asm/mm.h>

/* High bit of the count of mmu_update and mmuext_op: part was done before a continuation. */
#define COUNT_CONTINUED (1UL << 31)

static inline unsigned long level_type(unsigned int level)
{
    return (unsigned long)level << 60;
}
static inline unsigned int type_level(unsigned long type)
{
    return (unsigned int)((type & PGT_TYPE_MASK) >> 60);
}
static inline bool is_table_type(unsigned long type_info)
{
    unsigned int l = type_level(type_info);

    return l >= 1 && l <= 4;
}

/* --- page-type.c --- */
/*
 * As get_page_type() and put_page_type(), but with preempt they stop when other work waits:
 * -ERESTART. From get_type() it means: nothing was taken, come again. From put_type(): the use has
 * ended, and what is left to do is parked; the hypercall must pt_drain() before it returns.
 */
int get_type(struct page_info *pg, unsigned long type, bool preempt) __must_check;
int put_type(struct page_info *pg, bool preempt);
/* One more use of a type that the frame has and was checked for: never checks itself, -EBUSY. */
int get_valid_type(struct page_info *pg, unsigned long type) __must_check;

/* pt_release_partial() for a table of that level. */
int release_partial(struct page_info *pg, unsigned int level, bool preempt);

/* --- in line: what nearly every update of an entry does; the rest is left to the functions --- */

static always_inline bool change_word(unsigned long *p, unsigned long x, unsigned long nx)
{
    return __atomic_compare_exchange_n(p, &x, nx, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* get_page() */
static always_inline bool get_page_quick(struct page_info *pg, const struct domain *d)
{
    u32 owner = (u32)(((unsigned long)d - DIRECTMAP_START) >> PAGE_SHIFT);
    unsigned long x = READ_ONCE(pg->count_info);

    if (unlikely(READ_ONCE(pg->owner) != owner || (x & PGC_COUNT_MASK) < 1 ||
                 (x & PGC_COUNT_MASK) == PGC_COUNT_MASK || !change_word(&pg->count_info, x, x + 1)))
        return get_page(pg, d);
    if (likely(READ_ONCE(pg->owner) == owner))
        return true;
    put_page(pg);
    return false;
}

/* put_page() */
static always_inline void put_page_quick(struct page_info *pg)
{
    unsigned long x = READ_ONCE(pg->count_info);

    if (unlikely((x & PGC_COUNT_MASK) < 2 || !change_word(&pg->count_info, x, x - 1)))
        put_page(pg);
}

/* get_valid_type() */
static always_inline int get_valid_type_quick(struct page_info *pg, unsigned long type)
{
    unsigned long x = READ_ONCE(pg->type_info);

    if (likely((x & (PGT_TYPE_MASK | PGT_VALIDATED)) == (type | PGT_VALIDATED) &&
               (x & PGT_COUNT_MASK) && change_word(&pg->type_info, x, x + 1)))
        return 0;
    return get_valid_type(pg, type);
}

/* get_page_type() of PGT_WRITABLE: a frame that is plain memory, and was nothing else before. */
static always_inline int get_writable_quick(struct page_info *pg)
{
    unsigned long x = READ_ONCE(pg->type_info);

    if (likely((x & ~PGT_COUNT_MASK) == (PGT_WRITABLE | PGT_VALIDATED) && (x & PGT_COUNT_MASK)
                   ? change_word(&pg->type_info, x, x + 1)
                   : x == PGT_WRITABLE &&
                         change_word(&pg->type_info, x, PGT_WRITABLE | PGT_VALIDATED | 1)))
        return 0;
    return get_page_type(pg, PGT_WRITABLE);
}

/* put_type(), when it is not the last use of a table */
static always_inline int put_type_quick(struct page_info *pg, bool preempt)
{
    unsigned long x = READ_ONCE(pg->type_info);

    if (x == (PGT_WRITABLE | PGT_VALIDATED | 1)) {
        pg->stamp = tlb_clock();
        if (likely(change_word(&pg->type_info, x, PGT_WRITABLE)))
            return 0;
    }
    if (likely((x & PGT_COUNT_MASK) > 1 && change_word(&pg->type_info, x, x - 1)))
        return 0;
    return put_type(pg, preempt);
}

/* --- page-ref.c --- */
/* One more reference by a caller who has one. */
void get_page_again(struct page_info *pg);

/* --- pt-check.c --- */
/*
 * Takes the references that a present entry needs; may adjust *e (US added, G dropped, device
 * memory uncached). d owns the table, pg_dom the frames an L1 entry may map. Not-present entries
 * are accepted as they are. Entries of upper tables: -ERESTART as get_type() and put_type().
 */
int l1e_get(unsigned long *e, struct domain *d, struct domain *pg_dom) __must_check;
void l1e_put(unsigned long e);
int upper_get(unsigned long *e, unsigned int level, struct domain *d, bool preempt) __must_check;
int upper_put(unsigned long e, bool preempt);
/* Contents of a frame that becomes a level 1 table or holds descriptors; and its references gone.
 */
int pt_validate(struct page_info *pg, unsigned long type) __must_check;
void pt_invalidate_l1(struct page_info *pg);
/*
 * Tables of level 2 to 4: takes the references of all entries from *pos on, or drops those of all
 * below. *pos: where it stopped, because it was done, because other work waits (-ERESTART, after at
 * least one entry), or before an entry that was refused.
 */
int pt_promote(struct page_info *pg, unsigned int level, unsigned int *pos,
               bool preempt) __must_check;
int pt_demote(struct page_info *pg, unsigned int level, unsigned int *pos,
              bool preempt) __must_check;

/*
 * -EBUSY from get_page_type() may mean that the frame was found partial and is parked now: then the
 * hypercall is made again. What it found parked at its start it has drained.
 */
static inline int busy_or_again(int rc)
{
    return unlikely(rc == -EBUSY && current->arch.parked_levels) ? -ERESTART : rc;
}
/* 0: the frame has its content; -ERESTART: it has not, and the current vCPU waits; else -EBUSY. */
static inline int unfilled_or_busy(const struct page_info *pg)
{
    if (page_filled(pg))
        return 0;
    return current->arch.waits_fill ? -ERESTART : -EBUSY;
}
/* mmu-update.c: result of hypercall nr, once what the vCPU has parked is taken apart. */
long finish_mmu_op(unsigned int nr, int rc);
/* The domain whose frames a call is about, with a reference; NULL: none such, or the
 * caller may not (*ret_rc). */
struct domain *find_page_domain(domid_t id, int *ret_rc) __must_check;
/* The CPUs that may hold translations of the vCPUs in a guest bitmap. */
int vcpumask_to_cpus(struct domain *d, unsigned long uaddr, cpumask_t *ret_mask) __must_check;

#endif /* X86_MM_PT_H */
