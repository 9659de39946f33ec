/* SPDX-License-Identifier: MIT */
/*
 * config.c - PCI configuration space: the CF8/CFC port pair, and memory-mapped windows (MMCONFIG)
 * for registers above 255 and segments other than 0.
 *
 * cf8_lock covers the address and the data access; it takes nothing below it and is used in any
 * context. MMCONFIG buses are mapped when first used and stay mapped; that step takes no lock of
 * ours: whoever loses the race unmaps his copy.
 */
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/pci.h>
#include <xen/spinlock.h>

#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc
#define CF8_ENABLE   0x80000000U
#define BUS_BYTES    (1UL << 20)

#define PCI_STATUS      0x06
#define PCI_STATUS_CAPS 0x10
#define PCI_CAP_POINTER 0x34
#define PCI_CAP_MAX     48 /* capabilities that fit into the space: ends loops in broken lists */

static DEFINE_SPINLOCK(cf8_lock, LOCK_RANK_LEAF);
static u8 *mmcfg_bus[ACPI_MAX_MCFG][256];

static u32 all_ones(unsigned int size)
{
    return size >= 4 ? ~0U : (1U << size * 8) - 1;
}

static bool access_ok(unsigned int reg, unsigned int size)
{
    return (size == 1 || size == 2 || size == 4) && !(reg & (size - 1)) && reg < 4096;
}

/* --- ports --- */

static u32 cf8_read(u32 address, unsigned int offset, unsigned int size)
{
    u16 port = (u16)(PORT_DATA + offset);
    unsigned long flags;
    u32 val;

    spin_lock_irqsave(&cf8_lock, flags);
    outl(address, PORT_ADDRESS);
    val = size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
    spin_unlock_irqrestore(&cf8_lock, flags);
    return val;
}

static void cf8_write(u32 address, unsigned int offset, unsigned int size, u32 val)
{
    u16 port = (u16)(PORT_DATA + offset);
    unsigned long flags;

    spin_lock_irqsave(&cf8_lock, flags);
    outl(address, PORT_ADDRESS);
    if (size == 1)
        outb((u8)val, port);
    else if (size == 2)
        outw((u16)val, port);
    else
        outl(val, port);
    spin_unlock_irqrestore(&cf8_lock, flags);
}

static u32 cf8_address(pci_sbdf_t dev, unsigned int reg)
{
    return CF8_ENABLE | (u32)dev.bus << 16 | (u32)dev.devfn << 8 | (reg & 0xfc);
}

/* --- memory --- */

static u8 *mmcfg_map_bus(unsigned int i, u8 bus)
{
    u8 *va = ioremap(acpi.mcfg[i].addr + bus * BUS_BYTES, BUS_BYTES);
    u8 *old;

    if (!va)
        return NULL;
    old = cmpxchg(&mmcfg_bus[i][bus], NULL, va);
    if (!old)
        return va;
    iounmap(va, BUS_BYTES);
    return old;
}

static u8 *mmcfg_reg(pci_sbdf_t dev, unsigned int reg)
{
    for (unsigned int i = 0; i < acpi.nr_mcfg; i++) {
        u8 *va;

        if (acpi.mcfg[i].segment != dev.seg || dev.bus < acpi.mcfg[i].start_bus ||
            dev.bus > acpi.mcfg[i].end_bus)
            continue;
        va = READ_ONCE(mmcfg_bus[i][dev.bus]);
        if (!va)
            va = mmcfg_map_bus(i, dev.bus);
        return va ? va + ((unsigned long)dev.devfn << 12 | reg) : NULL;
    }
    return NULL;
}

/* AMD family 10h requires rAX as the register of MMCONFIG accesses (BKDG, section 2.11.1). */
static u32 mmcfg_read(const u8 *p, unsigned int size)
{
    u32 val = 0;

    if (size == 1)
        __asm__ volatile("movzbl %1,%0" : "=a"(val) : "m"(*p) : "memory");
    else if (size == 2)
        __asm__ volatile("movzwl %1,%0" : "=a"(val) : "m"(*(const u16 *)p) : "memory");
    else
        __asm__ volatile("movl %1,%0" : "=a"(val) : "m"(*(const u32 *)p) : "memory");
    return val;
}

static void mmcfg_write(u8 *p, unsigned int size, u32 val)
{
    if (size == 1)
        __asm__ volatile("movb %b1,%0" : "=m"(*p) : "a"(val) : "memory");
    else if (size == 2)
        __asm__ volatile("movw %w1,%0" : "=m"(*(u16 *)p) : "a"(val) : "memory");
    else
        __asm__ volatile("movl %1,%0" : "=m"(*(u32 *)p) : "a"(val) : "memory");
}

/* --- the interface --- */

u32 pci_read(pci_sbdf_t dev, unsigned int reg, unsigned int size)
{
    const u8 *p;

    if (!access_ok(reg, size))
        return all_ones(size);
    if (dev.seg == 0 && reg < 256)
        return cf8_read(cf8_address(dev, reg), reg & 3, size);
    p = mmcfg_reg(dev, reg);
    return p ? mmcfg_read(p, size) : all_ones(size);
}

void pci_write(pci_sbdf_t dev, unsigned int reg, unsigned int size, u32 val)
{
    u8 *p;

    if (!access_ok(reg, size))
        return;
    if (dev.seg == 0 && reg < 256) {
        cf8_write(cf8_address(dev, reg), reg & 3, size, val);
        return;
    }
    p = mmcfg_reg(dev, reg);
    if (p)
        mmcfg_write(p, size, val);
}

unsigned int pci_find_cap(pci_sbdf_t dev, u8 cap)
{
    u32 status = pci_read(dev, PCI_STATUS, 2);
    unsigned int pos;

    if (status == 0xffff || !(status & PCI_STATUS_CAPS))
        return 0;
    pos = pci_read(dev, PCI_CAP_POINTER, 1) & 0xfc;
    for (unsigned int i = 0; i < PCI_CAP_MAX && pos >= 0x40; i++) {
        u32 head = pci_read(dev, pos, 2);

        if ((head & 0xff) == cap)
            return pos;
        if ((head & 0xff) == 0xff)
            break;
        pos = head >> 8 & 0xfc;
    }
    return 0;
}

u32 pci_port_read(u32 cf8, unsigned int offset, unsigned int size)
{
    if (!(cf8 & CF8_ENABLE) || (size != 1 && size != 2 && size != 4) || offset + size > 4)
        return all_ones(size);
    return cf8_read(cf8 & ~3U, offset, size);
}

void pci_port_write(u32 cf8, unsigned int offset, unsigned int size, u32 val)
{
    if ((cf8 & CF8_ENABLE) && (size == 1 || size == 2 || size == 4) && offset + size <= 4)
        cf8_write(cf8 & ~3U, offset, size, val);
}
