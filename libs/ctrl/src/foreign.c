/* SPDX-License-Identifier: MIT */
/* foreign.c - memory of other domains in our address space. */
#include "private.h"
#include <stdio.h>

int xctl_foreign_map(xctl_handle *h, domid_t domid, int prot, const xen_pfn_t *frames,
                     unsigned int count, int *ret_errs, void **ret_addr)
{
    int *errs = ret_errs, rc;
    void *addr;
    char part[64] = "privcmd";

    if (!count)
        return xctl__fail(h, -EINVAL, domid, "no frames to map");
    if (!errs)
        errs = calloc(count, sizeof(*errs));
    if (!errs)
        return xctl__fail(h, -ENOMEM, domid, "no memory to map %u frames", count);
    rc = h->be->map(h, domid, prot, frames, count, errs, &addr);
    for (unsigned int i = 0; !rc && !ret_errs && i < count; i++) {
        if (!errs[i])
            continue;
        rc = errs[i];
        snprintf(part, sizeof(part), "frame 0x%lx", frames[i]);
        h->be->unmap(h, addr, count);
    }
    if (errs != ret_errs)
        free(errs);
    if (rc)
        return xctl__failed(h, rc, domid, "map memory", part);
    *ret_addr = addr;
    return 0;
}

int xctl_foreign_unmap(xctl_handle *h, void *addr, unsigned int count)
{
    int rc = h->be->unmap(h, addr, count);

    return rc ? xctl__failed(h, rc, XCTL_NO_DOMAIN, "unmap memory", "privcmd") : 0;
}

int xctl_resource_size(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                       uint64_t *ret_count)
{
    int rc = h->be->resource_size(h, domid, type, id, ret_count);

    return rc ? xctl__failed(h, rc, domid, "look up a resource", "privcmd") : 0;
}

int xctl_resource_map(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                      unsigned long frame, unsigned long count, int prot, void **ret_addr)
{
    int rc;

    if (!count)
        return xctl__fail(h, -EINVAL, domid, "no frames to map");
    rc = h->be->resource_map(h, domid, type, id, frame, count, prot, ret_addr);
    return rc ? xctl__failed(h, rc, domid, "map a resource", "privcmd") : 0;
}

int xctl_resource_unmap(xctl_handle *h, void *addr, unsigned long count)
{
    int rc = h->be->unmap(h, addr, count);

    return rc ? xctl__failed(h, rc, XCTL_NO_DOMAIN, "unmap a resource", "privcmd") : 0;
}
