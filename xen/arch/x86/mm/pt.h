/* SPDX-License-Identifier: MIT */
/* pt.h - entries of guest page tables: references they hold. Private to arch/x86/mm. */
#ifndef X86_MM_PT_H
#define X86_MM_PT_H

#include <xen/mm.h>
#include <xen/percpu.h>

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

/*
 * Takes the references that a present entry needs; may adjust *e (US added, G dropped, device
 * memory uncached). d owns the table, pg_dom the frames an L1 entry may map. Not-present entries
 * are accepted as they are.
 */
int l1e_get(unsigned long *e, struct domain *d, struct domain *pg_dom) __must_check;
void l1e_put(unsigned long e);
int upper_get(unsigned long *e, unsigned int level, struct domain *d) __must_check;
void upper_put(unsigned long e);

/* mmu-update.c: the CPUs that may hold translations of the vCPUs in a guest bitmap. */
int vcpumask_to_cpus(struct domain *d, unsigned long uaddr, cpumask_t *ret_mask) __must_check;

#endif /* X86_MM_PT_H */
