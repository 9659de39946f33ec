/* SPDX-License-Identifier: MIT */
/*
 * memory.c - how much memory a domain shall have, and can have.
 *
 * The domain reads its target from /local/domain/N/memory/target and follows it; the hypervisor
 * keeps it from having more. static-max beside it says what it can ever have. Domain 0, which no
 * toolstack made, gets both nodes when they are changed first.
 */
#include "query.h"

#define EXTRA_KB 1024U /* what Xen's toolstack lets domains have beyond their target */

struct change {
    xlight_handle *h;
    const struct xen_domctl_getdomaininfo *info;
    bool maximum; /* what changes; else the target */
    uint64_t kb;
    struct xlight_memory now;
    uint64_t videoram;
};

static const char *node(char buf[XSTORE_PATH_SIZE], domid_t domid, const char *name)
{
    return xstore_path(buf, "/local/domain/%u/memory/%s", domid, name);
}
#define NODE(domid, name) node((char[XSTORE_PATH_SIZE]){0}, domid, name)

/* *ret is left alone when there is no such node and the domain is domain 0. */
static int read_kb(xstore_handle *xs, xs_transaction_t t, domid_t domid, const char *name,
                   uint64_t *ret)
{
    int rc = xstore_read_u64(xs, t, NODE(domid, name), ret);

    return rc == -ENOENT && !domid ? 0 : rc;
}

static int read_memory(xstore_handle *xs, xs_transaction_t t,
                       const struct xen_domctl_getdomaininfo *info, struct xlight_memory *ret)
{
    const uint64_t kb = XCTL_PAGE_SIZE / 1024;
    struct xlight_memory m = {info->tot_pages * kb, info->max_pages * kb};
    int rc = read_kb(xs, t, info->domain, "target", &m.target_kb);

    rc = rc ? rc : read_kb(xs, t, info->domain, "static-max", &m.maximum_kb);
    if (!rc)
        *ret = m;
    return rc;
}

int xlight_memory_get(xlight_handle *h, uint32_t domid, struct xlight_memory *ret_memory)
{
    struct xen_domctl_getdomaininfo info;
    int rc = xlight__need_store(h, domid, "see how much memory a domain shall have");

    rc = rc ? rc : xlight__domctl_info(h, domid, &info);
    if (rc)
        return rc;
    rc = read_memory(h->store, XBT_NULL, &info, ret_memory);
    return rc ? xlight__fail_store(h, rc, domid, "cannot see how much memory domain %u shall have",
                                   domid)
              : 0;
}

/* -ERANGE when both numbers would not go together. */
static int check(const struct change *c)
{
    if (c->maximum)
        return c->kb < c->now.target_kb ? -ERANGE : 0;
    if (!c->info->domain && c->kb < XLIGHT_MIN_DOM0_KB)
        return -ERANGE;
    return c->kb < c->videoram || c->kb - c->videoram > c->now.maximum_kb ? -ERANGE : 0;
}

static int write_target(xstore_handle *xs, xs_transaction_t t, const struct change *c)
{
    uint64_t target = c->kb - c->videoram;
    char uuid[37];
    int rc = xstore_write_u64(xs, t, NODE(c->info->domain, "target"), target);

    if (rc)
        return rc;
    if (!c->info->domain) {
        rc = xstore_write_u64(xs, t, NODE(0, "static-max"), c->now.maximum_kb);
        if (rc)
            return rc;
    }
    xlight__format_uuid(c->info->handle, uuid);
    return xstore_write_u64(xs, t, XSTORE_PATH("/vm/%s/memory", uuid), target / 1024);
}

static int change(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    struct change *c = arg;
    int rc = read_memory(xs, t, c->info, &c->now);

    if (rc)
        return rc;
    c->videoram = 0;
    rc = c->maximum ? 0 : xstore_read_u64(xs, t, NODE(c->info->domain, "videoram"), &c->videoram);
    if (rc && rc != -ENOENT)
        return rc;
    rc = check(c);
    if (rc)
        return rc;
    return c->maximum ? xstore_write_u64(xs, t, NODE(c->info->domain, "static-max"), c->kb)
                      : write_target(xs, t, c);
}

static int explain(const struct change *c, int rc)
{
    unsigned int domid = c->info->domain;

    if (rc == -ERANGE && c->maximum)
        return xlight__fail(c->h, rc, domid,
                            "%lu KiB at most are less than the %lu KiB that domain %u shall have",
                            c->kb, c->now.target_kb, domid);
    if (rc == -ERANGE && !domid && c->kb < XLIGHT_MIN_DOM0_KB)
        return xlight__fail(c->h, rc, domid, "domain 0 needs %u KiB at least", XLIGHT_MIN_DOM0_KB);
    if (rc == -ERANGE)
        return xlight__fail(c->h, rc, domid, "domain %u can have %lu KiB at most, not %lu", domid,
                            c->now.maximum_kb, c->kb);
    return xlight__fail_store(c->h, rc, domid, "cannot change the memory of domain %u", domid);
}

/*
 * The hypervisor's limit first: what the domain is asked for then can be had. Lower than before is
 * fine; a domain that has more keeps it until it follows.
 */
static int apply(xlight_handle *h, uint32_t domid, bool maximum, uint64_t kb)
{
    struct xen_domctl_getdomaininfo info;
    struct change c = {.h = h, .info = &info, .maximum = maximum, .kb = kb};
    int rc = xlight__need_store(h, domid, "change a domain's memory"), undo;

    rc = rc ? rc : xlight__domctl_info(h, domid, &info);
    if (rc)
        return rc;
    rc = read_memory(h->store, XBT_NULL, &info, &c.now);
    rc = rc ? rc : check(&c);
    if (rc)
        return explain(&c, rc);
    rc = xctl_domain_set_max_mem(h->ctrl, info.domain, kb + EXTRA_KB);
    if (rc)
        return xlight__fail_ctrl(h, rc, domid, "cannot limit the memory of domain %u", domid);
    rc = xstore_transaction(h->store, change, &c);
    if (!rc)
        return 0;
    rc = explain(&c, rc);
    undo = xctl_domain_set_max_mem(h->ctrl, info.domain, info.max_pages * (XCTL_PAGE_SIZE / 1024));
    (void)undo; /* the first failure is what matters */
    return rc;
}

int xlight_memory_set_target(xlight_handle *h, uint32_t domid, uint64_t target_kb)
{
    return apply(h, domid, false, target_kb);
}

int xlight_memory_set_maximum(xlight_handle *h, uint32_t domid, uint64_t maximum_kb)
{
    return apply(h, domid, true, maximum_kb);
}
