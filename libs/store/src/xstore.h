/* SPDX-License-Identifier: MIT */
/*
 * xstore.h - the inside of an xstore_handle.
 *
 * Requests go out, and answers come in, in one order: those under way are a queue, and an answer
 * belongs to its head. Freed requests stay in the queue until their answer has come.
 */
#ifndef LIBS_STORE_XSTORE_H
#define LIBS_STORE_XSTORE_H

#include <xenolith/store.h>
#include "wire.h"

#define XS__ERROR_LINKS 4
#define XS__ERROR_SIZE  256

/* The deepest cause first, the other way round than users see it. */
struct xs__errors {
    unsigned int count;
    struct {
        int code;
        char text[XS__ERROR_SIZE];
    } links[XS__ERROR_LINKS];
};

struct xs__queued_event {
    struct xs__queued_event *next;
    char strings[]; /* path and token */
};

struct xstore_op {
    struct xstore_op *next; /* in the queue */
    unsigned int type;
    uint32_t id;
    bool done, orphan;
    int error;    /* 0, or why it failed */
    bool refused; /* ... because the daemon said so */
    char *body;   /* the answer, when done without error */
    size_t len;
};

struct xstore_handle {
    int fd;
    bool is_socket;
    int error;        /* why the connection is lost; 0: it is not */
    const char *lost; /* the same in words */
    int timeout;      /* ms, -1: none */
    uint32_t last_id;
    struct xstore_op *ops, **ops_tail;
    struct xs__queued_event *events, **events_tail, *current;
    char *out; /* bytes to send: from out_done to out_len */
    size_t out_done, out_len, out_size;
    struct xs__errors errors;
    struct xs__reader reader;
};

/* Starts a new chain with its deepest cause, or adds what was tried above it. Both return code. */
int xs__fail(xstore_handle *xs, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int xs__context(xstore_handle *xs, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Starts a chain with the loss of the connection, which must be lost. */
int xs__fail_lost(xstore_handle *xs);

/* Milliseconds of a clock that only goes forward. */
int64_t xs__now(void);

/* When a call that begins now is to give up; -1: never. */
int64_t xs__deadline(const xstore_handle *xs);

/* Waits until the connection has news. Returns 0, -ETIMEDOUT, or as xstore_process(). */
int xs__wait(xstore_handle *xs, int64_t deadline);

/* Sends a request and waits for its answer, which is *ret_op's; the caller frees that. */
int xs__call(xstore_handle *xs, struct xs__request *rq, int64_t deadline, xstore_op **ret_op);

/* Queues a request for sending. */
int xs__submit(xstore_handle *xs, struct xs__request *rq, xstore_op **ret_op);

#endif /* LIBS_STORE_XSTORE_H */
