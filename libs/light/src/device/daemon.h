/* SPDX-License-Identifier: MIT */
/* daemon.h - programs that go on when we are gone. */
#ifndef XENOLITH_LIGHT_DEVICE_DAEMON_H
#define XENOLITH_LIGHT_DEVICE_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts a program in a session of its own, as nobody's child, with nothing but stdin (nothing),
 * stdout and stderr (log, a descriptor). env are variables beside ours, NAME=VALUE, or NULL. When
 * it cannot be started, says so: -ENOENT and others.
 */
int xlight__daemon_start(const char *const *argv, const char *const *env, int log, pid_t *ret_pid);

/*
 * Whether a process is there, and has this among its arguments, one behind the other: a number that
 * was written down may belong to somebody else by now.
 */
bool xlight__daemon_is(pid_t pid, const char *argument, const char *next);

#endif /* XENOLITH_LIGHT_DEVICE_DAEMON_H */
