/* SPDX-License-Identifier: MIT */
/*
 * zstd-sequences.c - the second half of a zstd block: sequences of "copy literals, copy a match".
 *
 * Three FSE states run through one bit stream and give codes for the literal length, the offset and
 * the match length. The tables are kept from block to block.
 */
#include "zstd.h"

#define OFFSET_CODE_MAX 31
#define REP_OFFSETS     3

enum { MODE_PREDEFINED, MODE_RLE, MODE_FSE, MODE_REPEAT };

struct code {
    u32 base;
    u8 extra_bits;
};

static const struct code literal_codes[] = {
    {0, 0},     {1, 0},      {2, 0},      {3, 0},      {4, 0},   {5, 0},     {6, 0},     {7, 0},
    {8, 0},     {9, 0},      {10, 0},     {11, 0},     {12, 0},  {13, 0},    {14, 0},    {15, 0},
    {16, 1},    {18, 1},     {20, 1},     {22, 1},     {24, 2},  {28, 2},    {32, 3},    {40, 3},
    {48, 4},    {64, 6},     {128, 7},    {256, 8},    {512, 9}, {1024, 10}, {2048, 11}, {4096, 12},
    {8192, 13}, {16384, 14}, {32768, 15}, {65536, 16},
};

static const struct code match_codes[] = {
    {3, 0},     {4, 0},     {5, 0},      {6, 0},      {7, 0},      {8, 0},   {9, 0},     {10, 0},
    {11, 0},    {12, 0},    {13, 0},     {14, 0},     {15, 0},     {16, 0},  {17, 0},    {18, 0},
    {19, 0},    {20, 0},    {21, 0},     {22, 0},     {23, 0},     {24, 0},  {25, 0},    {26, 0},
    {27, 0},    {28, 0},    {29, 0},     {30, 0},     {31, 0},     {32, 0},  {33, 0},    {34, 0},
    {35, 1},    {37, 1},    {39, 1},     {41, 1},     {43, 2},     {47, 2},  {51, 3},    {59, 3},
    {67, 4},    {83, 4},    {99, 5},     {131, 7},    {259, 8},    {515, 9}, {1027, 10}, {2051, 11},
    {4099, 12}, {8195, 13}, {16387, 14}, {32771, 15}, {65539, 16},
};

static const s16 literal_default[] = {4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1,  1,  2,  2,
                                      2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1};
static const s16 offset_default[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 1,  1,  1,  1,  1, 1,
                                     1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1};
static const s16 match_default[] = {1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1,  1,  1,  1,  1,  1,  1, 1,
                                    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1,  1,  1,  1,  1, 1,
                                    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1};

/* In the order of struct zstd's seq[], which is that of the descriptions in the stream. */
static const struct alphabet {
    const struct code *codes; /* NULL: offsets, a code is the number of extra bits */
    unsigned int nr_codes, max_log, default_log, nr_default;
    const s16 *default_counts;
} alphabets[SEQ_TABLES] = {
    {literal_codes, ARRAY_SIZE(literal_codes), 9, 6, ARRAY_SIZE(literal_default), literal_default},
    {NULL, OFFSET_CODE_MAX + 1, 8, 5, ARRAY_SIZE(offset_default), offset_default},
    {match_codes, ARRAY_SIZE(match_codes), 9, 6, ARRAY_SIZE(match_default), match_default},
};

static void set_meaning(struct seq_entry *e, const struct alphabet *a, unsigned int code)
{
    if (a->codes) {
        e->base = a->codes[code].base;
        e->extra_bits = a->codes[code].extra_bits;
    } else {
        e->base = 1u << code;
        e->extra_bits = (u8)code;
    }
}

static void fill_table(struct zstd *z, struct seq_table *t, const struct alphabet *a,
                       const s16 *counts, unsigned int symbols, unsigned int log)
{
    fse_build(&z->fse, counts, symbols, log);
    for (unsigned int i = 0; i < 1u << log; i++) {
        const struct fse_entry *from = &z->fse.entry[i];

        t->entry[i].next = from->next;
        t->entry[i].nr_bits = from->nr_bits;
        set_meaning(&t->entry[i], a, from->symbol);
    }
    t->log = log;
}

static int read_table(struct zstd *z, unsigned int which, unsigned int mode, const u8 **in,
                      const u8 *end)
{
    const struct alphabet *a = &alphabets[which];
    struct seq_table *t = &z->seq[which];
    unsigned int symbols, log;
    size_t used;
    int ret;

    switch (mode) {
    case MODE_PREDEFINED:
        fill_table(z, t, a, a->default_counts, a->nr_default, a->default_log);
        break;
    case MODE_RLE:
        if (*in == end || **in >= a->nr_codes)
            return -EINVAL;
        set_meaning(&t->entry[0], a, *(*in)++);
        t->entry[0].next = 0;
        t->entry[0].nr_bits = 0;
        t->log = 0;
        break;
    case MODE_FSE:
        ret = fse_read_counts(*in, (size_t)(end - *in), z->counts, a->nr_codes, a->max_log,
                              &symbols, &log, &used);
        if (ret)
            return ret;
        *in += used;
        fill_table(z, t, a, z->counts, symbols, log);
        break;
    default:
        return t->valid ? 0 : -EINVAL;
    }
    t->valid = true;
    return 0;
}

/*
 * An offset value above 3 is new; 1 to 3 mean recent ones, shifted by one place when there are no
 * literals (then the latest one would only continue the match before). 0 means damage.
 */
static always_inline u32 resolve_offset(u32 *rep, u32 value, bool no_literals)
{
    u32 offset;
    unsigned int i;

    if (likely(value > REP_OFFSETS)) {
        offset = value - REP_OFFSETS;
        rep[2] = rep[1];
        rep[1] = rep[0];
        rep[0] = offset;
        return offset;
    }
    i = value - 1 + no_literals;
    if (!i)
        return rep[0];
    offset = i < REP_OFFSETS ? rep[i] : rep[0] - 1;
    if (i > 1)
        rep[2] = rep[1];
    rep[1] = rep[0];
    rep[0] = offset;
    return offset;
}

/* Copies literals; *from advances. Both buffers have been checked to hold n more bytes. */
static always_inline void copy_literals(u8 *out, const u8 **from, size_t n, size_t room)
{
    if (likely(room >= n + COPY_SLACK))
        copy_words(out, *from, n);
    else
        memcpy(out, *from, n);
    *from += n;
}

static int run_sequences(struct zstd *z, struct bit_stream *b, unsigned int n)
{
    const struct seq_table *tables = z->seq;
    const struct seq_entry *lit_table = tables[SEQ_LITERALS].entry;
    const struct seq_entry *off_table = tables[SEQ_OFFSETS].entry;
    const struct seq_entry *match_table = tables[SEQ_MATCHES].entry;
    const u8 *literals = z->literals, *literals_end = literals + z->nr_literals;
    u8 *out = z->out, *const out_end = z->out_end;
    struct bit_stream s = *b;
    u32 rep[REP_OFFSETS] = {z->rep[0], z->rep[1], z->rep[2]};
    size_t lit_state, off_state, match_state;

    bits_fill(&s);
    lit_state = bits_take(&s, tables[SEQ_LITERALS].log);
    off_state = bits_take(&s, tables[SEQ_OFFSETS].log);
    match_state = bits_take(&s, tables[SEQ_MATCHES].log);
    while (n--) {
        const struct seq_entry *lit = &lit_table[lit_state], *off = &off_table[off_state];
        const struct seq_entry *match = &match_table[match_state];
        size_t lit_len, match_len, room = (size_t)(out_end - out);
        u32 offset;

        /* At most 31 + 16 bits here and 16 + 9 + 9 + 8 after the second filling. */
        if (unlikely(s.left < 0))
            return -EINVAL;
        bits_fill(&s);
        offset = off->base + (u32)bits_take(&s, off->extra_bits);
        match_len = match->base + bits_take(&s, match->extra_bits);
        if (unlikely(s.left < 0))
            return -EINVAL;
        bits_fill(&s);
        lit_len = lit->base + bits_take(&s, lit->extra_bits);
        if (likely(n)) {
            lit_state = lit->next + bits_take(&s, lit->nr_bits);
            match_state = match->next + bits_take(&s, match->nr_bits);
            off_state = off->next + bits_take(&s, off->nr_bits);
        }

        offset = resolve_offset(rep, offset, !lit_len);
        if (unlikely(lit_len > (size_t)(literals_end - literals)))
            return -EINVAL;
        if (unlikely(lit_len + match_len > room))
            return -ENOSPC;
        copy_literals(out, &literals, lit_len, room);
        out += lit_len;
        if (unlikely(!offset || offset > (size_t)(out - z->out_start)))
            return -EINVAL;
        copy_match(out, offset, match_len, room - lit_len);
        out += match_len;
    }
    if (s.left)
        return -EINVAL;
    memcpy(z->rep, rep, sizeof(rep));
    z->nr_literals = (size_t)(literals_end - literals);
    z->literals = literals;
    z->out = out;
    return 0;
}

static int read_sequences(struct zstd *z, const u8 **in, const u8 *end, unsigned int n)
{
    unsigned int modes;
    struct bit_stream b;
    int ret;

    if (*in == end)
        return -EINVAL;
    modes = *(*in)++;
    if (modes & 3)
        return -EINVAL;
    for (unsigned int i = 0; i < SEQ_TABLES; i++) {
        ret = read_table(z, i, (modes >> (6 - 2 * i)) & 3, in, end);
        if (ret)
            return ret;
    }
    ret = bits_open(&b, *in, (size_t)(end - *in));
    return ret ? ret : run_sequences(z, &b, n);
}

int zstd_sequences(struct zstd *z, const u8 *in, const u8 *end)
{
    unsigned int n;
    int ret;

    if (in == end)
        return -EINVAL;
    n = *in++;
    if (n >= 128) {
        size_t more = n == 255 ? 2 : 1;

        if ((size_t)(end - in) < more)
            return -EINVAL;
        n = n == 255 ? load16(in) + 0x7f00u : ((n - 128) << 8) + in[0];
        in += more;
    }
    if (n) {
        ret = read_sequences(z, &in, end, n);
        if (ret)
            return ret;
    } else if (in != end) {
        return -EINVAL;
    }
    if (z->nr_literals > (size_t)(z->out_end - z->out))
        return -ENOSPC;
    memcpy(z->out, z->literals, z->nr_literals);
    z->out += z->nr_literals;
    return 0;
}
