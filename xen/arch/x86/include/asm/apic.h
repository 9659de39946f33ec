/* SPDX-License-Identifier: MIT */
/* apic.h - the local APIC of each CPU: xAPIC by memory, x2APIC by MSR; chosen once at boot. */
#ifndef ASM_APIC_H
#define ASM_APIC_H

#include <xen/types.h>
#include <xen/percpu.h>

/* Boot CPU, after ACPI: maps or switches to x2APIC and enables. AP: enables the same way. */
void lapic_init_bsp(void);
void lapic_init_ap(void);
void lapic_eoi(void);
u32 lapic_id(void);
/* Fixed-mode IPI by CPU number or to each CPU of a mask (own CPU included if set). Any context. */
void lapic_send_ipi(unsigned int cpu, u8 vector);
void lapic_send_ipi_mask(const cpumask_t *mask, u8 vector);
void lapic_send_nmi(unsigned int cpu);
/* INIT, then two STARTUP IPIs for a page below 1 MiB; returns after the architectural delays. */
void lapic_start_ap(u32 apicid, u8 page);
/* One-shot timer (VECTOR_LAPIC_TIMER): ticks at lapic_timer_khz(), 0 stops it. */
void lapic_timer_set(u32 ticks);
/* Measured once at boot against `usecs` of busy wait (udelay); kHz after divider. */
u32 lapic_timer_khz(void);
void lapic_timer_calibrate(void);
/* This CPU's timer fires at the TSC value written to MSR_TSC_DEADLINE from now on. */
bool lapic_timer_use_deadline(void);

#endif /* ASM_APIC_H */
