/* SPDX-License-Identifier: MIT */
/*
 * What a domain without rights may not do with page tables and memory: caching attributes, devices,
 * frames of others and of the hypervisor, tables of others, other domains' reservations. Each is
 * refused with the error of 4.17 and changes nothing.
 */
#include "guest.h"

enum { DOM0_FRAME, DOM0_TABLE, ENDED, MAX_ORDER };

static uint64_t *leaf;
static char *page;

static long put_entry(uint64_t val, uint32_t foreigndom)
{
    struct mmu_update u = {.ptr = entry_maddr(leaf), .val = val};

    return hypercall(mmu_update, &u, 1, 0, foreigndom);
}

static void expect_refused(int line, uint64_t val, uint32_t foreigndom, long rc)
{
    uint64_t old = *leaf;
    long got = put_entry(val, foreigndom);

    if (got != rc)
        failure("line %d: entry %lx of %x gives %ld, expected %ld", line, val, foreigndom, got, rc);
    if (*leaf != old)
        failure("line %d: entry changed from %lx to %lx", line, old, *leaf);
}

static void attributes(void)
{
    uint64_t own = mfn_of(page) * PAGE_SIZE | PTE_KERN, bits;

    for (bits = 1; bits < 8; bits++)
        expect_refused(__LINE__,
                       own | (bits & 1 ? PTE_PWT : 0) | (bits & 2 ? PTE_PCD : 0) |
                           (bits & 4 ? PTE_PSE : 0),
                       DOMID_SELF, -XEN_EINVAL);
}

static void devices(void)
{
    static const uint64_t mfn[] = {0xfee00, 0xfec00, 0xb8, 0xf0, 0xfed00, 0xc0000};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(mfn); i++) {
        expect_refused(__LINE__, mfn[i] * PAGE_SIZE | PTE_KERN, DOMID_SELF, -XEN_EPERM);
        expect_refused(__LINE__, mfn[i] * PAGE_SIZE | PTE_RO, DOMID_SELF, -XEN_EPERM);
        expect_refused(__LINE__, mfn[i] * PAGE_SIZE | PTE_KERN, DOMID_IO, -XEN_EPERM);
    }
    expect_refused(__LINE__, PTE_ADDR | PTE_KERN, DOMID_SELF, -XEN_EINVAL);
}

/* The hypervisor lies at 2 MiB; a frame of its image, one of the M2P table, one of Domain 0. */
static void frames_of_others(void)
{
    uint64_t dom0 = child_box.word[DOM0_FRAME] * PAGE_SIZE;

    expect_refused(__LINE__, 0x200000 | PTE_RO, DOMID_SELF, -XEN_EINVAL);
    expect_refused(__LINE__, 0x200000 | PTE_RO, DOMID_XEN, -XEN_EPERM);
    expect_refused(__LINE__, dom0 | PTE_RO, DOMID_SELF, -XEN_EBUSY);
    expect_refused(__LINE__, dom0 | PTE_RO, 0, -XEN_EPERM);
    expect_refused(__LINE__, dom0 | PTE_RO, DOMID_IO, -XEN_EBUSY);
    CHECK(hypercall(update_va_mapping_otherdomain, page, dom0 | PTE_RO, 0, 0) < 0);
    CHECK(hypercall(update_va_mapping_otherdomain, page, 0x200000 | PTE_RO, 0, DOMID_XEN) < 0);
    CHECK_EQ(hypercall(update_va_mapping_otherdomain, page, 0, 0, 0x1234), -XEN_ESRCH);
}

static void tables_of_others(void)
{
    uint64_t table = child_box.word[DOM0_TABLE];
    struct mmu_update u = {.ptr = table * PAGE_SIZE, .val = 0};
    struct mmuext_op op = {.cmd = MMUEXT_UNPIN_TABLE, .arg1.mfn = table};

    CHECK_EQ(hypercall(mmu_update, &u, 1, 0, DOMID_SELF), -XEN_EINVAL);
    CHECK_EQ(hypercall(mmu_update, &u, 1, 0, (0U + 1) << 16 | DOMID_SELF), -XEN_EPERM);
    u.ptr |= MMU_MACHPHYS_UPDATE;
    CHECK_EQ(hypercall(mmu_update, &u, 1, 0, DOMID_SELF), -XEN_EINVAL);
    CHECK_EQ(m2p(child_box.word[DOM0_FRAME]), child_box.word[DOM0_FRAME + 10]);
    CHECK_EQ(hypercall(mmuext_op, &op, 1, 0, DOMID_SELF), -XEN_EINVAL);
    CHECK_EQ(hypercall(mmuext_op, &op, 1, 0, 0), -XEN_EPERM);
    op.cmd = MMUEXT_PIN_L4_TABLE;
    CHECK_EQ(hypercall(mmuext_op, &op, 1, 0, DOMID_SELF), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_NEW_BASEPTR, table, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_NEW_USER_BASEPTR, table, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_CLEAR_PAGE, child_box.word[DOM0_FRAME], 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_COPY_PAGE, mfn_of(page), child_box.word[DOM0_FRAME]), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_FLUSH_CACHE, 0, 0), -XEN_EACCES);
    CHECK_EQ(mmuext1(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), -XEN_EACCES);
}

static void reservations(void)
{
    uint64_t frame = child_box.word[DOM0_FRAME];
    struct xen_memory_reservation r = {
        .extent_start = (uintptr_t)&frame, .nr_extents = 1, .domid = 0};
    struct xen_memory_exchange x = {.in = r, .out = r};
    struct xen_foreign_memory_map map = {.domid = DOMID_SELF};
    struct xen_mem_acquire_resource res = {.domid = 0, .type = XENMEM_resource_grant_table};
    struct xen_memory_map mm = {.nr_entries = 0};
    domid_t zero = 0;

    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation, &r), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_populate_physmap, &r), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_exchange, &x), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_claim_pages, &r), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_current_reservation, &zero), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_maximum_reservation, &zero), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_maximum_gpfn, &zero), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_machine_memory_map, &mm), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_machphys_mfn_list, &mm), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_set_memory_map, &map), -XEN_EPERM);
    CHECK_EQ(hypercall(memory_op, XENMEM_acquire_resource, &res), -XEN_EPERM);
    r.domid = DOMID_SELF;
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), 0);
    x.in.domid = x.out.domid = DOMID_SELF;
    CHECK_EQ(hypercall(memory_op, XENMEM_exchange, &x), -XEN_EINVAL);
    CHECK_EQ(x.nr_exchanged, 0);
}

/* It gets what its limit leaves, and no extent larger than a domain without devices may have. */
static void limits(void)
{
    static uint64_t list[300];
    struct xen_memory_reservation r = {
        .extent_start = (uintptr_t)list, .nr_extents = 300, .domid = DOMID_SELF};
    domid_t self = DOMID_SELF;
    long now = hypercall(memory_op, XENMEM_current_reservation, &self);
    long max = hypercall(memory_op, XENMEM_maximum_reservation, &self);
    long got;

    CHECK(max - now > 0 && max - now < 300);
    got = hypercall(memory_op, XENMEM_populate_physmap, &r);
    CHECK_EQ(got, max - now);
    CHECK_EQ(hypercall(memory_op, XENMEM_current_reservation, &self), max);
    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation, &r), 0);
    r.nr_extents = (uint64_t)got;
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), got);
    CHECK_EQ(hypercall(memory_op, XENMEM_current_reservation, &self), now);
    r.nr_extents = 1;
    r.extent_order = 10;
    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation, &r), 0);
    r.extent_order = 3;
    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation, &r), 1);
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), 1);
    CHECK_EQ(hypercall(memory_op, XENMEM_current_reservation, &self), now);
}

static void in_the_child(void)
{
    page = page_alloc();
    leaf = entry_of((uintptr_t)page, 1);
    attributes();
    devices();
    frames_of_others();
    tables_of_others();
    reservations();
    limits();
    child_box.word[ENDED] = 1;
}

/* Extents are cleared in one go: how large one can be depends on what a domain may do. */
static void extents(void)
{
    static uint64_t frame;
    struct xen_memory_reservation r = {
        .extent_start = (uintptr_t)&frame, .nr_extents = 1, .domid = DOMID_SELF};

    r.extent_order = (unsigned int)child_box.word[MAX_ORDER];
    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation, &r), 1);
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), 1);
    r.extent_order++;
    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation, &r), 0);
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), 0);
    child_box.word[ENDED] = 1;
}

static void run_extents(bool driver)
{
    static struct child c;

    child_make(&c, extents, 1);
    ctl_clear();
    ctl.u.max_mem.max_memkb = 128 << 10;
    NEED(domctl(XEN_DOMCTL_max_mem, c.id) == 0);
    if (driver) {
        ctl_clear();
        ctl.u.iomem_permission.first_mfn = 0xb8; /* VGA text */
        ctl.u.iomem_permission.nr_mfns = 1;
        ctl.u.iomem_permission.allow_access = 1;
        NEED(domctl(XEN_DOMCTL_iomem_permission, c.id) == 0);
    }
    c.box->word[MAX_ORDER] = driver ? 12 : 9;
    child_run(&c);
    CHECK_EQ(child_wait(&c, 10000), SHUTDOWN_poweroff);
    CHECK_EQ(c.box->word[ENDED], 1);
    child_end(&c);
}

static void run(void)
{
    static struct child c;
    void *mine = page_alloc();

    child_make(&c, in_the_child, 1);
    c.box->word[DOM0_FRAME] = mfn_of(mine);
    c.box->word[DOM0_FRAME + 10] = pfn_of(mine);
    c.box->word[DOM0_TABLE] = mfn_of((void *)start_info->pt_base);
    child_run(&c);
    CHECK_EQ(child_wait(&c, 10000), SHUTDOWN_poweroff);
    CHECK_EQ(c.box->word[ENDED], 1);
    child_end(&c);
}

void test_main(void)
{
    struct frame_counts frames;
    struct counts counts;

    run(); /* caches of ours are warm afterwards */
    counts_take(&counts);
    page_alloc(); /* ... and no later allocation of this kernel counts */
    frames_count(&frames);
    run();
    CHECK_COUNTS(&counts);
    CHECK_FRAMES(&frames);
    run_extents(false);
    run_extents(true);
    success();
}
