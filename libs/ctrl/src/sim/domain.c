/* SPDX-License-Identifier: MIT */
/* domain.c - domains of the simulated host: from creation to the last page. */
#include "sim.h"

struct sim_domain *sim_domain(struct sim_host *s, domid_t domid)
{
    uint16_t slot = domid < DOMID_FIRST_RESERVED ? s->slot_of[domid] : 0;

    return slot ? &s->domains[slot - 1] : NULL;
}

int sim_target(struct sim *sim, domid_t domid, struct sim_domain **ret_d)
{
    struct sim_domain *me = sim_domain(sim->host, sim->domid);
    struct sim_domain *d = sim_domain(sim->host, domid == DOMID_SELF ? sim->domid : domid);

    if (!me || !d)
        return -ESRCH;
    if (d != me && !me->privileged && me->target != d->domid)
        return -EPERM;
    *ret_d = d;
    return 0;
}

static int pick_domid(struct sim_host *s, domid_t *ret_domid)
{
    for (uint32_t i = 0; i < DOMID_FIRST_RESERVED; i++) {
        s->domid_rover = s->domid_rover % (DOMID_FIRST_RESERVED - 1) + 1;
        if (!s->slot_of[s->domid_rover]) {
            *ret_domid = (domid_t)s->domid_rover;
            return 0;
        }
    }
    return -ENOMEM;
}

static int check_config(struct sim_host *s, const struct xen_domctl_createdomain *c)
{
    bool hvm = c->flags & XEN_DOMCTL_CDF_hvm;
    uint32_t emu = c->arch.emulation_flags;

    if (c->flags & ~(uint32_t)(2 * XEN_DOMCTL_CDF_MAX - 1))
        return -EINVAL;
    if ((c->flags & XEN_DOMCTL_CDF_hap) && !hvm)
        return -EINVAL;
    /* No IOMMU, no nested guests, no performance counters here. */
    if (c->flags & (XEN_DOMCTL_CDF_iommu | XEN_DOMCTL_CDF_nested_virt | XEN_DOMCTL_CDF_vpmu))
        return -EINVAL;
    if (c->iommu_opts || c->vmtrace_size)
        return -EINVAL;
    if (!c->max_vcpus || c->max_vcpus > (hvm ? 128U : 8192U))
        return -EINVAL;
    if (c->arch.misc_flags & ~XEN_X86_MISC_FLAGS_MAX)
        return -EINVAL;
    if (c->cpupool_id >= SIM_POOLS || !s->pools[c->cpupool_id].used)
        return -ESRCH;
    if (hvm ? emu != XEN_X86_EMU_LAPIC && emu != (XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI)
            : emu && emu != XEN_X86_EMU_PIT)
        return -EOPNOTSUPP;
    return 0;
}

static void fill(struct sim_host *s, struct sim_domain *d, domid_t domid,
                 const struct xen_domctl_createdomain *c)
{
    bool hvm = c->flags & XEN_DOMCTL_CDF_hvm;

    d->life = SIM_ALIVE;
    d->domid = domid;
    d->target = XCTL_NO_DOMAIN;
    d->hvm = hvm;
    d->hap = c->flags & XEN_DOMCTL_CDF_hap ? 1 : 0;
    d->flags = c->flags;
    d->address_size = 64;
    d->pause_count = 1;
    d->pool = c->cpupool_id;
    memcpy(d->handle, c->handle, sizeof(d->handle));
    d->arch = c->arch;
    d->max_vcpus = c->max_vcpus;
    d->port_limit = MIN_OF(c->max_evtchn_port, SIM_PORTS - 1U);
    d->max_gnt = c->max_grant_frames < 0 ? SIM_GNT_FRAMES
                                         : MIN_OF((uint32_t)c->max_grant_frames, SIM_GNT_FRAMES);
    d->tsc = (struct xctl_tsc_info){.khz = SIM_CPU_KHZ};
    d->sched.weight = 256;
    d->rtds = (struct xen_domctl_sched_rtds){10000, 4000, XEN_DOMCTL_SCHEDRT_extra};
    d->nodes = (1UL << s->nr_nodes) - 1;
    sim_policy_init(d);
}

int sim_domain_create(struct sim_host *s, domid_t want,
                      const struct xen_domctl_createdomain *config, struct sim_domain **ret_d)
{
    struct sim_domain *d = NULL;
    domid_t domid = want;
    uint64_t shared = 0;
    void *ports, *pins;
    int rc = check_config(s, config);

    if (rc)
        return rc;
    if (sim_domain(s, want) && want)
        return -EEXIST;
    for (uint16_t i = 0; !d && i < SIM_DOMAINS; i++)
        d = s->domains[i].life ? NULL : &s->domains[i];
    if (!d)
        return -ENOMEM;
    /* The very first is Domain 0; later 0 means any. */
    if (s->slot_of[0] && (!want || want >= DOMID_FIRST_RESERVED))
        rc = pick_domid(s, &domid);
    if (rc)
        return rc;
    ports = sim_alloc(s, SIM_PORTS * sizeof(struct sim_port));
    pins = sim_alloc(s, SIM_GNT_FRAMES * SIM_GNT_ENTRIES * sizeof(struct sim_pin));
    memset(d, 0, sizeof(*d));
    s->nr_slots = MAX_OF(s->nr_slots, (uint32_t)(d - s->domains) + 1);
    fill(s, d, domid, config);
    s->slot_of[domid] = (uint16_t)(d - s->domains + 1);
    if (ports && pins) {
        d->ports = sim_offset(s, ports);
        d->pins = sim_offset(s, pins);
        shared = sim_frame_take_xen(s, d);
    }
    d->shared_info = shared - 1;
    if (!shared || sim_gnt_grow(s, d, 1) || (d->hvm && sim_hvm_init(s, d))) {
        if (shared)
            sim_frame_give(s, d->shared_info);
        sim_gnt_fini(s, d);
        sim_free(s, pins, SIM_GNT_FRAMES * SIM_GNT_ENTRIES * sizeof(struct sim_pin));
        sim_free(s, ports, SIM_PORTS * sizeof(struct sim_port));
        s->slot_of[domid] = 0;
        memset(d, 0, sizeof(*d));
        return -ENOMEM;
    }
    *ret_d = d;
    return 0;
}

static void free_vnuma(struct sim_host *s, struct sim_domain *d)
{
    struct sim_vnuma *v = sim_at(s, d->vnuma);

    if (v)
        sim_free(s, v, v->size);
    d->vnuma = 0;
}

/* Frees the domain if nothing of it is mapped any more; tells those who wait for that. */
void sim_domain_maybe_free(struct sim *sim, struct sim_domain *d)
{
    struct sim_host *s = sim->host;

    if (d->life != SIM_DEAD || d->nr_frames)
        return;
    sim_free(s, sim_at(s, d->pins), SIM_GNT_FRAMES * SIM_GNT_ENTRIES * sizeof(struct sim_pin));
    s->slot_of[d->domid] = 0;
    memset(d, 0, sizeof(*d));
    sim_virq_raise(sim, VIRQ_DOM_EXC);
}

void sim_domain_destroy(struct sim *sim, struct sim_domain *d)
{
    struct sim_host *s = sim->host;

    if (d->life == SIM_DEAD)
        return;
    for (uint32_t p = 1; p < d->max_port; p++)
        sim_port_close(sim, d, p);
    sim_free(s, sim_at(s, d->ports), SIM_PORTS * sizeof(struct sim_port));
    d->ports = 0;
    d->max_port = 0;
    s->outstanding -= d->claim;
    d->claim = 0;
    d->tot_pages -= d->pod_cache;
    s->free_frames += d->pod_cache;
    d->pod_cache = d->pod_entries = 0;
    sim_gnt_fini(s, d);
    sim_frame_give(s, d->shared_info);
    sim_p2m_free(s, d);
    /* Frames without a place. What is mapped elsewhere stays, and this domain with it. */
    for (uint64_t mfn = 0; d->nr_frames && mfn < s->nr_frames; mfn++) {
        struct sim_frame *f = &sim_frames(s)[mfn];

        if (f->owner == d->domid && f->flags && !(f->flags & SIM_F_GONE))
            sim_frame_give(s, mfn);
    }
    sim_free(s, sim_at(s, d->vcpus), d->nr_vcpus * sizeof(struct sim_vcpu));
    d->vcpus = 0;
    d->nr_vcpus = 0;
    sim_free(s, sim_at(s, d->hvm_blob), d->hvm_room);
    d->hvm_blob = 0;
    free_vnuma(s, d);
    for (unsigned int i = 0; i < NR_VIRQS; i++)
        if (s->virq_handler[i] == d->domid)
            s->virq_handler[i] = 0;
    d->life = SIM_DEAD;
    sim_virq_raise(sim, VIRQ_DOM_EXC);
    sim_domain_maybe_free(sim, d);
}

void sim_domain_stop(struct sim *sim, struct sim_domain *d, unsigned int reason)
{
    if (d->shutdown)
        return;
    d->shutdown = 1;
    d->shutdown_code = (uint8_t)reason;
    if (reason == SHUTDOWN_suspend && d->suspend_port)
        sim_port_send(sim, d, d->suspend_port);
    else
        sim_virq_raise(sim, VIRQ_DOM_EXC);
}

int sim_domain_alloc_vcpus(struct sim_host *s, struct sim_domain *d, unsigned int nr)
{
    struct sim_vcpu *v;

    if (nr != d->max_vcpus)
        return -EINVAL;
    if (d->nr_vcpus)
        return 0;
    v = sim_alloc(s, nr * sizeof(*v));
    if (!v)
        return -ENOMEM;
    for (unsigned int i = 0; i < nr; i++) {
        v[i].exists = 1;
        v[i].cpu = i % s->nr_cpus;
        v[i].rtds = d->rtds;
        memset(v[i].hard, 0xff, sizeof(v[i].hard));
        memset(v[i].soft, 0xff, sizeof(v[i].soft));
    }
    d->vcpus = sim_offset(s, v);
    d->nr_vcpus = nr;
    return 0;
}

struct sim_vcpu *sim_vcpu(struct sim_host *s, struct sim_domain *d, uint32_t vcpu)
{
    struct sim_vcpu *v = sim_at(s, d->vcpus);

    return v && vcpu < d->nr_vcpus ? &v[vcpu] : NULL;
}

static bool runs(const struct sim_domain *d, const struct sim_vcpu *v)
{
    return v->online && !v->blocked && d->life == SIM_ALIVE && !d->shutdown && !d->pause_count;
}

void sim_domain_describe(struct sim_host *s, struct sim_domain *d,
                         struct xen_domctl_getdomaininfo *info)
{
    uint32_t flags = XEN_DOMINF_blocked;

    memset(info, 0, sizeof(*info));
    info->domain = d->domid;
    info->max_vcpu_id = d->nr_vcpus ? d->nr_vcpus - 1 : XEN_INVALID_MAX_VCPU_ID;
    for (uint32_t i = 0; i < d->nr_vcpus; i++) {
        struct sim_vcpu *v = sim_vcpu(s, d, i);

        info->cpu_time += v->cpu_time;
        if (!v->online)
            continue;
        info->nr_online_vcpus++;
        if (!v->blocked)
            flags &= ~XEN_DOMINF_blocked;
        if (runs(d, v))
            flags |= XEN_DOMINF_running;
    }
    flags |= d->life == SIM_DEAD ? XEN_DOMINF_dying : 0;
    flags |= d->hvm ? XEN_DOMINF_hvm_guest : 0;
    flags |= d->hap ? XEN_DOMINF_hap : 0;
    flags |= d->pause_count ? XEN_DOMINF_paused : 0;
    flags |= d->debugging ? XEN_DOMINF_debugged : 0;
    flags |= d->flags & XEN_DOMCTL_CDF_xs_domain ? XEN_DOMINF_xs_domain : 0;
    flags |= d->shutdown ? XEN_DOMINF_shutdown : 0;
    flags |= (uint32_t)(d->shutdown ? d->shutdown_code : 0xff) << XEN_DOMINF_shutdownshift;
    info->flags = flags;
    info->tot_pages = d->tot_pages;
    info->max_pages = d->max_pages;
    info->outstanding_pages = d->claim;
    info->paged_pages = d->unfilled;
    info->shared_info_frame = d->hvm ? SIM_NO_GFN : d->shared_info;
    if (d->hvm && d->life == SIM_ALIVE)
        info->shared_info_frame = sim_frames(s)[d->shared_info].gfn;
    memcpy(info->handle, d->handle, sizeof(info->handle));
    info->cpupool = d->pool;
    info->gpaddr_bits = 39;
    info->arch_config = d->arch;
}

int xctl_sim_advance(xctl_handle *h, uint64_t ns)
{
    uint64_t runnable = 0, share = ns;
    struct sim_host *s;

    if (h->be->hypercall != sim_hypercall)
        return xctl__fail(h, -EOPNOTSUPP, XCTL_NO_DOMAIN, "this is not a simulated host");
    s = sim_of(h)->host;
    sim_lock(s);
    s->now += ns;
    /* More vCPUs than CPUs: each gets its part. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < s->nr_slots; i++) {
            struct sim_domain *d = &s->domains[i];

            for (uint32_t n = 0; d->life && n < d->nr_vcpus; n++) {
                struct sim_vcpu *v = sim_vcpu(s, d, n);

                if (!runs(d, v) || d->privileged)
                    continue;
                if (pass)
                    v->cpu_time += share;
                else
                    runnable++;
            }
        }
        if (runnable > s->nr_cpus)
            share = (uint64_t)((unsigned __int128)ns * s->nr_cpus / runnable);
    }
    sim_unlock(s);
    return 0;
}
