/* SPDX-License-Identifier: MIT */
/* vnuma.c - the key vnuma: a list of nodes, each a list of texts "key=value". */
#include "read.h"

#define MAX_VCPUS 8192
#define MAX_NODES 64
#define MAX_MIB   1073741824

static int read_distances(struct reader *r, const struct xlight__place *at,
                          struct xlight_vnuma_node *n, unsigned int nr_nodes, const char *text)
{
    char *copy = strdup(text), *next = copy, *item;
    unsigned int i = 0;
    int64_t value = 0;
    int rc = copy ? 0 : -ENOMEM;

    while (!rc && (item = strsep(&next, ","))) {
        item += strspn(item, " \t");
        if (i == nr_nodes)
            rc = xlight__error(r->m, at, "there are more numbers than nodes (%u)", nr_nodes);
        else
            rc = xlight__read_number(r->m, at, item, 10, 0, UINT32_MAX, &value);
        if (!rc)
            n->distances[i++] = (uint32_t)value;
    }
    free(copy);
    return rc;
}

static int read_option(struct reader *r, struct xlight__place *at, struct xlight_vnuma_node *n,
                       unsigned int nr_nodes, const char *key, const char *value)
{
    int64_t number = 0;
    int rc;

    at->part = key;
    if (!strcmp(key, "pnode")) {
        rc = xlight__read_number(r->m, at, value, 10, 0, MAX_NODES - 1, &number);
        n->pnode = (uint32_t)number;
        r->c->numa_placement = XLIGHT_NO;
        return rc;
    }
    if (!strcmp(key, "size")) {
        rc = xlight__read_number(r->m, at, value, 10, 1, MAX_MIB, &number);
        n->memory_kb = (uint64_t)number * 1024;
        return rc;
    }
    if (!strcmp(key, "vcpus"))
        return xlight__read_ranges(r->m, at, &n->vcpus, MAX_VCPUS, value);
    if (!strcmp(key, "vdistances"))
        return read_distances(r, at, n, nr_nodes, value);
    at->part = NULL;
    return xlight__unknown_part(r->m, at, &xlight__vnuma_type, key);
}

static int read_text(struct reader *r, struct xlight__place *at, struct xlight_vnuma_node *n,
                     unsigned int nr_nodes, const char *text)
{
    char *copy = strdup(text), *key = copy, *value;
    int rc;

    if (!copy)
        return -ENOMEM;
    value = strchr(copy, '=');
    if (!value) {
        rc = xlight__error(r->m, at, "\"%s\" is not KEY=VALUE", text);
    } else {
        *value++ = 0;
        key += strspn(key, " \t");
        key[strcspn(key, " \t")] = 0;
        value += strspn(value, " \t");
        rc = read_option(r, at, n, nr_nodes, key, value);
    }
    free(copy);
    return rc;
}

static int read_node(struct reader *r, const struct cfg_setting *s, const struct cfg_value *v,
                     struct xlight_vnuma_node *n)
{
    struct xlight__place at = xlight__place_of(r, s, v);
    unsigned int nr = s->value.nr;
    int rc = 0;

    if (v->atom)
        return xlight__error(r->m, &at, "each node must be a list, as in [[\"size=512\"]]");
    n->distances = calloc(nr, sizeof(*n->distances));
    if (!n->distances)
        return -ENOMEM;
    n->nr_distances = nr;
    for (unsigned int i = 0; !rc && i < v->nr; i++) {
        const char *text = xlight__need_text(r, s, &v->items[i]);

        at = xlight__place_of(r, s, &v->items[i]);
        rc = text ? read_text(r, &at, n, nr, text) : -EINVAL;
    }
    at = xlight__place_of(r, s, v);
    if (!rc && n->memory_kb == XLIGHT_UNSET_KB)
        rc = xlight__error(r->m, &at, "size is missing");
    return rc;
}

static unsigned int count_bits(const struct xlight_bits *b)
{
    unsigned int n = 0;

    for (uint32_t i = 0; i < b->nr; i++)
        n += xlight__bit(b, i);
    return n;
}

/* What all nodes have together is what the domain has. */
static int sum_up(struct reader *r, const struct cfg_setting *s)
{
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    struct xlight_config *c = r->c;
    unsigned int vcpus = 0;
    uint64_t kb = 0;

    for (unsigned int i = 0; i < c->nr_vnuma; i++) {
        vcpus += count_bits(&c->vnuma[i].vcpus);
        kb += c->vnuma[i].memory_kb;
    }
    if (c->max_vcpus && vcpus != (unsigned int)c->max_vcpus)
        return xlight__error(r->m, &at, "the nodes have %u vCPUs, but maxvcpus is %d", vcpus,
                             c->max_vcpus);
    if (c->max_memory_kb != XLIGHT_UNSET_KB && c->max_memory_kb != kb)
        return xlight__error(r->m, &at, "the nodes have %llu MiB, but maxmem is %llu",
                             (unsigned long long)kb / 1024,
                             (unsigned long long)c->max_memory_kb / 1024);
    c->max_vcpus = (int)vcpus;
    c->max_memory_kb = kb;
    return 0;
}

int xlight__key_vnuma(struct reader *r, const struct cfg_setting *s)
{
    const struct xlight_field *f = xlight__by_json(xlight_config_type(), "b_info/vnuma_nodes");
    int rc = xlight__need_list(r, s);

    for (unsigned int i = 0; !rc && i < s->value.nr; i++) {
        struct xlight_vnuma_node *n = xlight__append(r->c, f);

        rc = n ? read_node(r, s, &s->value.items[i], n) : -ENOMEM;
    }
    return rc || !s->value.nr ? rc : sum_up(r, s);
}
