/* SPDX-License-Identifier: MIT */
/* guest-access.c - copying to and from the memory of the current PV guest. */
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <asm/mm.h>
#include <asm/page.h>

bool guest_range_ok(unsigned long gaddr, size_t len)
{
    unsigned long last;

    if (!len)
        return true;
    if (__builtin_add_overflow(gaddr, len - 1, &last))
        return false;
    /* A range that spans the hole in the middle faults there, before it reaches our addresses. */
    return last < HYPERVISOR_VIRT_START || gaddr >= HYPERVISOR_VIRT_END;
}

int copy_from_guest(void *dst, unsigned long gaddr, size_t len)
{
    if (unlikely(!guest_range_ok(gaddr, len)))
        return -EFAULT;
    return guest_copy(dst, (const void *)gaddr, len) ? -EFAULT : 0;
}

int copy_to_guest(unsigned long gaddr, const void *src, size_t len)
{
    if (unlikely(!guest_range_ok(gaddr, len)))
        return -EFAULT;
    return guest_copy((void *)gaddr, src, len) ? -EFAULT : 0;
}

int clear_guest(unsigned long gaddr, size_t len)
{
    if (unlikely(!guest_range_ok(gaddr, len)))
        return -EFAULT;
    return guest_clear((void *)gaddr, len) ? -EFAULT : 0;
}
