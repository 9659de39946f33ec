/* SPDX-License-Identifier: MIT */
/*
 * test-light-move-fails.c - saving and restoring with each call, each request to the store and many
 * allocations failing, called off at every turn, and from files that are damaged (of all these
 * every nth: test_every): the guest runs on, or nothing is left of it.
 */
#include "light/failures.h"
#include "light/fake-guest.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenolith/light-move.h>

static char path[64];

static void begin(void)
{
    guest_mib = LESS_MIB;
    setup("");
    snprintf(path, sizeof(path), "/tmp/test-light-move-fails.%d", getpid());
}

static void end(void)
{
    unlink(path);
    teardown();
}

static int turn(xlight_op *op)
{
    struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};

    poll(&p, 1, xlight_op_timeout(op));
    return xlight_op_process(op);
}

/* The guest's turns are none of ours, so nothing fails in them. */
static int drive_failing(xlight_op *op, uint32_t domid, const struct failure *f, unsigned int *left)
{
    int rc;

    do {
        f->arm(*left);
        rc = turn(op);
        *left = f->disarm();
        if (rc == -EINPROGRESS && domid)
            guest_answer(domid);
    } while (rc == -EINPROGRESS && *left);
    while (rc == -EINPROGRESS) {
        rc = turn(op);
        if (rc == -EINPROGRESS && domid)
            guest_answer(domid);
    }
    return rc;
}

static bool is_there(uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;

    return !xctl_domain_info(h->ctrl, (domid_t)domid, &info) && !(info.flags & XEN_DOMINF_dying);
}

static bool is_whole(void)
{
    struct xlight_stream_info info = {.size = sizeof(info)};
    int fd = open(path, O_RDONLY), rc;
    char why[256];

    if (fd < 0)
        return false;
    rc = xlight_stream_check(fd, &info, why, sizeof(why));
    close(fd);
    return !rc;
}

static uint32_t new_guest(void)
{
    uint32_t domid = create("", false);

    guest_boot(domid);
    return domid;
}

static xlight_op *save_start(uint32_t domid, bool live)
{
    struct xlight_save_options o = XLIGHT_SAVE_OPTIONS_INIT;
    xlight_op *op;

    o.live = live;
    ck_assert_int_eq(xlight_domain_save_start(h, domid, path, &o, &op), 0);
    return op;
}

/* Either it runs, and there is no file, or the file is whole. */
static void check_one_of_both(uint32_t *domid, int rc, const char *when)
{
    bool paused = false;
    struct xen_domctl_getdomaininfo info;

    if (!xctl_domain_info(h->ctrl, (domid_t)*domid, &info))
        paused = info.flags & XEN_DOMINF_paused;
    if (rc && is_there(*domid) && access(path, F_OK)) {
        guest_check_runs(*domid, when);
        return;
    }
    ck_assert_msg(is_whole(), "%s: there is no whole file", when);
    /* Destroying may have begun, and can be done again. */
    ck_assert_msg(!rc || paused || !is_there(*domid), "%s: it runs, and has been saved", when);
    if (rc)
        rc = destroy(*domid);
    ck_assert(!rc || rc == -ESRCH);
    sim_check_snapshot(h, nothing, when);
    ck_assert_int_eq(unlink(path), 0);
    *domid = new_guest();
}

static bool save_with_failure(uint32_t *domid, bool live, const struct failure *f, unsigned int n)
{
    xlight_op *op = save_start(*domid, live);
    unsigned int left = n;
    char when[96];
    int rc = drive_failing(op, *domid, f, &left);

    snprintf(when, sizeof(when), "%s %u fails: %d", f->what, n, rc);
    ck_assert_msg(!left || !rc, "%s: %s", when, text());
    ck_assert(!rc || xlight_error_count(h));
    xlight_op_free(op);
    check_one_of_both(domid, rc, when);
    return !left;
}

START_TEST(save_with_each_failing)
{
    uint32_t domid;

    begin();
    domid = new_guest();
    for (int live = 0; live < 2; live++)
        for (size_t i = 0; i < NR_FAILURES; i++) {
            unsigned int n = 1;

            while (save_with_failure(&domid, live, &failures[i], n))
                n += failures_step(&failures[i]);
            ck_assert_uint_gt(n, 15);
        }
    ck_assert_int_eq(destroy(domid), 0);
    end();
}
END_TEST

START_TEST(save_called_off_everywhere)
{
    uint32_t domid;

    begin();
    domid = new_guest();
    for (int live = 0; live < 2; live++) {
        int rc = -EINPROGRESS;

        for (unsigned int n = 0; rc; n += test_every(3)) {
            xlight_op *op = save_start(domid, live);
            char when[64];

            ck_assert_uint_lt(n, 200);
            rc = -EINPROGRESS;
            for (unsigned int i = 0; i < n && rc == -EINPROGRESS; i++) {
                rc = turn(op);
                if (rc == -EINPROGRESS)
                    guest_answer(domid);
            }
            if (rc == -EINPROGRESS)
                xlight_op_cancel(op);
            while ((rc = turn(op)) == -EINPROGRESS)
                guest_answer(domid);
            ck_assert(!rc || rc == -ECANCELED);
            xlight_op_free(op);
            snprintf(when, sizeof(when), "called off after %u turns: %d", n, rc);
            check_one_of_both(&domid, rc, when);
        }
    }
    ck_assert_int_eq(destroy(domid), 0);
    end();
}
END_TEST

static void make_file(void)
{
    xlight_op *op = save_start(new_guest(), false);
    uint32_t domid = xlight_op_domid(op);
    int rc;

    while ((rc = turn(op)) == -EINPROGRESS)
        guest_answer(domid);
    ck_assert_msg(!rc, "%s", text());
    xlight_op_free(op);
}

static bool restore_with_failure(bool lazy, const struct failure *f, unsigned int n)
{
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    unsigned int left = n;
    xlight_op *op = NULL;
    char when[64];
    int rc;

    o.lazy = lazy;
    ck_assert_int_eq(xlight_domain_restore_start(h, path, &o, &op), 0);
    rc = drive_failing(op, 0, f, &left);
    snprintf(when, sizeof(when), "%s %u fails: %d", f->what, n, rc);
    ck_assert_msg(!left || !rc, "%s: %s", when, text());
    ck_assert(!rc || xlight_error_count(h));
    if (!rc) {
        guest_check_restored(xlight_op_domid(op), when);
        ck_assert_int_eq(destroy(xlight_op_domid(op)), 0);
    }
    xlight_op_free(op);
    sim_check_snapshot(h, nothing, when);
    return !left;
}

/* Of one that runs lazily nothing is lost by a single failure, either. */
static void restore_failing(bool lazy)
{
    begin();
    make_file();
    for (size_t i = 0; i < NR_FAILURES; i++) {
        unsigned int n = 1;

        /* Most of it is the same when it is lazy. */
        while (restore_with_failure(lazy, &failures[i], n))
            n += (lazy ? 3 : 1) * failures_step(&failures[i]);
        ck_assert_uint_gt(n, 30);
    }
    end();
}

START_TEST(restore_with_each_failing)
{
    restore_failing(false);
}
END_TEST

START_TEST(restore_lazily_with_each_failing)
{
    restore_failing(true);
}
END_TEST

static void restore_called_off(bool lazy)
{
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    int rc = -EINPROGRESS;

    begin();
    make_file();
    o.lazy = lazy;
    for (unsigned int n = 0; rc; n += (lazy ? 3 : 1) * test_every(2)) {
        uint32_t domid;
        xlight_op *op;
        char when[64];

        ck_assert_uint_lt(n, 200);
        ck_assert_int_eq(xlight_domain_restore_start(h, path, &o, &op), 0);
        rc = -EINPROGRESS;
        for (unsigned int i = 0; i < n && rc == -EINPROGRESS; i++)
            rc = turn(op);
        domid = xlight_op_domid(op);
        if (!rc)
            ck_assert_int_eq(destroy(domid), 0);
        xlight_op_free(op);
        snprintf(when, sizeof(when), "called off after %u turns", n);
        /* Too late, lazily: all of it came. */
        if (lazy && rc && is_there(domid)) {
            guest_check_restored(domid, when);
            ck_assert_int_eq(destroy(domid), 0);
        }
        sim_check_snapshot(h, nothing, when);
    }
    end();
}

START_TEST(restore_called_off_everywhere)
{
    restore_called_off(false);
}
END_TEST

START_TEST(restore_called_off_lazily)
{
    restore_called_off(true);
}
END_TEST

static uint8_t *read_file(size_t *ret_len)
{
    FILE *f = fopen(path, "r");
    struct stat st;
    uint8_t *data;

    ck_assert_int_eq(fstat(fileno(f), &st), 0);
    data = malloc((size_t)st.st_size);
    *ret_len = fread(data, 1, (size_t)st.st_size, f);
    ck_assert_uint_eq(*ret_len, (size_t)st.st_size);
    fclose(f);
    return data;
}

/* What can be restored of it, if anything; nothing is left in any case. */
static int restore_bytes(const uint8_t *data, size_t len, bool lazy, const char *when)
{
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    FILE *f = fopen(path, "w");
    xlight_op *op;
    int rc;

    ck_assert_uint_eq(fwrite(data, 1, len, f), len);
    fclose(f);
    o.lazy = lazy;
    ck_assert_int_eq(xlight_domain_restore_start(h, path, &o, &op), 0);
    rc = xlight_op_wait(op);
    if (!rc)
        ck_assert_int_eq(destroy(xlight_op_domid(op)), 0);
    xlight_op_free(op);
    sim_check_snapshot(h, nothing, when);
    return rc;
}

/* Its records are at both ends; between them are pages. */
static size_t next_cut(size_t n, size_t len, size_t step)
{
    const size_t ends = 8192, far = 700001, tail = len - ends;

    if (n < ends || n >= tail)
        return n + step;
    return n + far < tail ? n + far : tail;
}

static void damage(bool lazy)
{
    unsigned int refused = 0, seed = 5, step = (lazy ? 2039 : 509) * test_every(3);
    uint8_t *data;
    char when[64];
    size_t len;

    begin();
    make_file();
    data = read_file(&len);
    for (size_t n = 0; n < len; n = next_cut(n, len, step)) {
        snprintf(when, sizeof(when), "cut at %zu", n);
        ck_assert_int_eq(restore_bytes(data, n, lazy, when), -ENODATA);
        ck_assert(strstr(text(), "cannot use what is in") ||
                  (lazy && strstr(text(), "the file ends at byte")));
    }
    /* Bits in heads, in page tables, and in registers. */
    for (unsigned int i = 0; i < (lazy ? 20 : 60); i += test_every(3)) {
        size_t at = (size_t)rand_r(&seed) % (i & 1 ? 4096 : 16384);

        at = i & 2 ? len - 1 - at : at + 3000;
        data[at] ^= (uint8_t)(1 << i % 8);
        snprintf(when, sizeof(when), "bit %u of byte %zu", i % 8, at);
        refused += restore_bytes(data, len, lazy, when) != 0;
        data[at] ^= (uint8_t)(1 << i % 8);
    }
    ck_assert_uint_gt(refused, 0);
    ck_assert_int_eq(restore_bytes(data, len, lazy, "at the end"), 0);
    free(data);
    end();
}

START_TEST(damaged_files)
{
    damage(false);
}
END_TEST

START_TEST(damaged_files_lazily)
{
    damage(true);
}
END_TEST

TEST_MAIN("light-move-fails", save_with_each_failing, save_called_off_everywhere,
          restore_with_each_failing, restore_lazily_with_each_failing,
          restore_called_off_everywhere, restore_called_off_lazily, damaged_files,
          damaged_files_lazily)
