/* SPDX-License-Identifier: MIT */
/*
 * Pages of a domain whose content comes after it has begun to run: it finds in each exactly what
 * this one fills it with, whichever way it or the hypervisor comes to need it, and what it does
 * meanwhile is done once.  Then what others may do with such pages, and each misuse.
 */
#include "parent.h"

/* --- the domain's own reads and writes --- */

static void check_access(void)
{
    uint64_t p = take(40), q = take(60), r;

    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_COMPARE, p, 1, 0), 0);
    CHECK_WANTED(p, 1);
    CHECK_EQ(request(REQ_COMPARE, p, 2, 0), 0);
    CHECK_WANTED(p + 1, 1);
    request(REQ_ADD, p + 2, 1, 0);
    CHECK_WANTED(p + 2, 1);
    CHECK_CHANGED(p + 2, 56, 64);
    CHECK_EQ(request(REQ_PEEK, va(p + 2) + 56, 0, 0), filled(p + 2, 7) + 1);
    request(REQ_ADD, p + 2, 1, 0);
    CHECK_EQ(request(REQ_PEEK, va(p + 2) + 56, 0, 0), filled(p + 2, 7) + 2);
    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_COMPARE, q, 60, 0), 0);
    CHECK_WANTED(q, 60);
    /* Over the border: both must come. */
    r = p + 4;
    CHECK_EQ(request(REQ_PEEK, va(r) - 4, 0, 0), filled(r - 1, 511) >> 32 | filled(r, 0) << 32);
    CHECK_WANTED(r - 1, 2);
    request(REQ_STORE, va(r + 2) - 4, STORE_64, ~0UL);
    CHECK_WANTED(r + 1, 2);
    CHECK_CHANGED(r + 1, PAGE_SIZE - 4, PAGE_SIZE);
    CHECK_CHANGED(r + 2, 0, 4);
    request(REQ_MOVE, va(r + 4) + 100, va(r + 10) + 200, 3 * PAGE_SIZE);
    for (uint64_t i = 0; i < 3 * 512; i++)
        if (request(REQ_PEEK, va(r + 4) + 100 + i * 8, 0, 0) !=
            request(REQ_PEEK, va(r + 10) + 200 + i * 8, 0, 0))
            failure("word %lu was not moved", i);
    CHECK_WANTED_AMONG(r + 4, 4);
    CHECK_WANTED(r + 10, 4);
    CHECK_CHANGED(r + 4, 100, PAGE_SIZE);
    CHECK_CHANGED(r + 7, 0, 100);
}

static void check_code(void)
{
    /* mov $0x12345678,%eax; ret */
    static const uint8_t code[] = {0xb8, 0x78, 0x56, 0x34, 0x12, 0xc3};
    /* push %rbx; mov $0x40000000,%eax; ud2; "xen"; cpuid; mov %ebx,%eax; pop %rbx; ret */
    static const uint8_t cpuid[] = {0x53, 0xb8, 0x00, 0x00, 0x00, 0x40, 0x0f, 0x0b, 'x',
                                    'e',  'n',  0x0f, 0xa2, 0x89, 0xd8, 0x5b, 0xc3};
    uint64_t p = take(2), at = place(p, PAGE_SIZE - 3, code, sizeof(code));

    CHECK_EQ(request(REQ_CALL, at, 0, 0), 0x12345678);
    CHECK_WANTED(p, 2);
    /* CPUID as the hypervisor executes it, which reads what the CPU did not. */
    p = take(2);
    at = place(p, PAGE_SIZE - 9, cpuid, sizeof(cpuid));
    CHECK_EQ(request(REQ_CALL, at, 0, 0), 0x566e6558); /* "XenV" */
    CHECK_WANTED(p, 2);
}

static void check_unasked(void)
{
    uint64_t p = take(3), before = unfilled();

    for (uint64_t i = 0; i < 3; i++)
        fill_page(p + i);
    CHECK_EQ(unfilled(), before - 3);
    CHECK_EQ(request(REQ_COMPARE, p, 3, 0), 0);
    request(REQ_ADD, p, 3, 0);
    for (uint64_t i = 0; i < 3; i++)
        fill_page(p + i); /* they have it, and what is written stays */
    CHECK_EQ(unfilled(), before - 3);
    CHECK_EQ(request(REQ_COMPARE, p, 3, 0), 3);
    CHECK_WANTED_NONE();
}

/* What the domain has read-only is not written for it, whenever that is found. */
static void check_read_only(void)
{
    uint64_t p = take(1);

    set_entry(p, PTE_RO);
    CHECK_EQ(child_call(xen_version, XENVER_extraversion, va(p)), -XEN_EFAULT);
    CHECK_EQ(request(REQ_COMPARE, p, 1, 0), 0);
    CHECK_WANTED(p, 1);
    CHECK_EQ(child_call(xen_version, XENVER_extraversion, va(p)), -XEN_EFAULT);
    CHECK_CHANGED(p, 0, 0);
}

/* --- frames on its stacks --- */

static void check_stacks(void)
{
    struct iret_context iret = {.rip = (uintptr_t)iret_landing,
                                .cs = 0xe030 | 1UL << 32, /* not user mode; events stay masked */
                                .rflags = 0x202,
                                .ss = FLAT_KERNEL_SS};
    uint64_t p = take(4), q = take(4), r = take(4), second, at;

    CHECK_EQ(request(REQ_TRAP, va(p + 1), 0, 0), VEC_UD);
    CHECK_WANTED(p, 1);
    CHECK_EQ(request(REQ_TRAP, va(p + 3) + 32, 0, 0), VEC_UD);
    CHECK_WANTED(p + 2, 2);
    CHECK_CHANGED(p + 3, 0, 32);
    CHECK_EQ(request(REQ_UPCALL, va(q + 1), 0, 0), 1);
    CHECK_WANTED(q, 1);
    CHECK_EQ(request(REQ_UPCALL, va(q + 1), 0, 0), 1);
    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_UPCALL, va(q + 3) + 32, 0, 0), 1);
    CHECK_WANTED(q + 2, 2);
    /* A frame that leads to a stack; then both without content. */
    iret.rsp = va(p + 1);
    at = place(r, 512, &iret, sizeof(iret));
    CHECK(iret_lands(at));
    CHECK_WANTED(r, 1);
    iret.rsp = va(r + 2);
    at = place_across(&second, &iret, sizeof(iret));
    CHECK(iret_lands(at));
    CHECK_WANTED_BOTH(r + 1, second);
}

/* What is not a fault: it is not executed again. */
static void check_software_ints(void)
{
    static struct trap_info table[2];
    uint64_t p = take(4);

    trap_info_fill(&table[0], 0x21, 3);
    CHECK_EQ(child_call(set_trap_table, give(table, sizeof(table))), 0);
    fill_page(p);
    CHECK_EQ(request(REQ_INT, va(p + 1), 0, 0), 0x21);
    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_INT, va(p + 2), 0, 0), 0x21);
    CHECK_WANTED(p + 1, 1);
    CHECK_EQ(request(REQ_NMI, va(p + 3), 0, 0), 1);
    CHECK_WANTED(p + 2, 1);
    CHECK_EQ(request(REQ_NMI, va(p + 3), 0, 0), 1);
    CHECK_WANTED_NONE();
}

/* IRET fails on its way to user mode, and the kernel's stack has no content. */
static void check_bad_iret(void)
{
    struct iret_context iret = {
        .rip = USER_CODE, .cs = 0xf003, .rflags = 0x202, .rsp = USER_STACK, .ss = FLAT_USER_SS64};
    uint64_t p = take(2), frame = place(p, 0, &iret, sizeof(iret));

    CHECK_EQ(child_call(stack_switch, FLAT_KERNEL_SS, va(p + 2)), 0);
    CHECK_EQ(request(REQ_IRET, frame, 0, 0), VEC_GP);
    CHECK_WANTED(p, 2);
}

/* From user mode, onto a kernel stack without content. */
static void check_user(void)
{
    uint64_t stacks = take(6), data = take(2);

    CHECK_EQ(request(REQ_USER, va(stacks + 1), data, true), filled(data, 0));
    CHECK_WANTED_BOTH(stacks, data);
    CHECK_EQ(request(REQ_USER, va(stacks + 1), data, true), filled(data, 0));
    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_USER, va(stacks + 2), data, false), filled(data, 0));
    CHECK_WANTED(stacks + 1, 1);
    CHECK_EQ(request(REQ_USER, va(stacks + 4) + 16, data + 1, true), filled(data + 1, 0));
    CHECK_WANTED_AMONG(data + 1, 1);
    CHECK_WANTED(stacks + 3, 2);
}

/* --- two vCPUs, and waiting --- */

static void ask_compare(unsigned int vcpu, uint64_t pfn)
{
    ask(vcpu, REQ_COMPARE, (const uint64_t[6]){pfn, 1});
}

static void start_second(void)
{
    CHECK_EQ(request(REQ_SECOND, 0, 0, 0), 1);
    ask_compare(1, take(1));
    CHECK_EQ(answer(1), 0);
}

static void check_two_vcpus(void)
{
    uint64_t p = take(3), list[8];

    check_wanted(__LINE__, p - 1, 1); /* of start_second() */
    ask_compare(0, p);
    ask_compare(1, p);
    wait_wanted(list, 2);
    CHECK_EQ(list[0], child_mfn(p));
    CHECK_EQ(list[1], child_mfn(p));
    fill_page(p);
    CHECK_EQ(answer(0), 0);
    CHECK_EQ(answer(1), 0);
    wait_wanted(list, 0);
    ask_compare(0, p + 1);
    ask_compare(1, p + 2);
    wait_wanted(list, 2);
    CHECK_EQ(list[0], child_mfn(p + 1));
    CHECK_EQ(list[1], child_mfn(p + 2));
    /* As many as there is room for. */
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_WANTED, list, NULL, 1), 0);
    CHECK_EQ(fo->nr, 1);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_WANTED, NULL, NULL, 0), 0);
    CHECK_EQ(fo->nr, 0);
    fill_page(p + 2);
    CHECK_EQ(answer_unserved(1), 0);
    wait_wanted(list, 1);
    CHECK_EQ(list[0], child_mfn(p + 1));
    CHECK(!answered(0));
    fill_page(p + 1);
    CHECK_EQ(answer_unserved(0), 0);
    CHECK_WANTED_NONE();
}

/* Both touch the same pages all the time, in opposite directions. */
static void check_race(void)
{
    uint64_t n = 20, p = take(n);

    ask(0, REQ_COMPARE, (const uint64_t[6]){p, n});
    for (uint64_t i = 0; i < n; i++) {
        ask_compare(1, p + n - 1 - i);
        CHECK_EQ(answer(1), 0);
    }
    CHECK_EQ(answer(0), 0);
    CHECK_WANTED(p, n);
}

/* An event for one that waits for a page does not wake it, and is not lost. */
static void check_event(void)
{
    struct evtchn_send send = {.port = (uint32_t)child.box->word[28]};
    uint64_t p = take(1), list[8];
    int64_t before = request(REQ_EVENTS, 1, 0, 0);

    ask_compare(0, p);
    wait_wanted(list, 1);
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_send, &send), 0);
    wait_until(system_time() + 20 * MS);
    wait_wanted(list, 1);
    CHECK(!answered(0));
    CHECK_EQ(answer(0), 0);
    CHECK_WANTED(p, 1);
    CHECK(request(REQ_EVENTS, 0, 0, 0) > before);
}

static void check_pause(void)
{
    uint64_t p = take(1), list[8];

    ask_compare(0, p);
    wait_wanted(list, 1);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, child.id), 0);
        wait_wanted(list, 1);
        CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, child.id), 0);
    }
    wait_until(system_time() + 20 * MS);
    CHECK(!answered(0));
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, child.id), 0);
    fill_page(p);
    wait_wanted(list, 0);
    wait_until(system_time() + 20 * MS);
    CHECK(!answered(0));
    CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, child.id), 0);
    CHECK_EQ(answer_unserved(0), 0);
}

/* --- the end --- */

static void check_destroy(void)
{
    static struct counts before;
    uint64_t p, list[8];

    counts_take(&before);
    for (int i = 0; i < 3; i++) {
        make_child(2);
        CHECK_EQ(request(REQ_COMPARE, p = take(2), 1, 0), 0);
        start_second();
        ask_compare(0, p + 1);
        if (i < 2)
            ask_compare(1, i ? p + 1 : take(1));
        wait_wanted(list, i < 2 ? 2 : 1);
        end_child();
        CHECK_EQ(fill_op(XEN_DOMCTL_FILL_WANTED, list, NULL, 8), -XEN_ESRCH);
        CHECK_COUNTS(&before);
    }
}

static long shadow_op(uint32_t op)
{
    ctl_clear();
    ctl.u.shadow_op.op = op;
    return domctl(XEN_DOMCTL_shadow_op, child.id);
}

static void check_not_yet(void)
{
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), -XEN_EBUSY);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_OFF), -XEN_EBUSY);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_CLEAN), -XEN_EBUSY);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_END, NULL, NULL, 0), -XEN_EBUSY);
}

static void check_end(void)
{
    static uint8_t bitmap[256];
    uint64_t p = take(1);

    CHECK_EQ(unfilled(), 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_WANTED, NULL, NULL, 8), 0);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), -XEN_EBUSY);
    request(REQ_ADD, p, 1, 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_END, NULL, NULL, 0), 0);
    CHECK_EQ(fo->unfilled, 0);
    request(REQ_ADD, p, 1, 0);
    CHECK_EQ(request(REQ_PEEK, va(p) + 56, 0, 0), filled(p, 7) + 2);
    CHECK_EQ(request(REQ_TRAP, va(p + 1), 0, 0), VEC_UD);
    check_ended();
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    check_ended();
    request(REQ_ADD, p, 1, 0);
    ctl_clear();
    ctl.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_CLEAN;
    ctl.u.shadow_op.dirty_bitmap = (uintptr_t)bitmap;
    ctl.u.shadow_op.pages = p + 1;
    CHECK_EQ(domctl(XEN_DOMCTL_shadow_op, child.id), 0);
    CHECK(bitmap[p / 8] >> p % 8 & 1);
    CHECK_EQ(shadow_op(XEN_DOMCTL_SHADOW_OP_OFF), 0);
    CHECK_EQ(request(REQ_COMPARE, p + 1, 1, 0), 0);
    CHECK_WANTED_NONE();
}

/* --- a domain after the other --- */

static void watch_first(void)
{
    make_child(3);
    check_access();
    check_code();
    check_unasked();
    check_stacks();
    check_user();
    check_software_ints();
    check_bad_iret();
    check_read_only();
    check_hypercalls();
    check_multicalls();
    check_grants_v2();
    end_child();
}

static void watch_second(void)
{
    make_child(2);
    check_by_frame();
    check_foreign();
    check_reservations();
    check_tables();
    check_descriptors();
    check_misuse();
    start_second();
    check_two_vcpus();
    check_race();
    check_event();
    check_pause();
    check_grants();
    check_not_yet();
    check_fifo();
    check_grants_late();
    check_end();
    end_child();
}

void test_main(void)
{
    check_not_started();
    watch_first();
    when_made = check_before;
    watch_second();
    when_made = NULL;
    check_destroy();
    success();
}
