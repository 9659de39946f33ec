/* SPDX-License-Identifier: MIT */
/* test-ctrl-errors.c - what is left and what is said when a call fails: each one, each time. */
#include "fail-each.h"
#include "test-main.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenolith/ctrl.h>
#include <xenolith/ctrl-sim.h>

static xctl_handle *open_sim(const char *where)
{
    xctl_handle *h = NULL;

    ck_assert_int_eq(xctl_open(where, &h), 0);
    return h;
}

static const char *text(xctl_handle *h)
{
    static char buf[1024];

    xctl_error_format(h, buf, sizeof(buf));
    return buf;
}

START_TEST(chain_tells_wish_and_cause)
{
    xctl_handle *h = open_sim("sim:");
    char small[8];

    ck_assert_uint_eq(xctl_error_count(h), 0);
    ck_assert_str_eq(text(h), "");
    ck_assert_int_eq(xctl_domain_pause(h, 77), -ESRCH);
    ck_assert_str_eq(text(h), "cannot pause, domain 77: domctl 3: ESRCH, no such domain or vCPU");
    ck_assert_uint_eq(xctl_error_count(h), 2);
    ck_assert_int_eq(xctl_error_code(h, 0), -ESRCH);
    ck_assert_int_eq(xctl_error_domid(h, 1), 77);
    ck_assert_str_eq(xctl_error_text(h, 0), "cannot pause, domain 77");
    ck_assert_int_eq(xctl_error_code(h, 2), 0);
    ck_assert_int_eq(xctl_error_domid(h, 2), XCTL_NO_DOMAIN);
    ck_assert_str_eq(xctl_error_text(h, 2), "");
    /* Cut short, but with its full length told. */
    ck_assert_uint_eq(xctl_error_format(h, small, sizeof(small)), strlen(text(h)));
    ck_assert_str_eq(small, "cannot ");
    ck_assert_uint_eq(xctl_error_format(h, NULL, 0), strlen(text(h)));
    /* A new failure starts a new chain. */
    ck_assert_int_eq(xctl_cpupool_destroy(h, 9), -ENOENT);
    ck_assert_uint_eq(xctl_error_count(h), 2);
    ck_assert_int_eq(xctl_error_domid(h, 0), XCTL_NO_DOMAIN);
    xctl_close(h);
}
END_TEST

START_TEST(open_says_why)
{
    xctl_handle *h = (xctl_handle *)1;
    char why[256] = "";

    ck_assert_int_eq(xctl_open_why("vbox:", &h, why, sizeof(why)), -EINVAL);
    ck_assert_str_eq(why, "no such kind of host: vbox:");
    ck_assert_int_eq(xctl_open_why("sim:cpus=0", &h, why, sizeof(why)), -EINVAL);
    ck_assert_ptr_nonnull(strstr(why, "out of range"));
    ck_assert_int_eq(xctl_open_why("sim:a b", &h, why, sizeof(why)), -EINVAL);
    ck_assert_int_eq(xctl_open_why("sim:,colour=red", &h, why, sizeof(why)), -EINVAL);
    ck_assert_ptr_nonnull(strstr(why, "unknown option"));
    ck_assert_int_eq(xctl_open_why("sim:domid=5", &h, why, sizeof(why)), -ESRCH);
    ck_assert_ptr_nonnull(strstr(why, "no domain 5"));
    /* This machine is no Xen host, or we are not root there; either way h is left alone. */
    if (xctl_open_why(NULL, &h, why, sizeof(why)))
        ck_assert_ptr_nonnull(strstr(why, "/dev/xen/privcmd"));
    else
        xctl_close(h), h = (xctl_handle *)1;
    ck_assert_ptr_eq(h, (xctl_handle *)1);
    xctl_close(NULL);
}
END_TEST

/* The hypervisor refuses our version: then its own is looked for. */
START_TEST(version_names_both)
{
    xctl_handle *h = open_sim("sim:");

    ck_assert_int_eq(xctl_check_version(h), 0);
    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_DOMCTL, XEN_DOMCTL_pausedomain, 1, EACCES), 0);
    ck_assert_int_eq(xctl_domain_pause(h, 0), -EACCES);
    /* In truth it speaks ours: so it was something else that it refused. */
    ck_assert_ptr_nonnull(strstr(text(h), "not allowed by this hypervisor"));
    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_SYSCTL, XCTL_SIM_ANY_CMD, 0, EACCES), 0);
    ck_assert_int_eq(xctl_check_version(h), -EACCES);
    ck_assert_ptr_nonnull(strstr(text(h), "we speak sysctl 0x15 (Xen 4.17)"));
    xctl_close(h);
}
END_TEST

START_TEST(planned_failures)
{
    struct xen_sysctl_physinfo info;
    unsigned int left = 99;
    xctl_handle *h = open_sim("sim:");
    void *buf = NULL;

    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_SYSCTL, XEN_SYSCTL_physinfo, 2, EIO), 0);
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    ck_assert_int_eq(xctl_host_info(h, &info), -EIO);
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_HYPERCALL, __HYPERVISOR_sysctl, 0, EBUSY), 0);
    ck_assert_int_eq(xctl_host_info(h, &info), -EBUSY);
    ck_assert_int_eq(xctl_host_info(h, &info), -EBUSY);
    ck_assert_int_eq(xctl_sim_fail_clear(h, &left), 0);
    ck_assert_uint_eq(left, 0);
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_BUFFER, XCTL_SIM_ANY_CMD, 1, ENOMEM), 0);
    ck_assert_int_eq(xctl_buffer_alloc(h, 8192, &buf), -ENOMEM);
    ck_assert_ptr_null(buf);
    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_FOREIGN, XCTL_SIM_ANY_CMD, 7, EIO), 0);
    ck_assert_int_eq(xctl_sim_fail_clear(h, &left), 0);
    ck_assert_uint_eq(left, 1);
    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_ANY, 0, 1, 0), -EINVAL);
    for (int i = 0; i < 16; i++)
        ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_DM_OP, i, 1, EIO), 0);
    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_DM_OP, 0, 1, EIO), -ENOSPC);
    xctl_close(h);
}
END_TEST

/* Builds a small guest as a toolstack would; undoes everything when a step fails. */
static int build(xctl_handle *h)
{
    struct xen_domctl_createdomain c = {.max_vcpus = 2,
                                        .max_evtchn_port = 1023,
                                        .max_grant_frames = -1,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1)};
    struct vcpu_guest_context ctx = {.flags = VGCF_online};
    struct xen_domctl_getdomaininfo info;
    uint8_t cpus[16] = {0xf};
    xen_pfn_t pfns[64];
    uint32_t port;
    domid_t d;
    void *p = NULL;
    int rc = xctl_domain_create(h, 0, &c, &d);

    if (rc)
        return rc;
    for (int i = 0; i < 64; i++)
        pfns[i] = (xen_pfn_t)i;
    rc = xctl_domain_set_max_vcpus(h, d, 2);
    if (!rc)
        rc = xctl_domain_set_max_mem(h, d, 1024);
    if (!rc)
        rc = xctl_memory_claim(h, d, 64);
    if (!rc)
        rc = xctl_memory_populate_exact(h, d, 0, 0, pfns, 64);
    if (!rc)
        rc = xctl_foreign_map(h, d, PROT_READ | PROT_WRITE, pfns, 64, NULL, &p);
    if (!rc) {
        memset(p, 0x5a, 64 * 4096);
        rc = xctl_foreign_unmap(h, p, 64);
    }
    if (!rc)
        rc = xctl_domain_alloc_port(h, d, 0, &port);
    if (!rc)
        rc = xctl_resource_map(h, d, XENMEM_resource_grant_table, 0, 0, 1, PROT_READ | PROT_WRITE,
                               &p);
    if (!rc)
        rc = xctl_resource_unmap(h, p, 1);
    if (!rc)
        rc = xctl_vcpu_set_affinity(h, d, 1, cpus, NULL, 128);
    if (!rc)
        rc = xctl_vcpu_set_context(h, d, 0, &ctx);
    if (!rc)
        rc = xctl_memory_claim(h, d, 0);
    if (!rc)
        rc = xctl_domain_unpause(h, d);
    if (!rc)
        rc = xctl_domain_info(h, d, &info);
    if (!rc) {
        ck_assert_uint_eq(info.tot_pages, 64);
        ck_assert_uint_eq(info.nr_online_vcpus, 1);
    }
    /* The way back must work whatever happened. */
    ck_assert_int_eq(xctl_sim_fail_clear(h, NULL), 0);
    fail_each_end();
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    return rc;
}

static void check_clean(xctl_handle *h, uint64_t free_pages)
{
    struct xen_sysctl_physinfo info;

    ck_assert_int_eq(xctl_sim_fail_clear(h, NULL), 0);
    ck_assert_msg(!xctl_sim_audit(h), "%s", text(h));
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    ck_assert_uint_eq(info.free_pages, free_pages);
}

/* Every call of a build fails once: it must be told, and nothing may be left behind. */
START_TEST(every_call_fails_once)
{
    xctl_handle *h = open_sim("sim:mem=128");
    struct xen_sysctl_physinfo info;
    unsigned int n = 0;
    int rc;

    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    ck_assert_int_eq(build(h), 0);
    check_clean(h, info.free_pages);
    do {
        ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_ANY, XCTL_SIM_ANY_CMD, ++n, EIO), 0);
        rc = build(h);
        if (rc) {
            /* Memory for the call itself that cannot be had is told as such. */
            ck_assert(rc == -EIO || rc == -ENOMEM);
            ck_assert_uint_ge(xctl_error_count(h), 1);
            ck_assert_int_eq(xctl_error_code(h, 0), rc);
        }
        check_clean(h, info.free_pages);
        ck_assert_uint_lt(n, 500);
    } while (rc);
    ck_assert_uint_gt(n, 14);
    xctl_close(h);
}
END_TEST

START_TEST(every_allocation_fails_once)
{
    struct xen_sysctl_physinfo info;
    xctl_handle *h = NULL;
    int n = 0, rc = 0;

    do {
        if (n && !rc)
            xctl_close(h);
        fail_each_begin(++n);
        rc = xctl_open("sim:mem=128", &h);
        if (rc)
            ck_assert_int_eq(rc, -ENOMEM);
        ck_assert_int_lt(n, 100);
    } while (fail_each_end());
    ck_assert_int_eq(rc, 0);
    ck_assert_int_gt(n, 2);
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    n = 0;
    do {
        fail_each_begin(++n);
        rc = build(h);
        fail_each_end();
        if (rc)
            ck_assert_int_eq(rc, -ENOMEM);
        check_clean(h, info.free_pages);
        ck_assert_int_lt(n, 100);
    } while (fail_each_end());
    ck_assert_int_eq(rc, 0);
    ck_assert_int_gt(n, 1);
    xctl_close(h);
}
END_TEST

START_TEST(results_untouched_on_failure)
{
    xctl_handle *h = open_sim("sim:");
    struct xen_domctl_getdomaininfo info;
    xen_capabilities_info_t caps = "as it was";
    domid_t domid = 4242;
    void *p = &domid;
    uint32_t port = 4343;
    struct xen_domctl_createdomain c = {0};

    memset(&info, 0x5a, sizeof(info));
    ck_assert_int_eq(xctl_domain_info(h, 5, &info), -ESRCH);
    ck_assert_uint_eq(info.tot_pages, 0x5a5a5a5a5a5a5a5aULL);
    ck_assert_int_eq(xctl_domain_create(h, 0, &c, &domid), -EINVAL);
    ck_assert_uint_eq(domid, 4242);
    ck_assert_int_eq(xctl_foreign_map(h, 5, PROT_READ, &(xen_pfn_t){0}, 1, NULL, &p), -ESRCH);
    ck_assert_ptr_eq(p, &domid);
    ck_assert_int_eq(xctl_domain_alloc_port(h, 5, 0, &port), -ESRCH);
    ck_assert_uint_eq(port, 4343);
    ck_assert_int_eq(xctl_sim_fail(h, XCTL_SIM_HYPERCALL, __HYPERVISOR_xen_version, 1, EFAULT), 0);
    ck_assert_int_eq(xctl_version_capabilities(h, caps), -EFAULT);
    ck_assert_str_eq(caps, "as it was");
    xctl_close(h);
}
END_TEST

START_TEST(bitmaps)
{
    uint8_t map[3] = {0xaa, 0xaa, 0xaa};
    char buf[64];

    ck_assert_int_eq(xctl_bitmap_parse("0-3, 8,^2", map, 20), 0);
    ck_assert_uint_eq(map[0], 0x0b);
    ck_assert_uint_eq(map[1], 0x01);
    ck_assert_uint_eq(map[2], 0);
    ck_assert_uint_eq(xctl_bitmap_format(map, 20, buf, sizeof(buf)), 7);
    ck_assert_str_eq(buf, "0-1,3,8");
    ck_assert_int_eq(xctl_bitmap_parse("^0,all", map, 20), 0);
    xctl_bitmap_format(map, 20, buf, sizeof(buf));
    ck_assert_str_eq(buf, "1-19");
    map[0] = 0x77;
    ck_assert_int_eq(xctl_bitmap_parse("20", map, 20), -ERANGE);
    ck_assert_int_eq(xctl_bitmap_parse("99999999999999", map, 20), -ERANGE);
    ck_assert_int_eq(xctl_bitmap_parse("", map, 20), -EINVAL);
    ck_assert_int_eq(xctl_bitmap_parse("1,", map, 20), -EINVAL);
    ck_assert_int_eq(xctl_bitmap_parse("3-1", map, 20), -EINVAL);
    ck_assert_int_eq(xctl_bitmap_parse("1 2", map, 20), -EINVAL);
    ck_assert_int_eq(xctl_bitmap_parse("1", map, 0), -EINVAL);
    ck_assert_uint_eq(map[0], 0x77);
    memset(map, 0, sizeof(map));
    ck_assert_uint_eq(xctl_bitmap_format(map, 20, buf, sizeof(buf)), 0);
    ck_assert_str_eq(buf, "");
    ck_assert_uint_eq(xctl_bitmap_format((uint8_t[]){0xff}, 8, buf, 3), 3);
    ck_assert_str_eq(buf, "0-");
}
END_TEST

TEST_MAIN("ctrl-errors", chain_tells_wish_and_cause, open_says_why, version_names_both,
          planned_failures, every_call_fails_once, every_allocation_fails_once,
          results_untouched_on_failure, bitmaps)
