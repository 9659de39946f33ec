/* SPDX-License-Identifier: MIT */
/*
 * memory_op for a PV Dom0: counts, memory map, M2P range, giving back and
 * getting frames, exchange; and frames that may not be given back.
 */
#include "guest.h"

#define op(cmd, arg) hypercall(memory_op, XENMEM_##cmd, arg)

static struct xen_memory_reservation list_of(void *frames, unsigned long n)
{
    return (struct xen_memory_reservation){
        .extent_start = (uintptr_t)frames, .nr_extents = n, .domid = DOMID_SELF};
}

static void check_counts(void)
{
    domid_t self = DOMID_SELF, none = 0x1234;
    long now = op(current_reservation, &self);

    CHECK_EQ(now, start_info->nr_pages);
    CHECK(op(maximum_reservation, &self) >= now);
    CHECK(op(maximum_ram_page, 0) > now);
    CHECK_EQ(op(current_reservation, &none), -XEN_ESRCH);
    CHECK_EQ(op(current_reservation, UNMAPPED), -XEN_EFAULT);
}

static void check_mapping(void)
{
    struct xen_machphys_mapping m = {0};

    CHECK_EQ(op(machphys_mapping, &m), 0);
    CHECK_EQ(m.v_start, MACH2PHYS_VIRT_START);
    CHECK(m.v_end <= MACH2PHYS_VIRT_END);
    CHECK((long)m.max_mfn + 1 >= op(maximum_ram_page, 0));
    CHECK_EQ(op(machphys_mapping, UNMAPPED), -XEN_EFAULT);
}

static void check_map(void)
{
    static struct {
        uint64_t addr, size;
        uint32_t type;
    } __attribute__((packed)) map[128];
    struct xen_memory_map m = {.nr_entries = ARRAY_SIZE(map), .buffer = (uintptr_t)map};
    unsigned int i;

    CHECK_EQ(op(machine_memory_map, &m), 0);
    CHECK(m.nr_entries > 2 && m.nr_entries < ARRAY_SIZE(map));
    for (i = 1; i < m.nr_entries; i++)
        CHECK(map[i].addr >= map[i - 1].addr + map[i - 1].size);
    CHECK_EQ(map[0].addr, 0);
    CHECK_EQ(map[0].type, 1);
    m.nr_entries = 1;
    CHECK_EQ(op(machine_memory_map, &m), -XEN_EINVAL);
    m.nr_entries = ARRAY_SIZE(map);
    m.buffer = UNMAPPED;
    CHECK_EQ(op(machine_memory_map, &m), -XEN_EFAULT);
    CHECK_EQ(op(memory_map, &m), -XEN_ENOSYS);
}

/* Give a frame back, take another for the same pfn, and use it. */
static void check_balloon(void)
{
    char *page = page_alloc();
    uint64_t frame = mfn_of(page), pfn = pfn_of(page);
    struct xen_memory_reservation r = list_of(&frame, 1);
    domid_t self = DOMID_SELF;
    long before = op(current_reservation, &self);

    NEED(map_va(page, 0) == 0);
    CHECK_EQ(op(decrease_reservation, &r), 1);
    CHECK_EQ(op(current_reservation, &self), before - 1);
    CHECK(map_va(page, frame * PAGE_SIZE | PTE_KERN) < 0);
    frame = pfn;
    CHECK_EQ(op(populate_physmap, &r), 1);
    CHECK_EQ(op(current_reservation, &self), before);
    CHECK_EQ(m2p(frame), pfn);
    CHECK_EQ(map_va(page, frame * PAGE_SIZE | PTE_KERN), 0);
    CHECK_EQ(try_write((uintptr_t)page, 1), -1);
    /* increase brings a frame that no pfn names. */
    frame = 0;
    CHECK_EQ(op(increase_reservation, &r), 1);
    CHECK(frame != 0);
    CHECK_EQ(op(decrease_reservation, &r), 1);
}

/*
 * A frame that is still mapped is taken at the word: it leaves the domain when
 * the last mapping goes.
 */
static void check_mapped(void)
{
    char *page = page_alloc();
    uint64_t frame = mfn_of(page);
    struct xen_memory_reservation r = list_of(&frame, 1);
    domid_t self = DOMID_SELF;
    long before = op(current_reservation, &self);

    CHECK_EQ(op(decrease_reservation, &r), 1);
    CHECK_EQ(try_write((uintptr_t)page, 1), -1);
    CHECK_EQ(op(current_reservation, &self), before);
    CHECK_EQ(map_va(page, 0), 0);
    CHECK_EQ(op(current_reservation, &self), before - 1);
    CHECK_EQ(op(decrease_reservation, &r), 0);
    frame = pfn_of(page);
    CHECK_EQ(op(populate_physmap, &r), 1);
    CHECK_EQ(map_va(page, frame * PAGE_SIZE | PTE_KERN), 0);
}

/* Frames that are not the caller's stay. */
static void check_foreign(void)
{
    uint64_t frame = PTE_ADDR >> 12;
    struct xen_memory_reservation r = list_of(&frame, 1);

    CHECK_EQ(op(decrease_reservation, &r), 0);
    frame = 0xfee00;
    CHECK_EQ(op(decrease_reservation, &r), 0);
}

static void check_exchange(void)
{
    char *page = page_alloc();
    uint64_t in = mfn_of(page), out = pfn_of(page);
    struct xen_memory_exchange x = {.in = list_of(&in, 1), .out = list_of(&out, 1)};

    NEED(map_va(page, 0) == 0);
    CHECK_EQ(op(exchange, &x), 0);
    CHECK_EQ(x.nr_exchanged, 1);
    CHECK_EQ(m2p(out), pfn_of(page));
    CHECK_EQ(map_va(page, out * PAGE_SIZE | PTE_KERN), 0);
    CHECK_EQ(try_write((uintptr_t)page, 1), -1);
}

static void check_exchange_misuse(void)
{
    char *page = page_alloc();
    uint64_t in = mfn_of((void *)start_info->pt_base), out = pfn_of(page);
    struct xen_memory_exchange x = {.in = list_of(&in, 1), .out = list_of(&out, 1)};

    CHECK(op(exchange, &x) < 0);
    CHECK_EQ(x.nr_exchanged, 0);
    CHECK_EQ(m2p(in), pfn_of((void *)start_info->pt_base));
    in = mfn_of(page);
    x.out.nr_extents = 2;
    CHECK_EQ(op(exchange, &x), -XEN_EINVAL);
    x.out.nr_extents = 1;
    x.nr_exchanged = 2;
    CHECK_EQ(op(exchange, &x), -XEN_EINVAL);
    x.nr_exchanged = 0;
    x.in.domid = 0x1234;
    CHECK(op(exchange, &x) < 0);
    CHECK_EQ(op(exchange, UNMAPPED), -XEN_EFAULT);
}

static void check_misuse(void)
{
    uint64_t frame = 0;
    struct xen_memory_reservation r = list_of(&frame, 1);
    struct xen_add_to_physmap add = {.domid = DOMID_SELF};

    r.extent_start = UNMAPPED;
    CHECK_EQ(op(decrease_reservation, &r), 0);
    CHECK_EQ(op(populate_physmap, &r), 0);
    /* Reservations that cannot be read: nothing was done, says the count. */
    CHECK_EQ(op(populate_physmap, UNMAPPED), 0);
    r = list_of(&frame, 1);
    r.extent_order = 40;
    CHECK_EQ(op(populate_physmap, &r), 0);
    r.extent_order = 0;
    r.domid = 0x1234;
    CHECK_EQ(op(increase_reservation, &r), 0);
    r.domid = DOMID_SELF;
    r.nr_extents = ~0UL;
    CHECK_EQ(op(populate_physmap, &r), 0);
    CHECK(op(add_to_physmap, &add) < 0);
    CHECK_EQ(hypercall(memory_op, 8, 0), -XEN_ENOSYS);
    CHECK_EQ(hypercall(memory_op, 40, 0), -XEN_ENOSYS);
}

void test_main(void)
{
    check_counts();
    check_mapping();
    check_map();
    check_balloon();
    check_mapped();
    check_foreign();
    check_exchange();
    check_exchange_misuse();
    check_misuse();
    success();
}
