/* SPDX-License-Identifier: MIT */
/*
 * Entries from the hypervisor: one stub for each trap vector, the event,
 * failsafe and syscall callbacks, and the return by the iret hypercall.
 *
 * The hypervisor pushes rcx and r11 below the hardware-like frame.  Every stub
 * makes the same struct trap_frame (guest.h) from it and calls trap_dispatch().
 */
    .text

    .macro stub vector, has_code
    .balign 16
    popq %rcx
    popq %r11
    .if \has_code == 0
    pushq $0
    .endif
    pushq $\vector
    jmp trap_common
    .endm

    .balign 16
    .globl trap_stubs
trap_stubs:
    .set v, 0
    .rept 256
    .if (v == 8) || ((v >= 10) && (v <= 14)) || (v == 17) || (v == 21)
    stub v, 1
    .else
    stub v, 0
    .endif
    .set v, v + 1
    .endr

    .globl event_entry, syscall_entry, failsafe_entry
event_entry:
    stub 256, 0
syscall_entry:
    stub 257, 0
/* The selectors that could not be loaded lie between r11 and rip: drop them. */
failsafe_entry:
    popq %rcx
    popq %r11
    addq $32, %rsp
    pushq $0
    pushq $258
trap_common:
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rax
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    cld
    movq %rsp, %rdi
    movq %rsp, %rbp
    andq $-16, %rsp
    call trap_dispatch
    movq %rbp, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rax
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    addq $16, %rsp
    pushq $0
    pushq %rcx
    pushq %r11
    pushq %rax
    movl $23, %eax
    syscall
    ud2

/*
 * int catch_call(fn, arg, ret_save): call fn(arg).  Returns -1 after a normal
 * return; trap_dispatch() resumes at catch_landing with rsp = *ret_save and
 * the vector in rax after a trap.
 */
    .globl catch_call, catch_landing
catch_call:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    movq %rsp, (%rdx)
    movq %rdi, %rax
    movq %rsi, %rdi
    call *%rax
    movl $-1, %eax
catch_landing:
    cld
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret

/* enter_frame(frame): the iret hypercall on a given struct iret_frame. */
    .globl enter_frame
enter_frame:
    movq %rdi, %rsp
    movl $23, %eax
    syscall
    ud2

/* Start of a second vCPU, its stack already loaded; rdi holds the function. */
    .globl secondary_entry
secondary_entry:
    cld
    xorl %ebp, %ebp
    call *%rdi
1:  ud2
    jmp 1b
    .section .note.GNU-stack, "", @progbits
