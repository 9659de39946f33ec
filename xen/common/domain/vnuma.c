/* SPDX-License-Identifier: MIT */
/*
 * vnuma.c - the NUMA layout that a guest is shown: stored by domctl, read by XENMEM_get_vnumainfo.
 *
 * It is data for the guest only; where memory really comes from is said elsewhere. domain->lock
 * protects the pointer; what it points to never changes.
 */
#include <xen/domain.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <public/domctl.h>
#include <public/memory.h>
#include <xen/domctl-table.h>

/* Nodes of the host that a tool may name, existing or not, as in 4.17. */
#define MAX_PNODES 64

struct vnuma {
    u32 nr_vnodes, nr_ranges, nr_vcpus;
    u32 *distance, *vcpu_node; /* nr_vnodes squared; nr_vcpus */
    struct xen_vmemrange *ranges;
};

static void vnuma_free(struct vnuma *n)
{
    if (!n)
        return;
    xfree(n->distance);
    xfree(n->vcpu_node);
    xfree(n->ranges);
    xfree(n);
}

void domain_vnuma_free(struct domain *d)
{
    vnuma_free(d->vnuma);
    d->vnuma = NULL;
}

/* Each list within a page. */
static bool sizes_ok(const struct xen_domctl_vnuma *u, const struct domain *d)
{
    return u->nr_vnodes && u->nr_vcpus == d->max_vcpus && !u->pad &&
           (u64)u->nr_vnodes * u->nr_vnodes <= PAGE_SIZE / sizeof(u32) &&
           u->nr_vmemranges <= PAGE_SIZE / sizeof(struct xen_vmemrange);
}

static struct vnuma *vnuma_alloc(u32 nr_vnodes, u32 nr_ranges, u32 nr_vcpus)
{
    struct vnuma *n = xzalloc(struct vnuma);

    if (!n)
        return NULL;
    n->nr_vnodes = nr_vnodes;
    n->nr_ranges = nr_ranges;
    n->nr_vcpus = nr_vcpus;
    n->distance = xzalloc_array(u32, (size_t)nr_vnodes * nr_vnodes);
    n->vcpu_node = xzalloc_array(u32, nr_vcpus);
    n->ranges = xzalloc_array(struct xen_vmemrange, MAX(nr_ranges, 1U));
    if (n->distance && n->vcpu_node && n->ranges)
        return n;
    vnuma_free(n);
    return NULL;
}

static size_t distance_bytes(const struct vnuma *n)
{
    return (size_t)n->nr_vnodes * n->nr_vnodes * sizeof(u32);
}

static int fill(struct vnuma *n, const struct xen_domctl_vnuma *u)
{
    u32 pnode;

    if (copy_from_guest(n->distance, u->vdistance, distance_bytes(n)) ||
        copy_from_guest(n->ranges, u->vmemrange, n->nr_ranges * sizeof(n->ranges[0])) ||
        copy_from_guest(n->vcpu_node, u->vcpu_to_vnode, n->nr_vcpus * sizeof(u32)))
        return -EFAULT;
    for (u32 i = 0; i < n->nr_vcpus; i++)
        if (n->vcpu_node[i] >= n->nr_vnodes)
            return -E2BIG;
    /* Only checked: the builder puts the memory where it wants it. */
    for (u32 i = 0; i < n->nr_vnodes; i++) {
        if (copy_elem_from_guest(&pnode, u->vnode_to_pnode, i, sizeof(pnode)))
            return -EFAULT;
        if (pnode >= MAX_PNODES)
            return -E2BIG;
    }
    for (u32 i = 0; i < n->nr_ranges; i++)
        if (n->ranges[i].flags)
            return -EINVAL;
    return 0;
}

long domctl_setvnumainfo(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vnuma *u = &op->u.vnuma;
    struct vnuma *n, *old;
    int rc;

    if (!sizes_ok(u, d))
        return -EINVAL;
    n = vnuma_alloc(u->nr_vnodes, u->nr_vmemranges, u->nr_vcpus);
    if (!n)
        return -ENOMEM;
    rc = fill(n, u);
    if (rc) {
        vnuma_free(n);
        return rc;
    }
    spin_lock(&d->lock);
    old = d->vnuma;
    d->vnuma = n;
    spin_unlock(&d->lock);
    vnuma_free(old);
    return 0;
}

/* With the domain's lock: the copy is at most a few pages. */
static int read_locked(const struct domain *d, struct xen_vnuma_topology_info *t)
{
    const struct vnuma *n = d->vnuma;
    bool fits;

    if (!n)
        return -EOPNOTSUPP;
    fits = t->nr_vnodes >= n->nr_vnodes && t->nr_vcpus >= n->nr_vcpus &&
           t->nr_vmemranges >= n->nr_ranges;
    t->nr_vnodes = n->nr_vnodes;
    t->nr_vcpus = n->nr_vcpus;
    t->nr_vmemranges = n->nr_ranges;
    if (!fits)
        return -ENOBUFS;
    if (copy_to_guest(t->vdistance.h, n->distance, distance_bytes(n)) ||
        copy_to_guest(t->vmemrange.h, n->ranges, n->nr_ranges * sizeof(n->ranges[0])) ||
        copy_to_guest(t->vcpu_to_vnode.h, n->vcpu_node, n->nr_vcpus * sizeof(u32)))
        return -EFAULT;
    return 0;
}

long vnuma_get_info(unsigned long arg)
{
    struct xen_vnuma_topology_info t;
    struct domain *d;
    int rc;

    if (copy_from_guest(&t, arg, sizeof(t)))
        return -EFAULT;
    if (t.pad)
        return -EINVAL;
    d = get_domain_by_id(t.domid);
    if (!d)
        return -ESRCH;
    rc = -EPERM;
    if (may_control(d)) {
        spin_lock(&d->lock);
        rc = read_locked(d, &t);
        spin_unlock(&d->lock);
    }
    if ((!rc || rc == -ENOBUFS) && copy_to_guest(arg, &t, sizeof(t)))
        rc = -EFAULT;
    put_domain(d);
    return rc;
}
