/* SPDX-License-Identifier: MIT */
/* unpack.c - formats by their first bytes; the loop around decoders; output with holes. */
#include "unpack.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096U

static const struct xlight__packer packers[] = {
    {"gzip", {0x1f, 0x8b, 8}, 3, false, xlight__run_gzip},
    {"bzip2", {'B', 'Z', 'h'}, 3, false, xlight__run_bzip2},
    {"xz", {0xfd, '7', 'z', 'X', 'Z', 0}, 6, false, xlight__run_lzma},
    {"lzma", {0x5d, 0, 0}, 3, true, xlight__run_lzma},
    {"lzo", {0x89, 'L', 'Z', 'O', 0, '\r', '\n', 0x1a, '\n'}, 9, false, xlight__run_lzo},
    {"lz4", {0x02, 0x21, 0x4c, 0x18}, 4, false, xlight__run_lz4_legacy},
    {"lz4", {0x04, 0x22, 0x4d, 0x18}, 4, false, xlight__run_lz4},
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4, false, xlight__run_zstd},
};

static bool has_magic(const struct xlight__packer *p, const uint8_t *head, size_t len)
{
    return len >= p->magic_len && !memcmp(head, p->magic, p->magic_len);
}

const struct xlight__packer *xlight__packer_find(const void *head, size_t len)
{
    for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++)
        if (has_magic(&packers[i], head, len))
            return &packers[i];
    return NULL;
}

const char *xlight__packer_name(const struct xlight__packer *p)
{
    return p->name;
}

static int write_all(struct xlight__sink *s, uint64_t at, const uint8_t *data, size_t len,
                     struct xlight__why *why)
{
    while (len && s->fd >= 0) {
        ssize_t n = pwrite(s->fd, data, len, (off_t)(s->base + at));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            s->broken = true;
            return xlight__why(why, -errno, "cannot write what was unpacked: %s",
                               strerrordesc_np(errno));
        }
        data += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

static bool all_zero(const uint8_t *p)
{
    uint64_t first;

    memcpy(&first, p, sizeof(first));
    return !first && !memcmp(p, p + sizeof(first), BLOCK - sizeof(first));
}

int xlight__sink_write(struct xlight__sink *s, const void *data, size_t len,
                       struct xlight__why *why)
{
    const uint8_t *p = data;
    size_t run = 0, at = 0; /* bytes before at that are still to be written */
    int rc;

    if (len > s->max - s->size)
        return xlight__why(why, -EFBIG, "it unpacks to more than %llu MiB",
                           (unsigned long long)(s->max >> 20));
    while (at < len) {
        size_t n = BLOCK - (s->size + at) % BLOCK;

        if (n == BLOCK && len - at >= BLOCK && all_zero(p + at)) {
            rc = write_all(s, s->size + at - run, p + at - run, run, why);
            if (rc)
                return rc;
            run = 0;
            at += BLOCK;
            continue;
        }
        n = n < len - at ? n : len - at;
        run += n;
        at += n;
    }
    rc = write_all(s, s->size + at - run, p + at - run, run, why);
    if (!rc)
        s->size += len;
    return rc;
}

int xlight__pump_fill(struct xlight__pump *p)
{
    uint64_t rest = p->blob->size - p->at;
    size_t n = rest < XLIGHT__IN_SIZE ? (size_t)rest : XLIGHT__IN_SIZE;
    int rc;

    if (p->left || !n)
        return p->left ? 1 : 0;
    rc = xlight__blob_read(p->blob, p->at, p->in, n, p->why);
    if (rc)
        return rc;
    p->at += n;
    p->next = p->in;
    p->left = n;
    return 1;
}

uint64_t xlight__pump_left(const struct xlight__pump *p)
{
    return p->blob->size - p->at + p->left;
}

int xlight__pump_cut(struct xlight__pump *p)
{
    return xlight__why(p->why, -ENODATA, "the %s data is cut short: it ends after %llu bytes",
                       p->packer->name, (unsigned long long)p->blob->size);
}

int xlight__pump_no_memory(struct xlight__pump *p)
{
    return xlight__why(p->why, -ENOMEM, "no memory to unpack %s data", p->packer->name);
}

void xlight__pump_took(struct xlight__pump *p, size_t left)
{
    p->next += p->left - left;
    p->left = left;
}

int xlight__pump_damaged(struct xlight__pump *p, const char *what)
{
    return xlight__why(p->why, -EILSEQ, "the %s data is damaged near byte %llu: %s",
                       p->packer->name, (unsigned long long)(p->at - p->left), what);
}

int xlight__pump_take(struct xlight__pump *p, void *buf, size_t len)
{
    uint8_t *to = buf;

    while (len) {
        int rc = xlight__pump_fill(p);
        size_t n = p->left < len ? p->left : len;

        if (rc <= 0)
            return rc ? rc : xlight__pump_cut(p);
        memcpy(to, p->next, n);
        to += n;
        len -= n;
        p->next += n;
        p->left -= n;
    }
    return 0;
}

int xlight__pump_again(struct xlight__pump *p)
{
    uint8_t head[sizeof(p->packer->magic)];
    uint64_t here = p->at - p->left;
    int rc;

    /* LZMA without a container has no magic to speak of: what follows is not another one. */
    if (p->packer->alone || xlight__pump_left(p) < p->packer->magic_len)
        return 0;
    rc = xlight__blob_read(p->blob, here, head, p->packer->magic_len, p->why);
    return rc ? rc : has_magic(p->packer, head, p->packer->magic_len);
}

int xlight__pump_run(struct xlight__pump *p, const struct xlight__codec *c, void *state)
{
    for (;;) {
        int more = xlight__pump_fill(p), rc, end;
        size_t before = p->left, made = 0;

        if (more < 0)
            return more;
        end = c->step(p, state, &made);
        if (end < 0)
            return end;
        rc = xlight__sink_write(p->sink, p->out, made, p->why);
        if (rc)
            return rc;
        if (end) {
            rc = xlight__pump_again(p);
            if (rc <= 0)
                return rc;
            rc = c->restart(p, state);
            if (rc)
                return rc;
        } else if (!made && p->left == before) {
            return more ? xlight__pump_damaged(p, "it makes no sense") : xlight__pump_cut(p);
        }
    }
}

int xlight__unpack(const struct xlight__packer *packer, const struct xlight__blob *b,
                   struct xlight__sink *out, struct xlight__why *why)
{
    struct xlight__pump p = {.packer = packer, .blob = b, .sink = out, .why = why};
    int rc;

    p.in = malloc(XLIGHT__IN_SIZE);
    p.out = malloc(XLIGHT__OUT_SIZE);
    if (p.in && p.out)
        rc = packer->run(&p);
    else
        rc = xlight__why(why, -ENOMEM, "no memory to unpack %s data", packer->name);
    /* A hole at the end is only there once the file reaches behind it. */
    if (!rc && out->fd >= 0 && ftruncate(out->fd, (off_t)(out->base + out->size))) {
        out->broken = true;
        rc = xlight__why(why, -errno, "cannot write what was unpacked: %s", strerrordesc_np(errno));
    }
    free(p.in);
    free(p.out);
    return rc;
}
