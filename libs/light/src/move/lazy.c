/* SPDX-License-Identifier: MIT */
/*
 * lazy.c - a guest that runs before its memory has been read.
 *
 * The first pass over the file reads everything but the content of ordinary pages: of these it
 * notes where it is. Page tables are loaded at once, and so are the few pages that we write to
 * ourselves. All others are marked before anything refers to them. Once the guest runs they are
 * filled: those that it waits for first, and behind them one after the other as they lie in the
 * file.
 *
 * Whatever can be wrong with the file's lists is found before the guest runs; after that only its
 * content is read.
 */
#include "move.h"
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP   64U /* pages between two looks at what the guest waits for */
#define WANTED 64U

#define PATIENCE_MS 60000U /* with what fails all the time */
#define AGAIN_MS    20U

int move_lazy_open(struct move_in *s)
{
    off_t at;

    if (!s->lazy)
        return 0;
    at = lseek(s->file.fd, 0, SEEK_CUR);
    if (at < 0)
        return xlight__fail(s->k.h, -EOPNOTSUPP, s->k.domid,
                            "only a file can be read in the order that the guest needs it");
    s->base = (uint64_t)at;
    return 0;
}

int move_lazy_offered(struct move_in *s)
{
    xen_pfn_t none;
    unsigned int nr;

    /* Where it is, this is a question out of place; where it is not, there is none. */
    if (!s->lazy || xctl_fill_wanted(s->k.h->ctrl, s->k.domid, &none, 0, &nr) != -EOPNOTSUPP)
        return 0;
    return xlight__fail_ctrl(s->k.h, -EOPNOTSUPP, s->k.domid,
                             "cannot let it run before it is whole");
}

int move_lazy_check(struct move_in *s)
{
    if (s->lazy && s->in.from.kind == XLIGHT__PACKED)
        return xlight__fail(s->k.h, -EOPNOTSUPP, s->k.domid,
                            "a compressed file can only be read from its beginning to its end; "
                            "zstd -d makes another one of it");
    return 0;
}

int move_lazy_pass(void *arg, uint64_t size)
{
    const struct move_in *s = arg;

    return lseek(s->file.fd, (off_t)size, SEEK_CUR) < 0 ? -errno : 0;
}

static int read_pages(struct move_in *s, uint64_t at, size_t size, uint8_t *to)
{
    while (size) {
        ssize_t got = pread(s->file.fd, to, size, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return move_file_failed(s->k.h, s->k.domid, &s->file, -errno, "read");
        if (!got)
            return xlight__fail(s->k.h, -ENODATA, s->k.domid, "the file ends at byte %" PRIu64, at);
        s->transfer.bytes += (uint64_t)got;
        to += got;
        at += (uint64_t)got;
        size -= (size_t)got;
    }
    return 0;
}

/* A page is needed here and now; what makes no sense is found when it is used. */
static int load(struct move_in *s, uint64_t pfn)
{
    uint64_t entry;
    int rc;

    if (pfn >= s->nr || s->p2m[pfn] == MOVE_NO_FRAME || !s->where[pfn])
        return 0;
    entry = pfn | (uint64_t)s->types[pfn] << STREAM_TYPE_SHIFT;
    rc = read_pages(s, s->where[pfn], STREAM_PAGE, s->page);
    if (!rc)
        rc = move_write_pages(s, &entry, &s->p2m[pfn], 1, s->page);
    s->where[pfn] = 0;
    s->transfer.pages += !rc;
    return rc;
}

static int note(struct move_in *s, const uint64_t *entries, unsigned int nr, uint64_t *at)
{
    uint64_t pfns[STREAM_BATCH];
    unsigned int wanted = 0;
    int rc;

    for (unsigned int i = 0; i < nr; i++) {
        unsigned int type = (unsigned int)(entries[i] >> STREAM_TYPE_SHIFT);
        uint64_t pfn = entries[i] & STREAM_PFN_MASK;

        s->types[pfn] = (uint8_t)type;
        s->where[pfn] = xlight__page_has_data(type) ? *at : 0;
        if (s->where[pfn])
            *at += STREAM_PAGE;
        if (type != STREAM_NONE && type != STREAM_BROKEN)
            pfns[wanted++] = pfn;
    }
    rc = move_populate(s, pfns, wanted);
    /* A table leads to pages that may not have been heard of yet. */
    for (unsigned int i = 0; !rc && i < nr; i++)
        if (entries[i] >> STREAM_TYPE_SHIFT & 7)
            rc = load(s, entries[i] & STREAM_PFN_MASK);
    return rc;
}

int move_lazy_note(struct move_in *s, const struct stream_pages *r, uint64_t at)
{
    int rc = 0;

    if (s->in.seen.verify)
        return xlight__fail(s->k.h, -EOPNOTSUPP, s->k.domid,
                            "it has its memory twice, to be compared, and nobody would");
    at += s->base;
    for (uint32_t i = 0; !rc && i < r->count; i += STREAM_BATCH)
        rc = note(s, &r->pfns[i], r->count - i < STREAM_BATCH ? r->count - i : STREAM_BATCH, &at);
    return rc;
}

/* The guest's start information, and the rings that it names. */
static int load_start(struct move_in *s)
{
    const struct vcpu_guest_context *first = s->vcpus[0].blobs[0];
    struct start_info si;
    int rc;

    if (!first)
        return 0;
    memset(s->page, 0xff, STREAM_PAGE);
    rc = load(s, first->user_regs.rdx);
    memcpy(&si, s->page, sizeof(si));
    if (!rc)
        rc = load(s, si.store_mfn);
    return rc ? rc : load(s, si.console.domU.mfn);
}

static int load_descriptors(struct move_in *s, const struct vcpu_guest_context *ctx)
{
    unsigned int nr = sizeof(ctx->gdt_frames) / sizeof(ctx->gdt_frames[0]);
    int rc = 0;

    for (unsigned int i = 0; !rc && i < nr && i * 512 < ctx->gdt_ents; i++)
        rc = load(s, ctx->gdt_frames[i]);
    return rc;
}

/* The pages that the end of restoring writes to, or that the hypervisor uses without the guest. */
static int load_own(struct move_in *s)
{
    int rc = load_start(s);

    for (uint64_t i = 0; !rc && i * STREAM_PER_FRAME < s->nr; i++)
        rc = load(s, s->list_pfns[i]);
    for (int v = 0; !rc && v < s->k.c->max_vcpus; v++)
        rc = s->vcpus[v].blobs[0] ? load_descriptors(s, s->vcpus[v].blobs[0]) : 0;
    return rc;
}

static int by_frame(const void *a, const void *b)
{
    const struct move_late *x = a, *y = b;

    return x->mfn < y->mfn ? -1 : x->mfn > y->mfn;
}

static int by_place(const void *a, const void *b)
{
    const struct move_late *x = a, *y = b;

    return x->where < y->where ? -1 : x->where > y->where;
}

/* Frames are in no order that the file would know: so there are two lists of the same pages. */
static int list_late(struct move_in *s)
{
    uint64_t n = 0;

    for (uint64_t pfn = 0; pfn < s->nr; pfn++)
        s->nr_late += s->where[pfn] != 0;
    s->late = calloc(s->nr_late + 1, sizeof(*s->late));
    s->queue = calloc(s->nr_late + 1, sizeof(*s->queue));
    s->batch = malloc((size_t)STEP * STREAM_PAGE);
    if (!s->late || !s->queue || !s->batch)
        return xlight__fail(s->k.h, -ENOMEM, s->k.domid, "no memory for lists of its pages");
    for (uint64_t pfn = 0; pfn < s->nr; pfn++)
        if (s->where[pfn])
            s->late[n++] = (struct move_late){s->p2m[pfn], s->where[pfn]};
    memcpy(s->queue, s->late, s->nr_late * sizeof(*s->late));
    qsort(s->late, s->nr_late, sizeof(*s->late), by_frame);
    qsort(s->queue, s->nr_late, sizeof(*s->queue), by_place);
    return 0;
}

static int mark(struct move_in *s)
{
    xctl_handle *h = s->k.h->ctrl;
    int rc = xctl_fill_start(h, s->k.domid, 0);

    for (uint64_t at = 0; !rc && at < s->nr_late; at += STREAM_BATCH) {
        uint64_t left = s->nr_late - at, nr = left < STREAM_BATCH ? left : STREAM_BATCH;
        xen_pfn_t frames[STREAM_BATCH];

        for (uint64_t i = 0; i < nr; i++)
            frames[i] = s->late[at + i].mfn;
        rc = xctl_fill_mark(h, s->k.domid, frames, nr);
    }
    return rc ? xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot let it run before it is whole")
              : 0;
}

int move_lazy_mark(struct move_in *s)
{
    int rc;

    if (!s->lazy)
        return 0;
    rc = load_own(s);
    if (!rc)
        rc = list_late(s);
    if (!rc)
        rc = mark(s);
    s->left = s->nr_late;
    return rc;
}

int move_lazy_start(xlight_op *op, void *state)
{
    struct move_in *s = state;
    int rc = life_start(op, state);

    /* It has changed the world by then: nobody may take that back. */
    if (!rc && s->lazy)
        xlight__op_commit(op);
    return rc;
}

static int fill(struct move_in *s, const xen_pfn_t *frames, unsigned int nr)
{
    uint64_t before = s->left;
    int rc = xctl_fill_pages(s->k.h->ctrl, s->k.domid, frames, s->batch, nr, &s->left);

    if (rc)
        return xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot write its memory");
    s->transfer.pages += before - s->left;
    s->transfer.time_ns = move_now() - s->from;
    return 0;
}

/* What it waits for. */
static int fill_wanted(struct move_in *s)
{
    xen_pfn_t frames[WANTED];
    unsigned int nr = 0;
    int rc = xctl_fill_wanted(s->k.h->ctrl, s->k.domid, frames, WANTED, &nr);

    if (rc)
        return xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot see what it waits for");
    for (unsigned int i = 0; !rc && i < nr; i++) {
        const struct move_late key = {frames[i], 0};
        const struct move_late *l = bsearch(&key, s->late, s->nr_late, sizeof(key), by_frame);

        if (!l)
            return xlight__fail(s->k.h, -EIO, s->k.domid,
                                "it waits for frame 0x%" PRIx64 ", which was never missing",
                                (uint64_t)frames[i]);
        rc = read_pages(s, l->where, STREAM_PAGE, s->batch);
        if (!rc)
            rc = fill(s, frames + i, 1);
    }
    return rc;
}

/* The next ones, whether somebody waits or not; pages that lie together are read together. */
static int fill_next(struct move_in *s)
{
    xen_pfn_t frames[STEP];
    unsigned int nr = 0;
    int rc = 0;

    while (nr < STEP && s->next_late + nr < s->nr_late) {
        frames[nr] = s->queue[s->next_late + nr].mfn;
        nr++;
    }
    for (unsigned int i = 0, n; !rc && i < nr; i += n) {
        const struct move_late *l = &s->queue[s->next_late + i];

        for (n = 1; i + n < nr && l[n].where == l->where + (uint64_t)n * STREAM_PAGE;)
            n++;
        rc = read_pages(s, l->where, (size_t)n * STREAM_PAGE, s->batch + (size_t)i * STREAM_PAGE);
    }
    if (!rc && nr)
        rc = fill(s, frames, nr);
    if (!rc)
        s->next_late += nr;
    return rc;
}

/* One turn. */
static int fetch(struct move_in *s)
{
    /* There is always more to read, so nobody needs to tell us that the guest waits. */
    int rc = fill_wanted(s);

    if (!rc && s->next_late < s->nr_late)
        rc = fill_next(s);
    if (rc || s->next_late < s->nr_late)
        return rc;
    rc = xctl_fill_end(s->k.h->ctrl, s->k.domid);
    s->filled = !rc;
    return rc ? xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot let it run as any other") : 0;
}

static int give_up(struct move_in *s, int rc)
{
    if (rc == -ESRCH)
        return xlight__wrap(s->k.h, rc, s->k.domid,
                            "somebody has destroyed it before all of it had come");
    return xlight__wrap(s->k.h, rc, s->k.domid,
                        "%" PRIu64 " of its pages will never come: it cannot go on, and is to be "
                        "destroyed",
                        s->left);
}

/* A guest must not be lost because we had no memory for a moment, or a file no server. */
int move_lazy_fetch(xlight_op *op, void *state)
{
    struct move_in *s = state;
    int rc;

    if (!s->lazy)
        return 0;
    rc = fetch(s);
    if (!rc) {
        s->trouble = 0;
        return s->filled ? 0 : xlight__op_yield(op);
    }
    if (rc == -ESRCH || rc == -ENODATA || xlight__op_clock(op, &s->trouble, PATIENCE_MS))
        return give_up(s, rc);
    xlight__op_tick(op, AGAIN_MS);
    return -EAGAIN;
}

void move_lazy_free(struct move_in *s)
{
    free(s->where);
    free(s->late);
    free(s->queue);
    free(s->batch);
}
