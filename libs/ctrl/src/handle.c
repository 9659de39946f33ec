/* SPDX-License-Identifier: MIT */
/* handle.c - opening, closing and restricting handles. */
#include "private.h"
#include <stdio.h>

int xctl_open_why(const char *where, xctl_handle **ret_h, char *why, size_t size)
{
    xctl_handle *h = calloc(1, sizeof(*h));
    int rc;

    if (!h) {
        snprintf(why, size, "no memory");
        return -ENOMEM;
    }
    if (!where || !*where)
        rc = xctl__linux_open(h);
    else if (!strncmp(where, "sim:", 4))
        rc = xctl__sim_open(h, where + 4);
    else
        rc = xctl__fail(h, -EINVAL, XCTL_NO_DOMAIN, "no such kind of host: %s", where);
    if (rc) {
        xctl_error_format(h, why, size);
        free(h);
        return rc;
    }
    *ret_h = h;
    return 0;
}

int xctl_open(const char *where, xctl_handle **ret_h)
{
    char why[2];

    return xctl_open_why(where, ret_h, why, sizeof(why));
}

void xctl_close(xctl_handle *h)
{
    if (!h)
        return;
    xctl__buf_drain(h);
    h->be->close(h);
    free(h);
}

int xctl_restrict(xctl_handle *h, domid_t domid)
{
    int rc;

    if (h->restricted && h->restricted_to == domid)
        return 0;
    if (domid >= DOMID_FIRST_RESERVED || h->restricted)
        return xctl__fail(h, -EINVAL, domid, "cannot restrict the handle to domain %u%s", domid,
                          h->restricted ? ": it has been restricted already" : "");
    for (struct xctl_evtchn *e = h->evtchns; e; e = e->next)
        if (!e->restricted || e->restricted_to != domid)
            return xctl__fail(h, -EBUSY, domid,
                              "cannot restrict the handle to domain %u: event channels are open",
                              domid);
    rc = h->be->restrict_to(h, domid);
    if (rc)
        return xctl__failed(h, rc, domid, "restrict the handle", "privcmd");
    h->restricted = true;
    h->restricted_to = domid;
    return 0;
}
