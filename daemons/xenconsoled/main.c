/* SPDX-License-Identifier: MIT */
/* main.c - xenconsoled: options, and one loop over events, watches and terminals. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>
#include "console.h"

struct options {
    const char *pid_file, *host;
    bool foreground, log_hv, stamp_hv;
};

static const char help[] =
    "usage: xenconsoled [OPTIONS]\n"
    "  -i, --interactive             stay in the foreground\n"
    "  -l, --log=none|guest|hv|all   which consoles to log\n"
    "  -r, --log-dir=DIR             where (/var/log/xen/console)\n"
    "  -p, --pid-file=FILE           write the process id there\n"
    "  -t, --timestamp=none|guest|hv|all  in which logs lines begin with the time\n"
    "  -o, --overflow-data=discard|keep   keep: a guest waits until its text is read\n"
    "  -e, --replace-escape          write ESC as a dot into guests' logs\n"
    "  -v, --verbose                 say more\n"
    "  -V, --version                 print the version\n"
    "  -h, --help                    print this\n"
    "      --host=WHERE              another host, as libxenolith-ctrl names it (sim:...)\n";

#define EVENTS_A_TURN 32 /* of the store */

enum { OPT_HOST = 256 };

static const struct option long_options[] = {
    {"interactive", no_argument, NULL, 'i'},     {"log", required_argument, NULL, 'l'},
    {"log-dir", required_argument, NULL, 'r'},   {"pid-file", required_argument, NULL, 'p'},
    {"timestamp", required_argument, NULL, 't'}, {"overflow-data", required_argument, NULL, 'o'},
    {"replace-escape", no_argument, NULL, 'e'},  {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},         {"help", no_argument, NULL, 'h'},
    {"host", required_argument, NULL, OPT_HOST}, {NULL, 0, NULL, 0},
};

static bool read_which(const char *arg, bool *ret_guest, bool *ret_hv)
{
    bool all = !strcmp(arg, "all");

    if (!all && strcmp(arg, "none") && strcmp(arg, "guest") && strcmp(arg, "hv"))
        return false;
    *ret_guest = all || !strcmp(arg, "guest");
    *ret_hv = all || !strcmp(arg, "hv");
    return true;
}

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, struct options *o, struct daemon *d)
{
    int c;

    while ((c = getopt_long(argc, argv, "il:r:p:t:o:evVh", long_options, NULL)) != -1) {
        bool ok = true;

        switch (c) {
        case 'i':
            o->foreground = true;
            break;
        case 'l':
            ok = read_which(optarg, &d->log_guests, &o->log_hv);
            break;
        case 'r':
            d->log_dir = optarg;
            break;
        case 'p':
            o->pid_file = optarg;
            break;
        case 't':
            ok = read_which(optarg, &d->stamp_guests, &o->stamp_hv);
            break;
        case 'o':
            ok = !strcmp(optarg, "keep") || !strcmp(optarg, "discard");
            d->keep_overflow = !strcmp(optarg, "keep");
            break;
        case 'e':
            d->replace_escape = true;
            break;
        case 'v':
            setlogmask(LOG_UPTO(LOG_DEBUG));
            break;
        case 'V':
            puts("xenconsoled " XENOLITH_VERSION);
            return 0;
        case 'h':
            fputs(help, stdout);
            return 0;
        case OPT_HOST:
            o->host = optarg;
            break;
        default:
            ok = false;
        }
        if (!ok) {
            fprintf(stderr, "xenconsoled: wrong usage; see --help\n");
            return EINVAL;
        }
    }
    return -1;
}

/*
 * The store says when a domain goes, but only of those that were introduced to it. One whose
 * creation fails before that would be kept by the pages of it that are mapped here.
 */
static bool is_ours(struct daemon *d, domid_t domid)
{
    for (const struct console *c = d->consoles; c; c = c->next)
        if (c->domid == domid)
            return true;
    return xs_is_domain_introduced(d->xs, domid);
}

/* All domains: new ones get a console, those that have gone lose it. */
static void find_domains(struct daemon *d)
{
    struct xen_domctl_getdomaininfo info;
    xctl_domain_iter *it;
    int rc = xctl_domain_iter_new(d->h, 1, &it);

    if (rc)
        return;
    for (struct console *c = d->consoles; c; c = c->next)
        c->seen = false;
    while ((rc = xctl_domain_iter_next(it, &info)) == 1) {
        if (info.flags & XEN_DOMINF_dying || !is_ours(d, info.domain) ||
            !console_get(d, info.domain, 0))
            continue;
        secondary_find(d, info.domain);
        for (struct console *c = d->consoles; c; c = c->next)
            if (c->domid == info.domain)
                c->seen = console_update(d, c);
    }
    xctl_domain_iter_free(it);
    for (struct console *c = d->consoles, *next; rc == 0 && c; c = next) {
        next = c->next;
        if (!c->seen)
            console_free(d, c);
    }
}

/* Something below backend/console: perhaps a new console, or one that goes. */
static void look_at_backend(struct daemon *d, const char *path)
{
    unsigned int domid;
    struct console *next;

    if (sscanf(path, "/local/domain/0/backend/console/%u", &domid) != 1 ||
        domid >= DOMID_FIRST_RESERVED)
        return;
    /* Only of domains that we know: others are looked at when they appear. */
    for (struct console *c = d->consoles; c; c = c->next)
        if (c->domid == domid && !c->num) {
            secondary_find(d, (domid_t)domid);
            break;
        }
    for (struct console *c = d->consoles; c; c = next) {
        next = c->next;
        if (c->domid == domid && c->num && !console_update(d, c))
            console_free(d, c);
    }
}

/* False: the connection to the store is gone, and its descriptor readable for ever. *ret_more:
 * there may be more events, but consoles come first, for a guest can cause as many as it likes. */
static bool read_watches(struct daemon *d, bool *ret_more)
{
    char **event;

    *ret_more = true;
    for (unsigned int i = 0; i < EVENTS_A_TURN; i++) {
        const char *token;
        struct console *c;

        event = xs_check_watch(d->xs);
        if (!event) {
            *ret_more = false;
            return errno == EAGAIN;
        }
        token = event[XS_WATCH_TOKEN];

        if (!strcmp(token, "domlist"))
            find_domains(d);
        if (!strcmp(token, "backend"))
            look_at_backend(d, event[XS_WATCH_PATH]);
        /* Only now: the list has lost those that have gone. */
        c = d->consoles;
        while (c && strcmp(c->base, token))
            c = c->next;
        if (c && !console_update(d, c))
            console_free(d, c);
        free(event);
    }
    return true;
}

struct hv_log {
    struct log log;
    uint32_t port, index;
};

static void read_hypervisor(struct daemon *d, struct hv_log *hv)
{
    char data[16384];
    uint32_t size;

    do {
        size = sizeof(data);
        if (xctl_host_read_console(d->h, data, &size, &hv->index, 0))
            return;
        log_write(&hv->log, data, size);
    } while (size);
}

static void read_events(struct daemon *d, struct hv_log *hv)
{
    uint32_t port;

    while (!xctl_evtchn_pending(d->events, &port)) {
        struct console *c = d->consoles;

        while (c && c->local_port != port)
            c = c->next;
        if (c) {
            console_event(d, c);
            continue;
        }
        if (port == hv->port && hv->port)
            read_hypervisor(d, hv);
        (void)!xctl_evtchn_unmask(d->events, port);
    }
}

static void reopen_logs(struct daemon *d, struct hv_log *hv)
{
    for (struct console *c = d->consoles; c; c = c->next)
        log_reopen(&c->log);
    log_reopen(&hv->log);
}

/* One turn. -1: go on; else the exit status. */
static int turn(struct daemon *d, struct hv_log *hv, int signals)
{
    static struct pollfd *fds;
    static size_t room;
    static bool more = true; /* of what came while we started */
    struct signalfd_siginfo info;
    size_t n = 3, need = 3;
    int timeout = -1;

    for (struct console *c = d->consoles; c; c = c->next)
        need++;
    if (need > room) {
        struct pollfd *p = realloc(fds, need * 2 * sizeof(*fds));

        if (!p)
            return -1;
        fds = p;
        room = need * 2;
    }
    fds[0] = (struct pollfd){.fd = signals, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = xctl_evtchn_fd(d->events), .events = POLLIN};
    fds[2] = (struct pollfd){.fd = xs_fileno(d->xs), .events = POLLIN};
    for (struct console *c = d->consoles; c; c = c->next) {
        short wants = console_wants(d, c);

        c->poll_index = (int)n;
        fds[n++] = (struct pollfd){.fd = wants ? c->master : -1, .events = wants};
        if (c->masked)
            timeout = PERIOD_MS;
    }
    if (more)
        timeout = 0;
    if (poll(fds, n, timeout) < 0 && errno != EINTR)
        return 1;
    for (struct console *c = d->consoles; c; c = c->next)
        console_work(d, c, fds[c->poll_index].revents);
    if (fds[1].revents)
        read_events(d, hv);
    if ((fds[2].revents || more) && !read_watches(d, &more)) {
        syslog(LOG_ERR, "the connection to the store is gone: %s", strerror(errno));
        return 1;
    }
    if (fds[0].revents && read(signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo != SIGHUP)
            return 0;
        reopen_logs(d, hv);
    }
    return -1;
}

static void write_pid(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
        syslog(LOG_ERR, "cannot write %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

static bool start(struct daemon *d, const struct options *o, struct hv_log *hv)
{
    char why[256], path[256];

    if (xctl_open_why(o->host, &d->h, why, sizeof(why))) {
        syslog(LOG_ERR, "%s", why);
        return false;
    }
    if (xctl_evtchn_open(d->h, &d->events)) {
        xctl_error_format(d->h, why, sizeof(why));
        syslog(LOG_ERR, "%s", why);
        return false;
    }
    d->xs = xs_open(0);
    if (!d->xs || !xs_watch(d->xs, "@introduceDomain", "domlist") ||
        !xs_watch(d->xs, "@releaseDomain", "domlist") ||
        !xs_watch(d->xs, "/local/domain/0/backend/console", "backend")) {
        syslog(LOG_ERR, "cannot reach the store: %s", strerror(errno));
        return false;
    }
    log_open(&hv->log, "", false);
    if (o->log_hv) {
        snprintf(path, sizeof(path), "%s/hypervisor.log", d->log_dir);
        log_open(&hv->log, path, o->stamp_hv);
        if (xctl_evtchn_bind_virq(d->events, VIRQ_CON_RING, &hv->port))
            syslog(LOG_ERR, "cannot follow the hypervisor's console");
        read_hypervisor(d, hv);
    }
    return true;
}

int main(int argc, char **argv)
{
    struct daemon d = {.log_dir = "/var/log/xen/console"};
    struct options o = {.pid_file = "/var/run/xen/xenconsoled.pid"};
    struct hv_log hv = {.log.fd = -1};
    sigset_t set;
    int signals, rc = read_options(argc, argv, &o, &d);

    if (rc >= 0)
        return rc;
    openlog("xenconsoled", o.foreground ? LOG_PERROR : 0, LOG_DAEMON);
    if (!o.foreground && daemon(0, 0))
        return 1;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals = signalfd(-1, &set, SFD_CLOEXEC);
    if (signals < 0 || !start(&d, &o, &hv))
        return 1;
    write_pid(o.pid_file);
    while ((rc = turn(&d, &hv, signals)) < 0)
        ;
    while (d.consoles)
        console_free(&d, d.consoles);
    log_close(&hv.log);
    unlink(o.pid_file);
    xs_close(d.xs);
    xctl_evtchn_close(d.events);
    xctl_close(d.h);
    return rc;
}
