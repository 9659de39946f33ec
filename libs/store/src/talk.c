/* SPDX-License-Identifier: MIT */
/*
 * talk.c - one request and its answer, and the reader thread.
 *
 * Any failure to send or to understand breaks the connection, as what follows cannot be trusted.
 * The descriptor is closed as soon as nobody can be using it, so that the daemon drops our watches
 * and transactions: by the requester, or by the reader thread when there is one.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "handle.h"

/* The reader needs little, but thread-local storage of the whole process is taken from it. */
#define READER_STACK (128 * 1024)

static void signal_fd(int fd)
{
    uint64_t one = 1;

    /* It can only fail when the counter is full, which is readable too. */
    if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
        return;
}

void xs__break_locked(struct xs_handle *h)
{
    h->broken = true;
    signal_fd(h->wake_fd);
    signal_fd(h->notify_fd);
    pthread_cond_broadcast(&h->reply_cond);
    pthread_cond_broadcast(&h->event_cond);
}

static void break_connection(struct xs_handle *h)
{
    pthread_mutex_lock(&h->lock);
    xs__break_locked(h);
    pthread_mutex_unlock(&h->lock);
}

/* The request lock is held, and nobody reads. */
static void close_broken(struct xs_handle *h)
{
    pthread_mutex_lock(&h->lock);
    if (h->fd >= 0)
        close(h->fd);
    h->fd = -1;
    pthread_mutex_unlock(&h->lock);
}

int xs__queue_event(struct xs_handle *h, const char *body, size_t len)
{
    const char *path_end = memchr(body, '\0', len);
    struct event *ev;

    /* Two strings at least, so that callers need not look. */
    if (!path_end || !memchr(path_end + 1, '\0', body + len - (path_end + 1)))
        return -EINVAL;
    ev = malloc(sizeof(*ev) + len);
    if (!ev)
        return -ENOMEM;
    ev->next = NULL;
    ev->len = len;
    memcpy(ev->strings, body, len);
    pthread_mutex_lock(&h->lock);
    if (!h->head)
        signal_fd(h->notify_fd);
    *h->tail = ev;
    h->tail = &ev->next;
    pthread_cond_signal(&h->event_cond);
    pthread_mutex_unlock(&h->lock);
    return 0;
}

/* Hands an answer to the requester. One that nobody asked for is an error. */
static int take_reply(struct xs_handle *h, const struct xsd_sockmsg *hdr, const char *body)
{
    int rc = -EBADF;

    pthread_mutex_lock(&h->lock);
    if (h->reply_state == REPLY_WANTED) {
        h->reply = *hdr;
        h->reply_body = xs__copy_body(body, hdr->len);
        h->reply_error = h->reply_body ? 0 : -ENOMEM;
        h->reply_state = REPLY_HERE;
        pthread_cond_signal(&h->reply_cond);
        rc = 0;
    }
    pthread_mutex_unlock(&h->lock);
    return rc;
}

/* Takes in all whole messages that were read. */
static int take_messages(struct xs_handle *h)
{
    struct xsd_sockmsg hdr;
    const char *body;
    int rc;

    while (!(rc = xs__reader_next(&h->reader, &hdr, &body))) {
        if (hdr.type == XS_WATCH_EVENT)
            rc = xs__queue_event(h, body, hdr.len);
        else
            rc = take_reply(h, &hdr, body);
        if (rc)
            return rc;
        xs__reader_drop(&h->reader, &hdr);
    }
    return rc == -EAGAIN ? 0 : rc;
}

static bool is_broken(struct xs_handle *h)
{
    bool broken;

    pthread_mutex_lock(&h->lock);
    broken = h->broken;
    pthread_mutex_unlock(&h->lock);
    return broken;
}

/* Waits until there is something to read; false when the thread is to end. */
static bool reader_wait(struct xs_handle *h)
{
    struct pollfd fds[] = {{.fd = h->fd, .events = POLLIN}, {.fd = h->wake_fd, .events = POLLIN}};

    while (poll(fds, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    return !fds[1].revents && !is_broken(h);
}

/* h->fd is read without a lock here: only this thread changes it while it runs. */
static void *reader_thread(void *arg)
{
    struct xs_handle *h = arg;
    int rc;

    while (!(rc = take_messages(h)) && reader_wait(h)) {
        rc = xs__reader_fill(&h->reader, h->fd, h->is_socket, false);
        if (rc && rc != -EAGAIN)
            break;
    }
    break_connection(h);
    pthread_mutex_lock(&h->request_lock);
    close_broken(h);
    pthread_mutex_unlock(&h->request_lock);
    return NULL;
}

/* Small stack first; a process with much thread-local storage needs the usual one. */
static int create_thread(struct xs_handle *h)
{
    pthread_attr_t attr;
    int rc = pthread_attr_init(&attr);

    if (rc)
        return -rc;
    rc = pthread_attr_setstacksize(&attr, READER_STACK);
    if (!rc)
        rc = pthread_create(&h->thread, &attr, reader_thread, h);
    if (rc == EINVAL)
        rc = pthread_create(&h->thread, NULL, reader_thread, h);
    pthread_attr_destroy(&attr);
    return -rc;
}

int xs__start_reader(struct xs_handle *h)
{
    sigset_t all, old;
    int rc = 0;

    pthread_mutex_lock(&h->request_lock);
    if (h->has_thread || h->fd < 0)
        goto out;
    pthread_mutex_lock(&h->lock);
    if (h->wake_fd < 0)
        h->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_unlock(&h->lock);
    if (h->wake_fd < 0) {
        rc = -errno;
        goto out;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    h->thread_pid = getpid();
    rc = create_thread(h);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    h->has_thread = !rc;
out:
    pthread_mutex_unlock(&h->request_lock);
    return rc;
}

void xs__stop_reader(struct xs_handle *h)
{
    if (!h->has_thread || h->thread_pid != getpid())
        return;
    signal_fd(h->wake_fd);
    pthread_join(h->thread, NULL);
    h->has_thread = false;
}

static bool reply_is_here(struct xs_handle *h)
{
    bool here;

    pthread_mutex_lock(&h->lock);
    here = h->reply_state == REPLY_HERE;
    pthread_mutex_unlock(&h->lock);
    return here;
}

static int read_reply(struct xs_handle *h)
{
    int rc;

    while (!(rc = take_messages(h)) && !reply_is_here(h)) {
        rc = xs__reader_fill(&h->reader, h->fd, h->is_socket, true);
        if (rc)
            break;
    }
    return rc;
}

/* libxenstore reports EINVAL when its thread lost the connection. */
static int wait_for_reply(struct xs_handle *h)
{
    int rc = 0;

    pthread_mutex_lock(&h->lock);
    while (h->reply_state != REPLY_HERE && !h->broken)
        pthread_cond_wait(&h->reply_cond, &h->lock);
    if (h->reply_state != REPLY_HERE)
        rc = -EINVAL;
    pthread_mutex_unlock(&h->lock);
    return rc;
}

/* Sends; returns 0 when an answer is in h->reply. The request lock is held. */
static int exchange(struct xs_handle *h, const struct xs__request *rq)
{
    int rc;

    pthread_mutex_lock(&h->lock);
    rc = h->broken ? -EBADF : 0;
    h->reply_state = REPLY_WANTED;
    pthread_mutex_unlock(&h->lock);
    if (!rc)
        rc = xs__send(h->fd, h->is_socket, &rq->hdr, xs__request_size(rq));
    if (!rc)
        rc = h->has_thread ? wait_for_reply(h) : read_reply(h);
    return rc;
}

/* Takes the answer out, whatever came of it. The request lock is held. */
static int finish_exchange(struct xs_handle *h, struct xsd_sockmsg *ret_hdr, char **ret_body)
{
    int rc;

    pthread_mutex_lock(&h->lock);
    *ret_hdr = h->reply;
    *ret_body = h->reply_body;
    rc = h->reply_error;
    h->reply_body = NULL;
    h->reply_error = 0;
    h->reply_state = REPLY_NONE;
    pthread_mutex_unlock(&h->lock);
    return rc;
}

void *xs__talk(struct xs_handle *h, struct xs__request *rq, unsigned int *ret_len)
{
    struct xsd_sockmsg hdr;
    char *body = NULL;
    int rc = rq->error, rc2;

    if (rc)
        goto fail;
    pthread_mutex_lock(&h->request_lock);
    rc = exchange(h, rq);
    rc2 = finish_exchange(h, &hdr, &body);
    if (!rc && hdr.type != rq->hdr.type && hdr.type != XS_ERROR)
        rc = -EBADF;
    if (rc) {
        break_connection(h);
        if (!h->has_thread)
            close_broken(h);
    }
    pthread_mutex_unlock(&h->request_lock);
    rc = rc ? rc : rc2;
    if (!rc && hdr.type == XS_ERROR)
        rc = -xs__error_code(body, hdr.len);
    if (rc)
        goto fail;
    if (ret_len)
        *ret_len = hdr.len;
    return body;

fail:
    free(body);
    errno = -rc;
    return NULL;
}
