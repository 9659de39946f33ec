/* SPDX-License-Identifier: MIT */
/*
 * policy.c - domctl and sysctl operations on CPU policies: read those of the machine, read and set
 * a domain's. A domain's can be set until it first runs.
 */
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/policy.h>
#include <xen/domctl-table.h>
#include <xen/sysctl-table.h>

/* --- copying out --- */

struct out {
    u64 buffer;
    u32 room, n;
};

static int emit_leaf(void *ctx, const struct xen_cpuid_leaf *leaf)
{
    struct out *o = ctx;

    if (o->n == o->room)
        return -ENOBUFS;
    return copy_elem_to_guest(o->buffer, o->n++, leaf, sizeof(*leaf));
}

/* nr_x: room in, number out; a null buffer asks for the most that can come. */
static int put_leaves(const struct cpu_policy *p, u64 buffer, u32 *nr_leaves)
{
    struct out o = {buffer, *nr_leaves, 0};
    int rc;

    if (!buffer) {
        *nr_leaves = CPU_POLICY_LEAVES;
        return 0;
    }
    rc = cpu_policy_write(p, emit_leaf, &o);
    if (!rc)
        *nr_leaves = o.n;
    return rc;
}

static int put_msrs(const struct cpu_policy *p, u64 buffer, u32 *nr_msrs)
{
    const struct xen_msr_entry list[CPU_POLICY_MSRS] = {
        {.idx = MSR_PLATFORM_INFO_, .val = p->platform_info},
        {.idx = MSR_ARCH_CAPS_, .val = p->arch_caps},
    };

    if (buffer && *nr_msrs < CPU_POLICY_MSRS)
        return -ENOBUFS;
    *nr_msrs = CPU_POLICY_MSRS;
    return buffer ? copy_to_guest(buffer, list, sizeof(list)) : 0;
}

long domctl_get_cpu_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *c = &op->u.cpu_policy;
    int rc = put_leaves(d->arch.policy, c->leaves, &c->nr_leaves);

    return rc ? rc : put_msrs(d->arch.policy, c->msrs, &c->nr_msrs);
}

long sysctl_get_cpu_policy(struct xen_sysctl *op)
{
    struct xen_sysctl_cpu_policy *c = &op->u.cpu_policy;
    const struct cpu_policy *p;
    int rc;

    if (c->_rsvd)
        return -EINVAL;
    switch (c->index) {
    case XEN_SYSCTL_cpu_policy_raw:
        p = &raw_policy;
        break;
    case XEN_SYSCTL_cpu_policy_host:
        p = &host_policy;
        break;
    case XEN_SYSCTL_cpu_policy_pv_max:
        p = &pv_max_policy;
        break;
    case XEN_SYSCTL_cpu_policy_pv_default:
        p = &pv_policy;
        break;
    case XEN_SYSCTL_cpu_policy_hvm_max:
    case XEN_SYSCTL_cpu_policy_hvm_default:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
    rc = put_leaves(p, c->leaves, &c->nr_leaves);
    return rc ? rc : put_msrs(p, c->msrs, &c->nr_msrs);
}

long sysctl_get_cpu_featureset(struct xen_sysctl *op)
{
    struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
    u32 words[CPU_FEATURE_WORDS] = {0}, room = f->nr_features;
    const struct cpu_policy *p = NULL;

    f->nr_features = CPU_FEATURE_WORDS;
    if (!f->features)
        return 0;
    switch (f->index) {
    case XEN_SYSCTL_cpu_featureset_raw:
        p = &raw_policy;
        break;
    case XEN_SYSCTL_cpu_featureset_host:
        p = &host_policy;
        break;
    case XEN_SYSCTL_cpu_featureset_pv:
        p = &pv_policy;
        break;
    case XEN_SYSCTL_cpu_featureset_pv_max:
        p = &pv_max_policy;
        break;
    case XEN_SYSCTL_cpu_featureset_hvm:
    case XEN_SYSCTL_cpu_featureset_hvm_max:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
    cpu_policy_features(p, words);
    f->nr_features = MIN(room, (u32)CPU_FEATURE_WORDS);
    if (copy_to_guest(f->features, words, f->nr_features * sizeof(u32)))
        return -EFAULT;
    return room < CPU_FEATURE_WORDS ? -ENOBUFS : 0;
}

/* PV guests see what emulation shows them; the CPU itself is not made to show less. */
long sysctl_get_cpu_levelling_caps(struct xen_sysctl *op)
{
    op->u.cpu_levelling_caps.caps = 0;
    return 0;
}

/* --- setting --- */

static int read_leaves(struct cpu_policy *p, struct xen_domctl_cpu_policy *c)
{
    struct xen_cpuid_leaf leaf;

    for (u32 i = 0; i < c->nr_leaves; i++) {
        int rc = copy_elem_from_guest(&leaf, c->leaves, i, sizeof(leaf));

        if (!rc) {
            rc = cpu_policy_set_leaf(p, &leaf);
            if (rc)
                c->err_leaf = leaf.leaf, c->err_subleaf = leaf.subleaf;
        }
        if (rc)
            return rc;
    }
    return 0;
}

static int read_msrs(struct cpu_policy *p, struct xen_domctl_cpu_policy *c)
{
    struct xen_msr_entry msr;

    for (u32 i = 0; i < c->nr_msrs; i++) {
        int rc = copy_elem_from_guest(&msr, c->msrs, i, sizeof(msr));

        if (!rc) {
            rc = cpu_policy_set_msr(p, &msr);
            if (rc)
                c->err_msr = msr.idx;
        }
        if (rc)
            return rc;
    }
    return 0;
}

static int new_policy(struct cpu_policy *p, struct xen_domctl_cpu_policy *c)
{
    struct cpu_policy_error err;
    int rc = read_leaves(p, c);

    if (!rc)
        rc = read_msrs(p, c);
    if (rc)
        return rc;
    rc = cpu_policy_check(&host_policy, p, &err);
    if (rc) {
        c->err_leaf = err.leaf;
        c->err_subleaf = err.subleaf;
        c->err_msr = err.msr;
        return rc;
    }
    cpu_policy_restrict(p, &pv_max_policy);
    cpu_policy_fix_xstate(p, &pv_max_policy);
    return 0;
}

long domctl_set_cpu_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *c = &op->u.cpu_policy;
    struct cpu_policy *p;
    int rc;

    c->err_leaf = c->err_subleaf = c->err_msr = ~0U;
    if (d->creation_finished || d->is_hardware)
        return -EEXIST;
    if (c->nr_leaves > CPU_POLICY_LEAVES || c->nr_msrs > CPU_POLICY_MSRS)
        return -E2BIG;
    p = xzalloc(struct cpu_policy);
    if (!p)
        return -ENOMEM;
    *p = *d->arch.policy;
    rc = new_policy(p, c);
    if (!rc)
        *d->arch.policy = *p;
    xfree(p);
    return rc;
}

/* --- time stamp counter: guests read the host's --- */

long domctl_gettscinfo(struct domain *d, struct xen_domctl *op)
{
    op->u.tsc_info = (struct xen_domctl_tsc_info){
        .tsc_mode = d->arch.tsc_mode,
        .gtsc_khz = d->arch.tsc_khz,
        .incarnation = d->arch.tsc_incarnation,
    };
    return 0;
}

#define TSC_DEFAULT 0
#define TSC_NATIVE  2

long domctl_settscinfo(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_tsc_info *t = &op->u.tsc_info;

    if (t->tsc_mode != TSC_DEFAULT && t->tsc_mode != TSC_NATIVE)
        return -EINVAL;
    d->arch.tsc_mode = t->tsc_mode;
    d->arch.tsc_incarnation = t->incarnation + 1;
    return 0;
}
