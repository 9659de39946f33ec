/* SPDX-License-Identifier: MIT */
/*
 * A domain that has suspended goes on, as a toolstack makes it after a checkpoint: its context is
 * read, the return value changed, the context written back, the domain resumed. Nothing else of it
 * may change: XCR0, CR4, the upper halves of the AVX registers. And a new domain knows the time.
 */
#include "guest.h"

#define CR4_OSXSAVE (1UL << 18)
#define BIT_AVX     (1U << 28)
#define YEAR_2020   1577836800UL

static uint64_t ymm_before[4] = {0x1111, 0x2222, 0x3333, 0x4444}, ymm_after[4];

static bool has_avx(void)
{
    uint32_t a = 1, b, c = 0, d;

    __asm__ volatile(".byte 0x0f,0x0b,0x78,0x65,0x6e,0x0f,0xa2"
                     : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return c & BIT_AVX;
}

static uint64_t read_cr4(void)
{
    uint64_t cr4;

    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    return cr4;
}

static void read_ymm(void *unused)
{
    (void)unused;
    __asm__ volatile("vmovdqu %%ymm5, %0" : "=m"(ymm_after));
}

static long suspend(void)
{
    struct sched_shutdown s = {.reason = SHUTDOWN_suspend};

    return hypercall(sched_op, SCHEDOP_shutdown, &s);
}

static void child_suspends(void)
{
    bool avx = has_avx();

    CHECK(shared_info->wc_sec > YEAR_2020);
    if (avx) {
        __asm__ volatile("movq %0, %%cr4" ::"r"(read_cr4() | CR4_OSXSAVE));
        __asm__ volatile("xsetbv" ::"c"(0), "a"(7), "d"(0));
        __asm__ volatile("vmovdqu %0, %%ymm5" ::"m"(ymm_before));
    }
    CHECK_EQ(suspend(), 1);
    if (avx) {
        CHECK_EQ(catch_trap(read_ymm, NULL), -1);
        CHECK(!memcmp(ymm_before, ymm_after, sizeof(ymm_before)));
        CHECK(read_cr4() & CR4_OSXSAVE);
    }
    child_box.word[0] = 1;
}

static void change_return_value(domid_t id, uint64_t value)
{
    static struct vcpu_guest_context context;

    for (int set = 0; set < 2; set++) {
        ctl_clear();
        ctl.u.vcpucontext.vcpu = 0;
        ctl.u.vcpucontext.ctxt = (uintptr_t)&context;
        CHECK_EQ(domctl(set ? XEN_DOMCTL_setvcpucontext : XEN_DOMCTL_getvcpucontext, id), 0);
        context.user_regs.rax = value;
    }
}

void test_main(void)
{
    struct child c = {0};

    child_start(&c, child_suspends, 1);
    CHECK_EQ(child_wait_silent(&c, 5000), SHUTDOWN_suspend);
    change_return_value(c.id, 1);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_resumedomain, c.id), 0);
    CHECK_EQ(child_wait(&c, 5000), SHUTDOWN_poweroff);
    CHECK_EQ(c.box->word[0], 1);
    child_end(&c);
    success();
}
