/* SPDX-License-Identifier: MIT */
/*
 * ring.h (trace) - records in a ring that a reader outside empties. Pure code.
 *
 * prod and cons run modulo twice the size of the data, so that full and empty differ. No record
 * lies across the end of the data: a wrap record fills the rest. The reader's index is not to be
 * trusted: a wrong one makes the ring look full.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <xen/types.h>
#include <public/trace.h>

struct trace_ring {
    struct t_buf *indices; /* shared with the reader */
    u8 *data;              /* shared */
    u32 size;              /* of data, bytes, multiple of 4 */
    u32 prod;              /* our own copy: the shared one is only shown */
    u32 lost;              /* records that found no room */
    u64 lost_since;        /* time stamp of the first of them */
    u32 lost_vcpu;         /* and who ran then */
};

void trace_ring_init(struct trace_ring *r, void *memory, u32 bytes);

/* Appends one record with a time stamp. Returns whether the ring became half full by it. */
bool trace_ring_put(struct trace_ring *r, u32 event, u64 tsc, u32 who, const u32 *words,
                    unsigned int nr_words);

#endif /* TRACE_RING_H */
