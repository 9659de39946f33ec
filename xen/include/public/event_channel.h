/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: event channels, the one-bit notifications between domains and
 * from the hypervisor.
 *
 * event_channel_op(cmd, arg): arg points to the struct of the command, which is
 * written back when it has OUT fields.  Common errors: -EINVAL for a port that
 * is out of range or in the wrong state, -EPERM for another domain's channels
 * without the privilege, -ESRCH for an unknown domain, -ENOSPC without a free
 * port.  A dom of DOMID_SELF means the caller.
 */
#ifndef XEN_PUBLIC_EVENT_CHANNEL_H
#define XEN_PUBLIC_EVENT_CHANNEL_H

#include "xen.h"

#define EVTCHNOP_bind_interdomain 0
#define EVTCHNOP_bind_virq        1
#define EVTCHNOP_bind_pirq        2
#define EVTCHNOP_close            3
#define EVTCHNOP_send             4
#define EVTCHNOP_status           5
#define EVTCHNOP_alloc_unbound    6
#define EVTCHNOP_bind_ipi         7
#define EVTCHNOP_bind_vcpu        8
#define EVTCHNOP_unmask           9
#define EVTCHNOP_reset            10
#define EVTCHNOP_init_control     11
#define EVTCHNOP_expand_array     12
#define EVTCHNOP_set_priority     13

/* evtchn_bind_pirq.flags: others may bind the same line. */
#define BIND_PIRQ__WILL_SHARE 1

/* evtchn_status.status */
#define EVTCHNSTAT_closed      0
#define EVTCHNSTAT_unbound     1
#define EVTCHNSTAT_interdomain 2
#define EVTCHNSTAT_pirq        3
#define EVTCHNSTAT_virq        4
#define EVTCHNSTAT_ipi         5

/* 2-level ABI: ports that the bitmaps in shared_info can hold. */
#define EVTCHN_2L_NR_CHANNELS (sizeof(xen_ulong_t) * sizeof(xen_ulong_t) * 64)

/* FIFO ABI: priorities, 0 first; one queue for each. */
#define EVTCHN_FIFO_PRIORITY_MAX     0
#define EVTCHN_FIFO_PRIORITY_DEFAULT 7
#define EVTCHN_FIFO_PRIORITY_MIN     15
#define EVTCHN_FIFO_MAX_QUEUES       (EVTCHN_FIFO_PRIORITY_MIN + 1)

/* FIFO ABI: bits of an event word; the low bits link to the next port of the queue. */
#define EVTCHN_FIFO_PENDING     31
#define EVTCHN_FIFO_MASKED      30
#define EVTCHN_FIFO_LINKED      29
#define EVTCHN_FIFO_BUSY        28
#define EVTCHN_FIFO_LINK_BITS   17
#define EVTCHN_FIFO_LINK_MASK   ((1 << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS (1 << EVTCHN_FIFO_LINK_BITS)

typedef uint32_t evtchn_port_t;
typedef uint32_t event_word_t;

/* A free port in dom that remote_dom may connect to. */
struct evtchn_alloc_unbound {
    domid_t dom;        /* IN */
    domid_t remote_dom; /* IN */
    evtchn_port_t port; /* OUT */
};
typedef struct evtchn_alloc_unbound evtchn_alloc_unbound_t;

/*
 * Connect to a port that waits for the caller.  The new local port starts
 * pending, since the peer may have sent before the connection.
 */
struct evtchn_bind_interdomain {
    domid_t remote_dom;        /* IN */
    evtchn_port_t remote_port; /* IN */
    evtchn_port_t local_port;  /* OUT */
};
typedef struct evtchn_bind_interdomain evtchn_bind_interdomain_t;

/* Receive a virtual interrupt.  -EEXIST: already bound; -EINVAL: a global one not on vCPU 0. */
struct evtchn_bind_virq {
    uint32_t virq;      /* IN: VIRQ_* */
    uint32_t vcpu;      /* IN */
    evtchn_port_t port; /* OUT */
};
typedef struct evtchn_bind_virq evtchn_bind_virq_t;

/* Receive a hardware interrupt.  -EPERM: not given to the domain; -EEXIST: already bound. */
struct evtchn_bind_pirq {
    uint32_t pirq;      /* IN */
    uint32_t flags;     /* IN: BIND_PIRQ__* */
    evtchn_port_t port; /* OUT */
};
typedef struct evtchn_bind_pirq evtchn_bind_pirq_t;

/* A port the domain sends to itself; vcpu cannot be changed later. */
struct evtchn_bind_ipi {
    uint32_t vcpu;      /* IN */
    evtchn_port_t port; /* OUT */
};
typedef struct evtchn_bind_ipi evtchn_bind_ipi_t;

/* Free a port; a connected peer becomes unbound again. */
struct evtchn_close {
    evtchn_port_t port; /* IN */
};
typedef struct evtchn_close evtchn_close_t;

/* Notify the other end of a connected port, or the own vCPU of an IPI port. */
struct evtchn_send {
    evtchn_port_t port; /* IN */
};
typedef struct evtchn_send evtchn_send_t;

/* What a port is bound to. */
struct evtchn_status {
    domid_t dom;        /* IN */
    evtchn_port_t port; /* IN */
    uint32_t status;    /* OUT: EVTCHNSTAT_*; chooses the member of u */
    uint32_t vcpu;      /* OUT */
    union {
        struct {
            domid_t dom;
        } unbound;
        struct {
            domid_t dom;
            evtchn_port_t port;
        } interdomain;
        uint32_t pirq;
        uint32_t virq;
    } u; /* OUT */
};
typedef struct evtchn_status evtchn_status_t;

/* Choose the vCPU to notify.  -EINVAL for IPIs and per-vCPU virtual interrupts. */
struct evtchn_bind_vcpu {
    evtchn_port_t port; /* IN */
    uint32_t vcpu;      /* IN */
};
typedef struct evtchn_bind_vcpu evtchn_bind_vcpu_t;

/* Clear the mask bit and deliver what is pending. */
struct evtchn_unmask {
    evtchn_port_t port; /* IN */
};
typedef struct evtchn_unmask evtchn_unmask_t;

/* Close all ports of dom and return to the 2-level ABI. */
struct evtchn_reset {
    domid_t dom; /* IN */
};
typedef struct evtchn_reset evtchn_reset_t;

/*
 * Switch to the FIFO ABI or add a vCPU's control block.  Events pending at the
 * first call are lost.  -EINVAL: the block crosses a page or is misaligned.
 */
struct evtchn_init_control {
    uint64_t control_gfn; /* IN: guest frame with the control block */
    uint32_t offset;      /* IN: bytes in that frame, multiple of 8 */
    uint32_t vcpu;        /* IN */
    uint8_t link_bits;    /* OUT: width of the link field */
    uint8_t _pad[7];
};
typedef struct evtchn_init_control evtchn_init_control_t;

/* Add a frame of event words, in order of ports.  -ENOSPC: the array is complete. */
struct evtchn_expand_array {
    uint64_t array_gfn; /* IN: guest frame */
};
typedef struct evtchn_expand_array evtchn_expand_array_t;

/* FIFO ABI only; -ENOSYS with the 2-level ABI. */
struct evtchn_set_priority {
    evtchn_port_t port; /* IN */
    uint32_t priority;  /* IN: 0 to 15 */
};
typedef struct evtchn_set_priority evtchn_set_priority_t;

/* IN/OUT: argument of the older event_channel_op_compat: command and data in one. */
struct evtchn_op {
    uint32_t cmd; /* EVTCHNOP_*, up to unmask */
    union {
        evtchn_alloc_unbound_t alloc_unbound;
        evtchn_bind_interdomain_t bind_interdomain;
        evtchn_bind_virq_t bind_virq;
        evtchn_bind_pirq_t bind_pirq;
        evtchn_bind_ipi_t bind_ipi;
        evtchn_close_t close;
        evtchn_send_t send;
        evtchn_status_t status;
        evtchn_bind_vcpu_t bind_vcpu;
        evtchn_unmask_t unmask;
    } u;
};
typedef struct evtchn_op evtchn_op_t;

/* Shared memory, one per vCPU: queues that have events, and the first port of each. */
struct evtchn_fifo_control_block {
    uint32_t ready; /* bit per priority */
    uint32_t _rsvd;
    uint32_t head[EVTCHN_FIFO_MAX_QUEUES];
};
typedef struct evtchn_fifo_control_block evtchn_fifo_control_block_t;

#endif /* XEN_PUBLIC_EVENT_CHANNEL_H */
