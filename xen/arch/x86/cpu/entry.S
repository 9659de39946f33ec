/* SPDX-License-Identifier: MIT */
/*
 * entry.S - every way into the hypervisor after boot, and the way back.
 *
 * All entries build a struct cpu_user_regs on the stack. Coming from a guest, that is always the one
 * at the top of the CPU's stack (cpu_info.guest_regs), also for exceptions with a stack of their own:
 * those move their frame. Interrupts are off on entry. No entry touches FS, GS or the data segments.
 */
#include <asm/layout.h>

#define TRAP_UD 6
#define TRAP_SYSCALL 0x100
#define NR_HYPERCALLS 64
#define ENOSYS 38
#define HYPERCALL_IRET 23
#define EFLAGS_IF 0x200
#define PFEC_U 4
#define PFEC_RSV 8
#define HYPERVISOR_SLOTS_TOP_BITS 0x1ffff0 /* ffff8000... to ffff87ff..., shifted right by 43 */

/* A slot of guest_regs while RSP still points at its error_code. */
#define SLOT(field) (UREGS_##field - UREGS_error_code)

.macro SAVE_REGS
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %rax
    push %r8
    push %r9
    push %r10
    push %r11
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
.endm

.macro RESTORE_REGS
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rax
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
.endm

/* CLAC where SMAP is in use; a NOP of the same length until start-up patches it. */
.macro ASM_CLAC
900: .byte 0x0f, 0x1f, 0x00
    .pushsection .patch.smap, "a"
    .quad 900b, 0x00ca010f
    .popsection
.endm

.macro ASM_STAC
900: .byte 0x0f, 0x1f, 0x00
    .pushsection .patch.smap, "a"
    .quad 900b, 0x00cb010f
    .popsection
.endm

    .text

/*
 * SYSCALL from a guest. Each CPU's stub (desc.c) loaded RSP and pushed SS and the guest's RSP. A guest
 * kernel makes a hypercall; guest user code makes a system call that its kernel handles.
 */
    .balign 16
    .globl syscall_entry
syscall_entry:
    push %r11
    push $FLAT_USER_CS64
    push %rcx
    push $0
    movl $TRAP_SYSCALL, 4(%rsp)
    mov CPU_INFO_current - UREGS_error_code(%rsp), %rcx
    cmpb $0, VCPU_kernel_mode(%rcx)
    je fast_syscall
    cmp $HYPERCALL_IRET, %rax
    je fast_iret
syscall_slow:
    mov SLOT(rip)(%rsp), %rcx
    SAVE_REGS
    mov CPU_INFO_current(%rsp), %rbx
    cmpb $0, VCPU_kernel_mode(%rbx)
    je syscall_from_user
    sti
    incq VCPU_nr_hypercalls(%rbx)
    cmp $NR_HYPERCALLS, %rax
    jae 1f
    mov %r10, %rcx
    mov VCPU_hypercalls(%rbx), %r10
    mov (%r10, %rax, 8), %rax
    test %rax, %rax
    jz 1f
    call *%rax
    mov %rax, UREGS_rax(%rsp)

/* Guest registers are complete at RSP: do what waits, then go back to the guest. */
    .globl exit_to_guest
exit_to_guest:
    mov CPU_INFO_current(%rsp), %rbx
exit_to_guest_check:
    cli
    mov CPU_INFO_per_cpu_offset(%rsp), %rax
    lea per_cpu__softirq_pending(%rip), %rcx
    cmpq $0, (%rcx, %rax)
    jne 2f
    cmpl $0, VCPU_exit_flags(%rbx)
    jne 2f
    mov VCPU_info(%rbx), %rcx
    cmpb $0, (%rcx)
    je restore_guest
    cmpb $0, 1(%rcx)
    jne restore_guest
2:  mov %rsp, %rdi
    call pv_exit_work
    jmp restore_guest

1:  movq $-ENOSYS, UREGS_rax(%rsp)
    jmp exit_to_guest

syscall_from_user:
    mov %rsp, %rdi
    call pv_syscall_from_user
    jmp exit_to_guest_check

/*
 * The two most frequent ways through here, without saving registers and without C: a system call to
 * the guest's kernel, and the kernel's iret back. Interrupts stay off all the way, so that no
 * softirq can become pending here; another CPU that sends an event marks it first and interrupts us
 * then. Anything unusual goes the slow way, from the start. RCX: current vCPU. Each instruction
 * that touches guest memory has a row in the exception table.
 */
.macro GUEST_STORE reg, offset
901: mov \reg, \offset(%r11)
    .pushsection .extable, "a"
    .quad 901b, fast_syscall_fault
    .popsection
.endm

.macro FAULT_STORE reg, offset
901: mov \reg, \offset(%rdx)
    .pushsection .extable, "a"
    .quad 901b, page_fault_frame_fault
    .popsection
.endm

.macro GUEST_PUSH offset
901: push \offset(%r11)
    .pushsection .extable, "a"
    .quad 901b, fast_iret_fault
    .popsection
.endm

.macro GUEST_LOAD offset, reg
901: mov \offset(%r11), \reg
    .pushsection .extable, "a"
    .quad 901b, fast_iret_fault
    .popsection
.endm


/* Frame on the kernel's stack: rcx, r11, rip, cs (events not masked), rflags, rsp, ss. */
fast_syscall:
    mov VCPU_fast_syscall_sp(%rcx), %r11
    test %r11, %r11
    jz syscall_slow_r11
    push %rdx
    mov VCPU_info(%rcx), %rdx
    cmpb $0, 1(%rdx)
    jne 8f
    push %rax
    swapgs
    movb $1, VCPU_kernel_mode(%rcx)
    mov VCPU_kernel_cr3(%rcx), %rax
    mov %rax, VCPU_cr3(%rcx)
    mov %rax, %cr3
    ASM_STAC
    mov SLOT(rip) + 16(%rsp), %rax
    GUEST_STORE %rax, 0
    GUEST_STORE %rax, 16
    mov SLOT(rflags) + 16(%rsp), %rax
    GUEST_STORE %rax, 8
    GUEST_STORE %rax, 32
    mov SLOT(rsp) + 16(%rsp), %rax
    GUEST_STORE %rax, 40
    mov $FLAT_USER_CS64, %eax
    GUEST_STORE %rax, 24
    mov $FLAT_USER_SS, %eax
    GUEST_STORE %rax, 48
    ASM_CLAC
    movb $1, 1(%rdx)
    mov VCPU_syscall_rip(%rcx), %rcx
    pop %rax
    pop %rdx
    mov %r11, %rsp
    mov $EFLAGS_IF | 2, %r11d
    sysretq
8:  pop %rdx
syscall_slow_r11:
    mov SLOT(rflags)(%rsp), %r11
    jmp syscall_slow

/*
 * Page fault of guest user code in its own half: straight to the guest kernel's handler, with the
 * frame rcx, r11, error code, rip, cs (events not masked), rflags, rsp, ss. RSP: error code slot.
 */
page_fault_entry:
    ASM_CLAC
    testb $3, SLOT(cs)(%rsp)
    jz common_entry
    push %rax
    push %rcx
    push %rdx
    push %rbx
    mov CPU_INFO_current - UREGS_error_code + 32(%rsp), %rcx
    cmpb $0, VCPU_kernel_mode(%rcx)
    jne page_fault_slow
    mov VCPU_fast_fault_sp(%rcx), %rdx
    test %rdx, %rdx
    jz page_fault_slow
    mov 32(%rsp), %eax          /* error code: user, no reserved bit */
    and $(PFEC_U | PFEC_RSV), %eax
    cmp $PFEC_U, %eax
    jne page_fault_slow
    mov %cr2, %rax
    test %rax, %rax
    js page_fault_slow
    mov VCPU_info(%rcx), %rbx
    cmpb $0, 1(%rbx)
    jne page_fault_slow
    mov %rax, VCPU_INFO_cr2(%rbx)
    swapgs
    movb $1, VCPU_kernel_mode(%rcx)
    mov VCPU_kernel_cr3(%rcx), %rax
    mov %rax, VCPU_cr3(%rcx)
    mov %rax, %cr3
    ASM_STAC
    mov 16(%rsp), %rax          /* rcx */
    FAULT_STORE %rax, 0
    FAULT_STORE %r11, 8
    mov 32(%rsp), %eax
    FAULT_STORE %rax, 16
    mov SLOT(rip) + 32(%rsp), %rax
    FAULT_STORE %rax, 24
    movzwl SLOT(cs) + 32(%rsp), %eax
    FAULT_STORE %rax, 32
    mov SLOT(rflags) + 32(%rsp), %rax
    FAULT_STORE %rax, 40
    mov SLOT(rsp) + 32(%rsp), %rax
    FAULT_STORE %rax, 48
    movzwl SLOT(ss) + 32(%rsp), %eax
    FAULT_STORE %rax, 56
    ASM_CLAC
    movb $1, 1(%rbx)
    mov VCPU_fast_fault_rip(%rcx), %rcx
    mov %rdx, %r11
    pop %rbx
    pop %rdx
    mov 8(%rsp), %rax
    mov %r11, %rsp
    mov $EFLAGS_IF | 2, %r11d
    sysretq

page_fault_slow:
    pop %rbx
    pop %rdx
    pop %rcx
    pop %rax
    jmp common_entry

/* As fast_syscall_fault. */
page_fault_frame_fault:
    ASM_CLAC
    pop %rbx
    pop %rdx
    pop %rcx
    pop %rax
    SAVE_REGS
    mov %rsp, %rdi
    call pv_syscall_frame_fault
    jmp exit_to_guest

/* The kernel's stack cannot be written: the domain ends, from its kernel mode, unless it is logged. */
fast_syscall_fault:
    ASM_CLAC
    pop %rax
    pop %rdx
    mov SLOT(rip)(%rsp), %rcx
    mov SLOT(rflags)(%rsp), %r11
    SAVE_REGS
    mov %rsp, %rdi
    call pv_syscall_frame_fault
    jmp exit_to_guest

/* Frame on the kernel's stack: rax, r11, rcx, flags, rip, cs, rflags, rsp, ss; RAX, R11 are free. */
fast_iret:
    mov SLOT(rsp)(%rsp), %r11
    mov %r11, %rax
    shr $43, %rax
    cmp $HYPERVISOR_SLOTS_TOP_BITS, %eax
    je fast_iret_slow
    cmpl $0, VCPU_exit_flags(%rcx)
    jne fast_iret_slow
    cmpq $-1, VCPU_user_l4(%rcx)
    je fast_iret_slow
    ASM_STAC
    GUEST_PUSH 0x40             /* ss */
    GUEST_PUSH 0x38             /* rsp */
    GUEST_PUSH 0x30             /* rflags */
    GUEST_PUSH 0x28             /* cs */
    GUEST_PUSH 0x20             /* rip */
    GUEST_PUSH 0x10             /* rcx */
    GUEST_LOAD 0x18, %rax       /* flags: not in_syscall, which keeps rcx and r11 */
    test %rax, %rax
    jnz fast_iret_fault
    GUEST_PUSH 0x08             /* r11 */
    GUEST_PUSH 0x00             /* rax */
    ASM_CLAC
    mov 32(%rsp), %eax          /* cs */
    and $3, %eax
    cmp $3, %eax
    jne fast_iret_slow
    testl $EFLAGS_IF, 40(%rsp)
    jz fast_iret_slow
    mov VCPU_info(%rcx), %rax
    cmpb $0, (%rax)
    jne fast_iret_slow
    movb $0, 1(%rax)
    andl $~0x23000, 40(%rsp)    /* VM, IOPL */
    orl $2, 40(%rsp)
    orl $3, 56(%rsp)            /* ss */
    swapgs
    movb $0, VCPU_kernel_mode(%rcx)
    mov VCPU_user_cr3(%rcx), %rax
    mov %rax, VCPU_cr3(%rcx)
    mov %rax, %cr3
    pop %rax
    pop %r11
    pop %rcx
    .globl fast_guest_iret
fast_guest_iret:
    iretq

fast_iret_fault:
    ASM_CLAC
fast_iret_slow:
    mov %rsp, %r11
    or $(STACK_SIZE - 1), %r11
    lea 1 - CPU_INFO_SIZE + UREGS_error_code(%r11), %rsp
    mov $HYPERCALL_IRET, %eax
    jmp syscall_slow_r11

    .globl restore_guest
restore_guest:
    cmpl $TRAP_SYSCALL, UREGS_entry_vector(%rsp)
    jne restore_by_iret
    /* SYSRET to an address that is not canonical would fault here, with the guest's stack. */
    mov UREGS_rip(%rsp), %rcx
    mov %rcx, %rax
    shl $16, %rax
    sar $16, %rax
    cmp %rcx, %rax
    jne restore_by_iret
restore_by_sysret:
    RESTORE_REGS
    mov 8(%rsp), %rcx           /* rip */
    mov 24(%rsp), %r11          /* rflags */
    mov 32(%rsp), %rsp
    sysretq

restore_by_iret:
    RESTORE_REGS
    add $8, %rsp
    .globl guest_iret
guest_iret:
    iretq

/* Back to interrupted hypervisor code. */
restore_self:
    RESTORE_REGS
    add $8, %rsp
    iretq

common_entry:
    ASM_CLAC
    cld
    SAVE_REGS
    testb $3, UREGS_cs(%rsp)
    mov %rsp, %rdi
    jnz 1f
    call trap_dispatch
    jmp restore_self
1:  call trap_dispatch
    mov CPU_INFO_current(%rsp), %rbx
    jmp exit_to_guest_check

/* SYSCALL from 32-bit code, which only AMD lets through: the guest gets #UD at the instruction. */
    .globl syscall_compat_entry
syscall_compat_entry:
    push %r11
    push $FLAT_USER_CS32
    push %rcx
    subl $2, (%rsp)
    push $0
    movl $TRAP_UD, 4(%rsp)
    jmp common_entry

/* Entries with a stack of their own: from a guest, move the frame to the main stack. */
ist_entry:
    testb $3, 16(%rsp)          /* error/vector, rip, cs */
    jz common_entry
    push %rax
    push %rcx
    mov %rsp, %rcx
    or $(STACK_SIZE - 1), %rcx
    sub $(CPU_INFO_SIZE - 1 - UREGS_es), %rcx  /* &guest_regs.es */
    mov 56(%rsp), %rax
    mov %rax, -8(%rcx)          /* ss */
    mov 48(%rsp), %rax
    mov %rax, -16(%rcx)         /* rsp */
    mov 40(%rsp), %rax
    mov %rax, -24(%rcx)         /* rflags */
    mov 32(%rsp), %rax
    mov %rax, -32(%rcx)         /* cs */
    mov 24(%rsp), %rax
    mov %rax, -40(%rcx)         /* rip */
    mov 16(%rsp), %rax
    mov %rax, -48(%rcx)         /* error code, vector */
    mov 8(%rsp), %rax
    mov %rax, -56(%rcx)         /* rax */
    mov (%rsp), %rax
    mov %rax, -64(%rcx)         /* rcx */
    lea -64(%rcx), %rsp
    pop %rcx
    pop %rax
    jmp common_entry

/* One stub a vector; the table of their addresses fills the IDT. */
    .altmacro
    .macro STUB nr
    .balign 16
9:
    .if (\nr == 8) || (\nr >= 10 && \nr <= 14) || (\nr == 17) || (\nr == 21)
    .else
    push $0
    .endif
    movl $\nr, 4(%rsp)
    .if (\nr == 1) || (\nr == 2) || (\nr == 8) || (\nr == 18)
    jmp ist_entry
    .elseif \nr == 14
    jmp page_fault_entry
    .else
    jmp common_entry
    .endif
    .pushsection .rodata
    .quad 9b
    .popsection
    .endm

    .pushsection .rodata
    .balign 8
    .globl trap_stubs
trap_stubs:
    .popsection
    .set vec, 0
    .rept 256
    STUB %vec
    .set vec, vec + 1
    .endr

/* Space for each CPU's SYSCALL stubs, for 64-bit and 32-bit code, written by desc.c. */
    .balign 64
    .globl syscall_stubs
syscall_stubs:
    .skip 2 * 128 * 64, 0xcc

/*
 * Copy between us and a guest; a fault ends it.
 * size_t guest_copy(void *dst, const void *src, size_t len): bytes not copied.
 */
    .balign 16
    .globl guest_copy
guest_copy:
    ASM_STAC
    mov %rdx, %rax
    and $7, %eax                /* bytes after the last word */
    xor %eax, %edx              /* EDX and EAX keep the parts; lengths fit 32 bits */
    cmp $256, %edx
    jae 4f
    add %rdx, %rsi
    add %rdx, %rdi
    mov %rdx, %rcx
    neg %rcx
    jz 2f
1:
10: mov (%rsi, %rcx), %rdx
11: mov %rdx, (%rdi, %rcx)
    add $8, %rcx
    jnz 1b
2:  mov %eax, %ecx
    jecxz 3f
12: rep movsb
3:  ASM_CLAC
    mov %rcx, %rax
    ret
4:  mov %edx, %ecx
    shr $3, %ecx
13: rep movsq
    jmp 2b
/* Faults: what the word loop and rep movsq had left, plus the tail. */
5:  neg %rcx
    add %rax, %rcx
    jmp 3b
6:  lea (%rax, %rcx, 8), %rcx
    jmp 3b
    .pushsection .extable, "a"
    .quad 10b, 5b
    .quad 11b, 5b
    .quad 12b, 3b
    .quad 13b, 6b
    .popsection

/* size_t guest_clear(void *dst, size_t len): bytes not cleared. */
    .balign 16
    .globl guest_clear
guest_clear:
    mov %rsi, %rcx
    ASM_STAC
    xor %eax, %eax
15: rep stosb
16: ASM_CLAC
    mov %rcx, %rax
    ret
    .pushsection .extable, "a"
    .quad 15b, 16b
    .popsection

/* int msr_access(u32 msr, u64 *val, bool write): 0 or -1 after #GP. */
    .balign 16
    .globl msr_access
msr_access:
    mov %edi, %ecx
    test %dl, %dl
    jnz 5f
19: rdmsr
    mov %eax, (%rsi)
    mov %edx, 4(%rsi)
    xor %eax, %eax
    ret
5:  mov (%rsi), %eax
    mov 4(%rsi), %edx
20: wrmsr
    xor %eax, %eax
    ret
6:  mov $-1, %eax
    ret
    .pushsection .extable, "a"
    .quad 19b, 6b
    .quad 20b, 6b
    .popsection

    .section .note.GNU-stack, "", @progbits
