/* SPDX-License-Identifier: MIT */
/*
 * Lists of hypercalls in pages that are not filled, of calls that meet such pages in the midst of
 * the list, and lists of frames: each entry is done once, by what it counts.
 */
#include "parent.h"

#define ALLOCS 4

static uint64_t pages_of_child(void)
{
    return domain_info(child.id)->tot_pages;
}

static void set(struct multicall_entry *e, unsigned long op, uint64_t a1, uint64_t a2, uint64_t a3,
                uint64_t a4)
{
    memset(e, 0, sizeof(*e));
    e->op = op;
    e->result = 0x7777;
    e->args[0] = a1;
    e->args[1] = a2;
    e->args[2] = a3;
    e->args[3] = a4;
}

/* --- ports, which are given out in order --- */

static const struct evtchn_alloc_unbound alloc_self = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

static uint32_t port_at(uint64_t at)
{
    struct evtchn_alloc_unbound alloc;

    look(at, &alloc, sizeof(alloc));
    return alloc.port;
}

static void close_port(uint32_t port)
{
    CHECK_EQ(child_call(event_channel_op, EVTCHNOP_close, give(&port, sizeof(port))), 0);
}

/* One more than those at these addresses, which follow each other; closes all. */
static void check_ports(const uint64_t *at, unsigned int n)
{
    uint64_t last = give(&alloc_self, sizeof(alloc_self));

    CHECK_EQ(child_call(event_channel_op, EVTCHNOP_alloc_unbound, last), 0);
    for (unsigned int i = 0; i < n; i++) {
        CHECK_EQ(port_at(at[i]), port_at(last) - n + i);
        close_port(port_at(at[i]));
    }
    close_port(port_at(last));
}

static void set_alloc(struct multicall_entry *e, uint64_t at)
{
    set(e, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, at, 0, 0);
}

static void check_results(uint64_t at, const int64_t *expected, unsigned int n)
{
    struct multicall_entry e;

    for (unsigned int i = 0; i < n; i++) {
        look(at + i * sizeof(e), &e, sizeof(e));
        if ((int64_t)e.result != expected[i])
            failure("entry %u of a multicall, hypercall %lu: %ld, expected %ld", i, e.op, e.result,
                    expected[i]);
    }
}

/* The list itself. */
static void check_list(void)
{
    static struct multicall_entry list[80];
    static const int64_t zeros[ARRAY_SIZE(list)];
    uint64_t ports[ALLOCS], p = take(3), at;

    for (unsigned int i = 0; i < ARRAY_SIZE(list); i++)
        set(&list[i], __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
    for (unsigned int i = 0; i < ALLOCS; i++) {
        ports[i] = give(&alloc_self, sizeof(alloc_self));
        set_alloc(&list[i * 26], ports[i]);
    }
    at = place(p, PAGE_SIZE - 100, list, sizeof(list));
    CHECK_EQ(child_call(multicall, at, ARRAY_SIZE(list)), 0);
    CHECK_WANTED(p, 3);
    check_results(at, zeros, ARRAY_SIZE(list));
    check_ports(ports, ALLOCS);
}

/* What its entries point to. */
static void check_arguments(void)
{
    static struct multicall_entry list[8];
    struct xen_memory_reservation r = {.nr_extents = 2, .domid = DOMID_SELF};
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L1_TABLE};
    struct gnttab_query_size size = {.dom = DOMID_SELF, .status = 77};
    uint64_t table = zero_page(true), p = take(6), gone = take(2), ports[3], second, at, before;
    uint64_t frames[2] = {child_mfn(gone), child_mfn(gone + 1)};
    static const int64_t results[] = {0, 0, 2, 0, 0, 0, 0, 0};

    set_entry(gone, 0);
    set_entry(gone + 1, 0);
    fill_page(gone);
    pin.arg1.mfn = child_mfn(table);
    r.extent_start = place(p + 1, 8, frames, sizeof(frames));
    ports[0] = give(&alloc_self, sizeof(alloc_self));
    ports[1] = place(p, 64, &alloc_self, sizeof(alloc_self));
    ports[2] = give(&alloc_self, sizeof(alloc_self));
    set_alloc(&list[0], ports[0]);
    set_alloc(&list[1], ports[1]);
    set(&list[2], __HYPERVISOR_memory_op, XENMEM_decrease_reservation,
        place(p + 2, PAGE_SIZE - 4, &r, sizeof(r)), 0, 0);
    set(&list[3], __HYPERVISOR_xen_version, XENVER_extraversion, va(p + 4), 0, 0);
    set(&list[4], __HYPERVISOR_grant_table_op, GNTTABOP_query_size,
        place(p + 5, 0, &size, sizeof(size)), 1, 0);
    set_alloc(&list[5], ports[2]);
    set(&list[6], __HYPERVISOR_mmuext_op, place_across(&second, &pin, sizeof(pin)), 1, 0,
        DOMID_SELF);
    set(&list[7], __HYPERVISOR_xen_version, XENVER_extraversion, va(second) + 64, 0, 0);
    before = pages_of_child();
    at = give(list, sizeof(list));
    CHECK_EQ(child_call(multicall, at, ARRAY_SIZE(list)), 0);
    CHECK_WANTED_AMONG(second, 1);
    CHECK_WANTED(p, 6);
    check_results(at, results, ARRAY_SIZE(list));
    CHECK_EQ(pages_of_child(), before - 2);
    check_ports(ports, ARRAY_SIZE(ports));
    CHECK_EQ(child_mmuext(MMUEXT_UNPIN_TABLE, table, 0), 0);
}

/* An entry of a multicall that waits in the midst of a list of its own. */
static void check_inner_lists(void)
{
    static struct multicall_entry list[3];
    static const int64_t zeros[3];
    struct mmuext_op ops[3] = {
        {.cmd = MMUEXT_PIN_L1_TABLE}, {.cmd = MMUEXT_CLEAR_PAGE}, {.cmd = MMUEXT_PIN_L1_TABLE}};
    uint64_t a = zero_page(true), b = zero_page(true), p = take(1), ports[2], at;

    ops[0].arg1.mfn = child_mfn(a);
    ops[1].arg1.mfn = child_mfn(p);
    ops[2].arg1.mfn = child_mfn(b);
    for (int i = 0; i < 2; i++) {
        ports[i] = give(&alloc_self, sizeof(alloc_self));
        set_alloc(&list[i * 2], ports[i]);
    }
    set(&list[1], __HYPERVISOR_mmuext_op, give(ops, sizeof(ops)), 3, 0, DOMID_SELF);
    at = give(list, sizeof(list));
    CHECK_EQ(child_call(multicall, at, 3), 0);
    CHECK_WANTED(p, 1);
    check_results(at, zeros, 3);
    check_ports(ports, 2);
    CHECK_EQ(request(REQ_PEEK, va(p), 0, 0), 0);
    CHECK_EQ(child_mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0);
    CHECK_EQ(child_mmuext(MMUEXT_UNPIN_TABLE, b, 0), 0);
}

/* A call that goes well although it met such a page, then one that fails for another reason, in the
 * midst of its list: that is not done again. */
static void check_failing(void)
{
    static struct multicall_entry list[2];
    static const int64_t results[] = {0, -XEN_ENOSYS};
    struct vcpu_register_runstate_memory_area area;
    struct mmuext_op ops[2] = {{.cmd = MMUEXT_PIN_L1_TABLE}, {.cmd = 99}};
    uint64_t a = zero_page(true), p = take(1), at;

    area.addr.p = va(p) + 64;
    ops[0].arg1.mfn = child_mfn(a);
    set(&list[0], __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0,
        give(&area, sizeof(area)), 0);
    set(&list[1], __HYPERVISOR_mmuext_op, give(ops, sizeof(ops)), 2, 0, DOMID_SELF);
    at = give(list, sizeof(list));
    CHECK_EQ(child_call(multicall, at, 2), 0);
    check_results(at, results, 2);
    CHECK_WANTED(p, 1);
    CHECK_EQ(child_mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0);
}

/* --- reservations --- */

static int64_t reserve(uint32_t cmd, uint64_t list, uint64_t n)
{
    struct xen_memory_reservation r = {.nr_extents = n, .domid = DOMID_SELF, .extent_start = list};

    return child_call(memory_op, cmd, give(&r, sizeof(r)));
}

/* Frames in exchange for none, and back. */
static void check_reservation(void)
{
    uint64_t p = take(8), list[8], new[8], second, at, before = pages_of_child(), q;
    uint64_t unfilled_before;

    for (uint64_t i = 0; i < 8; i++) {
        if (i & 1)
            fill_page(p + i);
        set_entry(p + i, 0);
        list[i] = child_mfn(p + i);
    }
    at = place_across(&second, list, sizeof(list));
    unfilled_before = unfilled();
    CHECK_EQ(reserve(XENMEM_decrease_reservation, at, 8), 8);
    CHECK_WANTED(second, 1);
    CHECK_EQ(pages_of_child(), before - 8);
    CHECK_EQ(unfilled(), unfilled_before - 1 - 4); /* the list's page, and the frames */
    /* Filling what it has no more does nothing. */
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, list, pfn_va(pfn_of(child.box)), 1), 0);
    CHECK_EQ(fo->nr, 1);
    CHECK_EQ(fo->unfilled, unfilled_before - 5);
    for (uint64_t i = 0; i < 8; i++)
        list[i] = p + i;
    at = place(q = take(2), PAGE_SIZE - 32, list, sizeof(list));
    CHECK_EQ(reserve(XENMEM_populate_physmap, at, 8), 8);
    CHECK_WANTED(q, 2);
    CHECK_EQ(pages_of_child(), before);
    CHECK_EQ(unfilled(), unfilled_before - 7);
    look(at, new, sizeof(new));
    for (uint64_t i = 0; i < 8; i++) {
        CHECK_EQ(m2p(new[i]), p + i);
        CHECK_EQ(child_call(update_va_mapping, va(p + i), new[i] << 12 | PTE_KERN,
                            UVMF_INVLPG | UVMF_ALL),
                 0);
        request(REQ_STORE, va(p + i), STORE_64, i);
        CHECK_EQ(request(REQ_PEEK, va(p + i), 0, 0), i);
    }
    CHECK_WANTED_NONE();
}

/* A page without content against one that has some; it waits, though nobody will see the content.
 */
static void check_exchange(void)
{
    struct xen_memory_exchange x = {.in = {.nr_extents = 1, .domid = DOMID_SELF},
                                    .out = {.nr_extents = 1, .domid = DOMID_SELF}};
    uint64_t p = take(1), in = take(1), out = take(1), q = take(1), mfn = child_mfn(p), at;
    uint64_t before = pages_of_child(), unfilled_before;

    set_entry(p, 0);
    x.in.extent_start = place(in, 0, &mfn, sizeof(mfn));
    x.out.extent_start = place(out, 0, &p, sizeof(p));
    at = place(q, 0, &x, sizeof(x));
    unfilled_before = unfilled();
    CHECK_EQ(child_call(memory_op, XENMEM_exchange, at), 0);
    CHECK_WANTED_AMONG(q, 1);
    CHECK_WANTED_AMONG(p, 1);
    CHECK_WANTED_BOTH(in, out);
    look(at, &x, sizeof(x));
    CHECK_EQ(x.nr_exchanged, 1);
    CHECK_EQ(pages_of_child(), before);
    CHECK_EQ(unfilled(), unfilled_before - 4);
    look(va(out), &mfn, sizeof(mfn));
    CHECK(mfn != child_mfn(p));
    CHECK_EQ(m2p(mfn), p);
    CHECK_EQ(child_call(update_va_mapping, va(p), mfn << 12 | PTE_KERN, UVMF_INVLPG | UVMF_ALL), 0);
    request(REQ_STORE, va(p), STORE_64, 5);
    CHECK_EQ(request(REQ_PEEK, va(p), 0, 0), 5);
    CHECK_WANTED_NONE();
}

void check_multicalls(void)
{
    check_list();
    check_arguments();
    check_inner_lists();
    check_failing();
    check_reservation();
    check_exchange();
}
