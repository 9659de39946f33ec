/* SPDX-License-Identifier: MIT */
/*
 * test-build-cpu.c - CPU policies of new domains. The host's and the default policies are made up
 * here: --wrap=xctl_host_cpu_policy.
 */
#include "build/sim-guest.h"
#include "cpu.h"
#include "fail-alloc.h"
#include "test-main.h"
#include <errno.h>
#include <string.h>
#include <xenolith/public/sysctl.h>

#define NO_SUB XEN_CPUID_NO_SUBLEAF

static struct xlight__why why;
static uint32_t vendor_ebx, host_edx, host_cmp, host_itsc, threads, cores_ecx;

static const char *text(void)
{
    static char buf[1024];

    xlight__why_format(&why, buf, sizeof(buf));
    return buf;
}

int __real_xctl_host_cpu_policy(xctl_handle *h, unsigned int which,
                                struct xen_cpuid_leaf *ret_leaves, uint32_t *nr_leaves,
                                struct xen_msr_entry *ret_msrs, uint32_t *nr_msrs);
int __wrap_xctl_host_cpu_policy(xctl_handle *h, unsigned int which,
                                struct xen_cpuid_leaf *ret_leaves, uint32_t *nr_leaves,
                                struct xen_msr_entry *ret_msrs, uint32_t *nr_msrs);
int __wrap_xctl_host_cpu_policy(xctl_handle *h, unsigned int which,
                                struct xen_cpuid_leaf *ret_leaves, uint32_t *nr_leaves,
                                struct xen_msr_entry *ret_msrs, uint32_t *nr_msrs)
{
    bool host = which == XEN_SYSCTL_cpu_policy_host;
    const struct xen_cpuid_leaf leaves[] = {
        {0, NO_SUB, 0xd, vendor_ebx, 0, 0},
        /* Guests are offered VMX, not SVM and PAE; threads in EBX 23:16. */
        {1, NO_SUB, 1, threads << 16 | 0x800, 0x20, host ? host_edx : 0},
        {4, 0, 0x1c004121, 0x3f, 0x3f, 0},
        {4, 1, 0x7c004143, 0x3f, 0x3f, 0},
        {4, 2, 0, 0, 0, 0},
        {0x80000000, NO_SUB, 0x80000008, 0, 0, 0},
        {0x80000001, NO_SUB, 0, 0, host ? host_cmp : 2, 0},
        {0x80000007, NO_SUB, 0, 0, 0, host ? host_itsc : 0x100},
        {0x80000008, NO_SUB, 0x3028, 0, cores_ecx, 0},
    };
    int rc = __real_xctl_host_cpu_policy(h, which, ret_leaves, nr_leaves, ret_msrs, nr_msrs);

    if (rc)
        return rc;
    ck_assert_uint_ge(*nr_leaves, 9);
    memcpy(ret_leaves, leaves, sizeof(leaves));
    *nr_leaves = 9;
    return 0;
}

static struct xen_cpuid_leaf leaf_of(domid_t domid, uint32_t leaf, uint32_t subleaf)
{
    struct xen_cpuid_leaf leaves[120];
    uint32_t nr = 120, msrs = 0;

    ck_assert_int_eq(xctl_domain_get_cpu_policy(sim_h, domid, leaves, &nr, NULL, &msrs), 0);
    for (uint32_t i = 0; i < nr; i++)
        if (leaves[i].leaf == leaf && leaves[i].subleaf == subleaf)
            return leaves[i];
    ck_abort_msg("no leaf 0x%x", leaf);
    return leaves[0];
}

static domid_t make(bool hvm, const struct xlight__cpu_options *o)
{
    domid_t d = sim_domain_make(hvm, 100, 1).domid;

    why.nr = 0;
    ck_assert_msg(!xlight__cpu_policy(sim_h, d, hvm, o, &why), "%s", text());
    return d;
}

START_TEST(pv_has_the_topology_of_the_host)
{
    sim_start("sim:");
    for (int i = 0; i < 4; i++) {
        struct xlight__cpu_options o = {.itsc = i & 1};
        domid_t d;

        vendor_ebx = 0x68747541;
        host_edx = i & 1 ? 1U << 28 : 0;
        host_cmp = i & 2 ? 2 : 0;
        host_itsc = i & 2 ? 0x100 : 0;
        threads = 4;
        cores_ecx = 0x3003;
        d = make(false, &o);
        ck_assert_uint_eq(leaf_of(d, 1, NO_SUB).d, host_edx);
        ck_assert_uint_eq(leaf_of(d, 1, NO_SUB).b, 0x40800);
        ck_assert_uint_eq(leaf_of(d, 0x80000001, NO_SUB).c & 2, host_cmp);
        ck_assert_uint_eq(leaf_of(d, 0x80000008, NO_SUB).c, 0x3003);
        ck_assert_uint_eq(leaf_of(d, 0x80000007, NO_SUB).d, i == 3 ? 0x100 : 0);
        sim_domain_drop(d);
    }
    sim_stop();
}
END_TEST

START_TEST(hvm_has_room_for_its_apic_ids)
{
    struct xlight__cpu_options o = {0};
    domid_t d;

    sim_start("sim:");
    vendor_ebx = 0x756e6547;
    threads = 8;
    cores_ecx = 0;
    d = make(true, NULL);
    ck_assert_uint_eq(leaf_of(d, 1, NO_SUB).b, 0x100800);
    ck_assert_uint_eq(leaf_of(d, 1, NO_SUB).d, 1U << 28 | 1U << 6);
    ck_assert_uint_eq(leaf_of(d, 1, NO_SUB).c, 0);
    ck_assert_uint_eq(leaf_of(d, 0x80000001, NO_SUB).c, 0);
    /* 8 cores and 2 threads become 16 cores; 32 cores cannot be doubled in 6 bits. */
    ck_assert_uint_eq(leaf_of(d, 4, 0).a, 0x3c000121);
    ck_assert_uint_eq(leaf_of(d, 4, 1).a, 0xfc000143);
    ck_assert_uint_eq(leaf_of(d, 4, 2).a, 0);
    sim_domain_drop(d);
    vendor_ebx = 0x68747541;
    threads = 0x80;
    cores_ecx = 0x3007;
    o.nested = true;
    d = make(true, &o);
    ck_assert_uint_eq(leaf_of(d, 1, NO_SUB).b, 0x800800);
    ck_assert_uint_eq(leaf_of(d, 1, NO_SUB).c, 0x20);
    ck_assert_uint_eq(leaf_of(d, 0x80000001, NO_SUB).c, 4);
    ck_assert_uint_eq(leaf_of(d, 0x80000008, NO_SUB).c, 0x400f);
    ck_assert_uint_eq(leaf_of(d, 4, 0).a, 0x1c004121);
    sim_domain_drop(d);
    cores_ecx = 0x7f;
    d = make(true, &o);
    ck_assert_uint_eq(leaf_of(d, 0x80000008, NO_SUB).c, 0x7f);
    sim_domain_drop(d);
    cores_ecx = 0xf001;
    d = make(true, &o);
    ck_assert_uint_eq(leaf_of(d, 0x80000008, NO_SUB).c, 0xf003);
    sim_domain_drop(d);
    cores_ecx = 0x0001;
    d = make(true, &o);
    ck_assert_uint_eq(leaf_of(d, 0x80000008, NO_SUB).c, 0x0003);
    sim_domain_drop(d);
    sim_stop();
}
END_TEST

START_TEST(changes_come_last)
{
    const struct xlight__cpu_change changes[] = {{1, NO_SUB, 3, 1U << 28, 0x8},
                                                 {4, 1, 0, ~0U, 0x77},
                                                 {0x80000008, NO_SUB, 2, 0xff, 0x11},
                                                 {0, NO_SUB, 1, 0, 0}};
    struct xlight__cpu_options o = {.changes = changes, .nr_changes = 4};
    struct xlight__cpu_change wrong = {0x99, NO_SUB, 0, 0, 0};
    domid_t d;

    sim_start("sim:");
    vendor_ebx = 0x68747541;
    cores_ecx = 0x3007;
    d = make(true, &o);
    ck_assert_uint_eq(leaf_of(d, 1, NO_SUB).d, 1U << 6 | 8);
    ck_assert_uint_eq(leaf_of(d, 4, 1).a, 0x77);
    ck_assert_uint_eq(leaf_of(d, 0x80000008, NO_SUB).c, 0x4011);
    o = (struct xlight__cpu_options){.changes = &wrong, .nr_changes = 1};
    why.nr = 0;
    ck_assert_int_eq(xlight__cpu_policy(sim_h, d, true, &o, &why), -ENOENT);
    ck_assert_ptr_nonnull(strstr(text(), "has no leaf 0x99"));
    wrong = (struct xlight__cpu_change){1, NO_SUB, 4, 0, 0};
    ck_assert_int_eq(xlight__cpu_policy(sim_h, d, true, &o, NULL), -ENOENT);
    /* More than the host can do. */
    wrong = (struct xlight__cpu_change){0, NO_SUB, 0, 0, 0xff};
    why.nr = 0;
    ck_assert_int_eq(xlight__cpu_policy(sim_h, d, true, &o, &why), -EINVAL);
    ck_assert_ptr_nonnull(strstr(text(), "CPUID leaf 0x0"));
    ck_assert_ptr_nonnull(strstr(text(), "cannot set up the CPUs of domain"));
    sim_domain_drop(d);
    sim_stop();
}
END_TEST

START_TEST(everything_fails_once)
{
    bool failed = true;
    domid_t d;
    int n;

    sim_start("sim:");
    d = sim_domain_make(true, 100, 1).domid;
    for (n = 1; failed; n++) {
        unsigned int left;
        int rc;

        ck_assert_int_eq(xctl_sim_fail(sim_h, XCTL_SIM_ANY, XCTL_SIM_ANY_CMD, (unsigned int)n, EIO),
                         0);
        why.nr = 0;
        rc = xlight__cpu_policy(sim_h, d, true, NULL, &why);
        ck_assert_int_eq(xctl_sim_fail_clear(sim_h, &left), 0);
        failed = !left;
        ck_assert_int_eq(rc < 0, failed);
        ck_assert_int_eq(why.nr > 0, failed);
    }
    ck_assert_int_ge(n, 4);
    failed = true;
    for (n = 1; failed; n++) {
        int rc;

        fail_alloc_in = n;
        rc = xlight__cpu_policy(sim_h, d, true, NULL, NULL);
        failed = !fail_alloc_in;
        fail_alloc_in = 0;
        ck_assert_int_eq(rc, failed ? -ENOMEM : 0);
    }
    ck_assert_int_ge(n, 3);
    sim_domain_drop(d);
    sim_stop();
}
END_TEST

TEST_MAIN("build-cpu", pv_has_the_topology_of_the_host, hvm_has_room_for_its_apic_ids,
          changes_come_last, everything_fails_once)
