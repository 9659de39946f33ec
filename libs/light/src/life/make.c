/* SPDX-License-Identifier: MIT */
/* make.c - the empty domain: creation, vCPUs, limits, what the guest sees of the machine. */
#include "../build/cpu.h"
#include "life.h"
#include <sys/random.h>
#include <time.h>
#include <xenolith/light-sched.h>
#include <xenolith/public/hvm/params.h>

#define EVENT_CHANNELS 1023
#define TRIES          1000 /* for an id that was not in use a short time ago */
#define SLACK_KB       1024 /* over the target: what the guest need not know of */

static int find_pool(struct life_create *k, uint32_t *ret_id)
{
    *ret_id = 0;
    return k->c->pool ? xlight_cpupool_find(k->h, k->c->pool, ret_id) : 0;
}

/* Grant tables: what the configuration says, or the hypervisor's choice. */
static int32_t frames(uint32_t wanted)
{
    return wanted == XLIGHT_UNSET_U32 ? -1 : (int32_t)wanted;
}

static uint32_t grant_version(const struct xlight_config *c)
{
    return c->max_grant_version == 2 ? 2 : 1;
}

static int fill_in(struct life_create *k, struct xen_domctl_createdomain *d)
{
    const struct xlight_config *c = k->c;
    bool hvm = life_is_hvm(c);

    *d = (struct xen_domctl_createdomain){
        .flags = hvm ? XEN_DOMCTL_CDF_hvm : 0,
        .max_vcpus = (uint32_t)c->max_vcpus,
        .max_evtchn_port = (int32_t)(c->event_channels ? c->event_channels : EVENT_CHANNELS),
        .max_grant_frames = frames(c->max_grant_frames),
        .max_maptrack_frames = frames(c->max_maptrack_frames),
        .grant_opts = XEN_DOMCTL_GRANT_version(grant_version(c)),
        .arch.emulation_flags = hvm ? XEN_X86_EMU_LAPIC : 0,
        .arch.misc_flags = c->msr_relaxed == XLIGHT_YES ? XEN_X86_MSR_RELAXED : 0,
    };
    if (hvm && c->hap != XLIGHT_NO)
        d->flags |= XEN_DOMCTL_CDF_hap;
    if (c->vpmu == XLIGHT_YES)
        d->flags |= XEN_DOMCTL_CDF_vpmu;
    memcpy(d->handle, c->uuid, sizeof(d->handle));
    return find_pool(k, &d->cpupool_id);
}

static int random_domid(struct life_create *k, domid_t *ret_domid)
{
    uint16_t n;

    if (getrandom(&n, sizeof(n), 0) != sizeof(n))
        return xlight__fail(k->h, -EIO, XLIGHT_NO_DOMAIN, "there are no random numbers");
    *ret_domid = (domid_t)(1 + n % (DOMID_FIRST_RESERVED - 1));
    return 0;
}

/* The hypervisor hands out ids in turn, so the next try brings another one. */
static int make_once(struct life_create *k, const struct xen_domctl_createdomain *d,
                     bool *ret_again)
{
    bool random = k->c->domid == XLIGHT_RANDOM_DOMAIN;
    domid_t want = k->c->domid < DOMID_FIRST_RESERVED ? (domid_t)k->c->domid : 0;
    int rc = random ? random_domid(k, &want) : 0;

    *ret_again = false;
    if (rc)
        return rc;
    rc = xctl_domain_create(k->h->ctrl, want, d, &k->domid);
    if (rc == -EEXIST && random) {
        *ret_again = true;
        return 0;
    }
    if (rc)
        return xlight__fail_ctrl(k->h, rc, XLIGHT_NO_DOMAIN, "the hypervisor makes no domain");
    k->made = true;
    if (!want || random)
        rc = xlight__domid_recent(k->h, k->domid, ret_again);
    if (rc || !*ret_again)
        return rc;
    rc = life_remove_domain(k->h, k->domid);
    k->made = rc != 0;
    return rc;
}

int life_make(xlight_op *op, void *state)
{
    struct xen_domctl_createdomain d;
    struct life_create *k = state;
    bool again = true;
    int rc = fill_in(k, &d);

    for (int i = 0; !rc && again; i++) {
        if (i == TRIES)
            return xlight__fail(k->h, -EBUSY, XLIGHT_NO_DOMAIN,
                                "all ids of domains were in use a short time ago");
        rc = make_once(k, &d, &again);
    }
    if (!rc)
        xlight__op_set_domid(op, k->domid);
    return rc;
}

int life_make_undo(xlight_op *op, void *state)
{
    struct life_create *k = state;
    int rc = k->made ? life_remove_domain(k->h, k->domid) : 0;

    (void)op;
    /* Others may have seen it, so the id must rest like that of any other domain. */
    return !rc && k->made ? xlight__domid_leave(k->h, k->domid) : rc;
}

/* As many bits as the host has CPUs; what depends on the host is found out here. */
static int get_cpus(struct life_create *k, const struct xlight_bits *b,
                    struct xlight_bits *ret_cpus)
{
    int rc = xlight_host_parse_cpus(k->h, b->text ? b->text : "all", ret_cpus);

    if (rc || b->text)
        return rc;
    memset(ret_cpus->bytes, 0, (ret_cpus->nr + 7) / 8);
    for (unsigned int i = 0; i < b->nr && i < ret_cpus->nr; i++)
        ret_cpus->bytes[i / 8] |= (uint8_t)(b->bytes[i / 8] & 1U << i % 8);
    return 0;
}

static int set_affinity(struct life_create *k, unsigned int vcpu)
{
    const struct xlight_config *c = k->c;
    bool has_hard = vcpu < c->nr_hard_affinity, has_soft = vcpu < c->nr_soft_affinity;
    struct xlight_bits hard = {0}, soft = {0};
    int rc = 0;

    if (has_hard)
        rc = get_cpus(k, &c->hard_affinity[vcpu], &hard);
    if (!rc && has_soft)
        rc = get_cpus(k, &c->soft_affinity[vcpu], &soft);
    if (!rc && (has_hard || has_soft))
        rc = xlight_vcpu_pin(k->h, k->domid, vcpu, has_hard ? &hard : NULL, has_soft ? &soft : NULL,
                             false);
    xlight_bits_clear(&hard);
    xlight_bits_clear(&soft);
    return rc;
}

int life_set_vcpus(xlight_op *op, void *state)
{
    struct life_create *k = state;
    xctl_handle *h = k->h->ctrl;
    int rc = xctl_domain_set_max_vcpus(h, k->domid, (unsigned int)k->c->max_vcpus);

    (void)op;
    if (!rc)
        rc = xctl_domain_set_max_mem(h, k->domid, k->c->memory_kb + SLACK_KB);
    if (rc)
        return xlight__fail_ctrl(k->h, rc, k->domid, "cannot give the domain vCPUs and memory");
    for (int i = 0; !rc && i < k->c->max_vcpus; i++)
        rc = set_affinity(k, (unsigned int)i);
    return rc;
}

/* One entry that says all of it is memory; the guest adds what it needs itself. */
static int set_pv_map(struct life_create *k)
{
    const struct xctl_e820_entry e = {0, k->c->max_memory_kb << 10, 1};

    return xctl_memory_set_map(k->h->ctrl, k->domid, &e, 1);
}

/* Memory for page tables: 1 MiB a vCPU, and a page for each MiB, twice: for maps and for shadows.
 */
uint64_t life_paging_kb(const struct xlight_config *c)
{
    if (c->shadow_memory_kb != XLIGHT_UNSET_KB)
        return c->shadow_memory_kb;
    return 4 * (256 * (uint64_t)c->max_vcpus + 2 * (c->max_memory_kb / 1024));
}

static int set_pvh(struct life_create *k)
{
    uint64_t timer = k->c->timer_mode < 0 ? 1 : (uint64_t)k->c->timer_mode;
    int rc = xctl_hvm_set_param(k->h->ctrl, k->domid, HVM_PARAM_TIMER_MODE, timer);

    return rc ? rc
              : xctl_paging_set_pool(k->h->ctrl, k->domid, (life_paging_kb(k->c) + 3) / 4 * 4096);
}

static int set_clock(struct life_create *k)
{
    const struct xctl_tsc_info tsc = {.mode = (uint32_t)k->c->tsc_mode};
    int64_t offset = (int32_t)k->c->rtc_timeoffset;
    int rc = xctl_domain_set_tsc(k->h->ctrl, k->domid, &tsc);

    if (!rc && k->c->localtime == XLIGHT_YES) {
        time_t t = time(NULL);
        struct tm tm;

        if (localtime_r(&t, &tm))
            offset += tm.tm_gmtoff;
    }
    return !rc && offset ? xctl_domain_set_time_offset(k->h->ctrl, k->domid, offset) : rc;
}

/* Bits 31 to 0 as characters; all but 0 and 1 leave the default. */
static void add_change(const struct xlight_cpuid *e, unsigned int reg, const char *bits,
                       struct xlight__cpu_change *ret_c, unsigned int *nr)
{
    struct xlight__cpu_change c = {.leaf = e->leaf, .subleaf = e->subleaf, .reg = reg};

    for (unsigned int i = 0; bits && i < 32 && bits[i]; i++) {
        if (bits[i] == '0')
            c.clear |= 1U << (31 - i);
        else if (bits[i] == '1')
            c.set |= 1U << (31 - i);
    }
    if (c.clear | c.set)
        ret_c[(*nr)++] = c;
}

static int set_cpu_policy(struct life_create *k)
{
    const struct xlight_config *c = k->c;
    struct xlight__cpu_change *changes = calloc(4 * (size_t)c->nr_cpuid + 1, sizeof(*changes));
    struct xlight__cpu_options o = {.itsc = c->no_migrate == XLIGHT_YES ||
                                            c->tsc_mode == XLIGHT_TSC_ALWAYS_EMULATE,
                                    .changes = changes};
    int rc;

    if (!changes)
        return xlight__fail(k->h, -ENOMEM, k->domid, "no memory for a CPU policy");
    for (unsigned int i = 0; i < c->nr_cpuid; i++) {
        const struct xlight_cpuid *e = &c->cpuid[i];

        add_change(e, 0, e->eax, changes, &o.nr_changes);
        add_change(e, 1, e->ebx, changes, &o.nr_changes);
        add_change(e, 2, e->ecx, changes, &o.nr_changes);
        add_change(e, 3, e->edx, changes, &o.nr_changes);
    }
    k->h->why.nr = 0;
    rc = xlight__cpu_policy(k->h->ctrl, k->domid, life_is_hvm(c), &o, &k->h->why);
    free(changes);
    return rc ? xlight__wrap(k->h, rc, k->domid, "cannot set what CPUID shows") : 0;
}

int life_set_machine(xlight_op *op, void *state)
{
    struct life_create *k = state;
    int rc = life_is_hvm(k->c) ? set_pvh(k) : set_pv_map(k);

    (void)op;
    if (!rc)
        rc = set_clock(k);
    if (rc)
        return xlight__fail_ctrl(k->h, rc, k->domid, "cannot set up the domain's machine");
    return set_cpu_policy(k);
}

int life_set_access(xlight_op *op, void *state)
{
    struct life_create *k = state;
    const struct xlight_config *c = k->c;
    xctl_handle *h = k->h->ctrl;
    int rc = 0;

    (void)op;
    for (unsigned int i = 0; !rc && i < c->nr_ioports; i++)
        rc = xctl_allow_ioports(h, k->domid, c->ioports[i].first, c->ioports[i].number, 1);
    for (unsigned int i = 0; !rc && i < c->nr_irqs; i++) {
        int pirq = -1;

        rc = xctl_map_gsi(h, k->domid, (int)c->irqs[i], (int)c->irqs[i], &pirq);
        if (!rc)
            rc = xctl_allow_irq(h, k->domid, (uint32_t)pirq, 1);
    }
    for (unsigned int i = 0; !rc && i < c->nr_iomem; i++)
        rc = xctl_allow_iomem(h, k->domid, c->iomem[i].start, c->iomem[i].number, 1);
    return rc ? xlight__fail_ctrl(k->h, rc, k->domid,
                                  "cannot give the domain ports, interrupts and memory of devices")
              : 0;
}
