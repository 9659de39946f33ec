/* SPDX-License-Identifier: MIT */
/*
 * test-build-pv.c - PV guests on the simulated host, seen as the guest will see them: everything is
 * found from the registers of its vCPU, through page tables that are walked here.
 */
#include "build/images.h"
#include "build/sim-guest.h"
#include "fail-alloc.h"
#include "test-main.h"
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

/* A guest that was built, as it sees itself. */
struct guest {
    domid_t domid;
    uint64_t nr_pages;
    struct vcpu_guest_context ctx;
    struct start_info si;
    uint64_t *p2m;     /* read from the guest */
    uint8_t *is_table; /* level of each pfn that is a page table, else 0 */
    uint64_t nr_writable;
};

#define ADDR(e) ((e) >> 12 & 0xffffffffffULL)
#define P       1U
#define RW      2U

/* The lowest entry for an address, 0 when there is none. */
static uint64_t walk(const struct guest *g, uint64_t va)
{
    uint64_t mfn = g->ctx.ctrlreg[3] >> 12;

    for (int shift = 39;; shift -= 9) {
        const uint64_t *table = sim_page_of(g->domid, mfn);
        uint64_t e = table[va >> shift & 511];

        if (!(e & P) || shift == 12)
            return e & P ? e : 0;
        if (e & 0x80)
            ck_abort_msg("a large page at 0x%lx", va);
        mfn = ADDR(e);
    }
}

static void read_va(const struct guest *g, uint64_t va, void *to, size_t len)
{
    while (len) {
        uint64_t e = walk(g, va);
        size_t n = 4096 - va % 4096;

        if (!e)
            ck_abort_msg("0x%lx is not mapped", va);
        n = n < len ? n : len;
        memcpy(to, (const char *)sim_page_of(g->domid, ADDR(e)) + va % 4096, n);
        to = (char *)to + n;
        va += n;
        len -= n;
    }
}

static void check_va(const struct guest *g, uint64_t va, const void *want, size_t len)
{
    void *got = malloc(len + 1);

    read_va(g, va, got, len);
    ck_assert_msg(!memcmp(got, want, len), "wrong content at 0x%lx", va);
    free(got);
}

static void check_zero_va(const struct guest *g, uint64_t va, size_t len)
{
    void *zero = calloc(1, len);

    check_va(g, va, zero, len);
    free(zero);
}

static uint64_t pfn_of(const struct guest *g, uint64_t mfn)
{
    for (uint64_t i = 0; i < g->nr_pages; i++)
        if (g->p2m[i] == mfn)
            return i;
    ck_abort_msg("frame 0x%lx is not the guest's", mfn);
    return 0;
}

/* All tables below one: marks them, counts entries that may write. */
static void find_tables(struct guest *g, uint64_t mfn, int level)
{
    uint64_t copy[512];

    memcpy(copy, sim_page_of(g->domid, mfn), sizeof(copy));
    g->is_table[pfn_of(g, mfn)] = (uint8_t)level;
    for (int i = 0; level > 1 && i < 512; i++) {
        if (!copy[i])
            continue;
        ck_assert_uint_eq(copy[i] & 0xfff, 0x67);
        find_tables(g, ADDR(copy[i]), level - 1);
    }
}

static void guest_look(struct guest *g, const struct xlight__build *b)
{
    *g = (struct guest){.domid = b->domid, .nr_pages = b->pages};
    ck_assert_int_eq(xctl_vcpu_get_context(sim_h, b->domid, 0, &g->ctx), 0);
    read_va(g, g->ctx.user_regs.rsi, &g->si, sizeof(g->si));
    ck_assert_uint_eq(g->si.nr_pages, b->pages);
    g->p2m = malloc(b->pages * 8);
    g->is_table = calloc(1, b->pages);
    read_va(g, g->si.mfn_list, g->p2m, b->pages * 8);
    find_tables(g, g->ctx.ctrlreg[3] >> 12, 4);
}

static void guest_forget(struct guest *g)
{
    free(g->p2m);
    free(g->is_table);
}

static void check_registers(const struct guest *g, const struct sim_input *in)
{
    const struct vcpu_guest_context *c = &g->ctx;

    ck_assert_uint_eq(c->user_regs.rip, in->tiny.entry);
    ck_assert_uint_eq(c->user_regs.rflags, 0x200);
    ck_assert_uint_eq(c->user_regs.cs, 0xe033);
    ck_assert_uint_eq(c->user_regs.ss, 0xe02b);
    ck_assert_uint_eq(c->user_regs.ds | c->user_regs.es | c->user_regs.fs | c->user_regs.gs, 0);
    ck_assert_uint_eq(c->flags, VGCF_in_kernel | VGCF_online);
    ck_assert_uint_eq(c->kernel_ss, 0xe02b);
    ck_assert_uint_eq(c->kernel_sp, c->user_regs.rsp);
    ck_assert_uint_eq(c->ctrlreg[1], 0);
    ck_assert_uint_eq(c->debugreg[6], 0xffff0ff0);
    ck_assert_uint_eq(c->debugreg[7], 0x400);
    ck_assert_uint_eq(c->gdt_ents | c->ldt_ents | c->event_callback_eip, 0);
    /* A page of stack, empty, and writable. */
    ck_assert_uint_eq(c->user_regs.rsp % 4096, 0);
    check_zero_va(g, c->user_regs.rsp - 4096, 4096);
    ck_assert(walk(g, c->user_regs.rsp - 8) & RW);
}

static void check_start_info(const struct guest *g, const struct xlight__build *b,
                             const struct xlight__built *built)
{
    struct xen_domctl_getdomaininfo info;

    ck_assert_int_eq(xctl_domain_info(sim_h, b->domid, &info), 0);
    ck_assert_str_eq(g->si.magic, "xen-3.0-x86_64");
    ck_assert_uint_eq(g->si.shared_info, info.shared_info_frame << 12);
    ck_assert_uint_eq(g->si.store_evtchn, b->store_port);
    ck_assert_uint_eq(g->si.console.domU.evtchn, b->console_port);
    ck_assert_uint_eq(g->si.store_mfn, built->store_frame);
    ck_assert_uint_eq(g->si.console.domU.mfn, built->console_frame);
    ck_assert_str_eq((const char *)g->si.cmd_line, b->cmdline ? b->cmdline : "");
    /* Rings: right behind start_info, empty, mapped. */
    for (int i = 1; i <= 2; i++) {
        uint64_t va = g->ctx.user_regs.rsi + (uint64_t)i * 4096;

        check_zero_va(g, va, 4096);
        ck_assert_uint_eq(ADDR(walk(g, va)), i == 1 ? built->store_frame : built->console_frame);
    }
    check_zero_va(g, g->ctx.user_regs.rsi + sizeof(struct start_info),
                  4096 - sizeof(struct start_info));
}

/* The list names each frame of the domain once. */
static void check_p2m(const struct guest *g)
{
    uint64_t top = 0;
    uint8_t *seen;

    for (uint64_t i = 0; i < g->nr_pages; i++)
        top = g->p2m[i] > top ? g->p2m[i] : top;
    seen = calloc(1, top + 1);
    for (uint64_t i = 0; i < g->nr_pages; i++)
        if (seen[g->p2m[i]]++)
            ck_abort_msg("frame 0x%lx is listed twice", g->p2m[i]);
    free(seen);
    /* And the rest of its last page is empty. */
    if (g->nr_pages % 512)
        check_zero_va(g, g->si.mfn_list + g->nr_pages * 8, 4096 - g->nr_pages * 8 % 4096);
}

/* The mapping from virt_base on: in order, without gaps, tables read-only and all else writable. */
static void check_mapping(const struct guest *g, const struct sim_input *in)
{
    uint64_t base = in->tiny.virt_base, stack = g->ctx.user_regs.rsp, end = stack, bad = 0;
    uint64_t first_pt = (g->si.pt_base - base) >> 12, top = base + (g->nr_pages << 12);

    end = (stack + (512 << 10) + (4 << 20) - 1) & ~((4ULL << 20) - 1);
    for (uint64_t va = base; va < end && va < top; va += 4096) {
        uint64_t pfn = (va - base) >> 12, e = walk(g, va);
        bool table = pfn - first_pt < g->si.nr_pt_frames;

        bad += ADDR(e) != g->p2m[pfn] || (e & 0xfff) != (table ? 0x61U : 0x63U);
        bad += table != (g->is_table[pfn] != 0);
    }
    ck_assert_uint_eq(bad, 0);
    ck_assert_uint_eq(walk(g, end), 0);
    ck_assert_uint_eq(walk(g, base - 4096), 0);
    /* The root comes first, and the tables lie before the stack. */
    ck_assert_uint_eq(ADDR(walk(g, g->si.pt_base)), g->ctx.ctrlreg[3] >> 12);
    ck_assert_uint_eq(g->si.pt_base, g->ctx.user_regs.rsi + 3 * 4096);
    ck_assert_uint_eq(g->si.pt_base + (g->si.nr_pt_frames << 12), stack - 4096);
}

/* A list of its own: the list and its tables in a row, and no table anywhere else. */
static void check_own_p2m(const struct guest *g, const struct sim_input *in)
{
    uint64_t first = g->si.first_p2m_pfn, nr = g->si.nr_p2m_frames,
             lists = (g->nr_pages + 511) / 512;
    uint64_t first_pt = (g->si.pt_base - in->tiny.virt_base) >> 12;

    if (!in->tiny.init_p2m) {
        ck_assert_uint_eq(first | nr, 0);
        return;
    }
    ck_assert_uint_eq(g->si.mfn_list, in->tiny.init_p2m_va);
    ck_assert_uint_ge(nr, lists);
    for (uint64_t i = 0; i < lists; i++) {
        uint64_t e = walk(g, g->si.mfn_list + i * 4096);

        ck_assert_uint_eq(ADDR(e), g->p2m[first + i]);
        ck_assert_uint_eq(e & 0xfff, 0x63);
    }
    ck_assert_uint_eq(walk(g, g->si.mfn_list + lists * 4096), 0);
    for (uint64_t pfn = 0; pfn < g->nr_pages; pfn++) {
        bool main = pfn - first_pt < g->si.nr_pt_frames;
        bool own = pfn >= first + lists && pfn < first + nr;

        if ((main || own) != (g->is_table[pfn] != 0))
            ck_abort_msg("pfn 0x%lx", pfn);
    }
}

static void check_kernel(const struct guest *g, const struct sim_input *in)
{
    const struct tiny *t = &in->tiny;
    uint64_t va = t->virt_base + t->paddr, data = tiny_data_start(t);
    uint8_t *want = malloc(t->text + t->data);
    uint64_t end = ((va + data + t->data + t->bss + 4095) & ~4095ULL) - va;

    for (size_t i = 0; i < t->text; i++)
        want[i] = tiny_byte(0, i);
    for (size_t i = 0; i < t->data; i++)
        want[t->text + i] = tiny_byte(1, i);
    if (t->hypercall_page)
        memset(want + 0x1000, 0xcc, 0x1000); /* what the simulated host puts there */
    check_va(g, va, want, t->text);
    check_zero_va(g, va + t->text, data - t->text);
    check_va(g, va + data, want + t->text, t->data);
    check_zero_va(g, va + data + t->data, end - data - t->data);
    free(want);
}

static void check_ramdisk(const struct guest *g, const struct sim_input *in)
{
    size_t len = in->ramdisk.len, tail = -len & 4095;

    ck_assert_uint_eq(g->si.mod_len, len);
    if (!len) {
        ck_assert_uint_eq(g->si.mod_start, 0);
        ck_assert_uint_eq(g->si.flags, 0);
        return;
    }
    ck_assert_uint_eq(g->si.flags, in->tiny.mod_start_pfn ? SIF_MOD_START_PFN : 0);
    if (!in->tiny.mod_start_pfn) {
        check_va(g, g->si.mod_start, in->ramdisk.data, len);
        check_zero_va(g, g->si.mod_start + len, tail);
        return;
    }
    for (size_t at = 0; at < len; at += 4096) {
        const uint8_t *p = sim_page_of(g->domid, g->p2m[g->si.mod_start + at / 4096]);
        size_t n = len - at < 4096 ? len - at : 4096;

        ck_assert(!memcmp(p, in->ramdisk.data + at, n));
        for (; n < 4096 && !p[n]; n++)
            ;
        ck_assert_uint_eq(n, 4096);
    }
}

static void check_shared_info(const struct guest *g)
{
    const struct shared_info *si = sim_page_of(g->domid, g->si.shared_info >> 12);
    struct shared_info want = {0};

    for (int i = 0; i < 32; i++)
        want.vcpu_info[i].evtchn_upcall_mask = 1;
    ck_assert(!memcmp(si, &want, sizeof(want)));
}

static void check_grants(const struct guest *g, const struct xlight__build *b)
{
    struct grant_entry_v1 *e;
    void *p;

    ck_assert_int_eq(
        xctl_resource_map(sim_h, g->domid, XENMEM_resource_grant_table, 0, 0, 1, PROT_READ, &p), 0);
    e = p;
    ck_assert_uint_eq(e[0].flags, GTF_permit_access);
    ck_assert_uint_eq(e[0].domid, b->console_domid);
    ck_assert_uint_eq(e[0].frame, g->si.console.domU.mfn);
    ck_assert_uint_eq(e[1].flags, GTF_permit_access);
    ck_assert_uint_eq(e[1].domid, b->store_domid);
    ck_assert_uint_eq(e[1].frame, g->si.store_mfn);
    ck_assert_uint_eq(e[2].flags, 0);
    ck_assert_int_eq(xctl_resource_unmap(sim_h, p, 1), 0);
}

static void check_pinned(const struct guest *g)
{
    xen_pfn_t frame = g->ctx.ctrlreg[3] >> 12;

    ck_assert_int_eq(xctl_memory_frame_types(sim_h, g->domid, 1, &frame), 0);
    ck_assert_uint_eq(frame >> 28, 0xc); /* level 4, pinned */
}

/* Asked as the guest: one range of RAM. */
static void check_map(const struct xlight__build *b)
{
    struct xctl_e820_entry e = {0};
    struct xen_memory_map *m;
    xctl_handle *guest;
    uint64_t args[5] = {XENMEM_memory_map};
    void *p, *list;
    int64_t rc;

    ck_assert_int_eq(xctl_sim_attach(sim_h, b->domid, &guest), 0);
    ck_assert_int_eq(xctl_buffer_alloc(guest, sizeof(*m), &p), 0);
    ck_assert_int_eq(xctl_buffer_alloc(guest, 4096, &list), 0);
    m = p;
    m->nr_entries = 128;
    m->buffer = (uintptr_t)list;
    args[1] = (uintptr_t)m;
    ck_assert_int_eq(xctl_hypercall(guest, __HYPERVISOR_memory_op, args, &rc), 0);
    ck_assert_int_eq(rc, 0);
    ck_assert_uint_eq(m->nr_entries, 1);
    memcpy(&e, list, sizeof(e));
    ck_assert_uint_eq(e.addr, 0);
    ck_assert_uint_eq(e.size, (b->max_pages ? b->max_pages : b->pages) << 12);
    ck_assert_uint_eq(e.type, 1);
    xctl_buffer_free(guest, p, sizeof(*m));
    xctl_buffer_free(guest, list, 4096);
    xctl_close(guest);
}

static void check_all(const struct xlight__build *b, const struct xlight__built *built,
                      const struct sim_input *in)
{
    struct guest g;

    guest_look(&g, b);
    check_registers(&g, in);
    check_start_info(&g, b, built);
    check_p2m(&g);
    check_mapping(&g, in);
    check_own_p2m(&g, in);
    check_kernel(&g, in);
    check_ramdisk(&g, in);
    check_shared_info(&g);
    check_grants(&g, b);
    check_pinned(&g);
    check_map(b);
    guest_forget(&g);
}

static void build_and_check(struct sim_input *in, uint64_t pages, const char *cmdline)
{
    struct xlight__build b = sim_domain_make(false, pages, 2);
    struct xlight__built built;

    b.kernel = in->kernel;
    b.ramdisk = in->ramdisk.len ? &in->ramdisk_blob : NULL;
    b.cmdline = cmdline;
    b.max_pages = cmdline ? pages + 1000 : 0;
    sim_why.nr = 0;
    ck_assert_msg(!xlight__build_pv(&b, &built, &sim_why), "%s", sim_why_text());
    ck_assert_uint_eq(sim_why.nr, 0);
    check_all(&b, &built, in);
    sim_domain_drop(b.domid);
}

START_TEST(all_kinds_of_kernels)
{
    sim_start("sim:mem=256");
    for (int kind = 0; kind < 24; kind++) {
        struct sim_input in = {
            .tiny = {.init_p2m = kind & 1, .mod_start_pfn = kind & 2, .hypercall_page = kind & 4}};

        sim_input_make(&in, kind / 8 == 0 ? 0 : kind / 8 == 1 ? 4096 : 3000001);
        build_and_check(&in, 4096, kind & 4 ? "console=hvc0 root=/dev/xvda" : NULL);
        sim_input_free(&in);
    }
    sim_stop();
}
END_TEST

/* Not a multiple of 2 MiB, and only as much as it takes. */
START_TEST(odd_sizes)
{
    sim_start("sim:mem=256");
    for (uint64_t pages = 600; pages < 1700; pages += 217) {
        /* A list outside of the mapping needs memory outside of it, too. */
        struct sim_input in = {.tiny = {.init_p2m = pages > 1100}};

        sim_input_make(&in, 100);
        build_and_check(&in, pages, "x");
        sim_input_free(&in);
    }
    sim_stop();
}
END_TEST

START_TEST(other_addresses)
{
    static const struct tiny kinds[] = {
        {.virt_base = 0x1000, .init_p2m = true},
        {.virt_base = 0xffff880000000000ULL, .init_p2m = true, .mod_start_pfn = true},
        {.virt_base = 0xffffffff80201000ULL},
        {.virt_base = 0xffffffffff000000ULL, .init_p2m = true},
        /* The list shares tables with the kernel: level 3, level 2, even level 1. */
        {.init_p2m = true, .init_p2m_va = 0xffffff8000000000ULL, .mod_start_pfn = true},
        {.init_p2m = true, .init_p2m_va = 0xffffffff90000000ULL, .mod_start_pfn = true},
        {.virt_base = 0x400000, .init_p2m = true, .init_p2m_va = 0x3f0000},
        {.paddr = 0x123000, .init_p2m = true},
        {.paddr = 0x100800, .entry = 0xffffffff80100900ULL},
    };

    sim_start("sim:mem=256");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct sim_input in = {.tiny = kinds[i]};

        sim_input_make(&in, 5000);
        if (in.tiny.init_p2m_va >> 39 == in.tiny.virt_base >> 39) {
            struct xlight__build b = sim_domain_make(false, 2048, 1);
            struct xlight__built built;

            b.kernel = in.kernel;
            sim_why.nr = 0;
            ck_assert_msg(!xlight__build_pv(&b, &built, &sim_why), "%s", sim_why_text());
            sim_domain_drop(b.domid);
        } else {
            build_and_check(&in, 2048, "y");
        }
        sim_input_free(&in);
    }
    sim_stop();
}
END_TEST

/* The list takes more than one table then. Memory is too large to be spoilt first. */
START_TEST(several_gigabytes)
{
    struct sim_input in = {.tiny = {.init_p2m = true, .mod_start_pfn = true}};
    struct xlight__build b;
    struct xlight__built built;
    struct guest g;

    sim_junk = 0;
    sim_start("sim:mem=8192");
    sim_input_make(&in, 20000);
    b = sim_domain_make(false, (5ULL << 18) + 3, 1);
    b.kernel = in.kernel;
    b.ramdisk = &in.ramdisk_blob;
    ck_assert_int_eq(xlight__build_pv(&b, &built, NULL), 0);
    ck_assert_int_eq(xctl_vcpu_get_context(sim_h, b.domid, 0, &g.ctx), 0);
    g.domid = b.domid;
    read_va(&g, g.ctx.user_regs.rsi, &g.si, sizeof(g.si));
    ck_assert_uint_eq(g.si.nr_pages, b.pages);
    ck_assert_uint_eq(g.si.nr_p2m_frames, 2561 + 6 + 1 + 1);
    g.nr_pages = b.pages;
    g.p2m = malloc(b.pages * 8);
    read_va(&g, g.si.mfn_list, g.p2m, b.pages * 8);
    check_p2m(&g);
    check_kernel(&g, &in);
    check_ramdisk(&g, &in);
    free(g.p2m);
    sim_domain_drop(b.domid);
    sim_input_free(&in);
    sim_stop();
    sim_junk = 1;
}
END_TEST

static void refuse(struct sim_input *in, uint64_t pages, const char *cmdline, int code,
                   const char *what)
{
    struct xlight__build b = sim_domain_make(false, pages, 1);
    struct xlight__built built = {77, 88};

    b.kernel = in->kernel;
    b.ramdisk = &in->ramdisk_blob;
    b.cmdline = cmdline;
    sim_why.nr = 0;
    ck_assert_int_eq(xlight__build_pv(&b, &built, &sim_why), code);
    ck_assert_msg(strstr(sim_why_text(), what), "\"%s\" is not in \"%s\"", what, sim_why_text());
    ck_assert_uint_eq(built.store_frame, 77);
    sim_domain_drop(b.domid);
}

START_TEST(kernels_that_cannot)
{
    static const struct {
        struct tiny t;
        const char *what;
    } cases[] = {
        {{.no_notes = true}, "no notes for Xen"},
        {{.is32 = true}, "a 32-bit kernel"},
        {{.xen_version = "xen-2.0"}, "not made for the interface xen-3.0"},
        {{.loader = "own"}, "a loader of its own"},
        {{.features = "!auto_translated_physmap"}, "needs its memory translated"},
        {{.virt_base = 0xffffffff80000800ULL}, "not that of a page"},
        {{.virt_base = 0xffff800000000000ULL}, "belong to the hypervisor"},
        {{.virt_base = 0xffff87ffffe00000ULL}, "belong to the hypervisor"},
        {{.virt_base = 0x7ffffff00000ULL}, "belong to the hypervisor"},
        {{.virt_base = 0xfffffffffff00000ULL}, "belong to the hypervisor"},
        {{.virt_base = 0x800000000000ULL}, "belong to the hypervisor"},
        {{.entry = 0xffffffff80000000ULL}, "entry point lies outside"},
        {{.entry = 0xffffffff80200000ULL}, "entry point lies outside"},
        {{.init_p2m = true, .init_p2m_va = 0xffff800000000000ULL}, "impossible address"},
        {{.init_p2m = true, .init_p2m_va = 0x8000000001ULL}, "impossible address"},
        {{.init_p2m = true, .init_p2m_va = 0xfffffffffffff000ULL}, "impossible address"},
        {{.init_p2m = true, .init_p2m_va = 0xffffffff80100000ULL}, "impossible address"},
        {{.init_p2m = true, .init_p2m_va = 0xffffffff7ffff000ULL}, "impossible address"},
    };

    sim_start("sim:mem=256");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sim_input in = {.tiny = cases[i].t};

        sim_input_make(&in, 0);
        refuse(&in, 2048, NULL, -ENOEXEC, cases[i].what);
        sim_input_free(&in);
    }
    sim_stop();
}
END_TEST

START_TEST(what_does_not_fit)
{
    char longest[1025];
    struct sim_input in = {.tiny = {.init_p2m = true, .mod_start_pfn = true}};
    struct sim_input mapped = {0};

    memset(longest, 'a', sizeof(longest));
    longest[1024] = 0;
    sim_start("sim:mem=256");
    sim_input_make(&in, 3 << 20);
    sim_input_make(&mapped, 3 << 20);
    refuse(&in, 2048, longest, -E2BIG, "has 1024 characters, PV kernels take 1023");
    refuse(&in, 100, NULL, -ENOMEM, "ramdisk of 3 MiB is larger than the domain");
    in.ramdisk_blob.size = 0;
    refuse(&in, 260, NULL, -ENOMEM, "kernel needs");
    refuse(&in, 300, NULL, -ENOMEM, "kernel and ramdisk need");
    in.ramdisk_blob.size = 3 << 20;
    refuse(&in, 1500, NULL, -ENOMEM, "kernel and ramdisk need");
    refuse(&mapped, 1000, NULL, -ENOMEM, "kernel and ramdisk need");
    longest[1023] = 0;
    build_and_check(&in, 2048, longest);
    sim_input_free(&in);
    sim_input_free(&mapped);
    sim_stop();
}
END_TEST

/* Memory in pieces: no large blocks, then not enough. */
START_TEST(memory_that_is_short)
{
    struct sim_input in = {.tiny = {.init_p2m = true, .mod_start_pfn = true}};
    struct xlight__build b, other;
    struct xlight__built built;
    xen_pfn_t *frames = malloc(60000 * sizeof(*frames)), *give = malloc(60000 * sizeof(*give));
    int64_t n, kept = 0;

    sim_start("sim:mem=128");
    sim_input_make(&in, 100000);
    /* One domain takes all, and gives back three pages of four, so that no block is left. */
    other = sim_domain_make(false, 59000, 1);
    for (int i = 0; i < 59000; i++)
        frames[i] = (xen_pfn_t)i;
    n = xctl_memory_populate(sim_h, other.domid, 0, 0, frames, 59000);
    ck_assert_int_gt(n, 20000);
    for (int64_t i = 0; i < n; i++)
        if (i % 4)
            give[kept++] = frames[i];
    ck_assert_int_eq(xctl_memory_decrease(sim_h, other.domid, 0, give, (unsigned long)kept), kept);
    b = sim_domain_make(false, 8000, 1);
    b.kernel = in.kernel;
    b.ramdisk = &in.ramdisk_blob;
    ck_assert_int_eq(xlight__build_pv(&b, &built, NULL), 0);
    check_all(&b, &built, &in);
    sim_domain_drop(b.domid);
    b = sim_domain_make(false, 30000, 1);
    b.kernel = in.kernel;
    sim_why.nr = 0;
    ck_assert_int_eq(xlight__build_pv(&b, &built, &sim_why), -ENOMEM);
    ck_assert_ptr_nonnull(strstr(sim_why_text(), "set memory aside"));
    b.claim = false;
    sim_why.nr = 0;
    ck_assert_int_eq(xlight__build_pv(&b, &built, &sim_why), -ENOMEM);
    ck_assert_ptr_nonnull(strstr(sim_why_text(), "memory ran out"));
    sim_domain_drop(b.domid);
    sim_domain_drop(other.domid);
    free(frames);
    free(give);
    sim_input_free(&in);
    sim_stop();
}
END_TEST

/* Each call in turn fails: nothing is left then, and the reason is told. */
START_TEST(every_call_fails_once)
{
    struct sim_input in = {
        .tiny = {.init_p2m = true, .mod_start_pfn = true, .hypercall_page = true}};
    struct sim_build s = {.build = xlight__build_pv, .in = &in, .pages = 2048 + 17, .vcpus = 1};

    sim_junk = 0;
    sim_start("sim:mem=128");
    sim_input_make(&in, 10000);
    sim_each_call_fails(&s, "cannot build PV domain", 15);
    sim_input_free(&in);
    sim_stop();
    sim_junk = 1;
}
END_TEST

START_TEST(every_allocation_fails_once)
{
    struct sim_input in = {.tiny = {.init_p2m = true, .mod_start_pfn = true}};
    struct sim_build s = {.build = xlight__build_pv, .in = &in, .pages = 2048, .vcpus = 1};

    sim_junk = 0;
    sim_start("sim:mem=128");
    sim_input_make(&in, 10000);
    sim_each_allocation_fails(&s, &fail_alloc_in, 8);
    sim_input_free(&in);
    sim_stop();
    sim_junk = 1;
}
END_TEST

/* How many calls one build takes: batches, not pages, decide. */
START_TEST(number_of_calls)
{
    struct sim_input in = {.tiny = {.init_p2m = true, .mod_start_pfn = true, .text = 40 << 20}};
    struct xlight__built built;
    struct xlight__build b;
    uint64_t before, after;

    sim_junk = 0;
    sim_start("sim:mem=1024");
    sim_input_make(&in, 20 << 20);
    b = sim_domain_make(false, 65536, 1);
    b.kernel = in.kernel;
    b.ramdisk = &in.ramdisk_blob;
    ck_assert_int_eq(xctl_sim_calls(sim_h, &before), 0);
    ck_assert_int_eq(xlight__build_pv(&b, &built, NULL), 0);
    ck_assert_int_eq(xctl_sim_calls(sim_h, &after), 0);
    ck_assert_uint_lt(after - before, 60);
    sim_domain_drop(b.domid);
    sim_input_free(&in);
    sim_stop();
    sim_junk = 1;
}
END_TEST

TEST_MAIN("build-pv", all_kinds_of_kernels, odd_sizes, other_addresses, several_gigabytes,
          kernels_that_cannot, what_does_not_fit, memory_that_is_short, every_call_fails_once,
          every_allocation_fails_once, number_of_calls)
