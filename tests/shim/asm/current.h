/* SPDX-License-Identifier: MIT */
/* current.h (host tests) - one CPU, whose block is a variable that tests may change. */
#ifndef SHIM_CURRENT_H
#define SHIM_CURRENT_H

#define get_cpu_info hw_get_cpu_info
#include_next <asm/current.h>
#undef get_cpu_info

extern struct cpu_info shim_cpu_info;

static inline struct cpu_info *get_cpu_info(void)
{
    return &shim_cpu_info;
}

#endif /* SHIM_CURRENT_H */
