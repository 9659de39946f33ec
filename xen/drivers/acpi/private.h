/* SPDX-License-Identifier: MIT */
/*
 * private.h (acpi) - between the parser, which only sees table images, and the code that maps
 * memory.
 */
#ifndef ACPI_PRIVATE_H
#define ACPI_PRIVATE_H

#include <xen/acpi.h>

#define ACPI_RSDP_V1_LEN   20
#define ACPI_HEADER_LEN    36
#define ACPI_MAX_TABLE_LEN (4U << 20)

/* How the parser reaches physical memory. map may return NULL: the range is then unreadable. */
struct acpi_reader {
    const u8 *(*map)(void *ctx, u64 pa, size_t len);
    void (*unmap)(void *ctx, const u8 *va, size_t len);
    /* Told of each table that the parser looked at; rc 0 or why it was not used. May be NULL. */
    void (*seen)(void *ctx, const char sig[4], u64 pa, u32 len, int rc);
    void *ctx;
};

/* \_S5 of the DSDT: the SLP_TYP values for power off. */
struct acpi_s5 {
    bool found;
    u8 typ_a, typ_b;
};

/* Facts as they are when no table says otherwise. */
void acpi_facts_default(struct acpi_facts *ret_facts);
/*
 * Fills ret_facts from the tables that rsdp leads to. -ENODEV: no usable RSDP, RSDT or XSDT, and
 * the facts are the defaults. A damaged table is skipped, or cut at the damaged entry.
 */
int acpi_parse(const struct acpi_reader *r, u64 rsdp, struct acpi_facts *ret_facts) __must_check;
/* Physical address of the first valid RSDP in an area that begins at pa; 0: none. */
u64 acpi_scan_rsdp(const u8 *area, size_t len, u64 pa);
/* Looks for the _S5_ package in AML code. 0 or -ENOENT. */
int acpi_find_s5(const u8 *aml, size_t len, struct acpi_s5 *ret_s5) __must_check;
/* Maps the table at pa and finds \_S5 in it (pa: facts.dsdt). */
int acpi_read_s5(const struct acpi_reader *r, u64 dsdt, struct acpi_s5 *ret_s5) __must_check;

/* power.c: keeps what it needs at the end, when nothing can be mapped any more. */
void acpi_power_init(const struct acpi_reader *r);

#endif /* ACPI_PRIVATE_H */
