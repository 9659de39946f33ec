/* SPDX-License-Identifier: MIT */
/* fake-backend.c - serves devices. */
#include "fake-backend.h"
#include "sim-host.h"
#include "test-main.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/store.h>

static pid_t pid;

static void serve(xstore_handle *xs, const char *path, unsigned int flags)
{
    const char *name = strrchr(path, '/');
    int state;

    if (!name || strcmp(name, "/state") || strstr(path, "/console/") ||
        xstore_read_int(xs, XBT_NULL, path, &state))
        return;
    if (state == 1)
        state = flags & FAKE_REFUSE ? 6 : 2;
    else if (state == 5 && !(flags & FAKE_STUCK))
        state = 6;
    else
        return;
    if (xstore_write_int(xs, XBT_NULL, path, state))
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
