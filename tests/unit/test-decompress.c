/* SPDX-License-Identifier: MIT */
/*
 * test-decompress.c - the decoders of xen/lib/decompress against the reference encoders.
 *
 * Streams are made at test time by liblzma, zlib, libzstd and liblz4 from several kinds of data.
 * Every buffer handed to a decoder has its exact size on the heap, so that a build with the address
 * sanitizer notices any access outside. Link with -lcheck -llzma -lz -lzstd -llz4.
 */
#include "test-main.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>
#include <xen/decompress.h>
#include <xen/errno.h>

#define LEN_UNTOUCHED ((size_t)0x5ca1ab1e)
#define WORK_MAX      (1u << 20) /* the contract's bound of working memory */
#define LEGACY_BLOCK  (8u << 20)

Suite *decompress_suite(void);

struct buffer {
    u8 *data;
    size_t len;
};

/* ---- counted allocations ---- */

static long allocs_left = -1; /* fail when it reaches 0; negative: never */
static long allocs_live;
static size_t alloc_bytes;

static void *test_alloc(size_t bytes)
{
    if (!allocs_left)
        return NULL;
    allocs_left--;
    allocs_live++;
    alloc_bytes += bytes;
    return calloc(1, bytes);
}

static void test_free(void *p)
{
    ck_assert_ptr_nonnull(p);
    allocs_live--;
    free(p);
}

static const struct decompress_ctx ctx = {test_alloc, test_free};

/* ---- data ---- */

enum { DATA_TEXT, DATA_ZEROS, DATA_RANDOM, DATA_RUNS, DATA_CODE, DATA_PERIODS, DATA_KINDS };

static u32 rnd_state;

static u32 rnd(void)
{
    rnd_state = rnd_state * 1664525 + 1013904223;
    return rnd_state >> 8;
}

static void fill_text(u8 *p, size_t len)
{
    static const char *const words[] = {"domain ", "vCPU ",  "event ",     "channel ",
                                        "grant ",  "frame ", "page ",      "table,\n",
                                        "a ",      "of ",    "hypervisor "};

    for (size_t i = 0; i < len;) {
        const char *w = words[rnd() % (sizeof(words) / sizeof(words[0]))];

        while (*w && i < len)
            p[i++] = (u8)*w++;
    }
}

/* Something like x86 code: many near calls, to a few targets, and stray opcode bytes. */
static void fill_code(u8 *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        u32 r = rnd() % 16;

        p[i] = r < 8    ? (u8)(rnd() % 7 * 37)
               : r < 10 ? 0xe9
               : r < 12 ? 0xff
               : r < 14 ? 0
                        : (u8)rnd();
        if (r == 15 && i + 5 <= len) {
            u32 target = (rnd() % 9) * 4096 - (u32)i;

            p[i] = 0xe8;
            memcpy(p + i + 1, &target, 4);
            i += 4;
        }
    }
}

static void fill_repeats(u8 *p, size_t len, bool single)
{
    for (size_t i = 0; i < len;) {
        size_t period = single ? 1 : 1 + rnd() % 20, n = period + rnd() % 700;

        for (size_t k = 0; k < n && i < len; k++, i++)
            p[i] = k < period ? (u8)rnd() : p[i - period];
    }
}

static struct buffer make_data(int kind, size_t len)
{
    struct buffer b = {malloc(len ? len : 1), len};

    rnd_state = (u32)(kind * 7919 + (int)len);
    ck_assert_ptr_nonnull(b.data);
    memset(b.data, 0, len);
    if (kind == DATA_TEXT)
        fill_text(b.data, len);
    else if (kind == DATA_CODE)
        fill_code(b.data, len);
    else if (kind == DATA_RUNS || kind == DATA_PERIODS)
        fill_repeats(b.data, len, kind == DATA_RUNS);
    else if (kind == DATA_RANDOM)
        for (size_t i = 0; i < len; i++)
            b.data[i] = (u8)rnd();
    return b;
}

/* ---- encoders: each variant makes one stream of the data ---- */

static struct buffer new_buffer(size_t max)
{
    struct buffer b = {malloc(max), max};

    ck_assert_ptr_nonnull(b.data);
    return b;
}

struct xz_variant {
    u32 preset, lc, lp, pb;
    lzma_check check;
    bool x86;
    size_t block; /* start a new block after so many bytes; 0: one block */
};

static const struct xz_variant xz_variants[] = {
    {6, 3, 0, 2, LZMA_CHECK_CRC32, true, 0},    {0, 3, 0, 2, LZMA_CHECK_CRC64, false, 0},
    {6, 0, 4, 4, LZMA_CHECK_NONE, false, 0},    {9, 4, 0, 0, LZMA_CHECK_CRC32, false, 1000},
    {3, 1, 3, 3, LZMA_CHECK_CRC64, true, 5000}, {6, 3, 0, 2, LZMA_CHECK_CRC32, false, 0},
};

static struct buffer encode_xz(struct buffer d, const void *variant)
{
    const struct xz_variant *v = variant;
    struct buffer b = new_buffer(lzma_stream_buffer_bound(d.len) + d.len + 200000);
    lzma_stream s = LZMA_STREAM_INIT;
    lzma_options_lzma opt;
    lzma_filter filters[3];
    size_t done = 0, n = 0;

    ck_assert(!lzma_lzma_preset(&opt, v->preset));
    /* More than most data, and no more: the encoder clears tables of that size. */
    opt.dict_size = d.len <= 65536 ? 65536 : 1 << 20;
    opt.lc = v->lc;
    opt.lp = v->lp;
    opt.pb = v->pb;
    if (v->x86)
        filters[n++] = (lzma_filter){LZMA_FILTER_X86, NULL};
    filters[n++] = (lzma_filter){LZMA_FILTER_LZMA2, &opt};
    filters[n] = (lzma_filter){LZMA_VLI_UNKNOWN, NULL};
    ck_assert_int_eq(lzma_stream_encoder(&s, filters, v->check), LZMA_OK);
    s.next_out = b.data;
    s.avail_out = b.len;
    do {
        size_t part = d.len - done;
        lzma_ret r;

        if (v->block && part > v->block && s.avail_out > 100000)
            part = v->block + done / 2 < part ? v->block + done / 2 : part;
        s.next_in = d.data + done;
        s.avail_in = part;
        done += part;
        r = lzma_code(&s, done == d.len ? LZMA_FINISH : LZMA_FULL_FLUSH);
        ck_assert_int_eq(r, LZMA_STREAM_END);
    } while (done < d.len);
    b.len = (size_t)s.total_out;
    lzma_end(&s);
    return b;
}

struct gzip_variant {
    int level, strategy;
    bool header; /* with all optional header fields */
};

static const struct gzip_variant gzip_variants[] = {
    {6, Z_DEFAULT_STRATEGY, false},
    {9, Z_DEFAULT_STRATEGY, true},
    {1, Z_DEFAULT_STRATEGY, false},
    {0, Z_DEFAULT_STRATEGY, false},
    {6, Z_FIXED, true},
    {6, Z_HUFFMAN_ONLY, false},
    {6, Z_RLE, false},
};

static struct buffer encode_gzip(struct buffer d, const void *variant)
{
    const struct gzip_variant *v = variant;
    gz_header head = {.extra = (Bytef *)"extra",
                      .extra_len = 5,
                      .name = (Bytef *)"name",
                      .comment = (Bytef *)"some comment",
                      .hcrc = 1};
    struct buffer b = new_buffer(d.len + d.len / 7 + 1000);
    z_stream s = {0};

    ck_assert_int_eq(deflateInit2(&s, v->level, Z_DEFLATED, 31, 9, v->strategy), Z_OK);
    if (v->header)
        ck_assert_int_eq(deflateSetHeader(&s, &head), Z_OK);
    s.next_in = d.data;
    s.avail_in = (uInt)d.len;
    s.next_out = b.data;
    s.avail_out = (uInt)b.len;
    ck_assert_int_eq(deflate(&s, Z_FINISH), Z_STREAM_END);
    b.len = s.total_out;
    deflateEnd(&s);
    return b;
}

struct zstd_variant {
    int level, checksum, content_size, window_log;
};

static const struct zstd_variant zstd_variants[] = {
    {3, 1, 1, 0}, {1, 0, 1, 0}, {19, 1, 0, 0}, {-5, 1, 1, 0}, {9, 1, 0, 10}, {15, 0, 0, 17},
};

static struct buffer encode_zstd(struct buffer d, const void *variant)
{
    const struct zstd_variant *v = variant;
    struct buffer b = new_buffer(ZSTD_compressBound(d.len) + 1000);
    ZSTD_CCtx *c = ZSTD_createCCtx();

    ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, v->level);
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, v->checksum);
    ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, v->content_size);
    if (v->window_log)
        ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, v->window_log);
    b.len = ZSTD_compress2(c, b.data, b.len, d.data, d.len);
    ck_assert(!ZSTD_isError(b.len));
    ZSTD_freeCCtx(c);
    return b;
}

struct lz4_variant {
    int level;
    bool sums, linked, content_size;
    LZ4F_blockSizeID_t block;
};

static const struct lz4_variant lz4_variants[] = {
    {1, true, true, true, LZ4F_max64KB},
    {9, true, false, false, LZ4F_max256KB},
    {12, false, true, false, LZ4F_max4MB},
};

static struct buffer encode_lz4(struct buffer d, const void *variant)
{
    const struct lz4_variant *v = variant;
    LZ4F_preferences_t p = {.compressionLevel = v->level};
    struct buffer b;

    p.frameInfo.blockMode = v->linked ? LZ4F_blockLinked : LZ4F_blockIndependent;
    p.frameInfo.blockSizeID = v->block;
    p.frameInfo.contentChecksumFlag = v->sums ? LZ4F_contentChecksumEnabled : 0;
    p.frameInfo.blockChecksumFlag = v->sums ? LZ4F_blockChecksumEnabled : 0;
    p.frameInfo.contentSize = v->content_size ? d.len : 0;
    b = new_buffer(LZ4F_compressFrameBound(d.len, &p));
    b.len = LZ4F_compressFrame(b.data, b.len, d.data, d.len, &p);
    ck_assert(!LZ4F_isError(b.len));
    return b;
}

static void put32(u8 *p, u32 v)
{
    memcpy(p, &v, sizeof(v));
}

struct legacy_variant {
    int level;
    bool appended_size; /* as kernels do */
};

static const struct legacy_variant legacy_variants[] = {{0, false}, {9, true}};

static struct buffer encode_legacy(struct buffer d, const void *variant)
{
    const struct legacy_variant *v = variant;
    struct buffer b = new_buffer((size_t)LZ4_compressBound((int)d.len) + 1000);
    size_t max = b.len, len = 4;

    put32(b.data, 0x184c2102);
    for (size_t i = 0; i < d.len; i += LEGACY_BLOCK) {
        int n = (int)(d.len - i < LEGACY_BLOCK ? d.len - i : LEGACY_BLOCK);
        const char *from = (const char *)d.data + i;
        char *to = (char *)b.data + len + 4;
        int packed = v->level ? LZ4_compress_HC(from, to, n, (int)(max - len - 4), v->level)
                              : LZ4_compress_default(from, to, n, (int)(max - len - 4));

        ck_assert_int_gt(packed, 0);
        put32(b.data + len, (u32)packed);
        len += 4 + (size_t)packed;
    }
    if (v->appended_size) {
        put32(b.data + len, (u32)d.len);
        len += 4;
    }
    b.len = len;
    return b;
}

typedef int decoder_t(const struct decompress_ctx *, const u8 *, size_t, u8 *, size_t, size_t *);
typedef struct buffer encoder_t(struct buffer d, const void *variant);

/* `strict`: variant 0 has a check sum over the contents, so damage cannot go unnoticed. */
struct codec {
    const char *name;
    enum compression kind;
    decoder_t *decode;
    encoder_t *encode;
    const void *variants;
    size_t variant_size, nr_variants;
    bool strict;
};

#define VARIANTS(v) (v), sizeof((v)[0]), sizeof(v) / sizeof((v)[0])
static const struct codec codecs[] = {
    {"xz", COMPRESSION_XZ, unxz, encode_xz, VARIANTS(xz_variants), true},
    {"gzip", COMPRESSION_GZIP, gunzip, encode_gzip, VARIANTS(gzip_variants), true},
    {"zstd", COMPRESSION_ZSTD, unzstd, encode_zstd, VARIANTS(zstd_variants), true},
    {"lz4", COMPRESSION_LZ4, unlz4, encode_lz4, VARIANTS(lz4_variants), true},
    {"lz4", COMPRESSION_LZ4, unlz4, encode_legacy, VARIANTS(legacy_variants), false},
};
#define NR_CODECS ((int)(sizeof(codecs) / sizeof(codecs[0])))

static struct buffer encode(const struct codec *c, size_t variant, struct buffer d)
{
    return c->encode(d, (const char *)c->variants + variant * c->variant_size);
}

/* Decodes a private copy of the stream; the output is returned in *out, of exactly out_max bytes.
 */
static int run(decoder_t *decode, const u8 *in, size_t in_len, size_t out_max, struct buffer *out)
{
    u8 *copy = malloc(in_len ? in_len : 1);
    int ret;

    out->data = malloc(out_max ? out_max : 1);
    out->len = LEN_UNTOUCHED;
    memcpy(copy, in, in_len);
    alloc_bytes = 0;
    ret = decode(&ctx, copy, in_len, out->data, out_max, &out->len);
    free(copy);
    ck_assert_int_eq(allocs_live, 0);
    ck_assert_uint_le(alloc_bytes, WORK_MAX);
    if (ret)
        ck_assert_uint_eq(out->len, LEN_UNTOUCHED);
    else
        ck_assert_uint_le(out->len, out_max);
    return ret;
}

static bool same(struct buffer a, struct buffer b)
{
    return a.len == b.len && !memcmp(a.data, b.data, a.len);
}

static void check_round_trip(const struct codec *c, size_t variant, int kind, size_t size)
{
    struct buffer d = make_data(kind, size), packed = encode(c, variant, d), out;
    int ret = run(c->decode, packed.data, packed.len, size, &out);

    ck_assert_msg(!ret && same(d, out), "%s variant %zu kind %d size %zu: %d", c->name, variant,
                  kind, size, ret);
    free(out.data);
    /* Room behind the contents and bytes behind the stream change nothing. */
    ret = run(decompress, packed.data, packed.len, size + 1000, &out);
    ck_assert_msg(!ret && same(d, out), "%s variant %zu kind %d size %zu, more room: %d", c->name,
                  variant, kind, size, ret);
    free(out.data);
    free(packed.data);
    free(d.data);
}

START_TEST(round_trip)
{
    static const size_t sizes[] = {0,  1,  2,   3,   4,   7,    8,    9,     15,    16,
                                   17, 33, 100, 255, 257, 1000, 9999, 65535, 65537, 131073};
    const struct codec *c = &codecs[_i / DATA_KINDS];

    for (size_t v = 0; v < c->nr_variants; v++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
            check_round_trip(c, v, _i % DATA_KINDS, sizes[i]);
}
END_TEST

START_TEST(round_trip_large)
{
    const struct codec *c = &codecs[_i];

    for (size_t v = 0; v < c->nr_variants; v++)
        for (int kind = 0; kind < DATA_KINDS; kind++)
            check_round_trip(c, v, kind, kind == DATA_TEXT ? 1 << 20 : (1 << 18) + 1);
}
END_TEST

START_TEST(legacy_many_blocks)
{
    const struct codec *c = &codecs[NR_CODECS - 1];

    for (size_t v = 0; v < c->nr_variants; v++) {
        check_round_trip(c, v, DATA_PERIODS, LEGACY_BLOCK);
        check_round_trip(c, v, DATA_TEXT, LEGACY_BLOCK + 12345);
        check_round_trip(c, v, DATA_ZEROS, 2 * LEGACY_BLOCK);
    }
}
END_TEST

static void check_truncations(const struct codec *c, size_t variant, struct buffer d)
{
    struct buffer packed = encode(c, variant, d), out;

    for (size_t len = 0; len < packed.len; len += len + 5 < packed.len ? test_every(3) : 1) {
        int ret = run(c->decode, packed.data, len, d.len, &out);

        /* The appended size of a kernel is not part of the stream. */
        ck_assert_msg(ret < 0 || (c->encode == encode_legacy && (len == 4 || same(d, out))),
                      "%s variant %zu cut to %zu of %zu", c->name, variant, len, packed.len);
        free(out.data);
    }
    free(packed.data);
}

START_TEST(truncated)
{
    const struct codec *c = &codecs[_i];

    for (int kind = 0; kind < DATA_KINDS; kind++) {
        struct buffer d = make_data(kind, 160);

        for (size_t v = 0; v < c->nr_variants; v++)
            check_truncations(c, v, d);
        free(d.data);
    }
}
END_TEST

START_TEST(bit_flips)
{
    const struct codec *c = &codecs[_i];

    for (int kind = 0; kind < DATA_KINDS; kind++) {
        struct buffer d = make_data(kind, 90), out;

        for (size_t v = 0; v < c->nr_variants; v++) {
            struct buffer packed = encode(c, v, d);

            for (size_t bit = 0; bit < packed.len * 8; bit += test_every(5)) {
                int ret;

                packed.data[bit / 8] ^= (u8)(1 << bit % 8);
                ret = run(c->decode, packed.data, packed.len, d.len, &out);
                ck_assert_msg(ret < 0 || !c->strict || v || same(d, out),
                              "%s kind %d bit %zu of %zu flipped", c->name, kind, bit,
                              packed.len * 8);
                packed.data[bit / 8] ^= (u8)(1 << bit % 8);
                free(out.data);
            }
            free(packed.data);
        }
        free(d.data);
    }
}
END_TEST

/* Damage in larger streams, where the inner loops run without a check per byte. */
START_TEST(random_damage)
{
    const struct codec *c = &codecs[_i];

    for (int kind = 0; kind < DATA_KINDS; kind++) {
        struct buffer d = make_data(kind, 8000), out;

        for (size_t v = 0; v < c->nr_variants; v++) {
            struct buffer packed = encode(c, v, d);

            for (int i = 0; i < 40; i++) {
                u8 *p = &packed.data[rnd() % packed.len], old = *p;
                int ret;

                *p = (u8)rnd();
                ret = run(c->decode, packed.data, packed.len, d.len + (size_t)(i & 1) * 5000, &out);
                ck_assert(ret < 0 || !c->strict || v || same(d, out));
                *p = old;
                free(out.data);
            }
            free(packed.data);
        }
        free(d.data);
    }
}
END_TEST

START_TEST(no_memory)
{
    const struct codec *c = &codecs[_i];
    struct buffer d = make_data(DATA_TEXT, 1000), packed = encode(c, 0, d), out;
    long n = 0;
    int ret;

    do {
        allocs_left = n;
        ret = run(c->decode, packed.data, packed.len, d.len, &out);
        free(out.data);
        ck_assert(!ret || ret == -ENOMEM);
    } while (ret && ++n < 10);
    allocs_left = -1;
    ck_assert_int_eq(ret, 0);
    free(packed.data);
    free(d.data);
}
END_TEST

START_TEST(no_space)
{
    const struct codec *c = &codecs[_i];

    for (int kind = 0; kind < DATA_KINDS; kind++) {
        struct buffer d = make_data(kind, 150), out;

        for (size_t v = 0; v < c->nr_variants; v++) {
            struct buffer packed = encode(c, v, d);

            for (size_t max = 0; max < d.len; max += 1 + max / 8) {
                ck_assert_int_eq(run(c->decode, packed.data, packed.len, max, &out), -ENOSPC);
                free(out.data);
            }
            free(packed.data);
        }
        free(d.data);
    }
}
END_TEST

static void expect_error(struct buffer packed, size_t at, u8 flip, int error)
{
    struct buffer out;

    ck_assert_uint_lt(at, packed.len);
    packed.data[at] ^= flip;
    ck_assert_int_eq(run(decompress, packed.data, packed.len, 1000, &out), error);
    packed.data[at] ^= flip;
    free(out.data);
}

START_TEST(check_sums)
{
    struct buffer d = make_data(DATA_TEXT, 500), p;

    p = encode_gzip(d, &gzip_variants[0]);
    expect_error(p, p.len - 8, 1, -EILSEQ); /* CRC32 */
    expect_error(p, p.len - 4, 1, -EINVAL); /* size */
    free(p.data);
    p = encode_zstd(d, &zstd_variants[0]);
    expect_error(p, p.len - 1, 0x80, -EILSEQ);
    free(p.data);
    p = encode_lz4(d, &lz4_variants[0]);
    expect_error(p, p.len - 1, 0x80, -EILSEQ); /* contents */
    expect_error(p, p.len - 9, 0x80, -EILSEQ); /* block, before the end mark */
    expect_error(p, 14, 0x80, -EILSEQ);        /* header */
    free(p.data);
    for (size_t v = 0; v < 2; v++) {
        p = encode_xz(d, &xz_variants[v]);
        expect_error(p, 8, 1, -EILSEQ);                   /* stream flags */
        expect_error(p, 14, 1, -EILSEQ);                  /* block header */
        expect_error(p, p.len - 12, 1, -EILSEQ);          /* footer */
        expect_error(p, p.len - 12 - 4, 1, -EILSEQ);      /* index */
        expect_error(p, p.len - 12 - 12 - 1, 1, -EILSEQ); /* contents */
        free(p.data);
    }
    free(d.data);
}
END_TEST

START_TEST(unsupported)
{
    static const struct xz_variant sha256 = {6, 3, 0, 2, LZMA_CHECK_SHA256, false, 0};
    struct buffer d = make_data(DATA_TEXT, 500), p, out;
    lzma_options_delta delta = {.type = LZMA_DELTA_TYPE_BYTE, .dist = 4};
    lzma_options_lzma opt;
    lzma_filter filters[] = {
        {LZMA_FILTER_DELTA, &delta}, {LZMA_FILTER_LZMA2, &opt}, {LZMA_VLI_UNKNOWN, NULL}};
    size_t len = 0;

    p = encode_xz(d, &sha256);
    ck_assert_int_eq(run(decompress, p.data, p.len, d.len, &out), -EOPNOTSUPP);
    free(out.data);
    ck_assert(!lzma_lzma_preset(&opt, 6));
    ck_assert_int_eq(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, d.data, d.len,
                                               p.data, &len, p.len + 10000),
                     LZMA_OK);
    ck_assert_int_eq(run(decompress, p.data, len, d.len, &out), -EOPNOTSUPP);
    free(out.data);
    free(p.data);
    p = encode_zstd(d, &zstd_variants[0]);
    expect_error(p, 4, 0x01, -EOPNOTSUPP); /* dictionary id */
    free(p.data);
    p = encode_lz4(d, &lz4_variants[0]);
    expect_error(p, 4, 0x01, -EOPNOTSUPP); /* dictionary id */
    free(p.data);
    p = encode_gzip(d, &gzip_variants[0]);
    expect_error(p, 2, 0x01, -EOPNOTSUPP); /* method */
    expect_error(p, 3, 0x80, -EOPNOTSUPP); /* flag */
    free(p.data);
    free(d.data);
}
END_TEST

START_TEST(recognition)
{
    static const struct {
        const char *bytes, *name;
        enum compression kind;
    } magics[] = {
        {"BZh91AY&SY", "bzip2", COMPRESSION_BZIP2},
        {"\x5d\0\0\x80\0......", "lzma", COMPRESSION_LZMA},
        {"\x89LZO\0\r\n\x1a", "lzo", COMPRESSION_LZO},
        {"MZ plain image", "none", COMPRESSION_NONE},
    };
    struct buffer out;

    for (int i = 0; i < NR_CODECS; i++) {
        struct buffer d = make_data(DATA_TEXT, 100), p = encode(&codecs[i], 0, d);

        ck_assert_int_eq(compression_of(p.data, p.len), codecs[i].kind);
        ck_assert_str_eq(compression_name(codecs[i].kind), codecs[i].name);
        ck_assert_int_eq(compression_of(p.data, 1), COMPRESSION_NONE);
        free(p.data);
        free(d.data);
    }
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const u8 *in = (const u8 *)magics[i].bytes;

        ck_assert_int_eq(compression_of(in, 8), magics[i].kind);
        ck_assert_str_eq(compression_name(magics[i].kind), magics[i].name);
        ck_assert_int_eq(run(decompress, in, 8, 100, &out), -EOPNOTSUPP);
        free(out.data);
    }
    ck_assert_int_eq(compression_of((const u8 *)"", 0), COMPRESSION_NONE);
}
END_TEST

START_TEST(wrong_format)
{
    struct buffer d = make_data(DATA_TEXT, 100), out;

    for (int i = 0; i < NR_CODECS; i++)
        for (int k = 0; k < NR_CODECS; k++) {
            struct buffer p = encode(&codecs[i], 0, d);

            if (codecs[i].kind != codecs[k].kind) {
                ck_assert_int_eq(run(codecs[k].decode, p.data, p.len, 100, &out), -EINVAL);
                free(out.data);
            }
            free(p.data);
        }
    free(d.data);
}
END_TEST

Suite *decompress_suite(void)
{
    Suite *s = suite_create("decompress");
    TCase *good = tcase_create("good streams"), *bad = tcase_create("bad streams");

    tcase_set_timeout(good, 300);
    tcase_add_loop_test(good, round_trip, 0, NR_CODECS * DATA_KINDS);
    tcase_add_loop_test(good, round_trip_large, 0, NR_CODECS);
    tcase_add_test(good, legacy_many_blocks);
    tcase_add_test(good, recognition);
    suite_add_tcase(s, good);
    tcase_set_timeout(bad, 300);
    tcase_add_loop_test(bad, truncated, 0, NR_CODECS);
    tcase_add_loop_test(bad, bit_flips, 0, NR_CODECS);
    tcase_add_loop_test(bad, random_damage, 0, NR_CODECS);
    tcase_add_loop_test(bad, no_memory, 0, NR_CODECS);
    tcase_add_loop_test(bad, no_space, 0, NR_CODECS);
    tcase_add_test(bad, check_sums);
    tcase_add_test(bad, unsupported);
    tcase_add_test(bad, wrong_format);
    suite_add_tcase(s, bad);
    return s;
}

int main(void)
{
    SRunner *runner = srunner_create(decompress_suite());
    int failed;

    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
