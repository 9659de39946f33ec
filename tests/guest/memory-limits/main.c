/* SPDX-License-Identifier: MIT */
/*
 * memory_op at its limits: lists that end in bad memory, counts that wrap, orders, addresses,
 * continuations that a guest forges; exchange of frames that may not go; claims; and that memory
 * comes clean. Nothing is lost whatever was refused.
 */
#include "guest.h"

#define op(cmd, arg) hypercall(memory_op, XENMEM_##cmd, arg)
#define NR           16

static struct {
    char bytes[PAGE_SIZE];
} area[NR] __attribute__((aligned(4096)));

static const uint64_t bad_address[] = {UNMAPPED, NONCANON, HYPERVISOR_VIRT_START + 0x1000,
                                       HYPERVISOR_VIRT_END - 8, ~0UL - 7};

static struct xen_memory_reservation list_of(const void *list, uint64_t n)
{
    return (struct xen_memory_reservation){
        .extent_start = (uintptr_t)list, .nr_extents = n, .domid = DOMID_SELF};
}

static uint64_t *p2m(const void *va)
{
    return &((uint64_t *)start_info->mfn_list)[pfn_of(va)];
}

static void set_area(bool mapped)
{
    unsigned int i;

    for (i = 0; i < NR; i++)
        NEED(map_va(&area[i], mapped ? *p2m(&area[i]) * PAGE_SIZE | PTE_KERN : 0) == 0);
}

/* The area's frames go back to the hypervisor, and others come in their place. */
static void check_scrubbed(void)
{
    uint64_t list[NR];
    struct xen_memory_reservation r = list_of(list, NR);
    unsigned int i, n, dirty = 0;

    for (i = 0; i < NR; i++) {
        memset(&area[i], 0xa5, PAGE_SIZE);
        list[i] = *p2m(&area[i]);
    }
    set_area(false);
    CHECK_EQ(op(decrease_reservation, &r), NR);
    for (i = 0; i < NR; i++) {
        CHECK_EQ(m2p(list[i]), ~0UL);
        list[i] = pfn_of(&area[i]);
    }
    CHECK_EQ(op(populate_physmap, &r), NR);
    for (i = 0; i < NR; i++) {
        CHECK_EQ(m2p(list[i]), pfn_of(&area[i]));
        *p2m(&area[i]) = list[i];
    }
    set_area(true);
    for (i = 0; i < NR; i++)
        for (n = 0; n < PAGE_SIZE; n += 64)
            dirty += area[i].bytes[n] != 0;
    CHECK_EQ(dirty, 0);
}

/* A list whose last two elements are good memory, and the next page is not there or read-only. */
static void check_list_ends(void)
{
    uint64_t *list = (uint64_t *)&area[2] - 2, frame[2];
    struct xen_memory_reservation r = list_of(list, 4);
    domid_t self = DOMID_SELF;
    long now = op(current_reservation, &self);
    int round;

    for (round = 0; round < 2; round++) {
        /* Numbers can be read from a read-only page, but not written to it: one more then. */
        NEED(map_va(&area[2], round ? *p2m(&area[2]) * PAGE_SIZE | PTE_RO : 0) == 0);
        list[0] = list[1] = 0;
        CHECK_EQ(op(increase_reservation, &r), 3); /* the third is had, if not told */
        CHECK_EQ(op(current_reservation, &self), now + 3);
        frame[0] = list[0];
        frame[1] = list[1];
        CHECK(frame[0] && frame[1]);
        r.nr_extents = 2;
        CHECK_EQ(op(decrease_reservation, &r), 2);
        CHECK_EQ(op(decrease_reservation, &r), 0);
        now++;
        CHECK_EQ(op(current_reservation, &self), now);
        r.nr_extents = 4;
        NEED(set_writable(&area[2], true) == 0);
    }
}

/* Counts and orders that are too much: nothing is done. */
static void check_wrapping(void)
{
    uint64_t frame = 0;
    struct xen_memory_reservation r = list_of(&frame, 1UL << 63);
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(bad_address); i++) {
        r = list_of((void *)bad_address[i], 1);
        CHECK_EQ(op(decrease_reservation, &r), 0);
        CHECK_EQ(op(populate_physmap, &r), 0);
        CHECK_EQ(op(increase_reservation, bad_address[i]), 0);
    }
    r = list_of(&frame, 1UL << 63);
    CHECK_EQ(op(increase_reservation, &r), 0);
    r.nr_extents = (~0UL >> 6) + 1;
    CHECK_EQ(op(decrease_reservation, &r), 0);
    r.nr_extents = 1UL << 61; /* times 8 wraps */
    CHECK_EQ(op(populate_physmap, &r), 0);
    r.nr_extents = 1;
    r.extent_order = 64;
    CHECK_EQ(op(increase_reservation, &r), 0);
    r.extent_order = 19;
    CHECK_EQ(op(increase_reservation, &r), 0);
    r.extent_order = 0;
    r.mem_flags = XENMEMF_populate_on_demand;
    CHECK_EQ(op(populate_physmap, &r), 0);
    r.mem_flags = 12; /* below 2^12 there is no memory */
    CHECK_EQ(op(increase_reservation, &r), 0);
    r.mem_flags = XENMEMF_exact_node(200); /* and there is no such node */
    CHECK_EQ(op(increase_reservation, &r), 0);
    CHECK_EQ(frame, 0);
}

/* A start extent in the command, as our own continuations have it. */
static void check_forged_start(void)
{
    uint64_t list[3] = {0, 0, 0};
    struct xen_memory_reservation r = list_of(list, 3);

    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation | 4UL << 6, &r), 4);
    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation | ~0UL << 6, &r), (long)(~0UL >> 6));
    CHECK_EQ(hypercall(memory_op, XENMEM_increase_reservation | 2UL << 6, &r), 3);
    CHECK(!list[0] && !list[1] && list[2]);
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation | 2UL << 6, &r), 3);
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation | 3UL << 6, &r), 3);
}

static void check_pointers(void)
{
    static const unsigned int cmd[] = {XENMEM_current_reservation,
                                       XENMEM_maximum_reservation,
                                       XENMEM_maximum_gpfn,
                                       XENMEM_memory_map,
                                       XENMEM_machine_memory_map,
                                       XENMEM_machphys_mapping,
                                       XENMEM_set_memory_map,
                                       XENMEM_machphys_mfn_list,
                                       XENMEM_claim_pages,
                                       XENMEM_acquire_resource,
                                       XENMEM_exchange,
                                       XENMEM_get_vnumainfo};
    unsigned int i, k;

    for (i = 0; i < ARRAY_SIZE(cmd); i++)
        for (k = 0; k < ARRAY_SIZE(bad_address); k++) {
            long rc = hypercall(memory_op, cmd[i], bad_address[k]);

            if (rc != -XEN_EFAULT)
                failure("memory_op %u at %lx gives %ld", cmd[i], bad_address[k], rc);
        }
    NEED(set_writable(&area[3], false) == 0);
    CHECK_EQ(op(machphys_mapping, &area[3]), -XEN_EFAULT);
    NEED(set_writable(&area[3], true) == 0);
}

/* --- exchange --- */

static struct xen_memory_exchange exchange_of(uint64_t *in, uint64_t *out, unsigned int in_order,
                                              unsigned int out_order)
{
    struct xen_memory_exchange x = {.in = list_of(in, NR >> in_order),
                                    .out = list_of(out, NR >> out_order)};

    x.in.extent_order = in_order;
    x.out.extent_order = out_order;
    return x;
}

static void fill_lists(uint64_t *in, uint64_t *out)
{
    unsigned int i;

    for (i = 0; i < NR; i++) {
        in[i] = *p2m(&area[i]);
        out[i] = pfn_of(&area[i]);
    }
}

/* Singles for one block below 4 GiB, and that block for singles. */
static void check_exchange(void)
{
    static uint64_t in[NR], out[NR];
    struct xen_memory_exchange x = exchange_of(in, out, 0, 4);
    unsigned int i;

    fill_lists(in, out);
    set_area(false);
    x.out.mem_flags = 32;
    CHECK_EQ(op(exchange, &x), 0);
    CHECK_EQ(x.nr_exchanged, NR);
    CHECK_EQ(out[0] % NR, 0);
    CHECK(out[0] + NR <= 1UL << 20);
    for (i = 0; i < NR; i++) {
        CHECK_EQ(m2p(in[i]) == ~0UL || (in[i] >= out[0] && in[i] < out[0] + NR), 1);
        CHECK_EQ(m2p(out[0] + i), pfn_of(&area[i]));
        *p2m(&area[i]) = out[0] + i;
    }
    set_area(true);
    CHECK_EQ(try_write((uintptr_t)&area[NR - 1], 1), -1);
    set_area(false);
    fill_lists(in, out);
    x = exchange_of(in, out, 4, 0);
    CHECK_EQ(op(exchange, &x), 0);
    CHECK_EQ(x.nr_exchanged, 1);
    for (i = 0; i < NR; i++) {
        CHECK_EQ(m2p(out[i]), pfn_of(&area[i]));
        *p2m(&area[i]) = out[i];
    }
    set_area(true);
}

static void expect_unexchanged(int line, struct xen_memory_exchange x, long rc)
{
    long got = op(exchange, &x);

    if (got != rc || x.nr_exchanged)
        failure("line %d: exchange gives %ld, %lu done", line, got, x.nr_exchanged);
}

static void check_exchange_refused(void)
{
    static uint64_t in[NR], out[NR];
    struct xen_memory_exchange x = exchange_of(in, out, 0, 4);
    uint64_t old;
    unsigned int i;

    fill_lists(in, out);
    expect_unexchanged(__LINE__, x, -XEN_EINVAL); /* all are mapped */
    set_area(false);
    old = in[NR - 1];
    in[NR - 1] = in[0]; /* one twice */
    expect_unexchanged(__LINE__, x, -XEN_EINVAL);
    in[NR - 1] = mfn_of((void *)start_info->pt_base);
    expect_unexchanged(__LINE__, x, -XEN_EINVAL);
    in[NR - 1] = start_info->shared_info >> 12;
    expect_unexchanged(__LINE__, x, -XEN_EINVAL);
    in[NR - 1] = PTE_ADDR >> 12;
    expect_unexchanged(__LINE__, x, -XEN_EINVAL);
    in[NR - 1] = ~0UL;
    expect_unexchanged(__LINE__, x, -XEN_EINVAL);
    in[NR - 1] = old;
    x.out.mem_flags = 13;
    expect_unexchanged(__LINE__, x, -XEN_ENOMEM);
    x.out.mem_flags = 0;
    for (i = 0; i < ARRAY_SIZE(bad_address); i++) {
        x.in.extent_start = bad_address[i];
        CHECK(op(exchange, &x) < 0);
        x.in.extent_start = (uintptr_t)in;
    }
    x.out.extent_order = 11;
    expect_unexchanged(__LINE__, x, -XEN_EPERM);
    x = exchange_of(in, out, 0, 4);
    x.out.nr_extents = 2;
    expect_unexchanged(__LINE__, x, -XEN_EINVAL);
    x.in.nr_extents = x.out.nr_extents = 1UL << 60;
    expect_unexchanged(__LINE__, x, -XEN_EINVAL);
    x = exchange_of(in, out, 0, 4);
    x.in.domid = 0x1234;
    CHECK(op(exchange, &x) < 0);
    x = exchange_of(in, out, 0, 4);
    x.nr_exchanged = 3; /* not between two steps */
    CHECK_EQ(op(exchange, &x), -XEN_EINVAL);
    x.nr_exchanged = NR; /* forged, but it only skips */
    CHECK_EQ(op(exchange, &x), 0);
    set_area(true);
}

static void check_claims(void)
{
    struct xen_memory_reservation r = {.domid = 0};
    domid_t self = DOMID_SELF;
    long now = op(current_reservation, &self);

    r.nr_extents = (uint64_t)now;
    CHECK_EQ(op(claim_pages, &r), -XEN_EINVAL); /* it has that much */
    r.nr_extents = 1UL << 40;
    CHECK(op(claim_pages, &r) < 0);
    r.nr_extents = (uint64_t)now + 10;
    r.extent_order = 1;
    CHECK_EQ(op(claim_pages, &r), -XEN_EINVAL);
    r.extent_order = 0;
    r.domid = 0x1234;
    CHECK_EQ(op(claim_pages, &r), -XEN_EINVAL);
}

void test_main(void)
{
    struct frame_counts before;

    check_list_ends(); /* keeps one frame in each round, which nobody can name */
    frames_count(&before);
    check_scrubbed();
    check_wrapping();
    check_forged_start();
    check_pointers();
    check_exchange();
    check_exchange_refused();
    check_claims();
    CHECK_FRAMES(&before);
    success();
}
