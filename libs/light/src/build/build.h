/* SPDX-License-Identifier: MIT */
/*
 * build.h - the domain builder: from an empty domain to one that only needs to be unpaused.
 *
 * Before: the domain was created, its vCPUs are allocated, its memory limit is set, its ports for
 * the store and the console are there. The builder gives it memory, puts kernel and ramdisk into
 * it, makes what the guest expects to find, and sets up its first vCPU.
 *
 * After a failure nothing of ours is left, but the domain is half built: the caller destroys it.
 * Blocks for as long as it takes; keeps no state.
 */
#ifndef XENOLITH_LIGHT_BUILD_BUILD_H
#define XENOLITH_LIGHT_BUILD_BUILD_H

#include "blob.h"
#include "kernel.h"

struct xlight__build {
    xctl_handle *h;
    domid_t domid;
    const struct xlight__kernel *kernel;
    const struct xlight__blob *ramdisk; /* NULL: none */
    const char *cmdline;                /* NULL: empty */
    uint64_t pages;                     /* that it starts with */
    uint64_t max_pages;                 /* that it may grow to; 0: as many as pages */
    unsigned int max_vcpus;
    unsigned int vcpus; /* PVH: that are online at the start, from 0 on; 0: all */
    domid_t store_domid, console_domid;
    uint32_t store_port, console_port; /* the guest's ends */
    bool claim;                        /* set the memory aside first: fail at once, or not at all */
};

/* What others must know of the result. */
struct xlight__built {
    uint64_t store_frame, console_frame; /* mfns of a PV guest, gfns of others */
};

int xlight__build_pv(const struct xlight__build *b, struct xlight__built *ret_built,
                     struct xlight__why *why);
int xlight__build_pvh(const struct xlight__build *b, struct xlight__built *ret_built,
                      struct xlight__why *why);

#endif /* XENOLITH_LIGHT_BUILD_BUILD_H */
