/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: callback_op(cmd, arg), entry points of a PV kernel.  -EINVAL: an
 * address that is not canonical; -ENOSYS: a type that 64-bit guests lack.
 */
#ifndef XEN_PUBLIC_CALLBACK_H
#define XEN_PUBLIC_CALLBACK_H

#include "xen.h"

#define CALLBACKOP_register   0
#define CALLBACKOP_unregister 1

#define CALLBACKTYPE_event               0 /* event delivery */
#define CALLBACKTYPE_failsafe            1 /* a segment register could not be reloaded */
#define CALLBACKTYPE_syscall             2 /* SYSCALL from 64-bit user mode */
#define CALLBACKTYPE_sysenter_deprecated 3
#define CALLBACKTYPE_nmi                 4 /* see nmi.h */
#define CALLBACKTYPE_sysenter            5 /* SYSENTER from user mode */
#define CALLBACKTYPE_syscall32           7 /* SYSCALL from 32-bit user mode */

/* callback_register.flags: enter with events masked; always so for event and nmi. */
#define _CALLBACKF_mask_events 0
#define CALLBACKF_mask_events  (1U << _CALLBACKF_mask_events)

/* IN */
struct callback_register {
    uint16_t type;  /* CALLBACKTYPE_* */
    uint16_t flags; /* CALLBACKF_* */
    xen_callback_t address;
};
typedef struct callback_register callback_register_t;

/* IN.  -EINVAL: that type cannot be removed (only nmi and sysenter can). */
struct callback_unregister {
    uint16_t type;
    uint16_t _unused;
};
typedef struct callback_unregister callback_unregister_t;

#endif /* XEN_PUBLIC_CALLBACK_H */
