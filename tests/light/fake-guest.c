/* SPDX-License-Identifier: MIT */
/* fake-guest.c - see fake-guest.h. */
#include "light/fake-guest.h"
#include "build/images.h"
#include <stdio.h>
#include <sys/mman.h>
#include <xenolith/light-domain.h>
#include <xenolith/public/sched.h>

#define TEXT     0xffffffff80100000ULL /* where tests/build/images.c has it */
#define PER_PAGE 512
#define FRAME(e) (((e)&0xffffffffff000) >> 12)
#define NO_FRAME (~0ULL)

static void *map_frame(uint32_t domid, xen_pfn_t frame, bool write)
{
    void *p;

    if (xctl_foreign_map(h->ctrl, (domid_t)domid, PROT_READ | (write ? PROT_WRITE : 0), &frame, 1,
                         NULL, &p))
        return NULL;
    return p;
}

void guest_unmap(void *p)
{
    ck_assert_int_eq(xctl_foreign_unmap(h->ctrl, p, 1), 0);
}

static void get_context(uint32_t domid, struct vcpu_guest_context *ctx)
{
    ck_assert_int_eq(xctl_vcpu_get_context(h->ctrl, (domid_t)domid, 0, ctx), 0);
}

void *guest_map(uint32_t domid, uint64_t va, bool write, xen_pfn_t *ret_frame)
{
    static struct vcpu_guest_context ctx;
    xen_pfn_t frame;

    get_context(domid, &ctx);
    frame = ctx.ctrlreg[3] >> 12;
    for (int shift = 39; shift >= 12; shift -= 9) {
        uint64_t *table = map_frame(domid, frame, false), entry;

        ck_assert_msg(table != NULL, "va 0x%lx: no table in frame 0x%lx, shift %d", va, frame,
                      shift);
        entry = table[va >> shift & (PER_PAGE - 1)];
        guest_unmap(table);
        ck_assert_msg(entry & 1, "nothing at 0x%lx", va);
        frame = FRAME(entry);
    }
    if (ret_frame)
        *ret_frame = frame;
    return map_frame(domid, frame, write);
}

/* As long as it was never suspended: where the builder has said so; then the first page again. */
uint64_t guest_start_info(uint32_t domid)
{
    static struct vcpu_guest_context ctx;

    get_context(domid, &ctx);
    return ctx.user_regs.rsi;
}

static struct start_info *map_start(uint32_t domid, xen_pfn_t *ret_frame)
{
    struct start_info *si = guest_map(domid, guest_start_info(domid), true, ret_frame);

    ck_assert_ptr_nonnull(si);
    ck_assert_str_eq(si->magic, "xen-3.0-x86_64");
    return si;
}

static struct shared_info *map_shared(uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;

    ck_assert_int_eq(xctl_domain_info(h->ctrl, (domid_t)domid, &info), 0);
    return map_frame(domid, info.shared_info_frame, true);
}

/* A copy of the list, to be freed. */
static uint64_t *read_list(uint32_t domid, uint64_t *ret_nr)
{
    struct start_info *si = map_start(domid, NULL);
    uint64_t nr = si->nr_pages, va = si->mfn_list, *list = malloc((nr + PER_PAGE) * 8);

    guest_unmap(si);
    for (uint64_t i = 0; i < nr; i += PER_PAGE) {
        void *p = guest_map(domid, va + i * 8, false, NULL);

        memcpy(list + i, p, 4096);
        guest_unmap(p);
    }
    *ret_nr = nr;
    return list;
}

static uint64_t find(const uint64_t *list, uint64_t nr, uint64_t mfn)
{
    for (uint64_t i = 0; i < nr; i++)
        if (list[i] == mfn)
            return i;
    ck_abort_msg("frame 0x%lx is not in the list", mfn);
}

uint64_t guest_mark(uint64_t pfn)
{
    return pfn * 0x9e3779b97f4a7c15ULL ^ 0x5a5a;
}

/* Nothing is in it, but maybe a mark. */
static bool is_spare(const uint64_t *p)
{
    for (unsigned int i = 0; i < PER_PAGE; i++)
        if (p[i] && i != GUEST_MARK)
            return false;
    return true;
}

/* Some in the upper half of its pages that nobody has used, but not the last two: see below. */
static void visit_marks(uint32_t domid, const char *when)
{
    uint64_t nr, *list = read_list(domid, &nr);

    for (uint64_t pfn = nr / 2; pfn < nr - 2; pfn += 31) {
        uint64_t *p = list[pfn] == NO_FRAME ? NULL : map_frame(domid, list[pfn], !when);

        if (!p)
            continue;
        if (is_spare(p) && when)
            ck_assert_msg(p[GUEST_MARK] == guest_mark(pfn), "%s: page %lu has %lx", when, pfn,
                          p[GUEST_MARK]);
        else if (is_spare(p))
            p[GUEST_MARK] = guest_mark(pfn);
        guest_unmap(p);
    }
    free(list);
}

void guest_boot(uint32_t domid)
{
    static struct vcpu_guest_context ctx;
    struct shared_info *s = map_shared(domid);
    struct start_info *si = map_start(domid, NULL);

    get_context(domid, &ctx);
    s->arch.max_pfn = si->nr_pages;
    s->arch.p2m_vaddr = si->mfn_list;
    s->arch.p2m_cr3 = ctx.ctrlreg[3];
    guest_unmap(si);
    guest_unmap(s);
    visit_marks(domid, NULL);
}

/* Two pages of its own, which it does not use for anything else: the last ones. */
void guest_boot_tree(uint32_t domid)
{
    struct shared_info *s = map_shared(domid);
    struct start_info *si = map_start(domid, NULL);
    uint64_t nr, *list = read_list(domid, &nr);
    uint64_t *top = map_frame(domid, list[nr - 1], true);
    uint64_t *mid = map_frame(domid, list[nr - 2], true);

    memset(top, 0, 4096);
    top[0] = list[nr - 2];
    for (uint64_t i = 0; i * PER_PAGE < nr; i++) {
        xen_pfn_t frame;

        guest_unmap(guest_map(domid, si->mfn_list + i * 4096, false, &frame));
        mid[i] = frame;
    }
    s->arch.max_pfn = nr;
    s->arch.p2m_cr3 = 0;
    s->arch.pfn_to_mfn_frame_list_list = list[nr - 1];
    guest_unmap(top);
    guest_unmap(mid);
    guest_unmap(si);
    guest_unmap(s);
    free(list);
    visit_marks(domid, NULL);
}

static void suspend(uint32_t domid)
{
    static struct vcpu_guest_context ctx;
    uint64_t nr, *list = read_list(domid, &nr);
    xen_pfn_t frame;
    struct start_info *si = map_start(domid, &frame);

    si->store_mfn = find(list, nr, si->store_mfn);
    si->console.domU.mfn = find(list, nr, si->console.domU.mfn);
    guest_unmap(si);
    get_context(domid, &ctx);
    ctx.user_regs.rdx = frame;
    ctx.user_regs.rax = 0;
    ck_assert_int_eq(xctl_vcpu_set_context(h->ctrl, (domid_t)domid, 0, &ctx), 0);
    ck_assert_int_eq(xctl_domain_shutdown(h->ctrl, (domid_t)domid, SHUTDOWN_suspend), 0);
    free(list);
}

bool guest_answer(uint32_t domid)
{
    if (strcmp(value("/local/domain/%u/control/shutdown", domid), "suspend"))
        return false;
    ck_assert_int_eq(xstore_write(h->store, XBT_NULL,
                                  XSTORE_PATH("/local/domain/%u/control/shutdown", domid), "", 0),
                     0);
    suspend(domid);
    return true;
}

void guest_check_runs(uint32_t domid, const char *when)
{
    static struct vcpu_guest_context ctx;
    struct xen_domctl_getdomaininfo info;
    uint64_t nr, *list;
    struct start_info *si;

    ck_assert_int_eq(xctl_domain_info(h->ctrl, (domid_t)domid, &info), 0);
    ck_assert_msg(!(info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying)), "%s", when);
    ck_assert_str_eq(value("/local/domain/%u/control/shutdown", domid), "");
    get_context(domid, &ctx);
    if (!ctx.user_regs.rdx)
        return;
    ck_assert_msg(ctx.user_regs.rax == 1, "%s: the guest thinks that it was restored", when);
    ctx.user_regs.rdx = ctx.user_regs.rax = 0;
    ck_assert_int_eq(xctl_vcpu_set_context(h->ctrl, (domid_t)domid, 0, &ctx), 0);
    list = read_list(domid, &nr);
    si = map_start(domid, NULL);
    si->store_mfn = list[si->store_mfn];
    si->console.domU.mfn = list[si->console.domU.mfn];
    guest_unmap(si);
    free(list);
}

/* Each page of the list is one of it, and has been given once. */
static void check_list(uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;
    uint64_t nr, *list = read_list(domid, &nr), there = 0;

    for (uint64_t i = 0; i < nr; i++) {
        void *p;

        if (list[i] == NO_FRAME)
            continue;
        p = map_frame(domid, list[i], false);
        ck_assert_msg(p != NULL, "page %lu is in frame 0x%lx", i, list[i]);
        guest_unmap(p);
        there++;
    }
    ck_assert_int_eq(xctl_domain_info(h->ctrl, (domid_t)domid, &info), 0);
    ck_assert_uint_eq(info.tot_pages, there);
    ck_assert_uint_ge(there, guest_mib * 256);
    free(list);
}

static void check_start(uint32_t domid, uint64_t rdx)
{
    struct xen_domctl_getdomaininfo info;
    xen_pfn_t frame;
    struct start_info *si = map_start(domid, &frame);
    char number[32];

    ck_assert_int_eq(xctl_domain_info(h->ctrl, (domid_t)domid, &info), 0);
    ck_assert_uint_eq(rdx, frame);
    ck_assert_uint_eq(si->shared_info, info.shared_info_frame << 12);
    ck_assert_uint_eq(si->flags, 0);
    snprintf(number, sizeof(number), "%lu", si->store_mfn);
    ck_assert_str_eq(value("/local/domain/%u/store/ring-ref", domid), number);
    snprintf(number, sizeof(number), "%lu", si->console.domU.mfn);
    ck_assert_str_eq(value("/local/domain/%u/console/ring-ref", domid), number);
    snprintf(number, sizeof(number), "%u", si->store_evtchn);
    ck_assert_str_eq(value("/local/domain/%u/store/port", domid), number);
    snprintf(number, sizeof(number), "%u", si->console.domU.evtchn);
    ck_assert_str_eq(value("/local/domain/%u/console/port", domid), number);
    guest_unmap(si);
}

void guest_check_restored(uint32_t domid, const char *when)
{
    static struct vcpu_guest_context ctx;
    struct shared_info *s = map_shared(domid);
    xen_pfn_t table;
    uint8_t *p;

    get_context(domid, &ctx);
    ck_assert_msg(ctx.user_regs.rax == 0, "%s: the guest thinks that it was not moved", when);
    ck_assert_uint_eq(ctx.flags & VGCF_online, VGCF_online);
    check_start(domid, ctx.user_regs.rdx);
    check_list(domid);
    visit_marks(domid, when);
    for (size_t i = 0; i < TINY_TEXT; i += 4096) {
        p = guest_map(domid, TEXT + i, false, NULL);
        for (size_t j = 0; j < 4096 && i + j < TINY_TEXT; j++)
            ck_assert_uint_eq(p[j], tiny_byte(0, i + j));
        guest_unmap(p);
    }
    table = ctx.ctrlreg[3] >> 12;
    ck_assert_int_eq(xctl_memory_frame_types(h->ctrl, (domid_t)domid, 1, &table), 0);
    ck_assert_uint_eq(table >> XEN_DOMCTL_PFINFO_LTAB_SHIFT, 8 | 4);
    ck_assert_uint_eq(s->arch.pfn_to_mfn_frame_list_list, 0);
    ck_assert_uint_eq(s->evtchn_mask[0], ~0UL);
    ck_assert_uint_eq(s->evtchn_pending[0], 0);
    guest_unmap(s);
    /* It goes on. */
    ctx.user_regs.rdx = 0;
    ck_assert_int_eq(xctl_vcpu_set_context(h->ctrl, (domid_t)domid, 0, &ctx), 0);
}
