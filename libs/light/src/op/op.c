/* SPDX-License-Identifier: MIT */
/* op.c - operations: their parts and steps, forward and back. */
#include "private.h"
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

static int add_store(xlight_op *op)
{
    struct epoll_event e = {.events = EPOLLIN};

    if (!op->h->store)
        return 0;
    op->store_fd = xstore_get_fd(op->h->store);
    return epoll_ctl(op->epoll_fd, EPOLL_CTL_ADD, op->store_fd, &e) ? -errno : 0;
}

static int make(xlight_handle *h, uint32_t domid, xlight_op **ret_op, const char *want,
                va_list args)
{
    xlight_op *op = calloc(1, sizeof(*op));
    int rc;

    if (!op)
        return xlight__fail(h, -ENOMEM, domid, "no memory for an operation");
    op->h = h;
    op->domid = domid;
    op->store_fd = op->waits.child_fd = -1;
    op->first = op->ready = true;
    vsnprintf(op->want, sizeof(op->want), want, args);
    op->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    rc = op->epoll_fd < 0 ? -errno : add_store(op);
    if (rc) {
        xlight__fail(h, rc, domid, "cannot wait for events: %s", strerrordesc_np(-rc));
        close(op->epoll_fd);
        free(op);
        return rc;
    }
    op->next = h->ops;
    h->ops = op;
    *ret_op = op;
    return 0;
}

xlight_handle *xlight__op_handle(const xlight_op *op)
{
    return op->h;
}

void xlight__op_set_domid(xlight_op *op, uint32_t domid)
{
    op->domid = domid;
}

uint32_t xlight_op_domid(const xlight_op *op)
{
    return op->domid;
}

bool xlight__op_first(const xlight_op *op)
{
    return op->first;
}

int xlight__op_yield(xlight_op *op)
{
    op->ready = true;
    return -EAGAIN;
}

void xlight__op_commit(xlight_op *op)
{
    op->committed = true;
}

int xlight__op_new(xlight_handle *h, uint32_t domid, xlight_op **ret_op, const char *want, ...)
{
    va_list args;
    int rc;

    va_start(args, want);
    rc = make(h, domid, ret_op, want, args);
    va_end(args);
    return rc;
}

int xlight__op_start(xlight_handle *h, uint32_t domid, const struct xlight__part *part, void *state,
                     xlight_op **ret_op, const char *want, ...)
{
    xlight_op *op = NULL;
    va_list args;
    int rc;

    va_start(args, want);
    rc = make(h, domid, &op, want, args);
    va_end(args);
    if (rc) {
        if (part->free)
            part->free(state);
        return rc;
    }
    rc = xlight__op_add(op, part, state);
    if (rc)
        xlight_op_free(op);
    else
        *ret_op = op;
    return rc;
}

int xlight__op_then(xlight_op *op, const struct xlight__part *const *parts, unsigned int nr,
                    void *state, xlight_op **ret_op)
{
    int rc = 0;

    for (unsigned int i = 0; !rc && i < nr; i++)
        rc = xlight__op_add(op, parts[i], state);
    if (rc)
        xlight_op_free(op);
    else
        *ret_op = op;
    return rc;
}

int xlight__op_add(xlight_op *op, const struct xlight__part *part, void *state)
{
    struct op_part *parts = realloc(op->parts, (op->nr_parts + 1) * sizeof(*parts));
    struct op_item *items;

    if (parts)
        op->parts = parts;
    /* One more: a part without steps only has a state. */
    items = parts ? realloc(op->items, (op->nr_items + part->nr + 1) * sizeof(*items)) : NULL;
    if (!items) {
        if (part->free)
            part->free(state);
        return xlight__fail(op->h, -ENOMEM, op->domid, "no memory for the steps of an operation");
    }
    op->items = items;
    if (!op->in_step)
        op->insert = op->nr_items;
    memmove(items + op->insert + part->nr, items + op->insert,
            (op->nr_items - op->insert) * sizeof(*items));
    for (unsigned int i = 0; i < part->nr; i++)
        items[op->insert++] = (struct op_item){&part->steps[i], state};
    op->nr_items += part->nr;
    parts[op->nr_parts++] = (struct op_part){part, state};
    return 0;
}

/* The end, with the result that is there. */
static int end(xlight_op *op)
{
    op->phase = OP_ENDED;
    if (op->result)
        op->h->why = op->why;
    return op->result;
}

/* Keeps what the handle knows about a failure, and turns round. */
static void turn(xlight_op *op, int rc)
{
    xlight__wrap(op->h, rc, op->domid, "%s", op->want);
    op->why = op->h->why;
    op->result = rc;
    op->phase = op->committed ? OP_ENDED : OP_UNDOING;
    op->first = op->ready = true;
}

/* Says the result of a step that waits for nothing what it is: a mistake of ours, not a wait. */
static int check_wait(xlight_op *op, const struct xlight__step *step, int rc)
{
    if (rc != -EAGAIN || op->ready || op_wait_anything(op))
        return rc;
    return xlight__fail(op->h, -EDEADLK, op->domid, "%s waits for nothing", step->name);
}

/* By value: a step that adds parts moves the items. */
static int call(xlight_op *op, struct op_item item, int (*fn)(xlight_op *op, void *state))
{
    int rc;

    op->ready = false;
    op->in_step = true;
    op->insert = op->at + 1;
    rc = check_wait(op, item.step, fn(op, item.state));
    op->in_step = op->first = false;
    if (rc != -EAGAIN) {
        op_wait_forget(op);
        op->first = op->ready = true;
    }
    return rc;
}

static void run_step(xlight_op *op)
{
    int rc;

    if (op->at == op->nr_items) {
        end(op);
        return;
    }
    rc = call(op, op->items[op->at], op->items[op->at].step->run);
    if (!rc) {
        op->at++;
    } else if (rc != -EAGAIN) {
        turn(op, rc);
        op->at++; /* it is to be undone, too */
    }
}

static void undo_step(xlight_op *op)
{
    struct op_item item;
    int rc = 0;

    if (!op->at) {
        end(op);
        return;
    }
    item = op->items[op->at - 1];
    if (item.step->undo) {
        rc = call(op, item, item.step->undo);
        if (rc == -EAGAIN)
            return;
    }
    if (rc) {
        char text[XLIGHT__WHY_TEXT];

        xlight__why_format(&op->h->why, text, sizeof(text));
        xlight__why(&op->why, op->result, "not all could be undone (%.200s)", text);
    }
    op->at--;
}

static void cancel(xlight_op *op)
{
    bool started = op->at < op->nr_items && !op->first;

    op_wait_forget(op);
    xlight__fail(op->h, -ECANCELED, op->domid, "it was cancelled");
    turn(op, -ECANCELED);
    if (started)
        op->at++;
}

int xlight_op_process(xlight_op *op)
{
    if (op->phase == OP_ENDED)
        return xlight_op_result(op);
    op_dispatch(op->h);
    if (op->phase == OP_RUNNING && op->cancelled && !op->committed)
        cancel(op);
    op_wait_poll(op);
    if (op->ready) {
        if (op->phase == OP_RUNNING)
            run_step(op);
        else
            undo_step(op);
    }
    return xlight_op_result(op);
}

int xlight_op_result(const xlight_op *op)
{
    if (op->phase != OP_ENDED)
        return -EINPROGRESS;
    if (op->result)
        op->h->why = op->why;
    return op->result;
}

int xlight_op_fd(const xlight_op *op)
{
    return op->epoll_fd;
}

int xlight_op_timeout(xlight_op *op)
{
    if (op->phase == OP_ENDED)
        return 0;
    /* Other calls may have taken our events out of the connection. */
    op_dispatch(op->h);
    if (op->ready || (op->cancelled && !op->committed && op->phase == OP_RUNNING))
        return 0;
    return op_wait_timeout(op);
}

int xlight_op_wait(xlight_op *op)
{
    int rc;

    while ((rc = xlight_op_process(op)) == -EINPROGRESS) {
        struct pollfd p = {.fd = op->epoll_fd, .events = POLLIN};
        int ms = xlight_op_timeout(op);

        if (ms)
            poll(&p, 1, ms);
    }
    return rc;
}

void xlight_op_cancel(xlight_op *op)
{
    op->cancelled = true;
}

void xlight_op_progress(const xlight_op *op, struct xlight_progress *ret_progress)
{
    unsigned int at = op->phase == OP_UNDOING && op->at ? op->at - 1 : op->at;
    bool named = op->phase != OP_ENDED && at < op->nr_items;

    *ret_progress = (struct xlight_progress){.step = named ? op->items[at].step->name : "",
                                             .done = op->at,
                                             .steps = op->nr_items,
                                             .undoing = op->phase == OP_UNDOING};
}

void xlight__op_set_transfer(xlight_op *op, const struct xlight_transfer *t)
{
    op->transfer = t;
}

void xlight_op_transfer(const xlight_op *op, struct xlight_transfer *ret_transfer)
{
    *ret_transfer = op->transfer ? *op->transfer : (struct xlight_transfer){0};
}

void xlight__op_set_console(xlight_op *op, bool there)
{
    op->console = there;
}

bool xlight_op_console(const xlight_op *op)
{
    return op->console && op->phase == OP_RUNNING;
}

void xlight_op_free(xlight_op *op)
{
    xlight_op **p;

    if (!op)
        return;
    xlight_op_cancel(op);
    /* The handle goes on telling about the last call that could fail: this is none. */
    if (op->phase != OP_ENDED) {
        struct xlight__why why = op->h->why;
        int rc = xlight_op_wait(op);

        (void)rc;
        op->h->why = why;
    }
    for (p = &op->h->ops; *p != op; p = &(*p)->next)
        ;
    *p = op->next;
    for (unsigned int i = op->nr_parts; i--;)
        if (op->parts[i].part->free)
            op->parts[i].part->free(op->parts[i].state);
    close(op->epoll_fd);
    free(op->parts);
    free(op->items);
    free(op);
}
