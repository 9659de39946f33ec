/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: vcpu_op(cmd, vcpuid, arg), on a vCPU of the calling domain.
 * -ENOENT: no such vCPU.
 */
#ifndef XEN_PUBLIC_VCPU_H
#define XEN_PUBLIC_VCPU_H

#include "xen.h"

#define VCPUOP_initialise                     0 /* vcpu_guest_context, or HVM: vcpu_hvm_context */
#define VCPUOP_up                             1 /* -EINVAL before initialise */
#define VCPUOP_down                           2 /* may still run for a moment, unless the caller */
#define VCPUOP_is_up                          3 /* returns 0 or 1 */
#define VCPUOP_get_runstate_info              4 /* vcpu_runstate_info, OUT */
#define VCPUOP_register_runstate_memory_area  5 /* vcpu_register_runstate_memory_area */
#define VCPUOP_set_periodic_timer             6 /* vcpu_set_periodic_timer */
#define VCPUOP_stop_periodic_timer            7
#define VCPUOP_set_singleshot_timer           8 /* vcpu_set_singleshot_timer; only on itself */
#define VCPUOP_stop_singleshot_timer          9
#define VCPUOP_register_vcpu_info             10 /* vcpu_register_vcpu_info */
#define VCPUOP_send_nmi                       11
#define VCPUOP_get_physid                     12 /* vcpu_get_physid */
#define VCPUOP_register_vcpu_time_memory_area 13 /* vcpu_register_time_memory_area */

/* vcpu_runstate_info.state */
#define RUNSTATE_running  0
#define RUNSTATE_runnable 1 /* waits for a CPU */
#define RUNSTATE_blocked  2 /* sleeps */
#define RUNSTATE_offline  3 /* paused or down */

/* Set in state_entry_time while a registered area changes, with the vm_assist for it. */
#define XEN_RUNSTATE_UPDATE (1ULL << 63)

/* OUT: where the time of a vCPU went. */
struct vcpu_runstate_info {
    int state;                 /* RUNSTATE_* */
    uint64_t state_entry_time; /* system time, ns */
    uint64_t time[4];          /* ns spent in each state; the sum follows system time */
};
typedef struct vcpu_runstate_info vcpu_runstate_info_t;

/* IN: keep a vcpu_runstate_info up to date at this address. */
struct vcpu_register_runstate_memory_area {
    union {
        uint64_t h; /* guest linear address */
        struct vcpu_runstate_info *v;
        uint64_t p;
    } addr;
};
typedef struct vcpu_register_runstate_memory_area vcpu_register_runstate_memory_area_t;

/* IN: VIRQ_TIMER at this interval.  -EINVAL below 1 ms. */
struct vcpu_set_periodic_timer {
    uint64_t period_ns;
};
typedef struct vcpu_set_periodic_timer vcpu_set_periodic_timer_t;

/* vcpu_set_singleshot_timer.flags: -ETIME if the time has passed. */
#define _VCPU_SSHOTTMR_future (0)
#define VCPU_SSHOTTMR_future  (1U << _VCPU_SSHOTTMR_future)

/* IN: VIRQ_TIMER once, at a system time; at once if it has passed. */
struct vcpu_set_singleshot_timer {
    uint64_t timeout_abs_ns;
    uint32_t flags; /* VCPU_SSHOTTMR_* */
};
typedef struct vcpu_set_singleshot_timer vcpu_set_singleshot_timer_t;

/* IN: move vcpu_info there, once per vCPU.  -EINVAL: misaligned or leaves the page. */
struct vcpu_register_vcpu_info {
    uint64_t mfn;    /* guest frame (PV: machine frame) */
    uint32_t offset; /* bytes */
    uint32_t rsvd;
};
typedef struct vcpu_register_vcpu_info vcpu_register_vcpu_info_t;

/* OUT: ids of the CPU under a pinned vCPU of the hardware domain, else -EINVAL. */
struct vcpu_get_physid {
    uint64_t phys_id; /* APIC id in the low half, ACPI id in the high half */
};
typedef struct vcpu_get_physid vcpu_get_physid_t;
#define xen_vcpu_physid_to_x86_apicid(physid) ((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid) ((uint32_t)((uint64_t)(physid) >> 32))

/* IN: keep a second vcpu_time_info, for example one that user mode can read. */
struct vcpu_register_time_memory_area {
    union {
        uint64_t h; /* guest linear address */
        struct vcpu_time_info *v;
        uint64_t p;
    } addr;
};
typedef struct vcpu_register_time_memory_area vcpu_register_time_memory_area_t;

#endif /* XEN_PUBLIC_VCPU_H */
