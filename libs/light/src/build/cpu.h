/* SPDX-License-Identifier: MIT */
/* cpu.h - what CPUID shows a new domain. */
#ifndef XENOLITH_LIGHT_BUILD_CPU_H
#define XENOLITH_LIGHT_BUILD_CPU_H

#include "why.h"
#include <stdbool.h>

/* Changes one register of a leaf after all else: bits are cleared, then set. */
struct xlight__cpu_change {
    uint32_t leaf, subleaf; /* XEN_CPUID_NO_SUBLEAF for leaves that have none */
    unsigned int reg;       /* 0 eax, 1 ebx, 2 ecx, 3 edx */
    uint32_t clear, set;
};

struct xlight__cpu_options {
    bool itsc;   /* time stamps are the same everywhere: only for those that never move */
    bool nested; /* HVM: may run virtual machines of its own */
    const struct xlight__cpu_change *changes;
    unsigned int nr_changes;
};

/*
 * Gives a domain that has not run yet the hypervisor's default policy for its kind, with a topology
 * that fits its APIC ids. options may be NULL. -ENOENT: a change is for a leaf that the policy does
 * not have; -EINVAL, -ERANGE: the hypervisor refuses what was changed.
 */
int xlight__cpu_policy(xctl_handle *h, domid_t domid, bool hvm,
                       const struct xlight__cpu_options *options, struct xlight__why *why);

#endif /* XENOLITH_LIGHT_BUILD_CPU_H */
