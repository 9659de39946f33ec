/* SPDX-License-Identifier: MIT */
/* tree.h - the tree of nodes, shared between the store and all open transactions (tree.c). */
#ifndef XENSTORED_TREE_H
#define XENSTORED_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "perm.h"

/* What a node says. Never changed once made: equal pointers mean equal contents. */
struct content {
    uint32_t refs;
    uint32_t mark; /* number in a state file while one is written, else 0 */
    struct perms *perms;
    uint32_t value_len;
    uint16_t name_len;
    uint16_t writer; /* the domain that made it; who pays when a transaction fails over it */
    char data[];     /* the name, then the value; no NULs between or after */
};

/* Where a node stands. May be changed by whoever can prove that nobody else sees it. */
struct node {
    uint32_t refs;
    uint32_t mark; /* as above */
    uint32_t priority;
    uint32_t nr_kids;
    uint64_t dir_generation; /* new whenever a child appears or goes */
    uint16_t dir_writer;     /* who did that */
    union {
        struct content *c;
        struct node *dying; /* while node_put() takes a tree apart */
    };
    struct node *left, *right; /* siblings whose names come before, after */
    struct node *kids;
};

#define NODE_NAME(n)  ((n)->c->data)
#define NODE_VALUE(n) ((n)->c->data + (n)->c->name_len)

/* Bytes that all trees together take, and the number of the last change of any directory. */
extern size_t tree_bytes;
extern uint64_t tree_generation;

/* Takes its own reference to `perms`. NULL: no memory. */
struct content *content_new(const char *name, size_t name_len, const void *value, size_t value_len,
                            struct perms *perms, uint16_t writer);
struct content *content_get(struct content *c);
void content_put(struct content *c); /* NULL is fine */
size_t content_bytes(const struct content *c);

/* A node without siblings or children; takes over the caller's reference to `c`, also on failure.
 */
struct node *node_new(struct content *c);
struct node *node_get(struct node *n);
void node_put(struct node *n); /* NULL is fine; never recurses */

/*
 * The node at `path` (absolute, valid), or NULL. `ret_closest` gets the deepest existing node on
 * the way: the node itself when it is there. `ret_depth`, if wanted, the bytes of path that lead
 * there.
 */
const struct node *tree_find(const struct node *root, const char *path, size_t len,
                             const struct node **ret_closest, size_t *ret_depth);
const struct node *tree_child(const struct node *dir, const char *name, size_t len);

/*
 * The three changes. Nodes that others see too are copied first, from *root down to the place; each
 * either happens whole or, with -ENOMEM, not at all. The places must exist (tree_insert: the parent
 * exists, the child does not).
 */
int tree_replace(struct node **root, const char *path, size_t len, struct content *c);
int tree_insert(struct node **root, const char *parent, size_t len, struct node *child);
int tree_remove(struct node **root, const char *path, size_t len, uint16_t writer,
                struct node **ret_removed);

/* Calls `fn` for each child in order of names, until it returns other than 0, and returns that. */
int tree_each_child(const struct node *dir, int (*fn)(const struct node *child, void *arg),
                    void *arg);

/* A node and all below it, parents first, with paths. `path` holds `len` bytes and has room for
 * XENSTORE_ABS_PATH_MAX. `fn` may return 1 to leave out what is below this node. */
typedef int tree_walk_fn(const struct node *n, const char *path, size_t len, void *arg);
int tree_walk(const struct node *n, char *path, size_t len, tree_walk_fn *fn, void *arg);

/* Names of children, each with its NUL: the bytes they take, and a copy from `offset` of as many
 * whole names as fit. */
size_t tree_list_bytes(const struct node *dir);
size_t tree_list(const struct node *dir, size_t offset, char *buf, size_t size, bool *ret_end);

/* Looks for broken order, priorities, counts and references; NULL or what is wrong. */
const char *tree_check(const struct node *root);

#endif /* XENSTORED_TREE_H */
