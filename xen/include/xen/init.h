/* SPDX-License-Identifier: MIT */
/* init.h - start-up: initcalls, which the linker collects, and the steps that common code takes. */
#ifndef XEN_INIT_H
#define XEN_INIT_H

#include <xen/types.h>

/* Runs once on the boot CPU after memory, time, interrupts and all CPUs are up. 0 or -errno. */
typedef int (*initcall_t)(void);
#define INITCALL(fn) static const initcall_t initcall_##fn __used __section(".initcalls") = fn

/* Steps of the start, by common/debug. Applies the options; before the consoles open. */
void cmdline_parse(const char *cmdline);
void print_banner(void);

#endif /* XEN_INIT_H */
