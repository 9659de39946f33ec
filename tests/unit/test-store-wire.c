/* SPDX-License-Identifier: MIT */
/* test-store-wire.c - store messages, lists, permissions, quoting, directories in parts. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xenstore.h>
#include "directory.h"
#include "test-main.h"
#include "text.h"
#include "wire.h"

FAIL_ALLOC_DEFINE

START_TEST(test_request)
{
    static char big[XENSTORE_PAYLOAD_MAX + 1];
    struct xs__request rq;

    xs__request_init(&rq, XS_WRITE, 7);
    xs__request_add_string(&rq, "/a");
    xs__request_add(&rq, "x\0y", 3);
    xs__request_add_number(&rq, 4294967296UL);
    ck_assert_uint_eq(rq.hdr.type, XS_WRITE);
    ck_assert_uint_eq(rq.hdr.tx_id, 7);
    ck_assert_uint_eq(rq.hdr.req_id, 0);
    ck_assert_uint_eq(rq.hdr.len, 17);
    ck_assert_mem_eq(rq.body, "/a\0x\0y4294967296\0", 17);
    ck_assert_int_eq(rq.error, 0);
    ck_assert_uint_eq(xs__request_size(&rq), 33);

    xs__request_init(&rq, XS_WRITE, 0);
    xs__request_add(&rq, big, XENSTORE_PAYLOAD_MAX);
    ck_assert_int_eq(rq.error, 0);
    xs__request_add(&rq, big, 0);
    ck_assert_int_eq(rq.error, 0);
    xs__request_add(&rq, big, 1);
    ck_assert_int_eq(rq.error, -E2BIG);
    xs__request_init(&rq, XS_WRITE, 0);
    xs__request_add(&rq, big, sizeof(big));
    ck_assert_int_eq(rq.error, -E2BIG);
}
END_TEST

/* Feeds a reader one byte at a time, through a socket. */
START_TEST(test_reader)
{
    static struct xs__reader r;
    struct xsd_sockmsg hdr = {.type = XS_READ, .req_id = 3, .len = 5}, got;
    char msg[sizeof(hdr) + 5];
    const char *body;
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    memcpy(msg, &hdr, sizeof(hdr));
    memcpy(msg + sizeof(hdr), "hello", 5);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(msg); i++) {
            ck_assert_int_eq(xs__reader_next(&r, &got, &body), -EAGAIN);
            ck_assert_int_eq(xs__reader_fill(&r, fds[0], true, false), -EAGAIN);
            ck_assert_int_eq(xs__send(fds[1], true, msg + i, 1), 0);
            ck_assert_int_eq(xs__reader_fill(&r, fds[0], true, true), 0);
        }
        ck_assert_int_eq(xs__reader_next(&r, &got, &body), 0);
        ck_assert_mem_eq(&got, &hdr, sizeof(hdr));
        ck_assert_mem_eq(body, "hello", 5);
        /* It stays until it is dropped. */
        ck_assert_int_eq(xs__reader_next(&r, &got, &body), 0);
        xs__reader_drop(&r, &got);
    }
    close(fds[1]);
    ck_assert_int_eq(xs__reader_fill(&r, fds[0], true, true), -EBADF);
    close(fds[0]);
}
END_TEST

/* Many messages of the largest size, cut at odd places, through a pipe (as a device would be). */
START_TEST(test_reader_full)
{
    static struct xs__reader r;
    static char msg[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
    struct xsd_sockmsg hdr = {.type = XS_DIRECTORY, .len = XENSTORE_PAYLOAD_MAX}, got;
    const char *body;
    size_t sent = 0;
    unsigned int nr = 0;
    int fds[2], rc;

    ck_assert_int_eq(pipe(fds), 0);
    memset(msg, 'x', sizeof(msg));
    memcpy(msg, &hdr, sizeof(hdr));
    while (nr < 20) {
        size_t now = 1021 < sizeof(msg) - sent ? 1021 : sizeof(msg) - sent;

        ck_assert_int_eq(xs__send(fds[1], false, msg + sent, now), 0);
        sent = (sent + now) % sizeof(msg);
        ck_assert_int_eq(xs__reader_fill(&r, fds[0], false, true), 0);
        while (!(rc = xs__reader_next(&r, &got, &body))) {
            ck_assert_uint_eq(got.len, XENSTORE_PAYLOAD_MAX);
            ck_assert_int_eq(body[XENSTORE_PAYLOAD_MAX - 1], 'x');
            xs__reader_drop(&r, &got);
            nr++;
        }
        ck_assert_int_eq(rc, -EAGAIN);
    }
    hdr.len = XENSTORE_PAYLOAD_MAX + 1;
    r.begin = r.end = 0;
    ck_assert_int_eq(xs__send(fds[1], false, &hdr, sizeof(hdr)), 0);
    ck_assert_int_eq(xs__reader_fill(&r, fds[0], false, true), 0);
    ck_assert_int_eq(xs__reader_next(&r, &got, &body), -E2BIG);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(test_error_names)
{
    static const struct {
        int code;
        const char *name;
    } all[] = {
        {EINVAL, "EINVAL"}, {EACCES, "EACCES"}, {EEXIST, "EEXIST"},       {EISDIR, "EISDIR"},
        {ENOENT, "ENOENT"}, {ENOMEM, "ENOMEM"}, {ENOSPC, "ENOSPC"},       {EIO, "EIO"},
        {EROFS, "EROFS"},   {EBUSY, "EBUSY"},   {ENOTEMPTY, "ENOTEMPTY"}, {ENOSYS, "ENOSYS"},
        {EAGAIN, "EAGAIN"}, {E2BIG, "E2BIG"},   {EISCONN, "EISCONN"},     {EPERM, "EPERM"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        ck_assert_int_eq(xs__error_code(all[i].name, strlen(all[i].name) + 1), all[i].code);
        ck_assert_int_eq(xs__error_code(all[i].name, strlen(all[i].name)), all[i].code);
        ck_assert_str_eq(xs__error_name(all[i].code), all[i].name);
    }
    ck_assert_int_eq(xs__error_code("EQUOTA", 7), EINVAL);
    ck_assert_int_eq(xs__error_code("", 0), EINVAL);
    ck_assert_int_eq(xs__error_code("ENOENTX", 7), EINVAL);
    ck_assert_int_eq(xs__error_code("ENOENT", 5), EINVAL);
    ck_assert_ptr_null(xs__error_name(EXDEV));
    ck_assert_ptr_null(xs__error_name(0));
}
END_TEST

static void split(const char *strings, size_t len, unsigned int num, const char *last)
{
    unsigned int got = 99;
    char **list = xs__split_strings(strings, len, &got);

    ck_assert_ptr_nonnull(list);
    ck_assert_uint_eq(got, num);
    ck_assert_uint_eq(xs__count_strings(strings, len), num);
    if (num)
        ck_assert_str_eq(list[num - 1], last);
    free(list);
}

START_TEST(test_strings)
{
    split("", 0, 0, NULL);
    split("", 1, 1, "");
    split("a", 2, 1, "a");
    split("a", 1, 1, "a");
    split("a\0bc", 5, 2, "bc");
    split("a\0bc", 4, 2, "bc");
    split("a\0\0c", 5, 3, "c");
    fail_alloc_in = 1;
    ck_assert_ptr_null(xs__split_strings("a", 2, NULL));
}
END_TEST

START_TEST(test_perms)
{
    struct xs_permissions perms[4];
    char text[XS__PERM_SIZE];

    ck_assert(xs_strings_to_perms(perms, 4, "n0\0r32767\0w0x10\0b-1"));
    ck_assert_uint_eq(perms[0].perms, XS_PERM_NONE);
    ck_assert_uint_eq(perms[0].id, 0);
    ck_assert_uint_eq(perms[1].perms, XS_PERM_READ);
    ck_assert_uint_eq(perms[1].id, 32767);
    ck_assert_uint_eq(perms[2].perms, XS_PERM_WRITE);
    ck_assert_uint_eq(perms[2].id, 16);
    ck_assert_uint_eq(perms[3].perms, XS_PERM_READ | XS_PERM_WRITE);
    ck_assert_uint_eq(perms[3].id, -1U);
    ck_assert(xs__perm_to_string(&perms[1], text));
    ck_assert_str_eq(text, "r32767");
    ck_assert(xs__perm_to_string(&perms[3], text));
    ck_assert_str_eq(text, "b-1");
    perms[0].id = INT_MIN;
    perms[0].perms = XS_PERM_IGNORE;
    ck_assert(xs__perm_to_string(&perms[0], text));
    ck_assert_str_eq(text, "n-2147483648");
    perms[0].perms = XS_PERM_OWNER;
    ck_assert(!xs__perm_to_string(&perms[0], text));
    perms[0].perms = ~0U;
    ck_assert(!xs__perm_to_string(&perms[0], text));

    for (size_t i = 0; i < 6; i++) {
        static const char *const bad[] = {"", "r", "x1", "rx", "r1x", "1"};

        errno = 0;
        ck_assert(!xs_strings_to_perms(perms, 1, bad[i]));
        ck_assert_int_eq(errno, EINVAL);
    }
}
END_TEST

static void quoted(const char *value, size_t len, const char *text)
{
    char *quote = xs__quote(value, len);

    ck_assert_str_eq(quote, text);
    ck_assert_uint_eq(xs__unquote(quote), len);
    ck_assert_mem_eq(quote, value, len);
    free(quote);
}

static void unquoted(const char *text, const char *value, size_t len)
{
    char buf[32];

    strcpy(buf, text);
    ck_assert_uint_eq(xs__unquote(buf), len);
    ck_assert_mem_eq(buf, value, len);
    ck_assert_int_eq(buf[len], '\0');
}

START_TEST(test_quote)
{
    char all[256];
    char *quote;

    quoted("", 0, "");
    quoted("plain ~", 7, "plain ~");
    quoted("\t\n\r\\", 4, "\\t\\n\\r\\\\");
    quoted("\0\1\7\x08\x1f\x7f\x80\xff", 8, "\\000\\001\\007\\x08\\x1f\\x7f\\x80\\xff");
    unquoted("\\0", "\0", 1);
    unquoted("\\12x", "\nx", 2);
    unquoted("\\1234", "S4", 2);
    unquoted("\\777", "\xff", 1);
    unquoted("\\x4", "\4", 1);
    unquoted("\\x414", "A4", 2);
    unquoted("\\xZ", "xZ", 2);
    unquoted("\\xAb\\xaB", "\xab\xab", 2);
    unquoted("\\q\\8", "q8", 2);
    unquoted("a\\", "a\0", 2);
    for (int i = 0; i < 256; i++)
        all[i] = i;
    quote = xs__quote(all, sizeof(all));
    for (const char *p = quote; *p; p++)
        ck_assert(*p >= ' ' && *p <= '~');
    ck_assert_uint_eq(xs__unquote(quote), sizeof(all));
    ck_assert_mem_eq(quote, all, sizeof(all));
    free(quote);
    fail_alloc_in = 1;
    ck_assert_ptr_null(xs__quote("a", 1));
}
END_TEST

START_TEST(test_subpath)
{
    ck_assert(xs_path_is_subpath("/a", "/a"));
    ck_assert(xs_path_is_subpath("/a", "/a/b"));
    ck_assert(!xs_path_is_subpath("/a", "/ab"));
    ck_assert(!xs_path_is_subpath("/a/b", "/a"));
    ck_assert(!xs_path_is_subpath("/a", "a"));
    ck_assert(!xs_path_is_subpath("/", "/a"));
    ck_assert(xs_path_is_subpath("", "/a"));
    ck_assert(xs_path_is_subpath("@releaseDomain", "@releaseDomain"));
}
END_TEST

static void add_part(struct xs__directory *dir, const char *part, size_t len, int rc)
{
    ck_assert_int_eq(xs__directory_add(dir, part, len), rc);
}
#define PART(dir, s, rc) add_part(dir, s, sizeof(s) - 1, rc)

START_TEST(test_directory)
{
    struct xs__directory dir = {0};

    PART(&dir, "1\0a\0bc\0", -EAGAIN);
    ck_assert_uint_eq(dir.used, 5);
    PART(&dir, "1\0d\0\0", 0);
    ck_assert_uint_eq(dir.used, 7);
    ck_assert_mem_eq(dir.names, "a\0bc\0d\0", 7);

    /* Changed in between: from the start. */
    dir.used = 0;
    PART(&dir, "1\0a\0", -EAGAIN);
    PART(&dir, "2\0b\0\0", -EAGAIN);
    ck_assert_uint_eq(dir.used, 0);
    PART(&dir, "2\0a\0", -EAGAIN);
    PART(&dir, "2\0\0", 0);
    ck_assert_uint_eq(dir.used, 2);
    ck_assert_mem_eq(dir.names, "a\0", 2);

    dir.used = 0;
    PART(&dir, "3\0\0", 0);
    ck_assert_uint_eq(dir.used, 0);

    /* Nonsense, and nothing new. */
    PART(&dir, "", -EINVAL);
    PART(&dir, "1", -EINVAL);
    PART(&dir, "1\0", -EINVAL);
    PART(&dir, "1\0a", -EINVAL);
    PART(&dir, "123456789012345678901234\0a\0", -EINVAL);
    PART(&dir, "12345678901234567890123\0a\0", -EAGAIN);
    fail_alloc_in = 1;
    PART(&dir, "12345678901234567890123\0b\0", -ENOMEM);
    ck_assert_uint_eq(dir.used, 2);
    free(dir.names);
}
END_TEST

START_TEST(test_paths)
{
    static char big[PATH_MAX + 10];

    unsetenv("XENSTORED_PATH");
    unsetenv("XENSTORED_RUNDIR");
    ck_assert_str_eq(xs_daemon_rundir(), "/var/run/xenstored");
    ck_assert_str_eq(xs_daemon_socket(), "/var/run/xenstored/socket");
    ck_assert_str_eq(xs_daemon_socket_ro(), "/var/run/xenstored/socket");
    setenv("XENSTORED_RUNDIR", "/x", 1);
    ck_assert_str_eq(xs_daemon_rundir(), "/x");
    ck_assert_str_eq(xs_daemon_socket(), "/x/socket");
    setenv("XENSTORED_PATH", "/y/z", 1);
    ck_assert_str_eq(xs_daemon_socket(), "/y/z");
    ck_assert_str_eq(xs_daemon_rundir(), "/x");
    unsetenv("XENSTORED_PATH");
    memset(big, 'd', sizeof(big) - 1);
    setenv("XENSTORED_RUNDIR", big, 1);
    ck_assert_ptr_null(xs_daemon_socket());
    unsetenv("XENSTORED_RUNDIR");
}
END_TEST

START_TEST(test_write_all)
{
    char got[4];
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    ck_assert(xs_write_all(fds[1], "abc", 4));
    ck_assert_int_eq(read(fds[0], got, 4), 4);
    ck_assert_str_eq(got, "abc");
    ck_assert(!xs_write_all(fds[0], "abc", 4));
    ck_assert_int_eq(errno, EBADF);
    ck_assert(xs_write_all(-1, NULL, 0));
    close(fds[0]);
    close(fds[1]);
}
END_TEST

TEST_MAIN("store-wire", test_request, test_reader, test_reader_full, test_error_names, test_strings,
          test_perms, test_quote, test_subpath, test_directory, test_paths, test_write_all)
