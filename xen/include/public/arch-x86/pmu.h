/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: x86 performance counter state shared with a guest.  The guest
 * may change it only while PMU_CACHED is set, and flushes it afterwards.
 */
#ifndef XEN_PUBLIC_ARCH_X86_PMU_H
#define XEN_PUBLIC_ARCH_X86_PMU_H

#include <stdint.h>

/* AMD registers; both fields are offsets in bytes from this struct to 64-bit register arrays. */
struct xen_pmu_amd_ctxt {
    uint32_t counters;
    uint32_t ctrls;
};
typedef struct xen_pmu_amd_ctxt xen_pmu_amd_ctxt_t;

struct xen_pmu_cntr_pair {
    uint64_t counter;
    uint64_t control;
};
typedef struct xen_pmu_cntr_pair xen_pmu_cntr_pair_t;

/* Intel registers; the first two fields are byte offsets from this struct to register arrays. */
struct xen_pmu_intel_ctxt {
    uint32_t fixed_counters;
    uint32_t arch_counters;
    uint64_t global_ctrl;
    uint64_t global_ovf_ctrl;
    uint64_t global_status;
    uint64_t fixed_ctrl;
    uint64_t ds_area;
    uint64_t pebs_enable;
    uint64_t debugctl;
};
typedef struct xen_pmu_intel_ctxt xen_pmu_intel_ctxt_t;

/* OUT: where the sample was taken. */
struct xen_pmu_regs {
    uint64_t ip;
    uint64_t sp;
    uint64_t flags;
    uint16_t cs;
    uint16_t ss;
    uint8_t cpl;
    uint8_t pad[3];
};
typedef struct xen_pmu_regs xen_pmu_regs_t;

/* xen_pmu_arch.pmu_flags */
#define PMU_CACHED      (1 << 0) /* registers are here, not in the CPU */
#define PMU_SAMPLE_USER (1 << 1) /* in user mode */
#define PMU_SAMPLE_REAL (1 << 2) /* in real mode */
#define PMU_SAMPLE_PV   (1 << 3) /* of a PV guest */

#define XENPMU_REGS_PAD_SZ 64
#define XENPMU_CTXT_PAD_SZ 128

struct xen_pmu_arch {
    union {
        xen_pmu_regs_t regs;
        uint8_t pad[XENPMU_REGS_PAD_SZ];
    } r;                /* OUT */
    uint64_t pmu_flags; /* OUT */
    union {
        uint32_t lapic_lvtpc; /* IN/OUT: only the mask bit reaches the APIC */
        uint64_t pad;
    } l;
    union {
        xen_pmu_amd_ctxt_t amd;
        xen_pmu_intel_ctxt_t intel;
        uint8_t pad[XENPMU_CTXT_PAD_SZ];
    } c; /* IN/OUT */
};
typedef struct xen_pmu_arch xen_pmu_arch_t;

#endif /* XEN_PUBLIC_ARCH_X86_PMU_H */
