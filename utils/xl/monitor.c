/* SPDX-License-Identifier: MIT */
/*
 * monitor.c - the process that stays with a domain: it knows what its configuration wants to happen
 * when the domain ends by itself, and does it.
 */
#include "run.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-life.h>

#define MAX_KEPT 1000 /* old domains of one name, in one minute */
#define PAUSE_S  2    /* before a domain is started anew: not all the time, when it ends at once */

static const char *const action_names[] = {
    [XLIGHT_DESTROY] = "destroy",
    [XLIGHT_RESTART] = "restart",
    [XLIGHT_RESTART_RENAME] = "rename-restart",
    [XLIGHT_PRESERVE] = "preserve",
    [XLIGHT_COREDUMP_DESTROY] = "coredump-destroy",
    [XLIGHT_COREDUMP_RESTART] = "coredump-restart",
    [XLIGHT_SOFT_RESET] = "soft-reset",
};

/* Why it has shut down, or -1: it is gone, or somebody else is about to end it. */
static int await_end(xlight_handle *h, uint32_t domid, int *ret_reason)
{
    struct xlight_domain *d;
    xlight_op *op;
    int rc;

    *ret_reason = -1;
    if (xlight_domain_wait_start(h, domid, &op))
        return xl_fail(h);
    rc = xl_run(h, op);
    if (rc)
        return rc;
    if (xlight_domain_info(h, domid, &d))
        return XL_OK;
    if (!d->dying)
        *ret_reason = d->shutdown_reason;
    xlight_domain_list_free(d, 1);
    return XL_OK;
}

static int destroy(xlight_handle *h, uint32_t domid)
{
    xlight_op *op;

    printf("Domain %" PRIu32 " needs to be cleaned up: destroying the domain\n", domid);
    return xlight_domain_destroy_start(h, domid, &op) ? xl_fail(h) : xl_run(h, op);
}

/* A dump that fails keeps nothing else from being done. */
static void dump(xlight_handle *h, const struct xlight_config *c, uint32_t domid)
{
    char path[512];
    xlight_op *op;

    /* A name is a user's text: it must not lead elsewhere. */
    snprintf(path, sizeof(path), XEN_DUMP_DIR "/%s", strchr(c->name, '/') ? "unnamed" : c->name);
    printf("Dumping the memory of domain %" PRIu32 " to %s\n", domid, path);
    if (xlight_domain_dump_start(h, domid, path, &op) || xl_run(h, op))
        puts("It has failed");
}

static int create(xlight_handle *h, const struct xlight_settings *s, struct xlight_config *c,
                  uint32_t *ret_domid)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    xlight_op *op;

    sleep(PAUSE_S);
    if (xlight_settings_options(h, s, &o) || xlight_domain_create_start(h, c, &o, &op))
        return xl_fail(h);
    if (xl_run_all(&op, 1) || xlight_op_result(op)) {
        xl_fail(h);
        xlight_op_free(op);
        return XL_FAILED;
    }
    *ret_domid = xlight_op_domid(op);
    xlight_op_free(op);
    return XL_OK;
}

/*
 * The configuration as it is by now: with the devices that came and went, and the present name.
 * NULL when it cannot be had; then the first one has to do.
 */
static struct xlight_config *read_config(xlight_handle *h, uint32_t domid)
{
    struct xlight_config *c;
    struct xlight_domain *d;

    if (xlight_domain_config(h, domid, &c))
        return NULL;
    if (xlight_domain_info(h, domid, &d)) {
        xlight_config_free(c);
        return NULL;
    }
    if (d->name) {
        free(c->name);
        c->name = d->name;
        d->name = NULL;
    }
    xlight_domain_list_free(d, 1);
    return c;
}

static bool is_restart(int action)
{
    return action == XLIGHT_RESTART || action == XLIGHT_RESTART_RENAME ||
           action == XLIGHT_COREDUMP_RESTART || action == XLIGHT_SOFT_RESET;
}

/* The old one stays, under another name; the new one is told from it by its UUID, too. */
static int keep_old(xlight_handle *h, struct xlight_config *c, uint32_t domid)
{
    char name[256], when[32];
    time_t now = time(NULL);
    struct tm tm;
    int rc;

    /* The name that Xen's xl gives, which is only good for one in a minute; then a number behind.
     */
    strftime(when, sizeof(when), "%Y%m%dT%H%MZ", gmtime_r(&now, &tm));
    snprintf(name, sizeof(name), "%s-%s", c->name, when);
    rc = xlight_domain_rename(h, domid, name);
    for (int i = 2; rc == -EEXIST && i < MAX_KEPT; i++) {
        snprintf(name, sizeof(name), "%s-%s-%d", c->name, when, i);
        rc = xlight_domain_rename(h, domid, name);
    }
    if (rc)
        return xl_fail(h);
    printf("Preserving domain %" PRIu32 " as %s\n", domid, name);
    memset(c->uuid, 0, sizeof(c->uuid));
    return XL_OK;
}

/* What shall be done; true: *domid is a new domain. */
static bool act(xlight_handle *h, const struct xlight_settings *s, struct xlight_config *c,
                uint32_t *domid, int action, int *ret_status)
{
    if (action == XLIGHT_COREDUMP_DESTROY || action == XLIGHT_COREDUMP_RESTART)
        dump(h, c, *domid);
    if (action == XLIGHT_PRESERVE)
        *ret_status = XL_OK;
    else if (action == XLIGHT_RESTART_RENAME)
        *ret_status = keep_old(h, c, *domid);
    else
        *ret_status = destroy(h, *domid);
    if (*ret_status || !is_restart(action))
        return false;
    puts("Done. Rebooting now");
    *ret_status = create(h, s, c, domid);
    return *ret_status == XL_OK;
}

/* Until its end, and what follows from that. As act(). */
static bool one_life(xlight_handle *h, const struct xlight_settings *s, struct xlight_config **c,
                     uint32_t *domid, int *ret_status)
{
    struct xlight_config *now;
    int reason, action;

    printf("Waiting for domain %s (domid %" PRIu32 ") to die [pid %d]\n", (*c)->name, *domid,
           (int)getpid());
    fflush(stdout);
    *ret_status = await_end(h, *domid, &reason);
    if (*ret_status)
        return false;
    if (reason < 0) {
        printf("Domain %" PRIu32 " has been destroyed.\n", *domid);
        return false;
    }
    now = read_config(h, *domid);
    if (now) {
        xlight_config_free(*c);
        *c = now;
    }
    action = xlight_config_action(*c, reason);
    printf("Domain %" PRIu32 " has shut down, reason code %d 0x%x\n", *domid, reason,
           (unsigned int)reason);
    printf("Action for shutdown reason code %d is %s\n", reason, action_names[action]);
    return act(h, s, *c, domid, action, ret_status);
}

int xl_monitor(xlight_handle *h, const struct xlight_settings *s, struct xlight_config **c,
               uint32_t domid)
{
    int status;

    while (one_life(h, s, c, &domid, &status))
        ;
    puts("Done. Exiting now");
    fflush(stdout);
    return status;
}

static void open_log(const char *name)
{
    char path[512];
    int null = open("/dev/null", O_RDWR), log;

    snprintf(path, sizeof(path), XEN_LOG_DIR "/xl-%s.log", name);
    /* A name is a user's text: a file of another place is none of our business. */
    log = strchr(name, '/') ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0644);
    if (log < 0)
        log = dup(null);
    dup2(null, 0);
    dup2(log, 1);
    dup2(log, 2);
    close_range(3, ~0U, 0);
}

/* The child: nothing of its parent's is of use to it, least of all its handles. */
static int run_child(const struct xl *xl, const struct xlight_settings *s, struct xlight_config **c,
                     uint32_t domid)
{
    xlight_handle *h;
    int status;

    setsid();
    /* Others may wait for the end of what is behind them. */
    close_range(3, ~0U, 0);
    if (chdir("/"))
        return XL_FAILED;
    prctl(PR_SET_NAME, "xl-monitor");
    open_log((*c)->name);
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = xl_monitor(h, s, c, domid);
    xlight_close(h);
    return status;
}

int xl_monitor_start(const struct xl *xl, const struct xlight_settings *s, struct xlight_config **c,
                     uint32_t domid)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid < 0) {
        fprintf(stderr, "xl: nobody stays with domain %" PRIu32 ": %s\n", domid, strerror(errno));
        return XL_FAILED;
    }
    if (!pid)
        _exit(run_child(xl, s, c, domid));
    return XL_OK;
}
