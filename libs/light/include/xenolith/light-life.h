/* SPDX-License-Identifier: MIT */
/*
 * light-life.h - domains come, run, and go. The rules of light.h apply, and what takes time is an
 * operation as light-op.h has it. Errors that all calls on a domain share: -ESRCH, there is no such
 * domain; -EPERM, it is domain 0, which has to do that itself; -ENOTCONN, there is no store.
 */
#ifndef XENOLITH_LIGHT_LIFE_H
#define XENOLITH_LIGHT_LIFE_H

#include <xenolith/light-config.h>
#include <xenolith/light-op.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xlight_create_options {
    size_t size;  /* of this structure */
    bool paused;  /* leaves the domain paused once it is whole */
    bool balloon; /* takes memory of domain 0 that is missing */
    /*
     * A file that is locked while memory is taken, as Xen's xl does it: so nobody takes what
     * domain 0 has given up for somebody else. NULL: none. It must live as the operation does.
     */
    const char *lock_file;
};
#define XLIGHT_CREATE_OPTIONS_INIT                               \
    {                                                            \
        sizeof(struct xlight_create_options), false, false, NULL \
    }

/*
 * Creates a domain and starts it; xlight_op_domid() says which. What config leaves open is chosen
 * and filled in: UUID, memory, vCPUs, devices. It stays the caller's, and must stay until the
 * operation is freed. options may be NULL.
 * -EEXIST: the name is in use, or the UUID, or the id that was wanted; -EOPNOTSUPP: config has what
 * this library or this hypervisor cannot do; -EINVAL: it does not go together; -ENOENT, -ENOEXEC
 * and others: the kernel is not there, or is none; -ENOMEM: not enough memory, of the host or ours.
 */
XLIGHT_CHECK int xlight_domain_create_start(xlight_handle *h, struct xlight_config *config,
                                            const struct xlight_create_options *options,
                                            xlight_op **ret_op);

/*
 * Destroys a domain at once: like pulling the plug. Works on what others made, and on what is left
 * of a domain when a toolstack was killed in the middle. Cannot be cancelled once it runs; goes on
 * as far as it can whatever fails, and can be repeated.
 */
XLIGHT_CHECK int xlight_domain_destroy_start(xlight_handle *h, uint32_t domid, xlight_op **ret_op);

/*
 * Asks the guest to end, or to start anew. The operation ends when it has taken the request; with
 * wait, when it has shut down or is gone. -ETIMEDOUT: within a minute it has not even taken it.
 */
XLIGHT_CHECK int xlight_domain_shutdown_start(xlight_handle *h, uint32_t domid, bool reboot,
                                              bool wait, xlight_op **ret_op);

/* Waits until a domain has shut down, or is gone. */
XLIGHT_CHECK int xlight_domain_wait_start(xlight_handle *h, uint32_t domid, xlight_op **ret_op);

/*
 * Writes a domain's memory and vCPUs to a file, in the format of Xen's toolstack. The domain may
 * run on meanwhile. A file that was there is overwritten; one that is not whole is removed. Pages
 * of a domain that is being restored lazily (light-move.h) are holes until they have come.
 * -ENODATA: the guest has not come far enough to know its own memory; -E2BIG: it claims to have
 * more than it can have, of which nothing is written.
 */
XLIGHT_CHECK int xlight_domain_dump_start(xlight_handle *h, uint32_t domid, const char *path,
                                          xlight_op **ret_op);

/*
 * What a configuration wants to happen when its domain ends by itself: an enum xlight_action for
 * one of SHUTDOWN_* of <xenolith/public/sched.h>, as struct xlight_domain has it.
 */
XLIGHT_API int xlight_config_action(const struct xlight_config *config, int reason);

/* Pausing is counted by the hypervisor. -EINVAL of unpause: it was not paused by a toolstack. */
XLIGHT_CHECK int xlight_domain_pause(xlight_handle *h, uint32_t domid);
XLIGHT_CHECK int xlight_domain_unpause(xlight_handle *h, uint32_t domid);

/* Another name. -EEXIST: some domain has it; -EINVAL: it is empty. */
XLIGHT_CHECK int xlight_domain_rename(xlight_handle *h, uint32_t domid, const char *name);

/*
 * The configuration that a domain was created with, and what was changed since. The caller frees
 * *ret_config. -ENOENT: nobody wrote it down.
 */
XLIGHT_CHECK int xlight_domain_config(xlight_handle *h, uint32_t domid,
                                      struct xlight_config **ret_config);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_LIFE_H */
