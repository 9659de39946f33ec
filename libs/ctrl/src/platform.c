/* SPDX-License-Identifier: MIT */
/* platform.c - platform operations. */
#include "private.h"

int xctl_platform_op(xctl_handle *h, struct xen_platform_op *op)
{
    return xctl__platform(h, op, NULL, 0, "make a platform operation");
}

int xctl_platform_microcode(xctl_handle *h, const void *data, uint32_t size)
{
    struct xen_platform_op op = {.cmd = XENPF_microcode_update};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.microcode.data, data, size, IN),
    };

    op.u.microcode.length = size;
    return xctl__platform(h, &op, b, ARRAY_SIZE(b), "load microcode");
}

int xctl_platform_resource(xctl_handle *h, unsigned int cpu, struct xenpf_resource_entry *entries,
                           unsigned int count)
{
    struct xen_platform_op op = {.cmd = XENPF_resource_op};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.resource_op.entries, entries, count * sizeof(*entries), BOTH),
    };

    op.u.resource_op.nr_entries = count;
    op.u.resource_op.cpu = cpu;
    return xctl__platform(h, &op, b, ARRAY_SIZE(b), "access MSRs");
}
