/* SPDX-License-Identifier: MIT */
/*
 * txn.c - transactions.
 *
 * A transaction starts with a reference to the root of the store's tree. That one reference makes
 * the whole tree immutable for everybody else (tree.c): later changes of the store copy what they
 * touch, and the transaction goes on seeing its snapshot. Its own changes copy in the same way into
 * its private tree. Each request is written down with what it was told.
 *
 * At the end there are three cases.
 *  - Nothing was written. A snapshot is consistent, so the transaction happened when it started.
 *  - The store's root is still the one it started from. Nobody changed anything, so the private
 * tree becomes the store's: two pointers.
 *  - Otherwise the requests are carried out once more, on a trial tree that starts from the store
 * as it is now. If each is told the same as the first time, then the client could not tell whether
 * it ran then or now, so it may as well have run now: the trial tree becomes the store's. If any
 *    answer differs, that is a conflict, and EAGAIN asks the client to start over. Reads compare
 *    pointers first, and bytes only when those differ. So transactions that touch different nodes
 *    never disturb one another, and nodes written back unchanged conflict with nobody.
 *
 * Whoever wrote the node over which a transaction failed pays for it from a small credit that time
 * refills (domain_blame()); a guest without credit waits. So nobody can keep the toolstack from
 * finishing.
 *
 * An open transaction keeps alive the old tree. The requests written down are charged to its owner;
 * old trees are not, because others' changes make them grow. txn_limit_memory() bounds them: when
 * they get out of proportion the oldest transactions are doomed. Those give up their trees, read
 * and write nothing of consequence any more, and end with EAGAIN.
 */
#include "txn.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "domain.h"
#include "watch.h"

/* Old trees may take this much, or as much as the store itself. */
#define OLD_TREES_MIN (64UL << 20)
/* Adding up all accounts is worth it once for each so many bytes more. */
#define CHECK_STEP (1UL << 20)

struct txn_list txns = TAILQ_HEAD_INITIALIZER(txns);

static size_t bytes_when_checked;

struct txn *txn_find(struct conn *c, uint32_t id)
{
    struct txn *t;

    LIST_FOREACH(t, &c->txns, of_conn)
    if (t->id == id)
        return t;
    return NULL;
}

struct txn *txn_new(struct conn *c, uint32_t id, struct node *base, struct node *root)
{
    struct txn *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->c = c;
    t->id = id;
    t->base = base ? node_get(base) : NULL;
    t->view.root = root ? node_get(root) : NULL;
    t->view.delta = &t->delta;
    t->doomed = !base || !root;
    STAILQ_INIT(&t->ops);
    LIST_INSERT_HEAD(&c->txns, t, of_conn);
    TAILQ_INSERT_TAIL(&txns, t, by_age);
    c->nr_txns++;
    account_charge(&c->who, sizeof(*t));
    return t;
}

int txn_start(struct conn *c, struct txn **ret_txn)
{
    uint32_t id = c->last_txn;
    struct txn *t;

    if (quota_exceeded(QUOTA_TRANSACTIONS, &c->who, c->nr_txns + 1))
        return -ENOSPC;
    do
        id++;
    while (!id || txn_find(c, id));
    t = txn_new(c, id, store.root, store.root);
    if (!t)
        return -ENOMEM;
    c->last_txn = id;
    *ret_txn = t;
    return 0;
}

static void drop_ops(struct txn *t)
{
    struct txn_op *o;

    while ((o = STAILQ_FIRST(&t->ops))) {
        STAILQ_REMOVE_HEAD(&t->ops, link);
        op_clear(&o->op);
        perms_put(o->op.perms);
        account_charge(&t->c->who, -(int64_t)o->charged);
        free(o);
    }
}

static void doom(struct txn *t)
{
    t->doomed = true;
    drop_ops(t);
    account_clear(&t->delta);
    node_put(t->base);
    node_put(t->view.root);
    t->base = t->view.root = NULL;
}

static void txn_free(struct txn *t)
{
    doom(t);
    LIST_REMOVE(t, of_conn);
    TAILQ_REMOVE(&txns, t, by_age);
    t->c->nr_txns--;
    account_charge(&t->c->who, -(int64_t)sizeof(*t));
    free(t);
}

void txn_abort_all(struct conn *c)
{
    struct txn *t;

    while ((t = LIST_FIRST(&c->txns)))
        txn_free(t);
}

struct txn_op *txn_add(struct txn *t, const struct op *op)
{
    size_t bytes = op->path_len + op->data_len;
    struct txn_op *o = malloc(sizeof(*o) + bytes);

    if (!o)
        return NULL;
    o->op = *op;
    o->op.node = NULL;
    o->op.path = memcpy(o->bytes, op->path, op->path_len);
    if (op->data_len)
        o->op.data = memcpy(o->bytes + op->path_len, op->data, op->data_len);
    if (op->perms)
        perms_get(op->perms);
    /* What was read stays in memory for as long as we do. */
    o->charged = sizeof(*o) + bytes + (op->content ? content_bytes(op->content) : 0);
    account_charge(&t->c->who, o->charged);
    STAILQ_INSERT_TAIL(&t->ops, o, link);
    t->nr_ops++;
    return o;
}

/* What a doomed one is told is true enough until it hears EAGAIN. */
static int run_doomed(struct txn *t, struct op *op)
{
    struct view v = {store.root, NULL};

    if (op_writes(op->kind))
        return op->rc = 0;
    op_run(&v, &t->c->who, op);
    content_put(op->content);
    op->content = NULL;
    return op->rc;
}

int txn_run(struct txn *t, struct op *op)
{
    size_t bytes = sizeof(struct txn_op) + op->path_len + op->data_len;
    struct txn_op *o;
    int rc;

    if (t->doomed)
        return run_doomed(t, op);
    if (quota_exceeded(QUOTA_TXN_NODES, &t->c->who, t->nr_ops + 1))
        return op->rc = -ENOSPC;
    rc = account_allows(&t->delta, &t->c->who, 0, bytes);
    if (rc)
        return op->rc = rc;
    rc = op_run(&t->view, &t->c->who, op);
    if (op->kind == OP_LIST || op->kind == OP_LIST_PART) {
        content_put(op->content);
        op->content = NULL;
    }
    o = txn_add(t, op);
    if (!o) {
        /* It cannot be proved any more that nothing has changed. */
        op_clear(op);
        doom(t);
        return op->rc = -ENOMEM;
    }
    return rc;
}

/* Who made the difference over which an op failed. */
static uint16_t culprit(const struct op *op)
{
    const struct node *closest, *n;

    n = tree_find(store.root, op->path, op->path_len, &closest, NULL);
    if (!n || op->kind == OP_LIST || op->kind == OP_LIST_PART)
        return closest->dir_writer;
    return n->c->writer;
}

/* Carries out one op on the trial tree: are the results what the client was told? */
static bool replay(struct view *trial, struct txn *t, struct op *then)
{
    struct op now = {.kind = then->kind,
                     .path = then->path,
                     .path_len = then->path_len,
                     .data = then->data,
                     .data_len = then->data_len,
                     .perms = then->perms};
    bool same;

    op_run(trial, &t->c->who, &now);
    same = op_same(then, &now);
    if (same) {
        op_clear(then);
        *then = now;
    } else {
        op_clear(&now);
    }
    return same;
}

static int merge(struct txn *t)
{
    struct delta delta = {0};
    struct view trial = {node_get(store.root), &delta};
    struct txn_op *o;

    STAILQ_FOREACH(o, &t->ops, link)
    {
        if (replay(&trial, t, &o->op))
            continue;
        domain_blame(culprit(&o->op), &t->c->who);
        break;
    }
    if (o || delta.failed) {
        node_put(trial.root);
        account_clear(&delta);
        return -EAGAIN;
    }
    node_put(store.root);
    store.root = trial.root;
    account_apply(&delta);
    return 0;
}

static int commit(struct txn *t)
{
    struct txn_op *o;
    bool writes = false;

    STAILQ_FOREACH(o, &t->ops, link)
    writes |= o->op.changed;
    if (t->doomed || t->delta.failed)
        return -EAGAIN;
    if (!writes)
        return 0;
    if (store.root != t->base)
        return merge(t);
    node_put(store.root);
    store.root = node_get(t->view.root);
    account_apply(&t->delta);
    return 0;
}

int txn_end(struct txn *t, bool wanted)
{
    int rc = wanted ? commit(t) : 0;

    if (rc || !wanted) {
        txn_free(t);
        return rc;
    }
    /* Give up the snapshot now, so that what follows changes the store in place. */
    node_put(t->base);
    node_put(t->view.root);
    t->base = t->view.root = NULL;
    return 0;
}

void txn_fire(struct txn *t)
{
    struct txn_op *o;

    STAILQ_FOREACH(o, &t->ops, link)
    if (o->op.changed)
        watch_fire(&o->op);
    txn_free(t);
}

void txn_limit_memory(void)
{
    int64_t live = 0;
    struct txn *t, *next;
    size_t allowed;

    if (tree_bytes < OLD_TREES_MIN || TAILQ_EMPTY(&txns)) {
        bytes_when_checked = 0;
        return;
    }
    /* What has shrunk since may grow again as little as anything else. */
    if (tree_bytes < bytes_when_checked)
        bytes_when_checked = tree_bytes;
    if (tree_bytes < bytes_when_checked + CHECK_STEP)
        return;
    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++)
        live += accounts[i].nodes ? accounts[i].bytes : 0;
    allowed = live + ((size_t)live > OLD_TREES_MIN ? (size_t)live : OLD_TREES_MIN);
    for (t = TAILQ_FIRST(&txns); t && tree_bytes > allowed; t = next) {
        next = TAILQ_NEXT(t, by_age);
        if (!t->c->who.privileged && !t->doomed)
            doom(t);
    }
    bytes_when_checked = tree_bytes;
}
