/* SPDX-License-Identifier: MIT */
/*
 * test-light-life-fails.c - creating and destroying with each call, each request to the store and
 * many allocations failing, and at every step: nothing is left.
 */
#include "device/os.h"
#include "light/fake-backend.h"
#include "light/life-host.h"
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/light-domain.h>

extern int fail_alloc_in; /* see fail-alloc.h */

static void all_settings(char buf[512])
{
    snprintf(buf, 512,
             "vcpus = 2\ncpus = \"0-1\"\ncpu_weight = 300\n"
             "cpuid = \"host,x2apic=0\"\nmaxmem = 16\n");
}

static const char *const types[] = {"type = \"pv\"\n", "type = \"pvh\"\n"};

/*
 * What fails: the nth one from begin on, for each n, or of what is very many for some of them. end
 * says whether it has come to that.
 */
struct failure {
    const char *what;
    unsigned int each;
    void (*begin)(unsigned int n);
    bool (*end)(void);
};

static void begin_call(unsigned int n)
{
    ck_assert_int_eq(xctl_sim_fail(h->ctrl, XCTL_SIM_ANY, XCTL_SIM_ANY_CMD, n, EIO), 0);
}

static bool end_call(void)
{
    unsigned int left = 0;

    ck_assert_int_eq(xctl_sim_fail_clear(h->ctrl, &left), 0);
    return !left;
}

static void begin_request(unsigned int n)
{
    sim_store_fail_in = n;
}

static bool end_request(void)
{
    bool failed = !sim_store_fail_in;

    sim_store_fail_in = 0;
    return failed;
}

static void begin_allocation(unsigned int n)
{
    fail_alloc_in = (int)n;
}

static bool end_allocation(void)
{
    bool failed = fail_alloc_in <= 0;

    fail_alloc_in = 0;
    return failed;
}

static const struct failure failures[] = {
    {"call", 1, begin_call, end_call},
    {"request", 1, begin_request, end_request},
    {"allocation", 7, begin_allocation, end_allocation},
};

/* Either create failed or the domain is destroyed: nothing is left of it. */
static bool create_with_failure(const char *more, const struct failure *f, unsigned int n)
{
    struct xlight_config *c = config(more);
    xlight_op *op = NULL;
    char when[64];
    bool failed;
    int rc;

    f->begin(n);
    rc = xlight_domain_create_start(h, c, NULL, &op);
    if (!rc)
        rc = xlight_op_wait(op);
    failed = f->end();
    snprintf(when, sizeof(when), "%s %u fails: %d", f->what, n, rc);
    ck_assert_msg(failed || !rc, "%s: %s", when, text());
    ck_assert(!rc || xlight_error_count(h));
    if (!rc)
        ck_assert_int_eq(destroy(xlight_op_domid(op)), 0);
    xlight_op_free(op);
    xlight_config_free(c);
    sim_check_snapshot(h, nothing, when);
    return failed;
}

START_TEST(create_with_each_failing)
{
    setup("");
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < sizeof(failures) / sizeof(failures[0]); j++) {
            unsigned int n = 1;
            char more[600];

            strcpy(more, types[i]);
            all_settings(more + strlen(more));
            while (create_with_failure(more, &failures[j], n))
                n += failures[j].each;
            ck_assert_uint_gt(n, 30);
        }
    teardown();
}
END_TEST

/* One failure: destroy says so, or does it once more itself; at most the next try is needed. */
static bool destroy_with_failure(const struct failure *f, unsigned int n)
{
    uint32_t domid = create("", false);
    char when[64];
    bool failed;
    int rc;

    f->begin(n);
    rc = destroy(domid);
    failed = f->end();
    snprintf(when, sizeof(when), "%s %u fails: %d", f->what, n, rc);
    ck_assert_msg(failed || !rc, "%s: %s", when, text());
    if (rc)
        rc = destroy(domid);
    ck_assert_msg(!rc || rc == -ESRCH, "%s: %s", when, text());
    sim_check_snapshot(h, nothing, when);
    return failed;
}

START_TEST(destroy_with_each_failing)
{
    setup("");
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        unsigned int n = 1;

        while (destroy_with_failure(&failures[i], n))
            n += failures[i].each;
        ck_assert_uint_gt(n, 4);
    }
    teardown();
}
END_TEST

START_TEST(destroy_at_every_step)
{
    xlight_op *op;
    bool ended = false;
    char when[64];

    setup("");
    for (int n = 0; !ended; n++) {
        uint32_t domid = create("", false);
        int rc = -EINPROGRESS;

        ck_assert_int_eq(xlight_domain_destroy_start(h, domid, &op), 0);
        for (int i = 0; i < n && rc == -EINPROGRESS; i++)
            rc = xlight_op_process(op);
        ended = rc == 0;
        xlight_op_free(op);
        /* Freed before it had begun: it is still there. */
        if (!n)
            ck_assert_int_eq(destroy(domid), 0);
        snprintf(when, sizeof(when), "freed after %d steps", n);
        sim_check_snapshot(h, nothing, when);
    }
    teardown();
}
END_TEST

START_TEST(many_at_once)
{
    struct xlight_config *c[20];
    xlight_op *op[20];
    char more[128];
    int running = 20;

    setup("");
    for (int i = 0; i < 20; i++) {
        snprintf(more, sizeof(more),
                 "name = \"g%d\"\nuuid = \"%02d020304-0506-0708-090a-0b0c0d0e0f10\"", i, i + 10);
        c[i] = config(more);
        op[i] = create_start(c[i], false);
    }
    while (running) {
        running = 0;
        for (int i = 0; i < 20; i++) {
            int rc = xlight_op_process(op[i]);

            ck_assert_msg(!rc || rc == -EINPROGRESS, "%d: %s", i, text());
            running += rc != 0;
        }
        usleep(1000);
    }
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(destroy(xlight_op_domid(op[i])), 0);
        xlight_op_free(op[i]);
        xlight_config_free(c[i]);
    }
    teardown();
}
END_TEST

TEST_MAIN("light-life-fails", create_with_each_failing, destroy_with_each_failing,
          destroy_at_every_step, many_at_once)
