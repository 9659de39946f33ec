/* SPDX-License-Identifier: MIT */
/*
 * Random hypercalls of unprivileged guests on two vCPUs at once, with arguments that are just good
 * enough: own pages full of nonsense, page tables, other domains, borders of address ranges.  The
 * guests may end as they like; the host goes on, and when they are gone nothing of theirs is left.
 *
 * Kernel arguments: seed=N to begin elsewhere, guests=N for more than the usual few.
 */
#include "guest.h"

#define MS         1000000UL
#define NR_SCRATCH 8
#define CALLS      3000

static uint64_t *scratch[NR_SCRATCH];

/* One sequence for each vCPU. */
struct random {
    uint64_t state;
};

static uint64_t draw(struct random *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return r->state * 0x2545f4914f6cdd1dUL >> 16;
}

static uint64_t own_page(struct random *r)
{
    return (uintptr_t)scratch[draw(r) % NR_SCRATCH];
}

static uint64_t nasty(struct random *r)
{
    switch (draw(r) % 20) {
    case 0:
        return 0;
    case 1:
        return ~0UL;
    case 2:
        return 1UL << draw(r) % 64;
    case 3:
        return UNMAPPED;
    case 4:
        return NONCANON;
    case 5:
        return HYPERVISOR_VIRT_START + draw(r) % 64 - 32;
    case 6:
        return HYPERVISOR_VIRT_END + draw(r) % 64 - 32;
    case 7:
        return mfn_of((void *)own_page(r)) << (draw(r) & 1 ? 12 : 0);
    case 8:
        return mfn_of((void *)start_info->pt_base) << (draw(r) & 1 ? 12 : 0);
    case 9:
        return start_info->shared_info >> (draw(r) & 1 ? 12 : 0);
    case 10:
        return draw(r) & 1 ? DOMID_SELF : DOMID_IO + draw(r) % 4;
    case 11:
        return mfn_of((void *)own_page(r)) << 12 | (draw(r) & 0xfff) | (draw(r) & 1) << 63;
    case 12:
        return own_page(r) + PAGE_SIZE - draw(r) % 64;
    case 13:
        return draw(r) % 0x20000; /* any frame below 512 MiB */
    case 14:
    case 15:
    case 16:
        return own_page(r) + draw(r) % 16 * 8;
    default:
        return draw(r) % 40;
    }
}

/* int poke(p, value): 1 if the page cannot be written to (any more). */
__asm__(".text\n"
        "poke: xorl %eax, %eax\n"
        "poke_insn: movq %rsi, (%rdi)\n"
        "ret\n"
        "poke_fault: movl $1, %eax\n"
        "ret\n");
int poke(uint64_t *p, uint64_t value);
extern char poke_insn[], poke_fault[];

/* Structures of most calls are a few words: make them of small numbers and nasty ones. */
static void fill_scratch(struct random *r)
{
    uint64_t *p = scratch[draw(r) % NR_SCRATCH];
    unsigned int i;

    /* It has become a page table, or nobody's. */
    if (poke(p, 0) && set_writable(p, true))
        return;
    for (i = 0; i < 24; i++) {
        if (draw(r) % 4 == 0)
            poke(p + i, nasty(r));
        else
            poke(p + i,
                 draw(r) % 12 | (draw(r) % 12) << 32 | (draw(r) % 3 == 0 ? 0x7ff0UL << 16 : 0));
    }
    for (i = 1; i < 8; i++)
        poke(p + 512 - i, nasty(r));
}

/* What would end or stop the guest before it has done any good. */
static bool skipped(unsigned int nr, uint64_t a)
{
    switch (nr) {
    case __HYPERVISOR_iret:
        return true;
    case __HYPERVISOR_sched_op:
    case __HYPERVISOR_sched_op_compat:
        return (uint32_t)a != SCHEDOP_yield && (uint32_t)a != SCHEDOP_watchdog;
    case __HYPERVISOR_vcpu_op:
        return a == VCPUOP_down;
    case __HYPERVISOR_set_trap_table: /* the first trap afterwards ends it */
    case __HYPERVISOR_set_callbacks:
    case __HYPERVISOR_console_io: /* would fill the log */
        return true;
    default:
        return false;
    }
}

static void one_call(struct random *r)
{
    static const uint8_t favoured[] = {
        __HYPERVISOR_mmu_update,        __HYPERVISOR_mmuext_op,   __HYPERVISOR_memory_op,
        __HYPERVISOR_grant_table_op,    __HYPERVISOR_vcpu_op,     __HYPERVISOR_event_channel_op,
        __HYPERVISOR_update_va_mapping, __HYPERVISOR_physdev_op,  __HYPERVISOR_multicall,
        __HYPERVISOR_set_gdt,           __HYPERVISOR_callback_op, __HYPERVISOR_update_descriptor};
    unsigned int nr =
        (unsigned int)(draw(r) % 3 ? favoured[draw(r) % ARRAY_SIZE(favoured)] : draw(r) % 64);
    uint64_t a = draw(r) % 4 ? draw(r) % 32 : nasty(r), b = nasty(r), c = nasty(r);

    /* Arrays and counts where they usually are. */
    if (nr == __HYPERVISOR_mmu_update || nr == __HYPERVISOR_mmuext_op ||
        nr == __HYPERVISOR_multicall || nr == __HYPERVISOR_set_gdt) {
        a = draw(r) % 8 ? own_page(r) : nasty(r);
        b = draw(r) % 8 ? draw(r) % 6 : nasty(r);
        c = draw(r) % 2 ? 0 : nasty(r);
    } else if (nr == __HYPERVISOR_grant_table_op) {
        c = draw(r) % 8 ? 1 + draw(r) % 4 : nasty(r);
    }
    if (!skipped(nr, a))
        hypercall_nr(nr, a, b, c, draw(r) % 2 ? DOMID_SELF : nasty(r), nasty(r), nasty(r));
}

static void calls(uint64_t seed)
{
    struct random r = {seed * 0x9e3779b97f4a7c15UL + 1};
    unsigned int i;

    for (i = 0; i < CALLS; i++) {
        if (i % 4 == 0) {
            traps_init(); /* a multicall may have cleared them */
            fill_scratch(&r);
        }
        one_call(&r);
        child_box.word[1]++;
    }
}

static void second(void)
{
    traps_init();
    calls(child_box.word[0] + 1000000);
    for (;;)
        hypercall(vcpu_op, VCPUOP_down, 1, 0);
}

static void child_calls(void)
{
    static struct vcpu_guest_context context;

    vcpu_context_fill(&context, second, (char *)page_alloc() + PAGE_SIZE);
    context.ctrlreg[3] = mfn_of((void *)start_info->pt_base) << 12;
    if (hypercall(vcpu_op, VCPUOP_initialise, 1, &context) == 0)
        hypercall(vcpu_op, VCPUOP_up, 1, 0);
    calls(child_box.word[0]);
}

/* A page fault because a page was given away, say, is no error here: just the end. */
static void quiet_end(void)
{
    struct sched_shutdown s = {.reason = SHUTDOWN_poweroff};

    hypercall(sched_op, SCHEDOP_shutdown, &s);
}

static bool end_on_trap(struct trap_frame *frame)
{
    if (frame->vector == VEC_PF && frame->rip == (uintptr_t)poke_insn) {
        frame->rip = (uintptr_t)poke_fault;
        return true;
    }
    quiet_end();
    return true;
}

static void child_main_loop(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(trap_hook); i++)
        if (i != VEC_EVENT)
            trap_hook[i] = end_on_trap;
    child_calls();
    quiet_end();
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
    struct child c = {0};
    uint64_t done;
    int code;

    static struct child_box *box;

    c.box = box;
    child_make(&c, child_main_loop, 2);
    box = c.box;
    c.box->word[0] = seed;
    child_run(&c);
    code = child_wait_silent(&c, 400);   /* it may sleep for ever */
    done = c.box->word[1] % (4 * CALLS); /* unless it has written over it */
    print("seed %lu: %lu calls, end %d\n", seed, done, code);
    child_end(&c);
    return done;
}

void test_main(void)
{
    uint64_t seed = argument("seed=", 1), guests = argument("guests=", 6), i, done = 0;
    struct counts before;

    for (i = 0; i < NR_SCRATCH; i++)
        scratch[i] = page_alloc();
    run_guest(seed);
    counts_take(&before);
    for (i = 1; i <= guests; i++)
        done += run_guest(seed + i);
    CHECK(done > guests * 100);
    CHECK_COUNTS(&before);
}
