/* SPDX-License-Identifier: MIT */
/*
 * test-elf.c - images made here, whole and damaged; and a real kernel when the environment names
 * one: XENOLITH_TEST_BZIMAGE (as shipped) and XENOLITH_TEST_VMLINUX (its payload unpacked).
 */
#include "test-main.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/elf.h>
#include <xen/lib.h>
#include <public/elfnote.h>

#define NOTES_AT 0x200U

static u8 image[0x1000];
static size_t notes_len;

static void put(unsigned int at, u64 val, unsigned int size)
{
    memcpy(image + at, &val, size);
}

static void phdr(unsigned int i, u32 type, u64 off, u64 vaddr, u64 paddr, u64 filesz, u64 memsz)
{
    unsigned int at = 64 + i * 56;

    put(at, type, 4);
    put(at + 4, 5, 4);
    put(at + 8, off, 8);
    put(at + 16, vaddr, 8);
    put(at + 24, paddr, 8);
    put(at + 32, filesz, 8);
    put(at + 40, memsz, 8);
}

static void note(u32 type, const char *owner, const void *desc, u32 len)
{
    unsigned int at = NOTES_AT + (unsigned int)notes_len,
                 name_len = (unsigned int)strlen(owner) + 1;

    put(at, name_len, 4);
    put(at + 4, len, 4);
    put(at + 8, type, 4);
    memcpy(image + at + 12, owner, name_len);
    memcpy(image + at + 12 + ROUNDUP(name_len, 4U), desc, len);
    notes_len += 12 + ROUNDUP(name_len, 4U) + ROUNDUP(len, 4U);
    phdr(2, 4, NOTES_AT, 0, 0, notes_len, notes_len);
}

static void make_image(void)
{
    static const u8 ident[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

    memset(image, 0, sizeof(image));
    notes_len = 0;
    memcpy(image, ident, sizeof(ident));
    put(16, 2, 2);
    put(18, 62, 2);
    put(24, 0x1000000, 8);
    put(32, 64, 8);
    put(54, 56, 2);
    put(56, 3, 2);
    phdr(0, 1, 0x800, 0xffffffff81000000, 0x1000000, 0x400, 0x1000);
    phdr(1, 1, 0xc00, 0xffffffff80800000, 0x800000, 0x400, 0x400);
    note(1, "GNU", "abcd", 4);
}

START_TEST(test_segments)
{
    struct elf_image elf;

    make_image();
    ck_assert_int_eq(elf_parse(image, sizeof(image), &elf), 0);
    ck_assert_uint_eq(elf.nr_segments, 2);
    ck_assert_uint_eq(elf.entry, 0x1000000);
    ck_assert_uint_eq(elf.paddr_start, 0x800000);
    ck_assert_uint_eq(elf.paddr_end, 0x1001000);
    ck_assert_uint_eq(elf.segment[0].filesz, 0x400);
    ck_assert_uint_eq(elf.notes_len, notes_len);
}
END_TEST

static int parse_with(unsigned int at, u64 val, unsigned int size)
{
    struct elf_image elf = {.entry = 77};
    int rc;

    make_image();
    put(at, val, size);
    rc = elf_parse(image, sizeof(image), &elf);
    if (rc)
        ck_assert_uint_eq(elf.entry, 77);
    return rc;
}

START_TEST(test_damaged)
{
    struct elf_image elf;

    ck_assert_int_eq(parse_with(0, 0, 1), -ENOEXEC);
    ck_assert_int_eq(parse_with(4, 1, 1), -ENOEXEC);  /* 32 bit */
    ck_assert_int_eq(parse_with(5, 2, 1), -ENOEXEC);  /* big endian */
    ck_assert_int_eq(parse_with(16, 1, 2), -ENOEXEC); /* object file */
    ck_assert_int_eq(parse_with(18, 3, 2), -ENOEXEC); /* i386 */
    ck_assert_int_eq(parse_with(16, 3, 2), 0);        /* position independent */
    ck_assert_int_eq(parse_with(32, ~0UL, 8), -EINVAL);
    ck_assert_int_eq(parse_with(32, 0xff0, 8), -EINVAL);
    ck_assert_int_eq(parse_with(54, 57, 2), -EINVAL);
    ck_assert_int_eq(parse_with(56, 0, 2), -EINVAL);         /* no segment */
    ck_assert_int_eq(parse_with(64 + 8, 0xd00, 8), -EINVAL); /* offset */
    ck_assert_int_eq(parse_with(64 + 8, ~0UL, 8), -EINVAL);
    ck_assert_int_eq(parse_with(64 + 32, 0x1001, 8), -EINVAL);    /* filesz > memsz */
    ck_assert_int_eq(parse_with(64 + 24, ~0UL - 5, 8), -EINVAL);  /* wraps */
    ck_assert_int_eq(parse_with(64 + 24, 0x800200, 8), -EINVAL);  /* overlap */
    ck_assert_int_eq(parse_with(64 + 112 + 8, ~0UL, 8), -EINVAL); /* notes */
    for (size_t len = 0; len < sizeof(image); len += 13) {
        make_image();
        ck_assert_int_ne(elf_parse(image, len, &elf), 0);
    }
}
END_TEST

START_TEST(test_notes)
{
    struct elf_xen_notes n;
    struct elf_image elf;
    u64 entry = 0xffffffff830791c0, pair[2] = {1, 1};
    u32 one = 1, features = 0x8801;

    make_image();
    ck_assert_int_eq(elf_parse(image, sizeof(image), &elf), 0);
    ck_assert_int_eq(elf_xen_notes_parse(&elf, &n), 0);
    ck_assert(!n.found);

    note(XEN_ELFNOTE_ENTRY, "Xen", &entry, 8);
    note(XEN_ELFNOTE_XEN_VERSION, "Xen", "xen-3.0", 8);
    note(XEN_ELFNOTE_LOADER, "Xen", "a loader with a long name", 25);
    note(XEN_ELFNOTE_ENTRY, "XEN", "12345678", 8);
    note(XEN_ELFNOTE_L1_MFN_VALID, "Xen", pair, 16);
    note(XEN_ELFNOTE_MOD_START_PFN, "Xen", &one, 4);
    note(XEN_ELFNOTE_SUPPORTED_FEATURES, "Xen", &features, 4);
    note(0x7777, "Xen", "?", 1);
    ck_assert_int_eq(elf_parse(image, sizeof(image), &elf), 0);
    ck_assert_int_eq(elf_xen_notes_parse(&elf, &n), 0);
    ck_assert(n.found && n.has_entry && n.mod_start_pfn && n.has_supported_features);
    ck_assert(!n.has_virt_base && !n.suspend_cancel && !n.has_hypercall_page);
    ck_assert_uint_eq(n.entry, entry);
    ck_assert_uint_eq(n.supported_features, 0x8801);
    ck_assert_str_eq(n.xen_version, "xen-3.0");
    ck_assert_str_eq(n.loader, "a loader with a");
    ck_assert_uint_eq(n.l1_mfn_mask, 1);

    note(XEN_ELFNOTE_VIRT_BASE, "Xen", "odd", 3);
    ck_assert_int_eq(elf_parse(image, sizeof(image), &elf), 0);
    ck_assert_int_eq(elf_xen_notes_parse(&elf, &n), -EINVAL);

    make_image();
    put(NOTES_AT, ~0U, 4);
    ck_assert_int_eq(elf_parse(image, sizeof(image), &elf), 0);
    ck_assert_int_eq(elf_xen_notes_parse(&elf, &n), -EINVAL);
}
END_TEST

START_TEST(test_bzimage)
{
    const u8 *payload;
    size_t len;
    u32 unpacked;

    memset(image, 0, sizeof(image));
    put(0x1f1, 3, 1);
    put(0x1fe, 0xaa55, 2);
    memcpy(image + 0x202, "HdrS", 4);
    put(0x206, 0x20f, 2);
    put(0x248, 0x100, 4);
    put(0x24c, 0x80, 4);
    put(0x900 + 0x7c, 123456, 4);
    ck_assert_int_eq(bzimage_payload(image, sizeof(image), &payload, &len, &unpacked), 0);
    ck_assert_ptr_eq(payload, image + 0x900);
    ck_assert_uint_eq(len, 0x80);
    ck_assert_uint_eq(unpacked, 123456);
    ck_assert_int_eq(bzimage_payload(image, 0x97f, &payload, &len, &unpacked), -ENOEXEC);
    put(0x248, 0xffffffff, 4);
    ck_assert_int_eq(bzimage_payload(image, sizeof(image), &payload, &len, &unpacked), -ENOEXEC);
    put(0x248, 0x100, 4);
    put(0x24c, 4, 4);
    ck_assert_int_eq(bzimage_payload(image, sizeof(image), &payload, &len, &unpacked), -ENOEXEC);
    put(0x206, 0x207, 2);
    ck_assert_int_eq(bzimage_payload(image, sizeof(image), &payload, &len, &unpacked), -ENOEXEC);
    ck_assert_int_eq(bzimage_payload(image, 0x24f, &payload, &len, &unpacked), -ENOEXEC);
}
END_TEST

static u8 *load(const char *variable, size_t *ret_len)
{
    const char *path = getenv(variable);
    FILE *f = path ? fopen(path, "rb") : NULL;
    u8 *data = NULL;
    long size;

    if (!f)
        return NULL;
    if (!fseek(f, 0, SEEK_END) && (size = ftell(f)) > 0 && !fseek(f, 0, SEEK_SET)) {
        data = malloc((size_t)size);
        *ret_len = data ? fread(data, 1, (size_t)size, f) : 0;
    }
    fclose(f);
    return data;
}

START_TEST(test_real_bzimage)
{
    size_t len, payload_len;
    u8 *data = load("XENOLITH_TEST_BZIMAGE", &len);
    const u8 *payload;
    u32 unpacked;

    if (!data)
        return;
    ck_assert_int_eq(bzimage_payload(data, len, &payload, &payload_len, &unpacked), 0);
    ck_assert_uint_gt(unpacked, payload_len);
    printf("payload at %#zx, %#zx bytes, unpacked %u, starts %02x %02x\n", (size_t)(payload - data),
           payload_len, unpacked, payload[0], payload[1]);
    free(data);
}
END_TEST

START_TEST(test_real_vmlinux)
{
    size_t len;
    u8 *data = load("XENOLITH_TEST_VMLINUX", &len);
    struct elf_image elf;
    struct elf_xen_notes n;

    if (!data)
        return;
    ck_assert_int_eq(elf_parse(data, len, &elf), 0);
    ck_assert_int_eq(elf_xen_notes_parse(&elf, &n), 0);
    ck_assert(n.found && n.has_entry && n.has_virt_base && n.mod_start_pfn && n.suspend_cancel);
    ck_assert_str_eq(n.xen_version, "xen-3.0");
    ck_assert_str_eq(n.guest_os, "linux");
    ck_assert_str_eq(n.loader, "generic");
    for (unsigned int i = 0; i < elf.nr_segments; i++)
        printf("segment %#lx vaddr %lx paddr %#lx filesz %#lx memsz %#lx flags %u\n",
               elf.segment[i].offset, elf.segment[i].vaddr, elf.segment[i].paddr,
               elf.segment[i].filesz, elf.segment[i].memsz, elf.segment[i].flags);
    printf("span %#lx-%#lx entry %lx virt_base %lx offset %lx p2m %lx features %#x phys32 %#x\n"
           "hypercall page %d l1 mask %lx value %lx guest %s\n",
           elf.paddr_start, elf.paddr_end, n.entry, n.virt_base, n.paddr_offset, n.init_p2m,
           n.supported_features, n.phys32_entry, n.has_hypercall_page, n.l1_mfn_mask,
           n.l1_mfn_value, n.guest_version);
    free(data);
}
END_TEST

TEST_MAIN("elf", test_segments, test_damaged, test_notes, test_bzimage, test_real_bzimage,
          test_real_vmlinux)
