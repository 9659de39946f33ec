/* SPDX-License-Identifier: MIT */
/*
 * private.h - what the decoders share: unaligned access, match copies, check sums.
 *
 * Everything works on plain memory and has no state of its own. The small copies use compiler
 * built-ins because the hypervisor is built with -fno-builtin, where memcpy is always a call.
 */
#ifndef DECOMPRESS_PRIVATE_H
#define DECOMPRESS_PRIVATE_H

#include <xen/compiler.h>
#include <xen/decompress.h>
#include <xen/errno.h>
#include <xen/lib.h>
#include <xen/types.h>

static always_inline u16 load16(const u8 *p)
{
    u16 v;

    __builtin_memcpy(&v, p, sizeof(v));
    return v;
}

static always_inline u32 load32(const u8 *p)
{
    u32 v;

    __builtin_memcpy(&v, p, sizeof(v));
    return v;
}

static always_inline u64 load64(const u8 *p)
{
    u64 v;

    __builtin_memcpy(&v, p, sizeof(v));
    return v;
}

static always_inline void store32(u8 *p, u32 v)
{
    __builtin_memcpy(p, &v, sizeof(v));
}

static always_inline void store64(u8 *p, u64 v)
{
    __builtin_memcpy(p, &v, sizeof(v));
}

/* What the wide copies may write past the end of the data, and read past the end of the source. */
#define COPY_SLACK 16

/*
 * Copies len bytes in whole words. Source and destination must each have COPY_SLACK bytes behind
 * the end, and must not overlap closer than 8 bytes.
 */
static always_inline void copy_words(u8 *dst, const u8 *src, size_t len)
{
    u8 *end = dst + len;

    for (; dst < end; dst += 8, src += 8)
        store64(dst, load64(src));
}

/*
 * Repeats the len bytes that start dist bytes back in the output; len > 0. The caller has checked
 * that dist bytes exist and that room >= len, where room is what is left of the whole buffer.
 */
static always_inline void copy_match(u8 *dst, size_t dist, size_t len, size_t room)
{
    /* The smallest multiple of each short period that is at least a word. */
    static const u8 stretched[8] = {8, 8, 8, 9, 8, 10, 12, 14};
    const u8 *src = dst - dist;
    u8 *end = dst + len;

    if (unlikely(room < len + COPY_SLACK)) {
        while (dst < end)
            *dst++ = *src++;
        return;
    }
    if (dist < 8) {
        for (unsigned int i = 0; i < 8; i++)
            dst[i] = src[i];
        dst += 8;
        src = dst - stretched[dist];
    }
    for (; dst < end; dst += 8, src += 8)
        store64(dst, load64(src));
}

/* Tables for eight bytes a step; filled by the _init functions in the caller's working memory. */
struct crc32_tables {
    u32 t[8][256];
};
struct crc64_tables {
    u64 t[8][256];
};
void decompress_crc32_init(struct crc32_tables *tables);
void decompress_crc64_init(struct crc64_tables *tables);
/* Both start from crc 0 and can be continued with their own result. */
u32 decompress_crc32(const struct crc32_tables *tables, u32 crc, const u8 *p, size_t len);
u64 decompress_crc64(const struct crc64_tables *tables, u64 crc, const u8 *p, size_t len);
/* Seed 0. */
u32 decompress_xxh32(const u8 *p, size_t len);
u64 decompress_xxh64(const u8 *p, size_t len);

/* Undoes the x86 call/jump filter in place; start is the position of buf[0] in the stream. */
void bcj_x86_decode(u8 *buf, size_t len, u32 start);

/*
 * Raw deflate. *ret_in and *ret_out: bytes consumed and produced. state is working memory of
 * deflate_state_size bytes.
 */
extern const size_t deflate_state_size;
int deflate_decode(void *state, const u8 *in, size_t in_len, u8 *out, size_t out_max,
                   size_t *ret_in, size_t *ret_out) __must_check;

/* LZMA2: see lzma2.c. The same conventions as deflate_decode. */
extern const size_t lzma2_state_size;
int lzma2_decode(void *state, const u8 *in, size_t in_len, u8 *out, size_t out_max, size_t *ret_in,
                 size_t *ret_out) __must_check;

#endif /* DECOMPRESS_PRIVATE_H */
