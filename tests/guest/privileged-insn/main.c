/* SPDX-License-Identifier: MIT */
/*
 * Privileged instructions in the guest kernel: the emulated ones work, CLI and
 * STI do nothing, the rest is #GP.  CPUID with the prefix shows the PV policy.
 */
#include "guest.h"

struct leaf {
    uint32_t a, b, c, d;
};

static struct leaf cpuid_forced(uint32_t leaf, uint32_t sub)
{
    struct leaf r;

    __asm__ volatile(XEN_CPUID : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "0"(leaf), "2"(sub));
    return r;
}

struct msr {
    uint32_t index;
    uint64_t value;
};

static void do_rdmsr(void *arg)
{
    struct msr *m = arg;
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(m->index));
    m->value = (uint64_t)high << 32 | low;
}

static void do_wrmsr(void *arg)
{
    struct msr *m = arg;

    __asm__ volatile("wrmsr" ::"c"(m->index), "a"((uint32_t)m->value),
                     "d"((uint32_t)(m->value >> 32)));
}

static void check_cpuid(void)
{
    struct leaf l = cpuid_forced(0x40000000, 0);

    CHECK(l.a >= 0x40000002);
    CHECK_EQ(l.b, XEN_CPUID_SIGNATURE_EBX);
    CHECK_EQ(l.c, XEN_CPUID_SIGNATURE_ECX);
    CHECK_EQ(l.d, XEN_CPUID_SIGNATURE_EDX);
    CHECK_EQ(cpuid_forced(0x40000001, 0).a, 0x40011);
    l = cpuid_forced(0x40000002, 0);
    CHECK_EQ(l.a, 1);
    CHECK_EQ(l.c & 1, XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD);
    l = cpuid_forced(0x40000003, 0);
    CHECK_EQ(l.b, 0); /* how the TSC is treated: the default */
    CHECK(l.c > 100000);
    CHECK_EQ(l.c, cpuid_forced(0x40000003, 2).a);
    CHECK_EQ(cpuid_forced(0x40000004, 0).a, 0);
    l = cpuid_forced(1, 0);
    CHECK_EQ(l.c >> 31, 1);
    CHECK_EQ(l.c >> 5 & 1, 0);                                /* VMX */
    CHECK_EQ(l.d & (1U << 3 | 1U << 1), 0);                   /* PSE, VME */
    CHECK_EQ(l.d >> 6 & 1, 1);                                /* PAE */
    CHECK_EQ(cpuid_forced(7, 0).b & (1U << 7 | 1U << 20), 0); /* SMEP, SMAP */
    l = cpuid_forced(0x80000001, 0);
    CHECK_EQ(l.d >> 29 & 1, 1); /* long mode */
    CHECK_EQ(l.c >> 2 & 1, 0);  /* SVM */
    CHECK_EQ(cpuid_forced(0x4000ff00, 0).a, 0);
}

static void check_msrs(void)
{
    struct msr m = {.index = 0xc0000100};
    uint64_t *data = page_alloc();

    m.value = (uintptr_t)data;
    CHECK_EQ(catch_trap(do_wrmsr, &m), -1);
    m.value = 0;
    CHECK_EQ(catch_trap(do_rdmsr, &m), -1);
    CHECK_EQ(m.value, (uintptr_t)data);
    m.value = NONCANON;
    CHECK_EQ(catch_trap(do_wrmsr, &m), VEC_GP);
    m = (struct msr){.index = 0x277};
    CHECK_EQ(catch_trap(do_rdmsr, &m), -1);
    CHECK_EQ(m.value, 0x050100070406UL);
    m = (struct msr){.index = 0xc0000080};
    CHECK_EQ(catch_trap(do_rdmsr, &m), -1);
    CHECK_EQ(m.value & 0x501, 0x501);
    m = (struct msr){.index = 0x1b};
    CHECK_EQ(catch_trap(do_rdmsr, &m), -1);
    CHECK_EQ(m.value & 0x800, 0x800);
}

/* A guest of AMD's may rely on LFENCE, and cannot change that; also where CPUID does not say so. */
static void check_lfence(void)
{
    struct msr m = {.index = 0xc0011029, .value = 0};

    if (cpuid_forced(0, 0).c != 0x444d4163) /* cAMD */
        return;
    CHECK(cpuid_forced(0x80000000, 0).a >= 0x80000021);
    CHECK(cpuid_forced(0x80000021, 0).a & 4);
    CHECK_EQ(catch_trap(do_wrmsr, &m), -1);
    CHECK_EQ(catch_trap(do_rdmsr, &m), -1);
    CHECK_EQ(m.value, 2);
}

static void check_unknown_msrs(void)
{
    static const uint32_t unknown[] = {0x12345678, 0xc0001234, 0x40000200, 0xdeadbeef};
    struct msr m;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(unknown); i++) {
        m = (struct msr){.index = unknown[i]};
        if (catch_trap(do_rdmsr, &m) != VEC_GP)
            failure("rdmsr %x does not fault", unknown[i]);
        if (catch_trap(do_wrmsr, &m) != VEC_GP)
            failure("wrmsr %x does not fault", unknown[i]);
    }
}

static void check_control(void)
{
    uint64_t cr0, cr2, cr3, cr4;

    __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    CHECK_EQ(cr0 & 0x80000001UL, 0x80000001UL);
    CHECK_EQ(cr0 & 8, 0);
    CHECK_EQ(cr3 >> 12, mfn_of((void *)start_info->pt_base));
    CHECK_EQ(cr4 & 0x620, 0x620);
    CHECK_EQ(try_read(UNMAPPED + 16, NULL), VEC_PF);
    __asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
    CHECK_EQ(cr2, UNMAPPED + 16);
    __asm__ volatile("movq %0, %%cr4" ::"r"(cr4));
    CHECK_EQ(hypercall(fpu_taskswitch, 1), 0);
    __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
    CHECK_EQ(cr0 & 8, 8);
    __asm__ volatile("clts");
    __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
    CHECK_EQ(cr0 & 8, 0);
}

static void do_fpu(void *unused)
{
    (void)unused;
    __asm__ volatile("fninit");
}

static void check_fpu(void)
{
    CHECK_EQ(catch_trap(do_fpu, NULL), -1);
    CHECK_EQ(hypercall(fpu_taskswitch, 1), 0);
    CHECK_EQ(catch_trap(do_fpu, NULL), VEC_NM);
    CHECK_EQ(hypercall(fpu_taskswitch, 0), 0);
    CHECK_EQ(catch_trap(do_fpu, NULL), -1);
}

static void do_cli(void *unused)
{
    (void)unused;
    __asm__ volatile("cli");
}

static void do_sti(void *unused)
{
    (void)unused;
    __asm__ volatile("sti");
}

/* With I/O privilege they are accepted and change nothing, without it they fault. */
static void check_interrupt_flag(void)
{
    struct physdev_set_iopl level = {.iopl = 1};
    uint64_t flags;

    CHECK_EQ(catch_trap(do_cli, NULL), VEC_GP);
    CHECK_EQ(catch_trap(do_sti, NULL), VEC_GP);
    NEED(hypercall(physdev_op, PHYSDEVOP_set_iopl, &level) == 0);
    events_on();
    __asm__ volatile("cli");
    CHECK_EQ(this_vcpu_info()->evtchn_upcall_mask, 0);
    __asm__ volatile("pushfq; popq %0" : "=r"(flags));
    CHECK_EQ(flags & 0x200, 0x200);
    events_off();
    __asm__ volatile("sti");
    CHECK_EQ(this_vcpu_info()->evtchn_upcall_mask, 1);
    level.iopl = 0;
    NEED(hypercall(physdev_op, PHYSDEVOP_set_iopl, &level) == 0);
}

static void do_hlt(void *unused)
{
    (void)unused;
    __asm__ volatile("hlt");
}

static void do_lgdt(void *unused)
{
    static const char zero[10];

    (void)unused;
    __asm__ volatile("lgdt %0" ::"m"(zero));
}

static void do_ltr(void *unused)
{
    (void)unused;
    __asm__ volatile("xorl %%eax, %%eax; ltr %%ax" ::: "eax");
}

static void do_swapgs(void *unused)
{
    (void)unused;
    __asm__ volatile("swapgs");
}

static void do_rdpmc(void *unused)
{
    (void)unused;
    __asm__ volatile("xorl %%ecx, %%ecx; rdpmc" ::: "eax", "ecx", "edx");
}

static void do_invlpg(void *unused)
{
    (void)unused;
    __asm__ volatile("invlpg 0x400000");
}

static void check_refused(void)
{
    CHECK_EQ(catch_trap(do_hlt, NULL), VEC_GP);
    CHECK_EQ(catch_trap(do_lgdt, NULL), VEC_GP);
    CHECK_EQ(catch_trap(do_ltr, NULL), VEC_GP);
    CHECK_EQ(catch_trap(do_swapgs, NULL), VEC_GP);
    CHECK_EQ(catch_trap(do_rdpmc, NULL), VEC_GP);
    CHECK_EQ(catch_trap(do_invlpg, NULL), VEC_GP);
}

static void do_inb(void *arg)
{
    uint8_t value;

    __asm__ volatile("inb %%dx, %0" : "=a"(value) : "d"(*(uint16_t *)arg));
    *(uint16_t *)arg = value;
}

static int in_port(uint16_t port, uint16_t *ret_value)
{
    int vector;

    *ret_value = port;
    vector = catch_trap(do_inb, ret_value);
    return vector;
}

/* Ports of the hypervisor's devices read as all ones; without IOPL it is #GP. */
static void check_ports(void)
{
    struct physdev_set_iopl level = {.iopl = 1};
    uint16_t value;

    CHECK_EQ(in_port(0x21, &value), VEC_GP);
    CHECK_EQ(hypercall(physdev_op, PHYSDEVOP_set_iopl, &level), 0);
    CHECK_EQ(in_port(0x21, &value), -1);
    CHECK_EQ(value, 0xff);
    CHECK_EQ(in_port(0x3f8, &value), -1);
    CHECK_EQ(value, 0xff);
    CHECK_EQ(in_port(0x71, &value), -1);
    level.iopl = 0;
    CHECK_EQ(hypercall(physdev_op, PHYSDEVOP_set_iopl, &level), 0);
    CHECK_EQ(in_port(0x21, &value), VEC_GP);
}

void test_main(void)
{
    check_cpuid();
    check_msrs();
    check_unknown_msrs();
    check_lfence();
    check_control();
    check_fpu();
    check_interrupt_flag();
    check_refused();
    check_ports();
    success();
}
