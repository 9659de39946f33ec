/* SPDX-License-Identifier: MIT */
/*
 * cpu-policy.h - what a guest is told about its CPU: CPUID leaves and the MSRs that go with them.
 *
 * Pure code (lib/cpu-policy.c): no locks, no hardware. A policy holds every leaf that exists for
 * guests, in the form CPUID returns; those beyond its limits (leaf 0, 7 and 0x80000000) read as 0.
 * The leaves of the hypervisor itself are not in it, only a limit for how many of them are shown.
 */
#ifndef XEN_CPU_POLICY_H
#define XEN_CPU_POLICY_H

#include <xen/types.h>
#include <public/xen.h>

#define CPUID_EXT           0x80000000U
#define CPUID_HV            0x40000000U
#define CPUID_HV2           0x40000100U
#define CPUID_NR_BASIC      0xe
#define CPUID_NR_CACHE      6  /* subleaves of 4 */
#define CPUID_NR_FEATURE    3  /* of 7 */
#define CPUID_NR_TOPOLOGY   2  /* of 0xb */
#define CPUID_NR_XSTATE     63 /* of 0xd */
#define CPUID_NR_EXT        0x22
#define CPU_POLICY_LEAVES   120 /* the most that cpu_policy_write() gives */
#define CPU_POLICY_MSRS     2
#define CPU_FEATURE_WORDS   19
#define MSR_PLATFORM_INFO_  0xceU
#define MSR_ARCH_CAPS_      0x10aU
#define EXT21_LFENCE_SERIAL 0x4U /* 0x80000021 EAX: LFENCE waits for all that is before it */
#define PLATFORM_INFO_FAULT (1ULL << 31) /* CPUID can be made to fault */
#define FEATURE_7B_FSGSBASE 0x1U /* 7 EBX: user code reads and writes segment bases */

struct policy_regs {
    u32 a, b, c, d;
};

struct cpu_policy {
    struct policy_regs basic[CPUID_NR_BASIC]; /* 4, 7, 0xb and 0xd are empty here */
    struct policy_regs cache[CPUID_NR_CACHE];
    struct policy_regs feature[CPUID_NR_FEATURE];
    struct policy_regs topology[CPUID_NR_TOPOLOGY];
    struct policy_regs xstate[CPUID_NR_XSTATE];
    struct policy_regs ext[CPUID_NR_EXT];
    u32 hv_limit, hv2_limit; /* highest leaf of a range that is shown, 0: all */
    u64 platform_info, arch_caps;
};

/* The place of a leaf, whatever the limits; NULL: unknown. Leaves without subleaves take any. */
struct policy_regs *cpu_policy_find(struct cpu_policy *p, u32 leaf, u32 subleaf);
/* What CPUID gives: zeros beyond the limits. Not for the hypervisor's range. */
struct policy_regs cpu_policy_get(const struct cpu_policy *p, u32 leaf, u32 subleaf);

/* All leaves in ascending order through emit(), until that returns an error, which is returned. */
int cpu_policy_write(const struct cpu_policy *p,
                     int (*emit)(void *ctx, const struct xen_cpuid_leaf *leaf), void *ctx);
/* Sets one leaf or MSR: -ERANGE unknown, -EINVAL flags that must be 0. */
int cpu_policy_set_leaf(struct cpu_policy *p, const struct xen_cpuid_leaf *leaf);
int cpu_policy_set_msr(struct cpu_policy *p, const struct xen_msr_entry *msr);

/* Where a policy goes beyond what its host can do; fields not at fault are ~0. */
struct cpu_policy_error {
    u32 leaf, subleaf, msr;
};
/* 0, or -EINVAL with the place. */
int cpu_policy_check(const struct cpu_policy *host, const struct cpu_policy *guest,
                     struct cpu_policy_error *ret_err);

/* The feature words, in the order of the ABI. */
void cpu_policy_features(const struct cpu_policy *p, u32 words[CPU_FEATURE_WORDS]);
/* Takes away from p the features that limit lacks. */
void cpu_policy_restrict(struct cpu_policy *p, const struct cpu_policy *limit);

/* XCR0 values that a guest with this policy may load. */
u64 cpu_policy_xcr0_max(const struct cpu_policy *p);
bool cpu_policy_xcr0_valid(const struct cpu_policy *p, u64 xcr0);
/* Bytes of an XSAVE area with these components, in the standard form or (compact) packed. */
u32 cpu_policy_xsave_size(const struct cpu_policy *p, u64 xcr0, bool compact);
/* Brings leaf 0xd in line with the features; limit has the place and size of each component. */
void cpu_policy_fix_xstate(struct cpu_policy *p, const struct cpu_policy *limit);

#endif /* XEN_CPU_POLICY_H */
