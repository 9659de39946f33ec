/* SPDX-License-Identifier: MIT */
/*
 * physdev_op as Dom0: privilege level and port bitmap, GSI set-up and binding,
 * mistakes with pirqs, commands that do not exist.
 */
#include "guest.h"

#define op(cmd, arg) hypercall(physdev_op, PHYSDEVOP_##cmd, arg)

static void check_iopl(void)
{
    struct physdev_set_iopl s;
    unsigned int level;

    for (level = 0; level < 4; level++) {
        s.iopl = level;
        CHECK_EQ(op(set_iopl, &s), 0);
    }
    s.iopl = 4;
    CHECK_EQ(op(set_iopl, &s), -XEN_EINVAL);
    s.iopl = ~0U;
    CHECK_EQ(op(set_iopl, &s), -XEN_EINVAL);
    CHECK_EQ(op(set_iopl, UNMAPPED), -XEN_EFAULT);
    s.iopl = 0;
    CHECK_EQ(op(set_iopl, &s), 0);
}

static void check_bitmap(void)
{
    struct physdev_set_iobitmap b = {.bitmap = (uintptr_t)page_alloc(), .nr_ports = 65536};

    CHECK_EQ(op(set_iobitmap, &b), 0);
    b.nr_ports = 65537;
    CHECK_EQ(op(set_iobitmap, &b), -XEN_EINVAL);
    b = (struct physdev_set_iobitmap){.bitmap = HYPERVISOR_VIRT_START, .nr_ports = 8};
    CHECK_EQ(op(set_iobitmap, &b), -XEN_EINVAL);
    b = (struct physdev_set_iobitmap){.bitmap = 0, .nr_ports = 0};
    CHECK_EQ(op(set_iobitmap, &b), 0);
}

static void check_ioapic(void)
{
    struct physdev_apic a = {.apic_physbase = 0xfec00000, .reg = 1};

    CHECK_EQ(op(apic_read, &a), 0);
    CHECK_EQ(a.value >> 16 & 0xff, 23);
    a.apic_physbase = 0x12345000;
    CHECK_EQ(op(apic_read, &a), -XEN_EINVAL);
    CHECK_EQ(op(apic_read, UNMAPPED), -XEN_EFAULT);
}

static struct physdev_map_pirq gsi_map(int gsi, int pirq)
{
    return (struct physdev_map_pirq){
        .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = gsi, .pirq = pirq};
}

static void check_gsi(void)
{
    struct physdev_setup_gsi g = {.gsi = 11, .triggering = 1, .polarity = 1};
    struct physdev_map_pirq m = gsi_map(11, 11);
    struct physdev_irq_status_query q = {.irq = 11};
    struct evtchn_bind_pirq b = {.pirq = 11, .flags = BIND_PIRQ__WILL_SHARE};
    struct evtchn_close c;
    struct physdev_eoi eoi = {.irq = 11};

    CHECK_EQ(op(map_pirq, &m), 0);
    CHECK_EQ(m.pirq, 11);
    CHECK_EQ(op(map_pirq, &m), 0);
    CHECK_EQ(op(setup_gsi, &g), 0);
    CHECK_EQ(op(setup_gsi, &g), -XEN_EEXIST);
    CHECK_EQ(op(irq_status_query, &q), 0);
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_bind_pirq, &b), 0);
    c.port = b.port;
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_bind_pirq, &b), -XEN_EEXIST);
    CHECK_EQ(op(eoi, &eoi), 0);
    CHECK_EQ(hypercall(event_channel_op, EVTCHNOP_close, &c), 0);
}

static void check_pirq_misuse(void)
{
    struct physdev_map_pirq m = gsi_map(5000, -1);
    struct physdev_unmap_pirq u = {.domid = DOMID_SELF, .pirq = 100000};
    struct physdev_eoi eoi = {.irq = 100000};
    struct physdev_irq_status_query q = {.irq = 100000};
    struct physdev_setup_gsi g = {.gsi = 5000};

    CHECK_EQ(op(map_pirq, &m), -XEN_EINVAL);
    m = gsi_map(10, 100000);
    CHECK_EQ(op(map_pirq, &m), -XEN_EINVAL);
    m = gsi_map(10, 10);
    m.type = 77;
    CHECK_EQ(op(map_pirq, &m), -XEN_EINVAL);
    m.type = MAP_PIRQ_TYPE_GSI;
    m.domid = 0x1234;
    CHECK_EQ(op(map_pirq, &m), -XEN_ESRCH);
    CHECK_EQ(op(map_pirq, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(op(unmap_pirq, &u), -XEN_EINVAL);
    u.pirq = -5;
    CHECK_EQ(op(unmap_pirq, &u), -XEN_EINVAL);
    u = (struct physdev_unmap_pirq){.domid = 0x1234, .pirq = 1};
    CHECK_EQ(op(unmap_pirq, &u), -XEN_ESRCH);
    CHECK_EQ(op(eoi, &eoi), -XEN_EINVAL);
    CHECK_EQ(op(irq_status_query, &q), -XEN_EINVAL);
    CHECK_EQ(op(setup_gsi, &g), -XEN_EINVAL);
}

static void check_eoi_page(void)
{
    struct physdev_pirq_eoi_gmfn e = {.gmfn = PTE_ADDR >> 12};
    void *page = page_alloc();

    CHECK_EQ(op(pirq_eoi_gmfn_v2, &e), -XEN_EINVAL);
    e.gmfn = mfn_of((void *)start_info->pt_base);
    CHECK_EQ(op(pirq_eoi_gmfn_v2, &e), -XEN_EINVAL);
    e.gmfn = mfn_of(page);
    CHECK_EQ(op(pirq_eoi_gmfn_v2, &e), 0);
    CHECK_EQ(op(pirq_eoi_gmfn_v2, &e), -XEN_EBUSY);
}

static void check_unknown(void)
{
    static const unsigned int unknown[] = {0, 1, 32, 255, 0x7fffffff};
    size_t i;

    for (i = 0; i < ARRAY_SIZE(unknown); i++)
        if (hypercall(physdev_op, unknown[i], 0) != -XEN_ENOSYS)
            failure("command %u gives %ld", unknown[i], hypercall(physdev_op, unknown[i], 0));
}

void test_main(void)
{
    check_iopl();
    check_bitmap();
    check_ioapic();
    check_gsi();
    check_pirq_misuse();
    check_eoi_page();
    check_unknown();
    success();
}
