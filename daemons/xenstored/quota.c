/* SPDX-License-Identifier: MIT */
/*
 * quota.c - accounts and limits.
 *
 * Nodes are charged to the domain that owns them, whoever made them, all other memory to the domain
 * whose connection holds it. A transaction keeps its changes apart (struct delta) until it ends; a
 * limit counts what the store and the transaction hold together.
 *
 * Limits bind guests. Domain 0 and clients of the socket are charged too, but never refused.
 */
#include "quota.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "log.h"
#include "wire.h"

struct quota quotas[QUOTA_NR] = {
    [QUOTA_NODES] = {"nodes", "nodes owned by a domain", 1000, 0},
    [QUOTA_WATCHES] = {"watches", "watches of a connection", 128, 0},
    [QUOTA_TRANSACTIONS] = {"transactions", "transactions a connection has open", 10, 0},
    [QUOTA_OUTSTANDING] = {"outstanding",
                           "accepted, without use: nobody is served ahead of his answers", 20, 0},
    [QUOTA_TXN_NODES] = {"transaction-nodes", "requests within a transaction", 1024, 0},
    [QUOTA_MEMORY] = {"memory", "bytes held for a domain", 2560 << 10, 2048 << 10},
    [QUOTA_NODE_SIZE] = {"node-size", "bytes of a node's value and permissions", 2048, 0},
    [QUOTA_PERMS] = {"permissions", "permission entries of a node", 5, 0},
    [QUOTA_PATH] = {"path-max", "bytes of a path below /local/domain/N/", 2048, 0},
    [QUOTA_EVENTS] = {"events", "events waiting for a connection, before they are merged", 1024, 0},
    [QUOTA_RATE] = {"rate", "requests a second of a guest", 0, 0},
};

#define BUCKET_DEBT 5000

struct account accounts[DOMID_FIRST_RESERVED];

void (*quota_first_mention)(uint16_t domid);

int quota_set(const char *name, bool soft, uint32_t value)
{
    for (unsigned int i = 0; i < QUOTA_NR; i++) {
        if (strcmp(quotas[i].name, name))
            continue;
        *(soft ? &quotas[i].soft : &quotas[i].value) = value;
        return 0;
    }
    return -ENOENT;
}

bool quota_exceeded(enum quota_id id, const struct subject *who, uint64_t value)
{
    return !who->privileged && quotas[id].value && value > quotas[id].value;
}

/* Entries are sorted, for there may be one of each domain. This one's place, or where it belongs.
 */
static unsigned int entry_place(const struct delta *d, uint16_t domid)
{
    unsigned int from = 0, to = d->nr;

    while (from < to) {
        unsigned int middle = (from + to) / 2;

        if (d->entries[middle].domid < domid)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct delta_entry *find_entry(const struct delta *d, uint16_t domid)
{
    unsigned int i = entry_place(d, domid);

    return i < d->nr && d->entries[i].domid == domid ? &d->entries[i] : NULL;
}

static struct delta_entry *get_entry(struct delta *d, uint16_t domid)
{
    unsigned int i = entry_place(d, domid);
    struct delta_entry *e;

    if (i < d->nr && d->entries[i].domid == domid)
        return &d->entries[i];
    if (d->nr == d->room) {
        unsigned int room = d->room ? 2 * d->room : 4;

        e = realloc(d->entries, room * sizeof(*e));
        if (!e) {
            d->failed = true;
            return NULL;
        }
        d->entries = e;
        d->room = room;
    }
    e = &d->entries[i];
    memmove(e + 1, e, (d->nr++ - i) * sizeof(*e));
    *e = (struct delta_entry){.domid = domid};
    return e;
}

static void change(uint16_t domid, int32_t nodes, int32_t mentions, int64_t bytes)
{
    struct account *a = &accounts[domid];
    bool first = !a->mentions && mentions > 0;

    a->nodes += nodes;
    a->mentions += mentions;
    a->bytes += bytes;
    if (a->nodes > a->max_nodes)
        a->max_nodes = a->nodes;
    if (first && quota_first_mention)
        quota_first_mention(domid);
}

static void add(struct delta *d, uint16_t domid, int32_t nodes, int32_t mentions, int64_t bytes)
{
    struct delta_entry *e;

    if (!d) {
        change(domid, nodes, mentions, bytes);
        return;
    }
    e = get_entry(d, domid);
    if (e) {
        e->nodes += nodes;
        e->mentions += mentions;
        e->bytes += bytes;
    }
}

void account_node(struct delta *d, const struct content *c, int sign)
{
    int64_t bytes = (int64_t)sign * (int64_t)(content_bytes(c) + sizeof(struct node));
    const struct perms *p = c->perms;

    add(d, p->entry[0].domid, sign, sign, bytes);
    for (unsigned int i = 1; i < p->nr; i++)
        add(d, p->entry[i].domid, 0, sign, 0);
}

struct tree_account {
    struct delta *d;
    int sign;
};

static int account_child(const struct node *n, void *arg)
{
    const struct tree_account *t = arg;

    account_node(t->d, n->c, t->sign);
    return tree_each_child(n, account_child, arg);
}

void account_tree(struct delta *d, const struct node *n, int sign)
{
    struct tree_account t = {d, sign};

    account_child(n, &t);
}

void account_apply(struct delta *d)
{
    for (unsigned int i = 0; i < d->nr; i++)
        change(d->entries[i].domid, d->entries[i].nodes, d->entries[i].mentions,
               d->entries[i].bytes);
    account_clear(d);
}

void account_clear(struct delta *d)
{
    free(d->entries);
    *d = (struct delta){0};
}

void account_charge(const struct subject *who, int64_t bytes)
{
    accounts[who->domid].bytes += bytes;
}

void account_recount(const struct node *root)
{
    memset(accounts, 0, sizeof(accounts));
    account_tree(NULL, root, 1);
}

static void warn_soft(struct account *a, uint16_t domid)
{
    uint32_t soft = quotas[QUOTA_MEMORY].soft;
    bool above = soft && a->bytes > soft;

    if (above && !a->warned)
        log_warn("domain %u holds %lld bytes, above the soft quota of %u", domid,
                 (long long)a->bytes, soft);
    a->warned = above;
}

int account_allows(const struct delta *d, const struct subject *who, uint32_t nodes, size_t bytes)
{
    struct account *a = &accounts[who->domid];
    const struct delta_entry *e = d ? find_entry(d, who->domid) : NULL;

    if (who->privileged)
        return 0;
    warn_soft(a, who->domid);
    if (nodes && quota_exceeded(QUOTA_NODES, who, (uint64_t)a->nodes + nodes + (e ? e->nodes : 0)))
        return -ENOSPC;
    if (a->bytes + (int64_t)bytes + (e ? e->bytes : 0) > 0 &&
        quota_exceeded(QUOTA_MEMORY, who, a->bytes + bytes + (e ? e->bytes : 0)))
        return -ENOMEM;
    return 0;
}

unsigned int bucket_wait(struct bucket *b, uint32_t rate, uint32_t depth, uint64_t now)
{
    uint64_t elapsed = now - b->filled;
    int64_t full = (int64_t)depth * 1000;

    if (!rate)
        return 0;
    /* After ten seconds any bucket is full, and the product below stays small. */
    b->tokens = elapsed > 10000 ? full : b->tokens + (int64_t)elapsed * rate;
    b->filled = now;
    if (b->tokens > full)
        b->tokens = full;
    return b->tokens >= 1000 ? 0 : (1000 - b->tokens + rate - 1) / rate;
}

void bucket_take(struct bucket *b)
{
    /* A debt is forgiven in a moment, however many there are to complain at once. */
    if (b->tokens > -BUCKET_DEBT)
        b->tokens -= 1000;
}
