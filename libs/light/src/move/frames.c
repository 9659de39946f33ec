/* SPDX-License-Identifier: MIT */
/*
 * frames.c - which frame each page of a PV guest is.
 *
 * Only the guest knows: it keeps a list, and says in the shared page where. New guests have it in
 * one piece somewhere in their address space, old ones as a tree of three levels. The list stays
 * mapped, as the guest changes it when it gives memory back or gets some. Everything in it is the
 * guest's word; what is no frame of the guest cannot be mapped, so nothing worse than a bad copy of
 * itself can come of it. How much there is of it is bounded by what domain 0 has allowed.
 *
 * The other way, from frames to pages, goes through a hash table of the copy. Its function is
 * another one each time, so that no guest can fill its list with what falls into one place.
 */
#include "move.h"
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/random.h>

#define PER_PAGE  (XCTL_PAGE_SIZE / sizeof(xen_pfn_t))
#define MAX_PAGES (1ULL << 31)
#define LEVELS    4

static int no_memory(struct move_frames *f)
{
    return xlight__fail(f->h, -ENOMEM, f->domid, "no memory for a list of frames");
}

static int map_one(struct move_frames *f, xen_pfn_t frame, void **ret_p)
{
    int rc = xctl_foreign_map(f->h->ctrl, f->domid, PROT_READ, &frame, 1, NULL, ret_p);

    return rc ? xlight__fail_ctrl(f->h, rc, f->domid, "cannot read a frame of the guest") : 0;
}

static int read_frame(struct move_frames *f, xen_pfn_t frame, uint64_t *ret_page)
{
    void *p;
    int rc = map_one(f, frame, &p);

    if (rc)
        return rc;
    memcpy(ret_page, p, XCTL_PAGE_SIZE);
    rc = xctl_foreign_unmap(f->h->ctrl, p, 1);
    return rc ? xlight__fail_ctrl(f->h, rc, f->domid, "cannot let go of a frame") : 0;
}

/* Page tables on the way to an address; the last one of each level is kept. */
struct walk {
    xen_pfn_t top;
    xen_pfn_t frames[LEVELS];
    uint64_t tables[LEVELS][PER_PAGE];
};

static int look_up(struct move_frames *f, struct walk *w, uint64_t va, xen_pfn_t *ret_frame)
{
    xen_pfn_t frame = w->top;

    for (int level = LEVELS - 1; level >= 0; level--) {
        uint64_t entry;
        int rc = 0;

        if (w->frames[level] != frame)
            rc = read_frame(f, frame, w->tables[level]);
        if (rc)
            return rc;
        w->frames[level] = frame;
        entry = w->tables[level][va >> (12 + 9 * level) & (PER_PAGE - 1)];
        if (!(entry & MOVE_PRESENT) || (level && entry & MOVE_LARGE))
            return xlight__fail(f->h, -EFAULT, f->domid, "nothing is at 0x%" PRIx64, va);
        frame = (entry & MOVE_FRAME_MASK) >> XCTL_PAGE_SHIFT;
    }
    *ret_frame = frame;
    return 0;
}

static int find_linear(struct move_frames *f)
{
    struct walk *w = malloc(sizeof(*w));
    int rc = 0;

    if (!w)
        return no_memory(f);
    w->top = f->si->arch.p2m_cr3 >> XCTL_PAGE_SHIFT;
    for (int i = 0; i < LEVELS; i++)
        w->frames[i] = MOVE_NO_FRAME;
    for (uint64_t i = 0; !rc && i < f->nr_list; i++)
        rc = look_up(f, w, f->si->arch.p2m_vaddr + (i << XCTL_PAGE_SHIFT), &f->list[i]);
    free(w);
    return rc;
}

static int find_tree(struct move_frames *f, xen_pfn_t top)
{
    uint64_t tops[PER_PAGE];
    int rc = f->nr_list > PER_PAGE * PER_PAGE ? -E2BIG : 0;

    if (rc)
        return xlight__fail(f->h, rc, f->domid, "its tree cannot have so many pages");
    rc = read_frame(f, top, tops);
    for (uint64_t i = 0; !rc && i < f->nr_list; i += PER_PAGE) {
        uint64_t mids[PER_PAGE], n = f->nr_list - i < PER_PAGE ? f->nr_list - i : PER_PAGE;

        rc = read_frame(f, tops[i / PER_PAGE], mids);
        if (!rc)
            memcpy(&f->list[i], mids, n * sizeof(mids[0]));
    }
    return rc;
}

static int find_list(struct move_frames *f)
{
    const struct arch_shared_info *a = &f->si->arch;
    xen_pfn_t top = a->pfn_to_mfn_frame_list_list;

    if (a->p2m_cr3)
        return find_linear(f);
    if (top && top != MOVE_NO_FRAME)
        return find_tree(f, top);
    return xlight__fail(f->h, -ENODATA, f->domid,
                        "the guest has not made a list of its frames yet");
}

static int check_size(struct move_frames *f, const struct xen_domctl_getdomaininfo *info)
{
    uint64_t limit, most;
    int rc = life_bounds(f->h, f->domid, info, &limit, &most);

    if (rc)
        return rc;
    f->nr = f->si->arch.max_pfn;
    if (!f->nr)
        return xlight__fail(f->h, -ENODATA, f->domid,
                            "the guest has not made a list of its frames yet");
    if (f->nr > most || f->nr > MAX_PAGES)
        return xlight__fail(f->h, -E2BIG, f->domid,
                            "it claims to reach page %" PRIu64 ", but can have %" PRIu64 " only",
                            f->nr, most);
    return 0;
}

static int allocate(struct move_frames *f)
{
    uint64_t size = 1;

    while (size < 2 * f->nr)
        size *= 2;
    f->mask = size - 1;
    if (getrandom(&f->factor, sizeof(f->factor), 0) != sizeof(f->factor))
        return xlight__fail(f->h, -EIO, f->domid, "there are no random numbers");
    f->factor |= 1;
    f->nr_list = (f->nr + PER_PAGE - 1) / PER_PAGE;
    f->list = malloc(f->nr_list * sizeof(*f->list));
    f->list_pfns = malloc(f->nr_list * sizeof(*f->list_pfns));
    f->p2m = malloc(f->nr * sizeof(*f->p2m));
    f->pages = malloc(size * sizeof(*f->pages));
    return f->list && f->list_pfns && f->p2m && f->pages ? 0 : no_memory(f);
}

/* Where the list itself is, as pages. */
static int name_list(struct move_frames *f)
{
    for (uint64_t i = 0; i < f->nr_list; i++)
        if (!move_frames_find(f, f->list[i], &f->list_pfns[i]))
            return xlight__fail(f->h, -EFAULT, f->domid, "frame 0x%" PRIx64 " of it is not in it",
                                f->list[i]);
    return 0;
}

static int open_list(struct move_frames *f)
{
    int rc = find_list(f);

    if (!rc) {
        rc = xctl_foreign_map(f->h->ctrl, f->domid, PROT_READ, f->list, (unsigned int)f->nr_list,
                              NULL, &f->map);
        if (rc)
            xlight__fail_ctrl(f->h, rc, f->domid, "cannot map it");
    }
    if (!rc) {
        move_frames_copy(f);
        rc = name_list(f);
    }
    return rc ? xlight__wrap(f->h, rc, f->domid, "the guest's list of its frames cannot be used")
              : 0;
}

int move_frames_open(struct move_frames *f, xlight_handle *h, domid_t domid)
{
    struct xen_domctl_getdomaininfo info;
    void *si = NULL;
    int rc = xctl_domain_info(h->ctrl, domid, &info);

    *f = (struct move_frames){.h = h, .domid = domid};
    if (!rc)
        rc = xctl_memory_max_ram_page(h->ctrl, &f->max_mfn);
    if (rc)
        return xlight__fail_ctrl(h, rc, domid, "cannot see domain %u", domid);
    rc = map_one(f, info.shared_info_frame, &si);
    f->si = si;
    if (!rc)
        rc = check_size(f, &info);
    if (!rc)
        rc = allocate(f);
    if (!rc)
        rc = open_list(f);
    if (rc)
        move_frames_close(f);
    return rc;
}

void move_frames_close(struct move_frames *f)
{
    /* A failure leaves it mapped until the process ends: nothing can be done about it. */
    if (f->map && xctl_foreign_unmap(f->h->ctrl, f->map, (unsigned int)f->nr_list))
        f->map = NULL;
    if (f->si && xctl_foreign_unmap(f->h->ctrl, f->si, 1))
        f->si = NULL;
    free(f->list);
    free(f->list_pfns);
    free(f->p2m);
    free(f->pages);
    *f = (struct move_frames){.h = f->h, .domid = f->domid};
}

static uint64_t hash(const struct move_frames *f, uint64_t mfn)
{
    return (mfn * f->factor >> 32) & f->mask;
}

void move_frames_copy(struct move_frames *f)
{
    memcpy(f->p2m, f->map, f->nr * sizeof(*f->p2m));
    memset(f->pages, 0, (f->mask + 1) * sizeof(*f->pages));
    for (uint64_t pfn = 0; pfn < f->nr; pfn++) {
        uint64_t at;

        if (f->p2m[pfn] > f->max_mfn) {
            f->p2m[pfn] = MOVE_NO_FRAME;
            continue;
        }
        at = hash(f, f->p2m[pfn]);
        /* One that is listed twice is the first of them. */
        while (f->pages[at] && f->p2m[f->pages[at] - 1] != f->p2m[pfn])
            at = (at + 1) & f->mask;
        if (!f->pages[at])
            f->pages[at] = (uint32_t)pfn + 1;
    }
}

bool move_frames_find(const struct move_frames *f, uint64_t mfn, uint64_t *ret_pfn)
{
    for (uint64_t at = hash(f, mfn); f->pages[at]; at = (at + 1) & f->mask)
        if (f->p2m[f->pages[at] - 1] == mfn) {
            *ret_pfn = f->pages[at] - 1;
            return true;
        }
    return false;
}
