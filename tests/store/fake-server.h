/* SPDX-License-Identifier: MIT */
/*
 * fake-server.h - a store daemon that follows a script, in a thread of the test.
 *
 * fake_start() listens on a socket of its own, points $XENSTORED_PATH at it, accepts one connection
 * and runs the script. What the script does not expect aborts the test program.
 */
#ifndef TESTS_STORE_FAKE_SERVER_H
#define TESTS_STORE_FAKE_SERVER_H

#include <pthread.h>
#include <stddef.h>
#include <xen/io/xs_wire.h>

struct fake {
    void (*script)(struct fake *f);
    void *arg; /* for the script */
    int listen_fd, fd;
    pthread_t thread;
    int joined;
    char dir[32], path[48];
    struct xsd_sockmsg request; /* the last one */
    char body[XENSTORE_PAYLOAD_MAX + 1];
};

void fake_start(struct fake *f, void (*script)(struct fake *f));
/* Waits for the end of the script, which closes the connection. */
void fake_join(struct fake *f);
/* Also gives everything back. */
void fake_stop(struct fake *f);

/* Reads a request. Returns its type, or -1 when the client has closed. */
int fake_read(struct fake *f);
/* Reads a request that must be this one. */
void fake_expect(struct fake *f, unsigned int type, unsigned int tx_id, const void *body,
                 size_t len);
/* The client must have closed. */
void fake_expect_end(struct fake *f);
void fake_reply(struct fake *f, unsigned int type, const void *body, size_t len);
/* Answers the last request with OK. */
void fake_ok(struct fake *f);
/* Answers it with the error of this name. */
void fake_error(struct fake *f, const char *name);
void fake_event(struct fake *f, const char *path, const char *token);
/* Sends bytes, as they are; chunk at a time with a pause after each, or all at once for 0. */
void fake_raw(struct fake *f, const void *data, size_t len, size_t chunk);

/* The bytes of a literal, its last NUL included. */
#define LIT(s) s, sizeof(s)
/* Without it. */
#define BYTES(s) s, sizeof(s) - 1

#endif /* TESTS_STORE_FAKE_SERVER_H */
