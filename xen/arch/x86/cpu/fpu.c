/* SPDX-License-Identifier: MIT */
/*
 * fpu.c - extended processor state of vCPUs (x87, SSE, AVX, AVX-512), switched eagerly: the
 * registers belong to the running vCPU from context_switch() to context_switch(), so nothing of one
 * guest is ever left for another to find.
 *
 * With XSAVE the area has the standard format and holds every component the vCPU ever turned on
 * (xcr0_accum): what it turns off keeps its value, as on hardware. Without, it is an FXSAVE image.
 * XCR0 of a CPU is that of its running vCPU; this_cpu(xcr0_now) spares rewriting it.
 */
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/xstate.h>
#include <asm/fpu.h>
#include <asm/policy.h>
#include <asm/setup.h>
#include <asm/system.h>

#define FCW_RESET   0x37f
#define MXCSR_RESET 0x1f80
#define MXCSR_VALID 0xffffU

#define X87_EXCEPTIONS          0x3fU /* in the status word, and their masks in the control word */
#define EXT8_B_RSTR_FP_ERR_PTRS (1U << 2)

struct xsave_header {
    u64 xstate_bv; /* components that are not in their initial state */
    u64 xcomp_bv;  /* 0: standard format */
    u64 reserved[6];
};

struct fpu_area {
    u16 fcw, fsw;
    u8 a[20];
    u32 mxcsr;
    u8 b[XSAVE_LEGACY_BYTES - 28];
    struct xsave_header header; /* from here on only with XSAVE */
    u8 extended[];
} __attribute__((aligned(64)));

static DEFINE_PER_CPU(u64, xcr0_now);

static void set_xcr0(u64 val)
{
    if (this_cpu(xcr0_now) == val)
        return;
    this_cpu(xcr0_now) = val;
    __asm__ volatile("xsetbv" ::"c"(0), "a"((u32)val), "d"((u32)(val >> 32)));
}

static size_t area_bytes(void)
{
    BUILD_BUG_ON(offsetof(struct fpu_area, header) != XSAVE_LEGACY_BYTES);
    BUILD_BUG_ON(offsetof(struct fpu_area, extended) != XSAVE_MIN_BYTES);
    return cpu_policy_xsave_size(&host_policy, cpu_caps.xcr0, false);
}

static void set_reset_state(struct vcpu *v)
{
    struct fpu_area *area = v->arch.fpu;

    memset(area, 0, area_bytes());
    area->fcw = FCW_RESET;
    area->mxcsr = MXCSR_RESET;
    v->arch.xcr0 = v->arch.xcr0_accum = XSTATE_LEGACY;
}

int vcpu_fpu_init(struct vcpu *v)
{
    v->arch.fpu = xzalloc_bytes(area_bytes(), 64);
    if (!v->arch.fpu)
        return -ENOMEM;
    set_reset_state(v);
    return 0;
}

void vcpu_fpu_destroy(struct vcpu *v)
{
    xfree(v->arch.fpu);
    v->arch.fpu = NULL;
}

static void set_legacy(struct fpu_area *area, const void *fxsave)
{
    memcpy(area, fxsave, XSAVE_LEGACY_BYTES);
    /* A reserved bit in MXCSR would make the load fault in our context. */
    area->mxcsr &= MXCSR_VALID;
    area->header.xstate_bv |= XSTATE_LEGACY;
}

void vcpu_fpu_set(struct vcpu *v, const void *fxsave)
{
    set_reset_state(v);
    if (fxsave)
        set_legacy(v->arch.fpu, fxsave);
}

void vcpu_fpu_change(struct vcpu *v, const void *fxsave)
{
    u64 xcr0 = v->arch.xcr0, accum = v->arch.xcr0_accum;

    if (fxsave) {
        set_legacy(v->arch.fpu, fxsave);
        return;
    }
    set_reset_state(v);
    v->arch.xcr0 = xcr0;
    v->arch.xcr0_accum = accum;
}

void vcpu_fpu_get(const struct vcpu *v, void *fxsave)
{
    memcpy(fxsave, v->arch.fpu, XSAVE_LEGACY_BYTES);
}

void vcpu_fpu_save(struct vcpu *v)
{
    clts();
    if (!cpu_caps.xcr0) {
        __asm__ volatile("fxsave64 %0" : "=m"(*(struct fpu_area *)v->arch.fpu));
        return;
    }
    set_xcr0(v->arch.xcr0_accum);
    __asm__ volatile("xsave64 (%0)" ::"r"(v->arch.fpu), "a"(~0U), "d"(~0U) : "memory");
}

/*
 * AMD processors without the RstrFpErrPtrs feature leave the last x87 instruction's address and
 * operand as they are when no exception is pending in what they load: those of another guest.
 */
static bool keeps_error_pointers(void)
{
    return !memcmp(cpu_caps.vendor, "AuthenticAMD", 12) &&
           !(host_policy.ext[8].b & EXT8_B_RSTR_FP_ERR_PTRS);
}

/* An instruction of ours in their place. It must find a register free, and no exception pending. */
static void overwrite_error_pointers(const struct fpu_area *area)
{
    static const u32 zero;

    if (!(area->fsw & ~area->fcw & X87_EXCEPTIONS))
        __asm__ volatile("fnclex; ffree %%st(7); fildl %0" ::"m"(zero));
}

void vcpu_fpu_load(struct vcpu *v)
{
    clts();
    if (keeps_error_pointers())
        overwrite_error_pointers(v->arch.fpu);
    if (!cpu_caps.xcr0) {
        __asm__ volatile("fxrstor64 %0" ::"m"(*(const struct fpu_area *)v->arch.fpu));
    } else {
        /* All that exists: what the area has not becomes the initial state. */
        set_xcr0(cpu_caps.xcr0);
        __asm__ volatile("xrstor64 (%0)" ::"r"(v->arch.fpu), "a"(~0U), "d"(~0U) : "memory");
        set_xcr0(v->arch.xcr0);
    }
    if (v->arch.guest_ts)
        write_cr0(read_cr0() | CR0_TS);
}

int vcpu_xsetbv(struct vcpu *v, u32 index, u64 val)
{
    if (index || !cpu_policy_xcr0_valid(v->domain->arch.policy, val))
        return -EINVAL;
    v->arch.xcr0 = val;
    v->arch.xcr0_accum |= val;
    set_xcr0(val);
    return 0;
}

/* --- in the form of domctl: XCR0, all that was ever in XCR0, area in the standard format --- */

struct ext_state_head {
    u64 xcr0, xcr0_accum;
};

size_t vcpu_ext_state_size(const struct vcpu *v)
{
    return cpu_caps.xcr0 ? sizeof(struct ext_state_head) +
                               cpu_policy_xsave_size(&host_policy, v->arch.xcr0_accum, false)
                         : 0;
}

int vcpu_ext_state_get(const struct vcpu *v, unsigned long buffer)
{
    struct ext_state_head head = {v->arch.xcr0, v->arch.xcr0_accum};
    int rc = copy_to_guest(buffer, &head, sizeof(head));

    return rc ? rc
              : copy_to_guest(buffer + sizeof(head), v->arch.fpu,
                              vcpu_ext_state_size(v) - sizeof(head));
}

static int check_ext_state(const struct cpu_policy *p, const struct ext_state_head *head,
                           const struct fpu_area *area, size_t bytes)
{
    const struct xsave_header *h = &area->header;

    if (!cpu_policy_xcr0_valid(p, head->xcr0) || !cpu_policy_xcr0_valid(p, head->xcr0_accum) ||
        (head->xcr0 & ~head->xcr0_accum) || (h->xstate_bv & ~head->xcr0_accum))
        return -EINVAL;
    if (h->xcomp_bv || bytes < cpu_policy_xsave_size(&host_policy, head->xcr0_accum, false))
        return -EINVAL;
    for (unsigned int i = 0; i < ARRAY_SIZE(h->reserved); i++)
        if (h->reserved[i])
            return -EINVAL;
    return area->mxcsr & ~MXCSR_VALID ? -EINVAL : 0;
}

int vcpu_ext_state_set(struct vcpu *v, unsigned long buffer, size_t size)
{
    struct ext_state_head head;
    struct fpu_area *area;
    size_t bytes;
    int rc;

    if (!cpu_caps.xcr0)
        return -EOPNOTSUPP;
    if (size < sizeof(head) + XSAVE_MIN_BYTES)
        return -EINVAL;
    bytes = MIN(size - sizeof(head), area_bytes());
    area = xzalloc_bytes(area_bytes(), 64);
    if (!area)
        return -ENOMEM;
    rc = copy_from_guest(&head, buffer, sizeof(head));
    if (!rc)
        rc = copy_from_guest(area, buffer + sizeof(head), bytes);
    if (!rc)
        rc = check_ext_state(v->domain->arch.policy, &head, area, bytes);
    if (!rc) {
        memcpy(v->arch.fpu, area, area_bytes());
        v->arch.xcr0 = head.xcr0;
        v->arch.xcr0_accum = head.xcr0_accum;
    }
    xfree(area);
    return rc;
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
