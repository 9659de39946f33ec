/* SPDX-License-Identifier: MIT */
/*
 * An unprivileged guest that gives itself up, in each way there is: it alone ends, with the code of
 * a crash, and all of it can be taken back.
 */
#include "guest.h"

static struct iret_context frame;

static void use_stack(uint64_t rsp)
{
    __asm__ volatile("movq %0, %%rsp; ud2" ::"r"(rsp) : "memory");
}

static void stack_in_hypervisor(void)
{
    use_stack(HYPERVISOR_VIRT_START + 0x10000);
}

static void stack_at_hypervisors_end(void)
{
    use_stack(HYPERVISOR_VIRT_END + 16);
}

static void stack_unmapped(void)
{
    use_stack(UNMAPPED);
}

static void stack_noncanonical(void)
{
    use_stack(NONCANON);
}

static void stack_wraps(void)
{
    use_stack(16);
}

static void stack_read_only(void)
{
    void *page = page_alloc();

    NEED(set_writable(page, false) == 0);
    use_stack((uintptr_t)page + PAGE_SIZE);
}

static void iret_stack_unmapped(void)
{
    enter_frame((struct iret_context *)UNMAPPED);
}

static void iret_stack_hypervisor(void)
{
    enter_frame((struct iret_context *)(HYPERVISOR_VIRT_END - 4096));
}

static void iret_stack_crosses(void)
{
    enter_frame((struct iret_context *)(HYPERVISOR_VIRT_START - 16));
}

static void iret_without_user(void)
{
    frame.rip = (uintptr_t)finish;
    frame.cs = FLAT_KERNEL_CS | 3;
    frame.ss = FLAT_KERNEL_SS | 3;
    frame.rflags = 0x202;
    frame.rsp = (uintptr_t)page_alloc() + PAGE_SIZE;
    enter_frame(&frame);
}

static void no_handler(void)
{
    hypercall(set_trap_table, 0);
    __asm__ volatile("ud2");
}

static void no_handler_for_page_fault(void)
{
    hypercall(set_trap_table, 0);
    *(volatile int *)UNMAPPED = 1;
}

static void user_stack_unmapped(void)
{
    static const uint8_t ud2[] = {0x0f, 0x0b};

    NEED(user_init() == 0);
    hypercall(stack_switch, FLAT_KERNEL_SS, UNMAPPED);
    user_run(ud2, sizeof(ud2));
}

static void syscall_stack_unmapped(void)
{
    static const uint8_t call[] = {0x0f, 0x05};

    NEED(user_init() == 0);
    hypercall(stack_switch, FLAT_KERNEL_SS, HYPERVISOR_VIRT_END - 64);
    user_run(call, sizeof(call));
}

static void crash_call(void)
{
    struct sched_shutdown s = {.reason = SHUTDOWN_crash};

    hypercall(sched_op, SCHEDOP_shutdown, &s);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"stack in the hypervisor", stack_in_hypervisor},
    {"stack at the hypervisor's end", stack_at_hypervisors_end},
    {"stack unmapped", stack_unmapped},
    {"stack not canonical", stack_noncanonical},
    {"stack wraps", stack_wraps},
    {"stack read-only", stack_read_only},
    {"iret, stack unmapped", iret_stack_unmapped},
    {"iret, stack in the hypervisor", iret_stack_hypervisor},
    {"iret, stack crosses into the hypervisor", iret_stack_crosses},
    {"iret without user tables", iret_without_user},
    {"no handler", no_handler},
    {"no handler for a page fault", no_handler_for_page_fault},
    {"from user, stack unmapped", user_stack_unmapped},
    {"system call, stack in the hypervisor", syscall_stack_unmapped},
    {"asks for it", crash_call},
};

void test_main(void)
{
    struct counts before = {0};
    struct child c = {0};
    size_t i;
    int code;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        child_start(&c, cases[i].run, 1);
        code = child_wait(&c, 20000);
        if (code != SHUTDOWN_crash)
            failure("%s: ends with %d", cases[i].name, code);
        child_end(&c);
        if (i == 0)
            counts_take(&before);
    }
    CHECK_COUNTS(&before);
}
