/* SPDX-License-Identifier: MIT */
/* cpus.c - sets of CPUs and vCPUs, and the keys that are made of them. */
#include "read.h"

#define MAX_CPUS 8192

/* "3" or "3-5" */
static int read_range(xlight_messages *m, const struct xlight__place *at, const char *text,
                      uint32_t limit, uint32_t *ret_first, uint32_t *ret_last)
{
    char *end;
    unsigned long first = strtoul(text, &end, 10), last = first;
    bool bad = end == text || *text < '0' || *text > '9';

    if (!bad && *end == '-') {
        const char *from = end + 1;

        last = strtoul(from, &end, 10);
        bad = end == from || *from < '0' || *from > '9';
    }
    if (bad || *end)
        return xlight__error(m, at, "\"%s\" is neither a number nor a range like 2-5", text);
    if (last < first)
        return xlight__error(m, at, "the range \"%s\" ends before it begins", text);
    if (last >= limit)
        return xlight__error(m, at, "numbers in \"%s\" must be below %u", text, limit);
    *ret_first = (uint32_t)first;
    *ret_last = (uint32_t)last;
    return 0;
}

static int read_cpus_item(xlight_messages *m, const struct xlight__place *at, struct xlight_bits *b,
                          const char *text, bool *on_host)
{
    const char *item = text;
    bool without = *item == '^', nodes = false;
    uint32_t first, last;
    int rc;

    item += without;
    if (!strncmp(item, "node:", 5) || !strncmp(item, "nodes:", 6)) {
        nodes = true;
        item = strchr(item, ':') + 1;
    }
    if (!strcmp(item, "all")) {
        *on_host = true;
        return without ? xlight__error(m, at, "\"%s\" leaves nothing; ^ takes numbers", text) : 0;
    }
    rc = read_range(m, at, item, nodes ? 64 : MAX_CPUS, &first, &last);
    *on_host |= nodes;
    for (uint32_t i = first; !rc && !nodes && i <= last; i++)
        rc = xlight__set_bit(b, i, !without);
    return rc;
}

int xlight__read_cpus(xlight_messages *m, const struct xlight__place *at, struct xlight_bits *b,
                      const char *text)
{
    char *copy = strdup(text), *next = copy, *item;
    bool on_host = false, any = false;
    int rc = copy ? 0 : -ENOMEM;

    while (!rc && (item = strsep(&next, ","))) {
        item += strspn(item, " \t");
        item[strcspn(item, " \t")] = 0;
        any |= *item != 0;
        if (*item)
            rc = read_cpus_item(m, at, b, item, &on_host);
    }
    free(copy);
    if (!rc && !any)
        rc = xlight__error(m, at, "the set of CPUs is empty");
    if (!rc && on_host) {
        free(b->bytes);
        b->bytes = NULL;
        b->nr = 0;
        rc = xlight__set_string(&b->text, text);
    }
    return rc;
}

int xlight__read_ranges(xlight_messages *m, const struct xlight__place *at, struct xlight_bits *b,
                        uint32_t limit, const char *text)
{
    char *copy = strdup(text), *next = copy, *item;
    uint32_t first, last;
    int rc = copy ? 0 : -ENOMEM;

    while (!rc && (item = strsep(&next, ","))) {
        rc = read_range(m, at, item + strspn(item, " \t"), limit, &first, &last);
        for (uint32_t i = first; !rc && i <= last; i++)
            rc = xlight__set_bit(b, i, true);
    }
    free(copy);
    return rc;
}

int xlight__key_vcpus(struct reader *r, const struct cfg_setting *s)
{
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    const char *text = xlight__need_text(r, s, &s->value);
    int64_t nr = 0;
    int rc = text ? xlight__read_number(r->m, &at, text, 0, 1, MAX_CPUS, &nr) : -EINVAL;

    for (uint32_t i = 0; !rc && i < nr; i++)
        rc = xlight__set_bit(&r->c->avail_vcpus, i, true);
    return rc;
}

/* One text is for all vCPUs, the items of a list for one each. */
int xlight__key_cpus(struct reader *r, const struct cfg_setting *s)
{
    bool hard = !strcmp(s->key, "cpus");
    const struct xlight_field *f = xlight__by_json(
        xlight_config_type(), hard ? "b_info/vcpu_hard_affinity" : "b_info/vcpu_soft_affinity");
    unsigned int nr = r->c->max_vcpus > 0 ? (unsigned int)r->c->max_vcpus : 1;
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    int rc = 0;

    if (!s->value.atom && s->value.nr > nr)
        rc = xlight__warning(r->m, &at, "has %u items for %u vCPUs; the rest is ignored",
                             s->value.nr, nr);
    if (!s->value.atom && s->value.nr < nr)
        nr = s->value.nr;
    for (unsigned int i = 0; !rc && i < nr; i++) {
        const struct cfg_value *v = s->value.atom ? &s->value : &s->value.items[i];
        const char *text = xlight__need_text(r, s, v);
        struct xlight_bits *b = text ? xlight__append(r->c, f) : NULL;

        at = xlight__place_of(r, s, v);
        rc = !text ? -EINVAL : !b ? -ENOMEM : xlight__read_cpus(r->m, &at, b, text);
    }
    if (!rc && (!hard || !s->value.atom))
        r->c->numa_placement = XLIGHT_NO;
    return rc;
}
