/* SPDX-License-Identifier: MIT */
/*
 * decompress.c - tells the compression formats apart by their first bytes and calls the decoder.
 */
#include "private.h"

struct format {
    enum compression kind;
    const char *name;
    u8 magic_len;
    u8 magic[6];
    int (*decode)(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out,
                  size_t out_max, size_t *ret_len);
};

static const struct format formats[] = {
    {COMPRESSION_XZ, "xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0}, unxz},
    {COMPRESSION_GZIP, "gzip", 2, {0x1f, 0x8b}, gunzip},
    {COMPRESSION_ZSTD, "zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}, unzstd},
    {COMPRESSION_LZ4, "lz4", 4, {0x02, 0x21, 0x4c, 0x18}, unlz4},
    {COMPRESSION_LZ4, "lz4", 4, {0x04, 0x22, 0x4d, 0x18}, unlz4},
    {COMPRESSION_BZIP2, "bzip2", 3, {'B', 'Z', 'h'}, NULL},
    {COMPRESSION_LZMA, "lzma", 3, {0x5d, 0x00, 0x00}, NULL},
    {COMPRESSION_LZO, "lzo", 4, {0x89, 'L', 'Z', 'O'}, NULL},
};

static const struct format *find_format(const u8 *in, size_t in_len)
{
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        const struct format *f = &formats[i];

        if (in_len >= f->magic_len && !memcmp(in, f->magic, f->magic_len))
            return f;
    }
    return NULL;
}

enum compression compression_of(const u8 *in, size_t in_len)
{
    const struct format *f = find_format(in, in_len);

    return f ? f->kind : COMPRESSION_NONE;
}

const char *compression_name(enum compression c)
{
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
        if (formats[i].kind == c)
            return formats[i].name;
    return "none";
}

int decompress(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out,
               size_t out_max, size_t *ret_len)
{
    const struct format *f = find_format(in, in_len);

    if (!f || !f->decode)
        return -EOPNOTSUPP;
    return f->decode(ctx, in, in_len, out, out_max, ret_len);
}
