/* SPDX-License-Identifier: MIT */
/* pool-split.c - one pool of CPUs for each NUMA node. */
#include <stdio.h>
#include <unistd.h>
#include "query.h"

#define TRIES 10 /* seconds for domain 0 to give vCPUs up */

struct split {
    const struct xlight_host_cpu *cpus;
    unsigned int nr;
    struct xlight_bits set; /* CPUs of one node */
};

/* The CPUs of a node, except those of without; returns how many. */
static unsigned int pick(struct split *s, uint32_t node, const struct xlight_bits *without)
{
    unsigned int found = 0;

    memset(s->set.bytes, 0, (s->set.nr + 7) / 8);
    for (unsigned int i = 0; i < s->nr; i++) {
        uint32_t cpu = s->cpus[i].cpu;

        if (s->cpus[i].node != node || cpu >= s->set.nr || (without && xlight__bit(without, cpu)))
            continue;
        s->set.bytes[cpu / 8] |= (uint8_t)(1U << cpu % 8);
        found++;
    }
    return found;
}

/* Domain 0 keeps to as many vCPUs as there are CPUs. */
static int shrink_dom0(xlight_handle *h, unsigned int nr)
{
    struct xen_domctl_getdomaininfo info;
    int rc = xlight__domctl_info(h, 0, &info);

    if (rc || info.nr_online_vcpus <= nr)
        return rc;
    rc = xlight_vcpu_set(h, 0, nr);
    for (unsigned int i = 0; !rc && i < TRIES; i++) {
        rc = xlight__domctl_info(h, 0, &info);
        if (rc || info.nr_online_vcpus <= nr)
            return rc;
        sleep(1);
    }
    return rc ? rc
              : xlight__fail(h, -ETIMEDOUT, 0, "domain 0 still uses %u vCPUs",
                             info.nr_online_vcpus);
}

/* Pool 0 gets what its node has, then its name. Adding comes first: it must never be empty. */
static int keep_first(xlight_handle *h, struct split *s, uint32_t node,
                      const struct xlight_cpupool *pool)
{
    unsigned int nr = pick(s, node, NULL);
    char name[32];
    int rc = 0;

    if (pick(s, node, &pool->cpus))
        rc = xlight_cpupool_add_cpus(h, 0, &s->set, NULL);
    snprintf(name, sizeof(name), "Pool-node%u", node);
    if (!rc && (!pool->name || strcmp(pool->name, name)))
        rc = xlight_cpupool_rename(h, 0, name);
    return rc ? rc : shrink_dom0(h, nr);
}

static int make_other(xlight_handle *h, struct split *s, uint32_t node,
                      const struct xlight_cpupool *pool)
{
    char name[32];
    uint32_t id;
    int rc;

    /* Some may have been free before. */
    pick(s, node, NULL);
    for (unsigned int i = 0; i < s->set.nr; i++)
        if (!xlight__bit(&pool->cpus, i))
            s->set.bytes[i / 8] &= (uint8_t) ~(1U << i % 8);
    rc = xlight_cpupool_remove_cpus(h, 0, &s->set, NULL);
    if (rc)
        return rc;
    pick(s, node, NULL);
    snprintf(name, sizeof(name), "Pool-node%u", node);
    return xlight_cpupool_create(h, name, pool->scheduler, &s->set, &id);
}

/* Whether a node has come before in the list. */
static bool seen(const struct split *s, unsigned int i)
{
    for (unsigned int k = 0; k < i; k++)
        if (s->cpus[k].node == s->cpus[i].node)
            return true;
    return false;
}

static int split(xlight_handle *h, struct split *s, const struct xlight_cpupool *pools,
                 unsigned int nr)
{
    int rc;

    if (nr != 1)
        return xlight__fail(h, -EEXIST, XLIGHT_NO_DOMAIN, "there are %u pools of CPUs already", nr);
    rc = keep_first(h, s, s->cpus[0].node, &pools[0]);
    for (unsigned int i = 1; !rc && i < s->nr; i++)
        if (!seen(s, i))
            rc = make_other(h, s, s->cpus[i].node, &pools[0]);
    return rc;
}

int xlight_cpupool_split(xlight_handle *h)
{
    struct xlight_host_cpu *cpus = NULL;
    struct xlight_cpupool *pools = NULL;
    struct split s = {NULL, 0, {NULL, 0, NULL}};
    unsigned int nr_cpus = 0, nr_pools = 0;
    int rc = xlight__need_store(h, XLIGHT_NO_DOMAIN, "split the host into pools of CPUs");

    rc = rc ? rc : xlight_host_cpus(h, &cpus, &nr_cpus);
    rc = rc ? rc : xlight_cpupool_list(h, &pools, &nr_pools);
    rc = rc ? rc : xlight__bits_alloc(h, nr_pools ? pools[0].cpus.nr : 0, &s.set);
    if (!rc && nr_cpus) {
        s.cpus = cpus;
        s.nr = nr_cpus;
        rc = split(h, &s, pools, nr_pools);
    }
    xlight_host_cpus_free(cpus, nr_cpus);
    xlight_cpupool_list_free(pools, nr_pools);
    xlight_bits_clear(&s.set);
    return rc;
}
