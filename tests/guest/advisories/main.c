/* SPDX-License-Identifier: MIT */
/*
 * Ideas of published advisories that no other test tries; docs/advisories.md has the list.  What
 * may end the guest runs in a child.
 */
#include "guest.h"

#define MS      1000000UL
#define FLAG_IF 0x200UL
#define FLAG_NT 0x4000UL

/* Maps a frame anywhere, with new tables where there are none. */
static void map_anywhere(uint64_t va, const void *page)
{
    int level;

    for (level = 4; level > 1; level--) {
        uint64_t *e = entry_of(va, level);

        NEED(e != NULL);
        if (!(*e & PTE_P)) {
            void *table = page_alloc();

            NEED(set_writable(table, false) == 0);
            NEED(mmu_update1(entry_maddr(e), mfn_of(table) * PAGE_SIZE | PTE_KERN) == 0);
        }
    }
    NEED(mmu_update1(entry_maddr(entry_of(va, 1)), mfn_of(page) * PAGE_SIZE | PTE_KERN) == 0);
}

static uint64_t target;

static void go(void *unused)
{
    (void)unused;
    __asm__ volatile("call *%0" ::"r"(target), "a"(__HYPERVISOR_xen_version), "D"(0L), "S"(0L)
                     : "rcx", "r11", "rdx", "r8", "r9", "r10", "memory", "cc");
}

/* 7: a system call whose next instruction is not at a canonical address. */
static void syscall_at_the_edge(void)
{
    uint8_t *page = page_alloc();

    page[PAGE_SIZE - 2] = 0x0f;
    page[PAGE_SIZE - 1] = 0x05;
    map_anywhere(0x00007ffffffff000UL, page);
    target = 0x00007ffffffffffeUL;
    CHECK_EQ(catch_trap(go, NULL), VEC_GP);
    child_box.word[0] = 1;
}

/* 186: an emulated instruction that ends where addresses begin again. */
static void emulation_at_the_edge(void)
{
    struct physdev_set_iopl iopl = {.iopl = 1};
    uint8_t *page = page_alloc();

    NEED(hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl) == 0);
    page[PAGE_SIZE - 2] = 0xe4; /* in $0x71, %al */
    page[PAGE_SIZE - 1] = 0x71;
    map_anywhere(0xfffffffffffff000UL, page);
    target = ~1UL;
    CHECK(catch_trap(go, NULL) >= 0);
    CHECK_EQ(trap_last.rip, 0);
    child_box.word[0] = 1;
}

static uint64_t flags(void)
{
    uint64_t f;

    __asm__ volatile("pushfq; popq %0" : "=r"(f));
    return f;
}

static void set_flags(uint64_t f)
{
    __asm__ volatile("pushq %0; popfq" ::"r"(f) : "memory", "cc");
}

static void ud2(void *unused)
{
    (void)unused;
    __asm__ volatile("ud2");
}

static void sysenter(void *unused)
{
    (void)unused;
    __asm__ volatile("sysenter" ::: "rcx", "rdx", "memory");
}

/* 44, 339: the nested-task flag at each way in. */
static void nested_task(void)
{
    uint64_t old = flags();

    set_flags(old | FLAG_NT);
    CHECK_EQ(hypercall(xen_version, XENVER_version, 0) >> 16, 4);
    CHECK_EQ(catch_trap(ud2, NULL), VEC_UD);
    set_flags(old | FLAG_NT);
    CHECK(catch_trap(sysenter, NULL) >= 0);
    set_flags(old);
    child_box.word[0] = 1;
}

/* 202: no way to have interrupts off for real: the timer comes all the same. */
static void interrupts_off(void)
{
    uint64_t end = system_time() + 30 * MS;

    set_flags(flags() & ~FLAG_IF);
    CHECK(flags() & FLAG_IF);
    while (system_time() < end)
        set_flags(flags() & ~FLAG_IF);
    CHECK(flags() & FLAG_IF);
    child_box.word[0] = 1;
}

/* 213: no change of mode from inside a multicall. */
static void iret_in_multicall(void)
{
    static struct multicall_entry m[2];

    NEED(user_init() == 0);
    m[0].op = __HYPERVISOR_iret;
    m[1].op = __HYPERVISOR_xen_version;
    CHECK_EQ(hypercall(multicall, m, 2), 0);
    CHECK(m[0].result != 0);
    CHECK_EQ(m[1].result >> 16, 4);
    m[0].op = __HYPERVISOR_multicall;
    m[0].args[0] = (uintptr_t)m;
    m[0].args[1] = 2;
    CHECK_EQ(hypercall(multicall, m, 1), 0);
    CHECK(m[0].result != 0);
    child_box.word[0] = 1;
}

static uint32_t msr_nr;
static uint64_t msr_value;

static void write_msr(void *unused)
{
    (void)unused;
    __asm__ volatile("wrmsr" ::"c"(msr_nr), "a"((uint32_t)msr_value),
                     "d"((uint32_t)(msr_value >> 32)));
}

static int try_msr(uint32_t nr, uint64_t value)
{
    msr_nr = nr;
    msr_value = value;
    return catch_trap(write_msr, NULL);
}

/* 193, 269, 351, 444: addresses that are none, branch traces, power meters, breakpoint masks. */
static void msrs(void)
{
    CHECK_EQ(try_msr(0xc0000100, NONCANON), VEC_GP);
    CHECK_EQ(try_msr(0xc0000101, NONCANON), VEC_GP);
    CHECK_EQ(try_msr(0xc0000102, NONCANON), VEC_GP);
    CHECK_EQ(try_msr(0x1d9, 1UL << 7), VEC_GP);
    CHECK_EQ(try_msr(0x610, 1), VEC_GP);
    CHECK_EQ(try_msr(0xc0011027, 1), VEC_GP);
    CHECK_EQ(try_msr(0xc0011019, 1), VEC_GP);
    CHECK_EQ(try_msr(0xc0000081, 1), VEC_GP);
    CHECK_EQ(try_msr(0xc0000082, (uintptr_t)page_alloc()), VEC_GP);
    CHECK_EQ(try_msr(0x1b, 0xfee00d00), VEC_GP);
    child_box.word[0] = 1;
}

/* 215: bad selectors at the next entry, with a stack at the border of the hypervisor. */
static void failsafe_at_the_edge(void)
{
    static struct iret_context frame;

    frame.rip = (uintptr_t)finish;
    frame.cs = 0x1234 & ~3UL;
    frame.ss = 0x4320;
    frame.rflags = 0x202;
    frame.rsp = HYPERVISOR_VIRT_END + 16;
    child_box.word[0] = 1;
    enter_frame(&frame);
}

/* 298: code in a segment whose table is cut short, and an instruction to be emulated there. */
static void short_table(void)
{
    static uint64_t frame_list;
    struct physdev_set_iopl iopl = {.iopl = 1};
    uint64_t *gdt = page_alloc();

    NEED(hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl) == 0);
    gdt[1] = 0x00affb000000ffffUL; /* 64-bit code, ring 3 */
    NEED(set_writable(gdt, false) == 0);
    frame_list = mfn_of(gdt);
    NEED(hypercall(set_gdt, &frame_list, 2) == 0);
    child_box.word[0] = 1;
    __asm__ volatile("pushq $0xb\n"
                     "leaq 1f(%%rip), %%rcx\n"
                     "pushq %%rcx\n"
                     "lretq\n"
                     "1: movl $2, %%eax\n" /* set_gdt, nothing left */
                     "xorl %%edi, %%edi\n"
                     "xorl %%esi, %%esi\n"
                     "syscall\n"
                     "clts\n"
                     "inb $0x71, %%al" ::
                         : "rax", "rcx", "rdi", "rsi", "r11", "memory");
}

static volatile bool over;

static void second_resets(void)
{
    struct evtchn_reset r = {.dom = DOMID_SELF};

    while (!over)
        hypercall(event_channel_op, EVTCHNOP_reset, &r);
    for (;;)
        hypercall(vcpu_op, VCPUOP_down, 1, 0);
}

/* 317, 338, 340, 343, 344: channels come and go under a vCPU that resets them all the time. */
static void resets(void)
{
    static struct vcpu_guest_context context;
    uint64_t end = system_time() + 60 * MS;
    struct evtchn_status s = {.dom = DOMID_SELF};
    struct evtchn_send send;
    uint32_t port = 0;

    vcpu_context_fill(&context, second_resets, (char *)page_alloc() + PAGE_SIZE);
    context.ctrlreg[3] = mfn_of((void *)start_info->pt_base) << 12;
    NEED(hypercall(vcpu_op, VCPUOP_initialise, 1, &context) == 0);
    NEED(hypercall(vcpu_op, VCPUOP_up, 1, 0) == 0);
    while (system_time() < end || !port) {
        struct evtchn_init_control c = {.control_gfn = mfn_of(&context)};

        evtchn_alloc(&port);
        send.port = port;
        hypercall(event_channel_op, EVTCHNOP_send, &send);
        hypercall(event_channel_op, EVTCHNOP_init_control, &c);
        evtchn_close_port(port);
    }
    over = true;
    s.port = port;
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_status, &s), 0);
    child_box.word[0] = 1;
}

static const struct {
    const char *name;
    void (*run)(void);
    bool may_crash;
} cases[] = {
    {"7: system call at the edge", syscall_at_the_edge, false},
    {"186: emulation at the edge", emulation_at_the_edge, false},
    {"44: nested task", nested_task, false},
    {"202: interrupts off", interrupts_off, false},
    {"213: iret in a multicall", iret_in_multicall, true},
    {"193: MSRs", msrs, false},
    {"215: failsafe at the edge", failsafe_at_the_edge, true},
    {"298: short table", short_table, true},
    {"343: resets", resets, false},
};

void test_main(void)
{
    struct counts before = {0};
    struct child c = {0};
    size_t i;
    int code;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        child_start(&c, cases[i].run, 2);
        code = child_wait(&c, 20000);
        if (code != SHUTDOWN_poweroff && !(cases[i].may_crash && code == SHUTDOWN_crash))
            failure("%s: ends with %d", cases[i].name, code);
        if (!c.box->word[0] && code != SHUTDOWN_crash)
            failure("%s: did not come to its end", cases[i].name);
        child_end(&c);
        if (i == 0)
            counts_take(&before);
    }
    CHECK_COUNTS(&before);
}
