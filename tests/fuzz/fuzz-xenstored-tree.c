/* SPDX-License-Identifier: MIT */
/*
 * fuzz-xenstored-tree.c - changes of the store and of three transactions in any order. Trees and
 * accounts stay sound, and what a transaction was told does not change under it.
 */
#include "fuzz-xenstored.h"

#define NR_TXNS 3

static int nothing_write(struct conn *c, const char *data, size_t len)
{
    (void)c, (void)data;
    return len;
}

static void nothing(struct conn *c)
{
    (void)c;
}

static const struct transport silent = {
    .write = nothing_write, .settle = nothing, .close = nothing};

/* A path of up to three components of few letters, so that steps meet. */
static size_t make_path(uint8_t a, uint8_t b, char *path)
{
    size_t n = 0;

    for (unsigned int i = 0; i < 1 + a % 3u; i++) {
        path[n++] = '/';
        path[n++] = 'a' + (b >> (2 * i) & 3);
    }
    return n;
}

static void step(struct conn *c, struct txn **t, const uint8_t *d)
{
    char path[8], value[2] = {'0' + d[3] % 4, 0};
    struct op op = {.kind = d[1] % OP_SET_PERMS, .path = path, .data = value};
    unsigned int who = d[0] % (NR_TXNS + 1);

    op.path_len = make_path(d[1] >> 3, d[2], path);
    op.data_len = op.kind == OP_WRITE;
    if (who == NR_TXNS) {
        op_run(&store, &c->who, &op);
        if (op.changed)
            watch_fire(&op);
        op_clear(&op);
    } else if (!t[who]) {
        must(!txn_start(c, &t[who]));
    } else if (d[0] >= 0xf0) {
        if (!txn_end(t[who], d[0] & 4) && (d[0] & 4))
            txn_fire(t[who]);
        t[who] = NULL;
    } else {
        txn_run(t[who], &op);
    }
}

static void check_accounts(void)
{
    struct delta d = {0};

    account_tree(&d, store.root, 1);
    for (unsigned int i = 0; i < d.nr; i++)
        must(accounts[d.entries[i].domid].nodes == (uint32_t)d.entries[i].nodes);
    account_clear(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct subject self = {0, DOMID_NONE, true};
    struct txn *t[NR_TXNS] = {0};
    struct conn *c;

    fuzz_begin();
    must(!store_init());
    c = conn_new(&silent, &self);
    must(c != NULL);
    for (size_t at = 0; at + 4 <= len; at += 4) {
        step(c, t, data + at);
        must(tree_check(store.root) == NULL);
        for (unsigned int i = 0; i < NR_TXNS; i++)
            must(!t[i] || tree_check(t[i]->view.root) == NULL);
    }
    check_accounts();
    fuzz_end();
    return 0;
}
