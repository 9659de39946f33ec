/* SPDX-License-Identifier: MIT */
/*
 * Log-dirty of PV domains: a second domain (worker.c) does one thing at a
 * time, and exactly the pages that this changes have to be reported; its own
 * page tables have to look as without.  Then two vCPUs write all the time
 * while their memory is copied as a live migration does, and the copy has to
 * be right in the end.
 */
#include <public/sysctl.h>
#include "worker.h"

#define EXTRA     400
#define FLAGS_RW  (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define FLAGS_OLD (PTE_P | PTE_RW | PTE_US) /* neither accessed nor dirty */

static struct child child = {.extra = EXTRA};
static struct box *box;
static uint64_t first, last; /* pages of the test: [first, last) */
static uint8_t bitmap[256];

/* --- shadow_op --- */

static struct xen_domctl_shadow_op *so = &ctl.u.shadow_op;

static long shadow_op(uint32_t op, uint32_t mode, const void *bits, uint64_t pages)
{
    ctl_clear();
    so->op = op;
    so->mode = mode;
    so->dirty_bitmap = (uintptr_t)bits;
    so->pages = pages;
    return domctl(XEN_DOMCTL_shadow_op, child.id);
}

static long enable(void)
{
    return shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, NULL, 0);
}

static long disable(void)
{
    return shadow_op(XEN_DOMCTL_SHADOW_OP_OFF, 0, NULL, 0);
}

static void read_log(uint32_t op, uint32_t mode)
{
    memset(bitmap, 0x55, sizeof(bitmap));
    NEED(shadow_op(op, mode, bitmap, last) == 0);
    CHECK_EQ(so->pages, last);
}

static void clean(void)
{
    read_log(XEN_DOMCTL_SHADOW_OP_CLEAN, 0);
}

static bool dirty(uint64_t pfn)
{
    return bitmap[pfn / 8] >> pfn % 8 & 1;
}

/* Of the test's pages only those of [pfn, pfn + n) are dirty, and all of them. */
static void check_pages(int line, uint64_t pfn, uint64_t n)
{
    for (uint64_t i = first; i < last; i++)
        if (dirty(i) != (i >= pfn && i < pfn + n))
            failure("line %d: page %lu of the test is %s", line, i - first,
                    dirty(i) ? "dirty" : "clean");
}

/* Of the tables, those at levels in the mask (bit 1: L1 and so on). */
static void check_tables(int line, unsigned int levels)
{
    unsigned int seen = 0;

    for (uint64_t i = 0; i < 6; i++)
        if (dirty(child.first_table + i))
            seen |= 1U << (i < 3 ? 4 - i : 1);
    check_eq(line, "levels of dirty tables", seen, levels);
}

#define CHECK_DIRTY(pfn, n, levels)     \
    do {                                \
        clean();                        \
        check_pages(__LINE__, pfn, n);  \
        check_tables(__LINE__, levels); \
    } while (0)
#define L1 2U

/* --- requests --- */

static void ask(uint32_t request, uint64_t a, uint64_t b)
{
    box->request = request;
    box->a = a;
    box->b = b;
    box->stop = false;
    __sync_synchronize();
    box->asked++;
}

/* Where they are. */
static void show_vcpus(void)
{
    static struct vcpu_guest_context c;

    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, child.id), 0);
    print("flags %x\n", domain_info(child.id)->flags);
    for (unsigned int i = 0; i < 2; i++) {
        ctl_clear();
        ctl.u.vcpucontext.vcpu = i;
        ctl.u.vcpucontext.ctxt = (uintptr_t)&c;
        if (domctl(XEN_DOMCTL_getvcpucontext, child.id) == 0)
            print("vCPU %u: rip %lx rsp %lx cr2 %lx\n", i, c.user_regs.rip, c.user_regs.rsp,
                  c.ctrlreg[2]);
    }
}

static int64_t answer(void)
{
    uint64_t end = system_time() + 100000000000UL;

    while (box->done != box->asked) {
        hypercall(sched_op, SCHEDOP_yield, 0);
        if (system_time() > end) {
            failure("request %u of the other domain is not answered", box->request);
            show_vcpus();
            finish();
        }
    }
    return box->result;
}

static int64_t request(uint32_t what, uint64_t a, uint64_t b)
{
    ask(what, a, b);
    return answer();
}

/* --- its memory --- */

static char *window;

static void *map_page(uint64_t pfn, bool writable)
{
    NEED(hypercall(update_va_mapping_otherdomain, window,
                   child_mfn(pfn) << 12 | (writable ? PTE_KERN : PTE_RO), UVMF_INVLPG | UVMF_ALL,
                   child.id) == 0);
    return window;
}

static void unmap_page(void)
{
    NEED(map_va(window, 0) == 0);
}

/* --- one thing at a time --- */

static void check_writes(void)
{
    clean();
    CHECK_DIRTY(0, 0, 0);
    request(REQ_WRITE, first, 10);
    read_log(XEN_DOMCTL_SHADOW_OP_PEEK, 0);
    check_pages(__LINE__, first, 10);
    CHECK(so->stats.dirty_count >= 10);
    CHECK(so->stats.fault_count >= 10);
    CHECK_DIRTY(first, 10, 0);
    CHECK(so->stats.dirty_count >= 10);
    CHECK_DIRTY(0, 0, 0);
    CHECK(so->stats.dirty_count < 10);
    /* Again, now that the shadows exist. */
    request(REQ_WRITE, first + 3, 2);
    request(REQ_WRITE, first + 3, 2);
    CHECK_DIRTY(first + 3, 2, 0);
    request(REQ_READ, first, 300);
    CHECK_DIRTY(0, 0, 0);
    request(REQ_READ, first, 5);
    request(REQ_WRITE, first + 1, 1);
    CHECK_DIRTY(first + 1, 1, 0);
    request(REQ_WRITE, first, EXTRA - 10);
    CHECK_DIRTY(first, EXTRA - 10, 0);
}

/* Written by the hypervisor for the domain. */
static void check_hypervisor_writes(void)
{
    CHECK_EQ(request(REQ_VERSION, first + 20, 0), 0);
    CHECK_DIRTY(first + 20, 1, 0);
    CHECK_EQ(request(REQ_TRAP_STACK, first + 21, 0), VEC_UD);
    CHECK_DIRTY(first + 21, 1, 0);
    CHECK_EQ(request(REQ_TRAP_STACK, first + 21, 0), VEC_UD);
    CHECK_DIRTY(first + 21, 1, 0);
    CHECK_EQ(request(REQ_CLEAR_PAGE, first + 22, 0), 0);
    CHECK_DIRTY(first + 22, 1, 0);
    CHECK_EQ(request(REQ_M2P, first + 23, 0), 0);
    CHECK_DIRTY(first + 23, 1, 0);
}

/* What the domain sees of its own entries is what the CPU would have made of them. */
static void check_entries(void)
{
    uint64_t p = first + 30;

    CHECK_EQ(request(REQ_SET_PTE, p, FLAGS_OLD), 0);
    CHECK_DIRTY(0, 0, L1);
    CHECK_EQ(request(REQ_GET_PTE, p, 0), FLAGS_OLD);
    request(REQ_READ, p, 1);
    CHECK_EQ(request(REQ_GET_PTE, p, 0), FLAGS_OLD | PTE_A);
    CHECK_DIRTY(0, 0, L1);
    request(REQ_WRITE, p, 1);
    CHECK_EQ(request(REQ_GET_PTE, p, 0), FLAGS_OLD | PTE_A | PTE_D);
    CHECK_DIRTY(p, 1, L1);
    request(REQ_WRITE, p, 1);
    CHECK_DIRTY(p, 1, 0);
    /* The same with a page that is in the log already. */
    request(REQ_WRITE, p, 1);
    CHECK_EQ(request(REQ_SET_PTE, p, FLAGS_OLD), 0);
    request(REQ_READ, p, 1);
    CHECK_EQ(request(REQ_GET_PTE, p, 0), FLAGS_OLD | PTE_A);
    request(REQ_WRITE, p, 1);
    CHECK_EQ(request(REQ_GET_PTE, p, 0), FLAGS_RW);
    CHECK_DIRTY(p, 1, L1);
    /* A store to the table itself, which the hypervisor executes. */
    CHECK_EQ(request(REQ_STORE_PTE, p, FLAGS_OLD), 0);
    CHECK_DIRTY(0, 0, L1);
    CHECK_EQ(request(REQ_GET_PTE, p, 0), FLAGS_OLD);
    CHECK_EQ(request(REQ_STORE_PTE, p, FLAGS_RW), 0);
    CHECK_DIRTY(0, 0, L1);
}

static void check_faults(void)
{
    uint64_t p = first + 40;

    CHECK_EQ(request(REQ_SET_PTE, p, FLAGS_RW & ~PTE_RW), 0);
    CHECK_EQ(request(REQ_TRY_WRITE, p, 0), VEC_PF);
    CHECK_EQ(box->fault, 3);
    clean();
    CHECK_EQ(request(REQ_TRY_WRITE, p, 0), VEC_PF);
    CHECK_EQ(box->fault, 3);
    CHECK_DIRTY(0, 0, 0);
    CHECK_EQ(request(REQ_SET_PTE, p, 0), 0);
    CHECK_EQ(request(REQ_TRY_WRITE, p, 0), VEC_PF);
    CHECK_EQ(box->fault, 2);
    CHECK_DIRTY(0, 0, L1);
    CHECK_EQ(request(REQ_VERSION, p, 0), -XEN_EFAULT);
    CHECK_EQ(request(REQ_SET_PTE, p, FLAGS_RW), 0);
    CHECK_EQ(request(REQ_TRY_WRITE, p, 0), -1);
    CHECK_DIRTY(p, 1, L1);
}

static void check_base(void)
{
    clean();
    CHECK_EQ(request(REQ_BASE, first + 50, first + 51), 0);
    clean();
    check_pages(__LINE__, first + 50, 2);
    CHECK_EQ(request(REQ_BASE, first + 50, first + 51), 0);
    clean();
    check_pages(__LINE__, first + 50, 2);
}

/* More tables than there may be shadows: they go and come back. */
static void check_many_tables(void)
{
    uint64_t n = 330, p = first + 60;

    CHECK_EQ(request(REQ_TABLES, p, n), 0);
    clean();
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(request(REQ_WALK, 0, n), (int64_t)(n * (n - 1) / 2));
        CHECK_DIRTY(p + n, 1, 0);
    }
    CHECK_EQ(request(REQ_WALK, 0, n), (int64_t)(n * (n - 1) / 2));
    request(REQ_WRITE, first, 2);
    clean();
    CHECK(dirty(first) && dirty(first + 1) && dirty(p + n) && !dirty(first + 2));
}

/* --- writes by others --- */

static void check_foreign(void)
{
    uint64_t p = first + 11;
    volatile char *va;

    clean();
    va = map_page(p, false);
    CHECK_DIRTY(0, 0, 0);
    unmap_page();
    CHECK_DIRTY(0, 0, 0);
    va = map_page(p, true);
    *va = 1;
    CHECK_DIRTY(p, 1, 0);
    unmap_page();
    CHECK_DIRTY(p, 1, 0);
}

static void check_grants(void)
{
    struct gnttab_map_grant_ref map = {.flags = GNTMAP_host_map, .ref = 8, .dom = child.id};
    struct gnttab_unmap_grant_ref unmap = {0};
    struct gnttab_copy copy = {.dest.u.ref = 9,
                               .dest.domid = child.id,
                               .len = 8,
                               .flags = GNTCOPY_dest_gref,
                               .source.domid = DOMID_SELF};
    uint64_t p = first + 12;
    char *va = page_alloc();

    CHECK_EQ(request(REQ_GRANT, p, 0), 0);
    CHECK_EQ(request(REQ_GRANT, p + 1, 1), 0);
    clean();
    copy.source.u.gmfn = mfn_of(page_alloc());
    map.host_addr = unmap.host_addr = (uintptr_t)va;
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_map_grant_ref, &map, 1), 0);
    NEED(map.status == GNTST_okay);
    CHECK_DIRTY(p, 1, 0);
    /* While it is mapped, only the last look counts it. */
    CHECK_DIRTY(0, 0, 0);
    read_log(XEN_DOMCTL_SHADOW_OP_CLEAN, XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL);
    check_pages(__LINE__, p, 1);
    unmap.handle = map.handle;
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, 1), 0);
    CHECK_EQ(unmap.status, GNTST_okay);
    CHECK_DIRTY(p, 1, 0);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_copy, &copy, 1), 0);
    CHECK_EQ(copy.status, GNTST_okay);
    CHECK_DIRTY(p + 1, 1, 0);
}

static void check_reservation(void)
{
    struct xen_memory_reservation r = {.domid = child.id, .nr_extents = 1};
    uint64_t pfn = last, mfn = child_mfn(first + 14);

    clean();
    r.extent_start = (uintptr_t)&pfn;
    CHECK_EQ(hypercall(memory_op, XENMEM_populate_physmap, &r), 1);
    memset(bitmap, 0, sizeof(bitmap));
    NEED(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, bitmap, last + 1) == 0);
    CHECK(dirty(last) && !dirty(first));
    r.extent_start = (uintptr_t)&mfn;
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), 1);
    CHECK_DIRTY(first + 14, 1, 0);
}

/* --- a live copy --- */

static char copies[64][PAGE_SIZE];

static void copy_dirty(uint64_t p)
{
    for (uint64_t i = 0; i < ARRAY_SIZE(copies); i++) {
        void *from;

        if (!dirty(p + i))
            continue;
        from = map_page(p + i, false);
        memcpy(copies[i], from, PAGE_SIZE);
        unmap_page();
    }
}

static unsigned int count_differences(uint64_t p)
{
    unsigned int n = 0;

    for (uint64_t i = 0; i < ARRAY_SIZE(copies); i++) {
        void *now = map_page(p + i, false);

        n += memcmp(copies[i], now, PAGE_SIZE) != 0;
        unmap_page();
    }
    return n;
}

static void wait_for_writes(uint64_t p)
{
    uint64_t end = system_time() + 10000000000UL;

    while (!count_differences(p) && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
}

static void check_live_copy(void)
{
    uint64_t p = first + 100;

    memset(bitmap, 0xff, sizeof(bitmap));
    ask(REQ_STORM, p, ARRAY_SIZE(copies));
    for (int round = 0; round < 60; round++) {
        copy_dirty(p);
        wait_for_writes(p);
        clean();
    }
    copy_dirty(p);
    wait_for_writes(p);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, child.id), 0);
    read_log(XEN_DOMCTL_SHADOW_OP_CLEAN, XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL);
    CHECK(count_differences(p) > 0); /* else nobody wrote */
    copy_dirty(p);
    CHECK_EQ(count_differences(p), 0);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, child.id), 0);
    box->stop = true;
    answer();
}

/* --- misuse --- */

static void check_misuse(void)
{
    uint64_t n = last;

    CHECK_EQ(enable(), -XEN_EINVAL);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE, XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY, NULL, 0),
             -XEN_EINVAL);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE, 0, NULL, 0), -XEN_EINVAL);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE, XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE, NULL, 0),
             -XEN_EINVAL);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN, 2, bitmap, n), -XEN_EINVAL);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_PEEK, ~0U, bitmap, n), -XEN_EINVAL);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE_TEST, 0, NULL, 0), -XEN_EINVAL);
    CHECK_EQ(shadow_op(13, 0, NULL, 0), -XEN_EINVAL);
    CHECK_EQ(shadow_op(~0U, 0, NULL, 0), -XEN_EINVAL);
    /* A buffer that cannot be written loses nothing. */
    request(REQ_WRITE, first, 3);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, (void *)UNMAPPED, n), -XEN_EFAULT);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_PEEK, 0, (void *)UNMAPPED, n), -XEN_EFAULT);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, (void *)MACH2PHYS_VIRT_START, n),
             -XEN_EFAULT);
    read_log(XEN_DOMCTL_SHADOW_OP_PEEK, 0);
    CHECK(dirty(first) && dirty(first + 2));
    /* Part of the pages, none, more than there can be. */
    memset(bitmap, 0, sizeof(bitmap));
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, bitmap, first + 1), 0);
    CHECK(dirty(first) && !dirty(first + 1));
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, bitmap, 0), 0);
    read_log(XEN_DOMCTL_SHADOW_OP_PEEK, 0);
    CHECK(!dirty(first) && dirty(first + 1));
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, NULL, ~0UL), 0);
    CHECK(so->pages > last);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_PEEK, 0, NULL, n), 0);
    CHECK(so->stats.dirty_count < 10);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_PEEK, 0, (void *)(UNMAPPED - 16), ~0UL), -XEN_EFAULT);
    request(REQ_WRITE, first + 4, 3);
    CHECK_DIRTY(first + 4, 3, 0);
}

static uint64_t free_pages(void)
{
    static struct xen_sysctl s;

    memset(&s, 0, sizeof(s));
    s.cmd = XEN_SYSCTL_physinfo;
    s.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    NEED(hypercall(sysctl, &s) == 0);
    return s.u.physinfo.free_pages;
}

static void check_on_off(void)
{
    uint64_t before;

    CHECK_EQ(disable(), 0);
    CHECK_EQ(disable(), 0);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_PEEK, 0, bitmap, last), 0);
    CHECK_EQ(so->stats.dirty_count, 0);
    request(REQ_WRITE, first, 3);
    before = free_pages();
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(
            shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE, XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY, NULL, 0), 0);
        CHECK_EQ(request(REQ_WALK, 0, 330), 330 * 329 / 2);
        CHECK(free_pages() < before);
        CHECK_EQ(disable(), 0);
    }
    CHECK_EQ(free_pages(), before);
}

/* --- unfinished operations --- */

static unsigned int busy_answers;

static bool on_event(struct trap_frame *frame)
{
    static struct xen_domctl other;

    (void)frame;
    events_scan();
    other = ctl;
    other.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_PEEK;
    other.u.shadow_op.pages = 8;
    busy_answers += hypercall(domctl, &other) == -XEN_EBUSY;
    return true;
}

/* A domain with many vCPUs takes long to begin; in between, nothing else may. */
static void check_busy(void)
{
    struct evtchn_bind_virq timer = {.virq = VIRQ_TIMER};
    domid_t saved = child.id;
    uint64_t before;

    NEED(hypercall(event_channel_op, EVTCHNOP_bind_virq, &timer) == 0);
    child.id = domain_make(800, true);
    before = free_pages();
    trap_hook[VEC_EVENT] = on_event;
    events_on();
    for (int i = 0; i < 5; i++) {
        hypercall(set_timer_op, system_time() + 1000000);
        CHECK_EQ(enable(), 0);
        CHECK(free_pages() < before);
        CHECK_EQ(disable(), 0);
    }
    events_off();
    trap_hook[VEC_EVENT] = NULL;
    CHECK(busy_answers > 0);
    CHECK_EQ(free_pages(), before);
    CHECK_EQ(enable(), 0);
    domain_end(child.id);
    child.id = saved;
}

static void check_without_vcpus(void)
{
    domid_t saved = child.id;

    child.id = 0;
    CHECK_EQ(enable(), -XEN_EINVAL);
    child.id = domain_make(1, false);
    CHECK_EQ(enable(), -XEN_EINVAL);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, bitmap, 8), -XEN_EINVAL);
    domain_end(child.id);
    child.id = saved;
}

static void check_destroy(void)
{
    CHECK_EQ(enable(), 0);
    request(REQ_WRITE, first, 10);
    child_end(&child);
    CHECK_EQ(enable(), -XEN_ESRCH);
}

/* The child's grant passed on by one of ours: the page that is written is the child's. */
static void check_transitive(void)
{
    static _Alignas(4096) union grant_entry_v2 table[PAGE_SIZE / sizeof(union grant_entry_v2)];
    struct gnttab_set_version version = {.version = 2};
    uint64_t frame = 0, own = mfn_of(table);
    struct gnttab_setup_table setup = {
        .dom = DOMID_SELF, .nr_frames = 1, .frame_list = (uintptr_t)&frame};
    struct gnttab_copy copy = {.dest.u.ref = 20,
                               .dest.domid = DOMID_SELF,
                               .len = 8,
                               .flags = GNTCOPY_dest_gref,
                               .source.domid = DOMID_SELF};

    CHECK_EQ(request(REQ_GRANT, first + 12, 0), 0);
    NEED(hypercall(grant_table_op, GNTTABOP_set_version, &version, 1) == 0);
    NEED(hypercall(grant_table_op, GNTTABOP_setup_table, &setup, 1) == 0);
    NEED(map_va(table, frame * PAGE_SIZE | PTE_KERN) == 0);
    table[20].hdr.domid = 0;
    table[20].transitive.trans_domid = child.id;
    table[20].transitive.gref = 8;
    barrier();
    table[20].hdr.flags = GTF_transitive;
    copy.source.u.gmfn = mfn_of(page_alloc());
    clean();
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_copy, &copy, 1), 0);
    CHECK_EQ(copy.status, GNTST_okay);
    CHECK_DIRTY(first + 12, 1, 0);
    table[20].hdr.flags = 0;
    NEED(map_va(table, own * PAGE_SIZE | PTE_KERN) == 0);
    version.version = 1;
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_set_version, &version, 1), 0);
}

static void watch(void)
{
    check_writes();
    check_hypervisor_writes();
    check_entries();
    check_faults();
    check_base();
    check_foreign();
    check_grants();
    check_transitive();
    check_live_copy();
    check_many_tables();
    check_misuse();
}

void test_main(void)
{
    window = page_alloc();
    check_without_vcpus();
    child_make(&child, worker_main, 2);
    first = child.first_extra;
    last = first + EXTRA;
    NEED(last <= sizeof(bitmap) * 8 - 8);
    box = (struct box *)(uintptr_t)child.box->word;
    child_run(&child);
    request(REQ_WRITE, first, 3);
    CHECK_EQ(enable(), 0);
    watch();
    check_on_off();
    CHECK_EQ(enable(), 0);
    check_reservation();
    CHECK_EQ(disable(), 0);
    check_busy();
    check_destroy();
    success();
}
