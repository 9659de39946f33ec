/* SPDX-License-Identifier: MIT */
/*
 * irq.h - interrupt lines of the machine: our own handlers and those of the hardware domain.
 *
 * A line is a GSI (IO-APIC pin) or an MSI message. It has one vector on one CPU, and an owner: a
 * hypervisor handler or a domain's pirq bound to an event channel.
 */
#ifndef XEN_IRQ_H
#define XEN_IRQ_H

#include <xen/types.h>

struct domain;

/* Boot CPU, before lapic_init_bsp: a request of the old controllers that is still pending when the
 * local APIC stops listening to them would be delivered without a vector. */
void i8259_disable(void);
/* Boot CPU, after ACPI tables and lapic_init_bsp: IO-APICs found, all pins masked. */
void irq_init(void);
/* Interrupt on a dynamic vector: EOIs and dispatches. Interrupts off. From the trap entry. */
void do_irq(u8 vector);
/* Installs a hypervisor handler on a GSI (ISA lines: the overrides of the MADT apply). */
int irq_request_gsi(unsigned int gsi, void (*handler)(void *data), void *data) __must_check;
/* ISA IRQ number -> GSI by the MADT's overrides. */
unsigned int isa_irq_to_gsi(unsigned int isa_irq);
unsigned int nr_gsis(void);

/* pirqs of a domain. */
int pirq_domain_init(struct domain *d, unsigned int nr_pirqs) __must_check;
void pirq_domain_free(struct domain *d);
/* Event-channel side: EVTCHNOP_bind_pirq / close. bind unmasks the line. share: will-share flag. */
int pirq_bind_port(struct domain *d, unsigned int pirq, u32 port, bool share) __must_check;
void pirq_unbind_port(struct domain *d, unsigned int pirq);
/* The port moved to a vCPU: route the line to its CPU if cheap. */
void pirq_set_affinity(struct domain *d, unsigned int pirq, unsigned int cpu);
unsigned int pirq_max(const struct domain *d);
/* Whether the pirq, which is below pirq_max(), stands for a line. */
bool pirq_is_mapped(const struct domain *d, unsigned int pirq);

#endif /* XEN_IRQ_H */
