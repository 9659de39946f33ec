/* SPDX-License-Identifier: MIT */
/* log.c - log files. A full disk loses text, never the daemon. */
#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static void open_file(struct log *l)
{
    l->fd = open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (l->fd < 0)
        syslog(LOG_ERR, "cannot open %s: %s", l->path, strerror(errno));
}

void log_open(struct log *l, const char *path, bool stamp)
{
    *l = (struct log){.fd = -1, .stamp = stamp};
    if (!*path)
        return;
    snprintf(l->path, sizeof(l->path), "%s", path);
    open_file(l);
}

void log_reopen(struct log *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    if (*l->path)
        open_file(l);
}

static void put(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

static void put_time(int fd)
{
    time_t now = time(NULL);
    struct tm tm;
    char text[32];

    if (localtime_r(&now, &tm))
        put(fd, text, strftime(text, sizeof(text), "[%Y-%m-%d %H:%M:%S] ", &tm));
}

void log_write(struct log *l, const char *data, size_t len)
{
    if (l->fd < 0)
        return;
    if (!l->stamp) {
        put(l->fd, data, len);
        return;
    }
    while (len) {
        const char *nl = memchr(data, '\n', len);
        size_t n = nl ? (size_t)(nl - data) + 1 : len;

        if (!l->in_line)
            put_time(l->fd);
        put(l->fd, data, n);
        l->in_line = !nl;
        data += n;
        len -= n;
    }
}

void log_close(struct log *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}
