/* SPDX-License-Identifier: MIT */
/* vcpu.c - domctl of the simulated host: vCPUs. */
#include "sim.h"

static void get_bits(const struct xenctl_bitmap *to, const uint8_t *from, unsigned int nr)
{
    uint8_t *p = (uint8_t *)(uintptr_t)to->bitmap;

    if (!p)
        return;
    for (uint32_t i = 0; i < to->nr_bits; i++) {
        bool on = i < nr && (from[i / 8] >> i % 8 & 1);

        p[i / 8] = (uint8_t)((p[i / 8] & ~(1U << i % 8)) | (uint32_t)on << i % 8);
    }
}

static void set_bits(uint8_t *to, const struct xenctl_bitmap *from)
{
    const uint8_t *p = (const uint8_t *)(uintptr_t)from->bitmap;

    memset(to, 0, SIM_CPU_BYTES);
    for (uint32_t i = 0; p && i < from->nr_bits && i < SIM_CPUS; i++)
        to[i / 8] |= (uint8_t)((p[i / 8] >> i % 8 & 1U) << i % 8);
}

/* The CPUs of the domain's pool that are in map. */
static bool effective(struct sim_host *s, struct sim_domain *d, const uint8_t *map, uint8_t *ret)
{
    uint8_t any = 0;

    for (int i = 0; i < SIM_CPU_BYTES; i++) {
        ret[i] = map[i] & s->pools[d->pool].cpus[i];
        any |= ret[i];
    }
    return any;
}

static int set_affinity(struct sim_host *s, struct sim_domain *d, struct sim_vcpu *v,
                        struct xen_domctl_vcpuaffinity *a)
{
    uint8_t hard[SIM_CPU_BYTES], soft[SIM_CPU_BYTES], online[SIM_CPU_BYTES];

    set_bits(hard, &a->cpumap_hard);
    set_bits(soft, &a->cpumap_soft);
    if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)))
        return -EINVAL;
    if ((a->flags & XEN_VCPUAFFINITY_HARD) && !effective(s, d, hard, online))
        return -EINVAL;
    if (a->flags & XEN_VCPUAFFINITY_HARD) {
        memcpy(v->hard, hard, sizeof(hard));
        get_bits(&a->cpumap_hard, online, SIM_CPUS);
        for (uint32_t c = 0; c < s->nr_cpus; c++)
            if (!(online[v->cpu / 8] >> v->cpu % 8 & 1))
                v->cpu = (v->cpu + 1) % s->nr_cpus;
    }
    if (a->flags & XEN_VCPUAFFINITY_SOFT) {
        memcpy(v->soft, soft, sizeof(soft));
        effective(s, d, soft, online);
        for (int i = 0; i < SIM_CPU_BYTES; i++)
            online[i] &= v->hard[i];
        get_bits(&a->cpumap_soft, online, SIM_CPUS);
    }
    return 0;
}

static int get_affinity(const struct sim_vcpu *v, const struct xen_domctl_vcpuaffinity *a)
{
    if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)))
        return -EINVAL;
    if (a->flags & XEN_VCPUAFFINITY_HARD)
        get_bits(&a->cpumap_hard, v->hard, SIM_CPUS);
    if (a->flags & XEN_VCPUAFFINITY_SOFT)
        get_bits(&a->cpumap_soft, v->soft, SIM_CPUS);
    return 0;
}

static int set_context(struct sim_domain *d, struct sim_vcpu *v,
                       const struct vcpu_guest_context *ctx)
{
    if (!ctx) {
        v->initialised = v->online = 0;
        memset(&v->ctx, 0, sizeof(v->ctx));
        return 0;
    }
    if (!d->hvm && v->initialised &&
        (v->ctx.ctrlreg[3] != ctx->ctrlreg[3] || v->ctx.ctrlreg[1] != ctx->ctrlreg[1] ||
         v->ctx.ldt_base != ctx->ldt_base || v->ctx.ldt_ents != ctx->ldt_ents ||
         v->ctx.gdt_ents != ctx->gdt_ents))
        return -EOPNOTSUPP;
    v->ctx = *ctx;
    v->initialised = 1;
    v->online = ctx->flags & VGCF_online ? 1 : 0;
    return 0;
}

static int get_vcpu_info(struct sim_domain *d, const struct sim_vcpu *v,
                         struct xen_domctl_getvcpuinfo *i)
{
    i->online = v->online;
    i->blocked = v->online && v->blocked;
    i->running = v->online && !v->blocked && !d->pause_count && !d->shutdown;
    i->cpu_time = v->cpu_time;
    i->cpu = v->cpu;
    return 0;
}

static int ext_context(struct sim_vcpu *v, struct xen_domctl_ext_vcpucontext *e, bool set)
{
    uint32_t vcpu = e->vcpu;

    if (set && e->size < sizeof(*e))
        return -EINVAL;
    if (set) {
        v->ext = *e;
        return 0;
    }
    *e = v->ext;
    e->vcpu = vcpu;
    e->size = sizeof(*e);
    return 0;
}

static int ext_state(struct sim_vcpu *v, struct xen_domctl_vcpuextstate *e, bool set)
{
    void *buf = (void *)(uintptr_t)e->buffer;

    if (set) {
        if (e->size != SIM_XSAVE || !buf)
            return -EINVAL;
        memcpy(v->xsave, buf, SIM_XSAVE);
        return 0;
    }
    e->xfeature_mask = 3;
    if (buf && e->size != SIM_XSAVE)
        return -EINVAL;
    if (buf)
        memcpy(buf, v->xsave, SIM_XSAVE);
    e->size = SIM_XSAVE;
    return 0;
}

static int msr_state(struct sim_vcpu *v, struct xen_domctl_vcpu_msrs *m, bool set)
{
    static const uint32_t known[] = {0x48,       0x140,      0xc0000103, 0xc0011027,
                                     0xc0011019, 0xc001101a, 0xc001101b};
    struct xen_domctl_vcpu_msr *list = (struct xen_domctl_vcpu_msr *)(uintptr_t)m->msrs;

    if (!set) {
        uint32_t room = m->msr_count;

        m->msr_count = list ? v->nr_msrs : ARRAY_SIZE(known);
        if (list && room < v->nr_msrs)
            return -ENOBUFS;
        if (list)
            memcpy(list, v->msrs, v->nr_msrs * sizeof(*list));
        return 0;
    }
    if (m->msr_count > ARRAY_SIZE(v->msrs))
        return -EINVAL;
    for (uint32_t i = 0; i < m->msr_count; i++) {
        size_t k = 0;

        while (k < ARRAY_SIZE(known) && known[k] != list[i].index)
            k++;
        if (k == ARRAY_SIZE(known) || list[i].reserved) {
            m->msr_count = i;
            return -EINVAL;
        }
    }
    memcpy(v->msrs, list, m->msr_count * sizeof(*list));
    v->nr_msrs = m->msr_count;
    return 0;
}

/* Every argument with a vCPU begins with its number. */
static bool wants_vcpu(uint32_t cmd)
{
    switch (cmd) {
    case XEN_DOMCTL_getvcpuinfo:
    case XEN_DOMCTL_getvcpucontext:
    case XEN_DOMCTL_setvcpucontext:
    case XEN_DOMCTL_setvcpuaffinity:
    case XEN_DOMCTL_getvcpuaffinity:
    case XEN_DOMCTL_set_ext_vcpucontext:
    case XEN_DOMCTL_get_ext_vcpucontext:
    case XEN_DOMCTL_setvcpuextstate:
    case XEN_DOMCTL_getvcpuextstate:
    case XEN_DOMCTL_get_vcpu_msrs:
    case XEN_DOMCTL_set_vcpu_msrs:
        return true;
    default:
        return false;
    }
}

static int on_vcpu(struct sim *sim, struct sim_domain *d, struct sim_vcpu *v, struct xen_domctl *op)
{
    void *ctxt = (void *)(uintptr_t)op->u.vcpucontext.ctxt;
    bool self = d->domid == sim->domid;

    switch (op->cmd) {
    case XEN_DOMCTL_getvcpuinfo:
        return get_vcpu_info(d, v, &op->u.getvcpuinfo);
    case XEN_DOMCTL_getvcpucontext:
        if (self)
            return -EINVAL;
        if (!v->initialised)
            return -ENODATA;
        *(struct vcpu_guest_context *)ctxt = v->ctx;
        return 0;
    case XEN_DOMCTL_setvcpucontext:
        return self ? -EINVAL : set_context(d, v, ctxt);
    case XEN_DOMCTL_setvcpuaffinity:
        return set_affinity(sim->host, d, v, &op->u.vcpuaffinity);
    case XEN_DOMCTL_getvcpuaffinity:
        return get_affinity(v, &op->u.vcpuaffinity);
    case XEN_DOMCTL_set_ext_vcpucontext:
    case XEN_DOMCTL_get_ext_vcpucontext:
        if (self)
            return -EINVAL;
        return ext_context(v, &op->u.ext_vcpucontext, op->cmd == XEN_DOMCTL_set_ext_vcpucontext);
    case XEN_DOMCTL_setvcpuextstate:
    case XEN_DOMCTL_getvcpuextstate:
        if (self)
            return -EINVAL;
        return ext_state(v, &op->u.vcpuextstate, op->cmd == XEN_DOMCTL_setvcpuextstate);
    default:
        if (self)
            return -EINVAL;
        if (d->hvm)
            return -EOPNOTSUPP;
        return msr_state(v, &op->u.vcpu_msrs, op->cmd == XEN_DOMCTL_set_vcpu_msrs);
    }
}

int sim_domctl_vcpu(struct sim *sim, struct sim_domain *d, struct xen_domctl *op)
{
    struct sim_vcpu *v;

    if (op->cmd == XEN_DOMCTL_max_vcpus) {
        if (d->domid == sim->domid)
            return -EINVAL;
        return sim_domain_alloc_vcpus(sim->host, d, op->u.max_vcpus.max);
    }
    if (op->cmd == XEN_DOMCTL_sendtrigger) {
        if (!sim_vcpu(sim->host, d, op->u.sendtrigger.vcpu))
            return -ESRCH;
        if (op->u.sendtrigger.trigger == XEN_DOMCTL_SENDTRIGGER_NMI)
            return 0;
        if (op->u.sendtrigger.trigger >= XEN_DOMCTL_SENDTRIGGER_POWER)
            return d->hvm ? 0 : -EINVAL;
        return -ENOSYS;
    }
    if (!wants_vcpu(op->cmd))
        return -ENOSYS;
    v = sim_vcpu(sim->host, d, op->u.getvcpuinfo.vcpu);
    if (!v && op->cmd == XEN_DOMCTL_getvcpuinfo)
        return op->u.getvcpuinfo.vcpu < d->max_vcpus ? -ESRCH : -EINVAL;
    if (!v)
        return op->cmd == XEN_DOMCTL_get_ext_vcpucontext ||
                       op->cmd == XEN_DOMCTL_set_ext_vcpucontext ||
                       op->cmd == XEN_DOMCTL_getvcpuextstate
                   ? -ESRCH
                   : -EINVAL;
    return on_vcpu(sim, d, v, op);
}
