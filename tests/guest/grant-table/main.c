/* SPDX-License-Identifier: MIT */
/*
 * Grant tables, version 1, with the domain as its own peer: set-up, mapping
 * by address and by entry, rights, copies, and a status for each mistake.
 */
#include "guest.h"

#define REF 8

static struct grant_entry_v1 *table;
static char *granted, *target;

static void grant(unsigned int ref, const void *page, unsigned int flags)
{
    table[ref].domid = 0;
    table[ref].frame = (uint32_t)mfn_of(page);
    barrier();
    *(volatile uint16_t *)&table[ref].flags = (uint16_t)(GTF_permit_access | flags);
}

static void check_setup(void)
{
    struct gnttab_query_size q = {.dom = DOMID_SELF};
    struct gnttab_setup_table s = {.dom = DOMID_SELF, .nr_frames = 1};
    xen_pfn_t frames[1] = {0};

    s.frame_list = (uintptr_t)frames;
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_query_size, &q, 1), 0);
    CHECK_EQ(q.status, GNTST_okay);
    CHECK(q.max_nr_frames >= 1 && q.nr_frames <= q.max_nr_frames);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_okay);
    NEED(frames[0] != 0);
    table = page_alloc();
    NEED(map_va(table, frames[0] * PAGE_SIZE | PTE_KERN) == 0);
    s.nr_frames = 100000;
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_general_error);
    s.dom = 0x1234;
    s.nr_frames = 1;
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_bad_domain);
}

static struct gnttab_map_grant_ref last_map;

static int do_map(uint64_t addr, unsigned int flags, uint32_t ref)
{
    last_map = (struct gnttab_map_grant_ref){
        .host_addr = addr, .flags = flags, .ref = ref, .dom = 0, .status = 77};
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_map_grant_ref, &last_map, 1), 0);
    return last_map.status;
}

static int do_unmap(uint64_t addr, uint32_t handle)
{
    struct gnttab_unmap_grant_ref u = {.host_addr = addr, .handle = handle, .status = 77};

    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1), 0);
    return u.status;
}

static void check_map(void)
{
    uint64_t at = (uintptr_t)target;

    granted[0] = 'g';
    grant(REF, granted, 0);
    CHECK_EQ(do_map(at, GNTMAP_host_map, REF), GNTST_okay);
    CHECK_EQ(last_map.dev_bus_addr, mfn_of(granted) * PAGE_SIZE);
    CHECK_EQ(*(volatile char *)target, 'g');
    CHECK_EQ(table[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
    CHECK_EQ(try_write(at, 'h'), -1);
    CHECK_EQ(granted[0], 'h');
    CHECK_EQ(do_unmap(at + PAGE_SIZE, last_map.handle), GNTST_general_error);
    CHECK_EQ(do_unmap(at, last_map.handle), GNTST_okay);
    CHECK_EQ(table[REF].flags, GTF_permit_access);
    CHECK_EQ(try_read(at, NULL), VEC_PF);
    CHECK_EQ(do_unmap(at, last_map.handle), GNTST_bad_handle);
}

static void check_readonly(void)
{
    uint64_t at = (uintptr_t)target;

    CHECK_EQ(do_map(at, GNTMAP_host_map | GNTMAP_readonly, REF), GNTST_okay);
    CHECK_EQ(table[REF].flags, GTF_permit_access | GTF_reading);
    CHECK_EQ(try_write(at, 1), VEC_PF);
    CHECK_EQ(do_unmap(at, last_map.handle), GNTST_okay);
    grant(REF, granted, GTF_readonly);
    CHECK_EQ(do_map(at, GNTMAP_host_map, REF), GNTST_general_error);
    CHECK_EQ(do_map(at, GNTMAP_host_map | GNTMAP_readonly, REF), GNTST_okay);
    CHECK_EQ(do_unmap(at, last_map.handle), GNTST_okay);
    grant(REF, granted, 0);
}

static void check_contains_pte(void)
{
    uint64_t *leaf = entry_of((uintptr_t)target, 1);
    uint64_t at = entry_maddr(leaf);
    unsigned int flags = GNTMAP_host_map | GNTMAP_contains_pte | GNTMAP_application_map;

    CHECK_EQ(do_map(at, flags | 1U << _GNTMAP_guest_avail0, REF), GNTST_okay);
    CHECK_EQ((*leaf & PTE_ADDR) >> 12, mfn_of(granted));
    CHECK_EQ(*leaf >> 9 & 7, 1);
    CHECK_EQ(do_unmap(at, last_map.handle), GNTST_okay);
    CHECK_EQ(*leaf, 0);
    CHECK(do_map(mfn_of(granted) * PAGE_SIZE, flags, REF) != GNTST_okay);
    CHECK(do_map(PTE_ADDR, flags, REF) != GNTST_okay);
}

static void check_map_misuse(void)
{
    uint64_t at = (uintptr_t)target;
    struct gnttab_map_grant_ref m = {.host_addr = at, .flags = GNTMAP_host_map, .dom = 0x1234};

    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_map_grant_ref, &m, 1), 0);
    CHECK_EQ(m.status, GNTST_bad_domain);
    CHECK_EQ(do_map(at, GNTMAP_host_map, 1000000), GNTST_bad_gntref);
    CHECK_EQ(do_map(at, GNTMAP_host_map, REF + 1), GNTST_general_error);
    CHECK_EQ(do_map(at, 0, REF), GNTST_bad_gntref);
    CHECK_EQ(do_map(UNMAPPED, GNTMAP_host_map, REF), GNTST_general_error);
    CHECK_EQ(do_map(HYPERVISOR_VIRT_START, GNTMAP_host_map, REF), GNTST_general_error);
    CHECK_EQ(table[REF].flags, GTF_permit_access);
    /* A page table cannot be granted writable, a frame of nobody not at all. */
    grant(REF + 1, (void *)start_info->pt_base, 0);
    CHECK(do_map(at, GNTMAP_host_map, REF + 1) != GNTST_okay);
    CHECK_EQ(table[REF + 1].flags, GTF_permit_access);
    table[REF + 1].frame = 0xfffffff0;
    CHECK(do_map(at, GNTMAP_host_map, REF + 1) != GNTST_okay);
    table[REF + 1].domid = 5;
    CHECK_EQ(do_map(at, GNTMAP_host_map, REF + 1), GNTST_general_error);
    table[REF + 1].flags = 0;
    CHECK_EQ(do_unmap(at, 0xffff), GNTST_bad_handle);
    CHECK_EQ(do_unmap(at, ~0U), GNTST_bad_handle);
}

static int do_copy(unsigned int flags, uint32_t ref, unsigned int from, unsigned int to,
                   unsigned int len)
{
    struct gnttab_copy c = {.len = (uint16_t)len, .flags = (uint16_t)flags, .status = 77};

    c.source.domid = c.dest.domid = DOMID_SELF;
    c.source.offset = (uint16_t)from;
    c.dest.offset = (uint16_t)to;
    if (flags & GNTCOPY_source_gref)
        c.source.u.ref = ref;
    else
        c.source.u.gmfn = mfn_of(granted);
    if (flags & GNTCOPY_dest_gref)
        c.dest.u.ref = ref;
    else
        c.dest.u.gmfn = mfn_of(target);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_copy, &c, 1), 0);
    return c.status;
}

static void check_copy(void)
{
    NEED(set_writable(target, true) == 0);
    memcpy(granted + 100, "copied", 7);
    CHECK_EQ(do_copy(GNTCOPY_source_gref, REF, 100, 200, 7), GNTST_okay);
    CHECK_EQ(memcmp(target + 200, "copied", 7), 0);
    CHECK_EQ(table[REF].flags, GTF_permit_access);
    CHECK_EQ(do_copy(0, 0, 100, 300, 7), GNTST_okay);
    CHECK_EQ(memcmp(target + 300, "copied", 7), 0);
    CHECK_EQ(do_copy(GNTCOPY_source_gref, REF, 0, 0, PAGE_SIZE), GNTST_okay);
    CHECK_EQ(do_copy(GNTCOPY_source_gref, REF, 4090, 0, 7), GNTST_bad_copy_arg);
    CHECK_EQ(do_copy(GNTCOPY_source_gref, REF, 0, 4090, 7), GNTST_bad_copy_arg);
    CHECK_EQ(do_copy(GNTCOPY_source_gref, REF, 5000, 0, 1), GNTST_bad_copy_arg);
    CHECK_EQ(do_copy(GNTCOPY_source_gref, REF, 0xffff, 0, 0xffff), GNTST_bad_copy_arg);
    CHECK_EQ(do_copy(GNTCOPY_source_gref, 1000000, 0, 0, 1), GNTST_bad_gntref);
    CHECK_EQ(do_copy(GNTCOPY_source_gref, REF + 1, 0, 0, 1), GNTST_general_error);
    grant(REF + 1, target, GTF_readonly);
    CHECK_EQ(do_copy(GNTCOPY_dest_gref, REF + 1, 0, 0, 1), GNTST_general_error);
    table[REF + 1].flags = 0;
}

static void check_op_misuse(void)
{
    struct gnttab_query_size q = {.dom = DOMID_SELF};

    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_map_grant_ref, UNMAPPED, 1), -XEN_EFAULT);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_copy, UNMAPPED, 1), -XEN_EFAULT);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_setup_table, UNMAPPED, 1), -XEN_EFAULT);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_query_size, &q, 2), -XEN_EINVAL);
    CHECK_EQ(hypercall(grant_table_op, 13, &q, 1), -XEN_ENOSYS);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_copy, &q, -1), -XEN_EINVAL);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_map_grant_ref, UNMAPPED, 0), 0);
}

void test_main(void)
{
    granted = page_alloc();
    target = page_alloc();
    page_alloc();
    check_setup();
    NEED(map_va(target, 0) == 0);
    check_map();
    check_readonly();
    check_contains_pte();
    check_map_misuse();
    check_copy();
    check_op_misuse();
    success();
}
