/* SPDX-License-Identifier: MIT */
/* ctrl-domain.h - domains: life, states, lists, settings. The rules of ctrl.h apply. */
#ifndef XENOLITH_CTRL_DOMAIN_H
#define XENOLITH_CTRL_DOMAIN_H

#include <xenolith/ctrl.h>
#include <xenolith/public/domctl.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Creates a domain without memory or vCPUs, paused once. want is the id it shall have, or 0 for
 * any. -EEXIST: that id is in use; -EINVAL, -EOPNOTSUPP: config does not go together. The caller
 * destroys the domain.
 */
XCTL_CHECK int xctl_domain_create(xctl_handle *h, domid_t want,
                                  const struct xen_domctl_createdomain *config, domid_t *ret_domid);

/*
 * Destroys a domain. Takes time in proportion to its memory. Afterwards it may still be listed,
 * as dying, while somebody has its pages mapped.
 */
XCTL_CHECK int xctl_domain_destroy(xctl_handle *h, domid_t domid);

/* Pausing is counted; unpausing a domain that the toolstack did not pause gives -EINVAL. */
XCTL_CHECK int xctl_domain_pause(xctl_handle *h, domid_t domid);
XCTL_CHECK int xctl_domain_unpause(xctl_handle *h, domid_t domid);

/* Stops a domain at once for a reason, SHUTDOWN_*, as if the guest had asked for it. */
XCTL_CHECK int xctl_domain_shutdown(xctl_handle *h, domid_t domid, unsigned int reason);

/* Lets a domain that has shut down run on: after a suspend that was called off. */
XCTL_CHECK int xctl_domain_resume(xctl_handle *h, domid_t domid);

/* Drops all hypervisor state of a domain that shut down for a soft reset; memory stays. */
XCTL_CHECK int xctl_domain_soft_reset(xctl_handle *h, domid_t domid);

/* State of exactly this domain. */
XCTL_CHECK int xctl_domain_info(xctl_handle *h, domid_t domid,
                                struct xen_domctl_getdomaininfo *ret_info);

/* State of the domain with the lowest id at or above first. -ESRCH: there is none. */
XCTL_CHECK int xctl_domain_info_next(xctl_handle *h, domid_t first,
                                     struct xen_domctl_getdomaininfo *ret_info);

/*
 * States of up to max domains from id first up, in order. *ret_count says how many were stored;
 * fewer than max means that these were the last ones.
 */
XCTL_CHECK int xctl_domain_list(xctl_handle *h, domid_t first, unsigned int max,
                                struct xen_domctl_getdomaininfo *ret_infos,
                                unsigned int *ret_count);

/*
 * A walk over all domains, in order of ids. Domains that come or go meanwhile may be missed or
 * not; none is seen twice. next returns 1 with a domain, 0 at the end. The handle must outlive
 * the walk; NULL may be freed.
 */
typedef struct xctl_domain_iter xctl_domain_iter;
XCTL_CHECK int xctl_domain_iter_new(xctl_handle *h, domid_t first, xctl_domain_iter **ret_it);
XCTL_CHECK int xctl_domain_iter_next(xctl_domain_iter *it,
                                     struct xen_domctl_getdomaininfo *ret_info);
XCTL_API void xctl_domain_iter_free(xctl_domain_iter *it);

/* Why a domain shut down, SHUTDOWN_*, or -1 if it has not. */
XCTL_API int xctl_domain_shutdown_reason(const struct xen_domctl_getdomaininfo *info);

/* Memory limit, KiB. May be below what the domain has now. */
XCTL_CHECK int xctl_domain_set_max_mem(xctl_handle *h, domid_t domid, uint64_t max_kb);

/* Allocates the vCPUs. -EINVAL: not the number given at creation. */
XCTL_CHECK int xctl_domain_set_max_vcpus(xctl_handle *h, domid_t domid, unsigned int max);

/* The UUID that lists show. */
XCTL_CHECK int xctl_domain_set_handle(xctl_handle *h, domid_t domid,
                                      const xen_domain_handle_t uuid);

/* Seconds by which the guest's clock differs from UTC. */
XCTL_CHECK int xctl_domain_set_time_offset(xctl_handle *h, domid_t domid, int64_t seconds);

/* Word size of a PV guest, 64 or 32 bits. Only while it is still empty. */
XCTL_CHECK int xctl_domain_set_address_size(xctl_handle *h, domid_t domid, unsigned int bits);
XCTL_CHECK int xctl_domain_get_address_size(xctl_handle *h, domid_t domid, unsigned int *ret_bits);

/* Fills a frame of the domain with the hypercall entry points. */
XCTL_CHECK int xctl_domain_hypercall_init(xctl_handle *h, domid_t domid, uint64_t frame);

/* Presses a button of a virtual machine, XEN_DOMCTL_SENDTRIGGER_*. */
XCTL_CHECK int xctl_domain_send_trigger(xctl_handle *h, domid_t domid, unsigned int trigger,
                                        unsigned int vcpu);

/* When the domain has suspended, signal this port of it instead of VIRQ_DOM_EXC. */
XCTL_CHECK int xctl_domain_subscribe_suspend(xctl_handle *h, domid_t domid, uint32_t port);

/* domid may control target: a device model in a domain of its own. */
XCTL_CHECK int xctl_domain_set_target(xctl_handle *h, domid_t domid, domid_t target);

/* domid receives this global virtual interrupt in place of Dom0. */
XCTL_CHECK int xctl_domain_set_virq_handler(xctl_handle *h, domid_t domid, unsigned int virq);

/* Breakpoints of the domain stop it, for a debugger. */
XCTL_CHECK int xctl_domain_set_debugging(xctl_handle *h, domid_t domid, int enable);

/* How the guest sees time stamps: mode 0 default, 1 always emulated, 2 never. */
struct xctl_tsc_info {
    uint32_t mode;
    uint32_t khz;         /* 0 when set: the host's */
    uint32_t incarnation; /* how often the domain has moved */
    uint64_t elapsed_ns;  /* guest time */
};
XCTL_CHECK int xctl_domain_set_tsc(xctl_handle *h, domid_t domid, const struct xctl_tsc_info *info);
XCTL_CHECK int xctl_domain_get_tsc(xctl_handle *h, domid_t domid, struct xctl_tsc_info *ret_info);

/* NUMA nodes that the domain's memory comes from. */
XCTL_CHECK int xctl_domain_set_node_affinity(xctl_handle *h, domid_t domid, const uint8_t *nodes,
                                             unsigned int nr_bits);
XCTL_CHECK int xctl_domain_get_node_affinity(xctl_handle *h, domid_t domid, uint8_t *ret_nodes,
                                             unsigned int nr_bits);

/*
 * Scheduling parameters of a domain, and of single vCPUs for schedulers that have such (rtds).
 * -EINVAL: the domain runs under another scheduler. Weights are relative (256 is usual), caps
 * percents of one CPU (0: none), periods and budgets microseconds.
 */
XCTL_CHECK int xctl_sched_credit_set(xctl_handle *h, domid_t domid,
                                     const struct xen_domctl_sched_credit *params);
XCTL_CHECK int xctl_sched_credit_get(xctl_handle *h, domid_t domid,
                                     struct xen_domctl_sched_credit *ret_params);
XCTL_CHECK int xctl_sched_credit2_set(xctl_handle *h, domid_t domid,
                                      const struct xen_domctl_sched_credit2 *params);
XCTL_CHECK int xctl_sched_credit2_get(xctl_handle *h, domid_t domid,
                                      struct xen_domctl_sched_credit2 *ret_params);
XCTL_CHECK int xctl_sched_rtds_set(xctl_handle *h, domid_t domid,
                                   const struct xen_domctl_sched_rtds *params);
XCTL_CHECK int xctl_sched_rtds_get(xctl_handle *h, domid_t domid,
                                   struct xen_domctl_sched_rtds *ret_params);
XCTL_CHECK int xctl_sched_vcpus_set(xctl_handle *h, domid_t domid, unsigned int sched_id,
                                    const struct xen_domctl_schedparam_vcpu *vcpus,
                                    unsigned int count);
/* IN: the vcpuid of each entry; OUT: its parameters. */
XCTL_CHECK int xctl_sched_vcpus_get(xctl_handle *h, domid_t domid, unsigned int sched_id,
                                    struct xen_domctl_schedparam_vcpu *vcpus, unsigned int count);

/*
 * CPU policy: what CPUID and MSRs show the guest. *nr_leaves and *nr_msrs are the space on entry
 * and what was stored on return; -ENOBUFS: too little, and they say what is needed. Either array
 * may be NULL with count 0.
 */
XCTL_CHECK int xctl_domain_get_cpu_policy(xctl_handle *h, domid_t domid,
                                          struct xen_cpuid_leaf *ret_leaves, uint32_t *nr_leaves,
                                          struct xen_msr_entry *ret_msrs, uint32_t *nr_msrs);

/* What a refused policy failed at; all ones where that does not apply. */
struct xctl_cpu_policy_culprit {
    uint32_t leaf;
    uint32_t subleaf;
    uint32_t msr;
};
/*
 * -EEXIST: the domain has run already; -E2BIG: too many; -ERANGE: not a known leaf or MSR;
 * -EINVAL: more than the host can do. On failure *ret_culprit (may be NULL) is set.
 */
XCTL_CHECK int xctl_domain_set_cpu_policy(xctl_handle *h, domid_t domid,
                                          const struct xen_cpuid_leaf *leaves, uint32_t nr_leaves,
                                          const struct xen_msr_entry *msrs, uint32_t nr_msrs,
                                          struct xctl_cpu_policy_culprit *ret_culprit);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_DOMAIN_H */
