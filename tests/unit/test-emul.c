/* SPDX-License-Identifier: MIT */
/*
 * test-emul.c - the instruction emulator against the real CPU (unprivileged instructions), and
 * against tables (privileged ones, decoder errors).
 *
 * Link with xen/arch/x86/emul/ (all files). The differential tests run each instruction in a page
 * of its own with random registers and memory and compare everything; they are never skipped, since
 * every x86-64 processor has these instructions.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xen/types.h>
#include <xen/errno.h>
#include "../../xen/arch/x86/emul/emulate.h"

#define FLAGS_ALL 0x8d5UL /* CF PF AF ZF SF OF */
#define FLAG_AF   0x010UL
#define FLAG_DF   0x400UL
#define SLOTS     64 /* 8-byte words of test memory */
#define ROUNDS    40

static u64 memory[SLOTS];
static u8 *code_page;
static u64 random_state = 88172645463325252ULL;

static u64 random64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Interesting values more often than chance gives them. */
static u64 random_value(void)
{
    static const u64 edge[] = {0,
                               1,
                               0x7f,
                               0x80,
                               0xff,
                               0x7fff,
                               0x8000,
                               0xffff,
                               0x7fffffff,
                               0x80000000,
                               0xffffffff,
                               0x7fffffffffffffff,
                               0x8000000000000000,
                               ~0ULL};
    u64 r = random64();

    return r & 1 ? random64() : edge[(r >> 1) % ARRAY_SIZE(edge)];
}

/* --- a machine for the emulator: flat memory, recorded system accesses --- */

struct record {
    char what;
    u64 a, b;
    unsigned int size;
};
static struct record log_[16];
static unsigned int nr_log;
static u64 answer;

static void note(char what, u64 a, u64 b, unsigned int size)
{
    if (nr_log < ARRAY_SIZE(log_))
        log_[nr_log++] = (struct record){what, a, b, size};
}

static bool in_memory(unsigned long addr, unsigned int size)
{
    unsigned long base = (unsigned long)memory;

    return addr >= base && addr + size <= base + sizeof(memory);
}
static int m_read(struct x86_emul *e, unsigned long addr, unsigned int size, u64 *ret_val)
{
    if (!in_memory(addr, size))
        return x86_emul_page_fault(e, 0, addr);
    *ret_val = 0;
    memcpy(ret_val, (void *)addr, size);
    return 0;
}
static int m_write(struct x86_emul *e, unsigned long addr, unsigned int size, u64 val)
{
    if (!in_memory(addr, size))
        return x86_emul_page_fault(e, 2, addr);
    memcpy((void *)addr, &val, size);
    return 0;
}
static int m_cmpxchg(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old, u64 val)
{
    u64 now = 0;
    int rc = m_read(e, addr, size, &now);

    if (rc)
        return rc;
    return now == old ? m_write(e, addr, size, val) : -EAGAIN;
}
static int m_seg_base(struct x86_emul *e, enum x86_seg seg, unsigned long *ret_base)
{
    (void)e;
    *ret_base = seg == X86_SEG_FS ? 0x1000 : 0;
    return 0;
}
static int m_in(struct x86_emul *e, u16 port, unsigned int size, u32 *ret_val)
{
    if (port == 0xdead)
        return x86_emul_fault(e, X86_FAULT_GP, 0);
    note('i', port, 0, size);
    *ret_val = (u32)answer;
    return 0;
}
static int m_out(struct x86_emul *e, u16 port, unsigned int size, u32 val)
{
    (void)e;
    note('o', port, val, size);
    return 0;
}
static int m_set_if(struct x86_emul *e, bool on)
{
    (void)e;
    note('f', on, 0, 0);
    return 0;
}
static int m_read_cr(struct x86_emul *e, unsigned int reg, u64 *ret_val)
{
    (void)e;
    note('c', reg, 0, 0);
    *ret_val = answer;
    return 0;
}
static int m_write_cr(struct x86_emul *e, unsigned int reg, u64 val)
{
    (void)e;
    note('C', reg, val, 0);
    return 0;
}
static int m_clts(struct x86_emul *e)
{
    (void)e;
    note('t', 0, 0, 0);
    return 0;
}
static int m_read_dr(struct x86_emul *e, unsigned int reg, u64 *ret_val)
{
    (void)e;
    note('d', reg, 0, 0);
    *ret_val = answer;
    return 0;
}
static int m_write_dr(struct x86_emul *e, unsigned int reg, u64 val)
{
    (void)e;
    note('D', reg, val, 0);
    return 0;
}
static int m_read_msr(struct x86_emul *e, u32 msr, u64 *ret_val)
{
    (void)e;
    note('m', msr, 0, 0);
    *ret_val = answer;
    return 0;
}
static int m_write_msr(struct x86_emul *e, u32 msr, u64 val)
{
    (void)e;
    note('M', msr, val, 0);
    return 0;
}
static int m_xsetbv(struct x86_emul *e, u32 index, u64 val)
{
    (void)e;
    note('x', index, val, 0);
    return 0;
}
static int m_flush(struct x86_emul *e, bool writeback)
{
    (void)e;
    note('w', writeback, 0, 0);
    return 0;
}
static int m_halt(struct x86_emul *e)
{
    (void)e;
    note('h', 0, 0, 0);
    return 0;
}
static int m_cpuid(struct x86_emul *e, u32 leaf, u32 sub, u32 ret_abcd[4])
{
    (void)e;
    note('p', leaf, sub, 0);
    for (u32 i = 0; i < 4; i++)
        ret_abcd[i] = 0xfffffff0 + i;
    return 0;
}
static int m_rdtsc(struct x86_emul *e, u64 *ret_tsc)
{
    (void)e;
    note('r', 0, 0, 0);
    *ret_tsc = answer;
    return 0;
}
static int m_aux(struct x86_emul *e, u32 *ret_aux)
{
    (void)e;
    *ret_aux = 77;
    return 0;
}

static const struct x86_emul_ops ops = {
    .read = m_read,
    .write = m_write,
    .cmpxchg = m_cmpxchg,
    .seg_base = m_seg_base,
    .port_in = m_in,
    .port_out = m_out,
    .set_if = m_set_if,
    .read_cr = m_read_cr,
    .write_cr = m_write_cr,
    .clts = m_clts,
    .read_dr = m_read_dr,
    .write_dr = m_write_dr,
    .read_msr = m_read_msr,
    .write_msr = m_write_msr,
    .xsetbv = m_xsetbv,
    .flush_caches = m_flush,
    .halt = m_halt,
    .cpuid = m_cpuid,
    .rdtsc = m_rdtsc,
    .rdtsc_aux = m_aux,
};

/* --- the real CPU --- */

struct cpu_state {
    u64 rax, rcx, rdx, rbx, rsi, rdi, r8, r9, rflags;
};

static void run_native(struct cpu_state *s)
{
    __asm__ volatile("lea -128(%%rsp),%%rsp\n\t"
                     "push %%rbp\n\t"
                     "push %[s]\n\t"
                     "mov %[s],%%r11\n\t"
                     "mov %[code],%%r10\n\t"
                     "push 64(%%r11)\n\t"
                     "popfq\n\t"
                     "mov (%%r11),%%rax\n\t"
                     "mov 8(%%r11),%%rcx\n\t"
                     "mov 16(%%r11),%%rdx\n\t"
                     "mov 24(%%r11),%%rbx\n\t"
                     "mov 32(%%r11),%%rsi\n\t"
                     "mov 40(%%r11),%%rdi\n\t"
                     "mov 48(%%r11),%%r8\n\t"
                     "mov 56(%%r11),%%r9\n\t"
                     "call *%%r10\n\t"
                     "pop %%r11\n\t"
                     "pushfq\n\t"
                     "cld\n\t"
                     "pop 64(%%r11)\n\t"
                     "pop %%rbp\n\t"
                     "lea 128(%%rsp),%%rsp\n\t"
                     "mov %%rax,(%%r11)\n\t"
                     "mov %%rcx,8(%%r11)\n\t"
                     "mov %%rdx,16(%%r11)\n\t"
                     "mov %%rbx,24(%%r11)\n\t"
                     "mov %%rsi,32(%%r11)\n\t"
                     "mov %%rdi,40(%%r11)\n\t"
                     "mov %%r8,48(%%r11)\n\t"
                     "mov %%r9,56(%%r11)\n\t"
                     :
                     : [s] "r"(s), [code] "r"(code_page)
                     : "rax", "rcx", "rdx", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory",
                       "cc");
}

static void regs_from_state(struct cpu_user_regs *r, const struct cpu_state *s)
{
    memset(r, 0, sizeof(*r));
    r->rax = s->rax;
    r->rcx = s->rcx;
    r->rdx = s->rdx;
    r->rbx = s->rbx;
    r->rsi = s->rsi;
    r->rdi = s->rdi;
    r->r8 = s->r8;
    r->r9 = s->r9;
    r->rflags = s->rflags;
}

static void setup(void)
{
    code_page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(code_page, MAP_FAILED);
    nr_log = 0;
    answer = 0;
}
static void teardown(void)
{
    munmap(code_page, 4096);
}

static int emulate(struct x86_emul *e, const u8 *bytes, size_t len)
{
    struct x86_insn insn;
    int rc = x86_decode(bytes, len, X86_MODE_64, &insn);

    ck_assert_int_eq(rc, 0);
    ck_assert_uint_eq(insn.length, len);
    return x86_emulate(e, &insn);
}

enum { UNDEF_AF = 1, ONLY_CF = 2, INDEX_RSI = 4, STRING = 8, BIT_REG = 16 };

/* One random round: the same start for both, then compare all of it. */
static void compare_once(const u8 *bytes, size_t len, int how)
{
    struct cpu_state s = {.rax = random_value(),
                          .rcx = random_value(),
                          .rdx = random_value(),
                          .rbx = random_value(),
                          .r8 = random_value(),
                          .r9 = random_value()};
    struct cpu_user_regs r;
    struct x86_emul e = {.regs = &r, .ops = &ops, .cpl = 3};
    u64 before[SLOTS], native[SLOTS];
    u64 flag_mask = how & ONLY_CF ? 1 : how & UNDEF_AF ? FLAGS_ALL & ~FLAG_AF : FLAGS_ALL;
    int rc;

    for (unsigned int i = 0; i < SLOTS; i++)
        before[i] = random_value();
    s.rdi = (u64)&memory[SLOTS / 2];
    s.rsi = how & INDEX_RSI ? random64() % 8 : (u64)&memory[SLOTS / 4];
    s.rflags = 0x202 | (random64() & FLAGS_ALL);
    if (random64() & 1) /* so that cmpxchg succeeds often */
        s.rax = before[SLOTS / 2];
    if (how & STRING) {
        s.rcx = random64() % 5;
        s.rflags |= random64() & FLAG_DF;
    }
    if (how & BIT_REG) /* signed bit offset within the memory */
        s.rcx = (u64)((s64)(random64() % 1024) - 512);
    regs_from_state(&r, &s);
    memcpy(memory, before, sizeof(memory));
    memcpy(code_page, bytes, len);
    code_page[len] = 0xc3;
    run_native(&s);
    memcpy(native, memory, sizeof(memory));

    memcpy(memory, before, sizeof(memory));
    rc = emulate(&e, bytes, len);
    ck_assert_int_eq(rc, 0);
    ck_assert_mem_eq(memory, native, sizeof(memory));
    ck_assert_uint_eq(r.rax, s.rax);
    ck_assert_uint_eq(r.rcx, s.rcx);
    ck_assert_uint_eq(r.rdx, s.rdx);
    ck_assert_uint_eq(r.rbx, s.rbx);
    ck_assert_uint_eq(r.rsi, s.rsi);
    ck_assert_uint_eq(r.rdi, s.rdi);
    ck_assert_uint_eq(r.r8, s.r8);
    ck_assert_uint_eq(r.r9, s.r9);
    ck_assert_uint_eq(r.rflags & flag_mask, s.rflags & flag_mask);
    ck_assert_uint_eq(r.rip, len);
}

static void compare(const u8 *bytes, size_t len, int how)
{
    for (unsigned int i = 0; i < ROUNDS; i++)
        compare_once(bytes, len, how);
}

#define COMPARE(how, ...)                     \
    do {                                      \
        static const u8 b_[] = {__VA_ARGS__}; \
        compare(b_, sizeof(b_), how);         \
    } while (0)

/* Memory operand (%rdi) and register %rcx, in all operand sizes, plain and with LOCK. */
static void compare_sizes(u8 byte_op, u8 modrm, bool lockable, int how)
{
    u8 op = byte_op | 1;

    for (unsigned int lock = 0; lock <= lockable; lock++) {
        u8 b[8], *p = b;

        if (lock)
            *p++ = 0xf0;
        p[0] = byte_op, p[1] = modrm;
        compare(b, (size_t)(p - b) + 2, how);
        p[0] = op, p[1] = modrm;
        compare(b, (size_t)(p - b) + 2, how);
        p[0] = 0x66, p[1] = op, p[2] = modrm;
        compare(b, (size_t)(p - b) + 3, how);
        p[0] = 0x48, p[1] = op, p[2] = modrm;
        compare(b, (size_t)(p - b) + 3, how);
    }
}

START_TEST(alu_matches_cpu)
{
    for (u8 op = 0; op < 8; op++) {
        int how = op == 1 || op == 4 || op == 6 ? UNDEF_AF : 0;

        compare_sizes((u8)(op << 3), 0x0f, op != 7, how);   /* op %rcx,(%rdi) */
        compare_sizes((u8)(op << 3), 0xd1, false, how);     /* op %rdx,%rcx */
        compare_sizes((u8)(op << 3 | 2), 0x0f, false, how); /* op (%rdi),%rcx */
        {
            u8 b1[] = {0x80, (u8)(0x07 | op << 3), 0x81};
            u8 b2[] = {0x48, 0x81, (u8)(0x07 | op << 3), 0x78, 0x56, 0x34, 0x92};
            u8 b3[] = {0x48, 0x83, (u8)(0x07 | op << 3), 0xf0};
            u8 b4[] = {0x66, 0x81, (u8)(0x07 | op << 3), 0x34, 0x92};
            u8 b5[] = {(u8)(op << 3 | 4), 0x80};
            u8 b6[] = {0x48, (u8)(op << 3 | 5), 0xff, 0xff, 0xff, 0x80};

            compare(b1, sizeof(b1), how);
            compare(b2, sizeof(b2), how);
            compare(b3, sizeof(b3), how);
            compare(b4, sizeof(b4), how);
            compare(b5, sizeof(b5), how);
            compare(b6, sizeof(b6), how);
        }
    }
}
END_TEST

START_TEST(unary_matches_cpu)
{
    compare_sizes(0xf6, 0x17, true, 0);         /* not */
    compare_sizes(0xf6, 0x1f, true, 0);         /* neg */
    compare_sizes(0xfe, 0x07, true, 0);         /* inc */
    compare_sizes(0xfe, 0x0f, true, 0);         /* dec */
    compare_sizes(0x84, 0x0f, false, UNDEF_AF); /* test */
    COMPARE(UNDEF_AF, 0xf6, 0x07, 0x55);
    COMPARE(UNDEF_AF, 0x48, 0xf7, 0x07, 0x55, 0x55, 0x00, 0x80);
    COMPARE(UNDEF_AF, 0x66, 0xf7, 0xc1, 0x55, 0x80);
    COMPARE(UNDEF_AF, 0xa8, 0x0f);
    COMPARE(UNDEF_AF, 0x48, 0xa9, 1, 2, 3, 0x84);
}
END_TEST

START_TEST(mov_matches_cpu)
{
    compare_sizes(0x88, 0x0f, false, 0);
    compare_sizes(0x8a, 0x0f, false, 0);
    COMPARE(0, 0x88, 0xec);                              /* mov %ch,%ah */
    COMPARE(0, 0x4c, 0x89, 0x07);                        /* mov %r8,(%rdi) */
    COMPARE(0, 0x4c, 0x89, 0x4f, 0xf8);                  /* mov %r9,-8(%rdi) */
    COMPARE(0, 0x88, 0x67, 0x03);                        /* mov %ah,3(%rdi) */
    COMPARE(0, 0x40, 0x88, 0x77, 0x03);                  /* mov %sil,3(%rdi) */
    COMPARE(INDEX_RSI, 0x48, 0x89, 0x0c, 0xf7);          /* mov %rcx,(%rdi,%rsi,8) */
    COMPARE(INDEX_RSI, 0x89, 0x8c, 0xb7, 0x10, 0, 0, 0); /* mov %ecx,0x10(%rdi,%rsi,4) */
    COMPARE(0, 0xc6, 0x07, 0x99);
    COMPARE(0, 0xc7, 0x07, 1, 2, 3, 0x84);
    COMPARE(0, 0x66, 0xc7, 0x07, 1, 0x82);
    COMPARE(0, 0x48, 0xc7, 0x47, 0x08, 1, 2, 3, 0x84);
    COMPARE(0, 0x0f, 0xb6, 0x0f); /* movzx */
    COMPARE(0, 0x48, 0x0f, 0xb7, 0x0f);
    COMPARE(0, 0x66, 0x0f, 0xbe, 0x0f); /* movsx */
    COMPARE(0, 0x48, 0x0f, 0xbf, 0xca);
    COMPARE(0, 0x48, 0x63, 0x0f);       /* movsxd */
    COMPARE(0, 0x48, 0x0f, 0xc3, 0x0f); /* movnti */
}
END_TEST

/* An absolute address of 8 bytes is put into the instruction. */
START_TEST(mov_absolute_matches_cpu)
{
    u8 b[10] = {0x48, 0xa3};
    u64 addr = (u64)&memory[3];

    memcpy(b + 2, &addr, 8);
    compare(b, sizeof(b), 0);
    b[1] = 0xa1;
    compare(b, sizeof(b), 0);
}
END_TEST

START_TEST(exchange_matches_cpu)
{
    compare_sizes(0x86, 0x0f, true, 0);
    compare_sizes(0x86, 0xd1, false, 0);
    for (unsigned int lock = 0; lock < 2; lock++) {
        u8 b[][6] = {
            {0xf0, 0x0f, 0xb0, 0x0f}, {0xf0, 0x0f, 0xb1, 0x0f}, {0xf0, 0x0f, 0xc0, 0x0f},
            {0xf0, 0x0f, 0xc1, 0x0f}, {0xf0, 0x0f, 0xc7, 0x0f},
        };
        u8 w[][6] = {
            {0xf0, 0x48, 0x0f, 0xb1, 0x0f},
            {0xf0, 0x48, 0x0f, 0xc1, 0x0f},
            {0xf0, 0x66, 0x0f, 0xb1, 0x0f},
        };

        for (unsigned int i = 0; i < ARRAY_SIZE(b); i++)
            compare(b[i] + !lock, 3 + lock, 0);
        for (unsigned int i = 0; i < ARRAY_SIZE(w); i++)
            compare(w[i] + !lock, 4 + lock, 0);
    }
    COMPARE(0, 0x48, 0x0f, 0xc1, 0xc9); /* xadd %rcx,%rcx */
    COMPARE(0, 0x48, 0x0f, 0xc1, 0xd1);
}
END_TEST

START_TEST(bit_tests_match_cpu)
{
    static const u8 op[] = {0xa3, 0xab, 0xb3, 0xbb};

    for (unsigned int i = 0; i < ARRAY_SIZE(op); i++) {
        u8 m4[] = {0x0f, op[i], 0x0f}, m8[] = {0x48, 0x0f, op[i], 0x0f};
        u8 m2[] = {0x66, 0x0f, op[i], 0x0f}, r8[] = {0x48, 0x0f, op[i], 0xca};
        u8 imm[] = {0x48, 0x0f, 0xba, (u8)(0x27 | i << 3), 0x2a};
        u8 locked[] = {0xf0, 0x48, 0x0f, 0xba, (u8)(0x2f), 0x01};

        compare(m4, sizeof(m4), ONLY_CF | BIT_REG);
        compare(m8, sizeof(m8), ONLY_CF | BIT_REG);
        compare(m2, sizeof(m2), ONLY_CF | BIT_REG);
        compare(r8, sizeof(r8), ONLY_CF);
        compare(imm, sizeof(imm), ONLY_CF);
        compare(locked, sizeof(locked), ONLY_CF);
    }
}
END_TEST

START_TEST(strings_match_cpu)
{
    static const u8 op[] = {0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad};

    for (unsigned int i = 0; i < ARRAY_SIZE(op); i++) {
        u8 one[] = {op[i]}, rep[] = {0xf3, op[i]}, wide[] = {0xf3, 0x48, op[i]};

        compare(one, sizeof(one), STRING);
        compare(rep, sizeof(rep), STRING);
        compare(wide, sizeof(wide), STRING);
    }
}
END_TEST

/* --- privileged instructions: what the callbacks get and what the registers become --- */

struct priv_case {
    u8 bytes[5], len;
    char what;
    u64 a, b;
    unsigned int size;
    u64 rax; /* afterwards */
};

static const struct priv_case priv_cases[] = {
    {{0xe4, 0x71}, 2, 'i', 0x71, 0, 1, 0x11223344556677abULL},
    {{0xec}, 1, 'i', 0x3f8, 0, 1, 0x11223344556677abULL},
    {{0x66, 0xed}, 2, 'i', 0x3f8, 0, 2, 0x11223344556689abULL},
    {{0xed}, 1, 'i', 0x3f8, 0, 4, 0x456789abULL},
    {{0x48, 0xed}, 2, 'i', 0x3f8, 0, 4, 0x456789abULL},
    {{0xe5, 0xfe}, 2, 'i', 0xfe, 0, 4, 0x456789abULL},
    {{0xee}, 1, 'o', 0x3f8, 0x88, 1, 0x1122334455667788ULL},
    {{0x66, 0xef}, 2, 'o', 0x3f8, 0x7788, 2, 0x1122334455667788ULL},
    {{0xef}, 1, 'o', 0x3f8, 0x55667788, 4, 0x1122334455667788ULL},
    {{0xe6, 0x80}, 2, 'o', 0x80, 0x88, 1, 0x1122334455667788ULL},
    {{0xfa}, 1, 'f', 0, 0, 0, 0x1122334455667788ULL},
    {{0xfb}, 1, 'f', 1, 0, 0, 0x1122334455667788ULL},
    {{0xf4}, 1, 'h', 0, 0, 0, 0x1122334455667788ULL},
    {{0x0f, 0x06}, 2, 't', 0, 0, 0, 0x1122334455667788ULL},
    {{0x0f, 0x08}, 2, 'w', 0, 0, 0, 0x1122334455667788ULL},
    {{0x0f, 0x09}, 2, 'w', 1, 0, 0, 0x1122334455667788ULL},
    {{0x0f, 0x20, 0xc0}, 3, 'c', 0, 0, 0, 0x01234567456789abULL},
    {{0x0f, 0x20, 0xd0}, 3, 'c', 2, 0, 0, 0x01234567456789abULL},
    {{0x0f, 0x20, 0x20}, 3, 'c', 4, 0, 0, 0x01234567456789abULL}, /* mod is ignored */
    {{0x0f, 0x22, 0xe0}, 3, 'C', 4, 0x1122334455667788ULL, 0, 0x1122334455667788ULL},
    {{0x0f, 0x22, 0xd8}, 3, 'C', 3, 0x1122334455667788ULL, 0, 0x1122334455667788ULL},
    {{0x0f, 0x21, 0xf8}, 3, 'd', 7, 0, 0, 0x01234567456789abULL},
    {{0x0f, 0x23, 0xf0}, 3, 'D', 6, 0x1122334455667788ULL, 0, 0x1122334455667788ULL},
    {{0x0f, 0x30}, 2, 'M', 0xc0000101, 0x000003f855667788ULL, 0, 0x1122334455667788ULL},
    {{0x0f, 0x32}, 2, 'm', 0xc0000101, 0, 0, 0x456789abULL},
    {{0x0f, 0x31}, 2, 'r', 0, 0, 0, 0x456789abULL},
    {{0x0f, 0x01, 0xf9}, 3, 'r', 0, 0, 0, 0x456789abULL},
    {{0x0f, 0x01, 0xd1}, 3, 'x', 0xc0000101, 0x000003f855667788ULL, 0, 0x1122334455667788ULL},
    {{0x0f, 0xa2}, 2, 'p', 0x55667788, 0xc0000101, 0, 0xfffffff0},
};

START_TEST(privileged_reaches_callback)
{
    const struct priv_case *c = &priv_cases[_i];
    struct cpu_user_regs r = {.rax = 0x1122334455667788ULL,
                              .rdx = 0x3f8,
                              .rcx = 0xc0000101,
                              .rip = 100,
                              .rflags = 0x10202};
    struct x86_emul e = {.regs = &r, .ops = &ops};

    answer = 0x01234567456789abULL;
    ck_assert_int_eq(emulate(&e, c->bytes, c->len), 0);
    ck_assert_uint_eq(nr_log, 1);
    ck_assert_int_eq(log_[0].what, c->what);
    ck_assert_uint_eq(log_[0].a, c->a);
    ck_assert_uint_eq(log_[0].b, c->b);
    ck_assert_uint_eq(log_[0].size, c->size);
    ck_assert_uint_eq(r.rax, c->rax);
    ck_assert_uint_eq(r.rip, 100u + c->len);
    ck_assert_uint_eq(r.rflags, 0x202); /* RF is gone */
}
END_TEST

START_TEST(user_mode_gets_gp)
{
    static const u8 priv[][3] = {
        {0x0f, 0x20, 0xc0}, {0x0f, 0x22, 0xc0}, {0x0f, 0x21, 0xc0}, {0x0f, 0x01, 0xd1}};
    static const u8 two[][2] = {{0x0f, 0x30}, {0x0f, 0x32}, {0x0f, 0x06}, {0x0f, 0x09}};
    struct cpu_user_regs r = {.rip = 7}, before = r;
    struct x86_emul e = {.regs = &r, .ops = &ops, .cpl = 3};

    for (unsigned int i = 0; i < 8; i++) {
        e.fault.vector = 0;
        ck_assert_int_eq(i < 4 ? emulate(&e, priv[i], 3) : emulate(&e, two[i - 4], 2), -EFAULT);
        ck_assert_uint_eq(e.fault.vector, X86_FAULT_GP);
        ck_assert(e.fault.has_error);
    }
    ck_assert_uint_eq(nr_log, 0);
    ck_assert_mem_eq(&r, &before, sizeof(r));
}
END_TEST

START_TEST(no_such_control_register)
{
    static const u8 cr1[] = {0x0f, 0x20, 0xc8}, cr9[] = {0x44, 0x0f, 0x20, 0xc8};
    struct cpu_user_regs r = {0};
    struct x86_emul e = {.regs = &r, .ops = &ops};

    ck_assert_int_eq(emulate(&e, cr1, sizeof(cr1)), -EFAULT);
    ck_assert_uint_eq(e.fault.vector, X86_FAULT_UD);
    ck_assert(!e.fault.has_error);
    ck_assert_int_eq(emulate(&e, cr9, sizeof(cr9)), -EFAULT);
}
END_TEST

START_TEST(missing_callback_is_unknown)
{
    static const u8 in[] = {0xec}, msr[] = {0x0f, 0x32}, store[] = {0x48, 0x89, 0x07};
    static const struct x86_emul_ops none;
    struct cpu_user_regs r = {0};
    struct x86_emul e = {.regs = &r, .ops = &none};

    ck_assert_int_eq(emulate(&e, in, sizeof(in)), -EOPNOTSUPP);
    ck_assert_int_eq(emulate(&e, msr, sizeof(msr)), -EOPNOTSUPP);
    ck_assert_int_eq(emulate(&e, store, sizeof(store)), -EOPNOTSUPP);
    ck_assert_uint_eq(r.rip, 0);
}
END_TEST

START_TEST(rep_outs_and_ins)
{
    static const u8 outsb[] = {0xf3, 0x6e}, insd[] = {0xf3, 0x6d};
    struct cpu_user_regs r = {.rcx = 3, .rdx = 0x1f0, .rsi = (u64)memory, .rflags = 2};
    struct x86_emul e = {.regs = &r, .ops = &ops};

    memory[0] = 0x030201;
    ck_assert_int_eq(emulate(&e, outsb, sizeof(outsb)), 0);
    ck_assert_uint_eq(nr_log, 3);
    ck_assert_uint_eq(log_[2].b, 3);
    ck_assert_uint_eq(r.rsi, (u64)memory + 3);
    ck_assert_uint_eq(r.rcx, 0);
    ck_assert_uint_eq(r.rip, 2);

    r.rcx = 2;
    r.rdi = (u64)&memory[4];
    answer = 0xcafef00d;
    ck_assert_int_eq(emulate(&e, insd, sizeof(insd)), 0);
    ck_assert_uint_eq(memory[4], 0xcafef00dcafef00dULL);
    ck_assert_uint_eq(r.rdi, (u64)&memory[5]);
}
END_TEST

/* The second half of a run faults: the first stays done and the instruction is not finished. */
START_TEST(rep_stops_at_fault)
{
    static const u8 stosq[] = {0xf3, 0x48, 0xab};
    struct cpu_user_regs r = {.rcx = 4, .rdi = (u64)&memory[SLOTS - 2], .rax = 5, .rflags = 2};
    struct x86_emul e = {.regs = &r, .ops = &ops};

    ck_assert_int_eq(emulate(&e, stosq, sizeof(stosq)), 0);
    ck_assert_uint_eq(r.rcx, 2);
    ck_assert_uint_eq(r.rip, 0);
    ck_assert_int_eq(emulate(&e, stosq, sizeof(stosq)), -EFAULT);
    ck_assert_uint_eq(e.fault.vector, X86_FAULT_PF);
    ck_assert_uint_eq(e.fault.cr2, (u64)&memory[SLOTS]);
}
END_TEST

START_TEST(single_step_stops_each_iteration)
{
    static const u8 stosq[] = {0xf3, 0x48, 0xab};
    struct cpu_user_regs r = {.rcx = 2, .rdi = (u64)memory, .rflags = 0x102};
    struct x86_emul e = {.regs = &r, .ops = &ops};

    ck_assert_int_eq(emulate(&e, stosq, sizeof(stosq)), 0);
    ck_assert_uint_eq(r.rcx, 1);
    ck_assert_uint_eq(r.rip, 0);
    ck_assert_int_eq(emulate(&e, stosq, sizeof(stosq)), 0);
    ck_assert_uint_eq(r.rip, 3);
}
END_TEST

START_TEST(addresses)
{
    static const u8 rip_rel[] = {0x48, 0xc7, 0x05, 0x10, 0, 0, 0, 1, 0, 0, 0};
    static const u8 fs[] = {0x64, 0x48, 0x89, 0x07};
    static const u8 addr32[] = {0x67, 0x48, 0x89, 0x07};
    struct cpu_user_regs r = {.rip = (u64)memory - sizeof(rip_rel), .rcx = 9};
    struct x86_emul e = {.regs = &r, .ops = &ops};

    ck_assert_int_eq(emulate(&e, rip_rel, sizeof(rip_rel)), 0);
    ck_assert_uint_eq(memory[2], 1);
    r.rdi = (u64)memory - 0x1000;
    r.rax = 42;
    ck_assert_int_eq(emulate(&e, fs, sizeof(fs)), 0);
    ck_assert_uint_eq(memory[0], 42);
    r.rdi = 0xffffffff00001234ULL;
    ck_assert_int_eq(emulate(&e, addr32, sizeof(addr32)), -EFAULT);
    ck_assert_uint_eq(e.fault.cr2, 0x1234);
}
END_TEST

static int fail_cmpxchg(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old, u64 val)
{
    (void)e, (void)addr, (void)size, (void)old, (void)val;
    return -EAGAIN;
}

START_TEST(failed_update_changes_nothing)
{
    static const u8 insns[][5] = {{0xf0, 0x48, 0x01, 0x0f},
                                  {0xf0, 0x48, 0x87, 0x0f},
                                  {0xf0, 0x48, 0x0f, 0xc1, 0x0f},
                                  {0xf0, 0x48, 0x0f, 0xb1, 0x0f}};
    static const u8 lens[] = {4, 4, 5, 5};
    struct x86_emul_ops racing = ops;

    racing.cmpxchg = fail_cmpxchg;
    for (unsigned int i = 0; i < ARRAY_SIZE(insns); i++) {
        struct cpu_user_regs r = {.rdi = (u64)memory, .rax = memory[0], .rcx = 1}, before = r;
        struct x86_emul e = {.regs = &r, .ops = &racing};

        ck_assert_int_eq(emulate(&e, insns[i], lens[i]), -EAGAIN);
        ck_assert_mem_eq(&r, &before, sizeof(r));
    }
}
END_TEST

/* --- decoder --- */

static int decode_rc(enum x86_mode mode, const u8 *b, size_t len)
{
    struct x86_insn insn;

    return x86_decode(b, len, mode, &insn);
}
#define RC(mode, ...) decode_rc(mode, (const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))

START_TEST(decoder_errors)
{
    u8 prefixes[16];

    ck_assert_int_eq(RC(X86_MODE_64, 0x48), -ENODATA);
    ck_assert_int_eq(RC(X86_MODE_64, 0x0f), -ENODATA);
    ck_assert_int_eq(RC(X86_MODE_64, 0x48, 0xc7, 0x05, 1, 2, 3, 4, 1, 2, 3), -ENODATA);
    ck_assert_int_eq(RC(X86_MODE_64, 0x0f, 0x0b), -EOPNOTSUPP);
    ck_assert_int_eq(RC(X86_MODE_64, 0xff, 0x17), -EOPNOTSUPP);             /* call */
    ck_assert_int_eq(RC(X86_MODE_64, 0x48, 0x0f, 0xc7, 0x0f), -EOPNOTSUPP); /* cmpxchg16b */
    ck_assert_int_eq(RC(X86_MODE_64, 0xf0, 0x48, 0x89, 0x07), -EINVAL);     /* lock mov */
    ck_assert_int_eq(RC(X86_MODE_64, 0xf0, 0x01, 0xc8), -EINVAL);           /* lock on a register */
    ck_assert_int_eq(RC(X86_MODE_64, 0xf0, 0x39, 0x07), -EINVAL);           /* lock cmp */
    ck_assert_int_eq(RC(X86_MODE_64, 0xf0, 0x0f, 0xba, 0x27, 0), -EINVAL);  /* lock bt */
    ck_assert_int_eq(RC(X86_MODE_32, 0x67, 0x89, 0x07), -EOPNOTSUPP);       /* 16-bit address */
    ck_assert_int_eq(RC(X86_MODE_32, 0x63, 0x07), -EOPNOTSUPP);             /* arpl */
    memset(prefixes, 0x66, sizeof(prefixes));
    ck_assert_int_eq(decode_rc(X86_MODE_64, prefixes, 16), -EINVAL);
    ck_assert_int_eq(decode_rc(X86_MODE_64, prefixes, 14), -ENODATA);
}
END_TEST

START_TEST(decoder_fields)
{
    static const u8 b[] = {0x65, 0x4e, 0x89, 0x94, 0xab, 0x78, 0x56, 0x34, 0x92};
    static const u8 late_rex[] = {0x48, 0x66, 0x89, 0x07}; /* REX before a prefix is void */
    static const u8 rexless[] = {0x40, 0x89, 0x07};        /* in 32-bit mode 40 is inc: unknown */
    struct x86_insn i;

    ck_assert_int_eq(x86_decode(b, sizeof(b), X86_MODE_64, &i), 0);
    ck_assert_uint_eq(i.length, 9);
    ck_assert_uint_eq(i.op_size, 8);
    ck_assert_uint_eq(i.reg, 10);
    ck_assert_uint_eq(i.base, 3);
    ck_assert_uint_eq(i.index, 13);
    ck_assert_uint_eq(i.scale, 2);
    ck_assert_int_eq(i.disp, (s32)0x92345678);
    ck_assert_int_eq(i.seg, X86_SEG_GS);
    ck_assert_int_eq(x86_decode(late_rex, sizeof(late_rex), X86_MODE_64, &i), 0);
    ck_assert_uint_eq(i.op_size, 2);
    ck_assert_int_eq(x86_decode(rexless, sizeof(rexless), X86_MODE_32, &i), -EOPNOTSUPP);
}
END_TEST

START_TEST(mode_32_ports)
{
    static const u8 in[] = {0xed}, outs[] = {0x26, 0x67, 0x6e};
    struct cpu_user_regs r = {.rip = 0xffffffff, .rdx = 0x60};
    struct x86_emul e = {.regs = &r, .ops = &ops};
    struct x86_insn i;

    answer = 5;
    ck_assert_int_eq(x86_decode(in, 1, X86_MODE_32, &i), 0);
    ck_assert_int_eq(x86_emulate(&e, &i), 0);
    ck_assert_uint_eq(r.rip, 0); /* wraps at 4 GiB */
    ck_assert_uint_eq(r.rax, 5);
    ck_assert_int_eq(x86_decode(outs, 3, X86_MODE_32, &i), 0);
    ck_assert_uint_eq(i.addr_size, 2);
    ck_assert_int_eq(i.seg, X86_SEG_ES);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("emul");
    TCase *cpu = tcase_create("cpu"), *priv = tcase_create("privileged"),
          *dec = tcase_create("decoder");
    SRunner *sr = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(cpu, setup, teardown);
    tcase_add_test(cpu, alu_matches_cpu);
    tcase_add_test(cpu, unary_matches_cpu);
    tcase_add_test(cpu, mov_matches_cpu);
    tcase_add_test(cpu, mov_absolute_matches_cpu);
    tcase_add_test(cpu, exchange_matches_cpu);
    tcase_add_test(cpu, bit_tests_match_cpu);
    tcase_add_test(cpu, strings_match_cpu);
    tcase_add_checked_fixture(priv, setup, teardown);
    tcase_add_loop_test(priv, privileged_reaches_callback, 0, (int)ARRAY_SIZE(priv_cases));
    tcase_add_test(priv, user_mode_gets_gp);
    tcase_add_test(priv, no_such_control_register);
    tcase_add_test(priv, missing_callback_is_unknown);
    tcase_add_test(priv, rep_outs_and_ins);
    tcase_add_test(priv, rep_stops_at_fault);
    tcase_add_test(priv, single_step_stops_each_iteration);
    tcase_add_test(priv, addresses);
    tcase_add_test(priv, failed_update_changes_nothing);
    tcase_add_test(dec, decoder_errors);
    tcase_add_test(dec, decoder_fields);
    tcase_add_test(dec, mode_32_ports);
    suite_add_tcase(s, cpu);
    suite_add_tcase(s, priv);
    suite_add_tcase(s, dec);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
