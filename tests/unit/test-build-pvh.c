/* SPDX-License-Identifier: MIT */
/*
 * test-build-pvh.c - PVH guests on the simulated host, seen as the guest will see them: everything
 * is found from the registers of its vCPU.
 */
#include "acpi.h"
#include "build/images.h"
#include "build/sim-guest.h"
#include "fail-alloc.h"
#include "test-main.h"
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <xenolith/public/arch-x86/hvm/start_info.h>

static void read_at(domid_t domid, uint64_t addr, void *to, size_t len)
{
    while (len) {
        size_t n = 4096 - addr % 4096;

        n = n < len ? n : len;
        memcpy(to, (const char *)sim_page_of(domid, addr >> 12) + addr % 4096, n);
        to = (char *)to + n;
        addr += n;
        len -= n;
    }
}

static void check_at(domid_t domid, uint64_t addr, const void *want, size_t len)
{
    void *got = malloc(len + 1);

    read_at(domid, addr, got, len);
    ck_assert_msg(!memcmp(got, want, len), "wrong content at 0x%lx", addr);
    free(got);
}

static void check_zero(domid_t domid, uint64_t addr, size_t len)
{
    void *zero = calloc(1, len + 1);

    check_at(domid, addr, zero, len);
    free(zero);
}

#define FIELD(type, at)                         \
    ({                                          \
        type v_;                                \
        memcpy(&v_, record + (at), sizeof(v_)); \
        v_;                                     \
    })

/* The registers as they were set; ebx. */
static uint64_t check_cpu(const struct xlight__build *b, const struct sim_input *in)
{
    uint8_t record[1032];
    struct xen_domctl_getvcpuinfo info;

    ck_assert_int_eq(xctl_hvm_get_context_record(sim_h, b->domid, 2, 0, record, 1032), 0);
    ck_assert_uint_eq(FIELD(uint64_t, 640), in->tiny.paddr + 0x20);
    ck_assert_uint_eq(FIELD(uint64_t, 648), 2);
    ck_assert_uint_eq(FIELD(uint64_t, 656), 0x11);
    ck_assert_uint_eq(FIELD(uint64_t, 664) | FIELD(uint64_t, 672) | FIELD(uint64_t, 680), 0);
    ck_assert_uint_eq(FIELD(uint64_t, 992), 0); /* EFER */
    ck_assert_uint_eq(FIELD(uint32_t, 888), 0xc9b);
    ck_assert_uint_eq(FIELD(uint32_t, 892), 0xc93);
    ck_assert_uint_eq(FIELD(uint32_t, 896), 0xc93);
    ck_assert_uint_eq(FIELD(uint32_t, 908), 0xc93);
    ck_assert_uint_eq(FIELD(uint32_t, 912), 0x8b);
    for (int seg = 0; seg < 6; seg++)
        ck_assert_uint_eq(FIELD(uint32_t, 768 + seg * 4), seg == 3 || seg == 4 ? 0 : ~0U);
    ck_assert_uint_eq(FIELD(uint32_t, 792), 0x67);
    for (int base = 0; base < 10; base++)
        ck_assert_uint_eq(FIELD(uint64_t, 808 + base * 8), 0);
    ck_assert_uint_eq(FIELD(uint64_t, 512), 0);
    for (unsigned int i = 0; i < b->max_vcpus; i++) {
        uint8_t mtrr[240];
        uint64_t type;

        ck_assert_int_eq(xctl_vcpu_info(sim_h, b->domid, i, &info), 0);
        ck_assert_int_eq(info.online, i == 0);
        ck_assert_int_eq(xctl_hvm_get_context_record(sim_h, b->domid, 14, i, mtrr, 240), 0);
        memcpy(&type, mtrr + 232, 8);
        ck_assert_uint_eq(type, 0x806);
    }
    return FIELD(uint64_t, 520);
}

static unsigned int guest_map(domid_t domid, struct xctl_e820_entry *ret)
{
    uint64_t args[5] = {XENMEM_memory_map};
    struct xen_memory_map *m;
    xctl_handle *guest;
    unsigned int nr;
    void *p, *list;
    int64_t rc;

    ck_assert_int_eq(xctl_sim_attach(sim_h, domid, &guest), 0);
    ck_assert_int_eq(xctl_buffer_alloc(guest, sizeof(*m), &p), 0);
    ck_assert_int_eq(xctl_buffer_alloc(guest, 4096, &list), 0);
    m = p;
    m->nr_entries = 128;
    m->buffer = (uintptr_t)list;
    args[1] = (uintptr_t)m;
    ck_assert_int_eq(xctl_hypercall(guest, __HYPERVISOR_memory_op, args, &rc), 0);
    ck_assert_int_eq(rc, 0);
    nr = m->nr_entries;
    ck_assert_uint_le(nr, 8);
    memcpy(ret, list, nr * sizeof(*ret));
    xctl_buffer_free(guest, p, sizeof(*m));
    xctl_buffer_free(guest, list, 4096);
    xctl_close(guest);
    return nr;
}

/* The same map twice, in order, and as much RAM as there should be. */
static void check_map(const struct xlight__build *b, const struct hvm_start_info *si)
{
    struct hvm_memmap_table_entry e[8];
    struct xctl_e820_entry map[8];
    uint64_t ram = 0, end = 0, want = b->max_pages ? b->max_pages : b->pages;
    unsigned int nr = guest_map(b->domid, map);

    ck_assert_uint_eq(si->memmap_entries, nr);
    read_at(b->domid, si->memmap_paddr, e, nr * sizeof(e[0]));
    for (unsigned int i = 0; i < nr; i++) {
        ck_assert_uint_eq(e[i].addr, map[i].addr);
        ck_assert_uint_eq(e[i].size, map[i].size);
        ck_assert_uint_eq(e[i].type, map[i].type);
        ck_assert_uint_eq(e[i].reserved, 0);
        ck_assert_uint_ge(e[i].addr, end);
        ck_assert_uint_gt(e[i].size, 0);
        end = e[i].addr + e[i].size;
        if (e[i].type == 1)
            ram += e[i].size;
        /* The first and the last page are there. */
        sim_page_of(b->domid, e[i].addr >> 12);
        if (e[i].type != 2)
            sim_page_of(b->domid, (end - 1) >> 12);
    }
    ck_assert_uint_eq(ram >> 12, want);
    ck_assert_uint_eq(e[0].addr, 0);
    ck_assert_uint_eq(e[1].type, 3);
}

static uint8_t sum(const uint8_t *p, size_t len)
{
    uint8_t s = 0;

    while (len--)
        s = (uint8_t)(s + *p++);
    return s;
}

static uint64_t get(const uint8_t *p, size_t at, size_t size)
{
    uint64_t v = 0;

    memcpy(&v, p + at, size);
    return v;
}

/* A table with its header, checked. */
static uint8_t *table_at(domid_t domid, uint64_t addr, const char *sig, size_t *ret_len)
{
    uint8_t head[36], *t;

    read_at(domid, addr, head, sizeof(head));
    *ret_len = get(head, 4, 4);
    ck_assert_uint_le(*ret_len, 16384);
    t = malloc(*ret_len);
    read_at(domid, addr, t, *ret_len);
    ck_assert_msg(!memcmp(t, sig, 4), "%.4s where %s was expected", t, sig);
    ck_assert_uint_eq(sum(t, *ret_len), 0);
    return t;
}

static size_t aml_length(const uint8_t *p, size_t *ret_bytes)
{
    unsigned int more = p[0] >> 6;
    size_t len = more ? p[0] & 15 : p[0] & 63;

    for (unsigned int i = 0; i < more; i++)
        len |= (size_t)p[1 + i] << (4 + 8 * i);
    *ret_bytes = more + 1;
    return len;
}

/* Scope (\_SB) { Device (Cnnn) { Name (_HID, "ACPI0007") Name (_UID, n) } ... } */
static void check_dsdt(const struct xlight__build *b, uint64_t addr)
{
    size_t len, n, bytes;
    uint8_t *t = table_at(b->domid, addr, "DSDT", &len), *p = t + 36;

    ck_assert_uint_eq(p[0], 0x10);
    ck_assert_uint_eq(36 + 1 + aml_length(p + 1, &n), len);
    p += 1 + n;
    ck_assert(!memcmp(p, "\\_SB_", 5));
    p += 5;
    for (unsigned int i = 0; i < b->max_vcpus; i++) {
        char name[5];

        snprintf(name, sizeof(name), "C0%02X", i & 0xffU);
        ck_assert(p[0] == 0x5b && p[1] == 0x82);
        n = aml_length(p + 2, &bytes);
        ck_assert(!memcmp(p + 2 + bytes, name, 4));
        ck_assert(!memcmp(p + 6 + bytes,
                          "\x08_HID\x0d"
                          "ACPI0007\0\x08_UID\x0a",
                          21));
        ck_assert_uint_eq(p[27 + bytes], i);
        ck_assert_uint_eq(n, bytes + 26);
        p += 2 + n;
    }
    ck_assert_ptr_eq(p, t + len);
    free(t);
}

static void check_fadt(const struct xlight__build *b, uint64_t addr)
{
    size_t len;
    uint8_t *t = table_at(b->domid, addr, "FACP", &len), facs[64];

    ck_assert_uint_eq(len, 268);
    ck_assert_uint_eq(t[8], 5);
    ck_assert_uint_eq(get(t, 46, 2), 9);
    ck_assert_uint_eq(get(t, 48, 4), 0); /* no SMI port */
    ck_assert_uint_eq(get(t, 56, 4), 0xb000);
    ck_assert_uint_eq(get(t, 64, 4), 0xb004);
    ck_assert_uint_eq(get(t, 76, 4), 0); /* no timer */
    ck_assert_uint_eq(get(t, 109, 2), 0x24);
    ck_assert_uint_eq(get(t, 112, 4) >> 20 & 1, 0);
    ck_assert_uint_eq(get(t, 112, 4) & 0x30, 0x30);
    ck_assert_uint_eq(get(t, 140, 8), get(t, 40, 4));
    ck_assert_uint_eq(get(t, 152, 8), 0xb000);
    ck_assert_uint_eq(get(t, 176, 8), 0xb004);
    read_at(b->domid, get(t, 36, 4), facs, sizeof(facs));
    ck_assert(!memcmp(facs, "FACS", 4));
    ck_assert_uint_eq(get(t, 36, 4) % 64, 0);
    check_dsdt(b, get(t, 140, 8));
    free(t);
}

static void check_madt(const struct xlight__build *b, uint64_t addr)
{
    size_t len;
    uint8_t *t = table_at(b->domid, addr, "APIC", &len);
    unsigned int online = b->vcpus ? b->vcpus : b->max_vcpus;

    ck_assert_uint_eq(get(t, 36, 4), 0xfee00000);
    ck_assert_uint_eq(get(t, 40, 4), 0);
    ck_assert_uint_eq(len, 44 + 8 * b->max_vcpus);
    for (unsigned int i = 0; i < b->max_vcpus; i++) {
        const uint8_t *e = t + 44 + i * 8;

        ck_assert(e[0] == 0 && e[1] == 8 && e[2] == i && e[3] == 2 * i);
        ck_assert_uint_eq(get(e, 4, 4), i < online);
    }
    free(t);
}

static void check_acpi(const struct xlight__build *b, uint64_t rsdp_addr)
{
    uint8_t rsdp[36], *xsdt, *rsdt;
    size_t len;

    read_at(b->domid, rsdp_addr, rsdp, sizeof(rsdp));
    ck_assert(!memcmp(rsdp, "RSD PTR ", 8));
    ck_assert_uint_eq(sum(rsdp, 20), 0);
    ck_assert_uint_eq(sum(rsdp, 36), 0);
    ck_assert_uint_eq(rsdp[15], 2);
    xsdt = table_at(b->domid, get(rsdp, 24, 8), "XSDT", &len);
    ck_assert_uint_eq(len, 36 + 16);
    check_fadt(b, get(xsdt, 36, 8));
    check_madt(b, get(xsdt, 44, 8));
    rsdt = table_at(b->domid, get(rsdp, 16, 4), "RSDT", &len);
    ck_assert_uint_eq(len, 36 + 8);
    ck_assert_uint_eq(get(rsdt, 36, 4), get(xsdt, 36, 8));
    ck_assert_uint_eq(get(rsdt, 40, 4), get(xsdt, 44, 8));
    free(xsdt);
    free(rsdt);
}

static uint64_t param(domid_t domid, uint32_t index)
{
    uint64_t v = 0;

    ck_assert_int_eq(xctl_hvm_get_param(sim_h, domid, index, &v), 0);
    return v;
}

static void check_special(const struct xlight__build *b, const struct xlight__built *built)
{
    uint64_t ident = param(b->domid, HVM_PARAM_IDENT_PT), store, console;
    struct grant_entry_v1 *g;
    uint32_t table[1024];
    void *p;

    store = param(b->domid, HVM_PARAM_STORE_PFN);
    console = param(b->domid, HVM_PARAM_CONSOLE_PFN);
    ck_assert_uint_eq(store, built->store_frame);
    ck_assert_uint_eq(console, built->console_frame);
    ck_assert_uint_eq(param(b->domid, HVM_PARAM_STORE_EVTCHN), b->store_port);
    ck_assert_uint_eq(param(b->domid, HVM_PARAM_CONSOLE_EVTCHN), b->console_port);
    check_zero(b->domid, store << 12, 4096);
    check_zero(b->domid, console << 12, 4096);
    read_at(b->domid, ident, table, sizeof(table));
    for (uint32_t i = 0; i < 1024; i++)
        if (table[i] != (i << 22 | 0xe7))
            ck_abort_msg("entry %u of the identity map", i);
    ck_assert_int_eq(
        xctl_resource_map(sim_h, b->domid, XENMEM_resource_grant_table, 0, 0, 1, PROT_READ, &p), 0);
    g = p;
    ck_assert(g[0].flags == GTF_permit_access && g[0].frame == console && !g[0].domid);
    ck_assert(g[1].flags == GTF_permit_access && g[1].frame == store && !g[1].domid);
    ck_assert_int_eq(xctl_resource_unmap(sim_h, p, 1), 0);
}

static void check_content(const struct xlight__build *b, const struct hvm_start_info *si,
                          const struct sim_input *in)
{
    const struct tiny *t = &in->tiny;
    uint64_t data = tiny_data_start(t), end = t->paddr + data + t->data + t->bss;
    uint8_t *want = malloc(t->text + t->data);
    struct hvm_modlist_entry mod;

    for (size_t i = 0; i < t->text; i++)
        want[i] = tiny_byte(0, i);
    for (size_t i = 0; i < t->data; i++)
        want[t->text + i] = tiny_byte(1, i);
    check_at(b->domid, t->paddr, want, t->text);
    check_zero(b->domid, t->paddr + t->text, data - t->text);
    check_at(b->domid, t->paddr + data, want + t->text, t->data);
    check_zero(b->domid, t->paddr + data + t->data,
               ((end + 4095) & ~4095ULL) - t->paddr - data - t->data);
    free(want);
    ck_assert_uint_eq(si->nr_modules, in->ramdisk.len != 0);
    if (!si->nr_modules) {
        ck_assert_uint_eq(si->modlist_paddr, 0);
        return;
    }
    read_at(b->domid, si->modlist_paddr, &mod, sizeof(mod));
    ck_assert_uint_eq(mod.paddr % 4096, 0);
    ck_assert_uint_ge(mod.paddr, end);
    ck_assert_uint_eq(mod.size, in->ramdisk.len);
    ck_assert_uint_eq(mod.cmdline_paddr | mod.reserved, 0);
    check_at(b->domid, mod.paddr, in->ramdisk.data, in->ramdisk.len);
    check_zero(b->domid, mod.paddr + mod.size, -mod.size & 4095);
}

static void check_all(const struct xlight__build *b, const struct xlight__built *built,
                      const struct sim_input *in)
{
    struct hvm_start_info si;
    char *cmdline = calloc(1, 5000);
    size_t len = b->cmdline ? strlen(b->cmdline) : 0;

    read_at(b->domid, check_cpu(b, in), &si, sizeof(si));
    ck_assert_uint_eq(si.magic, 0x336ec578);
    ck_assert_uint_eq(si.version, 1);
    ck_assert_uint_eq(si.flags | si.reserved, 0);
    read_at(b->domid, si.cmdline_paddr, cmdline, len + 1);
    ck_assert_str_eq(cmdline, b->cmdline ? b->cmdline : "");
    free(cmdline);
    check_map(b, &si);
    check_acpi(b, si.rsdp_paddr);
    ck_assert(in->tiny.rsdp_anywhere || strcmp(in->tiny.guest_os, "linux")
                  ? si.rsdp_paddr >= 0xfc000000
                  : si.rsdp_paddr == 0xfffc0);
    check_special(b, built);
    check_content(b, &si, in);
}

static void build_and_check(struct sim_input *in, uint64_t pages, uint64_t max_pages,
                            unsigned int vcpus, unsigned int online, const char *cmdline)
{
    struct xlight__build b = sim_domain_make(true, pages, vcpus);
    struct xlight__built built;

    b.kernel = in->kernel;
    b.ramdisk = in->ramdisk.len ? &in->ramdisk_blob : NULL;
    b.cmdline = cmdline;
    b.max_pages = max_pages;
    b.vcpus = online;
    sim_why.nr = 0;
    ck_assert_msg(!xlight__build_pvh(&b, &built, &sim_why), "%s", sim_why_text());
    check_all(&b, &built, in);
    sim_domain_drop(b.domid);
}

START_TEST(all_kinds_of_kernels)
{
    sim_start("sim:mem=256");
    for (int kind = 0; kind < 12; kind++) {
        struct sim_input in = {.tiny = {.phys32 = true,
                                        .is32 = kind & 1,
                                        .rsdp_anywhere = kind & 2,
                                        .guest_os = kind % 3 ? "linux" : "other"}};

        sim_input_make(&in, kind < 4 ? 0 : kind < 8 ? 8192 : 2000001);
        build_and_check(&in, 4096 + (uint64_t)kind * 13, 0, 1 + (unsigned int)kind,
                        kind < 6 ? 0 : 2, kind & 1 ? "console=hvc0 quiet" : NULL);
        sim_input_free(&in);
    }
    sim_stop();
}
END_TEST

START_TEST(most_vcpus_and_longest_command_line)
{
    struct sim_input in = {.tiny = {.phys32 = true}};
    char longest[4097];

    sim_start("sim:mem=256");
    sim_input_make(&in, 5000);
    memset(longest, 'x', sizeof(longest));
    longest[4095] = 0;
    build_and_check(&in, 4096, 0, 128, 128, longest);
    sim_input_free(&in);
    sim_stop();
}
END_TEST

/* All of it is seen from the start, and comes out of a pool as it is used. */
START_TEST(room_to_grow)
{
    struct sim_input in = {.tiny = {.phys32 = true, .rsdp_anywhere = true}};
    struct xen_pod_target pod;
    struct xlight__build b;
    struct xlight__built built;

    sim_start("sim:mem=256");
    sim_input_make(&in, 50000);
    b = sim_domain_make(true, 4096, 2);
    b.kernel = in.kernel;
    b.ramdisk = &in.ramdisk_blob;
    b.max_pages = 16384 + 5;
    sim_why.nr = 0;
    ck_assert_msg(!xlight__build_pvh(&b, &built, &sim_why), "%s", sim_why_text());
    ck_assert_int_eq(xctl_memory_get_pod_target(sim_h, b.domid, &pod), 0);
    ck_assert_uint_gt(pod.pod_entries, 16384 - 200);
    check_all(&b, &built, &in);
    sim_domain_drop(b.domid);
    sim_input_free(&in);
    sim_stop();
}
END_TEST

START_TEST(above_four_gigabytes)
{
    struct sim_input in = {.tiny = {.phys32 = true}};

    sim_junk = 0;
    sim_start("sim:mem=16384");
    sim_input_make(&in, 5000);
    build_and_check(&in, 0xfc000 + (1 << 18) + 700, 0, 1, 0, "big");
    build_and_check(&in, 0xfc000 + 1, 0, 1, 0, "just");
    build_and_check(&in, 0xfc000, 0, 1, 0, "not");
    sim_input_free(&in);
    sim_stop();
    sim_junk = 1;
}
END_TEST

static void refuse(struct tiny t, size_t ramdisk, uint64_t pages, unsigned int vcpus,
                   const char *cmdline, int code, const char *what)
{
    struct xlight__build b = sim_domain_make(true, pages, vcpus);
    struct xlight__built built = {77, 88};
    struct sim_input in = {.tiny = t};

    sim_input_make(&in, ramdisk);
    b.kernel = in.kernel;
    b.ramdisk = &in.ramdisk_blob;
    b.cmdline = cmdline;
    sim_why.nr = 0;
    ck_assert_int_eq(xlight__build_pvh(&b, &built, &sim_why), code);
    ck_assert_msg(strstr(sim_why_text(), what), "\"%s\" is not in \"%s\"", what, sim_why_text());
    ck_assert_uint_eq(built.store_frame, 77);
    sim_domain_drop(b.domid);
    sim_input_free(&in);
}

START_TEST(what_cannot_be)
{
    const struct tiny ok = {.phys32 = true};
    char longest[4097];

    memset(longest, 'x', sizeof(longest));
    longest[4096] = 0;
    sim_start("sim:mem=256");
    refuse((struct tiny){0}, 0, 2048, 1, NULL, -ENOEXEC, "no note with an entry point");
    refuse((struct tiny){.no_notes = true}, 0, 2048, 1, NULL, -ENOEXEC, "no note with an entry");
    refuse(ok, 0, 2048, 1, longest, -E2BIG, "has 4096 characters, PVH kernels get at most 4095");
    refuse(ok, 0, 260, 1, NULL, -ENOMEM, "need 2 MiB of memory, the domain has 1");
    refuse(ok, 5 << 20, 1400, 1, NULL, -ENOMEM, "kernel and ramdisk need 7 MiB");
    refuse((struct tiny){.phys32 = true, .paddr = 0xfbffff000}, 0, 2048, 1, NULL, -ENOEXEC,
           "entry point lies outside");
    refuse((struct tiny){.phys32 = true, .paddr = 0xfbfff000}, 0, 2048, 1, NULL, -ENOMEM,
           "must lie below 0xfc000000");
    refuse((struct tiny){.phys32 = true, .paddr = 0xf0000, .guest_os = "linux", .text = 70000}, 0,
           2048, 1, NULL, -ENOEXEC, "where it wants its ACPI tables");
    sim_stop();
}
END_TEST

START_TEST(every_call_fails_once)
{
    struct sim_input in = {.tiny = {.phys32 = true, .guest_os = "linux"}};
    struct sim_build s = {
        .build = xlight__build_pvh, .in = &in, .hvm = true, .pages = 2048 + 17, .vcpus = 2};

    sim_junk = 0;
    sim_start("sim:mem=128");
    sim_input_make(&in, 10000);
    sim_each_call_fails(&s, "cannot build PVH domain", 25);
    s.max_pages = 8192;
    sim_each_call_fails(&s, "cannot build PVH domain", 25);
    sim_input_free(&in);
    sim_stop();
    sim_junk = 1;
}
END_TEST

START_TEST(every_allocation_fails_once)
{
    struct sim_input in = {.tiny = {.phys32 = true}};
    struct sim_build s = {
        .build = xlight__build_pvh, .in = &in, .hvm = true, .pages = 2048, .vcpus = 1};

    sim_junk = 0;
    sim_start("sim:mem=128");
    sim_input_make(&in, 10000);
    sim_each_allocation_fails(&s, &fail_alloc_in, 8);
    sim_input_free(&in);
    sim_stop();
    sim_junk = 1;
}
END_TEST

/* Kernels of Dom0 before 4.18, that know no resources: the grants get there all the same. */
START_TEST(grants_without_resources)
{
    struct sim_input in = {.tiny = {.phys32 = true, .init_p2m = true, .mod_start_pfn = true}};

    sim_junk = 0;
    sim_start("sim:mem=128");
    sim_input_make(&in, 0);
    for (int pv = 0; pv < 2; pv++) {
        struct xlight__build b = sim_domain_make(!pv, 2048, 1);
        struct grant_entry_v1 *g;
        struct xlight__built built;
        bool failed = false;
        xen_pfn_t top;
        void *p;

        b.kernel = in.kernel;
        /* The first resource is the grant table; which call that is, is found by trying. */
        for (unsigned int n = 1; !failed && n < 40; n++) {
            unsigned int left;

            ck_assert_int_eq(
                xctl_sim_fail(sim_h, XCTL_SIM_FOREIGN, XCTL_SIM_ANY_CMD, n, EOPNOTSUPP), 0);
            sim_why.nr = 0;
            failed = !(pv ? xlight__build_pv : xlight__build_pvh)(&b, &built, &sim_why);
            ck_assert_int_eq(xctl_sim_fail_clear(sim_h, &left), 0);
            ck_assert_uint_eq(left, 0);
            if (failed)
                break;
            sim_domain_drop(b.domid);
            b = sim_domain_make(!pv, 2048, 1);
            b.kernel = in.kernel;
        }
        ck_assert(failed);
        ck_assert_int_eq(
            xctl_resource_map(sim_h, b.domid, XENMEM_resource_grant_table, 0, 0, 1, PROT_READ, &p),
            0);
        g = p;
        ck_assert(g[0].flags == GTF_permit_access && g[0].frame == built.console_frame);
        ck_assert(g[1].flags == GTF_permit_access && g[1].frame == built.store_frame);
        ck_assert_int_eq(xctl_resource_unmap(sim_h, p, 1), 0);
        if (!pv) {
            ck_assert_int_eq(xctl_memory_max_gpfn(sim_h, b.domid, &top), 0);
            ck_assert_int_ne(xctl_foreign_map(sim_h, b.domid, PROT_READ, &top, 1, NULL, &p), 0);
        }
        sim_domain_drop(b.domid);
    }
    sim_input_free(&in);
    sim_stop();
    sim_junk = 1;
}
END_TEST

TEST_MAIN("build-pvh", all_kinds_of_kernels, most_vcpus_and_longest_command_line, room_to_grow,
          above_four_gigabytes, what_cannot_be, every_call_fails_once, every_allocation_fails_once,
          grants_without_resources)
