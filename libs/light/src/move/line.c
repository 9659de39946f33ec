/* SPDX-License-Identifier: MIT */
/* line.c - what both ends of a migration say to each other, over descriptors of the caller's or a
 * connection. */
#include "move.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

void move_line_init(struct move_line *l, xlight_handle *h, domid_t domid, int in_fd, int out_fd)
{
    *l = (struct move_line){.h = h, .domid = domid, .in.fd = in_fd, .out.fd = out_fd};
}

int move_line_connect(xlight_op *op, struct move_line *l)
{
    return l->wire ? wire_connect(op, l->wire) : 0;
}

int move_line_prove(xlight_op *op, struct move_line *l)
{
    return l->wire ? wire_prove(op, l->wire) : 0;
}

int move_line_open(struct move_line *l)
{
    int rc;

    if (l->wire)
        l->in.fd = l->out.fd = l->wire->fd;
    l->in.wire = l->out.wire = l->wire;
    rc = move_file_open(l->h, l->domid, &l->in, O_RDONLY);

    return rc ? rc : move_file_open(l->h, l->domid, &l->out, O_WRONLY);
}

void move_line_end(struct move_line *l)
{
    if (l->wire)
        wire_end(l->wire);
}

void move_line_close(struct move_line *l)
{
    (void)move_file_close(&l->in);
    (void)move_file_close(&l->out);
    wire_free(l->wire);
    l->wire = NULL;
}

/* Some bytes, at least one. */
static int read_some(xlight_op *op, struct move_line *l, void *buf, size_t size, size_t *ret_got,
                     unsigned int ms)
{
    bool late = ms && xlight__op_expired(op, ms);
    ssize_t got;

    do
        got = move_file_read(&l->in, buf, size);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        *ret_got = (size_t)got;
        return 0;
    }
    if (!got || errno == ECONNRESET)
        return xlight__fail(l->h, -ECONNRESET, l->domid, "the other end has gone");
    if (errno != EAGAIN)
        return move_file_failed(l->h, l->domid, &l->in, -errno, "read");
    if (late)
        return xlight__fail(l->h, -ETIMEDOUT, l->domid, "the other end says nothing within %u s",
                            ms / 1000);
    return move_file_wait(op, &l->in, EPOLLIN);
}

int move_hear(xlight_op *op, struct move_line *l, enum xlight__word word, unsigned int ms)
{
    char buf[XLIGHT__HEAR_MOST];
    size_t got = 0;
    int rc;

    do {
        /* What follows is for others. */
        rc = read_some(op, l, buf, xlight__hear_left(&l->hear, word), &got, ms);
        if (rc)
            return rc;
        l->h->why.nr = 0;
        rc = xlight__hear(&l->hear, word, buf, got, &l->h->why);
    } while (rc == -EAGAIN);
    return rc ? xlight__wrap(l->h, rc, l->domid, "cannot understand the other end") : 0;
}

int move_hear_byte(xlight_op *op, struct move_line *l, uint8_t *ret_byte, unsigned int ms)
{
    size_t got;

    return read_some(op, l, ret_byte, 1, &got, ms);
}

int move_say_bytes(xlight_op *op, struct move_line *l, const void *bytes, size_t size)
{
    while (l->said < size) {
        ssize_t n = move_file_write(&l->out, (const char *)bytes + l->said, size - l->said);

        if (n < 0 && errno == EAGAIN)
            return move_file_wait(op, &l->out, EPOLLOUT);
        if (n < 0 && errno != EINTR)
            return move_file_failed(l->h, l->domid, &l->out, -errno, "write");
        if (n > 0)
            l->said += (size_t)n;
    }
    l->said = 0;
    return 0;
}

int move_say_last(xlight_op *op, struct move_line *l, const void *bytes, size_t size)
{
    int rc = l->told ? 0 : move_say_bytes(op, l, bytes, size);

    l->told = !rc;
    return l->told && l->wire ? wire_linger(op, l->wire) : rc;
}

int move_say(xlight_op *op, struct move_line *l, enum xlight__word word)
{
    size_t size;
    const char *text = xlight__word(word, &size);

    return move_say_bytes(op, l, text, size);
}
