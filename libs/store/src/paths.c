/* SPDX-License-Identifier: MIT */
/* paths.c - where the daemon is: its socket, and the kernel's device. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "handle.h"

const char *xs_daemon_rundir(void)
{
    const char *dir = getenv("XENSTORED_RUNDIR");

    return dir ? dir : "/var/run/xenstored";
}

const char *xs__socket_path(char *buf)
{
    const char *path = getenv("XENSTORED_PATH");

    if (path)
        return path;
    if (snprintf(buf, PATH_MAX, "%s/socket", xs_daemon_rundir()) >= PATH_MAX)
        return NULL;
    return buf;
}

const char *xs_daemon_socket(void)
{
    static char buf[PATH_MAX];

    return xs__socket_path(buf);
}

const char *xs_daemon_socket_ro(void)
{
    return xs_daemon_socket();
}

const char *xs__device_path(void)
{
    const char *path = getenv("XENSTORED_PATH");

    if (path)
        return path;
    return access("/dev/xen/xenbus", F_OK) == 0 ? "/dev/xen/xenbus" : "/proc/xen/xenbus";
}
