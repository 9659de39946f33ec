/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: boot information of a PVH guest; ebx holds its guest-physical
 * address at entry.  Addresses are guest-physical, 0 meaning absent.
 */
#ifndef XEN_PUBLIC_ARCH_X86_HVM_START_INFO_H
#define XEN_PUBLIC_ARCH_X86_HVM_START_INFO_H

#include <stdint.h>

#define XEN_HVM_START_MAGIC_VALUE 0x336ec578

/* ACPI address range types */
#define XEN_HVM_MEMMAP_TYPE_RAM      1
#define XEN_HVM_MEMMAP_TYPE_RESERVED 2
#define XEN_HVM_MEMMAP_TYPE_ACPI     3
#define XEN_HVM_MEMMAP_TYPE_NVS      4
#define XEN_HVM_MEMMAP_TYPE_UNUSABLE 5
#define XEN_HVM_MEMMAP_TYPE_DISABLED 6
#define XEN_HVM_MEMMAP_TYPE_PMEM     7

/* OUT */
struct hvm_start_info {
    uint32_t magic;
    uint32_t version; /* 1; 0 ends after rsdp_paddr */
    uint32_t flags;   /* SIF_* */
    uint32_t nr_modules;
    uint64_t modlist_paddr; /* hvm_modlist_entry[nr_modules] */
    uint64_t cmdline_paddr; /* zero-terminated string */
    uint64_t rsdp_paddr;
    uint64_t memmap_paddr; /* hvm_memmap_table_entry[memmap_entries] */
    uint32_t memmap_entries;
    uint32_t reserved;
};

/* OUT: a module, such as the initrd. */
struct hvm_modlist_entry {
    uint64_t paddr;
    uint64_t size; /* bytes */
    uint64_t cmdline_paddr;
    uint64_t reserved;
};

/* OUT: a range of the memory map. */
struct hvm_memmap_table_entry {
    uint64_t addr;
    uint64_t size; /* bytes */
    uint32_t type; /* XEN_HVM_MEMMAP_TYPE_* */
    uint32_t reserved;
};

#endif /* XEN_PUBLIC_ARCH_X86_HVM_START_INFO_H */
