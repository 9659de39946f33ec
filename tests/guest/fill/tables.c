/* SPDX-License-Identifier: MIT */
/*
 * Pages that are not filled as what the hypervisor checks before the CPU may use it: page tables,
 * descriptor tables, event words.  Their content comes, is checked, and is used.
 */
#include <public/event_channel.h>
#include "parent.h"

#define TABLE_VA (VIRT_BASE + 64 * 0x200000UL) /* entry 64 of the L2 of the child */

/* A page that will hold these as its first entries, and that the child has read-only. */
static uint64_t table_of(const uint64_t *entries, uint64_t n)
{
    static uint64_t page[512];
    uint64_t p = take(1);

    memset(page, 0, sizeof(page));
    memcpy(page, entries, n * sizeof(*entries));
    place(p, 0, page, PAGE_SIZE);
    set_entry(p, PTE_RO);
    return p;
}

static int64_t set_l2(uint64_t pfn)
{
    uint64_t l2 = child_mfn(child.first_table + 2) << 12;

    return child_mmu_update(l2 | 64 * 8, pfn ? child_mfn(pfn) << 12 | PTE_KERN : 0);
}

static uint64_t entry(uint64_t pfn, uint64_t flags)
{
    return child_mfn(pfn) << 12 | flags;
}

static int64_t unpin(uint64_t pfn)
{
    return child_mmuext(MMUEXT_UNPIN_TABLE, pfn, 0);
}

/* --- L1 --- */

static void check_pin_l1(void)
{
    uint64_t data = take(2), e[2] = {entry(data, PTE_KERN), entry(data + 1, PTE_RO)}, t;

    t = table_of(e, 2);
    CHECK_WANTED_NONE();
    CHECK_EQ(child_mmuext(MMUEXT_PIN_L1_TABLE, t, 0), 0);
    CHECK_WANTED(t, 1); /* but not what it maps */
    CHECK_CHANGED(t, 0, 0);
    CHECK_EQ(set_l2(t), 0);
    CHECK_EQ(request(REQ_PEEK, TABLE_VA, 0, 0), filled(data, 0));
    CHECK_WANTED(data, 1);
    request(REQ_STORE, TABLE_VA + 8, STORE_64, 77);
    CHECK_EQ(request(REQ_PEEK, TABLE_VA + PAGE_SIZE, 0, 0), filled(data + 1, 0));
    CHECK_WANTED(data + 1, 1);
    CHECK_EQ(request(REQ_PEEK, va(data) + 8, 0, 0), 77);
    CHECK_EQ(set_l2(0), 0);
    CHECK_EQ(unpin(t), 0);
}

/* Not pinned, only used. */
static void check_use_l1(void)
{
    uint64_t data = take(1), e = entry(data, PTE_KERN), t = table_of(&e, 1);

    CHECK_EQ(set_l2(t), 0);
    CHECK_WANTED(t, 1);
    CHECK_EQ(request(REQ_PEEK, TABLE_VA + 16, 0, 0), filled(data, 2));
    CHECK_WANTED(data, 1);
    CHECK_EQ(set_l2(0), 0);
}

/* What comes is looked at as any other: frames of others make no table. */
static void check_bad_l1(void)
{
    uint64_t data = take(1), t;
    uint64_t e[2] = {entry(data, PTE_KERN), mfn_of(pfn_va(0x100)) << 12 | PTE_KERN};

    t = table_of(e, 2);
    CHECK_EQ(child_mmuext(MMUEXT_PIN_L1_TABLE, t, 0), -XEN_EINVAL);
    CHECK_WANTED(t, 1);
    CHECK(set_l2(t) < 0);
    CHECK_EQ(unpin(t), -XEN_EINVAL);
    set_entry(t, PTE_KERN);
    request(REQ_STORE, va(t) + 8, STORE_64, 0);
    set_entry(t, PTE_RO);
    CHECK_EQ(child_mmuext(MMUEXT_PIN_L1_TABLE, t, 0), 0);
    CHECK_EQ(unpin(t), 0);
}

/* Mapped writable, it can be no table, with content or without. */
static void check_writable_l1(void)
{
    uint64_t p = take(1);

    CHECK_EQ(child_mmuext(MMUEXT_PIN_L1_TABLE, p, 0), -XEN_EINVAL);
    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_COMPARE, p, 1, 0), 0);
    CHECK_WANTED(p, 1);
}

/* Entries that are stored to a table: the hypervisor executes these. */
static void check_stores(void)
{
    uint64_t p = take(3), at = va(child.first_table + 3 + p / 512) + p % 512 * 8, e;
    struct mmuext_op flush = {.cmd = MMUEXT_INVLPG_LOCAL, .arg1.linear_addr = va(p)};

    request(REQ_STORE, at, STORE_64, entry(p + 1, PTE_KERN));
    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_PEEK, va(p), 0, 0), filled(p + 1, 0));
    CHECK_WANTED(p + 1, 1);
    e = (uint64_t)request(REQ_PEEK, at, 0, 0);
    ask(0, REQ_STORE, (const uint64_t[6]){at, STORE_CMPXCHG_64, entry(p + 2, PTE_RO), e});
    CHECK_EQ(answer(0), e);
    CHECK_EQ(child_call(mmuext_op, give(&flush, sizeof(flush)), 1, 0, DOMID_SELF), 0);
    CHECK_EQ(request(REQ_PEEK, va(p), 0, 0), filled(p + 2, 0));
    CHECK_WANTED(p + 2, 1);
    set_entry(p, PTE_KERN);
    CHECK_EQ(request(REQ_COMPARE, p, 1, 0), 0);
    CHECK_WANTED(p, 1);
}

/* --- above --- */

/* Of an L2's tables the third is not filled: the first two are done by then. */
static void check_pin_l2(void)
{
    uint64_t data = take(1), e = entry(data, PTE_KERN), l1[4], l2e[4], l2, l3, l3e;

    for (int i = 0; i < 4; i++) {
        l1[i] = table_of(&e, 1);
        if (i != 2)
            fill_page(l1[i]);
        l2e[i] = entry(l1[i], PTE_KERN);
    }
    l2 = table_of(l2e, 4);
    CHECK_EQ(child_mmuext(MMUEXT_PIN_L2_TABLE, l2, 0), 0);
    CHECK_WANTED_BOTH(l2, l1[2]);
    l3e = entry(l2, PTE_KERN);
    l3 = table_of(&l3e, 1);
    CHECK_EQ(child_mmuext(MMUEXT_PIN_L3_TABLE, l3, 0), 0);
    CHECK_WANTED(l3, 1);
    CHECK_EQ(unpin(l3), 0);
    CHECK_EQ(unpin(l2), 0);
    for (int i = 0; i < 4; i++)
        set_entry(l1[i], PTE_KERN);
    CHECK_WANTED_NONE();
}

/* All four levels at once, none of them filled, with a bad entry at the bottom, and without. */
static void check_whole_tree(bool bad)
{
    uint64_t data = take(1), e[3], t[4], l4e[512] = {0};

    e[0] = entry(data, PTE_KERN);
    e[1] = bad ? mfn_of(pfn_va(0x100)) << 12 | PTE_KERN : 0;
    t[0] = table_of(e, 2);
    for (int i = 1; i < 3; i++) {
        e[0] = entry(t[i - 1], PTE_KERN);
        t[i] = table_of(e, 1);
    }
    l4e[0] = entry(t[2], PTE_KERN);
    t[3] = table_of(l4e, 1);
    CHECK_EQ(child_mmuext(MMUEXT_PIN_L4_TABLE, t[3], 0), bad ? -XEN_EINVAL : 0);
    for (int i = 0; i < 3; i++)
        CHECK_WANTED_AMONG(t[i], 1);
    CHECK_WANTED(t[3], 1);
    CHECK_EQ(unpin(t[3]), bad ? -XEN_EINVAL : 0);
    for (int i = 0; i < 4; i++)
        set_entry(t[i], PTE_KERN);
}

static void check_user_base(void)
{
    uint64_t nothing = 0, t = table_of(&nothing, 1);

    CHECK_EQ(child_mmuext(MMUEXT_NEW_USER_BASEPTR, t, 0), 0);
    CHECK_WANTED(t, 1);
    CHECK_EQ(child_call(mmuext_op,
                        give(&(struct mmuext_op){.cmd = MMUEXT_NEW_USER_BASEPTR},
                             sizeof(struct mmuext_op)),
                        1, 0, DOMID_SELF),
             0);
    set_entry(t, PTE_KERN);
}

/* In a list, what comes before one that has to wait is done once: a second pin would fail. */
static void check_in_list(uint32_t cmd, uint64_t pfn, uint64_t wanted)
{
    uint64_t before = zero_page(true);
    struct mmuext_op list[2] = {{.cmd = MMUEXT_PIN_L1_TABLE}, {.cmd = cmd}};
    int64_t rc;

    list[0].arg1.mfn = child_mfn(before);
    list[1].arg1.mfn = child_mfn(pfn);
    rc = child_call(mmuext_op, give(list, sizeof(list)), 2, 0, DOMID_SELF);
    if (rc)
        failure("operation %u behind another in a list: %ld", cmd, rc);
    CHECK_WANTED(wanted, 1);
    CHECK_EQ(unpin(before), 0);
}

static void check_lists(void)
{
    uint64_t nothing = 0, clear = take(1), l1 = table_of(&nothing, 1), l4 = table_of(&nothing, 1);
    uint64_t below = table_of(&nothing, 1), e = entry(below, PTE_KERN), l2 = table_of(&e, 1);
    const struct mmuext_op no_base = {.cmd = MMUEXT_NEW_USER_BASEPTR};

    check_in_list(MMUEXT_CLEAR_PAGE, clear, clear);
    check_in_list(MMUEXT_PIN_L1_TABLE, l1, l1);
    CHECK_EQ(unpin(l1), 0);
    fill_page(l2);
    check_in_list(MMUEXT_PIN_L2_TABLE, l2, below);
    CHECK_EQ(unpin(l2), 0);
    check_in_list(MMUEXT_NEW_USER_BASEPTR, l4, l4);
    CHECK_EQ(child_call(mmuext_op, give(&no_base, sizeof(no_base)), 1, 0, DOMID_SELF), 0);
}

/* --- descriptors --- */

#define DATA_DESCRIPTOR 0x00cff3000000ffffUL /* of ring 3, flat */
#define CODE_DESCRIPTOR 0x00affb000000ffffUL

static void check_update_descriptor(void)
{
    uint64_t p = take(1), d = DATA_DESCRIPTOR;

    CHECK_EQ(child_call(update_descriptor, child_mfn(p) << 12 | 64, d), 0);
    CHECK_WANTED(p, 1);
    CHECK_CHANGED(p, 64, 72);
    CHECK_EQ(request(REQ_PEEK, va(p) + 64, 0, 0), d);
}

static void check_gdt(void)
{
    uint64_t d[] = {0, 0, 0, DATA_DESCRIPTOR}, t = table_of(d, ARRAY_SIZE(d)), second, list[2], at;

    list[0] = list[1] = child_mfn(t);
    at = place_across(&second, list, sizeof(list));
    CHECK_EQ(child_call(set_gdt, at, 1024), 0);
    CHECK_WANTED_BOTH(second, t);
    CHECK_EQ(request(REQ_LOAD_FS, 3 << 3 | 3, 0, 0), -1);
    CHECK_EQ(request(REQ_LOAD_FS, 4 << 3 | 3, 0, 0), VEC_GP);
    CHECK_EQ(child_call(set_gdt, 0, 0), 0);
    set_entry(t, PTE_KERN);
}

/* The CPU finds it missing while it loads a selector, or the hypervisor, with one for IRET. */
static void check_ldt(void)
{
    uint64_t d[] = {0, 0, 0, DATA_DESCRIPTOR, CODE_DESCRIPTOR};
    uint64_t t = table_of(d, 4), u = table_of(d, 5), stack = take(1);
    struct iret_context iret = {.rip = (uintptr_t)iret_landing,
                                .rflags = 0x202,
                                .rsp = va(stack + 1),
                                .ss = FLAT_KERNEL_SS};
    struct mmuext_op op = {.cmd = MMUEXT_SET_LDT, .arg1.linear_addr = va(t), .arg2.nr_ents = 512};

    CHECK_EQ(child_call(mmuext_op, give(&op, sizeof(op)), 1, 0, DOMID_SELF), 0);
    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_LOAD_FS, 3 << 3 | 7, 0, 0), -1);
    CHECK_WANTED(t, 1);
    CHECK_EQ(request(REQ_LOAD_FS, 4 << 3 | 7, 0, 0), VEC_GP);
    iret.cs = (4 << 3 | 4) | 1UL << 32;
    op.arg1.linear_addr = va(u);
    CHECK_EQ(child_call(mmuext_op, give(&op, sizeof(op)), 1, 0, DOMID_SELF), 0);
    fill_page(stack);
    CHECK(iret_lands(give(&iret, sizeof(iret))));
    CHECK_WANTED(u, 1);
    op.arg1.linear_addr = op.arg2.nr_ents = 0;
    CHECK_EQ(child_call(mmuext_op, give(&op, sizeof(op)), 1, 0, DOMID_SELF), 0);
    set_entry(t, PTE_KERN);
    set_entry(u, PTE_KERN);
}

void check_tables(void)
{
    check_pin_l1();
    check_use_l1();
    check_bad_l1();
    check_writable_l1();
    check_stores();
    check_pin_l2();
    check_whole_tree(false);
    check_whole_tree(true);
    check_user_base();
    check_lists();
}

void check_descriptors(void)
{
    check_update_descriptor();
    check_gdt();
    check_ldt();
}

/* The last thing that a child does: its events go another way afterwards. */
void check_fifo(void)
{
    struct evtchn_init_control init = {.vcpu = 0, .offset = 64};
    struct evtchn_expand_array expand = {0};
    uint64_t p = take(1), q = take(1);

    init.control_gfn = child_mfn(p);
    expand.array_gfn = child_mfn(q);
    CHECK_EQ(child_call(event_channel_op, EVTCHNOP_init_control, give(&init, sizeof(init))), 0);
    CHECK_WANTED(p, 1);
    CHECK_EQ(child_call(event_channel_op, EVTCHNOP_expand_array, give(&expand, sizeof(expand))), 0);
    CHECK_WANTED(q, 1);
}
