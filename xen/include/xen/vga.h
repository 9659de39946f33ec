/* SPDX-License-Identifier: MIT */
/* vga.h - the 80x25 text screen as a console. The caller serialises all calls (console lock). */
#ifndef XEN_VGA_H
#define XEN_VGA_H

#include <xen/types.h>

/* Clears the screen. -ENODEV: no text memory answers. */
int vga_open(void) __must_check;
void vga_write(const char *s, size_t len);
/* The hardware domain takes the screen: no more output, unless `vga=keep`. */
void vga_end_boot(void);

#endif /* XEN_VGA_H */
