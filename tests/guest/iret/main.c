/* SPDX-License-Identifier: MIT */
/*
 * The iret hypercall: registers and flags of the frame arrive, the event mask
 * follows IF, SYSCALL from user mode reaches its callback, and selectors or
 * addresses that IRET refuses are delivered as #GP to the guest kernel.
 */
#include "guest.h"

static struct iret_context frame;

static void go(void *unused)
{
    static struct iret_context copy;

    (void)unused;
    copy = frame;
    enter_frame(&copy);
}

static void user_frame(void)
{
    memset(&frame, 0, sizeof(frame));
    frame.rip = USER_CODE;
    frame.cs = FLAT_USER_CS64;
    frame.rflags = 0x202;
    frame.rsp = USER_STACK + PAGE_SIZE;
    frame.ss = FLAT_USER_SS64;
}

static void kernel_ud2(void)
{
    __asm__ volatile("ud2");
}

static void check_user_registers(void)
{
    static const uint8_t ud2[] = {0x0f, 0x0b};

    NEED(user_run(ud2, sizeof(ud2)) == VEC_UD);
    user_frame();
    frame.rax = 0xaaaa;
    frame.rcx = 0xcccc;
    frame.r11 = 0xbbbb;
    frame.rflags = 0x202 | 0x1 | 0x80;
    CHECK_EQ(catch_trap(go, NULL), VEC_UD);
    CHECK_EQ(trap_last.rip, USER_CODE);
    CHECK_EQ(trap_last.rax, 0xaaaa);
    CHECK_EQ(trap_last.rcx, 0xcccc);
    CHECK_EQ(trap_last.r11, 0xbbbb);
    CHECK_EQ(trap_last.rsp, USER_STACK + PAGE_SIZE);
    CHECK_EQ(trap_last.cs, FLAT_USER_CS64);
    CHECK_EQ(trap_last.ss, FLAT_USER_SS64);
    CHECK_EQ(trap_last.rflags & 0x281, 0x281);
    CHECK_EQ(trap_last.saved_mask, 0);
}

/* IOPL of the frame has no effect, IF cleared means events masked. */
static void check_flags(void)
{
    user_frame();
    frame.rflags = 0x3002;
    CHECK_EQ(catch_trap(go, NULL), VEC_UD);
    CHECK_EQ(trap_last.rflags & 0x3200, 0);
    CHECK_EQ(trap_last.saved_mask, 1);
}

static void check_kernel(void)
{
    memset(&frame, 0, sizeof(frame));
    frame.rip = (uintptr_t)kernel_ud2;
    frame.cs = FLAT_KERNEL_CS & ~3UL;
    frame.ss = FLAT_KERNEL_SS & ~3UL;
    frame.rflags = 2;
    frame.rsp = (uintptr_t)page_alloc() + PAGE_SIZE;
    CHECK_EQ(catch_trap(go, NULL), VEC_UD);
    CHECK_EQ(trap_last.cs, 0xe030);
    CHECK_EQ(trap_last.saved_mask, 1);
}

static void check_syscall(void)
{
    static const uint8_t code[] = {0xb8, 0x55, 0, 0, 0, 0x0f, 0x05};

    CHECK_EQ(user_run(code, sizeof(code)), VEC_SYSCALL);
    CHECK_EQ(trap_last.rax, 0x55);
    CHECK_EQ(trap_last.rip, USER_CODE + sizeof(code));
    CHECK_EQ(trap_last.rcx, USER_CODE + sizeof(code));
    CHECK_EQ(trap_last.r11 & 0x200, 0x200);
    CHECK_EQ(trap_last.cs & 3, 3);
    CHECK_EQ(trap_last.rsp, USER_STACK + PAGE_SIZE);
}

/* User mode sees its own half only: the kernel image is in the other table. */
static void check_isolation(void)
{
    static const uint8_t load[] = {0x48, 0xa1, 0, 0, 0x10, 0x80, 0xff, 0xff, 0xff, 0xff};

    CHECK_EQ(user_run(load, sizeof(load)), VEC_PF);
    CHECK_EQ(trap_last_cr2, VIRT_BASE + 0x100000);
    CHECK_EQ(trap_last.error_code, 4);
}

/* What the processor's IRET refuses comes as #GP in the context of the frame. */
static void check_bad_selectors(void)
{
    user_frame();
    frame.cs = 0x1233;
    CHECK_EQ(catch_trap(go, NULL), VEC_GP);
    CHECK_EQ(trap_last.error_code, 0x1230);
    CHECK_EQ(trap_last.rip, USER_CODE);
    CHECK_EQ(trap_last.cs, 0x1233);
    user_frame();
    frame.ss = 0x1233;
    CHECK_EQ(catch_trap(go, NULL), VEC_GP);
    CHECK_EQ(trap_last.error_code, 0x1230);
    CHECK_EQ(trap_last.ss, 0x1233);
    /* A null code selector of level 3. */
    user_frame();
    frame.cs = 3;
    CHECK_EQ(catch_trap(go, NULL), VEC_GP);
    CHECK_EQ(trap_last.error_code, 0);
}

static void check_bad_address(void)
{
    user_frame();
    frame.rip = NONCANON;
    CHECK_EQ(catch_trap(go, NULL), VEC_GP);
    CHECK_EQ(trap_last.rip, NONCANON);
    user_frame();
    frame.rip = HYPERVISOR_VIRT_START;
    CHECK_EQ(catch_trap(go, NULL), VEC_PF);
}

void test_main(void)
{
    NEED(user_init() == 0);
    check_user_registers();
    check_flags();
    check_kernel();
    check_syscall();
    check_isolation();
    check_bad_selectors();
    check_bad_address();
    success();
}
