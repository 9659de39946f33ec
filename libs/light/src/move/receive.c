/* SPDX-License-Identifier: MIT */
/*
 * receive.c - the plan of receiving a guest from another host, as Xen's xl does it.
 *
 * The domain is made with a name of its own, paused, and is gone again if anything fails before the
 * other end has said that it may run. What fails after that is undone, too, and then the other end
 * is told that the guest is its own again. Once it runs here it does so whether or not the other
 * end gets to know.
 */
#include "move.h"
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#define INCOMING    "%s--incoming"
#define LAST_MS     5000 /* for what may not reach anybody */
#define NOT_STARTED 1    /* the status that the other end is told */

static int connect_line(xlight_op *op, void *state)
{
    struct move_in *s = state;

    return move_line_connect(op, &s->line);
}

static int prove_line(xlight_op *op, void *state)
{
    struct move_in *s = state;

    return move_line_prove(op, &s->line);
}

static int open_line(xlight_op *op, void *state)
{
    struct move_in *s = state;
    int rc = move_line_open(&s->line);

    (void)op;
    if (!rc)
        s->file = (struct move_file){
            .fd = s->line.in.fd, .regular = s->line.in.regular, .wire = s->line.in.wire};
    return rc;
}

static int greet(xlight_op *op, void *state)
{
    struct move_in *s = state;

    return move_say(op, &s->line, XLIGHT__READY);
}

/* One byte tells whether a guest comes, or a wish of how it shall come. */
static int take_first(xlight_op *op, struct move_in *s)
{
    const char *wish;
    size_t size;
    ssize_t got;
    char first;

    do
        got = move_file_read(&s->file, &first, 1);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return move_file_wait(op, &s->file, EPOLLIN);
    if (got < 0)
        return move_file_failed(s->k.h, s->k.domid, &s->file, -errno, "read");
    wish = xlight__word(XLIGHT__PACK, &size);
    s->first = true;
    s->packed = got && first == wish[0];
    if (s->packed)
        return xlight__hear(&s->line.hear, XLIGHT__PACK, &first, 1, NULL) == -EAGAIN ? 0 : -EPROTO;
    xlight__unpack_told(&s->in.from, false, &first, (size_t)got);
    return 0;
}

static int hear_wish(xlight_op *op, void *state)
{
    struct move_in *s = state;
    int rc = s->first ? 0 : take_first(op, s);

    if (rc || !s->packed)
        return rc;
    if (s->in.from.kind == XLIGHT__UNKNOWN) {
        rc = move_hear(op, &s->line, XLIGHT__PACK, MOVE_ANSWER_MS);
        if (rc)
            return rc;
        xlight__unpack_told(&s->in.from, true, NULL, 0);
    }
    return move_say(op, &s->line, XLIGHT__PACK_OK);
}

/* Whether nothing is left of it here that could ever run. */
static bool is_gone(const struct move_in *s)
{
    struct xen_domctl_getdomaininfo info;
    int rc = s->k.made ? xctl_domain_info(s->k.h->ctrl, s->k.domid, &info) : -ESRCH;

    return rc == -ESRCH || (!rc && info.flags & XEN_DOMINF_dying);
}

/* The last thing that is undone. The other end may have given permission, or be about to. */
static int give_back(xlight_op *op, void *state)
{
    struct move_in *s = state;
    bool late = xlight__op_expired(op, LAST_MS);
    const char *report, *start;
    char text[3 * XLIGHT__HEAR_MOST];
    size_t size, more;
    int rc;

    if (!s->received || late || !is_gone(s))
        return 0;
    if (xlight__op_first(op)) {
        s->line.said = 0;
        s->line.told = false;
    }
    report = xlight__word(XLIGHT__REPORT, &size);
    start = xlight__word(XLIGHT__START, &more);
    memcpy(text, report, size);
    text[size++] = NOT_STARTED;
    memcpy(text + size, start, more);
    rc = move_say_last(op, &s->line, text, size + more);
    /* When nobody is there, nobody need know. */
    return rc == -EAGAIN ? rc : 0;
}

/* Somebody else's name; on the same host it is still its own. */
static int check_name(struct move_in *s)
{
    xlight_handle *h = s->k.h;
    uint32_t other, twin = XLIGHT_NO_DOMAIN;
    int rc = h->store ? xlight__home_find(h, XBT_NULL, s->name, &other)
                      : xlight__fail(h, -ENOTCONN, XLIGHT_NO_DOMAIN, "this host has no store");

    if (!rc && other != XLIGHT_NO_DOMAIN)
        rc = xlight__home_twin(h, XBT_NULL, DOMID_INVALID, s->own->uuid, &twin);
    if (rc || other == twin || other == XLIGHT_NO_DOMAIN)
        return rc;
    return xlight__fail(h, -EEXIST, other, "domain %u has the name \"%s\" already", other, s->name);
}

int move_arrives(struct move_in *s)
{
    char *incoming;

    if (!s->own->name)
        return xlight__fail(s->k.h, -EBADMSG, XLIGHT_NO_DOMAIN, "it has no name");
    if (s->own->domid >= DOMID_FIRST_RESERVED || !s->own->domid)
        s->own->domid = XLIGHT_NO_DOMAIN;
    if (asprintf(&incoming, INCOMING, s->own->name) < 0)
        return xlight__fail(s->k.h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory for a name");
    s->name = s->own->name;
    s->own->name = incoming;
    return check_name(s);
}

static int say_received(xlight_op *op, void *state)
{
    struct move_in *s = state;
    int rc = move_say(op, &s->line, XLIGHT__RECEIVED);

    s->received = !rc;
    return rc;
}

static int hear_start(xlight_op *op, void *state)
{
    struct move_in *s = state;

    return move_hear(op, &s->line, XLIGHT__START, MOVE_ANSWER_MS);
}

static int take_name(xlight_op *op, void *state)
{
    struct move_in *s = state;

    (void)op;
    return xlight_domain_rename(s->k.h, s->k.domid, s->name);
}

static int start_it(xlight_op *op, void *state)
{
    struct move_in *s = state;
    int rc = life_start(op, &s->k);

    if (!rc)
        xlight__op_commit(op);
    return rc;
}

static int say_runs(xlight_op *op, void *state)
{
    struct move_in *s = state;
    bool late = xlight__op_expired(op, LAST_MS);
    char text[2 * XLIGHT__HEAR_MOST];
    size_t size;
    const char *report = xlight__word(XLIGHT__REPORT, &size);
    int rc;

    memcpy(text, report, size);
    text[size++] = 0;
    rc = move_say_last(op, &s->line, text, size);
    return rc == -EAGAIN && !late ? rc : 0;
}

static const struct xlight__step first_steps[] = {
    {"waiting for the other end", connect_line, NULL},
    {"proving who both ends are", prove_line, NULL},
    {"opening the line", open_line, NULL},
    {"greeting the other end", greet, give_back},
    {"waiting for the guest", hear_wish, NULL},
};
static const struct xlight__part first_part = XLIGHT__PART(first_steps, move_in_free);

static const struct xlight__step last_steps[] = {
    {"telling the other end that it is here", say_received, NULL},
    {"waiting for permission to start it", hear_start, NULL},
    {"giving it its name", take_name, NULL},
    {"starting it", start_it, NULL},
    {"telling the other end that it runs", say_runs, NULL},
};
static const struct xlight__part last_part = XLIGHT__PART(last_steps, NULL);
static const struct xlight__part *const rest[] = {&move_arrival, &last_part};

/* The wire is the operation's, also when this fails; or NULL. */
static int start(xlight_handle *h, int in_fd, int out_fd, struct wire *wire,
                 const struct xlight_create_options *options, xlight_op **ret_op)
{
    struct move_in *s = move_in_new(h);
    xlight_op *op;
    int rc;

    if (!s) {
        wire_free(wire);
        return -ENOMEM;
    }
    s->k.moved = true;
    s->k.paused = options && options->paused;
    s->k.balloon = options && options->balloon;
    s->k.lock_file = options ? options->lock_file : NULL;
    move_line_init(&s->line, h, 0, in_fd, out_fd);
    s->line.wire = wire;
    rc = xlight__op_start(h, XLIGHT_NO_DOMAIN, &first_part, s, &op, "cannot receive a domain");
    return rc ? rc : xlight__op_then(op, rest, 2, s, ret_op);
}

int xlight_domain_receive_start(xlight_handle *h, int in_fd, int out_fd,
                                const struct xlight_create_options *options, xlight_op **ret_op)
{
    int rc = options ? life_check_options(h, options, sizeof(*options)) : 0;

    return rc ? rc : start(h, in_fd, out_fd, NULL, options, ret_op);
}

int xlight_domain_receive_from_start(xlight_handle *h, int listen_fd,
                                     const struct xlight_tls_files *tls,
                                     const struct xlight_create_options *options,
                                     xlight_op **ret_op)
{
    struct wire *wire = NULL;
    int rc = options ? life_check_options(h, options, sizeof(*options)) : 0;

    if (!rc)
        rc = wire_new(h, NULL, listen_fd, tls, &wire);
    return rc ? rc : start(h, -1, -1, wire, options, ret_op);
}
