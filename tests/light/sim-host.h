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
/* Starts the console daemon, too. */
void sim_start_console(void);
/* Ends the store daemon only, without a word. */
void sim_kill_store(void);
/* Ends all, closes the handle. */
void sim_end(xlight_handle *h);

/*
 * All that a host has, as text: domains, nodes of the store, files below sim_dir, free memory. To
 * be freed. What belongs to no domain but to the host's history is left out.
 */
char *sim_snapshot(xlight_handle *h);
/* Waits until all is as it was, which takes the daemons a moment; ends the test if it does not. */
void sim_check_snapshot(xlight_handle *h, const char *before, const char *when);

/* The nth request to the store from now on fails with -EIO; 0: none. Linked with --wrap=xs__call.
 */
extern unsigned int sim_store_fail_in;

/* The factor of all limits of time, $TEST_SCALE. */
int sim_scale(void);

#endif /* TESTS_LIGHT_SIM_HOST_H */
