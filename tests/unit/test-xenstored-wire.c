/* SPDX-License-Identifier: MIT */
/* test-xenstored-wire.c - parts of messages, permission lists, state streams, buckets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemons/xenstored/perm.h"
#include "daemons/xenstored/quota.h"
#include "daemons/xenstored/osdep.h"
#include "daemons/xenstored/state-conn.h"
#include "daemons/xenstored/state.h"
#include "daemons/xenstored/wire.h"
#include "../shim/test-main.h"

const struct osdep *os;

int os_source_add(int fd)
{
    return fd; /* main.c's; never called here */
}

static int path(const char *text, bool special)
{
    struct path p;

    return wire_path(text, strlen(text), 5, special, 20, &p);
}

START_TEST(paths)
{
    static const char *const good[] = {"/", "/a", "/a/b-c_d@e/0", "a", "a/b"};
    static const char *const bad[] = {"",    "//",   "/a/",   "a/", "/a//b",
                                      "a b", "/a.b", "/\xe4", "@x", "/a\n"};
    struct path p;

    for (unsigned int i = 0; i < 5; i++)
        ck_assert_msg(!path(good[i], false), "%s", good[i]);
    for (unsigned int i = 0; i < 10; i++)
        ck_assert_msg(path(bad[i], false) == -EINVAL, "%s", bad[i]);
    ck_assert(!path("@releaseDomain", true));
    ck_assert(path("@a/b", true) == -EINVAL);
    ck_assert(!wire_path("x/y", 3, 5, false, 20, &p));
    ck_assert_uint_eq(p.relative, strlen("/local/domain/5/"));
    ck_assert_uint_eq(p.len, strlen("/local/domain/5/x/y"));
    ck_assert(!memcmp(p.s, "/local/domain/5/x/y", p.len));
    /* The limit is on the part below the domain's home, however it was written. */
    ck_assert(!path("12345678901234567890", false));
    ck_assert(path("123456789012345678901", false) == -EINVAL);
    ck_assert(path("/local/domain/9/123456789012345678901", false) == -EINVAL);
    ck_assert(!path("/local/domain/x/123456789012345678901", false));
}
END_TEST

START_TEST(numbers)
{
    static const char *const bad[] = {"",   "-1",  "+1",         " 1",
                                      "1 ", "0x1", "4294967296", "99999999999999999999"};
    uint32_t n = 7;

    for (unsigned int i = 0; i < 8; i++)
        ck_assert_msg(wire_number(bad[i], UINT32_MAX, &n) == -EINVAL, "%s", bad[i]);
    ck_assert_uint_eq(n, 7);
    ck_assert(!wire_number("4294967295", UINT32_MAX, &n));
    ck_assert_uint_eq(n, UINT32_MAX);
    ck_assert(wire_number("11", 10, &n) == -EINVAL);
    ck_assert(!wire_number("0010", 10, &n));
    ck_assert_uint_eq(n, 10);
}
END_TEST

START_TEST(string_lists)
{
    const char *vec[2];

    ck_assert_int_eq(wire_strings("", 0, vec, 2), -EINVAL);
    ck_assert_int_eq(wire_strings("a", 1, vec, 2), -EINVAL);
    ck_assert_int_eq(wire_strings("a\0b", 3, vec, 2), -EINVAL);
    ck_assert_int_eq(wire_strings("a\0b\0c\0", 6, vec, 2), 3);
    ck_assert_str_eq(vec[1], "b");
    ck_assert_int_eq(wire_strings("\0\0", 2, vec, 2), 2);
}
END_TEST

START_TEST(permission_lists)
{
    static const char text[] = "n5\0r0\0b32751\0w7";
    struct subject who = {9, DOMID_NONE, false};
    struct perms *p = NULL, *q;
    char out[64];

    ck_assert_int_eq(perms_parse(text, sizeof(text), 3, &p), -ENOSPC);
    ck_assert_ptr_eq(p, NULL);
    ck_assert_int_eq(perms_parse("x5", 3, 5, &p), -EINVAL);
    ck_assert_int_eq(perms_parse("n32752", 7, 5, &p), -EINVAL);
    ck_assert_int_eq(perms_parse("n5\0", 4, 5, &p), -EINVAL);
    ck_assert_int_eq(perms_parse(text, sizeof(text), 5, &p), 0);
    ck_assert_int_eq(perms_format(p, out, sizeof(text) - 1), -E2BIG);
    ck_assert_int_eq(perms_format(p, out, sizeof(text)), sizeof(text));
    ck_assert(!memcmp(out, text, sizeof(text)));

    ck_assert_uint_eq(perms_rights(p, &who), 0);
    who.domid = 7;
    ck_assert_uint_eq(perms_rights(p, &who), PERM_W);
    who.target = 5;
    ck_assert_uint_eq(perms_rights(p, &who), PERM_RW | PERM_OWNER);
    who = (struct subject){5, DOMID_NONE, false};
    ck_assert_uint_eq(perms_rights(p, &who), PERM_RW | PERM_OWNER);

    q = perms_inherit(p, &who);
    ck_assert_ptr_eq(q, p);
    perms_put(q);
    who.domid = 9;
    q = perms_inherit(p, &who);
    ck_assert_uint_eq(q->entry[0].domid, 9);
    ck_assert(!perms_equal(p, q));
    perms_put(q);
    q = perms_without(p, 7);
    ck_assert(!perms_mention(q, 7) && q->nr == 3);
    perms_put(q);
    q = perms_without(p, 5);
    ck_assert(q->nr == 4 && q->entry[0].domid == 0 && q->entry[0].rights == 0);
    perms_put(q);
    perms_put(p);
}
END_TEST

START_TEST(streams_end)
{
    struct state_out out = {0};
    struct state_in in;

    put_u32(&out, 1000);
    put_u64(&out, 7);
    in = (struct state_in){out.buf, out.len, 0, false};
    ck_assert_uint_eq(get_count(&in, 1), 0);
    ck_assert(in.failed);
    in = (struct state_in){out.buf, out.len, 0, false};
    ck_assert_uint_eq(get_u32(&in), 1000);
    ck_assert_uint_eq(get_u64(&in), 7);
    ck_assert(!in.failed);
    ck_assert_uint_eq(get_u32(&in), 0);
    ck_assert(in.failed);
    in = (struct state_in){out.buf, out.len, 0, false};
    ck_assert_ptr_eq(get_bytes(&in, SIZE_MAX), NULL);
    free(out.buf);
}
END_TEST

START_TEST(buckets)
{
    struct bucket b = {0};

    ck_assert_uint_eq(bucket_wait(&b, 20, 5, 100000), 0);
    for (unsigned int i = 0; i < 5; i++)
        bucket_take(&b);
    ck_assert_uint_eq(bucket_wait(&b, 20, 5, 100000), 50);
    ck_assert_uint_eq(bucket_wait(&b, 20, 5, 100049), 1);
    ck_assert_uint_eq(bucket_wait(&b, 20, 5, 100050), 0);
    /* A thousand at once are forgiven as soon as a few. */
    for (unsigned int i = 0; i < 1000; i++)
        bucket_take(&b);
    ck_assert_uint_le(bucket_wait(&b, 20, 5, 100050), 350);
    ck_assert_uint_eq(bucket_wait(&b, 0, 5, 100050), 0);
}
END_TEST

TEST_MAIN("xenstored-wire", paths, numbers, string_lists, permission_lists, streams_end, buckets)
