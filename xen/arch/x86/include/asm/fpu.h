/* SPDX-License-Identifier: MIT */
/* fpu.h - floating-point registers of vCPUs: who owns them, and the guest's virtual CR0.TS. */
#ifndef ASM_FPU_H
#define ASM_FPU_H

#include <xen/types.h>

struct vcpu;

int vcpu_fpu_init(struct vcpu *v) __must_check;
void vcpu_fpu_destroy(struct vcpu *v);
/* Sets the state of a vCPU that is not running: 512 bytes as FXSAVE stores them, NULL: reset. */
void vcpu_fpu_set(struct vcpu *v, const void *fxsave);
/* The same, but what FXSAVE does not store stays: XCR0, and with a state also its AVX part. */
void vcpu_fpu_change(struct vcpu *v, const void *fxsave);
/* The legacy part of the state of a vCPU that is not running: 512 bytes. */
void vcpu_fpu_get(const struct vcpu *v, void *fxsave);
/* Current vCPU executes XSETBV: -EINVAL means #GP. */
int vcpu_xsetbv(struct vcpu *v, u32 index, u64 val) __must_check;
/* The whole state of a vCPU that is not running, as domctl passes it: bytes, 0 without XSAVE. */
size_t vcpu_ext_state_size(const struct vcpu *v);
int vcpu_ext_state_get(const struct vcpu *v, unsigned long buffer) __must_check;
/* -EINVAL: not valid for the domain's policy; -EOPNOTSUPP: no XSAVE. Checks all, then commits. */
int vcpu_ext_state_set(struct vcpu *v, unsigned long buffer, size_t size) __must_check;
/* From context_switch only. */
void vcpu_fpu_save(struct vcpu *v);
void vcpu_fpu_load(struct vcpu *v);
/* Current vCPU: its next FPU instruction faults (#NM to the guest) while ts is set. */
void vcpu_fpu_set_ts(struct vcpu *v, bool ts);

#endif /* ASM_FPU_H */
