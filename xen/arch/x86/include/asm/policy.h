/* SPDX-License-Identifier: MIT */
/* policy.h - the CPU policies of this machine; see arch/x86/cpu/policy.c. */
#ifndef ASM_POLICY_H
#define ASM_POLICY_H

#include <xen/cpu-policy.h>

extern struct cpu_policy raw_policy, host_policy, pv_max_policy, pv_policy;

#endif /* ASM_POLICY_H */
