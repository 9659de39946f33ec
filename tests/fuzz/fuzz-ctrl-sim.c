/* SPDX-License-Identifier: MIT */
/*
 * fuzz-ctrl-sim.c - any sequence of calls on a simulated host: nothing may crash, and the books
 * must agree afterwards.
 */
#include "fuzz-main.h"
#include <string.h>
#include <sys/mman.h>
#include <xenolith/ctrl.h>
#include <xenolith/ctrl-sim.h>

#define MAPS 4

static const uint8_t *in;
static size_t left;

static unsigned int next(unsigned int limit)
{
    if (!left)
        return 0;
    left--;
    return *in++ % limit;
}

/* A frame that may exist: an mfn near those in use, or a small gfn. */
static xen_pfn_t frame(void)
{
    xen_pfn_t f = next(256);

    return next(2) ? f : 2048 + 256 + f;
}

static void create(xctl_handle *h)
{
    unsigned int kind = next(4);
    struct xen_domctl_createdomain c = {
        .flags = kind & 1 ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0,
        .max_vcpus = next(3),
        .max_evtchn_port = next(2) ? 1023 : 3,
        .max_grant_frames = next(3),
        .arch.emulation_flags = kind & 1 ? XEN_X86_EMU_LAPIC : 0,
    };
    domid_t d;

    if (!xctl_domain_create(h, (domid_t)next(6), &c, &d)) {
        (void)!xctl_domain_set_max_vcpus(h, d, c.max_vcpus);
        (void)!xctl_domain_set_max_mem(h, d, 64);
    }
}

static void memory(xctl_handle *h, domid_t d)
{
    xen_pfn_t list[4] = {frame(), frame(), frame(), frame()};
    unsigned int order = next(3), flags = next(4) ? 0 : XENMEMF_populate_on_demand;

    switch (next(8)) {
    case 0:
        (void)!xctl_memory_populate(h, d, order, flags, list, 4);
        break;
    case 1:
        (void)!xctl_memory_decrease(h, d, order, list, 4);
        break;
    case 2:
        (void)!xctl_memory_increase(h, d, order, 0, list, 2);
        break;
    case 3:
        (void)!xctl_memory_claim(h, d, next(32));
        break;
    case 4:
        (void)!xctl_memory_add_to_physmap(h, d, next(4), next(8), list[0]);
        break;
    case 5:
        (void)!xctl_memory_remove_from_physmap(h, d, list[0]);
        break;
    case 6:
        (void)!xctl_memory_set_pod_target(h, d, next(16), NULL);
        break;
    default:
        (void)!xctl_mmu_update(h, d, &(struct mmu_update){list[0] << 12 | next(4), list[1]}, 1,
                               NULL);
    }
}

struct held {
    void *addr;
    unsigned int nr;
    int kind; /* 1 foreign, 2 grant, 3 own */
};

static void drop(xctl_handle *h, struct held *m)
{
    if (m->kind == 1)
        (void)!xctl_foreign_unmap(h, m->addr, m->nr);
    else if (m->kind == 2)
        (void)!xctl_grant_unmap(h, m->addr, m->nr);
    else if (m->kind == 3)
        (void)!xctl_grant_free(h, m->addr, m->nr);
    m->kind = 0;
}

static void map(xctl_handle *h, domid_t d, struct held *m)
{
    xen_pfn_t list[2] = {frame(), frame()};
    struct xctl_grant g = {d, next(16)};
    uint32_t refs[2];
    int errs[2];

    drop(h, m);
    m->nr = 2;
    switch (next(4)) {
    case 0:
        m->kind = !xctl_foreign_map(h, d, PROT_READ | PROT_WRITE, list, 2, errs, &m->addr);
        break;
    case 1:
        m->kind = !xctl_resource_map(h, d, XENMEM_resource_grant_table, 0, next(3), 2,
                                     PROT_READ | PROT_WRITE, &m->addr);
        break;
    case 2:
        m->nr = 1;
        m->kind =
            xctl_grant_map(h, &g, 1, next(2) ? PROT_READ : PROT_READ | PROT_WRITE, NULL, &m->addr)
                ? 0
                : 2;
        break;
    default:
        m->kind = xctl_grant_alloc(h, d, 2, (int)next(2), NULL, refs, &m->addr) ? 0 : 3;
    }
}

static void events(xctl_handle *h, xctl_evtchn *e, domid_t d)
{
    uint32_t port = next(8), got;

    switch (next(8)) {
    case 0:
        (void)!xctl_domain_alloc_port(h, d, (domid_t)next(4), &got);
        break;
    case 1:
        (void)!xctl_evtchn_bind_interdomain(e, d, port, &got);
        break;
    case 2:
        (void)!xctl_evtchn_bind_unbound(e, d, &got);
        break;
    case 3:
        (void)!xctl_evtchn_bind_virq(e, next(32), &got);
        break;
    case 4:
        (void)!xctl_evtchn_unbind(e, port);
        break;
    case 5:
        (void)!xctl_evtchn_notify(e, port);
        break;
    case 6:
        if (!xctl_evtchn_pending(e, &got))
            (void)!xctl_evtchn_unmask(e, got);
        break;
    default:
        (void)!xctl_domain_reset_ports(h, d);
    }
}

static void hvm(xctl_handle *h, domid_t d)
{
    uint8_t blob[64];
    ioservid_t id = (ioservid_t)next(3);

    switch (next(5)) {
    case 0:
        for (size_t i = 0; i < sizeof(blob); i++)
            blob[i] = (uint8_t)next(256);
        (void)!xctl_hvm_set_context(h, d, blob, sizeof(blob));
        break;
    case 1:
        (void)!xctl_dm_server_create(h, d, 2, &id);
        break;
    case 2:
        (void)!xctl_dm_server_destroy(h, d, id);
        break;
    case 3:
        (void)!xctl_dm_map_range(h, d, id, next(3), next(8), next(8));
        break;
    default:
        (void)!xctl_hvm_set_param(h, d, next(64), next(256));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct held maps[MAPS] = {{0}};
    xctl_handle *h;
    xctl_evtchn *e;
    char why[256];

    in = data;
    left = len;
    if (xctl_open("sim:mem=64,cpus=2", &h))
        return 0;
    if (xctl_evtchn_open(h, &e))
        abort();
    while (left) {
        domid_t d = (domid_t)next(5);

        switch (next(9)) {
        case 0:
            create(h);
            break;
        case 1:
            (void)!xctl_domain_destroy(h, d);
            break;
        case 2:
        case 3:
            memory(h, d);
            break;
        case 4:
        case 5:
            map(h, d, &maps[next(MAPS)]);
            break;
        case 6:
            events(h, e, d);
            break;
        case 7:
            hvm(h, d);
            break;
        default:
            (void)!xctl_domain_shutdown(h, d, next(8));
            (void)!xctl_sim_advance(h, next(256));
        }
    }
    if (xctl_sim_audit(h)) {
        xctl_error_format(h, why, sizeof(why));
        fprintf(stderr, "%s\n", why);
        abort();
    }
    for (int i = 0; i < MAPS; i++)
        drop(h, &maps[i]);
    xctl_evtchn_close(e);
    if (xctl_sim_audit(h))
        abort();
    xctl_close(h);
    return 0;
}
