/* SPDX-License-Identifier: MIT */
/*
 * save-pages.c - the memory of a guest goes into the stream.
 *
 * While it runs, in rounds: all pages, then those that were written to meanwhile, as long as that
 * gets less, and is worth it. A page that cannot be translated just now, as when a page table is
 * being made, is left to the end. Once the guest has stopped, all that is still to be done; and
 * what is of another kind or in another frame than when it was sent, which is not written down
 * anywhere.
 */
#include "move.h"
#include <inttypes.h>
#include <sys/mman.h>

static int no_memory(struct move_out *s)
{
    return xlight__fail(s->h, -ENOMEM, s->domid, "no memory for lists of its pages");
}

int move_alloc_pages(struct move_out *s)
{
    uint64_t nr = s->f.nr;

    s->todo = malloc((nr + 7) / 8);
    s->sent = calloc(nr, sizeof(*s->sent));
    s->sent_frame = malloc(nr * sizeof(*s->sent_frame));
    s->scratch = malloc(STREAM_BATCH * STREAM_PAGE);
    if (!s->todo || !s->sent || !s->sent_frame || !s->scratch)
        return no_memory(s);
    memset(s->todo, 0xff, (nr + 7) / 8);
    s->dirty = nr;
    return 0;
}

/* A batch: neighbouring pages, of which those that are chosen are sent. */
struct batch {
    uint64_t first;
    unsigned int nr;
    xen_pfn_t frames[STREAM_BATCH]; /* MOVE_NO_FRAME: there is none */
    uint8_t types[STREAM_BATCH];    /* as the stream has them */
    bool chosen[STREAM_BATCH];
    xen_pfn_t data_frames[STREAM_BATCH];
    unsigned int data[STREAM_BATCH]; /* which ones have content */
    unsigned int nr_data;
    int errs[STREAM_BATCH];
    uint64_t head[1 + STREAM_BATCH]; /* a struct stream_pages */
    unsigned int nr_head, nr_pages;
};

static bool has_todo(const struct move_out *s, uint64_t pfn)
{
    return s->todo[pfn / 8] >> pfn % 8 & 1;
}

/* What kinds of pages they are, for the hypervisor. */
static int get_types(struct move_out *s, struct batch *b)
{
    xen_pfn_t list[STREAM_BATCH];
    unsigned int nr = 0, at = 0;
    int rc;

    for (unsigned int i = 0; i < b->nr; i++) {
        b->frames[i] = s->f.p2m[b->first + i];
        b->types[i] = STREAM_NONE;
        if (b->frames[i] != MOVE_NO_FRAME)
            list[nr++] = b->frames[i];
    }
    rc = nr ? xctl_memory_frame_types(s->h->ctrl, s->domid, nr, list) : 0;
    if (rc)
        return xlight__fail_ctrl(s->h, rc, s->domid, "cannot see what kinds of pages it has");
    for (unsigned int i = 0; i < b->nr; i++) {
        if (b->frames[i] == MOVE_NO_FRAME)
            continue;
        b->types[i] = (uint8_t)(list[at++] >> XEN_DOMCTL_PFINFO_LTAB_SHIFT & 15);
        if (b->types[i] == STREAM_NONE)
            b->frames[i] = MOVE_NO_FRAME;
    }
    return 0;
}

static void choose(struct move_out *s, struct batch *b)
{
    b->nr_data = 0;
    for (unsigned int i = 0; i < b->nr; i++) {
        uint64_t pfn = b->first + i;

        b->chosen[i] = has_todo(s, pfn);
        if (s->final &&
            (s->sent[pfn] != (MOVE_SENT | b->types[i]) || s->sent_frame[pfn] != b->frames[i]))
            b->chosen[i] = true;
        if (!b->chosen[i] || !xlight__page_has_data(b->types[i]))
            continue;
        b->data_frames[b->nr_data] = b->frames[i];
        b->data[b->nr_data++] = i;
    }
}

/* Frames become pages. False: one of them is not of the guest, and *ret_bad is the entry. */
static bool normalise(const struct move_out *s, unsigned int level, const uint64_t *from,
                      uint64_t *to, uint64_t *ret_bad)
{
    for (unsigned int i = 0; i < STREAM_PAGE / sizeof(*from); i++) {
        uint64_t entry = from[i], pfn;

        if (level == 4 && i >= MOVE_XEN_FIRST && i <= MOVE_XEN_LAST)
            entry = 0;
        if (entry & MOVE_PRESENT) {
            *ret_bad = entry;
            if ((level > 1 && entry & MOVE_LARGE) ||
                !move_frames_find(&s->f, (entry & MOVE_FRAME_MASK) >> XCTL_PAGE_SHIFT, &pfn))
                return false;
            entry = (entry & ~MOVE_FRAME_MASK) | pfn << XCTL_PAGE_SHIFT;
        }
        to[i] = entry;
    }
    return true;
}

static void add_entry(struct move_out *s, struct batch *b, unsigned int i)
{
    uint64_t pfn = b->first + i;

    b->head[1 + b->nr_head++] = pfn | (uint64_t)b->types[i] << STREAM_TYPE_SHIFT;
    s->sent[pfn] = MOVE_SENT | b->types[i];
    s->sent_frame[pfn] = b->frames[i];
}

/* One page with content; one that cannot be used now is left to the end. */
static int add_page(struct move_out *s, struct batch *b, unsigned int n, const uint8_t *page)
{
    unsigned int i = b->data[n], level = b->types[i] & 7;
    void *to = s->scratch + (size_t)b->nr_pages * STREAM_PAGE;
    uint64_t bad = 0;
    bool good = !b->errs[n];

    if (good && level)
        good = normalise(s, level, (const void *)page, to, &bad);
    else if (good)
        memcpy(to, page, STREAM_PAGE);
    if (good) {
        b->nr_pages++;
        add_entry(s, b, i);
        return 0;
    }
    s->sent[b->first + i] = 0;
    if (!s->final)
        return 0;
    if (b->errs[n])
        return xlight__fail(s->h, b->errs[n], s->domid, "cannot map page 0x%" PRIx64 ": %s",
                            b->first + i, strerrordesc_np(-b->errs[n]));
    return xlight__fail(s->h, -EFAULT, s->domid,
                        "page 0x%" PRIx64 ", a page table of level %u, leads to what is not the "
                        "guest's: entry 0x%" PRIx64,
                        b->first + i, level, bad);
}

static int add_data(struct move_out *s, struct batch *b)
{
    void *map = NULL;
    int rc = xctl_foreign_map(s->h->ctrl, s->domid, PROT_READ, b->data_frames, b->nr_data, b->errs,
                              &map);

    if (rc)
        return xlight__fail_ctrl(s->h, rc, s->domid, "cannot read its memory");
    for (unsigned int n = 0; !rc && n < b->nr_data; n++)
        rc = add_page(s, b, n, (const uint8_t *)map + (size_t)n * STREAM_PAGE);
    if (xctl_foreign_unmap(s->h->ctrl, map, b->nr_data) && !rc)
        rc = xlight__fail_ctrl(s->h, -EIO, s->domid, "cannot let go of its memory");
    return rc;
}

/* The entries of pages with content come first, as their content is in that order. */
static int put_batch(struct move_out *s, struct batch *b)
{
    int rc = 0;

    b->nr_head = b->nr_pages = 0;
    if (b->nr_data)
        rc = add_data(s, b);
    for (unsigned int i = 0; !rc && i < b->nr; i++)
        if (b->chosen[i] && !xlight__page_has_data(b->types[i]))
            add_entry(s, b, i);
    if (rc || !b->nr_head)
        return rc;
    b->head[0] = b->nr_head;
    xlight__out_record(&s->out, STREAM_PAGE_DATA, b->head, (1 + b->nr_head) * sizeof(b->head[0]),
                       s->scratch, (size_t)b->nr_pages * STREAM_PAGE);
    s->transfer.pages += b->nr_pages;
    s->transfer.round_done += b->nr_head;
    return 0;
}

/* The next batch that has something. */
static int put_next(struct move_out *s)
{
    struct batch *b = malloc(sizeof(*b));
    bool any = false;
    int rc = 0;

    if (!b)
        return no_memory(s);
    while (!rc && !any && s->at < s->f.nr) {
        uint64_t left = s->f.nr - s->at;

        b->first = s->at;
        b->nr = left < STREAM_BATCH ? (unsigned int)left : STREAM_BATCH;
        s->at += b->nr;
        for (unsigned int i = 0; i < b->nr; i++)
            any |= has_todo(s, b->first + i);
        if (!any && !s->final)
            continue;
        any = true;
        rc = get_types(s, b);
        if (!rc)
            choose(s, b);
        if (!rc)
            rc = put_batch(s, b);
    }
    free(b);
    return rc;
}

int move_start_log(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = s->live ? xctl_logdirty_enable(s->h->ctrl, s->domid) : 0;

    (void)op;
    /* Somebody who was killed has left it on. */
    if (rc && !xctl_logdirty_disable(s->h->ctrl, s->domid))
        rc = xctl_logdirty_enable(s->h->ctrl, s->domid);
    s->logging = s->live && !rc;
    return rc ? xlight__fail_ctrl(s->h, rc, s->domid, "cannot watch what the guest writes to") : 0;
}

int move_start_log_undo(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = s->logging ? xctl_logdirty_disable(s->h->ctrl, s->domid) : 0;

    (void)op;
    if (rc)
        rc = xctl_logdirty_disable(s->h->ctrl, s->domid);
    s->logging = false;
    return rc ? xlight__fail_ctrl(s->h, rc, s->domid, "cannot stop watching the guest") : 0;
}

/* What has been written to since the last time. */
static int clean_log(struct move_out *s, uint8_t *bits, uint64_t *ret_dirty)
{
    struct xen_domctl_shadow_op_stats stats;
    int rc = xctl_logdirty_clean(s->h->ctrl, s->domid, s->f.nr, s->final, bits, &stats);

    if (rc)
        return xlight__fail_ctrl(s->h, rc, s->domid, "cannot see what the guest wrote to");
    *ret_dirty = stats.dirty_count;
    return 0;
}

/* Whether the rest is so little, at the speed so far, that the guest can stand still for it. */
static bool short_enough(const struct move_out *s)
{
    uint64_t ms = (move_now() - s->from) / 1000000 + 1, most = s->most_ms;

    return most && s->dirty * STREAM_PAGE / (s->raw / ms + 1) <= most;
}

static void begin_round(struct move_out *s)
{
    s->at = 0;
    s->transfer.round++;
    s->transfer.round_pages = s->dirty;
    s->transfer.round_done = 0;
}

int move_put_running(xlight_op *op, void *state)
{
    struct move_out *s = state;
    uint64_t before = s->dirty;
    int rc = s->live ? move_flush(op, s) : 0;

    if (rc || !s->live)
        return rc;
    if (!s->transfer.round)
        begin_round(s);
    if (s->at < s->f.nr) {
        rc = put_next(s);
        return rc ? rc : xlight__op_yield(op);
    }
    /* What is in todo now is sent in another round, or at the end. */
    rc = clean_log(s, s->todo, &s->dirty);
    s->at = 0;
    if (rc || s->transfer.round == s->rounds || s->dirty < s->few || s->dirty >= before ||
        short_enough(s))
        return rc;
    begin_round(s);
    move_frames_copy(&s->f);
    return xlight__op_yield(op);
}

static int begin_rest(struct move_out *s)
{
    size_t size = (s->f.nr + 7) / 8;
    uint8_t *bits = calloc(1, size);
    uint64_t dirty;
    int rc = bits ? 0 : no_memory(s);

    s->final = true;
    s->at = 0;
    if (!rc && s->live)
        rc = clean_log(s, bits, &dirty);
    for (size_t i = 0; !rc && i < size; i++)
        s->todo[i] |= bits[i];
    free(bits);
    s->dirty = 0;
    for (uint64_t pfn = 0; !rc && pfn < s->f.nr; pfn++)
        s->dirty += has_todo(s, pfn);
    begin_round(s);
    return rc;
}

int move_put_rest(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = s->final ? 0 : begin_rest(s);

    if (!rc)
        rc = move_flush(op, s);
    if (!rc && s->at < s->f.nr) {
        rc = put_next(s);
        if (!rc)
            rc = xlight__op_yield(op);
    }
    return rc;
}

/* The guest stands still: whoever receives it can compare. */
int move_put_again(xlight_op *op, void *state)
{
    struct move_out *s = state;

    if (!s->verify)
        return 0;
    if (!s->again) {
        s->again = true;
        xlight__out_record(&s->out, STREAM_VERIFY, NULL, 0, NULL, 0);
        memset(s->todo, 0xff, (s->f.nr + 7) / 8);
        s->dirty = s->f.nr;
        begin_round(s);
    }
    return move_put_rest(op, s);
}
