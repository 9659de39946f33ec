/* SPDX-License-Identifier: MIT */
/*
 * tcp.c - sockets: connects to one of the addresses that a name has, or waits for somebody to
 * connect. A host that has vanished is noticed after two minutes by who waits for it, and after six
 * by who sends: for five it may lawfully read nothing, while others create domains (life/lock.c).
 */
#include "wire.h"
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_MS 30000 /* for each address */
#define GONE_MS    120000
#define GONE_S     (GONE_MS / 1000)
#define UNREAD_MS  360000

unsigned int wire_silence_ms = GONE_MS;

static int look_up(xlight_handle *h, const struct wire_address *a, bool listen,
                   struct addrinfo **ret_all)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = listen ? AI_PASSIVE : 0};
    int rc = getaddrinfo(*a->host ? a->host : NULL, a->port, &hints, ret_all);

    if (!rc)
        return 0;
    return xlight__fail(h, rc == EAI_MEMORY ? -ENOMEM : -EHOSTUNREACH, XLIGHT_NO_DOMAIN,
                        "cannot find the host \"%s\": %s", a->host, gai_strerror(rc));
}

int wire_new(xlight_handle *h, const char *address, int listener,
             const struct xlight_tls_files *tls, struct wire **ret_w)
{
    struct wire *w = calloc(1, sizeof(*w));
    int rc = 0;

    if (!w)
        return xlight__fail(h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory for a connection");
    w->h = h;
    w->fd = -1;
    w->listener = listener;
    w->to.tls = tls;
    if (address) {
        h->why.nr = 0;
        rc = wire_parse(address, &w->to, &h->why);
    }
    if (!rc && address && !*w->to.host)
        rc = xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN, "\"%s\" has no host", address);
    if (!rc && w->to.tls)
        rc = wire_tls_load(w, tls);
    if (rc)
        wire_free(w);
    else
        *ret_w = w;
    return rc;
}

void wire_free(struct wire *w)
{
    if (!w)
        return;
    wire_tls_free(w);
    if (w->all)
        freeaddrinfo(w->all);
    if (w->fd >= 0)
        close(w->fd);
    free(w->peer);
    free(w);
}

/* Small messages must not wait for more; and who has vanished must be noticed. */
static void set_options(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},           {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, GONE_S / 4}, {IPPROTO_TCP, TCP_KEEPINTVL, GONE_S / 8},
        {IPPROTO_TCP, TCP_KEEPCNT, 6},           {IPPROTO_TCP, TCP_USER_TIMEOUT, UNREAD_MS},
    };

    /* Without them it works as well, mostly. */
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
}

static int failed(struct wire *w, int rc)
{
    return xlight__fail(w->h, rc, XLIGHT_NO_DOMAIN, "cannot connect to %s, port %s: %s", w->to.host,
                        w->to.port, strerrordesc_np(-rc));
}

/* Begins with the next address; that one is skipped when it is of no use. */
static int try_next(struct wire *w)
{
    const struct addrinfo *a = w->next;
    int fd;

    w->next = a->ai_next;
    fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    w->fd = fd;
    if (!connect(fd, a->ai_addr, a->ai_addrlen) || errno == EINPROGRESS)
        return 0;
    return -errno;
}

/* 0: it is connected; -EAGAIN: not yet. */
static int is_connected(xlight_op *op, struct wire *w)
{
    struct pollfd p = {.fd = w->fd, .events = POLLOUT};
    socklen_t size = sizeof(int);
    int rc, error = 0;

    if (poll(&p, 1, 0) <= 0) {
        rc = xlight__op_wait_fd(op, w->fd, EPOLLOUT);
        return rc ? rc : -EAGAIN;
    }
    if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &size))
        error = errno;
    return -error;
}

static int connect_to(xlight_op *op, struct wire *w)
{
    int rc = 0;

    if (!w->all) {
        rc = look_up(w->h, &w->to, false, &w->all);
        w->next = w->all;
        if (rc)
            return rc;
    }
    for (;;) {
        if (w->fd < 0)
            rc = try_next(w);
        if (!rc)
            rc = is_connected(op, w);
        if (rc == -EAGAIN && xlight__op_clock(op, &w->clock, CONNECT_MS))
            rc = -ETIMEDOUT;
        if (!rc || rc == -EAGAIN)
            break;
        if (w->fd >= 0) {
            xlight__op_forget_fd(op, w->fd);
            close(w->fd);
        }
        w->fd = -1;
        w->clock = 0; /* the next one has its own time */
        if (!w->next)
            return failed(w, rc);
        rc = 0;
    }
    if (!rc)
        set_options(w->fd);
    return rc;
}

static int accept_one(xlight_op *op, struct wire *w)
{
    struct pollfd p = {.fd = w->listener, .events = POLLIN};
    int rc;

    /* The descriptor may be one that blocks. */
    if (poll(&p, 1, 0) > 0) {
        w->fd = accept4(w->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (w->fd >= 0) {
            set_options(w->fd);
            return 0;
        }
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            return xlight__fail(w->h, -errno, XLIGHT_NO_DOMAIN, "cannot accept a connection: %s",
                                strerrordesc_np(errno));
    }
    rc = xlight__op_wait_fd(op, w->listener, EPOLLIN);
    return rc ? rc : -EAGAIN;
}

int wire_connect(xlight_op *op, struct wire *w)
{
    return w->listener >= 0 ? accept_one(op, w) : connect_to(op, w);
}

ssize_t wire_read(struct wire *w, void *buf, size_t size)
{
    ssize_t n = w->session ? wire_tls_read(w, buf, size) : recv(w->fd, buf, size, 0);

    if (n > 0)
        w->clock = 0;
    return n;
}

bool wire_silent(xlight_op *op, struct wire *w)
{
    return w->listener >= 0 && xlight__op_clock(op, &w->clock, wire_silence_ms);
}

ssize_t wire_write(struct wire *w, const void *data, size_t size)
{
    return w->session ? wire_tls_write(w, data, size) : send(w->fd, data, size, MSG_NOSIGNAL);
}

void wire_end(struct wire *w)
{
    (void)shutdown(w->fd, SHUT_WR);
}

int wire_linger(xlight_op *op, struct wire *w)
{
    char rest[4096];
    ssize_t n = 1;
    int rc;

    wire_end(w);
    /* Not for ever, whatever comes: the caller has a time limit. */
    for (int i = 0; i < 64 && n > 0; i++)
        n = recv(w->fd, rest, sizeof(rest), 0);
    if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
        return 0;
    rc = xlight__op_wait_fd(op, w->fd, EPOLLIN);
    return rc ? rc : -EAGAIN;
}

static int port_of(int fd)
{
    struct sockaddr_storage s;
    socklen_t size = sizeof(s);

    if (getsockname(fd, (struct sockaddr *)&s, &size))
        return 0;
    return ntohs(s.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&s)->sin6_port
                                         : ((struct sockaddr_in *)&s)->sin_port);
}

static int listen_at(const struct addrinfo *a, int *ret_fd)
{
    static const int yes = 1, no = 0;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), rc = 0;

    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (a->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
    if (bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, 8))
        rc = -errno;
    if (rc)
        close(fd);
    else
        *ret_fd = fd;
    return rc;
}

int xlight_listen(xlight_handle *h, const char *address, int *ret_fd, int *ret_port)
{
    struct addrinfo *all, *a;
    struct wire_address to;
    int rc, fd = -1;

    h->why.nr = 0;
    rc = wire_parse(address, &to, &h->why);
    if (!rc)
        rc = look_up(h, &to, true, &all);
    if (rc)
        return rc;
    rc = -EADDRNOTAVAIL;
    /* Any address: that of IPv6 is for both. */
    for (a = all; a && fd < 0; a = a->ai_next)
        if (*to.host || a->ai_family == AF_INET6)
            rc = listen_at(a, &fd);
    for (a = all; a && fd < 0; a = a->ai_next)
        rc = listen_at(a, &fd);
    freeaddrinfo(all);
    if (fd < 0)
        return xlight__fail(h, rc, XLIGHT_NO_DOMAIN, "cannot listen at %s: %s", address,
                            strerrordesc_np(-rc));
    *ret_fd = fd;
    *ret_port = port_of(fd);
    return 0;
}
