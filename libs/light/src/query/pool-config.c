/* SPDX-License-Identifier: MIT */
/* pool-config.c - what a pool of CPUs shall be, from an xlcpupool.cfg(5) file. */
#include <stdio.h>
#include "../config/settings.h"
#include "query.h"

int xlight_cpupool_config_parse(const char *file, const char *text, size_t len, xlight_messages *m,
                                struct xlight_cpupool_config **ret_c)
{
    const struct xlight_type *type = xlight_cpupool_config_type();
    struct xlight_cpupool_config *c = calloc(1, sizeof(*c));
    int rc;

    if (!c)
        return -ENOMEM;
    xlight_type_init(type, c);
    rc = xlight__read_settings(file, text, len, m, type, c);
    if (rc)
        xlight_cpupool_config_free(c);
    else
        *ret_c = c;
    return rc;
}

void xlight_cpupool_config_free(struct xlight_cpupool_config *c)
{
    xlight__list_free(xlight_cpupool_config_type(), c, 1);
}

/* Adds what text stands for; of whole nodes only what is free. */
static int add(xlight_handle *h, const char *text, const struct xlight_bits *free_cpus, bool node,
               struct xlight_bits *set)
{
    struct xlight_bits more = {NULL, 0, NULL};
    int rc = xlight_host_parse_cpus(h, text, &more);

    for (uint32_t i = 0; !rc && i < more.nr; i++) {
        if (!xlight__bit(&more, i) || (node && !xlight__bit(free_cpus, i)))
            continue;
        if (!xlight__bit(free_cpus, i))
            rc = xlight__fail(h, -EBUSY, XLIGHT_NO_DOMAIN, "CPU %u is not free", i);
        else
            rc = xlight__set_bit(set, i, true);
    }
    xlight_bits_clear(&more);
    return rc;
}

static int add_node(xlight_handle *h, const char *node, const struct xlight_bits *free_cpus,
                    struct xlight_bits *set)
{
    char text[48];

    if ((size_t)snprintf(text, sizeof(text), "node:%s", node) >= sizeof(text))
        return xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN, "\"%s\" is not a node", node);
    return add(h, text, free_cpus, true, set);
}

static bool is_empty(const struct xlight_bits *b)
{
    for (uint32_t i = 0; i < b->nr; i++)
        if (xlight__bit(b, i))
            return false;
    return true;
}

int xlight_cpupool_config_cpus(xlight_handle *h, const struct xlight_cpupool_config *c,
                               struct xlight_bits *ret_cpus)
{
    struct xlight_bits free_cpus = {NULL, 0, NULL}, set = {NULL, 0, NULL};
    unsigned int nr;
    int rc = xlight__count_cpus(h, &nr);

    rc = rc ? rc : xlight__bits_alloc(h, nr, &free_cpus);
    rc = rc ? rc : xlight__bits_alloc(h, nr, &set);
    if (!rc && (rc = xctl_cpupool_free_cpus(h->ctrl, free_cpus.bytes, nr)))
        xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot see which CPUs are free");
    for (unsigned int i = 0; !rc && i < c->nr_nodes; i++)
        rc = add_node(h, c->nodes[i], &free_cpus, &set);
    if (!rc && c->nr_nodes && is_empty(&set))
        rc = xlight__fail(h, -ENODEV, XLIGHT_NO_DOMAIN, "no CPU of these nodes is free");
    /* Nodes win over CPUs, as with Xen's tool. */
    for (unsigned int i = 0; !rc && !c->nr_nodes && i < c->nr_cpus; i++)
        rc = add(h, c->cpus[i], &free_cpus, false, &set);
    xlight_bits_clear(&free_cpus);
    if (rc)
        xlight_bits_clear(&set);
    else
        *ret_cpus = set;
    return rc;
}
