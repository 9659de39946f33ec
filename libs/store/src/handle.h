/* SPDX-License-Identifier: MIT */
/*
 * handle.h - the inside of a struct xs_handle.
 *
 * Until the first watch a requester reads the answer itself. Then a reader thread takes over: it
 * alone reads, queues events, and hands the answer to the one requester that can be waiting.
 */
#ifndef LIBS_STORE_HANDLE_H
#define LIBS_STORE_HANDLE_H

#include <pthread.h>
#include <sys/types.h>
#include <xenstore.h>
#include "wire.h"

/*
 * What libxentoolcore, when the process has it, keeps of each handle that can touch other domains.
 * Its layout is part of that library's interface.
 */
struct toolcore_handle {
    int (*restrict_callback)(struct toolcore_handle *tc, uint16_t domid);
    void *link[2];
};

struct event {
    struct event *next;
    size_t len;
    char strings[]; /* len bytes; the first two are terminated */
};

enum reply_state { REPLY_NONE, REPLY_WANTED, REPLY_HERE };

/*
 * R: request_lock, held from sending a request until its answer. L: lock, for moments.
 * R is taken before L. i: set at open. RL: written with both held, read with either.
 */
struct xs_handle {
    struct toolcore_handle toolcore; /* i */
    bool is_socket;                  /* i */
    bool unwatch_filter;             /* i */
    pthread_mutex_t request_lock;
    pthread_mutex_t lock;
    pthread_cond_t reply_cond; /* L */
    pthread_cond_t event_cond; /* L */

    int fd;      /* RL; -1 when broken */
    bool broken; /* L: the connection is lost */

    bool has_thread;  /* RL */
    pid_t thread_pid; /* RL: the process that the thread is in */
    pthread_t thread; /* RL */
    int wake_fd;      /* RL: an eventfd that makes the thread end */
    int notify_fd;    /* L: an eventfd, readable while there are events or when broken; or -1 */
    struct event *head, **tail; /* L: events in the order of their arrival */

    enum reply_state reply_state; /* L */
    int reply_error;              /* L: with REPLY_HERE: 0 or -ENOMEM */
    struct xsd_sockmsg reply;     /* L */
    char *reply_body;             /* L */

    struct xs__reader reader; /* R without a thread, else the thread's own */
};

/*
 * Sends rq and waits for the answer. Returns its body with a NUL behind it, and in *ret_len (may be
 * NULL) how long it is; or NULL with errno set.
 */
void *xs__talk(struct xs_handle *h, struct xs__request *rq, unsigned int *ret_len);

/* Starts the reader thread unless it runs. Returns 0 or a negative errno. */
int xs__start_reader(struct xs_handle *h);

/* Ends the reader thread of this process, if there is one, and waits until it is gone. */
void xs__stop_reader(struct xs_handle *h);

/* Marks the connection as lost and wakes everybody. The lock is held. */
void xs__break_locked(struct xs_handle *h);

/* Queues an event. Returns 0, -ENOMEM, or -EINVAL for one without path and token. */
int xs__queue_event(struct xs_handle *h, const char *body, size_t len);

/* The paths to try, in order; NULL when longer than any path. buf has PATH_MAX bytes. */
const char *xs__socket_path(char *buf);
const char *xs__device_path(void);

#endif /* LIBS_STORE_HANDLE_H */
