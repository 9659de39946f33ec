/* SPDX-License-Identifier: MIT */
/*
 * What domctl answers before an operation does anything: versions, unknown
 * numbers and domains, the caller's own domain; and which domains can be made.
 * Every number is tried with an argument of zeros, and has to answer what
 * Debian's 4.17 answered.
 */
#include "guest.h"

/* For the caller itself, a domain without vCPUs, one with two. */
struct answers {
    unsigned int cmd;
    int self, empty, full;
};

#define ALL(cmd, rc)    \
    {                   \
        cmd, rc, rc, rc \
    }
#define OTHERS(cmd, rc)          \
    {                            \
        cmd, -XEN_EINVAL, rc, rc \
    }

static const struct answers table[] = {
    OTHERS(XEN_DOMCTL_destroydomain, 0),
    OTHERS(XEN_DOMCTL_pausedomain, 0),
    OTHERS(XEN_DOMCTL_unpausedomain, 0),
    ALL(XEN_DOMCTL_getdomaininfo, 0),
    {XEN_DOMCTL_setvcpuaffinity, -XEN_EINVAL, -XEN_ESRCH, -XEN_EINVAL},
    {XEN_DOMCTL_getvcpuaffinity, -XEN_EINVAL, -XEN_ESRCH, -XEN_EINVAL},
    /* 0 is "off": the reference is built without log-dirty and has -EINVAL for all. */
    {XEN_DOMCTL_shadow_op, -XEN_EINVAL, -XEN_EINVAL, 0},
    {XEN_DOMCTL_setvcpucontext, -XEN_EINVAL, -XEN_EINVAL, 0},
    {XEN_DOMCTL_getvcpucontext, -XEN_EINVAL, -XEN_EINVAL, -XEN_ENODATA},
    {XEN_DOMCTL_getvcpuinfo, 0, -XEN_ESRCH, 0},
    ALL(XEN_DOMCTL_max_vcpus, -XEN_EINVAL),
    ALL(XEN_DOMCTL_scheduler_op, -XEN_EINVAL),
    ALL(XEN_DOMCTL_setdomainhandle, 0),
    OTHERS(XEN_DOMCTL_setdebugging, 0),
    ALL(XEN_DOMCTL_irq_permission, -XEN_EPERM),
    ALL(XEN_DOMCTL_iomem_permission, -XEN_EPERM),
    ALL(XEN_DOMCTL_ioport_permission, -XEN_EINVAL),
    ALL(XEN_DOMCTL_hypercall_init, -XEN_EINVAL),
    ALL(XEN_DOMCTL_settimeoffset, 0),
    ALL(XEN_DOMCTL_real_mode_area, -XEN_ENOSYS),
    OTHERS(XEN_DOMCTL_resumedomain, 0),
    ALL(XEN_DOMCTL_subscribe, 0),
    ALL(XEN_DOMCTL_gethvmcontext, -XEN_EINVAL),
    ALL(XEN_DOMCTL_sethvmcontext, -XEN_EINVAL),
    ALL(XEN_DOMCTL_gethvmcontext_partial, -XEN_EINVAL),
    ALL(XEN_DOMCTL_set_address_size, -XEN_EINVAL),
    ALL(XEN_DOMCTL_get_address_size, 0),
    ALL(XEN_DOMCTL_assign_device, -XEN_EOPNOTSUPP),
    ALL(XEN_DOMCTL_test_assign_device, -XEN_EOPNOTSUPP),
    ALL(XEN_DOMCTL_deassign_device, -XEN_EOPNOTSUPP),
    ALL(XEN_DOMCTL_get_device_group, -XEN_EOPNOTSUPP),
    ALL(XEN_DOMCTL_bind_pt_irq, -XEN_EINVAL),
    ALL(XEN_DOMCTL_unbind_pt_irq, -XEN_EINVAL),
    ALL(XEN_DOMCTL_memory_mapping, -XEN_EINVAL),
    ALL(XEN_DOMCTL_ioport_mapping, -XEN_EOPNOTSUPP),
    {XEN_DOMCTL_set_ext_vcpucontext, -XEN_ESRCH, -XEN_ESRCH, -XEN_EINVAL},
    {XEN_DOMCTL_get_ext_vcpucontext, -XEN_ESRCH, -XEN_ESRCH, 0},
    ALL(XEN_DOMCTL_set_opt_feature, -XEN_ENOSYS),
    {XEN_DOMCTL_set_target, -XEN_EINVAL, -XEN_EOPNOTSUPP, -XEN_EOPNOTSUPP},
    ALL(XEN_DOMCTL_debug_op, -XEN_EINVAL),
    {XEN_DOMCTL_vm_event_op, -XEN_EINVAL, -XEN_EINVAL, -XEN_ENOSYS},
    ALL(XEN_DOMCTL_mem_sharing_op, -XEN_ENOSYS),
    ALL(XEN_DOMCTL_getpageframeinfo3, 0),
    {XEN_DOMCTL_set_access_required, -XEN_EPERM, 0, 0},
    ALL(XEN_DOMCTL_audit_p2m, -XEN_ENOSYS),
    ALL(XEN_DOMCTL_set_virq_handler, -XEN_EINVAL),
    ALL(XEN_DOMCTL_set_broken_page_p2m, -XEN_EINVAL),
    ALL(XEN_DOMCTL_setnodeaffinity, -XEN_EINVAL),
    ALL(XEN_DOMCTL_getnodeaffinity, 0),
    ALL(XEN_DOMCTL_cacheflush, -XEN_ENOSYS),
    ALL(XEN_DOMCTL_setvnumainfo, -XEN_EINVAL),
    ALL(XEN_DOMCTL_psr_cmt_op, -XEN_ENODEV),
    ALL(XEN_DOMCTL_psr_alloc, -XEN_ENODEV),
    {XEN_DOMCTL_monitor_op, -XEN_EPERM, -XEN_EOPNOTSUPP, -XEN_EOPNOTSUPP},
    ALL(XEN_DOMCTL_soft_reset, -XEN_EINVAL),
    ALL(XEN_DOMCTL_vuart_op, -XEN_ENOSYS),
    ALL(XEN_DOMCTL_vmtrace_op, -XEN_EINVAL),
    ALL(XEN_DOMCTL_get_paging_mempool_size, -XEN_EOPNOTSUPP),
    ALL(XEN_DOMCTL_set_paging_mempool_size, -XEN_EOPNOTSUPP),
    ALL(XEN_DOMCTL_gdbsx_guestmemio, -XEN_ENOSYS),
    ALL(XEN_DOMCTL_gdbsx_pausevcpu, -XEN_ENOSYS),
    ALL(XEN_DOMCTL_gdbsx_unpausevcpu, -XEN_ENOSYS),
    ALL(XEN_DOMCTL_gdbsx_domstatus, -XEN_ENOSYS),
    /* Numbers that were something once, and some that never were. */
    ALL(0, -XEN_ENOSYS),
    ALL(6, -XEN_ENOSYS),
    ALL(7, -XEN_ENOSYS),
    ALL(8, -XEN_ENOSYS),
    ALL(30, -XEN_ENOSYS),
    ALL(31, -XEN_ENOSYS),
    ALL(32, -XEN_ENOSYS),
    ALL(41, -XEN_ENOSYS),
    ALL(49, -XEN_ENOSYS),
    ALL(51, -XEN_ENOSYS),
    ALL(52, -XEN_ENOSYS),
    ALL(53, -XEN_ENOSYS),
    ALL(58, -XEN_ENOSYS),
    ALL(70, -XEN_ENOSYS),
    ALL(76, -XEN_ENOSYS),
    ALL(80, -XEN_ENOSYS),
    ALL(87, -XEN_ENOSYS),
    ALL(1004, -XEN_ENOSYS),
    ALL(0xffffffff, -XEN_ENOSYS),
};

#define NOBODY 777

static void expect(unsigned int cmd, const char *whom, long got, long expected)
{
    if (got != expected)
        failure("domctl %u on %s: %ld instead of %ld", cmd, whom, got, expected);
}

static void check_table(void)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(table); i++) {
        const struct answers *a = &table[i];
        domid_t empty = domain_make(2, false), full = domain_make(2, true);
        bool walks = a->cmd == XEN_DOMCTL_getdomaininfo;

        expect(a->cmd, "self", domctl_plain(a->cmd, 0), a->self);
        expect(a->cmd, "empty", domctl_plain(a->cmd, empty), a->empty);
        expect(a->cmd, "full", domctl_plain(a->cmd, full), a->full);
        expect(a->cmd, "nobody", domctl_plain(a->cmd, NOBODY), -XEN_ESRCH);
        expect(a->cmd, "DOMID_SELF", domctl_plain(a->cmd, DOMID_SELF),
               walks ? -XEN_EINVAL : -XEN_ESRCH);
        expect(a->cmd, "DOMID_IDLE", domctl_plain(a->cmd, DOMID_IDLE),
               walks ? -XEN_EINVAL : -XEN_ESRCH);
        if (a->cmd != XEN_DOMCTL_destroydomain) {
            domain_end(empty);
            domain_end(full);
        }
    }
    expect(XEN_DOMCTL_test_assign_device, "DOMID_INVALID",
           domctl_plain(XEN_DOMCTL_test_assign_device, DOMID_INVALID), -XEN_EOPNOTSUPP);
}

static void check_envelope(void)
{
    CHECK_EQ(hypercall(domctl, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(domctl, 0xffff800000000000UL), -XEN_EFAULT);
    ctl_clear();
    ctl.cmd = XEN_DOMCTL_getdomaininfo;
    ctl.interface_version = XEN_DOMCTL_INTERFACE_VERSION - 1;
    CHECK_EQ(hypercall(domctl, &ctl), -XEN_EACCES);
    ctl.cmd = 0;
    ctl.domain = NOBODY;
    CHECK_EQ(hypercall(domctl, &ctl), -XEN_EACCES);
}

/* Makes a domain with one thing different. */
#define CREATE(expected, change)                                 \
    do {                                                         \
        struct xen_domctl_createdomain *c = &ctl.u.createdomain; \
        ctl_fill_create(2);                                      \
        change;                                                  \
        check_create(__LINE__, #change, expected);               \
    } while (0)

static void check_create(int line, const char *what, long expected)
{
    long rc = domctl(XEN_DOMCTL_createdomain, 0);

    check_eq(line, what, rc, expected);
    if (!rc)
        domain_end(ctl.domain);
}

static void check_config(void)
{
    CREATE(0, (void)c);
    CREATE(-XEN_EINVAL, c->flags = XEN_DOMCTL_CDF_hap);
    CREATE(-XEN_EINVAL, c->flags = XEN_DOMCTL_CDF_s3_integrity);
    CREATE(0, c->flags = XEN_DOMCTL_CDF_oos_off);
    CREATE(0, c->flags = XEN_DOMCTL_CDF_xs_domain);
    CREATE(-XEN_EINVAL, c->flags = XEN_DOMCTL_CDF_iommu);
    CREATE(-XEN_EINVAL, c->flags = XEN_DOMCTL_CDF_nested_virt);
    CREATE(-XEN_EINVAL, c->flags = XEN_DOMCTL_CDF_vpmu);
    CREATE(-XEN_EINVAL, c->flags = XEN_DOMCTL_CDF_MAX << 1);
    CREATE(-XEN_EINVAL, c->iommu_opts = XEN_DOMCTL_IOMMU_no_sharept);
    CREATE(-XEN_EINVAL, c->iommu_opts = 2);
    CREATE(-XEN_EINVAL, c->max_vcpus = 0);
    CREATE(0, c->max_vcpus = 129);
    CREATE(0, c->max_vcpus = 8192);
    CREATE(-XEN_EINVAL, c->max_vcpus = 8193);
    CREATE(0, c->max_evtchn_port = 0);
    CREATE(0, c->max_evtchn_port = ~0U);
    CREATE(-XEN_EINVAL, c->max_grant_frames = 0);
    CREATE(0, c->max_grant_frames = 1);
    CREATE(-XEN_EINVAL, c->max_grant_frames = 65);
    CREATE(-XEN_EINVAL, c->max_grant_frames = 0x7fffffff);
    CREATE(0, c->max_grant_frames = -2);
    CREATE(0, c->max_maptrack_frames = 0);
    CREATE(-XEN_EINVAL, c->max_maptrack_frames = 1025);
    CREATE(-XEN_EINVAL, c->grant_opts = 0);
    CREATE(0, c->grant_opts = 2);
    CREATE(-XEN_EINVAL, c->grant_opts = 3);
    CREATE(-XEN_EINVAL, c->grant_opts = 0x11);
    CREATE(-XEN_EINVAL, c->vmtrace_size = PAGE_SIZE);
    CREATE(-XEN_ESRCH, c->cpupool_id = 1);
    CREATE(0, c->ssidref = 7);
    for (unsigned int bit = 0; bit < 11; bit++)
        CREATE(bit == 8 ? 0 : -XEN_EOPNOTSUPP, c->arch.emulation_flags = 1U << bit);
    CREATE(-XEN_EINVAL, c->arch.emulation_flags = 1U << 11);
    CREATE(0, c->arch.misc_flags = XEN_X86_MSR_RELAXED);
    CREATE(-XEN_EINVAL, c->arch.misc_flags = 2);
}

static domid_t make_as(unsigned int wanted, long expected)
{
    ctl_fill_create(1);
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, wanted), expected);
    return ctl.domain;
}

static void check_ids(void)
{
    domid_t a = make_as(0, 0), b = make_as(0x100, 0), c = make_as(DOMID_FIRST_RESERVED - 1, 0),
            d = make_as(DOMID_FIRST_RESERVED, 0), e = make_as(0xffff, 0);

    CHECK(a != 0 && d != 0 && e != 0 && d != a && e != d);
    CHECK_EQ(b, 0x100);
    CHECK_EQ(c, DOMID_FIRST_RESERVED - 1);
    make_as(b, -XEN_EEXIST);
    domain_end(b);
    CHECK_EQ(make_as(b, 0), b);
    /* The domain asked for, or the next. */
    CHECK_EQ(domctl_plain(XEN_DOMCTL_getdomaininfo, 0x101), 0);
    CHECK_EQ(ctl.domain, c);
    CHECK_EQ(ctl.u.getdomaininfo.domain, c);
    domain_end(a);
    domain_end(b);
    domain_end(c);
    domain_end(d);
    domain_end(e);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_destroydomain, e), -XEN_ESRCH);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_getdomaininfo, 0x101), -XEN_ESRCH);
}

static void check_new_domain(void)
{
    const struct xen_domctl_getdomaininfo *info;
    domid_t id;

    ctl_fill_create(3);
    ctl.u.createdomain.handle[5] = 0x5a;
    ctl.u.createdomain.arch.emulation_flags = XEN_X86_EMU_PIT;
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0), 0);
    id = ctl.domain;
    info = domain_info(id);
    CHECK_EQ(info->flags, XEN_DOMINF_paused | 0xffff0000U);
    CHECK_EQ(info->max_vcpu_id, XEN_INVALID_MAX_VCPU_ID);
    CHECK_EQ(info->nr_online_vcpus, 0);
    CHECK_EQ(info->tot_pages, 0);
    CHECK_EQ(info->max_pages, 0);
    CHECK_EQ(info->handle[5], 0x5a);
    CHECK_EQ(info->cpu_time, 0);
    CHECK_EQ(info->arch_config.emulation_flags, XEN_X86_EMU_PIT);
    CHECK(info->shared_info_frame != 0);
    for (unsigned int max = 2; max <= 4; max++) {
        ctl_clear();
        ctl.u.max_vcpus.max = max;
        CHECK_EQ(domctl(XEN_DOMCTL_max_vcpus, id), max == 3 ? 0 : -XEN_EINVAL);
    }
    ctl_clear();
    ctl.u.max_vcpus.max = 3;
    CHECK_EQ(domctl(XEN_DOMCTL_max_vcpus, id), 0); /* they are all there already */
    info = domain_info(id);
    CHECK_EQ(info->max_vcpu_id, 2);
    CHECK_EQ(info->nr_online_vcpus, 0);
    domain_end(id);
    id = domain_make(300, true);
    CHECK_EQ(domain_info(id)->max_vcpu_id, 299);
    domain_end(id);
}

void test_main(void)
{
    check_envelope();
    check_table();
    check_config();
    check_ids();
    check_new_domain();
    success();
}
