/* SPDX-License-Identifier: MIT */
/* ring.c - the two rings of a console page. */
#include "ring.h"

#define LOAD(x)     __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define STORE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_SEQ_CST)

size_t ring_take(struct xencons_interface *ring, char *buf, size_t size)
{
    XENCONS_RING_IDX cons = LOAD(ring->out_cons), prod = LOAD(ring->out_prod);
    size_t n = (XENCONS_RING_IDX)(prod - cons);

    if (n > RING_OUT_SIZE)
        return 0;
    if (n > size)
        n = size;
    for (size_t i = 0; i < n; i++)
        buf[i] = ((volatile char *)ring->out)[MASK_XENCONS_IDX(cons + i, ring->out)];
    if (n)
        STORE(ring->out_cons, (XENCONS_RING_IDX)(cons + n));
    return n;
}

/* The guest can write in_prod, too: whoever goes by it reads it once. */
static size_t room_above(struct xencons_interface *ring, XENCONS_RING_IDX prod)
{
    XENCONS_RING_IDX used = prod - LOAD(ring->in_cons);

    return used > RING_IN_SIZE ? 0 : RING_IN_SIZE - used;
}

size_t ring_room(struct xencons_interface *ring)
{
    return room_above(ring, LOAD(ring->in_prod));
}

size_t ring_give(struct xencons_interface *ring, const char *buf, size_t size)
{
    XENCONS_RING_IDX prod = LOAD(ring->in_prod);
    size_t room = room_above(ring, prod), n = size < room ? size : room;

    for (size_t i = 0; i < n; i++)
        ((volatile char *)ring->in)[MASK_XENCONS_IDX(prod + i, ring->in)] = buf[i];
    if (n)
        STORE(ring->in_prod, (XENCONS_RING_IDX)(prod + n));
    return n;
}
