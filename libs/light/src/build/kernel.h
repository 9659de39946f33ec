/* SPDX-License-Identifier: MIT */
/* kernel.h - a kernel file, unpacked and understood: ready to be loaded any number of times. */
#ifndef XENOLITH_LIGHT_BUILD_KERNEL_H
#define XENOLITH_LIGHT_BUILD_KERNEL_H

#include "elf-image.h"

#define XLIGHT__KERNEL_MAX (1ULL << 30) /* bytes, unpacked: default limit */

struct xlight__kernel {
    struct xlight__blob image; /* ELF */
    int fd;                    /* what image is in, if that is ours; or -1 */
    bool cached;               /* image came from the cache */
    struct xlight__elf elf;
};

struct xlight__kernel_options {
    const char *cache_dir; /* NULL: no cache */
    uint64_t cache_max;    /* bytes that the cache may take; 0: 1 GiB */
    uint64_t max_unpacked; /* bytes; 0: XLIGHT__KERNEL_MAX */
};

/*
 * Unpacks a kernel: bzImage, ELF, or either of them packed once more, in any format of unpack.h.
 * The file (or the memory) must stay until xlight__kernel_free(). opts may be NULL. A cache that
 * cannot be used is no error.
 * -ENOEXEC: not a kernel that we know; -EILSEQ, -ENODATA, -EFBIG as for xlight__unpack().
 */
int xlight__kernel_load(const struct xlight__blob *file, const struct xlight__kernel_options *opts,
                        struct xlight__kernel **ret_k, struct xlight__why *why);
/* NULL is fine. */
void xlight__kernel_free(struct xlight__kernel *k);

/* What a blob holds, without unpacking it. */
enum xlight__image_kind { XLIGHT__IMAGE_ELF = 1, XLIGHT__IMAGE_PACKED, XLIGHT__IMAGE_BZIMAGE };
struct xlight__kernel_image {
    enum xlight__image_kind kind;
    struct xlight__blob payload;         /* ELF, or packed */
    const struct xlight__packer *packer; /* NULL: the payload is ELF */
    bool has_size;                       /* bzImage: what it unpacks to is known */
    uint32_t size;                       /* that, modulo 2^32 */
};
int xlight__image_probe(const struct xlight__blob *b, struct xlight__kernel_image *ret_i,
                        struct xlight__why *why);

#endif /* XENOLITH_LIGHT_BUILD_KERNEL_H */
