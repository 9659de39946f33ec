/* SPDX-License-Identifier: MIT */
/* test-multiboot.c - what loaders hand over, well made and damaged, in a small made-up memory. */
#include "test-main.h"
#include <string.h>
#include <xen/lib.h>
#include <asm/setup.h>
#include "shim.h"

#define MB1_MAGIC 0x2badb002u
#define MB2_MAGIC 0x36d76289u
#define BASE      0x1000u
#define SIZE      4096u

static u8 ram[SIZE];
static struct boot_info bi;
static const char *why;

static const void *map(void *ctx, u64 pa, size_t len)
{
    (void)ctx;
    if (pa < BASE || pa - BASE > SIZE || len > SIZE - (pa - BASE))
        return NULL;
    return ram + (pa - BASE);
}
static const struct mb_memory memory = {map, NULL};

static void put(u32 pa, const void *p, size_t len)
{
    memcpy(ram + (pa - BASE), p, len);
}
static void put32(u32 pa, u32 val)
{
    put(pa, &val, 4);
}
static void put64(u32 pa, u64 val)
{
    put(pa, &val, 8);
}
static void put_text(u32 pa, const char *s)
{
    put(pa, s, strlen(s) + 1);
}

static void fresh(void)
{
    memset(ram, 0, sizeof(ram));
    memset(&bi, 0, sizeof(bi));
    why = NULL;
}

static int parse(u32 magic, u32 info)
{
    int rc;

    shim_bug_expected = true; /* keeps messages off the screen */
    rc = multiboot_parse(&memory, magic, info, &bi, &why);
    shim_bug_expected = false;
    return rc;
}

/* --- multiboot 1, as QEMU makes it --- */

enum { M1_INFO = BASE, M1_MODS = BASE + 0x100, M1_MAP = BASE + 0x200, M1_TEXT = BASE + 0x400 };

static void put_m1_map(unsigned int i, u64 base, u64 len, u32 type)
{
    u32 pa = M1_MAP + i * 24;

    put32(pa, 20);
    put64(pa + 4, base);
    put64(pa + 12, len);
    put32(pa + 20, type);
}

static void make_mb1(const char *loader)
{
    fresh();
    put32(M1_INFO, 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9);
    put32(M1_INFO + 16, M1_TEXT);
    put_text(M1_TEXT, "/path/xenolith console=com1  dom0_mem=1G");
    put32(M1_INFO + 20, 2);
    put32(M1_INFO + 24, M1_MODS);
    put32(M1_MODS, 0x400000);
    put32(M1_MODS + 4, 0x900000);
    put32(M1_MODS + 8, M1_TEXT + 0x100);
    put_text(M1_TEXT + 0x100, "vmlinuz root=/dev/sda");
    put32(M1_MODS + 16, 0xa00000);
    put32(M1_MODS + 20, 0xa00001);
    put32(M1_INFO + 44, 48);
    put32(M1_INFO + 48, M1_MAP);
    put_m1_map(0, 0, 0x9fc00, E820_RAM);
    put_m1_map(1, 0x100000, 0x7ff00000, E820_RAM);
    put32(M1_INFO + 64, M1_TEXT + 0x200);
    put_text(M1_TEXT + 0x200, loader);
}

START_TEST(mb1_is_read)
{
    make_mb1("qemu");
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_str_eq(bi.loader, "qemu");
    ck_assert_str_eq(bi.cmdline, "console=com1  dom0_mem=1G");
    ck_assert_uint_eq(bi.nr_modules, 2);
    ck_assert_uint_eq(bi.module[0].start, 0x400000);
    ck_assert_uint_eq(bi.module[0].size, 0x500000);
    ck_assert_str_eq(bi.module[0].cmdline, "root=/dev/sda");
    ck_assert_uint_eq(bi.module[1].size, 1);
    ck_assert_str_eq(bi.module[1].cmdline, "");
    ck_assert_uint_eq(bi.e820.nr, 2);
    ck_assert_uint_eq(e820_end_of(&bi.e820, E820_RAM), 0x80000000);
    ck_assert_uint_eq(bi.rsdp, 0);
    ck_assert_ptr_null(why);
}
END_TEST

/* Only GRUB 2 leaves the file name out. */
START_TEST(file_names_depend_on_the_loader)
{
    make_mb1("GRUB 2.06-13");
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_str_eq(bi.cmdline, "/path/xenolith console=com1  dom0_mem=1G");
    ck_assert_str_eq(bi.module[0].cmdline, "vmlinuz root=/dev/sda");
    make_mb1("GNU GRUB 0.97");
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_str_eq(bi.cmdline, "console=com1  dom0_mem=1G");
    make_mb1("qemu");
    put_text(M1_TEXT, "  name-only");
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_str_eq(bi.cmdline, "");
}
END_TEST

START_TEST(mb1_damage_is_survived)
{
    /* No map at all, or one whose entries cannot be. */
    make_mb1("qemu");
    put32(M1_INFO, 1 << 2);
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), -EINVAL);
    ck_assert_ptr_nonnull(strstr(why, "memory map"));
    ck_assert_str_eq(bi.cmdline, "console=com1  dom0_mem=1G");
    make_mb1("qemu");
    put32(M1_INFO + 48, 0xfffff000);
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), -EINVAL);
    make_mb1("qemu");
    put32(M1_MAP, 3);
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), -EINVAL);
    /* The first entry counts; what comes next would be the same again, for ever. */
    make_mb1("qemu");
    put32(M1_MAP, 0xfffffffc);
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_uint_eq(bi.e820.nr, 1);
    /* A length beyond the end of memory: what is there is read. */
    make_mb1("qemu");
    put32(M1_INFO + 44, 0xffffffff);
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_uint_eq(bi.e820.nr, 2);
    /* Strings and modules out of reach. */
    make_mb1("qemu");
    put32(M1_INFO + 16, 0);
    put32(M1_INFO + 20, 0xffffffff);
    put32(M1_INFO + 24, BASE + SIZE - 20);
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_str_eq(bi.cmdline, "");
    ck_assert_uint_eq(bi.nr_modules, 0);
    /* The block itself. */
    ck_assert_int_eq(parse(MB1_MAGIC, BASE + SIZE - 8), -EINVAL);
    ck_assert_ptr_nonnull(strstr(why, "cannot be read"));
}
END_TEST

START_TEST(long_strings_are_cut)
{
    make_mb1("");
    memset(ram + 0x400, 'x', 0x800);
    put32(M1_INFO + 64, M1_TEXT);
    put32(M1_INFO + 16, M1_TEXT);
    ram[0x401] = ' ';
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_uint_eq(strlen(bi.loader), sizeof(bi.loader) - 1);
    ck_assert_uint_eq(strlen(bi.cmdline), sizeof(bi.cmdline) - 1 - 2);
    /* Memory ends before the string does. */
    make_mb1("qemu");
    put(BASE + SIZE - 4, "a b c", 4);
    put32(M1_INFO + 16, BASE + SIZE - 4);
    ck_assert_int_eq(parse(MB1_MAGIC, M1_INFO), 0);
    ck_assert_str_eq(bi.cmdline, "b ");
}
END_TEST

/* --- multiboot 2, as GRUB makes it --- */

static u32 end_of_tags;

static void begin_mb2(void)
{
    fresh();
    end_of_tags = BASE + 8;
}

/* Returns where the tag's contents are. */
static u32 add_tag(u32 type, u32 bytes)
{
    u32 pa = end_of_tags;

    put32(pa, type);
    put32(pa + 4, bytes + 8);
    end_of_tags += ROUNDUP(bytes + 8, 8u);
    put32(BASE, end_of_tags - BASE);
    return pa + 8;
}

static void add_text(u32 type, const char *s)
{
    put_text(add_tag(type, (u32)strlen(s) + 1), s);
}

static void add_mb2_module(u32 start, u32 end, const char *s)
{
    u32 pa = add_tag(3, 8 + (u32)strlen(s) + 1);

    put32(pa, start);
    put32(pa + 4, end);
    put_text(pa + 8, s);
}

static u32 add_map(u32 entry_size)
{
    u32 pa = add_tag(6, 8 + 2 * entry_size);

    put32(pa, entry_size);
    put64(pa + 8, 0x100000);
    put64(pa + 16, 0x100000);
    put32(pa + 24, E820_RAM);
    put64(pa + 8 + entry_size, 0xfffffffffffff000);
    put64(pa + 16 + entry_size, 0x2000);
    put32(pa + 24 + entry_size, E820_RESERVED);
    return pa;
}

START_TEST(mb2_is_read)
{
    u32 v1, v2;

    begin_mb2();
    add_text(1, "console=com1");
    add_mb2_module(0x400000, 0x500000, "root=/dev/sda");
    v2 = add_tag(15, 36);
    v1 = add_tag(14, 20);
    add_map(24);
    add_text(2, "GRUB 2.06");
    add_tag(0, 0);
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), 0);
    ck_assert_str_eq(bi.cmdline, "console=com1");
    ck_assert_str_eq(bi.loader, "GRUB 2.06");
    ck_assert_uint_eq(bi.nr_modules, 1);
    ck_assert_str_eq(bi.module[0].cmdline, "root=/dev/sda");
    ck_assert_uint_eq(bi.rsdp, v2);
    ck_assert_uint_ne(bi.rsdp, v1);
    ck_assert_uint_eq(bi.e820.nr, 2);
    ck_assert_uint_eq(bi.e820.entry[0].size, 0x100000);
    ck_assert_uint_eq(bi.e820.entry[1].addr, 0xfffffffffffff000);
    ck_assert_uint_eq(bi.info, BASE);
    ck_assert_uint_eq(bi.info_end, end_of_tags);
}
END_TEST

/* Later versions may make entries longer. */
START_TEST(mb2_entries_have_any_size)
{
    begin_mb2();
    add_map(40);
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), 0);
    ck_assert_uint_eq(bi.e820.nr, 2);
    begin_mb2();
    put32(add_map(24), 0);
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), -EINVAL);
    ck_assert_ptr_nonnull(strstr(why, "memory map"));
}
END_TEST

START_TEST(mb2_damage_is_survived)
{
    u32 pa;

    /* A tag that reaches beyond the block ends it. */
    begin_mb2();
    add_map(24);
    pa = add_tag(1, 16);
    put_text(pa, "file never");
    put32(pa - 4, 0x1000);
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), 0);
    ck_assert_str_eq(bi.cmdline, "");
    /* A tag of no size, too. */
    put32(pa - 4, 0);
    memset(&bi, 0, sizeof(bi));
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), 0);
    ck_assert_str_eq(bi.cmdline, "");
    /* A string without an end stops where its tag does. */
    put32(pa - 4, 8 + 4);
    memset(&bi, 0, sizeof(bi));
    put(pa, "a bcdefg", 8);
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), 0);
    ck_assert_str_eq(bi.cmdline, "bc");
    /* Tags too short for what they should hold. */
    begin_mb2();
    add_map(24);
    add_tag(3, 4);
    add_tag(14, 19);
    add_tag(15, 35);
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), 0);
    ck_assert_uint_eq(bi.nr_modules, 0);
    ck_assert_uint_eq(bi.rsdp, 0);
    /* The block is not where it should be. */
    begin_mb2();
    add_map(24);
    put32(BASE, SIZE + 1);
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), -EINVAL);
    ck_assert_ptr_nonnull(strstr(why, "cannot be read"));
}
END_TEST

START_TEST(modules_have_limits)
{
    begin_mb2();
    add_map(24);
    add_mb2_module(0x500000, 0x500000, "empty");
    add_mb2_module(0x500000, 0x400000, "backwards");
    for (u32 i = 0; i < BOOT_MAX_MODULES + 2; i++)
        add_mb2_module(0x400000 + i, 0x500000, "name option");
    ck_assert_int_eq(parse(MB2_MAGIC, BASE), 0);
    ck_assert_uint_eq(bi.nr_modules, BOOT_MAX_MODULES);
    ck_assert_uint_eq(bi.module[0].start, 0x400000);
    ck_assert_str_eq(bi.module[BOOT_MAX_MODULES - 1].cmdline, "option");
}
END_TEST

START_TEST(other_loaders_are_refused)
{
    fresh();
    ck_assert_int_eq(parse(0x1234, BASE), -EINVAL);
    ck_assert_ptr_nonnull(strstr(why, "multiboot"));
}
END_TEST

TEST_MAIN("multiboot", mb1_is_read, file_names_depend_on_the_loader, mb1_damage_is_survived,
          long_strings_are_cut, mb2_is_read, mb2_entries_have_any_size, mb2_damage_is_survived,
          modules_have_limits, other_loaders_are_refused)
