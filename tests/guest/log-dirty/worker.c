/* SPDX-License-Identifier: MIT */
/* The watched domain's side: takes requests from the letter box and executes them. */
#include "worker.h"

static struct box *box;

static volatile uint64_t *page(uint64_t pfn)
{
    return pfn_va(pfn);
}

static void write_pages(uint64_t pfn, uint64_t n)
{
    for (; n--; pfn++)
        page(pfn)[7] += pfn;
}

static int64_t read_pages(uint64_t pfn, uint64_t n)
{
    int64_t sum = 0;

    for (; n--; pfn++)
        sum += (int64_t)page(pfn)[7];
    return sum;
}

static uint64_t frame(uint64_t pfn)
{
    return mfn_of(pfn_va(pfn)) << 12;
}

/* rsp at the end of a page, then an undefined instruction; catch_trap() brings us back. */
static void trap_on_stack(void *arg)
{
    __asm__ volatile("mov %0,%%rsp; ud2" ::"r"((char *)arg + PAGE_SIZE) : "memory");
}

static int64_t use_other_base(uint64_t l4, uint64_t pfn)
{
    memcpy(pfn_va(l4), (void *)start_info->pt_base, PAGE_SIZE);
    NEED(set_writable(pfn_va(l4), false) == 0);
    NEED(mmuext1(MMUEXT_PIN_L4_TABLE, frame(l4) >> 12, 0) == 0);
    NEED(mmuext1(MMUEXT_NEW_BASEPTR, frame(l4) >> 12, 0) == 0);
    write_pages(pfn, 1);
    NEED(mmuext1(MMUEXT_NEW_BASEPTR, mfn_of((void *)start_info->pt_base), 0) == 0);
    NEED(mmuext1(MMUEXT_UNPIN_TABLE, frame(l4) >> 12, 0) == 0);
    return set_writable(pfn_va(l4), true);
}

/* Table i serves the 2 MiB from here on. */
static uint64_t table_va(uint64_t i)
{
    return VIRT_BASE + (64 + i) * 0x200000UL;
}

static int64_t make_tables(uint64_t first, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t *l2e = entry_of(table_va(i), 2);

        memset(pfn_va(first + i), 0, PAGE_SIZE);
        page(first + i)[0] = frame(first + n) | PTE_KERN;
        NEED(hypercall(update_va_mapping, pfn_va(first + i), frame(first + i) | PTE_RO,
                       UVMF_INVLPG | UVMF_LOCAL) == 0);
        NEED(mmu_update1(entry_maddr(l2e), frame(first + i) | PTE_KERN) == 0);
    }
    return 0;
}

static int64_t walk_tables(uint64_t n)
{
    int64_t sum = 0;

    for (uint64_t i = 0; i < n; i++) {
        volatile uint64_t *at = (volatile uint64_t *)table_va(i);

        at[i % 512] = i;
        sum += (int64_t)at[i % 512];
    }
    return sum;
}

static int64_t grant(uint64_t pfn, uint64_t n)
{
    static struct grant_entry_v1 *table;
    xen_pfn_t frames[1] = {0};
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};

    setup.frame_list = (uintptr_t)frames;
    if (!table) {
        table = page_alloc();
        NEED(hypercall(grant_table_op, GNTTABOP_setup_table, &setup, 1) == 0);
        NEED(setup.status == GNTST_okay);
        NEED(map_va(table, frames[0] << 12 | PTE_KERN) == 0);
    }
    table[8 + n].domid = 0;
    table[8 + n].frame = (uint32_t)(frame(pfn) >> 12);
    barrier();
    table[8 + n].flags = GTF_permit_access;
    return 0;
}

/* Even vCPUs write even pages, so that nobody disturbs the other's words. */
static void storm(uint64_t which)
{
    uint64_t round = 1;

    while (!box->stop) {
        for (uint64_t i = which; i < box->b; i += 1 + round % 7)
            page(box->a + i)[which * 8 + round % 8] += round;
        round++;
    }
}

static void storm_of_second(void)
{
    storm(1);
}

static int64_t start_storm(void)
{
    if (!second_start(storm_of_second))
        return -XEN_ENOENT;
    storm(0);
    return second_wait(10000) ? 0 : -XEN_EBUSY;
}

static int64_t execute(uint32_t request, uint64_t a, uint64_t b)
{
    switch (request) {
    case REQ_WRITE:
        write_pages(a, b);
        return 0;
    case REQ_READ:
        return read_pages(a, b);
    case REQ_VERSION:
        return hypercall(xen_version, XENVER_extraversion, pfn_va(a));
    case REQ_SET_PTE:
        return map_va(pfn_va(a), frame(a) | b);
    case REQ_STORE_PTE:
        *(volatile uint64_t *)entry_of((uint64_t)pfn_va(a), 1) = frame(a) | b;
        return 0;
    case REQ_GET_PTE:
        return (int64_t)(*entry_of((uint64_t)pfn_va(a), 1) & ~PTE_ADDR);
    case REQ_TRY_WRITE:
        box->result = try_write((uint64_t)pfn_va(a), 1);
        box->fault = trap_last.error_code;
        return box->result;
    case REQ_TRAP_STACK:
        return catch_trap(trap_on_stack, pfn_va(a));
    case REQ_CLEAR_PAGE:
        return mmuext1(MMUEXT_CLEAR_PAGE, frame(a) >> 12, 0);
    case REQ_M2P:
        return mmu_update1(frame(a) | MMU_MACHPHYS_UPDATE, a);
    case REQ_BASE:
        return use_other_base(a, b);
    case REQ_TABLES:
        return make_tables(a, b);
    case REQ_WALK:
        return walk_tables(b);
    case REQ_GRANT:
        return grant(a, b);
    case REQ_STORM:
        return start_storm();
    }
    return -XEN_ENOSYS;
}

void worker_main(void)
{
    box = (struct box *)(uintptr_t)child_box.word;
    for (;;) {
        if (box->asked == box->done)
            continue;
        box->result = execute(box->request, box->a, box->b);
        barrier();
        box->done = box->asked;
    }
}
