/* SPDX-License-Identifier: MIT */
/*
 * parse.c - ACPI tables to facts. Pure: no memory is touched but through struct acpi_reader,
 * nothing is printed, nothing kept. Firmware is not trusted: every length and checksum is verified,
 * every count is limited to the arrays of struct acpi_facts.
 *
 * The tables are read in a fixed order because SLIT needs the node numbers that SRAT defines.
 * References: ACPI 6.4 chapter 5.2; PCI firmware 3.2 section 4.1.2 (MCFG); HPET 1.0a section 3.2.4.
 */
#include <xen/lib.h>
#include "private.h"

#define MAX_GSI        1024
#define MAX_ROOT_LINKS 128

enum table_kind { TAB_MADT, TAB_FADT, TAB_HPET, TAB_MCFG, TAB_SRAT, TAB_SLIT, NR_TABLES };

/* What one run carries along besides the result: proximity domain of each dense node. */
struct parse_state {
    const struct acpi_reader *r;
    struct acpi_facts *facts;
    u32 prox[ACPI_MAX_NODES];
    unsigned int nr_prox;
};

/* Little-endian fields at any alignment. */
static u16 get16(const u8 *p)
{
    return (u16)(p[0] | p[1] << 8);
}

static u32 get32(const u8 *p)
{
    return get16(p) | (u32)get16(p + 2) << 16;
}

static u64 get64(const u8 *p)
{
    return get32(p) | (u64)get32(p + 4) << 32;
}

static bool checksum_ok(const u8 *p, size_t len)
{
    u8 sum = 0;

    for (size_t i = 0; i < len; i++)
        sum = (u8)(sum + p[i]);
    return sum == 0;
}

static const u8 *map_range(const struct acpi_reader *r, u64 pa, size_t len)
{
    u64 end;

    if (!pa || __builtin_add_overflow(pa, len, &end))
        return NULL;
    return r->map(r->ctx, pa, len);
}

static void unmap_range(const struct acpi_reader *r, const u8 *va, size_t len)
{
    r->unmap(r->ctx, va, len);
}

/* --- MADT --- */

static void madt_add_cpu(struct acpi_facts *f, u32 apicid, u32 uid, u32 flags)
{
    unsigned int n = f->nr_cpus;

    /* Firmware may list a CPU as both a local APIC and an x2APIC; the first entry counts. */
    for (unsigned int i = 0; i < n; i++)
        if (f->cpu[i].apicid == apicid)
            return;
    if (n == ACPI_MAX_CPUS)
        return;
    f->cpu[n].apicid = apicid;
    f->cpu[n].acpi_uid = uid;
    f->cpu[n].enabled = (flags & 1) != 0;
    f->nr_cpus++;
}

static void madt_add_ioapic(struct acpi_facts *f, const u8 *e)
{
    unsigned int n = f->nr_ioapics;

    if (n == ACPI_MAX_IOAPICS || !get32(e + 4) || get32(e + 8) >= MAX_GSI)
        return;
    f->ioapic[n].id = e[2];
    f->ioapic[n].addr = get32(e + 4);
    f->ioapic[n].gsi_base = get32(e + 8);
    f->nr_ioapics++;
}

/* Polarity in bits 0-1, trigger in bits 2-3: 0 as the bus has it (ISA: high, edge), 1 high/edge, 3
 * low/level. */
static void madt_add_override(struct acpi_facts *f, const u8 *e)
{
    unsigned int irq = e[3];
    u16 flags = get16(e + 8);

    if (e[2] != 0 || irq >= ARRAY_SIZE(f->isa) || get32(e + 4) >= MAX_GSI)
        return;
    f->isa[irq].gsi = get32(e + 4);
    f->isa[irq].overridden = true;
    f->isa[irq].active_low = (flags & 3) == 3;
    f->isa[irq].level = (flags >> 2 & 3) == 3;
}

static int madt_entry(struct acpi_facts *f, const u8 *e, u8 len)
{
    static const u8 min_len[] = {[0] = 8, [1] = 12, [2] = 10, [5] = 12, [9] = 16};

    if (e[0] < sizeof(min_len) && len < min_len[e[0]])
        return -EINVAL;
    switch (e[0]) {
    case 0:
        if (e[3] != 0xff)
            madt_add_cpu(f, e[3], e[2], get32(e + 4));
        break;
    case 1:
        madt_add_ioapic(f, e);
        break;
    case 2:
        madt_add_override(f, e);
        break;
    case 5:
        if (get64(e + 4))
            f->lapic_addr = get64(e + 4);
        break;
    case 9:
        if (get32(e + 4) != ~0U)
            madt_add_cpu(f, get32(e + 4), get32(e + 12), get32(e + 8));
        break;
    }
    return 0;
}

/* Walks entries of {type u8, length u8, ...}. Stops with -EINVAL at the first damaged one. */
static int walk_entries(struct parse_state *s, const u8 *t, u32 len, u32 first,
                        int (*fn)(struct parse_state *s, const u8 *t, const u8 *e, u8 e_len))
{
    u32 off = first;
    int rc = 0;

    if (len < first)
        return -EINVAL;
    while (!rc && len - off >= 2) {
        u8 e_len = t[off + 1];

        if (e_len < 2 || e_len > len - off)
            return -EINVAL;
        rc = fn(s, t, t + off, e_len);
        off += e_len;
    }
    return rc;
}

static int madt_visit(struct parse_state *s, const u8 *t, const u8 *e, u8 len)
{
    (void)t;
    return madt_entry(s->facts, e, len);
}

static int parse_madt(struct parse_state *s, const u8 *t, u32 len)
{
    struct acpi_facts *f = s->facts;

    if (len < 44)
        return -EINVAL;
    if (get32(t + 36))
        f->lapic_addr = get32(t + 36);
    f->has_8259 = (get32(t + 40) & 1) != 0;
    return walk_entries(s, t, len, 44, madt_visit);
}

/* --- FADT --- */

/* A generic address that must be an I/O port, with the older 32-bit field as the alternative. */
static u16 fadt_port(const u8 *t, u32 len, u32 gas, u32 old)
{
    u64 port = get32(t + old);

    if (len >= gas + 12 && t[gas] == 1 && get64(t + gas + 4))
        port = get64(t + gas + 4);
    return port <= 0xffff ? (u16)port : 0;
}

static u64 fadt_pointer(const u8 *t, u32 len, u32 wide, u32 old)
{
    if (len >= wide + 8 && get64(t + wide))
        return get64(t + wide);
    return get32(t + old);
}

static void fadt_reset_reg(struct acpi_facts *f, const u8 *t, u32 len)
{
    u64 addr;

    if (len < 129 || !(get32(t + 112) & 1U << 10))
        return;
    addr = get64(t + 120);
    if (t[116] > 2 || !addr || (t[116] == 1 && addr > 0xffff))
        return;
    f->has_reset_reg = true;
    f->reset_space = t[116];
    f->reset_addr = addr;
    f->reset_value = t[128];
}

static int parse_fadt(struct parse_state *s, const u8 *t, u32 len)
{
    struct acpi_facts *f = s->facts;
    u32 flags;

    if (len < 116)
        return -EINVAL;
    flags = get32(t + 112);
    f->has_fadt = true;
    f->facs = fadt_pointer(t, len, 132, 36);
    f->dsdt = fadt_pointer(t, len, 140, 40);
    f->sci_irq = get16(t + 46);
    f->century_reg = t[108];
    fadt_reset_reg(f, t, len);
    if (flags & 1U << 20) /* hardware-reduced: the fixed registers do not exist */
        return 0;
    f->pm1a_cnt = fadt_port(t, len, 172, 64);
    f->pm1b_cnt = fadt_port(t, len, 184, 68);
    if (t[91] == 4 || (len >= 220 && t[208] == 1 && get64(t + 212)))
        f->pm_timer_port = fadt_port(t, len, 208, 76);
    f->pm_timer_32bit = (flags & 1U << 8) != 0;
    return 0;
}

/* --- HPET, MCFG --- */

static int parse_hpet(struct parse_state *s, const u8 *t, u32 len)
{
    if (len < 56 || t[40] != 0 || !get64(t + 44))
        return -EINVAL;
    s->facts->has_hpet = true;
    s->facts->hpet_addr = get64(t + 44);
    return 0;
}

static int parse_mcfg(struct parse_state *s, const u8 *t, u32 len)
{
    struct acpi_facts *f = s->facts;

    if (len < 44)
        return -EINVAL;
    for (u32 off = 44; len - off >= 16 && f->nr_mcfg < ACPI_MAX_MCFG; off += 16) {
        u64 addr = get64(t + off);
        u8 first = t[off + 10], last = t[off + 11];

        /* The window's address is that of bus 0, one MiB a bus, and must not wrap. */
        if (!addr || (addr & 0xfffff) || first > last || addr >> 52)
            return -EINVAL;
        f->mcfg[f->nr_mcfg].addr = addr;
        f->mcfg[f->nr_mcfg].segment = get16(t + off + 8);
        f->mcfg[f->nr_mcfg].start_bus = first;
        f->mcfg[f->nr_mcfg].end_bus = last;
        f->nr_mcfg++;
    }
    return 0;
}

/* --- SRAT, SLIT --- */

/* Node of a proximity domain, a new one if need be; -ENOSPC: too many. */
static int node_of_prox(struct parse_state *s, u32 prox)
{
    for (unsigned int i = 0; i < s->nr_prox; i++)
        if (s->prox[i] == prox)
            return (int)i;
    if (s->nr_prox == ACPI_MAX_NODES)
        return -ENOSPC;
    s->prox[s->nr_prox] = prox;
    return (int)s->nr_prox++;
}

static int srat_add_cpu(struct parse_state *s, u32 apicid, u32 prox)
{
    struct acpi_facts *f = s->facts;
    int node;

    if (f->nr_srat_cpu == ACPI_MAX_CPUS)
        return 0;
    node = node_of_prox(s, prox);
    if (node < 0)
        return node;
    f->srat_cpu[f->nr_srat_cpu].apicid = apicid;
    f->srat_cpu[f->nr_srat_cpu].node = (u8)node;
    f->nr_srat_cpu++;
    return 0;
}

static int srat_add_mem(struct parse_state *s, u64 start, u64 size, u32 prox)
{
    struct acpi_facts *f = s->facts;
    u64 end;
    int node;

    if (!size)
        return 0;
    if (__builtin_add_overflow(start, size, &end))
        return -EINVAL;
    if (f->nr_srat_mem == ACPI_MAX_SRAT)
        return 0;
    node = node_of_prox(s, prox);
    if (node < 0)
        return node;
    f->srat_mem[f->nr_srat_mem].start = start;
    f->srat_mem[f->nr_srat_mem].size = size;
    f->srat_mem[f->nr_srat_mem].node = (u8)node;
    f->nr_srat_mem++;
    return 0;
}

static int srat_visit(struct parse_state *s, const u8 *t, const u8 *e, u8 len)
{
    /* Revision 1 has 8-bit proximity domains; what are their upper bytes now was reserved. */
    bool wide = t[8] >= 2;
    u32 prox;

    switch (e[0]) {
    case 0:
        if (len < 16)
            return -EINVAL;
        prox = e[2];
        if (wide)
            prox |= (u32)e[9] << 8 | (u32)e[10] << 16 | (u32)e[11] << 24;
        return get32(e + 4) & 1 ? srat_add_cpu(s, e[3], prox) : 0;
    case 1:
        if (len < 40)
            return -EINVAL;
        prox = wide ? get32(e + 2) : e[2];
        return get32(e + 28) & 1 ? srat_add_mem(s, get64(e + 8), get64(e + 16), prox) : 0;
    case 2:
        if (len < 24)
            return -EINVAL;
        return get32(e + 12) & 1 ? srat_add_cpu(s, get32(e + 8), get32(e + 4)) : 0;
    }
    return 0;
}

static int parse_srat(struct parse_state *s, const u8 *t, u32 len)
{
    struct acpi_facts *f = s->facts;
    int rc = walk_entries(s, t, len, 48, srat_visit);

    /* Half a topology would put memory and CPUs on wrong nodes: all of it or nothing. */
    if (rc) {
        s->nr_prox = 0;
        f->nr_srat_cpu = 0;
        f->nr_srat_mem = 0;
        return rc;
    }
    if (s->nr_prox)
        f->nr_nodes = s->nr_prox;
    return 0;
}

static int parse_slit(struct parse_state *s, const u8 *t, u32 len)
{
    u64 n;

    if (len < 44)
        return -EINVAL;
    n = get64(t + 36);
    if (!n || n > 4096 || n * n > len - 44)
        return -EINVAL;
    for (u64 i = 0; i < n; i++)
        for (u64 j = 0; j < n; j++)
            if (i == j ? t[44 + i * n + j] != 10 : t[44 + i * n + j] <= 10)
                return -EINVAL;
    for (unsigned int i = 0; i < s->nr_prox; i++)
        for (unsigned int j = 0; j < s->nr_prox; j++)
            if (s->prox[i] < n && s->prox[j] < n)
                s->facts->distance[i][j] = t[44 + s->prox[i] * n + s->prox[j]];
    return 0;
}

/* --- the root tables --- */

static const struct {
    char sig[5];
    int (*parse)(struct parse_state *s, const u8 *t, u32 len);
} kinds[NR_TABLES] = {
    [TAB_MADT] = {"APIC", parse_madt}, [TAB_FADT] = {"FACP", parse_fadt},
    [TAB_HPET] = {"HPET", parse_hpet}, [TAB_MCFG] = {"MCFG", parse_mcfg},
    [TAB_SRAT] = {"SRAT", parse_srat}, [TAB_SLIT] = {"SLIT", parse_slit},
};

static void tell(const struct acpi_reader *r, const char *sig, u64 pa, u32 len, int rc)
{
    if (r->seen)
        r->seen(r->ctx, sig, pa, len, rc);
}

/* Signature and length from a table's header. */
static int read_header(const struct acpi_reader *r, u64 pa, char ret_sig[4], u32 *ret_len)
{
    const u8 *h = map_range(r, pa, ACPI_HEADER_LEN);

    if (!h)
        return -EFAULT;
    memcpy(ret_sig, h, 4);
    *ret_len = get32(h + 4);
    unmap_range(r, h, ACPI_HEADER_LEN);
    return 0;
}

/* Maps a whole table after checking signature, length and checksum. */
static int open_table(const struct acpi_reader *r, u64 pa, const char *sig, const u8 **ret_t,
                      u32 *ret_len)
{
    char found[4];
    const u8 *t;
    u32 len;
    int rc = read_header(r, pa, found, &len);

    if (rc)
        return rc;
    if (memcmp(found, sig, 4))
        return -ENOENT;
    if (len < ACPI_HEADER_LEN || len > ACPI_MAX_TABLE_LEN)
        return -EINVAL;
    t = map_range(r, pa, len);
    if (!t)
        return -EFAULT;
    if (!checksum_ok(t, len)) {
        unmap_range(r, t, len);
        return -EILSEQ;
    }
    *ret_t = t;
    *ret_len = len;
    return 0;
}

/* Notes where the tables of interest are; of several with one signature the first counts. */
static int read_root(const struct acpi_reader *r, u64 pa, bool wide, u64 where[NR_TABLES])
{
    const u8 *t;
    u32 len, size = wide ? 8 : 4;
    int rc = open_table(r, pa, wide ? "XSDT" : "RSDT", &t, &len);

    if (rc)
        return rc;
    for (u32 i = 0, off = ACPI_HEADER_LEN; i < MAX_ROOT_LINKS && len - off >= size;
         i++, off += size) {
        u64 link = wide ? get64(t + off) : get32(t + off);
        char sig[4];
        u32 link_len;

        if (read_header(r, link, sig, &link_len))
            continue;
        for (unsigned int k = 0; k < NR_TABLES; k++)
            if (!where[k] && !memcmp(sig, kinds[k].sig, 4))
                where[k] = link;
    }
    unmap_range(r, t, len);
    return 0;
}

/* 0 if p (with `avail` readable bytes) is an RSDP; the XSDT address is 0 when there is none. */
static int check_rsdp(const u8 *p, size_t avail, u64 *ret_rsdt, u64 *ret_xsdt)
{
    u32 len;

    if (avail < ACPI_RSDP_V1_LEN || memcmp(p, "RSD PTR ", 8) || !checksum_ok(p, ACPI_RSDP_V1_LEN))
        return -EINVAL;
    *ret_rsdt = get32(p + 16);
    *ret_xsdt = 0;
    if (p[15] < 2 || avail < 36)
        return 0;
    len = get32(p + 20);
    if (len >= 36 && len <= avail && checksum_ok(p, len))
        *ret_xsdt = get64(p + 24);
    return 0;
}

u64 acpi_scan_rsdp(const u8 *area, size_t len, u64 pa)
{
    u64 rsdt, xsdt;

    for (size_t off = 0; off < len && len - off >= ACPI_RSDP_V1_LEN; off += 16)
        if (!check_rsdp(area + off, len - off, &rsdt, &xsdt))
            return pa + off;
    return 0;
}

static int read_rsdp(const struct acpi_reader *r, u64 pa, u64 *ret_rsdt, u64 *ret_xsdt)
{
    size_t len = 36;
    const u8 *p = map_range(r, pa, len);
    int rc;

    /* A version 1 structure may end right where readable memory does. */
    if (!p) {
        len = ACPI_RSDP_V1_LEN;
        p = map_range(r, pa, len);
    }
    if (!p)
        return -EFAULT;
    rc = check_rsdp(p, len, ret_rsdt, ret_xsdt);
    unmap_range(r, p, len);
    return rc;
}

void acpi_facts_default(struct acpi_facts *f)
{
    memset(f, 0, sizeof(*f));
    f->lapic_addr = 0xfee00000;
    f->nr_nodes = 1;
    for (unsigned int i = 0; i < ARRAY_SIZE(f->isa); i++)
        f->isa[i].gsi = i;
    for (unsigned int i = 0; i < ACPI_MAX_NODES; i++)
        for (unsigned int j = 0; j < ACPI_MAX_NODES; j++)
            f->distance[i][j] = i == j ? 10 : 20;
}

int acpi_parse(const struct acpi_reader *r, u64 rsdp, struct acpi_facts *ret_facts)
{
    struct parse_state s = {.r = r, .facts = ret_facts};
    u64 rsdt, xsdt, where[NR_TABLES] = {0};
    int rc;

    acpi_facts_default(ret_facts);
    rc = read_rsdp(r, rsdp, &rsdt, &xsdt);
    tell(r, "RSDP", rsdp, ACPI_RSDP_V1_LEN, rc);
    if (rc)
        return -ENODEV;
    rc = xsdt ? read_root(r, xsdt, true, where) : -ENOENT;
    if (xsdt && rc)
        tell(r, "XSDT", xsdt, 0, rc);
    if (rc) {
        rc = read_root(r, rsdt, false, where);
        if (rc) {
            tell(r, "RSDT", rsdt, 0, rc);
            return -ENODEV;
        }
    }
    ret_facts->rsdp = rsdp;

    for (unsigned int k = 0; k < NR_TABLES; k++) {
        const u8 *t;
        u32 len = 0;

        if (!where[k])
            continue;
        rc = open_table(r, where[k], kinds[k].sig, &t, &len);
        if (!rc) {
            rc = kinds[k].parse(&s, t, len);
            unmap_range(r, t, len);
        }
        tell(r, kinds[k].sig, where[k], len, rc);
    }
    return 0;
}

/* --- \_S5 --- */

/* One constant of a package; returns its length, 0: not a plain integer. */
static size_t aml_small_int(const u8 *p, size_t left, u8 *ret_value)
{
    if (left >= 1 && (p[0] == 0x00 || p[0] == 0x01)) {
        *ret_value = p[0];
        return 1;
    }
    if (left >= 2 && p[0] == 0x0a) {
        *ret_value = p[1];
        return 2;
    }
    if (left >= 3 && p[0] == 0x0b) {
        *ret_value = p[1];
        return 3;
    }
    if (left >= 5 && p[0] == 0x0c) {
        *ret_value = p[1];
        return 5;
    }
    return 0;
}

/* What follows the name: package operator, length (1 to 4 bytes), count of elements, elements. */
static int parse_s5_package(const u8 *p, size_t left, struct acpi_s5 *ret_s5)
{
    u8 a, b;
    size_t pos, n;

    if (left < 3 || p[0] != 0x12)
        return -EINVAL;
    pos = 2 + (size_t)(p[1] >> 6);
    if (pos >= left || p[pos] < 1)
        return -EINVAL;
    n = p[pos++];
    left -= pos;
    p += pos;
    pos = aml_small_int(p, left, &a);
    if (!pos)
        return -EINVAL;
    b = a;
    if (n > 1 && !aml_small_int(p + pos, left - pos, &b))
        return -EINVAL;
    if (a > 7 || b > 7)
        return -EINVAL;
    *ret_s5 = (struct acpi_s5){.found = true, .typ_a = a, .typ_b = b};
    return 0;
}

/* \_S5 is a static object by the specification, so a search for its name needs no interpreter. */
int acpi_find_s5(const u8 *aml, size_t len, struct acpi_s5 *ret_s5)
{
    for (size_t i = 0; i + 4 < len; i++) {
        bool named;

        if (memcmp(aml + i, "_S5_", 4))
            continue;
        named =
            (i >= 1 && aml[i - 1] == 0x08) || (i >= 2 && aml[i - 1] == '\\' && aml[i - 2] == 0x08);
        if (named && !parse_s5_package(aml + i + 4, len - i - 4, ret_s5))
            return 0;
    }
    return -ENOENT;
}

int acpi_read_s5(const struct acpi_reader *r, u64 dsdt, struct acpi_s5 *ret_s5)
{
    const u8 *t;
    u32 len;
    int rc = open_table(r, dsdt, "DSDT", &t, &len);

    if (rc)
        return rc;
    rc = acpi_find_s5(t + ACPI_HEADER_LEN, len - ACPI_HEADER_LEN, ret_s5);
    unmap_range(r, t, len);
    return rc;
}
