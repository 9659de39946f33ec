/* SPDX-License-Identifier: MIT */
/*
 * emul-cpuid.c - what CPUID tells a PV guest that asks with the forced-emulation prefix.
 *
 * One policy for all PV guests: the host's leaves cut down by masks, made once at boot and constant
 * afterwards. Per vCPU only the APIC id and the hypervisor's own leaves differ. User code that
 * executes CPUID plainly sees the host; so what the hardware would let it use without being
 * switched (XSAVE state) must be off in CR4 as well.
 */
#include <xen/bitops.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/time.h>
#include <asm/setup.h>
#include <asm/system.h>
#include "private.h"

#define MAX_BASIC  0xdU
#define MAX_EXT    0x21U
#define NR_CACHES  8
#define NR_FEATURE 2
#define EXT_BASE   0x80000000U
#define HV_BASE    0x40000000U
#define HV_MAX     (HV_BASE + 5)

#define HV_VERSION        0x00040011 /* 4.17 */
#define HV_SIGNATURE_B    0x566e6558 /* "XenV" */
#define HV_SIGNATURE_C    0x65584d4d /* "MMXe" */
#define HV_SIGNATURE_D    0x4d4d566e /* "nVMM" */
#define HV_TSC_RELIABLE   (1U << 1)
#define MAX_MACHINE_WIDTH 44 /* beyond it guests switch to the other grant table format */

/*
 * Masks by register. Each is what the 4.17 ABI offers PV guests, less what is not virtualised here:
 * XSAVE and all that needs it, FSGSBASE, TSC_AUX (RDTSCP, RDPID), speculation-control MSRs,
 * data breakpoint extensions, processor topology.
 */
#define BITS_1C_XSAVE     0x34001000U /* FMA, XSAVE, AVX, F16C */
#define BIT_1C_HYPERVISOR 0x80000000U
#define MASK_1D           0x1fc9cbf5U
#define MASK_1C           (0xf6d83203U & ~BITS_1C_XSAVE)
#define BITS_7B_HIDDEN    0xdc230021U /* FSGSBASE, AVX2, AVX-512 */
#define MASK_7B           (0xfdaf0b29U & ~BITS_7B_HIDDEN)
#define MASK_7C           0x02000101U /* PREFETCHWT1, GFNI, CLDEMOTE */
#define MASK_7D           0x00004410U /* FSRM, MD_CLEAR, SERIALIZE */
#define MASK_7_1A         0x00001c00U /* fast short string operations */
#define MASK_E1D          (0xea500800U & ~0x08000000U)
#define BITS_E1C_HIDDEN   0x04010802U /* CMP_LEGACY, XOP, FMA4, DBEXT */
#define MASK_E1C          (0x042109e3U & ~BITS_E1C_HIDDEN & ~0x00200000U)
#define MASK_E8B          0x24000005U /* CLZERO, RSTR_FP_ERR_PTRS, SSB_NO, BTC_NO */
#define MASK_E21A         0x00000044U /* LFENCE serialises, null selector clears base */

#define CACHE_TYPE_MASK     0x1fU
#define CACHE_TOPOLOGY_MASK 0xffffc000U
#define LINEAR_BITS         48U

static struct {
    u32 max_basic, max_ext;
    struct cpuid_regs basic[MAX_BASIC + 1];
    struct cpuid_regs cache[NR_CACHES];    /* leaf 4 */
    struct cpuid_regs feature[NR_FEATURE]; /* leaf 7 */
    struct cpuid_regs ext[MAX_EXT + 1];
    bool tsc_reliable;
} policy __ro_after_init;

static __init void init_leaf_1(void)
{
    struct cpuid_regs *r = &policy.basic[1];

    *r = cpuid(1, 0);
    r->b = (r->b & 0xffff) | 1U << 16; /* one logical processor per package; id added later */
    r->c = (r->c & MASK_1C) | BIT_1C_HYPERVISOR;
    r->d &= MASK_1D;
}

static __init void init_caches(void)
{
    for (unsigned int i = 0; i < NR_CACHES; i++) {
        struct cpuid_regs r = cpuid(4, i);

        if (!(r.a & CACHE_TYPE_MASK))
            break;
        r.a &= ~CACHE_TOPOLOGY_MASK; /* caches are not shared between vCPUs, as far as they know */
        policy.cache[i] = r;
    }
}

static __init void init_features(void)
{
    struct cpuid_regs r = cpuid(7, 0);
    u32 subleaves = MIN(r.a, NR_FEATURE - 1U);

    policy.feature[0] = (struct cpuid_regs){
        .a = subleaves, .b = r.b & MASK_7B, .c = r.c & MASK_7C, .d = r.d & MASK_7D};
    if (subleaves)
        policy.feature[1].a = cpuid(7, 1).a & MASK_7_1A;
}

static __init void init_extended(void)
{
    struct cpuid_regs *e = policy.ext;
    u32 host_max = cpuid(EXT_BASE, 0).a;
    struct cpuid_regs r;

    /* Identification, brand string, cache and TLB sizes. */
    static const u8 copied[] __initdata = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x19, 0x1a};

    if (host_max < EXT_BASE + 8)
        panic("the processor has no CPUID leaf 80000008: it is too old\n");
    policy.max_ext = MIN(host_max, EXT_BASE + MAX_EXT);
    for (unsigned int i = 0; i < ARRAY_SIZE(copied); i++)
        if (EXT_BASE + copied[i] <= policy.max_ext)
            e[copied[i]] = cpuid(EXT_BASE + copied[i], 0);
    e[0].a = policy.max_ext;
    e[1].c &= MASK_E1C;
    e[1].d &= MASK_E1D;
    policy.tsc_reliable = cpuid(EXT_BASE + 7, 0).d & (1U << 8);
    r = cpuid(EXT_BASE + 8, 0);
    e[8].a = (r.a & 0xff) | LINEAR_BITS << 8;
    e[8].b = r.b & MASK_E8B;
    if (policy.max_ext >= EXT_BASE + 0x21)
        e[0x21].a = cpuid(EXT_BASE + 0x21, 0).a & MASK_E21A;
}

void __init cpu_policy_init(void)
{
    policy.basic[0] = cpuid(0, 0);
    policy.max_basic = MIN(policy.basic[0].a, MAX_BASIC);
    policy.basic[0].a = policy.max_basic;
    init_leaf_1();
    if (policy.max_basic >= 2)
        policy.basic[2] = cpuid(2, 0);
    if (policy.max_basic >= 4)
        init_caches();
    if (policy.max_basic >= 7)
        init_features();
    init_extended();
}

static void tsc_leaf(const struct vcpu *v, u32 sub, struct cpuid_regs *res)
{
    const struct vcpu_time_info *t = &v->info->time;

    switch (sub) {
    case 0:
        res->a = policy.tsc_reliable ? HV_TSC_RELIABLE : 0;
        res->c = cpu_khz;
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

void pv_cpuid(const struct vcpu *v, u32 leaf, u32 sub, struct cpuid_regs *res)
{
    *res = (struct cpuid_regs){0};
    if (leaf >= HV_BASE && leaf <= HV_MAX) {
        hypervisor_leaf(v, leaf, sub, res);
    } else if (leaf >= EXT_BASE && leaf <= policy.max_ext) {
        *res = policy.ext[leaf - EXT_BASE];
    } else if (leaf <= policy.max_basic) {
        if (leaf == 4) {
            if (sub < NR_CACHES)
                *res = policy.cache[sub];
        } else if (leaf == 7) {
            if (sub < NR_FEATURE)
                *res = policy.feature[sub];
        } else {
            *res = policy.basic[leaf];
        }
        if (leaf == 1)
            res->b |= (v->vcpu_id * 2) << 24;
    }
}
