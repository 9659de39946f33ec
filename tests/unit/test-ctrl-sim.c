/* SPDX-License-Identifier: MIT */
/* test-ctrl-sim.c - the simulated host: guests that talk, memory, time, processes that die. */
#include "test-main.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/public/sched.h>

static xctl_handle *h;

static void open_sim(const char *where)
{
    ck_assert_int_eq(xctl_open(where, &h), 0);
}

static void close_sim(void)
{
    char why[256];

    xctl_error_format(h, why, sizeof(why));
    ck_assert_int_eq(xctl_sim_fail_clear(h, NULL), 0);
    if (xctl_sim_audit(h))
        ck_abort_msg("%s", (xctl_error_format(h, why, sizeof(why)), why));
    xctl_close(h);
}

static domid_t make(uint32_t flags, unsigned int vcpus, unsigned long pages, xen_pfn_t *frames)
{
    struct xen_domctl_createdomain c = {.flags = flags,
                                        .max_vcpus = vcpus,
                                        .max_evtchn_port = 1023,
                                        .max_grant_frames = -1,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1),
                                        .arch.emulation_flags = flags ? XEN_X86_EMU_LAPIC : 0};
    domid_t d;

    ck_assert_int_eq(xctl_domain_create(h, 0, &c, &d), 0);
    ck_assert_int_eq(xctl_domain_set_max_vcpus(h, d, vcpus), 0);
    ck_assert_int_eq(xctl_domain_set_max_mem(h, d, pages * 4 + 1024), 0);
    for (unsigned long i = 0; i < pages; i++)
        frames[i] = i;
    ck_assert_int_eq(xctl_memory_populate_exact(h, d, 0, 0, frames, pages), 0);
    return d;
}

#define PVH (XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap)

/* A guest allocates a port and grants a page; Domain 0 connects, and both see what is written. */
START_TEST(guest_and_dom0_talk)
{
    struct pollfd p = {.events = POLLIN};
    xctl_evtchn *ge, *he;
    uint32_t gport, hport, got, ref;
    xen_pfn_t frames[4];
    xctl_handle *g;
    char *gpage, *hpage;
    domid_t d;

    open_sim("sim:");
    d = make(0, 1, 4, frames);
    ck_assert_int_eq(xctl_sim_attach(h, d, &g), 0);
    ck_assert_int_eq(xctl_evtchn_open(g, &ge), 0);
    ck_assert_int_eq(xctl_evtchn_bind_unbound(ge, 0, &gport), 0);
    ck_assert_int_eq(xctl_grant_alloc(g, 0, 1, 1, NULL, &ref, (void **)&gpage), 0);
    ck_assert_uint_ge(ref, GNTTAB_NR_RESERVED_ENTRIES);
    ck_assert_int_eq(xctl_evtchn_open(h, &he), 0);
    ck_assert_int_eq(xctl_evtchn_bind_interdomain(he, d, gport, &hport), 0);
    ck_assert_int_eq(xctl_grant_map(h, &(struct xctl_grant){d, ref}, 1, PROT_READ | PROT_WRITE,
                                    &(struct xctl_grant_notify){0, hport}, (void **)&hpage),
                     0);
    strcpy(gpage, "ping");
    ck_assert_int_eq(xctl_evtchn_notify(ge, gport), 0);
    p.fd = xctl_evtchn_fd(he);
    ck_assert_int_eq(poll(&p, 1, 1000), 1);
    ck_assert_int_eq(xctl_evtchn_pending(he, &got), 0);
    ck_assert_uint_eq(got, hport);
    ck_assert_str_eq(hpage, "ping");
    /* Masked until unmasked: events in between are one. */
    ck_assert_int_eq(xctl_evtchn_notify(ge, gport), 0);
    ck_assert_int_eq(xctl_evtchn_notify(ge, gport), 0);
    ck_assert_int_eq(poll(&p, 1, 0), 0);
    ck_assert_int_eq(xctl_evtchn_unmask(he, hport), 0);
    ck_assert_int_eq(poll(&p, 1, 1000), 1);
    ck_assert_int_eq(xctl_evtchn_pending(he, &got), 0);
    ck_assert_int_eq(xctl_evtchn_pending(he, &got), -EAGAIN);
    ck_assert_int_eq(poll(&p, 1, 0), 0);
    /* The mapping goes: the byte is cleared and the guest is told. */
    ck_assert_int_eq(xctl_evtchn_pending(ge, &got), -EAGAIN);
    ck_assert_int_eq(xctl_grant_unmap(h, hpage, 1), 0);
    ck_assert_int_eq(gpage[0], 0);
    ck_assert_int_eq(xctl_evtchn_pending(ge, &got), 0);
    ck_assert_uint_eq(got, gport);
    ck_assert_int_eq(xctl_grant_free(g, gpage, 1), 0);
    ck_assert_int_eq(xctl_grant_free(g, gpage, 1), -EINVAL);
    xctl_evtchn_close(he);
    xctl_evtchn_close(ge);
    xctl_close(g);
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    close_sim();
}
END_TEST

START_TEST(guests_have_no_power)
{
    struct xen_sysctl_physinfo info;
    xen_pfn_t frames[2];
    xctl_handle *g;
    domid_t d, other;
    uint32_t port;
    void *p;

    open_sim("sim:");
    d = make(0, 1, 2, frames);
    other = make(0, 1, 2, frames);
    ck_assert_int_eq(xctl_sim_attach(h, d, &g), 0);
    ck_assert_int_eq(xctl_host_info(g, &info), -EPERM);
    ck_assert_int_eq(xctl_domain_pause(g, other), -EPERM);
    ck_assert_int_eq(xctl_foreign_map(g, other, PROT_READ, frames, 1, NULL, &p), -EPERM);
    ck_assert_int_eq(xctl_domain_alloc_port(g, other, 0, &port), -EPERM);
    ck_assert_int_eq(xctl_memory_populate(g, other, 0, 0, frames, 1), -EPERM);
    /* Unless it is the other's device model. */
    ck_assert_int_eq(xctl_domain_set_target(h, d, other), 0);
    ck_assert_int_eq(xctl_foreign_map(g, other, PROT_READ, frames, 1, NULL, &p), 0);
    ck_assert_int_eq(xctl_foreign_unmap(g, p, 1), 0);
    xctl_close(g);
    close_sim();
}
END_TEST

START_TEST(shutdown_is_signalled)
{
    xen_pfn_t frames[1];
    struct xen_domctl_getdomaininfo info;
    xctl_evtchn *e;
    uint32_t virq, port, got;
    int64_t result;
    xctl_handle *g;
    domid_t d;
    struct sched_shutdown *arg;
    uint64_t args[5] = {SCHEDOP_shutdown};

    open_sim("sim:");
    ck_assert_int_eq(xctl_evtchn_open(h, &e), 0);
    ck_assert_int_eq(xctl_evtchn_bind_virq(e, VIRQ_DOM_EXC, &virq), 0);
    ck_assert_int_eq(xctl_evtchn_bind_virq(e, VIRQ_DOM_EXC, &port), -EEXIST);
    d = make(0, 1, 1, frames);
    ck_assert_int_eq(xctl_sim_attach(h, d, &g), 0);
    ck_assert_int_eq(xctl_buffer_alloc(g, sizeof(*arg), (void **)&arg), 0);
    arg->reason = SHUTDOWN_reboot;
    args[1] = (uintptr_t)arg;
    ck_assert_int_eq(xctl_hypercall(g, __HYPERVISOR_sched_op, args, &result), 0);
    xctl_buffer_free(g, arg, sizeof(*arg));
    xctl_close(g);
    ck_assert_int_eq(xctl_evtchn_pending(e, &got), 0);
    ck_assert_uint_eq(got, virq);
    ck_assert_int_eq(xctl_evtchn_unmask(e, virq), 0);
    ck_assert_int_eq(xctl_domain_info(h, d, &info), 0);
    ck_assert_int_eq(xctl_domain_shutdown_reason(&info), SHUTDOWN_reboot);
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    ck_assert_int_eq(xctl_evtchn_pending(e, &got), 0);
    xctl_evtchn_close(e);
    close_sim();
}
END_TEST

/* A page that is mapped keeps its dead domain listed until the mapping goes. */
START_TEST(mapped_domain_stays)
{
    struct xen_domctl_getdomaininfo info;
    struct xen_sysctl_physinfo before, after;
    xen_pfn_t frames[8];
    domid_t d;
    char *p;

    open_sim("sim:");
    ck_assert_int_eq(xctl_host_info(h, &before), 0);
    d = make(PVH, 1, 8, frames);
    ck_assert_int_eq(
        xctl_foreign_map(h, d, PROT_READ | PROT_WRITE, &frames[3], 1, NULL, (void **)&p), 0);
    strcpy(p, "secret");
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    ck_assert_int_eq(xctl_domain_info(h, d, &info), 0);
    ck_assert(info.flags & XEN_DOMINF_dying);
    ck_assert_int_eq(xctl_sim_audit(h), 0);
    ck_assert_str_eq(p, "secret");
    ck_assert_int_eq(xctl_foreign_unmap(h, p, 1), 0);
    ck_assert_int_eq(xctl_domain_info(h, d, &info), -ESRCH);
    ck_assert_int_eq(xctl_host_info(h, &after), 0);
    ck_assert_uint_eq(before.free_pages, after.free_pages);
    close_sim();
}
END_TEST

/* What a guest leaves in memory the next one must not find. */
START_TEST(memory_is_scrubbed)
{
    xen_pfn_t all[512];
    unsigned char *p;
    domid_t d;

    open_sim("sim:mem=64");
    for (int round = 0; round < 40; round++) {
        d = make(round & 1 ? PVH : 0, 1, 512, all);
        ck_assert_int_eq(
            xctl_foreign_map(h, d, PROT_READ | PROT_WRITE, all, 512, NULL, (void **)&p), 0);
        for (size_t i = 0; i < 512; i++)
            ck_assert_uint_eq(p[i * 4096 + 100], 0);
        for (size_t i = 0; i < 512; i++)
            p[i * 4096 + 100] = 0xee;
        ck_assert_int_eq(xctl_foreign_unmap(h, p, 512), 0);
        ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    }
    close_sim();
}
END_TEST

START_TEST(memory_runs_out)
{
    struct xen_sysctl_physinfo info;
    xen_pfn_t frame = 0, big[16];
    domid_t d;

    open_sim("sim:mem=64");
    d = make(0, 1, 1, &frame);
    ck_assert_int_eq(xctl_domain_set_max_mem(h, d, 1 << 20), 0);
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    ck_assert_int_eq(xctl_memory_claim(h, d, info.free_pages + 2), -ENOMEM);
    ck_assert_int_eq(xctl_memory_claim(h, d, info.free_pages - 100), 0);
    ck_assert_int_eq(xctl_memory_claim(h, d, 5), -EINVAL);
    for (int i = 0; i < 16; i++)
        big[i] = 4096 + 512 * (xen_pfn_t)i;
    /* Some come, then there are no more: a short count. */
    ck_assert_int_lt(xctl_memory_populate(h, d, 9, 0, big, 16), 28);
    ck_assert_int_eq(xctl_memory_populate(h, d, 18, 0, big, 1), 0);
    ck_assert_int_eq(xctl_sim_audit(h), 0);
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    ck_assert_uint_eq(info.outstanding_pages, 0);
    close_sim();
}
END_TEST

/* As a builder does it: the pool is filled while the domain is empty, from what was set aside. */
START_TEST(pool_of_an_empty_domain)
{
    struct xen_sysctl_physinfo info;
    struct xen_pod_target pod = {0};
    xen_pfn_t at = 0;
    domid_t d;
    void *p;

    open_sim("sim:");
    d = make(PVH, 1, 0, NULL);
    ck_assert_int_eq(xctl_domain_set_max_mem(h, d, 512 * 4), 0);
    ck_assert_int_eq(xctl_memory_claim(h, d, 100), 0);
    ck_assert_int_eq(xctl_memory_set_pod_target(h, d, 100, &pod), 0);
    ck_assert_uint_eq(pod.pod_cache_pages, 100);
    ck_assert_uint_eq(pod.tot_pages, 100);
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    ck_assert_uint_eq(info.outstanding_pages, 0);
    ck_assert_int_eq(xctl_memory_populate(h, d, 9, XENMEMF_populate_on_demand, &at, 1), 1);
    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ, &at, 1, NULL, &p), 0);
    ck_assert_int_eq(xctl_foreign_unmap(h, p, 1), 0);
    ck_assert_int_eq(xctl_memory_get_pod_target(h, d, &pod), 0);
    ck_assert_uint_eq(pod.pod_cache_pages, 99);
    ck_assert_uint_eq(pod.pod_entries, 511);
    ck_assert_int_eq(xctl_sim_audit(h), 0);
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    close_sim();
}
END_TEST

START_TEST(translated_memory)
{
    xen_pfn_t frames[8], pages[4] = {0x1000, 0x1001, 0x1002, 0x1003}, max;
    struct xen_pod_target pod = {0};
    unsigned int type;
    domid_t d;
    void *p;

    open_sim("sim:");
    d = make(PVH, 1, 8, frames);
    ck_assert_uint_eq(frames[5], 5); /* guest frames stay what they were */
    ck_assert_int_eq(xctl_memory_max_gpfn(h, d, &max), 0);
    ck_assert_uint_eq(max, 7);
    ck_assert_int_eq(xctl_hvm_mem_type(h, d, 5, &type), 0);
    ck_assert_uint_eq(type, HVMMEM_ram_rw);
    ck_assert_int_eq(xctl_memory_remove_from_physmap(h, d, 5), 0);
    ck_assert_int_eq(xctl_hvm_mem_type(h, d, 5, &type), 0);
    ck_assert_uint_eq(type, HVMMEM_mmio_dm);
    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ, &frames[5], 1, NULL, &p), -EINVAL);
    ck_assert_int_eq(xctl_memory_add_to_physmap(h, d, XENMAPSPACE_grant_table, 0, 0x20), 0);
    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ, &(xen_pfn_t){0x20}, 1, NULL, &p), 0);
    ck_assert_int_eq(xctl_foreign_unmap(h, p, 1), 0);
    ck_assert_int_eq(xctl_memory_add_to_physmap(h, d, XENMAPSPACE_gmfn, 6, 0x21), 0);
    ck_assert_int_eq(xctl_hvm_mem_type(h, d, 6, &type), 0);
    ck_assert_uint_eq(type, HVMMEM_mmio_dm);
    /* Populate on demand: memory appears at the first use, from the pool. */
    ck_assert_int_eq(xctl_memory_populate(h, d, 0, XENMEMF_populate_on_demand, pages, 4), 4);
    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ, pages, 1, NULL, &p), -ENOMEM);
    ck_assert_int_eq(xctl_memory_set_pod_target(h, d, 10, &pod), 0);
    ck_assert_uint_eq(pod.pod_entries, 4);
    ck_assert_uint_eq(pod.pod_cache_pages, 2);
    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ | PROT_WRITE, pages, 2, NULL, &p), 0);
    ck_assert_int_eq(xctl_foreign_unmap(h, p, 2), 0);
    ck_assert_int_eq(xctl_memory_get_pod_target(h, d, &pod), 0);
    ck_assert_uint_eq(pod.pod_entries, 2);
    ck_assert_uint_eq(pod.pod_cache_pages, 0);
    ck_assert_uint_eq(pod.tot_pages, 10);
    ck_assert_int_eq(xctl_sim_audit(h), 0);
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    close_sim();
}
END_TEST

START_TEST(dirty_log)
{
    struct xen_domctl_shadow_op_stats st;
    uint8_t bits[2];
    xen_pfn_t frames[16];
    domid_t d;
    void *p;

    open_sim("sim:");
    d = make(0, 1, 16, frames);
    ck_assert_int_eq(xctl_logdirty_clean(h, d, 16, 0, bits, &st), -EINVAL);
    ck_assert_int_eq(xctl_logdirty_enable(h, d), 0);
    ck_assert_int_eq(xctl_logdirty_clean(h, d, 16, 0, bits, &st), 0);
    ck_assert_uint_eq(st.dirty_count, 0);
    ck_assert_int_eq(xctl_sim_touch(h, d, 9), 0);
    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ | PROT_WRITE, &frames[2], 1, NULL, &p), 0);
    ck_assert_int_eq(xctl_foreign_unmap(h, p, 1), 0);
    ck_assert_int_eq(xctl_logdirty_peek(h, d, 16, bits, &st), 0);
    ck_assert_uint_eq(st.dirty_count, 2);
    ck_assert_uint_eq(st.fault_count, 2);
    ck_assert_uint_eq(bits[0], 1 << 2);
    ck_assert_uint_eq(bits[1], 1 << 1);
    ck_assert_int_eq(xctl_logdirty_clean(h, d, 16, 1, NULL, &st), 0);
    ck_assert_int_eq(xctl_logdirty_clean(h, d, 16, 1, bits, &st), 0);
    ck_assert_uint_eq(st.dirty_count, 0);
    ck_assert_int_eq(xctl_logdirty_disable(h, d), 0);
    ck_assert_int_eq(xctl_sim_touch(h, d, 99), -EINVAL);
    close_sim();
}
END_TEST

/* Whether a frame can be mapped; if so, its first byte. */
static int first_byte(domid_t d, xen_pfn_t frame)
{
    int err = 0, byte = -ENOENT;
    void *p;

    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ, &frame, 1, &err, &p), 0);
    if (!err)
        byte = *(unsigned char *)p;
    ck_assert_int_eq(xctl_foreign_unmap(h, p, 1), 0);
    return byte;
}

/* Pages whose content comes when the domain runs. */
START_TEST(filled_later)
{
    static unsigned char pages[4][4096];
    struct xen_domctl_getdomaininfo info;
    xen_pfn_t frames[16], wanted[4];
    unsigned int nr = 9;
    uint64_t left = 0;
    domid_t d;

    open_sim("sim:");
    d = make(0, 1, 16, frames);
    memset(pages, 7, sizeof(pages));
    ck_assert_int_eq(xctl_fill_mark(h, d, frames, 1), -EINVAL);
    ck_assert_int_eq(xctl_fill_start(h, d, 0), 0);
    ck_assert_int_eq(xctl_fill_start(h, d, 0), -EBUSY);
    ck_assert_int_eq(xctl_logdirty_enable(h, d), -EBUSY);
    ck_assert_int_eq(xctl_fill_mark(h, d, &(xen_pfn_t){0xffffff}, 1), -EINVAL);
    ck_assert_int_eq(xctl_fill_mark(h, d, frames, 4), 0);
    ck_assert_int_eq(xctl_domain_unpause(h, d), 0);
    ck_assert_int_eq(xctl_fill_mark(h, d, frames + 4, 1), -EINVAL);
    ck_assert_int_eq(xctl_fill_end(h, d), -EBUSY);
    ck_assert_int_eq(xctl_fill_wanted(h, d, wanted, 4, &nr), 0);
    ck_assert_uint_eq(nr, 0);
    ck_assert_int_eq(first_byte(d, frames[2]), -ENOENT);
    ck_assert_int_eq(first_byte(d, frames[4]), 0);
    ck_assert_int_eq(xctl_fill_wanted(h, d, wanted, 4, &nr), 0);
    ck_assert_uint_eq(nr, 1);
    ck_assert_uint_eq(wanted[0], frames[2]);
    ck_assert_int_eq(xctl_fill_pages(h, d, wanted, pages, 1, &left), 0);
    ck_assert_uint_eq(left, 3);
    ck_assert_int_eq(first_byte(d, frames[2]), 7);
    /* What is there stays, and what is gone is nobody's affair. */
    memset(pages, 8, sizeof(pages));
    ck_assert_int_eq((int)xctl_memory_decrease(h, d, 0, frames + 3, 1), 1);
    ck_assert_int_eq(xctl_domain_info(h, d, &info), 0);
    ck_assert_uint_eq(info.paged_pages, 2);
    ck_assert_int_eq(xctl_fill_pages(h, d, frames, pages, 4, &left), 0);
    ck_assert_uint_eq(left, 0);
    ck_assert_int_eq(first_byte(d, frames[0]), 8);
    ck_assert_int_eq(first_byte(d, frames[2]), 7);
    ck_assert_int_eq(xctl_fill_end(h, d), 0);
    ck_assert_int_eq(xctl_fill_end(h, d), -EINVAL);
    ck_assert_int_eq(xctl_fill_pages(h, 99, frames, pages, 4, &left), -ESRCH);
    close_sim();
}
END_TEST

START_TEST(page_table_kinds)
{
    struct mmuext_op ops[2] = {{.cmd = MMUEXT_PIN_L4_TABLE}, {.cmd = MMUEXT_PIN_L4_TABLE}};
    xen_pfn_t frames[2], types[1];
    struct mmu_update u;
    unsigned int done;
    domid_t d;

    open_sim("sim:");
    d = make(0, 1, 2, frames);
    ops[0].arg1.mfn = frames[0];
    ops[1].arg1.mfn = frames[0];
    ck_assert_int_eq(xctl_mmuext(h, d, ops, 2, &done), -EINVAL); /* twice */
    ck_assert_uint_eq(done, 1);
    types[0] = frames[0];
    ck_assert_int_eq(xctl_memory_frame_types(h, d, 1, types), 0);
    ck_assert_uint_eq(types[0], XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB);
    u = (struct mmu_update){frames[1] << 12 | MMU_MACHPHYS_UPDATE, 77};
    ck_assert_int_eq(xctl_mmu_update(h, d, &u, 1, NULL), 0);
    ops[0].cmd = MMUEXT_UNPIN_TABLE;
    ck_assert_int_eq(xctl_mmuext(h, d, ops, 1, NULL), 0);
    close_sim();
}
END_TEST

START_TEST(time_and_cpus)
{
    struct vcpu_guest_context ctx = {.flags = VGCF_online};
    struct xen_domctl_getdomaininfo info;
    struct xen_domctl_getvcpuinfo v;
    xen_pfn_t frame;
    uint64_t now;
    domid_t d;

    open_sim("sim:cpus=2");
    d = make(0, 4, 1, &frame);
    for (unsigned int i = 0; i < 4; i++)
        ck_assert_int_eq(xctl_vcpu_set_context(h, d, i, &ctx), 0);
    ck_assert_int_eq(xctl_sim_advance(h, 1000), 0); /* paused: nothing runs */
    ck_assert_int_eq(xctl_domain_unpause(h, d), 0);
    ck_assert_int_eq(xctl_sim_advance(h, 1000), 0);
    ck_assert_int_eq(xctl_sim_now(h, &now), 0);
    ck_assert_uint_eq(now, 2000);
    ck_assert_int_eq(xctl_domain_info(h, d, &info), 0);
    ck_assert(info.flags & XEN_DOMINF_running);
    ck_assert_uint_eq(info.cpu_time, 2000); /* two CPUs for four */
    ck_assert_int_eq(xctl_vcpu_info(h, d, 3, &v), 0);
    ck_assert_uint_eq(v.cpu_time, 500);
    ck_assert_uint_eq(v.running, 1);
    close_sim();
}
END_TEST

START_TEST(cpu_pools)
{
    struct xen_domctl_getdomaininfo dom0;
    struct xctl_cpupool_info info;
    struct xen_domctl_sched_rtds rt = {20000, 5000, 0};
    struct xen_domctl_schedparam_vcpu one = {.vcpuid = 0};
    uint8_t cpus[16];
    uint32_t id;
    xen_pfn_t frame;
    domid_t d;

    open_sim("sim:cpus=4,dom0=2");
    ck_assert_int_eq(xctl_domain_info(h, 0, &dom0), 0);
    ck_assert_uint_eq(dom0.max_vcpu_id, 1);
    d = make(0, 1, 1, &frame);
    ck_assert_int_eq(xctl_cpupool_create(h, XCTL_CPUPOOL_ANY, XEN_SCHEDULER_RTDS, &id), 0);
    ck_assert_uint_eq(id, 1);
    ck_assert_int_eq(xctl_cpupool_add_cpu(h, id, 3), -ENODEV);
    ck_assert_int_eq(xctl_cpupool_move_domain(h, id, d), -ENOENT); /* no CPU there */
    ck_assert_int_eq(xctl_cpupool_remove_cpu(h, 0, 3), 0);
    ck_assert_int_eq(xctl_cpupool_free_cpus(h, cpus, 128), 0);
    ck_assert_uint_eq(cpus[0], 8);
    ck_assert_int_eq(xctl_cpupool_add_cpu(h, id, XCTL_CPUPOOL_ANY), 0);
    ck_assert_int_eq(xctl_cpupool_move_domain(h, id, d), 0);
    ck_assert_int_eq(xctl_cpupool_info(h, 1, &info, cpus, 128), 0);
    ck_assert_uint_eq(info.nr_domains, 1);
    ck_assert_uint_eq(cpus[0], 8);
    ck_assert_int_eq(xctl_sched_rtds_set(h, d, &rt), 0);
    ck_assert_int_eq(xctl_sched_rtds_get(h, d, &rt), 0);
    ck_assert_uint_eq(rt.period, 20000);
    ck_assert_int_eq(xctl_sched_vcpus_get(h, d, XEN_SCHEDULER_RTDS, &one, 1), 0);
    ck_assert_uint_eq(one.u.rtds.period, 10000);
    ck_assert_int_eq(xctl_cpupool_destroy(h, id), -EBUSY);
    ck_assert_int_eq(xctl_cpupool_remove_cpu(h, id, 3), -EBUSY);
    ck_assert_int_eq(xctl_cpupool_move_domain(h, 0, d), 0);
    ck_assert_int_eq(xctl_cpupool_remove_cpu(h, id, 3), 0);
    ck_assert_int_eq(xctl_cpupool_destroy(h, id), 0);
    ck_assert_int_eq(xctl_cpupool_info(h, 1, &info, NULL, 0), -ENOENT);
    close_sim();
}
END_TEST

START_TEST(credit_of_a_pool)
{
    struct xen_sysctl_credit_schedule c = {0, 0, 0};
    uint32_t id;

    open_sim("sim:");
    ck_assert_int_eq(xctl_cpupool_create(h, XCTL_CPUPOOL_ANY, XEN_SCHEDULER_CREDIT, &id), 0);
    ck_assert_int_eq(xctl_sched_credit_host_get(h, id, &c), 0);
    ck_assert_uint_eq(c.tslice_ms, 30);
    c.tslice_ms = 5;
    c.ratelimit_us = 5001;
    ck_assert_int_eq(xctl_sched_credit_host_set(h, id, &c), -EINVAL);
    c.ratelimit_us = 5000;
    ck_assert_int_eq(xctl_sched_credit_host_set(h, id, &c), 0);
    c.tslice_ms = 1001;
    ck_assert_int_eq(xctl_sched_credit_host_set(h, id, &c), -EINVAL);
    ck_assert_int_eq(xctl_sched_credit_host_get(h, id, &c), 0);
    ck_assert_uint_eq(c.tslice_ms, 5);
    ck_assert_int_eq(xctl_sched_credit_host_get(h, 0, &c), -EINVAL); /* credit2 */
    ck_assert_int_eq(xctl_sched_credit_host_get(h, 7, &c), -ESRCH);
    close_sim();
}
END_TEST

START_TEST(options)
{
    struct xen_hypfs_direntry head;
    uint32_t tdt[2] = {0};
    char text[32] = "x";
    size_t size = 1;

    open_sim("sim:");
    ck_assert_int_eq(xctl_hypfs_read(h, "/params/loglvl", &head, text, &size), -ENOBUFS);
    ck_assert_uint_eq(size, sizeof("warning"));
    ck_assert_str_eq(text, "x");
    ck_assert_int_eq(xctl_hypfs_read(h, "/params/loglvl", &head, text, &size), 0);
    ck_assert_str_eq(text, "warning");
    ck_assert_int_eq(xctl_hypfs_write(h, "/params/loglvl", "all", 3), -EINVAL); /* no zero */
    ck_assert_int_eq(xctl_hypfs_write(h, "/params/loglvl", "all", 4), 0);
    size = sizeof(text);
    ck_assert_int_eq(xctl_hypfs_read(h, "/params/loglvl", &head, text, &size), 0);
    ck_assert_str_eq(text, "all");
    ck_assert_int_eq(xctl_hypfs_write(h, "/params/tdt", tdt, 3), -EINVAL);
    ck_assert_int_eq(xctl_hypfs_write(h, "/params/tdt", tdt, 5), -ENOSPC);
    ck_assert_int_eq(xctl_hypfs_write(h, "/params/tdt", tdt, 4), 0);
    ck_assert_int_eq(xctl_hypfs_write(h, "/params/sync_console", "", 1), -EACCES);
    close_sim();
}
END_TEST

START_TEST(hvm_state_and_device_model)
{
    unsigned char blob[4096], mtrr[240], bits[1];
    uint32_t size = 0, port;
    uint64_t value, count;
    unsigned int n;
    ioservid_t id;
    xen_pfn_t frames[8];
    domid_t d;
    void *p;

    open_sim("sim:");
    d = make(PVH, 2, 8, frames);
    ck_assert_int_eq(xctl_hvm_set_param(h, d, HVM_PARAM_STORE_PFN, 5), 0);
    ck_assert_int_eq(xctl_hvm_get_param(h, d, HVM_PARAM_STORE_PFN, &value), 0);
    ck_assert_uint_eq(value, 5);
    ck_assert_int_eq(xctl_hvm_set_param(h, d, HVM_PARAM_VIRIDIAN, 1), 0);
    ck_assert_int_eq(xctl_hvm_set_param(h, d, HVM_PARAM_VIRIDIAN, 3), -EEXIST);
    ck_assert_int_eq(xctl_hvm_set_param(h, d, HVM_NR_PARAMS, 0), -EINVAL);
    ck_assert_int_eq(xctl_hvm_get_context(h, d, NULL, &size), 0);
    ck_assert_uint_eq(size, 8 + 24 + 2 * (8 + 240) + 8);
    size = 10;
    ck_assert_int_eq(xctl_hvm_get_context(h, d, blob, &size), -ENOSPC);
    size = sizeof(blob);
    ck_assert_int_eq(xctl_hvm_get_context(h, d, blob, &size), 0);
    ck_assert_int_eq(xctl_hvm_set_context(h, d, blob, size), 0);
    ck_assert_int_eq(xctl_hvm_set_context(h, d, blob, size - 8), -EINVAL); /* no end */
    ck_assert_int_eq(xctl_hvm_get_context_record(h, d, 14, 1, mtrr, sizeof(mtrr)), 0);
    ck_assert_int_eq(xctl_hvm_get_context_record(h, d, 14, 1, mtrr, 10), -ENOBUFS);
    ck_assert_int_eq(xctl_hvm_get_context_record(h, d, 14, 2, mtrr, sizeof(mtrr)), -ENODATA);
    ck_assert_int_eq(xctl_dm_nr_vcpus(h, d, &n), 0);
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(xctl_dm_server_create(h, d, HVM_IOREQSRV_BUFIOREQ_ATOMIC, &id), 0);
    ck_assert_int_eq(xctl_dm_server_info(h, d, id, XEN_DMOP_no_gfns, NULL, NULL, &port), 0);
    ck_assert_uint_gt(port, 0);
    ck_assert_int_eq(xctl_dm_map_range(h, d, id, XEN_DMOP_IO_RANGE_PORT, 0x10, 0x1f), 0);
    ck_assert_int_eq(xctl_dm_map_range(h, d, id, XEN_DMOP_IO_RANGE_PORT, 0x1f, 0x2f), -EEXIST);
    ck_assert_int_eq(xctl_dm_unmap_range(h, d, id, XEN_DMOP_IO_RANGE_PORT, 0x10, 0x1f), 0);
    ck_assert_int_eq(xctl_dm_server_enable(h, d, id, 1), 0);
    ck_assert_int_eq(xctl_resource_size(h, d, XENMEM_resource_ioreq_server, id, &count), 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(xctl_resource_map(h, d, XENMEM_resource_ioreq_server, id, 0, 2, PROT_READ, &p),
                     0);
    ck_assert_int_eq(xctl_resource_unmap(h, p, 2), 0);
    ck_assert_int_eq(xctl_dm_track_vram(h, d, 0, 8, bits), 0);
    ck_assert_int_eq(xctl_dm_modified(h, d, 3, 2), 0);
    ck_assert_int_eq(xctl_dm_track_vram(h, d, 0, 8, bits), 0);
    ck_assert_uint_eq(bits[0], 3 << 3);
    ck_assert_int_eq(xctl_dm_server_destroy(h, d, id), 0);
    ck_assert_int_eq(xctl_dm_server_enable(h, d, id, 1), -ENOENT);
    ck_assert_int_eq(xctl_dm_relocate(h, d, 0, 1, 1), -EOPNOTSUPP);
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    close_sim();
}
END_TEST

/* Everything of a vCPU that a migration carries comes back as it went. */
START_TEST(vcpu_state_round_trip)
{
    struct vcpu_guest_context ctx = {.flags = VGCF_online, .ctrlreg = {[3] = 0x5000}}, got;
    struct xen_domctl_ext_vcpucontext ext = {.syscall32_callback_eip = 0x1234};
    struct xen_domctl_vcpu_msr msr[8] = {{0xc0000103, 0, 7}};
    uint8_t xsave[4096];
    size_t size = 0;
    uint64_t features;
    uint32_t n = 0;
    xen_pfn_t frame;
    domid_t d;

    open_sim("sim:");
    d = make(0, 1, 1, &frame);
    ctx.user_regs.rip = 0xffffffff81000000;
    ck_assert_int_eq(xctl_vcpu_set_context(h, d, 0, &ctx), 0);
    ck_assert_int_eq(xctl_vcpu_get_context(h, d, 0, &got), 0);
    ck_assert_int_eq(memcmp(&ctx, &got, sizeof(ctx)), 0);
    ctx.ctrlreg[3] = 0x6000;
    ck_assert_int_eq(xctl_vcpu_set_context(h, d, 0, &ctx), -EOPNOTSUPP);
    ck_assert_int_eq(xctl_vcpu_set_context(h, d, 0, NULL), 0);
    ck_assert_int_eq(xctl_vcpu_get_context(h, d, 0, &got), -ENODATA);
    ck_assert_int_eq(xctl_vcpu_set_ext_context(h, d, 0, &ext), 0);
    memset(&ext, 0, sizeof(ext));
    ck_assert_int_eq(xctl_vcpu_get_ext_context(h, d, 0, &ext), 0);
    ck_assert_uint_eq(ext.syscall32_callback_eip, 0x1234);
    ck_assert_int_eq(xctl_vcpu_get_xsave(h, d, 0, NULL, &size, &features), 0);
    ck_assert_uint_eq(size, 592);
    memset(xsave, 0x77, sizeof(xsave));
    ck_assert_int_eq(xctl_vcpu_set_xsave(h, d, 0, xsave, size, features), 0);
    memset(xsave, 0, sizeof(xsave));
    ck_assert_int_eq(xctl_vcpu_get_xsave(h, d, 0, xsave, &size, NULL), 0);
    ck_assert_uint_eq(xsave[591], 0x77);
    ck_assert_uint_eq(xsave[592], 0);
    ck_assert_int_eq(xctl_vcpu_get_msrs(h, d, 0, NULL, &n), 0);
    ck_assert_uint_eq(n, 7);
    ck_assert_int_eq(xctl_vcpu_set_msrs(h, d, 0, msr, 1), 0);
    msr[0].value = 0;
    n = 8;
    ck_assert_int_eq(xctl_vcpu_get_msrs(h, d, 0, msr, &n), 0);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(msr[0].value, 7);
    msr[0].index = 0x10;
    ck_assert_int_eq(xctl_vcpu_set_msrs(h, d, 0, msr, 1), -EINVAL);
    close_sim();
}
END_TEST

START_TEST(restricted_handle)
{
    struct xen_sysctl_physinfo info;
    struct xctl_grant_copy copy = {.source.addr = &info, .dest.is_grant = 1, .len = 1};
    xen_pfn_t mine[1], other[1];
    domid_t d, o;
    xctl_evtchn *e, *early;
    uint32_t port, own, got, ref;
    void *p;

    open_sim("sim:");
    d = make(PVH, 1, 1, mine);
    o = make(PVH, 1, 1, other);
    ck_assert_int_eq(xctl_domain_alloc_port(h, o, 0, &port), 0);
    ck_assert_int_eq(xctl_domain_alloc_port(h, d, 0, &own), 0);
    /* What was opened before must not keep more rights than the handle. */
    ck_assert_int_eq(xctl_evtchn_open(h, &e), 0);
    ck_assert_int_eq(xctl_evtchn_open(h, &early), 0);
    ck_assert_int_eq(xctl_restrict(h, d), -EBUSY);
    ck_assert_int_eq(xctl_evtchn_restrict(e, DOMID_SELF), -EINVAL);
    ck_assert_int_eq(xctl_evtchn_restrict(e, o), 0);
    ck_assert_int_eq(xctl_evtchn_restrict(early, d), 0);
    ck_assert_int_eq(xctl_evtchn_restrict(early, d), 0);
    ck_assert_int_eq(xctl_evtchn_restrict(early, o), -EINVAL);
    ck_assert_int_eq(xctl_restrict(h, d), -EBUSY);
    ck_assert_int_eq(xctl_host_info(h, &info), 0);
    xctl_evtchn_close(e);
    ck_assert_int_eq(xctl_restrict(h, d), 0);
    ck_assert_int_eq(xctl_restrict(h, d), 0);
    ck_assert_int_eq(xctl_restrict(h, o), -EINVAL);
    ck_assert_int_eq(xctl_host_info(h, &info), -EPERM);
    ck_assert_int_eq(xctl_foreign_map(h, o, PROT_READ, other, 1, NULL, &p), -EPERM);
    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ, mine, 1, NULL, &p), 0);
    ck_assert_int_eq(xctl_foreign_unmap(h, p, 1), 0);
    ck_assert_int_eq(xctl_dm_shutdown(h, o, SHUTDOWN_crash), -EPERM);
    ck_assert_int_eq(xctl_dm_shutdown(h, d, SHUTDOWN_crash), 0);
    ck_assert_int_eq(xctl_evtchn_open(h, &e), 0);
    ck_assert_int_eq(xctl_evtchn_bind_interdomain(e, o, port, &got), -EPERM);
    ck_assert_int_eq(xctl_evtchn_bind_interdomain(early, o, port, &got), -EPERM);
    ck_assert_int_eq(xctl_evtchn_bind_unbound(e, d, &got), -EPERM);
    ck_assert_int_eq(xctl_evtchn_bind_virq(e, VIRQ_CON_RING, &got), -EPERM);
    ck_assert_int_eq(xctl_evtchn_bind_interdomain(e, d, own, &got), 0);
    ck_assert_int_eq(
        xctl_grant_map(h, (struct xctl_grant[]){{d, 8}, {o, 8}}, 2, PROT_READ, NULL, &p), -EPERM);
    ck_assert_int_eq(xctl_grant_map(h, &(struct xctl_grant){d, 8}, 1, PROT_READ, NULL, &p),
                     -EINVAL); /* allowed, but nothing is granted */
    ck_assert_int_eq(xctl_grant_alloc(h, o, 1, 1, NULL, &ref, &p), -EPERM);
    ck_assert_int_eq(xctl_grant_alloc(h, d, 1, 1, NULL, &ref, &p), 0);
    ck_assert_int_eq(xctl_grant_free(h, p, 1), 0);
    copy.dest.grant = (struct xctl_grant){o, 8};
    ck_assert_int_eq(xctl_grant_copy(h, &copy, 1), -EPERM);
    copy.dest.grant.domid = d;
    ck_assert_int_eq(xctl_grant_copy(h, &copy, 1), 0);
    ck_assert_int_ne(copy.status, GNTST_okay);
    xctl_evtchn_close(early);
    xctl_evtchn_close(e);
    close_sim();
}
END_TEST

/* Closing is what a child may do with its parent's; the parent does not notice. */
START_TEST(child_closes)
{
    uint32_t port, theirs, got;
    xen_pfn_t frame;
    xctl_evtchn *e;
    int status;
    domid_t d;
    pid_t pid;

    open_sim("sim:");
    d = make(PVH, 1, 1, &frame);
    ck_assert_int_eq(xctl_domain_alloc_port(h, d, 0, &theirs), 0);
    ck_assert_int_eq(xctl_evtchn_open(h, &e), 0);
    ck_assert_int_eq(xctl_evtchn_bind_interdomain(e, d, theirs, &port), 0);
    ck_assert_int_eq(xctl_evtchn_pending(e, &got), 0); /* that it is connected */
    ck_assert_int_eq(xctl_evtchn_unmask(e, port), 0);
    pid = fork();
    if (!pid) {
        xctl_evtchn_close(e);
        xctl_close(h);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(xctl_evtchn_notify(e, port), 0);
    xctl_evtchn_close(e);
    close_sim();
}
END_TEST

START_TEST(console_ring)
{
    char buf[64], line[101];
    uint32_t size = sizeof(buf), index = 0, virq, got;
    xctl_evtchn *e;

    open_sim("sim:");
    ck_assert_int_eq(xctl_evtchn_open(h, &e), 0);
    ck_assert_int_eq(xctl_evtchn_bind_virq(e, VIRQ_CON_RING, &virq), 0);
    ck_assert_int_eq(xctl_sim_print(h, "hello\n"), 0);
    ck_assert_int_eq(xctl_evtchn_pending(e, &got), 0);
    ck_assert_int_eq(xctl_host_read_console(h, buf, &size, &index, 0), 0);
    ck_assert_uint_eq(size, 6);
    ck_assert_int_eq(memcmp(buf, "hello\n", 6), 0);
    size = sizeof(buf);
    ck_assert_int_eq(xctl_host_read_console(h, buf, &size, &index, 0), 0);
    ck_assert_uint_eq(size, 0);
    /* Overwritten text is skipped. */
    memset(line, 'x', 100);
    line[100] = 0;
    for (int i = 0; i < 400; i++)
        ck_assert_int_eq(xctl_sim_print(h, line), 0);
    size = sizeof(buf);
    ck_assert_int_eq(xctl_host_read_console(h, buf, &size, &index, 0), 0);
    ck_assert_uint_eq(size, sizeof(buf));
    ck_assert_uint_eq(index, 6 + 40000 - 16384 + 64);
    ck_assert_int_eq(xctl_host_read_console(h, buf, &size, NULL, 1), 0);
    xctl_evtchn_close(e);
    close_sim();
}
END_TEST

/* A named host: another process sees the same, and when it dies its hold on things is released. */
START_TEST(shared_between_processes)
{
    struct xen_domctl_getdomaininfo info;
    xen_pfn_t frames[2];
    char where[64], *p;
    uint32_t theirs, got;
    xctl_evtchn *e;
    domid_t d;
    pid_t pid;
    int status, go[2];

    snprintf(where, sizeof(where), "test-%d", (int)getpid());
    (void)!xctl_sim_remove(where);
    snprintf(where, sizeof(where), "sim:test-%d,cpus=2", (int)getpid());
    open_sim(where);
    d = make(PVH, 1, 2, frames);
    ck_assert_int_eq(xctl_domain_alloc_port(h, d, 0, &theirs), 0);
    ck_assert_int_eq(pipe(go), 0);
    pid = fork();
    if (!pid) {
        xctl_handle *c;
        xctl_evtchn *ce;
        void *page;

        /* Dies with a page mapped and a port bound. */
        if (xctl_open(where, &c) || xctl_evtchn_open(c, &ce) ||
            xctl_evtchn_bind_interdomain(ce, d, theirs, &got) ||
            xctl_foreign_map(c, d, PROT_READ | PROT_WRITE, frames, 1, NULL, &page))
            _exit(1);
        strcpy(page, "from a child");
        (void)!write(go[1], "", 1);
        pause();
    }
    ck_assert_int_eq(read(go[0], where, 1), 1);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(xctl_foreign_map(h, d, PROT_READ, frames, 1, NULL, (void **)&p), 0);
    ck_assert_str_eq(p, "from a child");
    ck_assert_int_eq(xctl_foreign_unmap(h, p, 1), 0);
    ck_assert_int_eq(xctl_evtchn_open(h, &e), 0);
    ck_assert_int_eq(xctl_evtchn_bind_interdomain(e, d, theirs, &got), -EINVAL);
    {
        xctl_handle *again;

        snprintf(where, sizeof(where), "sim:test-%d", (int)getpid());
        ck_assert_int_eq(xctl_open(where, &again), 0);
        ck_assert_int_eq(xctl_evtchn_bind_interdomain(e, d, theirs, &got), 0);
        xctl_close(again);
    }
    xctl_evtchn_close(e);
    ck_assert_int_eq(xctl_domain_destroy(h, d), 0);
    ck_assert_int_eq(xctl_domain_info(h, d, &info), -ESRCH);
    snprintf(where, sizeof(where), "test-%d", (int)getpid());
    ck_assert_int_eq(xctl_sim_remove(where), 0);
    ck_assert_int_eq(xctl_sim_remove(where), -ENOENT);
    close(go[0]);
    close(go[1]);
    close_sim();
}
END_TEST

START_TEST(many_domains)
{
    static domid_t ids[1000];
    struct xen_domctl_getdomaininfo info;
    xctl_domain_iter *it;
    xen_pfn_t frames[4];
    unsigned int n = 0;

    open_sim("sim:mem=1024");
    for (int i = 0; i < 1000; i++)
        ids[i] = make(i & 1 ? PVH : 0, 1, 4, frames);
    ck_assert_int_eq(xctl_domain_iter_new(h, 1, &it), 0);
    while (xctl_domain_iter_next(it, &info) == 1)
        ck_assert_uint_eq(info.domain, ids[n++]);
    xctl_domain_iter_free(it);
    ck_assert_uint_eq(n, 1000);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(xctl_domain_destroy(h, ids[i]), 0);
    close_sim();
}
END_TEST

TEST_MAIN("ctrl-sim", guest_and_dom0_talk, guests_have_no_power, shutdown_is_signalled,
          mapped_domain_stays, memory_is_scrubbed, memory_runs_out, pool_of_an_empty_domain,
          translated_memory, dirty_log, filled_later, page_table_kinds, time_and_cpus, cpu_pools,
          credit_of_a_pool, options, hvm_state_and_device_model, vcpu_state_round_trip,
          restricted_handle, child_closes, console_ring, shared_between_processes, many_domains)
