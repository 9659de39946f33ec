/* SPDX-License-Identifier: MIT */
/* event.h - inside of the stream of events. */
#ifndef XENOLITH_LIGHT_QUERY_EVENT_H
#define XENOLITH_LIGHT_QUERY_EVENT_H

#include <xenolith/light-event.h>
#include "query.h"

/* A device of a domain. */
struct event_device {
    char *name; /* "vbd/51712" */
    int state;
};

/* A domain as it was at the last look. */
struct event_domain {
    uint32_t domid;
    uint8_t uuid[16];
    char *name;
    bool shutdown;
    bool marked; /* what the store has of it must be read again */
    bool found;  /* by the look that goes on */
    uint64_t target_kb;
    struct xlight_bits vcpus; /* that it shall use */
    struct event_device *devices;
    unsigned int nr_devices;
};
extern const struct xlight_type xlight__event_domain_type;

struct xlight_events {
    xlight_handle *h;
    xstore_handle *xs;
    bool look; /* something may have changed */
    struct event_domain *domains;
    unsigned int nr_domains;
    struct xlight_event *queue;
    unsigned int nr_queue;
};

/* event.c: one more event at the end of the queue; NULL, with the error said: no memory. */
struct xlight_event *xlight__event_new(xlight_events *e, int kind, const struct event_domain *d);

/* event-look.c: the domain with this id, or NULL. */
struct event_domain *xlight__event_find(xlight_events *e, uint32_t domid);

/* Compares the host with what it was, and tells what is different, or nothing. */
int xlight__event_look(xlight_events *e, bool tell);

#endif /* XENOLITH_LIGHT_QUERY_EVENT_H */
