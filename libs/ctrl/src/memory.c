/* SPDX-License-Identifier: MIT */
/* memory.c - memory_op: giving domains memory and taking it. */
#include "private.h"

static int64_t reservation(xctl_handle *h, unsigned int cmd, domid_t domid, unsigned int order,
                           unsigned int flags, const xen_pfn_t *frames, unsigned long count,
                           bool back, const char *verb)
{
    struct xen_memory_reservation r = {
        .nr_extents = count, .extent_order = order, .mem_flags = flags, .domid = domid};
    struct xctl__bounce b[] = {
        BOUNCE(r.extent_start, frames, count * sizeof(*frames), IN),
    };

    if (back)
        b[0].dir = XCTL__BOTH;
    return xctl__memory(h, cmd, domid, &r, sizeof(r), b, ARRAY_SIZE(b), verb);
}

int64_t xctl_memory_populate(xctl_handle *h, domid_t domid, unsigned int order, unsigned int flags,
                             xen_pfn_t *frames, unsigned long count)
{
    return reservation(h, XENMEM_populate_physmap, domid, order, flags, frames, count, true,
                       "add memory");
}

int64_t xctl_memory_increase(xctl_handle *h, domid_t domid, unsigned int order, unsigned int flags,
                             xen_pfn_t *ret_frames, unsigned long count)
{
    return reservation(h, XENMEM_increase_reservation, domid, order, flags, ret_frames, count, true,
                       "add memory");
}

int64_t xctl_memory_decrease(xctl_handle *h, domid_t domid, unsigned int order,
                             const xen_pfn_t *frames, unsigned long count)
{
    return reservation(h, XENMEM_decrease_reservation, domid, order, 0, frames, count, false,
                       "take memory away");
}

int xctl_memory_populate_exact(xctl_handle *h, domid_t domid, unsigned int order,
                               unsigned int flags, xen_pfn_t *frames, unsigned long count)
{
    int64_t rc = xctl_memory_populate(h, domid, order, flags, frames, count);

    if (rc < 0 || (unsigned long)rc == count)
        return rc < 0 ? (int)rc : 0;
    xctl__fail(h, -ENOMEM, domid, "only %lu of %lu blocks of order %u were to be had",
               (unsigned long)rc, count, order);
    return xctl__wrap(h, -ENOMEM, domid, "cannot add memory, domain %u", domid);
}

int xctl_memory_claim(xctl_handle *h, domid_t domid, uint64_t pages)
{
    struct xen_memory_reservation r = {.nr_extents = pages, .domid = domid};

    return (int)xctl__memory(h, XENMEM_claim_pages, domid, &r, sizeof(r), NULL, 0,
                             "set memory aside");
}

static int64_t by_domid(xctl_handle *h, unsigned int cmd, domid_t domid, const char *verb)
{
    struct xen_memory_domain arg = {.domid = domid};

    return xctl__memory(h, cmd, domid, &arg, sizeof(arg), NULL, 0, verb);
}

int xctl_memory_max_gpfn(xctl_handle *h, domid_t domid, xen_pfn_t *ret_gpfn)
{
    int64_t rc = by_domid(h, XENMEM_maximum_gpfn, domid, "look up the highest frame");

    if (rc < 0)
        return (int)rc;
    *ret_gpfn = (xen_pfn_t)rc;
    return 0;
}

int xctl_memory_max_ram_page(xctl_handle *h, xen_pfn_t *ret_mfn)
{
    int64_t rc = xctl__memory(h, XENMEM_maximum_ram_page, XCTL_NO_DOMAIN, NULL, 0, NULL, 0,
                              "look up the end of memory");

    if (rc < 0)
        return (int)rc;
    *ret_mfn = (xen_pfn_t)rc;
    return 0;
}

int xctl_memory_reservation(xctl_handle *h, domid_t domid, uint64_t *ret_current,
                            uint64_t *ret_maximum)
{
    int64_t current = by_domid(h, XENMEM_current_reservation, domid, "look up memory");
    int64_t maximum;

    if (current < 0)
        return (int)current;
    maximum = by_domid(h, XENMEM_maximum_reservation, domid, "look up memory");
    if (maximum < 0)
        return (int)maximum;
    *ret_current = (uint64_t)current;
    *ret_maximum = (uint64_t)maximum;
    return 0;
}

int xctl_memory_m2p_frames(xctl_handle *h, xen_pfn_t *ret_frames, unsigned int max,
                           unsigned int *ret_count)
{
    struct xen_machphys_mfn_list l = {.max_extents = max};
    struct xctl__bounce b[] = {
        BOUNCE(l.extent_start, ret_frames, max * sizeof(*ret_frames), OUT),
    };
    int64_t rc = xctl__memory(h, XENMEM_machphys_mfn_list, XCTL_NO_DOMAIN, &l, sizeof(l), b,
                              ARRAY_SIZE(b), "look up the machine-to-physical table");

    if (rc < 0)
        return (int)rc;
    *ret_count = l.nr_extents;
    return 0;
}

static int pod_target(xctl_handle *h, unsigned int cmd, domid_t domid, uint64_t target,
                      struct xen_pod_target *ret_state, const char *verb)
{
    struct xen_pod_target t = {.target_pages = target, .domid = domid};
    int64_t rc = xctl__memory(h, cmd, domid, &t, sizeof(t), NULL, 0, verb);

    if (rc < 0)
        return (int)rc;
    if (ret_state)
        *ret_state = t;
    return 0;
}

int xctl_memory_set_pod_target(xctl_handle *h, domid_t domid, uint64_t target_pages,
                               struct xen_pod_target *ret_state)
{
    return pod_target(h, XENMEM_set_pod_target, domid, target_pages, ret_state,
                      "set the populate-on-demand target");
}

int xctl_memory_get_pod_target(xctl_handle *h, domid_t domid, struct xen_pod_target *ret_state)
{
    return pod_target(h, XENMEM_get_pod_target, domid, 0, ret_state,
                      "get the populate-on-demand target");
}

/* Hosts without sharing say ENOSYS, which means that nothing is shared. */
static int sharing_counter(xctl_handle *h, unsigned int cmd, uint64_t *ret)
{
    int64_t rc = xctl__memory(h, cmd, XCTL_NO_DOMAIN, NULL, 0, NULL, 0, "look up shared memory");

    if (rc < 0 && rc != -ENOSYS)
        return (int)rc;
    *ret = rc < 0 ? 0 : (uint64_t)rc;
    return 0;
}

int xctl_memory_sharing(xctl_handle *h, uint64_t *ret_freed, uint64_t *ret_shared)
{
    uint64_t freed = 0;
    int rc = sharing_counter(h, XENMEM_get_sharing_freed_pages, &freed);

    if (!rc)
        rc = sharing_counter(h, XENMEM_get_sharing_shared_pages, ret_shared);
    if (!rc)
        *ret_freed = freed;
    return rc;
}
