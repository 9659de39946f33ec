/* SPDX-License-Identifier: MIT */
/* conn-ring.h - connections through a page shared with a guest (conn-ring.c). */
#ifndef XENSTORED_CONN_RING_H
#define XENSTORED_CONN_RING_H

#include "conn.h"
#include "domain.h"

struct conn *ring_conn_new(struct domain *d);
/* After introduction: says what we can do, and tells a guest that waits for us. */
void ring_start(struct conn *c);
/* Starts over with empty rings. */
void ring_reset(struct conn *c);
/* The guest sent an event: it may have asked to start over. */
void ring_event(struct conn *c);

/* For tests: the transport's own functions. */
extern const struct transport ring_transport;

#endif /* XENSTORED_CONN_RING_H */
