/* SPDX-License-Identifier: MIT */
/*
 * vcpu_op: states of vCPUs, bringing up a second one, moving vcpu_info,
 * runstate, and the errors for bad ids and areas.  Needs two vCPUs for the
 * middle part.
 */
#include "guest.h"

static long vcpu(unsigned int cmd, unsigned int id, const void *arg)
{
    return hypercall(vcpu_op, cmd, id, arg);
}

#define UNMAPPED_ARG ((void *)UNMAPPED)

static volatile int second_ran;

static void second_main(void)
{
    second_ran = 1;
    for (;;)
        vcpu(VCPUOP_down, 1, NULL);
}

static struct vcpu_guest_context *second_context(void)
{
    static struct vcpu_guest_context c;

    c.flags = VGCF_in_kernel;
    c.user_regs.rip = (uintptr_t)secondary_entry;
    c.user_regs.rsp = (uintptr_t)page_alloc() + PAGE_SIZE;
    c.user_regs.rdi = (uintptr_t)second_main;
    c.user_regs.cs = FLAT_KERNEL_CS;
    c.user_regs.ss = FLAT_KERNEL_SS;
    c.user_regs.rflags = 0x200;
    c.kernel_ss = FLAT_KERNEL_SS;
    c.kernel_sp = c.user_regs.rsp;
    c.ctrlreg[3] = mfn_of((void *)start_info->pt_base) << 12;
    c.event_callback_eip = (uintptr_t)event_entry;
    c.failsafe_callback_eip = (uintptr_t)failsafe_entry;
    c.syscall_callback_eip = (uintptr_t)syscall_entry;
    return &c;
}

static void wait_down(void)
{
    uint64_t end = system_time() + 1000000000UL;

    while (vcpu(VCPUOP_is_up, 1, NULL) != 0 && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK_EQ(vcpu(VCPUOP_is_up, 1, NULL), 0);
}

static void check_second(void)
{
    struct vcpu_guest_context *c = second_context();
    uint64_t end;

    CHECK_EQ(vcpu(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(vcpu(VCPUOP_up, 1, NULL), -XEN_EINVAL);
    c->ctrlreg[3] = mfn_of(c) << 12;
    CHECK_EQ(vcpu(VCPUOP_initialise, 1, c), -XEN_EINVAL);
    c->ctrlreg[3] = mfn_of((void *)start_info->pt_base) << 12;
    c->event_callback_eip = NONCANON;
    CHECK_EQ(vcpu(VCPUOP_initialise, 1, c), -XEN_EINVAL);
    c->event_callback_eip = (uintptr_t)event_entry;
    CHECK_EQ(vcpu(VCPUOP_initialise, 1, UNMAPPED_ARG), -XEN_EFAULT);
    CHECK_EQ(vcpu(VCPUOP_up, 1, NULL), -XEN_EINVAL);
    CHECK_EQ(vcpu(VCPUOP_initialise, 1, c), 0);
    CHECK_EQ(vcpu(VCPUOP_initialise, 1, c), -XEN_EEXIST);
    CHECK_EQ(vcpu(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(vcpu(VCPUOP_up, 1, NULL), 0);
    end = system_time() + 2000000000UL;
    while (!second_ran && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK_EQ(second_ran, 1);
    wait_down();
    CHECK_EQ(vcpu(VCPUOP_up, 1, NULL), 0);
    wait_down();
    CHECK_EQ(vcpu(VCPUOP_down, 1, NULL), 0);
}

static void check_ids(void)
{
    CHECK_EQ(vcpu(VCPUOP_is_up, 0, NULL), 1);
    CHECK_EQ(vcpu(VCPUOP_is_up, 4000, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu(VCPUOP_is_up, ~0U, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu(VCPUOP_up, 4000, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu(VCPUOP_initialise, 0, second_context()), -XEN_EEXIST);
    CHECK_EQ(vcpu(99, 0, NULL), -XEN_ENOSYS);
}

static void check_info_misuse(char *page)
{
    struct vcpu_register_vcpu_info r = {.mfn = mfn_of(page), .offset = PAGE_SIZE - 8};

    CHECK_EQ(vcpu(VCPUOP_register_vcpu_info, 0, &r), -XEN_ENXIO);
    r.offset = 4;
    CHECK_EQ(vcpu(VCPUOP_register_vcpu_info, 0, &r), -XEN_ENXIO);
    r.offset = ~7U;
    CHECK_EQ(vcpu(VCPUOP_register_vcpu_info, 0, &r), -XEN_ENXIO);
    r = (struct vcpu_register_vcpu_info){.mfn = PTE_ADDR >> 12};
    CHECK_EQ(vcpu(VCPUOP_register_vcpu_info, 0, &r), -XEN_EINVAL);
    r.mfn = mfn_of((void *)start_info->pt_base);
    CHECK_EQ(vcpu(VCPUOP_register_vcpu_info, 0, &r), -XEN_EINVAL);
    CHECK_EQ(vcpu(VCPUOP_register_vcpu_info, 0, UNMAPPED_ARG), -XEN_EFAULT);
}

/* The old contents move along; the place is then the only one. */
static void check_info(void)
{
    char *page = page_alloc();
    struct vcpu_register_vcpu_info r = {.mfn = mfn_of(page), .offset = 128};
    struct vcpu_info *moved = (void *)(page + 128);
    struct evtchn_bind_ipi ipi = {.vcpu = 0};
    struct evtchn_send send;
    uint64_t t;

    check_info_misuse(page);
    CHECK_EQ(vcpu(VCPUOP_register_vcpu_info, 0, &r), 0);
    CHECK_EQ(moved->evtchn_upcall_mask, 1);
    CHECK(moved->time.version != 0);
    set_vcpu_info(moved);
    t = system_time();
    wait_until(t + 1000000);
    CHECK_EQ(vcpu(VCPUOP_register_vcpu_info, 0, &r), -XEN_EINVAL);
    NEED(hypercall(event_channel_op, EVTCHNOP_bind_ipi, &ipi) == 0);
    send.port = ipi.port;
    events_on();
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_send, &send), 0);
    CHECK_EQ(event_count[ipi.port], 1);
    events_off();
    /* It counts as writable: it cannot become a page table now. */
    CHECK_EQ(set_writable(page, false), 0);
    CHECK(mmuext1(MMUEXT_PIN_L1_TABLE, r.mfn, 0) < 0);
    CHECK_EQ(set_writable(page, true), 0);
}

static void check_runstate(void)
{
    struct vcpu_runstate_info *area = page_alloc(), now = {.state = -1};
    struct vcpu_register_runstate_memory_area r = {.addr = {.v = area}};
    uint64_t sum;

    CHECK_EQ(vcpu(VCPUOP_get_runstate_info, 0, &now), 0);
    CHECK_EQ(now.state, RUNSTATE_running);
    sum = now.time[0] + now.time[1] + now.time[2] + now.time[3];
    CHECK(sum > 0 && sum <= system_time());
    area->state = 77;
    CHECK_EQ(vcpu(VCPUOP_register_runstate_memory_area, 0, &r), 0);
    CHECK_EQ(area->state, RUNSTATE_running);
    CHECK_EQ(vcpu(VCPUOP_get_runstate_info, 4000, &now), -XEN_ENOENT);
    CHECK_EQ(vcpu(VCPUOP_get_runstate_info, 0, UNMAPPED_ARG), -XEN_EFAULT);
    CHECK_EQ(vcpu(VCPUOP_register_runstate_memory_area, 0, UNMAPPED_ARG), -XEN_EFAULT);
    r.addr.h = UNMAPPED;
    vcpu(VCPUOP_register_runstate_memory_area, 0, &r);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_yield, 0), 0);
}

void test_main(void)
{
    check_ids();
    check_runstate();
    check_info();
    if (vcpu(VCPUOP_is_up, 1, NULL) < 0)
        skip("one vCPU only: the second was not brought up");
    else
        check_second();
}
