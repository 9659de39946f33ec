/* SPDX-License-Identifier: MIT */
/*
 * emul-msr.c - the MSRs a PV guest sees.
 *
 * The segment bases of the running vCPU live in the real MSRs and are mirrored to struct vcpu when
 * the guest sets them. Everything else is a table of fixed answers; what is not listed raises #GP.
 */
#include <xen/cpu-policy.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/system.h>
#include "private.h"

#define MSR_TSC             0x10
#define MSR_SMI_COUNT       0x34
#define MSR_UCODE_REV       0x8b
#define MSR_PLATFORM_INFO   0xce
#define MSR_ARCH_CAPS       0x10a
#define MSR_MISC_FEATURES   0x140
#define MSR_MCG_CAP         0x179
#define MSR_MCG_STATUS      0x17a
#define MSR_MISC_ENABLE     0x1a0
#define MSR_MC0_CTL         0x400
#define MSR_MC3_MISC        0x40f
#define MSR_AMD_HWCR        0xc0010015
#define MSR_AMD_NB_CFG      0xc001001f
#define MSR_AMD_INT_PENDING 0xc0010055

#define APIC_BASE_BSP    (1UL << 8)
#define APIC_BASE_ENABLE (1UL << 11)
#define APIC_BASE_ADDR   0xfee00000UL
#define UCODE_LATCH_LEAF 1

#define MISC_ENABLE_PERFMON (1UL << 7)
#define MISC_ENABLE_NO_BTS  (1UL << 11)
#define MISC_ENABLE_NO_PEBS (1UL << 12)

/* Read as zero; writes are accepted and have no effect. */
static const struct {
    u32 first, last;
} zero_msrs[] = {
    {MSR_SMI_COUNT, MSR_SMI_COUNT},   {MSR_PLATFORM_INFO, MSR_PLATFORM_INFO},
    {MSR_ARCH_CAPS, MSR_ARCH_CAPS},   {MSR_MISC_FEATURES, MSR_MISC_FEATURES},
    {MSR_MCG_CAP, MSR_MCG_STATUS}, /* no machine-check banks */
    {MSR_MC0_CTL, MSR_MC3_MISC},      {MSR_AMD_HWCR, MSR_AMD_HWCR},
    {MSR_AMD_NB_CFG, MSR_AMD_NB_CFG}, {MSR_AMD_INT_PENDING, MSR_AMD_INT_PENDING},
};

static bool is_zero_msr(u32 msr)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(zero_msrs); i++)
        if (msr >= zero_msrs[i].first && msr <= zero_msrs[i].last)
            return true;
    return false;
}

static bool is_canonical(u64 addr)
{
    return (u64)((s64)(addr << 16) >> 16) == addr;
}

static u64 apic_base(const struct vcpu *v)
{
    return APIC_BASE_ADDR | APIC_BASE_ENABLE | (v->vcpu_id == 0 ? APIC_BASE_BSP : 0);
}

/* Performance monitoring is not offered. Processors without the MSR show no feature bits. */
static u64 misc_enable(void)
{
    u64 val;

    if (rdmsr_safe(MSR_MISC_ENABLE, &val))
        return 0;
    return (val & ~MISC_ENABLE_PERFMON) | MISC_ENABLE_NO_BTS | MISC_ENABLE_NO_PEBS;
}

static u64 microcode_revision(void)
{
    u64 val;

    cpuid(UCODE_LATCH_LEAF, 0); /* Intel: loads the revision into the MSR */
    return rdmsr_safe(MSR_UCODE_REV, &val) ? 0 : val;
}

static u64 efer(void)
{
    return rdmsr(MSR_EFER) & (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE);
}

static bool lfence_is_serial(const struct vcpu *v)
{
    return cpu_policy_get(v->domain->arch.policy, CPUID_EXT + 0x21, 0).a & EXT21_LFENCE_SERIAL;
}

/* A domain that was made for a guest that touches MSRs blindly: those that exist read as zero. */
static bool is_relaxed(const struct vcpu *v, u32 msr)
{
    u64 val;

    return v->domain->arch.relaxed_msrs && !rdmsr_safe(msr, &val);
}

int pv_read_msr(struct vcpu *v, u32 msr, u64 *ret_val)
{
    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_SHADOW_GS_BASE:
        *ret_val = rdmsr(msr);
        return 0;
    case MSR_TSC_AUX:
        *ret_val = v->arch.msr_tsc_aux;
        return 0;
    case MSR_TSC:
        *ret_val = rdtsc();
        return 0;
    case MSR_APIC_BASE:
        *ret_val = apic_base(v);
        return 0;
    case MSR_PAT:
        *ret_val = HV_PAT_VALUE;
        return 0;
    case MSR_EFER:
        *ret_val = efer();
        return 0;
    case MSR_UCODE_REV:
        *ret_val = microcode_revision();
        return 0;
    case MSR_MISC_ENABLE:
        *ret_val = misc_enable();
        return 0;
    case MSR_AMD_DE_CFG:
        *ret_val = lfence_is_serial(v) ? DE_CFG_LFENCE : 0;
        return 0;
    default:
        if (!is_zero_msr(msr) && !is_relaxed(v, msr))
            return -EPERM;
        *ret_val = 0;
        return 0;
    }
}

static int write_segment_base(struct vcpu *v, u32 msr, u64 val)
{
    if (!is_canonical(val))
        return -EINVAL;
    wrmsr(msr, val);
    if (!v->arch.kernel_mode)
        return 0;
    switch (msr) {
    case MSR_FS_BASE:
        v->arch.fs_base = val;
        break;
    case MSR_GS_BASE:
        v->arch.gs_base_kernel = val;
        break;
    default:
        v->arch.gs_base_user = val;
        break;
    }
    return 0;
}

int pv_write_msr(struct vcpu *v, u32 msr, u64 val)
{
    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_SHADOW_GS_BASE:
        return write_segment_base(v, msr, val);
    case MSR_TSC_AUX:
        if (val >> 32)
            return -EINVAL;
        v->arch.msr_tsc_aux = (u32)val;
        pv_tsc_aux_load(v);
        return 0;
    case MSR_PAT: /* the hypervisor's choice may be confirmed */
        return val == HV_PAT_VALUE ? 0 : -EPERM;
    case MSR_EFER:
        return val == efer() ? 0 : -EPERM;
    case MSR_UCODE_REV:
    case MSR_MISC_ENABLE:
    case MSR_AMD_DE_CFG:
        return 0;
    default:
        return is_zero_msr(msr) || is_relaxed(v, msr) ? 0 : -EPERM;
    }
}
