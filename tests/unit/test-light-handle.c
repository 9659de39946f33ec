/* SPDX-License-Identifier: MIT */
/* test-light-handle.c - opening a host, with and without a store, and what failures say. */
#include "fail-each.h"
#include "test-main.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "private.h"

static xlight_handle *const untouched = (xlight_handle *)1;

/* A socket that accepts connections and answers nothing; path is its place. */
static int listen_somewhere(char path[64])
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(path, 64, "/tmp/test-light-%d", (int)getpid());
    strcpy(a.sun_path, path);
    unlink(path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(listen(fd, 100), 0);
    return fd;
}

static const char *text(const xlight_handle *h)
{
    static char buf[1024];

    xlight_error_format(h, buf, sizeof(buf));
    return buf;
}

START_TEST(simulated_host_without_store)
{
    xlight_handle *h = NULL;
    struct xen_sysctl_physinfo info;

    ck_assert_int_eq(xlight_open("sim:cpus=3", &h), 0);
    ck_assert_uint_eq(xlight_error_count(h), 0);
    ck_assert_str_eq(text(h), "");
    ck_assert_ptr_null(xlight_store(h));
    ck_assert_int_eq(xctl_host_info(xlight_ctrl(h), &info), 0);
    ck_assert_uint_eq(info.nr_cpus, 3);
    xlight_close(h);
    xlight_close(NULL);
}
END_TEST

START_TEST(option_store_is_taken_out_wherever_it_stands)
{
    static const char *const options[] = {"sim:store=%s", "sim:store=%s,cpus=3",
                                          "sim:cpus=3,store=%s", "sim:cpus=3,store=%s,mem=64"};
    char path[64], where[128];
    int fd = listen_somewhere(path);

    for (unsigned int i = 0; i < 4; i++) {
        xlight_handle *h = NULL;
        struct xen_sysctl_physinfo info;

        snprintf(where, sizeof(where), options[i], path);
        ck_assert_int_eq(xlight_open(where, &h), 0);
        ck_assert_ptr_nonnull(xlight_store(h));
        ck_assert_int_eq(xctl_host_info(xlight_ctrl(h), &info), 0);
        ck_assert_uint_eq(info.nr_cpus, i ? 3 : 4);
        xlight_close(h);
    }
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(open_says_why)
{
    xlight_handle *h = untouched;
    char why[512] = "";

    ck_assert_int_eq(xlight_open_why("vbox:", &h, why, sizeof(why)), -EINVAL);
    ck_assert_str_eq(why, "cannot open the hypervisor: no such kind of host: vbox:");
    ck_assert_int_eq(xlight_open_why("sim:cpus=0", &h, why, sizeof(why)), -EINVAL);
    ck_assert_ptr_nonnull(strstr(why, "out of range"));
    ck_assert_int_eq(xlight_open_why("sim:store=/nonexistent/s", &h, why, sizeof(why)), -ENOENT);
    ck_assert_str_eq(why, "cannot connect to the store daemon: /nonexistent/s: "
                          "No such file or directory");
    ck_assert_int_eq(xlight_open("sim:restore=/x", &h), -EINVAL);
    ck_assert_ptr_eq(h, untouched);
}
END_TEST

START_TEST(chain_goes_down_to_the_hypervisor)
{
    xlight_handle *h = NULL;
    int rc;

    ck_assert_int_eq(xlight_open("sim:", &h), 0);
    rc = xctl_domain_pause(xlight_ctrl(h), 77);
    xlight__fail_ctrl(h, rc, 77, "cannot stop the guest");
    ck_assert_int_eq(xlight__wrap(h, -EIO, XLIGHT_NO_DOMAIN, "cannot save all guests"), -EIO);
    ck_assert_str_eq(text(h), "cannot save all guests: cannot stop the guest: cannot pause, domain "
                              "77: domctl 3: ESRCH, no such domain or vCPU");
    ck_assert_uint_eq(xlight_error_count(h), 4);
    ck_assert_int_eq(xlight_error_code(h, 0), -EIO);
    ck_assert_int_eq(xlight_error_code(h, 3), -ESRCH);
    ck_assert_int_eq(xlight_error_code(h, 4), 0);
    ck_assert_uint_eq(xlight_error_domid(h, 0), XLIGHT_NO_DOMAIN);
    ck_assert_uint_eq(xlight_error_domid(h, 2), 77);
    ck_assert_uint_eq(xlight_error_domid(h, 9), XLIGHT_NO_DOMAIN);
    ck_assert_str_eq(xlight_error_text(h, 1), "cannot stop the guest");
    ck_assert_str_eq(xlight_error_text(h, 4), "");
    /* The next failure starts anew; a long chain keeps its ends. */
    xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN, "cause");
    for (int i = 0; i < 2 * XLIGHT__WHY_LINKS; i++)
        xlight__wrap(h, -EIO, XLIGHT_NO_DOMAIN, "wish %d", i);
    ck_assert_uint_eq(xlight_error_count(h), XLIGHT__WHY_LINKS);
    ck_assert_str_eq(xlight_error_text(h, 0), "wish 15");
    ck_assert_str_eq(xlight_error_text(h, XLIGHT__WHY_LINKS - 1), "cause");
    xlight_close(h);
}
END_TEST

START_TEST(chain_goes_down_to_the_store)
{
    xlight_handle *h = NULL;
    char path[64], where[128];
    int fd = listen_somewhere(path);

    snprintf(where, sizeof(where), "sim:store=%s", path);
    ck_assert_int_eq(xlight_open(where, &h), 0);
    xstore_set_timeout(xlight_store(h), 1);
    ck_assert_int_eq(xstore_mkdir(xlight_store(h), XBT_NULL, "/a"), -ETIMEDOUT);
    xlight__fail_store(h, -ETIMEDOUT, 5, "cannot introduce the guest");
    ck_assert_str_eq(text(h),
                     "cannot introduce the guest: cannot create /a: the store daemon takes "
                     "too long");
    ck_assert_uint_eq(xlight_error_domid(h, 1), 5);
    xlight_close(h);
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(no_memory_leaves_nothing)
{
    char path[64], where[128];
    int fd = listen_somewhere(path), rc = -ENOMEM;

    snprintf(where, sizeof(where), "sim:store=%s,cpus=2", path);
    for (int n = 1, more = true; more; n++) {
        xlight_handle *h = untouched;

        fail_each_begin(n);
        rc = xlight_open(where, &h);
        more = fail_each_end();
        ck_assert(!rc || (rc == -ENOMEM && more));
        ck_assert_int_eq(h == untouched, rc != 0);
        ck_assert_int_lt(n, 100);
        if (!rc)
            xlight_close(h);
    }
    close(fd);
    unlink(path);
}
END_TEST

TEST_MAIN("light-handle", simulated_host_without_store,
          option_store_is_taken_out_wherever_it_stands, open_says_why,
          chain_goes_down_to_the_hypervisor, chain_goes_down_to_the_store, no_memory_leaves_nothing)
