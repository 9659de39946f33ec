/* SPDX-License-Identifier: MIT */
/*
 * unpack-block.c - formats that are a row of blocks, each unpacked in one go: LZ4 in its old form,
 * which Linux uses for its images, and the files of lzop.
 */
#include "unpack.h"
#include <endian.h>
#include <errno.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct xlight__pump *p)
{
    return xlight__why(p->why, -ENOMEM, "no memory to unpack %s data", p->packer->name);
}

/* What a block is unpacked from and to. */
struct blocks {
    uint8_t *in, *out;
    uint32_t in_room, out_room;
};

static int blocks_init(struct xlight__pump *p, struct blocks *b, uint32_t in_room,
                       uint32_t out_room)
{
    *b = (struct blocks){malloc(in_room), malloc(out_room), in_room, out_room};
    return b->in && b->out ? 0 : no_memory(p);
}

static void blocks_fini(struct blocks *b)
{
    free(b->in);
    free(b->out);
}

/* LZ4, old form: u32 length, block, ... each unpacking to at most 8 MiB; no end mark. */
#define LZ4_BLOCK (8U << 20)

static int lz4_blocks(struct xlight__pump *p, struct blocks *b)
{
    /* Linux puts the unpacked size behind the last block: a length without a block. */
    while (xlight__pump_left(p) > sizeof(uint32_t)) {
        uint32_t len;
        int rc, n;

        rc = xlight__pump_take(p, &len, sizeof(len));
        if (rc)
            return rc;
        len = le32toh(len);
        if (len == 0x184c2102U)
            continue; /* another stream */
        if (!len || len > b->in_room)
            return xlight__pump_damaged(p, "a block has an impossible length");
        rc = xlight__pump_take(p, b->in, len);
        if (rc)
            return rc;
        n = LZ4_decompress_safe((char *)b->in, (char *)b->out, (int)len, (int)b->out_room);
        if (n < 0)
            return xlight__pump_damaged(p, "a block cannot be unpacked");
        rc = xlight__sink_write(p->sink, b->out, (size_t)n, p->why);
        if (rc)
            return rc;
    }
    return 0;
}

int xlight__run_lz4_legacy(struct xlight__pump *p)
{
    uint32_t magic;
    struct blocks b;
    int rc = blocks_init(p, &b, LZ4_COMPRESSBOUND(LZ4_BLOCK), LZ4_BLOCK);

    if (!rc)
        rc = xlight__pump_take(p, &magic, sizeof(magic));
    if (!rc && xlight__pump_left(p) <= sizeof(uint32_t))
        rc = xlight__pump_cut(p);
    if (!rc)
        rc = lz4_blocks(p, &b);
    blocks_fini(&b);
    return rc;
}

/* The head of an lzop file. Numbers are big-endian. */
#define LZOP_ADLER32_D   0x1U /* checksums of blocks: unpacked, */
#define LZOP_ADLER32_C   0x2U /* and packed */
#define LZOP_EXTRA_FIELD 0x40U
#define LZOP_CRC32_D     0x100U
#define LZOP_CRC32_C     0x200U
#define LZOP_FILTER      0x800U
#define LZOP_MULTIPART   0x400U
#define LZOP_BLOCK       (16U << 20) /* lzop makes 256 KiB */
#define LZOP_OLD         0x0940U

static int take16(struct xlight__pump *p, uint16_t *ret)
{
    int rc = xlight__pump_take(p, ret, sizeof(*ret));

    *ret = be16toh(*ret);
    return rc;
}

static int take32(struct xlight__pump *p, uint32_t *ret)
{
    int rc = xlight__pump_take(p, ret, sizeof(*ret));

    *ret = be32toh(*ret);
    return rc;
}

static int skip(struct xlight__pump *p, uint32_t len)
{
    uint8_t waste[256];
    int rc = 0;

    while (!rc && len) {
        uint32_t n = len < sizeof(waste) ? len : (uint32_t)sizeof(waste);

        rc = xlight__pump_take(p, waste, n);
        len -= n;
    }
    return rc;
}

/* Versions before 0.94 lack three fields. The head's own checksum is not looked at. */
static int lzop_head(struct xlight__pump *p, uint32_t *ret_flags)
{
    uint8_t method = 0, name_len = 0;
    uint16_t version = 0;
    uint32_t extra = 0;
    int rc = skip(p, sizeof(p->packer->magic));

    if (!rc)
        rc = take16(p, &version);
    if (!rc)
        rc = skip(p, version >= LZOP_OLD ? 4 : 2); /* of the library, needed */
    if (!rc)
        rc = xlight__pump_take(p, &method, 1);
    if (!rc && version >= LZOP_OLD)
        rc = skip(p, 1); /* level */
    if (!rc)
        rc = take32(p, ret_flags);
    if (!rc && (*ret_flags & (LZOP_FILTER | LZOP_MULTIPART)))
        return xlight__pump_damaged(p, "filters and files in parts are not supported");
    if (!rc && (method < 1 || method > 3))
        return xlight__pump_damaged(p, "its packing method is not known");
    if (!rc)
        rc = skip(p, version >= LZOP_OLD ? 12 : 8); /* mode, time */
    if (!rc)
        rc = xlight__pump_take(p, &name_len, 1);
    if (!rc)
        rc = skip(p, name_len + 4U);
    if (!rc && (*ret_flags & LZOP_EXTRA_FIELD)) {
        rc = take32(p, &extra);
        if (!rc && extra > 65536)
            return xlight__pump_damaged(p, "its head is too long");
        if (!rc)
            rc = skip(p, extra + 4);
    }
    return rc;
}

/* What stands before each block; *ret_unpacked 0: the end. */
static int lzop_block_head(struct xlight__pump *p, uint32_t flags, uint32_t *ret_unpacked,
                           uint32_t *ret_packed, uint32_t *ret_adler)
{
    bool small;
    int rc = take32(p, ret_unpacked);

    if (rc || !*ret_unpacked)
        return rc;
    rc = take32(p, ret_packed);
    if (!rc && (*ret_unpacked > LZOP_BLOCK || !*ret_packed || *ret_packed > *ret_unpacked))
        return xlight__pump_damaged(p, "a block has an impossible length");
    small = *ret_packed < *ret_unpacked;
    if (!rc && (flags & LZOP_ADLER32_D))
        rc = take32(p, ret_adler);
    if (!rc && (flags & LZOP_CRC32_D))
        rc = skip(p, 4);
    if (!rc && small && (flags & LZOP_ADLER32_C))
        rc = skip(p, 4);
    if (!rc && small && (flags & LZOP_CRC32_C))
        rc = skip(p, 4);
    return rc;
}

static int lzop_block(struct xlight__pump *p, struct blocks *b, uint32_t flags, bool *ret_end)
{
    uint32_t unpacked = 0, packed = 0, adler = 0;
    lzo_uint n;
    int rc = lzop_block_head(p, flags, &unpacked, &packed, &adler);

    if (rc || !unpacked) {
        *ret_end = true;
        return rc;
    }
    if (unpacked > b->out_room) {
        blocks_fini(b);
        rc = blocks_init(p, b, unpacked, unpacked);
        if (rc)
            return rc;
    }
    /* A block that did not become smaller is stored as it was. */
    rc = xlight__pump_take(p, packed < unpacked ? b->in : b->out, packed);
    if (rc)
        return rc;
    n = unpacked;
    if (packed < unpacked && lzo1x_decompress_safe(b->in, packed, b->out, &n, NULL) != LZO_E_OK)
        return xlight__pump_damaged(p, "a block cannot be unpacked");
    if (n != unpacked)
        return xlight__pump_damaged(p, "a block unpacks to another size than it says");
    if ((flags & LZOP_ADLER32_D) && lzo_adler32(1, b->out, unpacked) != adler)
        return xlight__pump_damaged(p, "a block has a wrong checksum");
    return xlight__sink_write(p->sink, b->out, unpacked, p->why);
}

int xlight__run_lzo(struct xlight__pump *p)
{
    struct blocks b = {0};
    int rc = 0, again = 1;

    if (lzo_init() != LZO_E_OK)
        return xlight__why(p->why, -EOPNOTSUPP, "the LZO library does not work here");
    while (!rc && again > 0) {
        uint32_t flags = 0;
        bool end = false;

        rc = lzop_head(p, &flags);
        while (!rc && !end)
            rc = lzop_block(p, &b, flags, &end);
        again = rc ? 0 : xlight__pump_again(p);
    }
    blocks_fini(&b);
    return rc ? rc : again;
}
