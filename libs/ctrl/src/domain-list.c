/* SPDX-License-Identifier: MIT */
/* domain-list.c - all domains: in one array, or one after the other. */
#include "private.h"

#define BATCH 32

struct xctl_domain_iter {
    xctl_handle *h;
    domid_t next;           /* where to read on */
    unsigned int at, count; /* in infos */
    bool end;               /* there is nothing behind infos */
    struct xen_domctl_getdomaininfo infos[BATCH];
};

int xctl_domain_list(xctl_handle *h, domid_t first, unsigned int max,
                     struct xen_domctl_getdomaininfo *ret_infos, unsigned int *ret_count)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_getdomaininfolist};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.getdomaininfolist.buffer, ret_infos, (size_t)max * sizeof(*ret_infos), OUT),
    };
    int rc;

    op.u.getdomaininfolist.first_domain = first;
    op.u.getdomaininfolist.max_domains = max;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "list domains");
    if (rc >= 0)
        *ret_count = op.u.getdomaininfolist.num_domains;
    return rc;
}

int xctl_domain_iter_new(xctl_handle *h, domid_t first, xctl_domain_iter **ret_it)
{
    xctl_domain_iter *it = calloc(1, sizeof(*it));

    if (!it)
        return xctl__fail(h, -ENOMEM, XCTL_NO_DOMAIN, "no memory for a walk over domains");
    it->h = h;
    it->next = first;
    *ret_it = it;
    return 0;
}

int xctl_domain_iter_next(xctl_domain_iter *it, struct xen_domctl_getdomaininfo *ret_info)
{
    if (it->at == it->count) {
        int rc;

        if (it->end || it->next >= DOMID_FIRST_RESERVED)
            return 0;
        it->at = it->count = 0;
        rc = xctl_domain_list(it->h, it->next, BATCH, it->infos, &it->count);
        if (rc < 0)
            return rc;
        it->end = it->count < BATCH;
        if (!it->count)
            return 0;
        it->next = (domid_t)(it->infos[it->count - 1].domain + 1);
    }
    *ret_info = it->infos[it->at++];
    return 1;
}

void xctl_domain_iter_free(xctl_domain_iter *it)
{
    free(it);
}
