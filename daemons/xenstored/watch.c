/* SPDX-License-Identifier: MIT */
/*
 * watch.c - watches.
 *
 * A watch fires when its node changes, or any node below. All watches are in one hash table by
 * path. A change looks up its own path and each path above it, so its cost depends on how deep it
 * is and not on how many watches there are. When nodes are removed, those who watch exactly one of
 * them hear of it too.
 *
 * Nobody hears of a node that he could neither read nor see in its parent's list: the check is made
 * for each event, because permissions change, and for removed nodes with the permissions they had.
 */
#include "watch.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INITIAL_BUCKETS 1024

LIST_HEAD(watch_bucket, watch);

unsigned int nr_watches;

static struct watch_bucket *buckets;
static unsigned int nr_buckets; /* a power of two */

static struct {
    const char *name;
    struct perms *perms;
} specials[] = {{"@introduceDomain", NULL}, {"@releaseDomain", NULL}};

#define NR_SPECIALS (sizeof(specials) / sizeof(specials[0]))

/* FNV-1a; the hash of a path is on the way to the hash of all paths below it. */
#define HASH_START     2166136261U
#define HASH_ADD(h, c) (((h) ^ (unsigned char)(c)) * 16777619U)

static uint32_t hash_path(const char *path, size_t len)
{
    uint32_t h = HASH_START;

    for (size_t i = 0; i < len; i++)
        h = HASH_ADD(h, path[i]);
    return h;
}

static struct watch_bucket *bucket_of(uint32_t hash)
{
    /* The multiplication leaves the low bits weak. */
    return &buckets[(hash ^ hash >> 15) & (nr_buckets - 1)];
}

static void grow(void)
{
    unsigned int old_nr = nr_buckets;
    struct watch_bucket *old = buckets, *new = calloc(2 * nr_buckets, sizeof(*new));
    struct watch *w;

    if (!new)
        return; /* slower, that is all */
    buckets = new;
    nr_buckets *= 2;
    for (unsigned int i = 0; i < old_nr; i++)
        while ((w = LIST_FIRST(&old[i]))) {
            LIST_REMOVE(w, of_hash);
            LIST_INSERT_HEAD(bucket_of(w->hash), w, of_hash);
        }
    free(old);
}

static struct watch *find(struct conn *c, const struct path *path, const char *token)
{
    uint32_t hash = hash_path(path->s, path->len);
    struct watch *w;

    LIST_FOREACH(w, bucket_of(hash), of_hash)
    if (w->c == c && w->hash == hash && w->len == path->len && w->relative == path->relative &&
        !memcmp(w->path, path->s, path->len) && !strcmp(w->token, token))
        return w;
    return NULL;
}

static size_t watch_bytes(const struct watch *w)
{
    return sizeof(*w) + w->len + 1 + strlen(w->token) + 1;
}

int watch_add(struct conn *c, const struct path *path, const char *token, struct watch **ret_watch)
{
    size_t token_len = strlen(token), bytes = sizeof(struct watch) + path->len + token_len + 2;
    struct watch *w;
    int rc;

    if (find(c, path, token))
        return -EEXIST;
    if (quota_exceeded(QUOTA_WATCHES, &c->who, c->nr_watches + 1))
        return -E2BIG;
    rc = account_allows(NULL, &c->who, 0, bytes);
    if (rc)
        return rc;
    w = calloc(1, bytes);
    if (!w)
        return -ENOMEM;
    w->c = c;
    w->len = path->len;
    w->relative = path->relative;
    w->hash = hash_path(path->s, path->len);
    memcpy(w->path, path->s, path->len);
    w->token = memcpy(w->path + path->len + 1, token, token_len + 1);
    if (nr_watches > 2 * nr_buckets)
        grow();
    LIST_INSERT_HEAD(bucket_of(w->hash), w, of_hash);
    LIST_INSERT_HEAD(&c->watches, w, of_conn);
    c->nr_watches++;
    nr_watches++;
    account_charge(&c->who, bytes);
    *ret_watch = w;
    return 0;
}

static void drop(struct watch *w)
{
    struct conn *c = w->c;

    conn_drop_events(c, w);
    c->nr_overflows -= w->overflow;
    c->nr_watches--;
    nr_watches--;
    account_charge(&c->who, -(int64_t)watch_bytes(w));
    LIST_REMOVE(w, of_hash);
    LIST_REMOVE(w, of_conn);
    free(w);
}

int watch_remove(struct conn *c, const struct path *path, const char *token)
{
    struct watch *w = find(c, path, token);

    if (!w)
        return -ENOENT;
    drop(w);
    return 0;
}

void watch_remove_all(struct conn *c)
{
    struct watch *w;

    while ((w = LIST_FIRST(&c->watches)))
        drop(w);
}

void watch_event_now(struct watch *w)
{
    conn_event(w->c, w, w->path + w->relative, w->len - w->relative);
}

/* One change, and the permissions that decide who hears of it (found when first needed). */
struct firing {
    const char *path;
    size_t len;
    const struct perms *old;  /* before the change, or NULL */
    const struct perms *node; /* as it is now, or as it was removed */
    const struct perms *parent;
    bool known;
};

static void find_perms(struct firing *f)
{
    const struct node *closest, *n;
    size_t parent = f->len;

    while (parent > 1 && f->path[parent - 1] != '/')
        parent--;
    parent = parent > 2 ? parent - 1 : 1;
    if (!f->node) {
        n = tree_find(store.root, f->path, f->len, &closest, NULL);
        f->node = n ? n->c->perms : NULL;
    }
    n = tree_find(store.root, f->path, parent, &closest, NULL);
    f->parent = n ? n->c->perms : NULL;
    f->known = true;
}

static bool may_read(const struct perms *p, const struct subject *who)
{
    return p && (perms_rights(p, who) & PERM_R);
}

static bool may_hear(struct firing *f, const struct subject *who)
{
    if (who->privileged)
        return true;
    if (!f->known)
        find_perms(f);
    return may_read(f->node, who) || may_read(f->old, who) || may_read(f->parent, who);
}

/* Tells the watches whose path is the first `len` bytes of the one that changed. */
static void tell(struct firing *f, uint32_t hash, size_t len)
{
    struct watch *w;

    LIST_FOREACH(w, bucket_of(hash), of_hash)
    if (w->hash == hash && w->len == len && !memcmp(w->path, f->path, len) &&
        may_hear(f, &w->c->who))
        conn_event(w->c, w, f->path + w->relative, f->len - w->relative);
}

static void tell_all_above(struct firing *f)
{
    uint32_t h = HASH_ADD(HASH_START, '/');

    tell(f, h, 1);
    for (size_t i = 1; i < f->len; i++) {
        if (f->path[i] == '/')
            tell(f, h, i);
        h = HASH_ADD(h, f->path[i]);
    }
    if (f->len > 1)
        tell(f, h, f->len);
}

static int tell_removed(const struct node *n, const char *path, size_t len, void *arg)
{
    const struct firing *top = arg;
    struct firing f = {.path = path, .len = len, .node = n->c->perms, .known = true};

    if (len > top->len)
        tell(&f, hash_path(path, len), len);
    return 0;
}

void watch_fire(const struct op *op)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct firing f = {.path = op->path, .len = op->path_len, .old = op->old_perms};

    if (!nr_watches)
        return;
    if (op->removed)
        f.node = op->removed->c->perms;
    tell_all_above(&f);
    if (op->removed && op->removed->kids) {
        memcpy(path, op->path, op->path_len);
        tree_walk(op->removed, path, op->path_len, tell_removed, &f);
    }
}

struct perms **watch_special(const char *path, size_t len)
{
    for (size_t i = 0; i < NR_SPECIALS; i++)
        if (strlen(specials[i].name) == len && !memcmp(specials[i].name, path, len))
            return &specials[i].perms;
    return NULL;
}

void watch_fire_special(const char *name)
{
    size_t len = strlen(name);
    struct perms **perms = watch_special(name, len);
    struct firing f = {.path = name, .len = len, .node = perms ? *perms : NULL, .known = true};

    tell(&f, hash_path(name, len), len);
}

int watch_init(void)
{
    static const struct perm none = {.domid = 0, .rights = 0};

    buckets = calloc(INITIAL_BUCKETS, sizeof(*buckets));
    nr_buckets = INITIAL_BUCKETS;
    if (!buckets)
        return -ENOMEM;
    for (size_t i = 0; i < NR_SPECIALS; i++) {
        specials[i].perms = perms_new(&none, 1);
        if (!specials[i].perms)
            return -ENOMEM;
    }
    return 0;
}

void watch_fini(void)
{
    free(buckets);
    buckets = NULL;
    for (size_t i = 0; i < NR_SPECIALS; i++) {
        perms_put(specials[i].perms);
        specials[i].perms = NULL;
    }
}
