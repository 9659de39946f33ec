/* SPDX-License-Identifier: MIT */
/*
 * restore-state.c - the end of restoring: vCPUs, page tables, and what the guest finds when it goes
 * on. Until the stream is at its end all that is only kept.
 */
#include "../build/guest.h"
#include "move.h"
#include <inttypes.h>
#include <sys/mman.h>

#define GDT_ENTRIES 14 * 512
#define PINS        1024U
enum blob { BASIC, EXTENDED, XSAVE, MSRS };

static int broken(struct move_in *s, const char *what, uint64_t number)
{
    return xlight__fail(s->k.h, -EBADMSG, s->k.domid, "%s 0x%" PRIx64 " makes no sense", what,
                        number);
}

static int failed(struct move_in *s, int rc, const char *what)
{
    return xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot set %s", what);
}

int move_take_policy(struct move_in *s, const struct xlight__item *i)
{
    bool cpuid = i->type == STREAM_CPUID_POLICY;
    const void *none = NULL;
    uint32_t nr = (uint32_t)(i->length / (cpuid ? sizeof(struct xen_cpuid_leaf)
                                                : sizeof(struct xen_msr_entry)));
    int rc;

    if (!nr)
        return 0;
    rc = xctl_domain_set_cpu_policy(s->k.h->ctrl, s->k.domid, cpuid ? i->body : none,
                                    cpuid ? nr : 0, cpuid ? none : i->body, cpuid ? 0 : nr, NULL);
    if (rc == -ENOMEM || rc == -EIO)
        return failed(s, rc, "what its CPUs are like");
    return rc ? xlight__fail_ctrl(s->k.h, rc, s->k.domid,
                                  "this host cannot offer the CPUs that the guest had")
              : 0;
}

int move_take_vcpu(struct move_in *s, const struct xlight__item *i)
{
    const struct stream_vcpu *r = i->body;
    enum blob which = i->type == STREAM_PV_VCPU_BASIC      ? BASIC
                      : i->type == STREAM_PV_VCPU_EXTENDED ? EXTENDED
                      : i->type == STREAM_PV_VCPU_XSAVE    ? XSAVE
                                                           : MSRS;
    size_t size = i->length - sizeof(*r);
    void *copy;

    if (r->vcpu >= (uint32_t)s->k.c->max_vcpus)
        return broken(s, "vCPU", r->vcpu);
    if (!size)
        return 0;
    copy = malloc(size);
    if (!copy)
        return xlight__fail(s->k.h, -ENOMEM, s->k.domid, "no memory for its vCPUs");
    memcpy(copy, r->context, size);
    free(s->vcpus[r->vcpu].blobs[which]);
    s->vcpus[r->vcpu].blobs[which] = copy;
    s->vcpus[r->vcpu].sizes[which] = size;
    return 0;
}

/* A page becomes its frame. */
static int translate(struct move_in *s, uint64_t *number, bool table, const char *what)
{
    uint64_t pfn = *number;

    if (pfn >= s->nr || s->p2m[pfn] == MOVE_NO_FRAME)
        return broken(s, what, pfn);
    if (table ? (s->types[pfn] & 7) != 4 : s->types[pfn] != 0)
        return broken(s, what, pfn);
    /* What we, or the daemons, use is there by now, if the file makes sense. */
    if (s->lazy && s->where[pfn])
        return broken(s, what, pfn);
    *number = s->p2m[pfn];
    return 0;
}

/* What the guest reads anew when it goes on. */
static int set_start_info(struct move_in *s, xen_pfn_t frame)
{
    const int prot = PROT_READ | PROT_WRITE;
    struct life_create *k = &s->k;
    struct start_info *si;
    uint64_t store, console;
    void *p;
    int rc = xctl_foreign_map(k->h->ctrl, k->domid, prot, &frame, 1, NULL, &p);

    if (rc)
        return failed(s, rc, "its start information");
    si = p;
    store = si->store_mfn;
    console = si->console.domU.mfn;
    rc = translate(s, &store, false, "the page of the store");
    if (!rc)
        rc = translate(s, &console, false, "the page of the console");
    if (!rc) {
        si->nr_pages = s->nr;
        si->shared_info = s->info.shared_info_frame << XCTL_PAGE_SHIFT;
        si->flags = 0;
        si->store_mfn = k->built.store_frame = store;
        si->store_evtchn = k->build.store_port;
        si->console.domU.mfn = k->built.console_frame = console;
        si->console.domU.evtchn = k->build.console_port;
    }
    if (xctl_foreign_unmap(k->h->ctrl, p, 1) && !rc)
        rc = failed(s, -EIO, "its start information");
    return rc;
}

static int translate_tables(struct move_in *s, struct vcpu_guest_context *ctx)
{
    uint64_t frame = ctx->ctrlreg[3] >> XCTL_PAGE_SHIFT;
    int rc = translate(s, &frame, true, "the page table");

    ctx->ctrlreg[3] = frame << XCTL_PAGE_SHIFT;
    if (rc || !(ctx->ctrlreg[1] & MOVE_PRESENT))
        return rc;
    frame = ctx->ctrlreg[1] >> XCTL_PAGE_SHIFT;
    rc = translate(s, &frame, true, "the page table for programs");
    ctx->ctrlreg[1] = frame << XCTL_PAGE_SHIFT;
    return rc;
}

static int set_basic(struct move_in *s, unsigned int vcpu)
{
    struct vcpu_guest_context *ctx = s->vcpus[vcpu].blobs[BASIC];
    uint64_t start = ctx->user_regs.rdx;
    int rc = 0;

    if (!vcpu) {
        rc = translate(s, &start, false, "the page of the start information");
        if (!rc)
            rc = set_start_info(s, start);
        ctx->user_regs.rdx = start;
    }
    if (!rc && ctx->gdt_ents > GDT_ENTRIES)
        rc = broken(s, "the number of descriptors", ctx->gdt_ents);
    for (unsigned int i = 0; !rc && i < (ctx->gdt_ents + 511) / 512; i++)
        rc = translate(s, &ctx->gdt_frames[i], false, "a page of the descriptor table");
    if (!rc)
        rc = translate_tables(s, ctx);
    if (rc)
        return rc;
    ctx->flags |= VGCF_online;
    rc = xctl_vcpu_set_context(s->k.h->ctrl, s->k.domid, vcpu, ctx);
    return rc ? failed(s, rc, "the registers of a vCPU") : 0;
}

static int set_extended(struct move_in *s, unsigned int vcpu)
{
    const struct move_vcpu *v = &s->vcpus[vcpu];
    struct xen_domctl_ext_vcpucontext e = {0};

    memcpy(&e, v->blobs[EXTENDED], v->sizes[EXTENDED] < sizeof(e) ? v->sizes[EXTENDED] : sizeof(e));
    return xctl_vcpu_set_ext_context(s->k.h->ctrl, s->k.domid, vcpu, &e);
}

static int set_xsave(struct move_in *s, unsigned int vcpu)
{
    const struct move_vcpu *v = &s->vcpus[vcpu];

    /* Which registers there are is the first word. */
    return xctl_vcpu_set_xsave(s->k.h->ctrl, s->k.domid, vcpu, v->blobs[XSAVE], v->sizes[XSAVE],
                               *(const uint64_t *)v->blobs[XSAVE]);
}

static int set_vcpu(struct move_in *s, unsigned int vcpu)
{
    const struct move_vcpu *v = &s->vcpus[vcpu];
    int rc = v->blobs[BASIC] ? set_basic(s, vcpu) : 0;

    if (rc)
        return rc;
    if (v->blobs[EXTENDED])
        rc = set_extended(s, vcpu);
    if (!rc && v->blobs[XSAVE])
        rc = set_xsave(s, vcpu);
    if (!rc && v->blobs[MSRS])
        rc = xctl_vcpu_set_msrs(s->k.h->ctrl, s->k.domid, vcpu, v->blobs[MSRS],
                                (uint32_t)(v->sizes[MSRS] / sizeof(struct xen_domctl_vcpu_msr)));
    return rc ? failed(s, rc, "more registers of a vCPU") : 0;
}

static int flush_pins(struct move_in *s, const struct mmuext_op *pins, unsigned int nr)
{
    int rc = nr ? xctl_mmuext(s->k.h->ctrl, s->k.domid, pins, nr, NULL) : 0;

    return rc ? failed(s, rc, "its page tables") : 0;
}

static int pin_tables(struct move_in *s)
{
    struct mmuext_op *pins = calloc(PINS, sizeof(*pins));
    unsigned int nr = 0;
    int rc = 0;

    if (!pins)
        return xlight__fail(s->k.h, -ENOMEM, s->k.domid, "no memory for its page tables");
    for (uint64_t pfn = 0; !rc && pfn < s->nr; pfn++) {
        unsigned int level = s->types[pfn] & 7;

        if (s->types[pfn] < (STREAM_PIN | 1) || s->types[pfn] > (STREAM_PIN | 4))
            continue;
        pins[nr++] =
            (struct mmuext_op){.cmd = MMUEXT_PIN_L1_TABLE + level - 1, .arg1.mfn = s->p2m[pfn]};
        if (nr == PINS) {
            rc = flush_pins(s, pins, nr);
            nr = 0;
        }
    }
    if (!rc)
        rc = flush_pins(s, pins, nr);
    free(pins);
    return rc;
}

/* What the guest gave back while it was sent; a frame that is still in use somewhere stays. */
static int give_back(struct move_in *s)
{
    xctl_handle *h = s->k.h->ctrl;
    xen_pfn_t frames[STREAM_BATCH];
    uint64_t pfns[STREAM_BATCH], pfn = 0;

    while (pfn < s->nr) {
        unsigned int nr = 0;

        for (; pfn < s->nr && nr < STREAM_BATCH; pfn++) {
            bool none = s->types[pfn] == STREAM_NONE || s->types[pfn] == STREAM_BROKEN;

            if (!none || s->p2m[pfn] == MOVE_NO_FRAME)
                continue;
            frames[nr] = s->p2m[pfn];
            pfns[nr++] = pfn;
        }
        for (unsigned int i = 0; i < nr; i++) {
            int64_t done = xctl_memory_decrease(h, s->k.domid, 0, frames + i, nr - i);

            if (done < 0)
                return failed(s, (int)done, "how much memory it has");
            for (; done; done--, i++)
                s->p2m[pfns[i]] = MOVE_NO_FRAME;
        }
    }
    return 0;
}

/* Over the old list, where the guest will look for it. */
static int write_list(struct move_in *s)
{
    struct life_create *k = &s->k;
    int rc = 0;

    for (uint64_t i = 0; !rc && i * STREAM_PER_FRAME < s->nr; i++) {
        uint64_t frame = s->list_pfns[i], left = s->nr - i * STREAM_PER_FRAME;
        void *p;

        rc = translate(s, &frame, false, "a page of the list of frames");
        if (rc)
            return rc;
        rc = xctl_foreign_map(k->h->ctrl, k->domid, PROT_READ | PROT_WRITE, &frame, 1, NULL, &p);
        if (rc)
            return failed(s, rc, "its list of frames");
        memcpy(p, s->p2m + i * STREAM_PER_FRAME,
               (left < STREAM_PER_FRAME ? left : STREAM_PER_FRAME) * sizeof(*s->p2m));
        rc = xctl_foreign_unmap(k->h->ctrl, p, 1);
        if (rc)
            failed(s, rc, "its list of frames");
    }
    return rc;
}

/* The clock there is the hypervisor's; events of the old life are nobody's. */
static int set_shared_info(struct move_in *s)
{
    const xen_pfn_t frame = s->info.shared_info_frame;
    const struct shared_info *old = s->shared_info;
    struct life_create *k = &s->k;
    struct shared_info *si;
    void *p;
    int rc = xctl_foreign_map(k->h->ctrl, k->domid, PROT_READ | PROT_WRITE, &frame, 1, NULL, &p);

    if (rc)
        return failed(s, rc, "the page that it shares with the hypervisor");
    si = p;
    memcpy(si->vcpu_info, old->vcpu_info, sizeof(si->vcpu_info));
    memcpy(&si->arch, &old->arch, sizeof(si->arch));
    si->arch.pfn_to_mfn_frame_list_list = 0;
    memset(si->evtchn_pending, 0, sizeof(si->evtchn_pending));
    memset(si->evtchn_mask, 0xff, sizeof(si->evtchn_mask));
    for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        si->vcpu_info[i].evtchn_pending_sel = 0;
    rc = xctl_foreign_unmap(k->h->ctrl, p, 1);
    return rc ? failed(s, rc, "the page that it shares with the hypervisor") : 0;
}

/* What the daemons need to map the rings. */
static int seed_grants(struct move_in *s)
{
    struct life_create *k = &s->k;
    struct xlight__guest g = {.h = k->h->ctrl, .domid = k->domid, .p2m = s->p2m, .why = &k->h->why};

    k->h->why.nr = 0;
    return xlight__guest_seed_grants(&g, &k->build, k->built.console_frame, k->built.store_frame);
}

int move_finish(struct move_in *s)
{
    int rc = set_shared_info(s);

    if (!rc && s->tsc_given) {
        rc = xctl_domain_set_tsc(s->k.h->ctrl, s->k.domid, &s->tsc);
        if (rc)
            failed(s, rc, "its clock");
    }
    for (unsigned int i = 0; !rc && i < (unsigned int)s->k.c->max_vcpus; i++)
        rc = set_vcpu(s, i);
    if (!rc)
        rc = pin_tables(s);
    if (!rc)
        rc = give_back(s);
    if (!rc)
        rc = write_list(s);
    return rc ? rc : seed_grants(s);
}
