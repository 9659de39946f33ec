/* SPDX-License-Identifier: MIT */
/*
 * store.h - client of the store daemon for any event loop. In libxenstore.so.4, beside the
 * interface of <xenstore.h>, and independent of it: no threads, no locks, no signals.
 *
 * Results: every function that can fail returns 0 or a negative errno. Results are stored through
 * the ret_ parameters, last, and are left alone on failure. The handle then knows why; see
 * xstore_error_format().
 *
 * Errors that all requests share, not repeated below:
 *   -ENOENT  no such node                      -EACCES  the caller may not
 *   -EINVAL  the path or an argument makes no sense, or the daemon's error has no name
 *   -E2BIG   more than fits into a message     -ENOSPC, -E2BIG  a quota is used up
 *   -ENOMEM  no memory, ours or the daemon's   -ETIMEDOUT see xstore_set_timeout()
 *   -EAGAIN, -EBUSY, -EPERM, -EIO, ...         what the daemon says
 *   -ECONNRESET, -EPROTO and other errors of sockets: the connection is lost. Then every call on
 *            the handle fails in this way.
 *
 * Paths begin with '/', or are relative to the caller's /local/domain/<id>. A path of NULL is
 * -EINVAL, so what xstore_path() returns needs no check. Lists and values are one piece of memory
 * each, freed with free().
 *
 * Threads: a handle and its requests belong to one thread at a time; different handles are
 * independent. Fork: a child must not use its parent's handles, except to close them, which does
 * not disturb the parent.
 */
#ifndef XENOLITH_STORE_H
#define XENOLITH_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xenstore.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What every exported function is marked with. */
#define XSTORE_API   __attribute__((visibility("default")))
#define XSTORE_CHECK __attribute__((visibility("default"), warn_unused_result))

/* One connection to a daemon. */
typedef struct xstore_handle xstore_handle;

/*
 * Connects. where is the path of a socket or device, or NULL for the usual places: $XENSTORED_PATH,
 * or else the daemon's socket, or else the kernel's xenbus device. The caller closes *ret_xs.
 */
XSTORE_CHECK int xstore_open(const char *where, xstore_handle **ret_xs);

/* As xstore_open(); on failure also writes the reason to why, at most size bytes with the zero. */
XSTORE_CHECK int xstore_open_why(const char *where, xstore_handle **ret_xs, char *why, size_t size);

/*
 * Closes and frees; NULL is fine. Watches end, and open transactions end without effect. Requests
 * may be freed later.
 */
XSTORE_API void xstore_close(xstore_handle *xs);

/*
 * How long calls that wait do so, in milliseconds; -1, the value at first, for ever. After
 * -ETIMEDOUT the handle can be used on; what the daemon answers late is ignored.
 */
XSTORE_API void xstore_set_timeout(xstore_handle *xs, int milliseconds);

/*
 * For event loops. Wait until get_fd() has one of get_events() (POLLIN, POLLOUT), at most
 * get_timeout() milliseconds (-1: any time), then call process(), which never blocks, and take what
 * has come: events and results of requests. Ask anew each time round. process() fails only when the
 * connection is lost, or with -ENOMEM; then nothing is lost, call it again.
 */
XSTORE_API int xstore_get_fd(const xstore_handle *xs);
XSTORE_API short xstore_get_events(const xstore_handle *xs);
XSTORE_API int xstore_get_timeout(const xstore_handle *xs);
XSTORE_CHECK int xstore_process(xstore_handle *xs);

/*
 * The last failure as a chain: link 0 says what the caller wanted, the last link is the deepest
 * known cause. Valid until the next call with the handle; a call that succeeds need not clear it.
 * count is 0 when nothing has failed yet.
 */
XSTORE_API unsigned int xstore_error_count(const xstore_handle *xs);
XSTORE_API int xstore_error_code(const xstore_handle *xs, unsigned int link); /* 0: no such link */
XSTORE_API const char *xstore_error_text(const xstore_handle *xs, unsigned int link); /* or NULL */

/*
 * The chain as one line, "cannot write /a: the store daemon says EACCES". Writes at most size bytes
 * with the zero; returns the full length, as snprintf() does.
 */
XSTORE_API size_t xstore_error_format(const xstore_handle *xs, char *buf, size_t size);

/*
 * Paths from pieces, as printf() does it: xstore_path(buf, "/local/domain/%u/name", domid). Returns
 * buf, or NULL when the path is too long for the store. In C, XSTORE_PATH("...", ...) brings a
 * buffer that lives as long as the enclosing block.
 */
#define XSTORE_PATH_SIZE 3073
XSTORE_API const char *xstore_path(char buf[XSTORE_PATH_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#ifndef __cplusplus
#define XSTORE_PATH(...) xstore_path((char[XSTORE_PATH_SIZE]){0}, __VA_ARGS__)
#endif

/*
 * Requests. Each waits for its answer. t is a transaction or XBT_NULL.
 *
 * A value of *ret_len bytes with a zero behind it; ret_len may be NULL.
 */
XSTORE_CHECK int xstore_read(xstore_handle *xs, xs_transaction_t t, const char *path,
                             char **ret_value, size_t *ret_len);
/* Sets a value; creates the node and those above as needed. */
XSTORE_CHECK int xstore_write(xstore_handle *xs, xs_transaction_t t, const char *path,
                              const void *value, size_t len);
/* Creates a node and those above as needed; fine when there is one. */
XSTORE_CHECK int xstore_mkdir(xstore_handle *xs, xs_transaction_t t, const char *path);
/* Removes a node and all below; fine when there is none. */
XSTORE_CHECK int xstore_rm(xstore_handle *xs, xs_transaction_t t, const char *path);
/* Whether there is a node that the caller may read. */
XSTORE_CHECK int xstore_exists(xstore_handle *xs, xs_transaction_t t, const char *path,
                               bool *ret_exists);
/* The names of the children. */
XSTORE_CHECK int xstore_list(xstore_handle *xs, xs_transaction_t t, const char *path,
                             char ***ret_names, unsigned int *ret_nr);
/* Permissions; see struct xs_permissions. */
XSTORE_CHECK int xstore_get_perms(xstore_handle *xs, xs_transaction_t t, const char *path,
                                  struct xs_permissions **ret_perms, unsigned int *ret_nr);
XSTORE_CHECK int xstore_set_perms(xstore_handle *xs, xs_transaction_t t, const char *path,
                                  const struct xs_permissions *perms, unsigned int nr);

/*
 * Typed values. Reading fails with -EBADMSG when the value is something else, and with -ERANGE for
 * a number that does not fit. Numbers are decimal, or hexadecimal with 0x; written decimal. A bool
 * is "0" or "1". A UUID is 16 bytes in the order of its text, 8-4-4-4-12 hexadecimal digits. A
 * string has no zero inside.
 */
XSTORE_CHECK int xstore_read_int(xstore_handle *xs, xs_transaction_t t, const char *path,
                                 int *ret_value);
XSTORE_CHECK int xstore_read_u64(xstore_handle *xs, xs_transaction_t t, const char *path,
                                 uint64_t *ret_value);
XSTORE_CHECK int xstore_read_bool(xstore_handle *xs, xs_transaction_t t, const char *path,
                                  bool *ret_value);
XSTORE_CHECK int xstore_read_uuid(xstore_handle *xs, xs_transaction_t t, const char *path,
                                  uint8_t ret_uuid[16]);
XSTORE_CHECK int xstore_read_string(xstore_handle *xs, xs_transaction_t t, const char *path,
                                    char **ret_string);
XSTORE_CHECK int xstore_write_int(xstore_handle *xs, xs_transaction_t t, const char *path,
                                  int value);
XSTORE_CHECK int xstore_write_u64(xstore_handle *xs, xs_transaction_t t, const char *path,
                                  uint64_t value);
XSTORE_CHECK int xstore_write_bool(xstore_handle *xs, xs_transaction_t t, const char *path,
                                   bool value);
XSTORE_CHECK int xstore_write_uuid(xstore_handle *xs, xs_transaction_t t, const char *path,
                                   const uint8_t uuid[16]);
XSTORE_CHECK int xstore_write_string(xstore_handle *xs, xs_transaction_t t, const char *path,
                                     const char *string);
/* A string made as printf() does it. */
XSTORE_CHECK int xstore_write_format(xstore_handle *xs, xs_transaction_t t, const char *path,
                                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * A transaction that repeats itself: fn is called, between start and end, until nothing interferes.
 * It makes its requests with t, must have no other lasting effect, and must not start a
 * transaction. fn returns 0 to commit; anything else ends the transaction without effect and is
 * returned. The timeout counts for all repetitions together.
 */
typedef int xstore_transaction_fn(xstore_handle *xs, xs_transaction_t t, void *arg);
XSTORE_CHECK int xstore_transaction(xstore_handle *xs, xstore_transaction_fn *fn, void *arg);

/* The same by hand. Ending with commit fails with -EAGAIN when others interfered. */
XSTORE_CHECK int xstore_transaction_start(xstore_handle *xs, xs_transaction_t *ret_t);
XSTORE_CHECK int xstore_transaction_end(xstore_handle *xs, xs_transaction_t t, bool commit);

/*
 * Watches: an event for each change of path and of everything below, and one at once. -EEXIST:
 * there is one with this path and token; unwatch -ENOENT: there is none. Unwatch also
 * drops the events of path and below with this token that have come: give a path and one below it
 * different tokens.
 */
XSTORE_CHECK int xstore_watch(xstore_handle *xs, const char *path, const char *token);
XSTORE_CHECK int xstore_unwatch(xstore_handle *xs, const char *path, const char *token);

struct xstore_event {
    const char *path; /* what changed */
    const char *token;
};

/*
 * The next event. Its strings belong to the handle, until the next call of either function. next
 * returns -EAGAIN when there is none yet; wait waits for one. When the connection is lost, events
 * that came before still are returned first.
 */
XSTORE_CHECK int xstore_next_event(xstore_handle *xs, struct xstore_event *ret_event);
XSTORE_CHECK int xstore_wait_event(xstore_handle *xs, struct xstore_event *ret_event);

/*
 * For toolstacks: connects a new domain by the ring in its frame and its event channel; ends that;
 * marks it as running again; gives it the rights of the domain target; asks whether it is
 * connected.
 */
XSTORE_CHECK int xstore_introduce(xstore_handle *xs, uint16_t domid, uint64_t frame, uint32_t port);
XSTORE_CHECK int xstore_release(xstore_handle *xs, uint16_t domid);
XSTORE_CHECK int xstore_resume(xstore_handle *xs, uint16_t domid);
XSTORE_CHECK int xstore_set_target(xstore_handle *xs, uint16_t domid, uint16_t target);
XSTORE_CHECK int xstore_is_introduced(xstore_handle *xs, uint16_t domid, bool *ret_introduced);

/* Has the daemon execute a command with nr arguments. The caller frees the answer. */
XSTORE_CHECK int xstore_control(xstore_handle *xs, const char *command, const char *const *args,
                                unsigned int nr, char **ret_answer);

/*
 * Requests that do not wait, as many at once as wanted; the daemon does them in their order. The
 * type is one of enum xsd_sockmsg_type; the parts, behind each other, are the body as the protocol
 * has it. The caller frees *ret_op.
 */
typedef struct xstore_op xstore_op;
struct xstore_part {
    const void *data;
    size_t len;
};
XSTORE_CHECK int xstore_start(xstore_handle *xs, xs_transaction_t t, unsigned int type,
                              const struct xstore_part *parts, unsigned int nr, xstore_op **ret_op);

/*
 * -EINPROGRESS until xstore_process() has got the answer; then 0 and its body, with a zero behind
 * it, which belongs to op; or how the request failed. ret_data and ret_len may be NULL.
 */
XSTORE_CHECK int xstore_op_result(xstore_handle *xs, const xstore_op *op, const char **ret_data,
                                  size_t *ret_len);

/* Frees, in any state; a request under way is still done, but its answer ignored. NULL is fine. */
XSTORE_API void xstore_op_free(xstore_op *op);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_STORE_H */
