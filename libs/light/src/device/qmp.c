/* SPDX-License-Identifier: MIT */
/*
 * qmp.c - QEMU's control protocol: lines of JSON. QEMU greets, is told that there is nothing that
 * we would like to agree on, and then takes commands. What it tells unasked is passed over.
 */
#include "qmp.h"
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_tree.h>

#define WAIT_MS 10000

enum { GREETING, AGREED, DONE };

static int failed(xlight_handle *h, uint32_t domid, int rc, const char *what)
{
    return xlight__fail(h, rc, domid, "cannot %s the device model: %s", what, strerrordesc_np(-rc));
}

static int connect_to(xlight_handle *h, uint32_t domid, const char *path, struct xlight__qmp *q)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(addr.sun_path))
        return failed(h, domid, -ENAMETOOLONG, "reach");
    strcpy(addr.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return failed(h, domid, -errno, "reach");
    q->fd = fd + 1;
    return connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? failed(h, domid, -errno, "reach")
                                                               : 0;
}

void xlight__qmp_end(struct xlight__qmp *q)
{
    if (q->fd)
        close(q->fd - 1);
    *q = (struct xlight__qmp){.fd = 0};
}

static void put(yajl_gen g, const char *text)
{
    yajl_gen_string(g, (const unsigned char *)text, strlen(text));
}

/* In one piece: a socket that takes nothing at the beginning belongs to nobody who listens. */
static int send_it(xlight_handle *h, uint32_t domid, const struct xlight__qmp *q,
                   const char *command, const char *argument, const char *value)
{
    yajl_gen g = yajl_gen_alloc(NULL);
    const unsigned char *text = NULL;
    size_t len = 0;
    ssize_t n = -1;

    if (!g)
        return failed(h, domid, -ENOMEM, "ask");
    yajl_gen_config(g, yajl_gen_validate_utf8, 1);
    yajl_gen_map_open(g);
    put(g, "execute");
    put(g, command);
    if (argument) {
        put(g, "arguments");
        yajl_gen_map_open(g);
        put(g, argument);
        put(g, value);
        yajl_gen_map_close(g);
    }
    /* A text that is not UTF-8 stops it somewhere in front of here. */
    if (yajl_gen_map_close(g) || yajl_gen_get_buf(g, &text, &len)) {
        yajl_gen_free(g);
        return failed(h, domid, -EILSEQ, "ask");
    }
    n = send(q->fd - 1, text, len, MSG_NOSIGNAL);
    if (n == (ssize_t)len)
        n = send(q->fd - 1, "\n", 1, MSG_NOSIGNAL) - 1;
    else
        n = -1;
    yajl_gen_free(g);
    return n ? failed(h, domid, -EPIPE, "ask") : 0;
}

/* 0: it is an answer, or the greeting; -EAGAIN: something else. */
static int judge(xlight_handle *h, uint32_t domid, const char *line, unsigned int stage)
{
    static const char *answer[] = {"return", NULL}, *greeting[] = {"QMP", NULL};
    static const char *error[] = {"error", "desc", NULL};
    yajl_val v = yajl_tree_parse(line, NULL, 0), desc;
    int rc = -EAGAIN;

    if (!v)
        return xlight__fail(h, -EPROTO, domid, "the device model says what makes no sense");
    desc = yajl_tree_get(v, error, yajl_t_string);
    if (desc)
        rc = xlight__fail(h, -EREMOTEIO, domid, "the device model says: %.200s",
                          YAJL_GET_STRING(desc));
    else if (yajl_tree_get(v, stage == GREETING ? greeting : answer, yajl_t_any))
        rc = 0;
    yajl_tree_free(v);
    return rc;
}

/* The next line that is an answer. -EAGAIN: it has not come yet. */
static int read_answer(xlight_handle *h, uint32_t domid, struct xlight__qmp *q)
{
    for (;;) {
        char *end = memchr(q->answer, '\n', q->len);
        size_t used;
        ssize_t n;
        int rc;

        if (end) {
            *end = 0;
            used = (size_t)(end + 1 - q->answer);
            rc = judge(h, domid, q->answer, q->stage);
            memmove(q->answer, q->answer + used, q->len - used);
            q->len -= used;
            if (rc != -EAGAIN)
                return rc;
            continue;
        }
        if (q->len == sizeof(q->answer))
            return xlight__fail(h, -EPROTO, domid, "the device model says too much");
        n = recv(q->fd - 1, q->answer + q->len, sizeof(q->answer) - q->len, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return -EAGAIN;
        if (n <= 0)
            return failed(h, domid, n ? -errno : -ECONNRESET, "listen to");
        q->len += (size_t)n;
    }
}

int xlight__qmp_call(xlight_op *op, uint32_t domid, const char *socket, const char *command,
                     const char *argument, const char *value, struct xlight__qmp *q)
{
    xlight_handle *h = xlight__op_handle(op);
    int rc = q->fd ? 0 : connect_to(h, domid, socket, q);

    while (!rc && q->stage <= DONE) {
        rc = read_answer(h, domid, q);
        if (rc)
            break;
        if (q->stage == GREETING)
            rc = send_it(h, domid, q, "qmp_capabilities", NULL, NULL);
        else if (q->stage == AGREED)
            rc = send_it(h, domid, q, command, argument, value);
        q->stage++;
    }
    if (rc != -EAGAIN)
        return rc;
    if (xlight__op_clock(op, &q->clock, WAIT_MS))
        return xlight__fail(h, -ETIMEDOUT, domid, "the device model gives no answer");
    rc = xlight__op_wait_fd(op, q->fd - 1, EPOLLIN);
    return rc ? rc : -EAGAIN;
}
