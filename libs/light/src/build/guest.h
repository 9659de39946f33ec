/* SPDX-License-Identifier: MIT */
/* guest.h - memory of the guest that is being built: giving it, and writing to it. */
#ifndef XENOLITH_LIGHT_BUILD_GUEST_H
#define XENOLITH_LIGHT_BUILD_GUEST_H

#include "build.h"

struct xlight__guest {
    xctl_handle *h;
    domid_t domid;
    xen_pfn_t *p2m; /* PV: frame of each pfn; NULL: pfns are frames */
    struct xlight__why *why;
};

/* PV: fills p2m[0 .. pages), which holds nothing yet, with memory in blocks as large as possible.
 */
int xlight__guest_populate_pv(struct xlight__guest *g, uint64_t pages);
/* Others: memory at frames first .. first + pages; flags are XENMEMF_*. */
int xlight__guest_populate(struct xlight__guest *g, uint64_t first, uint64_t pages,
                           unsigned int flags);

/* Maps count pages from pfn on side by side, writable. */
int xlight__guest_map(struct xlight__guest *g, uint64_t pfn, uint64_t count, void **ret_addr);
int xlight__guest_unmap(struct xlight__guest *g, void *addr, uint64_t count);

/*
 * Calls fill for pieces of a range of pages one after the other: at is bytes from its start. The
 * range may be larger than what can be mapped at once.
 */
typedef int (*xlight__guest_fill)(void *arg, uint64_t at, void *to, size_t size,
                                  struct xlight__why *why);
int xlight__guest_write(struct xlight__guest *g, uint64_t pfn, uint64_t count,
                        xlight__guest_fill fill, void *arg);

/* A blob from pfn on; the rest of its last page is cleared. */
int xlight__guest_put_blob(struct xlight__guest *g, uint64_t pfn, const struct xlight__blob *b);
/* The kernel's segments; paddr is the ELF address that pfn stands for. */
int xlight__guest_put_kernel(struct xlight__guest *g, uint64_t pfn, uint64_t pages, uint64_t paddr,
                             const struct xlight__kernel *k);

/* What Dom0's daemons need to map the rings of the console and the store: grants 0 and 1. */
int xlight__guest_seed_grants(struct xlight__guest *g, const struct xlight__build *b,
                              uint64_t console_frame, uint64_t store_frame);

/* Sets memory aside before the build, and lets go of what is left after it. */
int xlight__guest_claim(struct xlight__guest *g, const struct xlight__build *b, uint64_t pages);
void xlight__guest_unclaim(struct xlight__guest *g, const struct xlight__build *b);

/* -EOPNOTSUPP unless the hypervisor runs guests of this kind, such as "xen-3.0-x86_64". */
int xlight__guest_check_caps(struct xlight__guest *g, const char *kind);

#endif /* XENOLITH_LIGHT_BUILD_GUEST_H */
