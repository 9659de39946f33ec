/* SPDX-License-Identifier: MIT */
/* quota.h - what each domain holds, and what it may hold (quota.c). */
#ifndef XENSTORED_QUOTA_H
#define XENSTORED_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "perm.h"
#include "tree.h"

enum quota_id {
    QUOTA_NODES,
    QUOTA_WATCHES,
    QUOTA_TRANSACTIONS,
    QUOTA_OUTSTANDING,
    QUOTA_TXN_NODES,
    QUOTA_MEMORY,
    QUOTA_NODE_SIZE,
    QUOTA_PERMS,
    QUOTA_PATH,
    QUOTA_EVENTS,
    QUOTA_RATE,
    QUOTA_NR
};

/* A row of the table of quotas. */
struct quota {
    const char *name; /* as xenstore-control and -Q name it */
    const char *what;
    uint32_t value; /* 0: no limit */
    uint32_t soft;  /* logged when passed; 0: none */
};

extern struct quota quotas[QUOTA_NR];

/* Sets one by name: -ENOENT for an unknown one. */
int quota_set(const char *name, bool soft, uint32_t value);

/* True when `value` of this kind is more than `who` may have. */
bool quota_exceeded(enum quota_id id, const struct subject *who, uint64_t value);

/* What a domain is charged with. */
struct account {
    uint32_t nodes;    /* that it owns */
    uint32_t mentions; /* permission entries, in all nodes, that name it */
    int64_t bytes;     /* nodes, watches, transactions and messages not yet read */
    uint32_t max_nodes;
    bool warned;
};

extern struct account accounts[];

/* Called with a domain when the first permission entry names it; domain.c sets it. */
extern void (*quota_first_mention)(uint16_t domid);

/* The changes of a transaction, until its end. Zeroed: none. */
struct delta {
    struct delta_entry {
        uint16_t domid;
        int32_t nodes, mentions;
        int64_t bytes;
    } * entries;
    unsigned int nr, room;
    bool failed; /* an entry is missing for lack of memory: the transaction must not succeed */
};

/* A node with this content comes (sign 1) or goes (-1); d NULL: in the store itself. */
void account_node(struct delta *d, const struct content *c, int sign);
/* The same for every node from n down. */
void account_tree(struct delta *d, const struct node *n, int sign);
void account_apply(struct delta *d);
void account_clear(struct delta *d);
/* Memory other than nodes. */
void account_charge(const struct subject *who, int64_t bytes);
/* Sets all accounts from the tree; charges are added afterwards. */
void account_recount(const struct node *root);

/* 0, -ENOSPC (nodes) or -ENOMEM (memory): may `who` own so many more nodes and bytes? */
int account_allows(const struct delta *d, const struct subject *who, uint32_t nodes, size_t bytes);

/* A bucket of tokens that fills at `rate` a second up to `depth`. Time in milliseconds. */
struct bucket {
    int64_t tokens; /* in thousandths */
    uint64_t filled;
};

/* Fills it up; milliseconds until it holds a token again, 0 when it does. */
unsigned int bucket_wait(struct bucket *b, uint32_t rate, uint32_t depth, uint64_t now);
void bucket_take(struct bucket *b);

#endif /* XENSTORED_QUOTA_H */
