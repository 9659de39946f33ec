/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: mca(op), machine check reports for Dom0, which is told by
 * VIRQ_MCA.  -EPERM: not Dom0; -EACCES: wrong interface_version.
 */
#ifndef XEN_PUBLIC_ARCH_X86_MCA_H
#define XEN_PUBLIC_ARCH_X86_MCA_H

#include "../xen.h"

#define __HYPERVISOR_mca          __HYPERVISOR_arch_0
#define VIRQ_MCA                  VIRQ_ARCH_0 /* global, Dom0 */
#define XEN_MCA_INTERFACE_VERSION 0x01ecc003

#define XEN_MC_fetch        1
#define XEN_MC_notifydomain 2
#define XEN_MC_physcpuinfo  3
#define XEN_MC_msrinject    4
#define XEN_MC_mceinject    5
#define XEN_MC_inject_v2    6

/* xen_mc_fetch.flags, IN: which queue, or take away what was fetched */
#define XEN_MC_NONURGENT 0x0001
#define XEN_MC_URGENT    0x0002
#define XEN_MC_ACK       0x0004

/* flags, OUT */
#define XEN_MC_OK           0x0
#define XEN_MC_FETCHFAILED  0x1
#define XEN_MC_NODATA       0x2
#define XEN_MC_NOMATCH      0x4
#define XEN_MC_CANNOTHANDLE 0x8
#define XEN_MC_NOTDELIVERED 0x10

#define XEN_MC_VCPUID_INVALID 0xffff

/* mcinfo_common.type */
#define MC_TYPE_GLOBAL   0
#define MC_TYPE_BANK     1
#define MC_TYPE_EXTENDED 2
#define MC_TYPE_RECOVERY 3

/* Start of each record in mc_info.mi_data. */
struct mcinfo_common {
    uint16_t type;
    uint16_t size; /* bytes, with this */
};
typedef struct mcinfo_common xen_mcinfo_common_t;

/* mcinfo_global.mc_flags */
#define MC_FLAG_CORRECTABLE   (1 << 0)
#define MC_FLAG_UNCORRECTABLE (1 << 1)
#define MC_FLAG_RECOVERABLE   (1 << 2)
#define MC_FLAG_POLLED        (1 << 3)
#define MC_FLAG_RESET         (1 << 4)
#define MC_FLAG_CMCI          (1 << 5)
#define MC_FLAG_MCE           (1 << 6)

/* OUT: who was running where. */
struct mcinfo_global {
    xen_mcinfo_common_t common;
    uint16_t mc_domid;
    uint16_t mc_vcpuid;
    uint32_t mc_socketid;
    uint16_t mc_coreid;
    uint16_t mc_core_threadid;
    uint32_t mc_apicid;
    uint32_t mc_flags;
    uint64_t mc_gstatus; /* MCG_STATUS */
};

/* OUT: registers of one bank. */
struct mcinfo_bank {
    xen_mcinfo_common_t common;
    uint16_t mc_bank;
    uint16_t mc_domid; /* owner of the address */
    uint64_t mc_status;
    uint64_t mc_addr;
    uint64_t mc_misc;
    uint64_t mc_ctrl2;
    uint64_t mc_tsc;
};

struct mcinfo_msr {
    uint64_t reg;
    uint64_t value;
};
typedef struct mcinfo_msr xen_mcinfo_msr_t;

/* OUT: further MSRs. */
struct mcinfo_extended {
    xen_mcinfo_common_t common;
    uint32_t mc_msrs;
    xen_mcinfo_msr_t mc_msr[32];
};

/* mcinfo_recovery.action_flags and .action_types */
#define REC_ACTION_RECOVERED   (0x1 << 0)
#define REC_ACTION_NONE        (0x1 << 1)
#define REC_ACTION_NEED_RESET  (0x1 << 2)
#define MC_ACTION_PAGE_OFFLINE (0x1 << 0)
#define MC_ACTION_CPU_OFFLINE  (0x1 << 1)
#define MC_ACTION_CACHE_SHRINK (0x1 << 2)

struct page_offline_action {
    uint64_t mfn;
    uint64_t status;
};
typedef struct page_offline_action xen_page_offline_action_t;

struct cpu_offline_action {
    uint32_t mc_socketid;
    uint16_t mc_coreid;
    uint16_t mc_core_threadid;
};
typedef struct cpu_offline_action xen_cpu_offline_action_t;

#define MAX_UNION_SIZE 16

/* OUT: what the hypervisor did about it. */
struct mcinfo_recovery {
    xen_mcinfo_common_t common;
    uint16_t mc_bank;
    uint8_t action_flags;
    uint8_t action_types;
    union {
        xen_page_offline_action_t page_retire;
        xen_cpu_offline_action_t cpu_offline;
        uint8_t pad[MAX_UNION_SIZE];
    } action_info;
};

#define MCINFO_HYPERCALLSIZE    1024
#define MCINFO_MAXSIZE          768
#define MCINFO_FLAGS_UNCOMPLETE 0x1 /* records did not fit */

/* OUT: a report. */
struct mc_info {
    uint32_t mi_nentries; /* records in mi_data */
    uint32_t flags;
    uint64_t mi_data[(MCINFO_MAXSIZE - 1) / 8];
};
typedef struct mc_info mc_info_t;

#define __MC_MSR_ARRAYSIZE 8

/* mcinfo_logical_cpu.mc_cpu_caps: CPUID words */
#define MC_NCAPS        7
#define MC_CAPS_STD_EDX 0
#define MC_CAPS_AMD_EDX 1
#define MC_CAPS_TM      2
#define MC_CAPS_LINUX   3
#define MC_CAPS_STD_ECX 4
#define MC_CAPS_VIA     5
#define MC_CAPS_AMD_ECX 6

/* OUT: one CPU. */
struct mcinfo_logical_cpu {
    uint32_t mc_cpunr;
    uint32_t mc_chipid;
    uint16_t mc_coreid;
    uint16_t mc_threadid;
    uint32_t mc_apicid;
    uint32_t mc_clusterid;
    uint32_t mc_ncores;
    uint32_t mc_ncores_active;
    uint32_t mc_nthreads;
    int32_t mc_cpuid_level;
    uint32_t mc_family;
    uint32_t mc_vendor;
    uint32_t mc_model;
    uint32_t mc_step;
    char mc_vendorid[16];
    char mc_brandid[64];
    uint32_t mc_cpu_caps[MC_NCAPS];
    uint32_t mc_cache_size; /* KiB */
    uint32_t mc_cache_alignment;
    int32_t mc_nmsrvals;
    xen_mcinfo_msr_t mc_msrvalues[__MC_MSR_ARRAYSIZE];
};
typedef struct mcinfo_logical_cpu xen_mc_logical_cpu_t;

struct xen_mc_fetch {
    uint32_t flags; /* IN/OUT */
    uint32_t _pad0;
    uint64_t fetch_id; /* OUT; IN with XEN_MC_ACK */
    uint64_t data;     /* guest pointer, mc_info, OUT */
};
typedef struct xen_mc_fetch xen_mc_fetch_t;

/* Raise a machine check in a guest. */
struct xen_mc_notifydomain {
    uint16_t mc_domid;  /* IN */
    uint16_t mc_vcpuid; /* IN */
    uint32_t flags;     /* IN/OUT */
};
typedef struct xen_mc_notifydomain xen_mc_notifydomain_t;

struct xen_mc_physcpuinfo {
    uint32_t ncpus; /* IN/OUT */
    uint32_t _pad0;
    uint64_t info; /* guest pointer, mcinfo_logical_cpu[ncpus], OUT, or 0 */
};
typedef struct xen_mc_physcpuinfo xen_mc_physcpuinfo_t;

#define MC_MSRINJ_MAXMSRS     8
#define MC_MSRINJ_F_INTERPOSE 0x1 /* only pretend */
#define MC_MSRINJ_F_GPADDR    0x2 /* bank addresses are guest-physical, of mcinj_domid */

/* IN: tests: set MSRs. */
struct xen_mc_msrinject {
    uint32_t mcinj_cpunr;
    uint32_t mcinj_flags;
    uint32_t mcinj_count;
    domid_t mcinj_domid;
    uint16_t _pad0;
    xen_mcinfo_msr_t mcinj_msr[MC_MSRINJ_MAXMSRS];
};
typedef struct xen_mc_msrinject xen_mc_msrinject_t;

/* IN: tests: raise a machine check. */
struct xen_mc_mceinject {
    unsigned int mceinj_cpunr;
};
typedef struct xen_mc_mceinject xen_mc_mceinject_t;

#define XEN_MC_INJECT_TYPE_MASK     0x7
#define XEN_MC_INJECT_TYPE_MCE      0x0
#define XEN_MC_INJECT_TYPE_CMCI     0x1
#define XEN_MC_INJECT_TYPE_LMCE     0x2
#define XEN_MC_INJECT_CPU_BROADCAST 0x8

/* IN: tests: on several CPUs. */
struct xen_mc_inject_v2 {
    uint32_t flags;
    xenctl_bitmap_t cpumap;
};
typedef struct xen_mc_inject_v2 xen_mc_inject_v2_t;

/* IN/OUT: the argument. */
struct xen_mc {
    uint32_t cmd;               /* XEN_MC_* */
    uint32_t interface_version; /* XEN_MCA_INTERFACE_VERSION */
    union {
        xen_mc_fetch_t mc_fetch;
        xen_mc_notifydomain_t mc_notifydomain;
        xen_mc_physcpuinfo_t mc_physcpuinfo;
        xen_mc_msrinject_t mc_msrinject;
        xen_mc_mceinject_t mc_mceinject;
        xen_mc_inject_v2_t mc_inject_v2;
    } u;
};
typedef struct xen_mc xen_mc_t;

#endif /* XEN_PUBLIC_ARCH_X86_MCA_H */
