/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: x86 HVM state records.  Only the types that other headers embed
 * are given here.
 */
#ifndef XEN_PUBLIC_ARCH_X86_HVM_SAVE_H
#define XEN_PUBLIC_ARCH_X86_HVM_SAVE_H

#include <stdint.h>

/* IN/OUT: machine check state of one vCPU. */
struct hvm_vmce_vcpu {
    uint64_t caps;
    uint64_t mci_ctl2_bank0;
    uint64_t mci_ctl2_bank1;
    uint64_t mcg_ext_ctl;
};

#endif /* XEN_PUBLIC_ARCH_X86_HVM_SAVE_H */
