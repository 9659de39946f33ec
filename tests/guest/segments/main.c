/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables and segment bases: set_gdt, update_descriptor, SET_LDT,
 * set_segment_base.  Descriptors that would give privilege are refused, a
 * table page cannot stay writable.
 */
#include "guest.h"

#define CODE64    0x00affb000000ffffUL /* level 3 */
#define DATA      0x00cff3000000ffffUL
#define CODE0     0x00af9b000000ffffUL /* level 0 */
#define GATE      0x00008e0000000000UL
#define TRAP_GATE 0x0000ef0000000000UL
#define TSS       0x0000890000000067UL

static uint64_t *gdt;

static long set_gdt(const void *page, unsigned int entries)
{
    uint64_t frame = mfn_of(page);

    return hypercall(set_gdt, &frame, entries);
}

static void load_es(void *arg)
{
    uint16_t selector = (uint16_t)(uintptr_t)arg;

    __asm__ volatile("movw %0, %%es" : : "rm"(selector));
}

static void check_gdt(void)
{
    uint64_t bad = PTE_ADDR >> 12;

    gdt[2] = DATA;
    gdt[3] = CODE0;
    CHECK_EQ(set_gdt(gdt, 16), -XEN_EINVAL);
    NEED(set_writable(gdt, false) == 0);
    CHECK_EQ(set_gdt(gdt, 16), 0);
    CHECK_EQ(set_writable(gdt, true), -XEN_EBUSY);
    /* Level 0 of the code segment was raised to 3. */
    CHECK_EQ(gdt[3] >> 45 & 3, 3);
    CHECK_EQ(catch_trap(load_es, (void *)0x13), -1);
    CHECK_EQ(catch_trap(load_es, (void *)0x23), VEC_GP);
    CHECK_EQ(trap_last.error_code, 0x20);
    load_es(NULL);
    CHECK_EQ(hypercall(set_gdt, &bad, 16), -XEN_EINVAL);
    CHECK_EQ(hypercall(set_gdt, &bad, FIRST_RESERVED_GDT_ENTRY + 1), -XEN_EINVAL);
    CHECK_EQ(hypercall(set_gdt, UNMAPPED, 16), -XEN_EFAULT);
    CHECK_EQ(catch_trap(load_es, (void *)0x13), -1);
    load_es(NULL);
}

static void check_bad_gdt(void)
{
    static const uint64_t bad[] = {GATE, TRAP_GATE, TSS};
    uint64_t *page = page_alloc();
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        NEED(set_writable(page, true) == 0);
        page[4] = bad[i];
        NEED(set_writable(page, false) == 0);
        if (set_gdt(page, 16) != -XEN_EINVAL)
            failure("a GDT with %lx is not refused", bad[i]);
    }
}

static void check_update(void)
{
    uint64_t at = mfn_of(gdt) * PAGE_SIZE;
    uint64_t *plain = page_alloc();

    CHECK_EQ(hypercall(update_descriptor, at + 5 * 8, DATA), 0);
    CHECK_EQ(gdt[5], DATA);
    CHECK_EQ(hypercall(update_descriptor, at + 6 * 8, CODE64), 0);
    CHECK_EQ(hypercall(update_descriptor, at + 5 * 8, 0), 0);
    CHECK_EQ(hypercall(update_descriptor, at + 5 * 8, GATE), -XEN_EINVAL);
    CHECK_EQ(hypercall(update_descriptor, at + 5 * 8, TSS), -XEN_EINVAL);
    CHECK_EQ(gdt[5], 0);
    CHECK_EQ(hypercall(update_descriptor, at + 5 * 8 + 4, DATA), -XEN_EINVAL);
    CHECK_EQ(hypercall(update_descriptor, PTE_ADDR, DATA), -XEN_EINVAL);
    CHECK_EQ(hypercall(update_descriptor, mfn_of((void *)start_info->pt_base) * PAGE_SIZE, DATA),
             -XEN_EINVAL);
    CHECK_EQ(hypercall(update_descriptor, mfn_of(plain) * PAGE_SIZE + 8, DATA), 0);
    CHECK_EQ(plain[1], DATA);
}

static void check_release(void)
{
    CHECK_EQ(hypercall(set_gdt, 0, 0), 0);
    CHECK_EQ(set_writable(gdt, true), 0);
    CHECK_EQ(catch_trap(load_es, (void *)0x13), VEC_GP);
}

static void check_ldt(void)
{
    uint64_t *ldt = page_alloc();

    ldt[1] = DATA;
    NEED(set_writable(ldt, false) == 0);
    CHECK_EQ(mmuext1(MMUEXT_SET_LDT, (uintptr_t)ldt + 8, 4), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_SET_LDT, (uintptr_t)ldt, 8193), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_SET_LDT, HYPERVISOR_VIRT_START, 4), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_SET_LDT, (uintptr_t)ldt, 4), 0);
    CHECK_EQ(catch_trap(load_es, (void *)0x0f), -1);
    CHECK_EQ(set_writable(ldt, true), -XEN_EBUSY);
    load_es(NULL);
    CHECK_EQ(mmuext1(MMUEXT_SET_LDT, 0, 0), 0);
    CHECK_EQ(catch_trap(load_es, (void *)0x0f), VEC_GP);
    CHECK_EQ(set_writable(ldt, true), 0);
}

static uint64_t gs_word(void)
{
    uint64_t value;

    __asm__ volatile("movq %%gs:8, %0" : "=r"(value));
    return value;
}

static void check_bases(void)
{
    uint64_t *data = page_alloc();

    data[1] = 0x5555;
    CHECK_EQ(hypercall(set_segment_base, SEGBASE_GS_KERNEL, data), 0);
    CHECK_EQ(gs_word(), 0x5555);
    CHECK_EQ(hypercall(set_segment_base, SEGBASE_FS, data), 0);
    CHECK_EQ(hypercall(set_segment_base, SEGBASE_GS_USER, data), 0);
    CHECK_EQ(hypercall(set_segment_base, SEGBASE_FS, NONCANON), -XEN_EINVAL);
    CHECK_EQ(hypercall(set_segment_base, SEGBASE_GS_USER, NONCANON), -XEN_EINVAL);
    CHECK_EQ(hypercall(set_segment_base, SEGBASE_GS_KERNEL, NONCANON), -XEN_EINVAL);
    CHECK_EQ(gs_word(), 0x5555);
    CHECK_EQ(hypercall(set_segment_base, SEGBASE_GS_USER_SEL, 0x1233), 0);
    CHECK_EQ(hypercall(set_segment_base, 4, 0), -XEN_EINVAL);
    CHECK_EQ(gs_word(), 0x5555);
}

void test_main(void)
{
    gdt = page_alloc();
    check_gdt();
    check_bad_gdt();
    NEED(set_gdt(gdt, 16) == 0);
    check_update();
    check_release();
    check_ldt();
    check_bases();
    success();
}
