/* SPDX-License-Identifier: MIT */
/* log.h - a log file of one console, with the time before each line if wanted. */
#ifndef XENCONSOLED_LOG_H
#define XENCONSOLED_LOG_H

#include <stdbool.h>
#include <stddef.h>

struct log {
    int fd; /* -1: none */
    bool stamp, in_line;
    char path[256];
};

/* An empty path, or a file that cannot be opened, gives a log that keeps nothing. */
void log_open(struct log *l, const char *path, bool stamp);
/* After rotation: the file of that name, new if need be. */
void log_reopen(struct log *l);
void log_write(struct log *l, const char *data, size_t len);
void log_close(struct log *l);

#endif /* XENCONSOLED_LOG_H */
