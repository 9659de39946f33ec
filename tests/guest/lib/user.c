/* SPDX-License-Identifier: MIT */
/* A minimal user address space: its own L4 with one code and one stack page. */
#include "guest.h"

uint64_t user_l4_mfn;

static void *code_page;
static struct {
    char bytes[16384];
} user_trap_stack __attribute__((aligned(4096)));

static uint64_t user_entry(const void *page)
{
    return mfn_of(page) * PAGE_SIZE | PTE_KERN;
}

long user_init(void)
{
    uint64_t *l4 = page_alloc(), *l3 = page_alloc(), *l2 = page_alloc();
    uint64_t *l1_code = page_alloc(), *l1_stack = page_alloc();
    void *tables[] = {l4, l3, l2, l1_code, l1_stack};
    unsigned int i;
    long rc;

    code_page = page_alloc();
    l1_code[0] = user_entry(code_page);
    l1_stack[(USER_STACK >> 12) & 511] = user_entry(page_alloc());
    l2[USER_CODE >> 21] = user_entry(l1_code);
    if (USER_STACK >> 21 != USER_CODE >> 21)
        l2[USER_STACK >> 21] = user_entry(l1_stack);
    else
        l1_code[(USER_STACK >> 12) & 511] = l1_stack[(USER_STACK >> 12) & 511];
    l3[0] = user_entry(l2);
    l4[0] = user_entry(l3);
    for (i = 0; i < ARRAY_SIZE(tables); i++) {
        rc = set_writable(tables[i], false);
        if (rc)
            return rc;
    }
    rc = mmuext1(MMUEXT_PIN_L4_TABLE, mfn_of(l4), 0);
    if (!rc)
        rc = mmuext1(MMUEXT_NEW_USER_BASEPTR, mfn_of(l4), 0);
    if (!rc)
        rc = hypercall(stack_switch, FLAT_KERNEL_SS, &user_trap_stack + 1);
    user_l4_mfn = mfn_of(l4);
    return rc;
}

static void go(void *unused)
{
    static struct iret_context frame;

    (void)unused;
    memset(&frame, 0, sizeof(frame));
    frame.rip = USER_CODE;
    frame.cs = FLAT_USER_CS64;
    frame.rflags = 0x202;
    frame.rsp = USER_STACK + PAGE_SIZE;
    frame.ss = FLAT_USER_SS64;
    enter_frame(&frame);
}

int user_run(const void *code, size_t size)
{
    memcpy(code_page, code, size);
    return catch_trap(go, NULL);
}
