/* SPDX-License-Identifier: MIT */
/* store.h - what requests do to a tree: the rules of permissions and quotas (store.c). */
#ifndef XENSTORED_STORE_H
#define XENSTORED_STORE_H

#include "quota.h"
#include "tree.h"

/* A tree that requests work on: the store's own, or that of a transaction. */
struct view {
    struct node *root;
    struct delta *delta; /* NULL: changes count at once */
};

extern struct view store;

/* A node "/" that Domain 0 owns, and the few nodes that are always there. */
int store_init(void);
void store_fini(void);

enum op_kind {
    OP_READ,
    OP_LIST,
    OP_LIST_PART,
    OP_GET_PERMS,
    OP_WRITE,
    OP_MKDIR,
    OP_RM,
    OP_SET_PERMS,
    OP_NR
};

/* One request on the tree: what is asked, and what came of it. */
struct op {
    enum op_kind kind;
    const char *path;
    uint16_t path_len;
    uint32_t data_len;
    const char *data;    /* OP_WRITE */
    struct perms *perms; /* OP_SET_PERMS */

    int rc;
    const struct node *node; /* reads: valid until the next change of the tree */
    struct content *content; /* reads: what the node said; a reference */
    uint64_t listing;        /* OP_LIST: a hash of all names; OP_LIST_PART: the generation */
    struct node *removed;    /* OP_RM: all that went; a reference, or NULL when nothing did */
    struct perms *old_perms; /* OP_SET_PERMS: a reference */
    bool changed;            /* watches must hear of it */
};

static inline bool op_writes(enum op_kind kind)
{
    return kind >= OP_WRITE;
}

/* Carries it out and fills in the results; returns op->rc. */
int op_run(struct view *v, const struct subject *who, struct op *op);
/* Gives back the references of the results, not of what was asked. */
void op_clear(struct op *op);
/* Would whoever saw the results of `then` see a difference in `now`? */
bool op_same(const struct op *then, const struct op *now);

/* The permission `need` for an existing node: 0, -ENOENT or -EACCES. A missing node is told only to
 * those who have that permission for the closest node above it. */
int store_get(const struct view *v, const struct subject *who, const char *path, size_t len,
              unsigned int need, const struct node **ret_node);

/* A domain is gone for good: its nodes go (or, with `keep`, become Domain 0's), and no permission
 * entry names it any more. `fired` is told of each subtree that was removed. */
void store_forget_domain(uint16_t domid, bool keep, void (*fired)(const struct op *op));

#endif /* XENSTORED_STORE_H */
