/* SPDX-License-Identifier: MIT */
/*
 * fuzz-xenstored-state.c - the trees and connections of a live update, with bytes changed: the
 * input is a list of places and values laid over a sound state. An input that starts with 0xff is a
 * whole state of its own.
 */
#include "fuzz-xenstored.h"
#include "daemons/xenstored/state-tree.h"

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

static void run(struct conn *c, struct txn *t, enum op_kind kind, const char *path)
{
    struct op op = {
        .kind = kind, .path = path, .path_len = strlen(path), .data = "v", .data_len = 1};

    if (t) {
        txn_run(t, &op);
    } else {
        op_run(&store, &c->who, &op);
        op_clear(&op);
    }
}

/* A store, a guest, a watch, messages that wait and two transactions. */
static struct state_out make_state(void)
{
    static const struct subject self = {0, DOMID_NONE, true};
    static const char message[20] = {XS_WATCH_EVENT, [12] = 4};
    const struct path path = {"/a/b", 4, 0};
    struct state_out out = {0};
    struct watch *w;
    struct conn *c;
    struct txn *t;

    fuzz_begin();
    must(!store_init() && !domain_attach_own() && !domain_introduce(5, 0, 1));
    c = conn_new(&silent, &self);
    must(c && !watch_add(c, &path, "token", &w) && !conn_queue(c, w, message, sizeof(message)));
    must(!conn_queue(c, NULL, message, sizeof(message)) && !conn_keep(c, message, 10));
    run(c, NULL, OP_WRITE, "/a/b/c");
    run(c, NULL, OP_WRITE, "/a/d");
    must(!txn_start(c, &t));
    run(c, t, OP_READ, "/a/b/c");
    run(c, t, OP_LIST, "/a");
    run(c, t, OP_RM, "/a/b");
    must(!txn_start(domain_find(5)->c, &t));
    run(NULL, t, OP_READ, "/a/x");
    run(c, NULL, OP_WRITE, "/a/e");
    save_trees(&out);
    save_conns(&out);
    must(!out.failed);
    fuzz_end();
    return out;
}

/* Three bytes each: a place in two of them, and the value. */
static void lay_over(char *state, size_t size, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i + 3 <= len; i += 3)
        state[(data[i] | data[i + 1] << 8) % size] = data[i + 2];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct state_out sound;
    static char state[8192];
    struct state_in in = {state, 0, 0, false};
    struct loaded_trees trees = {0};
    struct txn *t;
    int rc;

    log_to_stderr(false);
    if (!sound.buf)
        sound = make_state();
    must(sound.len < sizeof(state));
    memcpy(state, sound.buf, sound.len);
    in.len = sound.len;
    if (len && data[0] == 0xff)
        in = (struct state_in){(const char *)data + 1, len - 1, 0, false};
    else
        lay_over(state, sound.len, data, len);
    fuzz_begin();
    rc = load_trees(&in, &trees);
    if (!rc)
        account_recount(store.root);
    if (!rc)
        rc = load_conns(&in, &trees, true);
    loaded_trees_free(&trees);
    must(len || !rc); /* unchanged it is sound */
    if (!rc) {
        must(tree_check(store.root) == NULL);
        TAILQ_FOREACH(t, &txns, by_age)
        must(t->doomed || tree_check(t->view.root) == NULL);
        /* What was read can be used: each transaction ends in one way or the other. */
        while ((t = TAILQ_FIRST(&txns)))
            if (!txn_end(t, true))
                txn_fire(t);
        conn_run_ready();
    }
    fuzz_end();
    return 0;
}
