/* SPDX-License-Identifier: MIT */
/*
 * decompress.h - unpacks a whole compressed image from memory to memory.
 *
 * Pure code: no allocation except through alloc/free of the context, no printing; the same sources
 * run in the hypervisor, in host tests and in fuzzers. The output buffer serves as the dictionary.
 * Every function: 0, or -EINVAL damaged or truncated input, -ENOSPC output too small, -EOPNOTSUPP a
 * feature of the format that is not supported, -ENOMEM, -EILSEQ a check sum that does not match.
 */
#ifndef XEN_DECOMPRESS_H
#define XEN_DECOMPRESS_H

#include <xen/types.h>

struct decompress_ctx {
    void *(*alloc)(size_t bytes); /* working memory, zeroed, at most 1 MiB in all */
    void (*free)(void *p);
};

/* *ret_len: bytes written. Trailing bytes after the stream's end are ignored. */
int unxz(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out, size_t out_max,
         size_t *ret_len) __must_check;
int gunzip(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out, size_t out_max,
           size_t *ret_len) __must_check;
int unzstd(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out, size_t out_max,
           size_t *ret_len) __must_check;
/* The legacy frame (magic 0x184C2102) that kernels use, and the current one (0x184D2204). */
int unlz4(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out, size_t out_max,
          size_t *ret_len) __must_check;

enum compression {
    COMPRESSION_NONE, /* not recognised: perhaps a plain image */
    COMPRESSION_XZ,
    COMPRESSION_GZIP,
    COMPRESSION_ZSTD,
    COMPRESSION_LZ4,
    COMPRESSION_BZIP2, /* the last three are recognised so that the message can name them */
    COMPRESSION_LZMA,
    COMPRESSION_LZO,
};
enum compression compression_of(const u8 *in, size_t in_len);
const char *compression_name(enum compression c);
/* Dispatches on compression_of; -EOPNOTSUPP for kinds without a decoder. */
int decompress(const struct decompress_ctx *ctx, const u8 *in, size_t in_len, u8 *out,
               size_t out_max, size_t *ret_len) __must_check;

#endif /* XEN_DECOMPRESS_H */
