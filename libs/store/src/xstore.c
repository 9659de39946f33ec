/* SPDX-License-Identifier: MIT */
/* xstore.c - a connection for event loops: opening, closing, and what goes over it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "connect.h"
#include "handle.h"
#include "xstore.h"

/* Reads in one process() call: a busy daemon must not keep the caller's loop from turning. */
#define MAX_READS 16

static int try_connect(xstore_handle *xs, const char *path)
{
    int fd = xs__connect(path, &xs->is_socket);

    /* Ours alone, so that nobody else is surprised; sockets have flags for each call instead. */
    if (fd >= 0 && !xs->is_socket && fcntl(fd, F_SETFL, O_NONBLOCK)) {
        int rc = -errno;

        close(fd);
        fd = rc;
    }
    if (fd < 0)
        xs__context(xs, fd, "%s: %s", path ? path : "socket", strerror(-fd));
    return fd;
}

int xstore_open_why(const char *where, xstore_handle **ret_xs, char *why, size_t size)
{
    xstore_handle *xs = calloc(1, sizeof(*xs));
    char path[PATH_MAX];
    int fd;

    if (!xs) {
        snprintf(why, size, "cannot connect to the store daemon: %s", strerror(ENOMEM));
        return -ENOMEM;
    }
    xs->timeout = -1;
    xs->ops_tail = &xs->ops;
    xs->events_tail = &xs->events;
    fd = try_connect(xs, where ? where : xs__socket_path(path));
    if (fd < 0 && !where)
        fd = try_connect(xs, xs__device_path());
    if (fd < 0) {
        xs__context(xs, fd, "cannot connect to the store daemon");
        xstore_error_format(xs, why, size);
        free(xs);
        return fd;
    }
    xs->fd = fd;
    xs->errors.count = 0;
    *ret_xs = xs;
    return 0;
}

int xstore_open(const char *where, xstore_handle **ret_xs)
{
    return xstore_open_why(where, ret_xs, NULL, 0);
}

/* Ends a request; the head of the queue, or any when all end. */
static void finish_op(struct xstore_op *op, int error)
{
    op->done = true;
    op->error = error;
    op->next = NULL;
    if (op->orphan)
        free(op);
}

static struct xstore_op *pop_op(xstore_handle *xs)
{
    struct xstore_op *op = xs->ops;

    xs->ops = op->next;
    if (!xs->ops)
        xs->ops_tail = &xs->ops;
    return op;
}

static void finish_all(xstore_handle *xs, int error)
{
    while (xs->ops)
        finish_op(pop_op(xs), error);
}

void xstore_close(xstore_handle *xs)
{
    struct xs__queued_event *ev;

    if (!xs)
        return;
    finish_all(xs, -ECANCELED);
    while ((ev = xs->events)) {
        xs->events = ev->next;
        free(ev);
    }
    free(xs->current);
    free(xs->out);
    close(xs->fd);
    free(xs);
}

void xstore_set_timeout(xstore_handle *xs, int milliseconds)
{
    xs->timeout = milliseconds < 0 ? -1 : milliseconds;
}

int xstore_get_fd(const xstore_handle *xs)
{
    return xs->fd;
}

short xstore_get_events(const xstore_handle *xs)
{
    return POLLIN | (xs->out_done < xs->out_len ? POLLOUT : 0);
}

/* What has come in other calls would not wake the caller. */
int xstore_get_timeout(const xstore_handle *xs)
{
    return xs->events || xs->error ? 0 : -1;
}

int xs__fail_lost(xstore_handle *xs)
{
    return xs__fail(xs, xs->error, "%s", xs->lost);
}

static int lose(xstore_handle *xs, int code, const char *what)
{
    xs->error = code;
    xs->lost = what;
    finish_all(xs, code);
    return xs__fail_lost(xs);
}

static int send_pending(xstore_handle *xs)
{
    while (xs->out_done < xs->out_len) {
        int done = xs__send_some(xs->fd, xs->is_socket, xs->out + xs->out_done,
                                 xs->out_len - xs->out_done);

        if (done == -EAGAIN)
            return 0;
        /* The daemon has closed. What it had sent is still there to read, then the end of it. */
        if (done == -EPIPE || done == -ECONNRESET)
            break;
        if (done <= 0)
            return lose(xs, done ? done : -EIO, "cannot send to the store daemon");
        xs->out_done += done;
    }
    xs->out_done = xs->out_len = 0;
    return 0;
}

static int take_event(xstore_handle *xs, const char *body, size_t len)
{
    const char *path_end = memchr(body, '\0', len);
    struct xs__queued_event *ev;

    if (!path_end || !memchr(path_end + 1, '\0', body + len - (path_end + 1)))
        return lose(xs, -EPROTO, "the store daemon sent an event without path and token");
    ev = malloc(sizeof(*ev) + len);
    if (!ev)
        return xs__fail(xs, -ENOMEM, "no memory for an event");
    ev->next = NULL;
    memcpy(ev->strings, body, len);
    *xs->events_tail = ev;
    xs->events_tail = &ev->next;
    return 0;
}

static int take_reply(xstore_handle *xs, const struct xsd_sockmsg *hdr, const char *body)
{
    struct xstore_op *op = xs->ops;
    int error = 0;

    if (!op || hdr->req_id != op->id || (hdr->type != op->type && hdr->type != XS_ERROR))
        return lose(xs, -EPROTO, "the store daemon answered what was not asked");
    pop_op(xs);
    if (hdr->type == XS_ERROR) {
        error = -xs__error_code(body, hdr->len);
        op->refused = true;
    } else if (!op->orphan) {
        op->body = xs__copy_body(body, hdr->len);
        op->len = hdr->len;
        error = op->body ? 0 : -ENOMEM;
    }
    finish_op(op, error);
    return 0;
}

/* A message that there is no memory for stays in the reader. */
static int take_messages(xstore_handle *xs)
{
    struct xsd_sockmsg hdr;
    const char *body;
    int rc;

    while (!(rc = xs__reader_next(&xs->reader, &hdr, &body))) {
        rc =
            hdr.type == XS_WATCH_EVENT ? take_event(xs, body, hdr.len) : take_reply(xs, &hdr, body);
        if (rc)
            return rc;
        xs__reader_drop(&xs->reader, &hdr);
    }
    if (rc != -EAGAIN)
        return lose(xs, -EPROTO, "the store daemon sent a message that is too long");
    return 0;
}

int xstore_process(xstore_handle *xs)
{
    int rc = xs->error;

    if (rc)
        return xs__fail_lost(xs);
    rc = send_pending(xs);
    for (int i = 0; !rc && i < MAX_READS; i++) {
        rc = take_messages(xs);
        if (!rc)
            rc = xs__reader_fill(&xs->reader, xs->fd, xs->is_socket, false);
        if (rc == -EAGAIN)
            return 0;
        if (rc == -EBADF || (rc == -ECONNRESET && !xs->error))
            rc = lose(xs, -ECONNRESET, "the store daemon has closed the connection");
        else if (rc && rc != -ENOMEM && !xs->error)
            rc = lose(xs, rc, "cannot read from the store daemon");
    }
    return rc ? rc : take_messages(xs);
}
