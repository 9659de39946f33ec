/* SPDX-License-Identifier: MIT */
/* init.h - start-up: initcalls, which the linker collects, and the steps that common code takes. */
#ifndef XEN_INIT_H
#define XEN_INIT_H

#include <xen/types.h>

/* Runs once on the boot CPU after memory, time, interrupts and all CPUs are up. 0 or -errno. */
struct initcall {
    int (*fn)(void);
    const char *name; /* for the message when it fails */
};
#define INITCALL(f)                                                                                \
    static const struct initcall initcall_##f __used __section(".initcalls") = {f, #f}

/* Steps of the start, by common/debug. Applies the options; before the consoles open. */
void cmdline_parse(const char *cmdline);
void print_banner(void);

#endif /* XEN_INIT_H */
