/* SPDX-License-Identifier: MIT */
/* test-cpu-policy.c - lib/cpu-policy.c: limits, order and number of leaves, setting, comparing. */
#include <string.h>
#include <xen/cpu-policy.h>
#include <xen/errno.h>
#include "test-main.h"

static struct cpu_policy p;
static struct xen_cpuid_leaf list[CPU_POLICY_LEAVES + 1];
static unsigned int nr;

/* A policy with every leaf there is. */
static void fill(void)
{
    memset(&p, 0, sizeof(p));
    p.basic[0].a = 0xd;
    p.feature[0].a = 2;
    p.ext[0].a = CPUID_EXT + CPUID_NR_EXT - 1;
    for (unsigned int i = 0; i < CPUID_NR_CACHE - 1; i++)
        p.cache[i].a = 1;
    p.basic[1] = (struct policy_regs){1, 2, 3, 4};
    p.feature[2].d = 0x77;
    p.ext[0x21].a = 0x44;
    p.xstate[62].b = 5;
}

static int collect(void *ctx, const struct xen_cpuid_leaf *leaf)
{
    (void)ctx;
    ck_assert_uint_lt(nr, sizeof(list) / sizeof(list[0]));
    list[nr++] = *leaf;
    return 0;
}

static int refuse(void *ctx, const struct xen_cpuid_leaf *leaf)
{
    (void)leaf;
    return --*(int *)ctx ? 0 : -ENOBUFS;
}

START_TEST(all_leaves_fit_and_ascend)
{
    fill();
    nr = 0;
    ck_assert_int_eq(cpu_policy_write(&p, collect, NULL), 0);
    ck_assert_uint_eq(nr, CPU_POLICY_LEAVES);
    for (unsigned int i = 1; i < nr; i++)
        ck_assert(list[i].leaf > list[i - 1].leaf ||
                  (list[i].leaf == list[i - 1].leaf && list[i].subleaf > list[i - 1].subleaf));
}
END_TEST

START_TEST(written_and_read_back)
{
    struct cpu_policy q;

    fill();
    p.hv_limit = 0x40000003;
    nr = 0;
    ck_assert_int_eq(cpu_policy_write(&p, collect, NULL), 0);
    memset(&q, 0, sizeof(q));
    for (unsigned int i = 0; i < nr; i++)
        ck_assert_int_eq(cpu_policy_set_leaf(&q, &list[i]), 0);
    ck_assert_mem_eq(&p, &q, sizeof(p));
}
END_TEST

START_TEST(writing_stops_at_an_error)
{
    int room = 7;

    fill();
    ck_assert_int_eq(cpu_policy_write(&p, refuse, &room), -ENOBUFS);
    ck_assert_int_eq(room, 0);
}
END_TEST

START_TEST(limits_hide_leaves)
{
    fill();
    ck_assert_uint_eq(cpu_policy_get(&p, 1, 99).c, 3);
    ck_assert_uint_eq(cpu_policy_get(&p, 7, 2).d, 0x77);
    ck_assert_uint_eq(cpu_policy_get(&p, CPUID_EXT + 0x21, 0).a, 0x44);
    ck_assert_uint_eq(cpu_policy_get(&p, 0xd, 63).b, 0);
    ck_assert_uint_eq(cpu_policy_get(&p, 0xe, 0).a, 0);
    ck_assert_uint_eq(cpu_policy_get(&p, CPUID_HV, 0).a, 0);
    p.feature[0].a = 1;
    ck_assert_uint_eq(cpu_policy_get(&p, 7, 2).d, 0);
    p.basic[0].a = 6;
    ck_assert_uint_eq(cpu_policy_get(&p, 7, 0).a, 0);
    p.ext[0].a = CPUID_EXT + 8;
    ck_assert_uint_eq(cpu_policy_get(&p, CPUID_EXT + 0x21, 0).a, 0);
    p.ext[0].a = 5; /* no extended leaves at all */
    ck_assert_uint_eq(cpu_policy_get(&p, CPUID_EXT, 0).a, 0);
}
END_TEST

START_TEST(absurd_limits_do_no_harm)
{
    memset(&p, 0xff, sizeof(p));
    nr = 0;
    ck_assert_int_eq(cpu_policy_write(&p, collect, NULL), 0);
    ck_assert_uint_eq(nr, CPU_POLICY_LEAVES);
    ck_assert_uint_eq(cpu_policy_get(&p, 0xffffffff, 0).a, 0);
    ck_assert_uint_eq(cpu_policy_get(&p, 0x3fffffff, 0).a, 0);
}
END_TEST

START_TEST(unknown_leaves_are_refused)
{
    static const struct xen_cpuid_leaf bad[] = {
        {.leaf = 0xe, .subleaf = XEN_CPUID_NO_SUBLEAF},
        {.leaf = 4, .subleaf = CPUID_NR_CACHE},
        {.leaf = 7, .subleaf = XEN_CPUID_NO_SUBLEAF},
        {.leaf = 1, .subleaf = 0},
        {.leaf = 0x40000001, .subleaf = XEN_CPUID_NO_SUBLEAF},
        {.leaf = CPUID_EXT + CPUID_NR_EXT, .subleaf = XEN_CPUID_NO_SUBLEAF},
    };
    struct cpu_policy before;

    fill();
    before = p;
    for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_int_eq(cpu_policy_set_leaf(&p, &bad[i]), -ERANGE);
    ck_assert_mem_eq(&p, &before, sizeof(p));
}
END_TEST

START_TEST(msrs)
{
    struct xen_msr_entry e = {.idx = MSR_ARCH_CAPS_, .val = 0x123456789};
    u32 words[CPU_FEATURE_WORDS];

    fill();
    ck_assert_int_eq(cpu_policy_set_msr(&p, &e), 0);
    cpu_policy_features(&p, words);
    ck_assert_uint_eq(words[16], 0x23456789);
    ck_assert_uint_eq(words[17], 1);
    e.flags = 1;
    ck_assert_int_eq(cpu_policy_set_msr(&p, &e), -EINVAL);
    e = (struct xen_msr_entry){.idx = 0x10};
    ck_assert_int_eq(cpu_policy_set_msr(&p, &e), -ERANGE);
}
END_TEST

START_TEST(checked_against_the_host)
{
    struct cpu_policy_error err = {1, 2, 3};
    struct cpu_policy host;

    fill();
    host = p;
    ck_assert_int_eq(cpu_policy_check(&host, &p, &err), 0);
    ck_assert_uint_eq(err.leaf, 1); /* untouched */
    host.basic[0].a--;
    ck_assert_int_eq(cpu_policy_check(&host, &p, &err), -EINVAL);
    ck_assert_uint_eq(err.leaf, 0);
    ck_assert_uint_eq(err.msr, ~0U);
    host = p;
    host.feature[0].a--;
    ck_assert_int_eq(cpu_policy_check(&host, &p, &err), -EINVAL);
    ck_assert_uint_eq(err.leaf, 7);
    ck_assert_uint_eq(err.subleaf, 0);
    host = p;
    p.platform_info = PLATFORM_INFO_FAULT;
    ck_assert_int_eq(cpu_policy_check(&host, &p, &err), -EINVAL);
    ck_assert_uint_eq(err.msr, MSR_PLATFORM_INFO_);
    ck_assert_uint_eq(err.leaf, ~0U);
}
END_TEST

START_TEST(features_only_go)
{
    u32 before[CPU_FEATURE_WORDS], limit_words[CPU_FEATURE_WORDS], after[CPU_FEATURE_WORDS];
    struct cpu_policy limit;

    memset(&limit, 0, sizeof(limit));
    memset(&p, 0xff, sizeof(p));
    limit.basic[1].c = 0x80000001;
    limit.ext[0x21].c = 0x10;
    limit.xstate[1].a = 3;
    limit.arch_caps = 1ULL << 40;
    cpu_policy_features(&p, before);
    cpu_policy_features(&limit, limit_words);
    cpu_policy_restrict(&p, &limit);
    cpu_policy_features(&p, after);
    for (unsigned int i = 0; i < CPU_FEATURE_WORDS; i++)
        ck_assert_uint_eq(after[i], before[i] & limit_words[i]);
    ck_assert_uint_eq(p.basic[1].a, ~0U); /* what is no feature stays */
}
END_TEST

TEST_MAIN("cpu-policy", all_leaves_fit_and_ascend, written_and_read_back, writing_stops_at_an_error,
          limits_hide_leaves, absurd_limits_do_no_harm, unknown_leaves_are_refused, msrs,
          checked_against_the_host, features_only_go)
