/* SPDX-License-Identifier: MIT */
/* private.h - between the files of common/mem that implement memory_op. */
#ifndef MEM_PRIVATE_H
#define MEM_PRIVATE_H

#include <xen/types.h>

/* memory_op's command number is below this bit; above it, where a preempted call goes on. */
#define MEMOP_EXTENT_SHIFT 6

/* One entry of a memory map as guests get it. */
struct e820_abi_entry {
    u64 addr, size;
    u32 type;
} __packed;

/* exchange.c: XENMEM_exchange with its continuation state in the guest's structure. */
long memory_exchange(unsigned long cmd, unsigned long arg);

#endif /* MEM_PRIVATE_H */
