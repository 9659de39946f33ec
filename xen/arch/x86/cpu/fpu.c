/* SPDX-License-Identifier: MIT */
/*
 * fpu.c - floating-point state of vCPUs, switched eagerly: the registers belong to the running vCPU
 * from context_switch() to context_switch(). FXSAVE format; XSAVE stays hidden from guests.
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/fpu.h>
#include <asm/system.h>

#define FPU_AREA_SIZE 512
#define FCW_RESET     0x37f
#define MXCSR_RESET   0x1f80

static void set_reset_state(u8 *area)
{
    memset(area, 0, FPU_AREA_SIZE);
    *(u16 *)area = FCW_RESET;
    *(u32 *)(area + 24) = MXCSR_RESET;
}

int vcpu_fpu_init(struct vcpu *v)
{
    v->arch.fpu = xzalloc_bytes(FPU_AREA_SIZE, 64);
    if (!v->arch.fpu)
        return -ENOMEM;
    set_reset_state(v->arch.fpu);
    return 0;
}

void vcpu_fpu_destroy(struct vcpu *v)
{
    xfree(v->arch.fpu);
    v->arch.fpu = NULL;
}

void vcpu_fpu_set(struct vcpu *v, const void *fxsave)
{
    u8 *area = v->arch.fpu;

    if (!fxsave) {
        set_reset_state(area);
        return;
    }
    memcpy(area, fxsave, FPU_AREA_SIZE);
    /* A reserved bit in MXCSR would make FXRSTOR fault in our context. */
    *(u32 *)(area + 24) &= 0xffff;
}

void vcpu_fpu_save(struct vcpu *v)
{
    clts();
    __asm__ volatile("fxsave64 %0" : "=m"(*(u8(*)[FPU_AREA_SIZE])v->arch.fpu));
}

void vcpu_fpu_load(struct vcpu *v)
{
    clts();
    __asm__ volatile("fxrstor64 %0" ::"m"(*(const u8(*)[FPU_AREA_SIZE])v->arch.fpu));
    if (v->arch.guest_ts)
        write_cr0(read_cr0() | CR0_TS);
}

void vcpu_fpu_set_ts(struct vcpu *v, bool ts)
{
    if (v->arch.guest_ts == ts)
        return;
    v->arch.guest_ts = ts;
    if (ts)
        write_cr0(read_cr0() | CR0_TS);
    else
        clts();
}
