/* SPDX-License-Identifier: MIT */
/*
 * layout.h - the hypervisor's virtual address space (for C and assembler).
 *
 *   slot  start             size   what                                          guest access
 *   256   ffff800000000000  256 G  machine-to-phys table (M2P)                   read
 *   257   ffff808000000000  512 G  the same table, writable                      -
 *   258   ffff810000000000  512 G  frame table: struct page_info per frame       -
 *   259   ffff818000000000  512 G  per-domain area: GDT and LDT of each vCPU     (by selectors)
 *   260   ffff820000000000  512 G  image at +1 GiB, ioremap area at +2 GiB       -
 *   262   ffff830000000000  5 T    direct map of host memory                     -
 *
 * Slots 256 to 271 belong to the hypervisor in every guest address space (4.17 ABI).
 */
#ifndef ASM_LAYOUT_H
#define ASM_LAYOUT_H

#include <public/arch-x86/xen-x86_64.h>

#ifdef __ASSEMBLER__
#define UL_(x) x
#else
#define UL_(x) x##UL
#endif

#define PAGE_SHIFT 12
#define PAGE_SIZE  (UL_(1) << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

/* ABI constants: C takes them from the public headers, which the assembler cannot read. */
#ifdef __ASSEMBLER__
#define FIRST_RESERVED_GDT_PAGE  14
#define FIRST_RESERVED_GDT_ENTRY (FIRST_RESERVED_GDT_PAGE * 512)
#else
#include <public/xen.h>
#endif

#define HV_SLOT_FIRST 256
#define HV_SLOT_LAST  271

#define RO_M2P_START     UL_(0xffff800000000000)
#define RO_M2P_END       UL_(0xffff804000000000)
#define RW_M2P_START     UL_(0xffff808000000000)
#define FRAMETABLE_START UL_(0xffff810000000000)
#define PERDOMAIN_START  UL_(0xffff818000000000)
#define PERDOMAIN_SLOT   259
#define IMAGE_VIRT_BASE  UL_(0xffff820040000000) /* maps physical address 0 of the image */
#define IMAGE_LOAD_PADDR UL_(0x200000)
#define IOREMAP_START    UL_(0xffff820080000000)
#define IOREMAP_END      UL_(0xffff824000000000)
#define DIRECTMAP_START  UL_(0xffff830000000000)
#define DIRECTMAP_END    UL_(0xffff880000000000)

/* Each vCPU has 32 pages of the per-domain area: 16 for its GDT, 16 for its LDT. */
#define PERDOMAIN_VCPU_SHIFT 17
#define GDT_VIRT(vcpu_id)    (PERDOMAIN_START + (UL_(1) * (vcpu_id) << PERDOMAIN_VCPU_SHIFT))
#define LDT_VIRT(vcpu_id)    (GDT_VIRT(vcpu_id) + 16 * PAGE_SIZE)

/*
 * A CPU's stacks: 8 pages. The lowest four are exception stacks (#DF, NMI, #MC, #DB), then a page
 * that is not mapped, so that the main stack, the last three pages, cannot run into them.
 */
#define STACK_ORDER     3
#define STACK_SIZE      (PAGE_SIZE << STACK_ORDER)
#define STACK_GUARD     (4 * PAGE_SIZE) /* offset of that page */
#define MAIN_STACK_SIZE (STACK_SIZE - STACK_GUARD - PAGE_SIZE)

/*
 * Selectors. The first 14 GDT pages belong to the guest; ours begin at entry 7168. FLAT_* ones
 * (0xe023, 0xe02b, 0xe033) are ABI; these are private.
 */
#define GDT_LIMIT    0xefff /* 15 pages: the guest's and ours */
#define HV_CS32      0xe008
#define HV_CS        0xe038
#define HV_DS        0xe040
#define TSS_SELECTOR 0xe048
#define LDT_SELECTOR 0xe058

#endif /* ASM_LAYOUT_H */
