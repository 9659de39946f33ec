/* SPDX-License-Identifier: MIT */
/* state-tree.h - trees in the state of a live update (state-tree.c). */
#ifndef XENSTORED_STATE_TREE_H
#define XENSTORED_STATE_TREE_H

#include "state.h"
#include "tree.h"

/* Numbers every object, writes all of them, then the store's root. The numbers stay in the objects'
 * mark for save_conns() to refer to; clear_marks() must follow. */
void save_trees(struct state_out *out);
void clear_marks(void);

/* Objects by number - 1; number 0 is NULL. */
struct loaded_trees {
    struct perms **perms;
    struct content **contents;
    struct node **nodes;
    uint32_t nr_perms, nr_contents, nr_nodes;
    uint32_t *weight; /* nodes in the tree that a node is the root of */
    uint32_t *depth;  /* bytes of the longest path below it */
};

/* Makes all objects, and the store of them. -EINVAL: impossible, -ENOMEM. The accounts come later,
 * by account_recount(), because that asks the host for each domain that a node names. */
int load_trees(struct state_in *in, struct loaded_trees *ret_trees);
void loaded_trees_free(struct loaded_trees *t);

/* The object of a number read from the stream; the stream fails for one that is not there. */
struct perms *get_perms(struct state_in *in, const struct loaded_trees *t);
struct content *get_content(struct state_in *in, const struct loaded_trees *t);
/* A number that must be the root of a sound tree, whose own path has path_len bytes (root: 1). */
struct node *get_tree(struct state_in *in, const struct loaded_trees *t, uint32_t path_len);

#endif /* XENSTORED_STATE_TREE_H */
