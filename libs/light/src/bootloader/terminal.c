/* SPDX-License-Identifier: MIT */
/* terminal.c - two terminals back to back. */
#include "terminal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define LOG_MAX 1048576 /* a log that has become this large has got enough */

static int open_pair(int *ret_master, int *ret_slave, char *path, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), slave, rc;

    if (master < 0)
        return -errno;
    *ret_master = master + 1;
    if (grantpt(master) || unlockpt(master))
        return -errno;
    rc = ptsname_r(master, path, size);
    if (rc)
        return -rc;
    slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return -errno;
    *ret_slave = slave + 1;
    return 0;
}

/* Whoever comes has a terminal of his own, which does the echo. */
static int make_raw(int fd)
{
    struct termios t;

    if (tcgetattr(fd, &t))
        return -errno;
    cfmakeraw(&t);
    return tcsetattr(fd, TCSANOW, &t) ? -errno : 0;
}

int xlight__terminal_open(struct xlight__terminal *t)
{
    int rc = open_pair(&t->program, &t->program_end, t->program_path, sizeof(t->program_path));

    if (!rc)
        rc = open_pair(&t->user, &t->user_end, t->user_path, sizeof(t->user_path));
    if (!rc)
        rc = make_raw(t->user_end - 1);
    if (rc)
        xlight__terminal_close(t);
    return rc;
}

static void close_one(int *fd)
{
    if (*fd)
        close(*fd - 1);
    *fd = 0;
}

void xlight__terminal_close(struct xlight__terminal *t)
{
    close_one(&t->program_end);
    close_one(&t->user_end);
    close_one(&t->program);
    close_one(&t->user);
}

/* What does not fit any more is lost: the reader is slow, or there is none. */
static void drop_or_write(int fd, const char *buf, ssize_t len)
{
    ssize_t n = write(fd, buf, (size_t)len);

    (void)n;
}

static void write_log(int log, const char *buf, ssize_t len)
{
    struct stat st;

    if (log >= 0 && !fstat(log, &st) && st.st_size < LOG_MAX)
        drop_or_write(log, buf, len);
}

bool xlight__terminal_copy(struct xlight__terminal *t, int log, bool *ret_typed)
{
    char buf[4096];
    ssize_t typed = read(t->user - 1, buf, sizeof(buf)), shown;

    *ret_typed = typed > 0;
    if (typed > 0)
        drop_or_write(t->program - 1, buf, typed);
    shown = read(t->program - 1, buf, sizeof(buf));
    if (shown > 0) {
        drop_or_write(t->user - 1, buf, shown);
        write_log(log, buf, shown);
    }
    return typed > 0 || shown > 0;
}
