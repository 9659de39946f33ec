/* SPDX-License-Identifier: MIT */
/* cpu-policy.c - CPU policies as data; see <xen/cpu-policy.h>. Pure: compiled on the host too. */
#include <xen/cpu-policy.h>
#include <xen/errno.h>
#include <xen/lib.h>
#include <xen/xstate.h>

#define CACHE_TYPE 0x1fU

/* --- finding --- */

struct policy_regs *cpu_policy_find(struct cpu_policy *p, u32 leaf, u32 subleaf)
{
    switch (leaf) {
    case 4:
        return subleaf < CPUID_NR_CACHE ? &p->cache[subleaf] : NULL;
    case 7:
        return subleaf < CPUID_NR_FEATURE ? &p->feature[subleaf] : NULL;
    case 0xb:
        return subleaf < CPUID_NR_TOPOLOGY ? &p->topology[subleaf] : NULL;
    case 0xd:
        return subleaf < CPUID_NR_XSTATE ? &p->xstate[subleaf] : NULL;
    }
    if (leaf < CPUID_NR_BASIC)
        return &p->basic[leaf];
    if (leaf >= CPUID_EXT && leaf - CPUID_EXT < CPUID_NR_EXT)
        return &p->ext[leaf - CPUID_EXT];
    return NULL;
}

static u32 max_basic(const struct cpu_policy *p)
{
    return MIN(p->basic[0].a, CPUID_NR_BASIC - 1U);
}

static u32 max_feature(const struct cpu_policy *p)
{
    return MIN(p->feature[0].a, CPUID_NR_FEATURE - 1U);
}

static u32 nr_ext(const struct cpu_policy *p)
{
    return p->ext[0].a < CPUID_EXT ? 0 : MIN(p->ext[0].a - CPUID_EXT + 1, (u32)CPUID_NR_EXT);
}

struct policy_regs cpu_policy_get(const struct cpu_policy *p, u32 leaf, u32 subleaf)
{
    struct policy_regs none = {0};
    const struct policy_regs *r = cpu_policy_find((struct cpu_policy *)p, leaf, subleaf);

    if (!r || (leaf < CPUID_EXT && leaf > max_basic(p)) ||
        (leaf >= CPUID_EXT && leaf - CPUID_EXT >= nr_ext(p)) ||
        (leaf == 7 && subleaf > max_feature(p)))
        return none;
    return *r;
}

/* --- as a list --- */

struct writer {
    int (*emit)(void *ctx, const struct xen_cpuid_leaf *leaf);
    void *ctx;
    int rc;
};

static void put(struct writer *w, u32 leaf, u32 subleaf, struct policy_regs r)
{
    struct xen_cpuid_leaf l = {
        .leaf = leaf, .subleaf = subleaf, .a = r.a, .b = r.b, .c = r.c, .d = r.d};

    if (!w->rc)
        w->rc = w->emit(w->ctx, &l);
}

static void put_array(struct writer *w, u32 leaf, const struct policy_regs *r, u32 n)
{
    for (u32 i = 0; i < n; i++)
        put(w, leaf, i, r[i]);
}

/* The list of caches ends with one of no type, which is part of it. */
static u32 nr_caches(const struct cpu_policy *p)
{
    u32 n = 0;

    while (n < CPUID_NR_CACHE - 1 && (p->cache[n].a & CACHE_TYPE))
        n++;
    return n + 1;
}

int cpu_policy_write(const struct cpu_policy *p,
                     int (*emit)(void *ctx, const struct xen_cpuid_leaf *leaf), void *ctx)
{
    struct writer w = {emit, ctx, 0};

    for (u32 leaf = 0; leaf <= max_basic(p); leaf++) {
        switch (leaf) {
        case 4:
            put_array(&w, leaf, p->cache, nr_caches(p));
            break;
        case 7:
            put_array(&w, leaf, p->feature, max_feature(p) + 1);
            break;
        case 0xb:
            put_array(&w, leaf, p->topology, CPUID_NR_TOPOLOGY);
            break;
        case 0xd:
            put_array(&w, leaf, p->xstate, CPUID_NR_XSTATE);
            break;
        default:
            put(&w, leaf, XEN_CPUID_NO_SUBLEAF, p->basic[leaf]);
            break;
        }
    }
    put(&w, CPUID_HV, XEN_CPUID_NO_SUBLEAF, (struct policy_regs){.a = p->hv_limit});
    put(&w, CPUID_HV2, XEN_CPUID_NO_SUBLEAF, (struct policy_regs){.a = p->hv2_limit});
    for (u32 i = 0; i < nr_ext(p); i++)
        put(&w, CPUID_EXT + i, XEN_CPUID_NO_SUBLEAF, p->ext[i]);
    return w.rc;
}

static bool has_subleaves(u32 leaf)
{
    return leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd;
}

int cpu_policy_set_leaf(struct cpu_policy *p, const struct xen_cpuid_leaf *l)
{
    struct policy_regs *r;

    if (!has_subleaves(l->leaf) && l->subleaf != XEN_CPUID_NO_SUBLEAF)
        return -ERANGE;
    if (l->leaf == CPUID_HV || l->leaf == CPUID_HV2) {
        *(l->leaf == CPUID_HV ? &p->hv_limit : &p->hv2_limit) = l->a;
        return 0;
    }
    r = cpu_policy_find(p, l->leaf, l->subleaf);
    if (!r)
        return -ERANGE;
    *r = (struct policy_regs){l->a, l->b, l->c, l->d};
    return 0;
}

int cpu_policy_set_msr(struct cpu_policy *p, const struct xen_msr_entry *msr)
{
    if (msr->flags)
        return -EINVAL;
    switch (msr->idx) {
    case MSR_PLATFORM_INFO_:
        p->platform_info = msr->val;
        return 0;
    case MSR_ARCH_CAPS_:
        p->arch_caps = msr->val;
        return 0;
    }
    return -ERANGE;
}

/* --- comparing --- */

int cpu_policy_check(const struct cpu_policy *host, const struct cpu_policy *guest,
                     struct cpu_policy_error *ret_err)
{
    struct cpu_policy_error e = {~0U, ~0U, ~0U};

    if (guest->basic[0].a > host->basic[0].a)
        e.leaf = 0;
    else if (guest->feature[0].a > host->feature[0].a)
        e.leaf = 7, e.subleaf = 0;
    else if (guest->ext[0].a > host->ext[0].a)
        e.leaf = CPUID_EXT;
    else if ((guest->platform_info & ~host->platform_info) & PLATFORM_INFO_FAULT)
        e.msr = MSR_PLATFORM_INFO_;
    else
        return 0;
    *ret_err = e;
    return -EINVAL;
}

/* Where each feature word lives: the one list for reading and for restricting. */
static void each_feature(struct cpu_policy *p, void (*fn)(u32 *reg, unsigned int i, void *ctx),
                         void *ctx)
{
    struct policy_regs *e = p->ext, *f = p->feature;
    u32 *const words[CPU_FEATURE_WORDS] = {
        &p->basic[1].d, &p->basic[1].c, &e[1].d, &e[1].c, &p->xstate[1].a, &f[0].b, &f[0].c,
        &e[7].d,        &e[8].b,        &f[0].d, &f[1].a, &e[0x21].a,      &f[1].b, &f[2].d,
        &f[1].c,        &f[1].d,        NULL,    NULL,    &e[0x21].c,
    };

    for (unsigned int i = 0; i < CPU_FEATURE_WORDS; i++)
        if (words[i])
            fn(words[i], i, ctx);
}

static void read_word(u32 *reg, unsigned int i, void *ctx)
{
    ((u32 *)ctx)[i] = *reg;
}

static void mask_word(u32 *reg, unsigned int i, void *ctx)
{
    *reg &= ((const u32 *)ctx)[i];
}

void cpu_policy_features(const struct cpu_policy *p, u32 words[CPU_FEATURE_WORDS])
{
    each_feature((struct cpu_policy *)p, read_word, words);
    words[16] = (u32)p->arch_caps;
    words[17] = (u32)(p->arch_caps >> 32);
}

void cpu_policy_restrict(struct cpu_policy *p, const struct cpu_policy *limit)
{
    u32 words[CPU_FEATURE_WORDS];

    cpu_policy_features(limit, words);
    each_feature(p, mask_word, words);
    p->arch_caps &= limit->arch_caps;
    p->platform_info &= limit->platform_info;
}

/* --- extended state --- */

#define FEATURE_XSAVE     (1U << 26) /* 1.c */
#define FEATURE_AVX       (1U << 28)
#define FEATURE_AVX512F   (1U << 16) /* 7.b */
#define XSTATE_ALIGNED    (1U << 1)  /* 0xd.n.c: on a 64-byte boundary when packed */
#define XSTATE_1_FEATURES 0x7U       /* XSAVEOPT, XSAVEC, XGETBV with 1 */

static u64 xcr0_of(const struct policy_regs *r)
{
    return (u64)r->d << 32 | r->a;
}

u64 cpu_policy_xcr0_max(const struct cpu_policy *p)
{
    return p->basic[1].c & FEATURE_XSAVE ? xcr0_of(&p->xstate[0]) : 0;
}

bool cpu_policy_xcr0_valid(const struct cpu_policy *p, u64 xcr0)
{
    u64 avx512 = xcr0 & XSTATE_AVX512;

    if (!(xcr0 & XSTATE_X87) || (xcr0 & ~cpu_policy_xcr0_max(p)))
        return false;
    if ((xcr0 & XSTATE_AVX) && !(xcr0 & XSTATE_SSE))
        return false;
    return !avx512 || (avx512 == XSTATE_AVX512 && (xcr0 & XSTATE_AVX));
}

u32 cpu_policy_xsave_size(const struct cpu_policy *p, u64 xcr0, bool compact)
{
    u32 size = XSAVE_MIN_BYTES;

    for (unsigned int i = 2; i < CPUID_NR_XSTATE; i++) {
        const struct policy_regs *r = &p->xstate[i];

        if (!(xcr0 >> i & 1))
            continue;
        if (!compact)
            size = MAX(size, r->b + r->a);
        else
            size = (r->c & XSTATE_ALIGNED ? ROUNDUP(size, 64U) : size) + r->a;
    }
    return size;
}

void cpu_policy_fix_xstate(struct cpu_policy *p, const struct cpu_policy *limit)
{
    u64 xcr0 = XSTATE_LEGACY;
    u32 features = p->xstate[1].a & limit->xstate[1].a & XSTATE_1_FEATURES;

    memset(p->xstate, 0, sizeof(p->xstate));
    if (!(p->basic[1].c & FEATURE_XSAVE))
        return;
    if (p->basic[1].c & FEATURE_AVX)
        xcr0 |= XSTATE_AVX;
    if (p->feature[0].b & FEATURE_AVX512F)
        xcr0 |= XSTATE_AVX512;
    xcr0 &= xcr0_of(&limit->xstate[0]);
    for (unsigned int i = 2; i < CPUID_NR_XSTATE; i++)
        if (xcr0 >> i & 1)
            p->xstate[i] = limit->xstate[i];
    p->xstate[0].a = (u32)xcr0;
    p->xstate[0].d = (u32)(xcr0 >> 32);
    p->xstate[0].b = p->xstate[0].c = cpu_policy_xsave_size(p, xcr0, false);
    p->xstate[1].a = features;
}
