/* SPDX-License-Identifier: MIT */
/* xstore-op.c - requests: starting them, waiting for them, what came of them. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "xstore.h"

/* Room for len more bytes to send. Moves what is left only when that frees half or more. */
static bool grow_out(xstore_handle *xs, size_t len)
{
    size_t pending = xs->out_len - xs->out_done, size = xs->out_size;
    char *out;

    if (size - xs->out_len >= len)
        return true;
    if (xs->out_done >= size / 2 && size - pending >= len) {
        memmove(xs->out, xs->out + xs->out_done, pending);
        xs->out_done = 0;
        xs->out_len = pending;
        return true;
    }
    while (size - xs->out_len < len)
        size = size ? size * 2 : 1024;
    out = realloc(xs->out, size);
    if (!out)
        return false;
    xs->out = out;
    xs->out_size = size;
    return true;
}

int xs__submit(xstore_handle *xs, struct xs__request *rq, xstore_op **ret_op)
{
    size_t size = xs__request_size(rq);
    xstore_op *op;

    if (xs->error)
        return xs__fail_lost(xs);
    if (rq->error)
        return xs__fail(xs, rq->error, "more than fits into a message");
    op = calloc(1, sizeof(*op));
    if (!op || !grow_out(xs, size)) {
        free(op);
        return xs__fail(xs, -ENOMEM, "no memory for a request");
    }
    rq->hdr.req_id = ++xs->last_id;
    op->type = rq->hdr.type;
    op->id = rq->hdr.req_id;
    memcpy(xs->out + xs->out_len, &rq->hdr, size);
    xs->out_len += size;
    *xs->ops_tail = op;
    xs->ops_tail = &op->next;
    *ret_op = op;
    return 0;
}

int xstore_start(xstore_handle *xs, xs_transaction_t t, unsigned int type,
                 const struct xstore_part *parts, unsigned int nr, xstore_op **ret_op)
{
    struct xs__request rq;

    xs__request_init(&rq, type, t);
    for (unsigned int i = 0; i < nr; i++)
        xs__request_add(&rq, parts[i].data, parts[i].len);
    return xs__submit(xs, &rq, ret_op);
}

int xstore_op_result(xstore_handle *xs, const xstore_op *op, const char **ret_data, size_t *ret_len)
{
    if (!op->done)
        return -EINPROGRESS;
    if (op->error && op->refused)
        return xs__fail(xs, op->error, "the store daemon says %s", xs__error_name(-op->error));
    if (op->error)
        return op->error == -ENOMEM ? xs__fail(xs, -ENOMEM, "no memory for the answer")
                                    : xs__fail_lost(xs);
    if (ret_data)
        *ret_data = op->body;
    if (ret_len)
        *ret_len = op->len;
    return 0;
}

void xstore_op_free(xstore_op *op)
{
    if (!op)
        return;
    if (!op->done) {
        op->orphan = true;
        return;
    }
    free(op->body);
    free(op);
}

int64_t xs__now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

int64_t xs__deadline(const xstore_handle *xs)
{
    return xs->timeout < 0 ? -1 : xs__now() + xs->timeout;
}

int xs__wait(xstore_handle *xs, int64_t deadline)
{
    struct pollfd pfd = {.fd = xs->fd, .events = xstore_get_events(xs)};
    int64_t left = deadline < 0 ? -1 : deadline - xs__now();
    int rc;

    if (deadline >= 0 && left < 0)
        left = 0;
    rc = poll(&pfd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
    if (rc < 0 && errno != EINTR)
        return xs__fail(xs, -errno, "cannot wait for the store daemon");
    if (rc == 0 && deadline >= 0 && xs__now() >= deadline)
        return xs__fail(xs, -ETIMEDOUT, "the store daemon takes too long");
    return xstore_process(xs);
}

/* Sends at once: most answers come after one wait. */
int xs__call(xstore_handle *xs, struct xs__request *rq, int64_t deadline, xstore_op **ret_op)
{
    xstore_op *op;
    int rc = xs__submit(xs, rq, &op);

    if (rc)
        return rc;
    rc = xstore_process(xs);
    while (!rc && !op->done)
        rc = xs__wait(xs, deadline);
    if (op->done)
        rc = xstore_op_result(xs, op, NULL, NULL);
    if (rc) {
        xstore_op_free(op);
        return rc;
    }
    *ret_op = op;
    return 0;
}
