/* SPDX-License-Identifier: MIT */
/*
 * multicall: results of each entry, order, a failing entry does not stop the
 * rest, no nesting, bad lists.
 */
#include "guest.h"

static void set(struct multicall_entry *e, unsigned long op, uint64_t a1, uint64_t a2)
{
    memset(e, 0, sizeof(*e));
    e->op = op;
    e->result = 0x7777;
    e->args[0] = a1;
    e->args[1] = a2;
}

static void check_results(void)
{
    static struct multicall_entry list[5];
    xen_extraversion_t extra = "";

    set(&list[0], __HYPERVISOR_xen_version, XENVER_version, 0);
    set(&list[1], 99, 0, 0);
    set(&list[2], __HYPERVISOR_multicall, (uintptr_t)list, 1);
    set(&list[3], __HYPERVISOR_xen_version, XENVER_extraversion, UNMAPPED);
    set(&list[4], __HYPERVISOR_xen_version, XENVER_extraversion, (uintptr_t)extra);
    CHECK_EQ(hypercall(multicall, list, 5), 0);
    CHECK_EQ(list[0].result, 0x40011);
    CHECK_EQ(list[1].result, -XEN_ENOSYS);
    CHECK_EQ(list[2].result, -XEN_EINVAL);
    CHECK_EQ(list[3].result, -XEN_EFAULT);
    CHECK_EQ(list[4].result, 0);
    CHECK(extra[0] != '\0');
    CHECK_EQ(list[4].op, __HYPERVISOR_xen_version);
    CHECK_EQ(list[4].args[1], (uintptr_t)extra);
}

static void check_many(void)
{
    static struct multicall_entry list[100];
    size_t i;

    for (i = 0; i < ARRAY_SIZE(list); i++)
        set(&list[i], __HYPERVISOR_xen_version, XENVER_pagesize, 0);
    CHECK_EQ(hypercall(multicall, list, ARRAY_SIZE(list)), 0);
    for (i = 0; i < ARRAY_SIZE(list); i++)
        CHECK_EQ(list[i].result, 4096);
}

/* The second entry's result cannot be stored: the first is done. */
static void check_bad_lists(void)
{
    char *page = page_alloc(), *next = page_alloc();
    struct multicall_entry *e = (void *)(next - sizeof(*e));

    NEED(next == page + PAGE_SIZE && map_va(next, 0) == 0);
    set(e, __HYPERVISOR_xen_version, XENVER_pagesize, 0);
    CHECK_EQ(hypercall(multicall, e, 2), -XEN_EFAULT);
    NEED(set_writable(next, true) == 0);
    CHECK_EQ(hypercall(multicall, UNMAPPED, 1), -XEN_EFAULT);
    CHECK_EQ(hypercall(multicall, HYPERVISOR_VIRT_START, 1), -XEN_EFAULT);
    CHECK_EQ(hypercall(multicall, NONCANON, 1), -XEN_EFAULT);
    CHECK_EQ(hypercall(multicall, 0, 0), 0);
}

static void check_read_only(void)
{
    struct multicall_entry *e = page_alloc();

    set(e, __HYPERVISOR_xen_version, XENVER_pagesize, 0);
    NEED(set_writable(e, false) == 0);
    CHECK_EQ(hypercall(multicall, e, 1), -XEN_EFAULT);
    CHECK_EQ(e->result, 0x7777);
}

void test_main(void)
{
    check_results();
    check_many();
    check_bad_lists();
    check_read_only();
    success();
}
