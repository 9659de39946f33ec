/* SPDX-License-Identifier: MIT */
/*
 * ctrl-sim.h - the simulated host. The rules of ctrl.h apply.
 *
 * xctl_open("sim:OPTIONS") makes a new host in this process; xctl_open("sim:NAME,OPTIONS") joins
 * the host NAME of this user, or makes it when there is none, for all processes to share. The
 * options, in force for whoever makes the host, are separated by commas:
 *   cpus=N  1 to 128 (4)     nodes=N  NUMA nodes, 1 to 8 (1)     mem=MIB  64 to 65536 (4096)
 *   domid=N                  act as this domain, not as Dom0
 *   dom0=N  vCPUs of Dom0, 1 to 128 (as many as CPUs)
 *
 * The host answers hypercalls as Xen 4.17 does: domains and their states, vCPUs, memory with
 * accounting, event channels, grants, mappings; memory is real and shared. No guest code runs: the
 * guest's part is played through a handle opened for its domid. Time stands still until it is
 * moved. What the host does not have answers -ENOSYS.
 *
 * A named host lives until xctl_sim_remove(); what a process held when it died is released when
 * the next one joins.
 */
#ifndef XENOLITH_CTRL_SIM_H
#define XENOLITH_CTRL_SIM_H

#include <xenolith/ctrl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Another handle on the same host, acting as domid (0: the control domain). */
XCTL_CHECK int xctl_sim_attach(xctl_handle *h, domid_t domid, xctl_handle **ret_h);

/* Deletes a named host; those who have it open keep it. -ENOENT: no such host. */
XCTL_CHECK int xctl_sim_remove(const char *name);

/* Moves time on: running vCPUs use it up. */
XCTL_CHECK int xctl_sim_advance(xctl_handle *h, uint64_t ns);
XCTL_CHECK int xctl_sim_now(xctl_handle *h, uint64_t *ret_ns);

/* Text on the hypervisor's console ring; raises VIRQ_CON_RING. */
XCTL_CHECK int xctl_sim_print(xctl_handle *h, const char *text);

/* As if the guest had written to this frame: for the log of dirty pages. */
XCTL_CHECK int xctl_sim_touch(xctl_handle *h, domid_t domid, xen_pfn_t gfn);

/* What a planned failure waits for. */
enum xctl_sim_call {
    XCTL_SIM_ANY = 0,   /* all of the below */
    XCTL_SIM_HYPERCALL, /* cmd: number of the hypercall; domctl and others below have theirs */
    XCTL_SIM_DOMCTL,    /* cmd: XEN_DOMCTL_* */
    XCTL_SIM_SYSCTL,    /* cmd: XEN_SYSCTL_* */
    XCTL_SIM_MEMORY,    /* cmd: XENMEM_* */
    XCTL_SIM_EVTCHN,    /* event channels: calls on xctl_evtchn and hypercalls, EVTCHNOP_* */
    XCTL_SIM_GRANT,     /* map, alloc and copy of grants */
    XCTL_SIM_FOREIGN,   /* map of frames and resources */
    XCTL_SIM_DM_OP,     /* cmd: XEN_DMOP_* */
    XCTL_SIM_BUFFER     /* memory for hypercalls */
};
#define XCTL_SIM_ANY_CMD (-1)

/*
 * The nth matching call from now on (1: the next) fails with the errno code, before it has done
 * anything; nth 0 fails all from now on. Counts the calls of this process, with
 * whichever handle. -ENOSPC: 16 are planned already.
 */
XCTL_CHECK int xctl_sim_fail(xctl_handle *h, enum xctl_sim_call call, int cmd, unsigned int nth,
                             int code);
/* Forgets all planned failures; *ret_left (may be NULL) says how many had not happened. */
XCTL_CHECK int xctl_sim_fail_clear(xctl_handle *h, unsigned int *ret_left);

/* Calls of all kinds so far: for failing each in turn. */
XCTL_CHECK int xctl_sim_calls(xctl_handle *h, uint64_t *ret_calls);

/*
 * Checks the host's books: every page belongs to somebody, counts agree, both ends of channels
 * agree. -EILSEQ: they do not; the error text says where.
 */
XCTL_CHECK int xctl_sim_audit(xctl_handle *h);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_SIM_H */
