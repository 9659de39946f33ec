/* SPDX-License-Identifier: MIT */
/* fake-backend.c - serves devices. */
#include "fake-backend.h"
#include "sim-host.h"
#include "test-main.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/store.h>

static pid_t pid;

struct turn {
    const char *path;
    unsigned int flags;
};

/* As Linux does it: a node that is gone meanwhile does not come back. */
static int change_state(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    const struct turn *turn = arg;
    int state, rc = xstore_read_int(xs, t, turn->path, &state);

    if (rc)
        return rc;
    if (state == 1)
        state = turn->flags & FAKE_REFUSE ? 6 : 2;
    else if (state == 5 && !(turn->flags & FAKE_STUCK))
        state = 6;
    else
        return -EALREADY;
    return xstore_write_int(xs, t, turn->path, state);
}

static void serve(xstore_handle *xs, const char *path, unsigned int flags)
{
    const char *name = strrchr(path, '/');
    struct turn turn = {path, flags};
    int rc;

    if (!name || strcmp(name, "/state") || strstr(path, "/console/"))
        return;
    rc = xstore_transaction(xs, change_state, &turn);
    if (rc && rc != -ENOENT && rc != -EALREADY && rc != -EINVAL)
        _exit(1);
}

static _Noreturn void run(unsigned int flags, int ready)
{
    struct xstore_event e;
    xstore_handle *xs;
    char path[128];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(path, sizeof(path), "%s/socket", sim_dir);
    if (xstore_open(path, &xs) || xstore_watch(xs, "/local/domain/0/backend", "b"))
        _exit(1);
    close(ready);
    while (!xstore_wait_event(xs, &e)) {
        char *copy = strdup(e.path);

        serve(xs, copy, flags);
        free(copy);
    }
    _exit(0);
}

void fake_backend_start(unsigned int flags)
{
    int fds[2];
    char c;

    ck_assert_int_eq(pipe(fds), 0);
    pid = fork();
    if (!pid)
        run(flags, fds[1]);
    close(fds[1]);
    ck_assert_int_eq(read(fds[0], &c, 1), 0);
    close(fds[0]);
}

void fake_backend_stop(void)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}
