/* SPDX-License-Identifier: MIT */
/*
 * private.h (sched) - run queues, what the core keeps for each vCPU, and the scheduler's ops table.
 *
 * core.c owns the life cycle of a run (who is on which CPU, runstates, the slice timer); a
 * scheduler (fair.c, null.c) only decides. A vCPU is in exactly one of these states, under its
 * queue's lock:
 *
 *   asleep    not runnable, on no queue
 *   queued    runnable, waits in the queue of its v->processor
 *   parked    runnable, but the scheduler does not admit it (no budget, no CPU of its own)
 *   running   v->is_running: on v->processor; from the pick until context_saved()
 *
 * Lock: the run queue's (LOCK_RANK_SCHED_RQ, interrupts off). v->processor changes only under the
 * lock of the queue it belonged to, so lock by it and look again: vcpu_rq_lock().
 */
#ifndef SCHED_PRIVATE_H
#define SCHED_PRIVATE_H

#include <xen/sched.h>
#include <xen/list.h>
#include <xen/spinlock.h>

#define NR_WATCHDOGS 2

struct sched_rq {
    spinlock_t lock;
    cpumask_t cpus; /* grows at boot, then constant */
    unsigned int nr_cpus;
    struct list_head queue; /* by virtual run time */
    unsigned int nr_queued;
    unsigned int nr_running; /* CPUs that run a vCPU other than idle */
    s64 least;               /* virtual run time of its foremost CPU, never goes back */
    cpumask_t idle;          /* atomic bits: idle CPUs that nobody has claimed yet */
};

struct sched_unit {
    struct vcpu *vcpu; /* I */
    struct list_head link;
    bool queued;
    bool parked;
    bool yielding;
    bool relative; /* vruntime counts from the time of the CPU where it queues next */
    s64 vruntime;
    unsigned int own_cpu; /* null: the CPU it has for itself, NR_CPUS: none */
    bool pinned;          /* SCHEDOP_pin_override is in force */
    cpumask_t unpinned;   /* hard affinity to go back to */
    cpumask_t allowed;    /* hard affinity within the pool: where it may run; never empty */
};

struct sched_domain {
    struct domain *d;
    struct cpupool *pool; /* pool.c */
    u32 weight, cap;      /* cap in percent of a CPU, 0: none */
    s64 budget;           /* atomic, ns */
    u32 sharers;          /* atomic: vCPUs that run on the budget now */
    bool refill_armed;    /* atomic */
    s_time_t refill_due;  /* by who has armed it */
    struct timer refill;
    struct timer watchdog[NR_WATCHDOGS]; /* d->lock */
    bool watchdog_used[NR_WATCHDOGS];    /* d->lock */
};

struct sched_choice {
    struct vcpu *next;
    s_time_t slice; /* 0: no limit */
};

/* All with the run queue's lock held, unless said otherwise. */
struct sched_ops {
    const char *name;
    u32 id;         /* XEN_SCHEDULER_* for the toolstack */
    bool has_pools; /* it looks at sched->allowed all the time */
    void (*init_cpu)(unsigned int cpu);
    /* Without locks. */
    int (*vcpu_init)(struct vcpu *v) __must_check;
    void (*vcpu_destroy)(struct vcpu *v);
    int (*adjust)(struct domain *d, u32 weight, u32 cap) __must_check;
    /* Pulls a waiting vCPU from another queue into cpu's; true when there is something to run. */
    bool (*steal)(unsigned int cpu);

    /* Where v, on no CPU and no queue, should run; maybe in another queue. */
    unsigned int (*choose_cpu)(struct vcpu *v);
    /* False: v must wait for an event of the scheduler's own, which calls sched_unpark. */
    bool (*admit)(struct vcpu *v);
    void (*enqueue)(struct sched_rq *rq, struct vcpu *v, s_time_t now);
    void (*dequeue)(struct sched_rq *rq, struct vcpu *v);
    /* v was queued: makes a CPU look at the queue where that is useful. */
    void (*tickle)(struct sched_rq *rq, struct vcpu *v, s_time_t now);
    /* v leaves this queue for another, or its CPU, where it may not run any more. */
    void (*leave)(struct sched_rq *rq, struct vcpu *v, s_time_t now);
    /* Accounts prev and picks; next is taken off the queue. prev may be picked again. */
    struct sched_choice (*pick_next)(struct sched_rq *rq, unsigned int cpu, struct vcpu *prev,
                                     s_time_t now);
};

extern const struct sched_ops sched_fair, sched_null;
extern const struct sched_ops *sched_ops;

/* --- core.c --- */
extern struct sched_rq *cpu_rq[NR_CPUS];
extern struct sched_rq *all_rqs[NR_CPUS];
extern unsigned int nr_rqs;

struct sched_rq *vcpu_rq_lock(const struct vcpu *v, unsigned long *flags);
static inline void rq_unlock(struct sched_rq *rq, unsigned long flags)
{
    spin_unlock_irqrestore(&rq->lock, flags);
}
/* Queues v where it should run if it may; without locks. */
void sched_place(struct vcpu *v);
/* The reason for which admit() refused v has gone; without locks. */
void sched_unpark(struct vcpu *v);

/* --- setup.c --- */
/* A vCPU of a domain with a cap has run: the budget may go below 0. Any context. */
void sched_budget_charge(struct sched_domain *s, s64 ns);

/* --- runstate.c: queue lock held --- */
void vcpu_runstate_change(struct vcpu *v, int state, s_time_t now);
/* The state of a vCPU that is on no CPU. */
int vcpu_resting_state(const struct vcpu *v);

/* --- poll.c --- */
long sched_poll(unsigned long arg);
void vcpu_poll_timeout(void *v);

/* --- watchdog.c --- */
long domain_watchdog(struct domain *d, u32 id, u32 timeout);
void domain_watchdogs_init(struct domain *d);

/* --- pool.c --- */
/* Pool, affinity or both have changed; without locks. */
void sched_update_allowed(struct vcpu *v);

/* --- affinity.c --- */
long vcpu_pin_override(struct vcpu *v, s32 cpu);

#endif /* SCHED_PRIVATE_H */
