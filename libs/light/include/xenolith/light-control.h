/* SPDX-License-Identifier: MIT */
/*
 * light-control.h - changes of a domain while it runs: memory, vCPUs, keys. The rules of light.h
 * apply. Errors that all calls share: -ESRCH, there is no such domain; -ENOTCONN, there is no
 * store.
 */
#ifndef XENOLITH_LIGHT_CONTROL_H
#define XENOLITH_LIGHT_CONTROL_H

#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a domain shall have at least when it is domain 0. */
#define XLIGHT_MIN_DOM0_KB (128U * 1024)

/*
 * Memory of a domain, KiB: what it shall have now (target), and the most it can ever have
 * (maximum). Of domain 0 they are what it has now until somebody has set them.
 */
struct xlight_memory {
    uint64_t target_kb, maximum_kb;
};
XLIGHT_CHECK int xlight_memory_get(xlight_handle *h, uint32_t domid,
                                   struct xlight_memory *ret_memory);

/*
 * Asks the domain for another size, and keeps it from having more; it takes its time to follow.
 * -ERANGE: more than its maximum, or too little for domain 0; -ENOENT: nobody has given the domain
 * a maximum.
 */
XLIGHT_CHECK int xlight_memory_set_target(xlight_handle *h, uint32_t domid, uint64_t target_kb);

/* Sets the maximum. -ERANGE: less than the target; -ENOENT: the domain has no target. */
XLIGHT_CHECK int xlight_memory_set_maximum(xlight_handle *h, uint32_t domid, uint64_t maximum_kb);

/*
 * Asks the domain to use its first nr vCPUs and no others. -ERANGE: none, or more than it has been
 * given.
 */
XLIGHT_CHECK int xlight_vcpu_set(xlight_handle *h, uint32_t domid, uint32_t nr);

/* Presses a SysRq key of the domain's kernel. -EINVAL: not a letter or digit. */
XLIGHT_CHECK int xlight_sysrq(xlight_handle *h, uint32_t domid, char key);

/*
 * Presses a button: "nmi", "reset", "init", "power", "sleep". Needs no store. vcpu is the one that
 * gets an NMI or INIT. -EINVAL: there is no such button; other errors as the hypervisor has them
 * for what the domain lacks.
 */
XLIGHT_CHECK int xlight_trigger(xlight_handle *h, uint32_t domid, const char *button,
                                uint32_t vcpu);

/*
 * For how many seconds the domain has been running; of domain 0, its kernel. -ENODATA: nobody wrote
 * down when it was started.
 */
XLIGHT_CHECK int xlight_uptime(xlight_handle *h, uint32_t domid, uint64_t *ret_seconds);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_CONTROL_H */
