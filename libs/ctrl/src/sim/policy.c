/* SPDX-License-Identifier: MIT */
/* policy.c - CPU policies of the simulated host: one made-up, always equal CPU. */
#include "sim.h"

#define NO_SUB XEN_CPUID_NO_SUBLEAF

/* What the CPU and every guest of it can show; ordered by leaf and subleaf. */
static const struct xen_cpuid_leaf host_leaves[] = {
    {0x0, NO_SUB, 0xd, 0x756e6547, 0x6c65746e, 0x49656e69},
    {0x1, NO_SUB, 0x000506e3, 0x00010800, 0xf6fa3203, 0x178bfbff},
    {0x2, NO_SUB, 0x00feff01, 0xf0, 0, 0},
    {0x4, 0, 0x1c004121, 0x01c0003f, 0x3f, 0},
    {0x4, 1, 0x1c004122, 0x01c0003f, 0x3f, 0},
    {0x7, 0, 0, 0x009c2fa9, 0, 0x24000000},
    {0xd, 0, 0x7, 0x340, 0x340, 0},
    {0xd, 1, 0x1, 0, 0, 0},
    {0xd, 2, 0x100, 0x240, 0, 0},
    {0x40000000, NO_SUB, 0x40000004, 0, 0, 0},
    {0x40000100, NO_SUB, 0, 0, 0, 0},
    {0x80000000, NO_SUB, 0x80000008, 0, 0, 0},
    {0x80000001, NO_SUB, 0, 0, 0x121, 0x2c100800},
    {0x80000007, NO_SUB, 0, 0, 0, 0x100},
    {0x80000008, NO_SUB, 0x3027, 0, 0, 0},
};
static const struct xen_msr_entry host_msrs[] = {{0xce, 0, 1U << 31}, {0x10a, 0, 0}};

void sim_policy_init(struct sim_domain *d)
{
    memcpy(d->leaves, host_leaves, sizeof(host_leaves));
    d->nr_leaves = ARRAY_SIZE(host_leaves);
    memcpy(d->policy_msrs, host_msrs, sizeof(host_msrs));
    d->nr_policy_msrs = ARRAY_SIZE(host_msrs);
}

/* Words 0 to 3, 5 and 9 follow from the leaves; the others are empty. */
uint64_t sim_host_features(unsigned int which, uint32_t *words)
{
    memset(words, 0, SIM_FEATURES * sizeof(*words));
    (void)which;
    words[0] = host_leaves[1].d;
    words[1] = host_leaves[1].c;
    words[2] = host_leaves[12].d;
    words[3] = host_leaves[12].c;
    words[4] = host_leaves[7].a;
    words[5] = host_leaves[5].b;
    words[6] = host_leaves[5].c;
    words[7] = host_leaves[13].d;
    words[9] = host_leaves[5].d;
    return SIM_FEATURES;
}

static int copy_policy(const struct xen_cpuid_leaf *leaves, uint32_t nr_leaves,
                       const struct xen_msr_entry *msrs, uint32_t nr_msrs, uint64_t to_leaves,
                       uint32_t *room_leaves, uint64_t to_msrs, uint32_t *room_msrs)
{
    uint32_t space_leaves = *room_leaves, space_msrs = *room_msrs;

    /* Without anywhere to put them: the most that there can be. */
    if (!to_leaves && !to_msrs) {
        *room_leaves = SIM_LEAVES;
        *room_msrs = SIM_MSRS;
        return 0;
    }
    *room_leaves = nr_leaves;
    *room_msrs = nr_msrs;
    if ((to_leaves && space_leaves < nr_leaves) || (to_msrs && space_msrs < nr_msrs))
        return -ENOBUFS;
    if (to_leaves)
        memcpy((void *)(uintptr_t)to_leaves, leaves, nr_leaves * sizeof(*leaves));
    if (to_msrs)
        memcpy((void *)(uintptr_t)to_msrs, msrs, nr_msrs * sizeof(*msrs));
    return 0;
}

static bool known_leaf(const struct xen_cpuid_leaf *l)
{
    uint32_t sub = l->subleaf;

    if (l->leaf == 0x4)
        return sub <= 5;
    if (l->leaf == 0x7)
        return sub <= 2;
    if (l->leaf == 0xb)
        return sub <= 1;
    if (l->leaf == 0xd)
        return sub <= 62;
    if (sub != NO_SUB)
        return false;
    return l->leaf <= 0xd || l->leaf == 0x40000000 || l->leaf == 0x40000100 ||
           (l->leaf >= 0x80000000 && l->leaf <= 0x80000021);
}

static bool less(const struct xen_cpuid_leaf *a, const struct xen_cpuid_leaf *b)
{
    return a->leaf < b->leaf || (a->leaf == b->leaf && a->subleaf < b->subleaf);
}

/* Puts a leaf in its place, over the old one if there is one. */
static void merge_leaf(struct sim_domain *d, const struct xen_cpuid_leaf *l)
{
    uint32_t i = 0;

    while (i < d->nr_leaves && less(&d->leaves[i], l))
        i++;
    if (i == d->nr_leaves || less(l, &d->leaves[i])) {
        memmove(&d->leaves[i + 1], &d->leaves[i], (d->nr_leaves - i) * sizeof(*l));
        d->nr_leaves++;
    }
    d->leaves[i] = *l;
}

static int check_policy(const struct sim_domain *d, struct xen_domctl_cpu_policy *p)
{
    const struct xen_cpuid_leaf *l = (const struct xen_cpuid_leaf *)(uintptr_t)p->leaves;
    const struct xen_msr_entry *m = (const struct xen_msr_entry *)(uintptr_t)p->msrs;
    bool above;

    p->err_leaf = p->err_subleaf = p->err_msr = ~0U;
    if (p->nr_leaves > SIM_LEAVES || p->nr_msrs > SIM_MSRS)
        return -E2BIG;
    for (uint32_t i = 0; i < p->nr_leaves; i++) {
        above = (!l[i].leaf && l[i].a > 0xd) || (l[i].leaf == 0x80000000 && l[i].a > 0x80000021);
        if (known_leaf(&l[i]) && !above)
            continue;
        p->err_leaf = l[i].leaf;
        p->err_subleaf = l[i].subleaf;
        return above ? -EINVAL : -ERANGE;
    }
    for (uint32_t i = 0; i < p->nr_msrs; i++) {
        if ((m[i].idx == 0xce || m[i].idx == 0x10a) && !m[i].flags)
            continue;
        p->err_msr = m[i].idx;
        return m[i].flags ? -EINVAL : -ERANGE;
    }
    /* So that merging cannot run out of room. */
    return d->nr_leaves + p->nr_leaves > 2 * SIM_LEAVES ? -E2BIG : 0;
}

static int set_policy(struct sim_domain *d, struct xen_domctl_cpu_policy *p)
{
    const struct xen_cpuid_leaf *l = (const struct xen_cpuid_leaf *)(uintptr_t)p->leaves;
    const struct xen_msr_entry *m = (const struct xen_msr_entry *)(uintptr_t)p->msrs;
    int rc = d->ran ? -EEXIST : check_policy(d, p);

    if (rc)
        return rc;
    for (uint32_t i = 0; i < p->nr_leaves; i++)
        if (d->nr_leaves < SIM_LEAVES)
            merge_leaf(d, &l[i]);
    for (uint32_t i = 0; i < p->nr_msrs; i++)
        d->policy_msrs[m[i].idx == 0xce ? 0 : 1] = m[i];
    return 0;
}

int sim_domctl_policy(struct sim *sim, struct sim_domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;

    (void)sim;
    if (op->cmd == XEN_DOMCTL_set_cpu_policy)
        return set_policy(d, p);
    if (op->cmd == XEN_DOMCTL_get_cpu_policy)
        return copy_policy(d->leaves, d->nr_leaves, d->policy_msrs, d->nr_policy_msrs, p->leaves,
                           &p->nr_leaves, p->msrs, &p->nr_msrs);
    return -ENOSYS;
}

static int featureset(struct xen_sysctl_cpu_featureset *f)
{
    uint32_t words[SIM_FEATURES], *to = (uint32_t *)(uintptr_t)f->features;
    uint32_t room = f->nr_features;

    if (f->index > XEN_SYSCTL_cpu_featureset_hvm_max)
        return -EINVAL;
    sim_host_features(f->index, words);
    f->nr_features = SIM_FEATURES;
    if (!to)
        return 0;
    memcpy(to, words, MIN_OF(room, SIM_FEATURES) * sizeof(*to));
    return room < SIM_FEATURES ? -ENOBUFS : 0;
}

int sim_sysctl_policy(struct sim *sim, struct xen_sysctl *op)
{
    struct xen_sysctl_cpu_policy *p = &op->u.cpu_policy;

    (void)sim;
    switch (op->cmd) {
    case XEN_SYSCTL_get_cpu_policy:
        if (p->_rsvd || p->index > XEN_SYSCTL_cpu_policy_hvm_default)
            return -EINVAL;
        return copy_policy(host_leaves, ARRAY_SIZE(host_leaves), host_msrs, ARRAY_SIZE(host_msrs),
                           p->leaves, &p->nr_leaves, p->msrs, &p->nr_msrs);
    case XEN_SYSCTL_get_cpu_featureset:
        return featureset(&op->u.cpu_featureset);
    case XEN_SYSCTL_get_cpu_levelling_caps:
        op->u.cpu_levelling_caps.caps = XEN_SYSCTL_CPU_LEVELCAP_faulting;
        return 0;
    default:
        return -ENOSYS;
    }
}
