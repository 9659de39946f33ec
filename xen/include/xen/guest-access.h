/* SPDX-License-Identifier: MIT */
/*
 * guest-access.h - reading and writing the memory of the guest that made a hypercall.
 *
 * Addresses are linear addresses of the current vCPU as the hypercall passed them. Every function
 * returns 0 or -EFAULT; after a failure some bytes may have been copied. They may be called with
 * locks held: a fault is fixed up, never serviced. The hypervisor's own address range is refused.
 */
#ifndef XEN_GUEST_ACCESS_H
#define XEN_GUEST_ACCESS_H

#include <xen/types.h>
#include <xen/errno.h>

int copy_from_guest(void *dst, unsigned long gaddr, size_t len) __must_check;
int copy_to_guest(unsigned long gaddr, const void *src, size_t len) __must_check;
int clear_guest(unsigned long gaddr, size_t len) __must_check;
/* Whether [gaddr, gaddr + len) lies wholly outside the hypervisor's range and does not wrap. */
bool guest_range_ok(unsigned long gaddr, size_t len);
/* Elements of an array in guest memory: the address arithmetic is checked for wrapping. */
static inline int copy_elem_from_guest(void *dst, unsigned long array, u64 index, size_t size)
{
    unsigned long off;

    if (__builtin_mul_overflow(index, size, &off) || __builtin_add_overflow(array, off, &off))
        return -EFAULT;
    return copy_from_guest(dst, off, size);
}
static inline int copy_elem_to_guest(unsigned long array, u64 index, const void *src, size_t size)
{
    unsigned long off;

    if (__builtin_mul_overflow(index, size, &off) || __builtin_add_overflow(array, off, &off))
        return -EFAULT;
    return copy_to_guest(off, src, size);
}

#endif /* XEN_GUEST_ACCESS_H */
