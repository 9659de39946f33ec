/* SPDX-License-Identifier: MIT */
/* blob.c - reading from memory or a file; clearing guest memory. */
#include "blob.h"
#include <emmintrin.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int xlight__blob_file(int fd, struct xlight__blob *ret_b, struct xlight__why *why)
{
    struct stat st;

    if (fstat(fd, &st))
        return xlight__why(why, -errno, "cannot look at the file: %s", strerrordesc_np(errno));
    if (!S_ISREG(st.st_mode))
        return xlight__why(why, -EINVAL, "this is not a regular file");
    *ret_b = (struct xlight__blob){.fd = fd, .size = (uint64_t)st.st_size};
    return 0;
}

struct xlight__blob xlight__blob_part(const struct xlight__blob *b, uint64_t start, uint64_t size)
{
    struct xlight__blob part = *b;

    if (b->data)
        part.data += start;
    else
        part.start += start;
    part.size = size;
    return part;
}

static int check_range(const struct xlight__blob *b, uint64_t at, size_t len,
                       struct xlight__why *why)
{
    if (at <= b->size && len <= b->size - at)
        return 0;
    return xlight__why(why, -ENODATA, "bytes 0x%llx to 0x%llx were wanted, there are only 0x%llx",
                       (unsigned long long)at, (unsigned long long)(at + len),
                       (unsigned long long)b->size);
}

static int read_file(const struct xlight__blob *b, uint64_t at, uint8_t *buf, size_t len,
                     struct xlight__why *why)
{
    while (len) {
        ssize_t n = pread(b->fd, buf, len, (off_t)(b->start + at));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return xlight__why(why, -errno, "cannot read the file at 0x%llx: %s",
                               (unsigned long long)(b->start + at), strerrordesc_np(errno));
        if (!n)
            return xlight__why(why, -ENODATA, "the file has become shorter than 0x%llx bytes",
                               (unsigned long long)(b->start + at + len));
        buf += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

int xlight__blob_read(const struct xlight__blob *b, uint64_t at, void *buf, size_t len,
                      struct xlight__why *why)
{
    int rc = check_range(b, at, len, why);

    if (rc || !len)
        return rc;
    if (!b->data)
        return read_file(b, at, buf, len, why);
    memcpy(buf, b->data + at, len);
    return 0;
}

void xlight__clear(void *p, size_t len)
{
    const __m128i zero = _mm_setzero_si128();
    uint8_t *at = p, *end = at + len;

    while (at < end && (uintptr_t)at % 64)
        *at++ = 0;
    for (; end - at >= 64; at += 64)
        for (int i = 0; i < 64; i += 16)
            _mm_stream_si128((__m128i *)(void *)(at + i), zero);
    _mm_sfence();
    while (at < end)
        *at++ = 0;
}

int xlight__blob_copy(const struct xlight__blob *b, uint64_t at, void *to, size_t len,
                      struct xlight__why *why)
{
    uint8_t *p = to;
    int rc = check_range(b, at, len, why);

    if (!rc && b->data && len)
        memcpy(p, b->data + at, len);
    while (!rc && !b->data && len) {
        off_t pos = (off_t)(b->start + at), data = lseek(b->fd, pos, SEEK_DATA), hole;
        size_t n = len;

        /* Some file systems cannot say, and a hole may reach to the end: then read as usual. */
        if (data < 0 && errno != ENXIO)
            return read_file(b, at, p, len, why);
        if (data < 0 || data > pos) {
            if (data >= 0 && (uint64_t)(data - pos) < n)
                n = (size_t)(data - pos);
            xlight__clear(p, n);
        } else {
            hole = lseek(b->fd, pos, SEEK_HOLE);
            if (hole > pos && (uint64_t)(hole - pos) < n)
                n = (size_t)(hole - pos);
            rc = read_file(b, at, p, n, why);
        }
        p += n;
        at += n;
        len -= n;
    }
    return rc;
}
