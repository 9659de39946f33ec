/* SPDX-License-Identifier: MIT */
/* sim-guest.h - domains on the simulated host for tests of the builder, and a look into them. */
#ifndef TESTS_BUILD_SIM_GUEST_H
#define TESTS_BUILD_SIM_GUEST_H

#include "build.h"
#include <xenolith/ctrl-sim.h>

/* New memory of domains is filled with this, so that nobody gets away with not clearing it. */
#define JUNK 0xc2
extern int sim_junk; /* 0: left as it is, for large guests */

extern xctl_handle *sim_h;
void sim_start(const char *options);
/* Checks the host's books. */
void sim_stop(void);

/* A domain as the caller of the builder makes it, and the arguments of the builder for it. */
struct xlight__build sim_domain_make(bool hvm, uint64_t pages, unsigned int vcpus);
/* Destroys it; it must be gone at once, so nobody may have its memory mapped. */
void sim_domain_drop(domid_t domid);

/* A page of a domain, by the frame that the toolstack knows. Valid until the next call. */
const void *sim_page_of(domid_t domid, xen_pfn_t frame);
void sim_pages_forget(void);

#endif /* TESTS_BUILD_SIM_GUEST_H */
