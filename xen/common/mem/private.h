/* SPDX-License-Identifier: MIT */
/* private.h - between the files of common/mem that implement memory_op. */
#ifndef MEM_PRIVATE_H
#define MEM_PRIVATE_H

#include <xen/types.h>

struct domain;
struct page_info;

/* One entry of a memory map as guests get it. */
struct e820_abi_entry {
    u64 addr, size;
    u32 type;
} __packed;

/* memory-op.c: gives a new frame back, unless another vCPU of d has done so already. */
void release_new(struct domain *d, struct page_info *pg);
/*
 * A new frame of d gets its pfn; but not if another vCPU, which can guess its number, has given it
 * back already: then it may be somebody else's.
 */
void m2p_enter(struct domain *d, struct page_info *pg, unsigned long pfn);

/* exchange.c: XENMEM_exchange with its continuation state in the guest's structure. */
long memory_exchange(unsigned long cmd, unsigned long arg);

#endif /* MEM_PRIVATE_H */
