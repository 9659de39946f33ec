/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: the console ring page.  in runs from the backend to the guest,
 * out from the guest to the backend.
 */
#ifndef XEN_PUBLIC_IO_CONSOLE_H
#define XEN_PUBLIC_IO_CONSOLE_H

#include <stdint.h>

typedef uint32_t XENCONS_RING_IDX; /* runs freely; masked on use */

#define MASK_XENCONS_IDX(idx, ring) ((idx) & (sizeof(ring) - 1))

struct xencons_interface {
    char in[1024];
    char out[2048];
    XENCONS_RING_IDX in_cons;
    XENCONS_RING_IDX in_prod;
    XENCONS_RING_IDX out_cons;
    XENCONS_RING_IDX out_prod;
};

#endif /* XEN_PUBLIC_IO_CONSOLE_H */
