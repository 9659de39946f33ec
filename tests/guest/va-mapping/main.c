/* SPDX-License-Identifier: MIT */
/*
 * update_va_mapping: maps and unmaps by address, flushes as told, refuses
 * addresses without a level 1 table and those of the hypervisor.
 */
#include "guest.h"

static char *first, *second;

static uint64_t pte(const void *page)
{
    return mfn_of(page) * PAGE_SIZE | PTE_KERN;
}

static void check_remap(void)
{
    volatile char *at = first;

    first[0] = 'a';
    second[0] = 'b';
    CHECK_EQ(hypercall(update_va_mapping, first, pte(second), UVMF_INVLPG | UVMF_LOCAL), 0);
    CHECK_EQ(at[0], 'b');
    CHECK_EQ(hypercall(update_va_mapping, first, 0, UVMF_TLB_FLUSH | UVMF_ALL), 0);
    CHECK_EQ(try_read((uintptr_t)first, NULL), VEC_PF);
    CHECK_EQ(hypercall(update_va_mapping, first, pte(first), UVMF_NONE), 0);
    CHECK_EQ(at[0], 'a');
    /* The low bits of the address do not matter. */
    CHECK_EQ(hypercall(update_va_mapping, first + 123, pte(second), UVMF_INVLPG | UVMF_ALL), 0);
    CHECK_EQ(at[0], 'b');
    CHECK_EQ(hypercall(update_va_mapping, first, pte(first), UVMF_TLB_FLUSH), 0);
    CHECK_EQ(at[0], 'a');
}

static void check_mask(void)
{
    uint64_t vcpus = 1;

    CHECK_EQ(hypercall(update_va_mapping, first, pte(first), UVMF_TLB_FLUSH | (uintptr_t)&vcpus),
             0);
    CHECK_EQ(hypercall(update_va_mapping, first, pte(first), UVMF_INVLPG | (uintptr_t)&vcpus), 0);
}

static void check_misuse(void)
{
    uint64_t old = *entry_of((uintptr_t)first, 1);
    uint64_t table = mfn_of((void *)start_info->pt_base) * PAGE_SIZE;

    CHECK_EQ(hypercall(update_va_mapping, UNMAPPED, pte(first), 0), -XEN_EINVAL);
    CHECK_EQ(hypercall(update_va_mapping, HYPERVISOR_VIRT_START, pte(first), 0), -XEN_EINVAL);
    CHECK_EQ(hypercall(update_va_mapping, HYPERVISOR_VIRT_END - 4096, 0, 0), -XEN_EINVAL);
    CHECK_EQ(hypercall(update_va_mapping, NONCANON, pte(first), 0), -XEN_EINVAL);
    CHECK_EQ(hypercall(update_va_mapping, first, table | PTE_KERN, 0), -XEN_EBUSY);
    CHECK_EQ(hypercall(update_va_mapping, first, PTE_ADDR | PTE_KERN, 0), -XEN_EINVAL);
    CHECK_EQ(*entry_of((uintptr_t)first, 1), old);
    CHECK_EQ(hypercall(update_va_mapping_otherdomain, first, pte(first), 0, 0x1234), -XEN_ESRCH);
}

/* A mask that cannot be read: the entry is written all the same. */
static void check_bad_mask(void)
{
    CHECK_EQ(hypercall(update_va_mapping, first, 0, UVMF_INVLPG | (UNMAPPED & ~7UL)), -XEN_EFAULT);
    CHECK_EQ(hypercall(update_va_mapping, first, pte(first), UVMF_INVLPG | UVMF_ALL), 0);
}

void test_main(void)
{
    first = page_alloc();
    second = page_alloc();
    check_remap();
    check_mask();
    check_misuse();
    check_bad_mask();
    success();
}
