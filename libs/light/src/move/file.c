/* SPDX-License-Identifier: MIT */
/* file.c - where a saved guest is: a file of ours, or a descriptor of the caller's. */
#include "move.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int move_file_init(struct move_file *f, const char *path, int fd)
{
    *f = (struct move_file){.path = path ? strdup(path) : NULL, .fd = path ? -1 : fd};
    return path && !f->path ? -ENOMEM : 0;
}

int move_file_failed(xlight_handle *h, uint32_t domid, const struct move_file *f, int rc,
                     const char *what)
{
    if (f->wire && f->wire->why[0])
        return xlight__fail(h, rc, domid, "%s", f->wire->why);
    if (rc == -EPIPE && !f->path)
        return xlight__fail(h, rc, domid, "nobody reads any more at the other end");
    return xlight__fail(h, rc, domid, "cannot %s %s: %s", what,
                        f->path   ? f->path
                        : f->wire ? "the connection"
                                  : "the descriptor",
                        strerrordesc_np(-rc));
}

uint64_t move_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

ssize_t move_file_write(const struct move_file *f, const void *data, size_t size)
{
    static const struct timespec at_once;
    sigset_t pipe, old, pending;
    bool was;
    ssize_t n;

    if (f->wire)
        return wire_write(f->wire, data, size);
    if (f->regular)
        return write(f->fd, data, size);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    was = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &old);
    n = write(f->fd, data, size);
    if (n < 0 && errno == EPIPE && !was) {
        sigtimedwait(&pipe, NULL, &at_once);
        errno = EPIPE;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return n;
}

ssize_t move_file_read(const struct move_file *f, void *buf, size_t size)
{
    return f->wire ? wire_read(f->wire, buf, size) : read(f->fd, buf, size);
}

int move_file_wait(xlight_op *op, const struct move_file *f, uint32_t events)
{
    int rc = xlight__op_wait_fd(op, f->fd, f->wire ? wire_events(f->wire, events) : events);

    if (rc || !f->wire || events != EPOLLIN || !wire_silent(op, f->wire))
        return rc ? rc : -EAGAIN;
    return xlight__fail(f->wire->h, -ETIMEDOUT, XLIGHT_NO_DOMAIN,
                        "the other end has said nothing for %u s", wire_silence_ms / 1000);
}

int move_file_open(xlight_handle *h, uint32_t domid, struct move_file *f, int flags)
{
    const char *use = flags & O_WRONLY ? "write" : "read";
    struct stat st;
    int now;

    if (f->path) {
        /* Nobody else is to see the guest's memory. */
        f->fd = open(f->path, flags | O_CLOEXEC | O_NOCTTY, 0600);
        if (f->fd < 0)
            return move_file_failed(h, domid, f, -errno, flags & O_CREAT ? "make" : "open");
        f->own = true;
    }
    if (fstat(f->fd, &st))
        return move_file_failed(h, domid, f, -errno, use);
    f->regular = S_ISREG(st.st_mode);
    if (f->regular || S_ISBLK(st.st_mode))
        return 0;
    /* Who is at the other end may be slow. */
    now = fcntl(f->fd, F_GETFL);
    f->nonblock = now >= 0 && !(now & O_NONBLOCK);
    if (now < 0 || (f->nonblock && fcntl(f->fd, F_SETFL, now | O_NONBLOCK)))
        return move_file_failed(h, domid, f, -errno, use);
    return 0;
}

int move_file_close(struct move_file *f)
{
    int fd = f->fd, rc = 0;

    if (fd >= 0 && f->nonblock)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    if (f->own && close(fd))
        rc = -errno;
    f->own = f->nonblock = false;
    f->fd = -1;
    return rc;
}
