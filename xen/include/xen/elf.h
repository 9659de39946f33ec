/* SPDX-License-Identifier: MIT */
/*
 * elf.h - kernel images: the bzImage container, ELF64 segments, Xen notes. Pure code, no copies:
 * results point into the caller's buffer. All offsets and sizes in the image are checked.
 */
#ifndef XEN_ELF_H
#define XEN_ELF_H

#include <xen/types.h>

/* Finds the compressed payload of a Linux bzImage (boot protocol >= 2.08). -ENOEXEC: not one. The
 * payload's last 4 bytes are the unpacked size (little endian) => *ret_unpacked. */
int bzimage_payload(const u8 *image, size_t len, const u8 **ret_payload, size_t *ret_payload_len,
                    u32 *ret_unpacked) __must_check;

#define ELF_MAX_SEGMENTS 16
struct elf_segment {
    u64 offset, vaddr, paddr, filesz, memsz;
    u32 flags; /* 1 X, 2 W, 4 R */
};
struct elf_image {
    const u8 *data;
    size_t len;
    u64 entry;
    u16 machine;              /* 62 = x86-64 */
    unsigned int nr_segments; /* PT_LOAD only, memsz > 0 */
    struct elf_segment segment[ELF_MAX_SEGMENTS];
    u64 paddr_start, paddr_end; /* span of all segments */
    const u8 *notes;            /* the PT_NOTE contents, or NULL */
    size_t notes_len;
};
/* 0, -ENOEXEC (no ELF64 LE x86-64 ET_EXEC/ET_DYN), -EINVAL (inconsistent). */
int elf_parse(const u8 *data, size_t len, struct elf_image *ret_elf) __must_check;

/* What a PV kernel says of itself in its Xen ELF notes (public/elfnote.h). */
struct elf_xen_notes {
    bool found; /* any note with owner "Xen" */
    u64 entry, virt_base, paddr_offset, init_p2m, hypercall_page;
    u32 phys32_entry;
    bool has_entry, has_virt_base, has_paddr_offset, has_init_p2m, has_hypercall_page, has_phys32;
    bool mod_start_pfn;
    bool suspend_cancel;
    bool has_supported_features;
    u32 supported_features;
    u64 l1_mfn_mask, l1_mfn_value;
    char xen_version[16], guest_os[16], guest_version[16], loader[16];
};
/* Unknown notes are skipped. 0 or -EINVAL (damaged note list). */
int elf_xen_notes_parse(const struct elf_image *elf, struct elf_xen_notes *ret_notes) __must_check;

#endif /* XEN_ELF_H */
