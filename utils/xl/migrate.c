/* SPDX-License-Identifier: MIT */
/*
 * migrate.c - xl migrate: a domain goes through a command, mostly ssh, that runs the other end; or
 * over a socket to one that listens. Options and what is said to whom are those of Xen's xl, so
 * the other end may be that; the socket is our own.
 */
#include "run.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xenolith/light-move.h>

#define GOES_MS 2000 /* for the command to end by itself */

/* How it goes: through a command, or to an address. */
struct way {
    const char *command;
    const char *to;
    const struct xlight_tls_files *tls; /* NULL: without */
};

/* The command, and its ends of ours. */
struct transport {
    pid_t pid;
    int in, out;
};

static _Noreturn void run_command(const char *command, int in, int out)
{
    /* Ctrl-C is for us: what it means for the guest takes the line to be told. */
    signal(SIGINT, SIG_IGN);
    if (dup2(in, 0) == 0 && dup2(out, 1) == 1)
        execl("/bin/sh", "sh", "-c", command, NULL);
    fprintf(stderr, "xl: cannot run /bin/sh: %s\n", strerror(errno));
    _exit(127);
}

static int start_command(const char *command, struct transport *t)
{
    int to[2] = {-1, -1}, from[2] = {-1, -1};

    if (!pipe2(to, O_CLOEXEC) && !pipe2(from, O_CLOEXEC)) {
        fflush(NULL);
        t->pid = fork();
        if (!t->pid)
            run_command(command, to[0], from[1]);
    }
    if (t->pid <= 0) {
        fprintf(stderr, "xl: cannot run a command: %s\n", strerror(errno));
        close(to[1]);
        close(from[0]);
    }
    close(to[0]);
    close(from[1]);
    t->out = to[1];
    t->in = from[0];
    return t->pid > 0 ? XL_OK : XL_FAILED;
}

/* It ends when nobody talks to it any more; one that does not is ended when it is of no more use.
 */
static void end_command(struct transport *t, const char *command, bool failed)
{
    const struct timespec moment = {0, 10 * 1000000};
    int status = 0;
    pid_t pid;

    close(t->out);
    close(t->in);
    for (int i = 0; !(pid = waitpid(t->pid, &status, WNOHANG)) && i < GOES_MS / 10; i++)
        nanosleep(&moment, NULL);
    if (!pid && failed) {
        kill(t->pid, SIGTERM);
        pid = waitpid(t->pid, &status, 0);
    } else if (pid > 0 && failed && WIFEXITED(status) && WEXITSTATUS(status)) {
        fprintf(stderr, "xl: the other end, run as \"%s\", has ended with status %d\n", command,
                WEXITSTATUS(status));
    }
}

/* A line for each round, once it has begun. */
static void tell(const xlight_op *op, void *arg)
{
    unsigned int *round = arg;
    struct xlight_transfer t;

    xlight_op_transfer(op, &t);
    if (t.round == *round)
        return;
    *round = t.round;
    fprintf(stderr, "Round %u: %" PRIu64 " pages, after %" PRIu64 " MiB\n", t.round, t.round_pages,
            t.bytes >> 20);
}

/* What is behind the operation's result, or what became of the attempt to begin with it. */
static int finish(xlight_handle *h, int rc, xlight_op *op)
{
    unsigned int round = 0;
    struct xlight_transfer x;
    int status;

    if (rc)
        return xl_fail(h);
    status = xl_run_telling(op, tell, &round);
    if (!status && xlight_op_result(op))
        status = xl_fail(h);
    xlight_op_transfer(op, &x);
    xlight_op_free(op);
    if (!status)
        fprintf(stderr,
                "Migration successful. %u rounds, %" PRIu64 " pages, %" PRIu64 " MiB in %" PRIu64
                " ms; it stood still for %" PRIu64 " ms.\n",
                x.round, x.pages, x.bytes >> 20, x.time_ns / 1000000, x.downtime_ns / 1000000);
    return status;
}

static int send_by_command(xlight_handle *h, uint32_t domid, const char *command,
                           const struct xlight_migrate_options *o)
{
    struct transport t = {0};
    xlight_op *op = NULL;
    int status, rc;

    if (start_command(command, &t))
        return XL_FAILED;
    rc = xlight_domain_migrate_start(h, domid, t.in, t.out, o, &op);
    status = finish(h, rc, op);
    end_command(&t, command, status != XL_OK);
    return status;
}

static int send_to(xlight_handle *h, uint32_t domid, const struct way *way,
                   const struct xlight_migrate_options *o)
{
    xlight_op *op = NULL;
    int rc = xlight_domain_migrate_to_start(h, domid, way->to, way->tls, o, &op);

    return finish(h, rc, op);
}

/* What runs there: the same as Xen's xl asks for. To be freed. */
static char *make_command(const struct xl *xl, const char *ssh, const char *host, bool alone,
                          bool paused, bool debug)
{
    char verbose[16] = "", *text;
    int n = xl->verbose < 8 ? (int)xl->verbose : 8;

    if (!*ssh)
        return strdup(host);
    if (n)
        snprintf(verbose, sizeof(verbose), " -%.*s", n, "vvvvvvvv");
    if (asprintf(&text, "exec %s %s xl%s%s migrate-receive%s%s%s", ssh, host,
                 xl->terminal || isatty(2) ? " -t" : "", verbose, alone ? " -e" : "",
                 debug ? " -d" : "", paused ? " -p" : "") < 0)
        return NULL;
    return text;
}

static bool number_of(const char *name, unsigned int *ret)
{
    uint32_t n;

    if (!xl_number(optarg, &n) || !n) {
        fprintf(stderr, "xl migrate: --%s needs a number above 0, not \"%s\"\n", name, optarg);
        return false;
    }
    *ret = n;
    return true;
}

static int migrate(struct xl *xl, const char *domain, const struct way *way, const char *config,
                   struct xlight_migrate_options *o)
{
    struct xlight_config *c = NULL;
    xlight_handle *h;
    uint32_t domid;
    int status;

    if (config) {
        c = xl_read_config(config, NULL, 0);
        o->config = c;
        if (!c)
            return XL_FAILED;
    }
    h = xl_open(xl);
    status = h ? xl_find(h, domain, &domid) : XL_FAILED;
    if (!status)
        status = way->to ? send_to(h, domid, way, o) : send_by_command(h, domid, way->command, o);
    if (h)
        xlight_close(h);
    xlight_config_free(c);
    return status;
}

/* With the files for TLS, which xl.conf may have. */
static int migrate_to(struct xl *xl, const char *domain, const char *to,
                      struct xlight_tls_files *files, const char *config,
                      struct xlight_migrate_options *o)
{
    struct xlight_settings *settings = xl_settings(xl);
    struct way way = {.to = to};
    int status = XL_FAILED;

    if (settings)
        status = xl_tls_files("migrate", to, settings, files, &way.tls);
    if (!status)
        status = migrate(xl, domain, &way, config, o);
    xlight_settings_free(settings);
    return status;
}

/* What a command line says. */
struct wish {
    const char *ssh, *config, *to;
    bool alone, paused;
    struct xlight_tls_files files;
    struct xlight_migrate_options o;
};

enum { DEBUG = XL_TLS_LAST, LIVE, BANDWIDTH, DOWNTIME, ROUNDS, COMPRESS, TO };

/* False: the value of an option makes no sense, which has been said. */
static bool take(struct wish *w, int opt)
{
    w->alone |= opt == 'e' || opt == 'F';
    w->paused |= opt == 'p';
    w->o.keep_domid |= opt == 'D';
    w->o.verify |= opt == DEBUG;
    w->o.compress |= opt == COMPRESS;
    xl_tls_option(&w->files, opt);
    if (opt == 's')
        w->ssh = optarg;
    else if (opt == 'C')
        w->config = optarg;
    else if (opt == TO)
        w->to = optarg;
    return (opt != BANDWIDTH || number_of("bandwidth", &w->o.bandwidth)) &&
           (opt != DOWNTIME || number_of("downtime", &w->o.downtime_ms)) &&
           (opt != ROUNDS || number_of("rounds", &w->o.rounds));
}

static int send_away(struct xl *xl, struct wish *w, char **argv)
{
    struct way way = {NULL};
    char *command;
    int status;

    if (w->to && (w->ssh || w->alone || w->paused)) {
        fputs("xl migrate: with --to there is no -s, and -e, -F and -p are for migrate-receive "
              "there\n",
              stderr);
        return XL_USAGE;
    }
    if (w->to)
        return migrate_to(xl, argv[0], w->to, &w->files, w->config, &w->o);
    command = make_command(xl, w->ssh ? w->ssh : "ssh", argv[1], w->alone, w->paused, w->o.verify);
    if (!command) {
        fputs("xl: no memory\n", stderr);
        return XL_FAILED;
    }
    way.command = command;
    status = migrate(xl, argv[0], &way, w->config, &w->o);
    free(command);
    return status;
}

int cmd_migrate(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"debug", no_argument, NULL, DEBUG},
                                            {"live", no_argument, NULL, LIVE},
                                            {"compress", no_argument, NULL, COMPRESS},
                                            {"bandwidth", required_argument, NULL, BANDWIDTH},
                                            {"downtime", required_argument, NULL, DOWNTIME},
                                            {"rounds", required_argument, NULL, ROUNDS},
                                            {"to", required_argument, NULL, TO},
                                            XL_TLS_OPTIONS,
                                            XL_LAST_OPTION};
    struct wish w = {.files = XLIGHT_TLS_FILES_INIT, .o = XLIGHT_MIGRATE_OPTIONS_INIT};
    int opt, status;

    while ((opt = xl_getopt(argc, argv, "FC:s:epD", options, 1, &status)) != -1) {
        if (opt == -2)
            return status;
        if (!take(&w, opt))
            return XL_USAGE;
    }
    if (argc - optind != (w.to ? 1 : 2))
        return xl_usage("migrate");
    return send_away(xl, &w, argv + optind);
}
