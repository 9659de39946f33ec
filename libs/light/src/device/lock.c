/* SPDX-License-Identifier: MIT */
/*
 * lock.c - the locks of Xen's hotplug scripts: flock() on a file, which whoever has it removes
 * before letting it go. So a lock counts only on the file that the name still leads to.
 */
#include "hotplug.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define RETRY_MS 20

static void lock_path(const xlight_handle *h, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", h->os->lock_dir, name);
}

static bool same_file(int fd, const char *path)
{
    struct stat a, b;

    return !fstat(fd, &a) && !stat(path, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* A descriptor with the lock; -EWOULDBLOCK: somebody else has it. */
static int try_lock(const char *path)
{
    int fd, rc;

    for (;;) {
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0)
            return -errno;
        rc = flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
        if (!rc && same_file(fd, path))
            return fd;
        close(fd);
        if (rc)
            return rc;
    }
}

/* Waits a little. */
static int wait_a_little(xlight_op *op, struct xlight__hotplug_state *s)
{
    const struct itimerspec soon = {.it_value.tv_nsec = RETRY_MS * 1000000L};
    int fd = s->timer_fd - 1, rc;

    if (fd < 0) {
        fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (fd < 0)
            return -errno;
        s->timer_fd = fd + 1;
    }
    if (timerfd_settime(fd, 0, &soon, NULL))
        return -errno;
    rc = xlight__op_wait_fd(op, fd, EPOLLIN);
    return rc ? rc : -EAGAIN;
}

int xlight__hotplug_lock(xlight_op *op, const char *name, struct xlight__hotplug_state *s)
{
    xlight_handle *h = xlight__op_handle(op);
    char path[128];
    int fd;

    if (!h->os->lock_dir || s->lock_fd)
        return 0;
    if (mkdir(h->os->lock_dir, 0755) && errno != EEXIST)
        return xlight__fail(h, -errno, XLIGHT_NO_DOMAIN, "cannot make %s: %s", h->os->lock_dir,
                            strerrordesc_np(errno));
    lock_path(h, name, path);
    fd = try_lock(path);
    if (fd == -EWOULDBLOCK && xlight__op_clock(op, &s->clock, XLIGHT__SCRIPT_MS(h)))
        return xlight__fail(h, -ETIMEDOUT, XLIGHT_NO_DOMAIN,
                            "somebody has held the lock %s for %u seconds", path,
                            XLIGHT__SCRIPT_MS(h) / 1000);
    if (fd == -EWOULDBLOCK)
        fd = wait_a_little(op, s);
    if (fd == -EAGAIN)
        return -EAGAIN;
    s->clock = 0;
    if (fd < 0)
        return xlight__fail(h, fd, XLIGHT_NO_DOMAIN, "cannot lock %s: %s", path,
                            strerrordesc_np(-fd));
    s->lock_fd = fd + 1;
    return 0;
}

void xlight__hotplug_unlock(xlight_handle *h, const char *name, struct xlight__hotplug_state *s)
{
    char path[128];

    if (!s->lock_fd)
        return;
    lock_path(h, name, path);
    unlink(path);
    close(s->lock_fd - 1);
    s->lock_fd = 0;
}

void xlight__hotplug_end(struct xlight__hotplug_state *s)
{
    if (s->lock_fd)
        close(s->lock_fd - 1);
    if (s->timer_fd)
        close(s->timer_fd - 1);
    *s = (struct xlight__hotplug_state){.started = false};
}
