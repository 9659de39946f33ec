/* SPDX-License-Identifier: MIT */
/*
 * life-host.h - for tests of the life of domains: a simulated host with our daemons and images for
 * guests, and short forms of creating and destroying. Whatever fails ends the test.
 */
#ifndef TESTS_LIFE_HOST_H
#define TESTS_LIFE_HOST_H

#include "life/life.h"
#include "light/sim-host.h"
#include "test-main.h"

extern xlight_handle *h;
extern char *nothing; /* what there is without a domain */
/* MiB of a guest. LESS_MIB: for tests that make very many; still more than STREAM_BATCH pages. */
#define LESS_MIB 5U
extern unsigned int guest_mib; /* 8 */

/*
 * Options are those of the simulated host, which has no more memory than these tests need unless
 * they say so. teardown() checks that nothing was left.
 */
void setup(const char *options);
void teardown(void);

/* The last error as one line. */
const char *text(void);
/* A guest "g" with more lines; to be freed. */
struct xlight_config *config(const char *more);
xlight_op *create_start(struct xlight_config *c, bool paused);
uint32_t create(const char *more, bool paused);
int destroy(uint32_t domid);
/* A node's value or "(none)", good for eight calls; format has one %u. */
char *value(const char *format, uint32_t domid);

#endif /* TESTS_LIFE_HOST_H */
