/* SPDX-License-Identifier: MIT */
/*
 * private.h (irq) - one interrupt line, and what the files of this folder do to it.
 *
 * Layers: pirq.c and physdev.c (what domains ask for) -> irq.c (lines, vectors, dispatch) ->
 * ioapic.c, msi.c, lapic.c, i8259.c (hardware).
 *
 * Locks, in order: pirq_lock (mapping and unmapping), desc->lock, vector_lock, ioapic_lock or
 * msi_lock. Binding takes desc->lock only, because event-channel code calls it with its own lock.
 */
#ifndef IRQ_PRIVATE_H
#define IRQ_PRIVATE_H

#include <xen/irq.h>
#include <xen/pci.h>
#include <xen/percpu.h>
#include <xen/spinlock.h>
#include <asm/vectors.h>

enum irq_kind {
    IRQ_KIND_NONE, /* descriptor not in use */
    IRQ_KIND_GSI,
    IRQ_KIND_MSI,
    IRQ_KIND_MSIX,
};

/* Where the message of an MSI or MSI-X interrupt is. */
struct msi_place {
    pci_sbdf_t dev;
    u8 cap;              /* offset of the capability */
    u16 entry;           /* MSI-X: table entry; MSI: number within the block */
    u16 nr;              /* MSI: vectors in the block */
    volatile u32 *table; /* MSI-X: the mapped entry, 16 bytes */
};

/*
 * Descriptors live for ever: one per GSI, and one per vector for messages. So a stale pointer is
 * safe to lock; whoever does so checks afterwards that the line is still what he looked for.
 * Legend: I constant while kind is not NONE; D desc->lock; A atomic.
 */
struct irq_desc {
    spinlock_t lock;
    enum irq_kind kind;          /* D */
    u32 gsi;                     /* I for GSIs */
    u8 vector;                   /* D 0: none yet */
    bool level, active_low;      /* D */
    bool configured;             /* D PHYSDEVOP_setup_gsi was done */
    bool awaits_eoi;             /* D masked until the domain says that it is done */
    unsigned int cpu;            /* D */
    void (*handler)(void *data); /* D the hypervisor's own; then owner is NULL */
    void *data;                  /* D */
    struct domain *owner;        /* D domain whose event channel gets it; NULL: none */
    unsigned int pirq;           /* D the owner's name for it */
    u32 port;                    /* D */
    atomic_t in_flight;          /* A events being sent: the owner must not go away */
    struct msi_place msi;        /* D */
    u64 count;                   /* D */
};

/* --- irq.c --- */
extern struct irq_desc msi_descs[256];           /* by vector */
struct irq_desc *irq_gsi_desc(unsigned int gsi); /* NULL: no such pin */
/* nr consecutive vectors, aligned to nr (a power of two), bound to msi_descs. -ENOSPC. */
int irq_alloc_msi_vectors(unsigned int nr, u8 *ret_first) __must_check;
void irq_free_msi_vectors(u8 first, unsigned int nr);
/* Gives a GSI its vector and programs the pin, masked. */
int irq_setup_gsi_locked(struct irq_desc *desc) __must_check;
void irq_mask_locked(struct irq_desc *desc);
void irq_unmask_locked(struct irq_desc *desc);
/* Waits until no CPU is between dispatch and event; call with no lock held. */
void irq_synchronize(const struct irq_desc *desc);
/* CPU that interrupts can be sent to without remapping (8-bit APIC id): cpu, or the boot CPU. */
unsigned int irq_target_cpu(unsigned int cpu);

/* --- pirq.c --- */
extern spinlock_t pirq_lock;
int pirq_map_gsi(struct domain *d, unsigned int gsi, int want, int *ret_pirq) __must_check;
/* Gives nr prepared message lines consecutive pirqs from *ret_pirq on (want -1: choose). */
int pirq_map_msi(struct domain *d, u8 first_vector, unsigned int nr, int want,
                 int *ret_pirq) __must_check;
int pirq_unmap(struct domain *d, unsigned int pirq) __must_check;
int pirq_eoi(struct domain *d, unsigned int pirq) __must_check;
int pirq_status(struct domain *d, unsigned int pirq, bool *ret_level) __must_check;
int pirq_setup_gsi(struct domain *d, unsigned int gsi, bool level, bool low) __must_check;
int pirq_set_eoi_map(struct domain *d, unsigned long gmfn) __must_check;

/* --- msi.c; all but mask and retarget: pirq_lock held --- */
struct msi_request {
    pci_sbdf_t dev;
    bool msix;
    unsigned int entry, nr; /* MSI-X: entry; MSI: nr of vectors, 1 to 32 */
    u64 bar;                /* MSI-X: address of the BAR that holds the table */
};
/* Allocates vectors and programs the device, masked where it can. */
int msi_setup(const struct msi_request *req, u8 *ret_first) __must_check;
void msi_teardown(struct irq_desc *desc);
void msi_set_mask_locked(struct irq_desc *desc, bool mask);
void msi_retarget_locked(struct irq_desc *desc);
/* Writes all messages of a device again. */
void msi_restore(pci_sbdf_t dev);
bool msi_in_use(pci_sbdf_t dev);

/* --- ioapic.c; gsi must be valid --- */
struct ioapic_route {
    u8 vector, dest;
    bool level, active_low, masked;
};
void ioapic_init(void);
unsigned int ioapic_nr_gsis(void);
bool ioapic_has_gsi(unsigned int gsi);
void ioapic_write_route(unsigned int gsi, const struct ioapic_route *route);
void ioapic_set_mask(unsigned int gsi, bool mask);
void ioapic_set_dest(unsigned int gsi, u8 dest);
/* Masks every pin that uses a vector nobody owns. Returns how many. */
unsigned int ioapic_mask_vector(u8 vector);
int ioapic_read_reg(u64 base, unsigned int reg, u32 *ret_val) __must_check;

/* --- lapic.c, i8259.c --- */
bool lapic_in_service(u8 vector);

#endif /* IRQ_PRIVATE_H */
