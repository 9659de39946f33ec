/* SPDX-License-Identifier: MIT */
/* smp.h - starting CPUs and making other CPUs do things. */
#ifndef XEN_SMP_H
#define XEN_SMP_H

#include <xen/percpu.h>

/*
 * Runs fn(data) on every online CPU of mask (the caller's own included) and returns when all are
 * done. fn runs in interrupt context. Call with interrupts on.
 */
void smp_call_on(const cpumask_t *mask, void (*fn)(void *data), void *data);
/* Makes cpu look at its softirqs and pending events soon. Any context. Safe for the own CPU. */
void smp_kick(unsigned int cpu);
/* Brings all CPUs up at boot; stops them at panic or shutdown. */
void smp_boot_all(void);
void smp_stop_others(void);
struct cpu_user_regs;
/* From the NMI handler: does not return on a CPU that is to stop; false: the NMI was not ours. */
bool smp_nmi_stop(const struct cpu_user_regs *regs);

#endif /* XEN_SMP_H */
