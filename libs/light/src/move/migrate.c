/* SPDX-License-Identifier: MIT */
/*
 * migrate.c - the plan of sending a guest to another host, as Xen's xl does it.
 *
 * Until the other end has been told to start it, whatever happens lets the guest go on here: the
 * last byte of that message is the point of no return, and as long as not all of it was written the
 * other end cannot have understood it. From then on the guest is the other end's. It says that it
 * runs there, and what is here is destroyed; or it gives it back; or it says nothing any more: then
 * nobody can know from here, and the guest stays suspended, so that there are never two of it.
 */
#include "../device/device.h"
#include "move.h"
#include <stdio.h>

#define AWAY "%s--migratedaway"

static int connect_line(xlight_op *op, void *state)
{
    struct move_out *s = state;

    return move_line_connect(op, &s->line);
}

static int prove_line(xlight_op *op, void *state)
{
    struct move_out *s = state;

    return move_line_prove(op, &s->line);
}

static int open_line(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = move_line_open(&s->line);

    (void)op;
    if (rc)
        return rc;
    s->file = (struct move_file){
        .fd = s->line.out.fd, .regular = s->line.out.regular, .wire = s->line.out.wire};
    rc = xstore_read(s->h->store, XBT_NULL, XSTORE_PATH("/local/domain/%u/name", s->domid),
                     &s->name, NULL);
    if (rc == -ENOENT)
        return 0;
    if (rc)
        return xlight__fail_store(s->h, rc, s->domid, "cannot see its name");
    if (asprintf(&s->away, AWAY, s->name) < 0) {
        s->away = NULL;
        return xlight__fail(s->h, -ENOMEM, s->domid, "no memory for a name");
    }
    return 0;
}

/* That may take a while: somebody may have to type a password first. */
static int hear_greeting(xlight_op *op, void *state)
{
    struct move_out *s = state;

    return move_hear(op, &s->line, XLIGHT__READY, 0);
}

/* Nobody but ours knows what this means; another one takes it for a broken guest, and goes. */
static int agree_on_packing(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = 0;

    if (!s->z)
        return 0;
    if (!s->pack_said) {
        rc = move_say(op, &s->line, XLIGHT__PACK);
        s->pack_said = !rc;
    }
    if (!rc)
        rc = move_hear(op, &s->line, XLIGHT__PACK_OK, MOVE_ANSWER_MS);
    if (!rc || rc == -EAGAIN)
        return rc;
    return xlight__wrap(s->h, rc, s->domid, "the other end seems not to know compression");
}

static int hear_received(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = xlight__op_first(op) ? move_start_log_undo(op, s) : 0;

    if (rc)
        return rc;
    move_frames_close(&s->f);
    return move_hear(op, &s->line, XLIGHT__RECEIVED, MOVE_ANSWER_MS);
}

static int rename_away(xlight_op *op, void *state)
{
    struct move_out *s = state;

    (void)op;
    if (!s->away)
        return 0;
    s->renamed = true;
    return xlight_domain_rename(s->h, s->domid, s->away);
}

static int rename_back(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = s->renamed ? xlight_domain_rename(s->h, s->domid, s->name) : 0;

    (void)op;
    if (rc == -EEXIST) {
        uint32_t domid;

        /* Maybe it never had another name. */
        if (!xlight__home_find(s->h, XBT_NULL, s->name, &domid) && domid == s->domid)
            rc = 0;
    }
    s->renamed = false;
    return rc;
}

static int say_start(xlight_op *op, void *state)
{
    struct move_out *s = state;
    bool late = xlight__op_expired(op, MOVE_ANSWER_MS);
    int rc = move_say(op, &s->line, XLIGHT__START);

    if (!rc)
        xlight__op_commit(op);
    if (rc == -EAGAIN && late)
        rc = xlight__fail(s->h, -ETIMEDOUT, s->domid, "the other end takes nothing any more");
    return rc;
}

static int nobody_knows(struct move_out *s)
{
    return xlight__wrap(
        s->h, -EREMOTEIO, s->domid,
        "whether it runs at the other end is not known: it stays suspended here, as "
        "\"%s\"; look there, then destroy it here, or resume it",
        s->away ? s->away : "");
}

/* The other end could not start it, and has none of it any more. */
static int take_back(xlight_op *op, struct move_out *s, uint8_t status)
{
    struct xlight__noted noted = {0};

    xlight__note(s->h, &noted, rename_back(op, s));
    xlight__note(s->h, &noted, move_resume(s->h, s->domid));
    if (noted.rc) {
        s->h->why = noted.why;
        return xlight__wrap(s->h, noted.rc, s->domid,
                            "the other end gave it back (status %u), and it cannot go on here",
                            status);
    }
    return xlight__fail(s->h, -ECONNREFUSED, s->domid,
                        "the other end could not start it (status %u): it goes on here", status);
}

static int hear_report(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = 0;

    if (!s->reported) {
        rc = move_hear(op, &s->line, XLIGHT__REPORT, MOVE_ANSWER_MS);
        s->reported = !rc;
    }
    if (!rc && !s->refused) {
        uint8_t status = 0;

        rc = move_hear_byte(op, &s->line, &status, MOVE_ANSWER_MS);
        if (!rc && !status) {
            s->transfer.downtime_ns = move_now() - s->stopped;
            return 0;
        }
        s->refused = status;
    }
    if (!rc)
        rc = move_hear(op, &s->line, XLIGHT__START, MOVE_ANSWER_MS);
    if (rc)
        return rc == -EAGAIN ? rc : nobody_knows(s);
    return take_back(op, s, s->refused);
}

static int destroy(xlight_op *op, void *state)
{
    struct move_out *s = state;

    move_line_end(&s->line);
    return life_add_destroy(op, s->h, s->domid);
}

static const struct xlight__step first_steps[] = {
    {"looking at the domain", move_look, NULL},
    {"connecting to the other end", connect_line, NULL},
    {"proving who both ends are", prove_line, NULL},
    {"opening the line", open_line, NULL},
    {"waiting for the other end", hear_greeting, NULL},
    {"agreeing on compression", agree_on_packing, NULL},
};
static const struct xlight__part first_part = XLIGHT__PART(first_steps, move_out_free);

static const struct xlight__step last_steps[] = {
    {"waiting until the other end has it", hear_received, NULL},
    {"calling it another name", rename_away, rename_back},
    {"telling the other end to start it", say_start, NULL},
    {"waiting until it runs at the other end", hear_report, NULL},
    {"destroying it here", destroy, NULL},
};
static const struct xlight__part last_part = XLIGHT__PART(last_steps, NULL);
static const struct xlight__part *const rest[] = {&move_transfer, &last_part};

static int set_options(struct move_out *s, const struct xlight_migrate_options *o)
{
    s->given = o->config;
    s->keep_domid = o->keep_domid;
    s->verify = o->verify;
    if (o->rounds)
        s->rounds = o->rounds;
    if (o->few_pages)
        s->few = o->few_pages;
    s->most_ms = o->downtime_ms;
    s->rate = (uint64_t)o->bandwidth << 20;
    s->z = o->compress ? xlight__pack_new() : NULL;
    return s->z || !o->compress
               ? 0
               : xlight__fail(s->h, -ENOMEM, s->domid, "no memory to compress a domain");
}

/* The wire is the operation's, also when this fails; or NULL. */
static int start(xlight_handle *h, uint32_t domid, int in_fd, int out_fd, struct wire *wire,
                 const struct xlight_migrate_options *options, xlight_op **ret_op)
{
    struct move_out *s = NULL;
    xlight_op *op;
    int rc = move_out_new(h, domid, &s);

    if (rc) {
        wire_free(wire);
        return rc;
    }
    s->live = s->migrating = true;
    move_line_init(&s->line, h, (domid_t)domid, in_fd, out_fd);
    s->line.wire = wire;
    rc = options ? set_options(s, options) : 0;
    if (rc) {
        move_out_free(s);
        return rc;
    }
    rc = xlight__op_start(h, domid, &first_part, s, &op, "cannot migrate domain %u", domid);
    return rc ? rc : xlight__op_then(op, rest, 2, s, ret_op);
}

int xlight_domain_migrate_start(xlight_handle *h, uint32_t domid, int in_fd, int out_fd,
                                const struct xlight_migrate_options *options, xlight_op **ret_op)
{
    int rc = options ? life_check_options(h, options, sizeof(*options)) : 0;

    return rc ? rc : start(h, domid, in_fd, out_fd, NULL, options, ret_op);
}

int xlight_domain_migrate_to_start(xlight_handle *h, uint32_t domid, const char *address,
                                   const struct xlight_tls_files *tls,
                                   const struct xlight_migrate_options *options, xlight_op **ret_op)
{
    struct wire *wire = NULL;
    int rc = options ? life_check_options(h, options, sizeof(*options)) : 0;

    if (!rc)
        rc = wire_new(h, address, -1, tls, &wire);
    return rc ? rc : start(h, domid, -1, -1, wire, options, ret_op);
}
