/* SPDX-License-Identifier: MIT */
/* xstore-call.c - requests that wait for their answer. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "directory.h"
#include "text.h"
#include "xstore.h"

const char *xstore_path(char buf[XSTORE_PATH_SIZE], const char *format, ...)
{
    va_list ap;
    int len;

    va_start(ap, format);
    len = vsnprintf(buf, XSTORE_PATH_SIZE, format, ap);
    va_end(ap);
    return len >= 0 && len < XSTORE_PATH_SIZE ? buf : NULL;
}

/* Begins a request whose first part is a path. */
static int begin(xstore_handle *xs, struct xs__request *rq, unsigned int type, xs_transaction_t t,
                 const char *path)
{
    xs__request_init(rq, type, t);
    if (!path)
        return xs__fail(xs, -EINVAL, "the path is missing, or too long");
    xs__request_add_string(rq, path);
    return 0;
}

/* Waits for an answer that is no more than an OK. */
static int finish(xstore_handle *xs, struct xs__request *rq)
{
    xstore_op *op;
    int rc = xs__call(xs, rq, xs__deadline(xs), &op);

    if (!rc)
        xstore_op_free(op);
    return rc;
}

/* A request of a path alone. *ret_body is to be freed. */
static int ask(xstore_handle *xs, unsigned int type, xs_transaction_t t, const char *path,
               char **ret_body, size_t *ret_len)
{
    struct xs__request rq;
    xstore_op *op;
    int rc = begin(xs, &rq, type, t, path);

    if (!rc)
        rc = xs__call(xs, &rq, xs__deadline(xs), &op);
    if (rc)
        return rc;
    *ret_body = op->body;
    if (ret_len)
        *ret_len = op->len;
    op->body = NULL;
    xstore_op_free(op);
    return 0;
}

/* A request of a path alone, and an OK. */
static int tell(xstore_handle *xs, unsigned int type, xs_transaction_t t, const char *path)
{
    char *body;
    int rc = ask(xs, type, t, path, &body, NULL);

    if (!rc)
        free(body);
    return rc;
}

/* The outermost link: what was wanted of which path. */
static int about(xstore_handle *xs, int rc, const char *what, const char *path)
{
    return rc ? xs__context(xs, rc, "cannot %s %s", what, path ? path : "(no path)") : 0;
}

int xstore_read(xstore_handle *xs, xs_transaction_t t, const char *path, char **ret_value,
                size_t *ret_len)
{
    return about(xs, ask(xs, XS_READ, t, path, ret_value, ret_len), "read", path);
}

int xstore_write(xstore_handle *xs, xs_transaction_t t, const char *path, const void *value,
                 size_t len)
{
    struct xs__request rq;
    int rc = begin(xs, &rq, XS_WRITE, t, path);

    if (!rc) {
        xs__request_add(&rq, value, len);
        rc = finish(xs, &rq);
    }
    return about(xs, rc, "write", path);
}

int xstore_mkdir(xstore_handle *xs, xs_transaction_t t, const char *path)
{
    return about(xs, tell(xs, XS_MKDIR, t, path), "create", path);
}

/* Daemons say ENOENT when the parent is missing too; that is as good. */
int xstore_rm(xstore_handle *xs, xs_transaction_t t, const char *path)
{
    int rc = tell(xs, XS_RM, t, path);

    return about(xs, rc == -ENOENT ? 0 : rc, "remove", path);
}

int xstore_exists(xstore_handle *xs, xs_transaction_t t, const char *path, bool *ret_exists)
{
    int rc = tell(xs, XS_READ, t, path);

    if (rc && rc != -ENOENT && rc != -EACCES)
        return about(xs, rc, "look for", path);
    *ret_exists = !rc;
    return 0;
}

/* All of a directory that does not fit into a message. */
static int list_parts(xstore_handle *xs, xs_transaction_t t, const char *path,
                      struct xs__directory *dir)
{
    int64_t deadline = xs__deadline(xs);
    struct xs__request rq;
    xstore_op *op;
    int rc;

    do {
        xs__request_init(&rq, XS_DIRECTORY_PART, t);
        xs__request_add_string(&rq, path);
        xs__request_add_number(&rq, dir->used);
        rc = xs__call(xs, &rq, deadline, &op);
        if (rc == -ENOSYS)
            return xs__context(xs, -E2BIG, "the directory does not fit into a message");
        if (rc)
            return rc;
        rc = xs__directory_add(dir, op->body, op->len);
        xstore_op_free(op);
    } while (rc == -EAGAIN);
    if (rc == -ENOMEM)
        return xs__fail(xs, rc, "no memory for the list");
    return rc ? xs__fail(xs, -EPROTO, "a part of the directory makes no sense") : 0;
}

int xstore_list(xstore_handle *xs, xs_transaction_t t, const char *path, char ***ret_names,
                unsigned int *ret_nr)
{
    struct xs__directory dir = {0};
    char **names = NULL;
    int rc = ask(xs, XS_DIRECTORY, t, path, &dir.names, &dir.used);

    if (rc == -E2BIG && path)
        rc = list_parts(xs, t, path, &dir);
    if (!rc) {
        names = xs__split_strings(dir.names, dir.used, ret_nr);
        if (!names)
            rc = xs__fail(xs, -ENOMEM, "no memory for the list");
        else
            *ret_names = names;
    }
    free(dir.names);
    return about(xs, rc, "list", path);
}

int xstore_get_perms(xstore_handle *xs, xs_transaction_t t, const char *path,
                     struct xs_permissions **ret_perms, unsigned int *ret_nr)
{
    struct xs_permissions *perms = NULL;
    char *body = NULL;
    size_t len = 0;
    unsigned int nr;
    int rc = ask(xs, XS_GET_PERMS, t, path, &body, &len);

    if (!rc) {
        nr = xs__count_strings(body, len);
        perms = malloc((nr + 1) * sizeof(*perms));
        if (!perms)
            rc = xs__fail(xs, -ENOMEM, "no memory for permissions");
        else if (!xs_strings_to_perms(perms, nr, body))
            rc = xs__fail(xs, -EPROTO, "the store daemon sent permissions that make no sense");
    }
    free(body);
    if (rc) {
        free(perms);
        return about(xs, rc, "read the permissions of", path);
    }
    *ret_perms = perms;
    *ret_nr = nr;
    return 0;
}

int xstore_set_perms(xstore_handle *xs, xs_transaction_t t, const char *path,
                     const struct xs_permissions *perms, unsigned int nr)
{
    struct xs__request rq;
    char text[XS__PERM_SIZE];
    int rc = begin(xs, &rq, XS_SET_PERMS, t, path);

    for (unsigned int i = 0; i < nr && !rc; i++) {
        if (xs__perm_to_string(&perms[i], text))
            xs__request_add_string(&rq, text);
        else
            rc = xs__fail(xs, -EINVAL, "permission %u makes no sense", i);
    }
    if (!rc)
        rc = finish(xs, &rq);
    return about(xs, rc, "set the permissions of", path);
}

static int watch_request(xstore_handle *xs, unsigned int type, const char *path, const char *token)
{
    struct xs__request rq;
    int rc = begin(xs, &rq, type, XBT_NULL, path);

    if (rc)
        return rc;
    xs__request_add_string(&rq, token);
    return finish(xs, &rq);
}

int xstore_watch(xstore_handle *xs, const char *path, const char *token)
{
    return about(xs, watch_request(xs, XS_WATCH, path, token), "watch", path);
}

/* Events with this token of path or below are dropped; they were sent before the daemon's answer.
 */
static void drop_events(xstore_handle *xs, const char *path, const char *token)
{
    struct xs__queued_event **link, *ev;
    bool root = !strcmp(path, "/");

    for (link = &xs->events; (ev = *link);) {
        if (!strcmp(ev->strings + strlen(ev->strings) + 1, token) &&
            (root || xs_path_is_subpath(path, ev->strings))) {
            *link = ev->next;
            free(ev);
        } else {
            link = &ev->next;
        }
    }
    xs->events_tail = link;
}

int xstore_unwatch(xstore_handle *xs, const char *path, const char *token)
{
    int rc = watch_request(xs, XS_UNWATCH, path, token);

    if (!rc)
        drop_events(xs, path, token);
    return about(xs, rc, "stop watching", path);
}

int xstore_next_event(xstore_handle *xs, struct xstore_event *ret_event)
{
    if (!xs->events)
        return xs->error ? xs__fail_lost(xs) : -EAGAIN;
    free(xs->current);
    xs->current = xs->events;
    xs->events = xs->current->next;
    if (!xs->events)
        xs->events_tail = &xs->events;
    ret_event->path = xs->current->strings;
    ret_event->token = xs->current->strings + strlen(xs->current->strings) + 1;
    return 0;
}

int xstore_wait_event(xstore_handle *xs, struct xstore_event *ret_event)
{
    int64_t deadline = xs__deadline(xs);
    int rc;

    while ((rc = xstore_next_event(xs, ret_event)) == -EAGAIN) {
        rc = xs__wait(xs, deadline);
        if (rc && !xs->events)
            break;
    }
    return rc ? xs__context(xs, rc, "cannot wait for an event") : 0;
}
