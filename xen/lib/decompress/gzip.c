/* SPDX-License-Identifier: MIT */
/*
 * gzip.c - the gzip container: header, deflate data, CRC32 and size. Decoding ends with the first
 * member.
 */
#include "private.h"

#define HEADER_SIZE  10
#define TRAILER_SIZE 8

#define FLAG_HEADER_CRC 0x02
#define FLAG_EXTRA      0x04
#define FLAG_NAME       0x08
#define FLAG_COMMENT    0x10
#define FLAGS_RESERVED  0xe0

struct gzip {
    struct crc32_tables crc32;
    size_t header; /* its size */
};

static int skip_string(const u8 **p, const u8 *end)
{
    while (*p < end)
        if (!*(*p)++)
            return 0;
    return -EINVAL;
}

static int parse_header(struct gzip *g, const u8 *in, size_t in_len)
{
    const u8 *p = in + HEADER_SIZE, *end = in + in_len;
    u8 flags;

    if (in_len < HEADER_SIZE || compression_of(in, in_len) != COMPRESSION_GZIP)
        return -EINVAL;
    flags = in[3];
    if (in[2] != 8 || (flags & FLAGS_RESERVED))
        return -EOPNOTSUPP;
    if (flags & FLAG_EXTRA) {
        if (end - p < 2 || (size_t)(end - p) - 2 < load16(p))
            return -EINVAL;
        p += 2 + load16(p);
    }
    if ((flags & FLAG_NAME) && skip_string(&p, end))
        return -EINVAL;
    if ((flags & FLAG_COMMENT) && skip_string(&p, end))
        return -EINVAL;
    if (flags & FLAG_HEADER_CRC) {
        if (end - p < 2)
            return -EINVAL;
        if ((u16)decompress_crc32(&g->crc32, 0, in, (size_t)(p - in)) != load16(p))
            return -EILSEQ;
        p += 2;
    }
    g->header = (size_t)(p - in);
    return 0;
}

static int member_decode(struct gzip *g, void *state, const u8 *in, size_t in_len, u8 *out,
                         size_t out_max, size_t *ret_len)
{
    size_t packed, unpacked;
    int ret;

    decompress_crc32_init(&g->crc32);
    ret = parse_header(g, in, in_len);
    if (ret)
        return ret;
    in += g->header;
    in_len -= g->header;
    ret = deflate_decode(state, in, in_len, out, out_max, &packed, &unpacked);
    if (ret)
        return ret;
    if (in_len - packed < TRAILER_SIZE)
        return -EINVAL;
    if (decompress_crc32(&g->crc32, 0, out, unpacked) != load32(in + packed))
        return -EILSEQ;
    if ((u32)unpacked != load32(in + packed + 4))
        return -EINVAL;
    *ret_len = unpacked;
    return 0;
}

int gunzip(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out, size_t out_max,
           size_t *ret_len)
{
    struct gzip *g = ctx->alloc(sizeof(*g));
    void *state = ctx->alloc(deflate_state_size);
    int ret = -ENOMEM;

    if (g && state)
        ret = member_decode(g, state, in, in_len, out, out_max, ret_len);
    if (state)
        ctx->free(state);
    if (g)
        ctx->free(g);
    return ret;
}
