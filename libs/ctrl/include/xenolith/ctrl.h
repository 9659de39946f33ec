/* SPDX-License-Identifier: MIT */
/*
 * ctrl.h - control of a Xen host from C: hypercalls, event channels, grants, foreign memory.
 *
 * Follows the control ABI of Xen 4.17 (domctl and sysctl 0x15); structures of that ABI come from
 * <xenolith/public/...>. The library holds no state outside its handles, starts no threads,
 * installs no signal handlers, and never prints, exits or aborts.
 *
 * Results: every function that can fail returns 0 (or a count where its text says so) or a
 * negative errno. Results are stored through the ret_ parameters, last, and are left alone on
 * failure. The handle then knows why; see xctl_error_format().
 *
 * Errors that all calls share, not repeated below:
 *   -ENOMEM  no memory, ours or the hypervisor's       -ESRCH  no such domain, or no such vCPU
 *   -EPERM   the caller may not (not Dom0, not root)    -EINVAL an argument makes no sense
 *   -EACCES  the hypervisor speaks another version of the ABI; the error text names both
 *   -ENOSYS, -EOPNOTSUPP  this hypervisor does not have the operation, or not for this domain
 *
 * Threads: a handle and all that was opened from it belong to one thread at a time. Different
 * handles are independent. Fork: a child must not use its parent's handles, except to close them;
 * it opens its own.
 *
 * Units: memory is counted in pages of 4096 bytes unless a name says otherwise (_kb: KiB), time
 * in nanoseconds. A "frame" is a gfn of a translated (HVM, PVH) domain and an mfn of a PV domain.
 */
#ifndef XENOLITH_CTRL_H
#define XENOLITH_CTRL_H

#include <stddef.h>
#include <stdint.h>
#include <xenolith/public/xen.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What every exported function is marked with. */
#define XCTL_API   __attribute__((visibility("default")))
#define XCTL_CHECK __attribute__((visibility("default"), warn_unused_result))

#define XCTL_PAGE_SIZE  4096U
#define XCTL_PAGE_SHIFT 12U

/* The versions of the control ABI that this library speaks. */
#define XCTL_XEN_RELEASE    "4.17"
#define XCTL_DOMCTL_VERSION 0x15U
#define XCTL_SYSCTL_VERSION 0x15U
#define XCTL_NO_DOMAIN      DOMID_INVALID /* of an error that concerns no domain */

/* One connection to a host. */
typedef struct xctl_handle xctl_handle;

/*
 * Opens the host that this program runs on, or a simulated one.
 *   where NULL or "":  /dev/xen/privcmd, else /proc/xen/privcmd
 *   "sim:..."          a simulated host, see ctrl-sim.h
 * The caller closes *ret_h. -ENOENT, -ENODEV, -ENXIO: there is no hypervisor here; -EACCES: only
 * root may; -EINVAL: where is not understood.
 */
XCTL_CHECK int xctl_open(const char *where, xctl_handle **ret_h);

/* As xctl_open(); on failure also writes the reason to why, at most size bytes with the zero. */
XCTL_CHECK int xctl_open_why(const char *where, xctl_handle **ret_h, char *why, size_t size);

/*
 * Closes a handle and frees it; NULL is fine. Whatever was opened from it (event channels,
 * mappings, buffers) must be closed before.
 */
XCTL_API void xctl_close(xctl_handle *h);

/*
 * From now on the handle works on this domain only: mappings, grants, device-model calls and event
 * channels of others get -EPERM, and hypercalls stop working altogether (the kernel cannot look
 * into them). Grants are checked by this library alone, the rest by the kernel too. What is mapped
 * or bound already stays so. -EBUSY: event channels are open that have not been restricted to the
 * same domain. Cannot be undone; repeating it with the same domain is fine, another one gives
 * -EINVAL.
 */
XCTL_CHECK int xctl_restrict(xctl_handle *h, domid_t domid);

/*
 * Checks that the hypervisor speaks our versions of domctl and sysctl. -EACCES if not; the error
 * text names ours and, if it can be found out, the hypervisor's.
 */
XCTL_CHECK int xctl_check_version(xctl_handle *h);

/*
 * The last failure of this handle as a chain: link 0 says what the caller wanted, the last link
 * is the deepest known cause. Valid until the next call with the handle; a call that succeeds
 * need not clear it. count is 0 when nothing has failed yet.
 */
XCTL_API unsigned int xctl_error_count(const xctl_handle *h);
XCTL_API int xctl_error_code(const xctl_handle *h, unsigned int link);      /* 0: no such link */
XCTL_API domid_t xctl_error_domid(const xctl_handle *h, unsigned int link); /* or XCTL_NO_DOMAIN */
XCTL_API const char *xctl_error_text(const xctl_handle *h, unsigned int link);

/*
 * The chain as one line, "cannot pause domain 5: domctl 3: ESRCH, no such domain". Writes at most
 * size bytes with the zero; returns the full length, as snprintf() does.
 */
XCTL_API size_t xctl_error_format(const xctl_handle *h, char *buf, size_t size);

/*
 * Memory that a hypercall may point to: page aligned, zeroed, never moved or swapped. The caller
 * frees it with the same size. -EINVAL: size is 0.
 */
XCTL_CHECK int xctl_buffer_alloc(xctl_handle *h, size_t size, void **ret_buf);
XCTL_API void xctl_buffer_free(xctl_handle *h, void *buf, size_t size);

/*
 * Any hypercall with up to five arguments; pointers in and behind them must be to memory of
 * xctl_buffer_alloc(). What it returned goes to *ret_result (may be NULL): the kernel keeps the
 * low 32 bits only. For what the typed calls do not cover.
 */
XCTL_CHECK int xctl_hypercall(xctl_handle *h, unsigned int op, const uint64_t args[5],
                              int64_t *ret_result);

/*
 * Sets of CPUs and nodes, as bytes with bit 0 first. A list is text like "0-3,8,^2": numbers and
 * ranges, those after ^ taken out again, "all" for everything; blanks may surround items.
 * -EINVAL: not such a list; -ERANGE: a number at or above nr_bits. bytes has (nr_bits + 7) / 8.
 */
XCTL_CHECK int xctl_bitmap_parse(const char *text, uint8_t *ret_bytes, unsigned int nr_bits);
/* The shortest list; returns the full length, as snprintf() does. An empty set is "". */
XCTL_API size_t xctl_bitmap_format(const uint8_t *bytes, unsigned int nr_bits, char *buf,
                                   size_t size);

#ifdef __cplusplus
}
#endif

#include <xenolith/ctrl-domain.h>
#include <xenolith/ctrl-vcpu.h>
#include <xenolith/ctrl-memory.h>
#include <xenolith/ctrl-host.h>
#include <xenolith/ctrl-event.h>
#include <xenolith/ctrl-grant.h>
#include <xenolith/ctrl-foreign.h>
#include <xenolith/ctrl-hvm.h>
#include <xenolith/ctrl-device.h>

#endif /* XENOLITH_CTRL_H */
