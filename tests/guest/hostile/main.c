/* SPDX-License-Identifier: MIT */
/*
 * A guest that gives itself up: each case must end the domain with the
 * hypervisor's message and never the hypervisor.  The case is the argument
 * "case=NAME"; expect-crash lists them with the message.
 */
#include "guest.h"

static struct iret_context frame;

static void kernel_frame(void)
{
    frame.rip = (uintptr_t)finish;
    frame.cs = FLAT_KERNEL_CS & ~3UL;
    frame.ss = FLAT_KERNEL_SS & ~3UL;
    frame.rflags = 0x202;
    frame.rsp = (uintptr_t)page_alloc() + PAGE_SIZE;
}

static void use_stack(uint64_t rsp)
{
    __asm__ volatile("movq %0, %%rsp; ud2" ::"r"(rsp) : "memory");
}

/* A trap with the stack in the hypervisor's range. */
static void stack_in_hypervisor(void)
{
    use_stack(HYPERVISOR_VIRT_START + 0x10000);
}

static void stack_unmapped(void)
{
    use_stack(UNMAPPED);
}

static void stack_noncanonical(void)
{
    use_stack(NONCANON);
}

/* User mode traps onto a kernel stack that lies in the hypervisor. */
static void kernel_sp_in_hypervisor(void)
{
    static const uint8_t ud2[] = {0x0f, 0x0b};

    NEED(user_init() == 0);
    hypercall(stack_switch, FLAT_KERNEL_SS, HYPERVISOR_VIRT_END - 64);
    user_run(ud2, sizeof(ud2));
}

static void iret_stack_unmapped(void)
{
    enter_frame((struct iret_context *)UNMAPPED);
}

static void iret_stack_hypervisor(void)
{
    enter_frame((struct iret_context *)(HYPERVISOR_VIRT_END - 4096));
}

/* User mode without a user page table. */
static void iret_without_user(void)
{
    kernel_frame();
    frame.cs |= 3;
    frame.ss |= 3;
    enter_frame(&frame);
}

/* No handler for the fault that follows. */
static void no_handler(void)
{
    hypercall(set_trap_table, 0);
    __asm__ volatile("ud2");
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
    {"stack-in-hypervisor", stack_in_hypervisor},
    {"stack-unmapped", stack_unmapped},
    {"stack-noncanonical", stack_noncanonical},
    {"kernel-sp-in-hypervisor", kernel_sp_in_hypervisor},
    {"iret-stack-unmapped", iret_stack_unmapped},
    {"iret-stack-hypervisor", iret_stack_hypervisor},
    {"iret-without-user", iret_without_user},
    {"no-handler", no_handler},
    {"crash-call", crash_call},
};

void test_main(void)
{
    const char *word = strstr((const char *)start_info->cmd_line, "case=");
    size_t i;

    for (i = 0; word && i < ARRAY_SIZE(cases); i++) {
        size_t n = strlen(cases[i].name);

        if (strlen(word + 5) >= n && memcmp(word + 5, cases[i].name, n) == 0) {
            cases[i].run();
            failure("case %s was survived", cases[i].name);
            return;
        }
    }
    error("no case=NAME on the command line");
}
