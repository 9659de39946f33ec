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
/* From context_switch only. */
void vcpu_fpu_save(struct vcpu *v);
void vcpu_fpu_load(struct vcpu *v);
/* Current vCPU: its next FPU instruction faults (#NM to the guest) while ts is set. */
void vcpu_fpu_set_ts(struct vcpu *v, bool ts);

#endif /* ASM_FPU_H */
