/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls whose arguments lie in pages that are not filled, or begin in one that is and go on in
 * one that is not.  Most calls do something before they have read all, so each is looked at for
 * whether it was done exactly once.
 */
#include "parent.h"

static void check_version(void)
{
    static char expected[sizeof(xen_extraversion_t)], got[sizeof(expected)];
    uint64_t p = take(3), size = sizeof(expected);

    NEED(hypercall(xen_version, XENVER_extraversion, expected) == 0);
    CHECK_EQ(child_call(xen_version, XENVER_extraversion, va(p)), 0);
    CHECK_WANTED(p, 1);
    CHECK_CHANGED(p, 0, size);
    look(va(p), got, size);
    CHECK(memcmp(got, expected, size) == 0);
    fill_page(p + 1);
    CHECK_EQ(child_call(xen_version, XENVER_extraversion, va(p + 2) - 8), 0);
    CHECK_WANTED(p + 2, 1);
    CHECK_CHANGED(p + 1, PAGE_SIZE - 8, PAGE_SIZE);
    CHECK_CHANGED(p + 2, 0, size - 8);
    look(va(p + 2) - 8, got, size);
    CHECK(memcmp(got, expected, size) == 0);
}

/* --- lists of page-table updates --- */

static uint64_t l1_entry(uint64_t pfn)
{
    return child_mfn(child.first_table + 3 + pfn / 512) << 12 | pfn % 512 * 8;
}

static void check_mmu_update(void)
{
    static struct mmu_update list[20];
    uint64_t n = ARRAY_SIZE(list), q = take(n), done = take(1), second, at, e;
    uint32_t count;

    for (uint64_t i = 0; i < n; i++) {
        list[i].ptr = l1_entry(q + i);
        list[i].val = child_mfn(q + n - 1 - i) << 12 | PTE_RO;
    }
    at = place_across(&second, list, sizeof(list));
    CHECK_EQ(child_call(mmu_update, at, n, va(done) + 8, DOMID_SELF), 0);
    CHECK_WANTED_BOTH(second, done);
    CHECK_CHANGED(done, 8, 12);
    look(va(done) + 8, &count, sizeof(count));
    CHECK_EQ(count, n);
    for (uint64_t i = 0; i < n; i++) {
        look(va(child.first_table + 3 + (q + i) / 512) + (q + i) % 512 * 8, &e, sizeof(e));
        CHECK_EQ(e, list[i].val);
        set_entry(q + i, PTE_KERN);
    }
    CHECK_WANTED_NONE();
    /* One request takes another way. */
    list[0].val = child_mfn(q) << 12 | PTE_RO;
    at = place(take(1), 32, list, sizeof(list[0]));
    CHECK_EQ(child_call(mmu_update, at, 1, 0, DOMID_SELF), 0);
    CHECK_WANTED(pfn_of((void *)at), 1);
    CHECK_EQ(request(REQ_COMPARE, q, 1, 0), 0);
    CHECK_WANTED(q, 1);
}

/* A second pin of the same, or unpinning what is not, fails. */
static void check_mmuext(void)
{
    static struct mmuext_op list[6];
    uint64_t a = zero_page(true), b = zero_page(true), done = take(1), second, at;
    uint32_t count;

    for (unsigned int i = 0; i < ARRAY_SIZE(list); i++) {
        list[i].cmd = i == 2 || i == 3 ? MMUEXT_UNPIN_TABLE : MMUEXT_PIN_L1_TABLE;
        list[i].arg1.mfn = child_mfn(i & 1 ? b : a);
    }
    at = place_across(&second, list, sizeof(list));
    CHECK_EQ(child_call(mmuext_op, at, ARRAY_SIZE(list), va(done), DOMID_SELF), 0);
    CHECK_WANTED_BOTH(second, done);
    look(va(done), &count, sizeof(count));
    CHECK_EQ(count, ARRAY_SIZE(list));
    CHECK_EQ(child_mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0);
    CHECK_EQ(child_mmuext(MMUEXT_UNPIN_TABLE, b, 0), 0);
}

/* What an operation of the list points to is met when those before it are done. */
static void check_mmuext_mask(void)
{
    uint64_t a = zero_page(true), mask = take(1), one = 1, at;
    struct mmuext_op list[] = {{.cmd = MMUEXT_PIN_L1_TABLE}, {.cmd = MMUEXT_INVLPG_MULTI}};

    list[0].arg1.mfn = child_mfn(a);
    list[1].arg1.linear_addr = va(mask);
    list[1].arg2.vcpumask = place(mask, 0, &one, sizeof(one));
    at = give(list, sizeof(list));
    CHECK_EQ(child_call(mmuext_op, at, 2, 0, DOMID_SELF), 0);
    CHECK_WANTED(mask, 1);
    CHECK_EQ(child_mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0);
    mask = take(1);
    CHECK_EQ(child_call(update_va_mapping, va(a), child_mfn(a) << 12 | PTE_KERN,
                        UVMF_INVLPG | place(mask, 0, &one, sizeof(one))),
             0);
    CHECK_WANTED(mask, 1);
}

/* --- event channels and the scheduler --- */

static int64_t evtchn_call(uint32_t cmd, uint64_t arg)
{
    return child_call(event_channel_op, cmd, arg);
}

/* Across two pages, neither filled; what comes back is written to both. */
static void check_evtchn(void)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF}, other;
    struct evtchn_status status = {.dom = DOMID_SELF};
    uint64_t p = take(2), q = take(2), at;

    at = place(p, PAGE_SIZE - 4, &alloc, sizeof(alloc));
    CHECK_EQ(evtchn_call(EVTCHNOP_alloc_unbound, at), 0);
    CHECK_WANTED(p, 2);
    look(at, &alloc, sizeof(alloc));
    CHECK(alloc.port != 0);
    other = alloc;
    at = give(&alloc, sizeof(alloc));
    CHECK_EQ(evtchn_call(EVTCHNOP_alloc_unbound, at), 0);
    look(at, &other, sizeof(other));
    CHECK_EQ(other.port, alloc.port + 1);
    status.port = alloc.port;
    at = place(q, PAGE_SIZE - 8, &status, sizeof(status));
    CHECK_EQ(evtchn_call(EVTCHNOP_status, at), 0);
    CHECK_WANTED(q, 2);
    look(at, &status, sizeof(status));
    CHECK_EQ(status.status, EVTCHNSTAT_unbound);
    at = place(q = take(1), 100, &alloc.port, sizeof(alloc.port));
    CHECK_EQ(evtchn_call(EVTCHNOP_close, at), 0);
    CHECK_WANTED(q, 1);
    CHECK_EQ(evtchn_call(EVTCHNOP_close, at), -XEN_EINVAL);
    at = give(&other.port, sizeof(other.port));
    CHECK_EQ(evtchn_call(EVTCHNOP_close, at), 0);
}

static void check_poll(void)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    struct sched_poll poll = {.nr_ports = 2, .timeout = 1};
    uint64_t at = give(&alloc, sizeof(alloc)), p = take(1), q;
    evtchn_port_t ports[2];

    CHECK_EQ(evtchn_call(EVTCHNOP_alloc_unbound, at), 0);
    look(at, &alloc, sizeof(alloc));
    ports[0] = ports[1] = alloc.port;
    poll.ports = place_across(&q, ports, sizeof(ports));
    at = place(p, 8, &poll, sizeof(poll));
    CHECK_EQ(child_call(sched_op, SCHEDOP_poll, at), 0);
    CHECK_WANTED_BOTH(p, q);
    at = give(&alloc.port, sizeof(alloc.port));
    CHECK_EQ(evtchn_call(EVTCHNOP_close, at), 0);
}

static void check_trap_table(void)
{
    static struct trap_info table[9];
    uint64_t second, at;

    for (unsigned int i = 0; i < 8; i++)
        trap_info_fill(&table[i], i + 6, 0);
    at = place_across(&second, table, sizeof(table));
    CHECK_EQ(child_call(set_trap_table, at), 0);
    CHECK_WANTED(second, 1);
    CHECK_EQ(request(REQ_TRAP, at + 64, 0, 0), VEC_UD);
}

/* --- grants, memory, console --- */

static struct gnttab_copy own_copy(uint64_t to, uint64_t from)
{
    struct gnttab_copy c = {
        .source.domid = DOMID_SELF, .dest.domid = DOMID_SELF, .len = 64, .status = 77};

    c.source.u.gmfn = child_mfn(from);
    c.dest.u.gmfn = child_mfn(to);
    return c;
}

static void check_grant_ops(void)
{
    static struct gnttab_copy list[6];
    uint64_t n = ARRAY_SIZE(list), from = take(n), to = take(n), second, at;

    for (uint64_t i = 0; i < n; i++) {
        fill_page(from + i);
        fill_page(to + i);
        list[i] = own_copy(to + i, from + i);
    }
    at = place_across(&second, list, sizeof(list));
    CHECK_EQ(child_call(grant_table_op, GNTTABOP_copy, at, n), 0);
    CHECK_WANTED(second, 1);
    look(at, list, sizeof(list));
    for (uint64_t i = 0; i < n; i++) {
        CHECK_EQ(list[i].status, GNTST_okay);
        CHECK_CHANGED(to + i, 0, 64);
        CHECK_EQ(request(REQ_PEEK, va(to + i), 0, 0), filled(from + i, 0));
    }
}

/* Its own frames, not filled: it may be told to try again, when there is no need to wait any more.
 */
static void check_own_copy(void)
{
    uint64_t p = take(2), at;
    struct gnttab_copy c = own_copy(p, p + 1);
    int tries = 0;

    at = give(&c, sizeof(c));
    do {
        CHECK_EQ(child_call(grant_table_op, GNTTABOP_copy, at, 1), 0);
        look(at, &c, sizeof(c));
    } while (c.status == GNTST_eagain && ++tries < 10);
    CHECK_EQ(c.status, GNTST_okay);
    CHECK(tries <= 2);
    CHECK_WANTED(p, 2);
    CHECK_EQ(request(REQ_PEEK, va(p), 0, 0), filled(p + 1, 0));
    CHECK_CHANGED(p, 0, 64);
}

/* The other list that they come in: only the second version has it. */
static void check_status_frames(void)
{
    struct gnttab_get_status_frames status = {.dom = DOMID_SELF, .nr_frames = 1, .status = 77};
    struct gnttab_set_version version = {.version = 2};
    uint64_t p = take(2), q = take(1), at = place(p, 0, &version, sizeof(version));

    CHECK_EQ(child_call(grant_table_op, GNTTABOP_set_version, at, 1), 0);
    CHECK_WANTED(p, 1);
    status.frame_list = va(q) + 16;
    at = place(p + 1, 0, &status, sizeof(status));
    CHECK_EQ(child_call(grant_table_op, GNTTABOP_get_status_frames, at, 1), 0);
    look(at, &status, sizeof(status));
    CHECK_EQ(status.status, GNTST_okay);
    CHECK_WANTED_BOTH(p + 1, q);
    CHECK_CHANGED(q, 16, 24);
    CHECK(request(REQ_PEEK, va(q) + 16, 0, 0) != (int64_t)filled(q, 2));
    version.version = 1;
    at = give(&version, sizeof(version));
    CHECK_EQ(child_call(grant_table_op, GNTTABOP_set_version, at, 1), 0);
}

/* The frames of its grant table go to where a structure points. */
static void check_setup_table(void)
{
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1, .status = 77};
    struct gnttab_query_size size = {.dom = DOMID_SELF, .status = 77};
    uint64_t p = take(1), q = take(1), second, at;

    setup.frame_list = va(q) + 16;
    at = place(p, 256, &setup, sizeof(setup));
    CHECK_EQ(child_call(grant_table_op, GNTTABOP_setup_table, at, 1), 0);
    look(at, &setup, sizeof(setup));
    CHECK_EQ(setup.status, GNTST_okay);
    CHECK_WANTED_BOTH(p, q);
    CHECK_CHANGED(q, 16, 24);
    CHECK(request(REQ_PEEK, va(q) + 16, 0, 0) != (int64_t)filled(q, 2));
    check_status_frames();
    at = place_across(&second, &size, sizeof(size));
    CHECK_EQ(child_call(grant_table_op, GNTTABOP_query_size, at, 1), 0);
    CHECK_WANTED(second, 1);
    look(at, &size, sizeof(size));
    CHECK_EQ(size.status, GNTST_okay);
    CHECK(size.nr_frames > 0);
}

static void check_console(void)
{
    static const char text[] = "Written by a domain from pages that were not filled.\n";
    uint64_t second, at = place_across(&second, text, strlen(text)), filled_at, p = take(2);
    int64_t expected;

    filled_at = give(text, strlen(text));
    expected = child_call(console_io, CONSOLEIO_write, strlen(text), filled_at);
    CHECK_EQ(child_call(console_io, CONSOLEIO_write, strlen(text), at), expected);
    if (expected >= 0)
        CHECK_WANTED(second, 1);
    at = place(p, PAGE_SIZE - 10, text, strlen(text));
    CHECK_EQ(child_call(console_io, CONSOLEIO_write, strlen(text), at), expected);
    if (expected >= 0)
        CHECK_WANTED(p, 2);
}

/* --- vCPU operations --- */

/* The areas are written while the domain runs, whatever waits. */
static void check_areas(void)
{
    struct vcpu_register_runstate_memory_area area;
    struct vcpu_register_time_memory_area time;
    struct vcpu_runstate_info info;
    struct vcpu_time_info t;
    uint64_t p = take(1), r = take(2), q = take(1), s = take(1), at;

    area.addr.p = va(r + 1) - 16;
    at = place(p, 40, &area, sizeof(area));
    CHECK_EQ(child_call(vcpu_op, VCPUOP_register_runstate_memory_area, 0, at), 0);
    request(REQ_COMPARE, r, 2, 0);
    child_call(sched_op, SCHEDOP_yield, 0);
    wait_until(system_time() + 20 * MS);
    child_call(sched_op, SCHEDOP_yield, 0);
    CHECK_WANTED_AMONG(p, 1);
    CHECK_WANTED(r, 2);
    CHECK_CHANGED(r, PAGE_SIZE - 16, PAGE_SIZE);
    CHECK_CHANGED(r + 1, 0, sizeof(info) - 16);
    look(va(r + 1) - 16, &info, sizeof(info));
    CHECK(info.state <= RUNSTATE_offline);
    CHECK(info.time[RUNSTATE_running] > 0 && info.time[RUNSTATE_running] < system_time());
    time.addr.p = va(s) + 128;
    at = place(q, 40, &time, sizeof(time));
    CHECK_EQ(child_call(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, at), 0);
    request(REQ_COMPARE, s, 1, 0);
    wait_until(system_time() + 20 * MS);
    CHECK_EQ(child_call(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, at), 0);
    CHECK_WANTED_BOTH(q, s);
    CHECK_CHANGED(s, 128, 128 + sizeof(t));
    look(va(s) + 128, &t, sizeof(t));
    CHECK(t.system_time > 0 && t.system_time < system_time() + 1000 * MS);
}

/* A context in pages that are not filled, for a vCPU whose tables and stack are not either. */
static void check_initialise(void)
{
    static struct vcpu_guest_context context;
    uint64_t stack = take(1), p = take(3), l4 = zero_page(false), gdt = zero_page(false), at, e;

    vcpu_context_fill(&context, third_main, (char *)pfn_va(stack) + PAGE_SIZE);
    e = child_mfn(child.first_table + 1) << 12 | PTE_KERN;
    place(l4, 511 * 8, &e, sizeof(e));
    context.ctrlreg[3] = child_mfn(l4) << 12;
    context.gdt_frames[0] = child_mfn(gdt);
    context.gdt_ents = 512;
    at = place(p, PAGE_SIZE - 64, &context, sizeof(context));
    CHECK(sizeof(context) > PAGE_SIZE);
    CHECK_EQ(child_call(vcpu_op, VCPUOP_initialise, 2, at), 0);
    CHECK_WANTED_AMONG(p, 3);
    CHECK_WANTED_BOTH(l4, gdt);
    CHECK_EQ(child_call(vcpu_op, VCPUOP_up, 2, 0), 0);
    for (uint64_t end = system_time() + 20000 * MS; system_time() < end;) {
        child_call(sched_op, SCHEDOP_yield, 0);
        if (child_call(vcpu_op, VCPUOP_is_up, 2, 0) == 0)
            break;
    }
    CHECK_EQ(child.box->word[29], 3);
    CHECK_WANTED(stack, 1);
}

void check_hypercalls(void)
{
    check_version();
    check_mmu_update();
    check_mmuext();
    check_mmuext_mask();
    check_evtchn();
    check_poll();
    check_trap_table();
    check_grant_ops();
    check_own_copy();
    check_setup_table();
    check_console();
    check_areas();
    check_initialise();
}
