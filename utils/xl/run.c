/* SPDX-License-Identifier: MIT */
/* run.c - operations until their end; Ctrl-C calls them off. */
#include "run.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <xenolith/light-domain.h>

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
    (void)sig;
    stopped = 1;
}

/* The signals arrive only while we wait, so that none comes between looking and waiting. */
static void catch_signals(sigset_t *ret_old)
{
    struct sigaction act = {.sa_handler = stop};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, ret_old);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

static void release_signals(const sigset_t *old)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, old, NULL);
}

/* Lets each go on that can; returns how many have not ended, and the shortest time limit. */
static unsigned int go_on(xlight_op **ops, unsigned int nr, int *ret_ms)
{
    unsigned int running = 0;

    *ret_ms = -1;
    for (unsigned int i = 0; i < nr; i++) {
        int ms;

        if (xlight_op_process(ops[i]) != -EINPROGRESS)
            continue;
        running++;
        ms = xlight_op_timeout(ops[i]);
        if (ms >= 0 && (*ret_ms < 0 || ms < *ret_ms))
            *ret_ms = ms;
    }
    return running;
}

static int run(xlight_op **ops, unsigned int nr, xl_tell_fn *tell, void *arg)
{
    struct pollfd *fds = calloc(nr, sizeof(*fds));
    sigset_t old;
    int ms;

    if (!fds) {
        fprintf(stderr, "xl: no memory\n");
        return XL_FAILED;
    }
    for (unsigned int i = 0; i < nr; i++)
        fds[i] = (struct pollfd){.fd = xlight_op_fd(ops[i]), .events = POLLIN};
    catch_signals(&old);
    while (go_on(ops, nr, &ms)) {
        struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

        if (tell)
            tell(ops[0], arg);
        if (ppoll(fds, nr, ms < 0 ? NULL : &t, &old) < 0 && stopped)
            for (unsigned int i = 0; i < nr; i++)
                xlight_op_cancel(ops[i]);
    }
    release_signals(&old);
    free(fds);
    return XL_OK;
}

bool xl_stopped(void)
{
    return stopped;
}

int xl_run_all(xlight_op **ops, unsigned int nr)
{
    return run(ops, nr, NULL, NULL);
}

int xl_run_telling(xlight_op *op, xl_tell_fn *tell, void *arg)
{
    return run(&op, 1, tell, arg);
}

int xl_run(xlight_handle *h, xlight_op *op)
{
    int status = xl_run_all(&op, 1);

    if (!status && xlight_op_result(op))
        status = xl_fail(h);
    xlight_op_free(op);
    return status;
}

int xl_find(xlight_handle *h, const char *word, uint32_t *ret_domid)
{
    return xlight_domain_find(h, word, ret_domid) ? xl_fail(h) : XL_OK;
}
