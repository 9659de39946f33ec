/* SPDX-License-Identifier: MIT */
/*
 * emul-cpuid.c - what CPUID tells a PV guest that asks with the forced-emulation prefix: the leaves
 * of its domain's policy, and the hypervisor's own.
 *
 * User code that executes CPUID plainly sees the host; so what the hardware would let it use
 * without being switched must be off in CR4 or XCR0 as well.
 */
#include <xen/bitops.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/time.h>
#include <asm/policy.h>
#include <asm/setup.h>
#include <asm/system.h>
#include "private.h"

#define HV_BASE 0x40000000U
#define HV_MAX  (HV_BASE + 5)

#define HV_VERSION         0x00040011 /* 4.17 */
#define HV_SIGNATURE_B     0x566e6558 /* "XenV" */
#define HV_SIGNATURE_C     0x65584d4d /* "MMXe" */
#define HV_SIGNATURE_D     0x4d4d566e /* "nVMM" */
#define HV_TSC_RELIABLE    (1U << 1)
#define HV_TSC_RDTSCP      (1U << 2)
#define BIT_1C_OSXSAVE     (1U << 27)
#define EXT7_TSC_INVARIANT (1U << 8)
#define MAX_MACHINE_WIDTH  44 /* beyond it guests switch to the other grant table format */

static void tsc_leaf(const struct vcpu *v, u32 sub, struct cpuid_regs *res)
{
    const struct vcpu_time_info *t = &v->info->time;
    const struct arch_domain *a = &v->domain->arch;

    switch (sub) {
    case 0:
        res->a = (host_policy.ext[7].d & EXT7_TSC_INVARIANT ? HV_TSC_RELIABLE : 0) |
                 (cpu_caps.rdtscp ? HV_TSC_RDTSCP : 0);
        res->b = a->tsc_mode;
        res->c = a->tsc_khz;
        res->d = a->tsc_incarnation;
        break;
    case 1: /* the guest's TSC is the host's: no offset */
        res->c = t->tsc_to_system_mul;
        res->d = (u8)t->tsc_shift;
        break;
    case 2:
        res->a = cpu_khz;
        break;
    default:
        break;
    }
}

static void hypervisor_leaf(const struct vcpu *v, u32 leaf, u32 sub, struct cpuid_regs *res)
{
    switch (leaf) {
    case HV_BASE:
        *res = (struct cpuid_regs){HV_MAX, HV_SIGNATURE_B, HV_SIGNATURE_C, HV_SIGNATURE_D};
        break;
    case HV_BASE + 1:
        res->a = HV_VERSION;
        break;
    case HV_BASE + 2:
        res->a = 1; /* hypercall page; MSR that asks for it */
        res->b = HV_BASE;
        res->c = 1; /* MMU_PT_UPDATE_PRESERVE_AD works */
        break;
    case HV_BASE + 3:
        tsc_leaf(v, sub, res);
        break;
    case HV_BASE + 5:
        res->b = MIN(highest_bit(max_page) + 1 + PAGE_SHIFT, (unsigned int)MAX_MACHINE_WIDTH);
        break;
    default: /* +4 is for HVM guests */
        break;
    }
}

/* PV kernels take OSXSAVE for the hypervisor's word that XSAVE may be used. */
static void leaf_1(const struct vcpu *v, struct cpuid_regs *res)
{
    res->b |= (v->vcpu_id * 2) << 24;
    res->c &= ~BIT_1C_OSXSAVE;
    if (cpu_policy_xcr0_max(v->domain->arch.policy))
        res->c |= BIT_1C_OSXSAVE;
}

/* The tools may hide hypervisor leaves. */
static u32 hv_max(const struct cpu_policy *p)
{
    return p->hv_limit >= HV_BASE + 2 && p->hv_limit < HV_MAX ? p->hv_limit : HV_MAX;
}

void pv_cpuid(const struct vcpu *v, u32 leaf, u32 sub, struct cpuid_regs *res)
{
    const struct cpu_policy *p = v->domain->arch.policy;
    struct policy_regs r;

    *res = (struct cpuid_regs){0};
    if (leaf >= HV_BASE && leaf <= hv_max(p)) {
        hypervisor_leaf(v, leaf, sub, res);
        if (leaf == HV_BASE)
            res->a = hv_max(p);
        return;
    }
    r = cpu_policy_get(p, leaf, sub);
    *res = (struct cpuid_regs){r.a, r.b, r.c, r.d};
    if (leaf == 1)
        leaf_1(v, res);
    else if (leaf == 0xd && sub == 0 && r.a)
        res->b = cpu_policy_xsave_size(p, v->arch.xcr0, false);
    else if (leaf == 0xd && sub == 1 && r.a)
        res->b = cpu_policy_xsave_size(p, v->arch.xcr0, true);
}
