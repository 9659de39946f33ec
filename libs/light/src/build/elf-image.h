/* SPDX-License-Identifier: MIT */
/*
 * elf-image.h - what the builder must know of a kernel: its segments, and the notes meant for Xen.
 *
 * Nothing that the image says is used before it was checked: a segment lies within the file, ranges
 * do not wrap and do not overlap, notes lie within their segment. All that is read from the image
 * later is bounded by what is kept here.
 */
#ifndef XENOLITH_LIGHT_BUILD_ELF_H
#define XENOLITH_LIGHT_BUILD_ELF_H

#include "blob.h"
#include <stdbool.h>
#include <xenolith/public/elfnote.h>

#define XLIGHT__ELF_SEGS 32

struct xlight__seg {
    uint64_t paddr, memsz;
    uint64_t offset, filesz; /* in the image; filesz <= memsz */
};

struct xlight__notes {
    uint32_t have; /* bit per XEN_ELFNOTE_* */
    uint64_t entry, hypercall_page, virt_base, paddr_offset, hv_start_low, init_p2m;
    uint64_t l1_mfn_mask, l1_mfn_value;
    uint64_t phys32_entry;
    uint64_t supported_features, required_features; /* bit per XENFEAT_* */
    bool suspend_cancel, mod_start_pfn, bsd_symtab, pae;
    char xen_version[32], guest_os[32], guest_version[32], loader[32];
};

struct xlight__elf {
    bool is64;
    uint64_t e_entry;
    unsigned int nr_segs; /* in order of paddr; at least one */
    struct xlight__seg segs[XLIGHT__ELF_SEGS];
    uint64_t start, end; /* of all segments, in ELF's physical addresses */
    struct xlight__notes notes;
};

static inline bool xlight__elf_has(const struct xlight__elf *e, unsigned int note)
{
    return e->notes.have >> note & 1;
}

/*
 * Reads the headers and notes of an image for x86. -ENOEXEC: not one, or it does not make sense;
 * the text says what.
 */
int xlight__elf_read(const struct xlight__blob *image, struct xlight__elf *ret_e,
                     struct xlight__why *why);

/* notes.c: goes through a piece of notes, adding Xen's to *n. Others are ignored. */
int xlight__notes_read(const uint8_t *data, size_t len, struct xlight__notes *n,
                       struct xlight__why *why);

/*
 * Writes size bytes of the loaded image, from ELF physical address paddr on, to guest memory:
 * content of segments, and zeros between and behind them.
 */
int xlight__elf_load(const struct xlight__elf *e, const struct xlight__blob *image, uint64_t paddr,
                     void *to, size_t size, struct xlight__why *why);

#endif /* XENOLITH_LIGHT_BUILD_ELF_H */
