/* SPDX-License-Identifier: MIT */
/*
 * fuzz-light-pack.c - any bytes as frames of zstd, in pieces of any size; and any bytes packed and
 * unpacked again. The first byte says which and how many at once.
 */
#include "fuzz-main.h"
#include <errno.h>
#include <string.h>
#include "stream/stream.h"

static void must(int what)
{
    if (!what)
        abort();
}

struct source {
    const uint8_t *data;
    size_t left, step;
    int turn;
};

static int64_t take(void *arg, void *buf, size_t size)
{
    struct source *s = arg;
    size_t n = s->left < size ? s->left : size;

    if (s->turn++ % 3 == 2)
        return -EAGAIN;
    n = s->step < n ? s->step : n;
    if (n)
        memcpy(buf, s->data, n);
    s->data += n;
    s->left -= n;
    return (int64_t)n;
}

/* As many bytes as there are, but no more than size; an error says why. */
static int64_t unpack(struct xlight__unpack *u, uint8_t *buf, size_t size)
{
    struct xlight__why why = {0};
    int64_t got = 1;
    size_t had = 0;

    while (had < size && got) {
        got = xlight__unpack_read(u, buf + had, size - had < 100 ? size - had : 100, &why);
        must(got <= 100 && (got >= 0 || got == -EAGAIN || why.nr));
        if (got > 0)
            had += (size_t)got;
        else if (got != -EAGAIN && got)
            return got;
    }
    do
        got = xlight__unpack_end(u, &why);
    while (got == -EAGAIN);
    return got ? got : (int64_t)had;
}

static void round_trip(const uint8_t *data, size_t len, size_t step)
{
    struct ZSTD_CCtx_s *z = xlight__pack_new();
    struct xlight__out from = {0}, to = {0};
    uint8_t *back = malloc(len + 1);
    struct source s = {.step = step};
    struct xlight__unpack u = {.read = take, .arg = &s};

    for (size_t at = 0; at < len; at += step * 5) {
        xlight__out_bytes(&from, data + at, len - at < step * 5 ? len - at : step * 5);
        xlight__pack(z, &from, &to);
    }
    must(!to.failed);
    s.data = to.data;
    s.left = to.used;
    must(unpack(&u, back, len) == (int64_t)len);
    must(!memcmp(back, data, len) && !s.left);
    xlight__unpack_free(&u);
    xlight__out_free(&from);
    xlight__out_free(&to);
    xlight__pack_free(z);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static uint8_t all[1 << 20];
    struct source s = {.turn = 0};
    struct xlight__unpack u = {.read = take, .arg = &s};

    if (len < 3)
        return 0;
    if (data[0] & 1) {
        round_trip(data + 1, len - 1, data[0]);
        return 0;
    }
    s.data = data + 1;
    s.left = len - 1;
    s.step = data[0] + 1U;
    if (data[0] & 2)
        xlight__unpack_told(&u, true, NULL, 0);
    (void)unpack(&u, all, sizeof(all));
    must(u.taken + s.left == len - 1);
    xlight__unpack_free(&u);
    return 0;
}
