/* SPDX-License-Identifier: MIT */
/* grant.c - granted pages: maps and copies through the back end, tables by hypercall. */
#include "private.h"

static domid_t owner(const struct xctl_grant *g)
{
    return g->domid < DOMID_FIRST_RESERVED ? (domid_t)g->domid : XCTL_NO_DOMAIN;
}

/* The kernel's devices for grants know no restriction; this is the only check. */
static int allowed(xctl_handle *h, uint32_t domid, const char *verb)
{
    if (!h->restricted || domid == h->restricted_to)
        return 0;
    return xctl__fail(h, -EPERM, XCTL_NO_DOMAIN,
                      "cannot %s: domain %u is not %u, which the handle is restricted to", verb,
                      domid, h->restricted_to);
}

int xctl_grant_map(xctl_handle *h, const struct xctl_grant *grants, unsigned int count, int prot,
                   const struct xctl_grant_notify *notify, void **ret_addr)
{
    int rc;

    if (!count)
        return xctl__fail(h, -EINVAL, XCTL_NO_DOMAIN, "no grants to map");
    for (unsigned int i = 0; i < count; i++) {
        rc = allowed(h, grants[i].domid, "map granted pages");
        if (rc)
            return rc;
    }
    rc = h->be->gnt_map(h, grants, count, prot, notify, ret_addr);
    return rc ? xctl__failed(h, rc, owner(&grants[0]), "map granted pages", "grant device") : 0;
}

int xctl_grant_unmap(xctl_handle *h, void *addr, unsigned int count)
{
    int rc = h->be->gnt_unmap(h, addr, count);

    return rc ? xctl__failed(h, rc, XCTL_NO_DOMAIN, "unmap granted pages", "grant device") : 0;
}

int xctl_grant_alloc(xctl_handle *h, domid_t domid, unsigned int count, int writable,
                     const struct xctl_grant_notify *notify, uint32_t *ret_refs, void **ret_addr)
{
    int rc;

    if (!count)
        return xctl__fail(h, -EINVAL, domid, "no pages to grant");
    rc = allowed(h, domid, "grant pages");
    if (rc)
        return rc;
    rc = h->be->gnt_alloc(h, domid, count, writable, notify, ret_refs, ret_addr);
    return rc ? xctl__failed(h, rc, domid, "grant pages", "grant allocation device") : 0;
}

int xctl_grant_free(xctl_handle *h, void *addr, unsigned int count)
{
    int rc = h->be->gnt_free(h, addr, count);

    return rc ? xctl__failed(h, rc, XCTL_NO_DOMAIN, "free granted pages", "grant allocation device")
              : 0;
}

static int copy_allowed(xctl_handle *h, const struct xctl_grant_copy_end *e)
{
    return e->is_grant ? allowed(h, e->grant.domid, "copy granted pages") : 0;
}

int xctl_grant_copy(xctl_handle *h, struct xctl_grant_copy *copies, unsigned int count)
{
    int rc;

    for (unsigned int i = 0; i < count; i++) {
        const struct xctl_grant_copy *c = &copies[i];

        if (c->len > UINT16_MAX || c->source.offset > UINT16_MAX || c->dest.offset > UINT16_MAX)
            return xctl__fail(h, -EINVAL, XCTL_NO_DOMAIN, "copy %u leaves its page", i);
        rc = copy_allowed(h, &c->source);
        if (!rc)
            rc = copy_allowed(h, &c->dest);
        if (rc)
            return rc;
    }
    rc = count ? h->be->gnt_copy(h, copies, count) : 0;
    return rc ? xctl__failed(h, rc, XCTL_NO_DOMAIN, "copy granted pages", "grant device") : 0;
}

/* Table operations answer 0 and put what went wrong into a status. */
static int status_to_errno(int16_t status)
{
    switch (status) {
    case GNTST_okay:
        return 0;
    case GNTST_bad_domain:
        return -ESRCH;
    case GNTST_permission_denied:
        return -EPERM;
    case GNTST_no_device_space:
    case GNTST_no_space:
        return -ENOSPC;
    case GNTST_eagain:
        return -EAGAIN;
    default:
        return -EINVAL;
    }
}

static int table_op(xctl_handle *h, unsigned int cmd, domid_t domid, void *arg, size_t size,
                    const int16_t *status, struct xctl__bounce *b, unsigned int nr,
                    const char *verb)
{
    int64_t rc = xctl__simple(h, __HYPERVISOR_grant_table_op, cmd, domid, arg, size, b, nr, verb);
    int err;

    if (rc < 0)
        return (int)rc;
    err = status ? status_to_errno(*status) : 0;
    return err ? xctl__failed(h, err, domid, verb, "grant table") : 0;
}

int xctl_grant_table_size(xctl_handle *h, domid_t domid, uint32_t *ret_frames, uint32_t *ret_max)
{
    struct gnttab_query_size q = {.dom = domid};
    int rc = table_op(h, GNTTABOP_query_size, domid, &q, sizeof(q), &q.status, NULL, 0,
                      "look up the grant table");

    if (!rc) {
        *ret_frames = q.nr_frames;
        *ret_max = q.max_nr_frames;
    }
    return rc;
}

int xctl_grant_table_version(xctl_handle *h, domid_t domid, uint32_t *ret_version)
{
    struct gnttab_get_version v = {.dom = domid};
    int rc = table_op(h, GNTTABOP_get_version, domid, &v, sizeof(v), NULL, NULL, 0,
                      "look up the grant table");

    if (!rc)
        *ret_version = v.version;
    return rc;
}

int xctl_grant_table_setup(xctl_handle *h, domid_t domid, unsigned int count, xen_pfn_t *ret_frames)
{
    struct gnttab_setup_table s = {.dom = domid, .nr_frames = count};
    struct xctl__bounce b[] = {
        BOUNCE(s.frame_list, ret_frames, count * sizeof(*ret_frames), OUT),
    };

    return table_op(h, GNTTABOP_setup_table, domid, &s, sizeof(s), &s.status, b, ARRAY_SIZE(b),
                    "set up the grant table");
}
