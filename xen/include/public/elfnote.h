/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: ELF notes with the name "Xen" in a guest kernel.  Numbers are 4
 * or 8 bytes, strings are zero-terminated.
 */
#ifndef XEN_PUBLIC_ELFNOTE_H
#define XEN_PUBLIC_ELFNOTE_H

#define XEN_ELFNOTE_INFO               0  /* string "name=value" */
#define XEN_ELFNOTE_ENTRY              1  /* linear address of the PV entry point */
#define XEN_ELFNOTE_HYPERCALL_PAGE     2  /* linear address of the page to fill */
#define XEN_ELFNOTE_VIRT_BASE          3  /* linear address of pseudo-physical 0 */
#define XEN_ELFNOTE_PADDR_OFFSET       4  /* what ELF p_paddr has to be reduced by */
#define XEN_ELFNOTE_XEN_VERSION        5  /* string, "xen-3.0" */
#define XEN_ELFNOTE_GUEST_OS           6  /* string */
#define XEN_ELFNOTE_GUEST_VERSION      7  /* string */
#define XEN_ELFNOTE_LOADER             8  /* string, "generic" */
#define XEN_ELFNOTE_PAE_MODE           9  /* string, 32-bit kernels */
#define XEN_ELFNOTE_FEATURES           10 /* string: XENFEAT names joined by '|'; '!': required */
#define XEN_ELFNOTE_BSD_SYMTAB         11 /* string "yes": load the symbol table */
#define XEN_ELFNOTE_HV_START_LOW       12 /* lowest linear address the kernel leaves to us */
#define XEN_ELFNOTE_L1_MFN_VALID       13 /* mask and value: not-present entries with a frame */
#define XEN_ELFNOTE_SUSPEND_CANCEL     14 /* 1: the kernel can go on after a suspend */
#define XEN_ELFNOTE_INIT_P2M           15 /* linear address for the frame list, outside the image */
#define XEN_ELFNOTE_MOD_START_PFN      16 /* 1: the initrd need not be mapped */
#define XEN_ELFNOTE_SUPPORTED_FEATURES 17 /* bit per XENFEAT */
#define XEN_ELFNOTE_PHYS32_ENTRY       18 /* guest-physical address of the PVH entry point */
#define XEN_ELFNOTE_MAX                XEN_ELFNOTE_PHYS32_ENTRY

/* Notes in crash dumps: about the hypervisor, and per CPU its control registers. */
#define XEN_ELFNOTE_CRASH_INFO 0x1000001
#define XEN_ELFNOTE_CRASH_REGS 0x1000002

/* Notes in a domain dump made by the toolstack. */
#define XEN_ELFNOTE_DUMPCORE_NONE           0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER         0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION    0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION 0x2000003

#endif /* XEN_PUBLIC_ELFNOTE_H */
