/* SPDX-License-Identifier: MIT */
/*
 * zstd.c - the zstd frame, its blocks and their literals.
 *
 * The whole output buffer is the window, so the window size of the header only bounds the size of
 * blocks. Dictionaries are not supported. Decoding ends with the first frame.
 */
#include "zstd.h"

#define MAGIC_SIZE 4

#define FRAME_DICT_ID  0x03
#define FRAME_CHECKSUM 0x04
#define FRAME_RESERVED 0x08
#define FRAME_SINGLE   0x20 /* one segment: no window size, but a content size */

enum { BLOCK_RAW, BLOCK_RLE, BLOCK_COMPRESSED };
enum { LITERALS_RAW, LITERALS_RLE, LITERALS_COMPRESSED, LITERALS_TREELESS };

struct frame {
    bool checksum, has_size;
    u64 size; /* of the contents */
    u64 window;
};

static u64 load_bytes(const u8 *p, size_t n)
{
    u64 v = 0;

    while (n--)
        v = v << 8 | p[n];
    return v;
}

/* in starts at the magic number. *ret_used: bytes of the header. */
static int frame_header(const u8 *in, size_t in_len, struct frame *f, size_t *ret_used)
{
    unsigned int flags, window_size, content_size;
    const u8 *p = in + MAGIC_SIZE + 1;

    if (in_len < MAGIC_SIZE + 1 || compression_of(in, in_len) != COMPRESSION_ZSTD)
        return -EINVAL;
    flags = in[MAGIC_SIZE];
    if (flags & (FRAME_DICT_ID | FRAME_RESERVED))
        return -EOPNOTSUPP;
    window_size = flags & FRAME_SINGLE ? 0 : 1;
    content_size = flags >> 6 ? 1u << (flags >> 6) : flags & FRAME_SINGLE ? 1 : 0;
    if (in_len < MAGIC_SIZE + 1 + window_size + content_size)
        return -EINVAL;
    f->checksum = flags & FRAME_CHECKSUM;
    f->has_size = content_size != 0;
    f->size = load_bytes(p + window_size, content_size);
    if (content_size == 2)
        f->size += 256;
    f->window = f->size;
    if (window_size) {
        u64 base = (u64)1 << (10 + (*p >> 3));

        f->window = base + base / 8 * (*p & 7);
    }
    *ret_used = MAGIC_SIZE + 1 + window_size + content_size;
    return 0;
}

/* Huffman-coded literals, one stream or four with a jump table of the first three sizes. */
static int decode_streams(struct zstd *z, const u8 *in, size_t in_len, size_t n, bool four)
{
    u8 *out = z->literal_buf;
    size_t part = (n + 3) / 4, used = 6;
    int ret;

    if (!four)
        return huf_decode(z->huf, in, in_len, out, n);
    if (in_len < used || part * 3 > n)
        return -EINVAL;
    for (unsigned int i = 0; i < 4; i++) {
        size_t size = i < 3 ? load16(in + 2 * i) : in_len - used;

        if (size > in_len - used)
            return -EINVAL;
        ret = huf_decode(z->huf, in + used, size, out, i < 3 ? part : n - 3 * part);
        if (ret)
            return ret;
        used += size;
        out += part;
    }
    return 0;
}

static int compressed_literals(struct zstd *z, const u8 *in, size_t in_len, size_t n, bool four,
                               bool treeless)
{
    size_t used = 0;
    int ret;

    if (treeless) {
        if (!z->huf_valid)
            return -EINVAL;
    } else {
        z->huf_valid = false;
        ret = huf_read_table(z, in, in_len, &used);
        if (ret)
            return ret;
        z->huf_valid = true;
    }
    return decode_streams(z, in + used, in_len - used, n, four);
}

/* Raw and RLE literals: a size of 5, 12 or 20 bits. */
static int plain_literals(struct zstd *z, const u8 *in, size_t in_len, bool rle, size_t *ret_used)
{
    unsigned int format = (in[0] >> 2) & 3;
    size_t head = format == 1 ? 2 : format == 3 ? 3 : 1, n, packed;

    if (in_len < head)
        return -EINVAL;
    n = (size_t)load_bytes(in, head) >> (head == 1 ? 3 : 4);
    packed = rle ? 1 : n;
    if (n > z->block_max || packed > in_len - head)
        return -EINVAL;
    if (rle)
        memset(z->literal_buf, in[head], n);
    else
        memcpy(z->literal_buf, in + head, n);
    z->nr_literals = n;
    *ret_used = head + packed;
    return 0;
}

/* The literals section of a block: fills z->literals. */
static int read_literals(struct zstd *z, const u8 *in, size_t in_len, size_t *ret_used)
{
    unsigned int type, format, bits;
    size_t head, n, packed;
    u64 sizes;
    int ret;

    if (!in_len)
        return -EINVAL;
    z->literals = z->literal_buf;
    type = in[0] & 3;
    if (type <= LITERALS_RLE)
        return plain_literals(z, in, in_len, type == LITERALS_RLE, ret_used);

    /* Two sizes of 10, 14 or 18 bits. */
    format = (in[0] >> 2) & 3;
    head = format < 2 ? 3 : format + 2;
    bits = format < 2 ? 10 : format * 4 + 6;
    if (in_len < head)
        return -EINVAL;
    sizes = load_bytes(in, head) >> 4;
    n = sizes & ((1u << bits) - 1);
    packed = (size_t)(sizes >> bits);
    if (n > z->block_max || packed > in_len - head)
        return -EINVAL;
    ret = compressed_literals(z, in + head, packed, n, format != 0, type == LITERALS_TREELESS);
    if (ret)
        return ret;
    z->nr_literals = n;
    *ret_used = head + packed;
    return 0;
}

static int compressed_block(struct zstd *z, const u8 *in, size_t in_len)
{
    size_t used;
    int ret = read_literals(z, in, in_len, &used);

    return ret ? ret : zstd_sequences(z, in + used, in + in_len);
}

/* in has size bytes of the block (one for RLE, where size is that of the output). */
static int decode_block(struct zstd *z, unsigned int type, const u8 *in, size_t size)
{
    if (type == BLOCK_COMPRESSED)
        return compressed_block(z, in, size);
    if (size > (size_t)(z->out_end - z->out))
        return -ENOSPC;
    if (type == BLOCK_RAW)
        memcpy(z->out, in, size);
    else
        memset(z->out, in[0], size);
    z->out += size;
    return 0;
}

static void frame_init(struct zstd *z, const struct frame *f, u8 *out, size_t out_max)
{
    z->out = z->out_start = out;
    z->out_end = out + out_max;
    z->rep[0] = 1;
    z->rep[1] = 4;
    z->rep[2] = 8;
    z->block_max = (size_t)MIN(f->window, (u64)ZSTD_BLOCK_MAX);
    z->huf_valid = false;
    for (unsigned int i = 0; i < SEQ_TABLES; i++)
        z->seq[i].valid = false;
}

static int frame_decode(struct zstd *z, const u8 *in, size_t in_len, u8 *out, size_t out_max,
                        size_t *ret_len)
{
    const u8 *end = in + in_len;
    struct frame f;
    size_t used, done;
    bool last;
    int ret = frame_header(in, in_len, &f, &used);

    if (ret)
        return ret;
    frame_init(z, &f, out, out_max);
    in += used;
    do {
        unsigned int type;
        size_t size, packed;
        u32 head;

        if (end - in < 3)
            return -EINVAL;
        head = (u32)load_bytes(in, 3);
        in += 3;
        last = head & 1;
        type = (head >> 1) & 3;
        size = head >> 3;
        packed = type == BLOCK_RLE ? 1 : size;
        if (type > BLOCK_COMPRESSED || size > z->block_max || packed > (size_t)(end - in))
            return -EINVAL;
        ret = decode_block(z, type, in, size);
        if (ret)
            return ret;
        in += packed;
    } while (!last);

    done = (size_t)(z->out - out);
    if (f.has_size && f.size != done)
        return -EINVAL;
    if (f.checksum) {
        if (end - in < 4)
            return -EINVAL;
        if ((u32)decompress_xxh64(out, done) != load32(in))
            return -EILSEQ;
    }
    *ret_len = done;
    return 0;
}

int unzstd(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out, size_t out_max,
           size_t *ret_len)
{
    struct zstd *z = ctx->alloc(sizeof(*z));
    int ret;

    if (!z)
        return -ENOMEM;
    ret = frame_decode(z, in, in_len, out, out_max, ret_len);
    ctx->free(z);
    return ret;
}
