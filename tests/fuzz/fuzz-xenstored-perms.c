/* SPDX-License-Identifier: MIT */
/*
 * fuzz-xenstored-perms.c - any permission lists and any subjects: what is allowed agrees with the
 * rules as the protocol words them, whoever inherits owns, and a domain that is gone is mentioned
 * nowhere. Then the same lists on nodes of the store: guests get what the rules say.
 */
#include "fuzz-xenstored.h"

#define NR_DOMAINS 8 /* few, so that they meet */

/* One byte: a domain and its rights. */
static struct perms *list(const uint8_t *data, size_t len)
{
    struct perm entries[8];
    unsigned int nr = 0;

    for (; nr < 8 && nr < len; nr++)
        entries[nr] = (struct perm){data[nr] % NR_DOMAINS, data[nr] >> 6};
    return perms_new(entries, nr);
}

/* As xenstore.txt has it: the first entry that names you, else the first of all; owners and Domain
 * 0 may do everything, and whoever acts for a target may do what that may. */
static unsigned int expected(const struct perms *p, const struct subject *who)
{
    uint16_t me[2] = {who->domid, who->target};

    if (who->privileged)
        return PERM_RW | PERM_OWNER;
    for (unsigned int k = 0; k < 2; k++)
        if (me[k] != DOMID_NONE && p->entry[0].domid == me[k])
            return PERM_RW | PERM_OWNER;
    for (unsigned int i = 1; i < p->nr; i++)
        for (unsigned int k = 0; k < 2; k++)
            if (me[k] != DOMID_NONE && p->entry[i].domid == me[k])
                return p->entry[i].rights;
    return p->entry[0].rights;
}

static void derive(struct perms *p, const struct subject *who)
{
    struct perms *q = perms_inherit(p, who);

    must(who->privileged ? perms_equal(p, q) : q->entry[0].domid == who->domid);
    must(q->nr == p->nr && q->entry[0].rights == p->entry[0].rights);
    must(perms_rights(q, who) == (PERM_RW | PERM_OWNER));
    perms_put(q);
    for (uint16_t gone = 1; gone < NR_DOMAINS; gone++) {
        struct subject heir = {gone, DOMID_NONE, false};

        q = perms_without(p, gone);
        must(!perms_mention(q, gone) && q->nr >= 1 && q->nr <= p->nr);
        must(perms_rights(q, &heir) == q->entry[0].rights);
        /* An owner that is gone leaves nothing open to all. */
        must(p->entry[0].domid != gone || !q->entry[0].rights);
        perms_put(q);
    }
}

/* A node with this list, used by a guest. */
static void use_node(struct perms *p, const struct subject *who)
{
    static const struct subject self = {.target = DOMID_NONE, .privileged = true};
    struct op set = {.kind = OP_SET_PERMS, .path = "/n", .path_len = 2, .perms = p};
    struct op make = {.kind = OP_WRITE, .path = "/n", .path_len = 2, .data = "v", .data_len = 1};
    unsigned int rights = expected(p, who);

    must(!op_run(&store, &self, &make) && !op_run(&store, &self, &set));
    op_clear(&make);
    op_clear(&set);
    for (enum op_kind kind = OP_READ; kind < OP_NR; kind++) {
        struct op op = {.kind = kind, .path = "/n", .path_len = 2, .perms = p};
        unsigned int need = kind == OP_SET_PERMS ? PERM_W | PERM_OWNER
                            : op_writes(kind)    ? PERM_W
                                                 : PERM_R;
        int rc = op_run(&store, who, &op);

        must((rc == -EACCES) == ((rights & need) != need));
        must(rc == -EACCES || !rc);
        op_clear(&op);
        if (kind == OP_RM && !rc) { /* for the next one */
            must(!op_run(&store, &self, &make) && !op_run(&store, &self, &set));
            op_clear(&make);
            op_clear(&set);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct subject who;
    struct perms *p;

    if (len < 3)
        return 0;
    who = (struct subject){data[0] % NR_DOMAINS, data[1] % NR_DOMAINS, data[0] >= 240};
    if (data[1] >= 128 || who.target == who.domid)
        who.target = DOMID_NONE;
    p = list(data + 2, len - 2);
    must(perms_rights(p, &who) == expected(p, &who));
    derive(p, &who);
    if (!store.root)
        must(!watch_init() && !store_init());
    use_node(p, &who);
    perms_put(p);
    return 0;
}
