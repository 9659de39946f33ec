/* SPDX-License-Identifier: MIT */
/*
 * test-store-threads.c - one handle in many threads. tests/store/tsan.sh builds it once more, with
 * the thread sanitizer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>
#include "../store/fake-server.h"
#include "test-main.h"

#define THREADS 4
#define ROUNDS  200

static struct fake fake;
static struct xs_handle *handle;

/* Reads answer the path; each write makes an event with what was written as the path. */
static void script_echo(struct fake *f)
{
    while (fake_read(f) >= 0) {
        if (f->request.type == XS_READ) {
            fake_reply(f, XS_READ, f->body, strlen(f->body));
        } else if (f->request.type == XS_WRITE) {
            fake_event(f, f->body + strlen(f->body) + 1, "t");
            fake_ok(f);
        } else {
            fake_ok(f);
        }
    }
}

/* Everybody gets the answer to the own question. */
static void *reader_main(void *arg)
{
    char path[32];

    for (int i = 0; i < ROUNDS; i++) {
        char *value;

        snprintf(path, sizeof(path), "/%d/%d", (int)(intptr_t)arg, i);
        value = xs_read(handle, XBT_NULL, path, NULL);
        if (!value || strcmp(value, path))
            abort();
        free(value);
        if (!xs_write(handle, XBT_NULL, "/w", path, strlen(path)))
            abort();
    }
    return NULL;
}

/* Takes all events; of each thread they come in order. */
static void *watcher_main(void *arg)
{
    int next[THREADS] = {0};

    (void)arg;
    for (int i = 0; i < THREADS * ROUNDS; i++) {
        unsigned int num;
        char **event = xs_read_watch(handle, &num);
        int who, round;

        if (!event || num != 2 || sscanf(event[0], "/%d/%d", &who, &round) != 2 ||
            next[who]++ != round)
            abort();
        free(event);
    }
    return NULL;
}

static void run_all(bool with_watcher)
{
    pthread_t threads[THREADS], watcher;

    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, reader_main, (void *)(intptr_t)i);
    if (with_watcher)
        pthread_create(&watcher, NULL, watcher_main, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (with_watcher)
        pthread_join(watcher, NULL);
}

START_TEST(test_parallel)
{
    fake_start(&fake, script_echo);
    handle = xs_open(0);
    ck_assert_ptr_nonnull(handle);
    ck_assert(xs_watch(handle, "/w", "t"));
    run_all(true);
    xs_close(handle);
    fake_stop(&fake);
}
END_TEST

/* The first watch starts the reader thread while others are in the middle of requests. */
static void *late_watch(void *arg)
{
    (void)arg;
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    if (!xs_watch(handle, "/w", "t"))
        abort();
    return NULL;
}

START_TEST(test_late_watch)
{
    pthread_t thread;

    fake_start(&fake, script_echo);
    handle = xs_open(0);
    ck_assert_ptr_nonnull(handle);
    pthread_create(&thread, NULL, late_watch, NULL);
    run_all(true);
    pthread_join(thread, NULL);
    xs_close(handle);
    fake_stop(&fake);
}
END_TEST

/* The daemon goes away while one thread waits for an answer and others for events. */
static void script_vanish(struct fake *f)
{
    fake_expect(f, XS_WATCH, 0, LIT("/w\0t"));
    fake_ok(f);
    fake_expect(f, XS_READ, 0, LIT("/a"));
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

static void *wait_for_end(void *arg)
{
    unsigned int num;

    (void)arg;
    if (xs_read_watch(handle, &num) || errno != EINVAL)
        abort();
    return NULL;
}

START_TEST(test_vanish)
{
    pthread_t threads[THREADS];

    fake_start(&fake, script_vanish);
    handle = xs_open(0);
    ck_assert_ptr_nonnull(handle);
    ck_assert(xs_watch(handle, "/w", "t"));
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, wait_for_end, NULL);
    ck_assert_ptr_null(xs_read(handle, XBT_NULL, "/a", NULL));
    ck_assert_int_eq(errno, EINVAL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    xs_close(handle);
    fake_stop(&fake);
}
END_TEST

/* Without a reader thread the requester that notices wakes those who wait for events. */
static void script_vanish_early(struct fake *f)
{
    fake_expect(f, XS_READ, 0, LIT("/a"));
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

START_TEST(test_vanish_early)
{
    pthread_t thread;

    fake_start(&fake, script_vanish_early);
    handle = xs_open(0);
    ck_assert_ptr_nonnull(handle);
    pthread_create(&thread, NULL, wait_for_end, NULL);
    ck_assert_ptr_null(xs_read(handle, XBT_NULL, "/a", NULL));
    ck_assert_int_eq(errno, EBADF);
    pthread_join(thread, NULL);
    xs_close(handle);
    fake_stop(&fake);
}
END_TEST

TEST_MAIN("store-threads", test_parallel, test_late_watch, test_vanish, test_vanish_early)
