/* SPDX-License-Identifier: MIT */
/*
 * unpack-lzma.c - xz and lzma, with liblzma.
 *
 * Of an xz stream with one block, which is what kernels are, the CRC32 is compared here: libdeflate
 * computes it with a tenth of the instructions that liblzma spends on it, one in sixteen of all.
 * Where it is stored follows from the end of the stream; other streams are checked by liblzma.
 */
#include "unpack.h"
#include <errno.h>
#include <libdeflate.h>
#include <lzma.h>

/* Presets need 65 MiB at most to unpack; a file may ask for up to 4 GiB. */
#define LZMA_MEMORY (256U << 20)
#define INDEX_MAX   64 /* bytes of an index with one record */
#define CRC32_SIZE  4
#define BAD_BLOCK   "bad block or checksum"

struct decoder {
    lzma_stream s;
    bool checks; /* the CRC32 of the output, up to now crc, has to become this one */
    uint32_t expected, crc;
    uint64_t end; /* of the stream that this is about */
};

/* The index of a stream that fills the blob up to `end`. */
static bool read_index(const struct xlight__blob *b, uint64_t end, uint64_t size,
                       lzma_index **ret_i)
{
    uint64_t limit = LZMA_MEMORY;
    uint8_t buf[INDEX_MAX];
    size_t pos = 0;

    if (size > sizeof(buf) || end < size + LZMA_STREAM_HEADER_SIZE)
        return false;
    if (xlight__blob_read(b, end - LZMA_STREAM_HEADER_SIZE - size, buf, (size_t)size, NULL))
        return false;
    return lzma_index_buffer_decode(ret_i, &limit, NULL, buf, &pos, (size_t)size) == LZMA_OK;
}

/* If one stream with one block and a CRC32 fills the blob up to `end`: that CRC32, and the end. */
static bool stored_crc32(const struct xlight__blob *b, uint64_t end, struct decoder *d)
{
    uint8_t foot[LZMA_STREAM_HEADER_SIZE];
    lzma_index *index = NULL;
    lzma_stream_flags flags;
    bool found;

    if (end < sizeof(foot) || xlight__blob_read(b, end - sizeof(foot), foot, sizeof(foot), NULL) ||
        lzma_stream_footer_decode(&flags, foot) != LZMA_OK || flags.check != LZMA_CHECK_CRC32 ||
        !read_index(b, end, flags.backward_size, &index))
        return false;
    found = lzma_index_block_count(index) == 1 && lzma_index_stream_size(index) == end &&
            !xlight__blob_read(b, end - sizeof(foot) - flags.backward_size - CRC32_SIZE,
                               &d->expected, CRC32_SIZE, NULL);
    lzma_index_end(index, NULL);
    d->end = end;
    return found;
}

static bool find_crc32(const struct xlight__blob *b, struct decoder *d)
{
    /* In a bzImage the size of the output follows. */
    return stored_crc32(b, b->size, d) || (b->size > 4 && stored_crc32(b, b->size - 4, d));
}

/* Another stream may end before the one that the end of the blob tells of. */
static bool is_right(const struct xlight__pump *p, const struct decoder *d)
{
    return !d->checks || (d->crc == d->expected && p->at - p->left == d->end);
}

static int lzma_step(struct xlight__pump *p, void *state, size_t *ret_made)
{
    struct decoder *d = state;
    lzma_stream *s = &d->s;
    lzma_ret rc;

    s->next_in = p->next;
    s->avail_in = p->left;
    s->next_out = p->out;
    s->avail_out = XLIGHT__OUT_SIZE;
    rc = lzma_code(s, LZMA_RUN);
    xlight__pump_took(p, s->avail_in);
    *ret_made = XLIGHT__OUT_SIZE - s->avail_out;
    if (d->checks)
        d->crc = libdeflate_crc32(d->crc, p->out, *ret_made);
    switch (rc) {
    case LZMA_OK:
    case LZMA_BUF_ERROR:
    case LZMA_NO_CHECK:
    case LZMA_GET_CHECK:
        return 0;
    case LZMA_STREAM_END:
        return is_right(p, d) ? 1 : xlight__pump_damaged(p, BAD_BLOCK);
    case LZMA_MEM_ERROR:
        return xlight__pump_no_memory(p);
    case LZMA_MEMLIMIT_ERROR:
        return xlight__why(p->why, -EFBIG, "unpacking it needs %llu MiB of memory, %u are allowed",
                           (unsigned long long)(lzma_memusage(s) >> 20), LZMA_MEMORY >> 20);
    case LZMA_UNSUPPORTED_CHECK:
        return xlight__pump_damaged(p, "its kind of checksum is not known");
    case LZMA_OPTIONS_ERROR:
        return xlight__pump_damaged(p, "it uses a filter or option that is not known");
    case LZMA_FORMAT_ERROR:
        return xlight__pump_damaged(p, "bad start of a stream");
    default:
        return xlight__pump_damaged(p, BAD_BLOCK);
    }
}

static int start(struct xlight__pump *p, struct decoder *d)
{
    uint32_t flags = d->checks ? LZMA_IGNORE_CHECK : LZMA_TELL_UNSUPPORTED_CHECK;
    lzma_ret rc = p->packer->alone ? lzma_alone_decoder(&d->s, LZMA_MEMORY)
                                   : lzma_stream_decoder(&d->s, LZMA_MEMORY, flags);

    return rc == LZMA_OK ? 0 : xlight__pump_no_memory(p);
}

static int lzma_restart(struct xlight__pump *p, void *state)
{
    struct decoder *d = state;

    /* What was found at the end was for the first stream. */
    d->checks = false;
    return start(p, d);
}

int xlight__run_lzma(struct xlight__pump *p)
{
    static const struct xlight__codec codec = {lzma_step, lzma_restart};
    struct decoder d = {.s = LZMA_STREAM_INIT};
    int rc;

    d.checks = !p->packer->alone && find_crc32(p->blob, &d);
    rc = start(p, &d);
    if (!rc)
        rc = xlight__pump_run(p, &codec, &d);
    lzma_end(&d.s);
    return rc;
}
