/* SPDX-License-Identifier: MIT */
/* test-light-op.c - operations: order, failure, cancelling, waiting for each kind of thing. */
#include "light/sim-host.h"
#include "op/op.h"
#include "fail-each.h"
#include "test-main.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the steps below did, a word for each call. */
static char trace[512];
static struct plan {
    char fail;            /* the step whose run fails, */
    char undo_fail;       /* ... whose undo fails, */
    char wait;            /* ... whose run waits for ever, */
    char commit;          /* ... that is the point of no return, */
    char add;             /* ... that adds a part */
    unsigned int undo_ms; /* how long undoing b takes */
} plan;
static int freed;
static xlight_handle *h;

static void note(const char *word, char c)
{
    size_t len = strlen(trace);

    snprintf(trace + len, sizeof(trace) - len, "%s%s%c", len ? " " : "", word, c);
}

static int run(xlight_op *op, char c);
static int undo(xlight_op *op, char c);
static int run_a(xlight_op *op, void *s)
{
    return s ? run(op, 'a') : -1;
}
static int undo_a(xlight_op *op, void *s)
{
    return s ? undo(op, 'a') : -1;
}
static int run_b(xlight_op *op, void *s)
{
    return s ? run(op, 'b') : -1;
}
static int undo_b(xlight_op *op, void *s)
{
    return s ? undo(op, 'b') : -1;
}
static int run_c(xlight_op *op, void *s)
{
    return s ? run(op, 'c') : -1;
}
static int run_x(xlight_op *op, void *s)
{
    return s ? run(op, 'x') : -1;
}
static int undo_x(xlight_op *op, void *s)
{
    return s ? undo(op, 'x') : -1;
}

static void count_free(void *state)
{
    free(state);
    freed++;
}

static const struct xlight__step more[] = {{"step x", run_x, undo_x}, {"step y", run_x, NULL}};
static const struct xlight__part more_part = XLIGHT__PART(more, count_free);
static const struct xlight__step steps[] = {
    {"step a", run_a, undo_a}, {"step b", run_b, undo_b}, {"step c", run_c, NULL}};
static const struct xlight__part part = XLIGHT__PART(steps, count_free);

static int run(xlight_op *op, char c)
{
    if (xlight__op_first(op))
        note("", c);
    if (plan.wait == c)
        return xlight__op_expired(op, 1000000) ? -1 : -EAGAIN;
    if (plan.add == c) {
        int rc = xlight__op_add(op, &more_part, calloc(1, 1));

        if (!rc)
            rc = xlight__op_add(op, &more_part, calloc(1, 1));
        if (rc)
            return rc;
    }
    if (plan.commit == c)
        xlight__op_commit(op);
    return plan.fail == c ? xlight__fail(h, -EIO, 7, "step %c broke", c) : 0;
}

static int undo(xlight_op *op, char c)
{
    if (xlight__op_first(op))
        note("-", c);
    if (c == 'b' && plan.undo_ms && !xlight__op_expired(op, plan.undo_ms))
        return -EAGAIN;
    return plan.undo_fail == c ? xlight__fail(h, -EBUSY, 7, "%c sticks", c) : 0;
}

static xlight_op *make(struct plan p)
{
    xlight_op *op = NULL;

    plan = p;
    trace[0] = 0;
    freed = 0;
    ck_assert_int_eq(xlight__op_new(h, 7, &op, "cannot do %s", "it"), 0);
    ck_assert_int_eq(xlight__op_add(op, &part, calloc(1, 1)), 0);
    return op;
}

static void setup(void)
{
    ck_assert_int_eq(xlight_open("sim:", &h), 0);
}

static const char *text(void)
{
    static char buf[2048];

    xlight_error_format(h, buf, sizeof(buf));
    return buf;
}

START_TEST(steps_in_order)
{
    struct xlight_progress p;
    xlight_op *op;

    setup();
    op = make((struct plan){0});
    ck_assert_int_eq(xlight_op_result(op), -EINPROGRESS);
    ck_assert_int_eq(xlight_op_timeout(op), 0);
    xlight_op_progress(op, &p);
    ck_assert_str_eq(p.step, "step a");
    ck_assert_uint_eq(p.done, 0);
    ck_assert_uint_eq(p.steps, 3);
    ck_assert(!p.undoing);
    ck_assert_str_eq(trace, "");
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    xlight_op_progress(op, &p);
    ck_assert_str_eq(p.step, "step b");
    ck_assert_uint_eq(p.done, 1);
    ck_assert_int_eq(xlight_op_wait(op), 0);
    ck_assert_str_eq(trace, "a b c");
    xlight_op_progress(op, &p);
    ck_assert_str_eq(p.step, "");
    ck_assert_uint_eq(p.done, 3);
    /* The end stays the end. */
    xlight_op_cancel(op);
    ck_assert_int_eq(xlight_op_process(op), 0);
    ck_assert_int_eq(xlight_op_result(op), 0);
    xlight_op_free(op);
    ck_assert_int_eq(freed, 1);
    xlight_op_free(NULL);
    xlight_close(h);
}
END_TEST

START_TEST(added_parts_come_next)
{
    xlight_op *op;

    setup();
    op = make((struct plan){.add = 'b'});
    ck_assert_int_eq(xlight_op_wait(op), 0);
    ck_assert_str_eq(trace, "a b x x x x c");
    xlight_op_free(op);
    ck_assert_int_eq(freed, 3);
    op = make((struct plan){.add = 'b', .fail = 'c'});
    ck_assert_int_eq(xlight_op_wait(op), -EIO);
    ck_assert_str_eq(trace, "a b x x x x c -x -x -b -a");
    xlight_op_free(op);
    xlight_close(h);
}
END_TEST

START_TEST(failure_is_undone_and_explained)
{
    struct xlight_progress p;
    xlight_op *op, *other;

    setup();
    op = make((struct plan){.fail = 'b'});
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    xlight_op_progress(op, &p);
    ck_assert(p.undoing);
    ck_assert_str_eq(p.step, "step b");
    ck_assert_int_eq(xlight_op_wait(op), -EIO);
    ck_assert_str_eq(trace, "a b -b -a");
    ck_assert_str_eq(text(), "cannot do it: step b broke");
    ck_assert_uint_eq(xlight_error_domid(h, 0), 7);
    ck_assert_int_eq(xlight_error_code(h, 1), -EIO);
    /* Each operation has its own reason. */
    other = make((struct plan){.fail = 'a', .undo_fail = 'a'});
    ck_assert_int_eq(xlight_op_wait(other), -EIO);
    ck_assert_str_eq(text(), "not all could be undone (a sticks): cannot do it: step a broke");
    ck_assert_int_eq(xlight_op_result(op), -EIO);
    ck_assert_str_eq(text(), "cannot do it: step b broke");
    xlight_op_free(other);
    ck_assert_str_eq(text(), "cannot do it: step b broke");
    xlight_op_free(op);
    /* An undo that fails does not keep the others from it. */
    op = make((struct plan){.fail = 'c', .undo_fail = 'b', .undo_ms = 5});
    ck_assert_int_eq(xlight_op_wait(op), -EIO);
    ck_assert_str_eq(trace, "a b c -b -a");
    xlight_op_free(op);
    xlight_close(h);
}
END_TEST

START_TEST(cancel_everywhere)
{
    static const char *const want[] = {"", "a -a", "a b -b -a", "a b c -b -a"};
    xlight_op *op;

    setup();
    for (int n = 0; n < 4; n++) {
        op = make((struct plan){.undo_ms = 2});
        for (int i = 0; i < n; i++)
            ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
        xlight_op_cancel(op);
        ck_assert_int_eq(xlight_op_timeout(op), 0);
        ck_assert_int_eq(xlight_op_wait(op), -ECANCELED);
        ck_assert_str_eq(trace, want[n]);
        ck_assert_str_eq(text(), "cannot do it: it was cancelled");
        xlight_op_free(op);
        /* Freeing does the same. */
        op = make((struct plan){.undo_ms = 2});
        for (int i = 0; i < n; i++)
            ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
        xlight_op_free(op);
        ck_assert_str_eq(trace, want[n]);
        ck_assert_int_eq(freed, 1);
    }
    /* One that waits. */
    op = make((struct plan){.wait = 'b'});
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_int_gt(xlight_op_timeout(op), 1000);
    xlight_op_cancel(op);
    ck_assert_int_eq(xlight_op_wait(op), -ECANCELED);
    ck_assert_str_eq(trace, "a b -b -a");
    xlight_op_free(op);
    /* One that has failed ends with its failure. */
    op = make((struct plan){.fail = 'a', .undo_ms = 2});
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    xlight_op_cancel(op);
    ck_assert_int_eq(xlight_op_wait(op), -EIO);
    xlight_op_free(op);
    xlight_close(h);
}
END_TEST

START_TEST(no_way_back)
{
    xlight_op *op;

    setup();
    op = make((struct plan){.commit = 'b'});
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    xlight_op_cancel(op);
    ck_assert_int_eq(xlight_op_wait(op), 0);
    ck_assert_str_eq(trace, "a b c");
    xlight_op_free(op);
    op = make((struct plan){.commit = 'b', .fail = 'c'});
    ck_assert_int_eq(xlight_op_wait(op), -EIO);
    ck_assert_str_eq(trace, "a b c");
    xlight_op_free(op);
    op = make((struct plan){.commit = 'b'});
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    xlight_op_free(op);
    ck_assert_str_eq(trace, "a b c");
    xlight_close(h);
}
END_TEST

/* Steps that wait, for what state says. */
struct waiter {
    int fd;
    const char *argv[4];
    const char *env[3];
    int log, status;
    unsigned int ms;
    const char *path;
    int calls;
};

static int run_nothing(xlight_op *op, void *s)
{
    (void)op, (void)s;
    return -EAGAIN;
}

static int run_fd(xlight_op *op, void *s)
{
    struct waiter *w = s;
    char c;

    w->calls++;
    if (read(w->fd, &c, 1) == 1)
        return 0;
    return xlight__op_wait_fd(op, w->fd, EPOLLIN) ? -1 : -EAGAIN;
}

static int run_child(xlight_op *op, void *s)
{
    struct waiter *w = s;
    const struct xlight__command c = {.argv = w->argv, .env = w->env, .log = w->log};
    int rc = xlight__op_first(op) ? xlight__op_spawn(op, &c) : 0;

    if (rc)
        return rc;
    if (w->ms && xlight__op_expired(op, w->ms))
        return xlight__fail(h, -ETIMEDOUT, 7, "it takes too long");
    return xlight__op_child(op, &w->status);
}

static int run_watch(xlight_op *op, void *s)
{
    struct waiter *w = s;
    char *value;
    int rc;

    w->calls++;
    rc = xlight__op_watch(op, w->path);
    if (rc)
        return rc;
    rc = xstore_read(h->store, XBT_NULL, w->path, &value, NULL);
    if (rc)
        return rc == -ENOENT ? -EAGAIN : xlight__fail_store(h, rc, 7, "cannot look");
    free(value);
    return 0;
}

#define ONE_STEP(name, fn)                                                  \
    static const struct xlight__step name##_steps[] = {{"wait", fn, NULL}}; \
    static const struct xlight__part name = XLIGHT__PART(name##_steps, NULL)
ONE_STEP(nothing, run_nothing);
ONE_STEP(fd_part, run_fd);
ONE_STEP(child_part, run_child);
ONE_STEP(watch_part, run_watch);

static xlight_op *make_wait(const struct xlight__part *p, struct waiter *w)
{
    xlight_op *op = NULL;

    ck_assert_int_eq(xlight__op_new(h, 7, &op, "cannot wait"), 0);
    ck_assert_int_eq(xlight__op_add(op, p, w), 0);
    return op;
}

static bool readable(const xlight_op *op)
{
    struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

START_TEST(waits_for_a_descriptor)
{
    int ends[2], missed = 0;
    struct waiter w = {0};
    xlight_op *op;

    setup();
    ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
    w.fd = ends[0];
    op = make_wait(&fd_part, &w);
    for (int i = 0; i < 4; i++)
        missed += xlight_op_process(op) != -EINPROGRESS;
    ck_assert_int_eq(missed, 0);
    ck_assert_int_eq(w.calls, 1); /* not called without a reason */
    ck_assert_int_eq(xlight_op_timeout(op), -1);
    ck_assert(!readable(op));
    ck_assert_int_eq(write(ends[1], "xy", 2), 2);
    ck_assert(readable(op));
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    /* Nobody waits for the rest. */
    ck_assert(!readable(op));
    ck_assert_int_eq(xlight_op_process(op), 0);
    ck_assert_int_eq(w.calls, 2);
    xlight_op_free(op);
    close(ends[0]);
    w.fd = ends[0];
    op = make_wait(&fd_part, &w);
    ck_assert_int_eq(xlight_op_wait(op), -1);
    xlight_op_free(op);
    close(ends[1]);
    op = make_wait(&nothing, &w);
    ck_assert_int_eq(xlight_op_wait(op), -EDEADLK);
    xlight_op_free(op);
    xlight_close(h);
}
END_TEST

START_TEST(waits_for_a_program)
{
    struct waiter w = {.log = -1};
    char out[64] = "";
    xlight_op *op;
    int ends[2];

    setup();
    ck_assert_int_eq(pipe(ends), 0);
    setenv("XLIGHT_TEST", "old", 1);
    w = (struct waiter){
        .argv = {"/bin/sh", "-c", "echo $XLIGHT_TEST $OTHER; ls /proc/self/fd | wc -l; exit 5"},
        .env = {"XLIGHT_TEST=new", "OTHER=1"},
        .log = ends[1]};
    op = make_wait(&child_part, &w);
    ck_assert_int_eq(xlight_op_wait(op), 0);
    ck_assert(WIFEXITED(w.status) && WEXITSTATUS(w.status) == 5);
    ck_assert_int_gt(read(ends[0], out, sizeof(out) - 1), 0);
    /* 0, 1, 2 and the directory itself. */
    ck_assert_str_eq(out, "new 1\n4\n");
    xlight_op_free(op);

    w = (struct waiter){.argv = {"/nonexistent/program"}, .log = -1};
    op = make_wait(&child_part, &w);
    ck_assert_int_eq(xlight_op_wait(op), -ENOENT);
    ck_assert_str_eq(text(), "cannot wait: cannot start /nonexistent/program: "
                             "No such file or directory");
    xlight_op_free(op);
    /* Killed with what it has started: then nobody holds the pipe any more. */
    w = (struct waiter){
        .argv = {"/bin/sh", "-c", "sleep 1000 & sleep 1000"}, .log = ends[1], .ms = 50};
    op = make_wait(&child_part, &w);
    ck_assert_int_eq(xlight_op_wait(op), -ETIMEDOUT);
    xlight_op_free(op);
    w.ms = 0;
    op = make_wait(&child_part, &w);
    ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    xlight_op_free(op);
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], out, sizeof(out)), 0);
    close(ends[0]);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
    xlight_close(h);
}
END_TEST

START_TEST(waits_for_the_store)
{
    struct waiter w[2] = {{.path = "/a/b"}, {.path = "/c"}}, lost = {.path = "/d"};
    xlight_op *op[2], *third;
    char *value;
    int rc;

    h = sim_start("");
    op[0] = make_wait(&watch_part, &w[0]);
    op[1] = make_wait(&watch_part, &w[1]);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(xlight_op_process(op[i % 2]), -EINPROGRESS);
    /* An event that another call takes out of the connection, and one operation for the other. */
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/c", "1"), 0);
    ck_assert_int_eq(xstore_read(h->store, XBT_NULL, "/c", &value, NULL), 0);
    free(value);
    ck_assert_int_eq(xlight_op_timeout(op[0]), -1);
    ck_assert_int_eq(xlight_op_timeout(op[1]), 0);
    ck_assert_int_eq(xlight_op_wait(op[1]), 0);
    ck_assert_int_eq(xlight_op_process(op[0]), -EINPROGRESS);
    ck_assert_int_le(w[0].calls, 2);
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/a/b", "1"), 0);
    ck_assert_int_eq(xlight_op_wait(op[0]), 0);
    xlight_op_free(op[0]);
    xlight_op_free(op[1]);
    /* Allocations that fail. */
    for (int n = 1, again = true; again; n++) {
        op[0] = NULL;
        fail_each_begin(n);
        rc = xlight__op_new(h, 7, &op[0], "cannot wait");
        rc = rc ? rc : xlight__op_add(op[0], &watch_part, &w[0]);
        rc = rc ? rc : xlight_op_wait(op[0]);
        again = fail_each_end();
        ck_assert_msg(!rc || (rc == -ENOMEM && again), "allocation %d: %d", n, rc);
        xlight_op_free(op[0]);
        ck_assert_ptr_null(h->ops);
    }
    /* The daemon dies: an error at once, and nothing that turns for ever. */
    third = make_wait(&watch_part, &lost);
    ck_assert_int_eq(xlight_op_process(third), -EINPROGRESS);
    ck_assert_int_eq(xlight_op_process(third), -EINPROGRESS);
    sim_kill_store();
    ck_assert_int_lt(xlight_op_wait(third), 0);
    ck_assert_ptr_nonnull(strstr(text(), "cannot wait: cannot look"));
    xlight_op_free(third);
    sim_end(h);
}
END_TEST

START_TEST(no_store_to_watch)
{
    struct waiter w = {.path = "/a"};
    xlight_op *op;

    setup();
    op = make_wait(&watch_part, &w);
    ck_assert_int_eq(xlight_op_wait(op), -ENOTCONN);
    ck_assert_str_eq(text(), "cannot wait: this host has no store");
    xlight_op_free(op);
    xlight_close(h);
}
END_TEST

TEST_MAIN("light-op", steps_in_order, added_parts_come_next, failure_is_undone_and_explained,
          cancel_everywhere, no_way_back, waits_for_a_descriptor, waits_for_a_program,
          waits_for_the_store, no_store_to_watch)
