/* SPDX-License-Identifier: MIT */
/* state.c - the stream of a live update: plain little-endian numbers and bytes. */
#include "state.h"
#include <stdlib.h>
#include <string.h>

void put_bytes(struct state_out *out, const void *data, size_t len)
{
    if (out->failed)
        return;
    if (out->len + len > out->room) {
        size_t room = 2 * (out->len + len) + 4096;
        char *p = realloc(out->buf, room);

        if (!p) {
            out->failed = true;
            return;
        }
        out->buf = p;
        out->room = room;
    }
    if (len)
        memcpy(out->buf + out->len, data, len);
    out->len += len;
}

void put_u32(struct state_out *out, uint32_t value)
{
    put_bytes(out, &value, sizeof(value));
}

void put_u64(struct state_out *out, uint64_t value)
{
    put_bytes(out, &value, sizeof(value));
}

const char *get_bytes(struct state_in *in, size_t len)
{
    const char *p = in->buf + in->at;

    if (in->failed || len > in->len - in->at) {
        in->failed = true;
        return NULL;
    }
    in->at += len;
    return p;
}

uint32_t get_u32(struct state_in *in)
{
    const char *p = get_bytes(in, 4);
    uint32_t value = 0;

    if (p)
        memcpy(&value, p, sizeof(value));
    return value;
}

uint64_t get_u64(struct state_in *in)
{
    const char *p = get_bytes(in, 8);
    uint64_t value = 0;

    if (p)
        memcpy(&value, p, sizeof(value));
    return value;
}

uint32_t get_count(struct state_in *in, size_t each)
{
    uint32_t n = get_u32(in);

    if (n > (in->len - in->at) / each)
        in->failed = true;
    return in->failed ? 0 : n;
}
