/* SPDX-License-Identifier: MIT */
/* private.h - between the files of arch/x86/mm. */
#ifndef X86_MM_PRIVATE_H
#define X86_MM_PRIVATE_H

#include <xen/mm.h>
#include <asm/page.h>
#include <asm/mm.h>

struct domain;

/* boot-alloc.c: memory before the heap works; panics when there is none. Below limit bytes. */
maddr_t boot_alloc(size_t bytes, size_t align, maddr_t limit);
void boot_alloc_init(void);
/* paging.c: from now on page tables come from the heap. */
void paging_use_heap(void);
/* Hands the rest to the heap. */
void boot_alloc_finish(void);

#endif /* X86_MM_PRIVATE_H */
