/* SPDX-License-Identifier: MIT */
/*
 * What a guest has of its processor because the tools want it so: FSGSBASE (hidden unless its CPU
 * policy shows it), TSC_AUX (RDPID, RDTSCP), the mode of the TSC, tolerance for unknown MSRs.
 */
#include "guest.h"

#define CR4_FSGSBASE (1UL << 16)
#define MSR_TSC_AUX  0xc0000103U
#define ROUNDS       200
#define DOM0_AUX     0x1111U
#define CHILD_AUX    0x2222U

static struct child child;

static void cpuid_forced(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
    __asm__ volatile(XEN_CPUID
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "0"(leaf), "2"(subleaf));
}

static bool shows_fsgsbase(void)
{
    uint32_t r[4];

    cpuid_forced(7, 0, r);
    return r[1] & 1;
}

static bool shows_rdpid(void)
{
    uint32_t r[4];

    cpuid_forced(7, 0, r);
    return r[2] >> 22 & 1;
}

static bool shows_rdtscp(void)
{
    uint32_t r[4];

    cpuid_forced(0x80000001, 0, r);
    return r[3] >> 27 & 1;
}

static uint64_t read_cr4(void)
{
    uint64_t cr4;

    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    return cr4;
}

static void write_cr4(uint64_t cr4)
{
    __asm__ volatile("movq %0, %%cr4" ::"r"(cr4));
}

static uint64_t read_gs(void)
{
    uint64_t base;

    __asm__ volatile("rdgsbase %0" : "=r"(base));
    return base;
}

static void do_read_gs(void *arg)
{
    *(uint64_t *)arg = read_gs();
}

static void do_write_gs(void *arg)
{
    __asm__ volatile("wrgsbase %0" ::"r"(*(uint64_t *)arg));
}

static void do_write_fs(void *arg)
{
    __asm__ volatile("wrfsbase %0" ::"r"(*(uint64_t *)arg));
}

static uint64_t read_fs(void)
{
    uint64_t base;

    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base;
}

/* --- TSC_AUX --- */

static void write_aux(uint32_t low, uint32_t high)
{
    __asm__ volatile("wrmsr" ::"c"(MSR_TSC_AUX), "a"(low), "d"(high));
}

static void do_write_bad_aux(void *unused)
{
    (void)unused;
    write_aux(0, 1);
}

static uint32_t rdpid(void)
{
    uint64_t aux;

    __asm__ volatile("rdpid %0" : "=r"(aux));
    return (uint32_t)aux;
}

static uint32_t rdtscp(void)
{
    uint32_t aux;

    __asm__ volatile("rdtscp" : "=c"(aux)::"eax", "edx");
    return aux;
}

static void aux_is(uint32_t want)
{
    if (shows_rdpid())
        CHECK_EQ(rdpid(), want);
    if (shows_rdtscp())
        CHECK_EQ(rdtscp(), want);
}

static void check_aux(uint32_t value)
{
    write_aux(value, 0);
    aux_is(value);
    CHECK_EQ(catch_trap(do_write_bad_aux, NULL), VEC_GP);
    aux_is(value);
}

/* --- without the feature --- */

static void without_fsgsbase(void)
{
    uint64_t base = 0;

    CHECK(!shows_fsgsbase());
    write_cr4(read_cr4() | CR4_FSGSBASE);
    CHECK_EQ(read_cr4() & CR4_FSGSBASE, 0);
    CHECK_EQ(catch_trap(do_read_gs, &base), VEC_UD);
    CHECK_EQ(catch_trap(do_write_gs, &base), VEC_UD);
}

static void plain_child(void)
{
    without_fsgsbase();
    aux_is(0);
}

/* --- with it: the bases that no hypercall knows of stay the vCPU's own --- */

static void set_bases(uint64_t fs, uint64_t gs)
{
    CHECK_EQ(catch_trap(do_write_fs, &fs), -1);
    CHECK_EQ(catch_trap(do_write_gs, &gs), -1);
}

static void child_with_fsgsbase(void)
{
    uint64_t fs = 0x123456789000, gs = 0xffff900012345000, base = 0;

    CHECK(shows_fsgsbase());
    CHECK_EQ(catch_trap(do_read_gs, &base), VEC_UD);
    write_cr4(read_cr4() | CR4_FSGSBASE);
    CHECK_EQ(read_cr4() & CR4_FSGSBASE, CR4_FSGSBASE);
    check_aux(CHILD_AUX);
    set_bases(fs, gs);
    for (int i = 0; i < ROUNDS; i++) {
        hypercall(sched_op, SCHEDOP_yield, 0);
        if (read_fs() != fs || read_gs() != gs)
            failure("bases are %lx, %lx in round %d", read_fs(), read_gs(), i);
        set_bases(++fs, ++gs);
    }
    aux_is(CHILD_AUX);
    write_cr4(read_cr4() & ~CR4_FSGSBASE);
    CHECK_EQ(catch_trap(do_read_gs, &base), VEC_UD);
}

/* --- what a domain is made with --- */

static void do_read_msr(void *arg)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(*(uint32_t *)arg));
    CHECK_EQ(low | high, 0);
}

static void do_write_msr(void *arg)
{
    __asm__ volatile("wrmsr" ::"c"(*(uint32_t *)arg), "a"(1), "d"(0));
}

static uint32_t there = 0x174; /* SYSENTER_CS, which is not a guest's */

static void strict_child(void)
{
    uint32_t r[4];

    CHECK_EQ(catch_trap(do_read_msr, &there), VEC_GP);
    CHECK_EQ(catch_trap(do_write_msr, &there), VEC_GP);
    cpuid_forced(0x40000003, 0, r);
    CHECK_EQ(r[1], 2); /* the TSC is native, and this is the 6th life */
    CHECK_EQ(r[3], 6);
}

static void relaxed_child(void)
{
    CHECK_EQ(catch_trap(do_read_msr, &there), -1);
    CHECK_EQ(catch_trap(do_write_msr, &there), -1);
}

static void set_tsc_mode(domid_t id)
{
    ctl_clear();
    ctl.u.tsc_info.tsc_mode = 2;
    ctl.u.tsc_info.incarnation = 5;
    CHECK_EQ(domctl(XEN_DOMCTL_settscinfo, id), 0);
}

/* Shows FSGSBASE to the child, which has not run yet. */
static void show_fsgsbase(domid_t id)
{
    static struct xen_cpuid_leaf leaf;
    uint32_t r[4];

    cpuid_forced(7, 0, r);
    leaf = (struct xen_cpuid_leaf){7, 0, r[0], r[1] | 1, r[2], r[3]};
    ctl_clear();
    ctl.u.cpu_policy.nr_leaves = 1;
    ctl.u.cpu_policy.leaves = (uintptr_t)&leaf;
    CHECK_EQ(domctl(XEN_DOMCTL_set_cpu_policy, id), 0);
}

static void run(void (*fn)(void), void (*prepare)(domid_t id))
{
    child_make(&child, fn, 1);
    if (prepare)
        prepare(child.id);
    child_run(&child);
    CHECK_EQ(child_wait(&child, 5000), SHUTDOWN_poweroff);
    aux_is(DOM0_AUX);
    child_end(&child);
}

void test_main(void)
{
    uint32_t r[4];
    bool hardware;

    __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "0"(7), "2"(0));
    hardware = r[1] & 1;
    without_fsgsbase();
    check_aux(DOM0_AUX);
    run(plain_child, NULL);
    run(strict_child, set_tsc_mode);
    misc_flags = XEN_X86_MSR_RELAXED;
    run(relaxed_child, NULL);
    misc_flags = 0;
    if (hardware)
        run(child_with_fsgsbase, show_fsgsbase);
    success();
}
