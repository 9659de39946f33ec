/* SPDX-License-Identifier: MIT */
/* wire.c - messages of the store protocol. See wire.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "wire.h"

_Static_assert(offsetof(struct xs__request, body) ==
                   offsetof(struct xs__request, hdr) + sizeof(struct xsd_sockmsg),
               "header and body are sent as one piece");
_Static_assert(sizeof(((struct xs__reader *)NULL)->buf) >=
                   sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX,
               "the largest message fits");

void xs__request_init(struct xs__request *rq, unsigned int type, uint32_t tx_id)
{
    rq->error = 0;
    rq->hdr = (struct xsd_sockmsg){.type = type, .tx_id = tx_id};
}

void xs__request_add(struct xs__request *rq, const void *data, size_t len)
{
    if (len > sizeof(rq->body) - rq->hdr.len) {
        rq->error = -E2BIG;
        return;
    }
    if (len)
        memcpy(rq->body + rq->hdr.len, data, len);
    rq->hdr.len += len;
}

void xs__request_add_string(struct xs__request *rq, const char *s)
{
    xs__request_add(rq, s, strlen(s) + 1);
}

void xs__request_add_number(struct xs__request *rq, unsigned long n)
{
    char text[24];

    snprintf(text, sizeof(text), "%lu", n);
    xs__request_add_string(rq, text);
}

int xs__reader_fill(struct xs__reader *r, int fd, bool is_socket, bool wait)
{
    ssize_t got;

    if (r->begin) {
        memmove(r->buf, r->buf + r->begin, r->end - r->begin);
        r->end -= r->begin;
        r->begin = 0;
    }
    do {
        if (is_socket)
            got = recv(fd, r->buf + r->end, sizeof(r->buf) - r->end, wait ? 0 : MSG_DONTWAIT);
        else
            got = read(fd, r->buf + r->end, sizeof(r->buf) - r->end);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (got == 0)
        return -EBADF;
    r->end += got;
    return 0;
}

int xs__reader_next(struct xs__reader *r, struct xsd_sockmsg *ret_hdr, const char **ret_body)
{
    size_t have = r->end - r->begin;
    struct xsd_sockmsg hdr;

    if (have < sizeof(hdr))
        return -EAGAIN;
    memcpy(&hdr, r->buf + r->begin, sizeof(hdr));
    if (hdr.len > XENSTORE_PAYLOAD_MAX)
        return -E2BIG;
    if (have < sizeof(hdr) + hdr.len)
        return -EAGAIN;
    *ret_hdr = hdr;
    *ret_body = r->buf + r->begin + sizeof(hdr);
    return 0;
}

void xs__reader_drop(struct xs__reader *r, const struct xsd_sockmsg *hdr)
{
    r->begin += sizeof(*hdr) + hdr->len;
    if (r->begin == r->end)
        r->begin = r->end = 0;
}

char *xs__copy_body(const char *body, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy) {
        memcpy(copy, body, len);
        copy[len] = '\0';
    }
    return copy;
}

/* One write() that raises no SIGPIPE. */
static ssize_t write_once(int fd, bool is_socket, const void *data, size_t len, int flags)
{
    ssize_t done;

    do {
        if (is_socket)
            done = send(fd, data, len, MSG_NOSIGNAL | flags);
        else
            done = write(fd, data, len);
    } while (done < 0 && errno == EINTR);
    return done < 0 ? -errno : done;
}

int xs__send(int fd, bool is_socket, const void *data, size_t len)
{
    const char *p = data;

    while (len) {
        ssize_t done = write_once(fd, is_socket, p, len, 0);

        if (done < 0)
            return done;
        if (done == 0)
            return -EIO;
        p += done;
        len -= done;
    }
    return 0;
}

int xs__send_some(int fd, bool is_socket, const void *data, size_t len)
{
    return write_once(fd, is_socket, data, len, MSG_DONTWAIT);
}

int xs__error_code(const char *name, size_t len)
{
    size_t n = strnlen(name, len);

    for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
        if (n == strlen(xsd_errors[i].errstring) && !memcmp(name, xsd_errors[i].errstring, n))
            return xsd_errors[i].errnum;
    return EINVAL;
}

const char *xs__error_name(int code)
{
    for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
        if (xsd_errors[i].errnum == code)
            return xsd_errors[i].errstring;
    return NULL;
}
