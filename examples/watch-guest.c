/* SPDX-License-Identifier: MIT */
/*
 * watch-guest.c - creates a guest, and tells what happens on the host until that guest has ended.
 *     watch-guest FILE        FILE is a configuration as for xl create
 * Shows configurations, operations and events in one loop. XENOLITH_HOST=sim:... takes a simulated
 * host, which needs neither root nor Xen. To build it:
 *     cc watch-guest.c $(pkg-config --cflags --libs xenolith-light)
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <xenolith/light-event.h>
#include <xenolith/light-life.h>

/* The handle knows what was wanted, and why that failed. */
static int fail(xlight_handle *h)
{
    char why[512];

    xlight_error_format(h, why, sizeof(why));
    fprintf(stderr, "watch-guest: %s\n", why);
    return 1;
}

/* NULL when the file is wrong. All that is wrong with it is said, not only the first thing. */
static struct xlight_config *read_config(const char *path)
{
    struct xlight_config *c = NULL;
    char line[512];
    xlight_messages *m = NULL;

    if (xlight_messages_new(&m) || xlight_config_read(path, m, &c))
        c = NULL;
    for (unsigned int i = 0; m && i < xlight_messages_count(m); i++) {
        xlight_message_format(xlight_messages_get(m, i), line, sizeof(line));
        fprintf(stderr, "%s\n", line);
    }
    xlight_messages_free(m);
    return c;
}

/* Tells what has happened. True: this domain has ended. */
static bool tell(xlight_events *e, uint32_t domid)
{
    struct xlight_event event;
    bool ended = false;
    char *json;

    while (!xlight_events_next(e, &event)) {
        /* Events become JSON, as most structures can, by the table of their fields. */
        if (!xlight_type_to_json(xlight_event_type(), &event, 1, XLIGHT_JSON_LINE, &json))
            puts(json), fflush(stdout), free(json);
        ended |= event.domid == domid &&
                 (event.kind == XLIGHT_EVENT_SHUTDOWN || event.kind == XLIGHT_EVENT_DESTROYED);
        xlight_event_clear(&event);
    }
    return ended;
}

/* Waits for both descriptors at once; whichever becomes readable goes on. */
static int watch(xlight_handle *h, xlight_events *e, xlight_op *create)
{
    struct pollfd fds[] = {{.fd = xlight_op_fd(create), .events = POLLIN},
                           {.fd = xlight_events_fd(e), .events = POLLIN}};
    int rc;

    do {
        poll(fds, 2, fds[0].fd >= 0 ? xlight_op_timeout(create) : -1);
        rc = xlight_op_process(create);
        if ((rc && rc != -EINPROGRESS) || xlight_events_process(e))
            return fail(h);
        if (!rc)
            fds[0].fd = -1; /* it has ended: poll() passes over it */
    } while (!tell(e, xlight_op_domid(create)));
    return 0;
}

int main(int argc, char **argv)
{
    struct xlight_config *c = argc == 2 ? read_config(argv[1]) : NULL;
    xlight_handle *h = NULL;
    xlight_op *create = NULL;
    xlight_events *e = NULL;
    int status = 1;

    if (!c || xlight_open(getenv("XENOLITH_HOST"), &h))
        fputs(c ? "watch-guest: there is no Xen\n" : "Usage: watch-guest FILE\n", stderr);
    else if (xlight_events_open(h, &e) || xlight_domain_create_start(h, c, NULL, &create))
        status = fail(h);
    else
        status = watch(h, e, create);
    /* All of these take NULL. What was made from a handle is freed before it. */
    xlight_op_free(create);
    xlight_events_close(e);
    xlight_close(h);
    xlight_config_free(c);
    return status;
}
