/* SPDX-License-Identifier: MIT */
/* names.c - names of records, as the descriptions of the formats have them. */
#include "stream.h"

static const char *const names[] = {
    [STREAM_END] = "END",
    [STREAM_PAGE_DATA] = "PAGE_DATA",
    [STREAM_PV_INFO] = "X86_PV_INFO",
    [STREAM_PV_P2M_FRAMES] = "X86_PV_P2M_FRAMES",
    [STREAM_PV_VCPU_BASIC] = "X86_PV_VCPU_BASIC",
    [STREAM_PV_VCPU_EXTENDED] = "X86_PV_VCPU_EXTENDED",
    [STREAM_PV_VCPU_XSAVE] = "X86_PV_VCPU_XSAVE",
    [STREAM_SHARED_INFO] = "SHARED_INFO",
    [STREAM_TSC_INFO] = "X86_TSC_INFO",
    [STREAM_HVM_CONTEXT] = "HVM_CONTEXT",
    [STREAM_HVM_PARAMS] = "HVM_PARAMS",
    [STREAM_TOOLSTACK] = "TOOLSTACK",
    [STREAM_PV_VCPU_MSRS] = "X86_PV_VCPU_MSRS",
    [STREAM_VERIFY] = "VERIFY",
    [STREAM_CHECKPOINT] = "CHECKPOINT",
    [STREAM_CHECKPOINT_PFNS] = "CHECKPOINT_DIRTY_PFN_LIST",
    [STREAM_STATIC_DATA_END] = "STATIC_DATA_END",
    [STREAM_CPUID_POLICY] = "X86_CPUID_POLICY",
    [STREAM_MSR_POLICY] = "X86_MSR_POLICY",
};

static const char *const light_names[] = {
    [LIGHT_END] = "END",
    [LIGHT_GUEST] = "LIBXC_CONTEXT",
    [LIGHT_EMULATOR_STORE] = "EMULATOR_XENSTORE_DATA",
    [LIGHT_EMULATOR_STATE] = "EMULATOR_CONTEXT",
    [LIGHT_CHECKPOINT_END] = "CHECKPOINT_END",
    [LIGHT_CHECKPOINT_STATE] = "CHECKPOINT_STATE",
};

const char *xlight__record_name(uint32_t type)
{
    return type < sizeof(names) / sizeof(names[0]) ? names[type] : "unknown";
}

const char *xlight__light_record_name(uint32_t type)
{
    return type < sizeof(light_names) / sizeof(light_names[0]) ? light_names[type] : "unknown";
}
