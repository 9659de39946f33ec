/* SPDX-License-Identifier: MIT */
/*
 * time.h - the system clock: nanoseconds since the hypervisor started, the same on all CPUs.
 *
 * NOW() scales the TSC; a platform counter (HPET, PM timer or PIT) calibrates it at boot and keeps
 * it honest afterwards. Guests get the same scale through vcpu_time_info.
 */
#ifndef XEN_TIME_H
#define XEN_TIME_H

#include <xen/types.h>

struct vcpu;
struct domain;

#define NSEC_PER_SEC 1000000000ULL
#define SECONDS(x)   ((s_time_t)(x) * 1000000000LL)
#define MILLISECS(x) ((s_time_t)(x) * 1000000LL)
#define MICROSECS(x) ((s_time_t)(x) * 1000LL)
#define STIME_MAX    ((s_time_t)0x7fffffffffffffffLL)

s_time_t NOW(void);
/* Conversions on the calling CPU's current scale. */
u64 stime_to_tsc(s_time_t t);
extern u32 cpu_khz; /* TSC frequency, kHz */

/* Boot CPU: picks the platform counter and calibrates. Later each AP. Before timers are used. */
void time_init_bsp(void);
void time_init_ap(void);
/* Busy wait; works from time_init_bsp() on. */
void udelay(unsigned int usecs);

/* Refreshes v's vcpu_time_info (and its registered secondary area). Call on v's own CPU. */
void vcpu_time_update(struct vcpu *v);
/* Fills wc_* of d's shared_info from the host wallclock. */
void domain_wallclock_update(struct domain *d);
/* XENPF_settime: UNIX time (secs, nsecs) at system time `at`; rewrites every domain's wallclock. */
void wallclock_set(u64 secs, u32 nsecs, s_time_t at);
/* UNIX seconds now. */
u64 wallclock_seconds(void);

/* Programs the local timer of this CPU for the deadline (STIME_MAX: none). From timer.c only. */
void arch_timer_program(s_time_t deadline);

#endif /* XEN_TIME_H */
