/* SPDX-License-Identifier: MIT */
/*
 * dump-frames.c - which frames a domain has.
 *
 * Of a PV guest only the guest itself knows the order of its frames: it keeps a list of them, whose
 * pages are listed, whose pages are listed once more; the shared page says where. A guest that has
 * not come so far has no order. Everything it says is checked: what cannot be mapped is not its
 * own, and is left out.
 */
#include "dump.h"
#include <sys/mman.h>

#define PER_PAGE  (XCTL_PAGE_SIZE / sizeof(xen_pfn_t))
#define PAGES_MAX (1ULL << 34) /* 64 TiB */
#define NO_FRAME  (~0ULL)

static int no_memory(struct life_dump *d)
{
    return xlight__fail(d->h, -ENOMEM, d->domid, "no memory for a list of frames");
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

static int look_pv(struct life_dump *d, const struct xen_domctl_getdomaininfo *info)
{
    const struct shared_info *s;
    uint64_t max;
    int rc = read_shared_info(d, info->shared_info_frame);

    if (rc)
        return rc;
    s = d->shared_info;
    max = s->arch.max_pfn;
    if (!max || max > PAGES_MAX || !s->arch.pfn_to_mfn_frame_list_list ||
        s->arch.pfn_to_mfn_frame_list_list == NO_FRAME)
        return xlight__fail(d->h, -ENODATA, d->domid,
                            "the guest has not made a list of its frames yet");
    d->frames = malloc(max * sizeof(*d->frames));
    d->pfns = malloc(max * sizeof(*d->pfns));
    if (!d->frames || !d->pfns)
        return no_memory(d);
    rc = walk_list(d, s->arch.pfn_to_mfn_frame_list_list, max);
    return rc ? xlight__wrap(d->h, rc, d->domid, "the guest's list of its frames makes no sense")
              : 0;
}

/* All frames up to the highest; those that are not there become holes of the file. */
static int look_hvm(struct life_dump *d)
{
    xen_pfn_t max;
    int rc = xctl_memory_max_gpfn(d->h->ctrl, d->domid, &max);

    if (rc)
        return xlight__fail_ctrl(d->h, rc, d->domid, "cannot see how much memory there is");
    if (max >= PAGES_MAX)
        return xlight__fail(d->h, -ERANGE, d->domid, "the domain has impossible frames");
    d->frames = malloc((max + 1) * sizeof(*d->frames));
    if (!d->frames)
        return no_memory(d);
    for (xen_pfn_t i = 0; i <= max; i++)
        d->frames[d->nr_frames++] = i;
    return 0;
}

int life_dump_look(xlight_op *op, void *state)
{
    struct life_dump *d = state;
    struct xen_domctl_getdomaininfo info;
    int rc = xctl_domain_info(d->h->ctrl, d->domid, &info);

    (void)op;
    if (rc)
        return xlight__fail_ctrl(d->h, rc, d->domid, "cannot see domain %u", d->domid);
    d->hvm = info.flags & XEN_DOMINF_hvm_guest;
    d->nr_vcpus = info.max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : info.max_vcpu_id + 1;
    return d->hvm ? look_hvm(d) : look_pv(d, &info);
}
