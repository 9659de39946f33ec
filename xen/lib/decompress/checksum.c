/* SPDX-License-Identifier: MIT */
/*
 * checksum.c - the check sums of the supported formats: CRC32 and CRC64 (xz, gzip), xxHash (lz4,
 * zstd).
 *
 * The CRC tables live in the caller's working memory: table k gives what a byte contributes when
 * k more bytes follow it, so that eight bytes take eight independent look-ups.
 */
#include "private.h"

#define CRC32_POLY 0xedb88320u
#define CRC64_POLY 0xc96c5795d7870f42ull

void decompress_crc32_init(struct crc32_tables *tables)
{
    for (u32 i = 0; i < 256; i++) {
        u32 crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (CRC32_POLY & (0 - (crc & 1)));
        tables->t[0][i] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (u32 i = 0; i < 256; i++) {
            u32 prev = tables->t[k - 1][i];

            tables->t[k][i] = (prev >> 8) ^ tables->t[0][prev & 0xff];
        }
}

void decompress_crc64_init(struct crc64_tables *tables)
{
    for (u32 i = 0; i < 256; i++) {
        u64 crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (CRC64_POLY & (0 - (crc & 1)));
        tables->t[0][i] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (u32 i = 0; i < 256; i++) {
            u64 prev = tables->t[k - 1][i];

            tables->t[k][i] = (prev >> 8) ^ tables->t[0][prev & 0xff];
        }
}

u32 decompress_crc32(const struct crc32_tables *tables, u32 crc, const u8 *p, size_t len)
{
    const u32(*t)[256] = tables->t;
    const u8 *words_end = p + (len & ~(size_t)7);
    const u8 *end = p + len;

    crc = ~crc;
    for (; p != words_end; p += 8) {
        u64 w = load64(p) ^ crc;
        u32 lo = (u32)w, hi = (u32)(w >> 32);

        crc = t[7][lo & 0xff] ^ t[6][(lo >> 8) & 0xff] ^ t[5][(lo >> 16) & 0xff] ^ t[4][lo >> 24] ^
              t[3][hi & 0xff] ^ t[2][(hi >> 8) & 0xff] ^ t[1][(hi >> 16) & 0xff] ^ t[0][hi >> 24];
    }
    for (; p != end; p++)
        crc = (crc >> 8) ^ t[0][(crc ^ *p) & 0xff];
    return ~crc;
}

u64 decompress_crc64(const struct crc64_tables *tables, u64 crc, const u8 *p, size_t len)
{
    const u64(*t)[256] = tables->t;
    const u8 *words_end = p + (len & ~(size_t)7);
    const u8 *end = p + len;

    crc = ~crc;
    for (; p != words_end; p += 8) {
        u64 w = load64(p) ^ crc;
        u32 lo = (u32)w, hi = (u32)(w >> 32);

        crc = t[7][lo & 0xff] ^ t[6][(lo >> 8) & 0xff] ^ t[5][(lo >> 16) & 0xff] ^ t[4][lo >> 24] ^
              t[3][hi & 0xff] ^ t[2][(hi >> 8) & 0xff] ^ t[1][(hi >> 16) & 0xff] ^ t[0][hi >> 24];
    }
    for (; p != end; p++)
        crc = (crc >> 8) ^ t[0][(crc ^ *p) & 0xff];
    return ~crc;
}

#define XXH32_P1 2654435761u
#define XXH32_P2 2246822519u
#define XXH32_P3 3266489917u
#define XXH32_P4 668265263u
#define XXH32_P5 374761393u

static always_inline u32 rol32(u32 x, unsigned int n)
{
    return (x << n) | (x >> (32 - n));
}

static always_inline u32 xxh32_round(u32 acc, u32 lane)
{
    return rol32(acc + lane * XXH32_P2, 13) * XXH32_P1;
}

u32 decompress_xxh32(const u8 *p, size_t len)
{
    const u8 *end = p + len;
    u32 h = XXH32_P5;

    if (len >= 16) {
        u32 a = XXH32_P1 + XXH32_P2, b = XXH32_P2, c = 0, d = 0 - XXH32_P1;

        for (; end - p >= 16; p += 16) {
            a = xxh32_round(a, load32(p));
            b = xxh32_round(b, load32(p + 4));
            c = xxh32_round(c, load32(p + 8));
            d = xxh32_round(d, load32(p + 12));
        }
        h = rol32(a, 1) + rol32(b, 7) + rol32(c, 12) + rol32(d, 18);
    }
    h += (u32)len;
    for (; end - p >= 4; p += 4)
        h = rol32(h + load32(p) * XXH32_P3, 17) * XXH32_P4;
    for (; p != end; p++)
        h = rol32(h + *p * XXH32_P5, 11) * XXH32_P1;
    h = (h ^ (h >> 15)) * XXH32_P2;
    h = (h ^ (h >> 13)) * XXH32_P3;
    return h ^ (h >> 16);
}

#define XXH64_P1 11400714785074694791ull
#define XXH64_P2 14029467366897019727ull
#define XXH64_P3 1609587929392839161ull
#define XXH64_P4 9650029242287828579ull
#define XXH64_P5 2870177450012600261ull

static always_inline u64 rol64(u64 x, unsigned int n)
{
    return (x << n) | (x >> (64 - n));
}

static always_inline u64 xxh64_round(u64 acc, u64 lane)
{
    return rol64(acc + lane * XXH64_P2, 31) * XXH64_P1;
}

static u64 xxh64_merge(u64 h, u64 acc)
{
    return (h ^ xxh64_round(0, acc)) * XXH64_P1 + XXH64_P4;
}

static u64 xxh64_tail(u64 h, const u8 *p, const u8 *end)
{
    for (; end - p >= 8; p += 8)
        h = rol64(h ^ xxh64_round(0, load64(p)), 27) * XXH64_P1 + XXH64_P4;
    if (end - p >= 4) {
        h = rol64(h ^ (load32(p) * XXH64_P1), 23) * XXH64_P2 + XXH64_P3;
        p += 4;
    }
    for (; p != end; p++)
        h = rol64(h ^ (*p * XXH64_P5), 11) * XXH64_P1;
    h = (h ^ (h >> 33)) * XXH64_P2;
    h = (h ^ (h >> 29)) * XXH64_P3;
    return h ^ (h >> 32);
}

u64 decompress_xxh64(const u8 *p, size_t len)
{
    const u8 *end = p + len;
    u64 h = XXH64_P5;

    if (len >= 32) {
        u64 a = XXH64_P1 + XXH64_P2, b = XXH64_P2, c = 0, d = 0 - XXH64_P1;

        for (; end - p >= 32; p += 32) {
            a = xxh64_round(a, load64(p));
            b = xxh64_round(b, load64(p + 8));
            c = xxh64_round(c, load64(p + 16));
            d = xxh64_round(d, load64(p + 24));
        }
        h = rol64(a, 1) + rol64(b, 7) + rol64(c, 12) + rol64(d, 18);
        h = xxh64_merge(xxh64_merge(xxh64_merge(xxh64_merge(h, a), b), c), d);
    }
    return xxh64_tail(h + len, p, end);
}
