/* SPDX-License-Identifier: MIT */
/*
 * xenstore_lib.h - what users of xenstore share with store daemons.
 *
 * Programs written for Xen's header of this name compile with it unchanged.
 */
#ifndef XENSTORE_LIB_H
#define XENSTORE_LIB_H

#include <stddef.h>
#include <stdbool.h>
#include <limits.h>
#include <errno.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/*
 * One entry of a node's permission list. Of the first entry, id is the owner and perms is what all
 * domains may do that have no entry of their own; each further entry is for the domain id.
 */
struct xs_permissions {
    unsigned int id;
    unsigned int perms; /* XS_PERM_READ and XS_PERM_WRITE, or XS_PERM_NONE */
};
#define XS_PERM_NONE  0x00
#define XS_PERM_READ  0x01
#define XS_PERM_WRITE 0x02
/* Of use to daemons only. */
#define XS_PERM_ENOENT_OK 0x04
#define XS_PERM_OWNER     0x08
#define XS_PERM_IGNORE    0x10

/* Bytes that a number of x's type needs in decimal, with a sign and a NUL; 10 bits give 3 digits.
 */
#define MAX_STRLEN(x) ((sizeof(x) * CHAR_BIT + CHAR_BIT - 1) / 10 * 3 + 2)

/*
 * Where the daemon lives. $XENSTORED_RUNDIR replaces the directory, $XENSTORED_PATH the socket.
 * The text belongs to the library or to the environment; the socket's is NULL when the path is
 * longer than any can be. A later call may rewrite the text, with the same bytes unless the
 * environment changed.
 */
const char *xs_daemon_rundir(void);
const char *xs_daemon_socket(void);
const char *xs_daemon_socket_ro(void); /* the same as xs_daemon_socket() */

/* Writes all len bytes, in as many calls as it takes. On false, errno says why. */
bool xs_write_all(int fd, const void *data, unsigned int len);

/*
 * Reads num entries like "r3" (letter n, r, w or b for both, then the domain), each with a NUL
 * behind it, one after the other. On false, errno is EINVAL; entries before the bad one were
 * stored.
 */
bool xs_strings_to_perms(struct xs_permissions *perms, unsigned int num, const char *strings);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif /* XENSTORE_LIB_H */
