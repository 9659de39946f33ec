/* SPDX-License-Identifier: MIT */
/*
 * fleet.c - a toolstack of one's own: keeps the guests of a folder running, all at once.
 *     fleet FOLDER        each FOLDER/NAME.cfg is a configuration as for xl create
 * It starts all of them side by side, starts those anew that end and whose configuration says so,
 * and takes commands, one a line: list, start NAME, stop NAME, kill NAME, disk NAME SPEC, quit (or
 * the end of the input), which stops all. docs/library-guide.md goes through it. XENOLITH_HOST and
 * how to build it are as in watch-guest.c.
 */
#include <errno.h>
#include <glob.h>
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

static const char starting[] = "starting", stopping[] = "stopping", going[] = "going",
                  adding[] = "adding a disk";

struct guest {
    struct xlight_config *config;
    uint32_t domid;    /* XLIGHT_NO_DOMAIN: there is none */
    xlight_op *op;     /* what is being done with it, one thing at a time; or NULL */
    const char *doing; /* ... in words, which are also how finish() knows it */
    bool wanted;       /* it shall run */
    int ended;         /* it has shut down, with this reason; -1 */
    unsigned int lives;
};

static xlight_handle *h;
static struct guest guests[MAX_GUESTS];
static unsigned int nr_guests;
static bool quitting;

static void complain(const char *who)
{
    char why[512];

    xlight_error_format(h, why, sizeof(why));
    printf("%s: %s\n", who, why);
}

/* --- What is done with a guest --- */

/* rc is what the call that makes an operation said: not yet how it ends. */
static void begin(struct guest *g, const char *doing, int rc)
{
    g->doing = doing;
    if (!rc)
        return;
    complain(g->config->name);
    g->op = NULL;
    g->wanted = g->wanted && doing != starting;
}

static void add_disk(struct guest *g, const char *spec)
{
    struct xlight_disk d;

    xlight_device_config_init(XLIGHT_DISK, &d);
    if (xlight_device_parse(XLIGHT_DISK, spec, NULL, &d))
        printf("%s: \"%s\" is no disk\n", g->config->name, spec);
    else
        begin(g, adding, xlight_device_attach_start(h, g->domid, XLIGHT_DISK, &d, &g->op));
    xlight_device_config_clear(XLIGHT_DISK, &d);
}

static void finish(struct guest *g, int rc)
{
    const char *name = g->config->name;

    if (rc) {
        complain(name);
        g->wanted = g->wanted && g->doing != starting;
        if (quitting && g->doing == stopping)
            g->ended = 0; /* it does not listen: without asking, then */
    } else if (g->doing == starting) {
        g->domid = xlight_op_domid(g->op);
        printf("%s: runs\n", name);
    } else if (g->doing == going) {
        g->domid = XLIGHT_NO_DOMAIN;
        printf("%s: is gone\n", name);
    } else {
        printf("%s: done %s\n", name, g->doing);
    }
    xlight_op_free(g->op);
    g->op = NULL;
}

/* A guest that nothing is being done with: is it as it shall be? */
static void settle(struct guest *g)
{
    bool there = g->domid != XLIGHT_NO_DOMAIN;

    if (!there && g->wanted && !quitting) {
        g->ended = -1;
        g->lives++;
        begin(g, starting, xlight_domain_create_start(h, g->config, NULL, &g->op));
    } else if (there && g->ended >= 0) {
        g->wanted = g->wanted && g->lives < MAX_LIVES &&
                    xlight_config_action(g->config, g->ended) == XLIGHT_RESTART;
        g->ended = -1;
        begin(g, going, xlight_domain_destroy_start(h, g->domid, &g->op));
    } else if (there && g->wanted && quitting) {
        g->wanted = false;
        begin(g, stopping, xlight_domain_shutdown_start(h, g->domid, false, false, &g->op));
    }
}

/* --- What happens: to guests, and at the keyboard --- */

static void take_events(xlight_events *events)
{
    struct xlight_event e;

    for (; !xlight_events_next(events, &e); xlight_event_clear(&e))
        for (struct guest *g = guests; g < guests + nr_guests; g++) {
            if (g->domid != e.domid || (g->op && g->doing == going))
                continue;
            if (e.kind == XLIGHT_EVENT_SHUTDOWN) {
                printf("%s: has ended, reason %d\n", g->config->name, e.reason);
                g->ended = e.reason;
            } else if (e.kind == XLIGHT_EVENT_DESTROYED) {
                printf("%s: was destroyed\n", g->config->name);
                g->domid = XLIGHT_NO_DOMAIN;
                g->wanted = false; /* whoever did it had a reason */
            }
        }
}

static void list(void)
{
    struct xlight_domain *d;

    for (struct guest *g = guests; g < guests + nr_guests; g++)
        if (g->op) {
            printf("%-10s %s\n", g->config->name, g->doing);
        } else if (g->domid == XLIGHT_NO_DOMAIN || xlight_domain_info(h, g->domid, &d)) {
            printf("%-10s off\n", g->config->name);
        } else {
            printf("%-10s runs, %u MiB, %u vCPUs\n", g->config->name,
                   (unsigned int)(d->memory_kb >> 10), (unsigned int)d->vcpus);
            xlight_domain_list_free(d, 1);
        }
    printf("%u guests\n", nr_guests);
}

static void command(char *line)
{
    char *what = strtok(line, " \n"), *name = strtok(NULL, " \n"), *more = strtok(NULL, " \n");
    struct guest *g = guests;

    if (!what)
        return;
    while (g < guests + nr_guests && (!name || strcmp(g->config->name, name)))
        g++;
    if (!strcmp(what, "list"))
        list();
    else if (!strcmp(what, "quit"))
        quitting = true;
    else if (g == guests + nr_guests)
        printf("fleet: %s whom?\n", what);
    else if (g->op)
        printf("%s: is busy, %s\n", name, g->doing);
    else if (!strcmp(what, "start"))
        g->wanted = true, g->lives = 0;
    else if (g->domid == XLIGHT_NO_DOMAIN)
        printf("%s: is off\n", name);
    else if (!strcmp(what, "stop"))
        g->wanted = false,
        begin(g, stopping, xlight_domain_shutdown_start(h, g->domid, false, false, &g->op));
    else if (!strcmp(what, "kill"))
        g->wanted = false, begin(g, going, xlight_domain_destroy_start(h, g->domid, &g->op));
    else if (!strcmp(what, "disk") && more)
        add_disk(g, more);
    else
        printf("fleet: list, start, stop, kill, disk or quit\n");
}

/* --- One loop over commands, events, and an operation for each guest at most --- */

/* False: nothing is left to wait for. */
static bool wait_for_any(struct pollfd *fds)
{
    int timeout = -1, t;
    bool left = !quitting;

    for (unsigned int i = 0; i < nr_guests; i++) {
        struct guest *g = &guests[i];

        if (!g->op)
            settle(g);
        t = g->op ? xlight_op_timeout(g->op) : -1;
        timeout = timeout < 0 || (t >= 0 && t < timeout) ? t : timeout;
        fds[2 + i] = (struct pollfd){.fd = g->op ? xlight_op_fd(g->op) : -1, .events = POLLIN};
        left |= g->op || g->domid != XLIGHT_NO_DOMAIN;
    }
    fds[0].fd = quitting ? -1 : fileno(stdin);
    if (left)
        poll(fds, 2 + nr_guests, timeout);
    return left;
}

static int run(xlight_events *events)
{
    struct pollfd fds[2 + MAX_GUESTS] = {{.events = POLLIN},
                                         {.fd = xlight_events_fd(events), .events = POLLIN}};
    char line[512];

    while (wait_for_any(fds)) {
        for (struct guest *g = guests; g < guests + nr_guests; g++) {
            int rc = g->op ? xlight_op_process(g->op) : -EINPROGRESS;

            if (rc != -EINPROGRESS)
                finish(g, rc);
        }
        if (xlight_events_process(events)) {
            complain("fleet");
            return 1; /* without a store nothing can be done; the guests run on */
        }
        take_events(events);
        if (fds[0].revents && fgets(line, sizeof(line), stdin))
            command(line);
        else if (fds[0].revents)
            quitting = true;
    }
    return 0;
}

/* All that is wrong with a file is said, not only the first thing. */
static int load(const char *path, struct guest *g)
{
    xlight_messages *m = NULL;
    char text[512];
    int rc = xlight_messages_new(&m);

    if (!rc)
        rc = xlight_config_read(path, m, &g->config);
    for (unsigned int i = 0; m && i < xlight_messages_count(m); i++) {
        xlight_message_format(xlight_messages_get(m, i), text, sizeof(text));
        printf("%s\n", text);
    }
    xlight_messages_free(m);
    g->domid = XLIGHT_NO_DOMAIN;
    g->ended = -1;
    g->wanted = true;
    return rc;
}

static int load_folder(const char *folder)
{
    char pattern[512];
    glob_t found;
    int rc = 0;

    snprintf(pattern, sizeof(pattern), "%s/*.cfg", folder);
    if (glob(pattern, 0, NULL, &found))
        return -ENOENT;
    for (size_t i = 0; !rc && i < found.gl_pathc && i < MAX_GUESTS; i++)
        if (!(rc = load(found.gl_pathv[i], &guests[nr_guests])))
            nr_guests++;
    globfree(&found);
    return rc;
}

int main(int argc, char **argv)
{
    xlight_events *events = NULL;
    char why[512];
    int status = 1;

    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0); /* what was read is no more seen by poll() */
    if (argc != 2)
        fprintf(stderr, "Usage: fleet FOLDER\n");
    else if (load_folder(argv[1]))
        fprintf(stderr, "fleet: nothing was started\n");
    else if (xlight_open_why(getenv("XENOLITH_HOST"), &h, why, sizeof(why)))
        fprintf(stderr, "fleet: %s\n", why);
    else if (xlight_events_open(h, &events))
        complain("fleet");
    else
        status = run(events);
    for (struct guest *g = guests; g < guests + nr_guests; g++) {
        xlight_op_free(g->op);
        xlight_config_free(g->config);
    }
    xlight_events_close(events);
    xlight_close(h);
    return status;
}
