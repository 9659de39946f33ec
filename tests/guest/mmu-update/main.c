/* SPDX-License-Identifier: MIT */
/*
 * mmu_update: what validated updates allow and refuse, and that a refused one
 * changes nothing.  4.17 gives -EBUSY for a page of another
 * type, -ENOSYS for an unknown command (ptr bit 2 counts as one), else -EINVAL.
 */
#include "guest.h"

static uint64_t *leaf; /* L1 entry of page */
static char *page;

static uint64_t leaf_maddr(void)
{
    return entry_maddr(leaf);
}

static void check_basic(void)
{
    uint64_t old = *leaf;

    CHECK_EQ(mmu_update1(leaf_maddr(), 0), 0);
    CHECK_EQ(*leaf, 0);
    CHECK_EQ(try_read((uintptr_t)page, NULL), VEC_PF);
    CHECK_EQ(mmu_update1(leaf_maddr(), 0x123456789abcd000UL & ~PTE_P), 0);
    CHECK_EQ(*leaf, 0x123456789abcd000UL);
    CHECK_EQ(mmu_update1(leaf_maddr(), old), 0);
    CHECK_EQ(*leaf & PTE_ADDR, old & PTE_ADDR);
    CHECK_EQ(try_write((uintptr_t)page, 1), -1);
}

/* The user bit is always there on level 1; software bits come back. */
static void check_bits(void)
{
    uint64_t base = mfn_of(page) * PAGE_SIZE, avail = 0x7UL << 9;

    CHECK_EQ(mmu_update1(leaf_maddr(), base | PTE_P | PTE_RW | avail), 0);
    CHECK_EQ(*leaf & PTE_US, PTE_US);
    CHECK_EQ(*leaf & avail, avail);
    CHECK_EQ(mmu_update1(leaf_maddr(), base | PTE_KERN | PTE_NX), 0);
    CHECK_EQ(*leaf & PTE_NX, PTE_NX);
    /* The global bit may be asked for. */
    CHECK_EQ(mmu_update1(leaf_maddr(), base | PTE_KERN | PTE_G), 0);
    CHECK_EQ(mmu_update1(leaf_maddr(), base | PTE_KERN), 0);
}

static void check_preserve(void)
{
    uint64_t base = mfn_of(page) * PAGE_SIZE;

    CHECK_EQ(mmu_update1(leaf_maddr(), base | PTE_P | PTE_RW | PTE_US), 0);
    CHECK_EQ(*leaf & (PTE_A | PTE_D), 0);
    CHECK_EQ(mmuext1(MMUEXT_INVLPG_LOCAL, (uintptr_t)page, 0), 0);
    CHECK_EQ(try_write((uintptr_t)page, 1), -1);
    CHECK_EQ(*leaf & (PTE_A | PTE_D), PTE_A | PTE_D);
    CHECK_EQ(mmu_update1(leaf_maddr() | MMU_PT_UPDATE_PRESERVE_AD, base | PTE_P | PTE_US), 0);
    CHECK_EQ(*leaf & (PTE_A | PTE_D), PTE_A | PTE_D);
    CHECK_EQ(*leaf & PTE_RW, 0);
    CHECK_EQ(mmu_update1(leaf_maddr(), base | PTE_KERN), 0);
}

static void expect_refused(int line, uint64_t val, long rc)
{
    uint64_t old = *leaf;
    long got = mmu_update1(leaf_maddr(), val);

    if (got != rc)
        failure("line %d: entry %lx gives %ld, expected %ld", line, val, got, rc);
    if (*leaf != old)
        failure("line %d: entry changed from %lx to %lx", line, old, *leaf);
}

static void check_refused_leaves(void)
{
    uint64_t pt = mfn_of((void *)start_info->pt_base) * PAGE_SIZE;

    expect_refused(__LINE__, pt | PTE_KERN, -XEN_EBUSY);
    expect_refused(__LINE__, mfn_of(leaf) * PAGE_SIZE | PTE_KERN, -XEN_EBUSY);
    expect_refused(__LINE__, PTE_ADDR | PTE_KERN, -XEN_EINVAL);
    /* Read-only is fine. */
    CHECK_EQ(mmu_update1(leaf_maddr(), pt | PTE_RO), 0);
    CHECK_EQ(mmuext1(MMUEXT_INVLPG_LOCAL, (uintptr_t)page, 0), 0);
    CHECK_EQ(try_write((uintptr_t)page, 0), VEC_PF);
    CHECK_EQ(mmu_update1(leaf_maddr(), mfn_of(page) * PAGE_SIZE | PTE_KERN), 0);
}

static void check_upper_levels(void)
{
    uint64_t *l4 = (uint64_t *)start_info->pt_base;
    uint64_t *l2 = entry_of(VIRT_BASE, 2);
    uint64_t plain = mfn_of(page) * PAGE_SIZE;
    unsigned int slot;

    for (slot = 256; slot < 272; slot += 5) {
        CHECK_EQ(mmu_update1(entry_maddr(&l4[slot]), 0), -XEN_EINVAL);
        CHECK_EQ(mmu_update1(entry_maddr(&l4[slot]), plain | PTE_KERN), -XEN_EINVAL);
    }
    /* A writable page cannot become a table. */
    CHECK_EQ(mmu_update1(entry_maddr(&l4[300]), plain | PTE_KERN), -XEN_EINVAL);
    CHECK_EQ(l4[300], 0);
    CHECK_EQ(mmu_update1(entry_maddr(&l2[200]), plain | PTE_KERN), -XEN_EINVAL);
    CHECK_EQ(mmu_update1(entry_maddr(&l2[200]), PTE_KERN | PTE_PSE), -XEN_EINVAL);
    CHECK_EQ(l2[200], 0);
    /* Nor an L4 a level 3 table. */
    CHECK_EQ(mmu_update1(entry_maddr(&l2[200]),
                         mfn_of((void *)start_info->pt_base) * PAGE_SIZE | PTE_KERN),
             -XEN_EINVAL);
}

static void check_plain_page(void)
{
    uint64_t *words = page_alloc();

    CHECK_EQ(mmu_update1(mfn_of(words) * PAGE_SIZE + 8, 0x1122334455667788UL), 0);
    CHECK_EQ(words[1], 0x1122334455667788UL);
}

static void check_m2p(void)
{
    uint64_t mfn = mfn_of(page), pfn = pfn_of(page);

    CHECK_EQ(mmu_update1(mfn * PAGE_SIZE | MMU_MACHPHYS_UPDATE, 0x4321), 0);
    CHECK_EQ(m2p(mfn), 0x4321);
    CHECK_EQ(mmu_update1(mfn * PAGE_SIZE | MMU_MACHPHYS_UPDATE, pfn), 0);
    CHECK_EQ(m2p(mfn), pfn);
    CHECK_EQ(mmu_update1(PTE_ADDR | MMU_MACHPHYS_UPDATE, 1), -XEN_EINVAL);
    CHECK_EQ(mmu_update1(0xfee00000UL | MMU_MACHPHYS_UPDATE, 1), -XEN_EINVAL);
}

static void check_requests(void)
{
    struct mmu_update u[3];
    uint32_t done = 77;
    uint64_t old = *leaf;

    CHECK_EQ(mmu_update1(leaf_maddr() + 4, 0), -XEN_ENOSYS);
    CHECK_EQ(mmu_update1(PTE_ADDR, 0), -XEN_EINVAL);
    CHECK_EQ(*leaf, old);
    CHECK_EQ(hypercall(mmu_update, UNMAPPED, 1, 0, DOMID_SELF), -XEN_EFAULT);
    CHECK_EQ(hypercall(mmu_update, UNMAPPED, 0, 0, DOMID_SELF), 0);
    CHECK_EQ(hypercall(mmu_update, u, 0, &done, 0x1234), -XEN_ESRCH);
    u[0] = (struct mmu_update){leaf_maddr(), 0};
    u[1] = (struct mmu_update){leaf_maddr() + 4, 0};
    u[2] = (struct mmu_update){leaf_maddr(), old};
    CHECK_EQ(hypercall(mmu_update, u, 3, &done, DOMID_SELF), -XEN_ENOSYS);
    CHECK_EQ(done, 1);
    CHECK_EQ(*leaf, 0);
    CHECK_EQ(mmu_update1(leaf_maddr(), old), 0);
}

void test_main(void)
{
    page = page_alloc();
    leaf = entry_of((uintptr_t)page, 1);
    NEED(leaf);
    check_basic();
    check_bits();
    check_preserve();
    check_refused_leaves();
    check_upper_levels();
    check_plain_page();
    check_m2p();
    check_requests();
    success();
}
