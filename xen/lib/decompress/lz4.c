/* SPDX-License-Identifier: MIT */
/*
 * lz4.c - LZ4 blocks in the legacy frame of kernels and in the current frame.
 *
 * The legacy frame has no end mark and no check sums: blocks of 8 MiB follow each other, and the
 * first smaller one is the last. Behind the last one may be the unpacked size that kernels append,
 * another frame, or nothing. The current frame has an end mark and optional xxHash sums.
 */
#include "private.h"

#define MAGIC_LEGACY  0x184c2102u
#define MAGIC_CURRENT 0x184d2204u

#define LEGACY_BLOCK     (8u << 20)
#define LEGACY_BLOCK_MAX (LEGACY_BLOCK + LEGACY_BLOCK / 255 + 16) /* packed, at worst */

#define MATCH_MIN  4
#define RUN_LONG   15 /* the value of a nibble after which more length bytes follow */
#define FAST_BYTES 32 /* in input and output, for copies without a check per byte */

#define FLAG_DICT_ID        0x01
#define FLAG_RESERVED       0x02
#define FLAG_CONTENT_SUM    0x04
#define FLAG_CONTENT_SIZE   0x08
#define FLAG_BLOCK_SUM      0x10
#define FLAG_INDEPENDENT    0x20
#define FLAG_VERSION        0xc0
#define FLAG_VERSION_1      0x40
#define BLOCK_SIZE_RESERVED 0x8f
#define BLOCK_PLAIN         0x80000000u

/* The rest of a length whose nibble was RUN_LONG. */
static int long_length(const u8 **in, const u8 *in_end, size_t *len)
{
    u8 b;

    do {
        if (*in == in_end)
            return -EINVAL;
        b = *(*in)++;
        *len += b;
    } while (b == 255);
    return 0;
}

/*
 * One block to out; dict is the lowest byte that a match may use. A block ends after literals,
 * exactly where the input does.
 */
static int lz4_block(const u8 *in, size_t in_len, const u8 *dict, u8 *out, size_t out_max,
                     size_t *ret_out)
{
    const u8 *in_end = in + in_len;
    u8 *o = out, *out_end = out + out_max;

    for (;;) {
        size_t len, dist;
        unsigned int token;

        if (in == in_end)
            return -EINVAL;
        token = *in++;
        len = token >> 4;
        if (likely(len < RUN_LONG && in_end - in >= FAST_BYTES && out_end - o >= FAST_BYTES)) {
            store64(o, load64(in));
            store64(o + 8, load64(in + 8));
        } else {
            if (len == RUN_LONG && long_length(&in, in_end, &len))
                return -EINVAL;
            if (len > (size_t)(in_end - in))
                return -EINVAL;
            if (len > (size_t)(out_end - o))
                return -ENOSPC;
            memcpy(o, in, len);
        }
        in += len;
        o += len;
        if (in == in_end)
            break;

        if (in_end - in < 2)
            return -EINVAL;
        dist = load16(in);
        in += 2;
        len = token & 15;
        if (len == RUN_LONG && long_length(&in, in_end, &len))
            return -EINVAL;
        len += MATCH_MIN;
        if (!dist || dist > (size_t)(o - dict))
            return -EINVAL;
        if (len > (size_t)(out_end - o))
            return -ENOSPC;
        copy_match(o, dist, len, (size_t)(out_end - o));
        o += len;
    }
    *ret_out = (size_t)(o - out);
    return 0;
}

/* in starts behind the magic number. */
static int legacy_frame(const u8 *in, size_t in_len, u8 *out, size_t out_max, size_t *ret_len)
{
    const u8 *end = in + in_len;
    size_t done = 0, unpacked;

    do {
        size_t packed;
        int ret;

        /* At a block boundary: the end, or the appended size. An empty frame has no block. */
        if (in == end || (end - in == 4 && (done || !load32(in))))
            break;
        if (end - in < 4)
            return -EINVAL;
        packed = load32(in);
        /* The magic number of a frame that follows is no possible size. */
        if (packed > LEGACY_BLOCK_MAX && done)
            break;
        in += 4;
        if (packed > (size_t)(end - in))
            return -EINVAL;
        ret = lz4_block(in, packed, out + done, out + done, MIN(out_max - done, LEGACY_BLOCK),
                        &unpacked);
        /* More than 8 MiB in a block is an error of the stream, not of the buffer. */
        if (ret == -ENOSPC && out_max - done > LEGACY_BLOCK)
            return -EINVAL;
        if (ret)
            return ret;
        in += packed;
        done += unpacked;
    } while (unpacked == LEGACY_BLOCK);
    *ret_len = done;
    return 0;
}

struct frame {
    u8 flags;
    size_t block_max;
    u64 content_size;
};

/* *ret_size: of the descriptor with its check sum. in starts behind the magic number. */
static int frame_descriptor(const u8 *in, size_t in_len, struct frame *f, size_t *ret_size)
{
    size_t size;

    if (in_len < 3)
        return -EINVAL;
    f->flags = in[0];
    if ((f->flags & FLAG_VERSION) != FLAG_VERSION_1 || (f->flags & (FLAG_RESERVED | FLAG_DICT_ID)))
        return -EOPNOTSUPP;
    if ((in[1] & BLOCK_SIZE_RESERVED) || in[1] >> 4 < 4)
        return -EOPNOTSUPP;
    size = f->flags & FLAG_CONTENT_SIZE ? 10 : 2;
    if (in_len < size + 1)
        return -EINVAL;
    if ((u8)(decompress_xxh32(in, size) >> 8) != in[size])
        return -EILSEQ;
    f->block_max = (size_t)1 << (8 + 2 * (in[1] >> 4));
    f->content_size = f->flags & FLAG_CONTENT_SIZE ? load64(in + 2) : 0;
    *ret_size = size + 1;
    return 0;
}

/* One block of a current frame, whose size word is `word`; in has all its bytes. */
static int frame_block(const struct frame *f, u32 word, const u8 *in, size_t packed, const u8 *dict,
                       u8 *out, size_t out_max, size_t *ret_out)
{
    size_t room = MIN(out_max, f->block_max);
    int ret;

    if ((f->flags & FLAG_BLOCK_SUM) && decompress_xxh32(in, packed) != load32(in + packed))
        return -EILSEQ;
    if (!(word & BLOCK_PLAIN)) {
        ret = lz4_block(in, packed, dict, out, room, ret_out);
        return ret == -ENOSPC && out_max > f->block_max ? -EINVAL : ret;
    }
    if (packed > out_max)
        return -ENOSPC;
    memcpy(out, in, packed);
    *ret_out = packed;
    return 0;
}

static int current_frame(const u8 *in, size_t in_len, u8 *out, size_t out_max, size_t *ret_len)
{
    const u8 *end = in + in_len;
    size_t done = 0, size;
    struct frame f;
    int ret = frame_descriptor(in, in_len, &f, &size);

    if (ret)
        return ret;
    in += size;
    for (;;) {
        size_t packed, unpacked;
        u32 word;

        if (end - in < 4)
            return -EINVAL;
        word = load32(in);
        in += 4;
        if (!word)
            break;
        packed = word & ~BLOCK_PLAIN;
        size = packed + (f.flags & FLAG_BLOCK_SUM ? 4 : 0);
        if (packed > f.block_max || size > (size_t)(end - in))
            return -EINVAL;
        ret = frame_block(&f, word, in, packed, f.flags & FLAG_INDEPENDENT ? out + done : out,
                          out + done, out_max - done, &unpacked);
        if (ret)
            return ret;
        in += size;
        done += unpacked;
    }
    if ((f.flags & FLAG_CONTENT_SIZE) && f.content_size != done)
        return -EINVAL;
    if (f.flags & FLAG_CONTENT_SUM) {
        if (end - in < 4)
            return -EINVAL;
        if (decompress_xxh32(out, done) != load32(in))
            return -EILSEQ;
    }
    *ret_len = done;
    return 0;
}

int unlz4(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out, size_t out_max,
          size_t *ret_len)
{
    (void)ctx; /* needs no memory */
    if (in_len < 4)
        return -EINVAL;
    if (load32(in) == MAGIC_LEGACY)
        return legacy_frame(in + 4, in_len - 4, out, out_max, ret_len);
    if (load32(in) == MAGIC_CURRENT)
        return current_frame(in + 4, in_len - 4, out, out_max, ret_len);
    return -EINVAL;
}
