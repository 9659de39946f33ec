/* SPDX-License-Identifier: MIT */
/* acpi.h - the ACPI tables of a PVH guest: CPUs, and that there is nothing else. */
#ifndef XENOLITH_LIGHT_BUILD_ACPI_H
#define XENOLITH_LIGHT_BUILD_ACPI_H

#include <stddef.h>
#include <stdint.h>

#define XLIGHT__ACPI_CPUS  128 /* APIC ids are twice the vCPU's number, and have 8 bits */
#define XLIGHT__ACPI_PAGES 4   /* that the tables take at most */
#define XLIGHT__RSDP_SIZE  36

/*
 * Writes all tables but the RSDP for a guest with vcpus vCPUs, the first online of which are
 * there, to a cleared buffer of XLIGHT__ACPI_PAGES that the guest sees at addr. Returns the
 * address of the RSDT; the XSDT lies at *ret_xsdt.
 */
uint32_t xlight__acpi_tables(void *buf, uint64_t addr, unsigned int vcpus, unsigned int online,
                             uint64_t *ret_xsdt);
void xlight__acpi_rsdp(void *to, uint32_t rsdt, uint64_t xsdt);

#endif /* XENOLITH_LIGHT_BUILD_ACPI_H */
