/* SPDX-License-Identifier: MIT */
/*
 * daemon.c - programs that go on when we are gone.
 *
 * We may be one of many threads, so between fork() and exec() only what signal handlers may do is
 * done: all is prepared before.
 */
#include "daemon.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What the parent is told, through a pipe. */
struct news {
    pid_t pid;
    int error;
};

static char **make_env(const char *const *env)
{
    size_t ours = 0, more = 0, nr = 0;
    char **all;

    while (environ && environ[ours])
        ours++;
    while (env && env[more])
        more++;
    all = malloc((ours + more + 1) * sizeof(*all));
    if (!all)
        return NULL;
    /* Of two with the same name programs take the first. */
    for (size_t i = 0; i < more; i++)
        all[nr++] = (char *)(uintptr_t)env[i];
    for (size_t i = 0; i < ours; i++)
        all[nr++] = environ[i];
    all[nr] = NULL;
    return all;
}

static void tell(int fd, pid_t pid, int error)
{
    struct news n = {pid, error};
    ssize_t done;

    do
        done = write(fd, &n, sizeof(n));
    while (done < 0 && errno == EINTR);
}

static _Noreturn void become(const char *const *argv, char *const *env, int log, int pipe_fd)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    int null = open("/dev/null", O_RDONLY);
    sigset_t none;

    /* Out of the way of 0 to 3. */
    pipe_fd = fcntl(pipe_fd, F_DUPFD_CLOEXEC, 10);
    log = fcntl(log, F_DUPFD_CLOEXEC, 10);
    tell(pipe_fd, getpid(), 0);
    setsid();
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &usual, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ||
        dup2(pipe_fd, 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC)) {
        tell(pipe_fd, 0, errno);
        _exit(127);
    }
    close_range(4, ~0U, 0);
    execve(argv[0], (char *const *)(uintptr_t)argv, env);
    tell(3, 0, errno);
    _exit(127);
}

/* The end of the pipe means that the program runs. */
static int listen_to(int fd, pid_t *ret_pid)
{
    struct news n;
    pid_t pid = 0;
    ssize_t done;

    for (;;) {
        done = read(fd, &n, sizeof(n));
        if (done < 0 && errno == EINTR)
            continue;
        if (done != (ssize_t)sizeof(n))
            break;
        if (n.error)
            return -n.error;
        pid = n.pid;
    }
    if (done || !pid)
        return -ECHILD;
    *ret_pid = pid;
    return 0;
}

static int start(const char *const *argv, char *const *env, int log, int fds[2], pid_t *ret_pid)
{
    pid_t child = fork();
    int rc;

    if (child < 0)
        return -errno;
    if (!child) {
        pid_t grandchild = fork();

        if (!grandchild)
            become(argv, env, log, fds[1]);
        if (grandchild < 0)
            tell(fds[1], 0, errno);
        _exit(0);
    }
    close(fds[1]);
    fds[1] = -1;
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    rc = listen_to(fds[0], ret_pid);
    return rc;
}

int xlight__daemon_start(const char *const *argv, const char *const *env, int log, pid_t *ret_pid)
{
    char **all = make_env(env);
    int fds[2], rc;

    if (!all)
        return -ENOMEM;
    if (pipe2(fds, O_CLOEXEC)) {
        rc = -errno;
        free(all);
        return rc;
    }
    rc = start(argv, all, log, fds, ret_pid);
    close(fds[0]);
    if (fds[1] >= 0)
        close(fds[1]);
    free(all);
    return rc;
}

bool xlight__daemon_is(pid_t pid, const char *argument, const char *next)
{
    char path[64], text[4096], *p;
    bool found = false;
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (len <= 0)
        return false;
    text[len] = 0;
    for (p = text; !found && p < text + len; p += strlen(p) + 1) {
        const char *behind = p + strlen(p) + 1;

        found = !strcmp(p, argument) && behind < text + len && !strcmp(behind, next);
    }
    return found;
}
