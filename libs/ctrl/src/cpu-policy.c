/* SPDX-License-Identifier: MIT */
/* cpu-policy.c - what CPUID and MSRs show: of domains, of the host, as words of features. */
#include "private.h"

int xctl_domain_get_cpu_policy(xctl_handle *h, domid_t domid, struct xen_cpuid_leaf *ret_leaves,
                               uint32_t *nr_leaves, struct xen_msr_entry *ret_msrs,
                               uint32_t *nr_msrs)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_get_cpu_policy, .domain = domid};
    struct xen_domctl_cpu_policy *p = &op.u.cpu_policy;
    struct xctl__bounce b[] = {
        BOUNCE(p->leaves, ret_leaves, (size_t)*nr_leaves * sizeof(*ret_leaves), OUT),
        BOUNCE(p->msrs, ret_msrs, (size_t)*nr_msrs * sizeof(*ret_msrs), OUT),
    };
    int rc;

    p->nr_leaves = *nr_leaves;
    p->nr_msrs = *nr_msrs;
    rc = xctl__domctl(h, &op, b, ARRAY_SIZE(b), "get the CPU policy");
    if (rc >= 0 || rc == -ENOBUFS) {
        *nr_leaves = p->nr_leaves;
        *nr_msrs = p->nr_msrs;
    }
    return rc;
}

int xctl_domain_set_cpu_policy(xctl_handle *h, domid_t domid, const struct xen_cpuid_leaf *leaves,
                               uint32_t nr_leaves, const struct xen_msr_entry *msrs,
                               uint32_t nr_msrs, struct xctl_cpu_policy_culprit *ret_culprit)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_set_cpu_policy, .domain = domid};
    struct xen_domctl_cpu_policy *p = &op.u.cpu_policy;
    struct xctl__bounce b[] = {
        BOUNCE(p->leaves, leaves, (size_t)nr_leaves * sizeof(*leaves), IN),
        BOUNCE(p->msrs, msrs, (size_t)nr_msrs * sizeof(*msrs), IN),
    };
    int rc;

    p->nr_leaves = nr_leaves;
    p->nr_msrs = nr_msrs;
    p->err_leaf = p->err_subleaf = p->err_msr = ~0U;
    rc = xctl__domctl(h, &op, b, ARRAY_SIZE(b), "set the CPU policy");
    if (rc < 0 && ret_culprit)
        *ret_culprit = (struct xctl_cpu_policy_culprit){p->err_leaf, p->err_subleaf, p->err_msr};
    if (rc < 0 && p->err_leaf != ~0U)
        return xctl__wrap(h, rc, domid, "CPUID leaf 0x%x, subleaf 0x%x was refused", p->err_leaf,
                          p->err_subleaf);
    if (rc < 0 && p->err_msr != ~0U)
        return xctl__wrap(h, rc, domid, "MSR 0x%x was refused", p->err_msr);
    return rc;
}

int xctl_host_cpu_policy(xctl_handle *h, unsigned int which, struct xen_cpuid_leaf *ret_leaves,
                         uint32_t *nr_leaves, struct xen_msr_entry *ret_msrs, uint32_t *nr_msrs)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_get_cpu_policy};
    struct xen_sysctl_cpu_policy *p = &op.u.cpu_policy;
    struct xctl__bounce b[] = {
        BOUNCE(p->leaves, ret_leaves, (size_t)*nr_leaves * sizeof(*ret_leaves), OUT),
        BOUNCE(p->msrs, ret_msrs, (size_t)*nr_msrs * sizeof(*ret_msrs), OUT),
    };
    int rc;

    p->index = which;
    p->nr_leaves = *nr_leaves;
    p->nr_msrs = *nr_msrs;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "get a CPU policy of the host");
    if (rc >= 0 || rc == -ENOBUFS) {
        *nr_leaves = p->nr_leaves;
        *nr_msrs = p->nr_msrs;
    }
    return rc;
}

int xctl_host_cpu_policy_size(xctl_handle *h, uint32_t *ret_leaves, uint32_t *ret_msrs)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_get_cpu_policy};
    int rc = xctl__sysctl(h, &op, NULL, 0, "get the size of CPU policies");

    if (rc >= 0) {
        *ret_leaves = op.u.cpu_policy.nr_leaves;
        *ret_msrs = op.u.cpu_policy.nr_msrs;
    }
    return rc;
}

int xctl_host_levelling_caps(xctl_handle *h, uint32_t *ret_caps)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_get_cpu_levelling_caps};
    int rc = xctl__sysctl(h, &op, NULL, 0, "get the levelling capabilities");

    if (rc >= 0)
        *ret_caps = op.u.cpu_levelling_caps.caps;
    return rc;
}

int xctl_host_featureset(xctl_handle *h, unsigned int which, uint32_t *ret_words, uint32_t *count)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_get_cpu_featureset};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.cpu_featureset.features, ret_words, (size_t)*count * sizeof(*ret_words), OUT),
    };
    int rc;

    op.u.cpu_featureset.index = which;
    op.u.cpu_featureset.nr_features = *count;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "get CPU features");
    if (rc >= 0 || rc == -ENOBUFS)
        *count = op.u.cpu_featureset.nr_features;
    return rc;
}
