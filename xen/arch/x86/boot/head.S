/* SPDX-License-Identifier: MIT */
/*
 * head.S - multiboot headers and the way from 32-bit protected mode to C.
 *
 * Multiboot 1 and 2 enter at boot_entry with a magic number in EAX and the information block's
 * address in EBX, paging off. The early page tables map the first 4 GiB one to one, the same at the
 * direct map, and the first GiB at the image's address. start_xen(magic, info) never returns.
 */
#include <asm/layout.h>

#define PHYS(x) ((x) - IMAGE_VIRT_BASE)
#define MB1_MAGIC 0x1badb002
#define MB1_FLAGS 0x10003        /* align modules, memory info, addresses below are valid */
#define MB2_MAGIC 0xe85250d6

    .section .boot.header, "ax", @progbits
    .balign 8
    .globl mb1_header
mb1_header:
    .long MB1_MAGIC
    .long MB1_FLAGS
    .long -(MB1_MAGIC + MB1_FLAGS)
    .long __mb_header_paddr
    .long __mb_load_paddr
    .long __mb_load_end_paddr
    .long __mb_bss_end_paddr
    .long boot_entry_phys

    .balign 8
mb2_header:
    .long MB2_MAGIC
    .long 0
    .long mb2_header_end - mb2_header
    .long -(MB2_MAGIC + (mb2_header_end - mb2_header))
    /* Addresses: the file is copied flat. */
    .short 2, 0
    .long 24
    .long PHYS(mb2_header)
    .long __mb_load_paddr
    .long __mb_load_end_paddr
    .long __mb_bss_end_paddr
    /* Entry address. */
    .short 3, 0
    .long 12
    .long boot_entry_phys
    .balign 8
    /* Wanted information: memory map (6), basic memory (4, optional). */
    .short 1, 0
    .long 16
    .long 6, 4
    /* Modules on page boundaries. */
    .short 6, 0
    .long 8
    /* Console: EGA text is supported. */
    .short 4, 1
    .long 12
    .long 3
    .balign 8
    .short 0, 0
    .long 8
mb2_header_end:

    .code32
    .globl boot_entry
boot_entry:
    cli
    cld
    mov $PHYS(boot_stack_top), %esp
    mov %eax, %ebp
    mov %ebx, %esi

    /* Long mode and NX are what we cannot do without. */
    mov $0x80000000, %eax
    cpuid
    cmp $0x80000001, %eax
    jb no_long_mode
    mov $0x80000001, %eax
    cpuid
    bt $29, %edx
    jnc no_long_mode
    bt $20, %edx
    jnc no_nx

    /* 4 GiB of 2 MiB pages. */
    mov $PHYS(boot_l2), %edi
    mov $0x83, %eax
    xor %edx, %edx
1:  mov %eax, (%edi)
    mov %edx, 4(%edi)
    add $8, %edi
    add $0x200000, %eax
    jnc 1b
    /* Four L2 tables under one L3. */
    mov $PHYS(boot_l2) + 3, %eax
    mov $PHYS(boot_l3_low), %edi
    mov $4, %ecx
1:  mov %eax, (%edi)
    add $8, %edi
    add $0x1000, %eax
    loop 1b
    movl $PHYS(boot_l2) + 3, PHYS(boot_l3_image) + 8
    movl $PHYS(boot_l3_low) + 3, PHYS(boot_l4)
    movl $PHYS(boot_l3_low) + 3, PHYS(boot_l4) + 262 * 8
    movl $PHYS(boot_l3_image) + 3, PHYS(boot_l4) + 260 * 8

    mov $PHYS(boot_l4), %eax
    call enter_long_mode_32
    lgdt PHYS(boot_gdtr)
    ljmp $8, $PHYS(boot_entry_64)

/* eax: L4 to use. Sets PAE, EFER, paging; the caller then loads a 64-bit code segment. */
enter_long_mode_32:
    mov %eax, %cr3
    mov %cr4, %eax
    or $0x20, %eax
    mov %eax, %cr4
    mov $0xc0000080, %ecx
    rdmsr
    or $0x901, %eax          /* SCE, LME, NXE */
    wrmsr
    mov $0x80050033, %eax    /* PG AM WP NE ET MP PE */
    mov %eax, %cr0
    ret

no_long_mode:
    mov $PHYS(msg_no_long_mode), %esi
    jmp boot_die
no_nx:
    mov $PHYS(msg_no_nx), %esi

/* Prints the message at ESI to COM1 and the VGA text screen, and stops. */
boot_die:
    mov $0xb8000, %edi
1:  lodsb
    test %al, %al
    jz 3f
    mov %al, (%edi)
    movb $0x4f, 1(%edi)
    add $2, %edi
    mov %al, %bl
    mov $0x3fd, %dx
    mov $0x10000, %ecx
2:  in %dx, %al
    test $0x20, %al
    loopz 2b
    mov $0x3f8, %dx
    mov %bl, %al
    out %al, %dx
    jmp 1b
3:  hlt
    jmp 3b

msg_no_long_mode:
    .asciz "\r\nXenolith cannot start: this CPU has no 64-bit mode. Use a 64-bit CPU (QEMU: qemu-system-x86_64 -cpu qemu64).\r\n"
msg_no_nx:
    .asciz "\r\nXenolith cannot start: this CPU has no NX (execute disable) bit, or firmware turned it off. Enable it in the firmware set-up.\r\n"

    .code64
boot_entry_64:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    movabs $1f, %rax
    jmp *%rax
1:  lea boot_stack_top(%rip), %rsp
    sub $CPU_INFO_SIZE, %rsp
    xor %r8d, %r8d
    mov %ebp, %edi
    mov %esi, %esi
    xor %ebp, %ebp
    call start_xen
    ud2

/*
 * Start of an application processor, in real mode at a page below 1 MiB. The boot CPU copies
 * [ap_trampoline, ap_trampoline_end) there and fills the ap_* words. Addresses are worked out from
 * CS because the page is chosen at run time.
 */
    .balign 16
    .code16
    .globl ap_trampoline
ap_trampoline:
    cli
    mov %cs, %ax
    mov %ax, %ds
    movzwl %ax, %ebx
    shl $4, %ebx
    lea (ap_gdt - ap_trampoline)(%ebx), %eax
    mov %eax, (ap_gdtr - ap_trampoline + 2)
    lea (ap_entry_32 - ap_trampoline)(%ebx), %eax
    mov %eax, (ap_far - ap_trampoline)
    lgdtl (ap_gdtr - ap_trampoline)
    mov $0x11, %eax
    mov %eax, %cr0
    ljmpl *(ap_far - ap_trampoline)

    .code32
ap_entry_32:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %ss
    mov (ap_cr3 - ap_trampoline)(%ebx), %eax
    mov %eax, %cr3
    mov $0x20, %eax
    mov %eax, %cr4
    mov $0xc0000080, %ecx
    rdmsr
    or $0x901, %eax
    wrmsr
    mov $0x80050033, %eax
    mov %eax, %cr0
    lea (ap_entry_64 - ap_trampoline)(%ebx), %eax
    mov %eax, (ap_far - ap_trampoline)(%ebx)
    movw $8, (ap_far - ap_trampoline + 4)(%ebx)
    ljmpl *(ap_far - ap_trampoline)(%ebx)

    .code64
ap_entry_64:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    mov ap_stack(%rip), %rsp
    xor %ebp, %ebp
    mov ap_start(%rip), %rax
    call *%rax
    ud2

    .balign 8
ap_gdt:
    .quad 0
    .quad 0x00af9a000000ffff  /* 64-bit code */
    .quad 0x00cf92000000ffff  /* data */
    .quad 0x00cf9a000000ffff  /* 32-bit code */
ap_gdtr:
    .short ap_gdtr - ap_gdt - 1
    .long 0
    .short 0
ap_far:
    .long 0
    .short 24
    .balign 8
    .globl ap_cr3, ap_stack, ap_start
ap_cr3:
    .quad 0
ap_stack:
    .quad 0
ap_start:
    .quad 0
    .globl ap_trampoline_end
ap_trampoline_end:

    .section .rodata
    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9a000000ffff
    .quad 0x00cf92000000ffff
boot_gdt_end:
boot_gdtr:
    .short boot_gdt_end - boot_gdt - 1
    .long PHYS(boot_gdt)

    .section .bss.page_aligned, "aw", @nobits
    .balign PAGE_SIZE
    .globl boot_l4
boot_l4:
    .skip PAGE_SIZE
boot_l3_low:
    .skip PAGE_SIZE
boot_l3_image:
    .skip PAGE_SIZE
boot_l2:
    .skip 4 * PAGE_SIZE

    .section .note.GNU-stack, "", @progbits
