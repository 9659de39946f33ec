/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: xenpmu_op(cmd, xen_pmu_params), performance counters of guests.
 * -EOPNOTSUPP: switched off.
 */
#ifndef XEN_PUBLIC_PMU_H
#define XEN_PUBLIC_PMU_H

#include "xen.h"
#include "arch-x86/pmu.h"

#define XENPMU_VER_MAJ 0
#define XENPMU_VER_MIN 1

#define XENPMU_mode_get    0 /* OUT val and version */
#define XENPMU_mode_set    1 /* IN val; control domain */
#define XENPMU_feature_get 2
#define XENPMU_feature_set 3
#define XENPMU_init        4 /* IN val: frame for xen_pmu_data */
#define XENPMU_finish      5
#define XENPMU_lvtpc_set   6
#define XENPMU_flush       7 /* load what the guest changed */

#define XENPMU_MODE_OFF  0
#define XENPMU_MODE_SELF (1 << 0) /* each guest profiles itself */
#define XENPMU_MODE_HV   (1 << 1) /* and Dom0 the hypervisor */
#define XENPMU_MODE_ALL  (1 << 2) /* Dom0 profiles everything */

#define XENPMU_FEATURE_INTEL_BTS (1 << 0)
#define XENPMU_FEATURE_IPC_ONLY  (1 << 1)
#define XENPMU_FEATURE_ARCH_ONLY (1 << 2)

struct xen_pmu_params {
    struct {
        uint32_t maj;
        uint32_t min;
    } version;     /* IN/OUT */
    uint64_t val;  /* IN/OUT */
    uint32_t vcpu; /* IN */
    uint32_t pad;
};
typedef struct xen_pmu_params xen_pmu_params_t;

/* The shared page, written at each counter interrupt. */
struct xen_pmu_data {
    uint32_t vcpu_id;
    uint32_t pcpu_id;  /* the vCPU for unprivileged guests */
    domid_t domain_id; /* whose sample; DOMID_SELF for the own */
    uint8_t pad[6];
    xen_pmu_arch_t pmu;
};

#endif /* XEN_PUBLIC_PMU_H */
