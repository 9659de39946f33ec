/* SPDX-License-Identifier: MIT */
/* xstore-domain.c - requests of toolstacks, about domains and the daemon itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "xstore.h"

/* Sends numbers; *ret_op is the answer. */
static int talk(xstore_handle *xs, unsigned int type, const uint64_t *numbers, unsigned int nr,
                const char *what, xstore_op **ret_op)
{
    struct xs__request rq;
    int rc;

    xs__request_init(&rq, type, XBT_NULL);
    for (unsigned int i = 0; i < nr; i++)
        xs__request_add_number(&rq, numbers[i]);
    rc = xs__call(xs, &rq, xs__deadline(xs), ret_op);
    return rc ? xs__context(xs, rc, "cannot %s domain %u", what, (unsigned int)numbers[0]) : 0;
}

static int tell(xstore_handle *xs, unsigned int type, const uint64_t *numbers, unsigned int nr,
                const char *what)
{
    xstore_op *op;
    int rc = talk(xs, type, numbers, nr, what, &op);

    if (!rc)
        xstore_op_free(op);
    return rc;
}

int xstore_introduce(xstore_handle *xs, uint16_t domid, uint64_t frame, uint32_t port)
{
    return tell(xs, XS_INTRODUCE, (uint64_t[]){domid, frame, port}, 3, "introduce");
}

int xstore_release(xstore_handle *xs, uint16_t domid)
{
    return tell(xs, XS_RELEASE, (uint64_t[]){domid}, 1, "release");
}

int xstore_resume(xstore_handle *xs, uint16_t domid)
{
    return tell(xs, XS_RESUME, (uint64_t[]){domid}, 1, "resume");
}

int xstore_set_target(xstore_handle *xs, uint16_t domid, uint16_t target)
{
    return tell(xs, XS_SET_TARGET, (uint64_t[]){domid, target}, 2, "set the target of");
}

int xstore_is_introduced(xstore_handle *xs, uint16_t domid, bool *ret_introduced)
{
    xstore_op *op;
    int rc = talk(xs, XS_IS_DOMAIN_INTRODUCED, (uint64_t[]){domid}, 1, "ask for", &op);

    if (rc)
        return rc;
    *ret_introduced = strcmp(op->body, "F");
    xstore_op_free(op);
    return 0;
}

int xstore_control(xstore_handle *xs, const char *command, const char *const *args, unsigned int nr,
                   char **ret_answer)
{
    struct xs__request rq;
    xstore_op *op;
    int rc;

    xs__request_init(&rq, XS_CONTROL, XBT_NULL);
    xs__request_add_string(&rq, command);
    for (unsigned int i = 0; i < nr; i++)
        xs__request_add_string(&rq, args[i]);
    rc = xs__call(xs, &rq, xs__deadline(xs), &op);
    if (rc)
        return xs__context(xs, rc, "the store daemon did not do \"%s\"", command);
    *ret_answer = op->body;
    op->body = NULL;
    xstore_op_free(op);
    return 0;
}
