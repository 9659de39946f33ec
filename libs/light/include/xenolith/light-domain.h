/* SPDX-License-Identifier: MIT */
/* light-domain.h - which domains and vCPUs there are, and their states. The rules of light.h apply.
 */
#ifndef XENOLITH_LIGHT_DOMAIN_H
#define XENOLITH_LIGHT_DOMAIN_H

#include <xenolith/light-config.h>
#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A domain at one moment. */
struct xlight_domain {
    uint32_t domid;
    char *name; /* NULL: it has none, or there is no store */
    uint8_t uuid[16];
    int type; /* enum xlight_type_of_domain; 0: not known */
    bool running, blocked, paused, shutdown, dying;
    int shutdown_reason; /* SHUTDOWN_*; -1: it has not shut down */
    uint64_t memory_kb, max_memory_kb;
    uint64_t claimed_kb; /* for it, but not its own yet */
    uint64_t shared_kb;  /* with other domains */
    uint64_t cpu_time_ns;
    uint32_t vcpus_online, vcpus;
    uint32_t cpupool;
};

/*
 * All domains, in the order of their ids. Domains that come or go meanwhile may be missed or not.
 * The caller frees *ret_list with xlight_domain_list_free(), which takes NULL, too.
 */
XLIGHT_CHECK int xlight_domain_list(xlight_handle *h, struct xlight_domain **ret_list,
                                    unsigned int *ret_nr);
XLIGHT_API void xlight_domain_list_free(struct xlight_domain *list, unsigned int nr);

/* One of them: a list with one entry, to be freed in the same way. -ESRCH: there is none. */
XLIGHT_CHECK int xlight_domain_info(xlight_handle *h, uint32_t domid,
                                    struct xlight_domain **ret_domain);

/*
 * The domain that a user means: a number is an id, anything else a name. -ESRCH: there is none;
 * -ENOTUNIQ: more than one has the name; -ENOTCONN: a name, but no store.
 */
XLIGHT_CHECK int xlight_domain_find(xlight_handle *h, const char *word, uint32_t *ret_domid);

/*
 * The NUMA nodes that the domain's memory comes from, of as many bits as the host has nodes. The
 * caller frees them with xlight_bits_clear().
 */
XLIGHT_CHECK int xlight_domain_nodes(xlight_handle *h, uint32_t domid,
                                     struct xlight_bits *ret_nodes);

/* A vCPU at one moment. */
struct xlight_vcpu {
    uint32_t domid, vcpu;
    bool online, blocked, running;
    uint32_t cpu; /* where it is, or was; has no meaning when it is not online */
    uint64_t cpu_time_ns;
    struct xlight_bits hard, soft; /* of as many bits as the host has CPUs */
};

/* All vCPUs of a domain, in order. The caller frees *ret_list as above. -ESRCH: no such domain. */
XLIGHT_CHECK int xlight_vcpu_list(xlight_handle *h, uint32_t domid, struct xlight_vcpu **ret_list,
                                  unsigned int *ret_nr);
XLIGHT_API void xlight_vcpu_list_free(struct xlight_vcpu *list, unsigned int nr);

/* The tables of fields of both structures, see light-field.h. */
XLIGHT_API const struct xlight_type *xlight_domain_type(void);
XLIGHT_API const struct xlight_type *xlight_vcpu_type(void);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_DOMAIN_H */
