/* SPDX-License-Identifier: MIT */
/*
 * policy.c - the CPU policies of this machine, made once at boot and constant afterwards: what the
 * CPU says (raw), what the hypervisor knows of it (host), what PV guests may see at most (pv max),
 * and what they see unless their tools decide otherwise (pv).
 */
#include <xen/cpu-policy.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <asm/policy.h>
#include <asm/setup.h>
#include <asm/system.h>

struct cpu_policy raw_policy __ro_after_init, host_policy __ro_after_init,
    pv_max_policy __ro_after_init, pv_policy __ro_after_init;

/*
 * Masks by register. Each is what the 4.17 ABI offers PV guests, less what is not virtualised here:
 * speculation-control MSRs, data breakpoint extensions, processor topology.
 */
#define BITS_1C_XSAVE     0x34001000U /* FMA, XSAVE, AVX, F16C: with XSAVE only */
#define BIT_1C_HYPERVISOR 0x80000000U
#define MASK_1D           0x1fc9cbf5U
#define MASK_1C           0xf6d83203U
#define BITS_7B_XSAVE     0xdc230020U /* AVX2, AVX-512 */
#define MASK_7B           0xfdaf0b29U
#define MASK_7C           0x02400101U /* PREFETCHWT1, GFNI, RDPID, CLDEMOTE */
#define MASK_7D           0x00004410U /* FSRM, MD_CLEAR, SERIALIZE */
#define MASK_7_1A         0x00001c00U /* fast short string operations */
#define MASK_E1D          0xea500800U
#define BITS_E1C_HIDDEN   0x04010802U /* CMP_LEGACY, XOP, FMA4, DBEXT */
#define MASK_E1C          (0x042109e3U & ~BITS_E1C_HIDDEN & ~0x00200000U)
#define MASK_E8B          0x24000005U /* CLZERO, RSTR_FP_ERR_PTRS, SSB_NO, BTC_NO */
#define MASK_E21A         0x00000044U /* LFENCE serialises, null selector clears base */

#define CACHE_TYPE_MASK     0x1fU
#define CACHE_TOPOLOGY_MASK 0xffffc000U
#define LINEAR_BITS         48U
#define MAX_XSTATE_LEAF     0xdU

static struct policy_regs __init read_leaf(u32 leaf, u32 subleaf)
{
    struct cpuid_regs r = cpuid(leaf, subleaf);

    return (struct policy_regs){r.a, r.b, r.c, r.d};
}

static void __init read_array(struct policy_regs *to, u32 leaf, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++)
        to[i] = read_leaf(leaf, i);
}

static void __init read_raw(struct cpu_policy *p)
{
    u32 max = cpuid(0, 0).a, max_ext = cpuid(CPUID_EXT, 0).a;

    if (max_ext < CPUID_EXT + 8)
        panic("This CPU has no CPUID leaf 80000008: it is too old.");
    for (u32 leaf = 0; leaf <= MIN(max, CPUID_NR_BASIC - 1U); leaf++)
        if (leaf != 4 && leaf != 7 && leaf != 0xb && leaf != 0xd)
            p->basic[leaf] = read_leaf(leaf, 0);
    if (max >= 4)
        read_array(p->cache, 4, CPUID_NR_CACHE);
    if (max >= 7)
        read_array(p->feature, 7, MIN(cpuid(7, 0).a + 1, (u32)CPUID_NR_FEATURE));
    if (max >= 0xb)
        read_array(p->topology, 0xb, CPUID_NR_TOPOLOGY);
    if (max >= 0xd)
        read_array(p->xstate, 0xd, CPUID_NR_XSTATE);
    for (u32 i = 0; i < CPUID_NR_EXT && CPUID_EXT + i <= max_ext; i++)
        p->ext[i] = read_leaf(CPUID_EXT + i, 0);
}

/* The host's own limits, cut down to the leaves that policies know. */
static void __init limit_leaves(struct cpu_policy *p)
{
    p->basic[0].a = MIN(p->basic[0].a, MAX_XSTATE_LEAF);
    p->feature[0].a = MIN(p->feature[0].a, CPUID_NR_FEATURE - 1U);
    p->ext[0].a = MIN(p->ext[0].a, CPUID_EXT + CPUID_NR_EXT - 1);
}

static void __init make_pv_basic(struct cpu_policy *p)
{
    struct policy_regs *one = &p->basic[1];
    const struct policy_regs *f = host_policy.feature;

    for (unsigned int i = 3; i < CPUID_NR_BASIC; i++)
        p->basic[i] = (struct policy_regs){0};
    one->b = (one->b & 0xffff) | 1U << 16; /* one logical processor per package; id added later */
    one->c = (one->c & MASK_1C) | BIT_1C_HYPERVISOR;
    one->d &= MASK_1D;
    /* Caches are not shared between vCPUs, as far as they know. */
    for (unsigned int i = 0; i < CPUID_NR_CACHE; i++)
        p->cache[i].a &= ~CACHE_TOPOLOGY_MASK;
    memset(p->feature, 0, sizeof(p->feature));
    p->feature[0] =
        (struct policy_regs){MIN(f[0].a, 1U), f[0].b & MASK_7B, f[0].c & MASK_7C, f[0].d & MASK_7D};
    if (f[0].a)
        p->feature[1].a = f[1].a & MASK_7_1A;
    memset(p->topology, 0, sizeof(p->topology));
    if (!cpu_caps.xsave) {
        one->c &= ~BITS_1C_XSAVE;
        p->feature[0].b &= ~BITS_7B_XSAVE;
    }
    cpu_policy_fix_xstate(p, &host_policy);
}

static void __init make_pv_ext(struct cpu_policy *p)
{
    /* Identification, brand string, cache and TLB sizes. */
    static const u8 kept[] __initdata = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x19, 0x1a};
    const struct policy_regs *h = host_policy.ext;
    struct policy_regs *e = p->ext;

    memset(e, 0, sizeof(p->ext));
    for (unsigned int i = 0; i < ARRAY_SIZE(kept); i++)
        e[kept[i]] = h[kept[i]];
    e[1].c &= MASK_E1C;
    e[1].d &= MASK_E1D;
    e[8].a = (h[8].a & 0xff) | LINEAR_BITS << 8;
    e[8].b = h[8].b & MASK_E8B;
    e[0x21].a = h[0x21].a & MASK_E21A;
}

/* What lfence_setup() has turned on, CPUID does not say. */
static void __init add_lfence(struct cpu_policy *p)
{
    if (!cpu_caps.lfence_serial)
        return;
    if (p->ext[0].a < CPUID_EXT + 0x21)
        p->ext[0].a = CPUID_EXT + 0x21;
    p->ext[0x21].a |= EXT21_LFENCE_SERIAL;
}

void __init cpu_policy_init(void)
{
    read_raw(&raw_policy);
    host_policy = raw_policy;
    limit_leaves(&host_policy);
    host_policy.xstate[0].a = (u32)cpu_caps.xcr0;
    host_policy.xstate[0].d = (u32)(cpu_caps.xcr0 >> 32);
    add_lfence(&host_policy);
    pv_max_policy = host_policy;
    make_pv_basic(&pv_max_policy);
    make_pv_ext(&pv_max_policy);
    pv_policy = pv_max_policy;
    /* With it Linux reads the user's GS base at each context switch by an instruction that traps. */
    pv_policy.feature[0].b &= ~FEATURE_7B_FSGSBASE;
}
