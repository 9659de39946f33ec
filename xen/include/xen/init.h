/* SPDX-License-Identifier: MIT */
/* init.h - boot-time registration: initcalls and command-line options, both collected by the linker. */
#ifndef XEN_INIT_H
#define XEN_INIT_H

#include <xen/types.h>

/* Runs once on the boot CPU after memory, time, interrupts and all CPUs are up. 0 or -errno. */
typedef int (*initcall_t)(void);
#define INITCALL(fn) static const initcall_t initcall_##fn __used __section(".initcalls") = fn

#endif /* XEN_INIT_H */
