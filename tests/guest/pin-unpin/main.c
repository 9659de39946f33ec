/* SPDX-License-Identifier: MIT */
/*
 * Pinning of all four levels, what may be pinned, and which mistakes are
 * refused.  A pinned page cannot be mapped writable; an unpinned one can.
 */
#include "guest.h"

static uint64_t *table[5]; /* table[n] is of level n */

static uint64_t entry_for(const void *page)
{
    return mfn_of(page) * PAGE_SIZE | PTE_KERN;
}

/* A small tree: one leaf, one table on each level above, all read-only. */
static void build_tree(void)
{
    void *data = page_alloc();
    int level;

    for (level = 1; level <= 4; level++) {
        table[level] = page_alloc();
        table[level][level == 1 ? 5 : 0] = entry_for(level == 1 ? data : table[level - 1]);
        NEED(set_writable(table[level], false) == 0);
    }
}

static void check_each_level(void)
{
    unsigned int level;

    for (level = 1; level <= 4; level++) {
        uint64_t mfn = mfn_of(table[level]);

        CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE + level - 1, mfn, 0), 0);
        CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE + level - 1, mfn, 0), -XEN_EINVAL);
        CHECK_EQ(set_writable(table[level], true), -XEN_EBUSY);
        CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
        CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn, 0), -XEN_EINVAL);
        CHECK_EQ(set_writable(table[level], true), 0);
        CHECK_EQ(set_writable(table[level], false), 0);
    }
}

/* A level 4 pin holds everything below; lower pins add to it. */
static void check_tree(void)
{
    CHECK_EQ(mmuext1(MMUEXT_PIN_L4_TABLE, mfn_of(table[4]), 0), 0);
    CHECK_EQ(set_writable(table[1], true), -XEN_EBUSY);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE, mfn_of(table[1]), 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(table[4]), 0), 0);
    CHECK_EQ(set_writable(table[2], true), 0);
    CHECK_EQ(set_writable(table[1], true), -XEN_EBUSY);
    CHECK_EQ(set_writable(table[2], false), 0);
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(table[1]), 0), 0);
}

static void check_wrong_level(void)
{
    CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE, mfn_of(table[1]), 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L2_TABLE, mfn_of(table[1]), 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L4_TABLE, mfn_of(table[1]), 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(table[1]), 0), 0);
}

static void check_writable_page(void)
{
    uint64_t *page = page_alloc();

    CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE, mfn_of(page), 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L4_TABLE, mfn_of(page), 0), -XEN_EINVAL);
    CHECK_EQ(try_write((uintptr_t)page, 1), -1);
}

/* Bad entries inside make the whole table unfit, and leave it untyped. */
static void check_bad_content(void)
{
    uint64_t *page = page_alloc();

    page[7] = mfn_of((void *)start_info->pt_base) * PAGE_SIZE | PTE_KERN;
    NEED(set_writable(page, false) == 0);
    CHECK(mmuext1(MMUEXT_PIN_L1_TABLE, mfn_of(page), 0) < 0);
    CHECK(mmuext1(MMUEXT_PIN_L2_TABLE, mfn_of(page), 0) < 0);
    NEED(set_writable(page, true) == 0);
    page[7] = PTE_ADDR | PTE_P;
    NEED(set_writable(page, false) == 0);
    CHECK(mmuext1(MMUEXT_PIN_L1_TABLE, mfn_of(page), 0) < 0);
    CHECK_EQ(set_writable(page, true), 0);
}

/* Old contents of the hypervisor's slots are overwritten, not judged. */
static void check_stale_slots(void)
{
    uint64_t *l4 = page_alloc();
    unsigned int slot;

    for (slot = 256; slot < 272; slot++)
        l4[slot] = PTE_ADDR | 0xfff;
    NEED(set_writable(l4, false) == 0);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L4_TABLE, mfn_of(l4), 0), 0);
    CHECK(l4[256] != (PTE_ADDR | 0xfff));
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(l4), 0), 0);
}

static void check_numbers(void)
{
    struct mmuext_op op[2] = {{.cmd = MMUEXT_TLB_FLUSH_LOCAL}, {.cmd = 99}};
    uint32_t done = 77;

    CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE, PTE_ADDR >> 12, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE, 0xfee00, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, PTE_ADDR >> 12, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_NEW_BASEPTR, PTE_ADDR >> 12, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_NEW_BASEPTR, mfn_of(table[1]), 0), -XEN_EINVAL);
    CHECK_EQ(hypercall(mmuext_op, op, 2, &done, DOMID_SELF), -XEN_ENOSYS);
    CHECK_EQ(done, 1);
    CHECK_EQ(hypercall(mmuext_op, UNMAPPED, 1, 0, DOMID_SELF), -XEN_EFAULT);
    CHECK_EQ(hypercall(mmuext_op, op, 1, 0, 0x1234), -XEN_ESRCH);
}

static void check_flushes(void)
{
    uint64_t mask = 1;

    CHECK_EQ(mmuext1(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_INVLPG_LOCAL, VIRT_BASE, 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_INVLPG_ALL, VIRT_BASE, 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_TLB_FLUSH_MULTI, 0, (uintptr_t)&mask), 0);
    CHECK_EQ(mmuext1(MMUEXT_INVLPG_MULTI, VIRT_BASE, (uintptr_t)&mask), 0);
    CHECK_EQ(mmuext1(MMUEXT_TLB_FLUSH_MULTI, 0, UNMAPPED), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_INVLPG_LOCAL, NONCANON, 0), 0);
}

void test_main(void)
{
    build_tree();
    check_each_level();
    check_tree();
    check_wrong_level();
    check_writable_page();
    check_bad_content();
    check_stale_slots();
    check_numbers();
    check_flushes();
    success();
}
