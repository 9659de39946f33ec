/* SPDX-License-Identifier: MIT */
/*
 * tables.c - finds the RSDP, lets parse.c read the tables in real memory, and answers questions
 * about the topology. The facts are written once on the boot CPU and constant afterwards: no lock.
 */
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "private.h"

#define BIOS_EBDA_POINTER 0x40eU
#define BIOS_AREA_START   0xe0000U
#define BIOS_AREA_LEN     0x20000U
#define FOUR_GIB          (1UL << 32)

struct acpi_facts acpi __ro_after_init;

/* Tables above 4 GiB are in RAM that the direct map covers; below, in firmware memory of any kind.
 */
static const u8 *map_phys(void *ctx, u64 pa, size_t len)
{
    (void)ctx;
    if (pa + len <= FOUR_GIB)
        return ioremap_wb(pa, len);
    if (pa < FOUR_GIB)
        return NULL;
    for (unsigned long n = pa >> PAGE_SHIFT; n <= (pa + len - 1) >> PAGE_SHIFT; n++)
        if (!mfn_valid(_mfn(n)))
            return NULL;
    return maddr_to_virt(pa);
}

static void unmap_phys(void *ctx, const u8 *va, size_t len)
{
    (void)ctx;
    if ((unsigned long)va >= IOREMAP_START && (unsigned long)va < IOREMAP_END)
        iounmap((void *)(unsigned long)va, len);
}

static const char *why(int rc)
{
    switch (rc) {
    case -EILSEQ:
        return "bad checksum";
    case -EFAULT:
        return "cannot be read";
    case -ENOENT:
        return "wrong signature";
    case -ENOSPC:
        return "too many nodes";
    default:
        return "damaged";
    }
}

static void table_seen(void *ctx, const char sig[4], u64 pa, u32 len, int rc)
{
    (void)ctx;
    if (rc)
        printk(XLOG_WARN "ACPI: %c%c%c%c at %#lx: %s\n", sig[0], sig[1], sig[2], sig[3],
               (unsigned long)pa, why(rc));
    else
        printk("ACPI: %c%c%c%c at %#lx, %u bytes\n", sig[0], sig[1], sig[2], sig[3],
               (unsigned long)pa, len);
}

static const struct acpi_reader phys_reader = {map_phys, unmap_phys, table_seen, NULL};

static u64 scan_area(u64 pa, size_t len)
{
    const u8 *area = map_phys(NULL, pa, len);
    u64 found;

    if (!area)
        return 0;
    found = acpi_scan_rsdp(area, len, pa);
    unmap_phys(NULL, area, len);
    return found;
}

/* The first KiB of the extended BIOS data area, then the BIOS ROM area (ACPI 6.4, 5.2.5.1). */
static u64 find_rsdp(void)
{
    const u8 *word = map_phys(NULL, BIOS_EBDA_POINTER, 2);
    u64 ebda = 0, found = 0;

    if (word) {
        ebda = (u64)(word[0] | word[1] << 8) << 4;
        unmap_phys(NULL, word, 2);
    }
    if (ebda >= 0x80000 && ebda < 0xa0000)
        found = scan_area(ebda, 1024);
    return found ? found : scan_area(BIOS_AREA_START, BIOS_AREA_LEN);
}

static void report(void)
{
    unsigned int usable = 0;

    for (unsigned int i = 0; i < acpi.nr_cpus; i++)
        usable += acpi.cpu[i].enabled;
    printk("ACPI: %u CPUs (%u usable), %u IO-APICs, %u nodes%s%s\n", acpi.nr_cpus, usable,
           acpi.nr_ioapics, acpi.nr_nodes, acpi.has_hpet ? ", HPET" : "",
           acpi.nr_mcfg ? ", MMCONFIG" : "");
}

int acpi_tables_init(u64 rsdp)
{
    int rc;

    if (!rsdp)
        rsdp = find_rsdp();
    if (!rsdp) {
        acpi_facts_default(&acpi);
        return -ENODEV;
    }
    rc = acpi_parse(&phys_reader, rsdp, &acpi);
    if (rc)
        return rc;
    acpi_power_init(&phys_reader);
    report();
    return 0;
}

unsigned int acpi_node_of_apicid(u32 apicid)
{
    for (unsigned int i = 0; i < acpi.nr_srat_cpu; i++)
        if (acpi.srat_cpu[i].apicid == apicid)
            return acpi.srat_cpu[i].node;
    return 0;
}

unsigned int acpi_node_of_maddr(u64 maddr)
{
    for (unsigned int i = 0; i < acpi.nr_srat_mem; i++)
        if (maddr >= acpi.srat_mem[i].start &&
            maddr - acpi.srat_mem[i].start < acpi.srat_mem[i].size)
            return acpi.srat_mem[i].node;
    return 0;
}
