/* SPDX-License-Identifier: MIT */
/*
 * softirq.c - deferred work of a CPU: a word of pending bits, and a list of tasklets.
 *
 * The bits are atomic. The tasklet list belongs to its CPU: interrupts off is its lock.
 */
#include <xen/softirq.h>
#include <xen/atomic.h>
#include <xen/lib.h>
#include <xen/smp.h>
#include <asm/system.h>

DEFINE_PER_CPU(unsigned long, softirq_pending);

struct tasklet_list {
    struct tasklet *first, **end; /* end: where the next one is linked; NULL: first */
};
static DEFINE_PER_CPU(struct tasklet_list, tasklets);

static void run_tasklets(void);
static void no_handler(void)
{
}
static void (*handlers[NR_SOFTIRQS])(void) = {
    [SOFTIRQ_TIMER] = no_handler,
    [SOFTIRQ_SCHEDULE] = no_handler,
    [SOFTIRQ_TASKLET] = run_tasklets,
};

void open_softirq(enum softirq nr, void (*handler)(void))
{
    ASSERT(nr < NR_SOFTIRQS);
    handlers[nr] = handler;
}

void raise_softirq(enum softirq nr)
{
    set_bit(nr, &this_cpu(softirq_pending));
}

void cpu_raise_softirq(unsigned int cpu, enum softirq nr)
{
    /* A bit that was set already has its kick under way. */
    if (!test_and_set_bit(nr, &per_cpu(softirq_pending, cpu)) && cpu != smp_processor_id())
        smp_kick(cpu);
}

void do_softirq(void)
{
    unsigned long pending;

    ASSERT(local_irq_is_enabled());
    while ((pending = READ_ONCE(this_cpu(softirq_pending))) != 0) {
        unsigned int nr = lowest_bit(pending);

        /* Cleared first: what is raised during the handler must not be lost. */
        clear_bit(nr, &this_cpu(softirq_pending));
        handlers[nr]();
    }
}

void tasklet_schedule(struct tasklet *t)
{
    struct tasklet_list *l;
    unsigned long flags;

    if (xchg(&t->scheduled, true))
        return;
    flags = local_irq_save();
    l = &this_cpu(tasklets);
    t->next = NULL;
    if (l->first == NULL)
        l->end = &l->first;
    *l->end = t;
    l->end = &t->next;
    raise_softirq(SOFTIRQ_TASKLET);
    local_irq_restore(flags);
}

static void run_tasklets(void)
{
    struct tasklet *t, *next;
    unsigned long flags = local_irq_save();

    t = this_cpu(tasklets).first;
    this_cpu(tasklets).first = NULL;
    local_irq_restore(flags);
    for (; t; t = next) {
        void (*fn)(void *data) = t->fn;
        void *data = t->data;

        next = t->next;
        /* From here on it may be scheduled anew, or freed by its function. */
        (void)xchg(&t->scheduled, false);
        fn(data);
    }
}
