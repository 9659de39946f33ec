/* SPDX-License-Identifier: MIT */
/* kernel.c - from a kernel file to an ELF image: bzImage, packed files, the cache of results. */
#include "kernel.h"
#include "cache.h"
#include "unpack.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LAYERS 3 /* a packed bzImage with a packed payload needs two */

/* Linux's boot protocol: offsets in the file. */
#define BZ_SETUP_SECTS    0x1f1
#define BZ_BOOT_FLAG      0x1fe
#define BZ_MAGIC          0x202
#define BZ_VERSION        0x206
#define BZ_PAYLOAD_OFFSET 0x248
#define BZ_PAYLOAD_LENGTH 0x24c
#define BZ_HEADER_END     0x250
#define BZ_PAYLOAD_SINCE  0x0208

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static uint16_t get16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static bool is_elf(const uint8_t *head, size_t len)
{
    return len >= 4 && !memcmp(head, "\177ELF", 4);
}

static bool is_bzimage(const uint8_t *head, size_t len)
{
    return len >= BZ_HEADER_END && get16(head + BZ_BOOT_FLAG) == 0xaa55 &&
           !memcmp(head + BZ_MAGIC, "HdrS", 4);
}

static int probe_bzimage(const struct xlight__blob *b, const uint8_t *head,
                         struct xlight__kernel_image *i, struct xlight__why *why)
{
    unsigned int version = get16(head + BZ_VERSION);
    uint64_t sects = head[BZ_SETUP_SECTS] ? head[BZ_SETUP_SECTS] : 4;
    uint64_t start = (sects + 1) * 512 + get32(head + BZ_PAYLOAD_OFFSET);
    uint64_t len = get32(head + BZ_PAYLOAD_LENGTH);
    uint8_t magic[XLIGHT__PACKER_HEAD], tail[4];
    int rc;

    if (version < BZ_PAYLOAD_SINCE)
        return xlight__why(why, -ENOEXEC,
                           "the bzImage has boot protocol %u.%02u; 2.08 or newer is needed",
                           version >> 8, version & 0xff);
    if (start > b->size || len > b->size - start || len < sizeof(magic))
        return xlight__why(why, -ENOEXEC,
                           "the payload of the bzImage, 0x%llx bytes at 0x%llx, lies outside of "
                           "the file of 0x%llx bytes",
                           (unsigned long long)len, (unsigned long long)start,
                           (unsigned long long)b->size);
    i->kind = XLIGHT__IMAGE_BZIMAGE;
    i->payload = xlight__blob_part(b, start, len);
    rc = xlight__blob_read(&i->payload, 0, magic, sizeof(magic), why);
    if (!rc)
        rc = xlight__blob_read(&i->payload, len - sizeof(tail), tail, sizeof(tail), why);
    if (rc)
        return rc;
    if (is_elf(magic, sizeof(magic)))
        return 0;
    i->packer = xlight__packer_find(magic, sizeof(magic));
    if (!i->packer)
        return xlight__why(why, -ENOEXEC,
                           "the payload of the bzImage is packed in a format that is not known: "
                           "%02x %02x %02x %02x",
                           magic[0], magic[1], magic[2], magic[3]);
    i->has_size = true;
    i->size = get32(tail);
    return 0;
}

int xlight__image_probe(const struct xlight__blob *b, struct xlight__kernel_image *ret_i,
                        struct xlight__why *why)
{
    struct xlight__kernel_image i = {.payload = *b};
    uint8_t head[BZ_HEADER_END];
    size_t len = b->size < sizeof(head) ? (size_t)b->size : sizeof(head);
    int rc = xlight__blob_read(b, 0, head, len, why);

    if (!rc && is_bzimage(head, len)) {
        rc = probe_bzimage(b, head, &i, why);
    } else if (!rc && is_elf(head, len)) {
        i.kind = XLIGHT__IMAGE_ELF;
    } else if (!rc) {
        i.kind = XLIGHT__IMAGE_PACKED;
        i.packer = xlight__packer_find(head, len);
        if (!i.packer)
            rc = xlight__why(why, -ENOEXEC,
                             "neither a bzImage nor ELF nor packed in a format that is known");
    }
    if (!rc)
        *ret_i = i;
    return rc;
}

/* One layer, to fd from base on. *ret_broken: fd is at fault, not what was unpacked. */
static int unpack_layer(const struct xlight__kernel_image *i, int fd, uint64_t base, uint64_t max,
                        struct xlight__blob *ret_b, bool *ret_broken, struct xlight__why *why)
{
    struct xlight__sink sink = {.fd = fd, .base = base, .max = max};
    int rc = xlight__unpack(i->packer, &i->payload, &sink, why);

    *ret_broken = sink.broken;
    if (!rc && i->has_size && (uint32_t)sink.size != i->size)
        rc = xlight__why(why, -EILSEQ, "it unpacks to %llu bytes, not to %u as the bzImage says",
                         (unsigned long long)sink.size, i->size);
    if (!rc)
        *ret_b = (struct xlight__blob){.fd = fd, .start = base, .size = sink.size};
    return rc;
}

/* A layer to a file in memory, which *ret_b is then in. */
static int unpack_to_memory(const struct xlight__kernel_image *i, uint64_t max,
                            struct xlight__blob *ret_b, struct xlight__why *why)
{
    int fd = memfd_create("xenolith-kernel", MFD_CLOEXEC), rc;
    bool broken;

    if (fd < 0)
        return xlight__why(why, -errno, "cannot make a file in memory: %s", strerrordesc_np(errno));
    rc = unpack_layer(i, fd, 0, max, ret_b, &broken, why);
    if (rc)
        close(fd);
    return rc;
}

/* The same to the cache. A full disk is no reason to fail: -EAGAIN, and the entry is dropped. */
static int unpack_to_cache(const struct xlight__kernel_image *i, uint64_t max,
                           struct xlight__cache_new *n, struct xlight__blob *ret_b,
                           struct xlight__why *why)
{
    struct xlight__why mine = {0};
    bool broken;
    int rc;

    if (n->fd < 0)
        return -EAGAIN;
    rc = unpack_layer(i, n->fd, n->base, max, ret_b, &broken, &mine);
    if (!rc)
        ret_b->fd = fcntl(n->fd, F_DUPFD_CLOEXEC, 0);
    if (!rc && ret_b->fd >= 0)
        return 0;
    xlight__cache_new_drop(n);
    if (!rc || broken)
        return -EAGAIN;
    if (why)
        *why = mine;
    return rc;
}

/* Layer by layer until there is ELF. k->fd is what k->image is in. */
static int unpack_all(struct xlight__kernel *k, const struct xlight__kernel_image *first,
                      struct xlight__cache_new *n, uint64_t max, struct xlight__why *why)
{
    struct xlight__kernel_image i = *first;

    for (int layer = 0; i.packer; layer++) {
        struct xlight__blob b;
        int rc;

        if (layer == LAYERS)
            return xlight__why(why, -ENOEXEC, "the kernel is packed more than %d times", LAYERS);
        /* The first layer is the last one nearly always, so it goes to the cache. */
        rc = layer ? -EAGAIN : unpack_to_cache(&i, max, n, &b, why);
        if (rc == -EAGAIN)
            rc = unpack_to_memory(&i, max, &b, why);
        if (rc)
            return rc;
        rc = xlight__image_probe(&b, &i, why);
        if (k->fd >= 0)
            close(k->fd);
        k->fd = b.fd;
        if (rc)
            return rc;
        k->image = i.payload;
        /* An entry is the image itself and no more. */
        if (i.kind != XLIGHT__IMAGE_ELF)
            xlight__cache_new_drop(n);
    }
    return 0;
}

int xlight__kernel_load(const struct xlight__blob *file, const struct xlight__kernel_options *opts,
                        struct xlight__kernel **ret_k, struct xlight__why *why)
{
    uint64_t max = opts && opts->max_unpacked ? opts->max_unpacked : XLIGHT__KERNEL_MAX;
    struct xlight__kernel *k = calloc(1, sizeof(*k));
    struct xlight__cache_new n = XLIGHT__CACHE_NEW_INIT;
    struct xlight__cache *cache = NULL;
    struct xlight__kernel_image i;
    int rc;

    if (!k)
        return xlight__why(why, -ENOMEM, "no memory for a kernel");
    k->fd = -1;
    rc = xlight__image_probe(file, &i, why);
    if (!rc && i.packer && opts && opts->cache_dir) {
        xlight__cache_open(opts->cache_dir, opts->cache_max, &cache);
        k->fd = xlight__cache_find(cache, file, &k->image);
        k->cached = k->fd >= 0;
        if (!k->cached)
            xlight__cache_new_start(cache, file, &n);
    }
    if (!rc && !k->cached) {
        k->image = i.payload;
        rc = unpack_all(k, &i, &n, max, why);
    }
    if (!rc)
        rc = xlight__elf_read(&k->image, &k->elf, why);
    /* Only kernels that can be used are worth keeping. */
    if (!rc && !k->cached)
        xlight__cache_new_commit(&n, k->image.size);
    xlight__cache_new_drop(&n);
    xlight__cache_close(cache);
    if (rc) {
        xlight__kernel_free(k);
        return rc;
    }
    *ret_k = k;
    return 0;
}

void xlight__kernel_free(struct xlight__kernel *k)
{
    if (k && k->fd >= 0)
        close(k->fd);
    free(k);
}
