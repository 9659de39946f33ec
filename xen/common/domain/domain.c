/* SPDX-License-Identifier: MIT */
/*
 * domain.c - making, finding and freeing domains and vCPUs; crashing and shutting down.
 *
 * A domain's structure is one page, so that struct page_info can name its owner in 32 bits. Every
 * release step accepts a half-made domain.
 */
#include <xen/event.h>
#include <xen/grant-table.h>
#include <xen/irq.h>
#include <xen/lib.h>
#include <public/sched.h>
#include <xen/mm.h>
#include <xen/rangeset.h>
#include <xen/sched.h>
#include <xen/trace.h>
#include <xen/domain.h>
#include <asm/pv.h>

static DEFINE_SPINLOCK(domlist_lock, LOCK_RANK_DOMLIST);
static LIST_HEAD(domlist); /* all guests by ascending id */

struct domain *hardware_domain;
struct domain *idle_domain;
DEFINE_PER_CPU(struct vcpu *, idle_vcpu);

static void domain_free(void *data);

/* --- finding --- */

bool get_domain(struct domain *d)
{
    int old = atomic_read(&d->refcnt);

    do {
        if (old <= 0)
            return false;
    } while (!__atomic_compare_exchange_n(&d->refcnt.counter, &old, old + 1, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    return true;
}

/* The last holder may be anywhere, with any lock: the work is done later. */
void put_domain(struct domain *d)
{
    if (atomic_dec_and_test(&d->refcnt))
        tasklet_schedule(&d->free_tasklet);
}

struct domain *get_domain_by_id(domid_t id)
{
    struct domain *d, *found = NULL;

    if (id == DOMID_SELF || id == current->domain->domain_id) {
        d = current->domain;
        return get_domain(d) ? d : NULL;
    }
    spin_lock(&domlist_lock);
    list_for_each_entry (d, &domlist, list) {
        if (d->domain_id == id && get_domain(d))
            found = d;
    }
    spin_unlock(&domlist_lock);
    return found;
}

struct domain *get_domain_from(domid_t start)
{
    struct domain *d, *found = NULL;

    spin_lock(&domlist_lock);
    list_for_each_entry (d, &domlist, list) {
        if (d->domain_id >= start && get_domain(d)) {
            found = d;
            break;
        }
    }
    spin_unlock(&domlist_lock);
    return found;
}

struct vcpu *domain_vcpu(const struct domain *d, unsigned int id)
{
    return id < d->max_vcpus ? d->vcpu[id] : NULL;
}

bool may_control(const struct domain *d)
{
    return current->domain->is_control || current->domain == d;
}

/* --- making --- */

static struct domain *new_domain_page(domid_t id)
{
    struct domain *d;

    BUILD_BUG_ON(sizeof(*d) > PAGE_SIZE);
    d = alloc_xenheap_page();
    if (!d)
        return NULL;
    d->domain_id = id;
    atomic_set(&d->refcnt, 1);
    spin_lock_init(&d->lock, LOCK_RANK_DOMAIN);
    spin_lock_init(&d->page_lock, LOCK_RANK_PAGE_ALLOC);
    list_init(&d->list);
    d->free_tasklet = (struct tasklet){.fn = domain_free, .data = d};
    d->shutdown_code = SHUTDOWN_NONE;
    snprintf(d->name, sizeof(d->name), "d%u", id);
    return d;
}

struct domain *special_domain_create(domid_t id)
{
    struct domain *d = new_domain_page(id);

    if (!d)
        panic("Out of memory while creating the hypervisor's own domains.");
    return d;
}

static int shared_info_init(struct domain *d)
{
    d->shared_info = alloc_xenheap_page();
    if (!d->shared_info)
        return -ENOMEM;
    d->shared_info_mfn = virt_to_mfn(d->shared_info);
    for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        d->shared_info->vcpu_info[i].evtchn_upcall_mask = 1;
    return share_xen_page_with_guest(virt_to_page(d->shared_info), d, true) ? 0 : -EINVAL;
}

static int rights_init(struct domain *d)
{
    d->arch.ioports = rangeset_new("I/O ports", 0);
    d->arch.iomem = rangeset_new("I/O memory", 0);
    d->arch.irqs = rangeset_new("IRQs", 0);
    spin_lock_init(&d->arch.rights_lock, LOCK_RANK_LEAF);
    return d->arch.ioports && d->arch.iomem && d->arch.irqs ? 0 : -ENOMEM;
}

static int parts_init(struct domain *d, const struct domain_config *cfg)
{
    int rc = rights_init(d);

    if (!rc)
        rc = shared_info_init(d);
    if (!rc)
        rc = sched_domain_init(d, cfg->cpupool);
    if (!rc)
        rc = evtchn_domain_init(d, cfg->max_evtchn_port);
    if (!rc)
        rc = gnttab_domain_init(d, cfg->max_grant_version, cfg->max_grant_frames,
                                cfg->max_maptrack_frames);
    if (!rc && cfg->nr_pirqs)
        rc = pirq_domain_init(d, cfg->nr_pirqs);
    if (!rc)
        rc = pv_domain_init(d);
    return rc;
}

int domain_create(domid_t id, const struct domain_config *cfg, struct domain **ret_d)
{
    struct domain *d, *pos;
    int rc;

    if (!cfg->max_vcpus || cfg->max_vcpus > MAX_VCPUS_PV)
        return -EINVAL;
    d = new_domain_page(id);
    if (!d)
        return -ENOMEM;
    d->is_control = cfg->is_control;
    d->is_hardware = cfg->is_hardware;
    d->is_xenstore = cfg->is_xenstore;
    d->arch.emulates_pit = cfg->emulates_pit;
    d->arch.relaxed_msrs = cfg->relaxed_msrs;
    memcpy(d->handle, cfg->handle, sizeof(d->handle));
    d->max_pages = cfg->max_pages;
    atomic_set(&d->pause_count, 1); /* the creator unpauses it */
    d->vcpu = xzalloc_array(struct vcpu *, cfg->max_vcpus);
    if (!d->vcpu) {
        put_domain(d);
        return -ENOMEM;
    }
    d->max_vcpus = cfg->max_vcpus;
    rc = parts_init(d, cfg);
    if (rc) {
        unshare_xen_pages(d);
        put_domain(d);
        return rc;
    }
    spin_lock(&domlist_lock);
    list_for_each_entry (pos, &domlist, list) {
        if (pos->domain_id > id)
            break;
    }
    list_add_tail(&d->list, &pos->list);
    spin_unlock(&domlist_lock);
    trace(TRC_DOM0_DOM_ADD, d->domain_id);
    *ret_d = d;
    return 0;
}

/* Tasklet: the last reference is gone, nobody can find the domain any more. */
static void domain_free(void *data)
{
    struct domain *d = data;
    struct vcpu *v;

    trace(TRC_DOM0_DOM_REM, d->domain_id);
    spin_lock(&domlist_lock);
    list_del(&d->list);
    spin_unlock(&domlist_lock);
    for_each_vcpu (d, v)
        vcpu_destroy(v);
    pv_domain_free(d);
    pirq_domain_free(d);
    gnttab_domain_free(d);
    evtchn_domain_free(d);
    sched_domain_destroy(d);
    rangeset_free(d->arch.ioports);
    rangeset_free(d->arch.iomem);
    rangeset_free(d->arch.irqs);
    free_xenheap_page(d->shared_info);
    xfree(d->arch.e820);
    xfree(d->vcpu);
    domain_vnuma_free(d);
    free_xenheap_page(d);
    /* The tools may forget it now. */
    send_global_virq(VIRQ_DOM_EXC);
}

static int vcpu_parts_init(struct vcpu *v)
{
    int rc = vcpu_timers_init(v);

    if (!rc)
        rc = evtchn_vcpu_init(v);
    if (!rc)
        rc = pv_vcpu_init(v);
    if (!rc)
        rc = sched_vcpu_init(v);
    return rc;
}

int vcpu_create(struct domain *d, unsigned int id, unsigned int cpu, struct vcpu **ret_v)
{
    struct vcpu *v;
    int rc;

    if (id >= d->max_vcpus)
        return -EINVAL;
    if (d->vcpu[id])
        return -EEXIST;
    v = xzalloc(struct vcpu);
    if (!v)
        return -ENOMEM;
    v->domain = d;
    v->vcpu_id = id;
    v->processor = cpu;
    v->pause_flags = BIT(VPF_DOWN);
    cpumask_setall(&v->hard_affinity);
    cpumask_setall(&v->soft_affinity);
    /* vCPUs beyond the shared page have no place for events until they register one. */
    v->info = id < XEN_LEGACY_MAX_VCPUS ? &d->shared_info->vcpu_info[id] : &no_vcpu_info;
    rc = vcpu_parts_init(v);
    if (rc) {
        vcpu_destroy(v);
        return rc;
    }
    d->vcpu[id] = v;
    sched_vcpu_listed(v);
    *ret_v = v;
    return 0;
}

void vcpu_destroy(struct vcpu *v)
{
    sched_vcpu_destroy(v);
    vcpu_timers_destroy(v);
    evtchn_vcpu_free(v);
    pv_vcpu_free(v);
    if (v->domain->vcpu[v->vcpu_id] == v)
        v->domain->vcpu[v->vcpu_id] = NULL;
    xfree(v);
}

/* Never pending, always masked; never written to by anyone. */
struct vcpu_info no_vcpu_info = {.evtchn_upcall_mask = 1};
