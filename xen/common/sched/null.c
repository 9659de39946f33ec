/* SPDX-License-Identifier: MIT */
/*
 * null.c - no scheduling: each vCPU has a CPU for itself. For pinned systems that want no overhead.
 *
 * A vCPU that finds no free CPU when it is created is never admitted until one becomes free.
 * Lock of the assignment: assign_lock; own_cpu itself changes under the queue's lock too.
 */
#include <xen/lib.h>
#include <xen/softirq.h>
#include <public/domctl.h>
#include "private.h"

static DEFINE_SPINLOCK(assign_lock, LOCK_RANK_SCHED_GLOBAL);
static struct vcpu *owner[NR_CPUS];
static LIST_HEAD(without_cpu);

/* A free CPU for v: soft affinity first; NR_CPUS when there is none. */
static unsigned int free_cpu_for(const struct vcpu *v)
{
    unsigned int cpu, found = NR_CPUS;

    for_each_online_cpu (cpu) {
        if (owner[cpu] || !cpumask_test(cpu, &v->hard_affinity))
            continue;
        if (cpumask_test(cpu, &v->soft_affinity))
            return cpu;
        if (found == NR_CPUS)
            found = cpu;
    }
    return found;
}

static void assign_locked(struct vcpu *v, unsigned int cpu)
{
    unsigned long flags;
    struct sched_rq *rq = vcpu_rq_lock(v, &flags);

    owner[cpu] = v;
    v->sched->own_cpu = cpu;
    WRITE_ONCE(v->processor, cpu); /* it is on no queue and on no CPU */
    rq_unlock(rq, flags);
}

static int null_vcpu_init(struct vcpu *v)
{
    unsigned long flags;
    unsigned int cpu;

    spin_lock_irqsave(&assign_lock, flags);
    cpu = free_cpu_for(v);
    if (cpu != NR_CPUS)
        assign_locked(v, cpu);
    else
        list_add_tail(&v->sched->link, &without_cpu);
    spin_unlock_irqrestore(&assign_lock, flags);
    if (cpu == NR_CPUS)
        printk(XLOG_WARN "sched: no CPU left for %sv%u, it will not run\n", v->domain->name,
               v->vcpu_id);
    return 0;
}

static void null_vcpu_destroy(struct vcpu *v)
{
    unsigned int cpu = v->sched->own_cpu;
    struct vcpu *heir = NULL;
    struct sched_unit *u;
    unsigned long flags;

    spin_lock_irqsave(&assign_lock, flags);
    list_del(&v->sched->link);
    if (cpu != NR_CPUS) {
        owner[cpu] = NULL;
        list_for_each_entry (u, &without_cpu, link) {
            if (!cpumask_test(cpu, &u->vcpu->hard_affinity))
                continue;
            heir = u->vcpu;
            list_del(&u->link);
            assign_locked(heir, cpu);
            break;
        }
    }
    spin_unlock_irqrestore(&assign_lock, flags);
    if (heir)
        sched_unpark(heir);
}

static unsigned int null_choose_cpu(struct vcpu *v)
{
    return v->sched->own_cpu;
}

static bool null_admit(struct vcpu *v)
{
    return v->sched->own_cpu != NR_CPUS && cpumask_test(v->sched->own_cpu, &v->sched->allowed);
}

/* The "queue" of a CPU is its one owner's queued flag, which the core keeps. */
static void null_queue_nothing(struct sched_rq *rq, struct vcpu *v, s_time_t now)
{
    (void)rq;
    (void)v;
    (void)now;
}

static void null_dequeue(struct sched_rq *rq, struct vcpu *v)
{
    (void)rq;
    (void)v;
}

static void null_tickle(struct sched_rq *rq, struct vcpu *v, s_time_t now)
{
    (void)rq;
    (void)now;
    cpu_raise_softirq(v->sched->own_cpu, SOFTIRQ_SCHEDULE);
}

static struct sched_choice null_pick_next(struct sched_rq *rq, unsigned int cpu, struct vcpu *prev,
                                          s_time_t now)
{
    struct sched_choice choice = {.next = per_cpu(idle_vcpu, cpu)};
    struct vcpu *v = READ_ONCE(owner[cpu]);

    (void)rq;
    (void)now;
    if (v && v == prev) {
        v->sched->yielding = false;
        if (vcpu_runnable(v) && null_admit(v))
            choice.next = v;
    } else if (v && v->sched->queued) {
        v->sched->queued = false;
        choice.next = v;
    }
    return choice;
}

static int null_adjust(struct domain *d, u32 weight, u32 cap)
{
    (void)d;
    (void)weight;
    (void)cap;
    return -EOPNOTSUPP;
}

const struct sched_ops sched_null = {
    .name = "null",
    .id = XEN_SCHEDULER_NULL,
    .vcpu_init = null_vcpu_init,
    .vcpu_destroy = null_vcpu_destroy,
    .adjust = null_adjust,
    .choose_cpu = null_choose_cpu,
    .admit = null_admit,
    .enqueue = null_queue_nothing,
    .dequeue = null_dequeue,
    .tickle = null_tickle,
    .leave = null_queue_nothing,
    .pick_next = null_pick_next,
};
