/* SPDX-License-Identifier: MIT */
/* watch.c - watches and their events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "handle.h"
#include "text.h"

/* Makes the descriptor say what there is. The lock is held. */
static void update_notify(struct xs_handle *h)
{
    uint64_t count = 1;
    ssize_t rc = 0;

    if (h->notify_fd < 0)
        return;
    if (h->head || h->broken)
        rc = write(h->notify_fd, &count, sizeof(count));
    else
        rc = read(h->notify_fd, &count, sizeof(count));
    (void)rc; /* full, or empty already */
}

int xs_fileno(struct xs_handle *h)
{
    int fd;

    pthread_mutex_lock(&h->lock);
    if (h->notify_fd < 0) {
        h->notify_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        update_notify(h);
    }
    fd = h->notify_fd;
    pthread_mutex_unlock(&h->lock);
    return fd;
}

static bool watch_request(struct xs_handle *h, enum xsd_sockmsg_type type, const char *path,
                          const char *token)
{
    struct xs__request rq;
    char *reply;

    xs__request_init(&rq, type, XBT_NULL);
    xs__request_add_string(&rq, path);
    xs__request_add_string(&rq, token);
    reply = xs__talk(h, &rq, NULL);
    free(reply);
    return reply != NULL;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
    int rc = xs__start_reader(h);

    if (rc) {
        errno = -rc;
        return false;
    }
    return watch_request(h, XS_WATCH, path, token);
}

/* Takes the events of one watch out of the queue. */
static void filter_events(struct xs_handle *h, const char *path, const char *token)
{
    struct event **link, *ev;

    pthread_mutex_lock(&h->lock);
    for (link = &h->head; (ev = *link);) {
        const char *ev_token = ev->strings + strlen(ev->strings) + 1;

        if (!strcmp(ev_token, token) && xs_path_is_subpath(path, ev->strings)) {
            *link = ev->next;
            free(ev);
        } else {
            link = &ev->next;
        }
    }
    h->tail = link;
    update_notify(h);
    pthread_mutex_unlock(&h->lock);
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
    bool done = watch_request(h, XS_UNWATCH, path, token);
    int error = errno;

    if (h->unwatch_filter)
        filter_events(h, path, token);
    errno = error;
    return done;
}

/* The event stays in the queue when there is no memory for the caller's copy. */
static char **next_event(struct xs_handle *h, unsigned int *num, bool wait)
{
    struct event *ev = NULL;
    char **strings = NULL;
    int rc = 0;

    pthread_mutex_lock(&h->lock);
    while (!h->head && !h->broken && wait)
        pthread_cond_wait(&h->event_cond, &h->lock);
    ev = h->head;
    if (!ev) {
        rc = h->broken ? EINVAL : EAGAIN;
        goto out;
    }
    strings = xs__split_strings(ev->strings, ev->len, num);
    if (!strings) {
        rc = ENOMEM;
        goto out;
    }
    h->head = ev->next;
    if (!h->head) {
        h->tail = &h->head;
        update_notify(h);
    }
    free(ev);
out:
    pthread_mutex_unlock(&h->lock);
    if (rc)
        errno = rc;
    return strings;
}

char **xs_check_watch(struct xs_handle *h)
{
    return next_event(h, NULL, false);
}

char **xs_read_watch(struct xs_handle *h, unsigned int *num)
{
    return next_event(h, num, true);
}
