/* SPDX-License-Identifier: MIT */
/* resource.c - the keys ioports and iomem: parts of the host that a domain may use. */
#include "read.h"
#include <inttypes.h>

#define MAX_PORT  0xffff
#define MAX_FRAME ((1LL << 40) - 1)

static int read_ports(xlight_messages *m, const struct xlight__place *at, struct xlight_ioports *p,
                      const char *text)
{
    char *copy = strdup(text), *last;
    int64_t from = 0, to;
    int rc;

    if (!copy)
        return -ENOMEM;
    last = strchr(copy, '-');
    if (last)
        *last++ = 0;
    rc = xlight__read_number(m, at, copy, 16, 0, MAX_PORT, &from);
    to = from;
    if (!rc && last)
        rc = xlight__read_number(m, at, last, 16, 0, MAX_PORT, &to);
    if (!rc && to < from)
        rc = xlight__error(m, at, "the range \"%s\" ends before it begins", text);
    free(copy);
    if (rc)
        return rc;
    p->first = (uint32_t)from;
    p->number = (uint32_t)(to - from + 1);
    return 0;
}

/* "START,NUMBER[@GFN]" */
static int read_frames(xlight_messages *m, const struct xlight__place *at, struct xlight_iomem *r,
                       const char *text)
{
    char *copy = strdup(text), *number, *gfn = NULL;
    int64_t start = 0, nr = 0, to = -1;
    int rc = 0;

    if (!copy)
        return -ENOMEM;
    number = strchr(copy, ',');
    if (number) {
        *number++ = 0;
        gfn = strchr(number, '@');
    }
    if (gfn)
        *gfn++ = 0;
    if (!number)
        rc = xlight__error(m, at, "\"%s\" is not START,NUMBER or START,NUMBER@GFN", text);
    if (!rc)
        rc = xlight__read_number(m, at, copy, 16, 0, MAX_FRAME, &start);
    if (!rc)
        rc = xlight__read_number(m, at, number, 16, 1, MAX_FRAME, &nr);
    if (!rc && gfn)
        rc = xlight__read_number(m, at, gfn, 16, 0, MAX_FRAME, &to);
    free(copy);
    if (rc)
        return rc;
    *r = (struct xlight_iomem){(uint64_t)start, (uint64_t)nr, (uint64_t)to};
    return 0;
}

static int each(struct reader *r, const struct cfg_setting *s, const char *json)
{
    const struct xlight_field *f = xlight__by_json(xlight_config_type(), json);
    int rc = xlight__need_list(r, s);

    for (unsigned int i = 0; !rc && i < s->value.nr; i++) {
        const char *text = xlight__need_text(r, s, &s->value.items[i]);
        struct xlight__place at = xlight__place_of(r, s, &s->value.items[i]);
        void *item = text ? xlight__append(r->c, f) : NULL;

        if (!item)
            rc = text ? -ENOMEM : -EINVAL;
        else if (f->type == &xlight__ioports_type)
            rc = read_ports(r->m, &at, item, text);
        else
            rc = read_frames(r->m, &at, item, text);
    }
    return rc;
}

int xlight__key_ioports(struct reader *r, const struct cfg_setting *s)
{
    return each(r, s, "b_info/ioports");
}

int xlight__key_iomem(struct reader *r, const struct cfg_setting *s)
{
    return each(r, s, "b_info/iomem");
}
