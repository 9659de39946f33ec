/* SPDX-License-Identifier: MIT */
/*
 * Random system instructions, with prefixes and operands as they come, in the kernel and in user
 * mode of an unprivileged guest: each ends in a trap of the guest or does nothing harmful; the
 * guest is there afterwards, and the hypervisor's counts are as before.
 *
 * Kernel argument: seed=N to begin elsewhere.
 */
#include "guest.h"

#define ROUNDS    250
#define CODE_SIZE 32

static uint64_t state;

static uint32_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state * 0x2545f4914f6cdd1dUL >> 33);
}

static const uint8_t one_byte[] = {0x6c, 0x6d, 0x6e, 0x6f, 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed,
                                   0xee, 0xef, 0xfa, 0xfb, 0x8e, 0x8c, 0x63, 0xcc, 0xcd, 0x9b,
                                   0xd7, 0xa0, 0xa3, 0xf6, 0x62, 0xc4, 0xc5, 0xd9, 0xdb, 0xdd};
static const uint8_t two_byte[] = {0x00, 0x01, 0x02, 0x03, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
                                   0x0d, 0x18, 0x1e, 0x20, 0x21, 0x22, 0x23, 0x24, 0x26, 0x30,
                                   0x31, 0x32, 0x33, 0x36, 0x37, 0x78, 0x79, 0xa2, 0xae, 0xb0,
                                   0xb1, 0xb2, 0xb4, 0xb5, 0xc0, 0xc1, 0xc7, 0xff, 0x34, 0x35};
static const uint8_t prefix[] = {0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x36, 0x3e, 0x26,
                                 0x64, 0x65, 0x40, 0x41, 0x44, 0x48, 0x49, 0x4c, 0x4f};

static bool is_msr_access; /* else rcx counts repetitions */

#define PICK(array) (array)[draw() % ARRAY_SIZE(array)]

/* An operand byte that neither names the stack pointer nor reaches near the code. */
static uint8_t operand(void)
{
    uint8_t b = (uint8_t)draw();

    if (draw() % 4 == 0)
        b |= 0xc0;
    if ((b & 7) == 4)
        b ^= 1;
    if ((b >> 3 & 7) == 4)
        b ^= 0x08;
    return (b & 0xc7) == 5 ? b | 0xc0 : b;
}

/* Behind the instruction there is nothing but UD2: no way to run into anything else. */
static void compose(uint8_t *code)
{
    unsigned int n = 0, i;

    for (i = 0; i < CODE_SIZE; i += 2) {
        code[i] = 0x0f;
        code[i + 1] = 0x0b;
    }
    if (draw() % 16 == 0) { /* the prefix that asks for emulation */
        memcpy(code, "\x0f\x0bxen", 5);
        n = 5;
    }
    while (draw() % 3 == 0 && n < 10)
        code[n++] = PICK(prefix);
    if (draw() % 3) {
        code[n++] = 0x0f;
        code[n++] = PICK(two_byte);
        is_msr_access = (code[n - 1] & 0xfd) == 0x30;
    } else {
        code[n++] = PICK(one_byte);
        is_msr_access = false;
    }
    code[n++] = operand();
    for (i = draw() % 5; i && n < 16; i--)
        code[n++] = (uint8_t)(draw() % 2 ? draw() : 0);
}

static uint8_t *code;
static uint64_t regs[8];
static uint64_t *page;

static void fill_regs(void)
{
    static const uint32_t msrs[] = {0x10,       0x1b,       0x8b,       0x1a0,      0x1d9,
                                    0x277,      0x174,      0x400,      0xc0000080, 0xc0000081,
                                    0xc0000082, 0xc0000100, 0xc0000101, 0xc0000103, 0xc0010015};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(regs); i++)
        switch (draw() % 5) {
        case 0:
            regs[i] = (uintptr_t)page + draw() % 4096;
            break;
        case 1:
            regs[i] = HYPERVISOR_VIRT_START + draw() % 4096 - 2048;
            break;
        case 2:
            regs[i] = NONCANON + draw() % 64;
            break;
        case 3:
            regs[i] = draw();
            break;
        default:
            regs[i] = draw() % 0x100;
        }
    /* Counts that end, and registers of the machine that exist. */
    regs[2] = is_msr_access ? PICK(msrs) : draw() % 40;
}

static void run(void *unused)
{
    (void)unused;
    __asm__ volatile("movq %0, %%r8\n"
                     "movq 0(%1), %%rax\n"
                     "movq 8(%1), %%rbx\n"
                     "movq 16(%1), %%rcx\n"
                     "movq 24(%1), %%rdx\n"
                     "movq 32(%1), %%rsi\n"
                     "movq 40(%1), %%rdi\n"
                     "movq 48(%1), %%r9\n"
                     "jmp *%%r8"
                     :
                     : "r"(code), "r"(regs)
                     : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory",
                       "cc");
    __builtin_unreachable();
}

/* What an instruction may have changed for good: stepping, segments, x87 state. */
static void repair(void)
{
    static const uint64_t zero;

    __asm__ volatile(
        "mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs; fninit" ::"r"((uint32_t)zero));
    hypercall(set_debugreg, 7, 0);
    hypercall(fpu_taskswitch, 0);
}

static bool end_quietly(struct trap_frame *frame)
{
    (void)frame;
    return false;
}

static void child_runs(void)
{
    struct physdev_set_iopl iopl;
    unsigned int i, none = 0;

    trap_hook[VEC_NM] = end_quietly;
    page = page_alloc();
    code = page_alloc();
    NEED(user_init() == 0);
    state = child_box.word[0] * 0x9e3779b97f4a7c15UL + 1;
    for (i = 0; i < ROUNDS; i++) {
        iopl.iopl = draw() % 4;
        NEED(hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl) == 0);
        compose(code);
        fill_regs();
        if (i % 4 == 3)
            none += user_run(code, CODE_SIZE) < 0;
        else
            none += catch_trap(run, NULL) < 0;
        repair();
        child_box.word[1] = i + 1;
    }
    CHECK_EQ(none, 0);
}

static uint64_t argument(const char *name, uint64_t otherwise)
{
    const char *s = strstr((const char *)start_info->cmd_line, name);
    uint64_t n = 0;

    if (!s)
        return otherwise;
    for (s += strlen(name); *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (uint64_t)(*s - '0');
    return n;
}

static uint64_t run_guest(uint64_t seed)
{
    static struct child_box *box;
    struct child c = {.box = box};
    uint64_t done;
    int code_seen;

    child_make(&c, child_runs, 1);
    box = c.box;
    box->word[0] = seed;
    child_run(&c);
    code_seen = child_wait_silent(&c, 5000);
    done = box->word[1] <= ROUNDS ? box->word[1] : 0;
    print("seed %lu: %lu instructions, end %d\n", seed, done, code_seen);
    child_end(&c);
    return done;
}

void test_main(void)
{
    uint64_t seed = argument("seed=", 1), guests = argument("guests=", 4), i, done = 0;
    struct counts before;

    run_guest(seed);
    counts_take(&before);
    for (i = 1; i <= guests; i++)
        done += run_guest(seed + i);
    CHECK(done > guests * 20);
    CHECK_COUNTS(&before);
}
