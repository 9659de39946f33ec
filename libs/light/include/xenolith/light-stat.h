/* SPDX-License-Identifier: MIT */
/*
 * light-stat.h - what domains have used so far: CPUs, network, disks. The rules of light.h apply.
 *
 * Numbers count up from the start of the domain, or of the device; whoever wants rates looks twice.
 */
#ifndef XENOLITH_LIGHT_STAT_H
#define XENOLITH_LIGHT_STAT_H

#include <xenolith/light-domain.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xlight_vcpu_stat {
    uint32_t vcpu;
    bool online;
    uint64_t cpu_time_ns;
};

/*
 * A network interface that this kernel serves, as it sees it: what is received here was sent by the
 * domain.
 */
struct xlight_vif_stat {
    uint32_t devid;
    uint64_t rx_bytes, rx_packets, rx_errors, rx_dropped;
    uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped;
};

/* A disk that this kernel serves. */
struct xlight_vbd_stat {
    uint32_t devid;
    bool known;    /* false: the back end does not count, all below is 0 */
    uint64_t full; /* how often it had no room for a request */
    uint64_t reads, writes;
    uint64_t read_sectors, written_sectors; /* of 512 bytes */
};

struct xlight_stat {
    struct xlight_domain domain;
    struct xlight_vcpu_stat *vcpus;
    unsigned int nr_vcpus;
    struct xlight_vif_stat *vifs;
    unsigned int nr_vifs;
    struct xlight_vbd_stat *vbds;
    unsigned int nr_vbds;
};

/*
 * All domains, in order of their ids; devices in order of theirs. A device that goes meanwhile is
 * left out. The caller frees *ret_list with xlight_stat_free(), which takes NULL, too.
 */
XLIGHT_CHECK int xlight_stat(xlight_handle *h, struct xlight_stat **ret_list, unsigned int *ret_nr);
XLIGHT_API void xlight_stat_free(struct xlight_stat *list, unsigned int nr);

/* The table of fields, see light-field.h. */
XLIGHT_API const struct xlight_type *xlight_stat_type(void);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_STAT_H */
