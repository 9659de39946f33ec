/* SPDX-License-Identifier: MIT */
/*
 * timer.c - the timer queues: one heap per CPU, run by SOFTIRQ_TIMER.
 *
 * States of a timer: DEAD (never initialised, or killed), IDLE, QUEUED (in its CPU's heap, or in
 * the overflow list while the heap waits for a larger array), MOVING (migrating). A function runs
 * with its timer IDLE.
 *
 * Lock: the queue's lock, interrupts off. t->cpu changes only under the lock of the old CPU's
 * queue, so whoever locks by t->cpu looks again afterwards.
 *
 * The hardware is set only for an earlier deadline than it holds. A stopped timer leaves it armed;
 * the interrupt then finds nothing due and sets the right deadline: cheaper than a write per stop.
 */
#include <xen/timer.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/percpu.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include "heap.h"

#define TIMER_DEAD   0
#define TIMER_IDLE   1
#define TIMER_QUEUED 2
#define TIMER_MOVING 3 /* queued, but between two queues just now */

#define HEAP_FIRST_CAPACITY 127U

struct timer_queue {
    spinlock_t lock;
    struct timer_heap heap;
    struct timer *overflow; /* singly linked, unordered, normally empty */
    struct timer *running;  /* its function runs on this CPU now */
    s_time_t armed;         /* deadline the hardware holds; STIME_MAX: none */
};

static DEFINE_PER_CPU(struct timer_queue, timer_queue);

static struct timer_queue *lock_queue(const struct timer *t, unsigned long *flags)
{
    for (;;) {
        unsigned int cpu = READ_ONCE(t->cpu);
        struct timer_queue *q = &per_cpu(timer_queue, cpu);

        spin_lock_irqsave(&q->lock, *flags);
        if (likely(cpu == READ_ONCE(t->cpu)))
            return q;
        spin_unlock_irqrestore(&q->lock, *flags);
    }
}

static s_time_t earliest_locked(const struct timer_queue *q)
{
    const struct timer *t = heap_top(&q->heap);
    s_time_t when = t ? t->expires : STIME_MAX;

    for (t = q->overflow; unlikely(t != NULL); t = t->next)
        when = MIN(when, t->expires);
    return when;
}

static void enqueue_locked(struct timer_queue *q, struct timer *t)
{
    ASSERT(spin_is_locked(&q->lock));
    if (unlikely(!heap_insert(&q->heap, t))) {
        t->next = q->overflow;
        q->overflow = t;
        t->heap_index = 0;
        /* Only softirq context may allocate: let it make room. */
        cpu_raise_softirq(t->cpu, SOFTIRQ_TIMER);
    }
    t->state = TIMER_QUEUED;
}

static void dequeue_locked(struct timer_queue *q, struct timer *t)
{
    ASSERT(spin_is_locked(&q->lock));
    if (likely(t->heap_index)) {
        heap_remove(&q->heap, t);
    } else {
        struct timer **link = &q->overflow;

        while (*link != t)
            link = &(*link)->next;
        *link = t->next;
    }
    t->next = NULL;
    t->state = TIMER_IDLE;
}

/* t was queued: makes sure that its CPU wakes up in time. */
static void arm_for_locked(struct timer_queue *q, const struct timer *t)
{
    if (t->expires >= q->armed)
        return;
    if (t->cpu == smp_processor_id()) {
        q->armed = t->expires;
        arch_timer_program(t->expires);
    } else {
        cpu_raise_softirq(t->cpu, SOFTIRQ_TIMER);
    }
}

void init_timer(struct timer *t, void (*fn)(void *data), void *data, unsigned int cpu)
{
    *t = (struct timer){.fn = fn, .data = data, .cpu = (u16)cpu, .state = TIMER_IDLE};
}

void set_timer(struct timer *t, s_time_t expires)
{
    unsigned long flags;
    struct timer_queue *q = lock_queue(t, &flags);

    if (t->state != TIMER_DEAD) {
        if (t->state == TIMER_QUEUED)
            dequeue_locked(q, t);
        t->expires = expires;
        enqueue_locked(q, t);
        arm_for_locked(q, t);
    }
    spin_unlock_irqrestore(&q->lock, flags);
}

void stop_timer(struct timer *t)
{
    unsigned long flags;
    struct timer_queue *q = lock_queue(t, &flags);

    if (t->state == TIMER_QUEUED)
        dequeue_locked(q, t);
    else if (t->state == TIMER_MOVING)
        t->state = TIMER_IDLE;
    spin_unlock_irqrestore(&q->lock, flags);
}

void kill_timer(struct timer *t)
{
    unsigned long flags;
    struct timer_queue *q;
    unsigned int cpu;

    if (t->state == TIMER_DEAD && t->fn == NULL)
        return; /* never initialised: part of a half-made object */
    q = lock_queue(t, &flags);
    if (t->state == TIMER_QUEUED)
        dequeue_locked(q, t);
    t->state = TIMER_DEAD;
    spin_unlock_irqrestore(&q->lock, flags);

    /* It may have been migrated while its function ran: look at every CPU but the own one. */
    for_each_online_cpu (cpu)
        while (cpu != smp_processor_id() && READ_ONCE(per_cpu(timer_queue, cpu).running) == t)
            cpu_relax();
}

void migrate_timer(struct timer *t, unsigned int new_cpu)
{
    unsigned long flags;
    struct timer_queue *q = lock_queue(t, &flags);
    bool queued = t->state == TIMER_QUEUED;

    if (t->cpu == new_cpu || t->state == TIMER_DEAD) {
        spin_unlock_irqrestore(&q->lock, flags);
        return;
    }
    if (queued) {
        dequeue_locked(q, t);
        t->state = TIMER_MOVING;
    }
    WRITE_ONCE(t->cpu, (u16)new_cpu);
    spin_unlock_irqrestore(&q->lock, flags);
    if (!queued)
        return;

    q = lock_queue(t, &flags);
    /* Someone may have set, stopped or killed it in between: then that stands. */
    if (t->state == TIMER_MOVING) {
        enqueue_locked(q, t);
        arm_for_locked(q, t);
    }
    spin_unlock_irqrestore(&q->lock, flags);
}

bool timer_is_active(const struct timer *t)
{
    return READ_ONCE(t->state) >= TIMER_QUEUED;
}

/* Takes the lock itself; drops it to allocate. */
static void make_room(struct timer_queue *q)
{
    u32 capacity = 2 * q->heap.capacity + 1;
    struct timer **slots = xzalloc_array(struct timer *, capacity + 1), **old;
    unsigned long flags;

    /* Without memory the timers stay in the list: slower, but right. */
    if (slots == NULL)
        return;
    spin_lock_irqsave(&q->lock, flags);
    old = heap_grow(&q->heap, slots, capacity);
    while (q->overflow && q->heap.count < capacity) {
        struct timer *t = q->overflow;

        dequeue_locked(q, t);
        enqueue_locked(q, t);
    }
    spin_unlock_irqrestore(&q->lock, flags);
    xfree(old);
}

static struct timer *due_locked(const struct timer_queue *q, s_time_t now)
{
    struct timer *t = heap_top(&q->heap);

    if (t && t->expires <= now)
        return t;
    for (t = q->overflow; unlikely(t != NULL); t = t->next)
        if (t->expires <= now)
            return t;
    return NULL;
}

static void timer_softirq(void)
{
    struct timer_queue *q = &this_cpu(timer_queue);
    unsigned long flags;
    struct timer *t;
    s_time_t when;

    if (unlikely(READ_ONCE(q->overflow) != NULL))
        make_room(q);

    spin_lock_irqsave(&q->lock, flags);
    while ((t = due_locked(q, NOW())) != NULL) {
        void (*fn)(void *data) = t->fn;
        void *data = t->data;

        dequeue_locked(q, t);
        q->running = t;
        spin_unlock_irqrestore(&q->lock, flags);
        fn(data); /* may free the timer */
        spin_lock_irqsave(&q->lock, flags);
        q->running = NULL;
    }
    when = earliest_locked(q);
    if (when != q->armed) {
        q->armed = when;
        arch_timer_program(when);
    }
    spin_unlock_irqrestore(&q->lock, flags);
}

void timer_interrupt(void)
{
    /* One shot: the hardware holds nothing any more. */
    this_cpu(timer_queue).armed = STIME_MAX;
    raise_softirq(SOFTIRQ_TIMER);
}

void timer_init_cpu(unsigned int cpu)
{
    struct timer_queue *q = &per_cpu(timer_queue, cpu);
    struct timer **slots = xzalloc_array(struct timer *, HEAP_FIRST_CAPACITY + 1);

    if (slots == NULL)
        panic("no memory for the timers of CPU %u", cpu);
    spin_lock_init(&q->lock, LOCK_RANK_TIMER);
    heap_init(&q->heap, slots, HEAP_FIRST_CAPACITY);
    q->armed = STIME_MAX;
    open_softirq(SOFTIRQ_TIMER, timer_softirq);
}

unsigned int timer_count(unsigned int cpu, s_time_t *ret_next)
{
    struct timer_queue *q = &per_cpu(timer_queue, cpu);
    unsigned long flags;
    unsigned int n;

    spin_lock_irqsave(&q->lock, flags);
    n = q->heap.count;
    for (const struct timer *t = q->overflow; t; t = t->next)
        n++;
    *ret_next = earliest_locked(q);
    spin_unlock_irqrestore(&q->lock, flags);
    return n;
}
