/* SPDX-License-Identifier: MIT */
/*
 * terminal.h - two terminals back to back: a program works on one, a user on the other, who may
 * come and go. What nobody reads is dropped, so that neither end can hold up the other.
 */
#ifndef XENOLITH_LIGHT_BOOTLOADER_TERMINAL_H
#define XENOLITH_LIGHT_BOOTLOADER_TERMINAL_H

#include <stdbool.h>

struct xlight__terminal {
    int program, user;         /* the masters; plus 1: 0 is none */
    int program_end, user_end; /* the slaves: as long as they are open a master never hangs up */
    char program_path[64], user_path[64];
};

/* Opens both; a terminal that was closed, or zeroed, can be opened. Returns 0 or -errno. */
int xlight__terminal_open(struct xlight__terminal *t);
void xlight__terminal_close(struct xlight__terminal *t);

/*
 * Copies some of what is there, both ways. log, a descriptor or -1, gets what the program prints,
 * up to a limit. *ret_typed: the user has typed something. False: there was nothing.
 */
bool xlight__terminal_copy(struct xlight__terminal *t, int log, bool *ret_typed);

#endif /* XENOLITH_LIGHT_BOOTLOADER_TERMINAL_H */
