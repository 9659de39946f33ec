/* SPDX-License-Identifier: MIT */
/*
 * timer.h - one-shot timers, one heap per CPU, no periodic tick.
 *
 * A timer belongs to one CPU at a time; its function runs there in softirq context with interrupts
 * on and may set, stop or migrate timers, its own too. All calls are safe from any CPU and from
 * interrupt context, except kill_timer, which waits for a running function to return.
 */
#ifndef XEN_TIMER_H
#define XEN_TIMER_H

#include <xen/types.h>
#include <xen/time.h>

struct timer {
    s_time_t expires;
    void (*fn)(void *data);
    void *data;
    struct timer *next; /* overflow list: the heap had no room yet */
    u32 heap_index;     /* position in the CPU's heap, 0 when inactive */
    u16 cpu;
    u8 state; /* TIMER_* in timer.c */
};

void init_timer(struct timer *t, void (*fn)(void *data), void *data, unsigned int cpu);
/* (Re)arms; a time in the past fires at once. No effect after kill_timer. */
void set_timer(struct timer *t, s_time_t expires);
void stop_timer(struct timer *t);
void kill_timer(struct timer *t);
void migrate_timer(struct timer *t, unsigned int new_cpu);
bool timer_is_active(const struct timer *t);
/* For people: timers queued on a CPU, and when the first of them is due (none: STIME_MAX). */
unsigned int timer_count(unsigned int cpu, s_time_t *ret_next);

void timer_init_cpu(unsigned int cpu); /* at boot, once for each CPU, before it comes up */
void timer_interrupt(void);            /* local timer fired: raises SOFTIRQ_TIMER */

#endif /* XEN_TIMER_H */
