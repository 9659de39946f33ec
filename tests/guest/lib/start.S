/* SPDX-License-Identifier: MIT */
/*
 * First instructions of a test kernel and its ELF notes.  The domain builder
 * enters with rsi at start_info and .bss cleared.
 */
#include <public/elfnote.h>

    .macro note type, kind:req, value:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  \kind \value
2:  .balign 4
    .popsection
    .endm

    note XEN_ELFNOTE_GUEST_OS, .asciz, "xenolith-test"
    note XEN_ELFNOTE_GUEST_VERSION, .asciz, "1"
    note XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
    note XEN_ELFNOTE_LOADER, .asciz, "generic"
    note XEN_ELFNOTE_ENTRY, .quad, start
    note XEN_ELFNOTE_VIRT_BASE, .quad, VIRT_BASE
    note XEN_ELFNOTE_PADDR_OFFSET, .quad, 0
    note XEN_ELFNOTE_INIT_P2M, .quad, 0x8000000000
    note XEN_ELFNOTE_MOD_START_PFN, .long, 1
    note XEN_ELFNOTE_FEATURES, .asciz, "!writable_page_tables"
    note XEN_ELFNOTE_SUPPORTED_FEATURES, .long, 0x8801

    .text
    .globl start
start:
    cld
    leaq boot_stack_end(%rip), %rsp
    movq %rsi, %rdi
    xorl %ebp, %ebp
    call guest_main
1:  ud2
    jmp 1b

    .bss
    .balign 4096
    .globl boot_stack_end
boot_stack:
    .skip 32768
boot_stack_end:
    .section .note.GNU-stack, "", @progbits
