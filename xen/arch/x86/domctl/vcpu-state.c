/* SPDX-License-Identifier: MIT */
/*
 * vcpu-state.c - domctl operations on state of a vCPU that the context structure has no room for:
 * XSAVE components and MSRs. For saving and restoring; the vCPU is paused meanwhile.
 */
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/fpu.h>
#include <asm/system.h>
#include <xen/domctl-table.h>

/* --- extended state; without XSAVE there are no components --- */

long domctl_getvcpuextstate(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuextstate *s = &op->u.vcpuextstate;
    struct vcpu *v = domain_vcpu(d, s->vcpu);
    size_t size;
    long rc = 0;

    if (!v)
        return -ESRCH;
    vcpu_pause(v);
    size = vcpu_ext_state_size(v);
    if (!s->size && !s->buffer) {
        s->xfeature_mask = size ? v->arch.xcr0_accum : 0;
        s->size = size;
    } else if (!size || s->size != size) {
        rc = -EINVAL;
    } else {
        rc = vcpu_ext_state_get(v, s->buffer);
    }
    vcpu_unpause(v);
    return rc;
}

long domctl_setvcpuextstate(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuextstate *s = &op->u.vcpuextstate;
    struct vcpu *v = domain_vcpu(d, s->vcpu);
    long rc;

    if (!v)
        return -ESRCH;
    vcpu_pause(v);
    rc = vcpu_ext_state_set(v, s->buffer, s->size);
    vcpu_unpause(v);
    return rc;
}

/* --- MSRs: the one that PV guests have and that is not elsewhere in their state --- */

#define NR_MSRS 1

long domctl_get_vcpu_msrs(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
    struct vcpu *v = domain_vcpu(d, m->vcpu);
    struct xen_domctl_vcpu_msr msr = {.index = MSR_TSC_AUX};

    if (!v)
        return -EINVAL;
    if (!m->msrs) {
        m->msr_count = NR_MSRS;
        return 0;
    }
    vcpu_pause(v);
    msr.value = v->arch.msr_tsc_aux;
    vcpu_unpause(v);
    if (!msr.value) {
        m->msr_count = 0; /* what reads 0 need not be carried */
        return 0;
    }
    if (m->msr_count < NR_MSRS)
        return -ENOBUFS;
    m->msr_count = NR_MSRS;
    return copy_to_guest(m->msrs, &msr, sizeof(msr));
}

static long set_msr(struct vcpu *v, const struct xen_domctl_vcpu_msr *msr)
{
    if (msr->reserved || msr->index != MSR_TSC_AUX || msr->value >> 32)
        return -EINVAL;
    v->arch.msr_tsc_aux = (u32)msr->value;
    return 0;
}

/* On failure msr_count tells how many were set. */
long domctl_set_vcpu_msrs(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
    struct vcpu *v = domain_vcpu(d, m->vcpu);
    struct xen_domctl_vcpu_msr msr;
    long rc = 0;
    u32 i;

    if (!v)
        return -EINVAL;
    vcpu_pause(v);
    for (i = 0; i < m->msr_count; i++) {
        rc = copy_elem_from_guest(&msr, m->msrs, i, sizeof(msr));
        if (!rc)
            rc = set_msr(v, &msr);
        if (rc)
            break;
    }
    vcpu_unpause(v);
    m->msr_count = i;
    return rc;
}
