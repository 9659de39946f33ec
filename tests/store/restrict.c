/* SPDX-License-Identifier: MIT */
/*
 * restrict.c - a program that gives up its rights, as QEMU does, with Debian's libxentoolcore: no
 * handle of the store may be of use afterwards. For xenstored.sh.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <xenstore.h>
#include <xentoolcore.h>

static void must(int what, const char *text)
{
    if (!what) {
        fprintf(stderr, "FAILED: %s\n", text);
        exit(1);
    }
}

static void *wait_for_event(void *h)
{
    unsigned int num;
    char **event;

    while ((event = xs_read_watch(h, &num)))
        free(event);
    return NULL;
}

int main(void)
{
    struct xs_handle *plain = xs_open(0), *watching = xs_open(0), *closed = xs_open(0);
    struct pollfd pfd = {.events = POLLIN};
    pthread_t thread;
    unsigned int num;
    char **event;

    must(plain && watching && closed, "open");
    xs_close(closed);
    must(xs_write(plain, XBT_NULL, "/before", "1", 1), "write");
    must(xs_watch(watching, "/before", "t"), "watch");
    /* The watch's first event is out of the way before the thread waits, whenever it starts. */
    must((event = xs_read_watch(watching, &num)) != NULL, "first event");
    free(event);
    pfd.fd = xs_fileno(watching);
    must(!pthread_create(&thread, NULL, wait_for_event, watching), "thread");
    must(!xentoolcore_restrict_all(7), "restrict");
    must(!pthread_join(thread, NULL), "the waiting thread ends");
    must(poll(&pfd, 1, 10000) == 1, "poll sees the end");
    must(!xs_write(plain, XBT_NULL, "/after", "1", 1), "write after restricting");
    must(errno == EBADF, "errno of that");
    must(!xs_write(watching, XBT_NULL, "/after", "1", 1), "write of a watching handle");
    must(!xs_check_watch(watching), "event after restricting");
    must(!xentoolcore_restrict_all(7), "restrict again");
    xs_close(watching);
    xs_close(plain);
    return 0;
}
