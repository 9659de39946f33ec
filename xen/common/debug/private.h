/* SPDX-License-Identifier: MIT */
/* private.h - what the files of common/debug share with each other. */
#ifndef COMMON_DEBUG_PRIVATE_H
#define COMMON_DEBUG_PRIVATE_H

#include <xen/types.h>
#include <xen/time.h>
#include <public/xen.h>

#define SAVED_CMDLINE_SIZE 1024
extern char saved_cmdline[SAVED_CMDLINE_SIZE];

/* --- console.c --- */
/*
 * Takes the console for this CPU, with interrupts off. False: this CPU has it already (we are in an
 * NMI or a fault in the console code); then nothing was taken.
 */
bool console_enter(unsigned long *ret_flags) __must_check;
void console_leave(unsigned long flags);
/* Output of the hardware domain, as it is. Between console_enter and console_leave. */
void console_write_raw_locked(const char *s, size_t len);
/* How much of something came lately. Under the console lock. */
struct rate_limit {
    s_time_t window_start;
    u32 in_window, suppressed;
};
/* One line (no newline in it) that another domain wrote: so many of it and of all in a window. */
void console_guest_line(domid_t domid, const char *line, struct rate_limit *own_rate);

/* --- console-input.c --- */
/* Interrupts work: receive from the serial port in use, by interrupt if possible. */
void console_input_init(unsigned int uart, bool transmit_by_irq);
/* Received bytes go to the hardware domain from now on (unless `conswitch=` says no). */
void console_input_end_boot(void);
/* Input for the hardware domain: copies up to len bytes; *ret_pos names them for the consume. */
size_t console_input_peek(char *buf, size_t len, u32 *ret_pos);
void console_input_consume(u32 pos, size_t len);

/* --- version.c --- */
struct version_info {
    u32 major, minor;
    const char *extra, *changeset, *compiler, *compile_by, *compile_domain, *compile_date;
};
extern const struct version_info version_info;

/* --- spinlock.c --- */
/* The machine is going down: no lock checks any more, they would only hide the first problem. */
void lock_check_stop(void);

#endif /* COMMON_DEBUG_PRIVATE_H */
