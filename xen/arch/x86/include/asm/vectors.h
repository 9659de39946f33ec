/* SPDX-License-Identifier: MIT */
/*
 * vectors.h - interrupt vectors. 0x00-0x1f exceptions, 0x20-0x2f spurious 8259, 0x30-0xef devices
 * (0x80 is a guest's software interrupt and never allocated), 0xf0-0xff fixed uses.
 */
#ifndef ASM_VECTORS_H
#define ASM_VECTORS_H

#define VECTOR_LEGACY_FIRST  0x20
#define VECTOR_DYNAMIC_FIRST 0x30
#define VECTOR_DYNAMIC_LAST  0xef
#define VECTOR_GUEST_SYSCALL 0x80
#define VECTOR_LAPIC_TIMER   0xf8
#define VECTOR_LAPIC_ERROR   0xf9
#define VECTOR_KICK          0xfa /* look at softirqs and events */
#define VECTOR_CALL          0xfb /* run a function (smp_call_on) */
#define VECTOR_TLB_FLUSH     0xfc
#define VECTOR_STOP          0xfd
#define VECTOR_SPURIOUS      0xff

#endif /* ASM_VECTORS_H */
