/* SPDX-License-Identifier: MIT */
/* The other domain's side: takes requests from the letter box and executes them. */
#include "worker.h"

static struct box *boxes;

static int64_t compare(uint64_t pfn, uint64_t n)
{
    int64_t different = 0;

    for (; n--; pfn++)
        for (uint64_t i = 0; i < 512; i++)
            different += ((volatile uint64_t *)pfn_va(pfn))[i] != filled(pfn, i);
    return different;
}

static int64_t add(uint64_t pfn, uint64_t n)
{
    for (; n--; pfn++)
        ((volatile uint64_t *)pfn_va(pfn))[7]++;
    return 0;
}

static int64_t move(uint64_t to, uint64_t from, uint64_t n)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)::"memory");
    return (int64_t)n;
}

static int64_t store_locked(uint64_t to, uint64_t how, uint64_t value, uint64_t old)
{
    switch (how) {
    case STORE_CMPXCHG_16:
        __asm__ volatile("lock cmpxchgw %w2,(%1)"
                         : "+a"(old)
                         : "r"(to), "r"(value)
                         : "memory", "cc");
        return (uint16_t)old;
    case STORE_CMPXCHG_64:
        __asm__ volatile("lock cmpxchgq %2,(%1)"
                         : "+a"(old)
                         : "r"(to), "r"(value)
                         : "memory", "cc");
        return (int64_t)old;
    case STORE_XCHG_32:
        __asm__ volatile("xchgl %k0,(%1)" : "+r"(value) : "r"(to) : "memory");
        return (uint32_t)value;
    case STORE_AND_16:
        __asm__ volatile("lock andw %w1,(%0)" ::"r"(to), "r"(value) : "memory", "cc");
        return 0;
    case STORE_BTS_32:
        __asm__ volatile("lock btsl %k1,(%0)" ::"r"(to), "r"(value) : "memory", "cc");
        return 0;
    }
    return -XEN_ENOSYS;
}

static int64_t store(uint64_t to, uint64_t how, uint64_t value, uint64_t old)
{
    switch (how) {
    case STORE_8:
        *(volatile uint8_t *)to = (uint8_t)value;
        return 0;
    case STORE_16:
        *(volatile uint16_t *)to = (uint16_t)value;
        return 0;
    case STORE_32:
        *(volatile uint32_t *)to = (uint32_t)value;
        return 0;
    case STORE_64:
        *(volatile uint64_t *)to = value;
        return 0;
    case STORE_IMM_32:
        __asm__ volatile("movl $0x5a5a5a5a,(%0)" ::"r"(to) : "memory");
        return 0;
    case STORE_STOSQ:
        __asm__ volatile("rep stosq" : "+D"(to), "+c"(old) : "a"(value) : "memory");
        return (int64_t)old;
    case STORE_SSE_16:
        __asm__ volatile("movq %1,%%xmm0; punpcklqdq %%xmm0,%%xmm0; movups %%xmm0,(%0)" ::"r"(to),
                         "r"(value)
                         : "memory");
        return 0;
    }
    return store_locked(to, how, value, old);
}

/* catch_trap() brings us back from these. */
static void trap_on_stack(void *rsp)
{
    __asm__ volatile("mov %0,%%rsp; ud2" ::"r"(rsp) : "memory");
}

static void int_on_stack(void *rsp)
{
    __asm__ volatile("mov %0,%%rsp; int $0x21; ud2" ::"r"(rsp) : "memory");
}

__asm__(".globl iret_landing\niret_landing: ud2");

static void iret_to(void *frame)
{
    enter_frame(frame);
}

static void call_on_stack(uint64_t rsp, uint64_t nr, uint64_t a1, uint64_t a2)
{
    __asm__ volatile("mov %%rsp,%%rbx; mov %1,%%rsp; syscall; mov %%rbx,%%rsp"
                     : "+a"(nr)
                     : "r"(rsp), "D"(a1), "S"(a2)
                     : "rbx", "rcx", "r11", "memory", "cc");
}

static int64_t upcall(uint64_t rsp)
{
    static struct evtchn_bind_ipi ipi;
    uint64_t before;

    if (!ipi.port)
        NEED(hypercall(event_channel_op, EVTCHNOP_bind_ipi, &ipi) == 0);
    before = event_count[ipi.port];
    events_on();
    call_on_stack(rsp, __HYPERVISOR_event_channel_op, EVTCHNOP_send, (uintptr_t)&ipi.port);
    events_off();
    return (int64_t)(event_count[ipi.port] - before);
}

static volatile int64_t nmis;

static bool on_nmi(struct trap_frame *frame)
{
    (void)frame;
    nmis++;
    return true;
}

static int64_t nmi(uint64_t rsp)
{
    int64_t before = nmis;

    trap_hook[2] = on_nmi;
    call_on_stack(rsp, __HYPERVISOR_vcpu_op, VCPUOP_send_nmi, 0);
    return nmis - before;
}

static int64_t events(bool on)
{
    if (on)
        events_on();
    else
        events_off();
    return (int64_t)upcall_count;
}

/* L1 entry of USER_DATA: beside the one of USER_CODE. */
static uint64_t user_data_entry(void)
{
    uint64_t *table = va_of_mfn(user_l4_mfn);

    table = va_of_mfn((table[0] & PTE_ADDR) >> 12);
    table = va_of_mfn((table[0] & PTE_ADDR) >> 12);
    table = va_of_mfn((table[USER_CODE >> 21] & PTE_ADDR) >> 12);
    return entry_maddr(table + 1);
}

static int64_t user(uint64_t rsp, uint64_t pfn, bool syscall)
{
    static uint8_t code[] = {0x48, 0x8b, 0x04, 0x25, 0x00, 0x10, 0x40, 0x00, 0x0f, 0x05};

    if (!user_l4_mfn)
        NEED(user_init() == 0);
    NEED(mmu_update1(user_data_entry(), mfn_of(pfn_va(pfn)) << 12 | PTE_KERN) == 0);
    NEED(hypercall(stack_switch, FLAT_KERNEL_SS, rsp) == 0);
    code[9] = syscall ? 0x05 : 0x0b; /* ud2 */
    if (user_run(code, sizeof(code)) != (syscall ? VEC_SYSCALL : VEC_UD))
        return 0;
    return trap_last.rip == USER_CODE + (syscall ? 10 : 8) ? (int64_t)trap_last.rax : 0;
}

static void load_fs(void *selector)
{
    __asm__ volatile("mov %w0,%%fs; xorl %k0,%k0; mov %w0,%%fs" : "+r"(selector));
}

static int64_t map_grants(void)
{
    xen_pfn_t frames[1] = {0};
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};
    void *table = page_alloc();

    setup.frame_list = (uintptr_t)frames;
    NEED(hypercall(grant_table_op, GNTTABOP_setup_table, &setup, 1) == 0);
    NEED(setup.status == GNTST_okay);
    NEED(map_va(table, frames[0] << 12 | PTE_KERN) == 0);
    return (int64_t)table;
}

static void serve_box(struct box *box);

static void second_main(void)
{
    serve_box(&boxes[1]);
}

static int64_t execute(struct box *b)
{
    uint64_t a0 = b->arg[0], a1 = b->arg[1], a2 = b->arg[2];

    switch (b->request) {
    case REQ_HYPERCALL:
        return hypercall6(b->nr, a0, a1, a2, b->arg[3], b->arg[4], b->arg[5]);
    case REQ_COMPARE:
        return compare(a0, a1);
    case REQ_ADD:
        return add(a0, a1);
    case REQ_PEEK:
        return (int64_t) * (volatile uint64_t *)a0;
    case REQ_STORE:
        return store(a0, a1, a2, b->arg[3]);
    case REQ_MOVE:
        return move(a0, a1, a2);
    case REQ_CALL:
        return ((int64_t(*)(void))a0)();
    case REQ_TRAP:
        return catch_trap(trap_on_stack, (void *)a0);
    case REQ_INT:
        return catch_trap(int_on_stack, (void *)a0);
    case REQ_IRET:
        return catch_trap(iret_to, (void *)a0);
    case REQ_UPCALL:
        return upcall(a0);
    case REQ_NMI:
        return nmi(a0);
    case REQ_EVENTS:
        return events(a0);
    case REQ_USER:
        return user(a0, a1, a2);
    case REQ_LOAD_FS:
        return catch_trap(load_fs, (void *)a0);
    case REQ_SECOND:
        return second_start(second_main);
    case REQ_GRANTS:
        return map_grants();
    }
    return -XEN_ENOSYS;
}

static void serve_box(struct box *box)
{
    bool leave = false;

    while (!leave) {
        if (box->asked == box->done)
            continue;
        leave = box->request == REQ_LEAVE;
        box->result = leave ? 0 : execute(box);
        barrier();
        box->done = box->asked;
    }
}

void third_main(void)
{
    child_box.word[29] = 3;
    for (;;)
        hypercall(vcpu_op, VCPUOP_down, 2, 0);
}

void worker_main(void)
{
    boxes = (struct box *)(uintptr_t)child_box.word;
    serve_box(&boxes[0]);
}
