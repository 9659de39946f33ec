/* SPDX-License-Identifier: MIT */
/* save-state.c - what goes into the stream before and behind a guest's memory. */
#include "move.h"
#include <inttypes.h>

#define GDT_ENTRIES 14 * 512 /* that a guest can have; those behind are the hypervisor's */

static int ctrl_failed(struct move_out *s, int rc, const char *what)
{
    return xlight__fail_ctrl(s->h, rc, s->domid, "cannot read %s", what);
}

static int no_memory(struct move_out *s)
{
    return xlight__fail(s->h, -ENOMEM, s->domid, "no memory for its state");
}

static int put_policy(struct move_out *s)
{
    struct xen_cpuid_leaf *leaves = NULL;
    struct xen_msr_entry *msrs = NULL;
    uint32_t nr_leaves, nr_msrs;
    int rc = xctl_host_cpu_policy_size(s->h->ctrl, &nr_leaves, &nr_msrs);

    if (rc)
        return ctrl_failed(s, rc, "what its CPUs are like");
    leaves = calloc(nr_leaves + 1, sizeof(*leaves));
    msrs = calloc(nr_msrs + 1, sizeof(*msrs));
    if (!leaves || !msrs)
        rc = no_memory(s);
    if (!rc) {
        rc = xctl_domain_get_cpu_policy(s->h->ctrl, s->domid, leaves, &nr_leaves, msrs, &nr_msrs);
        if (rc)
            ctrl_failed(s, rc, "what its CPUs are like");
    }
    if (!rc && nr_leaves)
        xlight__out_record(&s->out, STREAM_CPUID_POLICY, leaves, nr_leaves * sizeof(*leaves), NULL,
                           0);
    if (!rc && nr_msrs)
        xlight__out_record(&s->out, STREAM_MSR_POLICY, msrs, nr_msrs * sizeof(*msrs), NULL, 0);
    free(leaves);
    free(msrs);
    return rc;
}

int move_put_fixed(struct move_out *s)
{
    const struct stream_pv_info info = {.width = 8, .levels = 4};
    int rc;

    xlight__out_light_header(&s->out);
    xlight__out_light_record(&s->out, LIGHT_GUEST, NULL, 0);
    xlight__out_guest_headers(&s->out, STREAM_PV);
    xlight__out_record(&s->out, STREAM_PV_INFO, &info, sizeof(info), NULL, 0);
    rc = put_policy(s);
    xlight__out_record(&s->out, STREAM_STATIC_DATA_END, NULL, 0, NULL, 0);
    return rc;
}

void move_put_frames(struct move_out *s)
{
    const struct stream_frames head = {.first = 0, .last = (uint32_t)(s->f.nr - 1)};

    xlight__out_record(&s->out, STREAM_PV_P2M_FRAMES, &head, sizeof(head), s->f.list_pfns,
                       s->f.nr_list * sizeof(s->f.list_pfns[0]));
}

static int put_tsc(struct move_out *s)
{
    struct xctl_tsc_info t;
    struct stream_tsc r;
    int rc = xctl_domain_get_tsc(s->h->ctrl, s->domid, &t);

    if (rc)
        return ctrl_failed(s, rc, "its clock");
    r = (struct stream_tsc){
        .mode = t.mode, .khz = t.khz, .ns = t.elapsed_ns, .incarnation = t.incarnation};
    xlight__out_record(&s->out, STREAM_TSC_INFO, &r, sizeof(r), NULL, 0);
    return 0;
}

/* A frame in a register becomes a page. */
static int translate(struct move_out *s, uint64_t *frame, const char *what, unsigned int vcpu)
{
    uint64_t mfn = *frame;

    if (move_frames_find(&s->f, mfn, frame))
        return 0;
    return xlight__fail(s->h, -EFAULT, s->domid,
                        "%s of vCPU %u is in frame 0x%" PRIx64 ", which is not the guest's", what,
                        vcpu, mfn);
}

static int translate_tables(struct move_out *s, unsigned int vcpu, struct vcpu_guest_context *ctx)
{
    uint64_t frame = ctx->ctrlreg[3] >> XCTL_PAGE_SHIFT;
    int rc = translate(s, &frame, "the page table", vcpu);

    ctx->ctrlreg[3] = frame << XCTL_PAGE_SHIFT;
    /* That of programs, which there can be or not. */
    if (rc || !ctx->ctrlreg[1])
        return rc;
    frame = ctx->ctrlreg[1] >> XCTL_PAGE_SHIFT;
    rc = translate(s, &frame, "the page table for programs", vcpu);
    ctx->ctrlreg[1] = frame << XCTL_PAGE_SHIFT | MOVE_PRESENT;
    return rc;
}

static int put_basic(struct move_out *s, const struct stream_vcpu *head)
{
    struct vcpu_guest_context *ctx = malloc(sizeof(*ctx));
    unsigned int vcpu = head->vcpu;
    uint64_t frame;
    int rc;

    if (!ctx)
        return no_memory(s);
    rc = xctl_vcpu_get_context(s->h->ctrl, s->domid, vcpu, ctx);
    if (rc)
        rc = ctrl_failed(s, rc, "the registers of a vCPU");
    /* Where the first one has left what it was started with. */
    if (!rc && !vcpu) {
        frame = ctx->user_regs.rdx;
        rc = translate(s, &frame, "the start information", vcpu);
        ctx->user_regs.rdx = frame;
    }
    if (!rc && ctx->gdt_ents > GDT_ENTRIES)
        rc = xlight__fail(s->h, -ERANGE, s->domid, "vCPU %u has %lu descriptors", vcpu,
                          ctx->gdt_ents);
    for (unsigned int i = 0; !rc && i < (ctx->gdt_ents + 511) / 512; i++)
        rc = translate(s, &ctx->gdt_frames[i], "a descriptor table", vcpu);
    if (!rc)
        rc = translate_tables(s, vcpu, ctx);
    if (!rc)
        xlight__out_record(&s->out, STREAM_PV_VCPU_BASIC, head, sizeof(*head), ctx, sizeof(*ctx));
    free(ctx);
    return rc;
}

static int put_extended(struct move_out *s, const struct stream_vcpu *head)
{
    struct xen_domctl_ext_vcpucontext e;
    int rc = xctl_vcpu_get_ext_context(s->h->ctrl, s->domid, head->vcpu, &e);

    if (rc)
        return ctrl_failed(s, rc, "more registers of a vCPU");
    if (e.size)
        xlight__out_record(&s->out, STREAM_PV_VCPU_EXTENDED, head, sizeof(*head), &e,
                           e.size < sizeof(e) ? e.size : sizeof(e));
    return 0;
}

static int put_xsave(struct move_out *s, const struct stream_vcpu *head)
{
    xctl_handle *h = s->h->ctrl;
    uint64_t features = 0;
    size_t size = 0;
    void *area;
    int rc = xctl_vcpu_get_xsave(h, s->domid, head->vcpu, NULL, &size, &features);

    if (rc)
        return ctrl_failed(s, rc, "the vector registers of a vCPU");
    if (!size || !features)
        return 0;
    area = calloc(1, size);
    if (!area)
        return no_memory(s);
    rc = xctl_vcpu_get_xsave(h, s->domid, head->vcpu, area, &size, &features);
    if (rc)
        ctrl_failed(s, rc, "the vector registers of a vCPU");
    else if (size)
        xlight__out_record(&s->out, STREAM_PV_VCPU_XSAVE, head, sizeof(*head), area, size);
    free(area);
    return rc;
}

static int put_msrs(struct move_out *s, const struct stream_vcpu *head)
{
    struct xen_domctl_vcpu_msr *msrs;
    uint32_t nr = 0;
    int rc = xctl_vcpu_get_msrs(s->h->ctrl, s->domid, head->vcpu, NULL, &nr);

    if (rc)
        return ctrl_failed(s, rc, "the MSRs of a vCPU");
    if (!nr)
        return 0;
    msrs = calloc(nr, sizeof(*msrs));
    if (!msrs)
        return no_memory(s);
    rc = xctl_vcpu_get_msrs(s->h->ctrl, s->domid, head->vcpu, msrs, &nr);
    if (rc)
        ctrl_failed(s, rc, "the MSRs of a vCPU");
    else if (nr)
        xlight__out_record(&s->out, STREAM_PV_VCPU_MSRS, head, sizeof(*head), msrs,
                           nr * sizeof(*msrs));
    free(msrs);
    return rc;
}

static int put_vcpus(struct move_out *s)
{
    struct xen_domctl_getvcpuinfo info;
    unsigned int vcpu = 0;
    int rc;

    while ((rc = xctl_vcpu_next(s->h->ctrl, s->domid, &vcpu, &info)) == 1) {
        const struct stream_vcpu head = {.vcpu = vcpu++};

        if (!info.online)
            continue;
        rc = put_basic(s, &head);
        if (!rc)
            rc = put_extended(s, &head);
        if (!rc)
            rc = put_xsave(s, &head);
        if (!rc)
            rc = put_msrs(s, &head);
        if (rc)
            return rc;
    }
    return rc ? ctrl_failed(s, rc, "its vCPUs") : 0;
}

int move_put_state(struct move_out *s)
{
    int rc = put_tsc(s);

    if (rc)
        return rc;
    xlight__out_record(&s->out, STREAM_SHARED_INFO, s->f.si, STREAM_PAGE, NULL, 0);
    rc = put_vcpus(s);
    xlight__out_record(&s->out, STREAM_END, NULL, 0, NULL, 0);
    xlight__out_light_record(&s->out, LIGHT_END, NULL, 0);
    return rc;
}
