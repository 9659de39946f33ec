/* SPDX-License-Identifier: MIT */
/* txn.h - transactions (txn.c). */
#ifndef XENSTORED_TXN_H
#define XENSTORED_TXN_H

#include <sys/queue.h>
#include "conn.h"
#include "store.h"

/* A request of a transaction and what it was told. */
struct txn_op {
    STAILQ_ENTRY(txn_op) link;
    uint32_t charged; /* bytes on the account */
    struct op op;
    char bytes[]; /* path and data */
};

STAILQ_HEAD(txn_ops, txn_op);

struct txn {
    LIST_ENTRY(txn) of_conn;
    TAILQ_ENTRY(txn) by_age;
    struct conn *c;
    uint32_t id;
    bool doomed; /* will end with EAGAIN; holds nothing any more */
    struct node *base;
    struct view view; /* its delta is the next field */
    struct delta delta;
    struct txn_ops ops;
    unsigned int nr_ops;
};

TAILQ_HEAD(txn_list, txn);
extern struct txn_list txns; /* the oldest first */

/* 0, -ENOSPC (quota), -ENOMEM. */
int txn_start(struct conn *c, struct txn **ret_txn);
struct txn *txn_find(struct conn *c, uint32_t id);
/* Carries out a request within the transaction. Results in op stay valid until the next request;
 * the caller must not op_clear() them. */
int txn_run(struct txn *t, struct op *op);
/* Ends it. With `commit`: 0, or -EAGAIN when others changed what it was told; watches fire from
 * txn_fire(), which must follow. */
int txn_end(struct txn *t, bool commit);
void txn_fire(struct txn *t);
void txn_abort_all(struct conn *c);
/* Keeps old trees from filling memory: ends the oldest transactions of guests. */
void txn_limit_memory(void);

/* For live-update.c: a transaction with this identity and nothing in it, and one more op. */
struct txn *txn_new(struct conn *c, uint32_t id, struct node *base, struct node *root);
struct txn_op *txn_add(struct txn *t, const struct op *op);

#endif /* XENSTORED_TXN_H */
