/* SPDX-License-Identifier: MIT */
/*
 * TLBs of two vCPUs: a frame that gets a stronger role is out of reach of translations that the
 * guest never flushed; the flush calls in all their forms; caching attributes.
 */
#include "guest.h"

struct table {
    volatile uint64_t e[512];
} __attribute__((aligned(4096)));

static struct table window, other, view;
static volatile bool stop;
static volatile uint64_t writes;

static uint64_t entry_for(uint64_t mfn)
{
    return mfn * PAGE_SIZE | PTE_KERN;
}

/* Not-present entries only, so that the frame stays fit to be a table. */
static void writer(void)
{
    while (!stop) {
        window.e[100] = writes << 1;
        writes++;
    }
}

static void wait_writes(unsigned int n)
{
    uint64_t end = system_time() + 3000000000UL, from = writes;

    while (writes - from < n && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK(writes - from >= n);
}

/*
 * vCPU 1 writes to a frame without pause. The mapping changes under it without a flush, and the
 * frame becomes a table: from then on nothing of it may change.
 */
static void check_stale(unsigned int level)
{
    uint64_t mfn = mfn_of(&window), second = mfn_of(&other), seen;
    unsigned int i;

    NEED(hypercall(update_va_mapping, &view, mfn * PAGE_SIZE | PTE_RO, UVMF_INVLPG | UVMF_ALL) ==
         0);
    stop = false;
    NEED(second_start(writer));
    wait_writes(1000);
    CHECK_EQ(hypercall(update_va_mapping, &window, entry_for(second), UVMF_NONE), 0);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE + level - 1, mfn, 0), 0);
    seen = view.e[100];
    for (i = 0; i < 5; i++) {
        wait_writes(1000);
        CHECK_EQ(view.e[100], seen);
    }
    stop = true;
    CHECK(second_wait(2000));
    CHECK(other.e[100] != seen);
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
    CHECK_EQ(map_va(&window, entry_for(mfn)), 0);
    NEED(set_writable(&view, true) == 0);
}

/* The same for a frame that is given back. */
static void check_stale_freed(void)
{
    uint64_t frame = mfn_of(&window), pfn = pfn_of(&window), now;
    struct xen_memory_reservation r = {
        .extent_start = (uintptr_t)&frame, .nr_extents = 1, .domid = DOMID_SELF};
    unsigned int i;

    stop = false;
    NEED(second_start(writer));
    wait_writes(1000);
    CHECK_EQ(hypercall(update_va_mapping, &window, entry_for(mfn_of(&other)), UVMF_NONE), 0);
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), 1);
    frame = pfn;
    CHECK_EQ(hypercall(memory_op, XENMEM_populate_physmap, &r), 1);
    NEED(map_va(&view, frame * PAGE_SIZE | PTE_RO) == 0);
    for (i = 0; i < 5; i++) {
        wait_writes(1000);
        now = view.e[100];
        CHECK_EQ(now, 0); /* scrubbed, and nobody wrote */
    }
    stop = true;
    CHECK(second_wait(2000));
    NEED(map_va(&window, entry_for(frame)) == 0);
    NEED(set_writable(&view, true) == 0);
    ((uint64_t *)start_info->mfn_list)[pfn] = frame;
}

static void check_flushes(void)
{
    static uint64_t masks[1024]; /* two pages */
    uint64_t *edge = (uint64_t *)(((uintptr_t)masks + 2 * PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)) - 1;
    static const uint64_t bad[] = {UNMAPPED, NONCANON, HYPERVISOR_VIRT_START + 0x1000,
                                   HYPERVISOR_VIRT_END - 4, ~7UL};
    unsigned int type, i;

    *edge = ~0UL; /* all vCPUs, most of which do not exist */
    for (type = UVMF_TLB_FLUSH; type <= UVMF_INVLPG; type++) {
        uint64_t e = entry_for(mfn_of(&other));

        CHECK_EQ(hypercall(update_va_mapping, &other, e, type | UVMF_LOCAL), 0);
        CHECK_EQ(hypercall(update_va_mapping, &other, e, type | UVMF_ALL), 0);
        CHECK_EQ(hypercall(update_va_mapping, &other, e, type | (uintptr_t)edge), 0);
        for (i = 0; i < ARRAY_SIZE(bad); i++)
            CHECK(hypercall(update_va_mapping, &other, e, type | (bad[i] & ~3UL)) < 0);
    }
    CHECK_EQ(mmuext1(MMUEXT_TLB_FLUSH_MULTI, 0, (uintptr_t)edge), 0);
    CHECK_EQ(mmuext1(MMUEXT_INVLPG_MULTI, NONCANON, (uintptr_t)edge), 0);
    CHECK_EQ(mmuext1(MMUEXT_INVLPG_ALL, HYPERVISOR_VIRT_START, 0), 0);
    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        CHECK_EQ(mmuext1(MMUEXT_TLB_FLUSH_MULTI, 0, bad[i]), -XEN_EINVAL);
        CHECK_EQ(mmuext1(MMUEXT_INVLPG_MULTI, 0, bad[i]), -XEN_EINVAL);
    }
    CHECK_EQ(mmuext1(MMUEXT_FLUSH_CACHE, 0, 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_MARK_SUPER, mfn_of(&other), 0), -XEN_EOPNOTSUPP);
    CHECK_EQ(mmuext1(MMUEXT_UNMARK_SUPER, mfn_of(&other), 0), -XEN_EOPNOTSUPP);
}

static void check_page_operations(void)
{
    uint64_t mfn = mfn_of(&other), table = mfn_of((void *)start_info->pt_base);

    other.e[7] = 7;
    window.e[7] = 9;
    CHECK_EQ(mmuext1(MMUEXT_COPY_PAGE, mfn, mfn_of(&window)), 0);
    CHECK_EQ(other.e[7], 9);
    CHECK_EQ(mmuext1(MMUEXT_CLEAR_PAGE, mfn, 0), 0);
    CHECK_EQ(other.e[7], 0);
    CHECK(mmuext1(MMUEXT_CLEAR_PAGE, table, 0) < 0);
    CHECK(mmuext1(MMUEXT_COPY_PAGE, table, mfn) < 0);
    CHECK_EQ(mmuext1(MMUEXT_COPY_PAGE, mfn, table), 0); /* reading one is fine */
    CHECK_EQ(other.e[511], ((uint64_t *)start_info->pt_base)[511]);
    CHECK(mmuext1(MMUEXT_COPY_PAGE, mfn, PTE_ADDR >> 12) < 0);
    CHECK(mmuext1(MMUEXT_COPY_PAGE, mfn, 0xfee00) < 0);
    CHECK(mmuext1(MMUEXT_CLEAR_PAGE, 0x200, 0) < 0); /* the hypervisor's image */
    CHECK_EQ(mmuext1(MMUEXT_CLEAR_PAGE, mfn, 0), 0);
}

/* All eight for own memory; devices are never cached; what we share stays write-back. */
static void check_attributes(void)
{
    uint64_t own = entry_for(mfn_of(&other)), shared = start_info->shared_info | PTE_KERN;
    uint64_t *leaf = entry_of((uintptr_t)&other, 1), *view_leaf = entry_of((uintptr_t)&view, 1);
    static const uint64_t mmio = 0xb8000 | PTE_RO;
    uint64_t bits, all = PTE_PWT | PTE_PCD | PTE_PSE;
    unsigned int i;

    for (i = 0; i < 8; i++) {
        bits = (i & 1 ? PTE_PWT : 0) | (i & 2 ? PTE_PCD : 0) | (i & 4 ? PTE_PSE : 0);
        CHECK_EQ(map_va(&other, own | bits), 0);
        CHECK_EQ(*leaf & all, bits);
        CHECK_EQ(map_va(&view, mmio | bits), 0);
        CHECK_EQ(*view_leaf & all, bits == PTE_PCD || bits == (PTE_PCD | PTE_PWT) || bits == PTE_PSE
                                       ? bits
                                       : PTE_PCD | PTE_PWT);
        CHECK_EQ(map_va(&view, shared | bits), bits ? -XEN_EACCES : 0);
    }
    CHECK_EQ(map_va(&other, own), 0);
    NEED(set_writable(&view, true) == 0);
    /* Written past the caches, then a table. */
    CHECK_EQ(map_va(&other, own | PTE_PCD), 0);
    other.e[3] = entry_for(mfn_of(&view));
    NEED(set_writable(&other, false) == 0);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE, mfn_of(&other), 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(&other), 0), 0);
    NEED(set_writable(&other, true) == 0);
    other.e[3] = 0;
}

void test_main(void)
{
    struct frame_counts before;
    unsigned int level;

    NEED(second_start(NULL) && second_wait(2000));
    frames_count(&before);
    for (level = 1; level <= 4; level++)
        check_stale(level);
    check_stale_freed();
    check_flushes();
    check_page_operations();
    check_attributes();
    CHECK_FRAMES(&before);
    success();
}
