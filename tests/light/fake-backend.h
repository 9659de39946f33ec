/* SPDX-License-Identifier: MIT */
/*
 * fake-backend.h - a process that serves devices as the kernel of domain 0 does, as far as the
 * store shows it: state 1 becomes 2, 5 becomes 6.
 */
#ifndef TESTS_LIGHT_FAKE_BACKEND_H
#define TESTS_LIGHT_FAKE_BACKEND_H

#define FAKE_STUCK  1U /* does not close */
#define FAKE_REFUSE 2U /* closes at once what should come */

/* Starts it for the store of sim-host.h. */
void fake_backend_start(unsigned int flags);
void fake_backend_stop(void);

#endif /* TESTS_LIGHT_FAKE_BACKEND_H */
