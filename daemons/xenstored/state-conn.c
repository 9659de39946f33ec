/* SPDX-License-Identifier: MIT */
/*
 * state-conn.c - domains, connections, watches, queues and transactions in the state of a live
 * update. Reading makes them by the functions that make them in life, so that every list, count and
 * account comes out right.
 */
#include "state-conn.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "conn-ring.h"
#include "conn-socket.h"
#include "domain.h"
#include "txn.h"
#include "watch.h"
#include "wire.h"

#define CONN_BYTES  40 /* in the stream, at least */
#define WATCH_BYTES 16
#define OUT_BYTES   12
#define TXN_BYTES   24
#define OP_BYTES    40

static void save_domain(struct state_out *out, const struct domain *d)
{
    put_u32(out, d->domid);
    put_u32(out, d->shutdown);
    put_u64(out, d->gfn);
    put_u32(out, d->remote_port);
    put_u32(out, d->port);
}

static void save_watches(struct state_out *out, struct conn *c)
{
    struct watch *w;
    uint32_t number = 0;

    put_u32(out, c->nr_watches);
    LIST_FOREACH(w, &c->watches, of_conn)
    {
        w->mark = ++number;
        put_u32(out, w->len);
        put_u32(out, w->relative);
        put_u32(out, w->overflow);
        put_u32(out, strlen(w->token));
        put_bytes(out, w->path, w->len);
        put_bytes(out, w->token, strlen(w->token));
    }
}

static void save_queue(struct state_out *out, struct conn *c)
{
    struct message *m;
    uint32_t nr = 0;

    TAILQ_FOREACH(m, &c->out, link)
    nr++;
    put_u32(out, nr);
    TAILQ_FOREACH(m, &c->out, link)
    {
        put_u32(out, m->watch ? m->watch->mark : 0);
        put_u32(out, m->done);
        put_u32(out, m->len);
        put_bytes(out, m->data, m->len);
    }
}

static void save_conn(struct state_out *out, struct conn *c)
{
    put_u32(out, c->id);
    put_u32(out, c->domain != NULL);
    if (c->domain)
        save_domain(out, c->domain);
    else
        put_u32(out, c->fd);
    put_u32(out, c->who.target);
    put_u32(out, c->read_only);
    put_u32(out, c->ignored);
    put_u32(out, c->last_txn);
    put_u32(out, c->in_len);
    put_bytes(out, c->in, c->in_len);
    save_watches(out, c);
    save_queue(out, c);
}

static void save_op(struct state_out *out, const struct op *op)
{
    put_u32(out, op->kind);
    put_u32(out, op->path_len);
    put_u32(out, op->data_len);
    put_u32(out, -op->rc);
    put_u32(out, op->changed);
    put_u64(out, op->listing);
    put_u32(out, op->perms ? op->perms->mark : 0);
    put_u32(out, op->old_perms ? op->old_perms->mark : 0);
    put_u32(out, op->content ? op->content->mark : 0);
    put_u32(out, op->removed ? op->removed->mark : 0);
    put_bytes(out, op->path, op->path_len);
    put_bytes(out, op->data, op->data_len);
}

static void save_txn(struct state_out *out, const struct txn *t)
{
    struct txn_op *o;

    put_u32(out, t->c->id);
    put_u32(out, t->id);
    put_u32(out, t->base ? t->base->mark : 0);
    put_u32(out, t->view.root ? t->view.root->mark : 0);
    put_u32(out, t->doomed || t->delta.failed ? 0 : t->delta.nr);
    for (unsigned int i = 0; !t->delta.failed && i < t->delta.nr; i++) {
        put_u32(out, t->delta.entries[i].domid);
        put_u32(out, t->delta.entries[i].nodes);
        put_u32(out, t->delta.entries[i].mentions);
        put_u64(out, t->delta.entries[i].bytes);
    }
    put_u32(out, t->doomed ? 0 : t->nr_ops);
    STAILQ_FOREACH(o, &t->ops, link)
    save_op(out, &o->op);
}

void save_conns(struct state_out *out)
{
    struct conn *c;
    struct txn *t;
    uint32_t nr = 0;

    put_u32(out, nr_conns);
    TAILQ_FOREACH(c, &conns, link)
    save_conn(out, c);
    TAILQ_FOREACH(t, &txns, by_age)
    nr++;
    put_u32(out, nr);
    TAILQ_FOREACH(t, &txns, by_age)
    save_txn(out, t);
    clear_marks();
}

/* The transport of connections that are only checked. */
static int nothing_next(struct conn *c, const struct xsd_sockmsg **ret_msg)
{
    (void)c, (void)ret_msg;
    return 0;
}

static int nothing_write(struct conn *c, const char *data, size_t len)
{
    (void)c, (void)data;
    return len;
}

static void nothing_broken(struct conn *c, int rc)
{
    (void)c, (void)rc;
}

static void nothing(struct conn *c)
{
    (void)c;
}

static const struct transport check_transport = {nothing_next, nothing_write, nothing,
                                                 nothing_broken, nothing};

static struct conn *load_ring(struct state_in *in)
{
    struct domain saved = {0}, *d;
    uint32_t domid = get_u32(in);

    saved.shutdown = get_u32(in);
    saved.gfn = get_u64(in);
    saved.remote_port = get_u32(in);
    saved.port = get_u32(in);
    saved.domid = domid;
    /* 2^17 ports are the most that Xen has. */
    if (in->failed || domid >= DOMID_FIRST_RESERVED || saved.port >= 1U << 17 || domain_find(domid))
        return NULL;
    return domain_restore(&saved, &d) ? NULL : d->c;
}

static struct conn *load_socket(struct state_in *in, bool check)
{
    static const struct subject domain0 = {0, DOMID_NONE, true};
    uint32_t fd = get_u32(in);

    if (in->failed)
        return NULL;
    return check ? conn_new(&check_transport, &domain0) : socket_conn_new(fd, false);
}

static int load_watch(struct state_in *in, struct conn *c, struct watch **ret_watch)
{
    uint32_t len = get_u32(in), relative = get_u32(in), overflow = get_u32(in);
    uint32_t token_len = get_u32(in);
    const char *path = get_bytes(in, len), *bytes = get_bytes(in, token_len);
    struct path p = {path, len, relative};
    char token[XENSTORE_PAYLOAD_MAX + 1];
    int rc;

    if (!path || !bytes || token_len > XENSTORE_PAYLOAD_MAX || len > XENSTORE_ABS_PATH_MAX ||
        memchr(bytes, '\0', token_len) || relative >= len ||
        !(wire_path_valid(path, len) || path[0] == '@'))
        return -EINVAL;
    memcpy(token, bytes, token_len);
    token[token_len] = '\0';
    rc = watch_add(c, &p, token, ret_watch);
    if (rc)
        return rc;
    (*ret_watch)->overflow = overflow != 0;
    c->nr_overflows += overflow != 0;
    return 0;
}

static int load_message(struct state_in *in, struct conn *c, struct watch *const *watches,
                        uint32_t nr_watch)
{
    uint32_t watch = get_u32(in), done = get_u32(in), len = get_u32(in);
    const char *data = get_bytes(in, len);
    int rc;

    if (!data || watch > nr_watch || done >= len || len > WIRE_MAX || len < WIRE_HEADER)
        return -EINVAL;
    rc = conn_queue(c, watch ? watches[watch - 1] : NULL, data, len);
    if (!rc)
        TAILQ_LAST(&c->out, message_list)->done = done;
    return rc;
}

static int load_watches_and_queue(struct state_in *in, struct conn *c)
{
    uint32_t nr = get_count(in, WATCH_BYTES), messages;
    struct watch **watches = calloc(nr + 1, sizeof(*watches));
    int rc = watches ? 0 : -ENOMEM;

    for (uint32_t i = 0; !rc && i < nr; i++)
        rc = load_watch(in, c, &watches[i]);
    messages = rc ? 0 : get_count(in, OUT_BYTES);
    for (uint32_t i = 0; !rc && i < messages; i++)
        rc = load_message(in, c, watches, nr);
    free(watches);
    return rc;
}

static int load_conn(struct state_in *in, bool check)
{
    uint32_t id = get_u32(in), ring = get_u32(in), len;
    struct conn *c = conn_find(id) || !id ? NULL : ring ? load_ring(in) : load_socket(in, check);
    bool privileged;
    const char *partial;
    int rc;

    if (!c)
        return -EINVAL;
    c->id = id;
    c->who.target = get_u32(in);
    c->read_only = get_u32(in);
    c->ignored |= get_u32(in) != 0;
    c->last_txn = get_u32(in);
    len = get_u32(in);
    partial = get_bytes(in, len);
    if (!partial || len > WIRE_MAX || conn_complete(partial, len) < 0)
        return -EINVAL;
    rc = conn_keep(c, partial, len);
    /* What was allowed once is not refused now, whatever the quotas say today. */
    privileged = c->who.privileged;
    c->who.privileged = true;
    if (!rc)
        rc = load_watches_and_queue(in, c);
    c->who.privileged = privileged;
    /* Whatever was written just before may not have been told. */
    c->kick = ring;
    conn_ready(c);
    return rc;
}

/* A kind's results must be there, as op_same() and watch_fire() expect them. */
static bool op_sound(const struct op *op)
{
    if (op->kind >= OP_NR || !op->path || !wire_path_valid(op->path, op->path_len) ||
        op->data_len > XENSTORE_PAYLOAD_MAX)
        return false;
    if ((op->kind == OP_READ || op->kind == OP_GET_PERMS) && !op->rc && !op->content)
        return false;
    return op->kind != OP_SET_PERMS || op->perms;
}

static int load_op(struct state_in *in, const struct loaded_trees *trees, struct txn *t)
{
    uint32_t kind = get_u32(in), path_len = get_u32(in), data_len = get_u32(in);
    struct op op = {.kind = kind};

    op.rc = -(int)(get_u32(in) & 0xffff);
    op.changed = get_u32(in);
    op.listing = get_u64(in);
    op.perms = get_perms(in, trees);
    op.old_perms = get_perms(in, trees);
    op.content = get_content(in, trees);
    op.removed = get_tree(in, trees, path_len);
    op.path = get_bytes(in, path_len);
    op.data = get_bytes(in, data_len);
    op.path_len = path_len;
    op.data_len = data_len;
    if (in->failed || path_len > XENSTORE_ABS_PATH_MAX || !op_sound(&op))
        return -EINVAL;
    if (op.old_perms)
        perms_get(op.old_perms);
    if (op.content)
        content_get(op.content);
    if (op.removed)
        node_get(op.removed);
    if (txn_add(t, &op))
        return 0;
    op_clear(&op);
    return -ENOMEM;
}

static int load_delta(struct state_in *in, struct delta *d)
{
    uint32_t nr = get_count(in, 20);

    d->entries = nr ? calloc(nr, sizeof(*d->entries)) : NULL;
    if (nr && !d->entries)
        return -ENOMEM;
    d->nr = d->room = nr;
    for (uint32_t i = 0; i < nr; i++) {
        uint32_t domid = get_u32(in);

        d->entries[i].domid = domid;
        d->entries[i].nodes = get_u32(in);
        d->entries[i].mentions = get_u32(in);
        d->entries[i].bytes = get_u64(in);
        if (domid >= DOMID_FIRST_RESERVED)
            in->failed = true;
    }
    return in->failed ? -EINVAL : 0;
}

static int load_txn(struct state_in *in, const struct loaded_trees *trees)
{
    struct conn *c = conn_find(get_u32(in));
    uint32_t id = get_u32(in), nr;
    struct node *base = get_tree(in, trees, 1), *root = get_tree(in, trees, 1);
    struct txn *t;
    int rc;

    if (in->failed || !c || !id || txn_find(c, id))
        return -EINVAL;
    t = txn_new(c, id, base, root);
    rc = t ? load_delta(in, &t->delta) : -ENOMEM;
    nr = rc ? 0 : get_count(in, OP_BYTES);
    if (!rc && t->doomed && nr)
        rc = -EINVAL;
    for (uint32_t i = 0; !rc && i < nr; i++)
        rc = load_op(in, trees, t);
    return rc;
}

int load_conns(struct state_in *in, const struct loaded_trees *t, bool check)
{
    uint32_t nr = get_count(in, CONN_BYTES);
    int rc = 0;

    for (uint32_t i = 0; !rc && i < nr; i++)
        rc = load_conn(in, check);
    nr = rc ? 0 : get_count(in, TXN_BYTES);
    for (uint32_t i = 0; !rc && i < nr; i++)
        rc = load_txn(in, t);
    return rc;
}
