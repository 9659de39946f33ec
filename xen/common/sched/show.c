/* SPDX-License-Identifier: MIT */
/* show.c - debug keys of the scheduler: the run queues, and the timers of each CPU. */
#include <xen/console.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/time.h>
#include "private.h"

static void show_unit(const struct sched_rq *rq, const struct sched_unit *u)
{
    const struct vcpu *v = u->vcpu;

    printk("    %s v%u waits, %lld us of virtual time after the first possible, last on CPU %u\n",
           v->domain->name, v->vcpu_id, (long long)(u->vruntime - rq->least) / 1000, v->processor);
}

static void show_queue(unsigned int nr, struct sched_rq *rq)
{
    const struct sched_unit *u;
    unsigned long flags;
    unsigned int cpu;

    spin_lock_irqsave(&rq->lock, flags);
    printk("  queue %u: %u CPUs, %u busy, %u waiting\n", nr, rq->nr_cpus, rq->nr_running,
           rq->nr_queued);
    for_each_cpu (cpu, &rq->cpus)
        printk("    CPU %u: %s\n", cpu, cpumask_test(cpu, &rq->idle) ? "idle" : "busy");
    list_for_each_entry (u, &rq->queue, link)
        show_unit(rq, u);
    rq_unlock(rq, flags);
}

static void key_queues(unsigned char key __maybe_unused)
{
    printk("Scheduler %s, %u queues:\n", sched_ops->name, nr_rqs);
    for (unsigned int i = 0; i < nr_rqs; i++)
        show_queue(i, all_rqs[i]);
}

static void key_timers(unsigned char key __maybe_unused)
{
    s_time_t now = NOW(), next;
    unsigned int cpu;

    printk("Timers at %lld ns:\n", (long long)now);
    for_each_online_cpu (cpu) {
        unsigned int n = timer_count(cpu, &next);

        if (n)
            printk("  CPU %u: %u timers, the next in %lld us\n", cpu, n,
                   (long long)(next - now) / 1000);
        else
            printk("  CPU %u: no timers\n", cpu);
    }
}

static int __init show_init(void)
{
    register_keyhandler('r', key_queues, "run queues");
    register_keyhandler('a', key_timers, "timers of each CPU");
    return 0;
}
INITCALL(show_init);
