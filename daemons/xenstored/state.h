/* SPDX-License-Identifier: MIT */
/* state.h - a stream of bytes that one process writes and the next one reads. */
#ifndef XENSTORED_STATE_H
#define XENSTORED_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state_out {
    char *buf;
    size_t len, room;
    bool failed; /* out of memory: nothing more is written */
};

struct state_in {
    const char *buf;
    size_t len, at;
    bool failed; /* read beyond the end or something impossible: all further reads give 0 */
};

void put_u32(struct state_out *out, uint32_t value);
void put_u64(struct state_out *out, uint64_t value);
void put_bytes(struct state_out *out, const void *data, size_t len); /* without a length */

uint32_t get_u32(struct state_in *in);
uint64_t get_u64(struct state_in *in);
/* len bytes where they stand, or NULL when there are fewer. */
const char *get_bytes(struct state_in *in, size_t len);
/* A count of things that take at least `each` bytes in the stream: too many is a failure. */
uint32_t get_count(struct state_in *in, size_t each);

#endif /* XENSTORED_STATE_H */
