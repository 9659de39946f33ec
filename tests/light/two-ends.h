/* SPDX-License-Identifier: MIT */
/*
 * two-ends.h - for tests of migration: a guest of the simulated host is sent over a socket and
 * received on the other side of it, by the same process and on the same host; one domain becomes
 * another.
 */
#ifndef TESTS_LIGHT_TWO_ENDS_H
#define TESTS_LIGHT_TWO_ENDS_H

#include "light/fake-guest.h"
#include <xenolith/light-move.h>

extern uint32_t domid; /* of the guest that is sent */
extern int ends[2];    /* of the sender, of the receiver; -1: closed */
/* Both operations and what became of them: -EINPROGRESS, or the result and the error's text. */
extern xlight_op *out, *in;
extern int out_rc, in_rc;
extern char out_text[1024], in_text[1024];

/* A host with a guest that has booted; a larger one than most tests need. */
void begin(void);
void begin_with(unsigned int mib);
void make_guest(void);

/* A line with nobody at it, then both; at the end all of it goes. */
void open_line(void);
void send_start(const struct xlight_migrate_options *o);
void receive_start(bool paused);
void close_end(int i);
void close_line(void);

/* One turn of the sender, of its guest, of the receiver, of all three; or all that there are. */
void sender_turn(void);
void guest_turn(void);
void receiver_turn(void);
void turn(void);
bool running(void);
void drive(void);

/* False: it is not there, or dying. */
bool info_of(uint32_t id, struct xen_domctl_getdomaininfo *info);
bool can_run(uint32_t id);
/* It goes on here, with all that it had, and nothing is left at the other end. */
void check_stayed(const char *before, const char *when);

#endif /* TESTS_LIGHT_TWO_ENDS_H */
