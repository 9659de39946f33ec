/* SPDX-License-Identifier: MIT */
/* log.c - syslog, stderr, and the trace file of -T. */
#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include "wire.h"

bool trace_on;

static bool to_stderr = true;
static int trace_fd = -1;
static char trace_name[256];

void log_to_stderr(bool on)
{
    to_stderr = on;
}

static void say(int priority, const char *format, va_list args)
{
    char text[512];

    vsnprintf(text, sizeof(text), format, args);
    if (to_stderr)
        fprintf(stderr, "xenstored: %s\n", text);
    else
        syslog(LOG_DAEMON | priority, "%s", text);
}

void log_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(LOG_WARNING, format, args);
    va_end(args);
}

void log_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(LOG_INFO, format, args);
    va_end(args);
}

int trace_open(const char *file)
{
    int fd = -1;

    if (file) {
        fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return -errno;
    }
    if (trace_fd >= 0)
        close(trace_fd);
    trace_fd = fd;
    trace_on = fd >= 0;
    snprintf(trace_name, sizeof(trace_name), "%s", file ? file : "");
    return 0;
}

const char *trace_file(void)
{
    return trace_name;
}

void trace_message(uint32_t id, const char *direction, uint32_t type, const char *data, size_t len)
{
    char line[1024];
    struct timespec now;
    struct tm tm;
    size_t used;

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &tm);
    used = strftime(line, sizeof(line), "%Y%m%d %H:%M:%S", &tm);
    used += snprintf(line + used, sizeof(line) - used, ".%03ld %s %u %s (", now.tv_nsec / 1000000,
                     direction, id, wire_type_name(type));
    for (size_t i = 0; i < len && used < sizeof(line) - 3; i++) {
        unsigned char c = data[i];

        /* Guests write this: nothing but printable characters reaches a terminal. */
        line[used++] = c == '\0' ? ' ' : c < 0x20 || c > 0x7e ? '?' : c;
    }
    line[used++] = ')';
    line[used++] = '\n';
    if (write(trace_fd, line, used) < 0)
        trace_on = false;
}
