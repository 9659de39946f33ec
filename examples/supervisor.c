/* SPDX-License-Identifier: MIT */
/*
 * supervisor.c - keeps a guest running: when it crashes or reboots it is started anew, three times
 * at most. One that shuts itself down is cleaned up; one that somebody destroys is let go.
 *     supervisor FILE        FILE is a configuration as for xl create
 * Shows the life of a guest, one operation after the other, and how SIGTERM calls one off: a guest
 * that is half made is taken back, one that runs goes on. XENOLITH_HOST is as in watch-guest.c.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-life.h>
#include <xenolith/public/sched.h>

#define MAX_RESTARTS 3
static int term_fd; /* readable once SIGTERM has come */

static int fail(xlight_handle *h, int rc)
{
    char why[512];

    xlight_error_format(h, why, sizeof(why));
    fprintf(stderr, "supervisor: %s\n", why);
    return rc;
}

/* Brings an operation to its end, and frees it; or says with rc why there is none. */
static int run(xlight_handle *h, int rc, xlight_op *op, uint32_t *ret_domid)
{
    struct pollfd fds[] = {{.fd = term_fd, .events = POLLIN}, {.events = POLLIN}};

    if (rc)
        return fail(h, rc);
    fds[1].fd = xlight_op_fd(op);
    while ((rc = xlight_op_process(op)) == -EINPROGRESS) {
        poll(fds, 2, xlight_op_timeout(op));
        if (fds[0].revents)
            xlight_op_cancel(op); /* it goes on, backwards */
    }
    if (rc)
        fail(h, rc);
    *ret_domid = xlight_op_domid(op);
    xlight_op_free(op);
    return rc;
}

/* One life of the guest. *ret_reason: why it has shut down; -1: it is gone without. */
static int live(xlight_handle *h, struct xlight_config *c, int *ret_reason)
{
    struct xlight_domain *d;
    xlight_op *op = NULL;
    uint32_t domid;
    int rc = xlight_domain_create_start(h, c, NULL, &op);

    *ret_reason = -1;
    if ((rc = run(h, rc, op, &domid)))
        return rc;
    printf("%s runs as domain %u\n", c->name, (unsigned int)domid);
    rc = xlight_domain_wait_start(h, domid, &op);
    if ((rc = run(h, rc, op, &domid)))
        return rc;
    if ((rc = xlight_domain_info(h, domid, &d)))
        return rc == -ESRCH ? 0 : fail(h, rc);
    *ret_reason = d->dying ? -1 : d->shutdown_reason; /* dying: somebody is about to end it */
    xlight_domain_list_free(d, 1);
    if (*ret_reason < 0)
        return 0;
    printf("%s has ended, reason %d\n", c->name, *ret_reason);
    rc = xlight_domain_destroy_start(h, domid, &op);
    return run(h, rc, op, &domid);
}

int main(int argc, char **argv)
{
    struct xlight_config *c = NULL;
    xlight_handle *h = NULL;
    int rc = 0, reason = -1;
    sigset_t set;

    setvbuf(stdout, NULL, _IOLBF, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    term_fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (argc != 2 || xlight_config_read(argv[1], NULL, &c))
        fputs("Usage: supervisor FILE; xl check FILE says what is wrong with it\n", stderr);
    else if (xlight_open(getenv("XENOLITH_HOST"), &h))
        fputs("supervisor: there is no Xen here\n", stderr);
    else
        for (int i = 0; i <= MAX_RESTARTS && (!i || reason > SHUTDOWN_poweroff) && !rc; i++)
            rc = live(h, c, &reason);
    xlight_config_free(c);
    xlight_close(h);
    return !h || rc || reason > SHUTDOWN_poweroff; /* the last: it goes on crashing */
}
