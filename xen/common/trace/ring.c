/* SPDX-License-Identifier: MIT */
/* ring.c (trace) - see ring.h. One producer at a time. */
#include <xen/atomic.h>
#include <xen/compiler.h>
#include <xen/lib.h>
#include "ring.h"

#define LOST_WORDS 4 /* count, vCPU, time stamp */

void trace_ring_init(struct trace_ring *r, void *memory, u32 bytes)
{
    *r = (struct trace_ring){
        .indices = memory,
        .data = (u8 *)memory + sizeof(struct t_buf),
        .size = (u32)(bytes - sizeof(struct t_buf)),
    };
    r->indices->cons = r->indices->prod = 0;
}

static u32 record_size(unsigned int nr_words)
{
    return (u32)(4 + 8 + 4 * nr_words);
}

static u32 bytes_used(const struct trace_ring *r)
{
    u32 cons = READ_ONCE(r->indices->cons), used;

    if (cons >= 2 * r->size || cons % 4)
        return r->size;
    used = r->prod >= cons ? r->prod - cons : r->prod + 2 * r->size - cons;
    return MIN(used, r->size);
}

static u32 offset(const struct trace_ring *r)
{
    return r->prod >= r->size ? r->prod - r->size : r->prod;
}

static u32 bytes_to_end(const struct trace_ring *r)
{
    return r->size - offset(r);
}

static void advance(struct trace_ring *r, u32 bytes)
{
    r->prod += bytes;
    if (r->prod >= 2 * r->size)
        r->prod -= 2 * r->size;
}

static void put_u32(u8 *at, u32 value)
{
    memcpy(at, &value, sizeof(value));
}

static void write_record(struct trace_ring *r, u32 event, u64 tsc, const u32 *words, unsigned int n)
{
    u8 *at = r->data + offset(r);

    put_u32(at, event | n << TRACE_EXTRA_SHIFT | (u32)TRC_HD_CYCLE_FLAG);
    memcpy(at + 4, &tsc, sizeof(tsc));
    memcpy(at + 12, words, n * sizeof(*words));
    advance(r, record_size(n));
}

/* Fills the rest of the data, which is shorter than the longest record. */
static void write_wrap(struct trace_ring *r)
{
    u32 rest = bytes_to_end(r), words = rest / 4 - 1, event = TRC_TRACE_WRAP_BUFFER;

    memset(r->data + offset(r), 0, rest);
    if (words > TRACE_EXTRA_MAX) {
        event |= (u32)TRC_HD_CYCLE_FLAG;
        words -= 2;
    }
    put_u32(r->data + offset(r), event | words << TRACE_EXTRA_SHIFT);
    advance(r, rest);
}

/* What a record takes at this place, with what must fill the end before it. */
static u32 space_for(const struct trace_ring *r, u32 size)
{
    return bytes_to_end(r) < size ? bytes_to_end(r) + size : size;
}

static bool append(struct trace_ring *r, u32 event, u64 tsc, const u32 *words, unsigned int n)
{
    u32 size = record_size(n);

    if (r->size - bytes_used(r) < space_for(r, size))
        return false;
    if (bytes_to_end(r) < size)
        write_wrap(r);
    write_record(r, event, tsc, words, n);
    return true;
}

static bool report_lost(struct trace_ring *r, u64 tsc)
{
    u32 words[LOST_WORDS] = {r->lost, r->lost_vcpu, (u32)r->lost_since, (u32)(r->lost_since >> 32)};

    if (!append(r, TRC_LOST_RECORDS, tsc, words, LOST_WORDS))
        return false;
    r->lost = 0;
    return true;
}

static bool put_or_count(struct trace_ring *r, u32 event, u64 tsc, u32 who, const u32 *words,
                         unsigned int n)
{
    if ((!r->lost || report_lost(r, tsc)) && append(r, event, tsc, words, n))
        return true;
    if (r->lost++ == 0) {
        r->lost_since = tsc;
        r->lost_vcpu = who;
    }
    return false;
}

bool trace_ring_put(struct trace_ring *r, u32 event, u64 tsc, u32 who, const u32 *words,
                    unsigned int nr_words)
{
    u32 before = bytes_used(r);
    bool stored = put_or_count(r, event, tsc, who, words, nr_words);

    smp_wmb(); /* the records are there before the reader learns of them */
    WRITE_ONCE(r->indices->prod, r->prod);
    return stored && before < r->size / 2 && bytes_used(r) >= r->size / 2;
}
