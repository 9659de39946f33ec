/* SPDX-License-Identifier: MIT */
/* watch.h - watches: who wants to hear of which changes (watch.c). */
#ifndef XENSTORED_WATCH_H
#define XENSTORED_WATCH_H

#include <sys/queue.h>
#include "conn.h"
#include "store.h"
#include "wire.h"

struct watch {
    LIST_ENTRY(watch) of_hash;
    LIST_ENTRY(watch) of_conn;
    struct conn *c;
    uint32_t hash;
    uint32_t mark;     /* number in a state file while one is written */
    uint16_t len;      /* bytes of path */
    uint16_t relative; /* bytes of path that its client does not see */
    bool overflow;     /* its events were merged (conn.c) */
    const char *token; /* behind the path */
    char path[];       /* NUL-terminated */
};

extern unsigned int nr_watches;

/* 0, -EEXIST, -E2BIG (quota), -ENOMEM. The caller sends the first event. */
int watch_add(struct conn *c, const struct path *path, const char *token, struct watch **ret_watch);
int watch_remove(struct conn *c, const struct path *path, const char *token); /* or -ENOENT */
void watch_remove_all(struct conn *c);
void watch_event_now(struct watch *w);

/* After a change of the store: tells all who may know. */
void watch_fire(const struct op *op);
/* "@introduceDomain", "@releaseDomain". */
void watch_fire_special(const char *name);

/* Where the permissions of a special path are kept; NULL for any other path. */
struct perms **watch_special(const char *path, size_t len);
int watch_init(void);
void watch_fini(void);

#endif /* XENSTORED_WATCH_H */
