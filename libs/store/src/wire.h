/* SPDX-License-Identifier: MIT */
/*
 * wire.h - messages of the store protocol: building, sending, taking apart.
 *
 * The same on a socket and on /dev/xen/xenbus: a header, then up to XENSTORE_PAYLOAD_MAX bytes.
 * Nothing here locks or allocates, except xs__copy_body().
 */
#ifndef LIBS_STORE_WIRE_H
#define LIBS_STORE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

#define XS__MUST_CHECK __attribute__((warn_unused_result))

/* A request under construction. Parts that do not fit set error, which the sender returns. */
struct xs__request {
    int error;
    struct xsd_sockmsg hdr;
    char body[XENSTORE_PAYLOAD_MAX];
};

void xs__request_init(struct xs__request *rq, unsigned int type, uint32_t tx_id);
void xs__request_add(struct xs__request *rq, const void *data, size_t len);
void xs__request_add_string(struct xs__request *rq, const char *s);
void xs__request_add_number(struct xs__request *rq, unsigned long n);

/* Bytes on the wire, beginning at &rq->hdr. */
static inline size_t xs__request_size(const struct xs__request *rq)
{
    return sizeof(rq->hdr) + rq->hdr.len;
}

/*
 * What has been read and not yet taken apart. Take all whole messages out before filling again:
 * then one message of the largest size always fits.
 */
struct xs__reader {
    size_t begin, end;
    char buf[8192];
};

/*
 * One read from fd. is_socket chooses recv(), which wait = false makes return at once; on other
 * files the caller polls first. Returns 0, -EAGAIN when nothing is there, -EBADF when the other
 * side has closed (what libxenstore reports then), or another negative errno.
 */
int xs__reader_fill(struct xs__reader *r, int fd, bool is_socket, bool wait) XS__MUST_CHECK;

/*
 * The first message: its header, and where its body is until the next fill (not terminated).
 * Returns 0, -EAGAIN when it is not complete, or -E2BIG when no message can be that long; then
 * the connection is of no more use. The message stays until xs__reader_drop().
 */
int xs__reader_next(struct xs__reader *r, struct xsd_sockmsg *ret_hdr,
                    const char **ret_body) XS__MUST_CHECK;
void xs__reader_drop(struct xs__reader *r, const struct xsd_sockmsg *hdr);

/* A copy of a body with a NUL behind it, to free(); NULL without memory. */
char *xs__copy_body(const char *body, size_t len) XS__MUST_CHECK;

/*
 * Writes len bytes, waiting as needed; no SIGPIPE from a socket. Returns 0 or a negative errno.
 */
int xs__send(int fd, bool is_socket, const void *data, size_t len) XS__MUST_CHECK;

/* One write; like xs__send(), but returns how many bytes went, or -EAGAIN at once. */
int xs__send_some(int fd, bool is_socket, const void *data, size_t len) XS__MUST_CHECK;

/* The positive errno that the body of XS_ERROR names; EINVAL for names not known. */
int xs__error_code(const char *name, size_t len);

/* The reverse: the name that the protocol has for a positive errno, or NULL. */
const char *xs__error_name(int code);

#endif /* LIBS_STORE_WIRE_H */
