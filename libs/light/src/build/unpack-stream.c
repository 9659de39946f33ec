/* SPDX-License-Identifier: MIT */
/* unpack-stream.c - gzip, bzip2, zstd and LZ4 frames, with the libraries of each. */
#include "unpack.h"
#include <bzlib.h>
#include <errno.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

static int gzip_step(struct xlight__pump *p, void *state, size_t *ret_made)
{
    z_stream *z = state;
    int rc;

    z->next_in = (Bytef *)(uintptr_t)p->next;
    z->avail_in = (uInt)p->left;
    z->next_out = p->out;
    z->avail_out = XLIGHT__OUT_SIZE;
    rc = inflate(z, Z_NO_FLUSH);
    xlight__pump_took(p, z->avail_in);
    *ret_made = XLIGHT__OUT_SIZE - z->avail_out;
    if (rc == Z_OK || rc == Z_BUF_ERROR)
        return 0;
    if (rc == Z_STREAM_END)
        return 1;
    if (rc == Z_MEM_ERROR)
        return xlight__pump_no_memory(p);
    return xlight__pump_damaged(p, z->msg ? z->msg : "it needs a dictionary");
}

static int gzip_restart(struct xlight__pump *p, void *state)
{
    return inflateReset(state) == Z_OK ? 0 : xlight__pump_no_memory(p);
}

int xlight__run_gzip(struct xlight__pump *p)
{
    static const struct xlight__codec codec = {gzip_step, gzip_restart};
    z_stream z = {0};
    int rc;

    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
        return xlight__pump_no_memory(p);
    rc = xlight__pump_run(p, &codec, &z);
    inflateEnd(&z);
    return rc;
}

static int bzip2_step(struct xlight__pump *p, void *state, size_t *ret_made)
{
    bz_stream *b = state;
    int rc;

    b->next_in = (char *)(uintptr_t)p->next;
    b->avail_in = (unsigned int)p->left;
    b->next_out = (char *)p->out;
    b->avail_out = XLIGHT__OUT_SIZE;
    rc = BZ2_bzDecompress(b);
    xlight__pump_took(p, b->avail_in);
    *ret_made = XLIGHT__OUT_SIZE - b->avail_out;
    if (rc == BZ_OK)
        return 0;
    if (rc == BZ_STREAM_END)
        return 1;
    if (rc == BZ_MEM_ERROR)
        return xlight__pump_no_memory(p);
    return xlight__pump_damaged(p, rc == BZ_DATA_ERROR_MAGIC ? "bad start of a stream"
                                                             : "bad block or checksum");
}

static int bzip2_restart(struct xlight__pump *p, void *state)
{
    bz_stream *b = state;

    BZ2_bzDecompressEnd(b);
    *b = (bz_stream){0};
    return BZ2_bzDecompressInit(b, 0, 0) == BZ_OK ? 0 : xlight__pump_no_memory(p);
}

int xlight__run_bzip2(struct xlight__pump *p)
{
    static const struct xlight__codec codec = {bzip2_step, bzip2_restart};
    bz_stream b = {0};
    int rc;

    if (BZ2_bzDecompressInit(&b, 0, 0) != BZ_OK)
        return xlight__pump_no_memory(p);
    rc = xlight__pump_run(p, &codec, &b);
    BZ2_bzDecompressEnd(&b);
    return rc;
}

static int zstd_step(struct xlight__pump *p, void *state, size_t *ret_made)
{
    ZSTD_inBuffer in = {p->next, p->left, 0};
    ZSTD_outBuffer out = {p->out, XLIGHT__OUT_SIZE, 0};
    size_t rc = ZSTD_decompressStream(state, &out, &in);

    xlight__pump_took(p, p->left - in.pos);
    *ret_made = out.pos;
    if (ZSTD_isError(rc))
        return xlight__pump_damaged(p, ZSTD_getErrorName(rc));
    return !rc;
}

static int zstd_restart(struct xlight__pump *p, void *state)
{
    return ZSTD_isError(ZSTD_initDStream(state)) ? xlight__pump_no_memory(p) : 0;
}

int xlight__run_zstd(struct xlight__pump *p)
{
    static const struct xlight__codec codec = {zstd_step, zstd_restart};
    ZSTD_DStream *z = ZSTD_createDStream();
    int rc = z ? 0 : xlight__pump_no_memory(p);

    if (!rc)
        rc = zstd_restart(p, z);
    if (!rc)
        rc = xlight__pump_run(p, &codec, z);
    ZSTD_freeDStream(z);
    return rc;
}

static int lz4_step(struct xlight__pump *p, void *state, size_t *ret_made)
{
    size_t in = p->left, out = XLIGHT__OUT_SIZE;
    size_t rc = LZ4F_decompress(state, p->out, &out, p->next, &in, NULL);

    if (LZ4F_isError(rc))
        return xlight__pump_damaged(p, LZ4F_getErrorName(rc));
    xlight__pump_took(p, p->left - in);
    *ret_made = out;
    return !rc;
}

static int lz4_restart(struct xlight__pump *p, void *state)
{
    (void)p;
    LZ4F_resetDecompressionContext(state);
    return 0;
}

int xlight__run_lz4(struct xlight__pump *p)
{
    static const struct xlight__codec codec = {lz4_step, lz4_restart};
    LZ4F_dctx *d = NULL;
    int rc;

    if (LZ4F_isError(LZ4F_createDecompressionContext(&d, LZ4F_VERSION)))
        return xlight__pump_no_memory(p);
    rc = xlight__pump_run(p, &codec, d);
    LZ4F_freeDecompressionContext(d);
    return rc;
}
