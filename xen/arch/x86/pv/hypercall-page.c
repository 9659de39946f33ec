/* SPDX-License-Identifier: MIT */
/*
 * hypercall-page.c - the page through which older PV kernels make hypercalls: one stub of 32 bytes
 * for each number. From the builder of Domain 0 and domctl.
 */
#include <xen/lib.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <public/xen.h>

#define STUB_BYTES 32

/* SYSCALL destroys rcx and r11, so the stub keeps them on the stack. */
static void write_stub(u8 *p, u32 nr)
{
    static const u8 save[] = {0x51, 0x41, 0x53};                   /* push rcx; push r11 */
    static const u8 back[] = {0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3}; /* syscall; pop, pop; ret */

    memcpy(p, save, sizeof(save));
    p[3] = 0xb8; /* mov $nr, eax */
    memcpy(p + 4, &nr, sizeof(nr));
    memcpy(p + 8, back, sizeof(back));
}

/* The frame that iret expects has rax on top, and nothing comes back. */
static void write_iret_stub(u8 *p)
{
    static const u8 stub[] = {0x51, 0x41, 0x53, 0x50, 0xb8, __HYPERVISOR_iret, 0, 0, 0, 0x0f, 0x05};

    memcpy(p, stub, sizeof(stub));
}

void pv_fill_hypercall_page(void *page)
{
    u8 *p = page;

    memset(p, 0xcc, PAGE_SIZE);
    for (u32 nr = 0; nr < PAGE_SIZE / STUB_BYTES; nr++)
        write_stub(p + nr * STUB_BYTES, nr);
    write_iret_stub(p + __HYPERVISOR_iret * STUB_BYTES);
}
