/* SPDX-License-Identifier: MIT */
/*
 * fake-guest.h - what a PV guest does of itself, on a simulated host where none runs: it tells
 * where its list of frames is, suspends when it is asked, and goes on.
 */
#ifndef TESTS_LIGHT_FAKE_GUEST_H
#define TESTS_LIGHT_FAKE_GUEST_H

#include "light/life-host.h"

/* An address of the guest: maps the page, writable or not; and its frame. */
void *guest_map(uint32_t domid, uint64_t va, bool write, xen_pfn_t *ret_frame);
void guest_unmap(void *p);
uint64_t guest_start_info(uint32_t domid);

/* Once it has booted, this word of its spare pages has a value that only this page has. */
#define GUEST_MARK 9
uint64_t guest_mark(uint64_t pfn);

/* After it was created. */
void guest_boot(uint32_t domid);
/* With the list as a tree of three levels, of pages that it gets for that. */
void guest_boot_tree(uint32_t domid);
/* Suspends if it was asked to; true: it has. */
bool guest_answer(uint32_t domid);
/* It is not suspended, and knows it: puts back what it had changed for that. */
void guest_check_runs(uint32_t domid, const char *when);

/* All that a restored one must be; text says when. Takes what it was told. */
void guest_check_restored(uint32_t domid, const char *when);

#endif /* TESTS_LIGHT_FAKE_GUEST_H */
