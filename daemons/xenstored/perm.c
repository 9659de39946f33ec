/* SPDX-License-Identifier: MIT */
/* perm.c - permission lists: reading, writing, and what they allow. */
#include "perm.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"

struct perms *perms_new(const struct perm *entries, unsigned int nr)
{
    struct perms *p = malloc(sizeof(*p) + nr * sizeof(p->entry[0]));

    if (!p)
        return NULL;
    p->refs = 1;
    p->mark = 0;
    p->nr = nr;
    memcpy(p->entry, entries, nr * sizeof(p->entry[0]));
    return p;
}

struct perms *perms_get(struct perms *p)
{
    p->refs++;
    return p;
}

void perms_put(struct perms *p)
{
    if (p && --p->refs == 0)
        free(p);
}

bool perms_equal(const struct perms *a, const struct perms *b)
{
    if (a == b)
        return true;
    if (a->nr != b->nr)
        return false;
    for (unsigned int i = 0; i < a->nr; i++)
        if (a->entry[i].domid != b->entry[i].domid || a->entry[i].rights != b->entry[i].rights)
            return false;
    return true;
}

unsigned int perms_rights(const struct perms *p, const struct subject *who)
{
    uint16_t owner = p->entry[0].domid;

    if (who->privileged || owner == who->domid || (owner == who->target && owner != DOMID_NONE))
        return PERM_RW | PERM_OWNER;
    for (unsigned int i = 1; i < p->nr; i++) {
        uint16_t domid = p->entry[i].domid;

        if (domid == who->domid || (domid == who->target && domid != DOMID_NONE))
            return p->entry[i].rights;
    }
    return p->entry[0].rights;
}

struct perms *perms_inherit(struct perms *parent, const struct subject *who)
{
    struct perms *p;

    if (who->privileged || parent->entry[0].domid == who->domid)
        return perms_get(parent);
    p = perms_new(parent->entry, parent->nr);
    if (p)
        p->entry[0].domid = who->domid;
    return p;
}

bool perms_mention(const struct perms *p, uint16_t domid)
{
    for (unsigned int i = 0; i < p->nr; i++)
        if (p->entry[i].domid == domid)
            return true;
    return false;
}

struct perms *perms_without(const struct perms *p, uint16_t gone)
{
    struct perms *q = perms_new(p->entry, p->nr);
    unsigned int to = 1;

    if (!q)
        return NULL;
    if (q->entry[0].domid == gone)
        q->entry[0] = (struct perm){.domid = 0, .rights = 0};
    for (unsigned int i = 1; i < q->nr; i++)
        if (q->entry[i].domid != gone)
            q->entry[to++] = q->entry[i];
    q->nr = to;
    return q;
}

static int parse_one(const char *text, struct perm *ret_perm)
{
    static const char letters[] = "nrwb"; /* in the order of the PERM_* bits */
    const char *l = *text ? strchr(letters, *text) : NULL;
    uint32_t domid;

    /* 0x7ff0 and above name no domain. */
    if (!l || wire_number(text + 1, 0x7fef, &domid))
        return -EINVAL;
    *ret_perm = (struct perm){.domid = domid, .rights = l - letters};
    return 0;
}

int perms_parse(const char *text, size_t len, unsigned int max, struct perms **ret_perms)
{
    struct perm entries[XS_PERMS_MAX];
    const char *end = text + len;
    unsigned int nr = 0;
    struct perms *p;

    if (!len || end[-1] != '\0')
        return -EINVAL;
    for (; text < end; text += strlen(text) + 1) {
        struct perm one;

        if (parse_one(text, &one))
            return -EINVAL;
        if (nr == max || nr == XS_PERMS_MAX)
            return -ENOSPC;
        entries[nr++] = one;
    }
    p = perms_new(entries, nr);
    if (!p)
        return -ENOMEM;
    *ret_perms = p;
    return 0;
}

int perms_format(const struct perms *p, char *buf, size_t size)
{
    size_t used = 0;

    for (unsigned int i = 0; i < p->nr; i++) {
        int n = snprintf(buf + used, size - used, "%c%u", "nrwb"[p->entry[i].rights & PERM_RW],
                         p -> entry[i].domid);

        if (n < 0 || used + n + 1 > size)
            return -E2BIG;
        used += n + 1;
    }
    return used;
}
