/* SPDX-License-Identifier: MIT */
/* pt.h - entries of guest page tables: references they hold. Private to arch/x86/mm. */
#ifndef X86_MM_PT_H
#define X86_MM_PT_H

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
int release_partial(struct page_info *pg, unsigned int level);
/* In arch.parked: the table that the vCPU has begun to promote and will come back for. */
#define HALF_DONE 0
/* For hypercalls that take a table: get_page_and_type_preempt(), and remembers it on -ERESTART. */
int get_table(struct page_info *pg, const struct domain *d, unsigned long type) __must_check;

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
/* upper_get() for the one entry that a hypercall stores. */
int upper_get_entry(unsigned long *e, unsigned int level, struct domain *d) __must_check;
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

/* Before one operation of several; resumed: it may be the one that was stopped. */
static inline int drain_before_op(bool resumed)
{
    return resumed ? pt_drain_parked(current) : pt_drain(current);
}
/* mmu-update.c: result of hypercall nr, once what the vCPU has parked is taken apart. */
long finish_mmu_op(unsigned int nr, int rc);
/* The domain whose frames a call is about, with a reference; NULL: none such, or the
 * caller may not (*ret_rc). */
struct domain *find_page_domain(domid_t id, int *ret_rc) __must_check;
/* The CPUs that may hold translations of the vCPUs in a guest bitmap. */
int vcpumask_to_cpus(struct domain *d, unsigned long uaddr, cpumask_t *ret_mask) __must_check;

#endif /* X86_MM_PT_H */
