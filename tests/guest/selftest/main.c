/* SPDX-License-Identifier: MIT */
/*
 * The framework itself: printf, catching of faults, page-table walk, M2P,
 * system time that moves on, the way into user mode and back.
 */
#include "guest.h"

static void check_print(void)
{
    print("print: %d %u %x %08lx %s %c %p %%\n", -12, 34U, 0xabcU, 0x1234UL, "text", 'c',
          (void *)0x1000);
}

static void check_faults(void)
{
    uint64_t value = 0;

    CHECK_EQ(try_read(UNMAPPED, &value), VEC_PF);
    CHECK_EQ(trap_last_cr2, UNMAPPED);
    CHECK_EQ(try_read(VIRT_BASE + 0x100000, &value), -1);
    CHECK(value != 0);
    CHECK_EQ(try_write(start_info->pt_base, 0), VEC_PF);
}

static void check_memory(void)
{
    void *page = page_alloc();
    uint64_t *l1 = entry_of((uintptr_t)page, 1);

    NEED(l1);
    CHECK_EQ((*l1 & PTE_ADDR) >> 12, mfn_of(page));
    CHECK_EQ(m2p(mfn_of(page)), pfn_of(page));
    CHECK_EQ(va_of_mfn(mfn_of(page)), page);
    CHECK_EQ(set_writable(page, false), 0);
    CHECK_EQ(try_write((uintptr_t)page, 1), VEC_PF);
    CHECK_EQ(set_writable(page, true), 0);
    CHECK_EQ(try_write((uintptr_t)page, 1), -1);
}

static void check_user(void)
{
    static const uint8_t ud2[] = {0x90, 0x0f, 0x0b};

    CHECK_EQ(user_init(), 0);
    CHECK_EQ(user_run(ud2, sizeof(ud2)), VEC_UD);
    CHECK_EQ(trap_last.rip, USER_CODE + 1);
    CHECK_EQ(trap_last.cs & 3, 3);
}

void test_main(void)
{
    uint64_t t = system_time();

    check_print();
    check_faults();
    check_memory();
    check_user();
    wait_until(t + 2000000);
    CHECK(system_time() > t);
    success();
}
