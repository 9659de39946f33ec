/* SPDX-License-Identifier: MIT */
/* conn.h - connections: what socket and ring clients have in common (conn.c). */
#ifndef XENSTORED_CONN_H
#define XENSTORED_CONN_H

#include <sys/queue.h>
#include "perm.h"
#include "quota.h"
#include "wire.h"

struct conn;
struct domain;
struct txn;
struct watch;

/* How bytes come and go: conn-socket.c, conn-ring.c. */
struct transport {
    /* The next whole request: 1 and where it is (valid until the next call), 0 for none yet, or a
     * negative errno: the client broke the protocol or is gone. */
    int (*next)(struct conn *c, const struct xsd_sockmsg **ret_msg);
    /* Takes as many bytes as fit now and returns how many; a negative errno when gone. */
    int (*write)(struct conn *c, const char *data, size_t len);
    /* After a turn: tell the other side, and wait for what is needed next. */
    void (*settle)(struct conn *c);
    /* next() or write() failed. */
    void (*broken)(struct conn *c, int rc);
    void (*close)(struct conn *c);
};

/* What waits to be written. */
struct message {
    TAILQ_ENTRY(message) link;
    struct watch *watch; /* of an event; NULL: an answer */
    uint32_t len, done;  /* bytes, and how many of them are written */
    char data[];
};

TAILQ_HEAD(message_list, message);

struct conn {
    TAILQ_ENTRY(conn) link;       /* all connections */
    TAILQ_ENTRY(conn) ready_link; /* those with work in this turn */
    uint32_t id;
    struct subject who;
    const struct transport *transport;
    bool ready;
    bool dead;      /* everything is given back; freed at the end of the turn */
    bool ignored;   /* a ring whose guest broke the protocol */
    bool read_only; /* came through socket_ro */
    bool throttled;
    int fault; /* reading or writing failed: dealt with at the end of the turn */

    struct message_list out;
    unsigned int nr_events;
    char *in; /* the beginning of a request, or NULL */
    uint32_t in_len;

    LIST_HEAD(, watch) watches;
    unsigned int nr_watches, nr_overflows;
    LIST_HEAD(, txn) txns;
    unsigned int nr_txns;
    uint32_t last_txn;

    int fd;                /* socket */
    uint32_t polled;       /* what epoll waits for */
    bool drained;          /* the last read found the end */
    struct domain *domain; /* ring */
    bool kick;             /* indices of the ring moved since the last event */
};

TAILQ_HEAD(conn_list, conn);
extern struct conn_list conns;
extern unsigned int nr_conns;

/* NULL: no memory. The caller sets what belongs to its transport. */
struct conn *conn_new(const struct transport *transport, const struct subject *who);
/* Gives back all a connection holds. The memory itself stays until conn_reap(). */
void conn_kill(struct conn *c);
void conn_reap(void);
/* Drops watches, transactions and whatever was on its way in or out. */
void conn_reset(struct conn *c);
struct conn *conn_find(uint32_t id);

/* Serves a connection for one turn: a bounded number of requests. */
void conn_run(struct conn *c);
/* Serves it in the next turn. */
void conn_ready(struct conn *c);
/* One turn of all that are ready. True: there is more to do at once. */
bool conn_run_ready(void);
/* Lets throttled ones go on when it is time; milliseconds until then, -1: nothing waits. */
int conn_throttle_poll(void);

/* An answer: `data` is not kept. */
void conn_reply(struct conn *c, const struct xsd_sockmsg *to, uint32_t type, const void *data,
                size_t len);
void conn_ack(struct conn *c, const struct xsd_sockmsg *to);
void conn_error(struct conn *c, const struct xsd_sockmsg *to, int err);
/* Writes at the start of an answer: room for XENSTORE_PAYLOAD_MAX bytes, that conn_reply() may be
 * given as `data` to save a copy. */
char *conn_reply_buffer(void);

/* An event for a watch of this connection: event path without NUL. */
void conn_event(struct conn *c, struct watch *w, const char *path, size_t len);
/* Forgets events of a watch that ends. */
void conn_drop_events(struct conn *c, const struct watch *w);
/* Queues a message as it stands (after a live update). 0 or -ENOMEM. */
int conn_queue(struct conn *c, struct watch *w, const char *data, size_t len);

/* For transports: true when buf[0..len) holds a whole request; -EMSGSIZE when it never will. */
int conn_complete(const char *buf, size_t len);
/* Where transports put requests together: room for WIRE_MAX bytes. */
extern char conn_rx[];
/* Keeps the beginning of a request for the next time; 0 bytes: nothing. */
int conn_keep(struct conn *c, const char *buf, size_t len);

uint64_t conn_now(void); /* milliseconds, monotonic */

#endif /* XENSTORED_CONN_H */
