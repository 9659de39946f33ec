/* SPDX-License-Identifier: MIT */
/*
 * fair.c - the default scheduler: CPU time by weight, limited by caps, soon for who just woke up.
 *
 * Each run queue is sorted by virtual run time (fair-math.h); its CPUs take the first entry that
 * may run on them. A vCPU that wakes goes to an idle CPU, its last one if possible; else it may
 * replace the running vCPU that is furthest ahead. A CPU runs without a time limit while nobody
 * waits. Queues are balanced when a vCPU is placed (to where the load is lower) and when a CPU runs
 * dry.
 *
 * Affinity can split the CPUs of a queue into groups that drift apart: the virtual time of four
 * vCPUs on one CPU grows slower than that of a fifth which has another for itself. So each CPU
 * knows how far those are that it serves. A vCPU joins at the time of its CPU, and nobody brings
 * more than a bounded lead from a slower group into a faster one.
 */
#include <xen/lib.h>
#include <xen/softirq.h>
#include <xen/time.h>
#include <public/sysctl.h>
#include "fair-math.h"
#include "private.h"

struct fair_cpu {
    struct vcpu *curr;  /* NULL: idle */
    s_time_t since;     /* picked */
    s_time_t accounted; /* run time up to here is in curr's vruntime */
    s64 least;          /* virtual time here; never goes back while busy */
    bool limited;       /* it has a slice */
    bool on_budget;     /* counted in the sharers of curr's domain */
};

/* Under the lock of the CPU's queue. */
static DEFINE_PER_CPU(struct fair_cpu, fair_cpu);

/* For how long a vCPU that was picked runs undisturbed. */
static s_time_t ratelimit = FAIR_GRANULARITY;

u32 sched_ratelimit_us(void)
{
    return (u32)(READ_ONCE(ratelimit) / 1000);
}

int sched_set_ratelimit_us(u32 us)
{
    if (us && (us < XEN_SYSCTL_SCHED_RATELIMIT_MIN || us > XEN_SYSCTL_SCHED_RATELIMIT_MAX))
        return -EINVAL;
    WRITE_ONCE(ratelimit, MICROSECS(us));
    return 0;
}

static u32 weight_of(const struct vcpu *v)
{
    return READ_ONCE(v->domain->sched->weight);
}

static bool has_cap(const struct vcpu *v)
{
    return READ_ONCE(v->domain->sched->cap) != 0;
}

static s64 budget_of(const struct vcpu *v)
{
    return __atomic_load_n(&v->domain->sched->budget, __ATOMIC_SEQ_CST);
}

/* --- choosing a CPU --- */

/* An idle CPU of rq out of mask, the last one of v first; NR_CPUS: none. */
static unsigned int idle_cpu_in(const struct sched_rq *rq, const struct vcpu *v,
                                const cpumask_t *mask)
{
    cpumask_t m;

    cpumask_and(&m, &rq->idle, mask);
    cpumask_and(&m, &m, &cpu_online_map);
    return cpumask_test(v->processor, &m) ? v->processor : cpumask_first(&m);
}

/* The own queue first, then the others; reads of their idle sets are hints. */
static unsigned int find_idle_cpu(const struct vcpu *v, const cpumask_t *mask)
{
    struct sched_rq *own = cpu_rq[v->processor];
    unsigned int cpu = idle_cpu_in(own, v, mask);

    for (unsigned int i = 0; cpu == NR_CPUS && i < nr_rqs; i++)
        if (all_rqs[i] != own)
            cpu = idle_cpu_in(all_rqs[i], v, mask);
    return cpu;
}

static unsigned int load_of(const struct sched_rq *rq)
{
    return READ_ONCE(rq->nr_queued) + READ_ONCE(rq->nr_running);
}

/* Whether a has at least one vCPU per CPU more than b would have with one more. */
static bool much_busier(const struct sched_rq *a, const struct sched_rq *b)
{
    return load_of(a) * b->nr_cpus > (load_of(b) + 1) * a->nr_cpus + a->nr_cpus * b->nr_cpus / 2;
}

static unsigned int first_allowed(const struct sched_rq *rq, const struct vcpu *v)
{
    cpumask_t hard, m;

    cpumask_and(&hard, &v->sched->allowed, &rq->cpus);
    cpumask_and(&hard, &hard, &cpu_online_map);
    cpumask_and(&m, &hard, &v->soft_affinity);
    return cpumask_empty(&m) ? cpumask_first(&hard) : cpumask_first(&m);
}

/* Nobody is idle: stay where the queue is not much longer than elsewhere. */
static unsigned int choose_busy_cpu(const struct vcpu *v)
{
    struct sched_rq *own = cpu_rq[v->processor], *best = NULL;
    unsigned int stay;

    stay = cpumask_test(v->processor, &v->sched->allowed) ? v->processor : first_allowed(own, v);
    for (unsigned int i = 0; i < nr_rqs; i++) {
        struct sched_rq *rq = all_rqs[i];

        if (rq == own || first_allowed(rq, v) == NR_CPUS)
            continue;
        if (best == NULL || load_of(rq) * best->nr_cpus < load_of(best) * rq->nr_cpus)
            best = rq;
    }
    if (best && (stay == NR_CPUS || much_busier(own, best)))
        return first_allowed(best, v);
    return stay != NR_CPUS ? stay : v->processor;
}

static unsigned int fair_choose_cpu(struct vcpu *v)
{
    cpumask_t both;
    unsigned int cpu = NR_CPUS;

    cpumask_and(&both, &v->sched->allowed, &v->soft_affinity);
    if (!cpumask_empty(&both))
        cpu = find_idle_cpu(v, &both);
    if (cpu == NR_CPUS)
        cpu = find_idle_cpu(v, &v->sched->allowed);
    return cpu != NR_CPUS ? cpu : choose_busy_cpu(v);
}

/* --- the queue --- */

/* Virtual time of the vCPU on c, up to now. */
static s64 running_vruntime(const struct fair_cpu *c, s_time_t now)
{
    return c->curr->sched->vruntime + fair_cost(MAX(now - c->accounted, 0), weight_of(c->curr));
}

/* The time of a busy CPU. While nobody waits, it is that of the running vCPU. */
static s64 busy_time(const struct fair_cpu *c, s_time_t now)
{
    return c->limited ? c->least : fair_least(c->least, running_vruntime(c, now));
}

/* The virtual time of who joins at cpu; where nobody runs, that of the slowest busy CPU. */
static s64 time_at(const struct sched_rq *rq, unsigned int cpu, s_time_t now)
{
    s64 least = rq->least;

    if (per_cpu(fair_cpu, cpu).curr)
        return busy_time(&per_cpu(fair_cpu, cpu), now);
    for_each_cpu (cpu, &rq->cpus)
        if (per_cpu(fair_cpu, cpu).curr)
            least = MIN(least, busy_time(&per_cpu(fair_cpu, cpu), now));
    return least;
}

static void fair_enqueue(struct sched_rq *rq, struct vcpu *v, s_time_t now)
{
    struct sched_unit *u = v->sched;
    s64 least = time_at(rq, v->processor, now);
    struct list_head *pos;

    if (u->relative)
        u->vruntime += least;
    u->relative = false;
    u->vruntime = fair_join(u->vruntime, least);
    /* From the end: most come back with more virtual time than those who wait. */
    for (pos = rq->queue.prev; pos != &rq->queue; pos = pos->prev)
        if (list_entry(pos, struct sched_unit, link)->vruntime <= u->vruntime)
            break;
    list_add(&u->link, pos);
    WRITE_ONCE(rq->nr_queued, rq->nr_queued + 1);
}

static void fair_dequeue(struct sched_rq *rq, struct vcpu *v)
{
    list_del(&v->sched->link);
    WRITE_ONCE(rq->nr_queued, rq->nr_queued - 1);
}

static void fair_leave(struct sched_rq *rq, struct vcpu *v, s_time_t now)
{
    if (!v->sched->relative)
        v->sched->vruntime -= time_at(rq, v->processor, now);
    v->sched->relative = true;
}

static bool fair_admit(struct vcpu *v)
{
    return !has_cap(v) || budget_of(v) > 0;
}

static void fair_tickle(struct sched_rq *rq, struct vcpu *v, s_time_t now)
{
    unsigned int cpu, victim = NR_CPUS, unlimited = NR_CPUS;
    s64 worst = v->sched->vruntime + FAIR_GRANULARITY - 1;

    cpu = idle_cpu_in(rq, v, &v->sched->allowed);
    if (cpumask_test(v->processor, &rq->idle) && cpumask_test(v->processor, &v->sched->allowed))
        cpu = v->processor;
    if (cpu != NR_CPUS) {
        cpumask_unset(cpu, &rq->idle); /* claimed */
        cpu_raise_softirq(cpu, SOFTIRQ_SCHEDULE);
        return;
    }
    for_each_cpu (cpu, &rq->cpus) {
        const struct fair_cpu *c = &per_cpu(fair_cpu, cpu);

        if (c->curr == NULL || !cpumask_test(cpu, &v->sched->allowed))
            continue;
        if (running_vruntime(c, now) > worst) {
            worst = running_vruntime(c, now);
            victim = cpu;
        }
        if (!c->limited)
            unlimited = cpu;
    }
    /* Even without a victim nobody may go on for ever now. */
    if (victim == NR_CPUS)
        victim = unlimited;
    if (victim != NR_CPUS)
        cpu_raise_softirq(victim, SOFTIRQ_SCHEDULE);
}

/* --- picking --- */

/* The first that may run on cpu; among about equals, one that ran here last. */
static struct sched_unit *first_for_cpu(const struct sched_rq *rq, unsigned int cpu)
{
    struct sched_unit *u, *best = NULL;

    list_for_each_entry (u, &rq->queue, link) {
        const struct vcpu *v = u->vcpu;

        if (best && u->vruntime > best->vruntime + FAIR_GRANULARITY)
            break;
        if (!cpumask_test(cpu, &v->sched->allowed))
            continue;
        if (v->processor == cpu)
            return u;
        if (best == NULL)
            best = u;
    }
    return best;
}

static void account(struct fair_cpu *c, s_time_t now)
{
    s64 ran = now - c->accounted;

    if (c->curr == NULL || ran <= 0)
        return;
    c->curr->sched->vruntime += fair_cost(ran, weight_of(c->curr));
    c->accounted = now;
    if (!c->limited)
        c->least = fair_least(c->least, c->curr->sched->vruntime);
    if (c->on_budget) /* not for what it ran before it had a cap */
        sched_budget_charge(c->curr->domain->sched, ran);
}

/* Whether prev may stay although `waiting` (or nobody: NULL) would like the CPU. */
static bool may_stay(const struct fair_cpu *c, struct vcpu *prev, unsigned int cpu,
                     const struct sched_unit *waiting, s_time_t now)
{
    struct sched_unit *u = prev->sched;

    if (is_idle_vcpu(prev) || !vcpu_runnable(prev) || !cpumask_test(cpu, &prev->sched->allowed) ||
        !fair_admit(prev))
        return false;
    if (waiting == NULL)
        return true;
    if (u->yielding) {
        u->vruntime = MAX(u->vruntime, waiting->vruntime + 1);
        return false;
    }
    /* Rate limit: each switch costs more than fairness gains from it. */
    return now - c->since < READ_ONCE(ratelimit) || !fair_preempts(waiting->vruntime, u->vruntime);
}

static void set_curr(struct sched_rq *rq, struct fair_cpu *c, struct vcpu *v, s_time_t now)
{
    bool on_budget = v && has_cap(v);

    if (c->on_budget)
        __atomic_fetch_sub(&c->curr->domain->sched->sharers, 1, __ATOMIC_SEQ_CST);
    if (on_budget)
        __atomic_fetch_add(&v->domain->sched->sharers, 1, __ATOMIC_SEQ_CST);
    c->on_budget = on_budget;
    if (c->curr == v)
        return;
    WRITE_ONCE(rq->nr_running, rq->nr_running + (v != NULL) - (c->curr != NULL));
    c->curr = v;
    c->since = c->accounted = now;
}

/* The lead of u over those whom this CPU serves, and over who waits, has bounds. */
static void bound_lead(const struct fair_cpu *c, struct sched_unit *u,
                       const struct sched_unit *waiting)
{
    if (c->curr)
        u->vruntime = MAX(u->vruntime, c->least - FAIR_CPU_LEAD);
    if (waiting)
        u->vruntime = MAX(u->vruntime, waiting->vruntime - FAIR_LEAD_MAX);
}

/* The time of this CPU goes on with the first of those that it serves. */
static void advance(struct sched_rq *rq, struct fair_cpu *c, bool was_idle,
                    const struct sched_unit *next, const struct sched_unit *waiting)
{
    s64 first = waiting ? MIN(waiting->vruntime, next->vruntime) : next->vruntime;

    c->least = was_idle ? first : fair_least(c->least, first);
    rq->least = fair_least(rq->least, c->least);
}

static s_time_t slice_for(const struct fair_cpu *c, const struct sched_unit *waiting)
{
    const struct vcpu *v = c->curr;
    s64 slice = 0;

    if (waiting)
        slice = fair_slice(v->sched->vruntime, waiting->vruntime, weight_of(v));
    if (has_cap(v))
        slice = fair_cap_slice(slice, budget_of(v),
                               __atomic_load_n(&v->domain->sched->sharers, __ATOMIC_SEQ_CST));
    return slice;
}

static struct sched_choice fair_pick_next(struct sched_rq *rq, unsigned int cpu, struct vcpu *prev,
                                          s_time_t now)
{
    struct fair_cpu *c = &per_cpu(fair_cpu, cpu);
    struct sched_choice choice = {.next = prev};
    struct sched_unit *waiting;
    bool was_idle = c->curr == NULL;

    account(c, now);
    waiting = first_for_cpu(rq, cpu);
    if (!may_stay(c, prev, cpu, waiting, now)) {
        if (!is_idle_vcpu(prev))
            prev->sched->yielding = false;
        if (waiting == NULL) {
            set_curr(rq, c, NULL, now);
            c->limited = false;
            cpumask_set(cpu, &rq->idle);
            choice.next = per_cpu(idle_vcpu, cpu);
            return choice;
        }
        choice.next = waiting->vcpu;
        fair_dequeue(rq, choice.next);
        waiting->queued = false;
        waiting = first_for_cpu(rq, cpu);
    } else {
        prev->sched->yielding = false;
    }
    if (cpumask_test(cpu, &rq->idle))
        cpumask_unset(cpu, &rq->idle);
    bound_lead(c, choice.next->sched, waiting);
    set_curr(rq, c, choice.next, now);
    advance(rq, c, was_idle, choice.next->sched, waiting);
    /* prev will queue here once it is saved: count it as waiting. */
    if (waiting == NULL && choice.next != prev && !is_idle_vcpu(prev) && vcpu_runnable(prev))
        waiting = prev->sched;
    choice.slice = slice_for(c, waiting);
    c->limited = waiting != NULL; /* a cap has a slice, too, but of its own and a long one */
    return choice;
}

/* --- balance: a CPU has nothing to do --- */

/*
 * Takes one waiting vCPU that may run on cpu out of rq, without queueing it elsewhere. With a
 * reference to its domain: as long as it is nowhere, nothing else keeps it.
 */
static struct vcpu *pull_from(struct sched_rq *rq, unsigned int cpu)
{
    struct sched_unit *u;
    struct vcpu *v = NULL;
    unsigned long flags;

    spin_lock_irqsave(&rq->lock, flags);
    u = first_for_cpu(rq, cpu);
    if (u && get_domain(u->vcpu->domain)) {
        v = u->vcpu;
        fair_dequeue(rq, v);
        u->queued = false;
        fair_leave(rq, v, NOW());
        WRITE_ONCE(v->processor, cpu);
    }
    spin_unlock_irqrestore(&rq->lock, flags);
    return v;
}

static bool fair_steal(unsigned int cpu)
{
    struct sched_rq *own = cpu_rq[cpu];

    for (unsigned int i = 0; i < nr_rqs; i++) {
        struct vcpu *v;

        if (all_rqs[i] == own || READ_ONCE(all_rqs[i]->nr_queued) == 0)
            continue;
        v = pull_from(all_rqs[i], cpu);
        if (v) {
            struct domain *d = v->domain;

            sched_place(v); /* this CPU is marked idle, and its last one now */
            put_domain(d);
            return true;
        }
    }
    return false;
}

/* --- life --- */

static int fair_vcpu_init(struct vcpu *v)
{
    (void)v;
    return 0;
}

static void fair_vcpu_destroy(struct vcpu *v)
{
    ASSERT(!v->is_running && !v->sched->queued);
}

static int fair_adjust(struct domain *d, u32 weight, u32 cap)
{
    (void)d;
    (void)weight;
    (void)cap;
    return 0; /* read at each use */
}

const struct sched_ops sched_fair = {
    .name = "fair",
    .has_pools = true,
    .id = XEN_SCHEDULER_CREDIT2, /* the toolstack's parameters of that one fit: weight and cap */
    .vcpu_init = fair_vcpu_init,
    .vcpu_destroy = fair_vcpu_destroy,
    .adjust = fair_adjust,
    .steal = fair_steal,
    .choose_cpu = fair_choose_cpu,
    .admit = fair_admit,
    .enqueue = fair_enqueue,
    .dequeue = fair_dequeue,
    .tickle = fair_tickle,
    .leave = fair_leave,
    .pick_next = fair_pick_next,
};
