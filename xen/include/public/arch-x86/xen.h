/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: x86 types shared by every interface: vCPU start state, trap
 * table entries, the x86 part of shared_info and of a new domain's options.
 */
#ifndef XEN_PUBLIC_ARCH_X86_XEN_H
#define XEN_PUBLIC_ARCH_X86_XEN_H

#include "xen-x86_64.h"

#define XEN_HAVE_PV_GUEST_ENTRY 1
#define XEN_HAVE_PV_UPCALL_MASK 1

/*
 * set_gdt(frames, entries): a guest GDT has up to 14 pages of its own; the
 * hypervisor places its descriptors in the pages from number 14 on.
 */
#define FIRST_RESERVED_GDT_PAGE  14
#define FIRST_RESERVED_GDT_BYTE  (FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY (FIRST_RESERVED_GDT_BYTE / 8)

/* vCPUs that have their vcpu_info inside shared_info; the others must register one. */
#define XEN_LEGACY_MAX_VCPUS 32

/* An ud2 with this tail before CPUID asks for the emulated, filtered leaves. */
#ifdef __ASSEMBLER__
#define XEN_EMULATE_PREFIX .byte 0x0f, 0x0b, 0x78, 0x65, 0x6e;
#define XEN_CPUID          XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; "
#define XEN_CPUID          XEN_EMULATE_PREFIX "cpuid"
#endif

/* HVM: a byte written to this port appears on the hypervisor console. */
#define XEN_HVM_DEBUGCONS_IOPORT 0xe9

#ifndef __ASSEMBLER__

typedef unsigned long xen_pfn_t; /* a page frame number; the context says which kind */
#define PRI_xen_pfn  "lx"
#define PRIu_xen_pfn "lu"

typedef unsigned long xen_ulong_t; /* a register-sized number */
#define PRI_xen_ulong "lx"

typedef uint64_t tsc_timestamp_t; /* a raw TSC reading, in cycles */

/*
 * IN, set_trap_table: one virtual IDT entry.  An array of these ends with an
 * entry whose address is 0; a null array pointer clears the whole table.
 * -EINVAL: address is not canonical; -EFAULT: unreadable array.  The privilege
 * level in cs is corrected silently.
 */
struct trap_info {
    uint8_t vector;        /* 0 to 255 */
    uint8_t flags;         /* bits 1:0: lowest ring that may raise it by INT; bit 2: mask events */
    uint16_t cs;           /* code selector of the handler */
    unsigned long address; /* entry point, canonical */
};
typedef struct trap_info trap_info_t;

/* Accessors for trap_info.flags; the setters only ever add bits. */
#define TI_GET_DPL(ti)      ((ti)->flags & 0x3)
#define TI_GET_IF(ti)       ((ti)->flags & 0x4)
#define TI_SET_DPL(ti, dpl) ((ti)->flags |= (dpl))
#define TI_SET_IF(ti, mask) ((ti)->flags |= ((mask) ? 0x4 : 0))

/* vcpu_guest_context.flags */
#define VGCF_I387_VALID                (1 << 0) /* fpu_ctxt holds state */
#define VGCF_IN_KERNEL                 (1 << 2) /* start or found in kernel mode */
#define _VGCF_i387_valid               0
#define VGCF_i387_valid                (1 << _VGCF_i387_valid)
#define _VGCF_in_kernel                2
#define VGCF_in_kernel                 (1 << _VGCF_in_kernel)
#define _VGCF_failsafe_disables_events 3 /* mask events on failsafe entry */
#define VGCF_failsafe_disables_events  (1 << _VGCF_failsafe_disables_events)
#define _VGCF_syscall_disables_events  4 /* mask events on syscall entry */
#define VGCF_syscall_disables_events   (1 << _VGCF_syscall_disables_events)
#define _VGCF_online                   5 /* the vCPU is up */
#define VGCF_online                    (1 << _VGCF_online)

/*
 * IN, VCPUOP_initialise and XEN_DOMCTL_setvcpucontext; OUT,
 * XEN_DOMCTL_getvcpucontext: everything a PV vCPU needs to start or resume.
 * Frame numbers are machine frames.  -EINVAL: a value the guest may not hold.
 */
struct vcpu_guest_context {
    struct {
        char x[512]; /* FXSAVE image; first so that it stays 16-byte aligned */
    } fpu_ctxt;
    unsigned long flags; /* VGCF_* */
    struct cpu_user_regs user_regs;
    struct trap_info trap_ctxt[256];
    unsigned long ldt_base; /* linear address, page aligned */
    unsigned long ldt_ents;
    unsigned long gdt_frames[16];
    unsigned long gdt_ents;
    unsigned long kernel_ss; /* stack loaded on entry to the guest kernel */
    unsigned long kernel_sp;
    unsigned long ctrlreg[8]; /* cr0 to cr7; [3] kernel page table, [1] user page table */
    unsigned long debugreg[8];
    unsigned long event_callback_eip;
    unsigned long failsafe_callback_eip;
    unsigned long syscall_callback_eip;
    unsigned long vm_assist; /* bit per VMASST_TYPE_* */
    uint64_t fs_base;
    uint64_t gs_base_kernel;
    uint64_t gs_base_user;
};
typedef struct vcpu_guest_context vcpu_guest_context_t;

/*
 * Written by the guest, read by the toolstack: where the guest keeps its
 * frame list, needed to save or dump a PV guest.  nmi_reason is written by the
 * hypervisor (XEN_NMIREASON_*).
 */
struct arch_shared_info {
    unsigned long max_pfn;                /* entries in the list */
    xen_pfn_t pfn_to_mfn_frame_list_list; /* top of the 3-level tree; 0 not set, ~0 unusable */
    unsigned long nmi_reason;
    unsigned long p2m_cr3;        /* address space of p2m_vaddr; 0: linear list not set up */
    unsigned long p2m_vaddr;      /* linear list, one xen_pfn_t per pfn */
    unsigned long p2m_generation; /* raised before and after a change; odd while changing */
};
typedef struct arch_shared_info arch_shared_info_t;

/* xen_arch_domainconfig.emulation_flags: devices the hypervisor emulates for an HVM domain. */
#define _XEN_X86_EMU_LAPIC    0
#define XEN_X86_EMU_LAPIC     (1U << _XEN_X86_EMU_LAPIC)
#define _XEN_X86_EMU_HPET     1
#define XEN_X86_EMU_HPET      (1U << _XEN_X86_EMU_HPET)
#define _XEN_X86_EMU_PM       2
#define XEN_X86_EMU_PM        (1U << _XEN_X86_EMU_PM)
#define _XEN_X86_EMU_RTC      3
#define XEN_X86_EMU_RTC       (1U << _XEN_X86_EMU_RTC)
#define _XEN_X86_EMU_IOAPIC   4
#define XEN_X86_EMU_IOAPIC    (1U << _XEN_X86_EMU_IOAPIC)
#define _XEN_X86_EMU_PIC      5
#define XEN_X86_EMU_PIC       (1U << _XEN_X86_EMU_PIC)
#define _XEN_X86_EMU_VGA      6
#define XEN_X86_EMU_VGA       (1U << _XEN_X86_EMU_VGA)
#define _XEN_X86_EMU_IOMMU    7
#define XEN_X86_EMU_IOMMU     (1U << _XEN_X86_EMU_IOMMU)
#define _XEN_X86_EMU_PIT      8
#define XEN_X86_EMU_PIT       (1U << _XEN_X86_EMU_PIT)
#define _XEN_X86_EMU_USE_PIRQ 9
#define XEN_X86_EMU_USE_PIRQ  (1U << _XEN_X86_EMU_USE_PIRQ)
#define _XEN_X86_EMU_VPCI     10
#define XEN_X86_EMU_VPCI      (1U << _XEN_X86_EMU_VPCI)
#define XEN_X86_EMU_ALL       0x7ffU

/* xen_arch_domainconfig.misc_flags: unknown MSRs read as 0 instead of faulting. */
#define XEN_X86_MSR_RELAXED    (1U << 0)
#define XEN_X86_MISC_FLAGS_MAX XEN_X86_MSR_RELAXED

/* IN, XEN_DOMCTL_createdomain.  -EINVAL: an unknown bit or a set that does not go together. */
struct xen_arch_domainconfig {
    uint32_t emulation_flags; /* XEN_X86_EMU_*; a PV domain has PIT at most */
    uint32_t misc_flags;      /* XEN_X86_MSR_RELAXED */
};

/* A leaf without subleaves carries this in subleaf. */
#define XEN_CPUID_NO_SUBLEAF 0xffffffffU

/* IN/OUT: one CPUID leaf of a CPU policy, a to d as CPUID returns them. */
typedef struct xen_cpuid_leaf {
    uint32_t leaf;
    uint32_t subleaf;
    uint32_t a;
    uint32_t b;
    uint32_t c;
    uint32_t d;
} xen_cpuid_leaf_t;

/* IN/OUT: one MSR of a CPU policy or of a vCPU. */
typedef struct xen_msr_entry {
    uint32_t idx;
    uint32_t flags; /* must be 0 */
    uint64_t val;
} xen_msr_entry_t;

#endif /* !__ASSEMBLER__ */
#endif /* XEN_PUBLIC_ARCH_X86_XEN_H */
