/* SPDX-License-Identifier: MIT */
/* test-console-ring.c - the console daemon's parts: rings with any indices, the buffer, the log. */
#include "test-main.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemons/xenconsoled/buffer.h"
#include "daemons/xenconsoled/log.h"
#include "daemons/xenconsoled/ring.h"

START_TEST(output_wraps)
{
    static struct xencons_interface r;
    char buf[4096];

    /* The indices run over 32 bits, the text over the ring's end. */
    r.out_cons = 0xffffffff - 3;
    r.out_prod = 6;
    for (int i = 0; i < 10; i++)
        r.out[(r.out_cons + (unsigned int)i) % sizeof(r.out)] = "0123456789"[i];
    ck_assert_uint_eq(ring_take(&r, buf, 4), 4);
    ck_assert_int_eq(memcmp(buf, "0123", 4), 0);
    ck_assert_uint_eq(ring_take(&r, buf, sizeof(buf)), 6);
    ck_assert_int_eq(memcmp(buf, "456789", 6), 0);
    ck_assert_uint_eq(r.out_cons, r.out_prod);
    ck_assert_uint_eq(ring_take(&r, buf, sizeof(buf)), 0);
    r.out_prod = r.out_cons + 2048;
    ck_assert_uint_eq(ring_take(&r, buf, sizeof(buf)), 2048);
}
END_TEST

START_TEST(senseless_indices)
{
    static struct xencons_interface r;
    char buf[4096];

    r.out_prod = 2049;
    ck_assert_uint_eq(ring_take(&r, buf, sizeof(buf)), 0);
    ck_assert_uint_eq(r.out_cons, 0);
    r.in_prod = 1025;
    ck_assert_uint_eq(ring_room(&r), 0);
    ck_assert_uint_eq(ring_give(&r, "x", 1), 0);
    ck_assert_uint_eq(r.in_prod, 1025);
    r.in_cons = 1026; /* ahead of what there is */
    ck_assert_uint_eq(ring_room(&r), 0);
}
END_TEST

START_TEST(input_fills_up)
{
    static struct xencons_interface r;
    char text[1500];

    memset(text, 'i', sizeof(text));
    ck_assert_uint_eq(ring_room(&r), 1024);
    ck_assert_uint_eq(ring_give(&r, text, sizeof(text)), 1024);
    ck_assert_uint_eq(ring_give(&r, text, 1), 0);
    r.in_cons = 10;
    ck_assert_uint_eq(ring_give(&r, "0123456789abc", 13), 10);
    ck_assert_int_eq(memcmp(r.in, "0123456789", 10), 0);
    ck_assert_int_eq(r.in[10], 'i');
}
END_TEST

START_TEST(buffer_keeps_both_ends)
{
    struct buffer b = {.limit = 1000};
    char c = 0;

    ck_assert(buffer_add(&b, &c, 0));
    buffer_drop(&b, 7);
    ck_assert_uint_eq(b.len, 0);
    for (int i = 0; i < 1250; i++) {
        c = (char)('a' + i / 250);
        ck_assert(buffer_add(&b, &c, 1));
    }
    ck_assert_uint_eq(b.len, 1250);
    ck_assert(buffer_full(&b));
    ck_assert(buffer_add(&b, "!", 1));
    ck_assert_uint_eq(b.len, 1000);
    ck_assert_int_eq(b.data[249], 'a');
    ck_assert_int_eq(b.data[250], 'c');
    ck_assert_int_eq(b.data[999], '!');
    buffer_drop(&b, 999);
    ck_assert_uint_eq(b.len, 1);
    ck_assert_int_eq(b.data[0], '!');
    buffer_drop(&b, 50);
    ck_assert_uint_eq(b.len, 0);
    buffer_free(&b);
}
END_TEST

static size_t read_file(const char *path, char *buf, size_t size)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, buf, size - 1);

    close(fd);
    buf[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

START_TEST(log_rotates_and_stamps)
{
    char dir[] = "/tmp/console-log-XXXXXX", path[64], old[80], buf[256];
    struct log l;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/guest.log", dir);
    snprintf(old, sizeof(old), "%s.1", path);
    log_open(&l, path, true);
    log_write(&l, "one\ntw", 6);
    ck_assert_int_eq(rename(path, old), 0);
    log_reopen(&l);
    log_write(&l, "o\n", 2);
    log_close(&l);
    ck_assert_uint_eq(read_file(old, buf, sizeof(buf)), 2 * 22 + 6);
    ck_assert_int_eq(buf[0], '[');
    ck_assert_int_eq(memcmp(buf + 22, "one\n[", 5), 0);
    /* The line went on: no second time. */
    read_file(path, buf, sizeof(buf));
    ck_assert_str_eq(buf, "o\n");
    unlink(old);
    unlink(path);
    rmdir(dir);
    log_open(&l, "", false);
    log_write(&l, "nowhere", 7);
    log_reopen(&l);
    log_close(&l);
}
END_TEST

TEST_MAIN("console-ring", output_wraps, senseless_indices, input_fills_up, buffer_keeps_both_ends,
          log_rotates_and_stamps)
