/* SPDX-License-Identifier: MIT */
/*
 * light.h - virtual machines on a Xen host from C: all that the xl tool can do, as a library.
 *
 * There is no central daemon: a handle talks to the hypervisor and to the store daemon, and what
 * has to outlive the caller is in the store and in files. The library holds no state outside its
 * handles, starts no threads, installs no signal handlers, and never prints, exits or aborts.
 *
 * Results: every function that can fail returns 0 (or a count where its text says so) or a
 * negative errno. Results are stored through the ret_ parameters, last, and are left alone on
 * failure. The handle then knows why; see xlight_error_format(). -ENOMEM is possible everywhere
 * and not repeated.
 *
 * Threads: a handle and all that was made from it belong to one thread at a time. Different
 * handles are independent. Fork: a child must not use its parent's handles, except to close them;
 * it opens its own.
 */
#ifndef XENOLITH_LIGHT_H
#define XENOLITH_LIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What every exported function is marked with. */
#define XLIGHT_API   __attribute__((visibility("default")))
#define XLIGHT_CHECK __attribute__((visibility("default"), warn_unused_result))

#define XLIGHT_NO_DOMAIN 0x7ff4U /* of an error that concerns no domain */

/* A host, with its hypervisor and its store. */
typedef struct xlight_handle xlight_handle;

/* The handles below, of <xenolith/ctrl.h> and <xenolith/store.h>. */
struct xctl_handle;
struct xstore_handle;

/*
 * Opens the host that this program runs on, or a simulated one.
 *   where NULL or "":  this host, and its store daemon
 *   "sim:..."          a simulated host, as <xenolith/ctrl-sim.h> has it, with three more options:
 *                      store=PATH, the socket of a store daemon. Without it the host has no
 *                      store, and what needs one fails with -ENOTCONN.
 *                      state=PATH, a directory for the files that are in /var/lib/xen, /run/xen and
 *                      /var/cache/xenolith otherwise. Without it nothing is written down.
 *                      sys=PATH, a directory like the /sys of a kernel that serves devices. Without
 *                      it there are none.
 * The caller closes *ret_h. Fails as xctl_open() and xstore_open() do; also -EACCES when the
 * hypervisor speaks another version of the control ABI than we do.
 */
XLIGHT_CHECK int xlight_open(const char *where, xlight_handle **ret_h);

/* As xlight_open(); on failure also writes the reason to why, at most size bytes with the zero. */
XLIGHT_CHECK int xlight_open_why(const char *where, xlight_handle **ret_h, char *why, size_t size);

/* Closes a handle and frees it; NULL is fine. Whatever was made from it must be freed before. */
XLIGHT_API void xlight_close(xlight_handle *h);

/*
 * What the handle works with, for calls that this library does not have. They belong to the handle;
 * their errors are their own. store is NULL when a simulated host has none.
 */
XLIGHT_API struct xctl_handle *xlight_ctrl(xlight_handle *h);
XLIGHT_API struct xstore_handle *xlight_store(xlight_handle *h);

/*
 * The last failure of this handle as a chain: link 0 says what the caller wanted, the last link
 * is the deepest known cause. Valid until the next call with the handle; a call that succeeds
 * need not clear it. count is 0 when nothing has failed yet.
 */
XLIGHT_API unsigned int xlight_error_count(const xlight_handle *h);
XLIGHT_API int xlight_error_code(const xlight_handle *h, unsigned int link); /* 0: no such link */
/* The domain that a link is about, or XLIGHT_NO_DOMAIN. */
XLIGHT_API uint32_t xlight_error_domid(const xlight_handle *h, unsigned int link);
XLIGHT_API const char *xlight_error_text(const xlight_handle *h, unsigned int link);

/*
 * The chain as one line, "cannot pause domain 5: domctl 3: ESRCH, no such domain". Writes at most
 * size bytes with the zero; returns the full length, as snprintf() does.
 */
XLIGHT_API size_t xlight_error_format(const xlight_handle *h, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_H */
