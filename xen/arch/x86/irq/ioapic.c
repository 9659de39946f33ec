/* SPDX-License-Identifier: MIT */
/*
 * ioapic.c - the IO-APICs: which pin a GSI is, and its redirection entry. Always physical
 * destination and fixed delivery to one CPU.
 *
 * The registers are reached through an index and a data register; ioapic_lock covers the pair and
 * is taken in interrupt context. The list of IO-APICs is constant after boot. Reference: Intel
 * 82093AA data sheet, section 3.
 */
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "private.h"

#define IOAPIC_BYTES 0x20
#define REG_VERSION  1
#define REG_PIN(n)   (0x10 + 2 * (n))
#define MAX_PINS     240
#define MAX_GSIS     1024

#define RTE_ACTIVE_LOW (1U << 13)
#define RTE_LEVEL      (1U << 15)
#define RTE_MASKED     (1U << 16)

struct ioapic {
    volatile u32 *regs;
    u64 addr;
    unsigned int gsi_base, nr_pins;
};

static struct ioapic ioapics[ACPI_MAX_IOAPICS] __ro_after_init;
static unsigned int nr_ioapics __ro_after_init;
static unsigned int gsi_limit __ro_after_init;
static DEFINE_SPINLOCK(ioapic_lock, LOCK_RANK_IOAPIC);

static u32 read_locked(const struct ioapic *io, unsigned int reg)
{
    io->regs[0] = reg;
    return io->regs[4];
}

static void write_locked(const struct ioapic *io, unsigned int reg, u32 val)
{
    io->regs[0] = reg;
    io->regs[4] = val;
}

static const struct ioapic *find_pin(unsigned int gsi, unsigned int *ret_pin)
{
    for (unsigned int i = 0; i < nr_ioapics; i++)
        if (gsi >= ioapics[i].gsi_base && gsi - ioapics[i].gsi_base < ioapics[i].nr_pins) {
            *ret_pin = gsi - ioapics[i].gsi_base;
            return &ioapics[i];
        }
    return NULL;
}

unsigned int ioapic_nr_gsis(void)
{
    return gsi_limit;
}

bool ioapic_has_gsi(unsigned int gsi)
{
    unsigned int pin;

    return find_pin(gsi, &pin) != NULL;
}

void ioapic_write_route(unsigned int gsi, const struct ioapic_route *route)
{
    unsigned int pin;
    const struct ioapic *io = find_pin(gsi, &pin);
    u32 low = route->vector;
    unsigned long flags;

    BUG_ON(!io);
    if (route->level)
        low |= RTE_LEVEL;
    if (route->active_low)
        low |= RTE_ACTIVE_LOW;
    spin_lock_irqsave(&ioapic_lock, flags);
    /* Masked while the halves disagree. */
    write_locked(io, REG_PIN(pin), low | RTE_MASKED);
    write_locked(io, REG_PIN(pin) + 1, (u32)route->dest << 24);
    if (!route->masked)
        write_locked(io, REG_PIN(pin), low);
    spin_unlock_irqrestore(&ioapic_lock, flags);
}

void ioapic_set_mask(unsigned int gsi, bool mask)
{
    unsigned int pin;
    const struct ioapic *io = find_pin(gsi, &pin);
    unsigned long flags;
    u32 low;

    BUG_ON(!io);
    spin_lock_irqsave(&ioapic_lock, flags);
    low = read_locked(io, REG_PIN(pin));
    write_locked(io, REG_PIN(pin), mask ? low | RTE_MASKED : low & ~RTE_MASKED);
    /* Reading back makes the posted write take effect before the caller's EOI. */
    (void)read_locked(io, REG_PIN(pin));
    spin_unlock_irqrestore(&ioapic_lock, flags);
}

void ioapic_set_dest(unsigned int gsi, u8 dest)
{
    unsigned int pin;
    const struct ioapic *io = find_pin(gsi, &pin);
    unsigned long flags;

    BUG_ON(!io);
    spin_lock_irqsave(&ioapic_lock, flags);
    write_locked(io, REG_PIN(pin) + 1, (u32)dest << 24);
    spin_unlock_irqrestore(&ioapic_lock, flags);
}

unsigned int ioapic_mask_vector(u8 vector)
{
    unsigned int n = 0;
    unsigned long flags;

    spin_lock_irqsave(&ioapic_lock, flags);
    for (unsigned int i = 0; i < nr_ioapics; i++)
        for (unsigned int pin = 0; pin < ioapics[i].nr_pins; pin++) {
            u32 low = read_locked(&ioapics[i], REG_PIN(pin));

            if ((low & 0xff) != vector || (low & RTE_MASKED))
                continue;
            write_locked(&ioapics[i], REG_PIN(pin), low | RTE_MASKED);
            n++;
        }
    spin_unlock_irqrestore(&ioapic_lock, flags);
    return n;
}

int ioapic_read_reg(u64 base, unsigned int reg, u32 *ret_val)
{
    unsigned long flags;

    for (unsigned int i = 0; i < nr_ioapics; i++) {
        if (ioapics[i].addr != base)
            continue;
        if (reg > 2 && (reg < REG_PIN(0) || reg >= REG_PIN(ioapics[i].nr_pins)))
            return -EINVAL;
        spin_lock_irqsave(&ioapic_lock, flags);
        *ret_val = read_locked(&ioapics[i], reg);
        spin_unlock_irqrestore(&ioapic_lock, flags);
        return 0;
    }
    return -EINVAL;
}

/* Maps one and masks all its pins; one that reads as all ones is not there. */
static bool __init probe(struct ioapic *io, u64 addr, unsigned int gsi_base)
{
    u32 version;

    io->regs = ioremap(addr, IOAPIC_BYTES);
    if (!io->regs)
        return false;
    version = read_locked(io, REG_VERSION);
    io->addr = addr;
    io->gsi_base = gsi_base;
    io->nr_pins = (version >> 16 & 0xff) + 1;
    if (version == ~0U || io->nr_pins > MAX_PINS || gsi_base + io->nr_pins > MAX_GSIS) {
        iounmap((void *)(unsigned long)io->regs, IOAPIC_BYTES);
        return false;
    }
    for (unsigned int pin = 0; pin < io->nr_pins; pin++) {
        write_locked(io, REG_PIN(pin), RTE_MASKED);
        write_locked(io, REG_PIN(pin) + 1, 0);
    }
    return true;
}

void __init ioapic_init(void)
{
    gsi_limit = 16;
    for (unsigned int i = 0; i < acpi.nr_ioapics; i++) {
        struct ioapic *io = &ioapics[nr_ioapics];

        if (!probe(io, acpi.ioapic[i].addr, acpi.ioapic[i].gsi_base)) {
            printk(XLOG_WARN "IO-APIC %u at %#lx does not answer\n", acpi.ioapic[i].id,
                   (unsigned long)acpi.ioapic[i].addr);
            continue;
        }
        nr_ioapics++;
        gsi_limit = MAX(gsi_limit, io->gsi_base + io->nr_pins);
        printk("IO-APIC %u at %#lx, GSIs %u-%u\n", acpi.ioapic[i].id, (unsigned long)io->addr,
               io->gsi_base, io->gsi_base + io->nr_pins - 1);
    }
    if (!nr_ioapics)
        printk(XLOG_ERR "No IO-APIC found: only message interrupts work\n");
}
