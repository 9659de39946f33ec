/* SPDX-License-Identifier: MIT */
/*
 * desc.c - descriptor tables of each CPU: GDT page, TSS, the shared IDT, and the SYSCALL set-up.
 *
 * The GDT a CPU uses has 16 pages: the first 14 belong to the running guest, page 14 is the CPU's
 * own (here), see layout.h. While the idle vCPU runs, only page 14 exists.
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/percpu.h>
#include <asm/setup.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/vectors.h>
#include "private.h"

struct tss64 {
    u32 pad0;
    u64 rsp[3];
    u64 pad1;
    u64 ist[7];
    u64 pad2;
    u16 pad3, iomap_base;
} __packed;

struct idt_gate {
    u16 offset_lo, selector;
    u8 ist, type;
    u16 offset_mid;
    u32 offset_hi, zero;
};

static struct idt_gate idt[256] __aligned(4096);
static DEFINE_PER_CPU(struct tss64, cpu_tss);
static u64 bsp_gdt_page[512] __aligned(4096);
static u64 *gdt_page[NR_CPUS];
static void *stacks[NR_CPUS];
static u64 syscall_scratch[NR_CPUS];
extern char boot_stack[STACK_SIZE];

/* Exception stacks at the bottom of the CPU's stack area, one page each. */
enum { IST_DF = 1, IST_NMI, IST_MC, IST_DB };

#define STUB_SIZE          64
#define MSR_SYSENTER_FIRST 0x174 /* CS, ESP, EIP */
#define MSR_SYSENTER_LAST  0x176

void *cpu_gdt_page(unsigned int cpu)
{
    return gdt_page[cpu];
}

void *cpu_stack(unsigned int cpu)
{
    return stacks[cpu];
}

static void set_gate(unsigned int vector, unsigned int dpl, unsigned int ist)
{
    unsigned long addr = trap_stubs[vector];

    idt[vector] = (struct idt_gate){
        .offset_lo = (u16)addr,
        .selector = HV_CS,
        .ist = (u8)ist,
        .type = (u8)(0x8e | dpl << 5),
        .offset_mid = (u16)(addr >> 16),
        .offset_hi = (u32)(addr >> 32),
    };
}

void __init traps_init(void)
{
    for (unsigned int i = 0; i < 256; i++)
        set_gate(i, 0, 0);
    set_gate(TRAP_BP, 3, 0);
    set_gate(TRAP_OF, 3, 0);
    set_gate(VECTOR_GUEST_SYSCALL, 3, 0);
    set_gate(TRAP_DF, 0, IST_DF);
    set_gate(TRAP_NMI, 0, IST_NMI);
    set_gate(TRAP_MC, 0, IST_MC);
    set_gate(TRAP_DB, 0, IST_DB);
}

static void fill_gdt_page(u64 *gdt, const struct tss64 *tss)
{
    u64 base = (u64)tss;
    unsigned int i = (TSS_SELECTOR & 0xfff) / 8;

    gdt[(HV_CS32 & 0xfff) / 8] = 0x00cf9a000000ffffULL;
    gdt[(FLAT_USER_CS32 & 0xfff) / 8] = 0x00cffa000000ffffULL;
    gdt[(FLAT_USER_SS & 0xfff) / 8] = 0x00cff2000000ffffULL;
    gdt[(FLAT_USER_CS64 & 0xfff) / 8] = 0x00affa000000ffffULL;
    gdt[(HV_CS & 0xfff) / 8] = 0x00af9a000000ffffULL;
    gdt[(HV_DS & 0xfff) / 8] = 0x00cf92000000ffffULL;
    gdt[i] =
        (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | 0x89ULL << 40 | (base >> 24 & 0xff) << 56;
    gdt[i + 1] = base >> 32;
}

static void setup_tss(struct tss64 *tss, char *stack)
{
    struct cpu_info *info = (struct cpu_info *)(stack + STACK_SIZE) - 1;

    /* The CPU pushes SS first, just below es: the frame lands in place. */
    tss->rsp[0] = (u64)&info->guest_regs.es;
    for (unsigned int i = 0; i < 4; i++)
        tss->ist[i] = (u64)(stack + (i + 1) * PAGE_SIZE);
    tss->iomap_base = sizeof(*tss); /* no bitmap: every port access of ring 3 traps */
}

/*
 * SYSCALL leaves RSP as it is: a stub for each CPU loads its stack and goes on to an entry. The
 * text is still writable (or an alias is) while CPUs come up: stubs are written once each. Returns
 * where the stub runs.
 */
static u64 write_syscall_stub(unsigned int slot, unsigned int cpu, u64 stack_top, const char *entry)
{
    u8 *run = (u8 *)syscall_stubs + slot * STUB_SIZE;
    u8 *p = (u8 *)maddr_to_virt(virt_to_maddr(run));
    u8 *start = p;
    s32 rel;

#define REL_TO(target, next) (s32)((long)(target) - (long)(run + ((next)-start)))
    *p++ = 0x48, *p++ = 0x89, *p++ = 0x25; /* mov %rsp, scratch(%rip) */
    rel = REL_TO(&syscall_scratch[cpu], p + 4);
    memcpy(p, &rel, 4), p += 4;
    *p++ = 0x48, *p++ = 0xbc; /* movabs $stack_top, %rsp */
    memcpy(p, &stack_top, 8), p += 8;
    *p++ = 0x68; /* push $FLAT_USER_SS */
    rel = FLAT_USER_SS;
    memcpy(p, &rel, 4), p += 4;
    *p++ = 0xff, *p++ = 0x35; /* push scratch(%rip) */
    rel = REL_TO(&syscall_scratch[cpu], p + 4);
    memcpy(p, &rel, 4), p += 4;
    *p++ = 0xe9; /* jmp entry */
    rel = REL_TO(entry, p + 4);
    memcpy(p, &rel, 4);
#undef REL_TO
    return (u64)run;
}

/*
 * System calls of 32-bit code arrive by CSTAR on AMD and are not offered to guests; those by
 * SYSENTER fault without a code segment, whatever the firmware left there.
 */
static void setup_syscall(unsigned int cpu, u64 stack_top)
{
    wrmsr(MSR_LSTAR, write_syscall_stub(cpu, cpu, stack_top, syscall_entry));
    wrmsr(MSR_CSTAR, write_syscall_stub(NR_CPUS + cpu, cpu, stack_top, syscall_compat_entry));
    wrmsr(MSR_STAR, (u64)FLAT_USER_CS32 << 48 | (u64)HV_CS << 32);
    wrmsr(MSR_SFMASK, X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF | X86_EFLAGS_NT |
                          X86_EFLAGS_AC | X86_EFLAGS_IOPL | X86_EFLAGS_RF | X86_EFLAGS_VM);
    for (u32 msr = MSR_SYSENTER_FIRST; msr <= MSR_SYSENTER_LAST; msr++)
        wrmsr(msr, 0);
}

static void load_tables(u64 *gdt)
{
    lgdt((u64)gdt - FIRST_RESERVED_GDT_ENTRY * 8, GDT_LIMIT);
    lidt((u64)idt, sizeof(idt) - 1);
    __asm__ volatile("mov %0,%%ss; mov %1,%%ds; mov %1,%%es; mov %1,%%fs; mov %1,%%gs" ::"r"(0),
                     "r"(0));
    __asm__ volatile("push %0; lea 1f(%%rip),%%rax; push %%rax; lretq; 1:" ::"i"(HV_CS)
                     : "rax", "memory");
    /* The busy bit survives when the same descriptor is loaded again. */
    gdt[(TSS_SELECTOR & 0xfff) / 8] &= ~(2ULL << 40);
    __asm__ volatile("ltr %w0" ::"r"(TSS_SELECTOR));
    lldt(0);
}

void cpu_load_descriptors(unsigned int cpu)
{
    struct tss64 *tss = &per_cpu(cpu_tss, cpu);

    if (!gdt_page[cpu]) {
        ASSERT(cpu == 0);
        gdt_page[0] = bsp_gdt_page;
        stacks[0] = boot_stack;
    }
    setup_tss(tss, stacks[cpu]);
    fill_gdt_page(gdt_page[cpu], tss);
    load_tables(gdt_page[cpu]);
    setup_syscall(cpu, tss->rsp[0]);
}

bool in_stack_guard(unsigned long va)
{
    unsigned long guard = (unsigned long)stacks[smp_processor_id()] + STACK_GUARD;

    return va >= guard && va < guard + PAGE_SIZE;
}

void __init cpu_guard_stack(unsigned int cpu)
{
    if (unmap_guard_page((char *)stacks[cpu] + STACK_GUARD))
        panic("Out of memory while preparing CPU %u.", cpu);
}

/* Stack, GDT page and per-CPU data for a CPU that is about to be started. */
int __init cpu_alloc_area(unsigned int cpu)
{
    extern char __percpu_start[], __percpu_end[];
    unsigned int order = 0;
    size_t size = (size_t)(__percpu_end - __percpu_start);
    struct cpu_info *info;
    char *data;

    while ((PAGE_SIZE << order) < size)
        order++;
    stacks[cpu] = alloc_xenheap_pages(STACK_ORDER, 0);
    gdt_page[cpu] = alloc_xenheap_page();
    data = alloc_xenheap_pages(order, 0);
    if (!stacks[cpu] || !gdt_page[cpu] || !data)
        return -ENOMEM;
    memcpy(data, __percpu_start, size);
    per_cpu_offset[cpu] = (unsigned long)data - (unsigned long)__percpu_start;
    info = (struct cpu_info *)((char *)stacks[cpu] + STACK_SIZE) - 1;
    info->processor_id = cpu;
    info->per_cpu_offset = per_cpu_offset[cpu];
    return 0;
}
