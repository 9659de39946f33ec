/* SPDX-License-Identifier: MIT */
/*
 * pool.c - pools of CPUs. The hypervisor knows them by numbers; their names are in the store, at
 * /local/pool/N/name, beside a UUID that Xen's toolstack writes.
 */
#include <stdio.h>
#include <sys/random.h>
#include "query.h"

static const char *name_path(char buf[XSTORE_PATH_SIZE], uint32_t id)
{
    return xstore_path(buf, "/local/pool/%u/name", id);
}
#define NAME_PATH(id) name_path((char[XSTORE_PATH_SIZE]){0}, id)

static int read_name(xlight_handle *h, uint32_t id, char **ret_name)
{
    int rc = h->store ? xstore_read(h->store, XBT_NULL, NAME_PATH(id), ret_name, NULL) : -ENOENT;

    return rc && rc != -ENOENT
               ? xlight__fail_store(h, rc, XLIGHT_NO_DOMAIN, "cannot see the name of pool %u", id)
               : 0;
}

static int fill(xlight_handle *h, const struct xctl_cpupool_info *info, uint8_t *cpus,
                unsigned int nr, struct xlight_cpupool *p)
{
    int rc;

    p->id = info->id;
    p->scheduler = (int)info->sched_id;
    p->domains = info->nr_domains;
    rc = xlight__bits_alloc(h, nr, &p->cpus);
    if (rc)
        return rc;
    memcpy(p->cpus.bytes, cpus, (nr + 7) / 8);
    return read_name(h, p->id, &p->name);
}

int xlight_cpupool_list(xlight_handle *h, struct xlight_cpupool **ret_list, unsigned int *ret_nr)
{
    struct xlight_cpupool *list = NULL, *p;
    struct xlight_bits cpus = {NULL, 0, NULL};
    struct xctl_cpupool_info info;
    unsigned int nr = 0, nr_cpus = 0;
    int rc = xlight__count_cpus(h, &nr_cpus);

    if (!rc)
        rc = xlight__bits_alloc(h, nr_cpus, &cpus);
    for (uint32_t id = 0; !rc; id = info.id + 1) {
        rc = xctl_cpupool_info(h->ctrl, id, &info, cpus.bytes, nr_cpus);
        if (rc == -ENOENT)
            break;
        if (rc)
            xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot list the pools of CPUs");
        p = rc ? NULL : xlight__list_append(h, xlight_cpupool_type(), &list, &nr);
        if (p)
            rc = fill(h, &info, cpus.bytes, nr_cpus, p);
        else if (!rc)
            rc = -ENOMEM;
    }
    xlight_bits_clear(&cpus);
    if (rc && rc != -ENOENT) {
        xlight_cpupool_list_free(list, nr);
        return rc;
    }
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

void xlight_cpupool_list_free(struct xlight_cpupool *list, unsigned int nr)
{
    xlight__list_free(xlight_cpupool_type(), list, nr);
}

/* By name, or by number when name is NULL. */
static int find(xlight_handle *h, const char *name, uint64_t number, uint32_t *ret_id)
{
    struct xlight_cpupool *list;
    unsigned int nr, i = 0;
    int rc = xlight_cpupool_list(h, &list, &nr);

    if (rc)
        return rc;
    while (i < nr && (name ? !list[i].name || strcmp(list[i].name, name) : list[i].id != number))
        i++;
    if (i < nr)
        *ret_id = list[i].id;
    else
        rc = -ENOENT;
    xlight_cpupool_list_free(list, nr);
    return rc;
}

int xlight_cpupool_find(xlight_handle *h, const char *word, uint32_t *ret_id)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    bool is_name = *word < '0' || *word > '9' || *end;
    int rc = find(h, is_name ? word : NULL, number, ret_id);

    return rc == -ENOENT ? xlight__fail(h, rc, XLIGHT_NO_DOMAIN, "there is no pool \"%s\"", word)
                         : rc;
}

static int check_name(xlight_handle *h, const char *name)
{
    uint32_t id;
    int rc = *name ? find(h, name, 0, &id)
                   : xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN, "a pool needs a name");

    if (!rc)
        return xlight__fail(h, -EEXIST, XLIGHT_NO_DOMAIN, "pool %u is called \"%s\" already", id,
                            name);
    return rc == -ENOENT ? 0 : rc;
}

struct names {
    uint32_t id;
    const char *name;
};

static int write_names(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    const struct names *n = arg;
    uint8_t uuid[16];
    int rc;

    if (getrandom(uuid, sizeof(uuid), 0) != sizeof(uuid))
        return -EIO;
    uuid[6] = (uuid[6] & 0x0f) | 0x40; /* a random one */
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
    rc = xstore_write_uuid(xs, t, XSTORE_PATH("/local/pool/%u/uuid", n->id), uuid);
    return rc ? rc : xstore_write_string(xs, t, NAME_PATH(n->id), n->name);
}

/* Pools and CPUs as they were before; what fails now cannot be helped. */
static void undo_create(xlight_handle *h, uint32_t id, const struct xlight_bits *cpus,
                        unsigned int nr)
{
    int rc = 0;

    for (unsigned int i = 0; i < nr; i++)
        if (xlight__bit(cpus, i))
            rc = xctl_cpupool_remove_cpu(h->ctrl, id, i);
    rc = xctl_cpupool_destroy(h->ctrl, id);
    (void)rc;
}

int xlight_cpupool_create(xlight_handle *h, const char *name, int scheduler,
                          const struct xlight_bits *cpus, uint32_t *ret_id)
{
    struct names n = {.name = name};
    unsigned int sched = (unsigned int)scheduler, at = 0;
    int rc = xlight__need_store(h, XLIGHT_NO_DOMAIN, "make a pool of CPUs");

    rc = rc ? rc : check_name(h, name);
    if (rc)
        return rc;
    if (!sched)
        rc = xctl_sched_id(h->ctrl, &sched);
    if (!rc)
        rc = xctl_cpupool_create(h->ctrl, XCTL_CPUPOOL_ANY, sched, &n.id);
    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot make pool \"%s\"", name);
    while (!rc && at < cpus->nr) {
        rc = xlight__bit(cpus, at) ? xctl_cpupool_add_cpu(h->ctrl, n.id, at) : 0;
        at += !rc;
    }
    if (rc)
        xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot put CPU %u into pool \"%s\"", at, name);
    if (!rc && (rc = xstore_transaction(h->store, write_names, &n)))
        xlight__fail_store(h, rc, XLIGHT_NO_DOMAIN, "cannot write down pool \"%s\"", name);
    if (rc)
        undo_create(h, n.id, cpus, at);
    else
        *ret_id = n.id;
    return rc;
}

/* The CPUs and the number of domains of exactly this pool. */
static int look(xlight_handle *h, uint32_t id, struct xctl_cpupool_info *ret_info,
                struct xlight_bits *ret_cpus)
{
    struct xlight_bits b = {NULL, 0, NULL};
    unsigned int nr;
    int rc = xlight__count_cpus(h, &nr);

    if (!rc)
        rc = xlight__bits_alloc(h, nr, &b);
    if (rc)
        return rc;
    rc = xctl_cpupool_info(h->ctrl, id, ret_info, b.bytes, nr);
    if (!rc && ret_info->id == id) {
        *ret_cpus = b;
        return 0;
    }
    xlight_bits_clear(&b);
    if (rc && rc != -ENOENT)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot see pool %u", id);
    return xlight__fail(h, -ENOENT, XLIGHT_NO_DOMAIN, "there is no pool %u", id);
}

/* All or nothing: a pool that stays gets back the CPUs that it has lost. */
static int empty_and_destroy(xlight_handle *h, uint32_t id, const struct xlight_bits *cpus)
{
    unsigned int at = 0;
    int rc = 0;

    while (!rc && at < cpus->nr) {
        rc = xlight__bit(cpus, at) ? xctl_cpupool_remove_cpu(h->ctrl, id, at) : 0;
        at += !rc;
    }
    if (rc)
        xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot take CPU %u out of pool %u", at, id);
    else if ((rc = xctl_cpupool_destroy(h->ctrl, id)))
        xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot destroy pool %u", id);
    for (unsigned int i = 0; rc && i < at; i++)
        if (xlight__bit(cpus, i) && xctl_cpupool_add_cpu(h->ctrl, id, i))
            return xlight__wrap(h, rc, XLIGHT_NO_DOMAIN, "CPU %u is in no pool now", i);
    return rc;
}

int xlight_cpupool_destroy(xlight_handle *h, uint32_t id)
{
    struct xctl_cpupool_info info;
    struct xlight_bits cpus;
    int rc = look(h, id, &info, &cpus);

    if (rc)
        return rc;
    if (!id)
        rc = xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN, "pool 0 cannot be destroyed");
    else if (info.nr_domains)
        rc = xlight__fail(h, -EBUSY, XLIGHT_NO_DOMAIN, "pool %u has %u domains", id,
                          info.nr_domains);
    if (!rc)
        rc = empty_and_destroy(h, id, &cpus);
    xlight_bits_clear(&cpus);
    if (rc)
        return rc;
    rc = h->store ? xstore_rm(h->store, XBT_NULL, XSTORE_PATH("/local/pool/%u", id)) : 0;
    return rc ? xlight__fail_store(h, rc, XLIGHT_NO_DOMAIN, "cannot forget pool %u", id) : 0;
}

int xlight_cpupool_rename(xlight_handle *h, uint32_t id, const char *name)
{
    struct xctl_cpupool_info info;
    struct xlight_bits cpus;
    int rc = xlight__need_store(h, XLIGHT_NO_DOMAIN, "rename a pool of CPUs");

    rc = rc ? rc : look(h, id, &info, &cpus);
    if (rc)
        return rc;
    xlight_bits_clear(&cpus);
    rc = check_name(h, name);
    if (rc)
        return rc;
    rc = xstore_write_string(h->store, XBT_NULL, NAME_PATH(id), name);
    return rc ? xlight__fail_store(h, rc, XLIGHT_NO_DOMAIN, "cannot rename pool %u", id) : 0;
}

/* All are tried; what comes first is what is reported. */
static int change_cpus(xlight_handle *h, uint32_t id, const struct xlight_bits *cpus, bool add,
                       unsigned int *ret_done)
{
    unsigned int done = 0;
    int rc = 0;

    for (unsigned int i = 0; i < cpus->nr; i++) {
        int one;

        if (!xlight__bit(cpus, i))
            continue;
        one = add ? xctl_cpupool_add_cpu(h->ctrl, id, i) : xctl_cpupool_remove_cpu(h->ctrl, id, i);
        done += !one;
        if (one && !rc)
            rc = xlight__fail_ctrl(h, one, XLIGHT_NO_DOMAIN,
                                   add ? "cannot put CPU %u into pool %u"
                                       : "cannot take CPU %u out of pool %u",
                                   i, id);
    }
    if (ret_done)
        *ret_done = done;
    return rc;
}

int xlight_cpupool_add_cpus(xlight_handle *h, uint32_t id, const struct xlight_bits *cpus,
                            unsigned int *ret_done)
{
    return change_cpus(h, id, cpus, true, ret_done);
}

int xlight_cpupool_remove_cpus(xlight_handle *h, uint32_t id, const struct xlight_bits *cpus,
                               unsigned int *ret_done)
{
    return change_cpus(h, id, cpus, false, ret_done);
}

int xlight_cpupool_move(xlight_handle *h, uint32_t id, uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;
    int rc = xlight__domctl_info(h, domid, &info);

    if (rc)
        return rc;
    rc = xctl_cpupool_move_domain(h->ctrl, id, (domid_t)domid);
    return rc ? xlight__fail_ctrl(h, rc, domid, "cannot move domain %u to pool %u", domid, id) : 0;
}
