/* SPDX-License-Identifier: MIT */
/* ctrl-vcpu.h - virtual CPUs: state, registers, where they run. The rules of ctrl.h apply. */
#ifndef XENOLITH_CTRL_VCPU_H
#define XENOLITH_CTRL_VCPU_H

#include <xenolith/ctrl.h>
#include <xenolith/public/domctl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a vCPU is on-line, blocked or running, its time in nanoseconds, and its CPU. */
XCTL_CHECK int xctl_vcpu_info(xctl_handle *h, domid_t domid, unsigned int vcpu,
                              struct xen_domctl_getvcpuinfo *ret_info);

/*
 * Steps through the vCPUs of a domain: looks for the first one at or above *vcpu. Returns 1 with
 * its state and its number in *vcpu, 0 behind the last one. Start with 0, then add 1.
 */
XCTL_CHECK int xctl_vcpu_next(xctl_handle *h, domid_t domid, unsigned int *vcpu,
                              struct xen_domctl_getvcpuinfo *ret_info);

/*
 * Registers. get: -ENODATA, the vCPU was never set up. set with NULL takes a vCPU down and forgets
 * its state. set of a PV vCPU that runs may not change its page table, LDT or GDT: -EOPNOTSUPP.
 */
XCTL_CHECK int xctl_vcpu_get_context(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                     struct vcpu_guest_context *ret_ctx);
XCTL_CHECK int xctl_vcpu_set_context(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                     const struct vcpu_guest_context *ctx);

/* PV state beyond that; the vcpu and size fields are filled in. */
XCTL_CHECK int xctl_vcpu_get_ext_context(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                         struct xen_domctl_ext_vcpucontext *ret_ctx);
XCTL_CHECK int xctl_vcpu_set_ext_context(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                         const struct xen_domctl_ext_vcpucontext *ctx);

/*
 * CPUs a vCPU may run on (hard) and prefers (soft); either may be NULL. nr_bits is the length of
 * both sets. set stores what took effect in them. -EINVAL: no CPU would be left.
 */
XCTL_CHECK int xctl_vcpu_set_affinity(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                      uint8_t *hard, uint8_t *soft, unsigned int nr_bits);
/* As set; a vCPU that pinned itself (SCHEDOP_pin_override) is let go, too. */
XCTL_CHECK int xctl_vcpu_force_affinity(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                        uint8_t *hard, uint8_t *soft, unsigned int nr_bits);
XCTL_CHECK int xctl_vcpu_get_affinity(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                      uint8_t *ret_hard, uint8_t *ret_soft, unsigned int nr_bits);

/*
 * FPU and vector state of a PV vCPU: two 64-bit masks, then the XSAVE area. get stores up to *size
 * bytes, -EINVAL if that is too little; with buf NULL it only tells the size, 0 for none.
 */
XCTL_CHECK int xctl_vcpu_get_xsave(xctl_handle *h, domid_t domid, unsigned int vcpu, void *buf,
                                   size_t *size, uint64_t *ret_features);
XCTL_CHECK int xctl_vcpu_set_xsave(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                   const void *buf, size_t size, uint64_t features);

/*
 * MSRs of a PV vCPU that must move with it. get stores up to *count; with msrs NULL it tells the
 * largest number. -ENOBUFS: too few.
 */
XCTL_CHECK int xctl_vcpu_get_msrs(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                  struct xen_domctl_vcpu_msr *ret_msrs, uint32_t *count);
XCTL_CHECK int xctl_vcpu_set_msrs(xctl_handle *h, domid_t domid, unsigned int vcpu,
                                  const struct xen_domctl_vcpu_msr *msrs, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_VCPU_H */
