/* SPDX-License-Identifier: MIT */
/*
 * ring.h - the two rings of a console page. The guest can write anything into that page at any
 * time: each index is read once, and checked before it is used.
 */
#ifndef XENCONSOLED_RING_H
#define XENCONSOLED_RING_H

#include <stddef.h>
#include <xenolith/public/io/console.h>

#define RING_OUT_SIZE sizeof(((struct xencons_interface *)0)->out)
#define RING_IN_SIZE  sizeof(((struct xencons_interface *)0)->in)

/*
 * Takes up to size bytes of what the guest has written; returns how many, 0 also when its indices
 * make no sense (then nothing is consumed).
 */
size_t ring_take(struct xencons_interface *ring, char *buf, size_t size);

/* Room for input; 0 also when the indices make no sense. */
size_t ring_room(struct xencons_interface *ring);

/* Gives the guest input; returns how many bytes found room. */
size_t ring_give(struct xencons_interface *ring, const char *buf, size_t size);

#endif /* XENCONSOLED_RING_H */
