/* SPDX-License-Identifier: MIT */
/* store-dump.h - a part of the store as text, to be compared. */
#ifndef TESTS_LIGHT_STORE_DUMP_H
#define TESTS_LIGHT_STORE_DUMP_H

#include <xenolith/store.h>

/*
 * All nodes below a path, but not itself, in the order of their names: "/path = value (n0,r1)" with
 * a line end each. Nothing when there is no such path. To be freed.
 */
char *store_dump(xstore_handle *xs, const char *path);

#endif /* TESTS_LIGHT_STORE_DUMP_H */
