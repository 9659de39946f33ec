/* SPDX-License-Identifier: MIT */
/* conn-socket.h - clients of the Unix sockets (conn-socket.c). */
#ifndef XENSTORED_CONN_SOCKET_H
#define XENSTORED_CONN_SOCKET_H

#include "conn.h"

/* Something that epoll waits for; its data pointer. */
struct source {
    void (*fn)(struct source *s, uint32_t events);
};

extern int epoll_fd;

/* Both sockets. Existing ones of a daemon that is gone are replaced. */
int socket_listen(const char *path, const char *path_ro);
/* Live update: the descriptors, and taking them over. */
void socket_listeners(int *ret_fd, int *ret_fd_ro);
int socket_listen_on(int fd, int fd_ro);
void socket_close(void);

/* A connection on an open socket; takes over fd only on success. */
struct conn *socket_conn_new(int fd, bool read_only);

#endif /* XENSTORED_CONN_SOCKET_H */
