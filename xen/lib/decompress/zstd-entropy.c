/* SPDX-License-Identifier: MIT */
/*
 * zstd-entropy.c - the entropy coders of zstd: FSE (tabled asymmetric numeral systems) and Huffman.
 */
#include "zstd.h"

#define FSE_LOG_MIN        5
#define HUF_WEIGHT_LOG_MAX 6
#define HUF_WEIGHT_SYMBOLS 16
#define HUF_WEIGHTS_MAX    (HUF_SYMBOLS_MAX - 1) /* the last one is implied */

static unsigned int log2_floor(u32 x)
{
    return 31 - (unsigned int)__builtin_clz(x);
}

/* n <= 16 bits of a forward bit stream at bit position pos; zeros after its end. */
static u32 peek_forward(const u8 *in, size_t in_len, size_t pos, unsigned int n)
{
    u32 value = 0;

    for (size_t i = 0; i < 3; i++)
        if (pos / 8 + i < in_len)
            value |= (u32)in[pos / 8 + i] << (8 * i);
    return (value >> (pos % 8)) & ((1u << n) - 1);
}

int fse_read_counts(const u8 *in, size_t in_len, s16 *counts, unsigned int max_symbols,
                    unsigned int max_log, unsigned int *ret_symbols, unsigned int *ret_log,
                    size_t *ret_used)
{
    unsigned int log = peek_forward(in, in_len, 0, 4) + FSE_LOG_MIN, symbol = 0;
    u32 remaining = (1u << log) + 1; /* what is left to give away, plus 1 */
    size_t pos = 4;

    if (log > max_log)
        return -EINVAL;
    while (remaining > 1) {
        /* A value of 0..remaining takes `bits` bits, or one less if it is below `small`. */
        unsigned int bits = log2_floor(remaining) + 1;
        u32 half = 1u << (bits - 1), small = 2 * half - 1 - remaining;
        u32 value = peek_forward(in, in_len, pos, bits);

        if (symbol == max_symbols)
            return -EINVAL;
        if ((value & (half - 1)) < small) {
            value &= half - 1;
            pos += bits - 1;
        } else {
            if (value >= half)
                value -= small;
            pos += bits;
        }
        counts[symbol++] = (s16)((s32)value - 1);
        remaining -= value ? value - 1 : 1;
        if (value == 1) {
            u32 zeros;

            do {
                zeros = peek_forward(in, in_len, pos, 2);
                pos += 2;
                if (zeros > max_symbols - symbol || pos > in_len * 8)
                    return -EINVAL;
                for (u32 i = 0; i < zeros; i++)
                    counts[symbol++] = 0;
            } while (zeros == 3);
        }
    }
    if ((pos + 7) / 8 > in_len)
        return -EINVAL;
    *ret_symbols = symbol;
    *ret_log = log;
    *ret_used = (pos + 7) / 8;
    return 0;
}

void fse_build(struct fse_table *table, const s16 *counts, unsigned int symbols, unsigned int log)
{
    unsigned int size = 1u << log, step = (size >> 1) + (size >> 3) + 3, high = size, pos = 0;
    u16 next[FSE_SYMBOLS_MAX];

    for (unsigned int s = 0; s < symbols; s++) {
        next[s] = counts[s] < 0 ? 1 : (u16)counts[s];
        if (counts[s] < 0)
            table->entry[--high].symbol = (u8)s;
    }
    /* The step is odd, so that this visits each position once. */
    for (unsigned int s = 0; s < symbols; s++)
        for (int i = 0; i < counts[s]; i++) {
            table->entry[pos].symbol = (u8)s;
            do
                pos = (pos + step) & (size - 1);
            while (pos >= high);
        }
    for (unsigned int i = 0; i < size; i++) {
        struct fse_entry *e = &table->entry[i];
        u32 x = next[e->symbol]++;

        e->nr_bits = (u8)(log - log2_floor(x));
        e->next = (u16)((x << e->nr_bits) - size);
    }
    table->log = log;
}

/*
 * Weights coded by FSE, with two states that take turns. The end is where a state cannot be
 * advanced any more: then the other state gives the last weight.
 */
static int read_fse_weights(struct zstd *z, const u8 *in, size_t in_len, unsigned int *ret_n)
{
    unsigned int symbols, log, state[2], n = 0;
    struct bit_stream b;
    size_t used;
    int ret = fse_read_counts(in, in_len, z->counts, HUF_WEIGHT_SYMBOLS, HUF_WEIGHT_LOG_MAX,
                              &symbols, &log, &used);

    if (ret)
        return ret;
    fse_build(&z->fse, z->counts, symbols, log);
    ret = bits_open(&b, in + used, in_len - used);
    if (ret)
        return ret;
    if (b.left < (s64)log * 2)
        return -EINVAL;
    bits_fill(&b);
    state[0] = (unsigned int)bits_take(&b, log);
    state[1] = (unsigned int)bits_take(&b, log);
    for (unsigned int turn = 0;; turn ^= 1) {
        const struct fse_entry *e = &z->fse.entry[state[turn]];

        if (n > HUF_WEIGHTS_MAX - 2)
            return -EINVAL;
        z->weights[n++] = e->symbol;
        if (b.left < e->nr_bits) {
            z->weights[n++] = z->fse.entry[state[turn ^ 1]].symbol;
            break;
        }
        bits_fill(&b);
        state[turn] = e->next + (unsigned int)bits_take(&b, e->nr_bits);
    }
    *ret_n = n;
    return 0;
}

/* The weights of all symbols but the last. */
static int read_weights(struct zstd *z, const u8 *in, size_t in_len, unsigned int *ret_n,
                        size_t *ret_used)
{
    unsigned int n, head;
    size_t size;
    int ret;

    if (!in_len)
        return -EINVAL;
    head = in[0];
    n = head < 128 ? 0 : head - 127;
    size = head < 128 ? head : (n + 1) / 2;
    if (size > in_len - 1)
        return -EINVAL;
    if (head < 128) {
        ret = read_fse_weights(z, in + 1, size, &n);
        if (ret)
            return ret;
    } else {
        for (unsigned int i = 0; i < n; i++)
            z->weights[i] = i & 1 ? in[1 + i / 2] & 15 : in[1 + i / 2] >> 4;
    }
    *ret_n = n;
    *ret_used = size + 1;
    return 0;
}

/*
 * A weight w > 0 stands for a share of 1 << (w - 1). The last symbol's weight fills the sum up to a
 * power of two, whose logarithm is the length of the longest code.
 */
static int complete_weights(u8 *weights, unsigned int n, unsigned int *ret_bits)
{
    unsigned int bits;
    u32 sum = 0, rest;

    for (unsigned int i = 0; i < n; i++) {
        if (weights[i] > HUF_BITS_MAX)
            return -EINVAL;
        sum += (1u << weights[i]) >> 1;
    }
    if (!sum)
        return -EINVAL;
    bits = log2_floor(sum) + 1;
    rest = (1u << bits) - sum;
    if (bits > HUF_BITS_MAX || (rest & (rest - 1)))
        return -EINVAL;
    weights[n] = (u8)(log2_floor(rest) + 1);
    *ret_bits = bits;
    return 0;
}

int huf_read_table(struct zstd *z, const u8 *in, size_t in_len, size_t *ret_used)
{
    unsigned int n, bits, pos = 0;
    int ret = read_weights(z, in, in_len, &n, ret_used);

    if (ret)
        return ret;
    ret = complete_weights(z->weights, n, &bits);
    if (ret)
        return ret;
    /* Codes in order of weight, then symbol. The index always has HUF_BITS_MAX bits. */
    for (unsigned int w = 1; w <= bits; w++) {
        unsigned int span = 1u << (w - 1 + HUF_BITS_MAX - bits);

        for (unsigned int s = 0; s <= n; s++) {
            u16 entry = (u16)(s << 8 | (bits + 1 - w));

            if (z->weights[s] != w)
                continue;
            for (unsigned int end = pos + span; pos < end; pos++)
                z->huf[pos] = entry;
        }
    }
    return 0;
}

int huf_decode(const u16 *table, const u8 *in, size_t in_len, u8 *out, size_t n)
{
    u8 *end = out + n;
    struct bit_stream b;
    u64 window;

    if (bits_open(&b, in, in_len))
        return -EINVAL;
    /* Five codes per filling; a mark below the bits in use shows how far the window was shifted. */
    while (end - out >= 5 && b.left >= 5 * HUF_BITS_MAX) {
        bits_fill(&b);
        window = b.window | 1;
        for (unsigned int i = 0; i < 5; i++) {
            u32 e = table[window >> (64 - HUF_BITS_MAX)];

            *out++ = (u8)(e >> 8);
            window <<= (u8)e;
        }
        b.left -= __builtin_ctzll(window);
    }
    while (out < end) {
        u32 e;

        if (b.left <= 0)
            return -EINVAL;
        bits_fill(&b);
        e = table[b.window >> (64 - HUF_BITS_MAX)];
        *out++ = (u8)(e >> 8);
        b.left -= (u8)e;
    }
    return b.left ? -EINVAL : 0;
}
