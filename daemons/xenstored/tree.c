/* SPDX-License-Identifier: MIT */
/*
 * tree.c - the tree of nodes.
 *
 * The idea. The store and every open transaction have a tree each, but a transaction starts as one
 * more reference to the root of the store's tree. Trees share every node in which they do not
 * differ. Whoever changes a node that somebody else sees too copies it first, and the nodes above
 * it up to his root, because those point to it; all else stays shared.
 *
 * When is a node seen by one tree only? When its count of references is 1, and so are the counts of
 * all nodes on the way from the root. So a change walks down from the root and at each step makes
 * the node its own: with one reference it already is, with more it is replaced by a copy, and what
 * that copy points to gains a reference, which makes the next step copy as well. While no
 * transaction is open, nothing is ever copied and a write costs as much as in any other tree.
 *
 * What a node says (name, value, permissions) is a separate object that is never changed, only
 * replaced. A transaction remembers the objects it has read, and so finds out at its end whether
 * somebody changed them: the pointers differ (txn.c).
 *
 * Children of a node form a treap: a binary tree ordered by name that random priorities keep
 * shallow, whatever names a guest chooses. A node is its own treap element: it has a left and a
 * right sibling. A change among a thousand children thus copies about ten nodes, not an array.
 *
 * Loops go down with a pointer to the place that holds the pointer to the node. Nothing recurses,
 * except walks over whole trees.
 */
#include "tree.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xen/include/public/io/xs_wire.h>

size_t tree_bytes;
uint64_t tree_generation;

size_t content_bytes(const struct content *c)
{
    return sizeof(*c) + c->name_len + c->value_len;
}

struct content *content_new(const char *name, size_t name_len, const void *value, size_t value_len,
                            struct perms *perms, uint16_t writer)
{
    struct content *c = malloc(sizeof(*c) + name_len + value_len);

    if (!c)
        return NULL;
    c->refs = 1;
    c->mark = 0;
    c->perms = perms_get(perms);
    c->name_len = name_len;
    c->value_len = value_len;
    c->writer = writer;
    memcpy(c->data, name, name_len);
    if (value_len)
        memcpy(c->data + name_len, value, value_len);
    tree_bytes += content_bytes(c);
    return c;
}

struct content *content_get(struct content *c)
{
    c->refs++;
    return c;
}

void content_put(struct content *c)
{
    if (!c || --c->refs)
        return;
    tree_bytes -= content_bytes(c);
    perms_put(c->perms);
    free(c);
}

/* xorshift: guests cannot see or influence it, which is all that is asked of it. */
static uint32_t random_priority(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 32;
}

static struct node *node_alloc(void)
{
    struct node *n = malloc(sizeof(*n));

    if (n)
        tree_bytes += sizeof(*n);
    return n;
}

struct node *node_new(struct content *c)
{
    struct node *n = node_alloc();

    if (!n) {
        content_put(c);
        return NULL;
    }
    *n = (struct node){.refs = 1, .priority = random_priority(), .c = c};
    n->dir_generation = ++tree_generation;
    n->dir_writer = c->writer;
    return n;
}

struct node *node_get(struct node *n)
{
    n->refs++;
    return n;
}

/* Gives up a reference; a node without any joins the list of dying ones. */
static void put_on(struct node *n, struct node **dying)
{
    if (!n || --n->refs)
        return;
    content_put(n->c);
    n->dying = *dying;
    *dying = n;
}

void node_put(struct node *n)
{
    struct node *dying = NULL;

    put_on(n, &dying);
    while (dying) {
        struct node *dead = dying;

        dying = dead->dying;
        put_on(dead->left, &dying);
        put_on(dead->right, &dying);
        put_on(dead->kids, &dying);
        tree_bytes -= sizeof(*dead);
        free(dead);
    }
}

static int name_compare(const char *name, size_t len, const struct node *n)
{
    size_t other = n->c->name_len;
    int r = memcmp(name, n->c->data, len < other ? len : other);

    return r ? r : (len > other) - (len < other);
}

const struct node *tree_child(const struct node *dir, const char *name, size_t len)
{
    const struct node *n = dir->kids;

    while (n) {
        int r = name_compare(name, len, n);

        if (r == 0)
            return n;
        n = r < 0 ? n->left : n->right;
    }
    return NULL;
}

/* Bytes of the first component of a path that has len left. */
static size_t component(const char *path, size_t len)
{
    const char *slash = memchr(path, '/', len);

    return slash ? (size_t)(slash - path) : len;
}

const struct node *tree_find(const struct node *root, const char *path, size_t len,
                             const struct node **ret_closest, size_t *ret_depth)
{
    const struct node *n = root;
    size_t at = 1, depth = 1;

    while (at < len) {
        size_t part = component(path + at, len - at);
        const struct node *child = tree_child(n, path + at, part);

        *ret_closest = n;
        if (ret_depth)
            *ret_depth = depth;
        if (!child)
            return NULL;
        n = child;
        depth = at + part;
        at = depth + 1;
    }
    *ret_closest = n;
    if (ret_depth)
        *ret_depth = depth;
    return n;
}

/* Makes the node in *slot ours alone; its holder must be already. NULL: no memory. */
static struct node *own(struct node **slot)
{
    struct node *n = *slot, *copy;

    if (n->refs == 1)
        return n;
    copy = node_alloc();
    if (!copy)
        return NULL;
    *copy = *n;
    copy->refs = 1;
    copy->mark = 0;
    content_get(copy->c);
    if (copy->left)
        copy->left->refs++;
    if (copy->right)
        copy->right->refs++;
    if (copy->kids)
        copy->kids->refs++;
    n->refs--; /* it had more than one */
    *slot = copy;
    return copy;
}

/* The place where a child is or would be; all nodes on the way to it become ours. */
static int own_child(struct node *dir, const char *name, size_t len, struct node ***ret_slot)
{
    struct node **slot = &dir->kids;

    while (*slot) {
        struct node *n = own(slot);
        int r;

        if (!n)
            return -ENOMEM;
        r = name_compare(name, len, n);
        if (r == 0)
            break;
        slot = r < 0 ? &n->left : &n->right;
    }
    *ret_slot = slot;
    return 0;
}

/* The place that points to the node at `path`, which exists or is the one place missing. */
static int own_path(struct node **root, const char *path, size_t len, struct node **ret_dir,
                    struct node ***ret_slot)
{
    struct node **slot = root, *dir = NULL;
    size_t at = 1;

    if (!own(slot))
        return -ENOMEM;
    while (at < len) {
        size_t part = component(path + at, len - at);
        int rc;

        dir = *slot;
        if (!dir)
            return -ENOENT;
        rc = own_child(dir, path + at, part, &slot);
        if (rc)
            return rc;
        at += part + 1;
    }
    *ret_dir = dir;
    *ret_slot = slot;
    return 0;
}

int tree_replace(struct node **root, const char *path, size_t len, struct content *c)
{
    struct node **slot, *dir;
    int rc = own_path(root, path, len, &dir, &slot);

    if (rc)
        return rc;
    if (!*slot)
        return -ENOENT;
    content_put((*slot)->c);
    (*slot)->c = content_get(c);
    return 0;
}

static void dir_changed(struct node *dir, int change, uint16_t writer)
{
    dir->nr_kids += change;
    dir->dir_generation = ++tree_generation;
    dir->dir_writer = writer;
}

/* Treap insertion: go down while priorities are higher, then split what is there by name. */
static void link_child(struct node *dir, struct node *child)
{
    const char *name = NODE_NAME(child);
    size_t len = child->c->name_len;
    struct node **slot = &dir->kids, **l = &child->left, **r = &child->right, *rest;

    while (*slot && (*slot)->priority >= child->priority)
        slot = name_compare(name, len, *slot) < 0 ? &(*slot)->left : &(*slot)->right;
    rest = *slot;
    *slot = child;
    while (rest) {
        if (name_compare(name, len, rest) < 0) {
            *r = rest;
            r = &rest->left;
            rest = rest->left;
        } else {
            *l = rest;
            l = &rest->right;
            rest = rest->right;
        }
    }
    *l = *r = NULL;
}

int tree_insert(struct node **root, const char *parent, size_t len, struct node *child)
{
    struct node **slot, **place, *dir, *unused;
    int rc = own_path(root, parent, len, &unused, &slot);

    if (rc)
        return rc;
    dir = *slot;
    if (!dir)
        return -ENOENT;
    /* Owning the whole way down to the gap covers every node that the split changes. */
    rc = own_child(dir, NODE_NAME(child), child->c->name_len, &place);
    if (rc)
        return rc;
    if (*place)
        return -EEXIST;
    link_child(dir, child);
    dir_changed(dir, 1, child->c->writer);
    return 0;
}

/* The nodes whose pointers change when two treaps become one. */
static int own_spines(struct node *n)
{
    struct node **slot;

    for (slot = &n->left; *slot; slot = &(*slot)->right)
        if (!own(slot))
            return -ENOMEM;
    for (slot = &n->right; *slot; slot = &(*slot)->left)
        if (!own(slot))
            return -ENOMEM;
    return 0;
}

static void unlink_child(struct node **slot)
{
    struct node *a = (*slot)->left, *b = (*slot)->right;

    while (a && b) {
        if (a->priority >= b->priority) {
            *slot = a;
            slot = &a->right;
            a = a->right;
        } else {
            *slot = b;
            slot = &b->left;
            b = b->left;
        }
    }
    *slot = a ? a : b;
}

int tree_remove(struct node **root, const char *path, size_t len, uint16_t writer,
                struct node **ret_removed)
{
    struct node **slot, *dir, *n;
    int rc = own_path(root, path, len, &dir, &slot);

    if (rc)
        return rc;
    n = *slot;
    if (!n)
        return -ENOENT;
    if (!dir)
        return -EINVAL;
    rc = own_spines(n);
    if (rc)
        return rc;
    unlink_child(slot);
    dir_changed(dir, -1, writer);
    n->left = n->right = NULL;
    *ret_removed = n;
    return 0;
}

static int each(const struct node *n, int (*fn)(const struct node *, void *), void *arg)
{
    for (; n; n = n->right) {
        int rc = each(n->left, fn, arg);

        if (!rc)
            rc = fn(n, arg);
        if (rc)
            return rc;
    }
    return 0;
}

int tree_each_child(const struct node *dir, int (*fn)(const struct node *child, void *arg),
                    void *arg)
{
    return each(dir->kids, fn, arg);
}

struct walk {
    char *path;
    size_t len;
    tree_walk_fn *fn;
    void *arg;
};

/* Its own recursion is bounded by the longest path. */
static int walk_child(const struct node *n, void *arg)
{
    struct walk *up = arg, w = *up;
    int rc;

    if (w.len > 1)
        w.path[w.len++] = '/';
    memcpy(w.path + w.len, NODE_NAME(n), n->c->name_len);
    w.len += n->c->name_len;
    rc = w.fn(n, w.path, w.len, w.arg);
    if (!rc)
        rc = each(n->kids, walk_child, &w);
    return rc == 1 ? 0 : rc;
}

int tree_walk(const struct node *n, char *path, size_t len, tree_walk_fn *fn, void *arg)
{
    struct walk w = {path, len, fn, arg};
    int rc = fn(n, path, len, arg);

    if (!rc)
        rc = each(n->kids, walk_child, &w);
    return rc == 1 ? 0 : rc;
}

static int add_name_bytes(const struct node *n, void *arg)
{
    *(size_t *)arg += n->c->name_len + 1;
    return 0;
}

size_t tree_list_bytes(const struct node *dir)
{
    size_t bytes = 0;

    each(dir->kids, add_name_bytes, &bytes);
    return bytes;
}

struct list_part {
    size_t skip, used, size;
    char *buf;
};

static int add_name(const struct node *n, void *arg)
{
    struct list_part *l = arg;
    size_t bytes = n->c->name_len + 1;

    if (l->skip) {
        l->skip = l->skip > bytes ? l->skip - bytes : 0;
        return 0;
    }
    if (l->used + bytes > l->size)
        return 1;
    memcpy(l->buf + l->used, NODE_NAME(n), n->c->name_len);
    l->buf[l->used + bytes - 1] = '\0';
    l->used += bytes;
    return 0;
}

size_t tree_list(const struct node *dir, size_t offset, char *buf, size_t size, bool *ret_end)
{
    struct list_part l = {offset, 0, size, buf};

    *ret_end = each(dir->kids, add_name, &l) == 0;
    return l.used;
}

/* tree_check(): one directory's treap, counting its elements. */
static const char *check_treap(const struct node *n, const struct node *parent, uint32_t *count)
{
    const char *wrong = NULL;

    if (!n)
        return NULL;
    if (!n->refs || !n->c || !n->c->refs || !n->c->perms->nr)
        return "a node without references or contents";
    if (parent && n->priority > parent->priority)
        return "priorities out of order";
    if (n->left && name_compare(NODE_NAME(n->left), n->left->c->name_len, n) >= 0)
        return "names out of order on the left";
    if (n->right && name_compare(NODE_NAME(n->right), n->right->c->name_len, n) <= 0)
        return "names out of order on the right";
    ++*count;
    wrong = check_treap(n->left, n, count);
    if (!wrong)
        wrong = check_treap(n->right, n, count);
    return wrong ? wrong : tree_check(n);
}

const char *tree_check(const struct node *dir)
{
    uint32_t count = 0;
    const char *wrong = check_treap(dir->kids, NULL, &count);

    if (!wrong && count != dir->nr_kids)
        wrong = "a directory with a wrong number of children";
    return wrong;
}
