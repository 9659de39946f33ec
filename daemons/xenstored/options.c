/* SPDX-License-Identifier: MIT */
/*
 * options.c - the command line: the options of Debian's two store daemons, so that either's service
 * file starts this one. Options about things that do not exist here are accepted and do nothing.
 */
#include "options.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "domain.h"
#include "log.h"
#include "quota.h"
#include "wire.h"

static const char help[] =
    "usage: xenstored [OPTIONS]\n"
    "  -F, --pid-file FILE        write the process id there\n"
    "  -N, --no-fork              stay in the foreground\n"
    "  -P, --output-pid           print the process id\n"
    "  -D, --no-domain-init       do not serve the domain this runs in through its ring\n"
    "  -T, --trace-file FILE      write all messages there\n"
    "  -V, --verbose              say more\n"
    "  -K, --keep-orphans         nodes of dead domains stay, as Domain 0's\n"
    "  -p, --priv-domid ID        a second privileged domain\n"
    "  -Q, --quota NAME=N         see xenstore-control quota for the names\n"
    "  -q, --quota-soft NAME=N    log when passed\n"
    "  -E, --entry-nb N           quota nodes\n"
    "  -S, --entry-size N         quota node-size\n"
    "  -W, --watch-nb N           quota watches\n"
    "  -t, --transaction N        quota transactions\n"
    "  -A, --perm-nb N            quota permissions\n"
    "  -M, --path-max N           quota path-max\n"
    "  -e, --event FD             write a byte to this descriptor when ready\n"
    "      --host SOCKET          run without Xen; whoever connects there plays the hypervisor\n"
    "Accepted for compatibility: -H -m -w -R -I -L -U --config-file --restart --disable-socket\n";

enum { OPT_HOST = 256, OPT_LIVE_UPDATE, OPT_CHECK_STATE, OPT_NOTHING, OPT_NOTHING_ARG };

static const struct option long_options[] = {
    {"pid-file", required_argument, NULL, 'F'},
    {"no-fork", no_argument, NULL, 'N'},
    {"output-pid", no_argument, NULL, 'P'},
    {"no-domain-init", no_argument, NULL, 'D'},
    {"trace-file", required_argument, NULL, 'T'},
    {"verbose", no_argument, NULL, 'V'},
    {"keep-orphans", no_argument, NULL, 'K'},
    {"priv-domid", required_argument, NULL, 'p'},
    {"quota", required_argument, NULL, 'Q'},
    {"quota-soft", required_argument, NULL, 'q'},
    {"entry-nb", required_argument, NULL, 'E'},
    {"entry-size", required_argument, NULL, 'S'},
    {"watch-nb", required_argument, NULL, 'W'},
    {"transaction", required_argument, NULL, 't'},
    {"perm-nb", required_argument, NULL, 'A'},
    {"path-max", required_argument, NULL, 'M'},
    {"event", required_argument, NULL, 'e'},
    {"help", no_argument, NULL, 'H'},
    {"master-domid", required_argument, NULL, 'm'},
    {"timeout", required_argument, NULL, 'w'},
    {"no-recovery", no_argument, NULL, 'R'},
    {"internal-db", optional_argument, NULL, 'I'},
    {"preserve-local", no_argument, NULL, 'L'},
    {"host", required_argument, NULL, OPT_HOST},
    {"live-update", required_argument, NULL, OPT_LIVE_UPDATE},
    {"check-state", required_argument, NULL, OPT_CHECK_STATE},
    {"config-file", required_argument, NULL, OPT_NOTHING_ARG},
    {"restart", no_argument, NULL, OPT_NOTHING},
    {"disable-socket", no_argument, NULL, OPT_NOTHING},
    {NULL, 0, NULL, 0},
};

static int bad(const char *what, const char *text)
{
    log_warn("%s: %s; see --help", text, what);
    return -EINVAL;
}

static int number(const char *text, uint32_t max, uint32_t *ret_value)
{
    return wire_number(text, max, ret_value) ? bad("not a number in range", text) : 0;
}

/* NAME=N. A prefix "quota-" is how Xen's own configuration files write it. */
static int set_quota(char *text, bool soft)
{
    char *eq = strchr(text, '=');
    uint32_t value;
    int rc;

    if (!eq)
        return bad("a quota is NAME=N", text);
    rc = number(eq + 1, INT32_MAX, &value);
    if (rc)
        return rc;
    *eq = '\0';
    rc = quota_set(!strncmp(text, "quota-", 6) ? text + 6 : text, soft, value);
    *eq = '=';
    return rc ? bad("no such quota", text) : 0;
}

static int set_number_quota(enum quota_id id, const char *text)
{
    return number(text, INT32_MAX, &quotas[id].value);
}

static int set_fd(const char *text, int *ret_fd)
{
    uint32_t fd;
    int rc = number(text, 1 << 20, &fd);

    if (!rc)
        *ret_fd = fd;
    return rc;
}

static int parse_value(int c, struct options *o)
{
    uint32_t domid;

    switch (c) {
    case 'Q':
        return set_quota(optarg, false);
    case 'q':
        return set_quota(optarg, true);
    case 'E':
        return set_number_quota(QUOTA_NODES, optarg);
    case 'S':
        return set_number_quota(QUOTA_NODE_SIZE, optarg);
    case 'W':
        return set_number_quota(QUOTA_WATCHES, optarg);
    case 't':
        return set_number_quota(QUOTA_TRANSACTIONS, optarg);
    case 'A':
        return set_number_quota(QUOTA_PERMS, optarg);
    case 'M':
        return set_number_quota(QUOTA_PATH, optarg);
    case 'e':
        return set_fd(optarg, &o->event_fd);
    case OPT_LIVE_UPDATE:
        return set_fd(optarg, &o->live_update);
    case OPT_CHECK_STATE:
        return set_fd(optarg, &o->check_state);
    case 'p':
        if (number(optarg, DOMID_FIRST_RESERVED - 1, &domid))
            return -EINVAL;
        domain_priv = domid;
        return 0;
    default:
        return 0;
    }
}

static int parse_one(int c, struct options *o)
{
    switch (c) {
    case 'F':
        o->pid_file = optarg;
        return 0;
    case 'N':
        o->no_fork = true;
        return 0;
    case 'P':
        o->output_pid = true;
        return 0;
    case 'D':
        o->no_domain_init = true;
        return 0;
    case 'T':
        o->trace_file = optarg;
        return 0;
    case 'V':
        o->verbose = true;
        return 0;
    case 'K':
        domain_keep_orphans = true;
        return 0;
    case OPT_HOST:
        o->host = optarg;
        return 0;
    case 'H':
        fputs(help, stdout);
        return 1;
    case '?':
        return -EINVAL;
    default:
        return parse_value(c, o);
    }
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
    struct options o = {.live_update = -1, .check_state = -1, .event_fd = -1};
    int c, rc = 0;

    optind = 1;
    while (!rc && (c = getopt_long(argc, argv, "F:NPDT:VKp:Q:q:E:S:W:t:A:M:e:Hhm:w:RI::LU",
                                   long_options, NULL)) != -1)
        rc = parse_one(c == 'h' ? 'H' : c, &o);
    if (!rc && optind < argc)
        rc = bad("unexpected argument", argv[optind]);
    if (!rc)
        *ret_options = o;
    return rc;
}
