/* SPDX-License-Identifier: MIT */
/*
 * setup.h - start-up: what boot loaders hand over, and the steps that bring a CPU to life, in the
 * order in which start_xen() takes them.
 */
#ifndef ASM_SETUP_H
#define ASM_SETUP_H

#include <xen/types.h>
#include <xen/percpu.h>
#include <xen/e820.h>

#define BOOT_MAX_MODULES 8

struct boot_module {
    maddr_t start;
    size_t size;
    char cmdline[1024];
};

/* Everything taken from the boot loader, copied out of its memory. */
struct boot_info {
    char loader[64];
    char cmdline[1024];
    struct e820_map e820;
    unsigned int nr_modules;
    struct boot_module module[BOOT_MAX_MODULES];
    maddr_t rsdp; /* 0: not told */
    /* The loader's own block while it is still needed: it may hold the RSDP. */
    maddr_t info, info_end;
};
extern struct boot_info boot_info;

/* How boot/multiboot.c reads physical memory: all of [pa, pa + len), or NULL. */
struct mb_memory {
    const void *(*map)(void *ctx, u64 pa, size_t len);
    void *ctx;
};

/*
 * boot/multiboot.c: fills *bi, which must be empty, with what the loader left at info. 0, or
 * -EINVAL with *ret_why set: what could be read (command line, modules) is in *bi even then.
 */
int multiboot_parse(const struct mb_memory *mem, u32 magic, maddr_t info, struct boot_info *bi,
                    const char **ret_why);

/* cpu/ */
void cpu_features_init(void);   /* boot CPU: what this machine offers; panics with advice */
void cpu_setup_registers(void); /* each CPU: CR0, CR4, EFER, PAT */
void cpu_load_descriptors(unsigned int cpu); /* each CPU: GDT, IDT, TSS, SYSCALL MSRs */
void traps_init(void);                       /* boot CPU: fills the IDT */
int cpu_alloc_area(unsigned int cpu);        /* stacks and per-CPU data of a further CPU */
void cpu_guard_stack(unsigned int cpu);      /* before the CPU is started: see layout.h */
void *cpu_stack(unsigned int cpu);
void *cpu_gdt_page(unsigned int cpu);
/* Boot CPU, while the text's alias is writable: STAC and CLAC into the places left for them. */
void smap_patch(void);
/* Turns SMAP off on all CPUs for good. Interrupts on. */
void smap_give_up(void);

struct cpu_caps {
    bool nx, smep, smap, pge, gb_pages, xsave, tsc_deadline, x2apic, invariant_tsc;
    bool amd, intel, rdtscp;
    bool tsc_aux; /* TSC_AUX exists: RDTSCP or RDPID read it */
    bool lfence_serial; /* no instruction after LFENCE starts before it is over */
    u8 paddr_bits;
    u64 xcr0; /* components of the XSAVE state that are in use; 0: no XSAVE */
    char vendor[13];
    char model[49];
    u32 signature;
};
extern struct cpu_caps cpu_caps;

/* mm/ */
void paging_init(void);     /* our own page tables, W^X */
void frametable_init(void); /* page_info array, M2P, RAM to the heap */
int unmap_guard_page(void *page) __must_check; /* 0 or -ENOMEM; on the calling CPU only */
void paging_seal(void);     /* end of boot: read-only after init, init memory freed */

/* smp/ */
void smp_prepare(void);
void smp_calls_init(void);

/* pv/ */
void pv_dom0_build(void);   /* builds and unpauses Domain 0; panics with advice */
void cpu_policy_init(void); /* before the first guest */

void idle_loop(void) __noreturn;

#endif /* ASM_SETUP_H */
