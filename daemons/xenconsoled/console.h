/* SPDX-License-Identifier: MIT */
/*
 * console.h - one console of one guest: ring, event channel, terminal, log.
 *
 * A console is found when its nodes in the store are complete, and follows them when they change.
 * The guest's text goes to the log at once and into a buffer for whoever opens the terminal.
 */
#ifndef XENCONSOLED_CONSOLE_H
#define XENCONSOLED_CONSOLE_H

#include <poll.h>
#include <xenolith/ctrl.h>
#include <xenstore.h>
#include "buffer.h"
#include "log.h"
#include "ring.h"

/* What all consoles share. */
struct daemon {
    xctl_handle *h;
    xctl_evtchn *events;
    struct xs_handle *xs;
    const char *log_dir;
    bool log_guests, stamp_guests, keep_overflow, replace_escape;
    struct console *consoles;
};

struct console {
    struct console *next;
    domid_t domid;
    unsigned int num;                      /* 0: the one that each guest has */
    bool seen;                             /* still there in this round over all domains */
    char base[128];                        /* nodes in the store */
    char back[128];                        /* our own nodes, of all but the first */
    uint32_t ref, remote_port, local_port; /* 0: not connected */
    bool by_grant;
    struct xencons_interface *ring;
    int master, slave; /* the slave stays open, so that the master never hangs up */
    struct buffer buffer;
    struct log log;
    /* At most so many events in a period; then the port stays masked until the next one. */
    unsigned int events;
    int64_t period;
    bool masked;
    int poll_index;
};
#define MAX_CONSOLE       255 /* the highest number of one that we serve */
#define EVENTS_PER_PERIOD 30
#define PERIOD_MS         200

int64_t now_ms(void);
/* This console of a domain, made if there is none; NULL: no memory. */
struct console *console_get(struct daemon *d, domid_t domid, unsigned int num);
/* Reads the nodes again: connects, moves, or waits for what is missing. False: there is no such
 * console any more, and the caller frees it. */
bool console_update(struct daemon *d, struct console *c);
/* Writes a node below dir, but does not bring dir back when it is gone: false, and ENOENT. */
bool console_write(struct daemon *d, const char *dir, const char *name, const char *value);
/* Terminal and log; false, and a message, when there is no terminal. */
bool console_prepare(struct daemon *d, struct console *c);
/* Ring and event channel, as the nodes name them: false until both are there. */
bool console_connect(struct daemon *d, struct console *c);
void console_disconnect(struct daemon *d, struct console *c);
/* The guest has signalled. */
void console_event(struct daemon *d, struct console *c);
/* Moves what can be moved between ring, buffer and terminal. */
void console_work(struct daemon *d, struct console *c, short revents);
short console_wants(struct daemon *d, struct console *c);
void console_free(struct daemon *d, struct console *c);

/* Consoles beyond the first: makes those that a domain has now; the update of one. */
void secondary_find(struct daemon *d, domid_t domid);
bool secondary_update(struct daemon *d, struct console *c);

#endif /* XENCONSOLED_CONSOLE_H */
