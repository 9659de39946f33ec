/* SPDX-License-Identifier: MIT */
/* test-dom0-mem.c - the forms of dom0_mem=, and what they come to. */
#include "test-main.h"
#include <string.h>
#include <xen/lib.h>
#include "../../xen/arch/x86/pv/dom0.h"

#define MIB(n) ((unsigned long)(n) << (20 - PAGE_SHIFT))

static struct dom0_mem mem;

static unsigned long choose(const char *option, unsigned long free_mib)
{
    memset(&mem, 0, sizeof(mem));
    if (option)
        ck_assert_int_eq(dom0_mem_parse(option, &mem), 0);
    return dom0_mem_choose(&mem, MIB(free_mib)) >> (20 - PAGE_SHIFT);
}

START_TEST(all_but_a_reserve)
{
    ck_assert_uint_eq(choose(NULL, 1000), 1000 - 128);
    ck_assert_uint_eq(choose(NULL, 16000), 15000);
    ck_assert_uint_eq(choose(NULL, 100), 50);
}
END_TEST

START_TEST(fixed)
{
    ck_assert_uint_eq(choose("512M", 1000), 512);
    ck_assert_uint_eq(choose("524288", 1000), 512); /* KiB */
    ck_assert_uint_eq(choose("2G", 1000), 2048);    /* the caller refuses */
    ck_assert_uint_eq(choose("-300M", 1000), 700);
    ck_assert_uint_eq(choose("-2G", 1000), 0);
    ck_assert_uint_eq(choose("100M,200M", 1000), 200); /* the last one counts */
}
END_TEST

START_TEST(limits)
{
    ck_assert_uint_eq(choose("max:512M", 1000), 512);
    ck_assert_uint_eq(choose("max:2G", 1000), 872);
    ck_assert_uint_eq(choose("max:-600M", 1000), 400);
    ck_assert_uint_eq(choose("min:512M", 1000), 872);
    ck_assert_uint_eq(choose("256M,min:512M", 1000), 512);
    ck_assert_uint_eq(choose("256M,min:2G", 1000), 872); /* as much of it as there is */
    ck_assert_uint_eq(choose("800M,max:512M", 1000), 512);
    ck_assert_uint_eq(choose("min:600M,max:512M,100M", 1000), 512);
}
END_TEST

/* Nothing of a wrong value counts: a typing error must not make a Dom0 of half a megabyte. */
START_TEST(wrong_values_change_nothing)
{
    static const char *const wrong[] = {"",
                                        "512Q",
                                        "512M,x",
                                        "min:",
                                        "max:1G,min",
                                        "512MM",
                                        "--512M",
                                        "M",
                                        "-",
                                        "512M min:1G",
                                        "mix:1G",
                                        ",512M",
                                        "99999999999999999999999"};

    memset(&mem, 0x55, sizeof(mem));
    for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct dom0_mem before = mem;

        ck_assert_int_eq(dom0_mem_parse(wrong[i], &mem), -EINVAL);
        ck_assert_mem_eq(&mem, &before, sizeof(mem));
    }
}
END_TEST

TEST_MAIN("dom0-mem", all_but_a_reserve, fixed, limits, wrong_values_change_nothing)
