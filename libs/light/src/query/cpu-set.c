/* SPDX-License-Identifier: MIT */
/* cpu-set.c - sets of the host's CPUs as users write them. */
#include "query.h"

struct parser {
    xlight_handle *h;
    const char *text; /* all of it */
    struct xlight_bits *set;
    struct xlight_host_cpu *cpus; /* read when a node is named first */
    unsigned int nr_cpus;
};

static int bad(struct parser *p, const char *item)
{
    return xlight__fail(p->h, -EINVAL, XLIGHT_NO_DOMAIN,
                        "\"%s\" in \"%s\" is not a set of CPUs like 0-3,^2 or node:1", item,
                        p->text);
}

static int put(struct parser *p, uint32_t cpu, bool on)
{
    if (cpu >= p->set->nr)
        return xlight__fail(p->h, -EINVAL, XLIGHT_NO_DOMAIN,
                            "there is no CPU %u: this host has 0 to %u", cpu, p->set->nr - 1);
    return xlight__set_bit(p->set, cpu, on);
}

static int put_node(struct parser *p, uint32_t node, bool on)
{
    bool found = false;
    int rc = p->cpus ? 0 : xlight_host_cpus(p->h, &p->cpus, &p->nr_cpus);

    for (unsigned int i = 0; !rc && i < p->nr_cpus; i++)
        if (p->cpus[i].node == node) {
            found = true;
            rc = put(p, p->cpus[i].cpu, on);
        }
    return rc || found
               ? rc
               : xlight__fail(p->h, -EINVAL, XLIGHT_NO_DOMAIN, "there is no CPU on node %u", node);
}

static bool read_number(const char **text, uint32_t *ret)
{
    unsigned long n;
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    n = strtoul(*text, &end, 10);
    *text = end;
    *ret = n > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)n;
    return true;
}

static int add_all(struct parser *p)
{
    int rc = 0;

    for (uint32_t i = 0; !rc && i < p->set->nr; i++)
        rc = xlight__set_bit(p->set, i, true);
    return rc;
}

static int parse_item(struct parser *p, const char *item)
{
    const char *at = item;
    bool on = *at != '^', nodes;
    uint32_t first, last;
    int rc = 0;

    at += !on;
    nodes = !strncmp(at, "node:", 5) || !strncmp(at, "nodes:", 6);
    if (nodes)
        at = strchr(at, ':') + 1;
    if (!strcmp(at, "all"))
        return on ? add_all(p) : bad(p, item);
    if (!strcmp(at, "none") && on && !nodes)
        return 0;
    if (!read_number(&at, &first))
        return bad(p, item);
    last = first;
    if (*at == '-' && (at++, !read_number(&at, &last)))
        return bad(p, item);
    if (*at || last < first)
        return bad(p, item);
    for (uint32_t i = first; !rc && i <= last; i++)
        rc = nodes ? put_node(p, i, on) : put(p, i, on);
    return rc;
}

int xlight_host_parse_cpus(xlight_handle *h, const char *text, struct xlight_bits *ret_cpus)
{
    struct xlight_bits set = {NULL, 0, NULL};
    struct parser p = {.h = h, .text = text, .set = &set};
    char *copy, *next, *item;
    unsigned int nr, items = 0;
    int rc = xlight__count_cpus(h, &nr);

    rc = rc ? rc : xlight__bits_alloc(h, nr, &set);
    if (rc)
        return rc;
    copy = next = strdup(text);
    if (!copy)
        rc = xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    while (!rc && (item = strsep(&next, ","))) {
        item += strspn(item, " \t");
        item[strcspn(item, " \t")] = 0;
        items += *item != 0;
        rc = *item ? parse_item(&p, item) : 0;
    }
    if (!rc && !items)
        rc = bad(&p, text);
    free(copy);
    free(p.cpus);
    if (rc)
        xlight_bits_clear(&set);
    else
        *ret_cpus = set;
    return rc;
}
