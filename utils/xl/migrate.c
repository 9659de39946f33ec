/* SPDX-License-Identifier: MIT */
/*
 * migrate.c - xl migrate, migrate-receive: a domain goes through a command, mostly ssh, that runs
 * the other end. Options and what is said to whom are those of Xen's xl, so either may be that.
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

static int send_domain(xlight_handle *h, uint32_t domid, const char *command,
                       const struct xlight_migrate_options *o)
{
    unsigned int round = 0;
    struct xlight_transfer x;
    struct transport t = {0};
    xlight_op *op;
    int status;

    if (start_command(command, &t))
        return XL_FAILED;
    if (xlight_domain_migrate_start(h, domid, t.in, t.out, o, &op)) {
        status = xl_fail(h);
    } else {
        status = xl_run_telling(op, tell, &round);
        if (!status && xlight_op_result(op))
            status = xl_fail(h);
        xlight_op_transfer(op, &x);
        xlight_op_free(op);
    }
    end_command(&t, command, status != XL_OK);
    if (!status)
        fprintf(stderr,
                "Migration successful. %u rounds, %" PRIu64 " pages, %" PRIu64 " MiB in %" PRIu64
                " ms; it stood still for %" PRIu64 " ms.\n",
                x.round, x.pages, x.bytes >> 20, x.time_ns / 1000000, x.downtime_ns / 1000000);
    return status;
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

static int migrate(struct xl *xl, char **argv, const char *command, const char *config,
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
    status = h ? xl_find(h, argv[0], &domid) : XL_FAILED;
    if (!status)
        status = send_domain(h, domid, command, o);
    if (h)
        xlight_close(h);
    xlight_config_free(c);
    return status;
}

int cmd_migrate(struct xl *xl, int argc, char **argv)
{
    enum { DEBUG = 256, LIVE, BANDWIDTH, DOWNTIME, ROUNDS, COMPRESS };
    static const struct option options[] = {{"debug", no_argument, NULL, DEBUG},
                                            {"live", no_argument, NULL, LIVE},
                                            {"compress", no_argument, NULL, COMPRESS},
                                            {"bandwidth", required_argument, NULL, BANDWIDTH},
                                            {"downtime", required_argument, NULL, DOWNTIME},
                                            {"rounds", required_argument, NULL, ROUNDS},
                                            XL_LAST_OPTION};
    struct xlight_migrate_options o = XLIGHT_MIGRATE_OPTIONS_INIT;
    const char *ssh = "ssh", *config = NULL;
    bool alone = false, paused = false;
    char *command;
    int opt, status;

    while ((opt = xl_getopt(argc, argv, "FC:s:epD", options, 2, &status)) != -1) {
        if (opt == -2)
            return status;
        alone |= opt == 'e' || opt == 'F';
        paused |= opt == 'p';
        o.keep_domid |= opt == 'D';
        o.verify |= opt == DEBUG;
        o.compress |= opt == COMPRESS;
        if (opt == 's')
            ssh = optarg;
        else if (opt == 'C')
            config = optarg;
        else if ((opt == BANDWIDTH && !number_of("bandwidth", &o.bandwidth)) ||
                 (opt == DOWNTIME && !number_of("downtime", &o.downtime_ms)) ||
                 (opt == ROUNDS && !number_of("rounds", &o.rounds)))
            return XL_USAGE;
    }
    if (argc - optind > 2)
        return xl_usage("migrate");
    command = make_command(xl, ssh, argv[optind + 1], alone, paused, o.verify);
    if (!command) {
        fputs("xl: no memory\n", stderr);
        return XL_FAILED;
    }
    status = migrate(xl, argv + optind, command, config, &o);
    free(command);
    return status;
}

/* The line is what we were started with; everything else is to leave it alone from now on. */
static int take_line(int *ret_in, int *ret_out)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    *ret_in = fcntl(0, F_DUPFD_CLOEXEC, 3);
    *ret_out = fcntl(1, F_DUPFD_CLOEXEC, 3);
    if (null >= 0 && *ret_in >= 0 && *ret_out >= 0 && dup2(null, 0) == 0 && dup2(2, 1) == 1)
        return XL_OK;
    fprintf(stderr, "xl migrate-receive: cannot use standard input and output: %s\n",
            strerror(errno));
    return XL_FAILED;
}

static int receive(struct xl *xl, const struct xl_wish *w, bool paused)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    int status, in, out;
    xlight_handle *h;
    uint32_t domid = XLIGHT_NO_DOMAIN;
    xlight_op *op;

    if (take_line(&in, &out))
        return XL_FAILED;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_settings_options(h, w->settings, &o)) {
        status = xl_fail(h);
    } else {
        o.paused = paused;
        status = xlight_domain_receive_start(h, in, out, &o, &op) ? xl_fail(h) : XL_OK;
        if (!status) {
            status = xl_run_all(&op, 1);
            if (!status && xlight_op_result(op))
                status = xl_fail(h);
            domid = xlight_op_domid(op);
            xlight_op_free(op);
        }
    }
    /* The other end waits for this. */
    close(in);
    close(out);
    if (!status)
        status = xl_go_on(xl, h, domid, w);
    xlight_close(h);
    return status;
}

int cmd_migrate_receive(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"colo", no_argument, NULL, 'r'},
                                            {"coloft-script", required_argument, NULL, 'r'},
                                            {"userspace-colo-proxy", no_argument, NULL, 'r'},
                                            XL_LAST_OPTION};
    /* It has been started when it is here. */
    struct xl_wish w = {.paused = true};
    struct xlight_settings *settings;
    bool paused = false;
    int opt, status;

    /* -d was for looking at the library's doings. */
    while ((opt = xl_getopt(argc, argv, "Fedrp", options, 0, &status)) != -1) {
        if (opt == -2)
            return status;
        w.foreground |= opt == 'F';
        w.alone |= opt == 'e';
        paused |= opt == 'p';
        if (opt == 'r') {
            fputs("xl migrate-receive: there is no support for Remus and COLO\n", stderr);
            return XL_FAILED;
        }
    }
    if (argc > optind)
        return xl_usage("migrate-receive");
    settings = xl_settings(xl);
    if (!settings)
        return XL_FAILED;
    w.settings = settings;
    status = receive(xl, &w, paused);
    xlight_settings_free(settings);
    return status;
}
