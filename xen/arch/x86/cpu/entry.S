/* SPDX-License-Identifier: MIT */
/*
 * entry.S - every way into the hypervisor after boot, and the way back.
 *
 * All entries build a struct cpu_user_regs on the stack. Coming from a guest, that is always the one
 * at the top of the CPU's stack (cpu_info.guest_regs), also for exceptions with a stack of their own:
 * those move their frame. Interrupts are off on entry. No entry touches FS, GS or the data segments.
 */
#include <asm/layout.h>

#define TRAP_SYSCALL 0x100
#define NR_HYPERCALLS 64
#define ENOSYS 38

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
    SAVE_REGS
    mov CPU_INFO_current(%rsp), %rbx
    cmpb $0, VCPU_kernel_mode(%rbx)
    je syscall_from_user
    sti
    incq VCPU_nr_hypercalls(%rbx)
    cmp $NR_HYPERCALLS, %rax
    jae 1f
    mov %r10, %rcx
    lea hypercall_table(%rip), %r10
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
    cmpw $0, VCPU_pending_exception(%rbx)
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

    .globl restore_guest
restore_guest:
    cmpl $TRAP_SYSCALL, UREGS_entry_vector(%rsp)
    jne restore_by_iret
    mov UREGS_rip(%rsp), %rcx
    mov %rcx, %rax
    sar $47, %rax
    jnz restore_by_iret         /* kernel half or not canonical: IRET copes with both */
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

/* Entries with a stack of their own: from a guest, move the frame to the main stack. */
ist_entry:
    testb $3, 24(%rsp)          /* error/vector, rip, cs */
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

/* Space for each CPU's SYSCALL stub, written by desc.c before the text becomes read-only. */
    .balign 64
    .globl syscall_stubs
syscall_stubs:
    .skip 128 * 64, 0xcc

/*
 * Copy between us and a guest; a fault ends it.
 * size_t guest_copy(void *dst, const void *src, size_t len): bytes not copied.
 */
    .balign 16
    .globl guest_copy
guest_copy:
    mov %rdx, %rcx
900: .byte 0x0f, 0x1f, 0x00     /* STAC */
    .pushsection .patch.smap, "a"
    .quad 900b, 0x00cb010f
    .popsection
    cmp $64, %rcx
    jae 3f
    /* Short copies are the common case: words, then bytes. */
1:  cmp $8, %rcx
    jb 2f
10: mov (%rsi), %rax
11: mov %rax, (%rdi)
    add $8, %rsi
    add $8, %rdi
    sub $8, %rcx
    jmp 1b
2:  test %rcx, %rcx
    jz 4f
12: mov (%rsi), %al
13: mov %al, (%rdi)
    inc %rsi
    inc %rdi
    dec %rcx
    jmp 2b
3:
14: rep movsb
4:  ASM_CLAC
    mov %rcx, %rax
    ret
    .pushsection .extable, "a"
    .quad 10b, 4b
    .quad 11b, 4b
    .quad 12b, 4b
    .quad 13b, 4b
    .quad 14b, 4b
    .popsection

/* size_t guest_clear(void *dst, size_t len): bytes not cleared. */
    .balign 16
    .globl guest_clear
guest_clear:
    mov %rsi, %rcx
900: .byte 0x0f, 0x1f, 0x00
    .pushsection .patch.smap, "a"
    .quad 900b, 0x00cb010f
    .popsection
    xor %eax, %eax
15: rep stosb
16: ASM_CLAC
    mov %rcx, %rax
    ret
    .pushsection .extable, "a"
    .quad 15b, 16b
    .popsection

/*
 * bool guest_cmpxchg8(u64 *ptr, u64 *old, u64 new): atomic on guest memory; *old gets what was there.
 * False after a fault.
 */
    .balign 16
    .globl guest_cmpxchg8
guest_cmpxchg8:
900: .byte 0x0f, 0x1f, 0x00
    .pushsection .patch.smap, "a"
    .quad 900b, 0x00cb010f
    .popsection
    mov (%rsi), %rax
17: lock cmpxchg %rdx, (%rdi)
    mov %rax, (%rsi)
    ASM_CLAC
    mov $1, %eax
    ret
18: ASM_CLAC
    xor %eax, %eax
    ret
    .pushsection .extable, "a"
    .quad 17b, 18b
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
