/* SPDX-License-Identifier: MIT */
/*
 * inflate.c - raw deflate streams, by table look-up.
 *
 * A 64-bit reservoir holds the next input bits, lowest first; only bits that really exist are
 * counted, and the rest reads as zero. The count is signed: it is checked once per symbol, and a
 * negative one means that the symbol was cut off by the end of the input. One filling is enough for
 * the longest symbol, 15 + 5 + 15 + 13 bits.
 */
#include "private.h"

#define CODE_BITS_MAX 15
#define LITERAL_BITS  10 /* index bits of the first-level tables */
#define DIST_BITS     8
#define LENGTH_BITS   7
#define NR_LITERALS   288
#define NR_DISTS      32
#define NR_LENGTHS    19
#define END_OF_BLOCK  256
#define SYMBOL_BITS   48

/* Second-level tables hold longer codes: at most one table per two of them. */
#define LITERAL_ENTRIES ((1 << LITERAL_BITS) + (NR_LITERALS / 2) * (1 << (15 - LITERAL_BITS)))
#define DIST_ENTRIES    ((1 << DIST_BITS) + (NR_DISTS / 2) * (1 << (15 - DIST_BITS)))
#define LENGTH_ENTRIES  (1 << LENGTH_BITS)

/*
 * A table entry: bits 0-7 length of the whole code (second level: index bits), 8-11 extra bits,
 * 12-15 kind, 16-31 literal, base of length or distance, or offset of the second level.
 */
enum { KIND_BASE, KIND_LITERAL, KIND_END, KIND_TABLE, KIND_INVALID };
#define ENTRY(kind, extra, value) ((u32)(value) << 16 | (u32)(kind) << 12 | (u32)(extra) << 8)
#define ENTRY_BITS(e)             ((e)&0xff)
#define ENTRY_EXTRA(e)            (((e) >> 8) & 15)
#define ENTRY_KIND(e)             (((e) >> 12) & 15)
#define ENTRY_VALUE(e)            ((e) >> 16)

struct inflate_state {
    u64 bits;
    int count;
    const u8 *in, *in_end;
    u8 *out, *out_start, *out_end;
    u8 lengths[NR_LITERALS + NR_DISTS];
    u16 sorted[NR_LITERALS];
    u32 literal[LITERAL_ENTRIES];
    u32 dist[DIST_ENTRIES];
    u32 length[LENGTH_ENTRIES];
};

const size_t deflate_state_size = sizeof(struct inflate_state);

static always_inline u64 low_bits(u64 bits, unsigned int n)
{
    return bits & (((u64)1 << n) - 1);
}

/* At least 56 bits, or all that are left. */
static always_inline void fill(u64 *bits, int *count, const u8 **in, const u8 *in_end)
{
    if (likely(in_end - *in >= 8)) {
        /* Bits above the count may be there already; they are the same bits. */
        *bits |= load64(*in) << *count;
        *in += (63 - *count) >> 3;
        *count |= 56;
        return;
    }
    while (*count <= 56 && *in < in_end) {
        *bits |= (u64) * (*in)++ << *count;
        *count += 8;
    }
}

/* n <= 32 bits outside the main loop; a negative count is noticed by the caller. */
static u32 take_bits(struct inflate_state *s, unsigned int n)
{
    u32 value;

    if (s->count < (int)n)
        fill(&s->bits, &s->count, &s->in, s->in_end);
    value = (u32)low_bits(s->bits, n);
    s->bits >>= n;
    s->count -= (int)n;
    return value;
}

static u32 entry_literal(unsigned int symbol)
{
    static const u16 base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                               31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const u8 extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                               2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

    if (symbol < END_OF_BLOCK)
        return ENTRY(KIND_LITERAL, 0, symbol);
    if (symbol == END_OF_BLOCK)
        return ENTRY(KIND_END, 0, 0);
    symbol -= END_OF_BLOCK + 1;
    if (symbol >= ARRAY_SIZE(base))
        return ENTRY(KIND_INVALID, 0, 0);
    return ENTRY(KIND_BASE, extra[symbol], base[symbol]);
}

static u32 entry_dist(unsigned int symbol)
{
    unsigned int extra = symbol < 2 ? 0 : symbol / 2 - 1;
    unsigned int base = symbol < 2 ? symbol : (2 + (symbol & 1)) << extra;

    if (symbol >= 30)
        return ENTRY(KIND_INVALID, 0, 0);
    return ENTRY(KIND_BASE, extra, base + 1);
}

static u32 entry_length(unsigned int symbol)
{
    return ENTRY(KIND_LITERAL, 0, symbol);
}

static unsigned int reverse_bits(unsigned int code, unsigned int bits)
{
    unsigned int r = 0;

    for (; bits; bits--, code >>= 1)
        r = r << 1 | (code & 1);
    return r;
}

/* Symbols by code length, then by value; checks that the lengths form a code. */
static int sort_symbols(u16 *sorted, const u8 *lengths, unsigned int n, unsigned int *count,
                        unsigned int *ret_max)
{
    unsigned int offset[CODE_BITS_MAX + 2] = {0}, max = 0;
    int left = 1;

    memset(count, 0, (CODE_BITS_MAX + 1) * sizeof(*count));
    for (unsigned int i = 0; i < n; i++)
        count[lengths[i]]++;
    count[0] = 0;
    for (unsigned int len = 1; len <= CODE_BITS_MAX; len++) {
        left = left * 2 - (int)count[len];
        if (left < 0)
            return -EINVAL;
        if (count[len])
            max = len;
        offset[len + 1] = offset[len] + count[len];
    }
    /* Only a code of no symbol or of one with one bit may be incomplete. */
    if (left && max > 1)
        return -EINVAL;
    for (unsigned int i = 0; i < n; i++)
        if (lengths[i])
            sorted[offset[lengths[i]]++] = (u16)i;
    *ret_max = max;
    return 0;
}

/*
 * Fills a table of 1 << index_bits entries, with second-level tables of one size behind it. Codes
 * come in increasing order, so that those with a common prefix follow each other.
 */
static int build_table(struct inflate_state *s, u32 *table, unsigned int index_bits,
                       const u8 *lengths, unsigned int n, u32 (*entry_of)(unsigned int))
{
    unsigned int count[CODE_BITS_MAX + 1], max, code = 0, next = 1u << index_bits, sub_bits, k = 0;
    unsigned int prefix = ~0u;
    int ret = sort_symbols(s->sorted, lengths, n, count, &max);

    if (ret)
        return ret;
    sub_bits = max > index_bits ? max - index_bits : 0;
    for (unsigned int i = 0; i < next; i++)
        table[i] = ENTRY(KIND_INVALID, 0, 0);
    for (unsigned int len = 1; len <= max; len++, code <<= 1) {
        for (unsigned int i = 0; i < count[len]; i++, code++) {
            u32 entry = entry_of(s->sorted[k++]) | len;
            unsigned int r = reverse_bits(code, len);

            if (len <= index_bits) {
                for (; r < 1u << index_bits; r += 1u << len)
                    table[r] = entry;
                continue;
            }
            if ((r & ((1u << index_bits) - 1)) != prefix) {
                prefix = r & ((1u << index_bits) - 1);
                table[prefix] = ENTRY(KIND_TABLE, 0, next) | sub_bits;
                next += 1u << sub_bits;
            }
            for (r >>= index_bits; r < 1u << sub_bits; r += 1u << (len - index_bits))
                table[ENTRY_VALUE(table[prefix]) + r] = entry;
        }
    }
    return 0;
}

static always_inline u32 look_up(const u32 *table, unsigned int index_bits, u64 bits)
{
    u32 e = table[low_bits(bits, index_bits)];

    if (unlikely(ENTRY_KIND(e) == KIND_TABLE))
        e = table[ENTRY_VALUE(e) + low_bits(bits >> index_bits, ENTRY_BITS(e))];
    return e;
}

/* The symbols of one block, up to its end mark. */
static int inflate_symbols(struct inflate_state *s)
{
    const u8 *in = s->in, *const in_end = s->in_end;
    u8 *out = s->out, *const out_end = s->out_end;
    u64 bits = s->bits;
    int count = s->count;

    for (;;) {
        size_t len, dist;
        u32 e;

        if (count < SYMBOL_BITS)
            fill(&bits, &count, &in, in_end);
        e = look_up(s->literal, LITERAL_BITS, bits);
        bits >>= ENTRY_BITS(e);
        count -= (int)ENTRY_BITS(e);
        if (unlikely(count < 0))
            return -EINVAL;
        if (ENTRY_KIND(e) == KIND_LITERAL) {
            if (unlikely(out == out_end))
                return -ENOSPC;
            *out++ = (u8)ENTRY_VALUE(e);
            continue;
        }
        if (unlikely(ENTRY_KIND(e) != KIND_BASE)) {
            if (ENTRY_KIND(e) != KIND_END)
                return -EINVAL;
            break;
        }
        len = ENTRY_VALUE(e) + low_bits(bits, ENTRY_EXTRA(e));
        bits >>= ENTRY_EXTRA(e);
        count -= (int)ENTRY_EXTRA(e);

        e = look_up(s->dist, DIST_BITS, bits);
        bits >>= ENTRY_BITS(e);
        dist = ENTRY_VALUE(e) + low_bits(bits, ENTRY_EXTRA(e));
        bits >>= ENTRY_EXTRA(e);
        count -= (int)(ENTRY_BITS(e) + ENTRY_EXTRA(e));
        if (unlikely(count < 0 || ENTRY_KIND(e) != KIND_BASE ||
                     dist > (size_t)(out - s->out_start)))
            return -EINVAL;
        if (unlikely(len > (size_t)(out_end - out)))
            return -ENOSPC;
        copy_match(out, dist, len, (size_t)(out_end - out));
        out += len;
    }
    s->in = in;
    s->out = out;
    s->bits = bits;
    s->count = count;
    return 0;
}

/* Gives whole unread bytes back to the input and drops the rest of the current one. */
static void align_to_byte(struct inflate_state *s)
{
    s->in -= s->count >> 3;
    s->count = 0;
    s->bits = 0;
}

static int stored_block(struct inflate_state *s)
{
    size_t len;

    align_to_byte(s);
    if (s->in_end - s->in < 4)
        return -EINVAL;
    len = load16(s->in);
    if (len != (load16(s->in + 2) ^ 0xffffu))
        return -EINVAL;
    s->in += 4;
    if (len > (size_t)(s->in_end - s->in))
        return -EINVAL;
    if (len > (size_t)(s->out_end - s->out))
        return -ENOSPC;
    memcpy(s->out, s->in, len);
    s->in += len;
    s->out += len;
    return 0;
}

static int fixed_codes(struct inflate_state *s)
{
    int ret;

    memset(s->lengths, 8, 144);
    memset(s->lengths + 144, 9, 112);
    memset(s->lengths + 256, 7, 24);
    memset(s->lengths + 280, 8, 8);
    memset(s->lengths + NR_LITERALS, 5, NR_DISTS);
    ret = build_table(s, s->literal, LITERAL_BITS, s->lengths, NR_LITERALS, entry_literal);
    if (ret)
        return ret;
    return build_table(s, s->dist, DIST_BITS, s->lengths + NR_LITERALS, NR_DISTS, entry_dist);
}

/* The run-length coded code lengths of both alphabets. */
static int read_lengths(struct inflate_state *s, unsigned int total)
{
    unsigned int i = 0;

    while (i < total) {
        unsigned int symbol, repeat = 1;
        u8 value = 0;
        u32 e;

        if (s->count < LENGTH_BITS + 7)
            fill(&s->bits, &s->count, &s->in, s->in_end);
        e = s->length[low_bits(s->bits, LENGTH_BITS)];
        s->bits >>= ENTRY_BITS(e);
        s->count -= (int)ENTRY_BITS(e);
        symbol = ENTRY_VALUE(e);
        if (s->count < 0 || ENTRY_KIND(e) != KIND_LITERAL || (symbol == 16 && !i))
            return -EINVAL;
        if (symbol < 16) {
            value = (u8)symbol;
        } else if (symbol == 16) {
            value = s->lengths[i - 1];
            repeat = 3 + take_bits(s, 2);
        } else {
            repeat = symbol == 17 ? 3 + take_bits(s, 3) : 11 + take_bits(s, 7);
        }
        if (s->count < 0 || repeat > total - i)
            return -EINVAL;
        memset(s->lengths + i, value, repeat);
        i += repeat;
    }
    return 0;
}

static int dynamic_codes(struct inflate_state *s)
{
    static const u8 order[NR_LENGTHS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                         11, 4,  12, 3, 13, 2, 14, 1, 15};
    unsigned int literals = 257 + take_bits(s, 5), dists = 1 + take_bits(s, 5);
    unsigned int lengths = 4 + take_bits(s, 4);
    int ret;

    if (s->count < 0 || literals > 286 || dists > 30)
        return -EINVAL;
    memset(s->lengths, 0, NR_LENGTHS);
    for (unsigned int i = 0; i < lengths; i++)
        s->lengths[order[i]] = (u8)take_bits(s, 3);
    if (s->count < 0)
        return -EINVAL;
    ret = build_table(s, s->length, LENGTH_BITS, s->lengths, NR_LENGTHS, entry_length);
    if (ret)
        return ret;
    ret = read_lengths(s, literals + dists);
    if (ret)
        return ret;
    if (!s->lengths[END_OF_BLOCK])
        return -EINVAL;
    ret = build_table(s, s->literal, LITERAL_BITS, s->lengths, literals, entry_literal);
    if (ret)
        return ret;
    return build_table(s, s->dist, DIST_BITS, s->lengths + literals, dists, entry_dist);
}

int deflate_decode(void *state, const u8 *in, size_t in_len, u8 *out, size_t out_max,
                   size_t *ret_in, size_t *ret_out)
{
    struct inflate_state *s = state;
    bool last;

    s->bits = 0;
    s->count = 0;
    s->in = in;
    s->in_end = in + in_len;
    s->out = s->out_start = out;
    s->out_end = out + out_max;
    do {
        unsigned int type;
        int ret;

        last = take_bits(s, 1);
        type = take_bits(s, 2);
        if (s->count < 0 || type == 3)
            return -EINVAL;
        if (type == 0) {
            ret = stored_block(s);
        } else {
            ret = type == 1 ? fixed_codes(s) : dynamic_codes(s);
            if (!ret)
                ret = inflate_symbols(s);
        }
        if (ret)
            return ret;
    } while (!last);
    align_to_byte(s);
    *ret_in = (size_t)(s->in - in);
    *ret_out = (size_t)(s->out - out);
    return 0;
}
