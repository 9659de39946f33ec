/* SPDX-License-Identifier: MIT */
/*
 * fuzz-acpi.c - the ACPI parser on arbitrary bytes.
 *
 * The input is physical memory from BASE on, RSDP first. Checksums are repaired before the parser
 * looks, otherwise no mutation would get past them. Every mapping is a heap copy of its exact size,
 * so that a sanitizer sees overruns.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef FUZZ_STANDALONE
#include <stdio.h>
#endif
#include "../../xen/drivers/acpi/private.h"

#define BASE 0x1000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t size;
};

static void repair(uint8_t *p, size_t len, size_t where)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum = (uint8_t)(sum + p[i]);
    p[where] = (uint8_t)(p[where] - sum);
}

static const u8 *fuzz_map(void *ctx, u64 pa, size_t len)
{
    const struct input *in = ctx;
    uint8_t *copy;

    if (pa < BASE || pa - BASE > in->size || len > in->size - (pa - BASE))
        return NULL;
    copy = malloc(len ? len : 1);
    if (!copy)
        return NULL;
    memcpy(copy, in->data + (pa - BASE), len);
    if (pa == BASE && len >= 20) {
        memcpy(copy, "RSD PTR ", 8);
        repair(copy, 20, 8);
        if (len >= 36)
            repair(copy, 36, 32);
    } else if (len > 9) {
        repair(copy, len, 9);
    }
    return copy;
}

static void fuzz_unmap(void *ctx, const u8 *va, size_t len)
{
    (void)ctx;
    (void)len;
    free((void *)(uintptr_t)va);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct acpi_facts facts;
    struct input in = {data, size};
    struct acpi_reader r = {fuzz_map, fuzz_unmap, NULL, &in};
    struct acpi_s5 s5;

    if (!acpi_parse(&r, BASE, &facts))
        if (facts.nr_cpus > ACPI_MAX_CPUS || facts.nr_ioapics > ACPI_MAX_IOAPICS ||
            facts.nr_mcfg > ACPI_MAX_MCFG || !facts.nr_nodes || facts.nr_nodes > ACPI_MAX_NODES ||
            facts.nr_srat_mem > ACPI_MAX_SRAT || facts.nr_srat_cpu > ACPI_MAX_CPUS)
            abort();
    (void)acpi_scan_rsdp(data, size, BASE);
    if (!acpi_find_s5(data, size, &s5) && (s5.typ_a > 7 || s5.typ_b > 7))
        abort();
    return 0;
}

#ifdef FUZZ_STANDALONE
/* Runs the files named, for replaying what a fuzzer found. */
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        static uint8_t buf[1 << 20];
        FILE *f = fopen(argv[i], "rb");
        size_t n;

        if (!f) {
            perror(argv[i]);
            return 1;
        }
        n = fread(buf, 1, sizeof(buf), f);
        fclose(f);
        LLVMFuzzerTestOneInput(buf, n);
    }
    return 0;
}
#endif
