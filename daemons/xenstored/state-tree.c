/* SPDX-License-Identifier: MIT */
/*
 * state-tree.c - trees in the state of a live update.
 *
 * All trees together are one graph: permission lists, contents that point to those, nodes that
 * point to contents and to other nodes. Each object is written once and numbered, always after what
 * it points to; pointers become numbers. Reading checks that they point backwards, so no cycle can
 * come of it, and then that each root is a sound tree.
 */
#include "state-tree.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "quota.h"
#include "store.h"
#include "txn.h"
#include "watch.h"
#include "wire.h"

#define PERMS_BYTES   8 /* in the stream, at least */
#define CONTENT_BYTES 16
#define NODE_BYTES    36

struct objects {
    void **v;
    uint32_t nr, room;
};

static struct objects all_perms, all_contents, all_nodes;
static bool no_memory;

static uint32_t add_object(struct objects *o, void *object)
{
    if (o->nr == o->room) {
        uint32_t room = o->room ? 2 * o->room : 1024;
        void **v = realloc(o->v, room * sizeof(*v));

        if (!v) {
            no_memory = true;
            return 0;
        }
        o->v = v;
        o->room = room;
    }
    o->v[o->nr++] = object;
    return o->nr;
}

static void number_perms(struct perms *p)
{
    if (p && !p->mark)
        p->mark = add_object(&all_perms, p);
}

static void number_content(struct content *c)
{
    if (!c || c->mark)
        return;
    number_perms(c->perms);
    c->mark = add_object(&all_contents, c);
}

/* Recursion ends with the depth of the tree and of its treaps. */
static void number_node(struct node *n)
{
    if (!n || n->mark || no_memory)
        return;
    number_node(n->left);
    number_node(n->right);
    number_node(n->kids);
    number_content(n->c);
    n->mark = add_object(&all_nodes, n);
}

static void number_txn(struct txn *t)
{
    struct txn_op *o;

    number_node(t->base);
    number_node(t->view.root);
    STAILQ_FOREACH(o, &t->ops, link)
    {
        number_perms(o->op.perms);
        number_perms(o->op.old_perms);
        number_content(o->op.content);
        number_node(o->op.removed);
    }
}

static void put_perms_object(struct state_out *out, const struct perms *p)
{
    put_u32(out, p->nr);
    for (unsigned int i = 0; i < p->nr; i++)
        put_u32(out, p->entry[i].domid << 8 | p->entry[i].rights);
}

static void put_content_object(struct state_out *out, const struct content *c)
{
    put_u32(out, c->perms->mark);
    put_u32(out, c->writer);
    put_u32(out, c->name_len);
    put_u32(out, c->value_len);
    put_bytes(out, c->data, c->name_len + c->value_len);
}

static void put_node_object(struct state_out *out, const struct node *n)
{
    put_u32(out, n->priority);
    put_u32(out, n->nr_kids);
    put_u64(out, n->dir_generation);
    put_u32(out, n->dir_writer);
    put_u32(out, n->c->mark);
    put_u32(out, n->left ? n->left->mark : 0);
    put_u32(out, n->right ? n->right->mark : 0);
    put_u32(out, n->kids ? n->kids->mark : 0);
}

void save_trees(struct state_out *out)
{
    struct perms **intro = watch_special("@introduceDomain", 16);
    struct perms **release = watch_special("@releaseDomain", 14);
    struct txn *t;

    no_memory = false;
    number_node(store.root);
    number_perms(*intro);
    number_perms(*release);
    TAILQ_FOREACH(t, &txns, by_age)
    number_txn(t);
    out->failed |= no_memory;
    put_u32(out, all_perms.nr);
    for (uint32_t i = 0; i < all_perms.nr; i++)
        put_perms_object(out, all_perms.v[i]);
    put_u32(out, all_contents.nr);
    for (uint32_t i = 0; i < all_contents.nr; i++)
        put_content_object(out, all_contents.v[i]);
    put_u32(out, all_nodes.nr);
    for (uint32_t i = 0; i < all_nodes.nr; i++)
        put_node_object(out, all_nodes.v[i]);
    put_u64(out, tree_generation);
    put_u32(out, store.root->mark);
    put_u32(out, (*intro)->mark);
    put_u32(out, (*release)->mark);
}

void clear_marks(void)
{
    for (uint32_t i = 0; i < all_perms.nr; i++)
        ((struct perms *)all_perms.v[i])->mark = 0;
    for (uint32_t i = 0; i < all_contents.nr; i++)
        ((struct content *)all_contents.v[i])->mark = 0;
    for (uint32_t i = 0; i < all_nodes.nr; i++)
        ((struct node *)all_nodes.v[i])->mark = 0;
    free(all_perms.v);
    free(all_contents.v);
    free(all_nodes.v);
    all_perms = all_contents = all_nodes = (struct objects){0};
}

/* An object of a table of nr; numbers start at 1. */
static void *pick(struct state_in *in, void *const *table, uint32_t nr)
{
    uint32_t number = get_u32(in);

    if (number > nr)
        in->failed = true;
    return in->failed || !number ? NULL : table[number - 1];
}

struct perms *get_perms(struct state_in *in, const struct loaded_trees *t)
{
    return pick(in, (void *const *)t->perms, t->nr_perms);
}

struct content *get_content(struct state_in *in, const struct loaded_trees *t)
{
    return pick(in, (void *const *)t->contents, t->nr_contents);
}

static int load_perms(struct state_in *in, struct loaded_trees *t)
{
    uint32_t nr = get_count(in, 4);
    struct perm *entries = calloc(nr ? nr : 1, sizeof(*entries));
    struct perms *p = NULL;

    for (uint32_t i = 0; entries && i < nr; i++) {
        uint32_t e = get_u32(in);

        entries[i] = (struct perm){.domid = e >> 8, .rights = e & PERM_RW};
        if (e >> 8 >= DOMID_FIRST_RESERVED || (e & 0xff) > PERM_RW)
            in->failed = true;
    }
    if (entries && nr && nr <= XS_PERMS_MAX && !in->failed)
        p = perms_new(entries, nr);
    free(entries);
    if (!p)
        return -EINVAL;
    t->perms[t->nr_perms++] = p;
    return 0;
}

static bool name_valid(const char *name, size_t len)
{
    char path[XENSTORE_ABS_PATH_MAX];

    if (len >= sizeof(path) || memchr(name, '/', len))
        return false;
    path[0] = '/';
    memcpy(path + 1, name, len);
    return wire_path_valid(path, len + 1);
}

static int load_content(struct state_in *in, struct loaded_trees *t)
{
    struct perms *perms = get_perms(in, t);
    uint32_t writer = get_u32(in), name_len = get_u32(in), value_len = get_u32(in);
    const char *data = value_len <= XENSTORE_PAYLOAD_MAX && name_len < XENSTORE_ABS_PATH_MAX
                           ? get_bytes(in, name_len + value_len)
                           : NULL;
    struct content *c = NULL;

    if (perms && data && name_valid(data, name_len) && writer < DOMID_FIRST_RESERVED)
        c = content_new(data, name_len, data + name_len, value_len, perms, writer);
    if (!c)
        return -EINVAL;
    t->contents[t->nr_contents++] = c;
    return 0;
}

static uint32_t add_limited(uint32_t a, uint32_t b)
{
    uint32_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT32_MAX : sum;
}

/* Size and depth of the tree that a new node makes of the ones it points to. */
static void measure(struct loaded_trees *t, const struct node *n, uint32_t left, uint32_t right,
                    uint32_t kids)
{
    uint32_t i = t->nr_nodes, depth = n->c->name_len + 1;

    t->weight[i] = 1;
    t->depth[i] = kids ? add_limited(depth, t->depth[kids - 1]) : depth;
    for (unsigned int k = 0; k < 3; k++) {
        uint32_t other = k == 0 ? left : k == 1 ? right : kids;

        if (other)
            t->weight[i] = add_limited(t->weight[i], t->weight[other - 1]);
        if (other && k < 2 && t->depth[other - 1] > t->depth[i])
            t->depth[i] = t->depth[other - 1];
    }
}

static int load_node(struct state_in *in, struct loaded_trees *t)
{
    uint32_t priority = get_u32(in), nr_kids = get_u32(in);
    uint64_t generation = get_u64(in);
    uint32_t writer = get_u32(in);
    struct content *c = get_content(in, t);
    uint32_t left = get_u32(in), right = get_u32(in), kids = get_u32(in), nr = t->nr_nodes;
    struct node *n;

    if (in->failed || !c || left > nr || right > nr || kids > nr || writer >= DOMID_FIRST_RESERVED)
        return -EINVAL;
    n = node_new(content_get(c));
    if (!n)
        return -ENOMEM;
    n->priority = priority;
    n->nr_kids = nr_kids;
    n->dir_generation = generation;
    n->dir_writer = writer;
    n->left = left ? node_get(t->nodes[left - 1]) : NULL;
    n->right = right ? node_get(t->nodes[right - 1]) : NULL;
    n->kids = kids ? node_get(t->nodes[kids - 1]) : NULL;
    measure(t, n, left, right, kids);
    t->nodes[t->nr_nodes++] = n;
    return 0;
}

struct node *get_tree(struct state_in *in, const struct loaded_trees *t, uint32_t path_len)
{
    uint32_t number = get_u32(in);
    struct node *n;

    if (in->failed || !number)
        return NULL;
    n = number <= t->nr_nodes ? t->nodes[number - 1] : NULL;
    /* No node is in one tree twice, so a tree is no larger than the table: this bounds the check.
     * The limit of depth is that of the buffer in which walks keep their path. */
    if (!n || t->weight[number - 1] > t->nr_nodes || n->left || n->right ||
        add_limited(t->depth[number - 1], path_len) >
            XENSTORE_ABS_PATH_MAX + (uint32_t)n->c->name_len ||
        (path_len == 1) != (n->c->name_len == 0) || tree_check(n)) {
        in->failed = true;
        return NULL;
    }
    return n;
}

/* A table of `*ret_nr` entries that `load` fills one by one. */
static int load_table(struct state_in *in, struct loaded_trees *t, void ***table, size_t each,
                      uint32_t *ret_nr, int (*load)(struct state_in *, struct loaded_trees *))
{
    uint32_t nr = get_count(in, each);
    int rc = 0;

    *table = calloc(nr + 1, sizeof(void *));
    if (*ret_nr || !*table)
        return -ENOMEM;
    if (load == load_node) {
        t->weight = calloc(nr + 1, sizeof(*t->weight));
        t->depth = calloc(nr + 1, sizeof(*t->depth));
        if (!t->weight || !t->depth)
            return -ENOMEM;
    }
    for (uint32_t i = 0; i < nr && !rc; i++)
        rc = load(in, t);
    return rc;
}

static int load_roots(struct state_in *in, struct loaded_trees *t)
{
    struct perms **intro = watch_special("@introduceDomain", 16);
    struct perms **release = watch_special("@releaseDomain", 14);
    uint64_t generation = get_u64(in);
    struct node *root = get_tree(in, t, 1);
    struct perms *intro_perms = get_perms(in, t), *release_perms = get_perms(in, t);

    if (in->failed || !root || !intro_perms || !release_perms)
        return -EINVAL;
    perms_put(*intro);
    perms_put(*release);
    *intro = perms_get(intro_perms);
    *release = perms_get(release_perms);
    store.root = node_get(root);
    tree_generation = generation;
    return 0;
}

int load_trees(struct state_in *in, struct loaded_trees *t)
{
    int rc = load_table(in, t, (void ***)&t->perms, PERMS_BYTES, &t->nr_perms, load_perms);

    if (!rc)
        rc =
            load_table(in, t, (void ***)&t->contents, CONTENT_BYTES, &t->nr_contents, load_content);
    if (!rc)
        rc = load_table(in, t, (void ***)&t->nodes, NODE_BYTES, &t->nr_nodes, load_node);
    return rc ? rc : load_roots(in, t);
}

void loaded_trees_free(struct loaded_trees *t)
{
    for (uint32_t i = 0; i < t->nr_nodes; i++)
        node_put(t->nodes[i]);
    for (uint32_t i = 0; i < t->nr_contents; i++)
        content_put(t->contents[i]);
    for (uint32_t i = 0; i < t->nr_perms; i++)
        perms_put(t->perms[i]);
    free(t->nodes);
    free(t->contents);
    free(t->perms);
    free(t->weight);
    free(t->depth);
}
