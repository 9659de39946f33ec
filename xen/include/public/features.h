/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: feature bits, told to a guest by XENVER_get_features and named
 * by a kernel in its ELF notes.
 */
#ifndef XEN_PUBLIC_FEATURES_H
#define XEN_PUBLIC_FEATURES_H

#define XENFEAT_writable_page_tables       0  /* page tables need not be read-only */
#define XENFEAT_writable_descriptor_tables 1  /* nor descriptor tables */
#define XENFEAT_auto_translated_physmap    2  /* frame numbers are guest-physical */
#define XENFEAT_supervisor_mode_kernel     3  /* the kernel runs in ring 0 */
#define XENFEAT_pae_pgdir_above_4gb        4  /* 32-bit guests */
#define XENFEAT_mmu_pt_update_preserve_ad  5  /* MMU_PT_UPDATE_PRESERVE_AD works */
#define XENFEAT_highmem_assist             6  /* MMUEXT_CLEAR_PAGE and MMUEXT_COPY_PAGE work */
#define XENFEAT_gnttab_map_avail_bits      7  /* GNTMAP_guest_avail_mask works */
#define XENFEAT_hvm_callback_vector        8  /* HVM: events as an interrupt vector */
#define XENFEAT_hvm_safe_pvclock           9  /* HVM: vcpu_time_info can be used */
#define XENFEAT_hvm_pirqs                  10 /* HVM: interrupts as event channels */
#define XENFEAT_dom0                       11 /* can be Dom0 */
#define XENFEAT_memory_op_vnode_supported  13 /* XENMEMF_vnode works */
#define XENFEAT_ARM_SMCCC_supported        14 /* not on x86 */
#define XENFEAT_linux_rsdp_unrestricted    15 /* PVH: the RSDP may be above 1 MiB */
#define XENFEAT_not_direct_mapped          16 /* gfn and mfn differ */
#define XENFEAT_direct_mapped              17 /* gfn and mfn are equal */

#define XENFEAT_NR_SUBMAPS 1 /* 32-bit words */

#endif /* XEN_PUBLIC_FEATURES_H */
