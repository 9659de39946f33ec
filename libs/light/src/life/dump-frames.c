/* SPDX-License-Identifier: MIT */
/*
 * dump-frames.c - which frames a domain has.
 *
 * Of a PV guest only the guest itself knows the order of its frames: it keeps a list of them, whose
 * pages are listed, whose pages are listed once more; the shared page says where. A guest that has
 * not come so far has no order. Everything it says is checked: what cannot be mapped is not its
 * own, and is left out.
 *
 * How far its frames reach is the guest's word, too, whatever its kind: no amount of our memory, of
 * our time or of the disk may follow from that alone. Two bounds come from what domain 0 has set:
 *   - as many pages as the hypervisor lets the domain have (max_pages), or as it has if that is
 *     more, and SLACK for what does not count: special pages, grant tables
 *   - page numbers as far as memory/static-max in the store, which the guest cannot write; it may
 *     have given pages of that back. Those of a virtual machine also have the gap below 4 GiB.
 * Who is beyond them gets no dump.
 */
#include "dump.h"
#include <inttypes.h>
#include <sys/mman.h>

#define PER_PAGE  (XCTL_PAGE_SIZE / sizeof(xen_pfn_t))
#define NO_FRAME  (~0ULL)
#define SLACK     4096ULL       /* pages: 16 MiB */
#define GAP       (1ULL << 20)  /* pages: all below 4 GiB */
#define UNLIMITED 0xffffffffULL /* max_pages that nobody has set */

static int no_memory(struct life_dump *d)
{
    return xlight__fail(d->h, -ENOMEM, d->domid, "no memory for a list of frames");
}

static int too_far(struct life_dump *d, uint64_t pages, uint64_t most)
{
    return xlight__fail(d->h, -E2BIG, d->domid,
                        "it claims to reach page %" PRIu64 ", but can have %" PRIu64 " only", pages,
                        most);
}

static int too_many(struct life_dump *d)
{
    return xlight__fail(d->h, -E2BIG, d->domid,
                        "it lists more than the %" PRIu64 " pages that it can have", d->limit);
}

/* A copy of a frame of the domain. */
static int read_frame(struct life_dump *d, xen_pfn_t frame, void *ret_page)
{
    void *p;
    int rc = xctl_foreign_map(d->h->ctrl, d->domid, PROT_READ, &frame, 1, NULL, &p);

    if (rc)
        return xlight__fail_ctrl(d->h, rc, d->domid, "cannot read a frame of the domain");
    memcpy(ret_page, p, XCTL_PAGE_SIZE);
    rc = xctl_foreign_unmap(d->h->ctrl, p, 1);
    return rc ? xlight__fail_ctrl(d->h, rc, d->domid, "cannot let go of a frame") : 0;
}

static int read_shared_info(struct life_dump *d, uint64_t frame)
{
    d->shared_info = malloc(XCTL_PAGE_SIZE);
    return d->shared_info ? read_frame(d, frame, d->shared_info) : no_memory(d);
}

/* One page of the list: PER_PAGE frames, of which those that exist are kept. */
static int take_page(struct life_dump *d, xen_pfn_t page, uint64_t first, uint64_t max)
{
    xen_pfn_t list[PER_PAGE];
    int rc = read_frame(d, page, list);

    for (uint64_t i = 0; !rc && i < PER_PAGE && first + i < max; i++) {
        if (list[i] == NO_FRAME)
            continue;
        if (d->nr_frames == d->limit)
            return too_many(d);
        d->pfns[d->nr_frames] = first + i;
        d->frames[d->nr_frames++] = list[i];
    }
    return rc;
}

static int walk_list(struct life_dump *d, xen_pfn_t top, uint64_t max)
{
    xen_pfn_t tops[PER_PAGE], mids[PER_PAGE];
    int rc = read_frame(d, top, tops);

    for (uint64_t pfn = 0; !rc && pfn < max; pfn += PER_PAGE) {
        uint64_t page = pfn / PER_PAGE;

        if (page % PER_PAGE == 0)
            rc = page / PER_PAGE < PER_PAGE ? read_frame(d, tops[page / PER_PAGE], mids) : -E2BIG;
        if (!rc)
            rc = take_page(d, mids[page % PER_PAGE], pfn, max);
    }
    return rc;
}

static int look_pv(struct life_dump *d, uint64_t shared_info, uint64_t most)
{
    const struct shared_info *s;
    uint64_t max;
    int rc = read_shared_info(d, shared_info);

    if (rc)
        return rc;
    s = d->shared_info;
    max = s->arch.max_pfn;
    if (!max || !s->arch.pfn_to_mfn_frame_list_list ||
        s->arch.pfn_to_mfn_frame_list_list == NO_FRAME)
        return xlight__fail(d->h, -ENODATA, d->domid,
                            "the guest has not made a list of its frames yet");
    if (max > most)
        return too_far(d, max, most);
    d->frames = malloc(max * sizeof(*d->frames));
    d->pfns = malloc(max * sizeof(*d->pfns));
    if (!d->frames || !d->pfns)
        return no_memory(d);
    rc = walk_list(d, s->arch.pfn_to_mfn_frame_list_list, max);
    return rc ? xlight__wrap(d->h, rc, d->domid, "the guest's list of its frames makes no sense")
              : 0;
}

/* All frames up to the highest; those that are not there become holes of the file. */
static int look_hvm(struct life_dump *d, uint64_t most)
{
    xen_pfn_t max;
    int rc = xctl_memory_max_gpfn(d->h->ctrl, d->domid, &max);

    if (rc)
        return xlight__fail_ctrl(d->h, rc, d->domid, "cannot see how much memory there is");
    if (max >= most)
        return too_far(d, max, most);
    d->frames = malloc((max + 1) * sizeof(*d->frames));
    if (!d->frames)
        return no_memory(d);
    for (xen_pfn_t i = 0; i <= max; i++)
        d->frames[d->nr_frames++] = i;
    return 0;
}

int life_bounds(xlight_handle *h, domid_t domid, const struct xen_domctl_getdomaininfo *info,
                uint64_t *ret_limit, uint64_t *ret_most)
{
    const char *path = XSTORE_PATH("/local/domain/%u/memory/static-max", domid);
    uint64_t pages = info->max_pages >= UNLIMITED ? 0 : info->max_pages, kb = 0, limit;
    int rc = h->store ? xstore_read_u64(h->store, XBT_NULL, path, &kb) : 0;

    if (rc && rc != -ENOENT)
        return xlight__fail_store(h, rc, domid, "cannot see how much memory it can have");
    limit = (pages > info->tot_pages ? pages : info->tot_pages) + SLACK;
    *ret_limit = limit;
    *ret_most = (kb / 4 + SLACK > limit ? kb / 4 + SLACK : limit) +
                (info->flags & XEN_DOMINF_hvm_guest ? GAP : 0);
    return 0;
}

int life_dump_look(xlight_op *op, void *state)
{
    struct life_dump *d = state;
    struct xen_domctl_getdomaininfo info;
    uint64_t most;
    int rc = xctl_domain_info(d->h->ctrl, d->domid, &info);

    (void)op;
    if (rc)
        return xlight__fail_ctrl(d->h, rc, d->domid, "cannot see domain %u", d->domid);
    d->hvm = info.flags & XEN_DOMINF_hvm_guest;
    d->nr_vcpus = info.max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : info.max_vcpu_id + 1;
    rc = life_bounds(d->h, d->domid, &info, &d->limit, &most);
    if (rc)
        return rc;
    return d->hvm ? look_hvm(d, most) : look_pv(d, info.shared_info_frame, most);
}
