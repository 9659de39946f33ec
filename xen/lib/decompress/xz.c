/* SPDX-License-Identifier: MIT */
/*
 * xz.c - the xz container: stream header, blocks, index, footer.
 *
 * Supported: LZMA2, alone or behind the x86 branch filter; check sums none, CRC32 and CRC64. The
 * index is compared with the blocks through two running CRCs over the pairs of sizes, so nothing
 * has to be stored per block. Decoding ends with the first stream.
 */
#include "private.h"

#define HEADER_SIZE 12
#define FOOTER_SIZE 12

#define CHECK_NONE  0
#define CHECK_CRC32 1
#define CHECK_CRC64 4

#define FILTER_X86   0x04
#define FILTER_LZMA2 0x21

#define BLOCK_FILTERS_MASK 0x03
#define BLOCK_RESERVED     0x3c
#define BLOCK_HAS_PACKED   0x40
#define BLOCK_HAS_UNPACKED 0x80

/* Count of and CRC over (unpadded size, unpacked size) of the blocks. */
struct block_sums {
    u64 count;
    u32 crc;
};

struct xz {
    const u8 *p, *end;
    u8 *out, *out_end;
    u8 check;
    struct block_sums blocks;
    struct crc32_tables crc32;
    struct crc64_tables crc64;
};

/* What a block header says. */
struct block {
    size_t header_size;
    bool has_packed, has_unpacked, has_x86;
    u64 packed, unpacked;
    u32 x86_start;
};

/* The 1 to 9 byte numbers of the format. */
static int get_number(const u8 **p, const u8 *end, u64 *ret_number)
{
    u64 number = 0;

    for (unsigned int shift = 0; shift < 63; shift += 7) {
        u8 b;

        if (*p == end)
            return -EINVAL;
        b = *(*p)++;
        number |= (u64)(b & 0x7f) << shift;
        if (b & 0x80)
            continue;
        if (!b && shift)
            return -EINVAL;
        *ret_number = number;
        return 0;
    }
    return -EINVAL;
}

static size_t check_size(const struct xz *x)
{
    return x->check == CHECK_CRC64 ? 8 : x->check == CHECK_CRC32 ? 4 : 0;
}

static void add_block(struct xz *x, struct block_sums *sums, u64 unpadded, u64 unpacked)
{
    u64 pair[2] = {unpadded, unpacked};

    sums->count++;
    sums->crc = decompress_crc32(&x->crc32, sums->crc, (const u8 *)pair, sizeof(pair));
}

static int stream_header(struct xz *x)
{
    if (x->end - x->p < HEADER_SIZE || compression_of(x->p, HEADER_SIZE) != COMPRESSION_XZ)
        return -EINVAL;
    if (decompress_crc32(&x->crc32, 0, x->p + 6, 2) != load32(x->p + 8))
        return -EILSEQ;
    x->check = x->p[7];
    if (x->p[6] || (x->check != CHECK_NONE && x->check != CHECK_CRC32 && x->check != CHECK_CRC64))
        return -EOPNOTSUPP;
    x->p += HEADER_SIZE;
    return 0;
}

/* One filter's id and properties; `last` is the one that must be LZMA2. */
static int block_filter(struct block *b, const u8 **p, const u8 *end, bool last)
{
    u64 id, size;

    if (get_number(p, end, &id) || get_number(p, end, &size) || size > (size_t)(end - *p))
        return -EINVAL;
    if (last) {
        if (id != FILTER_LZMA2)
            return -EOPNOTSUPP;
        if (size != 1)
            return -EINVAL;
        /* The dictionary size; 40 stands for 4 GiB - 1, the largest. */
        if (**p > 40)
            return -EOPNOTSUPP;
    } else {
        if (id != FILTER_X86 || b->has_x86)
            return -EOPNOTSUPP;
        if (size != 0 && size != 4)
            return -EINVAL;
        b->has_x86 = true;
        b->x86_start = size ? load32(*p) : 0;
    }
    *p += size;
    return 0;
}

static int block_header(struct xz *x, struct block *b)
{
    const u8 *p = x->p, *end;
    unsigned int flags, filters;
    int ret;

    b->header_size = ((size_t)*p + 1) * 4;
    if (b->header_size > (size_t)(x->end - p))
        return -EINVAL;
    end = p + b->header_size - 4;
    if (decompress_crc32(&x->crc32, 0, p, b->header_size - 4) != load32(end))
        return -EILSEQ;
    flags = p[1];
    p += 2;
    if (flags & BLOCK_RESERVED)
        return -EOPNOTSUPP;
    b->has_packed = flags & BLOCK_HAS_PACKED;
    b->has_unpacked = flags & BLOCK_HAS_UNPACKED;
    if (b->has_packed && get_number(&p, end, &b->packed))
        return -EINVAL;
    if (b->has_unpacked && get_number(&p, end, &b->unpacked))
        return -EINVAL;
    filters = (flags & BLOCK_FILTERS_MASK) + 1;
    for (unsigned int i = 1; i <= filters; i++) {
        ret = block_filter(b, &p, end, i == filters);
        if (ret)
            return ret;
    }
    for (; p < end; p++)
        if (*p)
            return -EOPNOTSUPP;
    x->p += b->header_size;
    return 0;
}

/* Zero bytes up to a multiple of four; len is what has to be padded. */
static int skip_padding(struct xz *x, u64 len)
{
    for (; len & 3; len++) {
        if (x->p == x->end || *x->p)
            return -EINVAL;
        x->p++;
    }
    return 0;
}

static int block_check(struct xz *x, const u8 *data, size_t len)
{
    size_t size = check_size(x);
    bool good = true;

    if ((size_t)(x->end - x->p) < size)
        return -EINVAL;
    if (x->check == CHECK_CRC32)
        good = decompress_crc32(&x->crc32, 0, data, len) == load32(x->p);
    else if (x->check == CHECK_CRC64)
        good = decompress_crc64(&x->crc64, 0, data, len) == load64(x->p);
    if (!good)
        return -EILSEQ;
    x->p += size;
    return 0;
}

static int block_decode(struct xz *x, void *lzma2)
{
    struct block b = {0};
    size_t packed, unpacked;
    int ret;

    ret = block_header(x, &b);
    if (ret)
        return ret;
    ret = lzma2_decode(lzma2, x->p, (size_t)(x->end - x->p), x->out, (size_t)(x->out_end - x->out),
                       &packed, &unpacked);
    if (ret)
        return ret;
    if ((b.has_packed && b.packed != packed) || (b.has_unpacked && b.unpacked != unpacked))
        return -EINVAL;
    x->p += packed;
    ret = skip_padding(x, packed);
    if (ret)
        return ret;
    /* Only now: matches refer to bytes as they were before the filter was undone. */
    if (b.has_x86)
        bcj_x86_decode(x->out, unpacked, b.x86_start);
    ret = block_check(x, x->out, unpacked);
    if (ret)
        return ret;
    x->out += unpacked;
    add_block(x, &x->blocks, b.header_size + packed + check_size(x), unpacked);
    return 0;
}

static int index_and_footer(struct xz *x)
{
    const u8 *start = x->p++;
    struct block_sums sums = {0};
    u64 count, unpadded, unpacked;
    size_t size;

    if (get_number(&x->p, x->end, &count) || count != x->blocks.count)
        return -EINVAL;
    while (count--) {
        if (get_number(&x->p, x->end, &unpadded) || get_number(&x->p, x->end, &unpacked))
            return -EINVAL;
        add_block(x, &sums, unpadded, unpacked);
    }
    if (sums.crc != x->blocks.crc || skip_padding(x, (u64)(x->p - start)))
        return -EINVAL;
    size = (size_t)(x->p - start);
    if (x->end - x->p < 4 + FOOTER_SIZE)
        return -EINVAL;
    if (decompress_crc32(&x->crc32, 0, start, size) != load32(x->p))
        return -EILSEQ;
    x->p += 4;
    if (decompress_crc32(&x->crc32, 0, x->p + 4, 6) != load32(x->p))
        return -EILSEQ;
    if (((u64)load32(x->p + 4) + 1) * 4 != size + 4 || x->p[8] || x->p[9] != x->check ||
        x->p[10] != 'Y' || x->p[11] != 'Z')
        return -EINVAL;
    return 0;
}

static int stream_decode(struct xz *x, void *lzma2)
{
    int ret;

    decompress_crc32_init(&x->crc32);
    decompress_crc64_init(&x->crc64);
    ret = stream_header(x);
    if (ret)
        return ret;
    for (;;) {
        if (x->p == x->end)
            return -EINVAL;
        if (!*x->p)
            return index_and_footer(x);
        ret = block_decode(x, lzma2);
        if (ret)
            return ret;
    }
}

int unxz(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out, size_t out_max,
         size_t *ret_len)
{
    struct xz *x = ctx->alloc(sizeof(*x));
    void *lzma2 = ctx->alloc(lzma2_state_size);
    int ret = -ENOMEM;

    if (x && lzma2) {
        x->p = in;
        x->end = in + in_len;
        x->out = out;
        x->out_end = out + out_max;
        ret = stream_decode(x, lzma2);
        if (!ret)
            *ret_len = (size_t)(x->out - out);
    }
    if (lzma2)
        ctx->free(lzma2);
    if (x)
        ctx->free(x);
    return ret;
}
