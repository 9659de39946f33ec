/* SPDX-License-Identifier: MIT */
/*
 * Grants: the domain waits before it puts the frame of a page without content into its table, with
 * whatever instruction; so whoever uses a grant never has to.
 */
#include "parent.h"

static uint64_t table; /* the child's, at its address */

static uint64_t ref_va(uint32_t ref)
{
    return table + ref * sizeof(struct grant_entry_v1);
}

static uint64_t flags_va(uint32_t ref)
{
    return ref_va(ref) + offsetof(struct grant_entry_v1, flags);
}

static uint64_t frame_va(uint32_t ref)
{
    return ref_va(ref) + offsetof(struct grant_entry_v1, frame);
}

static int64_t store(uint64_t at, enum store how, uint64_t value, uint64_t old)
{
    ask(0, REQ_STORE, (const uint64_t[6]){at, how, value, old});
    return answer(0);
}

static uint64_t word(uint32_t ref)
{
    return (uint64_t)request(REQ_PEEK, ref_va(ref), 0, 0);
}

/* --- our uses --- */

static char *target;
static uint32_t handle;

static int64_t map_grant(uint32_t ref)
{
    struct gnttab_map_grant_ref map = {.flags = GNTMAP_host_map, .ref = ref, .dom = child.id};

    if (!target)
        target = page_alloc();
    map.host_addr = (uintptr_t)target;
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_map_grant_ref, &map, 1), 0);
    handle = map.handle;
    return map.status;
}

static void unmap_grant(void)
{
    struct gnttab_unmap_grant_ref unmap = {.host_addr = (uintptr_t)target, .handle = handle};

    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, 1), 0);
    CHECK_EQ(unmap.status, GNTST_okay);
}

static int64_t copy_grant(uint32_t ref, uint64_t *ret_word)
{
    static uint64_t words[512] __attribute__((aligned(4096)));
    struct gnttab_copy c = {.source.u.ref = ref,
                            .source.domid = child.id,
                            .dest.domid = DOMID_SELF,
                            .len = 8,
                            .flags = GNTCOPY_source_gref};

    c.dest.u.gmfn = mfn_of(words);
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_copy, &c, 1), 0);
    *ret_word = words[0];
    return c.status;
}

/* Both ways, and it is this page. */
static void check_usable(int line, uint32_t ref, uint64_t pfn)
{
    uint64_t w = 0;

    check_eq(line, "mapping of the grant", map_grant(ref), GNTST_okay);
    check_eq(line, "word of the grant", *(volatile int64_t *)target, (int64_t)filled(pfn, 0));
    unmap_grant();
    check_eq(line, "copy of the grant", copy_grant(ref, &w), GNTST_okay);
    check_eq(line, "word of the copy", (long)w, (long)filled(pfn, 0));
}

/* An error, but never "try again". */
static void check_unusable(int line, uint32_t ref)
{
    uint64_t w;
    int64_t mapped = map_grant(ref), copied = copy_grant(ref, &w);

    check_true(line, "no mapping", mapped < 0 && mapped != GNTST_eagain);
    check_true(line, "no copy", copied < 0 && copied != GNTST_eagain);
}

/* --- stores --- */

/* Grants of filled pages need nobody. */
static void check_filled(void)
{
    uint64_t p = take(1);

    fill_page(p);
    store(frame_va(8), STORE_32, child_mfn(p), 0);
    store(ref_va(8) + 2, STORE_16, 0, 0);
    store(flags_va(8), STORE_16, GTF_permit_access, 0);
    CHECK_WANTED_NONE();
    check_usable(__LINE__, 8, p);
    CHECK_EQ(store(flags_va(8), STORE_CMPXCHG_16, 0, GTF_permit_access), GTF_permit_access);
    CHECK_EQ(word(8), child_mfn(p) << 32);
    check_unusable(__LINE__, 8);
    CHECK_WANTED_NONE();
}

/* What the entry holds while the domain waits, and after. */
static void check_order(void)
{
    uint64_t p = take(2), list[8];
    const uint64_t arg[6] = {frame_va(9), STORE_32, child_mfn(p)};

    fill_page(p + 1);
    store(ref_va(10), STORE_64, child_mfn(p + 1) << 32 | GTF_permit_access, 0);
    store(flags_va(9), STORE_16, GTF_permit_access, 0);
    ask(0, REQ_STORE, arg);
    wait_wanted(list, 1);
    CHECK_EQ(list[0], child_mfn(p));
    check_unusable(__LINE__, 9);
    check_usable(__LINE__, 10, p + 1); /* another's grant meanwhile */
    CHECK(!answered(0));
    fill_page(p);
    answer(0);
    CHECK_EQ(word(9), child_mfn(p) << 32 | GTF_permit_access);
    check_usable(__LINE__, 9, p);
    store(flags_va(9), STORE_16, 0, 0);
    store(flags_va(10), STORE_16, 0, 0);
    CHECK_WANTED_NONE();
}

struct kind {
    enum store how;
    bool whole; /* all 8 bytes of the entry */
};

/* Whole entries or frames, by instructions that the hypervisor has to execute. */
static void check_kinds(void)
{
    static const struct kind kinds[] = {
        {STORE_32, false}, {STORE_64, true}, {STORE_CMPXCHG_64, true}, {STORE_XCHG_32, false}};

    for (uint32_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        uint32_t ref = 16 + i;
        uint64_t p = take(1), before = word(ref), head = kinds[i].whole ? GTF_permit_access : 0;
        uint64_t value = kinds[i].whole ? child_mfn(p) << 32 | head : child_mfn(p);
        int64_t seen;

        seen = store(kinds[i].whole ? ref_va(ref) : frame_va(ref), kinds[i].how, value, before);
        CHECK_WANTED(p, 1);
        CHECK_EQ(seen, kinds[i].how == STORE_CMPXCHG_64 ? before : 0);
        CHECK_EQ(word(ref), child_mfn(p) << 32 | head);
        if (!kinds[i].whole)
            store(flags_va(ref), STORE_16, GTF_permit_access, 0);
        check_usable(__LINE__, ref, p);
        store(flags_va(ref), STORE_CMPXCHG_16, 0, GTF_permit_access);
        CHECK_WANTED_NONE();
    }
}

/* A word that names no page of its own, and those that change flags. */
static void check_others(void)
{
    uint64_t p = take(1);

    store(frame_va(24), STORE_IMM_32, 0, 0);
    CHECK_EQ(word(24), 0x5a5a5a5aUL << 32);
    fill_page(p);
    store(frame_va(24), STORE_32, child_mfn(p), 0);
    store(ref_va(24), STORE_8, GTF_permit_access | GTF_readonly, 0);
    CHECK_EQ(word(24), child_mfn(p) << 32 | GTF_permit_access | GTF_readonly);
    store(ref_va(24), STORE_AND_16, (uint16_t)~GTF_readonly, 0);
    CHECK_EQ(word(24), child_mfn(p) << 32 | GTF_permit_access);
    check_usable(__LINE__, 24, p);
    store(ref_va(24), STORE_BTS_32, 2, 0); /* read-only */
    CHECK_EQ(word(24), child_mfn(p) << 32 | GTF_permit_access | GTF_readonly);
    /* A comparison that fails changes nothing. */
    CHECK_EQ(store(flags_va(24), STORE_CMPXCHG_16, 0, 0), GTF_permit_access | GTF_readonly);
    CHECK_EQ(word(24), child_mfn(p) << 32 | GTF_permit_access | GTF_readonly);
    CHECK_EQ(store(flags_va(24), STORE_CMPXCHG_16, 0, GTF_permit_access | GTF_readonly),
             GTF_permit_access | GTF_readonly);
    CHECK_WANTED_NONE();
}

/* In use: the mark that the hypervisor sets is seen. */
static void check_in_use(void)
{
    uint64_t p = take(1);
    int64_t seen;

    store(ref_va(25), STORE_64, child_mfn(p) << 32 | GTF_permit_access, 0);
    CHECK_WANTED(p, 1);
    CHECK_EQ(map_grant(25), GNTST_okay);
    *(volatile uint64_t *)target = 5;
    seen = store(flags_va(25), STORE_CMPXCHG_16, 0, GTF_permit_access);
    CHECK_EQ(seen, GTF_permit_access | GTF_reading | GTF_writing);
    CHECK_EQ(request(REQ_PEEK, va(p), 0, 0), 5);
    unmap_grant();
    CHECK_EQ(store(flags_va(25), STORE_CMPXCHG_16, 0, GTF_permit_access), GTF_permit_access);
    CHECK_WANTED_NONE();
}

/* The tools write to the table of a domain as well; then the page is refused. */
static void check_seeded(void)
{
    static struct grant_entry_v1 *seeds;
    struct xen_mem_acquire_resource r = {
        .domid = child.id, .type = XENMEM_resource_grant_table, .nr_frames = 1};
    uint64_t p = take(1), mfn = 0;

    if (!seeds)
        seeds = page_alloc();
    r.frame_list = (uintptr_t)&mfn;
    NEED(hypercall(memory_op, XENMEM_acquire_resource, &r) == 0);
    NEED(map_frame_of(seeds, mfn, child.id) == 0);
    seeds[26].domid = 0;
    seeds[26].frame = (uint32_t)child_mfn(p);
    barrier();
    seeds[26].flags = GTF_permit_access;
    check_unusable(__LINE__, 26);
    CHECK_EQ(seeds[26].flags, GTF_permit_access);
    fill_page(p);
    check_usable(__LINE__, 26, p);
    seeds[26].flags = 0;
    NEED(set_writable(seeds, true) == 0);
    CHECK_WANTED_NONE();
}

void check_grants(void)
{
    table = (uint64_t)request(REQ_GRANTS, 0, 0, 0);
    check_filled();
    check_order();
    check_kinds();
    check_others();
    check_in_use();
    check_seeded();
}

/* The second version has other entries. */
void check_grants_v2(void)
{
    struct gnttab_set_version version = {.version = 2};
    uint64_t at = give(&version, sizeof(version)), p = take(2), entry;

    CHECK_EQ(child_call(grant_table_op, GNTTABOP_set_version, at, 1), 0);
    table = (uint64_t)request(REQ_GRANTS, 0, 0, 0);
    entry = table + 8 * sizeof(union grant_entry_v2);
    fill_page(p + 1);
    store(entry + 8, STORE_64, child_mfn(p + 1), 0);
    store(entry, STORE_32, GTF_permit_access, 0);
    CHECK_WANTED_NONE();
    check_usable(__LINE__, 8, p + 1);
    store(entry, STORE_16, 0, 0);
    check_unusable(__LINE__, 8);
    entry += sizeof(union grant_entry_v2);
    store(entry, STORE_32, GTF_permit_access, 0);
    check_unusable(__LINE__, 9);
    store(entry + 8, STORE_64, child_mfn(p), 0);
    CHECK_WANTED(p, 1);
    check_usable(__LINE__, 9, p);
    store(entry, STORE_CMPXCHG_16, 0, GTF_permit_access);
    check_unusable(__LINE__, 9);
    CHECK_WANTED_NONE();
}

/* Instructions that the hypervisor does not execute: they wait until all is filled, unasked. */
void check_grants_late(void)
{
    uint64_t list[8];
    const uint64_t arg[6] = {ref_va(30), STORE_SSE_16, 0x1111222233334444UL};

    ask(0, REQ_STORE, arg);
    for (uint64_t end = system_time() + 100 * MS; system_time() < end;)
        wait_wanted(list, 0);
    CHECK(!answered(0));
    CHECK_WANTED_NONE();
    CHECK(unfilled() > 0);
    fill_all();
    answer(0);
    CHECK_EQ(word(30), 0x1111222233334444L);
    CHECK_EQ(word(31), 0x1111222233334444L);
    store(ref_va(30), STORE_STOSQ, 0, 2);
    CHECK_EQ(word(30), 0);
    CHECK_EQ(word(31), 0);
}
