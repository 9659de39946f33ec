/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: CPUID leaves for guests, from 0x40000000 or a higher multiple of
 * 0x100 when another interface is offered there.
 *   +0  eax: last leaf; ebx, ecx, edx: signature
 *   +1  eax: version, major << 16 | minor
 *   +2  eax: number of hypercall pages; ebx: MSR that places them; ecx: features
 *   +3  time stamp counter: sub-leaf 0 mode and kHz, 1 offset and scale, 2 host kHz
 *   +4  HVM: eax: XEN_HVM_CPUID_*, ebx: vCPU id, ecx: domain id
 *   +5  PV: ebx: width of machine addresses
 */
#ifndef XEN_PUBLIC_ARCH_X86_CPUID_H
#define XEN_PUBLIC_ARCH_X86_CPUID_H

#define XEN_CPUID_FIRST_LEAF     0x40000000
#define XEN_CPUID_LEAF(i)        (XEN_CPUID_FIRST_LEAF + (i))
#define XEN_CPUID_MAX_NUM_LEAVES 5

/* "XenVMMXenVMM" */
#define XEN_CPUID_SIGNATURE_EBX 0x566e6558
#define XEN_CPUID_SIGNATURE_ECX 0x65584d4d
#define XEN_CPUID_SIGNATURE_EDX 0x4d4d566e

#define _XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD 0
#define XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD  (1U << 0)

#define XEN_HVM_CPUID_APIC_ACCESS_VIRT (1U << 0) /* xAPIC registers in hardware */
#define XEN_HVM_CPUID_X2APIC_VIRT      (1U << 1)
#define XEN_HVM_CPUID_IOMMU_MAPPINGS   (1U << 2) /* foreign mappings work for DMA */
#define XEN_HVM_CPUID_VCPU_ID_PRESENT  (1U << 3)
#define XEN_HVM_CPUID_DOMID_PRESENT    (1U << 4)
#define XEN_HVM_CPUID_EXT_DEST_ID      (1U << 5) /* 15-bit interrupt destinations */
#define XEN_HVM_CPUID_UPCALL_VECTOR    (1U << 6) /* vector per vCPU also for pirqs */

#define XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK (0xffU << 0)

#endif /* XEN_PUBLIC_ARCH_X86_CPUID_H */
