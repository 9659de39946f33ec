/* SPDX-License-Identifier: MIT */
/*
 * acpi.h - the few facts the hypervisor takes from ACPI tables; the hardware domain does the rest.
 *
 * drivers/acpi/parse.c is pure: it gets checked table images and fills this structure; tables.c
 * maps the real ones.
 */
#ifndef XEN_ACPI_H
#define XEN_ACPI_H

#include <xen/types.h>

#define ACPI_MAX_CPUS    256
#define ACPI_MAX_IOAPICS 8
#define ACPI_MAX_MCFG    8
#define ACPI_MAX_NODES   16
#define ACPI_MAX_SRAT    64

struct acpi_facts {
    u64 rsdp, lapic_addr;
    unsigned int nr_cpus;
    struct {
        u32 apicid, acpi_uid;
        bool enabled;
    } cpu[ACPI_MAX_CPUS];
    unsigned int nr_ioapics;
    struct {
        u32 id, gsi_base;
        u64 addr;
    } ioapic[ACPI_MAX_IOAPICS];
    struct { /* by ISA IRQ */
        u32 gsi;
        bool overridden, level, active_low;
    } isa[16];
    bool has_8259, has_hpet, has_fadt;
    u64 hpet_addr;
    u16 pm_timer_port; /* 0: none */
    bool pm_timer_32bit;
    u16 pm1a_cnt, pm1b_cnt, sci_irq;
    u64 facs, dsdt;
    u8 century_reg;
    bool has_reset_reg;
    u8 reset_space, reset_value; /* space 0 memory, 1 I/O, 2 PCI config */
    u64 reset_addr;
    unsigned int nr_mcfg;
    struct {
        u64 addr;
        u16 segment;
        u8 start_bus, end_bus;
    } mcfg[ACPI_MAX_MCFG];
    /* SRAT and SLIT: proximity domains renumbered to dense nodes in order of appearance. */
    unsigned int nr_nodes;                       /* at least 1 */
    u8 distance[ACPI_MAX_NODES][ACPI_MAX_NODES]; /* 10 local, 20 default */
    unsigned int nr_srat_mem;
    struct {
        u64 start, size;
        u8 node;
    } srat_mem[ACPI_MAX_SRAT];
    unsigned int nr_srat_cpu;
    struct {
        u32 apicid;
        u8 node;
    } srat_cpu[ACPI_MAX_CPUS];
};

extern struct acpi_facts acpi;

/* Finds and reads the tables; rsdp 0: scan the BIOS areas. 0 or -ENODEV. Maps what it needs. */
int acpi_tables_init(u64 rsdp);
unsigned int acpi_node_of_apicid(u32 apicid);
unsigned int acpi_node_of_maddr(u64 maddr);
/* Writes SLP_TYP|SLP_EN values as XENPF_enter_acpi_sleep gives them. Returns if it did not work. */
void acpi_enter_sleep(u16 pm1a_value, u16 pm1b_value);
/* Power off and reset without the hardware domain's help (\_S5 of the DSDT, reset register). */
bool acpi_power_off(void);
bool acpi_reset(void);

#endif /* XEN_ACPI_H */
