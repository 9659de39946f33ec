/* SPDX-License-Identifier: MIT */
/*
 * crash.c - option crash=KIND: provokes a fault of the hypervisor at the end of the boot, to try
 * out reports and protections. Debug builds only. Tests: tests/boot/crash.sh.
 */
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <asm/apic.h>
#include <asm/mm.h>
#include <asm/page.h>
#include <asm/setup.h>
#include <asm/system.h>
#include <asm/traps.h>

#ifdef XENOLITH_DEBUG

#define X86_RET 0xc3
/* Where no memory is, and never will be: before the M2P table ends. */
#define USER_PAGE (RO_M2P_END - PAGE_SIZE)

static char opt_crash[128];
PARAM_STRING_DEF(
    "crash", opt_crash,
    "faults on purpose while booting: KIND[@CPU][,KIND...]; a wrong word lists the kinds");

static void crash_panic(void)
{
    panic("Crash on purpose. Leave out the option crash.");
}

static void crash_bug(void)
{
    BUG();
}

static void crash_warn(void)
{
    WARN_ON(opt_crash[0]);
}

static void crash_page_fault(void)
{
    *(volatile u32 *)(DIRECTMAP_END - 8) = 1;
}

static void crash_invalid_opcode(void)
{
    __asm__ volatile("ud2");
}

/* Neither the frame of the first fault nor that of the second finds room. */
static void crash_double_fault(void)
{
    __asm__ volatile("mov %0,%%rsp; push %%rax" ::"r"(DIRECTMAP_END - 64) : "memory");
}

static noinline unsigned int use_stack(unsigned int depth)
{
    volatile u8 room[256];

    for (unsigned int i = 0; i < sizeof(room); i++)
        room[i] = (u8)depth;
    return depth ? use_stack(depth - 1) + room[depth % sizeof(room)] : 0;
}

static void crash_stack_overflow(void)
{
    (void)use_stack(STACK_SIZE / 128);
}

static void crash_nmi(void)
{
    lapic_send_nmi(smp_processor_id());
    udelay(10000);
}

/* As the CPU would raise it, but with no error in any bank; QEMU's monitor can make real ones. */
static void crash_machine_check(void)
{
    __asm__ volatile("int $18");
}

static void crash_write_text(void)
{
    *(volatile u8 *)(unsigned long)crash_write_text = X86_RET;
}

static void crash_run_data(void)
{
    static u8 code[] = {X86_RET};

    ((void (*)(void))(unsigned long)code)();
    printk(XLOG_ERR "Data can be executed\n");
}

static void crash_read_user(void)
{
    printk(XLOG_ERR "User memory can be read: %u\n", *(volatile u8 *)RO_M2P_START);
}

/* A page as a guest could have one, with code in it. Not in an interrupt: it takes memory. */
static void __init make_user_page(void)
{
    u8 *page = alloc_xenheap_page();

    if (!page || map_pages(USER_PAGE, virt_to_maddr(page), 1, HV_PTE_RX | PTE_US))
        panic("Out of memory for the option crash.");
    page[0] = X86_RET;
}

static void crash_run_user(void)
{
    ((void (*)(void))USER_PAGE)();
    printk(XLOG_ERR "User memory can be executed\n");
}

static const struct {
    const char *name;
    void (*fn)(void);
} kinds[] = {
    {"panic", crash_panic},
    {"bug", crash_bug},
    {"warn", crash_warn},
    {"page-fault", crash_page_fault},
    {"invalid-opcode", crash_invalid_opcode},
    {"double-fault", crash_double_fault},
    {"stack-overflow", crash_stack_overflow},
    {"nmi", crash_nmi},
    {"machine-check", crash_machine_check},
    {"write-text", crash_write_text},
    {"run-data", crash_run_data},
    {"read-user", crash_read_user},
    {"run-user", crash_run_user},
};

static void call_kind(void *fn)
{
    (*(void (**)(void))fn)();
}

static void __init crash_once(const char *kind, unsigned int cpu)
{
    cpumask_t where = cpumask_of(cpu < nr_cpus ? cpu : 0);

    for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
        void (*fn)(void) = kinds[i].fn;

        if (strcmp(kind, kinds[i].name))
            continue;
        if (fn == crash_run_user)
            make_user_page();
        printk("Crash on purpose: %s\n", kind);
        smp_call_on(&where, call_kind, &fn);
        printk("Survived %s\n", kind);
        return;
    }
    printk(XLOG_WARN "Option crash: no kind '%s'; there are:\n", kind);
    for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++)
        printk(XLOG_WARN "  %s\n", kinds[i].name);
}

static int __init crash_on_purpose(void)
{
    for (char *kind = opt_crash, *next; *kind; kind = next) {
        char *end = strchr(kind, ','), *at;

        next = end ? end + 1 : kind + strlen(kind);
        if (end)
            *end = '\0';
        at = strchr(kind, '@');
        if (at)
            *at = '\0';
        crash_once(kind, at ? (unsigned int)simple_strtoull(at + 1, NULL, 10) : 0);
    }
    return 0;
}
INITCALL(crash_on_purpose);

#endif /* XENOLITH_DEBUG */
