/* SPDX-License-Identifier: MIT */
/*
 * emul-io.c - port accesses of PV guests, all of which trap.
 *
 * Two questions: may this code use ports at all (virtual IOPL, user-mode bitmap; else #GP), and may
 * the domain use this port (else reads give all ones and writes vanish). For the hardware domain
 * the PCI configuration ports, the clock chip and the timer chip have virtual front ends.
 */
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/pci.h>
#include <xen/rangeset.h>
#include <xen/sched.h>
#include <asm/system.h>
#include "private.h"

#define PORT_CF8       0xcf8
#define PORT_CFC       0xcfc
#define PORT_RTC_INDEX 0x70
#define PORT_RTC_DATA  0x71
#define RTC_INDEX_MASK 0x7f /* the top bit gates NMIs, which are the hypervisor's */

/* Makes index and data access one operation and guards rtc_index. */
static DEFINE_SPINLOCK(rtc_lock, LOCK_RANK_LEAF);
static u8 rtc_index;

static u32 all_ones(unsigned int size)
{
    return size == 4 ? ~0U : (1U << (8 * size)) - 1;
}

/*
 * The bitmap lies in kernel memory, which the user page table does not map. Interrupts stay off so
 * that nobody sees the foreign page table loaded.
 */
static int read_bitmap(struct vcpu *v, void *dst, unsigned long gaddr, size_t len)
{
    unsigned long flags = local_irq_save(), cr3 = read_cr3();
    int rc;

    write_cr3(mfn_to_maddr(v->arch.kernel_l4));
    rc = copy_from_guest(dst, gaddr, len);
    write_cr3(cr3);
    local_irq_restore(flags);
    return rc;
}

static bool bitmap_permits(struct vcpu *v, unsigned int port, unsigned int size)
{
    unsigned int last = port + size - 1, mask = (1U << size) - 1;
    u8 bits[2] = {0xff, 0xff};

    if (!v->arch.iobmp || last >= v->arch.iobmp_limit)
        return false;
    if (read_bitmap(v, bits, v->arch.iobmp + port / 8, last / 8 - port / 8 + 1))
        return false;
    return !((bits[0] | (unsigned int)bits[1] << 8) >> (port % 8) & mask);
}

bool pv_iopl_permits(const struct vcpu *v)
{
    unsigned int level = 3;

    if (v->arch.kernel_mode)
        level = v->domain->arch.vm_assist & (1U << VMASST_TYPE_architectural_iopl) ? 0 : 1;
    return v->arch.iopl >= level;
}

bool pv_io_permitted(struct vcpu *v, u16 port, unsigned int size)
{
    return pv_iopl_permits(v) || (!v->arch.kernel_mode && bitmap_permits(v, port, size));
}

/* --- real ports --- */

static bool domain_may_use(struct domain *d, unsigned int port, unsigned int size)
{
    return d->arch.ioports && port + size <= 0x10000 &&
           rangeset_contains(d->arch.ioports, port, port + size - 1);
}

static u32 host_in(u16 port, unsigned int size)
{
    switch (size) {
    case 1:
        return inb(port);
    case 2:
        return inw(port);
    default:
        return inl(port);
    }
}

static void host_out(u16 port, unsigned int size, u32 val)
{
    switch (size) {
    case 1:
        outb((u8)val, port);
        break;
    case 2:
        outw((u16)val, port);
        break;
    default:
        outl(val, port);
        break;
    }
}

/* --- the hardware domain's virtual front ends: true when the access was theirs --- */

static bool pci_in(struct domain *d, u16 port, unsigned int size, u32 *ret_val)
{
    if ((port & 0xfff8) != PORT_CF8)
        return false;
    if (port >= PORT_CFC) {
        *ret_val = pci_port_read(READ_ONCE(d->arch.pci_cf8), port & 3, size);
        return true;
    }
    if (port != PORT_CF8 || size != 4)
        return false; /* chipset registers share the range: CF9 resets the machine */
    *ret_val = READ_ONCE(d->arch.pci_cf8);
    return true;
}

static bool pci_out(struct domain *d, u16 port, unsigned int size, u32 val)
{
    if ((port & 0xfff8) != PORT_CF8)
        return false;
    if (port >= PORT_CFC) {
        pci_port_write(READ_ONCE(d->arch.pci_cf8), port & 3, size, val);
        return true;
    }
    if (port != PORT_CF8 || size != 4)
        return false;
    WRITE_ONCE(d->arch.pci_cf8, val);
    return true;
}

static bool rtc_in(u16 port, unsigned int size, u32 *ret_val)
{
    unsigned long flags;

    if ((port != PORT_RTC_INDEX && port != PORT_RTC_DATA) || size != 1)
        return false;
    spin_lock_irqsave(&rtc_lock, flags);
    if (port == PORT_RTC_INDEX) {
        *ret_val = rtc_index;
    } else {
        outb(rtc_index, PORT_RTC_INDEX);
        *ret_val = inb(PORT_RTC_DATA);
    }
    spin_unlock_irqrestore(&rtc_lock, flags);
    return true;
}

static bool rtc_out(u16 port, unsigned int size, u32 val)
{
    unsigned long flags;

    if ((port != PORT_RTC_INDEX && port != PORT_RTC_DATA) || size != 1)
        return false;
    spin_lock_irqsave(&rtc_lock, flags);
    if (port == PORT_RTC_INDEX) {
        rtc_index = (u8)val & RTC_INDEX_MASK;
    } else {
        outb(rtc_index, PORT_RTC_INDEX);
        outb((u8)val, PORT_RTC_DATA);
    }
    spin_unlock_irqrestore(&rtc_lock, flags);
    return true;
}

u32 pv_port_in(struct vcpu *v, u16 port, unsigned int size)
{
    struct domain *d = v->domain;
    u32 val;

    if (d->is_hardware &&
        (pci_in(d, port, size, &val) || rtc_in(port, size, &val) || pv_pit_in(port, size, &val)))
        return val;
    return domain_may_use(d, port, size) ? host_in(port, size) : all_ones(size);
}

void pv_port_out(struct vcpu *v, u16 port, unsigned int size, u32 val)
{
    struct domain *d = v->domain;

    if (d->is_hardware &&
        (pci_out(d, port, size, val) || rtc_out(port, size, val) || pv_pit_out(port, size, val)))
        return;
    if (domain_may_use(d, port, size))
        host_out(port, size, val);
}
