/* SPDX-License-Identifier: MIT */
/*
 * Grant tables, version 2 and what surrounds it, with the domain as its own peer: changing the
 * version both ways with entries in use, status pages, grants of a part of a page, swapping,
 * replacing a mapping, flushing caches, transfer, sizes, and the errors of 4.17.
 */
#include "guest.h"

#define REF              20
#define gnt(cmd, arg, n) hypercall(grant_table_op, GNTTABOP_##cmd, arg, n)

static union grant_entry_v2 *v2;
static struct grant_entry_v1 *v1;
static grant_status_t *status;
static char *granted, *target, *other;

static long set_version(uint32_t version, uint32_t *ret_version)
{
    struct gnttab_set_version op = {.version = version};
    long rc = gnt(set_version, &op, 1);

    if (ret_version)
        *ret_version = op.version;
    return rc;
}

static uint32_t get_version(void)
{
    struct gnttab_get_version op = {.dom = DOMID_SELF, .version = 77};

    CHECK_EQ(gnt(get_version, &op, 1), 0);
    return op.version;
}

static void map_table(unsigned int nr)
{
    struct gnttab_setup_table s = {.dom = DOMID_SELF, .nr_frames = nr};
    xen_pfn_t frames[8] = {0};

    s.frame_list = (uintptr_t)frames;
    NEED(gnt(setup_table, &s, 1) == 0 && s.status == GNTST_okay);
    NEED(map_va(v2, frames[0] * PAGE_SIZE | PTE_KERN) == 0);
}

static int status_frames(unsigned int nr, uint64_t *ret_frames)
{
    struct gnttab_get_status_frames op = {.nr_frames = nr, .dom = DOMID_SELF, .status = 77};

    op.frame_list = (uintptr_t)ret_frames;
    CHECK_EQ(gnt(get_status_frames, &op, 1), 0);
    return op.status;
}

static struct gnttab_map_grant_ref last_map;

static int do_map(uint64_t addr, unsigned int flags, uint32_t ref)
{
    last_map = (struct gnttab_map_grant_ref){
        .host_addr = addr, .flags = flags, .ref = ref, .dom = 0, .status = 77};
    CHECK_EQ(gnt(map_grant_ref, &last_map, 1), 0);
    return last_map.status;
}

static int do_unmap(uint64_t addr, uint64_t dev_addr, uint32_t handle)
{
    struct gnttab_unmap_grant_ref u = {
        .host_addr = addr, .dev_bus_addr = dev_addr, .handle = handle, .status = 77};

    CHECK_EQ(gnt(unmap_grant_ref, &u, 1), 0);
    return u.status;
}

static int do_copy(uint32_t ref, unsigned int from, unsigned int len)
{
    struct gnttab_copy c = {.len = (uint16_t)len, .flags = GNTCOPY_source_gref, .status = 77};

    c.source.domid = c.dest.domid = DOMID_SELF;
    c.source.offset = (uint16_t)from;
    c.source.u.ref = ref;
    c.dest.u.gmfn = mfn_of(other);
    CHECK_EQ(gnt(copy, &c, 1), 0);
    return c.status;
}

static void check_versions(void)
{
    uint64_t frame = 0;
    uint32_t version = 0;

    CHECK_EQ(get_version(), 1);
    CHECK_EQ(status_frames(0, &frame), GNTST_okay);
    CHECK_EQ(status_frames(1, &frame), GNTST_general_error);
    CHECK_EQ(set_version(3, &version), -XEN_EINVAL);
    CHECK_EQ(version, 1);
    CHECK_EQ(set_version(0, &version), -XEN_EINVAL);
    CHECK_EQ(gnt(set_version, UNMAPPED, 1), -XEN_EFAULT);
    CHECK_EQ(gnt(get_version, UNMAPPED, 1), -XEN_EFAULT);
    CHECK_EQ(set_version(1, &version), 0);
    CHECK_EQ(version, 1);
}

/* The first eight entries keep what the tools wrote, and stay in use if they are. */
static void check_to_v2(void)
{
    uint32_t handle, version = 0;
    uint64_t frame = 0;

    v1[1] = (struct grant_entry_v1){.domid = 0, .frame = (uint32_t)mfn_of(granted)};
    v1[1].flags = GTF_permit_access;
    v1[REF] = v1[1];
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map, REF), GNTST_okay);
    CHECK_EQ(set_version(2, &version), -XEN_EBUSY);
    CHECK_EQ(version, 1);
    CHECK_EQ(do_unmap((uintptr_t)target, 0, last_map.handle), GNTST_okay);
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map, 1), GNTST_okay);
    handle = last_map.handle;
    CHECK_EQ(set_version(2, &version), 0);
    CHECK_EQ(version, 2);
    CHECK_EQ(get_version(), 2);
    CHECK_EQ(v2[1].hdr.flags, GTF_permit_access);
    CHECK_EQ(v2[1].full_page.frame, mfn_of(granted));
    CHECK_EQ(v2[REF].hdr.flags, 0);
    CHECK_EQ(v2[REF].full_page.frame, 0);
    CHECK_EQ(status_frames(1, &frame), GNTST_okay);
    CHECK_EQ(status_frames(1000, &frame), GNTST_general_error);
    NEED(frame && map_va(status, frame * PAGE_SIZE | PTE_KERN) == 0);
    CHECK_EQ(status[1], GTF_reading | GTF_writing);
    CHECK_EQ(do_unmap((uintptr_t)target, 0, handle), GNTST_okay);
    CHECK_EQ(status[1], 0);
}

static void grant2(unsigned int ref, const void *page, unsigned int flags)
{
    v2[ref].full_page.hdr.domid = 0;
    v2[ref].full_page.frame = mfn_of(page);
    barrier();
    *(volatile uint16_t *)&v2[ref].hdr.flags = (uint16_t)flags;
}

static void check_full_page(void)
{
    uint64_t at = (uintptr_t)target, dev;

    grant2(REF, granted, GTF_permit_access);
    granted[5] = 'x';
    CHECK_EQ(do_map(at, GNTMAP_host_map | GNTMAP_readonly, REF), GNTST_okay);
    CHECK_EQ(target[5], 'x');
    CHECK_EQ(status[REF], GTF_reading);
    CHECK_EQ(v2[REF].hdr.flags, GTF_permit_access);
    CHECK_EQ(do_unmap(at, 0, last_map.handle), GNTST_okay);
    CHECK_EQ(status[REF], 0);
    /* Both halves; they end one by one. */
    CHECK_EQ(do_map(at, GNTMAP_host_map | GNTMAP_device_map, REF), GNTST_okay);
    CHECK_EQ(status[REF], GTF_reading | GTF_writing);
    dev = last_map.dev_bus_addr;
    CHECK_EQ(dev, mfn_of(granted) * PAGE_SIZE);
    CHECK_EQ(do_unmap(at, 0, last_map.handle), GNTST_okay);
    CHECK_EQ(status[REF], GTF_reading | GTF_writing);
    CHECK_EQ(do_unmap(0, dev + PAGE_SIZE, last_map.handle), GNTST_bad_dev_addr);
    CHECK_EQ(do_unmap(0, dev, last_map.handle), GNTST_okay);
    CHECK_EQ(status[REF], 0);
    CHECK_EQ(do_unmap(0, dev, last_map.handle), GNTST_bad_handle);
    grant2(REF, granted, GTF_permit_access | GTF_readonly);
    CHECK_EQ(do_map(at, GNTMAP_host_map, REF), GNTST_general_error);
    CHECK_EQ(status[REF], 0);
    v2[REF].full_page.frame = 0x123456789abULL;
    CHECK(do_map(at, GNTMAP_host_map | GNTMAP_readonly, REF) != GNTST_okay);
    CHECK_EQ(status[REF], 0);
}

static void check_sub_page(void)
{
    grant2(REF, granted, 0);
    v2[REF].sub_page.page_off = 100;
    v2[REF].sub_page.length = 50;
    v2[REF].sub_page.frame = mfn_of(granted);
    v2[REF].hdr.flags = GTF_permit_access | GTF_sub_page | GTF_readonly;
    memcpy(granted + 100, "part", 5);
    CHECK_EQ(do_copy(REF, 100, 50), GNTST_okay);
    CHECK_EQ(memcmp(other, "part", 5), 0);
    CHECK_EQ(do_copy(REF, 100, 51), GNTST_general_error);
    CHECK_EQ(do_copy(REF, 99, 2), GNTST_general_error);
    CHECK_EQ(do_copy(REF, 150, 0), GNTST_okay);
    CHECK_EQ(status[REF], 0);
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map | GNTMAP_readonly, REF),
             GNTST_general_error);
    CHECK_EQ(status[REF], 0);
    /* A part that leaves the page. */
    v2[REF].sub_page.page_off = 4000;
    v2[REF].sub_page.length = 4000;
    CHECK_EQ(do_copy(REF, 4000, 97), GNTST_bad_copy_arg);
    v2[REF].hdr.flags = 0;
}

static void check_transitive_alone(void)
{
    grant2(REF, granted, GTF_permit_access);
    grant2(REF + 1, granted, 0);
    v2[REF + 1].transitive.trans_domid = 0;
    v2[REF + 1].transitive.gref = REF;
    v2[REF + 1].hdr.flags = GTF_transitive;
    /* Not through oneself, and nothing to be mapped. */
    CHECK_EQ(do_copy(REF + 1, 0, 4), GNTST_general_error);
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map, REF + 1), GNTST_general_error);
    v2[REF + 1].transitive.trans_domid = 0x1234;
    CHECK_EQ(do_copy(REF + 1, 0, 4), GNTST_general_error);
    CHECK_EQ(status[REF + 1], 0);
    v2[REF + 1].hdr.flags = GTF_accept_transfer;
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map, REF + 1), GNTST_general_error);
    v2[REF + 1].hdr.flags = 0;
    v2[REF].hdr.flags = 0;
}

static int swap(uint32_t a, uint32_t b)
{
    struct gnttab_swap_grant_ref op = {.ref_a = a, .ref_b = b, .status = 77};

    CHECK_EQ(gnt(swap_grant_ref, &op, 1), 0);
    return op.status;
}

static void check_swap(void)
{
    grant2(REF, granted, GTF_permit_access);
    grant2(REF + 1, other, 0);
    CHECK_EQ(swap(REF, REF + 1), GNTST_okay);
    CHECK_EQ(v2[REF].full_page.frame, mfn_of(other));
    CHECK_EQ(v2[REF + 1].full_page.frame, mfn_of(granted));
    CHECK_EQ(v2[REF + 1].hdr.flags, GTF_permit_access);
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map, REF + 1), GNTST_okay);
    CHECK_EQ(swap(REF, REF + 1), GNTST_eagain);
    CHECK_EQ(swap(REF + 1, REF + 1), GNTST_okay);
    CHECK_EQ(do_unmap((uintptr_t)target, 0, last_map.handle), GNTST_okay);
    CHECK_EQ(swap(REF, 1000000), GNTST_bad_gntref);
    CHECK_EQ(swap(~0U, REF), GNTST_bad_gntref);
    CHECK_EQ(gnt(swap_grant_ref, UNMAPPED, 1), -XEN_EFAULT);
    v2[REF].hdr.flags = v2[REF + 1].hdr.flags = 0;
}

/* Back to version 1: what it cannot express is refused, the first entries come along. */
static void check_to_v1(void)
{
    uint32_t version = 0;

    v2[2].full_page.frame = 1ULL << 32;
    v2[2].hdr.flags = GTF_permit_access;
    NEED(map_va(status, 0) == 0);
    CHECK_EQ(set_version(1, &version), -XEN_ERANGE);
    CHECK_EQ(version, 2);
    v2[2].full_page.frame = mfn_of(other);
    v2[3].hdr.flags = GTF_transitive;
    CHECK_EQ(set_version(1, &version), -XEN_ERANGE);
    v2[3].hdr.flags = 0;
    grant2(REF, granted, GTF_permit_access);
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map, 1), GNTST_okay);
    CHECK_EQ(set_version(1, &version), 0);
    CHECK_EQ(version, 1);
    CHECK_EQ(v1[1].flags, GTF_permit_access | GTF_reading | GTF_writing);
    CHECK_EQ(v1[1].frame, mfn_of(granted));
    CHECK_EQ(v1[2].flags, GTF_permit_access);
    CHECK_EQ(v1[2].frame, mfn_of(other));
    CHECK_EQ(v1[3].flags, 0);
    CHECK_EQ(v1[REF].flags, 0);
    CHECK_EQ(do_unmap((uintptr_t)target, 0, last_map.handle), GNTST_okay);
    CHECK_EQ(v1[1].flags, GTF_permit_access);
    v1[1].flags = v1[2].flags = 0;
}

static void grant1(unsigned int ref, const void *page)
{
    v1[ref].domid = 0;
    v1[ref].frame = (uint32_t)mfn_of(page);
    barrier();
    *(volatile uint16_t *)&v1[ref].flags = GTF_permit_access;
}

static int replace(uint64_t at, uint64_t new_addr, uint32_t handle)
{
    struct gnttab_unmap_and_replace op = {
        .host_addr = at, .new_addr = new_addr, .handle = handle, .status = 77};

    CHECK_EQ(gnt(unmap_and_replace, &op, 1), 0);
    return op.status;
}

/* The page mapped at new_addr takes the place of the grant, and leaves nothing behind. */
static void check_replace(void)
{
    uint64_t at = (uintptr_t)target, from = (uintptr_t)other;

    grant1(REF, granted);
    CHECK_EQ(do_map(at, GNTMAP_host_map, REF), GNTST_okay);
    memcpy(other, "moved", 6);
    CHECK_EQ(replace(at, UNMAPPED, last_map.handle), GNTST_general_error);
    CHECK_EQ(replace(at, HYPERVISOR_VIRT_START, last_map.handle), GNTST_general_error);
    CHECK_EQ(v1[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
    CHECK_EQ(replace(at, from, last_map.handle), GNTST_okay);
    CHECK_EQ(memcmp(target, "moved", 6), 0);
    CHECK_EQ(try_read(from, NULL), VEC_PF);
    CHECK_EQ(v1[REF].flags, GTF_permit_access);
    CHECK_EQ(replace(at, from, last_map.handle), GNTST_bad_handle);
    NEED(set_writable(other, true) == 0);
    NEED(map_va(target, 0) == 0);
}

static long flush(uint64_t addr, unsigned int offset, unsigned int length, uint32_t cmd)
{
    struct gnttab_cache_flush op = {
        .offset = (uint16_t)offset, .length = (uint16_t)length, .op = cmd};

    op.a.dev_bus_addr = addr;
    return gnt(cache_flush, &op, 1);
}

static void check_cache_flush(void)
{
    uint64_t own = mfn_of(granted) * PAGE_SIZE;

    CHECK_EQ(flush(own, 0, 64, GNTTAB_CACHE_CLEAN), 0);
    CHECK_EQ(flush(own, 0, 4096, GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL), 0);
    CHECK_EQ(flush(own, 0, 64, GNTTAB_CACHE_INVAL), -XEN_EOPNOTSUPP);
    CHECK_EQ(flush(own, 0, 0, GNTTAB_CACHE_CLEAN), 0);
    CHECK_EQ(flush(own, 0, 64, 0), 0);
    CHECK_EQ(flush(own, 4090, 7, GNTTAB_CACHE_CLEAN), -XEN_EINVAL);
    CHECK_EQ(flush(own, 4096, 0, GNTTAB_CACHE_CLEAN), -XEN_EINVAL);
    CHECK_EQ(flush(own, 0xffff, 0xffff, GNTTAB_CACHE_CLEAN), -XEN_EINVAL);
    CHECK_EQ(flush(own, 0, 64, 4), -XEN_EINVAL);
    CHECK_EQ(flush(own, 0, 64, GNTTAB_CACHE_SOURCE_GREF | GNTTAB_CACHE_CLEAN), -XEN_EINVAL);
    CHECK_EQ(flush(1ULL << 50, 0, 64, GNTTAB_CACHE_CLEAN), -XEN_EINVAL);
    CHECK_EQ(gnt(cache_flush, UNMAPPED, 1), -XEN_EFAULT);
    CHECK_EQ(gnt(cache_flush, UNMAPPED, 0), 0);
}

static int transfer(uint64_t mfn, domid_t domid, uint32_t ref)
{
    struct gnttab_transfer op = {.mfn = mfn, .domid = domid, .ref = ref, .status = 77};

    CHECK_EQ(gnt(transfer, &op, 1), 0);
    return op.status;
}

/* Frames that cannot be given away. */
static void check_transfer(void)
{
    CHECK_EQ(transfer(PTE_ADDR >> 12, 0, REF), GNTST_bad_page);
    CHECK_EQ(transfer(mfn_of((void *)start_info->pt_base), 0, REF), GNTST_bad_page);
    CHECK_EQ(transfer(mfn_of(granted), 0, REF), GNTST_bad_page); /* mapped */
    CHECK_EQ(gnt(transfer, UNMAPPED, 1), -XEN_EFAULT);
}

static void check_counts_of_elements(void)
{
    struct gnttab_setup_table s = {.dom = DOMID_SELF};
    struct gnttab_get_status_frames f = {.dom = DOMID_SELF};
    struct gnttab_query_size q = {.dom = DOMID_SELF};

    CHECK_EQ(gnt(setup_table, &s, 0), -XEN_EINVAL);
    CHECK_EQ(gnt(setup_table, &s, 2), -XEN_EINVAL);
    CHECK_EQ(gnt(query_size, &q, 0), -XEN_EINVAL);
    CHECK_EQ(gnt(get_status_frames, &f, 0), -XEN_EINVAL);
    CHECK_EQ(gnt(get_status_frames, &f, 2), -XEN_EINVAL);
    CHECK_EQ(gnt(map_grant_ref, HYPERVISOR_VIRT_START - 32, 2), -XEN_EFAULT);
    CHECK_EQ(gnt(map_grant_ref, HYPERVISOR_VIRT_START, 1), -XEN_EFAULT);
    CHECK_EQ(gnt(copy, ~0UL - 8, 1), -XEN_EFAULT);
    CHECK_EQ(gnt(unmap_grant_ref, 0, 0x7fffffff), -XEN_EFAULT);
}

/* An array whose second element lies on a page that is not there: the first was done. */
static void check_array_end(char *page, char *next)
{
    struct gnttab_copy *c = (void *)(page + PAGE_SIZE - sizeof(struct gnttab_copy));

    NEED(next == page + PAGE_SIZE);
    NEED(map_va(next, 0) == 0);
    grant1(REF, granted);
    memset(c, 0, sizeof(*c));
    c->source.domid = c->dest.domid = DOMID_SELF;
    c->source.u.ref = REF;
    c->dest.u.gmfn = mfn_of(other);
    c->flags = GNTCOPY_source_gref;
    c->len = 8;
    c->status = 77;
    memcpy(granted, "element", 8);
    CHECK_EQ(gnt(copy, c, 2), -XEN_EFAULT);
    CHECK_EQ(c->status, GNTST_okay);
    CHECK_EQ(memcmp(other, "element", 8), 0);
    NEED(set_writable(page, false) == 0);
    memcpy(granted, "again!!", 8);
    CHECK_EQ(gnt(copy, c, 1), -XEN_EFAULT);
    CHECK_EQ(v1[REF].flags, GTF_permit_access);
    NEED(set_writable(page, true) == 0);
    NEED(set_writable(next, true) == 0);
}

/* More elements than one go handles, each with a result. */
static void check_long_array(void)
{
    static struct gnttab_copy many[3000];
    unsigned int i, bad = 0;

    grant1(REF, granted);
    for (i = 0; i < ARRAY_SIZE(many); i++) {
        many[i].source.domid = many[i].dest.domid = DOMID_SELF;
        many[i].source.u.ref = i % 7 ? REF : 100000;
        many[i].dest.u.gmfn = mfn_of(other);
        many[i].flags = GNTCOPY_source_gref;
        many[i].len = 4;
        many[i].status = 77;
    }
    CHECK_EQ(gnt(copy, many, ARRAY_SIZE(many)), 0);
    for (i = 0; i < ARRAY_SIZE(many); i++)
        bad += many[i].status != (i % 7 ? GNTST_okay : GNTST_bad_gntref);
    CHECK_EQ(bad, 0);
}

/* Up to the limit that query_size tells, and not beyond. */
static void check_size(void)
{
    static xen_pfn_t frames[512];
    struct gnttab_query_size q = {.dom = DOMID_SELF};
    struct gnttab_setup_table s = {.dom = DOMID_SELF};
    unsigned int max, i, zero = 0;

    NEED(gnt(query_size, &q, 1) == 0 && q.status == GNTST_okay);
    max = q.max_nr_frames;
    NEED(max <= ARRAY_SIZE(frames));
    s.nr_frames = max + 1;
    s.frame_list = (uintptr_t)frames;
    CHECK_EQ(gnt(setup_table, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_general_error);
    s.nr_frames = max;
    s.frame_list = UNMAPPED;
    CHECK_EQ(gnt(setup_table, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_bad_virt_addr);
    s.frame_list = (uintptr_t)frames;
    CHECK_EQ(gnt(setup_table, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_okay);
    for (i = 0; i < max; i++)
        zero += frames[i] == 0;
    CHECK_EQ(zero, 0);
    CHECK_EQ(gnt(query_size, &q, 1), 0);
    CHECK_EQ(q.nr_frames, max);
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map, max * 512 - 1), GNTST_general_error);
    CHECK_EQ(do_map((uintptr_t)target, GNTMAP_host_map, max * 512), GNTST_bad_gntref);
}

void test_main(void)
{
    char *page, *next;

    v2 = page_alloc();
    v1 = (void *)v2;
    status = page_alloc();
    granted = page_alloc();
    other = page_alloc();
    target = page_alloc();
    page = page_alloc();
    next = page_alloc();
    map_table(1);
    NEED(map_va(target, 0) == 0);
    check_versions();
    check_to_v2();
    check_full_page();
    check_sub_page();
    check_transitive_alone();
    check_swap();
    check_to_v1();
    check_replace();
    check_cache_flush();
    check_transfer();
    check_counts_of_elements();
    check_array_end(page, next);
    check_long_array();
    check_size();
}
