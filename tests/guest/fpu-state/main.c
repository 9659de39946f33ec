/* SPDX-License-Identifier: MIT */
/*
 * FPU, SSE and AVX state: each vCPU has its own, wherever it runs; a new domain finds nothing of
 * others; XSETBV takes what the processor would; virtual CR0.TS.
 */
#include "guest.h"

#define MS          1000000UL
#define CR4_OSXSAVE (1UL << 18)
#define BIT_OSXSAVE (1U << 27)
#define BIT_AVX     (1U << 28)
#define NR_REGS     16
#define REG_BYTES   32

static uint64_t pattern[NR_REGS][4], seen[NR_REGS][4];

static void cpuid_forced(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
    __asm__ volatile(".byte 0x0f,0x0b,0x78,0x65,0x6e,0x0f,0xa2"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "0"(leaf), "2"(subleaf));
}

static bool has_avx(void)
{
    uint32_t r[4];

    cpuid_forced(1, 0, r);
    return (r[2] & BIT_OSXSAVE) && (r[2] & BIT_AVX);
}

static void set_osxsave(void)
{
    uint64_t cr4;

    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("movq %0, %%cr4" ::"r"(cr4 | CR4_OSXSAVE));
}

static uint64_t xcr_index, xcr_value;

static void do_xsetbv(void *unused)
{
    (void)unused;
    __asm__ volatile("xsetbv" ::"c"((uint32_t)xcr_index), "a"((uint32_t)xcr_value),
                     "d"((uint32_t)(xcr_value >> 32)));
}

static int xsetbv(uint64_t index, uint64_t value)
{
    xcr_index = index;
    xcr_value = value;
    return catch_trap(do_xsetbv, NULL);
}

static uint64_t xgetbv(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

#define EACH_REG(f) \
    f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11) f(12) f(13) f(14) f(15)
#define LOAD_REG(n)  "vmovdqu 32*" #n "(%0), %%ymm" #n "\n"
#define STORE_REG(n) "vmovdqu %%ymm" #n ", 32*" #n "(%0)\n"

static void fill(uint64_t (*p)[4], uint64_t seed)
{
    unsigned int i, j;

    for (i = 0; i < NR_REGS; i++)
        for (j = 0; j < 4; j++)
            p[i][j] = seed * 0x0101010101010101UL + i * 16 + j;
}

static void load_regs(const void *from)
{
    __asm__ volatile(EACH_REG(LOAD_REG)::"r"(from) : "memory");
}

static void store_regs(void *to)
{
    __asm__ volatile(EACH_REG(STORE_REG)::"r"(to) : "memory");
}

static void avx_insn(void *unused)
{
    (void)unused;
    __asm__ volatile("vpxor %xmm0, %xmm0, %xmm0");
}

static void sleep_ms(uint64_t ms)
{
    struct sched_poll p = {.timeout = system_time() + ms * MS};

    hypercall(sched_op, SCHEDOP_poll, &p);
}

static void move_to(int cpu)
{
    struct sched_pin_override p = {.pcpu = cpu};

    NEED(hypercall(sched_op, SCHEDOP_pin_override, &p) == 0);
}

/* --- what a processor takes for XCR0 --- */

static void check_xsetbv(void)
{
    CHECK_EQ(xsetbv(0, 0), VEC_GP);
    CHECK_EQ(xsetbv(0, 2), VEC_GP);
    CHECK_EQ(xsetbv(0, 5), VEC_GP);
    CHECK_EQ(xsetbv(0, 1UL << 63 | 7), VEC_GP);
    CHECK_EQ(xsetbv(0, 0x107), VEC_GP);
    CHECK_EQ(xsetbv(1, 7), VEC_GP);
    CHECK_EQ(xsetbv(0, 1), -1);
    CHECK_EQ(xgetbv(), 1);
    CHECK_EQ(catch_trap(avx_insn, NULL), VEC_UD);
    CHECK_EQ(xsetbv(0, 7), -1);
    CHECK_EQ(xgetbv(), 7);
    CHECK_EQ(catch_trap(avx_insn, NULL), -1);
}

/* --- two vCPUs, moved between CPUs --- */

static uint64_t second_pattern[NR_REGS][4], second_seen[NR_REGS][4];
static volatile unsigned int second_wrong, second_rounds;
static volatile bool over;

static void second_uses_avx(void)
{
    set_osxsave();
    __asm__ volatile("xsetbv" ::"c"(0), "a"(7), "d"(0));
    fill(second_pattern, 0xb0);
    load_regs(second_pattern);
    while (!over) {
        sleep_ms(1);
        hypercall(sched_op, SCHEDOP_yield, 0);
        store_regs(second_seen);
        if (memcmp(second_seen, second_pattern, sizeof(second_seen)))
            second_wrong++;
        second_rounds++;
    }
}

static void check_two_vcpus(void)
{
    unsigned int i, wrong = 0;

    fill(pattern, 0xa0);
    if (!second_start(second_uses_avx)) {
        skip("one vCPU only: nobody to share with");
        return;
    }
    load_regs(pattern);
    for (i = 0; i < 40; i++) {
        move_to((int)(i & 1));
        sleep_ms(1);
        hypercall(sched_op, SCHEDOP_yield, 0);
        store_regs(seen);
        wrong += memcmp(seen, pattern, sizeof(seen)) != 0;
        move_to(-1);
    }
    over = true;
    CHECK(second_wait(20000));
    CHECK_EQ(wrong, 0);
    CHECK_EQ(second_wrong, 0);
    CHECK(second_rounds > 5);
}

/* --- what a new domain finds --- */

static void child_looks(void)
{
    uint16_t fcw = 0;
    uint32_t mxcsr = 0, bad = 0, i, j;

    __asm__ volatile("fnstcw %0" : "=m"(fcw));
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    CHECK_EQ(fcw, 0x37f);
    CHECK_EQ(mxcsr, 0x1f80);
    if (has_avx()) {
        CHECK_EQ(catch_trap(avx_insn, NULL), VEC_UD); /* not turned on yet */
        set_osxsave();
        CHECK_EQ(xsetbv(0, 7), -1);
        store_regs(seen);
        for (i = 0; i < NR_REGS; i++)
            for (j = 0; j < 4; j++)
                bad += seen[i][j] != 0;
        CHECK_EQ(bad, 0);
    }
    child_box.word[0] = 1;
}

static void check_child(void)
{
    struct child c = {0};

    fill(pattern, 0xc0);
    memset(seen, 0, sizeof(seen));
    child_make(&c, child_looks, 1);
    load_regs(pattern);
    child_run(&c);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff);
    CHECK_EQ(c.box->word[0], 1);
    store_regs(seen);
    CHECK_EQ(memcmp(seen, pattern, sizeof(seen)), 0);
    child_end(&c);
}

/* --- turned off in between, a component keeps its value --- */

static void check_off_and_on(void)
{
    fill(pattern, 0xd0);
    load_regs(pattern);
    NEED(xsetbv(0, 3) == -1);
    sleep_ms(2);
    NEED(xsetbv(0, 7) == -1);
    store_regs(seen);
    CHECK_EQ(memcmp(seen, pattern, sizeof(seen)), 0);
}

static void sse_insn(void *unused)
{
    (void)unused;
    __asm__ volatile("xorps %xmm0, %xmm0");
}

static void check_ts(void)
{
    uint64_t cr0;

    CHECK_EQ(hypercall(fpu_taskswitch, 1), 0);
    __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
    CHECK_EQ(cr0 >> 3 & 1, 1);
    sleep_ms(2);
    CHECK_EQ(catch_trap(sse_insn, NULL), VEC_NM);
    CHECK_EQ(catch_trap(sse_insn, NULL), -1); /* cleared by the fault */
    CHECK_EQ(hypercall(fpu_taskswitch, 1), 0);
    CHECK_EQ(hypercall(fpu_taskswitch, 0), 0);
    CHECK_EQ(catch_trap(sse_insn, NULL), -1);
    CHECK_EQ(hypercall(fpu_taskswitch, 1), 0);
    __asm__ volatile("clts");
    CHECK_EQ(catch_trap(sse_insn, NULL), -1);
}

void test_main(void)
{
    check_ts();
    if (!has_avx()) {
        skip("no AVX for guests here");
        return;
    }
    set_osxsave();
    check_xsetbv();
    check_two_vcpus();
    check_child();
    check_off_and_on();
}
