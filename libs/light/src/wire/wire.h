/* SPDX-License-Identifier: MIT */
/*
 * wire.h - a connection between two hosts, for what is written and read as through a descriptor:
 * TCP, and TLS above it when there are files for that.
 *
 *   address.c   tcp://HOST:PORT and tls://HOST:PORT
 *   tcp.c       connects, listens and accepts
 *   tls.c       proves who both are, and keeps what goes over the line secret and whole
 *
 * Everything is done by steps of operations, and in their thread. A process that is forked must
 * leave a wire alone. Nobody gets a signal because the other end has gone.
 */
#ifndef XENOLITH_LIGHT_WIRE_WIRE_H
#define XENOLITH_LIGHT_WIRE_WIRE_H

#include "../op/op.h"
#include <xenolith/light-move.h>

/* address.c */
struct wire_address {
    bool tls;
    char host[256]; /* without brackets; "": any, to listen at */
    char port[8];
};
#define WIRE_PORT "8002" /* if none is given: the one that Xen's tools once had for this */
/* -EINVAL: it is none; why says what is wrong. */
int wire_parse(const char *address, struct wire_address *ret_a, struct xlight__why *why);

struct gnutls_session_int;
struct gnutls_certificate_credentials_st;

struct wire {
    xlight_handle *h;
    int fd;                 /* -1: not connected */
    struct wire_address to; /* that it connects to */
    int listener;           /* ... or the caller's descriptor, -1 */
    struct addrinfo *all, *next;
    uint64_t clock; /* of the address that is tried; then, since when nothing has come */
    struct gnutls_certificate_credentials_st *keys; /* NULL: no TLS */
    struct gnutls_session_int *session;
    char *peer;     /* who the other end must be, or NULL */
    bool proven;    /* both ends know who the other one is */
    size_t pending; /* bytes that TLS has taken, but not sent */
    char why[256];  /* what was wrong with the last read or write, if errno does not tell */
};

/* tcp.c. Nothing is done yet. listener: -1, or a descriptor to accept at. The handle explains. */
int wire_new(xlight_handle *h, const char *address, int listener,
             const struct xlight_tls_files *tls, struct wire **ret_w);
/* NULL is fine. */
void wire_free(struct wire *w);
/* What a step does: connects, or waits until somebody has; -EAGAIN: later. */
int wire_connect(xlight_op *op, struct wire *w);

/* As read() and write(). */
ssize_t wire_read(struct wire *w, void *buf, size_t size);
ssize_t wire_write(struct wire *w, const void *data, size_t size);
/* What to wait for, when that said EAGAIN: EPOLLIN or EPOLLOUT. */
uint32_t wire_events(const struct wire *w, uint32_t events);
/* Nothing more is to be said: the other end need not wait for that. */
void wire_end(struct wire *w);
/*
 * What a step does last: waits until the other end has closed the connection, too; -EAGAIN: not yet.
 * Closing before all is read that has come would take back what is still under way to it.
 */
int wire_linger(xlight_op *op, struct wire *w);
/*
 * Who waits to read asks this. True: whoever has connected to us says nothing for so long that it
 * is to make way for others. Who connects may have to wait for its turn, and is not limited.
 */
bool wire_silent(xlight_op *op, struct wire *w);
extern unsigned int wire_silence_ms; /* how long that is; only tests change it */

/* tls.c */
int wire_tls_load(struct wire *w, const struct xlight_tls_files *tls);
void wire_tls_free(struct wire *w);
/* What a step does: the handshake, if there is TLS. -EACCES: one of both is not who it must be. */
int wire_prove(xlight_op *op, struct wire *w);
ssize_t wire_tls_read(struct wire *w, void *buf, size_t size);
ssize_t wire_tls_write(struct wire *w, const void *data, size_t size);

#endif /* XENOLITH_LIGHT_WIRE_WIRE_H */
