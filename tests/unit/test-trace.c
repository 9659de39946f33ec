/* SPDX-License-Identifier: MIT */
/* test-trace.c - trace rings: a reader finds every record, or is told how many it missed. */
#include "test-main.h"
#include <stdlib.h>
#include <string.h>
#include <xen/lib.h>
#include "../../xen/common/trace/ring.h"

#define BYTES 512U

static _Alignas(8) u8 memory[BYTES];
static struct trace_ring ring;

/* What the reader has seen so far. */
static struct {
    u32 next; /* number that the next record should carry */
    u32 read, lost, wraps;
} seen;

static u32 word_at(u32 at)
{
    u32 value;

    ck_assert_uint_le(at + 4, ring.size);
    memcpy(&value, ring.data + at, 4);
    return value;
}

static void read_one(u32 *cons)
{
    u32 at = *cons % ring.size, head = word_at(at), extra = TRC_HD_EXTRA(head);
    u32 words = at + 4, size = 4 + 4 * extra;

    if (TRC_HD_INCLUDES_CYCLE_COUNT(head)) {
        words += 8;
        size += 8;
    }
    ck_assert_uint_le(at + size, ring.size);
    switch (TRC_HD_TO_EVENT(head)) {
    case TRC_TRACE_WRAP_BUFFER:
        ck_assert_uint_eq(at + size, ring.size);
        seen.wraps++;
        break;
    case TRC_LOST_RECORDS:
        ck_assert_uint_eq(extra, 4);
        seen.lost += word_at(words);
        seen.next += word_at(words);
        break;
    default:
        ck_assert_uint_eq(TRC_HD_TO_EVENT(head), TRC_SCHED_WAKE);
        for (u32 i = 0; i < extra; i++)
            ck_assert_uint_eq(word_at(words + 4 * i), seen.next + i);
        seen.next++;
        seen.read++;
    }
    *cons = (*cons + size) % (2 * ring.size);
}

static void read_up_to(unsigned int max)
{
    u32 cons = ring.indices->cons;

    while (max-- && cons != ring.indices->prod)
        read_one(&cons);
    ring.indices->cons = cons;
}

static bool put(u32 number, unsigned int words)
{
    u32 w[TRACE_EXTRA_MAX];

    for (u32 i = 0; i < TRACE_EXTRA_MAX; i++)
        w[i] = number + i;
    return trace_ring_put(&ring, TRC_SCHED_WAKE, 0x1122334455667788ULL + number, 5, w, words);
}

static void start(u32 bytes)
{
    memset(&seen, 0, sizeof(seen));
    memset(memory, 0, sizeof(memory));
    trace_ring_init(&ring, memory, bytes);
}

START_TEST(one_record)
{
    u64 tsc;

    start(BYTES);
    ck_assert(!put(0, 3));
    ck_assert_uint_eq(ring.indices->prod, 4 + 8 + 12);
    memcpy(&tsc, ring.data + 4, 8);
    ck_assert_uint_eq(tsc, 0x1122334455667788ULL);
    read_up_to(~0U);
    ck_assert_uint_eq(seen.read, 1);
}
END_TEST

START_TEST(tells_at_half_once)
{
    unsigned int told = 0;

    start(BYTES);
    for (u32 i = 0; i < 16; i++)
        told += put(i, 2);
    ck_assert_uint_eq(told, 1);
}
END_TEST

START_TEST(full_counts_lost)
{
    start(BYTES);
    for (u32 i = 0; i < 100; i++)
        put(i, 7);
    ck_assert_uint_eq(ring.lost, 100 - ring.size / 40);
    read_up_to(~0U);
    put(100, 7);
    read_up_to(~0U);
    ck_assert_uint_eq(seen.lost, 100 - (BYTES - 8) / 40);
    ck_assert_uint_eq(seen.read, 101 - seen.lost);
}
END_TEST

/* All sizes of rings and records, readers that are slow or not. */
START_TEST(nothing_gets_lost_silently)
{
    u32 n = 0;

    srand(7);
    for (u32 bytes = 128; bytes <= BYTES; bytes += 44) {
        start(bytes);
        for (n = 0; n < 2000; n++) {
            put(n, (unsigned int)rand() % (TRACE_EXTRA_MAX + 1));
            if (rand() % 3 == 0)
                read_up_to((unsigned int)rand() % 6);
        }
        read_up_to(~0U);
        ck_assert_uint_eq(seen.read + seen.lost + ring.lost, n);
        ck_assert_uint_gt(seen.wraps, 0);
    }
}
END_TEST

/* The reader's index is anything: nothing is written outside (the sanitizer looks). */
START_TEST(hostile_reader)
{
    srand(8);
    start(BYTES);
    for (u32 n = 0; n < 20000; n++) {
        ring.indices->cons = rand() % 2 ? (u32)rand() * 2 : (u32)rand() % (3 * BYTES);
        ring.indices->prod = (u32)rand();
        put(n, (unsigned int)rand() % (TRACE_EXTRA_MAX + 1));
        ck_assert_uint_lt(ring.prod, 2 * ring.size);
    }
}
END_TEST

TEST_MAIN("trace", one_record, tells_at_half_once, full_counts_lost, nothing_gets_lost_silently,
          hostile_reader)
