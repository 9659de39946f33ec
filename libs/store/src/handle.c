/* SPDX-License-Identifier: MIT */
/* handle.c - opening and closing a struct xs_handle. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "connect.h"
#include "handle.h"

/*
 * Programs that give up rights (QEMU) have libxentoolcore call back for each handle. It need not be
 * there: then nothing can ask for that either.
 */
extern void xentoolcore__register_active_handle(struct toolcore_handle *tc) __attribute__((weak));
extern void xentoolcore__deregister_active_handle(struct toolcore_handle *tc) __attribute__((weak));

/*
 * Makes the handle useless: a socket has the rights of Domain 0, and no daemon can take them back.
 * The descriptor is replaced, not closed: another thread may be about to use it.
 */
static int restrict_handle(struct toolcore_handle *tc, uint16_t domid)
{
    struct xs_handle *h = (struct xs_handle *)((char *)tc - offsetof(struct xs_handle, toolcore));
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC), rc = 0;

    (void)domid;
    if (null_fd < 0)
        return -1;
    pthread_mutex_lock(&h->lock);
    if (h->fd >= 0 && dup2(null_fd, h->fd) < 0)
        rc = -1;
    else
        xs__break_locked(h);
    pthread_mutex_unlock(&h->lock);
    close(null_fd);
    return rc;
}

static struct xs_handle *handle_alloc(void)
{
    struct xs_handle *h = calloc(1, sizeof(*h));

    if (!h)
        return NULL;
    h->fd = h->wake_fd = h->notify_fd = -1;
    h->tail = &h->head;
    pthread_mutex_init(&h->request_lock, NULL);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->reply_cond, NULL);
    pthread_cond_init(&h->event_cond, NULL);
    h->toolcore.restrict_callback = restrict_handle;
    if (xentoolcore__register_active_handle)
        xentoolcore__register_active_handle(&h->toolcore);
    return h;
}

/* Everything but the locks, which in a child of fork() may be held by threads it does not have. */
static void handle_free(struct xs_handle *h)
{
    struct event *ev;

    if (xentoolcore__deregister_active_handle)
        xentoolcore__deregister_active_handle(&h->toolcore);
    while ((ev = h->head)) {
        h->head = ev->next;
        free(ev);
    }
    free(h->reply_body);
    if (h->fd >= 0)
        close(h->fd);
    if (h->wake_fd >= 0)
        close(h->wake_fd);
    if (h->notify_fd >= 0)
        close(h->notify_fd);
    free(h);
}

/* Restricting must find each handle before it has rights: so it is registered, then connected. */
struct xs_handle *xs_open(unsigned long flags)
{
    struct xs_handle *h = handle_alloc();
    char path[PATH_MAX];
    bool is_socket = false;
    int fd;

    if (!h) {
        errno = ENOMEM;
        return NULL;
    }
    fd = xs__connect(xs__socket_path(path), &is_socket);
    if (fd < 0)
        fd = xs__connect(xs__device_path(), &is_socket);
    if (fd < 0) {
        handle_free(h);
        errno = -fd;
        return NULL;
    }
    h->is_socket = is_socket;
    h->unwatch_filter = flags & XS_UNWATCH_FILTER;
    pthread_mutex_lock(&h->lock);
    h->fd = fd;
    pthread_mutex_unlock(&h->lock);
    return h;
}

void xs_close(struct xs_handle *xsh)
{
    if (!xsh)
        return;
    xs__stop_reader(xsh);
    if (!xsh->has_thread) { /* else in a child of the process that has the thread */
        pthread_cond_destroy(&xsh->event_cond);
        pthread_cond_destroy(&xsh->reply_cond);
        pthread_mutex_destroy(&xsh->lock);
        pthread_mutex_destroy(&xsh->request_lock);
    }
    handle_free(xsh);
}

struct xs_handle *xs_daemon_open(void)
{
    return xs_open(0);
}

struct xs_handle *xs_domain_open(void)
{
    return xs_open(0);
}

struct xs_handle *xs_daemon_open_readonly(void)
{
    return xs_open(0);
}

void xs_daemon_close(struct xs_handle *h)
{
    xs_close(h);
}

void xs_daemon_destroy_postfork(struct xs_handle *h)
{
    if (h)
        handle_free(h);
}
