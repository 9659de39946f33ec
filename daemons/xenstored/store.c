/* SPDX-License-Identifier: MIT */
/*
 * store.c - what requests do to a tree.
 *
 * Each request on the tree is a struct op, carried out by op_run() on a view: the store itself, the
 * tree of a transaction, or a trial tree at the end of one. So there is one implementation of each
 * rule. An op checks everything first; then it makes one change to the tree that happens whole or
 * not at all.
 */
#include "store.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"

struct view store;

int store_get(const struct view *v, const struct subject *who, const char *path, size_t len,
              unsigned int need, const struct node **ret_node)
{
    const struct node *closest, *n = tree_find(v->root, path, len, &closest, NULL);

    if ((perms_rights(closest->c->perms, who) & need) != need)
        return -EACCES;
    if (!n)
        return -ENOENT;
    *ret_node = n;
    return 0;
}

static int add_to_hash(const struct node *n, void *arg)
{
    uint64_t h = *(uint64_t *)arg;

    for (unsigned int i = 0; i < n->c->name_len; i++)
        h = (h ^ (unsigned char)NODE_NAME(n)[i]) * 0x100000001b3;
    *(uint64_t *)arg = (h ^ '/') * 0x100000001b3;
    return 0;
}

static int run_read(struct view *v, const struct subject *who, struct op *op)
{
    int rc = store_get(v, who, op->path, op->path_len, PERM_R, &op->node);

    if (rc)
        return rc;
    op->content = content_get(op->node->c);
    op->listing = op->node->dir_generation;
    /* The hash matters to transactions only. */
    if (op->kind == OP_LIST && v->delta) {
        op->listing = 0xcbf29ce484222325;
        tree_each_child(op->node, add_to_hash, &op->listing);
    }
    return 0;
}

/* Bytes that count against the quota of a node's size. */
static int check_size(const struct subject *who, const struct perms *perms, size_t value_len)
{
    size_t size = value_len + perms->nr * sizeof(struct perm);

    return quota_exceeded(QUOTA_NODE_SIZE, who, size) ? -ENOSPC : 0;
}

/* An existing node gets new contents; both references to contents stay the caller's. */
static int replace(struct view *v, const struct op *op, struct content *old, struct content *new)
{
    int rc;

    content_get(old);
    rc = tree_replace(&v->root, op->path, op->path_len, new);
    if (!rc) {
        account_node(v->delta, old, -1);
        account_node(v->delta, new, 1);
    }
    content_put(old);
    return rc;
}

static int overwrite(struct view *v, const struct subject *who, struct op *op, const struct node *n)
{
    struct content *old = n->c, *new;
    size_t more = op->data_len > old->value_len ? op->data_len - old->value_len : 0;
    int rc = check_size(who, old->perms, op->data_len);

    if (!rc)
        rc = account_allows(v->delta, who, 0, more);
    if (rc)
        return rc;
    new = content_new(NODE_NAME(n), old->name_len, op->data, op->data_len, old->perms, who->domid);
    if (!new)
        return -ENOMEM;
    rc = replace(v, op, old, new);
    content_put(new);
    return rc;
}

/* The nodes for path[depth..len), each below the one before; *ret_top is the first. */
static int make_chain(const struct op *op, size_t depth, struct perms *perms, uint16_t writer,
                      struct node **ret_top)
{
    const char *path = op->path;
    size_t end = op->path_len;
    struct node *below = NULL;

    while (end > depth) {
        bool leaf = end == op->path_len;
        size_t start = end;
        struct content *c;
        struct node *n;

        while (path[start - 1] != '/')
            start--;
        c = content_new(path + start, end - start, leaf ? op->data : NULL, leaf ? op->data_len : 0,
                        perms, writer);
        n = c ? node_new(c) : NULL;
        if (!n) {
            node_put(below);
            return -ENOMEM;
        }
        n->kids = below;
        n->nr_kids = below != NULL;
        below = n;
        end = start - 1;
    }
    *ret_top = below;
    return 0;
}

/* Makes a missing node and the missing ones above it. The caller has checked permissions. */
static int create(struct view *v, const struct subject *who, struct op *op)
{
    const struct node *closest;
    struct perms *perms;
    struct node *top = NULL;
    size_t depth, nodes = 0, bytes = op->data_len;
    int rc;

    tree_find(v->root, op->path, op->path_len, &closest, &depth);
    for (size_t i = depth == 1 ? 0 : depth; i < op->path_len; i++)
        nodes += op->path[i] == '/';
    bytes += op->path_len - depth + nodes * (sizeof(struct node) + sizeof(struct content));
    perms = perms_inherit(closest->c->perms, who);
    if (!perms)
        return -ENOMEM;
    rc = check_size(who, perms, op->data_len);
    if (!rc)
        rc = account_allows(v->delta, who, nodes, bytes);
    if (!rc)
        rc = make_chain(op, depth, perms, who->domid, &top);
    if (!rc)
        rc = tree_insert(&v->root, op->path, depth, top);
    if (!rc)
        account_tree(v->delta, top, 1);
    else
        node_put(top);
    perms_put(perms);
    return rc;
}

static int run_write(struct view *v, const struct subject *who, struct op *op)
{
    const struct node *n;
    int rc = store_get(v, who, op->path, op->path_len, PERM_W, &n);

    if (rc == -ENOENT)
        rc = create(v, who, op);
    else if (!rc && op->kind == OP_WRITE)
        rc = overwrite(v, who, op, n);
    else
        return rc; /* a directory to be made exists: fine, and nobody hears of it */
    op->changed = !rc;
    return rc;
}

static size_t parent_len(const char *path, size_t len)
{
    while (path[len - 1] != '/')
        len--;
    return len > 1 ? len - 1 : 1;
}

static int run_rm(struct view *v, const struct subject *who, struct op *op)
{
    const struct node *n, *closest;
    int rc = store_get(v, who, op->path, op->path_len, PERM_W, &n);

    if (op->path_len == 1)
        return -EINVAL;
    if (rc == -ENOENT) /* nothing to do, as long as its parent is there */
        return tree_find(v->root, op->path, parent_len(op->path, op->path_len), &closest, NULL)
                   ? 0
                   : -ENOENT;
    if (!rc)
        rc = tree_remove(&v->root, op->path, op->path_len, who->domid, &op->removed);
    if (!rc)
        account_tree(v->delta, op->removed, -1);
    op->changed = !rc;
    return rc;
}

static int run_set_perms(struct view *v, const struct subject *who, struct op *op)
{
    const struct node *n;
    struct content *new;
    int rc = store_get(v, who, op->path, op->path_len, PERM_W | PERM_OWNER, &n);

    if (rc)
        return rc;
    /* Only the toolstack gives nodes away. */
    if (!who->privileged && op->perms->entry[0].domid != n->c->perms->entry[0].domid)
        return -EPERM;
    rc = check_size(who, op->perms, n->c->value_len);
    if (rc)
        return rc;
    new = content_new(NODE_NAME(n), n->c->name_len, NODE_VALUE(n), n->c->value_len, op->perms,
                      who->domid);
    if (!new)
        return -ENOMEM;
    op->old_perms = perms_get(n->c->perms);
    rc = replace(v, op, n->c, new);
    content_put(new);
    op->changed = !rc;
    return rc;
}

int op_run(struct view *v, const struct subject *who, struct op *op)
{
    static int (*const run[OP_NR])(struct view *, const struct subject *, struct op *) = {
        [OP_READ] = run_read,      [OP_LIST] = run_read,           [OP_LIST_PART] = run_read,
        [OP_GET_PERMS] = run_read, [OP_WRITE] = run_write,         [OP_MKDIR] = run_write,
        [OP_RM] = run_rm,          [OP_SET_PERMS] = run_set_perms,
    };

    op->rc = run[op->kind](v, who, op);
    return op->rc;
}

void op_clear(struct op *op)
{
    content_put(op->content);
    node_put(op->removed);
    perms_put(op->old_perms);
    op->content = NULL;
    op->removed = NULL;
    op->old_perms = NULL;
    op->node = NULL;
    op->changed = false;
}

bool op_same(const struct op *then, const struct op *now)
{
    const struct content *a = then->content, *b = now->content;

    if (then->rc != now->rc)
        return false;
    if (then->rc)
        return true;
    switch (then->kind) {
    case OP_READ:
        return a == b || (a->value_len == b->value_len &&
                          !memcmp(a->data + a->name_len, b->data + b->name_len, a->value_len));
    case OP_GET_PERMS:
        return perms_equal(a->perms, b->perms);
    case OP_LIST:
    case OP_LIST_PART:
        return then->listing == now->listing;
    default:
        return true;
    }
}

/* Nodes to change once a domain is gone. Paths are collected first: a walk must not change. */
struct forget {
    uint16_t domid;
    bool keep;
    char **paths;
    size_t nr, room;
};

static int collect(const struct node *n, const char *path, size_t len, void *arg)
{
    struct forget *f = arg;
    const struct perms *p = n->c->perms;

    if (!perms_mention(p, f->domid))
        return 0;
    if (f->nr == f->room) {
        size_t room = f->room ? 2 * f->room : 16;
        char **paths = realloc(f->paths, room * sizeof(*paths));

        if (!paths)
            return -ENOMEM;
        f->paths = paths;
        f->room = room;
    }
    f->paths[f->nr] = strndup(path, len);
    if (!f->paths[f->nr])
        return -ENOMEM;
    f->nr++;
    /* What is below a node that goes, goes with it. */
    return !f->keep && p->entry[0].domid == f->domid && len > 1;
}

static void forget_one(const struct forget *f, const char *path, void (*fired)(const struct op *op))
{
    const struct subject self = {.target = DOMID_NONE, .privileged = true};
    struct op op = {.kind = OP_SET_PERMS, .path = path, .path_len = strlen(path)};
    const struct node *n, *closest;

    n = tree_find(store.root, path, op.path_len, &closest, NULL);
    if (!n)
        return;
    if (!f->keep && n->c->perms->entry[0].domid == f->domid && op.path_len > 1)
        op.kind = OP_RM;
    else
        op.perms = perms_without(n->c->perms, f->domid);
    if (op.kind == OP_RM || op.perms)
        op_run(&store, &self, &op);
    if (op.kind == OP_RM && op.changed && fired)
        fired(&op);
    op_clear(&op);
    perms_put(op.perms);
}

void store_forget_domain(uint16_t domid, bool keep, void (*fired)(const struct op *op))
{
    struct forget f = {.domid = domid, .keep = keep};
    char path[XENSTORE_ABS_PATH_MAX + 1] = "/";

    /* The toolstack has usually removed all of it already. */
    if (!accounts[domid].mentions)
        return;
    tree_walk(store.root, path, 1, collect, &f);
    for (size_t i = 0; i < f.nr; i++) {
        forget_one(&f, f.paths[i], fired);
        free(f.paths[i]);
    }
    free(f.paths);
}

int store_init(void)
{
    static const struct perm none = {.domid = 0, .rights = 0};
    const struct subject self = {.target = DOMID_NONE, .privileged = true};
    struct op op = {.kind = OP_MKDIR, .path = "/tool/xenstored", .path_len = 15};
    struct perms *perms = perms_new(&none, 1);
    struct content *c = perms ? content_new("", 0, NULL, 0, perms, 0) : NULL;
    int rc;

    perms_put(perms);
    store.root = c ? node_new(c) : NULL;
    if (!store.root)
        return -ENOMEM;
    account_tree(NULL, store.root, 1);
    rc = op_run(&store, &self, &op);
    op_clear(&op);
    return rc;
}

void store_fini(void)
{
    node_put(store.root);
    store.root = NULL;
}
