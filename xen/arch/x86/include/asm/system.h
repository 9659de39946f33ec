/* SPDX-License-Identifier: MIT */
/* system.h - interrupt flag, control registers, MSRs, ports, CPUID, TSC: one instruction each. */
#ifndef ASM_SYSTEM_H
#define ASM_SYSTEM_H

#include <xen/types.h>

#define X86_EFLAGS_CF   0x1UL
#define X86_EFLAGS_TF   0x100UL
#define X86_EFLAGS_IF   0x200UL
#define X86_EFLAGS_DF   0x400UL
#define X86_EFLAGS_IOPL 0x3000UL
#define X86_EFLAGS_NT   0x4000UL
#define X86_EFLAGS_RF   0x10000UL
#define X86_EFLAGS_VM   0x20000UL
#define X86_EFLAGS_AC   0x40000UL

static inline void local_irq_disable(void)
{
    __asm__ volatile("cli" ::: "memory");
}
static inline void local_irq_enable(void)
{
    __asm__ volatile("sti" ::: "memory");
}
static inline unsigned long local_save_flags(void)
{
    unsigned long f;

    __asm__ volatile("pushfq; popq %0" : "=r"(f)::"memory");
    return f;
}
static inline unsigned long local_irq_save(void)
{
    unsigned long f = local_save_flags();

    local_irq_disable();
    return f;
}
static inline void local_irq_restore(unsigned long f)
{
    if (f & X86_EFLAGS_IF)
        local_irq_enable();
}
static inline bool local_irq_is_enabled(void)
{
    return (local_save_flags() & X86_EFLAGS_IF) != 0;
}
/* Enables interrupts and sleeps until one comes; nothing can slip in between. */
static inline void safe_halt(void)
{
    __asm__ volatile("sti; hlt" ::: "memory");
}
static inline void halt(void)
{
    __asm__ volatile("hlt" ::: "memory");
}

static inline u64 rdmsr(u32 msr)
{
    u32 lo, hi;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return (u64)hi << 32 | lo;
}
static inline void wrmsr(u32 msr, u64 val)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((u32)val), "d"((u32)(val >> 32)) : "memory");
}
/* MSR access that may fault: 0 or -EFAULT. */
int rdmsr_safe(u32 msr, u64 *ret_val);

static inline u64 rdtsc(void)
{
    u32 lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (u64)hi << 32 | lo;
}
static inline u64 rdtsc_ordered(void)
{
    __asm__ volatile("lfence" ::: "memory");
    return rdtsc();
}

struct cpuid_regs {
    u32 a, b, c, d;
};
static inline struct cpuid_regs cpuid(u32 leaf, u32 subleaf)
{
    struct cpuid_regs r;

    __asm__ volatile("cpuid"
                     : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
                     : "0"(leaf), "2"(subleaf));
    return r;
}

static inline u8 inb(u16 port)
{
    u8 v;

    __asm__ volatile("inb %w1,%0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline u16 inw(u16 port)
{
    u16 v;

    __asm__ volatile("inw %w1,%0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline u32 inl(u16 port)
{
    u32 v;

    __asm__ volatile("inl %w1,%0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline void outb(u8 v, u16 port)
{
    __asm__ volatile("outb %0,%w1" ::"a"(v), "Nd"(port));
}
static inline void outw(u16 v, u16 port)
{
    __asm__ volatile("outw %0,%w1" ::"a"(v), "Nd"(port));
}
static inline void outl(u32 v, u16 port)
{
    __asm__ volatile("outl %0,%w1" ::"a"(v), "Nd"(port));
}

static inline unsigned long read_cr0(void)
{
    unsigned long v;

    __asm__ volatile("mov %%cr0,%0" : "=r"(v));
    return v;
}
static inline void write_cr0(unsigned long v)
{
    __asm__ volatile("mov %0,%%cr0" ::"r"(v) : "memory");
}
static inline unsigned long read_cr2(void)
{
    unsigned long v;

    __asm__ volatile("mov %%cr2,%0" : "=r"(v));
    return v;
}
static inline unsigned long read_cr3(void)
{
    unsigned long v;

    __asm__ volatile("mov %%cr3,%0" : "=r"(v));
    return v;
}
static inline void write_cr3(unsigned long v)
{
    __asm__ volatile("mov %0,%%cr3" ::"r"(v) : "memory");
}
static inline unsigned long read_cr4(void)
{
    unsigned long v;

    __asm__ volatile("mov %%cr4,%0" : "=r"(v));
    return v;
}
static inline void write_cr4(unsigned long v)
{
    __asm__ volatile("mov %0,%%cr4" ::"r"(v) : "memory");
}
static inline void clts(void)
{
    __asm__ volatile("clts");
}
/* Descriptor table registers: base address, and limit in bytes - 1. */
struct desc_ptr {
    u16 limit;
    u64 base;
} __packed;
static inline void lgdt(u64 base, u16 limit)
{
    struct desc_ptr p = {limit, base};

    __asm__ volatile("lgdt %0" ::"m"(p));
}
static inline void lidt(u64 base, u16 limit)
{
    struct desc_ptr p = {limit, base};

    __asm__ volatile("lidt %0" ::"m"(p));
}
static inline void lldt(u16 selector)
{
    __asm__ volatile("lldt %w0" ::"r"(selector));
}
static inline void invlpg(unsigned long va)
{
    __asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}
static inline void clflush(const void *p)
{
    __asm__ volatile("clflush (%0)" ::"r"(p) : "memory");
}

static inline void wbinvd(void)
{
    __asm__ volatile("wbinvd" ::: "memory");
}

#define CR0_MP         (1UL << 1)
#define CR0_EM         (1UL << 2)
#define CR0_TS         (1UL << 3)
#define CR0_NE         (1UL << 5)
#define CR0_WP         (1UL << 16)
#define CR4_TSD        (1UL << 2)
#define CR4_DE         (1UL << 3)
#define CR4_PSE        (1UL << 4)
#define CR4_PAE        (1UL << 5)
#define CR4_MCE        (1UL << 6)
#define CR4_PGE        (1UL << 7)
#define CR4_OSFXSR     (1UL << 9)
#define CR4_OSXMMEXCPT (1UL << 10)
#define CR4_OSXSAVE    (1UL << 18)
#define CR4_UMIP       (1UL << 11)
#define CR4_FSGSBASE   (1UL << 16)
#define CR4_OSXSAVE    (1UL << 18)
#define CR4_SMEP       (1UL << 20)
#define CR4_SMAP       (1UL << 21)

#define MSR_APIC_BASE      0x1b
#define MSR_PAT            0x277
#define MSR_TSC_DEADLINE   0x6e0
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_SFMASK         0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_SHADOW_GS_BASE 0xc0000102
#define MSR_TSC_AUX        0xc0000103
#define MSR_AMD_DE_CFG     0xc0011029
#define DE_CFG_LFENCE      (1ULL << 1)
#define EFER_SCE           (1UL << 0)
#define EFER_LME           (1UL << 8)
#define EFER_LMA           (1UL << 10)
#define EFER_NXE           (1UL << 11)

/* WB WT UC- UC WC WP UC UC: what PV guests expect to find (4.17 ABI). */
#define HV_PAT_VALUE 0x0000050100070406ULL

#endif /* ASM_SYSTEM_H */
