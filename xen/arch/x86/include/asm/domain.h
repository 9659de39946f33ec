/* SPDX-License-Identifier: MIT */
/*
 * domain.h (x86) - the architecture's part of a domain and a vCPU: PV state.
 *
 * Legend: I set at creation, then constant; A atomic; C only by the vCPU itself or while it is not
 * running; D domain->lock; R domain->arch.rights_lock.
 */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <xen/types.h>
#include <xen/spinlock.h>
#include <public/xen.h>
#include <asm/layout.h>

struct cpu_policy;
struct logdirty;
struct rangeset;
struct page_info;

/* Where an event, failsafe or system-call callback goes; 0 means none registered. */
struct pv_callback {
    unsigned long rip;
    bool mask_events;
};

struct arch_vcpu {
    /* The next four are tested together by entry.S: any set one means work on the way out. */
    bool pending_exception; /* C an exception waits to be bounced */
    bool nmi_pending;       /* A TRAP_NMI waits */
    bool nmi_in_progress;   /* C cleared by iret */
    bool waits_fill;        /* C it needs a page whose content has yet to come: fill_noted */
    bool kernel_mode;       /* C guest kernel (true) or guest user code runs */
    u8 exc_vector;          /* C */
    u32 exc_error;          /* C */
    /* C where entry.S may put a system call's frame without further checks; 0: ask C code. */
    unsigned long fast_syscall_sp;
    unsigned long fast_fault_sp;  /* C the same for a page fault of user code */
    unsigned long fast_fault_rip; /* C its handler */
    bool initialised;             /* D context was loaded once */

    struct cpu_user_regs user_regs;                       /* C guest registers while not running */
    struct trap_info *traps;                              /* C 256 entries, one page */
    struct pv_callback event_cb, failsafe_cb, syscall_cb; /* C */
    unsigned long kernel_sp, kernel_ss;                   /* C stack for guest user -> kernel */
    unsigned long gdt_mfns[FIRST_RESERVED_GDT_PAGE];      /* C frames of the guest's GDT, typed */
    unsigned int gdt_ents;                                /* C */
    unsigned long ldt_base;                               /* C guest address */
    unsigned int ldt_ents;                                /* C */
    unsigned long *gdt_l1; /* I PTEs of this vCPU's GDT (16), LDT (16) */

    mfn_t kernel_l4; /* C typed L4; INVALID_MFN: none */
    mfn_t user_l4;   /* C typed L4; INVALID_MFN: none */
    /* C maddr to load for each: the L4, or its shadow; 0: not worked out yet. */
    unsigned long kernel_cr3, user_cr3;
    unsigned long cr3;      /* C the one in use */
    u32 fill_noted;         /* C the frame of waits_fill; 0: all */
    u32 fill_mfn;           /* L of log-dirty: what it waits for while VPF_FILL is set; 0: all */
    const void *hypercalls; /* C the table that entry.S calls through */
    u8 parked_levels;       /* C bit for each level with a table in parked[] */
    u32 parked[5]; /* C by level: MFN, with a reference, of a table to take apart further */

    unsigned long fs_base, gs_base_kernel, gs_base_user; /* C saved while not running */
    unsigned int iopl;                                   /* C virtual IOPL: PHYSDEVOP_set_iopl */
    unsigned long iobmp;      /* C guest address of the user-mode I/O bitmap */
    unsigned int iobmp_limit; /* C ports covered by it */
    unsigned long guest_cr4;  /* C what the guest sees */
    bool guest_ts;            /* C virtual CR0.TS */
    unsigned long dr[8];      /* C 4 and 5 unused */
    void *fpu;                /* I save area, 64-byte aligned */
    u64 xcr0, xcr0_accum;     /* C value, and all bits it ever had */
    u32 msr_tsc_aux;          /* C */
};

struct arch_domain {
    unsigned long *perdomain_l3; /* I L3 of slot 259 */
    mfn_t perdomain_l3_mfn;      /* I */
    u32 pci_cf8;                 /* R configuration address latch */
    spinlock_t rights_lock;
    struct rangeset *ioports, *iomem, *irqs; /* I pointers; the sets have their own locks */
    struct logdirty *logdirty; /* D NULL until it is first used; see <asm/logdirty.h> */
    struct cpu_policy *policy; /* I, or domctl_lock before it runs */
    u32 tsc_khz, tsc_incarnation, tsc_mode; /* domctl_lock: as the tools set them */
    u32 vm_assist;                          /* A 1 << VMASST_TYPE_* */
    bool has_io_rights;                     /* I or D: may map MMIO and choose caching */
    bool emulates_pit, relaxed_msrs;        /* I */
    void *e820;                             /* D entries of 20 bytes: XENMEM_set_memory_map */
    unsigned int nr_e820;                   /* D */
};

#endif /* ASM_DOMAIN_H */
