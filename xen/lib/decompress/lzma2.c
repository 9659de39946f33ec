/* SPDX-License-Identifier: MIT */
/*
 * lzma2.c - LZMA2 streams: LZMA with its range coder, in chunks.
 *
 * A chunk is at most 64 KiB of input and 2 MiB of output, or plain bytes. The whole output buffer
 * is the dictionary, so a match is a copy inside it; the dictionary size of the headers only limits
 * encoders and is not needed.
 *
 * Speed: a Linux kernel takes some hundred million binary decisions, so the range coder lives in
 * local variables, and input is not checked per byte. One packet (literal or match) takes at most
 * 1 + 1 + 10 + 6 + 26 + 4 = 48 decisions, each of which reads at most one byte. The position is
 * checked once per packet, and chunks with less than INPUT_SLACK bytes behind them are decoded from
 * a padded copy.
 */
#include "private.h"

#define NR_STATES      12
#define POS_STATES     16
#define LITERAL_CODERS 16
#define LITERAL_PROBS  0x300
#define MATCH_MIN      2
#define DIST_STATES    4
#define CHUNK_IN_MAX   65536
#define INPUT_SLACK    64

#define PROB_BITS  11
#define PROB_INIT  (1 << (PROB_BITS - 1))
#define PROB_SHIFT 5
#define RANGE_MIN  (1u << 24)
#define RC_INIT    5

/* Control bytes. */
#define CHUNK_END         0x00
#define CHUNK_PLAIN_RESET 0x01
#define CHUNK_PLAIN       0x02
#define CHUNK_LZMA        0x80
#define CHUNK_LZMA_STATE  0xa0 /* and above: state reset */
#define CHUNK_LZMA_PROPS  0xc0 /* and above: new properties as well */
#define CHUNK_LZMA_DICT   0xe0 /* and above: dictionary reset as well */

/* Probabilities of a 0 bit, 11 bits each. */
struct length_probs {
    u16 choice, choice2;
    u16 low[POS_STATES][8];
    u16 mid[POS_STATES][8];
    u16 high[256];
};

struct lzma_probs {
    u16 is_match[NR_STATES][POS_STATES];
    u16 is_rep[NR_STATES];
    u16 is_rep0[NR_STATES];
    u16 is_rep1[NR_STATES];
    u16 is_rep2[NR_STATES];
    u16 is_rep0_long[NR_STATES][POS_STATES];
    u16 dist_slot[DIST_STATES][64];
    u16 dist_special[128];
    u16 dist_align[16];
    struct length_probs match_len, rep_len;
    u16 literal[LITERAL_CODERS * LITERAL_PROBS];
};

struct lzma2 {
    struct lzma_probs probs;
    u32 rep[4]; /* latest distances, minus 1 */
    u32 state;
    u32 lc, literal_mask, pos_mask;
    bool need_dict, need_props;
    u8 *dict; /* output position of the last dictionary reset */
    u8 padded[CHUNK_IN_MAX + INPUT_SLACK];
};

const size_t lzma2_state_size = sizeof(struct lzma2);

struct range_coder {
    u32 range, code;
    const u8 *in;
};

static always_inline void rc_normalize(struct range_coder *rc)
{
    if (unlikely(rc->range < RANGE_MIN)) {
        rc->range <<= 8;
        rc->code = (rc->code << 8) | *rc->in++;
    }
}

/* One decision; adapts its probability. */
static always_inline bool rc_bit(struct range_coder *rc, u16 *prob)
{
    u32 p = *prob, bound;

    rc_normalize(rc);
    bound = (rc->range >> PROB_BITS) * p;
    if (rc->code < bound) {
        rc->range = bound;
        /* p + ((2048 - p) >> 5), one instruction shorter. */
        *prob = (u16)(p - (u32)((s32)(p + (1 << PROB_SHIFT) - 1 - (1 << PROB_BITS)) >> PROB_SHIFT));
        return false;
    }
    rc->range -= bound;
    rc->code -= bound;
    *prob = (u16)(p - (p >> PROB_SHIFT));
    return true;
}

/* A step down a binary tree whose root is node 1. */
static always_inline size_t rc_step(struct range_coder *rc, u16 *probs, size_t node)
{
    return rc_bit(rc, &probs[node]) ? node * 2 + 1 : node * 2;
}

static always_inline size_t rc_tree3(struct range_coder *rc, u16 *probs)
{
    size_t node = rc_step(rc, probs, 1);

    node = rc_step(rc, probs, node);
    return rc_step(rc, probs, node) - 8;
}

static always_inline size_t rc_tree6(struct range_coder *rc, u16 *probs)
{
    size_t node = rc_step(rc, probs, 1);

    node = rc_step(rc, probs, node);
    node = rc_step(rc, probs, node);
    node = rc_step(rc, probs, node);
    node = rc_step(rc, probs, node);
    return rc_step(rc, probs, node) - 64;
}

static always_inline size_t rc_tree8(struct range_coder *rc, u16 *probs)
{
    size_t node = rc_step(rc, probs, 1);

    node = rc_step(rc, probs, node);
    node = rc_step(rc, probs, node);
    node = rc_step(rc, probs, node);
    node = rc_step(rc, probs, node);
    node = rc_step(rc, probs, node);
    node = rc_step(rc, probs, node);
    return rc_step(rc, probs, node) & 0xff;
}

/*
 * Lowest bit first. Nodes are numbered by level and the bits so far (weight + value), a numbering
 * of our own: it makes the last node the value itself.
 */
static always_inline u32 rc_reverse(struct range_coder *rc, u16 *probs, unsigned int bits)
{
    size_t node = 1;

    for (size_t weight = 1; weight < (size_t)1 << bits; weight *= 2)
        node += rc_bit(rc, &probs[node]) ? weight * 2 : weight;
    return (u32)(node - ((size_t)1 << bits));
}

/* Bits of equal probability, appended to value. */
static always_inline u32 rc_direct(struct range_coder *rc, u32 value, unsigned int bits)
{
    do {
        u32 below;

        rc_normalize(rc);
        rc->range >>= 1;
        rc->code -= rc->range;
        below = 0 - (rc->code >> 31);
        rc->code += rc->range & below;
        value = value * 2 + 1 + below;
    } while (--bits);
    return value;
}

/* After a match the byte it would have continued with predicts the literal. */
static always_inline size_t rc_matched_literal(struct range_coder *rc, u16 *probs, u32 match)
{
    size_t node = 1, offset = 0x100, predicted = match;

    do {
        size_t bit;

        predicted <<= 1;
        bit = predicted & offset;
        if (rc_bit(rc, &probs[offset + bit + node])) {
            node = node * 2 + 1;
            offset = bit;
        } else {
            node = node * 2;
            offset ^= bit;
        }
    } while (node < 0x100);
    return node & 0xff;
}

static always_inline size_t rc_length(struct range_coder *rc, struct length_probs *l,
                                      size_t pos_state)
{
    if (!rc_bit(rc, &l->choice))
        return MATCH_MIN + rc_tree3(rc, l->low[pos_state]);
    if (!rc_bit(rc, &l->choice2))
        return MATCH_MIN + 8 + rc_tree3(rc, l->mid[pos_state]);
    return MATCH_MIN + 16 + rc_tree8(rc, l->high);
}

static always_inline u32 rc_distance(struct range_coder *rc, struct lzma_probs *p, size_t len)
{
    size_t dist_state = MIN(len - MATCH_MIN, DIST_STATES - 1);
    u32 slot = (u32)rc_tree6(rc, p->dist_slot[dist_state]);
    unsigned int footer;
    u32 base;

    if (slot < 4)
        return slot;
    footer = (slot >> 1) - 1;
    base = 2 | (slot & 1);
    if (slot < 14) {
        base <<= footer;
        return base + rc_reverse(rc, &p->dist_special[base - slot], footer);
    }
    base = rc_direct(rc, base, footer - 4) << 4;
    return base + rc_reverse(rc, p->dist_align, 4);
}

/*
 * The body of an LZMA chunk: decodes exactly [out, out_end). room_end is the end of the output
 * buffer. INPUT_SLACK bytes after in_end must be readable; what is read there is never used,
 * because *ret_in then exceeds in_end and the caller refuses.
 */
static int lzma_run(struct lzma2 *z, struct range_coder *ret_rc, const u8 *in_end, u8 *out,
                    u8 *out_end, u8 *room_end)
{
    static const u8 after_literal[NR_STATES] = {0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5};
    struct range_coder rc = *ret_rc;
    struct lzma_probs *p = &z->probs;
    u8 *const dict = z->dict;
    const u32 lc = z->lc, literal_mask = z->literal_mask, pos_mask = z->pos_mask;
    u32 rep0 = z->rep[0], rep1 = z->rep[1], rep2 = z->rep[2], rep3 = z->rep[3];
    size_t state = z->state;

    while (out < out_end) {
        size_t pos = (size_t)(out - dict), pos_state = pos & pos_mask, len;

        if (unlikely(rc.in > in_end))
            return -EINVAL;
        if (!rc_bit(&rc, &p->is_match[state][pos_state])) {
            u32 prev = pos ? out[-1] : 0;
            u16 *probs = p->literal + 3 * (size_t)(((((u32)pos << 8) + prev) & literal_mask) << lc);

            if (state < 7)
                *out++ = (u8)rc_tree8(&rc, probs);
            else
                *out = (u8)rc_matched_literal(&rc, probs, *(out - rep0 - 1)), out++;
            state = after_literal[state];
            continue;
        }
        if (!rc_bit(&rc, &p->is_rep[state])) {
            rep3 = rep2;
            rep2 = rep1;
            rep1 = rep0;
            len = rc_length(&rc, &p->match_len, pos_state);
            rep0 = rc_distance(&rc, p, len);
            state = state < 7 ? 7 : 10;
        } else {
            if (!rc_bit(&rc, &p->is_rep0[state])) {
                if (!rc_bit(&rc, &p->is_rep0_long[state][pos_state])) {
                    if (unlikely(rep0 >= pos))
                        return -EINVAL;
                    *out = *(out - rep0 - 1);
                    out++;
                    state = state < 7 ? 9 : 11;
                    continue;
                }
            } else {
                u32 dist = rep1;

                if (rc_bit(&rc, &p->is_rep1[state])) {
                    dist = rep2;
                    if (rc_bit(&rc, &p->is_rep2[state])) {
                        dist = rep3;
                        rep3 = rep2;
                    }
                    rep2 = rep1;
                }
                rep1 = rep0;
                rep0 = dist;
            }
            len = rc_length(&rc, &p->rep_len, pos_state);
            state = state < 7 ? 8 : 11;
        }
        if (unlikely(rep0 >= pos || len > (size_t)(out_end - out)))
            return -EINVAL;
        copy_match(out, (size_t)rep0 + 1, len, (size_t)(room_end - out));
        out += len;
    }
    rc_normalize(&rc);
    z->rep[0] = rep0;
    z->rep[1] = rep1;
    z->rep[2] = rep2;
    z->rep[3] = rep3;
    z->state = (u32)state;
    *ret_rc = rc;
    return 0;
}

static void lzma_reset_state(struct lzma2 *z)
{
    u16 *prob = (u16 *)&z->probs;

    for (size_t i = 0; i < sizeof(z->probs) / sizeof(u16); i++)
        prob[i] = PROB_INIT;
    memset(z->rep, 0, sizeof(z->rep));
    z->state = 0;
}

static int lzma_set_props(struct lzma2 *z, u8 props)
{
    unsigned int lc = props % 9, lp = props / 9 % 5, pb = props / 45;

    if (pb > 4 || lc + lp > 4)
        return -EINVAL;
    z->lc = lc;
    z->literal_mask = (0x100u << lp) - (0x100u >> lc);
    z->pos_mask = (1u << pb) - 1;
    return 0;
}

/* in_len: compressed size of the chunk; avail: readable bytes from in on. */
static int lzma_chunk(struct lzma2 *z, const u8 *in, size_t in_len, size_t avail, u8 *out,
                      u8 *out_end, u8 *room_end)
{
    struct range_coder rc;
    int ret;

    if (in_len < RC_INIT || in[0])
        return -EINVAL;
    if (avail - in_len < INPUT_SLACK) {
        memcpy(z->padded, in, in_len);
        memset(z->padded + in_len, 0, INPUT_SLACK);
        in = z->padded;
    }
    rc.range = 0xffffffff;
    rc.code = __builtin_bswap32(load32(in + 1));
    rc.in = in + RC_INIT;
    ret = lzma_run(z, &rc, in + in_len, out, out_end, room_end);
    if (ret)
        return ret;
    return rc.in == in + in_len && !rc.code ? 0 : -EINVAL;
}

/* The resets that a control byte of an LZMA chunk asks for; props is the byte after the sizes. */
static int lzma2_prepare(struct lzma2 *z, u8 control, u8 props)
{
    int ret;

    if (control >= CHUNK_LZMA_PROPS) {
        ret = lzma_set_props(z, props);
        if (ret)
            return ret;
        z->need_props = false;
    } else if (z->need_props) {
        return -EINVAL;
    }
    if (control >= CHUNK_LZMA_STATE)
        lzma_reset_state(z);
    return 0;
}

static size_t be16_plus1(const u8 *p)
{
    return ((size_t)p[0] << 8 | p[1]) + 1;
}

int lzma2_decode(void *state, const u8 *in, size_t in_len, u8 *out, size_t out_max, size_t *ret_in,
                 size_t *ret_out)
{
    struct lzma2 *z = state;
    const u8 *p = in, *end = in + in_len;
    u8 *o = out, *room_end = out + out_max;

    z->need_dict = z->need_props = true;
    for (;;) {
        size_t head, size, packed;
        u8 control;
        bool plain;
        int ret;

        if (p == end)
            return -EINVAL;
        control = *p;
        if (control == CHUNK_END)
            break;
        plain = control < CHUNK_LZMA;
        if (plain && control > CHUNK_PLAIN)
            return -EINVAL;
        head = plain ? 3 : control >= CHUNK_LZMA_PROPS ? 6 : 5;
        if ((size_t)(end - p) < head)
            return -EINVAL;
        size = be16_plus1(p + 1) + (plain ? 0 : (size_t)(control & 0x1f) << 16);
        packed = plain ? size : be16_plus1(p + 3);

        if (control >= CHUNK_LZMA_DICT || control == CHUNK_PLAIN_RESET) {
            z->dict = o;
            z->need_dict = false;
            z->need_props = true;
        } else if (z->need_dict) {
            return -EINVAL;
        }
        if (!plain) {
            ret = lzma2_prepare(z, control, p[head - 1]);
            if (ret)
                return ret;
        }
        p += head;
        if (packed > (size_t)(end - p))
            return -EINVAL;
        if (size > (size_t)(room_end - o))
            return -ENOSPC;
        if (plain) {
            memcpy(o, p, size);
        } else {
            ret = lzma_chunk(z, p, packed, (size_t)(end - p), o, o + size, room_end);
            if (ret)
                return ret;
        }
        p += packed;
        o += size;
    }
    *ret_in = (size_t)(p + 1 - in);
    *ret_out = (size_t)(o - out);
    return 0;
}
