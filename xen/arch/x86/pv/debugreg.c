/* SPDX-License-Identifier: MIT */
/*
 * debugreg.c - virtual debug registers of PV guests.
 *
 * struct vcpu holds them. The hardware gets them only while DR7 enables a breakpoint, and then with
 * I/O breakpoints left out: a guest's ports are accessed by the hypervisor, never in ring 3.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/page.h>
#include <asm/system.h>
#include "private.h"

#define DR6_STATUS  0x0000e00fUL
#define DR6_FIXED   0xffff0ff0UL
#define DR7_ENABLES 0x000000ffUL
#define DR7_FIXED   0x00000400UL
#define DR7_GD      0x00002000UL
#define DR7_ZERO    0x0000dc00UL /* reserved, RTM and bit 10, which is or-ed in afterwards */
#define DR7_RW_IO   2UL

/* Whether this CPU's DR7 enables anything. */
static DEFINE_PER_CPU(bool, hw_breakpoints);

static unsigned long dr7_rw(unsigned long dr7, unsigned int i)
{
    return dr7 >> (16 + 4 * i) & 3;
}

static unsigned long dr7_enable_mask(unsigned int i)
{
    return 3UL << (2 * i);
}

/* What the hardware may be given. */
static unsigned long hw_dr7(const struct vcpu *v)
{
    unsigned long dr7 = v->arch.dr[7] | DR7_FIXED;

    for (unsigned int i = 0; i < 4; i++)
        if (dr7_rw(dr7, i) == DR7_RW_IO)
            dr7 &= ~(dr7_enable_mask(i) | 0xfUL << (16 + 4 * i));
    return dr7;
}

void pv_debugregs_load(struct vcpu *v)
{
    unsigned long dr7 = hw_dr7(v);
    bool *active = &this_cpu(hw_breakpoints);

    pv_cr4_load(v);
    if (!(dr7 & DR7_ENABLES)) {
        if (*active)
            __asm__ volatile("mov %0,%%dr7" ::"r"(DR7_FIXED));
        *active = false;
        return;
    }
    /* Off first, so that no half-loaded set can match. */
    __asm__ volatile("mov %0,%%dr7" ::"r"(DR7_FIXED));
    __asm__ volatile("mov %0,%%dr0" ::"r"(v->arch.dr[0]));
    __asm__ volatile("mov %0,%%dr1" ::"r"(v->arch.dr[1]));
    __asm__ volatile("mov %0,%%dr2" ::"r"(v->arch.dr[2]));
    __asm__ volatile("mov %0,%%dr3" ::"r"(v->arch.dr[3]));
    __asm__ volatile("mov %0,%%dr7" ::"r"(dr7));
    *active = true;
}

/* DR4 and DR5 mean DR6 and DR7, except with CR4.DE. */
static int real_number(const struct vcpu *v, unsigned int reg, unsigned int *ret_reg)
{
    if (reg > 7)
        return -ENODEV;
    if (reg == 4 || reg == 5) {
        if (v->arch.guest_cr4 & CR4_DE)
            return -ENODEV;
        reg += 2;
    }
    *ret_reg = reg;
    return 0;
}

static int check_dr7(const struct vcpu *v, unsigned long val)
{
    if (val & DR7_GD)
        return -EPERM;
    for (unsigned int i = 0; i < 4; i++)
        if ((val & dr7_enable_mask(i)) && dr7_rw(val, i) == DR7_RW_IO &&
            !(v->arch.guest_cr4 & CR4_DE))
            return -EPERM;
    return 0;
}

int pv_set_debugreg(struct vcpu *v, unsigned int reg, unsigned long val)
{
    int rc = real_number(v, reg, &reg);

    if (rc)
        return rc;
    if (reg < 4) {
        /* Breakpoints in the hypervisor are refused; 8 is the widest one. Nor is the hole memory.
         */
        if (!is_canonical(val) || !guest_range_ok(val, 8))
            return -EPERM;
        v->arch.dr[reg] = val;
    } else {
        if (val >> 32)
            return -EINVAL;
        if (reg == 7) {
            rc = check_dr7(v, val);
            if (rc)
                return rc;
            v->arch.dr[7] = (val & ~DR7_ZERO) | DR7_FIXED;
        } else {
            v->arch.dr[6] = (val & DR6_STATUS) | DR6_FIXED;
        }
    }
    if (v == current && reg != 6)
        pv_debugregs_load(v);
    return 0;
}

int pv_get_debugreg(const struct vcpu *v, unsigned int reg, unsigned long *ret_val)
{
    int rc = real_number(v, reg, &reg);

    if (rc)
        return rc;
    *ret_val = v->arch.dr[reg];
    if (reg == 6)
        *ret_val |= DR6_FIXED;
    else if (reg == 7)
        *ret_val |= DR7_FIXED;
    return 0;
}

long do_set_debugreg(unsigned long reg, unsigned long value)
{
    return pv_set_debugreg(current, reg > 7 ? 8 : (unsigned int)reg, value);
}

long do_get_debugreg(unsigned long reg)
{
    unsigned long val;
    int rc = pv_get_debugreg(current, reg > 7 ? 8 : (unsigned int)reg, &val);

    return rc ? rc : (long)val;
}
