/* SPDX-License-Identifier: MIT */
/* test-build-kernel.c - kernel files: bzImages, ELF, what is packed, notes, images that lie. */
#include "build/images.h"
#include "fail-alloc.h"
#include "kernel.h"
#include "test-main.h"
#include "unpack.h"
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>
#include <xenolith/public/features.h>

static struct xlight__why why;

static const char *text(void)
{
    static char buf[1024];

    xlight__why_format(&why, buf, sizeof(buf));
    return buf;
}

static int load(const struct bytes *file, struct xlight__kernel **ret_k)
{
    struct xlight__blob b = xlight__blob_memory(file->data, file->len);
    int rc;

    why.nr = 0;
    *ret_k = NULL;
    rc = xlight__kernel_load(&b, NULL, ret_k, &why);
    ck_assert_int_eq(why.nr > 0, rc < 0);
    ck_assert_int_eq(!*ret_k, rc < 0);
    return rc;
}

static void refuse(const struct bytes *file, int code, const char *what)
{
    struct xlight__kernel *k;

    ck_assert_int_eq(load(file, &k), code);
    ck_assert_msg(strstr(text(), what), "\"%s\" is not in \"%s\"", what, text());
}

static void check_tiny(const struct xlight__kernel *k, const struct tiny *t)
{
    uint64_t total = tiny_data_start(t) + t->data + t->bss;
    uint8_t *got = malloc(total + 100), *want = calloc(1, total + 100);

    ck_assert_uint_eq(k->elf.nr_segs, 2);
    ck_assert_uint_eq(k->elf.start, t->paddr);
    ck_assert_uint_eq(k->elf.end, t->paddr + total);
    ck_assert_uint_eq(k->elf.e_entry, t->paddr);
    /* From a bit before to a bit behind, in pieces of an odd size. */
    for (uint64_t at = 0, n; at < total + 100; at += n) {
        n = total + 100 - at < 1237 ? total + 100 - at : 1237;
        memset(got + at, 0xee, n);
        ck_assert_int_eq(
            xlight__elf_load(&k->elf, &k->image, t->paddr - 50 + at, got + at, n, NULL), 0);
    }
    for (uint64_t i = 0; i < t->text; i++)
        want[50 + i] = tiny_byte(0, i);
    for (uint64_t i = 0; i < t->data; i++)
        want[50 + tiny_data_start(t) + i] = tiny_byte(1, i);
    ck_assert(!memcmp(got, want, total + 100));
    free(want);
    free(got);
}

START_TEST(plain_elf)
{
    for (int is32 = 0; is32 < 2; is32++) {
        struct tiny t = {.is32 = is32, .phys32 = true};
        struct xlight__kernel *k;
        struct bytes elf;

        tiny_make(&t, &elf);
        ck_assert_msg(!load(&elf, &k), "%s", text());
        ck_assert_int_eq(k->elf.is64, !is32);
        check_tiny(k, &t);
        xlight__kernel_free(k);
        bytes_free(&elf);
    }
}
END_TEST

START_TEST(every_kind_of_packing)
{
    struct tiny t = {0};
    struct bytes elf;

    tiny_make(&t, &elf);
    for (int f = 0; f < NR_FORMATS; f++) {
        struct bytes packed, image, again;
        struct xlight__kernel *k;

        image_pack((enum format)f, elf.data, elf.len, &packed);
        ck_assert_msg(!load(&packed, &k), "%s: %s", format_names[f], text());
        check_tiny(k, &t);
        xlight__kernel_free(k);
        bzimage_make(&packed, (uint32_t)elf.len, f != GZIP, 0x20f, &image);
        ck_assert_msg(!load(&image, &k), "bzImage, %s: %s", format_names[f], text());
        check_tiny(k, &t);
        xlight__kernel_free(k);
        image_pack(ZSTD, image.data, image.len, &again);
        ck_assert_msg(!load(&again, &k), "packed bzImage, %s: %s", format_names[f], text());
        check_tiny(k, &t);
        xlight__kernel_free(k);
        bytes_free(&packed);
        bytes_free(&image);
        bytes_free(&again);
    }
    bytes_free(&elf);
}
END_TEST

START_TEST(bzimage_with_plain_payload)
{
    struct tiny t = {0};
    struct xlight__kernel *k;
    struct bytes elf, image;

    tiny_make(&t, &elf);
    bzimage_make(&elf, 0, false, 0x208, &image);
    ck_assert_msg(!load(&image, &k), "%s", text());
    check_tiny(k, &t);
    xlight__kernel_free(k);
    bytes_free(&elf);
    bytes_free(&image);
}
END_TEST

START_TEST(bzimages_that_lie)
{
    struct tiny t = {0};
    struct bytes elf, packed, image;
    uint32_t huge = 0x7fffffff;

    tiny_make(&t, &elf);
    image_pack(XZ, elf.data, elf.len, &packed);
    bzimage_make(&packed, (uint32_t)elf.len, true, 0x207, &image);
    refuse(&image, -ENOEXEC, "boot protocol 2.07; 2.08 or newer");
    bytes_free(&image);
    bzimage_make(&packed, (uint32_t)elf.len + 1, true, 0x20f, &image);
    refuse(&image, -EILSEQ, "as the bzImage says");
    memcpy(image.data + 0x248, &huge, 4);
    refuse(&image, -ENOEXEC, "outside of the file");
    bytes_free(&image);
    bzimage_make(&packed, (uint32_t)elf.len, true, 0x20f, &image);
    memcpy(image.data + 0x24c, &huge, 4);
    refuse(&image, -ENOEXEC, "outside of the file");
    bytes_free(&image);
    packed.data[1] = 0;
    bzimage_make(&packed, (uint32_t)elf.len, true, 0x20f, &image);
    refuse(&image, -ENOEXEC, "not known: fd 00 7a 58");
    bytes_free(&image);
    bytes_free(&packed);
    bytes_free(&elf);
}
END_TEST

START_TEST(not_kernels)
{
    struct bytes b = {0}, packed;

    refuse(&b, -ENOEXEC, "neither a bzImage nor ELF");
    bytes_add(&b, "#!/bin/sh\n", 10);
    refuse(&b, -ENOEXEC, "neither a bzImage nor ELF");
    image_pack(GZIP, b.data, b.len, &packed);
    refuse(&packed, -ENOEXEC, "neither a bzImage nor ELF");
    bytes_free(&b);
    bytes_add(&b, "\177ELF", 4);
    refuse(&b, -ENOEXEC, "too short");
    bytes_free(&packed);
    bytes_free(&b);
}
END_TEST

START_TEST(packed_too_often)
{
    struct tiny t = {0};
    struct bytes b, packed;

    tiny_make(&t, &b);
    for (int i = 0; i < 4; i++) {
        image_pack(GZIP, b.data, b.len, &packed);
        bytes_free(&b);
        b = packed;
    }
    refuse(&b, -ENOEXEC, "packed more than 3 times");
    bytes_free(&b);
}
END_TEST

START_TEST(limit_of_size)
{
    struct xlight__kernel_options o = {0};
    struct xlight__kernel *k;
    struct xlight__blob b;
    struct tiny t = {0};
    struct bytes elf, packed;

    tiny_make(&t, &elf);
    image_pack(ZSTD, elf.data, elf.len, &packed);
    b = xlight__blob_memory(packed.data, packed.len);
    o.max_unpacked = elf.len - 1;
    ck_assert_int_eq(xlight__kernel_load(&b, &o, &k, NULL), -EFBIG);
    o.max_unpacked = elf.len;
    ck_assert_int_eq(xlight__kernel_load(&b, &o, &k, NULL), 0);
    xlight__kernel_free(k);
    bytes_free(&elf);
    bytes_free(&packed);
}
END_TEST

START_TEST(notes)
{
    for (int sections = 0; sections < 2; sections++) {
        struct tiny t = {.init_p2m = true,
                         .mod_start_pfn = true,
                         .hypercall_page = true,
                         .phys32 = true,
                         .rsdp_anywhere = true,
                         .section_notes = sections,
                         .features = "!auto_translated_physmap|writable_page_tables|no_such",
                         .loader = "mine",
                         .guest_os = "toy"};
        const struct xlight__notes *n;
        struct xlight__kernel *k;
        struct bytes elf;

        tiny_make(&t, &elf);
        ck_assert_msg(!load(&elf, &k), "%s", text());
        n = &k->elf.notes;
        ck_assert_uint_eq(n->have, 0x7f7fe & ~(1U << XEN_ELFNOTE_BSD_SYMTAB) &
                                       ~(1U << XEN_ELFNOTE_HV_START_LOW));
        ck_assert_uint_eq(n->entry, 0xffffffff80100010ULL);
        ck_assert_uint_eq(n->hypercall_page, 0xffffffff80101000ULL);
        ck_assert_uint_eq(n->virt_base, 0xffffffff80000000ULL);
        ck_assert_uint_eq(n->paddr_offset, 0);
        ck_assert_uint_eq(n->init_p2m, 0x8000000000ULL);
        ck_assert_uint_eq(n->phys32_entry, 0x100020);
        ck_assert_uint_eq(n->l1_mfn_mask, 1);
        ck_assert_uint_eq(n->l1_mfn_value, 1);
        ck_assert(n->suspend_cancel && n->mod_start_pfn && n->pae && !n->bsd_symtab);
        ck_assert_str_eq(n->xen_version, "xen-3.0");
        ck_assert_str_eq(n->guest_os, "toy");
        ck_assert_str_eq(n->guest_version, "1");
        ck_assert_str_eq(n->loader, "mine");
        ck_assert_uint_eq(n->required_features, 1U << XENFEAT_auto_translated_physmap);
        ck_assert_uint_eq(n->supported_features, 1U << XENFEAT_auto_translated_physmap |
                                                     1U << XENFEAT_writable_page_tables |
                                                     1U << XENFEAT_linux_rsdp_unrestricted);
        xlight__kernel_free(k);
        bytes_free(&elf);
    }
}
END_TEST

START_TEST(notes_in_other_shapes)
{
    struct xlight__notes n = {0};
    struct bytes b = {0};
    const uint32_t pair[2] = {3, 2}, half = 0x1234;

    note_add(&b, XEN_ELFNOTE_L1_MFN_VALID, pair, 8);
    note_add(&b, XEN_ELFNOTE_PHYS32_ENTRY, &half, 4);
    note_add(&b, XEN_ELFNOTE_PAE_MODE, "no", 3);
    note_add(&b, XEN_ELFNOTE_BSD_SYMTAB, "yes", 4);
    note_add(&b, XEN_ELFNOTE_MOD_START_PFN, "\0\0\0", 4);
    note_add(&b, 77, "what is this", 13);
    b.len -= 3; /* of padding */
    ck_assert_int_eq(xlight__notes_read(b.data, b.len, &n, NULL), 0);
    ck_assert_uint_eq(n.l1_mfn_mask, 3);
    ck_assert_uint_eq(n.l1_mfn_value, 2);
    ck_assert_uint_eq(n.phys32_entry, 0x1234);
    ck_assert(!n.pae && n.bsd_symtab && !n.mod_start_pfn);
    bytes_free(&b);
}
END_TEST

static void refuse_note(uint32_t type, const void *desc, uint32_t len, const char *what)
{
    struct xlight__notes n = {0};
    struct bytes b = {0};

    note_add(&b, type, desc, len);
    why.nr = 0;
    ck_assert_int_eq(xlight__notes_read(b.data, b.len, &n, &why), -ENOEXEC);
    ck_assert_msg(strstr(text(), what), "%s", text());
    /* And each of the ways to cut it. */
    for (size_t cut = 12; cut < b.len - (-len & 3U); cut++)
        ck_assert_int_eq(xlight__notes_read(b.data, cut, &n, NULL), -ENOEXEC);
    bytes_free(&b);
}

START_TEST(bad_notes)
{
    char longer[40];

    memset(longer, 'x', sizeof(longer));
    refuse_note(XEN_ELFNOTE_ENTRY, "abc", 3, "note 1 of the kernel for Xen is not a number");
    refuse_note(XEN_ELFNOTE_ENTRY, "", 0, "is not a number");
    refuse_note(XEN_ELFNOTE_L1_MFN_VALID, "abcd", 4, "pair of numbers");
    refuse_note(XEN_ELFNOTE_GUEST_OS, longer, sizeof(longer), "too long");
    refuse_note(XEN_ELFNOTE_LOADER, "a\nb", 4, "not plain text");
}
END_TEST

/* Changes one field of the ELF header, program header 0 or 1. */
static void poke(const struct bytes *from, size_t at, uint64_t value, size_t size, int code,
                 const char *what)
{
    struct bytes b = {0};

    bytes_add(&b, from->data, from->len);
    memcpy(b.data + at, &value, size);
    refuse(&b, code, what);
    bytes_free(&b);
}
#define EH(f)    offsetof(Elf64_Ehdr, f)
#define PH(i, f) (sizeof(Elf64_Ehdr) + (i) * sizeof(Elf64_Phdr) + offsetof(Elf64_Phdr, f))

START_TEST(elf_that_lies)
{
    struct tiny t = {0};
    struct bytes elf, cut;

    tiny_make(&t, &elf);
    poke(&elf, EH(e_ident) + EI_DATA, 2, 1, -ENOEXEC, "not for x86");
    poke(&elf, EH(e_ident) + EI_CLASS, 3, 1, -ENOEXEC, "not for x86");
    poke(&elf, EH(e_machine), EM_AARCH64, 2, -ENOEXEC, "not for x86");
    poke(&elf, EH(e_type), ET_REL, 2, -ENOEXEC, "not a program");
    poke(&elf, EH(e_phentsize), 55, 2, -ENOEXEC, "odd size");
    poke(&elf, EH(e_phnum), 0, 2, -ENOEXEC, "no program headers");
    poke(&elf, EH(e_phnum), 0xffff, 2, -ENOEXEC, "too many");
    poke(&elf, EH(e_phoff), elf.len - 10, 8, -ENOEXEC, "headers lie outside");
    poke(&elf, EH(e_phoff), ~0ULL - 20, 8, -ENOEXEC, "headers lie outside");
    poke(&elf, PH(0, p_offset), elf.len, 8, -ENOEXEC, "segment lies outside");
    poke(&elf, PH(0, p_offset), ~0ULL, 8, -ENOEXEC, "segment lies outside");
    poke(&elf, PH(0, p_filesz), t.data + t.bss + 1, 8, -ENOEXEC, "more content than room");
    poke(&elf, PH(0, p_memsz), 1ULL << 50, 8, -ENOEXEC, "larger than the address space");
    poke(&elf, PH(0, p_paddr), ~0ULL - 100, 8, -ENOEXEC, "larger than the address space");
    poke(&elf, PH(0, p_paddr), t.paddr + t.text - 1, 8, -ENOEXEC, "overlap");
    poke(&elf, PH(0, p_paddr), t.paddr - t.data - t.bss + 1, 8, -ENOEXEC, "overlap");
    poke(&elf, PH(2, p_offset), elf.len - 5, 8, -ENOEXEC, "notes lie outside");
    poke(&elf, PH(2, p_filesz), 1 << 21, 8, -ENOEXEC, "notes lie outside");
    poke(&elf, PH(2, p_filesz), 40, 8, -ENOEXEC, "note of the kernel is cut short");
    cut = (struct bytes){elf.data, 40, 40};
    refuse(&cut, -ENOEXEC, "cut short");
    bytes_free(&elf);
}
END_TEST

START_TEST(no_memory)
{
    struct tiny t = {0};
    struct bytes elf, packed;
    bool failed = true;

    tiny_make(&t, &elf);
    image_pack(LZO, elf.data, elf.len, &packed);
    for (int n = 1; failed; n++) {
        struct xlight__kernel *k;
        int rc;

        fail_alloc_in = n;
        rc = load(&packed, &k);
        failed = !fail_alloc_in;
        fail_alloc_in = 0;
        ck_assert_int_eq(rc, failed ? -ENOMEM : 0);
        xlight__kernel_free(k);
        ck_assert(n > 4 || failed);
    }
    bytes_free(&elf);
    bytes_free(&packed);
}
END_TEST

TEST_MAIN("build-kernel", plain_elf, every_kind_of_packing, bzimage_with_plain_payload,
          bzimages_that_lie, not_kernels, packed_too_often, limit_of_size, notes,
          notes_in_other_shapes, bad_notes, elf_that_lies, no_memory)
