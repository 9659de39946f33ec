/* SPDX-License-Identifier: MIT */
/* test-params.c - command-line options: kinds, refusals, advice. */
#include "test-main.h"
#include <string.h>
#include <xen/lib.h>
#include <xen/param.h>
#include "shim.h"

static bool opt_bool;
static u32 opt_uint;
static u64 opt_size;
static char opt_text[8], custom_value[32];

static int custom(const char *value)
{
    if (!strcmp(value, "bad"))
        return -EINVAL;
    strlcpy(custom_value, value, sizeof(custom_value));
    return 0;
}

static const struct param table[] = {
    {"watchdog", "bool", PARAM_BOOL, 0, &opt_bool, NULL},
    {"noreboot", "bool", PARAM_BOOL, 0, &opt_bool, NULL},
    {"maxcpus", "number", PARAM_UINT, 0, &opt_uint, NULL},
    {"dom0_mem", "size", PARAM_SIZE, 0, &opt_size, NULL},
    {"console", "text", PARAM_STRING, sizeof(opt_text), opt_text, NULL},
    {"cpufreq", "custom", PARAM_CUSTOM, 0, NULL, custom},
};

static char reported[128], advised[128];
static unsigned int reports;

static void report(const char *option, const char *advice)
{
    reports++;
    strlcpy(reported, option, sizeof(reported));
    strlcpy(advised, advice, sizeof(advised));
}

static unsigned int parse(const char *cmdline)
{
    unsigned int bad;

    reports = 0;
    bad = params_parse(cmdline, table, table + ARRAY_SIZE(table), report);
    ck_assert_uint_eq(bad, reports);
    return bad;
}

START_TEST(test_good)
{
    static const char *const yes[] = {"watchdog", "watchdog=1", "watchdog=on", "watchdog=true"};
    static const char *const no[] = {"no-watchdog", "watchdog=0", "watchdog=off", "watchdog=no"};

    for (unsigned int i = 0; i < ARRAY_SIZE(yes); i++) {
        opt_bool = false;
        ck_assert_uint_eq(parse(yes[i]), 0);
        ck_assert(opt_bool);
        ck_assert_uint_eq(parse(no[i]), 0);
        ck_assert(!opt_bool);
    }
    ck_assert_uint_eq(parse("  maxcpus=0x10\tdom0_mem=512M console=com1,x  cpufreq noreboot "), 0);
    ck_assert(opt_bool);
    ck_assert_uint_eq(opt_uint, 16);
    ck_assert_uint_eq(opt_size, 512UL << 20);
    ck_assert_str_eq(opt_text, "com1,x");
    ck_assert_str_eq(custom_value, "");
    ck_assert_uint_eq(parse("cpufreq=xen:performance=1 dom0_mem=64 console="), 0);
    ck_assert_str_eq(custom_value, "xen:performance=1");
    ck_assert_uint_eq(opt_size, 64 << 10);
    ck_assert_str_eq(opt_text, "");
    ck_assert_uint_eq(parse(""), 0);
}
END_TEST

START_TEST(test_bad)
{
    static const char *const bad[] = {
        "watchdog=maybe",     "no-watchdog=1", "no-maxcpus", "maxcpus",
        "maxcpus=",           "maxcpus=3x",    "maxcpus=-1", "maxcpus=4294967296",
        "dom0_mem=12Q",       "dom0_mem",      "console",    "console=12345678",
        "dom0_mem=99999999T", "cpufreq=bad",   "=",          "no-",
        "watchdog=",          "no-cpufreq",    "zzz",
    };

    parse("maxcpus=7 dom0_mem=1G console=ok watchdog");
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        ck_assert_msg(parse(bad[i]) == 1, "%s", bad[i]);
        ck_assert_str_eq(reported, bad[i]);
    }
    ck_assert_uint_eq(opt_uint, 7);
    ck_assert_uint_eq(opt_size, 1 << 30);
    ck_assert_str_eq(opt_text, "ok");
    ck_assert(opt_bool);
    /* The rest is still parsed. */
    ck_assert_uint_eq(parse("foo maxcpus=9 bar"), 2);
    ck_assert_uint_eq(opt_uint, 9);
}
END_TEST

START_TEST(test_advice)
{
    char longest[600];

    parse("watchdgo=1");
    ck_assert_str_eq(advised, "unknown option; did you mean 'watchdog'?");
    parse("max_cpus=1");
    ck_assert_str_eq(advised, "unknown option; did you mean 'maxcpus'?");
    parse("dom0mem=1");
    ck_assert_str_eq(advised, "unknown option; did you mean 'dom0_mem'?");
    parse("quiet");
    ck_assert_str_eq(advised, "unknown option");
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    parse(longest);
    ck_assert_str_eq(advised, "option too long");
    longest[200] = ' ';
    ck_assert_uint_eq(parse(longest), 2);
    longest[455] = '\0';
    ck_assert_uint_eq(parse(longest), 2);
}
END_TEST

START_TEST(test_help)
{
    shim_bug_expected = true; /* keeps the text off the screen */
    params_print_help(table, table + ARRAY_SIZE(table));
    shim_bug_expected = false;
    ck_assert_str_eq(shim_last_message, "  cpufreq=<value>: custom\n");
}
END_TEST

TEST_MAIN("params", test_good, test_bad, test_advice, test_help)
