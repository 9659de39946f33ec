/* SPDX-License-Identifier: MIT */
/*
 * pack.c - a stream in frames of zstd. Pure code.
 *
 * Whatever is written in one go is a frame of its own, with a checksum: who reads it never waits
 * for bytes that are kept back, and knows at its end that it is as it was. Of what is behind a
 * frame nothing is read: zstd says how much it needs next, which is never more than the frame has.
 */
#include "stream.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define LEVEL 1 /* memory of guests: the network or the disk is to be the slow part */

static const uint8_t magic[XLIGHT__PACK_MAGIC] = {0x28, 0xb5, 0x2f, 0xfd};

struct ZSTD_CCtx_s *xlight__pack_new(void)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();

    if (z && !ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, LEVEL)) &&
        !ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1)))
        return z;
    ZSTD_freeCCtx(z);
    return NULL;
}

void xlight__pack_free(struct ZSTD_CCtx_s *z)
{
    ZSTD_freeCCtx(z);
}

void xlight__pack(struct ZSTD_CCtx_s *z, struct xlight__out *from, struct xlight__out *to)
{
    size_t bound = ZSTD_compressBound(from->used), used = to->used, size;
    void *space = from->failed ? NULL : xlight__out_space(to, bound);

    size = space ? ZSTD_compress2(z, space, bound, from->data, from->used) : 0;
    if (!space || ZSTD_isError(size)) {
        to->failed = true;
        return;
    }
    to->used = used + size;
    from->used = 0;
}

static int64_t damaged(struct xlight__unpack *u, const char *name, struct xlight__why *why)
{
    return xlight__why(why, -EBADMSG, "its frames of zstd are damaged before byte %" PRIu64 ": %s",
                       u->taken, name);
}

static int64_t get(struct xlight__unpack *u, void *buf, size_t size, struct xlight__why *why)
{
    int64_t got = u->read(u->arg, buf, size);

    if (got > 0)
        u->taken += (uint64_t)got;
    if (got >= 0 || got == -EAGAIN)
        return got;
    return xlight__why(why, (int)got, "cannot read: %s", strerrordesc_np((int)-got));
}

/* Bytes of frames, no more than the current one has. */
static int64_t fill(struct xlight__unpack *u, struct xlight__why *why)
{
    int64_t got;

    if (!u->z) {
        u->z = ZSTD_createDCtx();
        u->room = ZSTD_DStreamInSize();
        u->buf = malloc(u->room);
        if (!u->z || !u->buf)
            return xlight__why(why, -ENOMEM, "no memory for frames of zstd");
        u->need = ZSTD_initDStream(u->z);
        memcpy(u->buf, u->head, u->nr_head);
        u->have = u->nr_head;
        u->between = true;
        if (u->have)
            return 1;
    }
    got = get(u, u->buf, u->need < u->room ? u->need : u->room, why);
    if (got > 0) {
        u->have = (size_t)got;
        u->at = 0;
    }
    return got;
}

/* Some bytes; 0 at the end of everything, or, if that is wanted, of a frame. */
static int64_t pull(struct xlight__unpack *u, void *buf, size_t size, bool one,
                    struct xlight__why *why)
{
    ZSTD_outBuffer out = {buf, size, 0};

    while (!out.pos) {
        ZSTD_inBuffer in;
        size_t rc;

        if (one && u->between && u->at == u->have)
            return 0;
        /* It is asked for what it still has only once: it complains of calls in vain. */
        if (u->at == u->have && !u->more) {
            int64_t got = fill(u, why);

            if (got <= 0)
                return got;
        }
        in = (ZSTD_inBuffer){u->buf, u->have, u->at};
        rc = ZSTD_decompressStream(u->z, &out, &in);
        if (ZSTD_isError(rc))
            return damaged(u, ZSTD_getErrorName(rc), why);
        u->at = in.pos;
        u->between = !rc;
        u->need = rc ? rc : XLIGHT__PACK_MAGIC + 1;
        u->more = rc && out.pos == out.size;
    }
    return (int64_t)out.pos;
}

/* Frames, or not? */
static int64_t look(struct xlight__unpack *u, struct xlight__why *why)
{
    int64_t got = 1;

    while (got > 0 && u->nr_head < sizeof(magic) && !memcmp(u->head, magic, u->nr_head)) {
        got = get(u, u->head + u->nr_head, sizeof(magic) - u->nr_head, why);
        if (got > 0)
            u->nr_head += (unsigned int)got;
    }
    if (got >= 0)
        u->kind = memcmp(u->head, magic, sizeof(magic)) ? XLIGHT__PLAIN : XLIGHT__PACKED;
    return got < 0 ? got : 1;
}

int64_t xlight__unpack_read(struct xlight__unpack *u, void *buf, size_t size,
                            struct xlight__why *why)
{
    int64_t got = u->kind == XLIGHT__UNKNOWN ? look(u, why) : 1;
    size_t head = u->nr_head - u->head_at;

    if (got < 0)
        return got;
    if (u->kind == XLIGHT__PACKED)
        return pull(u, buf, size, false, why);
    if (head) {
        head = size < head ? size : head;
        memcpy(buf, u->head + u->head_at, head);
        u->head_at += (unsigned int)head;
        return (int64_t)head;
    }
    return get(u, buf, size, why);
}

int xlight__unpack_end(struct xlight__unpack *u, struct xlight__why *why)
{
    uint8_t byte;
    int64_t got;

    if (u->kind != XLIGHT__PACKED)
        return 0;
    got = pull(u, &byte, 1, true, why);
    if (got > 0)
        return xlight__why(why, -EBADMSG, "something follows its end in the same frame of zstd");
    if (!got && !u->between)
        return xlight__why(why, -ENODATA, "it ends in a frame of zstd, at byte %" PRIu64, u->taken);
    return (int)got;
}

void xlight__unpack_told(struct xlight__unpack *u, bool packed, const void *head, size_t size)
{
    u->kind = packed ? XLIGHT__PACKED : XLIGHT__PLAIN;
    if (size)
        memcpy(u->head, head, size);
    u->nr_head = (unsigned int)size;
    u->taken += size;
}

void xlight__unpack_free(struct xlight__unpack *u)
{
    ZSTD_freeDCtx(u->z);
    free(u->buf);
    u->z = NULL;
    u->buf = NULL;
}
