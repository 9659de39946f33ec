/* SPDX-License-Identifier: MIT */
/*
 * Grants between two domains: mapping and copying both ways, grants passed on, the limits of maps,
 * both sides changing the same grant at once, and a domain that ends with grants in use.
 */
#include "guest.h"

#define gnt(cmd, arg, n) hypercall(grant_table_op, GNTTABOP_##cmd, arg, n)

enum { REF_PAGE = 10, REF_READ_ONLY, REF_STRANGER, REF_PASSED, REF_FIRST_MANY = 20 };
#define MANY 8

static struct grant_entry_v1 *table; /* own, version 1 */
static union grant_entry_v2 *table2;
static char *page, *target;
static struct gnttab_map_grant_ref last_map;

static void table_map(void)
{
    struct gnttab_setup_table s = {.dom = DOMID_SELF, .nr_frames = 1};
    xen_pfn_t frame = 0;

    s.frame_list = (uintptr_t)&frame;
    NEED(gnt(setup_table, &s, 1) == 0 && s.status == GNTST_okay);
    NEED(map_va(table, frame * PAGE_SIZE | PTE_KERN) == 0);
}

static void grant(unsigned int ref, domid_t to, const void *va, unsigned int flags)
{
    table[ref].domid = to;
    table[ref].frame = (uint32_t)mfn_of(va);
    barrier();
    *(volatile uint16_t *)&table[ref].flags = (uint16_t)(GTF_permit_access | flags);
}

static int map(domid_t dom, uint32_t ref, uint64_t addr, unsigned int flags)
{
    last_map = (struct gnttab_map_grant_ref){
        .host_addr = addr, .flags = flags, .ref = ref, .dom = dom, .status = 77};
    CHECK_EQ(gnt(map_grant_ref, &last_map, 1), 0);
    return last_map.status;
}

static int unmap(uint64_t addr, uint64_t dev_addr, uint32_t handle)
{
    struct gnttab_unmap_grant_ref u = {
        .host_addr = addr, .dev_bus_addr = dev_addr, .handle = handle, .status = 77};

    CHECK_EQ(gnt(unmap_grant_ref, &u, 1), 0);
    return u.status;
}

static int copy_in(domid_t dom, uint32_t ref, void *to, unsigned int len)
{
    struct gnttab_copy c = {.len = (uint16_t)len, .flags = GNTCOPY_source_gref, .status = 77};

    c.source.domid = dom;
    c.source.u.ref = ref;
    c.dest.domid = DOMID_SELF;
    c.dest.u.gmfn = mfn_of(to);
    CHECK_EQ(gnt(copy, &c, 1), 0);
    return c.status;
}

static int copy_out(domid_t dom, uint32_t ref, const void *from, unsigned int len)
{
    struct gnttab_copy c = {.len = (uint16_t)len, .flags = GNTCOPY_dest_gref, .status = 77};

    c.dest.domid = dom;
    c.dest.u.ref = ref;
    c.source.domid = DOMID_SELF;
    c.source.u.gmfn = mfn_of(from);
    CHECK_EQ(gnt(copy, &c, 1), 0);
    return c.status;
}

/* --- what the other side does --- */

static void use_dom0s_grants(void)
{
    uint64_t at = (uintptr_t)target;

    CHECK_EQ(map(0, REF_PAGE, at, GNTMAP_host_map), GNTST_okay);
    CHECK_EQ(memcmp(target, "from Dom0", 10), 0);
    memcpy(target, "from child", 11);
    CHECK_EQ(map(0, REF_PAGE, at + PAGE_SIZE, GNTMAP_host_map | GNTMAP_device_map), GNTST_okay);
    CHECK_EQ(unmap(at + PAGE_SIZE, last_map.dev_bus_addr, last_map.handle), GNTST_okay);
    CHECK_EQ(map(0, REF_READ_ONLY, at + PAGE_SIZE, GNTMAP_host_map), GNTST_general_error);
    CHECK_EQ(map(0, REF_STRANGER, at + PAGE_SIZE, GNTMAP_host_map), GNTST_general_error);
    CHECK_EQ(map(0, 1000000, at + PAGE_SIZE, GNTMAP_host_map), GNTST_bad_gntref);
    CHECK_EQ(map(DOMID_SELF, REF_PAGE, at + PAGE_SIZE, GNTMAP_host_map), GNTST_bad_domain);
    CHECK_EQ(map(DOMID_IO, REF_PAGE, at + PAGE_SIZE, GNTMAP_host_map), GNTST_bad_domain);
    CHECK_EQ(map(0x1234, REF_PAGE, at + PAGE_SIZE, GNTMAP_host_map), GNTST_bad_domain);
    CHECK_EQ(copy_in(0, REF_READ_ONLY, page, 10), GNTST_okay);
    CHECK_EQ(memcmp(page, "read only", 10), 0);
    CHECK_EQ(copy_out(0, REF_READ_ONLY, page, 10), GNTST_general_error);
    CHECK_EQ(copy_out(0, REF_PAGE, page, 10), GNTST_okay);
    CHECK_EQ(copy_in(0, REF_STRANGER, page, 10), GNTST_general_error);
    /* A mapping of somebody else's page is nothing to give away. */
    grant(REF_PAGE, 0, page, 0);
    table[REF_PAGE].frame = (uint32_t)(last_map.dev_bus_addr >> 12);
    CHECK_EQ(copy_in(DOMID_SELF, REF_PAGE, page, 4), GNTST_general_error);
}

static void child_uses(void)
{
    table_map();
    NEED(map_va(target, 0) == 0);
    NEED(map_va(target + PAGE_SIZE, 0) == 0);
    use_dom0s_grants();
    child_box.word[0] = 1; /* and ends with the page mapped */
}

static void child_gives(void)
{
    struct gnttab_set_version v = {.version = 2};

    table_map();
    NEED(gnt(set_version, &v, 1) == 0);
    memcpy(page, "of a child", 11);
    table2[REF_PAGE].full_page.frame = mfn_of(page);
    table2[REF_PAGE].hdr.domid = 0;
    table2[REF_PAGE].hdr.flags = GTF_permit_access;
    /* What Dom0 granted the child, passed back to Dom0. */
    table2[REF_PASSED].transitive.trans_domid = 0;
    table2[REF_PASSED].transitive.gref = REF_READ_ONLY;
    table2[REF_PASSED].hdr.domid = 0;
    table2[REF_PASSED].hdr.flags = GTF_transitive;
    barrier();
    child_box.word[0] = 1;
    while (!child_box.word[1])
        hypercall(sched_op, SCHEDOP_yield, 0);
}

/* Every entry of the only page of map handles, then one more. */
static void child_exhausts(void)
{
    unsigned int n = 0, i;
    int status = GNTST_okay;

    for (i = 0; i < MANY && status == GNTST_okay; i++)
        for (unsigned int j = 0; j < 100 && status == GNTST_okay; j++) {
            status = map(0, REF_FIRST_MANY + i, 0, GNTMAP_device_map);
            n += status == GNTST_okay;
        }
    child_box.word[0] = n;
    CHECK_EQ(status, GNTST_no_space);
    for (i = 0; i < n / 2; i++)
        CHECK_EQ(unmap(0, child_box.word[2] * PAGE_SIZE, i), GNTST_okay);
    CHECK_EQ(map(0, REF_FIRST_MANY, 0, GNTMAP_device_map), GNTST_okay);
}

/* The entry comes and goes, its frame changes, its type too, while Dom0 uses it. */
static void child_changes(void)
{
    uint32_t good = (uint32_t)mfn_of(page), bad = (uint32_t)mfn_of((void *)start_info->pt_base);
    volatile struct grant_entry_v1 *e = &table[REF_PAGE];
    unsigned long n = 0;

    table_map();
    e->domid = 0;
    child_box.word[0] = 1;
    while (!child_box.word[1]) {
        e->frame = n % 3 ? good : bad;
        e->flags = GTF_permit_access | (n % 5 == 0 ? GTF_readonly : 0);
        if (n % 7 == 0)
            hypercall(sched_op, SCHEDOP_yield, 0);
        e->flags = 0;
        n++;
    }
    e->flags = 0;
}

/* --- Dom0's side --- */

static void wait_for_child(const struct child *c)
{
    uint64_t end = system_time() + 20000000000UL;

    while (!c->box->word[0] && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK(c->box->word[0] != 0);
}

static void check_used_by_child(void)
{
    struct child c = {0};
    char *read_only = page_alloc();

    child_make(&c, child_uses, 1);
    memcpy(page, "from Dom0", 10);
    memcpy(read_only, "read only", 10);
    grant(REF_PAGE, c.id, page, 0);
    grant(REF_READ_ONLY, c.id, read_only, GTF_readonly);
    grant(REF_STRANGER, (domid_t)(c.id + 1), page, 0);
    child_run(&c);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff);
    CHECK_EQ(c.box->word[0], 1);
    CHECK_EQ(memcmp(page, "read only", 10), 0);
    CHECK_EQ(table[REF_PAGE].flags, GTF_permit_access | GTF_reading | GTF_writing);
    child_end(&c);
    CHECK_EQ(table[REF_PAGE].flags, GTF_permit_access);
    CHECK_EQ(table[REF_READ_ONLY].flags, GTF_permit_access | GTF_readonly);
}

static void check_given_by_child(void)
{
    uint64_t at = (uintptr_t)target;
    struct child c = {0};
    char *read_only = page_alloc();
    struct gnttab_setup_table setup = {.nr_frames = 2};
    struct gnttab_get_version version;
    xen_pfn_t frames[2];
    uint32_t handle;

    child_make(&c, child_gives, 1);
    memcpy(read_only, "to and fro", 11);
    grant(REF_READ_ONLY, c.id, read_only, GTF_readonly);
    child_run(&c);
    wait_for_child(&c);
    setup.dom = c.id;
    setup.frame_list = (uintptr_t)frames;
    CHECK_EQ(gnt(setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, GNTST_okay);
    version.dom = c.id;
    CHECK_EQ(gnt(get_version, &version, 1), 0);
    CHECK_EQ(version.version, 2);
    CHECK_EQ(map(c.id, REF_PAGE, at, GNTMAP_host_map), GNTST_okay);
    handle = last_map.handle;
    CHECK_EQ(memcmp(target, "of a child", 11), 0);
    CHECK_EQ(copy_in(c.id, REF_PASSED, page, 11), GNTST_okay);
    CHECK_EQ(memcmp(page, "to and fro", 11), 0);
    CHECK_EQ(table[REF_READ_ONLY].flags, GTF_permit_access | GTF_readonly);
    CHECK_EQ(copy_out(c.id, REF_PASSED, page, 11), GNTST_general_error);
    CHECK_EQ(map(c.id, REF_PASSED, at + PAGE_SIZE, GNTMAP_host_map | GNTMAP_readonly),
             GNTST_general_error);
    table[REF_READ_ONLY].flags = 0;
    CHECK_EQ(copy_in(c.id, REF_PASSED, page, 11), GNTST_general_error);
    c.box->word[1] = 1;
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff);
    /* Its page outlives the child as long as it is mapped here. */
    child_end(&c);
    CHECK_EQ(memcmp(target, "of a child", 11), 0);
    CHECK_EQ(unmap(at, 0, handle), GNTST_okay);
}

static void check_exhausted(void)
{
    struct child c = {0};
    unsigned int i, n, used = 0;

    max_maptrack_frames = 1;
    child_make(&c, child_exhausts, 1);
    max_maptrack_frames = -1;
    for (i = 0; i < MANY; i++)
        grant(REF_FIRST_MANY + i, c.id, page, 0);
    c.box->word[2] = mfn_of(page);
    child_run(&c);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff);
    n = (unsigned int)c.box->word[0];
    CHECK(n >= 64 && n < 100 * MANY);
    child_end(&c);
    for (i = 0; i < MANY; i++)
        used += table[REF_FIRST_MANY + i].flags != GTF_permit_access;
    CHECK_EQ(used, 0);
}

static struct child racer;
static volatile bool race_over;
static volatile unsigned long second_maps;

static void map_and_unmap(char *at)
{
    struct gnttab_map_grant_ref m = {
        .host_addr = (uintptr_t)at, .flags = GNTMAP_host_map, .ref = REF_PAGE, .dom = racer.id};
    struct gnttab_unmap_grant_ref u = {.host_addr = (uintptr_t)at};

    if (gnt(map_grant_ref, &m, 1) || m.status)
        return;
    u.handle = m.handle;
    if (gnt(unmap_grant_ref, &u, 1) == 0 && u.status == GNTST_okay)
        second_maps++;
}

static void second_races(void)
{
    while (!race_over)
        map_and_unmap(target + PAGE_SIZE);
}

static void check_race(void)
{
    uint64_t end;
    struct gnttab_copy c = {.len = 8, .flags = GNTCOPY_source_gref};

    child_start(&racer, child_changes, 1);
    wait_for_child(&racer);
    race_over = false;
    if (!second_start(second_races))
        skip("one vCPU only: no second one that takes part");
    /* A while, and longer where CPUs are slow to take turns. */
    end = system_time() + 200000000UL;
    while (system_time() < end || (second_maps <= 10 && system_time() < end + 100 * 200000000UL)) {
        map_and_unmap(target);
        c.source.domid = racer.id;
        c.source.u.ref = REF_PAGE;
        c.dest.domid = DOMID_SELF;
        c.dest.u.gmfn = mfn_of(page);
        gnt(copy, &c, 1);
    }
    race_over = true;
    CHECK(second_wait(20000));
    racer.box->word[1] = 1;
    CHECK_EQ(child_wait(&racer, 20000), SHUTDOWN_poweroff);
    CHECK(second_maps > 10);
    child_end(&racer);
}

static void check_all(void)
{
    check_used_by_child();
    check_given_by_child();
    check_exhausted();
    check_race();
}

void test_main(void)
{
    struct counts before;

    table = page_alloc();
    table2 = (void *)table;
    page = page_alloc();
    target = page_alloc();
    page_alloc(); /* target has a second page */
    table_map();
    NEED(map_va(target, 0) == 0);
    NEED(map_va(target + PAGE_SIZE, 0) == 0);
    check_all();
    memset(&racer, 0, sizeof(racer));
    counts_take(&before);
    check_all();
    CHECK_COUNTS(&before);
}
