/* SPDX-License-Identifier: MIT */
/*
 * acpi.c - ACPI 5.0 tables: FACS, DSDT, FADT, MADT, XSDT, RSDT, RSDP.
 *
 * Numbers are those that Xen's toolstack gives PVH guests. No hardware stands behind the registers
 * of the FADT: without an SMI command port an OS takes ACPI mode for granted, and never writes.
 */
#include "acpi.h"
#include <string.h>

#define HEADER_SIZE 36U
#define FADT_SIZE   268U
#define FACS_SIZE   64U

#define SCI         9U
#define PM1A_EVT    0xb000U
#define PM1A_CNT    0xb004U
#define NO_C2       0xfffU
#define BOOT_ARCH   (1U << 2 | 1U << 5)                     /* no VGA, no CMOS clock */
#define FADT_FLAGS  (1U << 0 | 1U << 2 | 1U << 4 | 1U << 5) /* WBINVD, C1, no fixed buttons */
#define LAPIC_BASE  0xfee00000U
#define LAPIC_ENTRY 8U

/* Where the next byte goes. */
struct out {
    uint8_t *buf;
    uint64_t addr; /* of buf, for the guest */
    size_t at;
};

static void put(uint8_t *table, size_t at, uint64_t value, size_t size)
{
    memcpy(table + at, &value, size);
}

static void checksum(uint8_t *table, size_t len, size_t where)
{
    uint8_t sum = 0;

    table[where] = 0;
    for (size_t i = 0; i < len; i++)
        sum = (uint8_t)(sum + table[i]);
    table[where] = (uint8_t)-sum;
}

/* Starts a table at a multiple of 64 bytes; its address is *ret_addr. */
static uint8_t *start(struct out *o, uint64_t *ret_addr)
{
    o->at = (o->at + 63) & ~(size_t)63;
    *ret_addr = o->addr + o->at;
    return o->buf + o->at;
}

static void finish(struct out *o, uint8_t *table, const char *sig, size_t len, uint8_t revision)
{
    memcpy(table, sig, 4);
    put(table, 4, len, 4);
    table[8] = revision;
    memcpy(table + 10, "Xen\0\0\0", 6);
    memcpy(table + 16, "HVM\0\0\0\0\0", 8);
    memcpy(table + 28, "HVML", 4);
    checksum(table, len, 9);
    o->at += len;
}

static uint64_t add_facs(struct out *o)
{
    uint64_t addr;
    uint8_t *t = start(o, &addr);

    memcpy(t, "FACS", 4);
    put(t, 4, FACS_SIZE, 4);
    t[32] = 1; /* version */
    o->at += FACS_SIZE;
    return addr;
}

/* The length of an AML package, which counts its own two or three bytes. */
static size_t aml_length(uint8_t *p, size_t content)
{
    if (content + 1 < 0x40) {
        p[0] = (uint8_t)(content + 1);
        return 1;
    }
    if (content + 2 < 0x1000) {
        p[0] = (uint8_t)(0x40 | ((content + 2) & 15));
        p[1] = (uint8_t)((content + 2) >> 4);
        return 2;
    }
    p[0] = (uint8_t)(0x80 | ((content + 3) & 15));
    p[1] = (uint8_t)((content + 3) >> 4);
    p[2] = (uint8_t)((content + 3) >> 12);
    return 3;
}

/* Device (Cnnn) { Name (_HID, "ACPI0007") Name (_UID, n) } */
static size_t aml_cpu(uint8_t *p, unsigned int cpu)
{
    static const char digits[] = "0123456789ABCDEF";
    static const uint8_t body[] = {'C',  '0', '0', '0', 0x08, '_', 'H',  'I', 'D',
                                   0x0d, 'A', 'C', 'P', 'I',  '0', '0',  '0', '7',
                                   0,    8,   '_', 'U', 'I',  'D', 0x0a, 0};
    size_t n;

    p[0] = 0x5b;
    p[1] = 0x82;
    n = 2 + aml_length(p + 2, sizeof(body));
    memcpy(p + n, body, sizeof(body));
    p[n + 2] = (uint8_t)digits[cpu >> 4 & 15];
    p[n + 3] = (uint8_t)digits[cpu & 15];
    p[n + sizeof(body) - 1] = (uint8_t)cpu;
    return n + sizeof(body);
}

/* Scope (\_SB) { the processors } */
static uint64_t add_dsdt(struct out *o, unsigned int vcpus)
{
    static const uint8_t name[] = {'\\', '_', 'S', 'B', '_'};
    uint8_t *t, unused[64];
    size_t content = sizeof(name), n = HEADER_SIZE;
    uint64_t addr;

    for (unsigned int i = 0; i < vcpus; i++)
        content += aml_cpu(unused, i);
    t = start(o, &addr);
    t[n++] = 0x10;
    n += aml_length(t + n, content);
    memcpy(t + n, name, sizeof(name));
    n += sizeof(name);
    for (unsigned int i = 0; i < vcpus; i++)
        n += aml_cpu(t + n, i);
    finish(o, t, "DSDT", n, 5);
    return addr;
}

/* An address structure: I/O ports. */
static void put_ports(uint8_t *t, size_t at, uint64_t port, unsigned int bytes)
{
    t[at] = 1;
    t[at + 1] = (uint8_t)(bytes * 8);
    t[at + 3] = (uint8_t)(bytes == 4 ? 3 : 2);
    put(t, at + 4, port, 8);
}

static uint64_t add_fadt(struct out *o, uint64_t facs, uint64_t dsdt)
{
    uint64_t addr;
    uint8_t *t = start(o, &addr);

    put(t, 36, facs, 4);
    put(t, 40, dsdt, 4);
    put(t, 46, SCI, 2);
    put(t, 56, PM1A_EVT, 4);
    put(t, 64, PM1A_CNT, 4);
    t[88] = 4; /* bytes of PM1 events, */
    t[89] = 2; /* and control */
    put(t, 96, NO_C2, 2);
    put(t, 98, NO_C2, 2);
    put(t, 109, BOOT_ARCH, 2);
    put(t, 112, FADT_FLAGS, 4);
    put(t, 140, dsdt, 8); /* the FACS has its 32-bit address only, as the standard wants it */
    put_ports(t, 148, PM1A_EVT, 4);
    put_ports(t, 172, PM1A_CNT, 2);
    finish(o, t, "FACP", FADT_SIZE, 5);
    return addr;
}

/* No PIC, no IO-APIC: local APICs are all there is. */
static uint64_t add_madt(struct out *o, unsigned int vcpus, unsigned int online)
{
    uint64_t addr;
    uint8_t *t = start(o, &addr);
    size_t n = HEADER_SIZE + 8;

    put(t, HEADER_SIZE, LAPIC_BASE, 4);
    for (unsigned int i = 0; i < vcpus; i++, n += LAPIC_ENTRY) {
        t[n + 1] = LAPIC_ENTRY;
        t[n + 2] = (uint8_t)i;       /* the vCPU's number for Xen, too */
        t[n + 3] = (uint8_t)(i * 2); /* APIC id */
        t[n + 4] = i < online;
    }
    finish(o, t, "APIC", n, 3);
    return addr;
}

uint32_t xlight__acpi_tables(void *buf, uint64_t addr, unsigned int vcpus, unsigned int online,
                             uint64_t *ret_xsdt)
{
    struct out o = {buf, addr, 0};
    uint64_t facs = add_facs(&o), dsdt = add_dsdt(&o, vcpus), rsdt;
    uint64_t fadt = add_fadt(&o, facs, dsdt), madt = add_madt(&o, vcpus, online);
    uint8_t *t = start(&o, ret_xsdt);

    put(t, HEADER_SIZE, fadt, 8);
    put(t, HEADER_SIZE + 8, madt, 8);
    finish(&o, t, "XSDT", HEADER_SIZE + 16, 1);
    t = start(&o, &rsdt);
    put(t, HEADER_SIZE, fadt, 4);
    put(t, HEADER_SIZE + 4, madt, 4);
    finish(&o, t, "RSDT", HEADER_SIZE + 8, 1);
    return (uint32_t)rsdt;
}

void xlight__acpi_rsdp(void *to, uint32_t rsdt, uint64_t xsdt)
{
    uint8_t *t = to;

    memset(t, 0, XLIGHT__RSDP_SIZE);
    memcpy(t, "RSD PTR ", 8);
    memcpy(t + 9, "Xen\0\0\0", 6);
    t[15] = 2;
    put(t, 16, rsdt, 4);
    put(t, 20, XLIGHT__RSDP_SIZE, 4);
    put(t, 24, xsdt, 8);
    checksum(t, 20, 8);
    checksum(t, XLIGHT__RSDP_SIZE, 32);
}
