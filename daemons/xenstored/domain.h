/* SPDX-License-Identifier: MIT */
/* domain.h - domains that have been introduced (domain.c). */
#ifndef XENSTORED_DOMAIN_H
#define XENSTORED_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/include/public/io/xs_wire.h>
#include "perm.h"
#include "quota.h"

struct conn;

struct domain {
    uint16_t domid;
    bool shutdown; /* @releaseDomain was fired for it; RESUME clears that */
    uint64_t gfn;
    uint32_t remote_port;
    uint32_t port; /* ours; 0: none */
    struct xenstore_domain_interface *ring;
    struct conn *c;
    struct bucket credit; /* for conflicts it causes in others' transactions */
    struct bucket rate;   /* requests */
};

extern unsigned int nr_domains;
extern bool domain_keep_orphans; /* -K */
extern uint16_t domain_priv;     /* -p: a second privileged domain, or DOMID_NONE */

void domain_init(void);
void domain_fini(void);
struct domain *domain_find(uint16_t domid);
/* Calls fn for every one, in order of domid. */
void domain_each(void (*fn)(struct domain *d, void *arg), void *arg);

/* INTRODUCE: new ones fire @introduceDomain, known ones start over. */
int domain_introduce(uint16_t domid, uint64_t gfn, uint32_t port);
/* The domain this daemon runs in: its own ring. */
int domain_attach_own(void);
int domain_release(uint16_t domid);                     /* -ENOENT */
int domain_resume(uint16_t domid);                      /* -ENOENT */
int domain_set_target(uint16_t domid, uint16_t target); /* -ENOENT */
/* Live update: makes one with what was bound before. */
int domain_restore(const struct domain *saved, struct domain **ret_domain);

/* An event came in on a local port. */
void domain_event(uint32_t port);
/* Events were lost: whoever may have sent one is looked at. */
void domain_event_all(void);
/* Some domain changed its state: looks who died or shut down. */
void domain_check_all(void);

/* `who` failed a transaction over what `domid` wrote. */
void domain_blame(uint16_t domid, const struct subject *who);
/* Takes one request off the rate limit. */
void domain_count_request(struct domain *d);
/* Milliseconds until its next request may be served. */
unsigned int domain_throttle(struct domain *d, uint64_t now);

/* Is this domain one that guests' quotas and permissions do not bind? */
bool domain_privileged(uint16_t domid);

#endif /* XENSTORED_DOMAIN_H */
