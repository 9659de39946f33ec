/* SPDX-License-Identifier: MIT */
/* connect.c - opens a socket or a device, whichever a path names. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "connect.h"

static int connect_socket(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd, rc;

    if (strlen(path) >= sizeof(addr.sun_path))
        return -EINVAL;
    strcpy(addr.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    do {
        rc = connect(fd, (const struct sockaddr *)&addr, sizeof(addr));
    } while (rc && errno == EINTR);
    if (rc) {
        rc = -errno;
        close(fd);
        return rc;
    }
    return fd;
}

int xs__connect(const char *path, bool *ret_is_socket)
{
    struct stat st;
    bool is_socket;
    int fd;

    if (!path)
        return -ENAMETOOLONG;
    if (stat(path, &st))
        return -errno;
    is_socket = S_ISSOCK(st.st_mode);
    if (is_socket) {
        fd = connect_socket(path);
    } else {
        fd = open(path, O_RDWR | O_CLOEXEC);
        fd = fd < 0 ? -errno : fd;
    }
    if (fd >= 0)
        *ret_is_socket = is_socket;
    return fd;
}
