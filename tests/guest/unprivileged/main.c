/* SPDX-License-Identifier: MIT */
/*
 * A domain without any right: what it may do for itself, the error for all that is Dom0's, and that
 * nothing of it is left when it is gone.
 */
#include "guest.h"
#include <public/platform.h>
#include <public/sysctl.h>
#include <public/arch-x86/xen-mca.h>

#define physdev(cmd, arg) hypercall(physdev_op, PHYSDEVOP_##cmd, arg)

static void control_calls(void)
{
    static struct xen_sysctl sys;
    static struct xen_platform_op plat;
    static struct xen_mc mc;

    ctl_clear();
    CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 0), -XEN_EPERM);
    CHECK_EQ(domctl(XEN_DOMCTL_destroydomain, 0), -XEN_EPERM);
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0), -XEN_EPERM);
    sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    sys.cmd = XEN_SYSCTL_physinfo;
    CHECK_EQ(hypercall(sysctl, &sys), -XEN_EPERM);
    plat.interface_version = XENPF_INTERFACE_VERSION;
    plat.cmd = XENPF_settime64;
    CHECK_EQ(hypercall(platform_op, &plat), -XEN_EPERM);
    mc.interface_version = XEN_MCA_INTERFACE_VERSION;
    mc.cmd = XEN_MC_physcpuinfo;
    CHECK_EQ(hypercall(mca, &mc), -XEN_EPERM);
}

static void device_calls(void)
{
    static const unsigned int own[] = {
        PHYSDEVOP_apic_read,      PHYSDEVOP_apic_write,        PHYSDEVOP_alloc_irq_vector,
        PHYSDEVOP_setup_gsi,      PHYSDEVOP_manage_pci_add,    PHYSDEVOP_manage_pci_remove,
        PHYSDEVOP_pci_device_add, PHYSDEVOP_pci_device_remove, PHYSDEVOP_prepare_msix,
        PHYSDEVOP_release_msix,   PHYSDEVOP_pci_mmcfg_reserved};
    struct physdev_map_pirq m = {.domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 9};
    struct physdev_set_iopl iopl = {.iopl = 1};
    struct evtchn_bind_pirq b = {.pirq = 9};
    static uint64_t zeros[16];
    size_t i;

    for (i = 0; i < ARRAY_SIZE(own); i++)
        if (hypercall(physdev_op, own[i], zeros) != -XEN_EPERM)
            failure("physdev_op %u gives %ld", own[i], hypercall(physdev_op, own[i], zeros));
    m.pirq = 9;
    CHECK_EQ(physdev(map_pirq, &m), -XEN_EPERM);
    CHECK(hypercall(event_channel_op, EVTCHNOP_bind_pirq, &b) < 0);
    CHECK_EQ(physdev(set_iopl, &iopl), 0);
}

static void port_write(void *port)
{
    __asm__ volatile("outb %%al, %%dx" ::"a"(0xfe), "d"((uint16_t)(uintptr_t)port));
}

/* A guest kernel at virtual IOPL 1 may use the instructions; what they reach is nothing. */
static void ports(void)
{
    uint32_t val = 0;

    __asm__ volatile("inl %%dx, %%eax" : "=a"(val) : "d"((uint16_t)0xcfc));
    CHECK_EQ(val, ~0U);
    __asm__ volatile("inb %%dx, %%al" : "=a"(val) : "d"((uint16_t)0x71), "0"(0));
    CHECK_EQ(val & 0xff, 0xff);
    CHECK_EQ(catch_trap(port_write, (void *)0x64), -1);
}

static void console(void)
{
    char c;

    CHECK_EQ(hypercall(console_io, CONSOLEIO_read, 1, &c), -XEN_EPERM);
    CHECK_EQ(hypercall(console_io, 2, 1, &c), -XEN_EPERM);
}

static void others_things(void)
{
    struct evtchn_alloc_unbound a = {.dom = 0, .remote_dom = DOMID_SELF};
    struct evtchn_status st = {.dom = 0, .port = 1};
    struct evtchn_reset reset = {.dom = 0};
    struct gnttab_setup_table t = {.dom = 0, .nr_frames = 0};
    struct gnttab_query_size q = {.dom = 0};
    struct gnttab_get_version v = {.dom = 0};
    struct sched_remote_shutdown r = {.domain_id = 0, .reason = SHUTDOWN_poweroff};
    struct mmu_update u = {.ptr = 0x1000, .val = 0};
    struct mmuext_op ext = {.cmd = MMUEXT_PIN_L1_TABLE};

    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_alloc_unbound, &a), -XEN_EPERM);
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_status, &st), -XEN_EPERM);
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_reset, &reset), -XEN_EPERM);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_setup_table, &t, 1), 0);
    CHECK_EQ(t.status, GNTST_permission_denied);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_query_size, &q, 1), 0);
    CHECK_EQ(q.status, GNTST_permission_denied);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_get_version, &v, 1), -XEN_EPERM);
    CHECK_EQ(hypercall(sched_op, SCHEDOP_remote_shutdown, &r), -XEN_EPERM);
    CHECK(hypercall(mmu_update, &u, 1, 0, 0) < 0);
    CHECK(hypercall(mmuext_op, &ext, 1, 0, 0) < 0);
}

static void version_calls(void)
{
    static char text[1024];
    struct xen_feature_info f = {.submap_idx = 0};
    struct xen_build_id *id = NULL;

    CHECK_EQ(hypercall(xen_version, XENVER_get_features, &f), 0);
    CHECK_EQ(f.submap >> XENFEAT_dom0 & 1, 0);
    CHECK_EQ(hypercall(xen_version, XENVER_build_id, id), -XEN_EPERM);
    CHECK_EQ(hypercall(xen_version, XENVER_commandline, text), 0);
    CHECK(strstr(text, "console") == NULL);
    CHECK(hypercall(xen_version, XENVER_changeset, text) >= 0);
    CHECK_EQ(hypercall(xen_version, XENVER_pagesize, 0), PAGE_SIZE);
}

static void sched_calls(void)
{
    struct sched_pin_override pin = {.pcpu = 0};

    CHECK_EQ(hypercall(sched_op, SCHEDOP_pin_override, &pin), -XEN_EPERM);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_is_up, 0, 0), 1);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_is_up, 1, 0), -XEN_ENOENT);
    CHECK_EQ(hypercall(mmuext_op, &(struct mmuext_op){.cmd = MMUEXT_FLUSH_CACHE}, 1, 0, DOMID_SELF),
             -XEN_EACCES);
}

static void in_the_child(void)
{
    control_calls();
    device_calls();
    ports();
    console();
    others_things();
    version_calls();
    sched_calls();
    child_box.word[0] = 1;
}

void test_main(void)
{
    struct counts before;
    struct child c = {0};

    child_make(&c, in_the_child, 1);
    child_end(&c); /* the first time may leave caches of ours warm */
    counts_take(&before);
    child_start(&c, in_the_child, 1);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff);
    CHECK_EQ(c.box->word[0], 1);
    child_end(&c);
    CHECK_COUNTS(&before);
}
