/* SPDX-License-Identifier: MIT */
/* hvm-state.h - the state that the first vCPU of a PVH guest starts with. */
#ifndef XENOLITH_LIGHT_BUILD_HVM_STATE_H
#define XENOLITH_LIGHT_BUILD_HVM_STATE_H

#include "why.h"

/*
 * Sets up vCPU 0 in 32-bit protected mode at entry, with ebx as its only argument, and memory
 * types for all of them. The domain must be paused.
 */
int xlight__hvm_start_state(xctl_handle *h, domid_t domid, unsigned int vcpus, uint32_t entry,
                            uint32_t ebx, struct xlight__why *why);

#endif /* XENOLITH_LIGHT_BUILD_HVM_STATE_H */
