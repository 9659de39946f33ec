/* SPDX-License-Identifier: MIT */
/*
 * Debug registers: what may be set, breakpoints that fire in the guest, breakpoints on memory that
 * the hypervisor touches for it (which must not fire there), single steps over hypercalls and
 * emulated instructions, and registers that stay a vCPU's own.
 */
#include "guest.h"

#define DR6_RESET 0xffff0ff0L
#define DR7_RESET 0x400L
#define ENABLE(n) (2UL << (n)*2)
#define WRITE4(n) (0xdUL << (16 + (n)*4))
#define RW4(n)    (0xfUL << (16 + (n)*4))
#define EFLAGS_TF 0x100UL

static long set(unsigned int reg, uint64_t value)
{
    return hypercall(set_debugreg, reg, value);
}

static long get(unsigned int reg)
{
    return hypercall(get_debugreg, reg);
}

/* Also a multicall entry, of a call that does nothing. */
static volatile uint32_t watched[16] __attribute__((aligned(64)));
static volatile unsigned int hits;
static uint64_t hit_rip, hit_dr6;

static bool count_hit(struct trap_frame *f)
{
    hits++;
    hit_rip = f->rip;
    hit_dr6 = (uint64_t)get(6);
    set(6, 0);
    f->rflags &= ~EFLAGS_TF;
    return true;
}

static void check_values(void)
{
    CHECK_EQ(get(6), DR6_RESET);
    CHECK_EQ(get(7), DR7_RESET);
    CHECK_EQ(get(8), -XEN_ENODEV);
    CHECK_EQ(get(~0U), -XEN_ENODEV);
    CHECK_EQ(set(8, 0), -XEN_ENODEV);
    CHECK_EQ(set(0, HYPERVISOR_VIRT_START), -XEN_EPERM);
    CHECK_EQ(set(0, HYPERVISOR_VIRT_END - 8), -XEN_EPERM);
    CHECK_EQ(set(3, HYPERVISOR_VIRT_END), 0);
    CHECK_EQ(set(1, NONCANON), -XEN_EPERM);
    CHECK_EQ(set(1, 0x7fffffffffffL), 0);
    CHECK_EQ(set(6, 1UL << 32), -XEN_EINVAL);
    CHECK_EQ(set(7, 1UL << 32), -XEN_EINVAL);
    CHECK_EQ(set(7, 1UL << 13), -XEN_EPERM);             /* GD */
    CHECK_EQ(set(7, ENABLE(0) | 2UL << 16), -XEN_EPERM); /* I/O, without CR4.DE */
    CHECK_EQ(set(6, 0), 0);
    CHECK_EQ(get(6), DR6_RESET);
    CHECK_EQ(set(7, 0), 0);
    CHECK_EQ(get(7), DR7_RESET);
    /* 4 and 5 are other names of 6 and 7. */
    CHECK_EQ(get(4), DR6_RESET);
    CHECK_EQ(get(5), DR7_RESET);
    CHECK_EQ(set(0, 0) | set(1, 0) | set(2, 0) | set(3, 0), 0);
}

static void check_watchpoint(void)
{
    CHECK_EQ(set(0, (uintptr_t)&watched[0]), 0);
    CHECK_EQ(set(7, ENABLE(0) | WRITE4(0)), 0);
    hits = 0;
    watched[1] = 1;
    CHECK_EQ(hits, 0);
    watched[0] = 1;
    CHECK_EQ(hits, 1);
    CHECK_EQ(hit_dr6 & 0xf, 1);
    CHECK_EQ(set(7, 0), 0);
    watched[0] = 2;
    CHECK_EQ(hits, 1);
}

static void __attribute__((noinline)) step_on_me(void)
{
    __asm__ volatile("nop");
}

static bool resume_once(struct trap_frame *f)
{
    hits++;
    hit_rip = f->rip;
    hit_dr6 = (uint64_t)get(6);
    set(7, 0);
    set(6, 0);
    (void)f;
    return true;
}

static void check_breakpoint(void)
{
    trap_hook[VEC_DB] = resume_once;
    CHECK_EQ(set(1, (uintptr_t)step_on_me), 0);
    CHECK_EQ(set(7, ENABLE(1)), 0);
    hits = 0;
    step_on_me();
    CHECK_EQ(hits, 1);
    CHECK_EQ(hit_rip, (uintptr_t)step_on_me);
    CHECK_EQ(hit_dr6 & 0xf, 2);
    trap_hook[VEC_DB] = count_hit;
}

/* The hypervisor reads and writes the watched words for us. */
static void check_in_hypervisor(void)
{
    struct xen_feature_info *f = (void *)(uintptr_t)watched;
    struct evtchn_alloc_unbound *a = (void *)(uintptr_t)watched;
    unsigned int i;

    for (i = 0; i < 4; i++)
        CHECK_EQ(set(i, (uintptr_t)&watched[i]), 0);
    CHECK_EQ(
        set(7, ENABLE(0) | ENABLE(1) | ENABLE(2) | ENABLE(3) | RW4(0) | RW4(1) | RW4(2) | RW4(3)),
        0);
    for (i = 0; i < 10; i++) {
        watched[0] = 0;
        CHECK_EQ(hypercall(xen_version, XENVER_get_features, f), 0);
        hypercall(event_channel_op, EVTCHNOP_alloc_unbound, a);
        watched[0] = __HYPERVISOR_xen_version;
        watched[1] = watched[4] = 0;
        hypercall(multicall, watched, 1);
    }
    CHECK_EQ(set(7, 0), 0);
    set(6, 0);
}

/* A load of SS holds a debug exception back until after the next instruction: the entry. */
static void check_pop_ss(void)
{
    static uint16_t ss;

    ss = FLAT_KERNEL_SS;
    CHECK_EQ(set(0, (uintptr_t)&ss & ~3UL), 0);
    CHECK_EQ(set(7, ENABLE(0) | RW4(0)), 0);
    __asm__ volatile("movw (%0), %%ss\n"
                     "syscall"
                     :
                     : "r"(&ss), "a"(__HYPERVISOR_xen_version), "D"(0), "S"(0)
                     : "rcx", "r11", "memory");
    __asm__ volatile("movw (%0), %%ss\n"
                     "int3"
                     :
                     : "r"(&ss)
                     : "memory");
    CHECK_EQ(set(7, 0), 0);
    set(6, 0);
}

static bool pass_int3(struct trap_frame *f)
{
    (void)f;
    return true;
}

static void step_hypercall(void *unused)
{
    long rc = __HYPERVISOR_xen_version;

    (void)unused;
    __asm__ volatile("pushfq\n"
                     "orq $0x100, (%%rsp)\n"
                     "popfq\n"
                     "syscall\n"
                     "nop"
                     : "+a"(rc)
                     : "D"(0L), "S"(0L)
                     : "rcx", "r11", "memory", "cc");
}

static void step_cpuid(void *unused)
{
    (void)unused;
    __asm__ volatile("pushfq\n"
                     "orq $0x100, (%%rsp)\n"
                     "popfq\n"
                     ".byte 0x0f,0x0b,0x78,0x65,0x6e,0x0f,0xa2\n"
                     "nop" ::
                         : "rax", "rbx", "rcx", "rdx", "memory", "cc");
}

static void step_port(void *unused)
{
    (void)unused;
    __asm__ volatile("pushfq\n"
                     "orq $0x100, (%%rsp)\n"
                     "popfq\n"
                     "inb $0x80, %%al\n"
                     "nop" ::
                         : "rax", "memory", "cc");
}

static void check_steps(void)
{
    struct physdev_set_iopl iopl = {.iopl = 1};

    NEED(hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl) == 0);
    hits = 0;
    step_hypercall(NULL);
    CHECK_EQ(hits, 1);
    step_cpuid(NULL);
    CHECK_EQ(hits, 2);
    CHECK_EQ(hit_dr6 >> 14 & 1, 1);
    step_port(NULL);
    CHECK_EQ(hits, 3);
    CHECK_EQ(hit_dr6 >> 14 & 1, 1);
}

static void second_sets(void)
{
    hypercall(set_debugreg, 0, 0x1230);
    hypercall(set_debugreg, 7, ENABLE(0) | WRITE4(0));
}

static void check_own(void)
{
    CHECK_EQ(set(0, (uintptr_t)&watched[2]), 0);
    CHECK_EQ(set(7, ENABLE(0) | WRITE4(0)), 0);
    if (second_start(second_sets))
        CHECK(second_wait(20000));
    CHECK_EQ(get(0), (uintptr_t)&watched[2]);
    hits = 0;
    watched[2] = 1;
    CHECK_EQ(hits, 1);
    CHECK_EQ(set(7, 0), 0);
}

void test_main(void)
{
    trap_hook[VEC_DB] = count_hit;
    trap_hook[VEC_BP] = pass_int3;
    check_values();
    check_watchpoint();
    check_breakpoint();
    check_in_hypervisor();
    check_pop_ss();
    check_steps();
    check_own();
}
