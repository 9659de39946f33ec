/* SPDX-License-Identifier: MIT */
/* vcpu.c - domctl: state, registers and affinity of vCPUs. */
#include "private.h"

int xctl_vcpu_info(xctl_handle *h, domid_t domid, unsigned int vcpu,
                   struct xen_domctl_getvcpuinfo *ret_info)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getvcpuinfo, .domain = domid};
    int rc;

    op.u.getvcpuinfo.vcpu = vcpu;
    rc = xctl__domctl(h, &op, NULL, 0, "look up a vCPU");
    if (rc >= 0)
        *ret_info = op.u.getvcpuinfo;
    return rc;
}

int xctl_vcpu_next(xctl_handle *h, domid_t domid, unsigned int *vcpu,
                   struct xen_domctl_getvcpuinfo *ret_info)
{
    struct xen_domctl_getdomaininfo info;
    int rc = xctl_domain_info(h, domid, &info);

    if (rc < 0)
        return rc;
    if (info.max_vcpu_id == XEN_INVALID_MAX_VCPU_ID)
        return 0;
    for (unsigned int v = *vcpu; v <= info.max_vcpu_id; v++) {
        rc = xctl_vcpu_info(h, domid, v, ret_info);
        if (rc == -ESRCH)
            continue; /* a hole; if the domain has gone meanwhile so have the others */
        if (rc < 0)
            return rc;
        *vcpu = v;
        return 1;
    }
    return 0;
}

int xctl_vcpu_get_context(xctl_handle *h, domid_t domid, unsigned int vcpu,
                          struct vcpu_guest_context *ret_ctx)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getvcpucontext, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.vcpucontext.ctxt, ret_ctx, sizeof(*ret_ctx), OUT),
    };

    op.u.vcpucontext.vcpu = vcpu;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "get registers");
}

int xctl_vcpu_set_context(xctl_handle *h, domid_t domid, unsigned int vcpu,
                          const struct vcpu_guest_context *ctx)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_setvcpucontext, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.vcpucontext.ctxt, ctx, sizeof(*ctx), IN),
    };

    op.u.vcpucontext.vcpu = vcpu;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "set registers");
}

int xctl_vcpu_get_ext_context(xctl_handle *h, domid_t domid, unsigned int vcpu,
                              struct xen_domctl_ext_vcpucontext *ret_ctx)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_get_ext_vcpucontext, .domain = domid};
    int rc;

    op.u.ext_vcpucontext.vcpu = vcpu;
    op.u.ext_vcpucontext.size = sizeof(*ret_ctx);
    rc = xctl__domctl(h, &op, NULL, 0, "get the extended registers");
    if (rc >= 0)
        *ret_ctx = op.u.ext_vcpucontext;
    return rc;
}

int xctl_vcpu_set_ext_context(xctl_handle *h, domid_t domid, unsigned int vcpu,
                              const struct xen_domctl_ext_vcpucontext *ctx)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_set_ext_vcpucontext, .domain = domid};

    op.u.ext_vcpucontext = *ctx;
    op.u.ext_vcpucontext.vcpu = vcpu;
    op.u.ext_vcpucontext.size = sizeof(*ctx);
    return xctl__domctl(h, &op, NULL, 0, "set the extended registers");
}

/* Both directions: the hypervisor writes the sets in force back. */
static int affinity(xctl_handle *h, domid_t domid, unsigned int vcpu, uint32_t cmd, uint8_t *hard,
                    uint8_t *soft, unsigned int nr_bits, uint32_t flags, const char *verb)
{
    struct xen_domctl op = {.cmd = cmd, .domain = domid};
    struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;
    size_t size = DIV_ROUND_UP(nr_bits, 8U);
    struct xctl__bounce b[] = {
        BOUNCE(a->cpumap_hard.bitmap, hard, size, BOTH),
        BOUNCE(a->cpumap_soft.bitmap, soft, size, BOTH),
    };

    a->vcpu = vcpu;
    a->flags = flags | (hard ? XEN_VCPUAFFINITY_HARD : 0) | (soft ? XEN_VCPUAFFINITY_SOFT : 0);
    a->cpumap_hard.nr_bits = hard ? nr_bits : 0;
    a->cpumap_soft.nr_bits = soft ? nr_bits : 0;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), verb);
}

int xctl_vcpu_set_affinity(xctl_handle *h, domid_t domid, unsigned int vcpu, uint8_t *hard,
                           uint8_t *soft, unsigned int nr_bits)
{
    return affinity(h, domid, vcpu, XEN_DOMCTL_setvcpuaffinity, hard, soft, nr_bits, 0,
                    "set the affinity");
}

int xctl_vcpu_force_affinity(xctl_handle *h, domid_t domid, unsigned int vcpu, uint8_t *hard,
                             uint8_t *soft, unsigned int nr_bits)
{
    return affinity(h, domid, vcpu, XEN_DOMCTL_setvcpuaffinity, hard, soft, nr_bits,
                    XEN_VCPUAFFINITY_FORCE, "set the affinity");
}

int xctl_vcpu_get_affinity(xctl_handle *h, domid_t domid, unsigned int vcpu, uint8_t *ret_hard,
                           uint8_t *ret_soft, unsigned int nr_bits)
{
    return affinity(h, domid, vcpu, XEN_DOMCTL_getvcpuaffinity, ret_hard, ret_soft, nr_bits, 0,
                    "get the affinity");
}

int xctl_vcpu_get_xsave(xctl_handle *h, domid_t domid, unsigned int vcpu, void *buf, size_t *size,
                        uint64_t *ret_features)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getvcpuextstate, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.vcpuextstate.buffer, buf, *size, OUT),
    };
    int rc;

    op.u.vcpuextstate.vcpu = vcpu;
    op.u.vcpuextstate.size = buf ? *size : 0;
    rc = xctl__domctl(h, &op, b, ARRAY_SIZE(b), "get the vector state");
    if (rc < 0)
        return rc;
    *size = op.u.vcpuextstate.size;
    if (ret_features)
        *ret_features = op.u.vcpuextstate.xfeature_mask;
    return rc;
}

int xctl_vcpu_set_xsave(xctl_handle *h, domid_t domid, unsigned int vcpu, const void *buf,
                        size_t size, uint64_t features)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_setvcpuextstate, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.vcpuextstate.buffer, buf, size, IN),
    };

    op.u.vcpuextstate.vcpu = vcpu;
    op.u.vcpuextstate.size = size;
    op.u.vcpuextstate.xfeature_mask = features;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "set the vector state");
}

int xctl_vcpu_get_msrs(xctl_handle *h, domid_t domid, unsigned int vcpu,
                       struct xen_domctl_vcpu_msr *ret_msrs, uint32_t *count)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_get_vcpu_msrs, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.vcpu_msrs.msrs, ret_msrs, (size_t)*count * sizeof(*ret_msrs), OUT),
    };
    int rc;

    op.u.vcpu_msrs.vcpu = vcpu;
    op.u.vcpu_msrs.msr_count = ret_msrs ? *count : 0;
    rc = xctl__domctl(h, &op, b, ARRAY_SIZE(b), "get MSRs");
    if (rc >= 0 || rc == -ENOBUFS)
        *count = op.u.vcpu_msrs.msr_count;
    return rc;
}

int xctl_vcpu_set_msrs(xctl_handle *h, domid_t domid, unsigned int vcpu,
                       const struct xen_domctl_vcpu_msr *msrs, uint32_t count)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_set_vcpu_msrs, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.vcpu_msrs.msrs, msrs, (size_t)count * sizeof(*msrs), IN),
    };

    op.u.vcpu_msrs.vcpu = vcpu;
    op.u.vcpu_msrs.msr_count = count;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "set MSRs");
}
