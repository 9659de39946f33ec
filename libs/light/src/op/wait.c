/* SPDX-License-Identifier: MIT */
/* wait.c - what steps of operations wait for: the store, descriptors, programs, time. */
#include "private.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define TOKEN       "xlight-op-"
#define NS_PER_MS   1000000ULL
#define MAX_TIMEOUT 60000 /* ms; later than that we look again */

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* The store */

static void make_token(char token[32], uint64_t serial)
{
    snprintf(token, 32, TOKEN "%llu", (unsigned long long)serial);
}

int xlight__op_watch(xlight_op *op, const char *path)
{
    struct op_watch *w;
    char token[32];
    int rc;

    if (!op->h->store)
        return xlight__fail(op->h, -ENOTCONN, op->domid, "this host has no store");
    if (!path)
        return xlight__fail(op->h, -EINVAL, op->domid, "a path is too long for the store");
    for (w = op->waits.watches; w; w = w->next)
        if (!strcmp(w->path, path))
            return 0;
    w = malloc(sizeof(*w) + strlen(path) + 1);
    if (!w)
        return xlight__fail(op->h, -ENOMEM, op->domid, "no memory for a watch");
    strcpy(w->path, path);
    w->serial = ++op->h->last_watch;
    make_token(token, w->serial);
    rc = xstore_watch(op->h->store, path, token);
    if (rc) {
        free(w);
        return xlight__fail_store(op->h, rc, op->domid, "cannot wait for a change of %s", path);
    }
    w->next = op->waits.watches;
    op->waits.watches = w;
    return 0;
}

static void wake(xlight_handle *h, const char *token)
{
    for (xlight_op *op = h->ops; op; op = op->next)
        for (struct op_watch *w = op->waits.watches; w; w = w->next) {
            char mine[32];

            make_token(mine, w->serial);
            if (!strcmp(mine, token))
                op->ready = true;
        }
}

/* Without a connection all find out for themselves what that means; the descriptor is of no use. */
static void store_lost(xlight_handle *h)
{
    for (xlight_op *op = h->ops; op; op = op->next) {
        if (op->store_fd < 0)
            continue;
        epoll_ctl(op->epoll_fd, EPOLL_CTL_DEL, op->store_fd, NULL);
        op->store_fd = -1;
        op->ready |= op->waits.watches != NULL;
    }
}

void op_dispatch(xlight_handle *h)
{
    struct xstore_event e;
    int rc;

    if (!h->store)
        return;
    rc = xstore_process(h->store);
    while (!xstore_next_event(h->store, &e))
        wake(h, e.token);
    if (rc && rc != -ENOMEM)
        store_lost(h);
}

/* Descriptors */

int xlight__op_wait_fd(xlight_op *op, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.u64 = 1};
    struct op_waits *w = &op->waits;
    int *fds;

    for (unsigned int i = 0; i < w->nr_fds; i++)
        if (w->fds[i] == fd)
            return epoll_ctl(op->epoll_fd, EPOLL_CTL_MOD, fd, &e)
                       ? xlight__fail(op->h, -errno, op->domid, "cannot wait for a descriptor")
                       : 0;
    fds = realloc(w->fds, (w->nr_fds + 1) * sizeof(*fds));
    if (!fds)
        return xlight__fail(op->h, -ENOMEM, op->domid, "no memory for a descriptor");
    w->fds = fds;
    if (epoll_ctl(op->epoll_fd, EPOLL_CTL_ADD, fd, &e))
        return xlight__fail(op->h, -errno, op->domid, "cannot wait for a descriptor: %s",
                            strerrordesc_np(errno));
    w->fds[w->nr_fds++] = fd;
    return 0;
}

void xlight__op_forget_fd(xlight_op *op, int fd)
{
    struct op_waits *w = &op->waits;

    for (unsigned int i = 0; i < w->nr_fds; i++) {
        if (w->fds[i] != fd)
            continue;
        epoll_ctl(op->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        w->fds[i] = w->fds[--w->nr_fds];
        return;
    }
}

void op_wait_poll(xlight_op *op)
{
    struct epoll_event events[8];
    int nr = epoll_wait(op->epoll_fd, events, 8, 0);

    /* What came from the store has its own way. */
    for (int i = 0; i < nr; i++)
        op->ready |= events[i].data.u64 == 1;
    op->ready |= op->waits.has_deadline && now() >= op->waits.deadline;
    op->ready |= op->waits.tick && now() >= op->waits.tick;
}

/* Time */

bool xlight__op_expired(xlight_op *op, unsigned int ms)
{
    struct op_waits *w = &op->waits;

    if (!w->has_deadline) {
        w->has_deadline = true;
        w->deadline = now() + ms * NS_PER_MS;
    }
    return now() >= w->deadline;
}

bool xlight__op_clock(xlight_op *op, uint64_t *clock, unsigned int ms)
{
    struct op_waits *w = &op->waits;
    uint64_t t = now();

    if (!*clock)
        *clock = t + ms * NS_PER_MS;
    if (t >= *clock)
        return true;
    if (w->tick <= t || *clock < w->tick)
        w->tick = *clock;
    return false;
}

void xlight__op_tick(xlight_op *op, unsigned int ms)
{
    op->waits.tick = now() + ms * NS_PER_MS;
}

int op_wait_timeout(const xlight_op *op)
{
    const struct op_waits *w = &op->waits;
    uint64_t t = now(), end = w->has_deadline ? w->deadline : w->tick, ms;

    if (w->tick && w->tick < end)
        end = w->tick;
    if (!end)
        return -1;
    if (t >= end)
        return 0;
    ms = (end - t + NS_PER_MS - 1) / NS_PER_MS;
    return ms < MAX_TIMEOUT ? (int)ms : MAX_TIMEOUT;
}

/* Programs */

static bool same_variable(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");

    return !strncmp(a, b, len) && b[len] == '=';
}

/* Our environment with env in it: an array of pointers to strings of others. NULL: no memory. */
static char **make_environment(const char *const *env)
{
    size_t ours = 0, theirs = 0, nr = 0;
    char **all;

    while (environ && environ[ours])
        ours++;
    while (env && env[theirs])
        theirs++;
    all = malloc((ours + theirs + 1) * sizeof(*all));
    if (!all)
        return NULL;
    for (size_t i = 0; i < ours; i++) {
        bool replaced = false;

        for (size_t j = 0; j < theirs; j++)
            replaced |= same_variable(env[j], environ[i]);
        if (!replaced)
            all[nr++] = environ[i];
    }
    for (size_t j = 0; j < theirs; j++)
        all[nr++] = (char *)(uintptr_t)env[j];
    all[nr] = NULL;
    return all;
}

static int set_files(posix_spawn_file_actions_t *fa, const struct xlight__command *c)
{
    const char *in = c->tty ? c->tty : "/dev/null";
    int rc = posix_spawn_file_actions_addopen(fa, 0, in, c->tty ? O_RDWR : O_RDONLY, 0);
    int log = c->log;

    if (!rc && c->tty)
        rc = posix_spawn_file_actions_adddup2(fa, 0, 1);
    else if (!rc && log < 0)
        rc = posix_spawn_file_actions_addopen(fa, 1, "/dev/null", O_WRONLY, 0);
    else if (!rc)
        rc = posix_spawn_file_actions_adddup2(fa, log, 1);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(fa, 1, 2);
    return rc ? rc : posix_spawn_file_actions_addclosefrom_np(fa, 3);
}

/* A group of its own, and signals as a program expects them. */
static int set_attributes(posix_spawnattr_t *attr, bool session)
{
    const short group = session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
    const short flags = (short)(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t none, all;
    int rc;

    sigemptyset(&none);
    sigfillset(&all);
    rc = posix_spawnattr_setflags(attr, flags);
    if (!rc)
        rc = posix_spawnattr_setpgroup(attr, 0);
    if (!rc)
        rc = posix_spawnattr_setsigmask(attr, &none);
    return rc ? rc : posix_spawnattr_setsigdefault(attr, &all);
}

static int spawn(const struct xlight__command *c, pid_t *ret_pid)
{
    char **env = make_environment(c->env);
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t attr;
    int rc;

    if (!env)
        return -ENOMEM;
    rc = posix_spawn_file_actions_init(&fa);
    if (rc) {
        free(env);
        return -rc;
    }
    rc = posix_spawnattr_init(&attr);
    if (!rc) {
        rc = set_files(&fa, c);
        if (!rc)
            rc = set_attributes(&attr, c->tty);
        if (!rc)
            rc = posix_spawn(ret_pid, c->argv[0], &fa, &attr, (char **)(uintptr_t)c->argv, env);
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&fa);
    free(env);
    return -rc;
}

/* Ends a program of ours and what it has started, at once. */
static void kill_child(struct op_waits *w)
{
    kill(-w->child, SIGKILL);
    while (waitpid(w->child, NULL, 0) < 0 && errno == EINTR)
        ;
}

int xlight__op_spawn(xlight_op *op, const struct xlight__command *c)
{
    struct op_waits *w = &op->waits;
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = 1};
    int rc;

    if (w->child)
        return xlight__fail(op->h, -EBUSY, op->domid, "a program of this step still runs");
    rc = spawn(c, &w->child);
    if (rc) {
        w->child = 0;
        return xlight__fail(op->h, rc, op->domid, "cannot start %s: %s", c->argv[0],
                            strerrordesc_np(-rc));
    }
    w->child_fd = pidfd_open(w->child, 0);
    if (w->child_fd >= 0 && !epoll_ctl(op->epoll_fd, EPOLL_CTL_ADD, w->child_fd, &e))
        return 0;
    rc = -errno;
    kill_child(w);
    if (w->child_fd >= 0)
        close(w->child_fd);
    w->child = 0;
    w->child_fd = -1;
    return xlight__fail(op->h, rc, op->domid, "cannot wait for %s: %s", c->argv[0],
                        strerrordesc_np(-rc));
}

int xlight__op_child(xlight_op *op, int *ret_status)
{
    struct op_waits *w = &op->waits;
    pid_t pid;

    if (!w->child)
        return xlight__fail(op->h, -ECHILD, op->domid, "there is no program of this step");
    if (w->child_fd >= 0) {
        pid = waitpid(w->child, &w->child_status, WNOHANG);
        if (!pid || (pid < 0 && errno == EINTR))
            return -EAGAIN;
        close(w->child_fd);
        w->child_fd = -1;
        if (pid < 0) {
            w->child = 0;
            return xlight__fail(op->h, -ECHILD, op->domid,
                                "how a program ended is not known: somebody else waited for it");
        }
    }
    *ret_status = w->child_status;
    w->child = 0;
    return 0;
}

void xlight__op_kill(xlight_op *op)
{
    struct op_waits *w = &op->waits;

    if (w->child_fd < 0)
        return;
    kill_child(w);
    close(w->child_fd);
    w->child = 0;
    w->child_fd = -1;
}

/* All together */

bool op_wait_anything(const xlight_op *op)
{
    const struct op_waits *w = &op->waits;

    return w->watches || w->nr_fds || w->has_deadline || w->tick || w->child_fd >= 0;
}

void op_wait_forget(xlight_op *op)
{
    struct op_waits *w = &op->waits;

    while (w->watches) {
        struct op_watch *watch = w->watches;
        char token[32];

        w->watches = watch->next;
        make_token(token, watch->serial);
        /* A watch that stays for some reason ends with the connection; nobody knows its token. */
        if (op->store_fd >= 0 && xstore_unwatch(op->h->store, watch->path, token))
            op->ready = true;
        free(watch);
    }
    for (unsigned int i = 0; i < w->nr_fds; i++)
        epoll_ctl(op->epoll_fd, EPOLL_CTL_DEL, w->fds[i], NULL);
    free(w->fds);
    xlight__op_kill(op);
    *w = (struct op_waits){.child_fd = -1};
}
