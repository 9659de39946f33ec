/* SPDX-License-Identifier: MIT */
/* test-store-client.c - libxenstore's interface against a scripted daemon. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenstore.h>
#include "../store/fake-server.h"
#include "test-main.h"

FAIL_ALLOC_DEFINE

static struct fake fake;

static struct xs_handle *start(void (*script)(struct fake *f))
{
    struct xs_handle *h;

    fake_start(&fake, script);
    h = xs_open(0);
    ck_assert_ptr_nonnull(h);
    return h;
}

static void finish(struct xs_handle *h)
{
    xs_close(h);
    fake_stop(&fake);
}

/* Fails, and for this reason. */
#define FAILS(call, error)              \
    do {                                \
        errno = 0;                      \
        ck_assert(!(call));             \
        ck_assert_int_eq(errno, error); \
    } while (0)

static void script_requests(struct fake *f)
{
    fake_expect(f, XS_READ, 5, LIT("/a"));
    fake_reply(f, XS_READ, BYTES("va\0lue"));
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_reply(f, XS_READ, "", 0);
    fake_expect(f, XS_WRITE, 6, BYTES("/a\0x\0y"));
    fake_ok(f);
    fake_expect(f, XS_WRITE, 0, LIT("/a"));
    fake_ok(f);
    fake_expect(f, XS_MKDIR, 1, LIT("/d"));
    fake_ok(f);
    fake_expect(f, XS_RM, 2, LIT("/d"));
    fake_ok(f);
    fake_expect(f, XS_GET_PERMS, 3, LIT("/a"));
    fake_reply(f, XS_GET_PERMS, LIT("n0\0b17"));
    fake_expect(f, XS_SET_PERMS, 4, LIT("/a\0w1\0r2"));
    fake_ok(f);
    fake_expect(f, XS_TRANSACTION_START, 0, LIT(""));
    fake_reply(f, XS_TRANSACTION_START, LIT("4294967295"));
    fake_expect(f, XS_TRANSACTION_END, 4294967295U, LIT("T"));
    fake_ok(f);
    fake_expect(f, XS_TRANSACTION_END, 8, LIT("F"));
    fake_ok(f);
}

START_TEST(test_requests)
{
    struct xs_handle *h = start(script_requests);
    struct xs_permissions set[] = {{1, XS_PERM_WRITE}, {2, XS_PERM_READ}}, *perms;
    unsigned int len = 99;
    char *value;

    value = xs_read(h, 5, "/a", &len);
    ck_assert_uint_eq(len, 6);
    ck_assert_mem_eq(value, "va\0lue", 7);
    free(value);
    value = xs_read(h, XBT_NULL, "/a", NULL);
    ck_assert_str_eq(value, "");
    free(value);
    ck_assert(xs_write(h, 6, "/a", "x\0y", 3));
    ck_assert(xs_write(h, XBT_NULL, "/a", NULL, 0));
    ck_assert(xs_mkdir(h, 1, "/d"));
    ck_assert(xs_rm(h, 2, "/d"));
    perms = xs_get_permissions(h, 3, "/a", &len);
    ck_assert_uint_eq(len, 2);
    ck_assert_uint_eq(perms[0].id, 0);
    ck_assert_uint_eq(perms[0].perms, XS_PERM_NONE);
    ck_assert_uint_eq(perms[1].id, 17);
    ck_assert_uint_eq(perms[1].perms, XS_PERM_READ | XS_PERM_WRITE);
    free(perms);
    ck_assert(xs_set_permissions(h, 4, "/a", set, 2));
    set[1].perms = 0x20;
    FAILS(xs_set_permissions(h, 4, "/a", set, 2), EINVAL);
    ck_assert_uint_eq(xs_transaction_start(h), 4294967295U);
    ck_assert(xs_transaction_end(h, 4294967295U, false));
    ck_assert(xs_transaction_end(h, 8, true));
    ck_assert(!xs_restrict(h, 1));
    finish(h);
}
END_TEST

static void script_domains(struct fake *f)
{
    fake_expect(f, XS_INTRODUCE, 0,
                LIT("7\0"
                    "18446744073709551615\0"
                    "33"));
    fake_ok(f);
    fake_expect(f, XS_RELEASE, 0, LIT("7"));
    fake_ok(f);
    fake_expect(f, XS_RESUME, 0, LIT("4294967295"));
    fake_ok(f);
    fake_expect(f, XS_SET_TARGET, 0,
                LIT("8\0"
                    "7"));
    fake_ok(f);
    fake_expect(f, XS_GET_DOMAIN_PATH, 0, LIT("7"));
    fake_reply(f, XS_GET_DOMAIN_PATH, LIT("/local/domain/7"));
    fake_expect(f, XS_IS_DOMAIN_INTRODUCED, 0, LIT("7"));
    fake_reply(f, XS_IS_DOMAIN_INTRODUCED, LIT("T"));
    fake_expect(f, XS_IS_DOMAIN_INTRODUCED, 0, LIT("8"));
    fake_reply(f, XS_IS_DOMAIN_INTRODUCED, LIT("F"));
    fake_expect(f, XS_IS_DOMAIN_INTRODUCED, 0, LIT("9"));
    fake_error(f, "EACCES");
    fake_expect(f, XS_CONTROL, 0, LIT("print\0hello"));
    fake_reply(f, XS_CONTROL, LIT("done"));
    fake_expect(f, XS_CONTROL, 0, LIT("help"));
    fake_reply(f, XS_CONTROL, LIT(""));
}

START_TEST(test_domains)
{
    struct xs_handle *h = start(script_domains);
    char *text, args[] = "hello";

    ck_assert(xs_introduce_domain(h, 7, ~0UL, 33));
    ck_assert(xs_release_domain(h, 7));
    ck_assert(xs_resume_domain(h, ~0U));
    ck_assert(xs_set_target(h, 8, 7));
    text = xs_get_domain_path(h, 7);
    ck_assert_str_eq(text, "/local/domain/7");
    free(text);
    ck_assert(xs_is_domain_introduced(h, 7));
    ck_assert(!xs_is_domain_introduced(h, 8));
    FAILS(xs_is_domain_introduced(h, 9), EACCES);
    text = xs_control_command(h, "print", args, sizeof(args));
    ck_assert_str_eq(text, "done");
    free(text);
    text = xs_debug_command(h, "help", NULL, 0);
    ck_assert_str_eq(text, "");
    free(text);
    finish(h);
}
END_TEST

static void script_suspend(struct fake *f)
{
    fake_expect(f, XS_READ, 0, LIT("/local/domain/12/device/suspend/event-channel"));
    if (f->arg)
        fake_reply(f, XS_READ, f->arg, strlen(f->arg));
    else
        fake_error(f, "ENOENT");
    fake_expect_end(f);
}

static int suspend_port(char *value)
{
    int port;

    fake.arg = value;
    fake_start(&fake, script_suspend);
    port = xs_suspend_evtchn_port(12);
    fake_stop(&fake);
    return port;
}

START_TEST(test_suspend_port)
{
    ck_assert_int_eq(suspend_port("19"), 19);
    ck_assert_int_eq(suspend_port(""), -1);
    ck_assert_int_eq(suspend_port(NULL), -1);
    setenv("XENSTORED_PATH", "/nonexistent/socket", 1);
    ck_assert_int_eq(xs_suspend_evtchn_port(12), -1);
}
END_TEST

static void script_errors(struct fake *f)
{
    for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++) {
        fake_expect(f, XS_READ, 0, LIT("/a"));
        fake_error(f, xsd_errors[i].errstring);
    }
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_error(f, "EQUOTA");
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_reply(f, XS_ERROR, BYTES("ENOENT")); /* no NUL */
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_reply(f, XS_ERROR, "", 0);
    fake_expect(f, XS_RM, 0, LIT("/a"));
    fake_error(f, "ENOENT");
    fake_expect(f, XS_TRANSACTION_START, 0, LIT(""));
    fake_error(f, "EBUSY");
    fake_expect(f, XS_TRANSACTION_START, 0, LIT(""));
    fake_reply(f, XS_TRANSACTION_START, LIT("what"));
    fake_expect(f, XS_TRANSACTION_END, 3, LIT("T"));
    fake_error(f, "EAGAIN");
    fake_expect(f, XS_GET_PERMS, 0, LIT("/a"));
    fake_reply(f, XS_GET_PERMS, LIT("n0\0q1"));
    fake_expect(f, XS_GET_PERMS, 0, LIT("/a"));
    fake_reply(f, XS_GET_PERMS, BYTES("n0\0r1")); /* no NUL: still two */
    fake_expect(f, XS_GET_PERMS, 0, LIT("/a"));
    fake_error(f, "ENOENT");
}

START_TEST(test_errors)
{
    struct xs_handle *h = start(script_errors);
    struct xs_permissions *perms;
    static char big[XENSTORE_PAYLOAD_MAX];
    unsigned int num;

    for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
        FAILS(xs_read(h, XBT_NULL, "/a", NULL), xsd_errors[i].errnum);
    FAILS(xs_read(h, XBT_NULL, "/a", NULL), EINVAL);
    FAILS(xs_read(h, XBT_NULL, "/a", NULL), ENOENT);
    FAILS(xs_read(h, XBT_NULL, "/a", NULL), EINVAL);
    /* Too big to send: the connection is not touched. */
    FAILS(xs_write(h, XBT_NULL, "/a", big, sizeof(big)), E2BIG);
    FAILS(xs_write(h, XBT_NULL, "/a", big, ~0U), E2BIG);
    FAILS(xs_rm(h, XBT_NULL, "/a"), ENOENT);
    FAILS(xs_transaction_start(h), EBUSY);
    FAILS(xs_transaction_start(h), EINVAL);
    FAILS(xs_transaction_end(h, 3, false), EAGAIN);
    FAILS(xs_get_permissions(h, XBT_NULL, "/a", &num), EINVAL);
    perms = xs_get_permissions(h, XBT_NULL, "/a", &num);
    ck_assert_ptr_nonnull(perms);
    ck_assert_uint_eq(num, 2);
    free(perms);
    FAILS(xs_get_permissions(h, XBT_NULL, "/a", &num), ENOENT);
    finish(h);
}
END_TEST

static void script_directory(struct fake *f)
{
    char names[4000], part[4096];

    fake_expect(f, XS_DIRECTORY, 2, LIT("/"));
    fake_reply(f, XS_DIRECTORY, LIT("one\0two\0three"));
    fake_expect(f, XS_DIRECTORY, 0, LIT("/"));
    fake_reply(f, XS_DIRECTORY, "", 0);
    fake_expect(f, XS_DIRECTORY, 0, LIT("/"));
    fake_reply(f, XS_DIRECTORY, BYTES("one\0two")); /* no NUL */
    /* 2000 names of one letter, then it changes, then all of it in two parts. */
    for (size_t i = 0; i < sizeof(names); i += 2)
        memcpy(names + i, "n", 2);
    memcpy(part, "17", 3);
    memcpy(part + 3, names, sizeof(names));
    fake_expect(f, XS_DIRECTORY, 9, LIT("/big"));
    fake_error(f, "E2BIG");
    fake_expect(f, XS_DIRECTORY_PART, 9,
                LIT("/big\0"
                    "0"));
    fake_reply(f, XS_DIRECTORY_PART, part, 3 + sizeof(names));
    fake_expect(f, XS_DIRECTORY_PART, 9,
                LIT("/big\0"
                    "4000"));
    fake_reply(f, XS_DIRECTORY_PART, LIT("18\0x\0"));
    fake_expect(f, XS_DIRECTORY_PART, 9,
                LIT("/big\0"
                    "0"));
    part[1] = '8';
    fake_reply(f, XS_DIRECTORY_PART, part, 3 + sizeof(names));
    fake_expect(f, XS_DIRECTORY_PART, 9,
                LIT("/big\0"
                    "4000"));
    fake_reply(f, XS_DIRECTORY_PART, LIT("18\0last\0"));
    /* A daemon without parts; an error in the middle; nonsense. */
    fake_expect(f, XS_DIRECTORY, 0, LIT("/big"));
    fake_error(f, "E2BIG");
    fake_expect(f, XS_DIRECTORY_PART, 0,
                LIT("/big\0"
                    "0"));
    fake_error(f, "ENOSYS");
    fake_expect(f, XS_DIRECTORY, 0, LIT("/big"));
    fake_error(f, "E2BIG");
    fake_expect(f, XS_DIRECTORY_PART, 0,
                LIT("/big\0"
                    "0"));
    fake_reply(f, XS_DIRECTORY_PART, part, 3 + sizeof(names));
    fake_expect(f, XS_DIRECTORY_PART, 0,
                LIT("/big\0"
                    "4000"));
    fake_error(f, "EACCES");
    fake_expect(f, XS_DIRECTORY, 0, LIT("/big"));
    fake_error(f, "E2BIG");
    fake_expect(f, XS_DIRECTORY_PART, 0,
                LIT("/big\0"
                    "0"));
    fake_reply(f, XS_DIRECTORY_PART, LIT("18"));
    fake_expect(f, XS_DIRECTORY, 0, LIT("/gone"));
    fake_error(f, "ENOENT");
}

START_TEST(test_directory)
{
    struct xs_handle *h = start(script_directory);
    unsigned int num = 0;
    char **names;

    names = xs_directory(h, 2, "/", &num);
    ck_assert_uint_eq(num, 3);
    ck_assert_str_eq(names[0], "one");
    ck_assert_str_eq(names[2], "three");
    free(names);
    names = xs_directory(h, XBT_NULL, "/", &num);
    ck_assert_ptr_nonnull(names);
    ck_assert_uint_eq(num, 0);
    free(names);
    names = xs_directory(h, XBT_NULL, "/", &num);
    ck_assert_uint_eq(num, 2);
    ck_assert_str_eq(names[1], "two");
    free(names);
    names = xs_directory(h, 9, "/big", &num);
    ck_assert_uint_eq(num, 2001);
    ck_assert_str_eq(names[1999], "n");
    ck_assert_str_eq(names[2000], "last");
    free(names);
    FAILS(xs_directory(h, XBT_NULL, "/big", &num), E2BIG);
    FAILS(xs_directory(h, XBT_NULL, "/big", &num), EACCES);
    FAILS(xs_directory(h, XBT_NULL, "/big", &num), EINVAL);
    FAILS(xs_directory(h, XBT_NULL, "/gone", &num), ENOENT);
    finish(h);
}
END_TEST

/* Answers in pieces of 1, 7 and 1000 bytes. */
static void script_pieces(struct fake *f)
{
    static const size_t chunks[] = {1, 7, 1000};
    struct {
        struct xsd_sockmsg hdr;
        char body[XENSTORE_PAYLOAD_MAX];
    } msg;

    memset(msg.body, 'v', sizeof(msg.body));
    for (int i = 0; i < 3; i++) {
        size_t len = i == 0 ? 30 : sizeof(msg.body);

        fake_expect(f, XS_READ, 0, LIT("/a"));
        msg.hdr = (struct xsd_sockmsg){.type = XS_READ, .len = len};
        fake_raw(f, &msg, sizeof(msg.hdr) + len, chunks[i]);
    }
}

START_TEST(test_pieces)
{
    struct xs_handle *h = start(script_pieces);

    for (int i = 0; i < 3; i++) {
        unsigned int len, want = i == 0 ? 30 : XENSTORE_PAYLOAD_MAX;
        char *value = xs_read(h, XBT_NULL, "/a", &len);

        ck_assert_ptr_nonnull(value);
        ck_assert_uint_eq(len, want);
        for (unsigned int j = 0; j < len; j++)
            ck_assert_int_eq(value[j], 'v');
        ck_assert_int_eq(value[len], '\0');
        free(value);
    }
    finish(h);
}
END_TEST

/* After each of these the connection is closed, and the client says EBADF from then on. */
static void script_break(struct fake *f)
{
    const struct xsd_sockmsg long_hdr = {.type = XS_READ, .len = XENSTORE_PAYLOAD_MAX + 1};
    const struct xsd_sockmsg half_hdr = {.type = XS_READ, .len = 100};

    fake_read(f);
    switch ((intptr_t)f->arg) {
    case 0: /* just close */
        return;
    case 1: /* half a header */
        fake_raw(f, &half_hdr, 7, 0);
        return;
    case 2: /* a header, no body */
        fake_raw(f, &half_hdr, sizeof(half_hdr), 0);
        return;
    case 3:
        fake_raw(f, &long_hdr, sizeof(long_hdr), 0);
        break;
    case 4: /* the wrong type */
        fake_reply(f, XS_WRITE, LIT("OK"));
        break;
    case 5: /* an event that is none */
        fake_reply(f, XS_WATCH_EVENT, LIT("path only"));
        break;
    case 6:
        fake_reply(f, XS_WATCH_EVENT, "", 0);
        break;
    case 7:
        fake_reply(f, XS_WATCH_EVENT, BYTES("path\0token without NUL"));
        break;
    }
    fake_expect_end(f);
}

START_TEST(test_break)
{
    static const int without_thread[] = {EBADF, EBADF, EBADF, E2BIG, EBADF, EINVAL, EINVAL, EINVAL};

    for (intptr_t i = 0; i < 8; i++) {
        struct xs_handle *h;

        fake.arg = (void *)i;
        h = start(script_break);
        FAILS(xs_read(h, XBT_NULL, "/a", NULL), without_thread[i]);
        FAILS(xs_read(h, XBT_NULL, "/a", NULL), EBADF);
        FAILS(xs_check_watch(h), EINVAL);
        FAILS(xs_watch(h, "/a", "t"), EBADF);
        fake_join(&fake); /* the daemon sees the end before xs_close() */
        finish(h);
        /* The same noticed by the reader thread: EINVAL, or EBADF for the wrong type. */
        h = start(script_break);
        FAILS(xs_watch(h, "/a", "t"), i == 4 ? EBADF : EINVAL);
        FAILS(xs_watch(h, "/a", "t"), EBADF);
        FAILS(xs_read_watch(h, NULL), EINVAL);
        fake_join(&fake);
        finish(h);
    }
}
END_TEST

/* An answer to nothing, after a watch: it would be taken for the next request's. */
static void script_unasked(struct fake *f)
{
    fake_expect(f, XS_WATCH, 0, LIT("/a\0t"));
    fake_ok(f);
    fake_ok(f);
    fake_expect_end(f);
}

START_TEST(test_unasked)
{
    struct xs_handle *h = start(script_unasked);
    unsigned int num;

    ck_assert(xs_watch(h, "/a", "t"));
    FAILS(xs_read_watch(h, &num), EINVAL);
    FAILS(xs_write(h, XBT_NULL, "/a", "", 0), EBADF);
    finish(h);
}
END_TEST

static void script_no_reader(struct fake *f)
{
    shutdown(f->fd, SHUT_RDWR);
}

START_TEST(test_sigpipe)
{
    struct xs_handle *h = start(script_no_reader);
    struct sigaction action;

    fake_join(&fake);
    /* No signal: its default action would end the test. */
    FAILS(xs_read(h, XBT_NULL, "/a", NULL), EPIPE);
    ck_assert_int_eq(sigaction(SIGPIPE, NULL, &action), 0);
    ck_assert(action.sa_handler == SIG_DFL);
    finish(h);
}
END_TEST

START_TEST(test_open)
{
    char path[200];

    setenv("XENSTORED_PATH", "/nonexistent/socket", 1);
    FAILS(xs_open(0), ENOENT);
    FAILS(xs_daemon_open(), ENOENT);
    FAILS(xs_domain_open(), ENOENT);
    FAILS(xs_daemon_open_readonly(), ENOENT);
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    setenv("XENSTORED_PATH", path, 1);
    FAILS(xs_open(0), ENOENT);
    /* Not a socket: a device, and one without a daemon behind it. */
    setenv("XENSTORED_PATH", "/dev/null", 1);
    for (int i = 0; i < 3; i++) {
        struct xs_handle *h = i == 0 ? xs_daemon_open() : i == 1 ? xs_domain_open() : xs_open(3);

        ck_assert_ptr_nonnull(h);
        FAILS(xs_read(h, XBT_NULL, "/a", NULL), EBADF);
        xs_daemon_close(h);
    }
    xs_close(NULL);
}
END_TEST

static bool readable(int fd)
{
    struct pollfd pfd = {.fd = fd, .events = POLLIN};

    return poll(&pfd, 1, 0) == 1;
}

static bool wait_readable(int fd)
{
    struct pollfd pfd = {.fd = fd, .events = POLLIN};

    return poll(&pfd, 1, 10000) == 1;
}

/* The next event, waiting for it by descriptor. */
static void event_is(struct xs_handle *h, const char *path, const char *token)
{
    char **event;

    ck_assert(wait_readable(xs_fileno(h)));
    event = xs_check_watch(h);
    ck_assert_ptr_nonnull(event);
    ck_assert_str_eq(event[XS_WATCH_PATH], path);
    ck_assert_str_eq(event[XS_WATCH_TOKEN], token);
    free(event);
}

static void script_watch(struct fake *f)
{
    fake_expect(f, XS_WATCH, 0, LIT("/a\0t"));
    fake_event(f, "/a", "t");
    fake_ok(f);
    /* Events between a request and its answer, whole and in pieces. */
    fake_expect(f, XS_READ, 0, LIT("/a"));
    for (int i = 0; i < 3; i++)
        fake_event(f, "/a/b", "t");
    fake_reply(f, XS_READ, BYTES("v"));
    fake_event(f, "/a/c", "t");
    fake_expect(f, XS_WATCH, 0, LIT("/x\0dup"));
    fake_error(f, "EEXIST");
    fake_expect(f, XS_UNWATCH, 0, LIT("/y\0t"));
    fake_error(f, "ENOENT");
    fake_expect(f, XS_UNWATCH, 0, LIT("/a\0t"));
    fake_reply(f, XS_WATCH_EVENT,
               LIT("/late\0t\0"
                   "3"));
    fake_ok(f);
    fake_expect_end(f);
}

START_TEST(test_watch)
{
    struct xs_handle *h = start(script_watch);
    unsigned int num;
    char *value, **event;
    int fd;

    FAILS(xs_check_watch(h), EAGAIN);
    fd = xs_fileno(h);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(xs_fileno(h), fd);
    ck_assert(!readable(fd));
    ck_assert(xs_watch(h, "/a", "t"));
    event_is(h, "/a", "t");
    ck_assert(!readable(fd));
    value = xs_read(h, XBT_NULL, "/a", NULL);
    ck_assert_str_eq(value, "v");
    free(value);
    for (int i = 0; i < 3; i++)
        event_is(h, "/a/b", "t");
    event = xs_read_watch(h, &num);
    ck_assert_uint_eq(num, 2);
    ck_assert_str_eq(event[0], "/a/c");
    free(event);
    ck_assert(!readable(fd));
    FAILS(xs_check_watch(h), EAGAIN);
    FAILS(xs_watch(h, "/x", "dup"), EEXIST);
    FAILS(xs_unwatch(h, "/y", "t"), ENOENT);
    /* Without the filter an event of before is still delivered. */
    ck_assert(xs_unwatch(h, "/a", "t"));
    ck_assert(wait_readable(fd));
    event = xs_read_watch(h, &num);
    ck_assert_uint_eq(num, 3);
    ck_assert_str_eq(event[0], "/late");
    ck_assert_str_eq(event[2], "3");
    free(event);
    finish(h);
}
END_TEST

/* Events that arrived before xs_fileno() was called, and the loss of the connection. */
static void script_fileno(struct fake *f)
{
    fake_expect(f, XS_WATCH, 0, LIT("/a\0t"));
    fake_event(f, "/a", "t");
    fake_event(f, "/b", "t");
    fake_ok(f);
}

START_TEST(test_fileno_late)
{
    struct xs_handle *h = start(script_fileno);
    unsigned int num;

    ck_assert(xs_watch(h, "/a", "t"));
    fake_join(&fake);
    ck_assert(readable(xs_fileno(h)));
    event_is(h, "/a", "t");
    ck_assert(readable(xs_fileno(h)));
    event_is(h, "/b", "t");
    ck_assert(wait_readable(xs_fileno(h))); /* closed: poll says so, events are all out */
    FAILS(xs_read_watch(h, &num), EINVAL);
    ck_assert(readable(xs_fileno(h)));
    FAILS(xs_check_watch(h), EINVAL);
    finish(h);
}
END_TEST

static void script_filter(struct fake *f)
{
    fake_expect(f, XS_WATCH, 0, LIT("/a\0t"));
    fake_ok(f);
    fake_expect(f, XS_UNWATCH, 0, LIT("/a\0t"));
    fake_event(f, "/a", "t");
    fake_event(f, "/a", "other");
    fake_event(f, "/a/b", "t");
    fake_event(f, "/ab", "t");
    fake_event(f, "/a/c", "t");
    fake_ok(f);
    fake_expect(f, XS_UNWATCH, 0, LIT("/z\0t"));
    fake_event(f, "/z", "t");
    fake_error(f, "ENOENT");
    fake_expect(f, XS_UNWATCH, 0, LIT("/z\0t"));
    fake_ok(f);
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_event(f, "/last", "t");
    fake_ok(f);
    fake_expect_end(f);
}

START_TEST(test_filter)
{
    struct xs_handle *h;

    fake_start(&fake, script_filter);
    h = xs_open(XS_UNWATCH_FILTER);
    ck_assert_ptr_nonnull(h);
    ck_assert(xs_watch(h, "/a", "t"));
    ck_assert(xs_unwatch(h, "/a", "t"));
    event_is(h, "/a", "other");
    event_is(h, "/ab", "t");
    ck_assert(!readable(xs_fileno(h)));
    FAILS(xs_unwatch(h, "/z", "t"), ENOENT);
    ck_assert(!readable(xs_fileno(h)));
    FAILS(xs_check_watch(h), EAGAIN);
    ck_assert(xs_unwatch(h, "/z", "t"));
    free(xs_read(h, XBT_NULL, "/a", NULL));
    event_is(h, "/last", "t");
    finish(h);
}
END_TEST

/* A child that gives its copy of the handle back does not disturb the parent. */
static void script_fork(struct fake *f)
{
    fake_expect(f, XS_WATCH, 0, LIT("/a\0t"));
    fake_ok(f);
    for (int i = 0; i < 2; i++) {
        fake_expect(f, XS_READ, 0, LIT("/a"));
        fake_event(f, "/a", "t");
        fake_reply(f, XS_READ, BYTES("v"));
    }
    fake_expect_end(f);
}

START_TEST(test_fork)
{
    struct xs_handle *h = start(script_fork);
    int status;

    ck_assert(xs_watch(h, "/a", "t"));
    ck_assert_int_ge(xs_fileno(h), 0);
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();

        if (!child) {
            alarm(10);
            if (i == 0)
                xs_daemon_destroy_postfork(h);
            else
                xs_close(h);
            _exit(7);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
        free(xs_read(h, XBT_NULL, "/a", NULL));
        event_is(h, "/a", "t");
    }
    finish(h);
}
END_TEST

/* Any one allocation fails: an error, and the next try succeeds on the same connection. */
static void script_alloc(struct fake *f)
{
    while (fake_read(f) >= 0) {
        if (f->request.type == XS_DIRECTORY)
            fake_error(f, "E2BIG");
        else if (f->request.type == XS_DIRECTORY_PART)
            fake_reply(f, XS_DIRECTORY_PART, LIT("1\0a\0"));
        else if (f->request.type == XS_GET_PERMS)
            fake_reply(f, XS_GET_PERMS, LIT("n0"));
        else
            fake_ok(f);
    }
}

/* Calls which until it succeeds, failing one allocation later each time. Returns how many failed.
 */
static int try_all(struct xs_handle *h, void *(*which)(struct xs_handle *h))
{
    void *result;

    for (int n = 1;; n++) {
        fail_alloc_in = n;
        errno = 0;
        result = which(h);
        if (result) {
            fail_alloc_in = 0;
            free(result);
            return n - 1;
        }
        ck_assert_int_eq(errno, ENOMEM);
        ck_assert_int_lt(n, 10);
    }
}

static void *do_read(struct xs_handle *h)
{
    return xs_read(h, XBT_NULL, "/a", NULL);
}

static void *do_directory(struct xs_handle *h)
{
    unsigned int num;

    return xs_directory(h, XBT_NULL, "/a", &num);
}

static void *do_permissions(struct xs_handle *h)
{
    unsigned int num;

    return xs_get_permissions(h, XBT_NULL, "/a", &num);
}

START_TEST(test_alloc)
{
    struct xs_handle *h = start(script_alloc);

    fail_alloc_in = 1;
    FAILS(xs_open(0), ENOMEM);
    for (int thread = 0; thread < 2; thread++) {
        ck_assert_int_eq(try_all(h, do_read), 1);
        /* The error's name, the part, the list so far, the final list. */
        ck_assert_int_eq(try_all(h, do_directory), 4);
        ck_assert_int_eq(try_all(h, do_permissions), 2);
        if (!thread)
            ck_assert(xs_watch(h, "/a", "t"));
    }
    finish(h);
}
END_TEST

static void script_alloc_watch(struct fake *f)
{
    fake_expect(f, XS_WATCH, 0, LIT("/a\0t"));
    fake_ok(f);
    fake_event(f, "/a", "t");
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_event(f, "/b", "t");
    fake_expect_end(f);
}

START_TEST(test_alloc_watch)
{
    struct xs_handle *h = start(script_alloc_watch);

    ck_assert(xs_watch(h, "/a", "t"));
    ck_assert(wait_readable(xs_fileno(h)));
    fail_alloc_in = 1;
    FAILS(xs_check_watch(h), ENOMEM);
    event_is(h, "/a", "t"); /* kept */
    /* No memory for an event: better no connection than a missing event. */
    fail_alloc_in = 1;
    FAILS(xs_read(h, XBT_NULL, "/a", NULL), EINVAL);
    FAILS(xs_check_watch(h), EINVAL);
    finish(h);
}
END_TEST

TEST_MAIN("store-client", test_requests, test_domains, test_suspend_port, test_errors,
          test_directory, test_pieces, test_break, test_unasked, test_sigpipe, test_open,
          test_watch, test_fileno_late, test_filter, test_fork, test_alloc, test_alloc_watch)
