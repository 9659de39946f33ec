/* SPDX-License-Identifier: MIT */
/*
 * sched.h - domains and vCPUs, their life and their scheduling.
 *
 * get_domain_by_id() finds a domain and takes a reference under the list lock; put_domain() drops
 * it, and the last put of a dead domain frees it. A reference keeps the structure, not the guest:
 * check is_dying where it matters. vCPUs live as long as their domain.
 *
 * Legend: I set at creation, then constant; A atomic; D domain->lock; L list lock; G page_lock;
 * Q the vCPU's run-queue lock; C only by the vCPU itself or while it is descheduled.
 */
#ifndef XEN_SCHED_H
#define XEN_SCHED_H

#include <xen/types.h>
#include <xen/atomic.h>
#include <xen/list.h>
#include <xen/percpu.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include <xen/timer.h>
#include <public/xen.h>
#include <public/vcpu.h>
#include <asm/domain.h>

struct evtchn_domain;
struct evtchn_vcpu;
struct grant_table;
struct pirq_table;
struct sched_unit;
struct vnuma;

/* pause_flags: reasons not to run. */
#define VPF_BLOCKED 0 /* SCHEDOP_block or poll: an event wakes it */
#define VPF_DOWN    1 /* VCPUOP_down, or never brought up */
#define VPF_POLLING 2 /* blocked in SCHEDOP_poll (VPF_BLOCKED is set too) */
#define VPF_FILL    3 /* waits for the content of a page: <xen/fill.h> */

struct vcpu {
    struct domain *domain;     /* I */
    unsigned int vcpu_id;      /* I */
    unsigned int processor;    /* Q the CPU it runs on, or last ran on */
    bool is_idle;              /* I */
    bool is_running;           /* A on a CPU now (also while being switched out) */
    unsigned long pause_flags; /* A bits VPF_* */
    atomic_t pause_count;      /* A vcpu_pause nesting */

    struct vcpu_info *info;      /* D where events and time are published (writes: A or C) */
    struct page_info *info_page; /* D page registered by VCPUOP_register_vcpu_info, else NULL */

    unsigned long runstate_guest;       /* C guest address of the runstate area, 0: none */
    struct vcpu_runstate_info runstate; /* Q */
    unsigned long time_guest;           /* C secondary vcpu_time_info, guest address, 0: none */

    struct timer singleshot_timer; /* C VIRQ_TIMER */
    struct timer periodic_timer;   /* C */
    struct timer poll_timer;       /* C */
    s_time_t periodic_period;      /* C 0: off */
    s_time_t periodic_last;        /* C */
    u32 poll_port;                 /* A the one port polled for, 0: several or none */

    struct evtchn_vcpu *evtchn; /* I owned by common/evtchn */
    struct sched_unit *sched;   /* I owned by common/sched */
    cpumask_t hard_affinity;    /* Q */
    cpumask_t soft_affinity;    /* Q */
    unsigned int dirty_cpu;     /* A the CPU whose TLB may hold its translations; NR_CPUS: none */
    bool in_multicall;          /* C */
    bool multicall_preempted;   /* C */
    u64 nr_hypercalls;          /* C */

    struct arch_vcpu arch;
};

#define SHUTDOWN_NONE 0xff
/* domain.max_pages; the toolstack knows the value as "no limit". */
#define DOMAIN_PAGES_UNLIMITED 0xffffffffUL

struct domain {
    domid_t domain_id;      /* I */
    bool is_control;        /* I may manage other domains (Domain 0) */
    bool is_hardware;       /* I owns the devices (Domain 0) */
    bool is_idle;           /* I */
    bool is_xenstore;       /* I runs the store for others */
    bool is_dying;          /* D and G set once, by domain_kill */
    bool is_dead;           /* A nothing is left of it but what others still hold */
    bool is_shutting_down;  /* D its vCPUs have been told to stop */
    bool is_shut_down;      /* A and they have */
    u8 shutdown_code;       /* D SHUTDOWN_*, or SHUTDOWN_NONE */
    bool is_crashing;       /* A domain_crash was called */
    bool creation_finished; /* A it was allowed to run */
    bool debugger_attached; /* domctl_lock */
    u8 controller_pauses;   /* domctl_lock: pauses that the tools asked for */
    u8 kill_stage;          /* domctl_lock: see teardown.c */
    atomic_t refcnt;        /* A */
    atomic_t pause_count;   /* A domain_pause nesting */
    atomic_t end_checks;    /* A calls of domain_check_shutdown under way */
    spinlock_t lock;
    struct list_head list; /* L all domains by id */

    cpumask_t dirty_cpus;   /* A CPUs whose TLB may hold translations of its vCPUs */
    unsigned int max_vcpus; /* I */
    struct vcpu **vcpu;     /* I array of max_vcpus, filled under D; slots NULL until created */

    spinlock_t page_lock;
    u32 page_list;               /* G MFN of the first page, 0: none (links in struct page_info) */
    u32 dying_list;              /* G pages that domain_kill has still to free */
    u32 xenpage_list;            /* G hypervisor pages shared with the domain */
    unsigned long tot_pages;     /* G */
    unsigned long claimed_pages; /* G frames claimed and not allocated yet */
    unsigned long max_pages;     /* G, or DOMAIN_PAGES_UNLIMITED */
    unsigned long xenheap_pages; /* G */
    atomic_t unfilled_pages;     /* A frames whose content has yet to come: <xen/fill.h> */

    struct shared_info *shared_info; /* I hypervisor address of the page */
    mfn_t shared_info_mfn;           /* I */

    struct evtchn_domain *evtchn; /* I owned by common/evtchn */
    struct grant_table *grants;   /* I owned by common/gnttab */
    struct pirq_table *pirqs;     /* I owned by arch/x86/irq */
    struct sched_domain *sched;   /* I owned by common/sched */
    s64 time_offset_seconds;      /* D wallclock offset */
    u32 suspend_port;             /* D told when it is shut down to be saved; 0: VIRQ_DOM_EXC is */
    unsigned long node_affinity;  /* A nodes to take memory from, 0: all */
    struct vnuma *vnuma;          /* D the NUMA layout it is shown, or NULL */
    struct tasklet free_tasklet;
    u8 handle[16]; /* D UUID */
    char name[16]; /* I for messages: "d0" */

    struct arch_domain arch;
};

extern struct domain *hardware_domain; /* Domain 0 once it exists */
extern struct domain *idle_domain;
DECLARE_PER_CPU(struct vcpu *, idle_vcpu);

#define is_idle_vcpu(v) ((v)->is_idle)
#define for_each_vcpu(d, v)                                       \
    for (unsigned int fv_i_ = 0; fv_i_ < (d)->max_vcpus; fv_i_++) \
        if (((v) = (d)->vcpu[fv_i_]) != NULL)

/* --- common/domain: life --- */
/* Takes a reference; NULL: no such domain. DOMID_SELF means the caller's. */
struct domain *get_domain_by_id(domid_t id) __must_check;
bool get_domain(struct domain *d) __must_check;
void put_domain(struct domain *d);
/* Walk: first domain with id >= start, with a reference; NULL at the end. */
struct domain *get_domain_from(domid_t start) __must_check;
struct vcpu *domain_vcpu(const struct domain *d, unsigned int id); /* NULL: no such vCPU */
/* May the current domain act on d? Control domain: on all; any: on itself. */
bool may_control(const struct domain *d);
/* Stops a broken guest for good: reports why, shuts the domain down with SHUTDOWN_crash. */
void domain_crash(struct domain *d, const char *fmt, ...) __printf(2, 3);
/* SCHEDOP_shutdown: pauses all vCPUs for good, or acts on the host for the hardware domain. */
void domain_shutdown(struct domain *d, u8 reason);
/* Called when a vCPU of a domain that is shutting down has come off its CPU. */
void domain_check_shutdown(struct domain *d);
/* Undoes a shutdown: the domain goes on where it was. Not for the own domain. */
void domain_resume(struct domain *d);
void machine_power_off(void) __noreturn;
void machine_restart(void) __noreturn;

/* --- pausing; counted --- */
void vcpu_pause(struct vcpu *v); /* waits until it is off its CPU; not for the own vCPU */
void vcpu_pause_nosync(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);
void domain_pause(struct domain *d); /* not for the own domain */
void domain_pause_nosync(struct domain *d);
void domain_unpause(struct domain *d);

/* --- common/sched --- */
void sched_init(void);                 /* boot CPU, before any vCPU exists */
void sched_init_cpu(unsigned int cpu); /* once for each CPU before it comes up */
int sched_vcpu_init(struct vcpu *v) __must_check;
void sched_vcpu_destroy(struct vcpu *v);
/* Into this cpupool. -ESRCH: no such pool, or it has no CPU. */
int sched_domain_init(struct domain *d, u32 pool) __must_check;
/* The vCPU can be found by its id now: catches up with what its pool has become. */
void sched_vcpu_listed(struct vcpu *v);
void sched_domain_destroy(struct domain *d);
/* Its watchdogs never bark again, and none is doing so when this returns. Without locks. */
void domain_watchdogs_destroy(struct domain *d);
/* Weight 1 to 65535 (256 default), cap in percent of one CPU (0: none). -EINVAL, or -EOPNOTSUPP
 * when the scheduler in use has no such thing. Callers: one at a time (domctl). */
int sched_domain_adjust(struct domain *d, u32 weight, u32 cap) __must_check;
void sched_domain_params(const struct domain *d, u32 *ret_weight, u32 *ret_cap);
/* The fair scheduler: us for which a vCPU that was picked runs undisturbed. -EINVAL: not 0, and not
 * 100 to 500000. */
u32 sched_ratelimit_us(void);
int sched_set_ratelimit_us(u32 us) __must_check;
/* Name and XEN_SCHEDULER_* number of the scheduler in use. */
const char *sched_name(u32 *ret_id);
/* Re-evaluates pause_flags and pause counts: queue it if it may run / take it off if not. */
void vcpu_wake(struct vcpu *v);
void vcpu_sleep_nosync(struct vcpu *v);
void vcpu_sleep_sync(struct vcpu *v);
/* Whether nothing keeps it from running. */
static inline bool vcpu_runnable(const struct vcpu *v)
{
    return !(READ_ONCE(v->pause_flags) | (unsigned long)atomic_read(&v->pause_count) |
             (unsigned long)atomic_read(&v->domain->pause_count));
}
/* An event arrived for v: ends block and poll, and makes a running vCPU look (kick). */
void vcpu_unblock(struct vcpu *v);
void vcpu_kick(struct vcpu *v);
void vcpu_send_nmi(struct vcpu *v); /* VCPUOP_send_nmi and the like */
void vcpu_block(void);              /* current: until an event is pending */
void vcpu_yield(void);
/* Ends SCHEDOP_pin_override, if it is in force. */
void vcpu_pin_override_end(struct vcpu *v);
int vcpu_set_hard_affinity(struct vcpu *v, const cpumask_t *mask) __must_check;
/* A wish: CPUs that are offline or not in the hard set do not count, and if none does, nor does it.
 */
void vcpu_set_soft_affinity(struct vcpu *v, const cpumask_t *mask);
void vcpu_runstate_get(const struct vcpu *v, struct vcpu_runstate_info *ret_info);
/* Copies v->runstate to the guest's registered area (current vCPU's address space). */
void vcpu_runstate_publish(struct vcpu *v);
/* VCPUOP timer sub-operations 6 to 9 (set/stop periodic/singleshot). */
long vcpu_timer_op(struct vcpu *v, int cmd, unsigned long arg);
int vcpu_timers_init(struct vcpu *v) __must_check;
void vcpu_timers_destroy(struct vcpu *v);
void vcpu_timers_migrate(struct vcpu *v, unsigned int cpu); /* called by the scheduler */

/* Architecture hooks that the scheduler calls. */
/* Switches this CPU from prev to next: saves prev, loads next, calls context_saved(prev), and goes
 * on in next's context: does not return for a different vCPU. */
void context_switch(struct vcpu *prev, struct vcpu *next);
/* The same vCPU goes on. */
void continue_running(struct vcpu *v);
/* Called by the architecture once prev's registers are saved and it may run elsewhere. */
void context_saved(struct vcpu *prev);
/* Events (upcall pending and not masked) wait for v. */
bool vcpu_events_pending(const struct vcpu *v);

#endif /* XEN_SCHED_H */
