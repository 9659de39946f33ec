/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: 64-bit x86 register frames, flat segments and address layout.
 *
 * Hypercall convention: number in rax, arguments in rdi, rsi, rdx, r10, r8, r9,
 * result in rax.  A guest reaches a call by calling its hypercall page at
 * offset number * 32; the argument registers may be destroyed.
 */
#ifndef XEN_PUBLIC_ARCH_X86_XEN_X86_64_H
#define XEN_PUBLIC_ARCH_X86_XEN_X86_64_H

/* Flat selectors that every guest GDT contains in its reserved last pages. */
#define FLAT_RING3_CS32 0xe023
#define FLAT_RING3_CS64 0xe033
#define FLAT_RING3_DS32 0xe02b
#define FLAT_RING3_DS64 0x0000 /* the null selector is fine for data in long mode */
#define FLAT_RING3_SS32 0xe02b
#define FLAT_RING3_SS64 0xe02b

/* A 64-bit PV kernel runs in ring 3 too, so kernel and user share selectors. */
#define FLAT_KERNEL_DS64 FLAT_RING3_DS64
#define FLAT_KERNEL_DS32 FLAT_RING3_DS32
#define FLAT_KERNEL_DS   FLAT_KERNEL_DS64
#define FLAT_KERNEL_CS64 FLAT_RING3_CS64
#define FLAT_KERNEL_CS32 FLAT_RING3_CS32
#define FLAT_KERNEL_CS   FLAT_KERNEL_CS64
#define FLAT_KERNEL_SS64 FLAT_RING3_SS64
#define FLAT_KERNEL_SS32 FLAT_RING3_SS32
#define FLAT_KERNEL_SS   FLAT_KERNEL_SS64

#define FLAT_USER_DS64 FLAT_RING3_DS64
#define FLAT_USER_DS32 FLAT_RING3_DS32
#define FLAT_USER_DS   FLAT_USER_DS64
#define FLAT_USER_CS64 FLAT_RING3_CS64
#define FLAT_USER_CS32 FLAT_RING3_CS32
#define FLAT_USER_CS   FLAT_USER_CS64
#define FLAT_USER_SS64 FLAT_RING3_SS64
#define FLAT_USER_SS32 FLAT_RING3_SS32
#define FLAT_USER_SS   FLAT_USER_SS64

/* Linear range a PV guest must leave alone; it starts with the read-only M2P table. */
#define __HYPERVISOR_VIRT_START 0xFFFF800000000000
#define __HYPERVISOR_VIRT_END   0xFFFF880000000000
#define __MACH2PHYS_VIRT_START  0xFFFF800000000000
#define __MACH2PHYS_VIRT_END    0xFFFF804000000000

#ifndef HYPERVISOR_VIRT_START
#define HYPERVISOR_VIRT_START 0xFFFF800000000000UL
#define HYPERVISOR_VIRT_END   0xFFFF880000000000UL
#endif
#define MACH2PHYS_VIRT_START 0xFFFF800000000000UL
#define MACH2PHYS_VIRT_END   0xFFFF804000000000UL
/* One 8-byte entry per machine frame. */
#define MACH2PHYS_NR_ENTRIES ((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) / 8)
#ifndef machine_to_phys_mapping
#define machine_to_phys_mapping ((unsigned long *)MACH2PHYS_VIRT_START)
#endif

/*
 * set_segment_base(which, base).  base is a canonical 64-bit address, except
 * that GS_USER_SEL takes a selector in bits 15:0.  -EINVAL: unknown which or
 * a non-canonical address.
 */
#define SEGBASE_FS          0
#define SEGBASE_GS_USER     1
#define SEGBASE_GS_KERNEL   2 /* becomes active on the next return to user mode */
#define SEGBASE_GS_USER_SEL 3

/* iret_context.flags: return with SYSRET, which loses rcx, r11, cs and ss. */
#define _VGCF_in_syscall 8
#define VGCF_in_syscall  (1 << _VGCF_in_syscall)
#define VGCF_IN_SYSCALL  VGCF_in_syscall

#ifndef __ASSEMBLER__
#include <stdint.h>

/*
 * IN, __HYPERVISOR_iret: the frame at the guest's stack pointer.  Does not
 * return on success.  The low two bits of cs choose the mode: 3 is user mode,
 * anything else the guest kernel.  A frame that cannot be read or loaded ends
 * the domain.
 */
struct iret_context {
    uint64_t rax;
    uint64_t r11;
    uint64_t rcx;
    uint64_t flags; /* VGCF_in_syscall or 0 */
    uint64_t rip;
    uint64_t cs;
    uint64_t rflags;
    uint64_t rsp;
    uint64_t ss;
};

/*
 * IN/OUT: general registers of one vCPU, also the order in which an entry to
 * the hypervisor saves them.  error_code and entry_vector are private to the
 * hypervisor and ignored on input.
 */
struct cpu_user_regs {
    uint64_t r15;
    uint64_t r14;
    uint64_t r13;
    uint64_t r12;
    uint64_t rbp;
    uint64_t rbx;
    uint64_t r11;
    uint64_t r10;
    uint64_t r9;
    uint64_t r8;
    uint64_t rax;
    uint64_t rcx;
    uint64_t rdx;
    uint64_t rsi;
    uint64_t rdi;
    uint32_t error_code;
    uint32_t entry_vector;
    uint64_t rip;
    uint16_t cs;
    uint16_t _pad0[1];
    uint8_t saved_upcall_mask; /* event mask at the time of the trap: inverse of rflags.IF */
    uint8_t _pad1[3];
    uint64_t rflags;
    uint64_t rsp;
    uint16_t ss;
    uint16_t _pad2[3];
    uint16_t es;
    uint16_t _pad3[3];
    uint16_t ds;
    uint16_t _pad4[3];
    uint16_t fs;
    uint16_t _pad5[3];
    uint16_t gs;
    uint16_t _pad6[3];
};
typedef struct cpu_user_regs cpu_user_regs_t;

/* Frame number to and from the address bits of cr3; flag bits are lost. */
#define xen_pfn_to_cr3(pfn) (((unsigned long)(pfn)) << 12)
#define xen_cr3_to_pfn(cr3) (((unsigned long)(cr3)) >> 12)

/* OUT, part of struct vcpu_info: a PV guest reads the faulting address here. */
struct arch_vcpu_info {
    unsigned long cr2; /* linear address of the last page fault delivered */
    unsigned long pad;
};
typedef struct arch_vcpu_info arch_vcpu_info_t;

/* Linear address of a guest entry point. */
typedef unsigned long xen_callback_t;

#endif /* !__ASSEMBLER__ */
#endif /* XEN_PUBLIC_ARCH_X86_XEN_X86_64_H */
