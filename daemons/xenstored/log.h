/* SPDX-License-Identifier: MIT */
/* log.h - what the daemon says, and the trace of all messages. */
#ifndef XENSTORED_LOG_H
#define XENSTORED_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* To syslog, and to stderr while there is one. */
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_to_stderr(bool on);

/* The trace file: opened by path, closed by NULL. 0 or a negative errno. */
int trace_open(const char *file);
/* The name of the trace file, "" when there is none. */
const char *trace_file(void);
extern bool trace_on;
/* One message of connection `id`, "IN" or "OUT". */
void trace_message(uint32_t id, const char *direction, uint32_t type, const char *data, size_t len);

#endif /* XENSTORED_LOG_H */
