/* SPDX-License-Identifier: MIT */
/* sim-guest.h - domains on the simulated host for tests of the builder, and a look into them. */
#ifndef TESTS_BUILD_SIM_GUEST_H
#define TESTS_BUILD_SIM_GUEST_H

#include "build.h"
#include "build/images.h"
#include <xenolith/ctrl-sim.h>

/* New memory of domains is filled with this, so that nobody gets away with not clearing it. */
#define JUNK 0xc2
extern int sim_junk; /* 0: left as it is, for large guests */

extern xctl_handle *sim_h;
void sim_start(const char *options);
/* Checks the host's books. */
void sim_stop(void);

/* A kernel to build from, and a ramdisk with a pattern. */
struct sim_input {
    struct tiny tiny;
    struct bytes elf, ramdisk;
    struct xlight__blob elf_blob, ramdisk_blob;
    struct xlight__kernel *kernel;
};
void sim_input_make(struct sim_input *in, size_t ramdisk);
void sim_input_free(struct sim_input *in);

/* Why the last build failed: for the caller to empty before, with nr 0. */
extern struct xlight__why sim_why;
const char *sim_why_text(void);

/* What the host could still give, and what is set aside of it. */
uint64_t sim_free_pages(void);
uint64_t sim_set_aside(void);

/* A domain as the caller of the builder makes it, and the arguments of the builder for it. */
struct xlight__build sim_domain_make(bool hvm, uint64_t pages, unsigned int vcpus);
/* Destroys it; it must be gone at once, so nobody may have its memory mapped. */
void sim_domain_drop(domid_t domid);

/* What to build again and again, each time with another failure. */
struct sim_build {
    int (*build)(const struct xlight__build *b, struct xlight__built *ret_built,
                 struct xlight__why *why);
    const struct sim_input *in;
    bool hvm;
    uint64_t pages, max_pages;
    unsigned int vcpus;
};
/*
 * The n-th call (or allocation, counted down in *fail_in of fail-alloc.h), for every n, fails: the
 * build says so, with `wish` in the reason, and leaves nothing behind. There are more than `least`.
 */
void sim_each_call_fails(const struct sim_build *s, const char *wish, unsigned int least);
void sim_each_allocation_fails(const struct sim_build *s, int *fail_in, int least);

/* A page of a domain, by the frame that the toolstack knows. Valid until the next call. */
const void *sim_page_of(domid_t domid, xen_pfn_t frame);
void sim_pages_forget(void);

#endif /* TESTS_BUILD_SIM_GUEST_H */
