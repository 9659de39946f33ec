/* SPDX-License-Identifier: MIT */
/*
 * fleet.c - a toolstack of one's own: keeps guests running, all at once.
 *     fleet FILE.cfg...   configurations as for xl create
 * It starts all of them side by side, starts those anew that end and whose configuration says so,
 * and takes commands, one a line: list, start NAME, stop NAME, kill NAME, disk NAME SPEC, quit (or
 * the end of the input), which stops all. docs/library-guide.md goes through it. XENOLITH_HOST and
 * how to build it are as in watch-guest.c.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-device.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-event.h>
#include <xenolith/light-life.h>

#define MAX_GUESTS 64
#define MAX_LIVES  3 /* after which a guest is left alone; "start" begins to count anew */

enum work { STARTING, STOPPING, GOING, ADDING };
static const char *const doing[] = {"starting", "stopping", "going", "adding a disk"};
static const char *const done[] = {"runs", "done stopping", "is gone", "done adding a disk"};

struct guest {
    struct xlight_config *config;
    uint32_t domid; /* XLIGHT_NO_DOMAIN: there is none */
    bool wanted;    /* it shall run */
    unsigned int lives;
    enum work work;
    xlight_op *op; /* work under way, one thing at a time; or NULL */
};

static xlight_handle *h;
static struct guest guests[MAX_GUESTS], *end = guests;
static bool quitting;

static void complain(const char *who)
{
    char why[512];

    xlight_error_format(h, why, sizeof(why));
    printf("%s: %s\n", who, why);
}

static void begin(struct guest *g, enum work work);

static void finish(struct guest *g, int rc)
{
    if (rc)
        complain(g->config->name);
    else
        printf("%s: %s\n", g->config->name, done[g->work]);
    if (g->work == STARTING) {
        g->domid = rc ? XLIGHT_NO_DOMAIN : xlight_op_domid(g->op);
        g->wanted = g->wanted && !rc;
    } else if (g->work == GOING && !rc) {
        g->domid = XLIGHT_NO_DOMAIN;
    }
    xlight_op_free(g->op);
    g->op = NULL;
    if (rc && g->work == STOPPING && quitting)
        begin(g, GOING); /* it does not listen: without asking, then */
}

static void begin(struct guest *g, enum work work)
{
    int rc;

    g->work = work;
    if (work == STARTING)
        rc = xlight_domain_create_start(h, g->config, NULL, &g->op);
    else if (work == STOPPING)
        rc = xlight_domain_shutdown_start(h, g->domid, false, false, &g->op);
    else
        rc = xlight_domain_destroy_start(h, g->domid, &g->op);
    if (rc) /* not how it ends: it has not begun */
        finish(g, rc);
}

static void add_disk(struct guest *g, const char *spec)
{
    struct xlight_disk d;
    int rc;

    xlight_device_config_init(XLIGHT_DISK, &d);
    g->work = ADDING;
    if (xlight_device_parse(XLIGHT_DISK, spec, NULL, &d))
        printf("%s: \"%s\" is no disk\n", g->config->name, spec);
    else if ((rc = xlight_device_attach_start(h, g->domid, XLIGHT_DISK, &d, &g->op)))
        finish(g, rc);
    xlight_device_config_clear(XLIGHT_DISK, &d);
}

/* A guest that nothing is being done with: is it as it shall be? */
static void settle(struct guest *g)
{
    bool there = g->domid != XLIGHT_NO_DOMAIN;
    struct xlight_domain *d = NULL;

    if (there && (xlight_domain_info(h, g->domid, &d) || d->dying)) {
        printf("%s: was destroyed\n", g->config->name);
        g->domid = XLIGHT_NO_DOMAIN;
        g->wanted = false; /* whoever did it had a reason */
    } else if (there && d->shutdown) {
        printf("%s: has ended, reason %d\n", g->config->name, d->shutdown_reason);
        g->wanted = g->wanted && g->lives < MAX_LIVES &&
                    xlight_config_action(g->config, d->shutdown_reason) == XLIGHT_RESTART;
        begin(g, GOING);
    } else if (there && quitting && g->wanted) {
        g->wanted = false;
        begin(g, STOPPING);
    } else if (!there && g->wanted && !quitting) {
        g->lives++;
        begin(g, STARTING);
    }
    xlight_domain_list_free(d, 1);
}

static void list(void)
{
    for (struct guest *g = guests; g < end; g++)
        printf("%-10s %s\n", g->config->name,
               g->op                          ? doing[g->work]
               : g->domid == XLIGHT_NO_DOMAIN ? "off"
                                              : "runs");
    printf("%d guests\n", (int)(end - guests));
}

static void command(char *line)
{
    char *what = strtok(line, " \n"), *name = strtok(NULL, " \n"), *more = strtok(NULL, " \n");
    struct guest *g = guests;

    while (g < end && (!name || strcmp(g->config->name, name)))
        g++;
    if (!what)
        return;
    if (!strcmp(what, "list"))
        list();
    else if (!strcmp(what, "quit"))
        quitting = true;
    else if (g == end)
        printf("fleet: %s whom?\n", what);
    else if (g->op)
        printf("%s: is busy, %s\n", name, doing[g->work]);
    else if (!strcmp(what, "start"))
        g->wanted = true, g->lives = 0;
    else if (g->domid == XLIGHT_NO_DOMAIN)
        printf("%s: is off\n", name);
    else if (!strcmp(what, "stop") || !strcmp(what, "kill"))
        g->wanted = false, begin(g, *what == 's' ? STOPPING : GOING);
    else if (!strcmp(what, "disk") && more)
        add_disk(g, more);
    else
        printf("fleet: list, start, stop, kill, disk or quit\n");
}

/* A command, an event, or an operation of each guest. False: nothing is left to wait for. */
static bool wait_for_any(struct pollfd *fds)
{
    int timeout = -1, t;
    bool left = !quitting;

    fds[0].fd = quitting ? -1 : fileno(stdin);
    for (struct guest *g = guests; g < end; g++) {
        if (!g->op)
            settle(g);
        t = g->op ? xlight_op_timeout(g->op) : -1;
        timeout = timeout < 0 || (t >= 0 && t < timeout) ? t : timeout;
        fds[2 + (g - guests)] = (struct pollfd){g->op ? xlight_op_fd(g->op) : -1, POLLIN, 0};
        left |= g->op || g->domid != XLIGHT_NO_DOMAIN;
    }
    if (left)
        poll(fds, 2 + (nfds_t)(end - guests), timeout);
    return left;
}

/* Without a store nothing can be done, and the guests run on: false. */
static bool run(xlight_events *events)
{
    struct pollfd fds[2 + MAX_GUESTS] = {{.events = POLLIN}, {xlight_events_fd(events), POLLIN, 0}};
    char line[512];
    struct xlight_event e;
    int rc;

    while (wait_for_any(fds)) {
        for (struct guest *g = guests; g < end; g++)
            if (g->op && (rc = xlight_op_process(g->op)) != -EINPROGRESS)
                finish(g, rc);
        if (xlight_events_process(events))
            return false;
        while (!xlight_events_next(events, &e))
            xlight_event_clear(&e); /* settle() looks for itself */
        if (fds[0].revents && fgets(line, sizeof(line), stdin))
            command(line);
        else if (fds[0].revents)
            quitting = true;
    }
    return true;
}

/* All that is wrong with a file is said, not only the first thing. */
static int load(const char *path, struct guest *g)
{
    xlight_messages *m = NULL;
    char text[512];
    int rc = xlight_messages_new(&m);

    *g = (struct guest){.domid = XLIGHT_NO_DOMAIN, .wanted = true};
    if (!rc)
        rc = xlight_config_read(path, m, &g->config);
    for (unsigned int i = 0; m && i < xlight_messages_count(m); i++) {
        xlight_message_format(xlight_messages_get(m, i), text, sizeof(text));
        printf("%s\n", text);
    }
    xlight_messages_free(m);
    return rc;
}

int main(int argc, char **argv)
{
    xlight_events *events = NULL;
    char why[512];
    int failed = argc < 2 || argc > MAX_GUESTS;

    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0); /* what was read is no more seen by poll() */
    if (failed)
        fprintf(stderr, "Usage: fleet FILE.cfg...\n");
    for (int i = 1; !failed && i < argc; i++)
        failed = load(argv[i], end++);
    if (!failed && (failed = xlight_open_why(getenv("XENOLITH_HOST"), &h, why, sizeof(why))))
        fprintf(stderr, "fleet: %s\n", why);
    else if (!failed && (failed = xlight_events_open(h, &events) || !run(events)))
        complain("fleet");
    for (struct guest *g = guests; g < end; g++) {
        xlight_op_free(g->op);
        xlight_config_free(g->config);
    }
    xlight_events_close(events);
    xlight_close(h);
    return failed ? 1 : 0;
}
