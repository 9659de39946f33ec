/* SPDX-License-Identifier: MIT */
/*
 * console.h - the hypervisor's consoles: serial ports, VGA text, and the ring that `dmesg` reads.
 * Drivers sit in drivers/uart and drivers/vga; policy (levels, focus, ring) in
 * common/debug/console.c.
 */
#ifndef XEN_CONSOLE_H
#define XEN_CONSOLE_H

#include <xen/types.h>

struct cpu_user_regs;

/* Right at start: serial port polled, by `console=` and `com1=`/`com2=`; boot messages appear. */
void console_init_early(void);
/* After interrupts and CPUs work: ring of `conring_size`, UART served by interrupt. */
void console_init_late(void);
/* Back to polled output, locks broken: panic only. */
void console_force_unlock(void);
/* VGA belongs to the hardware domain from now on. */
void console_end_boot(void);
/* The I/O ports of the UART in use, which no guest may touch: count of ports, 0 if none. */
unsigned int console_uart_ports(u16 *ret_base);
/* Copies from the ring from *idx on; for sysctl readconsole. Returns bytes copied. */
size_t console_ring_read(char *buf, size_t len, u32 *idx, bool clear);

/* Option `noreboot`: stop, rather than restart, after a fatal error. */
extern bool opt_noreboot;

/* --- debug keys --- */
/* Adds a one-letter key; fn runs in tasklet context. */
void register_keyhandler(char key, void (*fn)(unsigned char key), const char *what);
void handle_keypress(unsigned char key, struct cpu_user_regs *regs);

#endif /* XEN_CONSOLE_H */
