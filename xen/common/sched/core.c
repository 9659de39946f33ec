/* SPDX-License-Identifier: MIT */
/*
 * core.c - the part of scheduling that every scheduler shares: run queues and their locks, waking
 * and sleeping, the schedule() softirq, idle vCPUs. See private.h for states and locks.
 */
#include <xen/acpi.h>
#include <xen/bitops.h>
#include <xen/cpupool.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/trace.h>
#include "private.h"

const struct sched_ops *sched_ops = &sched_fair;
struct sched_rq *cpu_rq[NR_CPUS];
struct sched_rq *all_rqs[NR_CPUS];
unsigned int nr_rqs;
static unsigned int rq_key[NR_CPUS]; /* which CPUs share all_rqs[i] */
static DEFINE_PER_CPU(struct timer, slice_timer);

static enum { RQ_NODE, RQ_ALL, RQ_CPU } rq_sharing;

static int parse_sched(const char *value)
{
    if (strcmp(value, sched_fair.name) == 0)
        sched_ops = &sched_fair;
    else if (strcmp(value, sched_null.name) == 0)
        sched_ops = &sched_null;
    else
        return -EINVAL;
    return 0;
}
PARAM_CUSTOM_DEF("sched", parse_sched, "scheduler: fair (default), or null: a CPU for each vCPU");

static int parse_sched_runqueue(const char *value)
{
    if (strcmp(value, "node") == 0)
        rq_sharing = RQ_NODE;
    else if (strcmp(value, "all") == 0)
        rq_sharing = RQ_ALL;
    else if (strcmp(value, "cpu") == 0)
        rq_sharing = RQ_CPU;
    else
        return -EINVAL;
    return 0;
}
PARAM_CUSTOM_DEF("sched_runqueue", parse_sched_runqueue,
                 "CPUs that share a run queue: node (default), all or cpu");

struct sched_rq *vcpu_rq_lock(const struct vcpu *v, unsigned long *flags)
{
    for (;;) {
        struct sched_rq *rq = cpu_rq[READ_ONCE(v->processor)];

        spin_lock_irqsave(&rq->lock, *flags);
        if (likely(rq == cpu_rq[READ_ONCE(v->processor)]))
            return rq;
        spin_unlock_irqrestore(&rq->lock, *flags);
    }
}

/* --- waking and sleeping --- */

/* One attempt; true when v moved to another queue and must be tried there. */
static bool place_once(struct vcpu *v, bool moved)
{
    struct sched_unit *u = v->sched;
    unsigned long flags;
    struct sched_rq *rq = vcpu_rq_lock(v, &flags);
    s_time_t now = NOW();
    unsigned int cpu;

    if (v->is_running || u->queued || u->parked)
        goto out; /* context_saved or sched_unpark looks again */
    vcpu_runstate_change(v, vcpu_resting_state(v), now);
    if (!vcpu_runnable(v))
        goto out;
    if (!sched_ops->admit(v)) {
        u->parked = true;
        goto out;
    }
    /* The pool may have lost the CPU that was chosen. */
    cpu =
        moved && cpumask_test(v->processor, &u->allowed) ? v->processor : sched_ops->choose_cpu(v);
    if (!cpumask_test(v->processor, &u->allowed) || cpu_rq[cpu] != rq)
        sched_ops->leave(rq, v, now);
    if (cpu_rq[cpu] != rq) {
        WRITE_ONCE(v->processor, cpu);
        rq_unlock(rq, flags);
        return true;
    }
    WRITE_ONCE(v->processor, cpu);
    sched_ops->enqueue(rq, v, now);
    u->queued = true;
    sched_ops->tickle(rq, v, now);
out:
    rq_unlock(rq, flags);
    return false;
}

void sched_place(struct vcpu *v)
{
    if (place_once(v, false))
        while (place_once(v, true))
            ;
}

void sched_unpark(struct vcpu *v)
{
    unsigned long flags;
    struct sched_rq *rq = vcpu_rq_lock(v, &flags);
    bool was_parked = v->sched->parked;

    v->sched->parked = false;
    rq_unlock(rq, flags);
    if (was_parked)
        sched_place(v);
}

void vcpu_wake(struct vcpu *v)
{
    trace(TRC_SCHED_WAKE, v->domain->domain_id, v->vcpu_id);
    sched_place(v);
}

void vcpu_sleep_nosync(struct vcpu *v)
{
    unsigned long flags;
    struct sched_rq *rq = vcpu_rq_lock(v, &flags);

    trace(TRC_SCHED_SLEEP, v->domain->domain_id, v->vcpu_id);
    if (!vcpu_runnable(v)) {
        if (v->is_running) {
            cpu_raise_softirq(v->processor, SOFTIRQ_SCHEDULE);
        } else {
            if (v->sched->queued) {
                sched_ops->dequeue(rq, v);
                v->sched->queued = false;
            }
            v->sched->parked = false;
            vcpu_runstate_change(v, vcpu_resting_state(v), NOW());
        }
    }
    rq_unlock(rq, flags);
}

void vcpu_sleep_sync(struct vcpu *v)
{
    vcpu_sleep_nosync(v);
    while (!vcpu_runnable(v) && READ_ONCE(v->is_running))
        cpu_relax();
    smp_rmb(); /* its saved state is read after this */
}

void vcpu_unblock(struct vcpu *v)
{
    if (!test_and_clear_bit(VPF_BLOCKED, &v->pause_flags))
        return;
    /* The poll that slept is over, whatever it was waiting for. */
    WRITE_ONCE(v->poll_port, 0);
    /*
     * Awake since the first line, it may sleep in another poll by now, whose mark is taken away
     * here: then nobody else would look for it. It wakes too early, which is allowed.
     */
    if (test_and_clear_bit(VPF_POLLING, &v->pause_flags))
        clear_bit(VPF_BLOCKED, &v->pause_flags);
    vcpu_wake(v);
}

void vcpu_kick(struct vcpu *v)
{
    smp_mb(); /* the event is visible before we look whether v would see it anyway */
    if (READ_ONCE(v->is_running) && v != current)
        smp_kick(READ_ONCE(v->processor));
}

void vcpu_block(void)
{
    struct vcpu *v = current;

    /* Flag first, then look: a sender marks the event first, then looks at the flag. */
    set_bit(VPF_BLOCKED, &v->pause_flags);
    if (vcpu_events_pending(v))
        clear_bit(VPF_BLOCKED, &v->pause_flags);
    else
        raise_softirq(SOFTIRQ_SCHEDULE);
    trace(TRC_SCHED_BLOCK, v->domain->domain_id, v->vcpu_id);
}

void vcpu_yield(void)
{
    trace(TRC_SCHED_YIELD, current->domain->domain_id, current->vcpu_id);
    WRITE_ONCE(current->sched->yielding, true);
    raise_softirq(SOFTIRQ_SCHEDULE);
}

/* --- the switch --- */

static void slice_ended(void *unused)
{
    (void)unused;
    raise_softirq(SOFTIRQ_SCHEDULE);
}

static void start_slice(const struct sched_choice *choice, s_time_t now)
{
    struct timer *t = &this_cpu(slice_timer);

    if (choice->slice)
        set_timer(t, now + choice->slice);
    else if (timer_is_active(t))
        stop_timer(t);
}

/* Queue lock held: from here on next is on this CPU as far as everybody else can see. */
static void hand_over(struct vcpu *prev, struct vcpu *next, unsigned int cpu, s_time_t now)
{
    vcpu_runstate_change(prev, is_idle_vcpu(prev) ? RUNSTATE_runnable : vcpu_resting_state(prev),
                         now);
    vcpu_runstate_change(next, RUNSTATE_running, now);
    WRITE_ONCE(next->is_running, true);
    WRITE_ONCE(next->processor, cpu);
}

static void schedule(void)
{
    unsigned int cpu = smp_processor_id();
    struct sched_rq *rq = cpu_rq[cpu];
    struct vcpu *prev = current;
    struct sched_choice choice;
    bool may_steal = sched_ops->steal != NULL;
    s_time_t now;

    for (;;) {
        local_irq_disable();
        spin_lock(&rq->lock);
        now = NOW();
        choice = sched_ops->pick_next(rq, cpu, prev, now);
        if (!is_idle_vcpu(choice.next) || !may_steal)
            break;
        spin_unlock(&rq->lock);
        local_irq_enable();
        may_steal = false;
        sched_ops->steal(cpu);
    }
    start_slice(&choice, now);
    if (choice.next == prev) {
        spin_unlock(&rq->lock);
        continue_running(prev);
        local_irq_enable();
        return;
    }
    trace(TRC_SCHED_SWITCH, prev->domain->domain_id, prev->vcpu_id, choice.next->domain->domain_id,
          choice.next->vcpu_id);
    hand_over(prev, choice.next, cpu, now);
    spin_unlock(&rq->lock);
    if (!is_idle_vcpu(choice.next))
        vcpu_timers_migrate(choice.next, cpu);
    context_switch(prev, choice.next);
}

void context_saved(struct vcpu *prev)
{
    struct domain *d = prev->domain;
    bool again, ending;
    unsigned long flags;
    struct sched_rq *rq;

    if (is_idle_vcpu(prev)) {
        WRITE_ONCE(prev->is_running, false);
        return;
    }
    rq = vcpu_rq_lock(prev, &flags);
    smp_wmb(); /* what was saved is visible before anybody may run or read it */
    /*
     * It may have been preempted, or woken since it was decided to switch away from it; from here
     * on who wakes it places it. Once it is off, who has paused its domain may free them both.
     */
    again = vcpu_runnable(prev);
    ending = READ_ONCE(d->is_shutting_down);
    if ((again || ending) && !get_domain(d))
        BUG();
    if (unlikely(ending))
        atomic_inc(&d->end_checks); /* before domain_resume may find that nobody runs */
    WRITE_ONCE(prev->is_running, false);
    rq_unlock(rq, flags);
    if (unlikely(ending)) {
        domain_check_shutdown(d);
        atomic_dec(&d->end_checks);
    }
    if (again)
        sched_place(prev);
    if (again || ending)
        put_domain(d);
}

/* --- set-up --- */

static struct sched_rq *rq_for_cpu(unsigned int cpu)
{
    unsigned int key = rq_sharing == RQ_ALL   ? 0
                       : rq_sharing == RQ_CPU ? cpu
                                              : acpi_node_of_apicid(cpu_apicid[cpu]);
    struct sched_rq *rq;

    for (unsigned int i = 0; i < nr_rqs; i++)
        if (rq_key[i] == key)
            return all_rqs[i];
    rq = xzalloc(struct sched_rq);
    if (rq == NULL)
        panic("no memory for the run queue of CPU %u", cpu);
    spin_lock_init(&rq->lock, LOCK_RANK_SCHED_RQ);
    list_init(&rq->queue);
    rq_key[nr_rqs] = key;
    all_rqs[nr_rqs] = rq;
    nr_rqs++;
    return rq;
}

static struct vcpu *create_idle_vcpu(unsigned int cpu)
{
    struct vcpu *v = xzalloc(struct vcpu);

    if (v == NULL)
        panic("no memory for the idle vCPU of CPU %u", cpu);
    v->domain = idle_domain;
    v->vcpu_id = cpu;
    v->processor = cpu;
    v->is_idle = true;
    v->is_running = true;
    v->hard_affinity = v->soft_affinity = cpumask_of(cpu);
    v->runstate.state = RUNSTATE_running;
    v->runstate.state_entry_time = (u64)NOW();
    v->arch.kernel_l4 = v->arch.user_l4 = INVALID_MFN;
    idle_domain->vcpu[cpu] = v;
    return v;
}

void sched_init(void)
{
    open_softirq(SOFTIRQ_SCHEDULE, schedule);
    idle_domain = xzalloc(struct domain);
    if (idle_domain)
        idle_domain->vcpu = xzalloc_array(struct vcpu *, NR_CPUS);
    if (idle_domain == NULL || idle_domain->vcpu == NULL)
        panic("no memory for the idle domain");
    idle_domain->domain_id = DOMID_IDLE;
    idle_domain->is_idle = true;
    idle_domain->max_vcpus = NR_CPUS;
    atomic_set(&idle_domain->refcnt, 1);
    spin_lock_init(&idle_domain->lock, LOCK_RANK_DOMAIN);
    spin_lock_init(&idle_domain->page_lock, LOCK_RANK_PAGE_ALLOC);
    list_init(&idle_domain->list);
    strlcpy(idle_domain->name, "idle", sizeof(idle_domain->name));
    printk("sched: %s\n", sched_ops->name);
}

void sched_init_cpu(unsigned int cpu)
{
    struct sched_rq *rq = rq_for_cpu(cpu);

    init_timer(&per_cpu(slice_timer, cpu), slice_ended, NULL, cpu);
    per_cpu(idle_vcpu, cpu) = create_idle_vcpu(cpu);
    if (cpu == smp_processor_id())
        get_cpu_info()->current_vcpu = per_cpu(idle_vcpu, cpu);
    cpumask_set(cpu, &rq->cpus);
    rq->nr_cpus++;
    /* It will be: whoever wants a CPU must also see it online. */
    cpumask_set(cpu, &rq->idle);
    cpu_rq[cpu] = rq;
    cpupool_init_cpu(cpu);
    if (sched_ops->init_cpu)
        sched_ops->init_cpu(cpu);
}
