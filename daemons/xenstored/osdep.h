/* SPDX-License-Identifier: MIT */
/*
 * osdep.h - all that the daemon needs of the host: rings, event channels, the state of domains.
 * osdep/xen.c asks Linux and Xen; osdep/host.c is a host without Xen, for tests.
 */
#ifndef XENSTORED_OSDEP_H
#define XENSTORED_OSDEP_H

#include <stdbool.h>
#include <stdint.h>

struct state_out;
struct state_in;

/* os->domain_state(): bits. */
#define OS_DOMAIN_DYING    1U
#define OS_DOMAIN_SHUTDOWN 2U

/* All calls return 0 or a negative errno where they return int. */
struct osdep {
    const char *name;
    /* Opens what is needed. *ret_fd is readable whenever next_event() has something. */
    int (*open)(int *ret_fd);
    void (*close)(void);

    /* The ring page of a domain, as introduced with this frame. Unmapping takes the address. */
    int (*map_ring)(uint16_t domid, uint64_t gfn, void **ret_page);
    void (*unmap_ring)(uint16_t domid, void *page);
    /* The ring of the domain we run in, and a local port bound to it unless *ret_port is one
     * already; -ENODEV when there is no ring. */
    int (*own_ring)(void **ret_page, uint32_t *ret_port);

    /* A local port for a port of a domain; -EINVAL unless that one waits for us and is unbound. */
    int (*bind)(uint16_t domid, uint32_t remote_port, uint32_t *ret_port);
    void (*unbind)(uint32_t port);
    void (*notify)(uint32_t port);
    /* The next pending event: -EAGAIN for none. *ret_domains means that some domain changed its
     * state; otherwise *ret_port is a local port, masked until unmask(), or 0: events were lost, so
     * that any port may have had one and be masked. */
    int (*next_event)(uint32_t *ret_port, bool *ret_domains);
    void (*unmask)(uint32_t port);

    /* -ENOENT when there is no such domain. Only between open() or restore() and close(): otherwise
     * Xen's answer is -EBADF, and the host for tests ends the program. */
    int (*domain_state)(uint16_t domid, unsigned int *ret_state);

    /* Live update: what the next process needs. The descriptors named there stay open over exec()
     * only between keep_open(true) and keep_open(false), or restore(). */
    void (*save)(struct state_out *out);
    void (*keep_open)(bool keep);
    int (*restore)(struct state_in *in, int *ret_fd);
};

extern const struct osdep osdep_xen, osdep_host;
extern const struct osdep *os;

/* Set before open(): where osdep_host listens for the test that plays Xen. */
extern const char *osdep_host_socket;

#endif /* XENSTORED_OSDEP_H */
