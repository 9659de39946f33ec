/* SPDX-License-Identifier: MIT */
/* private.h - the hypercall table, for entry.S and multicall. */
#ifndef HYPERCALL_PRIVATE_H
#define HYPERCALL_PRIVATE_H

#define NR_HYPERCALLS 64 /* entry.S knows it too */

typedef long hypercall_fn(unsigned long, unsigned long, unsigned long, unsigned long, unsigned long,
                          unsigned long);
/* Empty slots are NULL: entry.S and multicall answer -ENOSYS. */
extern hypercall_fn *const hypercall_table[NR_HYPERCALLS];

/* The hypercall for a vCPU that waits for pages to be filled: filled.c. */
long hypercall_when_filled(unsigned long nr, const unsigned long a[6]);

#endif /* HYPERCALL_PRIVATE_H */
