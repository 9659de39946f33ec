/* SPDX-License-Identifier: MIT */
/* hvm.c - parameters and saved state of HVM and PVH domains. */
#include "private.h"

int xctl_hvm_set_param(xctl_handle *h, domid_t domid, uint32_t index, uint64_t value)
{
    struct xen_hvm_param p = {.domid = domid, .index = index, .value = value};

    return (int)xctl__simple(h, __HYPERVISOR_hvm_op, HVMOP_set_param, domid, &p, sizeof(p), NULL, 0,
                             "set an HVM parameter");
}

int xctl_hvm_get_param(xctl_handle *h, domid_t domid, uint32_t index, uint64_t *ret_value)
{
    struct xen_hvm_param p = {.domid = domid, .index = index};
    int64_t rc = xctl__simple(h, __HYPERVISOR_hvm_op, HVMOP_get_param, domid, &p, sizeof(p), NULL,
                              0, "get an HVM parameter");

    if (rc >= 0)
        *ret_value = p.value;
    return (int)rc;
}

int xctl_hvm_get_context(xctl_handle *h, domid_t domid, void *buf, uint32_t *size)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_gethvmcontext, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.hvmcontext.buffer, buf, *size, OUT),
    };
    int rc;

    op.u.hvmcontext.size = buf ? *size : 0;
    rc = xctl__domctl(h, &op, b, ARRAY_SIZE(b), "get the HVM state");
    if (rc >= 0)
        *size = op.u.hvmcontext.size;
    return rc < 0 ? rc : 0;
}

int xctl_hvm_set_context(xctl_handle *h, domid_t domid, const void *buf, uint32_t size)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_sethvmcontext, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.hvmcontext.buffer, buf, size, IN),
    };

    op.u.hvmcontext.size = size;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "set the HVM state");
}

int xctl_hvm_get_context_record(xctl_handle *h, domid_t domid, uint32_t type, uint32_t instance,
                                void *buf, uint32_t size)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_gethvmcontext_partial, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.hvmcontext_partial.buffer, buf, size, OUT),
    };

    op.u.hvmcontext_partial.type = type;
    op.u.hvmcontext_partial.instance = instance;
    op.u.hvmcontext_partial.bufsz = size;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "get a record of the HVM state");
}

int xctl_hvm_mem_type(xctl_handle *h, domid_t domid, xen_pfn_t gfn, unsigned int *ret_type)
{
    struct xen_hvm_get_mem_type t = {.domid = domid, .pfn = gfn};
    int64_t rc = xctl__simple(h, __HYPERVISOR_hvm_op, HVMOP_get_mem_type, domid, &t, sizeof(t),
                              NULL, 0, "look up the kind of a frame");

    if (rc >= 0)
        *ret_type = t.mem_type;
    return (int)rc;
}
