/* SPDX-License-Identifier: MIT */
/*
 * sim-host.h - a host for tests: simulated hypervisor, and the store daemon of this build. Needs
 * no root. Ends the test when it cannot be had.
 */
#ifndef TESTS_LIGHT_SIM_HOST_H
#define TESTS_LIGHT_SIM_HOST_H

#include <xenolith/light.h>

extern char sim_dir[];   /* a directory that is removed at the end */
extern char sim_where[]; /* what xlight_open() takes for another handle */

/* Starts all and opens a handle. options are those of the simulated host, or "". */
xlight_handle *sim_start(const char *options);
/* Ends the store daemon only, without a word. */
void sim_kill_store(void);
/* Ends all, closes the handle. */
void sim_end(xlight_handle *h);

/* The factor of all limits of time, $TEST_SCALE. */
int sim_scale(void);

#endif /* TESTS_LIGHT_SIM_HOST_H */
