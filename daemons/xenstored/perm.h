/* SPDX-License-Identifier: MIT */
/* perm.h - who may do what with a node. */
#ifndef XENSTORED_PERM_H
#define XENSTORED_PERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PERM_R     1U
#define PERM_W     2U
#define PERM_RW    (PERM_R | PERM_W)
#define PERM_OWNER 4U /* may change the permissions */

#define DOMID_NONE 0xffffU

/* On whose behalf a request is carried out. */
struct subject {
    uint16_t domid;
    uint16_t target; /* a domain whose rights this one has too, or DOMID_NONE */
    bool privileged; /* Domain 0 and whoever reaches our socket */
};

struct perm {
    uint16_t domid;
    uint8_t rights; /* PERM_R, PERM_W */
};

/* Never changed once made, so thousands of nodes share one. Entry 0 is the owner, its rights are
 * those of every domain without an entry. */
struct perms {
    uint32_t refs;
    uint32_t mark; /* number in a state file while one is written, else 0 */
    uint16_t nr;   /* at least 1 */
    struct perm entry[];
};

/* A new list with one reference, or NULL without memory. */
struct perms *perms_new(const struct perm *entries, unsigned int nr);
struct perms *perms_get(struct perms *p);
void perms_put(struct perms *p); /* NULL is fine */
bool perms_equal(const struct perms *a, const struct perms *b);

/* What `who` may do with a node that has these permissions: PERM_* bits. */
unsigned int perms_rights(const struct perms *p, const struct subject *who);

/* Permissions of a node that `who` creates below one with `parent`: one new reference, or NULL. */
struct perms *perms_inherit(struct perms *parent, const struct subject *who);

/* The list without a domain that is gone: Domain 0 becomes owner in its place. NULL: no memory. */
struct perms *perms_without(const struct perms *p, uint16_t gone);
bool perms_mention(const struct perms *p, uint16_t domid);

/* Reads "n0\0r5\0": -EINVAL when malformed, -ENOSPC above `max` entries, -ENOMEM. */
int perms_parse(const char *text, size_t len, unsigned int max, struct perms **ret_perms);

/* Writes the same form; returns the bytes, or -E2BIG when `size` is too little. */
int perms_format(const struct perms *p, char *buf, size_t size);

#endif /* XENSTORED_PERM_H */
