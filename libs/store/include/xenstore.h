/* SPDX-License-Identifier: MIT */
/*
 * xenstore.h - client of the store daemon, with the interface of Xen 4.17's libxenstore.so.4.
 *
 * Programs written for Xen's header of this name compile with it unchanged, and programs compiled
 * with Xen's run with this library. <xenolith/store.h> has calls that suit new programs better.
 *
 * Errors: unless said otherwise a call that fails returns NULL or false and sets errno: to what the
 * daemon answered (EACCES, ENOENT, EAGAIN, ...; EINVAL for errors without a name in the protocol),
 * to E2BIG when a request does not fit into a message, to ENOMEM, or to EBADF, EPIPE or EINVAL when
 * the connection is lost. After a loss all calls fail; close the handle.
 *
 * Paths begin with '/', or are relative to the caller's /local/domain/<id>. Results are one piece
 * of memory each, to be freed with free(), lists included.
 *
 * Threads: any number may use one handle at once; requests go one after the other. The first
 * xs_watch() starts a thread, all signals blocked, that receives everything until xs_close().
 *
 * Fork: only the parent may use its handles. The child calls xs_daemon_destroy_postfork() or
 * xs_close(); neither disturbs the parent.
 */
#ifndef XENSTORE_H
#define XENSTORE_H

#include <xenstore_lib.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* No transaction: requests act on the store itself. */
#define XBT_NULL 0

/* Flags of xs_open(). The first two are accepted for old programs and mean nothing. */
#define XS_OPEN_READONLY   (1UL << 0)
#define XS_OPEN_SOCKETONLY (1UL << 1)
/*
 * After xs_unwatch() returns, no event with its token for its path or a path below is delivered.
 * Without it events that had arrived before are. Do not use one token for a path and for another
 * path below that one.
 */
#define XS_UNWATCH_FILTER (1UL << 2)

struct xs_handle;
typedef uint32_t xs_transaction_t;

/*
 * Connects to the daemon's socket, or else to the kernel's xenbus device, which is how it works
 * outside Domain 0. Returns a handle or NULL; errno is that of the last attempt.
 */
struct xs_handle *xs_open(unsigned long flags);

/* Closes; open transactions end without effect. No other thread may be using xsh. NULL is fine. */
void xs_close(struct xs_handle *xsh);

/* Older names of xs_open(0) and xs_close(). */
struct xs_handle *xs_daemon_open(void);
struct xs_handle *xs_domain_open(void);
struct xs_handle *xs_daemon_open_readonly(void);
void xs_daemon_close(struct xs_handle *h);

/* For the child after a fork: gives the memory and descriptors back, and touches nothing else. */
void xs_daemon_destroy_postfork(struct xs_handle *h);

/* The names of a node's children, *num of them. */
char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num);

/* A node's value. A NUL is put behind the *len bytes. len may be NULL. */
void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len);

/* Sets a node's value; creates the node, and missing parents, when needed. */
bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
              unsigned int len);

/* Creates a node, and missing parents, with empty values. True when there is one already. */
bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path);

/* Removes a node and all below. True when it is not there but its parent is. */
bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path);

/* Always false: no daemon offers this any more. */
bool xs_restrict(struct xs_handle *h, unsigned int domid);

/* A node's permissions, *num entries; see struct xs_permissions. */
struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                                          unsigned int *num);

/*
 * Replaces a node's permissions. The caller must be its owner; Domain 0 may always, and may change
 * the owner.
 */
bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                        struct xs_permissions *perms, unsigned int num_perms);

/*
 * Asks for an event for each change of path and of everything below, and for one at once. Events
 * carry token. EEXIST when path and token are in use together.
 */
bool xs_watch(struct xs_handle *h, const char *path, const char *token);

/* Ends a watch. ENOENT when there is none with this path and token. See XS_UNWATCH_FILTER. */
bool xs_unwatch(struct xs_handle *h, const char *path, const char *token);

/*
 * A descriptor that polls readable while events wait or when the connection is lost; -1 on failure.
 * Do not read it. It belongs to the handle.
 */
int xs_fileno(struct xs_handle *h);

/*
 * The next event, at [XS_WATCH_PATH] the path that changed and at [XS_WATCH_TOKEN] the token.
 * xs_check_watch() fails with EAGAIN when there is none, xs_read_watch() waits for one. After the
 * loss of the connection, and all events before it, both fail with EINVAL.
 */
char **xs_check_watch(struct xs_handle *h);
char **xs_read_watch(struct xs_handle *h, unsigned int *num);

/*
 * Starts a transaction: what is read stays as it is, and what is written is not seen by others
 * until the end. Returns XBT_NULL on failure.
 */
xs_transaction_t xs_transaction_start(struct xs_handle *h);

/*
 * Ends a transaction, without effect when abort is true. EAGAIN: others changed the same nodes; do
 * it all again from xs_transaction_start().
 */
bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort);

/* For toolstacks. Connects a new domain by the ring in its frame mfn and its event channel. */
bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn,
                         unsigned int eventchn);

/* Gives the domain the rights of the domain target, whose device model it runs. */
bool xs_set_target(struct xs_handle *h, unsigned int domid, unsigned int target);

/* Forgets that the domain has shut down: it runs again, and can shut down again. */
bool xs_resume_domain(struct xs_handle *h, unsigned int domid);

/* Ends the domain's connection. */
bool xs_release_domain(struct xs_handle *h, unsigned int domid);

/* "/local/domain/<domid>", whether there is such a domain or not. */
char *xs_get_domain_path(struct xs_handle *h, unsigned int domid);

/* Whether the domain has been introduced; also false on failure. */
bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid);

/* Whether child is parent or below it, by their text alone. */
bool xs_path_is_subpath(const char *parent, const char *child);

/* Has the daemon execute cmd, with len bytes of NUL-terminated arguments. Returns its answer. */
char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len);
char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len);

/*
 * The event channel by which the domain is asked to suspend, over a connection of its own. -1 when
 * it has none, or on failure.
 */
int xs_suspend_evtchn_port(int domid);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif /* XENSTORE_H */
