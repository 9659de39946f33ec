/* SPDX-License-Identifier: MIT */
/*
 * fuzz-light-stream.c - any bytes as a saved guest, in pieces of any size. What is handed out is
 * used as restore does it. The first bytes say how: from which part on, how many at once, and
 * whether the content of pages is passed over.
 */
#include "fuzz-main.h"
#include <errno.h>
#include <string.h>
#include "stream/stream.h"

struct source {
    const uint8_t *data;
    size_t left, step;
};

static void must(int what)
{
    if (!what)
        abort();
}

static int64_t take(void *arg, void *buf, size_t size)
{
    struct source *s = arg;
    size_t n = s->left < size ? s->left : size;

    n = s->step < n ? s->step : n;
    memcpy(buf, s->data, n);
    s->data += n;
    s->left -= n;
    return (int64_t)n;
}

static int pass(void *arg, uint64_t size)
{
    struct source *s = arg;

    /* As in a file, whose end can be passed. */
    if (size > s->left)
        size = s->left;
    s->data += size;
    s->left -= size;
    return 0;
}

static uint64_t use_pages(const struct xlight__in *in, const struct xlight__item *i)
{
    const struct xlight__seen *seen = &in->seen;
    const struct stream_pages *p = i->body;
    const uint8_t *page = (const uint8_t *)&p->pfns[p->count];
    uint64_t sum = 0;

    for (uint32_t n = 0; n < p->count; n++) {
        must(seen->type != STREAM_PV || (p->pfns[n] & STREAM_PFN_MASK) <= seen->max_pfn);
        if (!xlight__page_has_data((unsigned int)(p->pfns[n] >> STREAM_TYPE_SHIFT)))
            continue;
        if (!in->pass)
            sum += page[0] + page[STREAM_PAGE - 1];
        page += STREAM_PAGE;
    }
    must(!in->pass || i->content == in->at + in->have);
    must(page == (const uint8_t *)i->body + i->length);
    return sum;
}

static uint64_t use(const struct xlight__in *in, const struct xlight__item *i)
{
    const uint8_t *b = i->body;
    uint64_t sum = 0;

    must(i->length <= in->have + in->passed);
    if (i->kind == XLIGHT__ITEM_CONFIG)
        must(strlen(i->body) + 1 == i->length);
    if (i->kind == XLIGHT__ITEM_RECORD && i->type == STREAM_PAGE_DATA)
        return use_pages(in, i);
    for (size_t n = 0; n < i->length; n++)
        sum += b[n];
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static volatile uint64_t sum;
    struct source s = {data, len, 1};
    struct xlight__why why = {0};
    struct xlight__item i = {0};
    struct xlight__in in;
    int rc;

    xlight__in_init(&in, take, &s);
    if (len >= 2) {
        s.step = (data[1] + 1U) * 37;
        in.state = data[0] % 8;
        /* In the middle of a guest, all kinds of them. */
        in.seen = (struct xlight__seen){.version = 2U + (data[0] >> 3 & 1U),
                                        .type = data[0] & 16 ? STREAM_HVM : STREAM_PV,
                                        .info = data[0] & 32,
                                        .fixed = data[0] & 64,
                                        .frames = data[0] & 128,
                                        .max_pfn = 9};
        in.context = data[0] & 128;
        in.pass = data[1] & 128 ? pass : NULL;
        in.skip = data[1] + 4U; /* a configuration has at least its length */
        s.data += 2;
        s.left -= 2;
    }
    do {
        rc = xlight__in_next(&in, &i, &why);
        if (!rc)
            sum += use(&in, &i);
    } while (!rc && i.kind != XLIGHT__ITEM_END);
    must(!rc || (why.nr && rc != -EAGAIN));
    /* What was packed may need more. */
    must(in.from.kind == XLIGHT__PACKED || in.room <= 4 * len + 65536);
    xlight__in_free(&in);
    return 0;
}
