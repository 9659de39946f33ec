/* SPDX-License-Identifier: MIT */
/* dom0-config.c - options of Domain 0, its size, and its rights over the machine. */
#include <xen/acpi.h>
#include <xen/console.h>
#include <xen/e820.h>
#include <xen/init.h>
#include <xen/irq.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/percpu.h>
#include <xen/rangeset.h>
#include <asm/mm.h>
#include <asm/setup.h>
#include "dom0.h"

static struct dom0_mem opt_mem __initdata;
static u32 opt_max_vcpus __initdata;
PARAM_UINT_DEF("dom0_max_vcpus", opt_max_vcpus, "vCPUs of Domain 0 (default: one for each CPU)");

static int __init parse_dom0_mem(const char *s)
{
    return dom0_mem_parse(s, &opt_mem);
}
PARAM_CUSTOM_DEF("dom0_mem", parse_dom0_mem,
                 "memory of Domain 0: SIZE,min:SIZE,max:SIZE, each may be left out; -SIZE: all but "
                 "that (default: all but a reserve)");

unsigned long __init dom0_nr_pages(void)
{
    unsigned long free_pages = heap_free_pages(), nr = dom0_mem_choose(&opt_mem, free_pages);

    if (!nr || nr > free_pages)
        panic("dom0_mem asks for %lu MiB, but %lu MiB are free. Give Domain 0 less (or something), "
              "or the machine more memory.",
              nr >> 8, free_pages >> 8);
    return nr;
}

unsigned long __init dom0_max_pages(unsigned long nr_pages)
{
    unsigned long max = dom0_mem_pages(&opt_mem.max, nr_pages);

    return opt_mem.max.given ? MAX(max, nr_pages) : DOMAIN_PAGES_UNLIMITED;
}

unsigned int __init dom0_nr_vcpus(void)
{
    unsigned int n = opt_max_vcpus ? opt_max_vcpus : nr_cpus;

    return MIN(MAX(n, 1u), (unsigned int)NR_CPUS);
}

/* --- what we keep --- */

static struct e820_map hw_map __ro_after_init;

const struct e820_map *hardware_e820(void)
{
    return &hw_map;
}

static void __init must(int rc)
{
    if (rc)
        panic("Out of memory while giving Domain 0 its rights (%d).", rc);
}

/* Device memory of ours: not mappable by the domain, reserved in its memory map. */
static void __init keep_iomem(struct domain *d, u64 start, u64 size)
{
    must(rangeset_remove(d->arch.iomem, start >> PAGE_SHIFT, (start + size - 1) >> PAGE_SHIFT));
    must(e820_add(&hw_map, start & PAGE_MASK, ROUNDUP(start + size, PAGE_SIZE), E820_RESERVED));
}

static void __init keep_ports(struct domain *d, unsigned int first, unsigned int n)
{
    must(rangeset_remove(d->arch.ioports, first, first + n - 1));
}

static void __init give_ports(struct domain *d)
{
    u16 uart;
    unsigned int n = console_uart_ports(&uart);

    must(rangeset_add(d->arch.ioports, 0, 0xffff));
    keep_ports(d, 0x20, 2); /* interrupt controllers */
    keep_ports(d, 0xa0, 2);
    keep_ports(d, 0x40, 4); /* timer, and the gate of its channel 2 */
    keep_ports(d, 0x61, 1);
    keep_ports(d, 0x70, 2);  /* CMOS: mediated */
    keep_ports(d, 0xcf8, 1); /* PCI configuration: mediated */
    keep_ports(d, 0xcfa, 6);
    if (acpi.pm_timer_port)
        keep_ports(d, acpi.pm_timer_port, 4);
    if (n)
        keep_ports(d, uart, n);
}

static void __init give_iomem(struct domain *d)
{
    hw_map = boot_info.e820;
    must(rangeset_add(d->arch.iomem, 0, max_mfn() - 1));
    keep_iomem(d, acpi.lapic_addr, PAGE_SIZE);
    keep_iomem(d, 0xfee00000, 0x100000); /* message-signalled interrupts */
    for (unsigned int i = 0; i < acpi.nr_ioapics; i++)
        keep_iomem(d, acpi.ioapic[i].addr, PAGE_SIZE);
    if (acpi.has_hpet)
        must(rangeset_add(mmio_ro_ranges, acpi.hpet_addr >> PAGE_SHIFT,
                          acpi.hpet_addr >> PAGE_SHIFT)); /* AML reads it */
}

void __init dom0_give_rights(struct domain *d)
{
    d->arch.has_io_rights = true;
    give_ports(d);
    give_iomem(d);
    must(rangeset_add(d->arch.irqs, 0, nr_gsis() - 1));
}
