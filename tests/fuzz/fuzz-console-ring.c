/* SPDX-License-Identifier: MIT */
/* fuzz-console-ring.c - a guest that writes anything into its console page. */
#include "fuzz-main.h"
#include <string.h>
#include "daemons/xenconsoled/buffer.h"
#include "daemons/xenconsoled/ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct xencons_interface r;
    struct buffer b = {.limit = len ? data[0] : 0};
    uint32_t index;
    char buf[300];

    memset(&r, 0, sizeof(r));
    for (; len >= 6; data += 6, len -= 6) {
        size_t n, size = data[5] + 1U;

        memcpy(&index, data + 1, sizeof(index));
        switch (data[0] % 6) {
        case 0:
            r.out_prod = index;
            break;
        case 1:
            r.out_prod += index % 4096;
            break;
        case 2:
            r.in_cons = index;
            break;
        case 3:
            n = ring_take(&r, buf, size);
            if (n > size || n > RING_OUT_SIZE || !buffer_add(&b, buf, n))
                abort();
            if (b.limit && b.len > b.limit + b.limit / 4)
                abort();
            break;
        case 4:
            n = ring_room(&r);
            if (n > RING_IN_SIZE || ring_give(&r, buf, size) != (size < n ? size : n))
                abort();
            break;
        default:
            buffer_drop(&b, size);
        }
    }
    buffer_free(&b);
    return 0;
}
