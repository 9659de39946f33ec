/* SPDX-License-Identifier: MIT */
/* test-xenstored-tree.c - the persistent tree: against a list, with snapshots, without memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemons/xenstored/store.h"
#include "daemons/xenstored/txn.h"
#include "daemons/xenstored/watch.h"
#include "daemons/xenstored/osdep.h"
#include "daemons/xenstored/state-conn.h"
#include "../shim/test-main.h"

const struct osdep *os;

int os_source_add(int fd)
{
    return fd; /* main.c's; never called here */
}

/* The n-th allocation from now fails; 0: none. */
static unsigned int fail_at;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    if (fail_at && --fail_at == 0)
        return NULL;
    return __real_malloc(size);
}

static const struct subject self = {0, DOMID_NONE, true};

static int run(struct view *v, enum op_kind kind, const char *path, const char *value)
{
    struct op op = {.kind = kind, .path = path, .path_len = strlen(path), .data = value};
    int rc;

    op.data_len = value ? strlen(value) : 0;
    rc = op_run(v, &self, &op);
    op_clear(&op);
    return rc;
}

/* The value at path equals `value`; NULL: no such node. */
static int has(struct view *v, const char *path, const char *value)
{
    const struct node *closest, *n = tree_find(v->root, path, strlen(path), &closest, NULL);

    if (!n || !value)
        return !n && !value;
    return n->c->value_len == strlen(value) && !memcmp(NODE_VALUE(n), value, n->c->value_len);
}

static void begin(void)
{
    fail_at = 0;
    ck_assert_int_eq(store_init(), 0);
}

static void finish(void)
{
    store_fini();
    ck_assert_uint_eq(tree_bytes, 0);
    memset(accounts, 0, sizeof(struct account) * 16);
}

#define NAMES 60
#define STEPS 20000
#define SNAPS 8

/* What the tree should hold: values of /dA/nB, "" for absent. */
struct model {
    char value[NAMES][8];
};

static void path_of(unsigned int i, char *path)
{
    sprintf(path, "/d%u/n%u", i % 4, i);
}

static void compare(struct node *root, const struct model *m)
{
    struct view v = {root, NULL};
    char path[32];

    ck_assert_ptr_eq(tree_check(root), NULL);
    for (unsigned int i = 0; i < NAMES; i++) {
        path_of(i, path);
        ck_assert_msg(has(&v, path, *m->value[i] ? m->value[i] : NULL), "%s is not %s", path,
                      m->value[i]);
    }
}

static void step(struct model *m, unsigned int nr)
{
    unsigned int i = rand() % NAMES;
    char path[32];

    path_of(i, path);
    if (rand() % 3) {
        sprintf(m->value[i], "%u", nr % 9999);
        ck_assert_int_eq(run(&store, OP_WRITE, path, m->value[i]), 0);
    } else {
        int rc = run(&store, OP_RM, path, NULL);

        ck_assert(rc == 0 || (rc == -ENOENT && !*m->value[i]));
        *m->value[i] = '\0';
    }
}

START_TEST(random_changes_and_snapshots)
{
    struct model now = {0}, kept[SNAPS];
    struct node *snaps[SNAPS] = {0};

    begin();
    srand(1);
    for (unsigned int n = 0; n < STEPS; n++) {
        unsigned int k = rand() % SNAPS;

        step(&now, n);
        if (rand() % 50)
            continue;
        /* An old snapshot still says what it said, then a new one takes its place. */
        if (snaps[k])
            compare(snaps[k], &kept[k]);
        node_put(snaps[k]);
        snaps[k] = node_get(store.root);
        kept[k] = now;
        compare(store.root, &now);
    }
    for (unsigned int k = 0; k < SNAPS; k++)
        node_put(snaps[k]);
    compare(store.root, &now);
    finish();
}
END_TEST

static unsigned int count_nodes(const struct node *n)
{
    return accounts[n->c->perms->entry[0].domid].nodes;
}

/* Without a snapshot nothing is copied; with one, what is on the way. */
START_TEST(copies_only_what_is_shared)
{
    const struct node *closest, *before;
    struct node *snap;
    size_t bytes;
    char path[32];

    begin();
    for (unsigned int i = 0; i < 1000; i++) {
        sprintf(path, "/many/n%u/x", i);
        ck_assert_int_eq(run(&store, OP_WRITE, path, "1"), 0);
    }
    ck_assert_uint_eq(count_nodes(store.root), 2004);
    before = tree_find(store.root, "/many/n5", 8, &closest, NULL);
    bytes = tree_bytes;
    ck_assert_int_eq(run(&store, OP_WRITE, "/many/n5/x", "2"), 0);
    ck_assert_ptr_eq(tree_find(store.root, "/many/n5", 8, &closest, NULL), before);
    ck_assert_uint_eq(tree_bytes, bytes);
    snap = node_get(store.root);
    ck_assert_int_eq(run(&store, OP_WRITE, "/many/n5/x", "3"), 0);
    ck_assert_ptr_ne(tree_find(store.root, "/many/n5", 8, &closest, NULL), before);
    ck_assert_ptr_eq(tree_find(snap, "/many/n5", 8, &closest, NULL), before);
    /* Some twenty nodes of a thousand, and one new content. */
    ck_assert_uint_lt(tree_bytes - bytes, 60 * sizeof(struct node));
    node_put(snap);
    ck_assert_uint_eq(tree_bytes, bytes);
    finish();
}
END_TEST

static void fill(struct model *m)
{
    char path[32];

    for (unsigned int i = 0; i < NAMES; i++) {
        path_of(i, path);
        strcpy(m->value[i], "v");
        ck_assert_int_eq(run(&store, OP_WRITE, path, "v"), 0);
    }
}

/* Each allocation of each change fails once: nothing has changed, and nothing is lost. */
START_TEST(no_memory_changes_nothing)
{
    static const struct {
        enum op_kind kind;
        const char *path;
    } changes[] = {{OP_WRITE, "/d1/n5"},
                   {OP_WRITE, "/new/a/b/c"},
                   {OP_RM, "/d2/n6"},
                   {OP_RM, "/d3"},
                   {OP_MKDIR, "/d0/n4/below"}};
    struct model m = {0};

    begin();
    fill(&m);
    for (unsigned int i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        uint32_t nodes = accounts[0].nodes;

        for (unsigned int n = 1;; n++) {
            struct node *snap = node_get(store.root);
            unsigned int left;
            int rc;

            fail_at = n;
            rc = run(&store, changes[i].kind, changes[i].path, "w");
            left = fail_at;
            fail_at = 0;
            if (left) { /* it took fewer allocations than that */
                ck_assert_int_eq(rc, 0);
                node_put(store.root);
                store.root = snap;
                account_recount(store.root);
                break;
            }
            ck_assert_int_eq(rc, -ENOMEM);
            compare(store.root, &m);
            ck_assert_uint_eq(accounts[0].nodes, nodes);
            node_put(snap);
            ck_assert_uint_lt(n, 100);
        }
        compare(store.root, &m);
    }
    finish();
}
END_TEST

START_TEST(accounts_follow)
{
    static const struct perm owned[] = {{5, 0}, {7, PERM_R}};
    struct perms *p = perms_new(owned, 2);
    struct op op = {.kind = OP_SET_PERMS, .path = "/a", .path_len = 2, .perms = p};

    begin();
    ck_assert_int_eq(run(&store, OP_WRITE, "/a", ""), 0);
    ck_assert_int_eq(op_run(&store, &self, &op), 0);
    op_clear(&op);
    ck_assert_int_eq(run(&store, OP_WRITE, "/a/b/c", "value"), 0);
    ck_assert_uint_eq(accounts[5].nodes, 3);
    ck_assert_uint_eq(accounts[7].mentions, 3);
    ck_assert_uint_eq(accounts[7].nodes, 0);
    ck_assert_int_gt(accounts[5].bytes, 3 * (int64_t)sizeof(struct node));
    store_forget_domain(7, false, NULL);
    ck_assert_uint_eq(accounts[7].mentions, 0);
    ck_assert_uint_eq(accounts[5].nodes, 3);
    store_forget_domain(5, true, NULL);
    ck_assert_uint_eq(accounts[5].nodes + accounts[5].mentions, 0);
    ck_assert_int_eq(accounts[5].bytes, 0);
    ck_assert(has(&store, "/a/b/c", "value"));
    op.perms = p;
    ck_assert_int_eq(op_run(&store, &self, &op), 0);
    op_clear(&op);
    store_forget_domain(5, false, NULL);
    ck_assert(has(&store, "/a", NULL));
    ck_assert_uint_eq(accounts[0].nodes, 3);
    perms_put(p);
    finish();
}
END_TEST

/* A directory of a name that is another's beginning, in all orders. */
START_TEST(names_that_begin_alike)
{
    static const char *const names[] = {"/a", "/aa", "/aaa", "/ab", "/a-", "/b", "/A"};
    char list[64];
    bool end;

    begin();
    for (unsigned int i = 0; i < 7; i++)
        ck_assert_int_eq(run(&store, OP_WRITE, names[i], names[i]), 0);
    for (unsigned int i = 0; i < 7; i++)
        ck_assert(has(&store, names[i], names[i]));
    ck_assert(has(&store, "/aaaa", NULL));
    ck_assert_uint_eq(tree_list(store.root, 0, list, sizeof(list), &end),
                      tree_list_bytes(store.root));
    ck_assert(end);
    ck_assert_str_eq(list, "A");
    ck_assert_str_eq(list + 2, "a");
    ck_assert_str_eq(list + 4, "a-");
    /* From an offset, and where it does not fit. */
    ck_assert_uint_eq(tree_list(store.root, 4, list, 5, &end), 3);
    ck_assert(!end);
    ck_assert_str_eq(list, "a-");
    finish();
}
END_TEST

TEST_MAIN("xenstored-tree", random_changes_and_snapshots, copies_only_what_is_shared,
          no_memory_changes_nothing, accounts_follow, names_that_begin_alike)
