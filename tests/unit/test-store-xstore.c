/* SPDX-License-Identifier: MIT */
/* test-store-xstore.c - <xenolith/store.h> against a scripted daemon. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenolith/store.h>
#include "../store/fake-server.h"
#include "test-main.h"

FAIL_ALLOC_DEFINE

static struct fake fake;
static sem_t go; /* the script may go on */

static xstore_handle *start(void (*script)(struct fake *f))
{
    xstore_handle *xs = NULL;

    fake_start(&fake, script);
    ck_assert_int_eq(xstore_open(NULL, &xs), 0);
    return xs;
}

static void finish(xstore_handle *xs)
{
    xstore_close(xs);
    fake_stop(&fake);
}

static void error_is(const xstore_handle *xs, const char *text)
{
    char buf[1024];

    ck_assert_uint_eq(xstore_error_format(xs, buf, sizeof(buf)), strlen(text));
    ck_assert_str_eq(buf, text);
}

static void script_requests(struct fake *f)
{
    fake_expect(f, XS_READ, 3, LIT("/a"));
    fake_reply(f, XS_READ, BYTES("x\0y"));
    fake_expect(f, XS_READ, 0, LIT("/local/domain/5/name"));
    fake_reply(f, XS_READ, BYTES(""));
    fake_expect(f, XS_WRITE, 4, BYTES("/a\0x\0y"));
    fake_ok(f);
    fake_expect(f, XS_MKDIR, 0, LIT("/d"));
    fake_ok(f);
    fake_expect(f, XS_RM, 0, LIT("/d"));
    fake_ok(f);
    fake_expect(f, XS_RM, 0, LIT("/d"));
    fake_error(f, "ENOENT");
    fake_expect(f, XS_READ, 0, LIT("/e"));
    fake_reply(f, XS_READ, BYTES("v"));
    fake_expect(f, XS_READ, 0, LIT("/e"));
    fake_error(f, "ENOENT");
    fake_expect(f, XS_GET_PERMS, 0, LIT("/a"));
    fake_reply(f, XS_GET_PERMS, LIT("n1\0w2"));
    fake_expect(f, XS_SET_PERMS, 0, LIT("/a\0b7"));
    fake_ok(f);
    fake_expect(f, XS_DIRECTORY, 0, LIT("/"));
    fake_reply(f, XS_DIRECTORY, LIT("a\0bc"));
    fake_expect(f, XS_DIRECTORY, 0, LIT("/"));
    fake_error(f, "E2BIG");
    fake_expect(f, XS_DIRECTORY_PART, 0,
                LIT("/\0"
                    "0"));
    fake_reply(f, XS_DIRECTORY_PART, LIT("1\0a"));
    fake_expect(f, XS_DIRECTORY_PART, 0,
                LIT("/\0"
                    "2"));
    fake_reply(f, XS_DIRECTORY_PART, LIT("1\0last\0"));
}

START_TEST(test_requests)
{
    xstore_handle *xs = start(script_requests);
    struct xs_permissions *perms, set = {7, XS_PERM_READ | XS_PERM_WRITE};
    char *value, **names;
    bool exists = false;
    unsigned int nr;
    size_t len;

    ck_assert_int_eq(xstore_read(xs, 3, "/a", &value, &len), 0);
    ck_assert_uint_eq(len, 3);
    ck_assert_mem_eq(value, "x\0y", 4);
    free(value);
    ck_assert_int_eq(
        xstore_read(xs, XBT_NULL, XSTORE_PATH("/local/domain/%u/name", 5), &value, NULL), 0);
    ck_assert_str_eq(value, "");
    free(value);
    ck_assert_int_eq(xstore_write(xs, 4, "/a", "x\0y", 3), 0);
    ck_assert_int_eq(xstore_mkdir(xs, XBT_NULL, "/d"), 0);
    ck_assert_int_eq(xstore_rm(xs, XBT_NULL, "/d"), 0);
    ck_assert_int_eq(xstore_rm(xs, XBT_NULL, "/d"), 0);
    ck_assert_int_eq(xstore_exists(xs, XBT_NULL, "/e", &exists), 0);
    ck_assert(exists);
    ck_assert_int_eq(xstore_exists(xs, XBT_NULL, "/e", &exists), 0);
    ck_assert(!exists);
    ck_assert_int_eq(xstore_get_perms(xs, XBT_NULL, "/a", &perms, &nr), 0);
    ck_assert_uint_eq(nr, 2);
    ck_assert_uint_eq(perms[1].id, 2);
    ck_assert_uint_eq(perms[1].perms, XS_PERM_WRITE);
    free(perms);
    ck_assert_int_eq(xstore_set_perms(xs, XBT_NULL, "/a", &set, 1), 0);
    ck_assert_int_eq(xstore_list(xs, XBT_NULL, "/", &names, &nr), 0);
    ck_assert_uint_eq(nr, 2);
    ck_assert_str_eq(names[1], "bc");
    free(names);
    ck_assert_int_eq(xstore_list(xs, XBT_NULL, "/", &names, &nr), 0);
    ck_assert_uint_eq(nr, 2);
    ck_assert_str_eq(names[1], "last");
    free(names);
    finish(xs);
}
END_TEST

static void script_domains(struct fake *f)
{
    fake_expect(f, XS_INTRODUCE, 0,
                LIT("65535\0"
                    "18446744073709551615\0"
                    "4294967295"));
    fake_ok(f);
    fake_expect(f, XS_RELEASE, 0, LIT("3"));
    fake_error(f, "ENOENT");
    fake_expect(f, XS_RESUME, 0, LIT("3"));
    fake_ok(f);
    fake_expect(f, XS_SET_TARGET, 0,
                LIT("4\0"
                    "3"));
    fake_ok(f);
    fake_expect(f, XS_IS_DOMAIN_INTRODUCED, 0, LIT("3"));
    fake_reply(f, XS_IS_DOMAIN_INTRODUCED, LIT("T"));
    fake_expect(f, XS_IS_DOMAIN_INTRODUCED, 0, LIT("4"));
    fake_reply(f, XS_IS_DOMAIN_INTRODUCED, LIT("F"));
    fake_expect(f, XS_CONTROL, 0, LIT("print\0a\0b"));
    fake_reply(f, XS_CONTROL, LIT("fine"));
    fake_expect(f, XS_CONTROL, 0, LIT("nonsense"));
    fake_error(f, "EINVAL");
}

START_TEST(test_domains)
{
    xstore_handle *xs = start(script_domains);
    bool introduced = false;
    char *answer;

    ck_assert_int_eq(xstore_introduce(xs, UINT16_MAX, UINT64_MAX, UINT32_MAX), 0);
    ck_assert_int_eq(xstore_release(xs, 3), -ENOENT);
    error_is(xs, "cannot release domain 3: the store daemon says ENOENT");
    ck_assert_int_eq(xstore_resume(xs, 3), 0);
    ck_assert_int_eq(xstore_set_target(xs, 4, 3), 0);
    ck_assert_int_eq(xstore_is_introduced(xs, 3, &introduced), 0);
    ck_assert(introduced);
    ck_assert_int_eq(xstore_is_introduced(xs, 4, &introduced), 0);
    ck_assert(!introduced);
    ck_assert_int_eq(xstore_control(xs, "print", (const char *const[]){"a", "b"}, 2, &answer), 0);
    ck_assert_str_eq(answer, "fine");
    free(answer);
    ck_assert_int_eq(xstore_control(xs, "nonsense", NULL, 0, &answer), -EINVAL);
    error_is(xs, "the store daemon did not do \"nonsense\": the store daemon says EINVAL");
    finish(xs);
}
END_TEST

/* Reads give the path, from its second character on, as the value. */
static void script_path_is_value(struct fake *f)
{
    while (fake_read(f) == XS_READ)
        fake_reply(f, XS_READ, f->body + 1, f->request.len - 2);
}

START_TEST(test_read_int)
{
    static const struct {
        const char *text;
        int rc, value;
    } cases[] = {
        {"/0", 0, 0},
        {"/-0", 0, 0},
        {"/2147483647", 0, INT_MAX},
        {"/-2147483648", 0, INT_MIN},
        {"/2147483648", -ERANGE, 9},
        {"/-2147483649", -ERANGE, 9},
        {"/0x7f", 0, 127},
        {"/-0X1F", 0, -31},
        {"/", -EBADMSG, 9},
        {"/-", -EBADMSG, 9},
        {"/--1", -EBADMSG, 9},
        {"/+1", -EBADMSG, 9},
        {"/ 1", -EBADMSG, 9},
        {"/1 ", -EBADMSG, 9},
        {"/1\n", -EBADMSG, 9},
        {"/0x", -EBADMSG, 9},
        {"/1a", -EBADMSG, 9},
        {"/99999999999999999999x", -EBADMSG, 9},
        {"/99999999999999999999", -ERANGE, 9},
    };
    xstore_handle *xs = start(script_path_is_value);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int value = 9;

        ck_assert_int_eq(xstore_read_int(xs, XBT_NULL, cases[i].text, &value), cases[i].rc);
        ck_assert_int_eq(value, cases[i].value);
    }
    error_is(xs, "cannot use /99999999999999999999: \"99999999999999999999\" is not a number of up"
                 " to 32 bits");
    finish(xs);
}
END_TEST

START_TEST(test_read_typed)
{
    static const uint8_t uuid[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                     0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
    static const char *const bad_uuids[] = {
        "/01234567-89ab-cdef-fedc-ba987654321",  "/01234567-89ab-cdef-fedc-ba98765432100",
        "/01234567-89ab-cdef-fedc-ba987654321g", "/01234567089ab-cdef-fedc-ba9876543210",
        "/0123456789abcdeffedcba9876543210",     "/",
    };
    xstore_handle *xs = start(script_path_is_value);
    uint8_t got[16] = {0};
    uint64_t number = 9;
    bool truth = false;
    char *text;

    ck_assert_int_eq(xstore_read_u64(xs, XBT_NULL, "/18446744073709551615", &number), 0);
    ck_assert_uint_eq(number, UINT64_MAX);
    ck_assert_int_eq(xstore_read_u64(xs, XBT_NULL, "/0xffffffffFFFFFFFF", &number), 0);
    ck_assert_uint_eq(number, UINT64_MAX);
    number = 9;
    ck_assert_int_eq(xstore_read_u64(xs, XBT_NULL, "/18446744073709551616", &number), -ERANGE);
    ck_assert_int_eq(xstore_read_u64(xs, XBT_NULL, "/0x10000000000000000", &number), -ERANGE);
    ck_assert_int_eq(xstore_read_u64(xs, XBT_NULL, "/-1", &number), -EBADMSG);
    ck_assert_uint_eq(number, 9);

    ck_assert_int_eq(xstore_read_bool(xs, XBT_NULL, "/1", &truth), 0);
    ck_assert(truth);
    ck_assert_int_eq(xstore_read_bool(xs, XBT_NULL, "/2", &truth), -EBADMSG);
    ck_assert_int_eq(xstore_read_bool(xs, XBT_NULL, "/", &truth), -EBADMSG);
    ck_assert(truth);
    ck_assert_int_eq(xstore_read_bool(xs, XBT_NULL, "/0", &truth), 0);
    ck_assert(!truth);

    ck_assert_int_eq(xstore_read_uuid(xs, XBT_NULL, "/01234567-89ab-CDEF-fedc-ba9876543210", got),
                     0);
    ck_assert_mem_eq(got, uuid, 16);
    for (size_t i = 0; i < sizeof(bad_uuids) / sizeof(bad_uuids[0]); i++)
        ck_assert_int_eq(xstore_read_uuid(xs, XBT_NULL, bad_uuids[i], got), -EBADMSG);
    ck_assert_mem_eq(got, uuid, 16);

    ck_assert_int_eq(xstore_read_string(xs, XBT_NULL, "/some text", &text), 0);
    ck_assert_str_eq(text, "some text");
    free(text);
    /* What a terminal would obey does not get into messages. */
    ck_assert_int_eq(xstore_read_bool(xs, XBT_NULL, "/\033[2J\xff", &truth), -EBADMSG);
    error_is(xs, "cannot use /?[2J?: \"?[2J?\" is not 0 or 1");
    finish(xs);
}
END_TEST

static void script_write_typed(struct fake *f)
{
    fake_expect(f, XS_WRITE, 1, BYTES("/a\0-2147483648"));
    fake_ok(f);
    fake_expect(f, XS_WRITE, 1,
                BYTES("/a\0"
                      "18446744073709551615"));
    fake_ok(f);
    fake_expect(f, XS_WRITE, 1,
                BYTES("/a\0"
                      "1"));
    fake_ok(f);
    fake_expect(f, XS_WRITE, 1,
                BYTES("/a\0"
                      "00010203-0405-0607-0809-0a0b0c0dfeff"));
    fake_ok(f);
    fake_expect(f, XS_WRITE, 1, BYTES("/a\0text"));
    fake_ok(f);
    fake_expect(f, XS_WRITE, 1,
                BYTES("/a\0"
                      "5-x"));
    fake_ok(f);
    fake_expect(f, XS_READ, 0, LIT("/z"));
    fake_reply(f, XS_READ, BYTES("a\0b"));
}

START_TEST(test_write_typed)
{
    static const uint8_t uuid[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 254, 255};
    xstore_handle *xs = start(script_write_typed);
    char *text = NULL;

    ck_assert_int_eq(xstore_write_int(xs, 1, "/a", INT_MIN), 0);
    ck_assert_int_eq(xstore_write_u64(xs, 1, "/a", UINT64_MAX), 0);
    ck_assert_int_eq(xstore_write_bool(xs, 1, "/a", true), 0);
    ck_assert_int_eq(xstore_write_uuid(xs, 1, "/a", uuid), 0);
    ck_assert_int_eq(xstore_write_string(xs, 1, "/a", "text"), 0);
    ck_assert_int_eq(xstore_write_format(xs, 1, "/a", "%d-%s", 5, "x"), 0);
    ck_assert_int_eq(xstore_write_format(xs, 1, "/a", "%5000d", 5), -E2BIG);
    error_is(xs, "cannot write /a: more than fits into a message");
    ck_assert_int_eq(xstore_write_format(xs, 1, "/a", "%4094d", 5), -E2BIG);
    ck_assert_int_eq(xstore_read_string(xs, XBT_NULL, "/z", &text), -EBADMSG);
    ck_assert_ptr_null(text);
    finish(xs);
}
END_TEST

static void script_errors(struct fake *f)
{
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_error(f, "EACCES");
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_error(f, "EQUOTA");
    fake_expect(f, XS_DIRECTORY, 0, LIT("/a"));
    fake_error(f, "E2BIG");
    fake_expect(f, XS_DIRECTORY_PART, 0,
                LIT("/a\0"
                    "0"));
    fake_error(f, "ENOSYS");
    fake_expect(f, XS_GET_PERMS, 0, LIT("/a"));
    fake_reply(f, XS_GET_PERMS, LIT("n0\0what"));
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_error(f, "EIO");
}

START_TEST(test_errors)
{
    xstore_handle *xs = start(script_errors);
    struct xs_permissions *perms = NULL, bad = {1, 0x40};
    char *value = NULL, **names = NULL, buf[10];
    bool exists = true;
    unsigned int nr = 77;

    ck_assert_uint_eq(xstore_error_count(xs), 0);
    ck_assert_ptr_null(xstore_error_text(xs, 0));
    error_is(xs, "");
    ck_assert_int_eq(xstore_read(xs, XBT_NULL, "/a", &value, NULL), -EACCES);
    ck_assert_uint_eq(xstore_error_count(xs), 2);
    ck_assert_str_eq(xstore_error_text(xs, 0), "cannot read /a");
    ck_assert_str_eq(xstore_error_text(xs, 1), "the store daemon says EACCES");
    ck_assert_int_eq(xstore_error_code(xs, 0), -EACCES);
    ck_assert_int_eq(xstore_error_code(xs, 1), -EACCES);
    ck_assert_int_eq(xstore_error_code(xs, 2), 0);
    ck_assert_uint_eq(xstore_error_format(xs, buf, sizeof(buf)), 44);
    ck_assert_str_eq(buf, "cannot re");
    ck_assert_uint_eq(xstore_error_format(xs, NULL, 0), 44);
    ck_assert_int_eq(xstore_read(xs, XBT_NULL, "/a", &value, NULL), -EINVAL);
    ck_assert_int_eq(xstore_list(xs, XBT_NULL, "/a", &names, &nr), -E2BIG);
    error_is(xs, "cannot list /a: the directory does not fit into a message: the store daemon says"
                 " ENOSYS");
    ck_assert_int_eq(xstore_get_perms(xs, XBT_NULL, "/a", &perms, &nr), -EPROTO);
    ck_assert_int_eq(xstore_exists(xs, XBT_NULL, "/a", &exists), -EIO);
    ck_assert_int_eq(xstore_set_perms(xs, XBT_NULL, "/a", &bad, 1), -EINVAL);
    error_is(xs, "cannot set the permissions of /a: permission 0 makes no sense");
    ck_assert_int_eq(xstore_mkdir(xs, XBT_NULL, NULL), -EINVAL);
    error_is(xs, "cannot create (no path): the path is missing, or too long");
    ck_assert_int_eq(xstore_mkdir(xs, XBT_NULL, XSTORE_PATH("/%4000d", 1)), -EINVAL);
    ck_assert_ptr_null(value);
    ck_assert_ptr_null(names);
    ck_assert_ptr_null(perms);
    ck_assert_uint_eq(nr, 77);
    finish(xs);
}
END_TEST

START_TEST(test_open)
{
    xstore_handle *xs = NULL;
    char why[200];

    ck_assert_int_eq(xstore_open_why("/nonexistent/x", &xs, why, sizeof(why)), -ENOENT);
    ck_assert_str_eq(why, "cannot connect to the store daemon: /nonexistent/x: No such file or"
                          " directory");
    setenv("XENSTORED_PATH", "/nonexistent/y", 1);
    ck_assert_int_eq(xstore_open(NULL, &xs), -ENOENT);
    fail_alloc_in = 1;
    ck_assert_int_eq(xstore_open_why("/dev/null", &xs, why, sizeof(why)), -ENOMEM);
    ck_assert_str_eq(why, "cannot connect to the store daemon: Cannot allocate memory");
    ck_assert_ptr_null(xs);
    /* A device that is at its end. */
    ck_assert_int_eq(xstore_open("/dev/null", &xs), 0);
    ck_assert_int_eq(xstore_mkdir(xs, XBT_NULL, "/a"), -ECONNRESET);
    error_is(xs, "cannot create /a: the store daemon has closed the connection");
    ck_assert_int_eq(xstore_mkdir(xs, XBT_NULL, "/a"), -ECONNRESET);
    ck_assert_int_eq(xstore_process(xs), -ECONNRESET);
    xstore_close(xs);
    xstore_close(NULL);
}
END_TEST

/* A device: a FIFO open at both ends, that "answers" with the request itself. */
START_TEST(test_device)
{
    char dir[] = "/tmp/xenolith-store.XXXXXX", path[64];
    struct xs_handle *h;
    xstore_handle *xs;
    unsigned int len;
    char *value;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/fifo", dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(xstore_open(path, &xs), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(xstore_read(xs, XBT_NULL, "/echo", &value, NULL), 0);
        ck_assert_str_eq(value, "/echo");
        free(value);
    }
    xstore_close(xs);
    setenv("XENSTORED_PATH", path, 1);
    h = xs_open(0);
    ck_assert_ptr_nonnull(h);
    for (int thread = 0; thread < 2; thread++) {
        value = xs_read(h, XBT_NULL, "/echo", &len);
        ck_assert_uint_eq(len, 6);
        ck_assert_str_eq(value, "/echo");
        free(value);
        ck_assert(xs_watch(h, "/w", "t"));
    }
    xs_close(h);
    unlink(path);
    rmdir(dir);
}
END_TEST

static void script_txn(struct fake *f)
{
    static const char *const ids[] = {"7", "8", "9"};

    for (int i = 0; i < 3; i++) {
        fake_expect(f, XS_TRANSACTION_START, 0, LIT(""));
        fake_reply(f, XS_TRANSACTION_START, ids[i], 2);
        fake_expect(f, XS_WRITE, 7 + i, BYTES("/a\0v"));
        fake_ok(f);
        fake_expect(f, XS_TRANSACTION_END, 7 + i, LIT("T"));
        if (i < 2)
            fake_error(f, "EAGAIN");
        else
            fake_ok(f);
    }
    /* fn gives up, twice. */
    for (int i = 0; i < 2; i++) {
        fake_expect(f, XS_TRANSACTION_START, 0, LIT(""));
        fake_reply(f, XS_TRANSACTION_START, LIT("10"));
        fake_expect(f, XS_READ, 10, LIT("/a"));
        fake_error(f, "ENOENT");
        fake_expect(f, XS_TRANSACTION_END, 10, LIT("F"));
        fake_error(f, "EIO"); /* of no interest */
    }
    fake_expect(f, XS_TRANSACTION_START, 0, LIT(""));
    fake_error(f, "ENOSPC");
    fake_expect(f, XS_TRANSACTION_START, 0, LIT(""));
    fake_reply(f, XS_TRANSACTION_START, LIT("0"));
    fake_expect(f, XS_TRANSACTION_START, 0, LIT(""));
    fake_reply(f, XS_TRANSACTION_START, LIT("4294967295"));
    fake_expect(f, XS_TRANSACTION_END, 4294967295U, LIT("T"));
    fake_error(f, "EAGAIN");
}

static int write_one(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    ++*(int *)arg;
    return xstore_write_string(xs, t, "/a", "v");
}

static int read_none(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    char *value;
    int rc = xstore_read(xs, t, "/a", &value, NULL);

    ck_assert_int_eq(rc, -ENOENT);
    return arg ? *(int *)arg : rc;
}

START_TEST(test_txn)
{
    xstore_handle *xs = start(script_txn);
    xs_transaction_t t = 77;
    int calls = 0, positive = 5;

    ck_assert_int_eq(xstore_transaction(xs, write_one, &calls), 0);
    ck_assert_int_eq(calls, 3);
    ck_assert_int_eq(xstore_transaction(xs, read_none, NULL), -ENOENT);
    error_is(xs, "cannot read /a: the store daemon says ENOENT");
    ck_assert_int_eq(xstore_transaction(xs, read_none, &positive), 5);
    ck_assert_int_eq(xstore_transaction(xs, read_none, NULL), -ENOSPC);
    error_is(xs, "cannot do a transaction: the store daemon says ENOSPC");
    ck_assert_int_eq(xstore_transaction_start(xs, &t), -EPROTO);
    ck_assert_uint_eq(t, 77);
    ck_assert_int_eq(xstore_transaction_start(xs, &t), 0);
    ck_assert_uint_eq(t, UINT32_MAX);
    ck_assert_int_eq(xstore_transaction_end(xs, t, true), -EAGAIN);
    finish(xs);
}
END_TEST

static void script_txn_conflicts(struct fake *f)
{
    while (fake_read(f) >= 0) {
        if (f->request.type == XS_TRANSACTION_START)
            fake_reply(f, XS_TRANSACTION_START, LIT("3"));
        else if (f->request.type == XS_TRANSACTION_END)
            fake_error(f, "EAGAIN");
        else
            fake_ok(f);
    }
}

START_TEST(test_txn_timeout)
{
    xstore_handle *xs = start(script_txn_conflicts);
    int calls = 0;

    xstore_set_timeout(xs, 50);
    ck_assert_int_eq(xstore_transaction(xs, write_one, &calls), -ETIMEDOUT);
    ck_assert_int_ge(calls, 1);
    finish(xs);
}
END_TEST

static void script_late(struct fake *f)
{
    fake_expect(f, XS_READ, 0, LIT("/a"));
    fake_expect(f, XS_READ, 0, LIT("/b")); /* asked for when /a had timed out */
    f->request.req_id--;
    fake_reply(f, XS_READ, BYTES("late"));
    f->request.req_id++;
    fake_reply(f, XS_READ, BYTES("b"));
}

START_TEST(test_timeout)
{
    xstore_handle *xs = start(script_late);
    char *value = NULL;

    xstore_set_timeout(xs, 20);
    ck_assert_int_eq(xstore_read(xs, XBT_NULL, "/a", &value, NULL), -ETIMEDOUT);
    error_is(xs, "cannot read /a: the store daemon takes too long");
    xstore_set_timeout(xs, 10000);
    ck_assert_int_eq(xstore_read(xs, XBT_NULL, "/b", &value, NULL), 0);
    ck_assert_str_eq(value, "b");
    free(value);
    finish(xs);
}
END_TEST

/* Turns the event loop until the request is done. */
static int loop(xstore_handle *xs, xstore_op *op)
{
    int rc = 0;

    while (!rc && xstore_op_result(xs, op, NULL, NULL) == -EINPROGRESS) {
        struct pollfd pfd = {.fd = xstore_get_fd(xs), .events = xstore_get_events(xs)};

        ck_assert_int_ge(poll(&pfd, 1, 10000), 1);
        rc = xstore_process(xs);
    }
    return rc;
}

static void script_pipeline(struct fake *f)
{
    struct fake first;

    /* All four are sent before the first is answered. */
    fake_expect(f, XS_READ, 0, LIT("/1"));
    first = *f;
    fake_expect(f, XS_READ, 0, LIT("/2"));
    fake_expect(f, XS_READ, 0, LIT("/3"));
    fake_expect(f, XS_WRITE, 5, BYTES("/4\0v"));
    fake_reply(&first, XS_READ, BYTES("one"));
    first.request.req_id++;
    fake_event(f, "/e", "t");
    fake_reply(&first, XS_READ, BYTES("two"));
    first.request.req_id++;
    fake_error(&first, "ENOENT");
    fake_ok(f);
    fake_expect(f, XS_READ, 0, LIT("/last"));
    fake_expect_end(f);
}

static xstore_op *start_read(xstore_handle *xs, const char *path)
{
    struct xstore_part part = {path, strlen(path) + 1};
    xstore_op *op = NULL;

    ck_assert_int_eq(xstore_start(xs, XBT_NULL, XS_READ, &part, 1, &op), 0);
    return op;
}

START_TEST(test_pipeline)
{
    xstore_handle *xs = start(script_pipeline);
    const struct xstore_part parts[] = {{"/4", 3}, {"v", 1}};
    struct xstore_event event;
    xstore_op *op[3], *ignored;
    const char *data;
    size_t len;

    ck_assert_int_eq(xstore_get_events(xs), POLLIN);
    op[0] = start_read(xs, "/1");
    ignored = start_read(xs, "/2");
    op[1] = start_read(xs, "/3");
    ck_assert_int_eq(xstore_start(xs, 5, XS_WRITE, parts, 2, &op[2]), 0);
    ck_assert_int_eq(xstore_get_events(xs), POLLIN | POLLOUT);
    ck_assert_int_eq(xstore_get_timeout(xs), -1);
    ck_assert_int_eq(xstore_op_result(xs, op[0], &data, &len), -EINPROGRESS);
    xstore_op_free(ignored);
    ck_assert_int_eq(loop(xs, op[2]), 0);
    ck_assert_int_eq(xstore_get_events(xs), POLLIN);
    ck_assert_int_eq(xstore_op_result(xs, op[0], &data, &len), 0);
    ck_assert_uint_eq(len, 3);
    ck_assert_str_eq(data, "one");
    ck_assert_int_eq(xstore_op_result(xs, op[1], &data, &len), -ENOENT);
    error_is(xs, "the store daemon says ENOENT");
    ck_assert_int_eq(xstore_op_result(xs, op[2], NULL, NULL), 0);
    for (int i = 0; i < 3; i++)
        xstore_op_free(op[i]);
    xstore_op_free(NULL);
    /* The event came along, and nothing but the timeout says so. */
    ck_assert_int_eq(xstore_get_timeout(xs), 0);
    ck_assert_int_eq(xstore_next_event(xs, &event), 0);
    ck_assert_str_eq(event.path, "/e");
    ck_assert_int_eq(xstore_get_timeout(xs), -1);
    /* Closed with requests under way: one freed before, one after. */
    op[0] = start_read(xs, "/last");
    ck_assert_int_eq(xstore_process(xs), 0);
    op[1] = start_read(xs, "/not sent");
    xstore_op_free(op[1]);
    op[1] = start_read(xs, "/not sent");
    xstore_close(xs);
    xstore_op_free(op[0]);
    xstore_op_free(op[1]);
    fake_stop(&fake);
}
END_TEST

/* More requests than the socket takes, while the daemon does not read. */
#define MANY  3000
#define TWICE (2 * MANY)

static void script_slow(struct fake *f)
{
    sem_wait(&go);
    for (int i = 0; i < TWICE; i++) {
        fake_read(f);
        fake_reply(f, XS_READ, f->body, f->request.len);
    }
    fake_expect_end(f);
}

static xstore_op *start_numbered(xstore_handle *xs, int i)
{
    static char path[1000];

    memset(path, 'p', sizeof(path) - 1);
    snprintf(path, 6, "%05d", i);
    path[5] = 'p';
    return start_read(xs, path);
}

START_TEST(test_backlog)
{
    static xstore_op *op[TWICE];
    xstore_handle *xs;
    const char *data;

    sem_init(&go, 0, 0);
    xs = start(script_slow);
    for (int i = 0; i < MANY; i++) {
        op[i] = start_numbered(xs, i);
        ck_assert_int_eq(xstore_process(xs), 0);
    }
    ck_assert_int_eq(xstore_get_events(xs), POLLIN | POLLOUT);
    sem_post(&go);
    /* Most are gone: what is left moves to make room for more. */
    ck_assert_int_eq(loop(xs, op[MANY - 300]), 0);
    for (int i = MANY; i < TWICE; i++)
        op[i] = start_numbered(xs, i);
    ck_assert_int_eq(loop(xs, op[TWICE - 1]), 0);
    for (int i = 0; i < TWICE; i++) {
        ck_assert_int_eq(xstore_op_result(xs, op[i], &data, NULL), 0);
        ck_assert_int_eq(atoi(data), i);
        xstore_op_free(op[i]);
    }
    finish(xs);
}
END_TEST

static void script_events(struct fake *f)
{
    fake_expect(f, XS_WATCH, 0, LIT("/a\0t"));
    fake_event(f, "/a", "t");
    fake_ok(f);
    fake_expect(f, XS_WATCH, 0, LIT("/a\0t"));
    fake_error(f, "EEXIST");
    fake_expect(f, XS_WATCH, 0, LIT("/\0all"));
    fake_ok(f);
    fake_event(f, "/a/b", "t");
    fake_event(f, "/a/b", "all");
    fake_expect(f, XS_UNWATCH, 0, LIT("/a\0t"));
    fake_event(f, "/a/c", "t");
    fake_ok(f);
    fake_expect(f, XS_UNWATCH, 0, LIT("/\0all"));
    fake_error(f, "ENOENT");
    fake_expect(f, XS_UNWATCH, 0, LIT("/\0all"));
    fake_event(f, "/x/y", "all");
    fake_event(f, "@releaseDomain", "all");
    fake_ok(f);
    sem_wait(&go);
    fake_event(f, "/late", "x");
    fake_event(f, "/later", "x");
}

START_TEST(test_events)
{
    struct xstore_event event = {0};
    xstore_handle *xs;

    sem_init(&go, 0, 0);
    xs = start(script_events);
    ck_assert_int_eq(xstore_next_event(xs, &event), -EAGAIN);
    ck_assert_int_eq(xstore_watch(xs, "/a", "t"), 0);
    ck_assert_int_eq(xstore_next_event(xs, &event), 0);
    ck_assert_str_eq(event.path, "/a");
    ck_assert_str_eq(event.token, "t");
    ck_assert_int_eq(xstore_next_event(xs, &event), -EAGAIN);
    ck_assert_int_eq(xstore_watch(xs, "/a", "t"), -EEXIST);
    ck_assert_int_eq(xstore_watch(xs, "/", "all"), 0);
    ck_assert_int_eq(xstore_unwatch(xs, "/a", "t"), 0);
    ck_assert_int_eq(xstore_unwatch(xs, "/", "all"), -ENOENT);
    ck_assert_int_eq(xstore_next_event(xs, &event), 0);
    ck_assert_str_eq(event.token, "all");
    ck_assert_int_eq(xstore_next_event(xs, &event), -EAGAIN);
    ck_assert_int_eq(xstore_unwatch(xs, "/", "all"), 0);
    xstore_set_timeout(xs, 1);
    ck_assert_int_eq(xstore_wait_event(xs, &event), -ETIMEDOUT);
    error_is(xs, "cannot wait for an event: the store daemon takes too long");
    xstore_set_timeout(xs, -1);
    sem_post(&go);
    ck_assert_int_eq(xstore_wait_event(xs, &event), 0);
    ck_assert_str_eq(event.path, "/late");
    /* The daemon is gone: what it had sent first, then the loss. */
    fake_join(&fake);
    ck_assert_int_eq(xstore_wait_event(xs, &event), 0);
    ck_assert_str_eq(event.path, "/later");
    ck_assert_int_eq(xstore_wait_event(xs, &event), -ECONNRESET);
    ck_assert_int_eq(xstore_next_event(xs, &event), -ECONNRESET);
    ck_assert_int_eq(xstore_get_timeout(xs), 0);
    ck_assert_int_eq(xstore_watch(xs, "/a", "t"), -ECONNRESET);
    finish(xs);
}
END_TEST

static void script_break(struct fake *f)
{
    const struct xsd_sockmsg long_hdr = {.type = XS_READ, .len = XENSTORE_PAYLOAD_MAX + 1};

    fake_read(f);
    switch ((intptr_t)f->arg) {
    case 0:
        fake_raw(f, &long_hdr, sizeof(long_hdr), 0);
        break;
    case 1:
        fake_reply(f, XS_WRITE, LIT("OK"));
        break;
    case 2:
        f->request.req_id++;
        fake_ok(f);
        break;
    case 3:
        fake_reply(f, XS_WATCH_EVENT, BYTES("one\0two"));
        break;
    case 4:
        fake_ok(f);
        fake_ok(f); /* twice */
        break;
    case 5:
        fake_raw(f, &long_hdr, 5, 0);
        break;
    }
}

START_TEST(test_break)
{
    static const char *const why[] = {
        "cannot create /a: the store daemon sent a message that is too long",
        "cannot create /a: the store daemon answered what was not asked",
        "cannot create /a: the store daemon answered what was not asked",
        "cannot create /a: the store daemon sent an event without path and token",
        "cannot create /a: the store daemon answered what was not asked",
        "cannot create /a: the store daemon has closed the connection",
    };

    for (intptr_t i = 0; i < 6; i++) {
        xstore_handle *xs;
        int rc = 0;

        fake.arg = (void *)i;
        xs = start(script_break);
        while (!rc)
            rc = xstore_mkdir(xs, XBT_NULL, "/a");
        ck_assert_int_eq(rc, i == 5 ? -ECONNRESET : -EPROTO);
        error_is(xs, why[i]);
        ck_assert_int_eq(xstore_process(xs), rc);
        ck_assert_int_eq(xstore_mkdir(xs, XBT_NULL, "/a"), rc);
        error_is(xs, why[i]);
        finish(xs);
    }
}
END_TEST

static void script_lost(struct fake *f)
{
    fake_expect(f, XS_READ, 0, LIT("/1"));
    fake_reply(f, XS_READ, BYTES("one"));
    fake_expect(f, XS_READ, 0, LIT("/2"));
}

START_TEST(test_lost)
{
    xstore_handle *xs = start(script_lost);
    xstore_op *op[3];
    const char *data;

    op[0] = start_read(xs, "/1");
    op[1] = start_read(xs, "/2");
    op[2] = start_read(xs, "/2");
    xstore_op_free(op[2]);
    ck_assert_int_eq(loop(xs, op[1]), -ECONNRESET);
    ck_assert_int_eq(xstore_op_result(xs, op[0], &data, NULL), 0);
    ck_assert_str_eq(data, "one");
    ck_assert_int_eq(xstore_op_result(xs, op[1], &data, NULL), -ECONNRESET);
    error_is(xs, "the store daemon has closed the connection");
    ck_assert_int_eq(xstore_start(xs, XBT_NULL, XS_READ, NULL, 0, &op[2]), -ECONNRESET);
    xstore_op_free(op[0]);
    xstore_op_free(op[1]);
    finish(xs);
}
END_TEST

static void script_last_words(struct fake *f)
{
    fake_event(f, "/last", "t");
}

START_TEST(test_last_words)
{
    xstore_handle *xs = start(script_last_words);
    struct xstore_event event;

    fake_join(&fake);
    ck_assert_int_eq(xstore_mkdir(xs, XBT_NULL, "/a"), -ECONNRESET);
    error_is(xs, "cannot create /a: the store daemon has closed the connection");
    ck_assert_int_eq(xstore_next_event(xs, &event), 0);
    ck_assert_str_eq(event.path, "/last");
    ck_assert_int_eq(xstore_next_event(xs, &event), -ECONNRESET);
    finish(xs);
}
END_TEST

static void script_alloc(struct fake *f)
{
    while (fake_read(f) >= 0) {
        switch (f->request.type) {
        case XS_DIRECTORY:
            fake_error(f, "E2BIG");
            break;
        case XS_DIRECTORY_PART:
            fake_reply(f, XS_DIRECTORY_PART, LIT("1\0a\0"));
            break;
        case XS_GET_PERMS:
            fake_reply(f, XS_GET_PERMS, LIT("n0"));
            break;
        case XS_TRANSACTION_START:
            fake_reply(f, XS_TRANSACTION_START, LIT("3"));
            break;
        case XS_WATCH:
            fake_event(f, "/a", "t");
            fake_ok(f);
            break;
        default:
            fake_reply(f, f->request.type, BYTES("1"));
        }
    }
}

static int do_read(xstore_handle *xs)
{
    int value;

    return xstore_read_int(xs, XBT_NULL, "/a", &value);
}

static int do_list(xstore_handle *xs)
{
    unsigned int nr;
    char **names;
    int rc = xstore_list(xs, XBT_NULL, "/a", &names, &nr);

    if (!rc)
        free(names);
    return rc;
}

static int do_perms(xstore_handle *xs)
{
    struct xs_permissions *perms;
    unsigned int nr;
    int rc = xstore_get_perms(xs, XBT_NULL, "/a", &perms, &nr);

    if (!rc)
        free(perms);
    return rc;
}

static int do_txn(xstore_handle *xs)
{
    int calls = 0;

    return xstore_transaction(xs, write_one, &calls);
}

static int do_watch(xstore_handle *xs)
{
    return xstore_watch(xs, "/a", "t");
}

/* Each allocation fails once, then the call succeeds on the same handle. */
START_TEST(test_alloc)
{
    int (*const calls[])(xstore_handle * xs) = {do_read, do_list, do_perms, do_txn, do_watch};
    xstore_handle *xs = start(script_alloc);
    struct xstore_event event;
    int events = 0;

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        int rc, n = 0;

        do {
            fail_alloc_in = ++n;
            rc = calls[i](xs);
            if (fail_alloc_in) {
                fail_alloc_in = 0;
                ck_assert_int_eq(rc, 0);
                break;
            }
            ck_assert(rc == -ENOMEM || (!rc && i == 3)); /* an unwanted answer needs no memory */
        } while (n < 30);
        ck_assert_int_gt(n, 2);
        ck_assert_int_lt(n, 30);
    }
    /* No event was lost: as many as there were watches. */
    while (!xstore_next_event(xs, &event))
        events++;
    ck_assert_int_ge(events, 3);
    finish(xs);
}
END_TEST

TEST_MAIN("store-xstore", test_requests, test_domains, test_read_int, test_read_typed,
          test_write_typed, test_errors, test_open, test_device, test_txn, test_txn_timeout,
          test_timeout, test_pipeline, test_backlog, test_events, test_break, test_lost,
          test_last_words, test_alloc)
