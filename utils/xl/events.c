/* SPDX-License-Identifier: MIT */
/* events.c - xl events: what happens on the host, one line of JSON each. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <xenolith/light-event.h>
#include "xl.h"

/* Prints what is there; *left (0: any number) goes down. */
static int print_events(xlight_events *e, uint32_t *left, bool *ret_done)
{
    struct xlight_event event;
    int status = XL_OK;

    while (status == XL_OK && !xlight_events_next(e, &event)) {
        status = xl_json(xlight_event_type(), &event, 1, XLIGHT_JSON_LINE | XLIGHT_JSON_BRIEF);
        xlight_event_clear(&event);
        if (*left && !--*left) {
            *ret_done = true;
            break;
        }
    }
    return status;
}

static int follow(xlight_handle *h, xlight_events *e, uint32_t left)
{
    struct pollfd p = {xlight_events_fd(e), POLLIN, 0};
    bool done = false;
    int status = XL_OK;

    while (status == XL_OK && !done) {
        if (poll(&p, 1, -1) < 0 && errno != EINTR) {
            fprintf(stderr, "xl: cannot wait: %s\n", strerror(errno));
            return XL_FAILED;
        }
        if (xlight_events_process(e))
            return xl_fail(h);
        status = print_events(e, &left, &done);
    }
    return status;
}

int cmd_events(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"count", required_argument, NULL, 'n'},
                                            XL_LAST_OPTION};
    xlight_events *e;
    xlight_handle *h;
    uint32_t left = 0;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "n:h", options, 0, &status)) >= 0)
        if (!xl_number(optarg, &left) || !left) {
            fprintf(stderr, "xl: \"%s\" is not a number of events\n", optarg);
            return XL_FAILED;
        }
    if (opt == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_events_open(h, &e)) {
        status = xl_fail(h);
    } else {
        status = follow(h, e, left);
        xlight_events_close(e);
    }
    xlight_close(h);
    return status;
}
