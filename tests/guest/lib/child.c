/* SPDX-License-Identifier: MIT */
/*
 * An unprivileged domain to try things in: a copy of this kernel's own memory, entered at a
 * function of the test's choice.  What it reports goes through a page that both sides map, since
 * guests have no console on the reference; the parent prints it.
 *
 * Pseudo-physical layout of a child: the image where the parent has it, then the list of machine
 * frames, start_info, the page tables, and pages that nothing uses, as many as the test wants.
 */
#include "guest.h"

#define FIRST_PFN  0x100UL
#define MAX_FRAMES 1024
#define NR_TABLES  6 /* L4, L3, L2, and L1 for 6 MiB */
#define LIST_PAGES 2

extern char image_end[], boot_stack_end[];

struct child_box child_box __attribute__((aligned(4096)));
bool in_child;

static xen_pfn_t frames[MAX_FRAMES]; /* of the child being made, by pfn - FIRST_PFN */
static unsigned int extra;
static void (*child_fn)(void);
static bool second_initialised; /* vCPU 1 of the domain we are in */

static uint64_t image_pages(void)
{
    return pfn_of(image_end) - FIRST_PFN;
}

/* Offsets behind the image. */
static uint64_t list_page(void)
{
    return image_pages();
}

static uint64_t info_page(void)
{
    return list_page() + LIST_PAGES;
}

static uint64_t table_page(unsigned int n)
{
    return info_page() + 1 + n;
}

static uint64_t all_pages(void)
{
    return table_page(NR_TABLES) + extra;
}

static void *child_va(uint64_t page)
{
    return (void *)(VIRT_BASE + (FIRST_PFN + page) * PAGE_SIZE);
}

long map_frame_of(const void *va, uint64_t mfn, domid_t domain)
{
    return hypercall(update_va_mapping_otherdomain, va, mfn * PAGE_SIZE | PTE_KERN,
                     UVMF_INVLPG | UVMF_LOCAL, domain);
}

static void copy_page(void *to, const void *from)
{
    unsigned long n = PAGE_SIZE / 8;

    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n)::"memory");
}

static void populate(domid_t id)
{
    struct xen_memory_reservation r = {
        .extent_start = (uintptr_t)frames, .nr_extents = all_pages(), .domid = id};
    uint64_t i;

    NEED(all_pages() <= MAX_FRAMES);
    NEED(FIRST_PFN + all_pages() <= (NR_TABLES - 3) * 512);
    for (i = 0; i < all_pages(); i++)
        frames[i] = FIRST_PFN + i;
    ctl_clear();
    ctl.u.max_mem.max_memkb = (all_pages() + 256) * 4;
    NEED(domctl(XEN_DOMCTL_max_mem, id) == 0);
    NEED(hypercall(memory_op, XENMEM_populate_physmap, &r) == (long)all_pages());
}

static uint64_t table_entry(uint64_t page)
{
    return frames[page] * PAGE_SIZE | PTE_KERN;
}

/* Entry i of table n of the child; n from 3 on are its L1s, which map it all, tables read-only. */
static uint64_t child_entry(unsigned int n, unsigned int i)
{
    uint64_t page = (n - 3) * 512UL + i - FIRST_PFN;

    switch (n) {
    case 0:
        return i == 511 ? table_entry(table_page(1)) : 0;
    case 1:
        return i == 510 ? table_entry(table_page(2)) : 0;
    case 2:
        return i < NR_TABLES - 3 ? table_entry(table_page(3 + i)) : 0;
    default:
        if (page >= all_pages()) /* also below FIRST_PFN */
            return 0;
        return frames[page] * PAGE_SIZE |
               (page >= table_page(0) && page < table_page(NR_TABLES) ? PTE_RO : PTE_KERN);
    }
}

uint64_t child_mfn(uint64_t pfn)
{
    return frames[pfn - FIRST_PFN];
}

static void fill_info(struct start_info *si, uint64_t shared_frame)
{
    memcpy(si->magic, "xen-3.0-x86_64", 15);
    si->nr_pages = FIRST_PFN + all_pages();
    si->shared_info = shared_frame * PAGE_SIZE;
    si->pt_base = (uintptr_t)child_va(table_page(0));
    si->nr_pt_frames = NR_TABLES;
    /* Entry n is the frame of pfn n: the list begins at FIRST_PFN. */
    si->mfn_list = (uintptr_t)child_va(list_page()) - FIRST_PFN * sizeof(xen_pfn_t);
}

static void fill_memory(const struct child *c, uint64_t shared_frame, char *window)
{
    uint64_t i;
    unsigned int n;

    for (i = 0; i < all_pages(); i++) {
        NEED(map_frame_of(window, frames[i], c->id) == 0);
        if (i < image_pages() && (*entry_of((uintptr_t)child_va(i), 1) & PTE_P))
            copy_page(window, child_va(i));
        else if (i >= list_page() && i < info_page())
            copy_page(window, (char *)frames + (i - list_page()) * PAGE_SIZE);
        else
            memset(window, 0, PAGE_SIZE);
        if (i == info_page())
            fill_info((struct start_info *)window, shared_frame);
        if (i >= table_page(0) && i < table_page(NR_TABLES))
            for (n = 0; n < 512; n++)
                ((uint64_t *)window)[n] = child_entry((unsigned int)(i - table_page(0)), n);
    }
}

static void child_main(void *unused, struct start_info *si)
{
    void *page = page_alloc();

    (void)unused;
    in_child = true;
    second_initialised = false;
    start_info = si;
    hypercall(update_va_mapping, page, si->shared_info | PTE_KERN, UVMF_INVLPG | UVMF_LOCAL);
    shared_info = page;
    set_vcpu_info(&shared_info->vcpu_info[0]);
    this_vcpu_info()->evtchn_upcall_mask = 1;
    traps_init();
    child_fn();
    finish();
}

void vcpu_context_fill(struct vcpu_guest_context *c, void (*fn)(void), void *stack_end)
{
    memset(c, 0, sizeof(*c));
    c->flags = VGCF_in_kernel;
    c->user_regs.rip = (uintptr_t)secondary_entry;
    c->user_regs.rsp = (uintptr_t)stack_end;
    c->user_regs.rdi = (uintptr_t)fn;
    c->user_regs.cs = FLAT_KERNEL_CS;
    c->user_regs.ss = FLAT_KERNEL_SS;
    c->user_regs.rflags = 0x200;
    c->kernel_ss = FLAT_KERNEL_SS;
    c->kernel_sp = c->user_regs.rsp;
    c->event_callback_eip = (uintptr_t)event_entry;
    c->failsafe_callback_eip = (uintptr_t)failsafe_entry;
    c->syscall_callback_eip = (uintptr_t)syscall_entry;
}

static void set_context(domid_t id)
{
    static struct vcpu_guest_context context;
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L4_TABLE};

    pin.arg1.mfn = frames[table_page(0)];
    NEED(hypercall(mmuext_op, &pin, 1, 0, id) == 0);
    vcpu_context_fill(&context, (void (*)(void))(void *)child_main, boot_stack_end);
    context.flags |= VGCF_online;
    context.user_regs.rsi = (uintptr_t)child_va(info_page());
    context.ctrlreg[3] = pin.arg1.mfn << 12;
    ctl_clear();
    ctl.u.vcpucontext.vcpu = 0;
    ctl.u.vcpucontext.ctxt = (uintptr_t)&context;
    NEED(domctl(XEN_DOMCTL_setvcpucontext, id) == 0);
}

void child_make(struct child *c, void (*fn)(void), unsigned int vcpus)
{
    static void *window;
    uint64_t shared_frame;

    if (!window)
        window = page_alloc();
    if (!c->box)
        c->box = page_alloc();
    memset(&child_box, 0, sizeof(child_box));
    child_fn = fn;
    extra = c->extra;
    c->first_table = FIRST_PFN + table_page(0);
    c->first_extra = FIRST_PFN + table_page(NR_TABLES);
    c->id = domain_make(vcpus, true);
    shared_frame = domain_info(c->id)->shared_info_frame;
    populate(c->id);
    fill_memory(c, shared_frame, window);
    NEED(set_writable(window, true) == 0);
    NEED(map_frame_of(c->box, frames[pfn_of(&child_box) - FIRST_PFN], c->id) == 0);
    if (c->before_tables)
        c->before_tables(c);
    set_context(c->id);
}

void child_run(struct child *c)
{
    NEED(domctl_plain(XEN_DOMCTL_unpausedomain, c->id) == 0);
}

void child_start(struct child *c, void (*fn)(void), unsigned int vcpus)
{
    child_make(c, fn, vcpus);
    child_run(c);
}

int child_wait_silent(struct child *c, unsigned int ms)
{
    uint64_t end = system_time() + ms * 1000000UL;
    unsigned int flags;

    do {
        flags = domain_info(c->id)->flags;
        hypercall(sched_op, SCHEDOP_yield, 0);
    } while (!(flags & XEN_DOMINF_shutdown) && system_time() < end);
    if (!(flags & XEN_DOMINF_shutdown))
        return -1;
    return (int)(flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask);
}

int child_wait(struct child *c, unsigned int ms)
{
    int code = child_wait_silent(c, ms);

    report_child(c->box);
    return code;
}

void child_end(struct child *c)
{
    NEED(set_writable(c->box, true) == 0);
    domain_end(c->id);
}

/* --- a second vCPU of this domain --- */

static void (*second_fn)(void);
static volatile bool second_busy;

static void second_main(void)
{
    for (;;) {
        if (second_fn)
            second_fn();
        second_busy = false;
        hypercall(vcpu_op, VCPUOP_down, 1, 0);
    }
}

bool second_start(void (*fn)(void))
{
    static struct vcpu_guest_context context;

    if (hypercall(vcpu_op, VCPUOP_is_up, 1, 0) < 0)
        return false;
    if (!second_initialised) {
        vcpu_context_fill(&context, second_main, (char *)page_alloc() + PAGE_SIZE);
        context.ctrlreg[3] = mfn_of((void *)start_info->pt_base) << 12;
        NEED(hypercall(vcpu_op, VCPUOP_initialise, 1, &context) == 0);
        second_initialised = true;
    }
    second_fn = fn;
    second_busy = true;
    NEED(hypercall(vcpu_op, VCPUOP_up, 1, 0) == 0);
    return true;
}

bool second_wait(unsigned int ms)
{
    uint64_t end = system_time() + ms * 1000000UL;

    while ((second_busy || hypercall(vcpu_op, VCPUOP_is_up, 1, 0) != 0) && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    return !second_busy;
}
