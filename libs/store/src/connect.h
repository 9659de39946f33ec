/* SPDX-License-Identifier: MIT */
/* connect.h - opens a socket or a device, whichever a path names. */
#ifndef LIBS_STORE_CONNECT_H
#define LIBS_STORE_CONNECT_H

#include <stdbool.h>

/*
 * Returns a descriptor, closed on exec, and in *ret_is_socket whether path names a socket; or a
 * negative errno. A path of NULL is one that was too long: -ENAMETOOLONG.
 */
int xs__connect(const char *path, bool *ret_is_socket);

#endif /* LIBS_STORE_CONNECT_H */
