/* SPDX-License-Identifier: MIT */
/*
 * light-sched.h - how much of the CPUs domains get, and where their vCPUs run. The rules of light.h
 * apply. Errors that all calls on domains share: -ESRCH, there is no such domain.
 */
#ifndef XENOLITH_LIGHT_SCHED_H
#define XENOLITH_LIGHT_SCHED_H

#include <xenolith/light-config.h>
#include <xenolith/light-host.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Parameters of a domain. Those of its scheduler count, the others are 0.
 *   credit, credit2: weight, relative to other domains, 1 to 65535 (256 is usual); cap, in percent
 *                    of one CPU, at most 100 for each vCPU, 0 for none
 *   rtds:            microseconds of CPU time, budget, in each period; extratime, whether it may
 *                    have more when CPUs are idle
 */
struct xlight_sched {
    uint32_t domid;
    int scheduler; /* of its pool */
    uint32_t weight, cap;
    uint32_t period_us, budget_us;
    bool extratime;
};
XLIGHT_CHECK int xlight_sched_get(xlight_handle *h, uint32_t domid, struct xlight_sched *ret_sched);

/*
 * Sets them all; domid and scheduler are as xlight_sched_get() gave them. -EINVAL: the domain has
 * another scheduler by now; -ERANGE: a value is out of range; -EOPNOTSUPP: the scheduler has no
 * parameters.
 */
XLIGHT_CHECK int xlight_sched_set(xlight_handle *h, const struct xlight_sched *sched);

/* The same of single vCPUs, for rtds; other schedulers: -EOPNOTSUPP. */
struct xlight_sched_vcpu {
    uint32_t domid, vcpu;
    uint32_t period_us, budget_us;
    bool extratime;
};
/* All vCPUs of a domain; the caller frees *ret_list with free(). */
XLIGHT_CHECK int xlight_sched_vcpus_get(xlight_handle *h, uint32_t domid,
                                        struct xlight_sched_vcpu **ret_list, unsigned int *ret_nr);
/* Some, all of one domain. -ERANGE: a value or the number of a vCPU is out of range. */
XLIGHT_CHECK int xlight_sched_vcpus_set(xlight_handle *h, const struct xlight_sched_vcpu *list,
                                        unsigned int nr);

/*
 * Parameters of a pool's scheduler.
 *   credit:  slice, how long a vCPU runs at most, in milliseconds; ratelimit, how long at least;
 *            migration delay, for which it counts as warm on a CPU
 *   credit2: ratelimit, 0 or 100 to 500000
 */
struct xlight_sched_pool {
    uint32_t id;
    int scheduler;
    uint32_t slice_ms, ratelimit_us, migration_delay_us;
};
/* -EOPNOTSUPP: the scheduler has none. */
XLIGHT_CHECK int xlight_sched_pool_get(xlight_handle *h, uint32_t id,
                                       struct xlight_sched_pool *ret_pool);
XLIGHT_CHECK int xlight_sched_pool_set(xlight_handle *h, const struct xlight_sched_pool *pool);

/*
 * Where a vCPU may run (hard) and where it runs best (soft); either may be NULL to leave it. With
 * force also if the vCPU has pinned itself.
 * -EINVAL: no CPU would be left.
 */
XLIGHT_CHECK int xlight_vcpu_pin(xlight_handle *h, uint32_t domid, uint32_t vcpu,
                                 const struct xlight_bits *hard, const struct xlight_bits *soft,
                                 bool force);

/* The tables of fields of the three structures, see light-field.h. */
XLIGHT_API const struct xlight_type *xlight_sched_type(void);
XLIGHT_API const struct xlight_type *xlight_sched_vcpu_type(void);
XLIGHT_API const struct xlight_type *xlight_sched_pool_type(void);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_SCHED_H */
