/* SPDX-License-Identifier: MIT */
/*
 * conn-socket.c - clients of the Unix sockets. They have Domain 0's rights: the file's permissions
 * keep others out. A request costs one read and one write: a read takes whatever is there, and one
 * that found the end is not repeated before epoll says there is more.
 */
#include "conn-socket.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "log.h"

int epoll_fd = -1;

struct socket_conn {
    struct source source;
    struct conn *c;
};

struct listener {
    struct source source;
    int fd;
    bool read_only;
    bool resting; /* no descriptors left: the event stays off until one is closed */
};

static struct listener listeners[2];

/* Sources by descriptor: connections are small, and most have no socket. */
static struct socket_conn **by_fd;
static int nr_by_fd;

static int wait_for(int op, int fd, struct source *s, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = s};

    return epoll_ctl(epoll_fd, op, fd, &e) ? -errno : 0;
}

static int socket_next(struct conn *c, const struct xsd_sockmsg **ret_msg)
{
    size_t have = c->in_len, total;
    int rc;

    if (have)
        memcpy(conn_rx, c->in, have);
    rc = conn_complete(conn_rx, have);
    if (!rc && !c->drained) {
        ssize_t n = recv(c->fd, conn_rx + have, WIRE_MAX - have, MSG_DONTWAIT);

        if (n == 0)
            return -EPIPE;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        c->drained = n < (ssize_t)(WIRE_MAX - have);
        have += n > 0 ? n : 0;
        rc = conn_complete(conn_rx, have);
    }
    if (rc < 0)
        return rc;
    if (!rc)
        return have == c->in_len ? 0 : conn_keep(c, conn_rx, have);
    *ret_msg = (const void *)conn_rx;
    total = WIRE_HEADER + (*ret_msg)->len;
    return conn_keep(c, conn_rx + total, have - total) ?: 1;
}

static int socket_write(struct conn *c, const char *data, size_t len)
{
    ssize_t n = send(c->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    return n;
}

/* While answers wait nothing is read. */
static void socket_settle(struct conn *c)
{
    uint32_t want = TAILQ_EMPTY(&c->out) ? EPOLLIN : EPOLLOUT;

    if (want != c->polled && !wait_for(EPOLL_CTL_MOD, c->fd, &by_fd[c->fd]->source, want))
        c->polled = want;
}

static void socket_broken(struct conn *c, int rc)
{
    if (rc != -EPIPE && rc != -ECONNRESET)
        log_info("connection %u is closed: %s", c->id, strerror(-rc));
    conn_kill(c);
}

static void wake_listeners(void);

static void socket_conn_close(struct conn *c)
{
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
    free(by_fd[c->fd]);
    by_fd[c->fd] = NULL;
    close(c->fd);
    c->fd = -1;
    wake_listeners();
}

static const struct transport socket_transport = {socket_next, socket_write, socket_settle,
                                                  socket_broken, socket_conn_close};

static void conn_source(struct source *s, uint32_t events)
{
    struct conn *c = ((struct socket_conn *)s)->c;

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        c->drained = false;
    conn_run(c);
}

static struct socket_conn *new_source(int fd)
{
    if (fd >= nr_by_fd) {
        int nr = (fd + 64) & ~63;
        struct socket_conn **p = realloc(by_fd, nr * sizeof(*p));

        if (!p)
            return NULL;
        memset(p + nr_by_fd, 0, (nr - nr_by_fd) * sizeof(*p));
        by_fd = p;
        nr_by_fd = nr;
    }
    by_fd[fd] = calloc(1, sizeof(**by_fd));
    return by_fd[fd];
}

struct conn *socket_conn_new(int fd, bool read_only)
{
    static const struct subject domain0 = {0, DOMID_NONE, true};
    struct socket_conn *s = new_source(fd);
    struct conn *c;

    if (!s)
        return NULL;
    s->source.fn = conn_source;
    if (wait_for(EPOLL_CTL_ADD, fd, &s->source, EPOLLIN))
        goto fail;
    c = conn_new(&socket_transport, &domain0);
    if (!c) {
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        goto fail;
    }
    c->fd = fd;
    c->polled = EPOLLIN;
    c->read_only = read_only;
    s->c = c;
    return c;

fail:
    free(s);
    by_fd[fd] = NULL;
    return NULL;
}

/* Out of descriptors: without this, epoll would report the waiting client forever. */
static void rest(struct listener *l)
{
    log_warn("no more connections: %s", strerror(errno));
    wait_for(EPOLL_CTL_MOD, l->fd, &l->source, 0);
    l->resting = true;
}

static void wake_listeners(void)
{
    for (unsigned int i = 0; i < 2; i++)
        if (listeners[i].resting) {
            wait_for(EPOLL_CTL_MOD, listeners[i].fd, &listeners[i].source, EPOLLIN);
            listeners[i].resting = false;
        }
}

static void listener_source(struct source *s, uint32_t events)
{
    struct listener *l = (struct listener *)s;
    int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            rest(l);
        return;
    }
    if (!socket_conn_new(fd, l->read_only))
        close(fd);
}

static int make_socket(const char *path, mode_t mode)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd, rc;

    if (strlen(path) >= sizeof(a.sun_path))
        return -ENAMETOOLONG;
    strcpy(a.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    unlink(path);
    /* The file must never be open to others, not even between bind() and chmod(). */
    umask(0777 & ~mode);
    rc = bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 128) ? -errno : 0;
    umask(022);
    if (rc) {
        close(fd);
        return rc;
    }
    return fd;
}

int socket_listen_on(int fd, int fd_ro)
{
    int fds[2] = {fd, fd_ro}, rc = 0;

    for (unsigned int i = 0; i < 2 && !rc; i++) {
        listeners[i] = (struct listener){{listener_source}, fds[i], i == 1, false};
        rc = wait_for(EPOLL_CTL_ADD, fds[i], &listeners[i].source, EPOLLIN);
    }
    return rc;
}

int socket_listen(const char *path, const char *path_ro)
{
    int fd = make_socket(path, 0600), fd_ro;

    if (fd < 0)
        return fd;
    fd_ro = make_socket(path_ro, 0660);
    if (fd_ro < 0) {
        close(fd);
        return fd_ro;
    }
    return socket_listen_on(fd, fd_ro);
}

void socket_listeners(int *ret_fd, int *ret_fd_ro)
{
    *ret_fd = listeners[0].fd;
    *ret_fd_ro = listeners[1].fd;
}

void socket_close(void)
{
    for (unsigned int i = 0; i < 2; i++)
        close(listeners[i].fd);
    free(by_fd);
    by_fd = NULL;
    nr_by_fd = 0;
}
