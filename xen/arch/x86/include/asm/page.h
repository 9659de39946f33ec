/* SPDX-License-Identifier: MIT */
/* page.h - page-table entries of all levels, as plain unsigned longs. */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <xen/types.h>
#include <asm/layout.h>

#define PTE_P          (1UL << 0)
#define PTE_RW         (1UL << 1)
#define PTE_US         (1UL << 2)
#define PTE_PWT        (1UL << 3)
#define PTE_PCD        (1UL << 4)
#define PTE_A          (1UL << 5)
#define PTE_D          (1UL << 6)
#define PTE_PSE        (1UL << 7) /* L2, L3: large page */
#define PTE_PAT        (1UL << 7) /* L1 */
#define PTE_G          (1UL << 8)
#define PTE_AVAIL      (7UL << 9)
#define PTE_HIGH_AVAIL (0x7ffUL << 52)
#define PTE_NX         (1UL << 63)
#define PTE_MFN_MASK   0x000ffffffffff000UL
#define PTE_CACHE      (PTE_PAT | PTE_PCD | PTE_PWT)

static inline unsigned long pte_mfn(unsigned long e)
{
    return (e & PTE_MFN_MASK) >> PAGE_SHIFT;
}
static inline unsigned long pte_flags(unsigned long e)
{
    return e & ~PTE_MFN_MASK;
}

/* Index of va in a table of the given level (1 to 4). */
static inline unsigned int pt_index(unsigned long va, unsigned int level)
{
    return (va >> (PAGE_SHIFT + 9 * (level - 1))) & 511;
}
static inline bool is_canonical(unsigned long va)
{
    return (unsigned long)((long)(va << 16) >> 16) == va;
}
static inline bool is_hv_address(unsigned long va)
{
    return va >= HYPERVISOR_VIRT_START && va < HYPERVISOR_VIRT_END;
}
static inline bool is_hv_slot(unsigned int l4_index)
{
    return l4_index >= HV_SLOT_FIRST && l4_index <= HV_SLOT_LAST;
}

#define HV_PTE_RO    (PTE_P | PTE_A | PTE_D | PTE_G | PTE_NX)
#define HV_PTE_RW    (HV_PTE_RO | PTE_RW)
#define HV_PTE_RX    (PTE_P | PTE_A | PTE_G)
#define HV_PTE_UC    (HV_PTE_RW | PTE_PCD | PTE_PWT)
#define HV_PTE_TABLE (PTE_P | PTE_RW | PTE_A | PTE_D)

#endif /* ASM_PAGE_H */
