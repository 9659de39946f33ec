/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - packed kernels: recognising and unpacking.
 *
 * Input is read in pieces from a blob, output goes in pieces to a file: neither is ever held in
 * memory as a whole. All formats that Linux packs its images with are known.
 */
#ifndef XENOLITH_LIGHT_BUILD_UNPACK_H
#define XENOLITH_LIGHT_BUILD_UNPACK_H

#include "blob.h"
#include <stdbool.h>

/* Where output goes. Pages of zeros become holes in the file. */
struct xlight__sink {
    int fd;        /* -1: output is only counted */
    uint64_t base; /* of the output in the file; page aligned */
    uint64_t size; /* of the output so far */
    uint64_t max;  /* larger output is refused */
    bool broken;   /* the file could not be written */
};

int xlight__sink_write(struct xlight__sink *s, const void *data, size_t len,
                       struct xlight__why *why);

struct xlight__packer;

/* The format that data is packed in, by its first bytes; NULL: none that we know. */
const struct xlight__packer *xlight__packer_find(const void *head, size_t len);
const char *xlight__packer_name(const struct xlight__packer *p);
#define XLIGHT__PACKER_HEAD 16 /* bytes that are always enough to tell */

/*
 * Unpacks b, which starts with a stream of format p; others of that format may follow, what is
 * behind them is left alone. -EILSEQ: damaged; -ENODATA: cut short; -EFBIG: larger than out->max,
 * or more memory needed than anything sensible asks for.
 */
int xlight__unpack(const struct xlight__packer *p, const struct xlight__blob *b,
                   struct xlight__sink *out, struct xlight__why *why);

/* Inside of unpack*.c */

#define XLIGHT__IN_SIZE  (128U << 10)
#define XLIGHT__OUT_SIZE (256U << 10)

struct xlight__pump {
    const struct xlight__packer *packer;
    const struct xlight__blob *blob;
    struct xlight__sink *sink;
    struct xlight__why *why;
    uint64_t at;         /* of what is behind in[], in the blob */
    const uint8_t *next; /* input, left bytes of it */
    size_t left;
    uint8_t *out; /* XLIGHT__OUT_SIZE bytes */
    uint8_t *in;
};

struct xlight__packer {
    const char *name;
    uint8_t magic[9];
    uint8_t magic_len;
    bool alone; /* the LZMA kind without a container */
    int (*run)(struct xlight__pump *p);
};

/* At least one byte of input: 1; none left: 0. */
int xlight__pump_fill(struct xlight__pump *p);
/* Exactly len bytes of input, to buf. */
int xlight__pump_take(struct xlight__pump *p, void *buf, size_t len);
/* Is there another stream of this format? */
int xlight__pump_again(struct xlight__pump *p);
int xlight__pump_damaged(struct xlight__pump *p, const char *what);
int xlight__pump_cut(struct xlight__pump *p);
int xlight__pump_no_memory(struct xlight__pump *p);
/* The decoder has taken input, and left so much of it. */
void xlight__pump_took(struct xlight__pump *p, size_t left);
uint64_t xlight__pump_left(const struct xlight__pump *p);

/* A decoder that takes and gives bytes as they come. */
struct xlight__codec {
    /* 0 go on, 1 end of a stream, or an error after it was explained. */
    int (*step)(struct xlight__pump *p, void *state, size_t *ret_made);
    int (*restart)(struct xlight__pump *p, void *state);
};
int xlight__pump_run(struct xlight__pump *p, const struct xlight__codec *c, void *state);

int xlight__run_gzip(struct xlight__pump *p);
int xlight__run_bzip2(struct xlight__pump *p);
int xlight__run_lzma(struct xlight__pump *p);
int xlight__run_zstd(struct xlight__pump *p);
int xlight__run_lz4(struct xlight__pump *p);
int xlight__run_lz4_legacy(struct xlight__pump *p);
int xlight__run_lzo(struct xlight__pump *p);

#endif /* XENOLITH_LIGHT_BUILD_UNPACK_H */
