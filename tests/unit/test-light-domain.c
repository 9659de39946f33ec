/* SPDX-License-Identifier: MIT */
/* test-light-domain.c - domains of a simulated host, with our store daemon beside it. */
#include "fail-each.h"
#include "test-main.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/light-config.h>
#include <xenolith/light-domain.h>
#include "private.h"

static char dir[] = "/tmp/test-light-XXXXXX", where[128];
static pid_t daemon_pid;
static xlight_handle *h;

static void start(void)
{
    const char *slow = getenv("TEST_SCALE");
    int tries = 500 * (slow && atoi(slow) > 0 ? atoi(slow) : 1), rc = -1;
    char sock[64];

    ck_assert_ptr_nonnull(mkdtemp(dir));
    setenv("XENSTORED_RUNDIR", dir, 1);
    snprintf(sock, sizeof(sock), "%s/host", dir);
    snprintf(where, sizeof(where), "sim:store=%s/socket", dir);
    daemon_pid = fork();
    if (!daemon_pid) {
        execl(BUILD_DIR "/daemons/xenstored/xenstored", "xenstored", "-N", "--host", sock,
              (char *)NULL);
        _exit(127);
    }
    for (int i = 0; rc && i < tries; i++) {
        usleep(20000);
        rc = xlight_open(where, &h);
    }
    ck_assert_int_eq(rc, 0);
}

static domid_t make(const char *name)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 3, .max_evtchn_port = -1, .max_grant_frames = 4, .max_maptrack_frames = 4};
    domid_t domid = 0;

    memset(config.handle, 0xa5, sizeof(config.handle));
    config.grant_opts = 1;
    ck_assert_int_eq(xctl_domain_create(h->ctrl, 0, &config, &domid), 0);
    ck_assert_int_eq(xctl_domain_set_max_mem(h->ctrl, domid, 8192), 0);
    if (name)
        ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL,
                                             XSTORE_PATH("/local/domain/%u/name", domid), name),
                         0);
    return domid;
}

START_TEST(list_info_find)
{
    struct xlight_domain *list = NULL, *one = NULL;
    unsigned int nr = 0;
    uint32_t domid = 99;
    domid_t a, b;

    start();
    a = make("web");
    b = make(NULL);
    ck_assert_int_eq(xlight_domain_list(h, &list, &nr), 0);
    ck_assert_uint_eq(nr, 3);
    ck_assert_uint_eq(list[0].domid, 0);
    ck_assert_int_eq(list[0].type, XLIGHT_PV);
    ck_assert_uint_eq(list[1].domid, a);
    ck_assert_str_eq(list[1].name, "web");
    ck_assert_uint_eq(list[1].uuid[15], 0xa5);
    ck_assert_uint_eq(list[1].max_memory_kb, 8192);
    ck_assert_uint_eq(list[1].memory_kb, 0);
    ck_assert(list[1].paused && !list[1].shutdown && !list[1].dying);
    ck_assert_int_eq(list[1].shutdown_reason, -1);
    ck_assert_ptr_null(list[2].name);
    xlight_domain_list_free(list, nr);
    xlight_domain_list_free(NULL, 0);

    ck_assert_int_eq(xctl_domain_shutdown(h->ctrl, a, 3), 0);
    ck_assert_int_eq(xlight_domain_info(h, a, &one), 0);
    ck_assert(one->shutdown);
    ck_assert_int_eq(one->shutdown_reason, 3);
    xlight_domain_list_free(one, 1);
    one = NULL;

    ck_assert_int_eq(xlight_domain_find(h, "web", &domid), 0);
    ck_assert_uint_eq(domid, a);
    ck_assert_int_eq(xlight_domain_find(h, "0", &domid), 0);
    ck_assert_uint_eq(domid, 0);
    ck_assert_int_eq(xlight_domain_find(h, "wob", &domid), -ESRCH);
    ck_assert_str_eq(xlight_error_text(h, 0), "there is no domain \"wob\"");
    ck_assert_int_eq(xlight_domain_find(h, "777", &domid), -ESRCH);
    ck_assert_uint_eq(xlight_error_domid(h, 0), 777);
    ck_assert_int_eq(xlight_domain_find(h, "99999999999", &domid), -ESRCH);
    ck_assert_int_eq(xlight_domain_info(h, 777, &one), -ESRCH);
    ck_assert_int_eq(xlight_domain_info(h, 0x7ff1, &one), -ESRCH);
    ck_assert_ptr_null(one);
    ck_assert_int_eq(
        xstore_write_string(h->store, XBT_NULL, XSTORE_PATH("/local/domain/%u/name", b), "web"), 0);
    ck_assert_int_eq(xlight_domain_find(h, "web", &domid), -ENOTUNIQ);
    ck_assert_uint_eq(domid, 0);

    /* Each allocation, and each hypercall, fails once. */
    for (int n = 1, rc, more = true; more; n++) {
        list = NULL;
        fail_each_begin(n);
        rc = xlight_domain_list(h, &list, &nr);
        more = fail_each_end();
        ck_assert_msg(!rc || (rc == -ENOMEM && more), "allocation %d: %d", n, rc);
        ck_assert_int_eq(!list, !!rc);
        if (!rc)
            xlight_domain_list_free(list, nr);
    }
    ck_assert_int_eq(xctl_sim_fail(h->ctrl, XCTL_SIM_ANY, XCTL_SIM_ANY_CMD, 1, EPERM), 0);
    ck_assert_int_eq(xlight_domain_list(h, &list, &nr), -EPERM);
    ck_assert_str_eq(xlight_error_text(h, 0), "cannot list the domains");
    /* The store goes away. */
    kill(daemon_pid, SIGKILL);
    waitpid(daemon_pid, NULL, 0);
    ck_assert_int_lt(xlight_domain_list(h, &list, &nr), 0);
    ck_assert_str_eq(xlight_error_text(h, 0), "cannot see what domain 0 is");
    xlight_close(h);
    snprintf(where, sizeof(where), "rm -r %s", dir);
    ck_assert_int_eq(system(where), 0);
}
END_TEST

START_TEST(without_a_store)
{
    xlight_handle *bare;
    struct xlight_domain *list;
    unsigned int nr;
    uint32_t domid;

    ck_assert_int_eq(xlight_open("sim:", &bare), 0);
    ck_assert_int_eq(xlight_domain_list(bare, &list, &nr), 0);
    ck_assert_uint_eq(nr, 1);
    ck_assert_ptr_null(list[0].name);
    xlight_domain_list_free(list, nr);
    ck_assert_int_eq(xlight_domain_find(bare, "web", &domid), -ENOTCONN);
    xlight_close(bare);
}
END_TEST

START_TEST(vcpus)
{
    uint8_t set[2] = {0x05, 0}, soft[2] = {0x06, 0};
    struct xlight_vcpu *list = NULL;
    xlight_handle *bare;
    unsigned int nr = 0;
    int rc = -ENOMEM;

    ck_assert_int_eq(xlight_open("sim:cpus=10", &bare), 0);
    ck_assert_int_eq(xctl_vcpu_set_affinity(xlight_ctrl(bare), 0, 1, set, soft, 10), 0);
    ck_assert_int_eq(xlight_vcpu_list(bare, 0, &list, &nr), 0);
    ck_assert_uint_eq(nr, 10);
    ck_assert_uint_eq(list[1].vcpu, 1);
    ck_assert(list[0].online);
    ck_assert_uint_eq(list[1].hard.nr, 10);
    ck_assert_uint_eq(list[1].hard.bytes[0], 0x05);
    ck_assert_uint_eq(list[1].hard.bytes[1], 0);
    ck_assert_uint_eq(list[0].hard.bytes[0], 0xff);
    ck_assert_uint_eq(list[0].hard.bytes[1], 0x03);
    xlight_vcpu_list_free(list, nr);
    xlight_vcpu_list_free(NULL, 0);
    list = NULL;
    ck_assert_int_eq(xlight_vcpu_list(bare, 5, &list, &nr), -ESRCH);
    ck_assert_str_eq(xlight_error_text(bare, 0), "cannot list the vCPUs of domain 5");
    ck_assert_int_eq(xlight_vcpu_list(bare, 70000, &list, &nr), -ESRCH);
    for (int n = 1, more = true; more; n++) {
        list = NULL;
        fail_each_begin(n);
        rc = xlight_vcpu_list(bare, 0, &list, &nr);
        more = fail_each_end();
        ck_assert_msg(!rc || (rc == -ENOMEM && more), "allocation %d: %d", n, rc);
        ck_assert_int_eq(!list, !!rc);
        xlight_vcpu_list_free(list, nr);
    }
    for (unsigned int n = 1, left = 0; !left; n++) {
        ck_assert_int_eq(xctl_sim_fail(xlight_ctrl(bare), XCTL_SIM_ANY, XCTL_SIM_ANY_CMD, n, EPERM),
                         0);
        list = NULL;
        rc = xlight_vcpu_list(bare, 0, &list, &nr);
        ck_assert_int_eq(!list, !!rc);
        ck_assert_int_eq(xctl_sim_fail_clear(xlight_ctrl(bare), &left), 0);
        ck_assert(!rc || !left);
        xlight_vcpu_list_free(list, nr);
    }
    xlight_close(bare);
}
END_TEST

TEST_MAIN("light-domain", list_info_find, without_a_store, vcpus)
