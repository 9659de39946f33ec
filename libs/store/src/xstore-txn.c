/* SPDX-License-Identifier: MIT */
/* xstore-txn.c - transactions, by hand and repeating themselves. */
#include <errno.h>
#include <stdlib.h>
#include "xstore.h"

static int start(xstore_handle *xs, int64_t deadline, xs_transaction_t *ret_t)
{
    struct xs__request rq;
    xs_transaction_t t;
    xstore_op *op;
    int rc;

    xs__request_init(&rq, XS_TRANSACTION_START, XBT_NULL);
    xs__request_add_string(&rq, "");
    rc = xs__call(xs, &rq, deadline, &op);
    if (rc)
        return rc;
    t = strtoul(op->body, NULL, 10);
    xstore_op_free(op);
    if (t == XBT_NULL)
        return xs__fail(xs, -EPROTO, "the store daemon started no transaction");
    *ret_t = t;
    return 0;
}

static int end(xstore_handle *xs, int64_t deadline, xs_transaction_t t, bool commit)
{
    struct xs__request rq;
    xstore_op *op;
    int rc;

    xs__request_init(&rq, XS_TRANSACTION_END, t);
    xs__request_add_string(&rq, commit ? "T" : "F");
    rc = xs__call(xs, &rq, deadline, &op);
    if (!rc)
        xstore_op_free(op);
    return rc;
}

int xstore_transaction_start(xstore_handle *xs, xs_transaction_t *ret_t)
{
    int rc = start(xs, xs__deadline(xs), ret_t);

    return rc ? xs__context(xs, rc, "cannot start a transaction") : 0;
}

int xstore_transaction_end(xstore_handle *xs, xs_transaction_t t, bool commit)
{
    int rc = end(xs, xs__deadline(xs), t, commit);

    return rc ? xs__context(xs, rc, "cannot end a transaction") : 0;
}

/* Abandons what fn gave up. The caller is told why fn did, not of this. */
static void abandon(xstore_handle *xs, int64_t deadline, xs_transaction_t t)
{
    struct xs__errors errors = xs->errors;

    if (!xs->error && end(xs, deadline, t, false))
        xs->errors = errors;
}

int xstore_transaction(xstore_handle *xs, xstore_transaction_fn *fn, void *arg)
{
    int64_t deadline = xs__deadline(xs);
    xs_transaction_t t;
    int rc;

    do {
        if (deadline >= 0 && xs__now() >= deadline) {
            rc = xs__fail(xs, -ETIMEDOUT, "others interfere again and again");
            break;
        }
        rc = start(xs, deadline, &t);
        if (rc)
            break;
        rc = fn(xs, t, arg);
        if (rc) {
            abandon(xs, deadline, t);
            return rc;
        }
        rc = end(xs, deadline, t, true);
    } while (rc == -EAGAIN);
    return rc ? xs__context(xs, rc, "cannot do a transaction") : 0;
}
