/* SPDX-License-Identifier: MIT */
/*
 * softirq.h - work that an interrupt handler leaves for the next safe point: just before a return
 * to the guest, and in the idle loop. Handlers run with interrupts on and no lock held.
 */
#ifndef XEN_SOFTIRQ_H
#define XEN_SOFTIRQ_H

#include <xen/percpu.h>

enum softirq {
    SOFTIRQ_TIMER,
    SOFTIRQ_SCHEDULE,
    SOFTIRQ_TASKLET,
    NR_SOFTIRQS,
};

DECLARE_PER_CPU(unsigned long, softirq_pending);

void open_softirq(enum softirq nr, void (*handler)(void));
/* Marks for the own CPU. */
void raise_softirq(enum softirq nr);
/* Marks for another CPU and kicks it. */
void cpu_raise_softirq(unsigned int cpu, enum softirq nr);
/* Runs all pending softirqs of this CPU. */
void do_softirq(void);
#define softirq_is_pending() (this_cpu(softirq_pending) != 0)

/*
 * A tasklet is one deferred function call, on the CPU that scheduled it. Scheduling it again before
 * it ran does nothing.
 */
struct tasklet {
    struct tasklet *next;
    void (*fn)(void *data);
    void *data;
    bool scheduled;
};
void tasklet_schedule(struct tasklet *t);

#endif /* XEN_SOFTIRQ_H */
