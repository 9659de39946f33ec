/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: what only Xenolith has. A tool tells by the answer whether the hypervisor below it
 * does: others say -ENOSYS.
 */
#ifndef XEN_PUBLIC_XENOLITH_H
#define XEN_PUBLIC_XENOLITH_H

#include "domctl.h"

/*
 * A domctl in the numbers that nobody else uses; its argument is at the beginning of
 * xen_domctl.u.
 *
 * Pages of a PV domain whose content comes after the domain has begun to run. The domain's vCPUs
 * wait when they, or the hypervisor for them, need such a page; nobody else can map one (-ENOENT),
 * nor have it granted. In this order:
 *
 *   START   once the domain has its vCPUs and its memory, and before it runs for the first time
 *   MARK    which frames have no content; nothing may refer to them yet
 *   FILL    content for frames, then and while the domain runs
 *   WANTED  frames that vCPUs wait for; the channel of START tells when to look
 *   END     when all have their content: the domain goes on as any other
 *
 * Errors: -EINVAL: no START was made, there is no such op, nr is too large; START: some of the
 * vCPUs are missing; MARK: the domain has run, or the frame at nr is not one of its own, or is the
 * hypervisor's. -EBUSY: START: the domain has run, or its writes are logged, or START was made;
 * MARK: the frame at nr is in use; END: some have no content; any: END has begun, and is to be made
 * again. -EFAULT; -ENOMEM; -ESRCH, also of a domain at its end. After errors nr says how many of a
 * list were done.
 */
#define XEN_DOMCTL_fill_op 2000

#define XEN_DOMCTL_FILL_START  0
#define XEN_DOMCTL_FILL_MARK   1
#define XEN_DOMCTL_FILL_FILL   2
#define XEN_DOMCTL_FILL_WANTED 3
#define XEN_DOMCTL_FILL_END    4

#define XEN_DOMCTL_FILL_MOST 1024 /* nr */

struct xen_domctl_fill_op {
    uint32_t op;     /* XEN_DOMCTL_FILL_* */
    uint32_t port;   /* START: the domain's end of an event channel, 0: none */
    uint64_t nr;     /* IN/OUT: frames in the list; how many were done, or are wanted */
    uint64_t frames; /* guest pointer, uint64_t[nr]: IN, of WANTED OUT */
    /*
     * FILL: guest pointer, nr pages. Frames that have content, or are not the domain's any more,
     * are passed over. It may stop early, after at least one.
     */
    uint64_t pages;
    uint64_t unfilled; /* OUT: frames without content now */
};
typedef struct xen_domctl_fill_op xen_domctl_fill_op_t;

#endif /* XEN_PUBLIC_XENOLITH_H */
