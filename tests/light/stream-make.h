/* SPDX-License-Identifier: MIT */
/* stream-make.h - a small saved guest for tests, and where its records are. */
#ifndef TESTS_LIGHT_STREAM_MAKE_H
#define TESTS_LIGHT_STREAM_MAKE_H

#include "stream/stream.h"

#define MAKE_PAGES 5U

struct made {
    struct xlight__out out;
    unsigned int nr;
    struct {
        size_t at, size; /* with header and padding */
        const char *name;
    } parts[32];
};

enum make_flags { MAKE_V2 = 1, MAKE_HVM = 2, MAKE_VERIFY = 4 };
/* The caller frees out. */
void stream_make(struct made *m, unsigned int flags);

#endif /* TESTS_LIGHT_STREAM_MAKE_H */
