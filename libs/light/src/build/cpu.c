/* SPDX-License-Identifier: MIT */
/*
 * cpu.c - CPU policies: the default one with the few bits that depend on the domain.
 *
 * HVM guests have APIC id 2n for vCPU n, as if each core had a second thread that is not there: the
 * numbers of cores and threads that CPUID shows must leave room for such ids. PV guests may see
 * the host's CPUID directly, so what describes its topology must be the host's.
 */
#include "cpu.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/public/domctl.h>
#include <xenolith/public/sysctl.h>

#define NO_SUB XEN_CPUID_NO_SUBLEAF

#define LEAF1_EDX_PAE (1U << 6)
#define LEAF1_EDX_HTT (1U << 28)
#define LEAF1_ECX_VMX (1U << 5)
#define EXT1_ECX_CMP  (1U << 1)
#define EXT1_ECX_SVM  (1U << 2)
#define EXT7_EDX_ITSC (1U << 8)
#define LEAF4_TYPE    0x1fU
#define INTEL_EBX     0x756e6547U /* "Genu" */
#define CORES_MAX     0x7fU       /* less one, of which twice as many can be said */
#define ID_SIZE_SHIFT 12U
#define ID_SIZE_MAX   15U

struct policy {
    struct xen_cpuid_leaf *leaves;
    uint32_t nr;
};

static struct xen_cpuid_leaf *find(const struct policy *p, uint32_t leaf, uint32_t subleaf)
{
    for (uint32_t i = 0; i < p->nr; i++)
        if (p->leaves[i].leaf == leaf && p->leaves[i].subleaf == subleaf)
            return &p->leaves[i];
    return NULL;
}

static void set_bits(uint32_t *reg, uint32_t bits, bool on)
{
    *reg = on ? *reg | bits : *reg & ~bits;
}

static int read_policy(xctl_handle *h, unsigned int which, uint32_t room, struct policy *ret_p,
                       struct xlight__why *why)
{
    uint32_t nr = room, msrs = 0;
    int rc;

    ret_p->leaves = calloc(room, sizeof(*ret_p->leaves));
    if (!ret_p->leaves)
        return xlight__why(why, -ENOMEM, "no memory for a CPU policy");
    rc = xctl_host_cpu_policy(h, which, ret_p->leaves, &nr, NULL, &msrs);
    if (rc)
        return xlight__why_ctrl(why, h, rc);
    ret_p->nr = nr;
    return 0;
}

static void tune_pv(const struct policy *p, const struct policy *host)
{
    const struct xen_cpuid_leaf *from;
    struct xen_cpuid_leaf *l = find(p, 1, NO_SUB);

    from = find(host, 1, NO_SUB);
    if (l && from)
        set_bits(&l->d, LEAF1_EDX_HTT, from->d & LEAF1_EDX_HTT);
    l = find(p, 0x80000001, NO_SUB);
    from = find(host, 0x80000001, NO_SUB);
    if (l && from)
        set_bits(&l->c, EXT1_ECX_CMP, from->c & EXT1_ECX_CMP);
}

/* Intel: which ids share a cache, and a package. */
static void tune_caches(const struct policy *p)
{
    struct xen_cpuid_leaf *l;

    for (uint32_t i = 0; (l = find(p, 4, i)) && (l->a & LEAF4_TYPE); i++)
        l->a = (l->a & 0x3fffU) | ((l->a >> 26 << 1 | 1) & 0x3f) << 26;
}

/* AMD: cores in the package, and the bits of an id that number them if it says so. */
static void tune_cores(struct xen_cpuid_leaf *l)
{
    uint32_t cores, size;

    if (!l)
        return;
    cores = l->c & 0xff;
    size = l->c >> ID_SIZE_SHIFT & ID_SIZE_MAX;
    if (cores >= CORES_MAX)
        return;
    if (size && size < ID_SIZE_MAX)
        size++;
    l->c =
        (l->c & ~(0xffU | ID_SIZE_MAX << ID_SIZE_SHIFT)) | (cores << 1 | 1) | size << ID_SIZE_SHIFT;
}

/* Asked for, both kinds of virtualisation are: the hypervisor takes away what the CPU cannot do. */
static void tune_hvm(const struct policy *p, bool nested)
{
    const struct xen_cpuid_leaf *vendor = find(p, 0, NO_SUB);
    struct xen_cpuid_leaf *l = find(p, 1, NO_SUB);
    uint32_t threads;

    if (l) {
        set_bits(&l->d, LEAF1_EDX_PAE | LEAF1_EDX_HTT, true);
        set_bits(&l->c, LEAF1_ECX_VMX, nested);
        threads = l->b >> 16 & 0xff;
        if (!(threads & 0x80))
            l->b = (l->b & ~0xff0000U) | threads << 17;
    }
    l = find(p, 0x80000001, NO_SUB);
    if (l) {
        set_bits(&l->c, EXT1_ECX_CMP, false);
        set_bits(&l->c, EXT1_ECX_SVM, nested);
    }
    if (vendor && vendor->b == INTEL_EBX)
        tune_caches(p);
    else
        tune_cores(find(p, 0x80000008, NO_SUB));
}

static int apply(const struct policy *p, const struct xlight__cpu_change *c,
                 struct xlight__why *why)
{
    struct xen_cpuid_leaf *l = find(p, c->leaf, c->subleaf);
    uint32_t *regs[4];

    if (!l || c->reg > 3)
        return xlight__why(why, -ENOENT, "CPUID of this domain has no leaf 0x%x, subleaf 0x%x",
                           c->leaf, c->subleaf);
    regs[0] = &l->a;
    regs[1] = &l->b;
    regs[2] = &l->c;
    regs[3] = &l->d;
    *regs[c->reg] = (*regs[c->reg] & ~c->clear) | c->set;
    return 0;
}

static int tune(const struct policy *p, const struct policy *host, bool hvm,
                const struct xlight__cpu_options *o, struct xlight__why *why)
{
    const struct xen_cpuid_leaf *from = find(host, 0x80000007, NO_SUB);
    struct xen_cpuid_leaf *l = find(p, 0x80000007, NO_SUB);
    int rc = 0;

    if (l)
        set_bits(&l->d, EXT7_EDX_ITSC, o->itsc && from && (from->d & EXT7_EDX_ITSC));
    if (hvm)
        tune_hvm(p, o->nested);
    else
        tune_pv(p, host);
    for (unsigned int i = 0; !rc && i < o->nr_changes; i++)
        rc = apply(p, &o->changes[i], why);
    return rc;
}

int xlight__cpu_policy(xctl_handle *h, domid_t domid, bool hvm,
                       const struct xlight__cpu_options *options, struct xlight__why *why)
{
    static const struct xlight__cpu_options none;
    struct policy p = {0}, host = {0};
    uint32_t leaves, msrs;
    int rc = xctl_host_cpu_policy_size(h, &leaves, &msrs);

    if (rc) {
        xlight__why_ctrl(why, h, rc);
        goto out;
    }
    rc = read_policy(h, hvm ? XEN_SYSCTL_cpu_policy_hvm_default : XEN_SYSCTL_cpu_policy_pv_default,
                     leaves, &p, why);
    if (!rc)
        rc = read_policy(h, XEN_SYSCTL_cpu_policy_host, leaves, &host, why);
    if (!rc)
        rc = tune(&p, &host, hvm, options ? options : &none, why);
    if (!rc) {
        rc = xctl_domain_set_cpu_policy(h, domid, p.leaves, p.nr, NULL, 0, NULL);
        if (rc)
            xlight__why_ctrl(why, h, rc);
    }
out:
    free(p.leaves);
    free(host.leaves);
    return rc ? xlight__why(why, rc, "cannot set up the CPUs of domain %u", domid) : 0;
}
