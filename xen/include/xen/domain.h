/* SPDX-License-Identifier: MIT */
/*
 * domain.h - making and freeing domains: for domctl and the builder of Domain 0. See sched.h for
 * the structures and for what everyone else may call.
 */
#ifndef XEN_DOMAIN_H
#define XEN_DOMAIN_H

#include <xen/sched.h>

#define MAX_VCPUS_PV 8192

/* Limits and kind, fixed at creation. */
struct domain_config {
    bool is_control, is_hardware, is_xenstore;
    unsigned int max_vcpus;       /* 1 to MAX_VCPUS_PV */
    unsigned long max_pages;      /* frames it may own, or DOMAIN_PAGES_UNLIMITED */
    unsigned int max_evtchn_port; /* highest port */
    unsigned int max_grant_frames, max_maptrack_frames;
    unsigned int max_grant_version; /* 1 or 2; 0: no grants may be given */
    unsigned int nr_pirqs;          /* 0: no physical interrupts */
    u32 cpupool;
    bool emulates_pit, relaxed_msrs;
    u8 handle[16];
};

/* A paused domain without vCPUs and memory, findable by id. -EINVAL, -ENOMEM. */
int domain_create(domid_t id, const struct domain_config *cfg, struct domain **ret_d) __must_check;
/* An owner of frames that never runs (DOMID_IO, DOMID_XEN, idle). Boot only. */
struct domain *special_domain_create(domid_t id);
/* A vCPU that is down and has no context; cpu: where it starts. */
int vcpu_create(struct domain *d, unsigned int id, unsigned int cpu,
                struct vcpu **ret_v) __must_check;
void vcpu_destroy(struct vcpu *v);

/*
 * Takes a domain apart, in steps: -ERESTART as long as work is left, then 0. What others still map
 * keeps the structure. d is not the current domain; one caller at a time (domctl_lock).
 */
int domain_kill(struct domain *d);
/* The page given to VCPUOP_register_vcpu_info is the guest's own again. v is not running. */
void vcpu_info_drop(struct vcpu *v);
/* The NUMA layout that d is shown; XENMEM_get_vnumainfo. */
void domain_vnuma_free(struct domain *d);
long vnuma_get_info(unsigned long arg);
/* What the tools are told about d. */
struct xen_domctl_getdomaininfo;
void domain_get_info(const struct domain *d, struct xen_domctl_getdomaininfo *ret_info);

/* Stands in for the vcpu_info of a vCPU that has none yet. */
extern struct vcpu_info no_vcpu_info;

/* Architecture: width of a guest's physical addresses. */
unsigned int domain_gpaddr_bits(void);
/* Architecture: state of a guest for the log. */
void show_guest(const struct vcpu *v);
/* The host follows the hardware domain: power off, reboot, crash. Does not return. */
void hardware_domain_shutdown(u8 reason) __noreturn;

#endif /* XEN_DOMAIN_H */
