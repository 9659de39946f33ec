/* SPDX-License-Identifier: MIT */
/*
 * state.h - what the toolstack remembers of domains outside of the hypervisor.
 *
 *   home.c   their nodes in the store, as Xen's toolstack lays them out
 *   files.c  their configurations as JSON, in files with the names of Xen's toolstack, and locks
 *   domids.c which ids were in use a short time ago, so that nobody mistakes a new domain for one
 *            that was there a moment before
 *
 * Where files are says the handle; without such a place (a simulated host) nothing is remembered,
 * and that is no error.
 */
#ifndef XENOLITH_LIGHT_STATE_STATE_H
#define XENOLITH_LIGHT_STATE_STATE_H

#include "../private.h"
#include <xenolith/light-config.h>

/* Files */

#define XLIGHT__UUID_TEXT 37
void xlight__uuid_format(const uint8_t uuid[16], char text[XLIGHT__UUID_TEXT]);

/*
 * A lock that others see: a file that is there while somebody has it. Waits for them, so nobody
 * keeps one while waiting for anything else.
 */
int xlight__file_lock(xlight_handle *h, domid_t domid, const char *path, int *ret_fd);
void xlight__file_unlock(const char *path, int fd);

/* The same for the files of a domain. *ret_lock is -1 when the handle has no place for files. */
int xlight__state_lock(xlight_handle *h, domid_t domid, const uint8_t uuid[16], int *ret_lock);
void xlight__state_unlock(xlight_handle *h, domid_t domid, const uint8_t uuid[16], int lock);

/*
 * The configuration of a domain. Who changes it loads and saves under the lock; it is replaced as a
 * whole, so readers need none. load: -ENOENT, there is none; the caller frees *ret_c.
 */
int xlight__state_save(xlight_handle *h, domid_t domid, const uint8_t uuid[16],
                       const struct xlight_config *c);
int xlight__state_load(xlight_handle *h, domid_t domid, const uint8_t uuid[16],
                       struct xlight_config **ret_c);
/* Removes all files of the domain, ours and others'. */
int xlight__state_remove(xlight_handle *h, domid_t domid, const uint8_t uuid[16]);

/* Ids of domains */

#define XLIGHT__REUSE_SECONDS 60
/* Was there a domain with this id until less than XLIGHT__REUSE_SECONDS ago? */
int xlight__domid_recent(xlight_handle *h, domid_t domid, bool *ret_recent);
/* There was one until now. */
int xlight__domid_leave(xlight_handle *h, domid_t domid);

/* The store */

struct xlight__home {
    domid_t domid;
    const char *name;
    const uint8_t *uuid;
    int type; /* enum xlight_type_of_domain */
    /* It is on its way from somewhere, which may be this host: then both have its UUID for a while.
     */
    bool moved;
};

/* The nodes that a new domain starts with. -EEXIST: the name is in use, or the UUID. */
int xlight__home_create(xlight_handle *h, const struct xlight__home *home);

/* What the guest and the daemons need to know, once it is built. Also introduces the domain. */
struct xlight__home_built {
    uint64_t store_frame, console_frame;
    uint32_t store_port, console_port;
    domid_t console_domid;
};
int xlight__home_publish(xlight_handle *h, const struct xlight__home *home,
                         const struct xlight_config *c, const struct xlight__home_built *b);

/* Removes what is there of it, in any state; fine when there is nothing. */
int xlight__home_remove(xlight_handle *h, domid_t domid);

/* Another name. -EEXIST: it is in use; also by domain itself. */
int xlight__home_rename(xlight_handle *h, domid_t domid, const char *name);

/* Another domain with the UUID of this one: its id, or XLIGHT_NO_DOMAIN. */
int xlight__home_twin(xlight_handle *h, xs_transaction_t t, domid_t domid, const uint8_t uuid[16],
                      uint32_t *ret_domid);

/* A domain with this name: its id, or XLIGHT_NO_DOMAIN. */
int xlight__home_find(xlight_handle *h, xs_transaction_t t, const char *name, uint32_t *ret_domid);

#endif /* XENOLITH_LIGHT_STATE_STATE_H */
