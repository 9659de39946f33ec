/* SPDX-License-Identifier: MIT */
/*
 * zstd.h - the working state of the zstd decoder and its two entropy coders (private to zstd*.c).
 *
 * Entropy-coded data is a bit stream that is read from its end towards its start. A stream always
 * lies inside a frame, behind at least 9 bytes of headers: the reader may therefore load the 8
 * bytes before any position, and never loads a byte after it.
 */
#ifndef DECOMPRESS_ZSTD_H
#define DECOMPRESS_ZSTD_H

#include "private.h"

#define ZSTD_BLOCK_MAX (128u << 10)

#define HUF_BITS_MAX    11
#define HUF_SYMBOLS_MAX 256
#define FSE_LOG_MAX     9
#define FSE_SYMBOLS_MAX 64 /* more than any alphabet but that of literals */

/* A table entry: the symbol, and how to get from this state to the next. */
struct fse_entry {
    u16 next; /* + nr_bits bits */
    u8 nr_bits;
    u8 symbol;
};

struct fse_table {
    unsigned int log;
    struct fse_entry entry[1 << FSE_LOG_MAX];
};

/* The same with the meaning of the symbol filled in, for sequences. */
struct seq_entry {
    u32 base; /* + extra_bits bits */
    u16 next; /* + nr_bits bits */
    u8 nr_bits;
    u8 extra_bits;
};

struct seq_table {
    bool valid;
    unsigned int log;
    struct seq_entry entry[1 << FSE_LOG_MAX];
};

enum { SEQ_LITERALS, SEQ_OFFSETS, SEQ_MATCHES, SEQ_TABLES };

struct zstd {
    u8 *out, *out_start, *out_end; /* out_start: of the frame */
    u32 rep[3];
    size_t block_max;

    const u8 *literals;
    size_t nr_literals;

    struct seq_table seq[SEQ_TABLES];
    struct fse_table fse;
    s16 counts[FSE_SYMBOLS_MAX];
    bool huf_valid;
    u16 huf[1 << HUF_BITS_MAX]; /* symbol << 8 | length of its code */
    u8 weights[HUF_SYMBOLS_MAX];
    u8 literal_buf[ZSTD_BLOCK_MAX + COPY_SLACK];
};

/* Backward bit reader; left: bits not yet read, negative after reading too much. */
struct bit_stream {
    const u8 *start;
    s64 left;
    u64 window; /* the next bits, highest first; see bits_fill */
};

/* 0 or -EINVAL: the last byte holds the end mark, so it is not 0. */
static inline int bits_open(struct bit_stream *b, const u8 *start, size_t len)
{
    if (!len || !start[len - 1])
        return -EINVAL;
    b->start = start;
    b->left = (s64)(len - 1) * 8 + 31 - __builtin_clz((u32)start[len - 1]);
    b->window = 0;
    return 0;
}

/* Makes at least 57 bits readable by bits_take; left must not be negative. */
static always_inline void bits_fill(struct bit_stream *b)
{
    s64 bytes = (b->left + 7) >> 3;

    b->window = load64(b->start + bytes - 8) << (bytes * 8 - b->left);
}

static always_inline u64 bits_take(struct bit_stream *b, unsigned int n)
{
    /* Two shifts, because n may be 0. */
    u64 value = (b->window >> 1) >> (63 - n);

    b->window <<= n;
    b->left -= n;
    return value;
}

/*
 * Reads the description of a distribution: counts[0..*ret_symbols) with -1 for "less than one", in
 * units of 1 / (1 << *ret_log). *ret_used: bytes read.
 */
int fse_read_counts(const u8 *in, size_t in_len, s16 *counts, unsigned int max_symbols,
                    unsigned int max_log, unsigned int *ret_symbols, unsigned int *ret_log,
                    size_t *ret_used) __must_check;
/* symbols <= FSE_SYMBOLS_MAX, log <= FSE_LOG_MAX, and the counts add up to 1 << log. */
void fse_build(struct fse_table *table, const s16 *counts, unsigned int symbols, unsigned int log);

/* Builds z->huf from its description. *ret_used: bytes read. */
int huf_read_table(struct zstd *z, const u8 *in, size_t in_len, size_t *ret_used) __must_check;
/* Decodes exactly n literals from one stream. */
int huf_decode(const u16 *table, const u8 *in, size_t in_len, u8 *out, size_t n) __must_check;

/* The sequences section of a block, [in, end): extends z->out by the block's contents. */
int zstd_sequences(struct zstd *z, const u8 *in, const u8 *end) __must_check;

#endif /* DECOMPRESS_ZSTD_H */
