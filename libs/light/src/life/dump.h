/* SPDX-License-Identifier: MIT */
/* dump.h - inside of dump.c and dump-frames.c. */
#ifndef XENOLITH_LIGHT_LIFE_DUMP_H
#define XENOLITH_LIGHT_LIFE_DUMP_H

#include "life.h"

struct life_dump {
    xlight_handle *h;
    domid_t domid;
    char *path;
    int fd;
    bool made; /* the file is ours to remove */
    bool hvm;
    unsigned int nr_vcpus;
    void *shared_info;        /* a copy of the page; NULL: of no use to anybody */
    xen_pfn_t *frames, *pfns; /* what there is: frames to map, and of PV guests their pfns */
    uint64_t nr_frames, done;
    uint64_t limit, written; /* pages with content: how many at most, and how many there were */
    uint64_t vcpus_at, info_at, frames_at, pages_at; /* in the file */
};

/* dump-frames.c: a step that finds out which frames the domain has. */
int life_dump_look(xlight_op *op, void *state);

#endif /* XENOLITH_LIGHT_LIFE_DUMP_H */
