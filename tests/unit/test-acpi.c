/* SPDX-License-Identifier: MIT */
/*
 * test-acpi.c - drivers/acpi/parse.c on tables made here, whole and damaged.
 *
 * A small piece of "physical memory" begins at MEM_BASE; the reader hands out pointers into copies
 * of it that end exactly where the mapping ends, so that a sanitizer sees every overrun.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../../xen/drivers/acpi/private.h"

#define MEM_BASE  0x100000u
#define MEM_BYTES 0x10000u
#define RSDP_AT   (MEM_BASE + 0x100)
#define XSDT_AT   (MEM_BASE + 0x200)
#define RSDT_AT   (MEM_BASE + 0x400)

static uint8_t mem[MEM_BYTES];
static uint32_t next_table;
static unsigned int nr_links, open_maps;
static int last_rc;
static struct acpi_facts facts;

static const u8 *test_map(void *ctx, u64 pa, size_t len)
{
    uint8_t *copy;

    (void)ctx;
    if (pa < MEM_BASE || pa - MEM_BASE > MEM_BYTES || len > MEM_BYTES - (pa - MEM_BASE))
        return NULL;
    copy = malloc(len ? len : 1);
    memcpy(copy, mem + (pa - MEM_BASE), len);
    open_maps++;
    return copy;
}

static void test_unmap(void *ctx, const u8 *va, size_t len)
{
    (void)ctx;
    (void)len;
    open_maps--;
    free((void *)(uintptr_t)va);
}

static void test_seen(void *ctx, const char sig[4], u64 pa, u32 len, int rc)
{
    (void)ctx;
    (void)sig;
    (void)pa;
    (void)len;
    if (rc)
        last_rc = rc;
}

static const struct acpi_reader reader = {test_map, test_unmap, test_seen, NULL};

static uint8_t *at(uint32_t pa)
{
    return mem + (pa - MEM_BASE);
}

static void put(uint8_t *p, uint64_t v, unsigned int bytes)
{
    for (unsigned int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void fix_sum(uint8_t *p, size_t len, unsigned int where)
{
    uint8_t sum = 0;

    p[where] = 0;
    for (size_t i = 0; i < len; i++)
        sum = (uint8_t)(sum + p[i]);
    p[where] = (uint8_t)-sum;
}

static void seal(uint8_t *t)
{
    uint32_t len;

    memcpy(&len, t + 4, 4);
    fix_sum(t, len, 9);
}

/* A zeroed table with its header, linked from both root tables. */
static uint8_t *add_table(const char *sig, uint32_t len, uint8_t rev)
{
    uint8_t *t = at(next_table);

    memcpy(t, sig, 4);
    put(t + 4, len, 4);
    t[8] = rev;
    put(at(XSDT_AT) + 36 + 8 * nr_links, next_table, 8);
    put(at(RSDT_AT) + 36 + 4 * nr_links, next_table, 4);
    nr_links++;
    put(at(XSDT_AT) + 4, 36 + 8 * nr_links, 4);
    put(at(RSDT_AT) + 4, 36 + 4 * nr_links, 4);
    next_table += (len + 63) & ~63u;
    return t;
}

static void setup(void)
{
    uint8_t *r = at(RSDP_AT);

    memset(mem, 0, sizeof(mem));
    next_table = MEM_BASE + 0x1000;
    nr_links = open_maps = 0;
    last_rc = 0;
    memcpy(r, "RSD PTR ", 8);
    r[15] = 2;
    put(r + 16, RSDT_AT, 4);
    put(r + 20, 36, 4);
    put(r + 24, XSDT_AT, 8);
    fix_sum(r, 20, 8);
    fix_sum(r, 36, 32);
    memcpy(at(XSDT_AT), "XSDT", 4);
    memcpy(at(RSDT_AT), "RSDT", 4);
    put(at(XSDT_AT) + 4, 36, 4);
    put(at(RSDT_AT) + 4, 36, 4);
}

static void teardown(void)
{
    ck_assert_uint_eq(open_maps, 0);
}

static int run(void)
{
    seal(at(XSDT_AT));
    seal(at(RSDT_AT));
    return acpi_parse(&reader, RSDP_AT, &facts);
}

/* Two CPUs, one of them off, one x2APIC, an IO-APIC, the usual override of the timer and the SCI.
 */
static uint8_t *add_madt(void)
{
    static const uint8_t entries[] = {
        0, 8,  1, 0, 1, 0, 0,    0,                               /* uid 1, apicid 0, enabled */
        0, 8,  2, 1, 0, 0, 0,    0,                               /* uid 2, apicid 1, not enabled */
        9, 16, 0, 0, 0, 1, 0,    0,    1,    0, 0, 0, 3, 0, 0, 0, /* apicid 256, uid 3 */
        1, 12, 5, 0, 0, 0, 0xc0, 0xfe, 0,    0, 0, 0,             /* IO-APIC 5 */
        2, 10, 0, 0, 2, 0, 0,    0,    0,    0,                   /* IRQ 0 is GSI 2 */
        2, 10, 0, 9, 9, 0, 0,    0,    0x0f, 0,                   /* IRQ 9 level low */
    };
    uint8_t *t = add_table("APIC", 44 + sizeof(entries), 3);

    put(t + 36, 0xfee00000, 4);
    t[40] = 1;
    memcpy(t + 44, entries, sizeof(entries));
    seal(t);
    return t;
}

START_TEST(madt_gives_cpus_ioapics_and_overrides)
{
    add_madt();
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.nr_cpus, 3);
    ck_assert(facts.cpu[0].enabled && !facts.cpu[1].enabled);
    ck_assert_uint_eq(facts.cpu[2].apicid, 256);
    ck_assert_uint_eq(facts.cpu[2].acpi_uid, 3);
    ck_assert_uint_eq(facts.nr_ioapics, 1);
    ck_assert_uint_eq(facts.ioapic[0].addr, 0xfec00000);
    ck_assert_uint_eq(facts.isa[0].gsi, 2);
    ck_assert(facts.isa[0].overridden && !facts.isa[0].level);
    ck_assert(facts.isa[9].level && facts.isa[9].active_low);
    ck_assert_uint_eq(facts.isa[4].gsi, 4);
    ck_assert(facts.has_8259);
}
END_TEST

START_TEST(madt_bad_checksum_is_skipped)
{
    add_madt()[50] ^= 1;
    ck_assert_int_eq(run(), 0);
    ck_assert_int_eq(last_rc, -EILSEQ);
    ck_assert_uint_eq(facts.nr_cpus, 0);
    ck_assert_uint_eq(facts.lapic_addr, 0xfee00000);
}
END_TEST

START_TEST(madt_zero_length_entry_ends_the_walk)
{
    uint8_t *t = add_madt();

    t[44 + 8 + 1] = 0;
    seal(t);
    ck_assert_int_eq(run(), 0);
    ck_assert_int_lt(last_rc, 0);
    ck_assert_uint_eq(facts.nr_cpus, 1);
}
END_TEST

START_TEST(madt_entry_beyond_the_table_is_not_read)
{
    uint8_t *t = add_madt();

    t[44 + 1] = 200;
    seal(t);
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.nr_cpus, 0);
}
END_TEST

START_TEST(madt_with_too_many_cpus_fills_the_array)
{
    uint8_t *t = add_table("APIC", 44 + 300 * 16, 3);

    for (unsigned int i = 0; i < 300; i++) {
        t[44 + 16 * i] = 9;
        t[44 + 16 * i + 1] = 16;
        put(t + 44 + 16 * i + 4, i, 4);
        put(t + 44 + 16 * i + 8, 1, 4);
    }
    seal(t);
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.nr_cpus, ACPI_MAX_CPUS);
}
END_TEST

static uint8_t *add_fadt(uint32_t len)
{
    uint8_t *t = add_table("FACP", len, len >= 244 ? 3 : 1);

    put(t + 40, MEM_BASE + 0x8000, 4);
    put(t + 46, 9, 2);
    put(t + 64, 0x604, 4);
    put(t + 76, 0x608, 4);
    t[91] = 4;
    t[108] = 0x32;
    put(t + 112, 1u << 8, 4);
    return t;
}

START_TEST(fadt_version_1)
{
    seal(add_fadt(116));
    ck_assert_int_eq(run(), 0);
    ck_assert(facts.has_fadt && facts.pm_timer_32bit && !facts.has_reset_reg);
    ck_assert_uint_eq(facts.pm1a_cnt, 0x604);
    ck_assert_uint_eq(facts.pm_timer_port, 0x608);
    ck_assert_uint_eq(facts.sci_irq, 9);
    ck_assert_uint_eq(facts.dsdt, MEM_BASE + 0x8000);
}
END_TEST

START_TEST(fadt_extended_fields_win)
{
    uint8_t *t = add_fadt(244);

    put(t + 112, 1u << 10, 4);
    t[116] = 1;
    put(t + 120, 0xcf9, 8);
    t[128] = 6;
    t[172] = 1;
    put(t + 176, 0xb004, 8);
    put(t + 140, MEM_BASE + 0x9000, 8);
    seal(t);
    ck_assert_int_eq(run(), 0);
    ck_assert(facts.has_reset_reg && facts.reset_space == 1);
    ck_assert_uint_eq(facts.reset_addr, 0xcf9);
    ck_assert_uint_eq(facts.reset_value, 6);
    ck_assert_uint_eq(facts.pm1a_cnt, 0xb004);
    ck_assert_uint_eq(facts.dsdt, MEM_BASE + 0x9000);
}
END_TEST

START_TEST(fadt_too_short_is_skipped)
{
    seal(add_fadt(100));
    ck_assert_int_eq(run(), 0);
    ck_assert(!facts.has_fadt);
}
END_TEST

START_TEST(fadt_port_above_64k_is_none)
{
    uint8_t *t = add_fadt(116);

    put(t + 64, 0x10604, 4);
    seal(t);
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.pm1a_cnt, 0);
}
END_TEST

START_TEST(hpet_and_mcfg)
{
    uint8_t *h = add_table("HPET", 56, 1), *m = add_table("MCFG", 60, 1);

    put(h + 44, 0xfed00000, 8);
    put(m + 44, 0xb0000000, 8);
    m[55] = 255;
    seal(h);
    seal(m);
    ck_assert_int_eq(run(), 0);
    ck_assert(facts.has_hpet);
    ck_assert_uint_eq(facts.hpet_addr, 0xfed00000);
    ck_assert_uint_eq(facts.nr_mcfg, 1);
    ck_assert_uint_eq(facts.mcfg[0].end_bus, 255);
}
END_TEST

START_TEST(mcfg_with_reversed_buses_is_refused)
{
    uint8_t *m = add_table("MCFG", 60, 1);

    put(m + 44, 0xb0000000, 8);
    m[54] = 9;
    m[55] = 8;
    seal(m);
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.nr_mcfg, 0);
}
END_TEST

/* Proximity domains 7 and 3: nodes 0 and 1 by order of appearance. */
static uint8_t *add_srat(void)
{
    uint8_t *t = add_table("SRAT", 48 + 16 + 40 + 40, 3), *e = t + 48;

    e[1] = 16;
    e[2] = 7;
    e[3] = 4;
    e[4] = 1;
    e += 16;
    for (unsigned int i = 0; i < 2; i++, e += 40) {
        e[0] = 1;
        e[1] = 40;
        e[2] = i ? 3 : 7;
        put(e + 8, i * 0x40000000ull, 8);
        put(e + 16, 0x40000000, 8);
        e[28] = 1;
    }
    seal(t);
    return t;
}

START_TEST(srat_and_slit_agree_on_nodes)
{
    uint8_t *s = add_table("SLIT", 44 + 64, 1);

    add_srat();
    put(s + 36, 8, 8);
    for (unsigned int i = 0; i < 64; i++)
        s[44 + i] = i / 8 == i % 8 ? 10 : (uint8_t)(20 + i / 8);
    seal(s);
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.nr_nodes, 2);
    ck_assert_uint_eq(facts.srat_cpu[0].apicid, 4);
    ck_assert_uint_eq(facts.srat_mem[1].node, 1);
    ck_assert_uint_eq(facts.distance[0][1], 27);
    ck_assert_uint_eq(facts.distance[1][0], 23);
    ck_assert_uint_eq(facts.distance[1][1], 10);
}
END_TEST

START_TEST(srat_damaged_leaves_one_node)
{
    uint8_t *t = add_srat();

    put(t + 48 + 16 + 40 + 8, ~0ull, 8); /* memory range that wraps */
    seal(t);
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.nr_nodes, 1);
    ck_assert_uint_eq(facts.nr_srat_mem, 0);
    ck_assert_uint_eq(facts.nr_srat_cpu, 0);
}
END_TEST

START_TEST(slit_larger_than_its_table_is_refused)
{
    uint8_t *s = add_table("SLIT", 44 + 4, 1);

    add_srat();
    put(s + 36, 1ull << 32, 8); /* squared it is 0 in 64 bits */
    put(s + 44, 0x1414140a, 4);
    seal(s);
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.distance[0][1], 20);
}
END_TEST

START_TEST(bad_xsdt_falls_back_to_rsdt)
{
    add_madt();
    seal(at(XSDT_AT));
    seal(at(RSDT_AT));
    at(XSDT_AT)[20] ^= 1;
    ck_assert_int_eq(acpi_parse(&reader, RSDP_AT, &facts), 0);
    ck_assert_uint_eq(facts.nr_cpus, 3);
}
END_TEST

START_TEST(bad_rsdp_gives_defaults)
{
    at(RSDP_AT)[10] ^= 1;
    ck_assert_int_eq(run(), -ENODEV);
    ck_assert_uint_eq(facts.nr_nodes, 1);
    ck_assert_uint_eq(facts.isa[7].gsi, 7);
    ck_assert_uint_eq(facts.rsdp, 0);
}
END_TEST

START_TEST(huge_table_length_is_refused)
{
    uint8_t *t = add_madt();

    put(t + 4, 0xffffffff, 4);
    ck_assert_int_eq(run(), 0);
    ck_assert_uint_eq(facts.nr_cpus, 0);
}
END_TEST

START_TEST(rsdp_is_found_on_16_byte_boundaries_only)
{
    memmove(at(RSDP_AT) + 8, at(RSDP_AT), 36);
    memset(at(RSDP_AT), 0, 8);
    ck_assert_uint_eq(acpi_scan_rsdp(mem, MEM_BYTES, MEM_BASE), 0);
    memmove(at(RSDP_AT) + 16, at(RSDP_AT) + 8, 36);
    ck_assert_uint_eq(acpi_scan_rsdp(mem, MEM_BYTES, MEM_BASE), RSDP_AT + 16);
    ck_assert_uint_eq(acpi_scan_rsdp(mem, 0x110 + 19, MEM_BASE), 0);
}
END_TEST

START_TEST(s5_package_forms)
{
    static const uint8_t bytes[] = {0x08, '_', 'S', '5', '_', 0x12, 6, 4, 0x0a, 5, 0x0a, 4, 0, 0};
    static const uint8_t rooted[] = {0x08, '\\', '_', 'S', '5', '_', 0x12, 5, 2, 0, 0x01};
    static const uint8_t call[] = {0x70, '_', 'S', '5', '_', 0x12, 6, 4, 0x0a, 5, 0x0a, 4};
    struct acpi_s5 s5 = {false, 0, 0};

    ck_assert_int_eq(acpi_find_s5(bytes, sizeof(bytes), &s5), 0);
    ck_assert(s5.found && s5.typ_a == 5 && s5.typ_b == 4);
    ck_assert_int_eq(acpi_find_s5(rooted, sizeof(rooted), &s5), 0);
    ck_assert(s5.typ_a == 0 && s5.typ_b == 1);
    ck_assert_int_lt(acpi_find_s5(call, sizeof(call), &s5), 0);
    for (size_t n = 0; n < 10; n++)
        ck_assert_int_lt(acpi_find_s5(bytes, n, &s5), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("acpi");
    TCase *tc = tcase_create("parse");
    SRunner *sr;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, madt_gives_cpus_ioapics_and_overrides);
    tcase_add_test(tc, madt_bad_checksum_is_skipped);
    tcase_add_test(tc, madt_zero_length_entry_ends_the_walk);
    tcase_add_test(tc, madt_entry_beyond_the_table_is_not_read);
    tcase_add_test(tc, madt_with_too_many_cpus_fills_the_array);
    tcase_add_test(tc, fadt_version_1);
    tcase_add_test(tc, fadt_extended_fields_win);
    tcase_add_test(tc, fadt_too_short_is_skipped);
    tcase_add_test(tc, fadt_port_above_64k_is_none);
    tcase_add_test(tc, hpet_and_mcfg);
    tcase_add_test(tc, mcfg_with_reversed_buses_is_refused);
    tcase_add_test(tc, srat_and_slit_agree_on_nodes);
    tcase_add_test(tc, srat_damaged_leaves_one_node);
    tcase_add_test(tc, slit_larger_than_its_table_is_refused);
    tcase_add_test(tc, bad_xsdt_falls_back_to_rsdt);
    tcase_add_test(tc, bad_rsdp_gives_defaults);
    tcase_add_test(tc, huge_table_length_is_refused);
    tcase_add_test(tc, rsdp_is_found_on_16_byte_boundaries_only);
    tcase_add_test(tc, s5_package_forms);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
