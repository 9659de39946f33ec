/* SPDX-License-Identifier: MIT */
/*
 * conformance.c - what libs/ctrl promises, asked of whatever host there is.
 *
 *   conformance [WHERE]    WHERE as for xctl_open(): nothing for this machine, "sim:" simulated
 *
 * Runs as root in Domain 0. One line for each case, "PASS name" or "FAIL name: what"; the last line
 * is "CONFORMANCE passed=N failed=M". Exit status 0: all passed, 1: not, 2: no such host. It makes
 * small domains that never run, and removes them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenolith/ctrl.h>
#include <xenolith/public/sched.h>

static xctl_handle *h;
static char why[512];
static bool failed;

static void mismatch(const char *what, int line, long long got, long long want)
{
    if (failed)
        return;
    failed = true;
    snprintf(why, sizeof(why), "line %d: %s is %lld, not %lld; ", line, what, got, want);
    xctl_error_format(h, why + strlen(why), sizeof(why) - strlen(why));
}

/* A case goes on after a failure only to clean up. */
#define EQ(expr, want)                              \
    do {                                            \
        long long got_ = (long long)(expr);         \
        long long want_ = (long long)(want);        \
        if (got_ != want_)                          \
            mismatch(#expr, __LINE__, got_, want_); \
    } while (0)
#define OK(expr)   EQ(expr, 0)
#define TRUE(expr) EQ(!!(expr), 1)

#define VCPUS 2

static struct xen_domctl_createdomain pv_config(void)
{
    struct xen_domctl_createdomain c = {.max_vcpus = VCPUS,
                                        .max_evtchn_port = 1023,
                                        .max_grant_frames = 4,
                                        .max_maptrack_frames = 4,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1)};

    memcpy(c.handle, "conformance-test", 16);
    return c;
}

/* A domain with vCPUs and a memory limit of 4 MiB, but no memory yet; -1 if there is none. */
static int make(void)
{
    struct xen_domctl_createdomain c = pv_config();
    domid_t domid;

    EQ(xctl_domain_create(h, 0, &c, &domid), 0);
    if (failed)
        return -1;
    OK(xctl_domain_set_max_vcpus(h, domid, VCPUS));
    OK(xctl_domain_set_max_mem(h, domid, 4096));
    return domid;
}

static void destroy(int domid)
{
    if (domid > 0)
        OK(xctl_domain_destroy(h, (domid_t)domid));
}

static void version(void)
{
    unsigned int major = 0, minor = 0, size = 0;
    xen_capabilities_info_t caps = "";
    unsigned long virt = 0;

    OK(xctl_check_version(h));
    OK(xctl_version(h, &major, &minor));
    EQ(major, 4);
    EQ(minor, 17);
    OK(xctl_version_capabilities(h, caps));
    TRUE(strstr(caps, "xen-3.0-x86_64"));
    OK(xctl_version_page_size(h, &size));
    EQ(size, 4096);
    OK(xctl_version_virt_start(h, &virt));
    EQ(virt, 0xffff800000000000UL);
}

static void host_info(void)
{
    struct xen_sysctl_physinfo info = {0};
    xen_pfn_t last = 0;

    OK(xctl_host_info(h, &info));
    TRUE(info.nr_cpus >= 1);
    TRUE(info.free_pages < info.total_pages);
    TRUE(info.capabilities & XEN_SYSCTL_PHYSCAP_pv);
    TRUE(info.capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1);
    OK(xctl_memory_max_ram_page(h, &last));
    TRUE(last > 0);
}

static void host_topology(void)
{
    struct xen_sysctl_cputopo cpus[256];
    struct xen_sysctl_meminfo nodes[64];
    uint32_t distance[64 * 64];
    unsigned int n = 0, space = 256;

    OK(xctl_host_cpu_topology(h, NULL, &n));
    TRUE(n >= 1 && n <= 256);
    OK(xctl_host_cpu_topology(h, cpus, &space));
    EQ(space, n);
    n = 0;
    OK(xctl_host_numa(h, NULL, NULL, &n));
    TRUE(n >= 1 && n <= 64);
    OK(xctl_host_numa(h, nodes, distance, &n));
    TRUE(nodes[0].memsize > 0);
    EQ(distance[0], 10);
}

static void host_cpu_policy(void)
{
    uint32_t nr_leaves = 0, nr_msrs = 0, few = 1, words = 0, set[64] = {0};
    struct xen_cpuid_leaf leaves[256];
    struct xen_msr_entry msrs[16];

    OK(xctl_host_cpu_policy_size(h, &nr_leaves, &nr_msrs));
    TRUE(nr_leaves >= 2 && nr_leaves <= 120);
    EQ(nr_msrs, 2);
    OK(xctl_host_cpu_policy(h, XEN_SYSCTL_cpu_policy_pv_default, leaves, &nr_leaves, msrs,
                            &nr_msrs));
    EQ(leaves[0].leaf, 0);
    for (uint32_t i = 1; i < nr_leaves; i++)
        TRUE(leaves[i].leaf > leaves[i - 1].leaf ||
             (leaves[i].leaf == leaves[i - 1].leaf && leaves[i].subleaf > leaves[i - 1].subleaf));
    nr_msrs = 2;
    EQ(xctl_host_cpu_policy(h, XEN_SYSCTL_cpu_policy_pv_default, leaves, &few, msrs, &nr_msrs),
       -ENOBUFS);
    OK(xctl_host_featureset(h, XEN_SYSCTL_cpu_featureset_host, NULL, &words));
    TRUE(words >= 10 && words <= 64);
    OK(xctl_host_featureset(h, XEN_SYSCTL_cpu_featureset_host, set, &words));
    TRUE(set[0] & 1); /* an FPU */
    EQ(xctl_host_featureset(h, 99, set, &words), -EINVAL);
}

static void host_console(void)
{
    char buf[64] = "";
    uint32_t size = sizeof(buf), index = 0, before;

    OK(xctl_host_debug_keys(h, "h"));
    OK(xctl_host_read_console(h, buf, &size, &index, 0));
    TRUE(size > 0 && index > 0);
    before = index;
    while (!failed && size) {
        size = sizeof(buf);
        OK(xctl_host_read_console(h, buf, &size, &index, 0));
    }
    TRUE(index >= before);
}

static void pools(void)
{
    struct xctl_cpupool_info info = {.id = 77};
    uint8_t cpus[32] = {0};
    unsigned int sched = 0;

    OK(xctl_cpupool_info(h, 0, &info, cpus, 256));
    EQ(info.id, 0);
    TRUE(cpus[0] & 1);
    TRUE(info.nr_domains >= 1);
    OK(xctl_sched_id(h, &sched));
    EQ(info.sched_id, sched);
    EQ(xctl_cpupool_info(h, 4000, &info, NULL, 0), -ENOENT);
}

static void life(void)
{
    struct xen_domctl_getdomaininfo info = {0};
    int d = make();

    if (d < 0)
        return;
    OK(xctl_domain_info(h, (domid_t)d, &info));
    EQ(info.domain, d);
    EQ(info.max_vcpu_id, VCPUS - 1);
    EQ(info.nr_online_vcpus, 0);
    TRUE(info.flags & XEN_DOMINF_paused);
    TRUE(!(info.flags & (XEN_DOMINF_dying | XEN_DOMINF_hvm_guest | XEN_DOMINF_shutdown)));
    EQ(info.max_pages, 1024);
    EQ(memcmp(info.handle, "conformance-test", 16), 0);
    OK(xctl_domain_unpause(h, (domid_t)d));
    OK(xctl_domain_info(h, (domid_t)d, &info));
    TRUE(!(info.flags & XEN_DOMINF_paused));
    EQ(xctl_domain_unpause(h, (domid_t)d), -EINVAL);
    OK(xctl_domain_pause(h, (domid_t)d));
    OK(xctl_domain_pause(h, (domid_t)d));
    OK(xctl_domain_unpause(h, (domid_t)d));
    OK(xctl_domain_info(h, (domid_t)d, &info));
    TRUE(info.flags & XEN_DOMINF_paused);
    destroy(d);
    EQ(xctl_domain_info(h, (domid_t)d, &info), -ESRCH);
}

static void bad_domains(void)
{
    struct xen_domctl_createdomain c = pv_config();
    struct xen_domctl_getdomaininfo info;
    domid_t domid = 1234;

    EQ(xctl_domain_pause(h, 32000), -ESRCH);
    EQ(xctl_error_domid(h, 0), 32000);
    EQ(xctl_domain_destroy(h, 32000), -ESRCH);
    EQ(xctl_domain_destroy(h, 0), -EINVAL);
    EQ(xctl_domain_info_next(h, 0x7ff0, &info), -EINVAL);
    c.max_vcpus = 0;
    EQ(xctl_domain_create(h, 0, &c, &domid), -EINVAL);
    c = pv_config();
    c.flags = XEN_DOMCTL_CDF_hap;
    EQ(xctl_domain_create(h, 0, &c, &domid), -EINVAL);
    EQ(domid, 1234);
}

static void wanted_id(void)
{
    struct xen_domctl_createdomain c = pv_config();
    domid_t domid = 0, other = 0;

    OK(xctl_domain_create(h, 4321, &c, &domid));
    EQ(domid, 4321);
    EQ(xctl_domain_create(h, 4321, &c, &other), -EEXIST);
    EQ(xctl_domain_set_max_vcpus(h, 4321, VCPUS + 1), -EINVAL);
    destroy(4321);
}

static void lists(void)
{
    struct xen_domctl_getdomaininfo infos[8], info;
    int a = make(), b = make(), seen = 0;
    xctl_domain_iter *it = NULL;
    unsigned int n = 0;
    domid_t last = 0;

    OK(xctl_domain_list(h, 0, 8, infos, &n));
    TRUE(n >= 3);
    EQ(infos[0].domain, 0);
    OK(xctl_domain_list(h, (domid_t)b, 8, infos, &n));
    TRUE(n >= 1);
    EQ(infos[0].domain, b);
    OK(xctl_domain_list(h, 0, 2, infos, &n));
    EQ(n, 2);
    OK(xctl_domain_iter_new(h, 1, &it));
    while (!failed && xctl_domain_iter_next(it, &info) == 1) {
        TRUE(info.domain > last);
        last = info.domain;
        seen += info.domain == a || info.domain == b;
    }
    EQ(seen, 2);
    xctl_domain_iter_free(it);
    destroy(a);
    destroy(b);
}

static void shutdown_states(void)
{
    struct xen_domctl_getdomaininfo info = {0};
    int d = make();

    if (d < 0)
        return;
    OK(xctl_domain_info(h, (domid_t)d, &info));
    EQ(xctl_domain_shutdown_reason(&info), -1);
    OK(xctl_domain_shutdown(h, (domid_t)d, SHUTDOWN_suspend));
    OK(xctl_domain_info(h, (domid_t)d, &info));
    EQ(xctl_domain_shutdown_reason(&info), SHUTDOWN_suspend);
    OK(xctl_domain_resume(h, (domid_t)d));
    OK(xctl_domain_info(h, (domid_t)d, &info));
    EQ(xctl_domain_shutdown_reason(&info), -1);
    OK(xctl_domain_shutdown(h, (domid_t)d, SHUTDOWN_crash));
    OK(xctl_domain_info(h, (domid_t)d, &info));
    EQ(xctl_domain_shutdown_reason(&info), SHUTDOWN_crash);
    destroy(d);
}

static void vcpus(void)
{
    struct xen_domctl_getvcpuinfo info = {0};
    struct vcpu_guest_context ctx;
    uint8_t hard[32] = {0}, none[32] = {0};
    unsigned int v = 0, n = 0;
    int d = make();

    if (d < 0)
        return;
    for (; !failed && xctl_vcpu_next(h, (domid_t)d, &v, &info) == 1; v++, n++)
        EQ(info.online, 0);
    EQ(n, VCPUS);
    EQ(xctl_vcpu_info(h, (domid_t)d, VCPUS, &info), -EINVAL);
    EQ(xctl_vcpu_get_context(h, (domid_t)d, 0, &ctx), -ENODATA);
    hard[0] = 1;
    OK(xctl_vcpu_set_affinity(h, (domid_t)d, 0, hard, NULL, 256));
    OK(xctl_vcpu_get_affinity(h, (domid_t)d, 0, hard, NULL, 256));
    EQ(hard[0], 1);
    EQ(xctl_vcpu_set_affinity(h, (domid_t)d, 0, none, NULL, 256), -EINVAL);
    EQ(xctl_vcpu_force_affinity(h, (domid_t)d, 0, none, NULL, 256), -EINVAL);
    OK(xctl_vcpu_force_affinity(h, (domid_t)d, 0, hard, NULL, 256));
    OK(xctl_vcpu_get_affinity(h, (domid_t)d, 1, hard, NULL, 256));
    TRUE(hard[0] & 1);
    destroy(d);
}

static void memory(void)
{
    struct xen_domctl_getdomaininfo info = {0};
    xen_pfn_t pfns[8] = {0, 1, 2, 3, 4, 5, 6, 7}, none[1] = {99};
    uint64_t current = 0, maximum = 0;
    int d = make();

    if (d < 0)
        return;
    OK(xctl_memory_claim(h, (domid_t)d, 16));
    OK(xctl_memory_populate_exact(h, (domid_t)d, 0, 0, pfns, 8));
    OK(xctl_memory_claim(h, (domid_t)d, 0));
    for (int i = 1; i < 8; i++)
        TRUE(pfns[i] != pfns[i - 1]);
    OK(xctl_domain_info(h, (domid_t)d, &info));
    EQ(info.tot_pages, 8);
    OK(xctl_memory_reservation(h, (domid_t)d, &current, &maximum));
    EQ(current, 8);
    EQ(maximum, 1024);
    EQ(xctl_memory_decrease(h, (domid_t)d, 0, &pfns[7], 1), 1);
    OK(xctl_domain_info(h, (domid_t)d, &info));
    EQ(info.tot_pages, 7);
    /* More than the domain may have: a short count. */
    OK(xctl_domain_set_max_mem(h, (domid_t)d, 7 * 4));
    EQ(xctl_memory_populate(h, (domid_t)d, 0, 0, none, 1), 0);
    EQ(xctl_memory_populate_exact(h, (domid_t)d, 0, 0, none, 1), -ENOMEM);
    EQ(xctl_memory_populate(h, 32000, 0, 0, none, 1), 0);
    destroy(d);
}

static void foreign_memory(void)
{
    xen_pfn_t pfns[3] = {0, 1, 2}, mixed[2];
    int errs[2] = {1, 1}, d = make();
    void *p = NULL;

    if (d < 0)
        return;
    OK(xctl_memory_populate_exact(h, (domid_t)d, 0, 0, pfns, 3));
    OK(xctl_foreign_map(h, (domid_t)d, PROT_READ | PROT_WRITE, pfns, 3, NULL, &p));
    if (!failed) {
        EQ(((char *)p)[8191], 0);
        memcpy((char *)p + 4090, "across pages", 12);
        OK(xctl_foreign_unmap(h, p, 3));
        OK(xctl_foreign_map(h, (domid_t)d, PROT_READ, &pfns[1], 1, NULL, &p));
        EQ(memcmp(p, " pages", 6), 0);
        OK(xctl_foreign_unmap(h, p, 1));
    }
    mixed[0] = pfns[0];
    mixed[1] = 0xfffffffff;
    OK(xctl_foreign_map(h, (domid_t)d, PROT_READ, mixed, 2, errs, &p));
    EQ(errs[0], 0);
    TRUE(errs[1] < 0);
    OK(xctl_foreign_unmap(h, p, 2));
    TRUE(xctl_foreign_map(h, (domid_t)d, PROT_READ, mixed, 2, NULL, &p) < 0);
    destroy(d);
}

static void page_types(void)
{
    xen_pfn_t pfns[2] = {0, 1}, types[3];
    int d = make();

    if (d < 0)
        return;
    OK(xctl_memory_populate_exact(h, (domid_t)d, 0, 0, pfns, 2));
    types[0] = pfns[0];
    types[1] = pfns[1];
    types[2] = 0xfffffff;
    OK(xctl_memory_frame_types(h, (domid_t)d, 3, types));
    EQ(types[0] & XEN_DOMCTL_PFINFO_LTAB_MASK, XEN_DOMCTL_PFINFO_NOTAB);
    EQ(types[2] & XEN_DOMCTL_PFINFO_LTAB_MASK, XEN_DOMCTL_PFINFO_XTAB);
    destroy(d);
}

static void grant_table(void)
{
    uint32_t frames = 0, max = 0, version_nr = 0;
    struct grant_entry_v1 *table;
    void *p = NULL;
    int d = make();

    if (d < 0)
        return;
    OK(xctl_grant_table_size(h, (domid_t)d, &frames, &max));
    EQ(max, 4);
    OK(xctl_grant_table_version(h, (domid_t)d, &version_nr));
    EQ(version_nr, 1);
    OK(xctl_resource_map(h, (domid_t)d, XENMEM_resource_grant_table,
                         XENMEM_resource_grant_table_id_shared, 0, 1, PROT_READ | PROT_WRITE, &p));
    if (!failed) {
        table = p;
        EQ(table[GNTTAB_RESERVED_CONSOLE].flags, 0);
        OK(xctl_resource_unmap(h, p, 1));
    }
    destroy(d);
}

/* The domain grants us a page, through the table that the toolstack seeds. */
static void granted_page(void)
{
    struct xctl_grant g = {0, GNTTAB_RESERVED_CONSOLE}, bad = {0, 7};
    xen_pfn_t pfn = 0;
    void *t = NULL, *page = NULL, *mapped = NULL;
    int d = make();

    if (d < 0)
        return;
    g.domid = bad.domid = (uint32_t)d;
    OK(xctl_memory_populate_exact(h, (domid_t)d, 0, 0, &pfn, 1));
    OK(xctl_foreign_map(h, (domid_t)d, PROT_READ | PROT_WRITE, &pfn, 1, NULL, &page));
    OK(xctl_resource_map(h, (domid_t)d, XENMEM_resource_grant_table, 0, 0, 1,
                         PROT_READ | PROT_WRITE, &t));
    if (!failed) {
        struct grant_entry_v1 *e = t;
        struct xctl_grant_copy c = {.source = {.is_grant = 1, .grant = g, .offset = 3}, .len = 5};
        char buf[8] = "";

        e[0].domid = 0;
        e[0].frame = (uint32_t)pfn;
        __atomic_store_n(&e[0].flags, GTF_permit_access, __ATOMIC_RELEASE);
        strcpy(page, "by grant");
        OK(xctl_grant_map(h, &g, 1, PROT_READ | PROT_WRITE, NULL, &mapped));
        if (!failed) {
            EQ(strcmp(mapped, "by grant"), 0);
            OK(xctl_grant_unmap(h, mapped, 1));
        }
        c.dest.addr = buf;
        OK(xctl_grant_copy(h, &c, 1));
        EQ(c.status, GNTST_okay);
        EQ(memcmp(buf, "grant", 5), 0);
        c.source.grant = bad;
        OK(xctl_grant_copy(h, &c, 1));
        TRUE(c.status < 0);
        TRUE(xctl_grant_map(h, &bad, 1, PROT_READ, NULL, &mapped) < 0);
    }
    if (t)
        OK(xctl_resource_unmap(h, t, 1));
    if (page)
        OK(xctl_foreign_unmap(h, page, 1));
    destroy(d);
}

/* A second object over the same descriptor sees the same ports. */
static void adopted(xctl_evtchn *e, uint32_t port)
{
    int fd = dup(xctl_evtchn_fd(e)), rc;
    xctl_evtchn *copy = NULL;

    rc = xctl_evtchn_adopt(h, fd, &copy);
    if (rc == -EOPNOTSUPP) { /* simulated */
        TRUE(copy == NULL);
        close(fd);
        return;
    }
    OK(rc);
    EQ(xctl_evtchn_fd(copy), fd);
    OK(xctl_evtchn_notify(copy, port));
    xctl_evtchn_close(copy);
    EQ(fcntl(fd, F_GETFD), -1);
    EQ(xctl_evtchn_adopt(h, fd, &copy), -EBADF);
}

static void event_channels(void)
{
    struct evtchn_status st = {0};
    uint32_t theirs = 0, ours = 0, got = 0;
    xctl_evtchn *e = NULL;
    struct pollfd p = {.events = POLLIN};
    int d = make();

    if (d < 0)
        return;
    OK(xctl_domain_alloc_port(h, (domid_t)d, 0, &theirs));
    OK(xctl_domain_port_status(h, (domid_t)d, theirs, &st));
    EQ(st.status, EVTCHNSTAT_unbound);
    OK(xctl_evtchn_open(h, &e));
    if (!failed) {
        p.fd = xctl_evtchn_fd(e);
        EQ(poll(&p, 1, 0), 0);
        EQ(xctl_evtchn_pending(e, &got), -EAGAIN);
        OK(xctl_evtchn_bind_interdomain(e, (domid_t)d, theirs, &ours));
        OK(xctl_domain_port_status(h, (domid_t)d, theirs, &st));
        EQ(st.status, EVTCHNSTAT_interdomain);
        EQ(st.u.interdomain.dom, 0);
        EQ(st.u.interdomain.port, ours);
        /* A new connection begins with an event. */
        EQ(poll(&p, 1, 2000), 1);
        OK(xctl_evtchn_pending(e, &got));
        EQ(got, ours);
        OK(xctl_evtchn_unmask(e, ours));
        OK(xctl_evtchn_notify(e, ours));
        adopted(e, ours);
        TRUE(xctl_evtchn_bind_interdomain(e, (domid_t)d, theirs, &got) < 0);
        OK(xctl_evtchn_unbind(e, ours));
        EQ(xctl_evtchn_unbind(e, ours), -ENOTCONN);
        OK(xctl_domain_port_status(h, (domid_t)d, theirs, &st));
        EQ(st.status, EVTCHNSTAT_unbound);
    }
    xctl_evtchn_close(e);
    destroy(d);
}

static void settings(void)
{
    struct xctl_tsc_info tsc = {.mode = 2}, got = {0};
    struct xctl_e820_entry map = {0, 4 << 20, 1};
    struct xctl_vnuma v = {0};
    unsigned int bits = 0;
    int d = make(), rc;

    if (d < 0)
        return;
    OK(xctl_domain_set_tsc(h, (domid_t)d, &tsc));
    OK(xctl_domain_get_tsc(h, (domid_t)d, &got));
    EQ(got.mode, 2);
    tsc.mode = 3;
    EQ(xctl_domain_set_tsc(h, (domid_t)d, &tsc), -EINVAL);
    OK(xctl_domain_set_address_size(h, (domid_t)d, 64));
    OK(xctl_domain_get_address_size(h, (domid_t)d, &bits));
    EQ(bits, 64);
    OK(xctl_domain_set_time_offset(h, (domid_t)d, 3600));
    OK(xctl_memory_set_map(h, (domid_t)d, &map, 1));
    EQ(xctl_memory_get_vnuma(h, (domid_t)d, &v), -EOPNOTSUPP);
    rc = xctl_hvm_set_param(h, (domid_t)d, HVM_PARAM_TIMER_MODE, 1);
    TRUE(rc == -EINVAL || rc == -ENOSYS); /* not for PV; a build without HVM has no such call */
    OK(xctl_allow_ioports(h, (domid_t)d, 0x200, 8, 1));
    OK(xctl_allow_ioports(h, (domid_t)d, 0x200, 8, 0));
    destroy(d);
}

static void scheduling(void)
{
    struct xen_domctl_sched_credit2 p = {0};
    unsigned int id = 0;
    int d = make();

    if (d < 0)
        return;
    OK(xctl_sched_id(h, &id));
    if (id == XEN_SCHEDULER_CREDIT2) {
        OK(xctl_sched_credit2_get(h, (domid_t)d, &p));
        EQ(p.weight, 256);
        p.weight = 512;
        OK(xctl_sched_credit2_set(h, (domid_t)d, &p));
        p.weight = 0;
        OK(xctl_sched_credit2_get(h, (domid_t)d, &p));
        EQ(p.weight, 512);
        EQ(xctl_sched_credit_get(h, (domid_t)d, (struct xen_domctl_sched_credit *)&p), -EINVAL);
    }
    destroy(d);
}

static void hypfs(void)
{
    struct xen_hypfs_direntry head = {.type = 99};
    char buf[4096];
    size_t size = 0;

    OK(xctl_hypfs_read(h, "/", &head, NULL, &size));
    EQ(head.type, XEN_HYPFS_TYPE_DIR);
    size = sizeof(buf);
    OK(xctl_hypfs_read(h, "/params", &head, buf, &size));
    EQ(head.type, XEN_HYPFS_TYPE_DIR);
    EQ(head.content_len, size);
    EQ(xctl_hypfs_read(h, "/none", &head, NULL, &size), -ENOENT);
    EQ(xctl_hypfs_write(h, "/none", "1", 2), -ENOENT);
    EQ(xctl_hypfs_write(h, "/params", "1", 2), -EACCES);
}

static void domain_policy(void)
{
    struct xen_cpuid_leaf leaves[128] = {{0}}, l = {0x1234, XEN_CPUID_NO_SUBLEAF, 0, 0, 0, 0};
    struct xctl_cpu_policy_culprit c = {0, 0, 0};
    struct xen_msr_entry msrs[8];
    uint32_t nr_leaves = 128, nr_msrs = 8;
    int d = make();

    if (d < 0)
        return;
    OK(xctl_domain_get_cpu_policy(h, (domid_t)d, leaves, &nr_leaves, msrs, &nr_msrs));
    TRUE(nr_leaves >= 2);
    OK(xctl_domain_set_cpu_policy(h, (domid_t)d, leaves, nr_leaves, NULL, 0, NULL));
    EQ(xctl_domain_set_cpu_policy(h, (domid_t)d, &l, 1, NULL, 0, &c), -ERANGE);
    EQ(c.leaf, 0x1234);
    destroy(d);
}

static void errors(void)
{
    char text[256];

    EQ(xctl_domain_pause(h, 32000), -ESRCH);
    EQ(xctl_error_count(h), 2);
    EQ(xctl_error_code(h, 0), -ESRCH);
    EQ(xctl_error_code(h, 1), -ESRCH);
    TRUE(xctl_error_format(h, text, sizeof(text)) < sizeof(text));
    TRUE(strstr(text, "cannot pause, domain 32000: domctl 3: ESRCH"));
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"version", version},
    {"host-info", host_info},
    {"host-topology", host_topology},
    {"host-cpu-policy", host_cpu_policy},
    {"host-console", host_console},
    {"pools", pools},
    {"life", life},
    {"bad-domains", bad_domains},
    {"wanted-id", wanted_id},
    {"lists", lists},
    {"shutdown-states", shutdown_states},
    {"vcpus", vcpus},
    {"memory", memory},
    {"foreign-memory", foreign_memory},
    {"page-types", page_types},
    {"grant-table", grant_table},
    {"granted-page", granted_page},
    {"event-channels", event_channels},
    {"settings", settings},
    {"scheduling", scheduling},
    {"hypfs", hypfs},
    {"domain-policy", domain_policy},
    {"errors", errors},
};

int main(int argc, char **argv)
{
    unsigned int bad = 0;
    int rc = xctl_open_why(argc > 1 ? argv[1] : NULL, &h, why, sizeof(why));

    if (rc) {
        printf("conformance: %s\n", why);
        return 2;
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        failed = false;
        cases[i].run();
        bad += failed;
        printf("%s %s%s%s\n", failed ? "FAIL" : "PASS", cases[i].name, failed ? ": " : "",
               failed ? why : "");
    }
    printf("CONFORMANCE passed=%zu failed=%u\n", sizeof(cases) / sizeof(cases[0]) - bad, bad);
    xctl_close(h);
    return bad ? 1 : 0;
}
