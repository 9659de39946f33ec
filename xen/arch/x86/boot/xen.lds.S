/* SPDX-License-Identifier: MIT */
/*
 * Linker script of the hypervisor. One flat segment: boot loaders copy the file as it is (the
 * multiboot headers carry its addresses); start-up code applies the rights of each section.
 */
#include <asm/layout.h>

OUTPUT_FORMAT("elf64-x86-64")
OUTPUT_ARCH(i386:x86-64)
ENTRY(boot_entry_phys)

PHDRS
{
    text PT_LOAD FLAGS(7);
    note PT_NOTE FLAGS(4);
}

SECTIONS
{
    . = IMAGE_VIRT_BASE + IMAGE_LOAD_PADDR;
    __image_start = .;

    .text : AT(ADDR(.text) - IMAGE_VIRT_BASE)
    {
        __text_start = .;
        *(.boot.header)
        *(.text .text.*)
        . = ALIGN(PAGE_SIZE);
        __text_end = .;
    } :text =0xcccccccc

    .rodata : AT(ADDR(.rodata) - IMAGE_VIRT_BASE)
    {
        __rodata_start = .;
        *(.rodata .rodata.*)
        . = ALIGN(8);
        __extable_start = .;
        KEEP(*(.extable))
        __extable_end = .;
        __patch_smap_start = .;
        KEEP(*(.patch.smap))
        __patch_smap_end = .;
        . = ALIGN(64); /* no padding between the table's start and its first entry */
        __params_start = .;
        KEEP(*(.params))
        __params_end = .;
        *(.data.rel.ro .data.rel.ro.*)
    } :text

    .note.gnu.build-id : AT(ADDR(.note.gnu.build-id) - IMAGE_VIRT_BASE)
    {
        __note_gnu_build_id_start = .;
        *(.note.gnu.build-id)
        __note_gnu_build_id_end = .;
        . = ALIGN(PAGE_SIZE);
    } :text :note
    __rodata_end = .;

    .init.text : AT(ADDR(.init.text) - IMAGE_VIRT_BASE)
    {
        __init_start = .;
        *(.init.text)
        . = ALIGN(PAGE_SIZE);
        __init_text_end = .;
    } :text

    .init.data : AT(ADDR(.init.data) - IMAGE_VIRT_BASE)
    {
        *(.init.data)
        . = ALIGN(64); /* no padding between a table's start and its first entry */
        __initcalls_start = .;
        KEEP(*(.initcalls))
        __initcalls_end = .;
        . = ALIGN(PAGE_SIZE);
        __init_end = .;
    } :text

    .data : AT(ADDR(.data) - IMAGE_VIRT_BASE)
    {
        __ro_after_init_start = .;
        *(.data.ro_after_init)
        . = ALIGN(PAGE_SIZE);
        __ro_after_init_end = .;
        *(.data.read_mostly)
        *(.data .data.rel .data.rel.local* .data.[!p]*)
        . = ALIGN(PAGE_SIZE);
        __percpu_start = .;
        *(.data.percpu)
        . = ALIGN(PAGE_SIZE);
        __percpu_end = .;
        __data_end = .;
    } :text

    /*
     * The boot CPU's stack comes first in .bss. Aligned here rather than by the section itself:
     * that would move the file contents, and the headers must stay in the first 8 KiB.
     */
    . = ALIGN(STACK_SIZE);
    .bss (NOLOAD) : AT(ADDR(.bss) - IMAGE_VIRT_BASE)
    {
        __bss_start = .;
        boot_stack = .;
        . += STACK_SIZE;
        boot_stack_top = .;
        *(.bss.page_aligned)
        *(.bss .bss.* COMMON)
        . = ALIGN(PAGE_SIZE);
        __bss_end = .;
    } :text
    __image_end = .;

    boot_entry_phys = boot_entry - IMAGE_VIRT_BASE;
    __mb_header_paddr = mb1_header - IMAGE_VIRT_BASE;
    __mb_load_paddr = __image_start - IMAGE_VIRT_BASE;
    __mb_load_end_paddr = __data_end - IMAGE_VIRT_BASE;
    __mb_bss_end_paddr = __bss_end - IMAGE_VIRT_BASE;

    /DISCARD/ : { *(.comment) *(.eh_frame) *(.note.GNU-stack) *(.note.gnu.property) }
}
