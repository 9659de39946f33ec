/* SPDX-License-Identifier: MIT */
/*
 * irq.c - interrupt lines: descriptors, vectors, dispatch.
 *
 * A vector means the same line on all CPUs, so moving a line changes its destination only, and a
 * late interrupt on the old CPU still finds its descriptor. A line is idle (masked, maybe without a
 * vector), the hypervisor's (handler set), or a domain's (owner set); never two of these at once.
 *
 * End of interrupt: edge lines and messages at once. Level lines of the hypervisor after the
 * handler. Level lines of a domain are masked at the pin before the EOI and unmasked by
 * PHYSDEVOP_eoi: however long the domain takes, no interrupt stays in service on a CPU.
 */
#include <xen/acpi.h>
#include <xen/console.h>
#include <xen/event.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/apic.h>
#include "private.h"

struct irq_desc msi_descs[256];
static struct irq_desc *gsi_descs __ro_after_init;
static unsigned int gsi_count __ro_after_init;

static DEFINE_SPINLOCK(vector_lock, LOCK_RANK_VECTOR);
static struct irq_desc *vector_desc[256]; /* written under vector_lock */
static unsigned int next_vector = VECTOR_DYNAMIC_FIRST;

DEFINE_PER_CPU(unsigned long, spurious_irqs);

/* --- vectors --- */

static bool vector_usable(unsigned int vector)
{
    return vector >= VECTOR_DYNAMIC_FIRST && vector <= VECTOR_DYNAMIC_LAST &&
           vector != VECTOR_GUEST_SYSCALL;
}

static bool block_free(unsigned int first, unsigned int nr)
{
    for (unsigned int v = first; v < first + nr; v++)
        if (!vector_usable(v) || vector_desc[v])
            return false;
    return true;
}

/* First vector of a free aligned block, 0: none. Round robin, so that a late interrupt of a freed
 * vector seldom meets a new user. */
static unsigned int find_block_locked(unsigned int nr)
{
    unsigned int span = VECTOR_DYNAMIC_LAST + 1 - VECTOR_DYNAMIC_FIRST;
    unsigned int start = ROUNDDOWN(next_vector, nr);

    for (unsigned int i = 0; i < span + nr; i += nr) {
        unsigned int first = start + i;

        if (first > VECTOR_DYNAMIC_LAST)
            first = ROUNDDOWN(VECTOR_DYNAMIC_FIRST + (first - VECTOR_DYNAMIC_LAST - 1), nr);
        if (block_free(first, nr)) {
            next_vector = first + nr;
            if (next_vector > VECTOR_DYNAMIC_LAST)
                next_vector = VECTOR_DYNAMIC_FIRST;
            return first;
        }
    }
    return 0;
}

int irq_alloc_msi_vectors(unsigned int nr, u8 *ret_first)
{
    unsigned long flags;
    unsigned int first;

    spin_lock_irqsave(&vector_lock, flags);
    first = find_block_locked(nr);
    for (unsigned int i = 0; first && i < nr; i++)
        vector_desc[first + i] = &msi_descs[first + i];
    spin_unlock_irqrestore(&vector_lock, flags);
    if (!first)
        return -ENOSPC;
    *ret_first = (u8)first;
    return 0;
}

void irq_free_msi_vectors(u8 first, unsigned int nr)
{
    unsigned long flags;

    spin_lock_irqsave(&vector_lock, flags);
    for (unsigned int i = 0; i < nr; i++)
        vector_desc[first + i] = NULL;
    spin_unlock_irqrestore(&vector_lock, flags);
}

static int alloc_gsi_vector_locked(struct irq_desc *desc)
{
    unsigned int vector;

    spin_lock(&vector_lock);
    vector = find_block_locked(1);
    if (vector)
        vector_desc[vector] = desc;
    spin_unlock(&vector_lock);
    if (!vector)
        return -ENOSPC;
    desc->vector = (u8)vector;
    return 0;
}

/* --- lines --- */

unsigned int nr_gsis(void)
{
    return gsi_count;
}

unsigned int isa_irq_to_gsi(unsigned int isa_irq)
{
    return isa_irq < ARRAY_SIZE(acpi.isa) ? acpi.isa[isa_irq].gsi : isa_irq;
}

struct irq_desc *irq_gsi_desc(unsigned int gsi)
{
    return gsi < gsi_count && ioapic_has_gsi(gsi) ? &gsi_descs[gsi] : NULL;
}

unsigned int irq_target_cpu(unsigned int cpu)
{
    if (cpu >= NR_CPUS || !cpumask_test(cpu, &cpu_online_map) || cpu_apicid[cpu] >= 255)
        return 0;
    return cpu;
}

int irq_setup_gsi_locked(struct irq_desc *desc)
{
    struct ioapic_route route;

    ASSERT(spin_is_locked(&desc->lock) && desc->kind == IRQ_KIND_GSI);
    if (!desc->vector) {
        int rc = alloc_gsi_vector_locked(desc);

        if (rc)
            return rc;
    }
    desc->cpu = irq_target_cpu(desc->cpu);
    route = (struct ioapic_route){
        .vector = desc->vector,
        .dest = (u8)cpu_apicid[desc->cpu],
        .level = desc->level,
        .active_low = desc->active_low,
        .masked = true,
    };
    ioapic_write_route(desc->gsi, &route);
    return 0;
}

void irq_mask_locked(struct irq_desc *desc)
{
    ASSERT(spin_is_locked(&desc->lock));
    if (desc->kind == IRQ_KIND_GSI)
        ioapic_set_mask(desc->gsi, true);
    else
        msi_set_mask_locked(desc, true);
}

void irq_unmask_locked(struct irq_desc *desc)
{
    ASSERT(spin_is_locked(&desc->lock));
    if (desc->kind == IRQ_KIND_GSI)
        ioapic_set_mask(desc->gsi, false);
    else
        msi_set_mask_locked(desc, false);
}

void irq_synchronize(const struct irq_desc *desc)
{
    while (atomic_read(&desc->in_flight))
        cpu_relax();
}

int irq_request_gsi(unsigned int gsi, void (*handler)(void *data), void *data)
{
    struct irq_desc *desc = irq_gsi_desc(gsi);
    unsigned long flags;
    int rc;

    if (!desc || !handler)
        return -EINVAL;
    spin_lock_irqsave(&desc->lock, flags);
    rc = desc->handler || desc->owner ? -EBUSY : irq_setup_gsi_locked(desc);
    if (!rc) {
        desc->handler = handler;
        desc->data = data;
        irq_unmask_locked(desc);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

/* --- dispatch; interrupts are off --- */

/* Nobody owns the vector. A pin that still sends it would do so again: silence it. */
static void unowned_vector(u8 vector)
{
    unsigned int n = ioapic_mask_vector(vector);

    this_cpu(spurious_irqs)++;
    printk(XLOG_GUEST_DEBUG "irq: nobody owns vector %#x, %u pins masked\n", vector, n);
    if (lapic_in_service(vector))
        lapic_eoi();
}

static void run_handler(struct irq_desc *desc)
{
    void (*handler)(void *data) = desc->handler;
    void *data = desc->data;
    bool level = desc->level;

    spin_unlock(&desc->lock);
    if (!level)
        lapic_eoi();
    handler(data);
    if (level)
        lapic_eoi();
}

static void send_to_owner(struct irq_desc *desc)
{
    struct domain *d = desc->owner;
    u32 port = desc->port;

    if (desc->level) {
        irq_mask_locked(desc);
        desc->awaits_eoi = true;
    }
    /* The lock ranks above those of event channels; in_flight keeps d until the event is sent. */
    atomic_inc(&desc->in_flight);
    spin_unlock(&desc->lock);
    lapic_eoi();
    send_pirq_event(d, port);
    atomic_dec(&desc->in_flight);
}

void do_irq(u8 vector)
{
    struct irq_desc *desc;

    if (vector < VECTOR_DYNAMIC_FIRST) {
        /* A spurious one from the 8259: the local APIC knows nothing of it. */
        this_cpu(spurious_irqs)++;
        return;
    }
    desc = READ_ONCE(vector_desc[vector]);
    if (!desc) {
        unowned_vector(vector);
        return;
    }
    spin_lock(&desc->lock);
    if (desc->vector == vector && (desc->handler || desc->owner)) {
        desc->count++;
        if (desc->handler)
            run_handler(desc);
        else
            send_to_owner(desc);
        return;
    }
    /* Idle or just released: an interrupt that was on its way. */
    if (desc->kind != IRQ_KIND_NONE && desc->vector == vector)
        irq_mask_locked(desc);
    spin_unlock(&desc->lock);
    this_cpu(spurious_irqs)++;
    lapic_eoi();
}

/* --- boot, debug key --- */

void __init irq_init(void)
{
    ioapic_init();
    for (unsigned int i = 0; i < ARRAY_SIZE(msi_descs); i++)
        spin_lock_init(&msi_descs[i].lock, LOCK_RANK_IRQ_DESC);

    gsi_descs = xzalloc_array(struct irq_desc, ioapic_nr_gsis());
    if (!gsi_descs)
        panic("No memory for %u interrupt lines", ioapic_nr_gsis());
    gsi_count = ioapic_nr_gsis();
    for (unsigned int i = 0; i < gsi_count; i++) {
        spin_lock_init(&gsi_descs[i].lock, LOCK_RANK_IRQ_DESC);
        gsi_descs[i].kind = IRQ_KIND_GSI;
        gsi_descs[i].gsi = i;
        /* Beyond the ISA lines there is PCI: level and active low, until someone says otherwise. */
        gsi_descs[i].level = gsi_descs[i].active_low = i >= 16;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(acpi.isa); i++)
        if (acpi.isa[i].gsi < gsi_count) {
            struct irq_desc *desc = &gsi_descs[acpi.isa[i].gsi];

            if (!acpi.isa[i].overridden && acpi.isa[i].gsi != i)
                continue;
            desc->level = acpi.isa[i].level;
            desc->active_low = acpi.isa[i].active_low;
        }
    printk("irq: %u GSIs, %u vectors\n", gsi_count,
           VECTOR_DYNAMIC_LAST - VECTOR_DYNAMIC_FIRST); /* one of them is the guests' 0x80 */
}

static void dump_line(const struct irq_desc *desc)
{
    static const char *const kind[] = {"none", "gsi", "msi", "msix"};

    printk("  vector %02x %s %u cpu %u %s%s count %lu", desc->vector, kind[desc->kind],
           desc->kind == IRQ_KIND_GSI ? desc->gsi : desc->msi.entry, desc->cpu,
           desc->level ? "level" : "edge", desc->awaits_eoi ? " waits for EOI" : "",
           (unsigned long)desc->count);
    if (desc->owner)
        printk(" -> d%u pirq %u port %u\n", desc->owner->domain_id, desc->pirq, desc->port);
    else
        printk(desc->handler ? " -> hypervisor\n" : " idle\n");
}

static void dump_irqs(unsigned char key)
{
    unsigned int cpu;

    (void)key;
    printk("Interrupt lines:\n");
    for (unsigned int v = VECTOR_DYNAMIC_FIRST; v <= VECTOR_DYNAMIC_LAST; v++)
        if (vector_desc[v])
            dump_line(vector_desc[v]);
    for_each_online_cpu (cpu)
        if (per_cpu(spurious_irqs, cpu))
            printk("  CPU %u: %lu spurious\n", cpu, per_cpu(spurious_irqs, cpu));
}

static int irq_keys_init(void)
{
    register_keyhandler('i', dump_irqs, "interrupt lines");
    return 0;
}
INITCALL(irq_keys_init);
