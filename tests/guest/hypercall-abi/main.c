/* SPDX-License-Identifier: MIT */
/*
 * The SYSCALL convention: which registers survive, unknown numbers give
 * -ENOSYS, and no guest pointer can do more than -EFAULT.
 */
#include "guest.h"

struct regs {
    uint64_t rbx, rbp, r12, r13, r14, r15, rcx, r11, rax, rsp_moved;
};

/* xen_version(0) with known values in every register that must survive. */
static void call_with_patterns(struct regs *r)
{
    __asm__ volatile("pushq %%rbx; pushq %%rbp; pushq %%r12; pushq %%r13; pushq %%r14;"
                     "pushq %%r15; pushq %%rdi\n\t"
                     "movq $0x1111, %%rbx; movq $0x2222, %%rbp; movq $0x3333, %%r12\n\t"
                     "movq $0x4444, %%r13; movq $0x5555, %%r14; movq $0x6666, %%r15\n\t"
                     "xorl %%edi, %%edi; xorl %%esi, %%esi; movl $17, %%eax\n\t"
                     "movq %%rsp, %%r8\n\t"
                     "pushq %%r8\n\t"
                     "syscall\n\t"
                     "1: popq %%r8\n\t"
                     "popq %%rdi\n\t"
                     "movq %%rbx, 0(%%rdi); movq %%rbp, 8(%%rdi); movq %%r12, 16(%%rdi)\n\t"
                     "movq %%r13, 24(%%rdi); movq %%r14, 32(%%rdi); movq %%r15, 40(%%rdi)\n\t"
                     "leaq 1b(%%rip), %%rdx; subq %%rcx, %%rdx; movq %%rdx, 48(%%rdi)\n\t"
                     "movq %%r11, 56(%%rdi); movq %%rax, 64(%%rdi)\n\t"
                     "leaq -8(%%rsp), %%rdx; subq %%r8, %%rdx; movq %%rdx, 72(%%rdi)\n\t"
                     "popq %%r15; popq %%r14; popq %%r13; popq %%r12; popq %%rbp; popq %%rbx"
                     : "+D"(r)
                     :
                     : "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
}

static void check_registers(void)
{
    struct regs r;

    call_with_patterns(&r);
    CHECK_EQ(r.rax, 0x40011);
    CHECK_EQ(r.rbx, 0x1111);
    CHECK_EQ(r.rbp, 0x2222);
    CHECK_EQ(r.r12, 0x3333);
    CHECK_EQ(r.r13, 0x4444);
    CHECK_EQ(r.r14, 0x5555);
    CHECK_EQ(r.r15, 0x6666);
    CHECK_EQ(r.rsp_moved, 0);
    /* SYSRET leaves the return address and the flags where SYSCALL put them. */
    CHECK_EQ(r.rcx, 0);
    CHECK_EQ(r.r11 & 0x200, 0x200);
}

/* Carry and direction flag come back as they were. */
static void check_flags(void)
{
    unsigned long flags, nr = __HYPERVISOR_xen_version, cmd = XENVER_version, arg = 0;

    __asm__ volatile("std; stc; syscall; pushfq; popq %0; cld"
                     : "=r"(flags), "+a"(nr), "+D"(cmd), "+S"(arg)
                     :
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
    CHECK_EQ(flags & 0x401, 0x401);
    CHECK_EQ(flags & 0x200, 0x200);
}

static void check_unknown(void)
{
    static const unsigned long unknown[] = {
        11, 38, 43, 44, 47, 50, 55, 56, 63, 64, 255, 0x7fffffff, 0xffffffff, 1UL << 32 | 56, ~0UL};
    size_t i;

    for (i = 0; i < ARRAY_SIZE(unknown); i++)
        if (hypercall_nr(unknown[i], 0) != -XEN_ENOSYS)
            failure("hypercall %lx returns %ld", unknown[i], hypercall_nr(unknown[i], 0));
    /* All of rax counts. */
    CHECK_EQ(hypercall_nr(1UL << 32 | __HYPERVISOR_xen_version, 0), -XEN_ENOSYS);
}

/* Pointers of every bad kind, to a call that reads and one that writes. */
static void check_pointers(void)
{
    static const uint64_t bad[] = {0,
                                   UNMAPPED,
                                   NONCANON,
                                   ~0UL - 7,
                                   HYPERVISOR_VIRT_START,
                                   HYPERVISOR_VIRT_END - 4096,
                                   0x7ffffffffffcUL,
                                   0xffff7ffffffffff8UL};
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        long r = hypercall(event_channel_op, EVTCHNOP_status, bad[i]);
        long w = hypercall(xen_version, XENVER_platform_parameters, bad[i]);

        if (r != -XEN_EFAULT)
            failure("read through %lx gives %ld", bad[i], r);
        if (w != -XEN_EFAULT)
            failure("write through %lx gives %ld", bad[i], w);
    }
}

static void check_crossing(void)
{
    char *page = page_alloc(), *next = page_alloc();
    struct evtchn_status *s = (void *)(next - 8);

    NEED(next == page + PAGE_SIZE);
    NEED(map_va(next, 0) == 0);
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_status, s), -XEN_EFAULT);
    CHECK_EQ(hypercall(xen_version, XENVER_extraversion, next - 8), -XEN_EFAULT);
    CHECK_EQ(hypercall(console_io, CONSOLEIO_write, 16, next - 8), -XEN_EFAULT);
    NEED(set_writable(next, true) == 0);
    CHECK_EQ(hypercall(xen_version, XENVER_extraversion, next - 8), 0);
}

static void check_read_only(void)
{
    char *page = page_alloc();

    NEED(set_writable(page, false) == 0);
    CHECK_EQ(hypercall(xen_version, XENVER_extraversion, page), -XEN_EFAULT);
    NEED(set_writable(page, true) == 0);
    CHECK_EQ(page[0], 0);
}

void test_main(void)
{
    check_registers();
    check_flags();
    check_unknown();
    check_pointers();
    check_crossing();
    check_read_only();
    success();
}
