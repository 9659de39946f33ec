/* SPDX-License-Identifier: MIT */
/* audit.c - do the books of a simulated host agree? */
#include "sim.h"

static int complain(xctl_handle *h, domid_t domid, const char *what, uint64_t books, uint64_t real)
{
    return xctl__fail(h, -EILSEQ, domid, "%s: %llu in the books, %llu in fact", what,
                      (unsigned long long)books, (unsigned long long)real);
}

static int audit_ports(xctl_handle *h, struct sim_host *s, struct sim_domain *d)
{
    for (uint32_t i = 1; i < d->max_port; i++) {
        struct sim_port *p = sim_port(s, d, i), *o;
        struct sim_domain *r;

        if (p->state == EVTCHNSTAT_virq && d->virq_port[p->other] != i)
            return complain(h, d->domid, "port of a virtual interrupt", d->virq_port[p->other], i);
        if (p->state != EVTCHNSTAT_interdomain)
            continue;
        r = sim_domain(s, p->remote);
        o = r ? sim_port(s, r, p->other) : NULL;
        if (!o || o->state != EVTCHNSTAT_interdomain || o->other != i || o->remote != d->domid)
            return complain(h, d->domid, "other end of a port", i, o ? o->other : 0);
    }
    return 0;
}

/* References that the maps hold, frame by frame, are taken off a copy of the counts. */
static int audit_refs(xctl_handle *h, struct sim_host *s, uint32_t *refs)
{
    for (struct sim_map *m = sim_at(s, s->maps); m; m = sim_at(s, m->next))
        for (uint32_t i = 0; i < m->nr; i++)
            if (m->pages[i].used)
                refs[m->pages[i].mfn]--;
    for (uint64_t mfn = 0; mfn < s->nr_frames; mfn++)
        if (refs[mfn])
            return complain(h, sim_frames(s)[mfn].owner, "references of a page",
                            sim_frames(s)[mfn].refs, sim_frames(s)[mfn].refs - refs[mfn]);
    return 0;
}

struct counts {
    uint64_t frames, pages;
};

static int audit_domains(xctl_handle *h, struct sim_host *s, const struct counts *c)
{
    uint64_t claims = 0;
    int rc = 0;

    for (size_t i = 0; !rc && i < s->nr_slots; i++) {
        struct sim_domain *d = &s->domains[i];

        if (!d->life)
            continue;
        claims += d->claim;
        if (s->slot_of[d->domid] != i + 1)
            rc = complain(h, d->domid, "place of the domain", s->slot_of[d->domid], i + 1);
        else if (d->nr_frames != c[i].frames)
            rc = complain(h, d->domid, "frames", d->nr_frames, c[i].frames);
        else if (d->tot_pages != c[i].pages + d->pod_cache)
            rc = complain(h, d->domid, "pages", d->tot_pages, c[i].pages + d->pod_cache);
        else
            rc = audit_ports(h, s, d);
    }
    if (!rc && claims != s->outstanding)
        rc = complain(h, XCTL_NO_DOMAIN, "claimed pages", s->outstanding, claims);
    return rc;
}

static int audit(xctl_handle *h, struct sim_host *s, uint32_t *refs, struct counts *c)
{
    uint64_t unused = 0, pool = 0;
    int rc = 0;

    for (uint64_t mfn = 0; !rc && mfn < s->nr_frames; mfn++) {
        struct sim_frame *f = &sim_frames(s)[mfn];
        uint16_t slot = f->flags && f->owner < DOMID_FIRST_RESERVED ? s->slot_of[f->owner] : 0;

        refs[mfn] = f->refs;
        unused += !f->flags;
        if (!f->flags || f->owner == DOMID_XEN)
            continue;
        if (!slot) {
            rc = complain(h, f->owner, "page without an owner, frame", mfn, 0);
            continue;
        }
        c[slot - 1].frames++;
        c[slot - 1].pages += !(f->flags & (SIM_F_XEN | SIM_F_GONE));
        if (f->gfn != SIM_NO_GFN) {
            uint64_t *e = sim_p2m_entry(s, &s->domains[slot - 1], f->gfn, false);

            if (!e || *e != mfn + 1)
                rc = complain(h, f->owner, "frame at its guest frame", mfn + 1, e ? *e : 0);
        }
    }
    for (size_t i = 0; i < s->nr_slots; i++)
        pool += s->domains[i].pod_cache;
    if (!rc && unused != s->free_frames + pool)
        rc = complain(h, XCTL_NO_DOMAIN, "free pages", s->free_frames + pool, unused);
    if (!rc)
        rc = audit_refs(h, s, refs);
    return rc ? rc : audit_domains(h, s, c);
}

int xctl_sim_audit(xctl_handle *h)
{
    struct counts *c;
    uint32_t *refs;
    struct sim_host *s;
    int rc;

    if (h->be->hypercall != sim_hypercall)
        return xctl__fail(h, -EOPNOTSUPP, XCTL_NO_DOMAIN, "this is not a simulated host");
    s = sim_of(h)->host;
    refs = calloc(s->nr_frames, sizeof(*refs));
    c = calloc(SIM_DOMAINS, sizeof(*c));
    if (refs && c) {
        sim_lock(s);
        rc = audit(h, s, refs, c);
        sim_unlock(s);
    } else {
        rc = xctl__fail(h, -ENOMEM, XCTL_NO_DOMAIN, "no memory for the audit");
    }
    free(refs);
    free(c);
    return rc;
}
