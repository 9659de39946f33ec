/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: sched_op(cmd, arg), how a guest gives up the CPU and shuts down.
 * arg points to the struct of the command, or is 0 for yield and block.
 */
#ifndef XEN_PUBLIC_SCHED_H
#define XEN_PUBLIC_SCHED_H

#include "event_channel.h"

#define SCHEDOP_yield           0 /* let others run */
#define SCHEDOP_block           1 /* unmask events and sleep until one is pending */
#define SCHEDOP_shutdown        2 /* sched_shutdown; for suspend, rdx holds the start_info mfn */
#define SCHEDOP_poll            3 /* sched_poll */
#define SCHEDOP_remote_shutdown 4 /* sched_remote_shutdown */
#define SCHEDOP_shutdown_code   5 /* sched_shutdown: reason to report later */
#define SCHEDOP_watchdog        6 /* sched_watchdog */
#define SCHEDOP_pin_override    7 /* sched_pin_override */

/* Reasons for a shutdown; the toolstack decides what follows. */
#define SHUTDOWN_poweroff   0
#define SHUTDOWN_reboot     1
#define SHUTDOWN_suspend    2 /* the call returns 1 if resumed in place, 0 in a new domain */
#define SHUTDOWN_crash      3
#define SHUTDOWN_watchdog   4
#define SHUTDOWN_soft_reset 5 /* keep memory and vCPUs, drop all hypervisor state */
#define SHUTDOWN_MAX        5

/* IN.  -EINVAL: reason too large. */
struct sched_shutdown {
    unsigned int reason; /* SHUTDOWN_* */
};
typedef struct sched_shutdown sched_shutdown_t;

/* IN: sleep until one of the ports is pending or the time has come. */
struct sched_poll {
    uint64_t ports;        /* guest pointer, evtchn_port_t[nr_ports] */
    unsigned int nr_ports; /* -EINVAL above 128 */
    uint64_t timeout;      /* system time in ns; 0: none */
};
typedef struct sched_poll sched_poll_t;

/* IN: shut down another domain, by its device model or the toolstack. */
struct sched_remote_shutdown {
    domid_t domain_id;
    unsigned int reason; /* SHUTDOWN_* */
};
typedef struct sched_remote_shutdown sched_remote_shutdown_t;

/*
 * IN: with id 0 start a watchdog and return its id; else set it anew, or stop
 * it with timeout 0.  -ENOSPC: both of the domain are in use; -EINVAL: no such id.
 */
struct sched_watchdog {
    uint32_t id;
    uint32_t timeout; /* seconds */
};
typedef struct sched_watchdog sched_watchdog_t;

/* IN, hardware domain: run the calling vCPU on one CPU only; negative undoes that. */
struct sched_pin_override {
    int32_t pcpu;
};
typedef struct sched_pin_override sched_pin_override_t;

#endif /* XEN_PUBLIC_SCHED_H */
