/* SPDX-License-Identifier: MIT */
/* ctl-bitmap.h - bitmaps in the memory of a tool, as domctl and sysctl pass them. */
#ifndef XEN_CTL_BITMAP_H
#define XEN_CTL_BITMAP_H

#include <xen/percpu.h>
#include <public/xen.h>

/* Bits beyond the tool's buffer read as 0; those beyond nr_bits are ignored. -EFAULT. */
int ctl_bitmap_read(const struct xenctl_bitmap *from, unsigned long *to, unsigned int nr_bits);
/* Fills the tool's whole buffer: bits beyond nr_bits are 0. -EFAULT. */
int ctl_bitmap_write(const struct xenctl_bitmap *to, const unsigned long *from,
                     unsigned int nr_bits);

/* Sets of CPUs: only those that exist. */
static inline int ctl_cpumask_read(const struct xenctl_bitmap *from, cpumask_t *to)
{
    return ctl_bitmap_read(from, to->bits, nr_cpus);
}
static inline int ctl_cpumask_write(const struct xenctl_bitmap *to, const cpumask_t *from)
{
    return ctl_bitmap_write(to, from->bits, nr_cpus);
}

#endif /* XEN_CTL_BITMAP_H */
