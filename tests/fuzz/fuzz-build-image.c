/* SPDX-License-Identifier: MIT */
/* fuzz-build-image.c - kernel files as the domain builder reads them: bzImage, packed, ELF. */
#include "fuzz-main.h"
#include "kernel.h"
#include "unpack.h"
#include <string.h>

#define MAX (1U << 20)

/* What follows the first byte of each magic is the fuzzer's; without help it finds few of them. */
static void force(const uint8_t *data, size_t len)
{
    static const char *const magics[] = {"\x1f\x8b\x08",
                                         "BZh9",
                                         "\xfd"
                                         "7zXZ",
                                         "\x5d\0\0",
                                         "\x89LZO\0\r\n\x1a\n",
                                         "\x02\x21\x4c\x18",
                                         "\x04\x22\x4d\x18",
                                         "\x28\xb5\x2f\xfd"};
    static const uint8_t lens[] = {3, 4, 6, 3, 9, 4, 4, 4};
    struct xlight__sink sink = {.fd = -1, .max = MAX};
    unsigned int which = data[0] % 8;
    uint8_t *copy = malloc(len + 16);
    struct xlight__blob b;

    if (!copy)
        return;
    memcpy(copy, magics[which], lens[which]);
    memcpy(copy + lens[which], data + 1, len - 1);
    b = xlight__blob_memory(copy, len - 1 + lens[which]);
    if (!xlight__packer_find(copy, b.size))
        abort();
    (void)xlight__unpack(xlight__packer_find(copy, b.size), &b, &sink, NULL);
    if (sink.size > MAX)
        abort();
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct xlight__kernel_options o = {.max_unpacked = MAX};
    struct xlight__blob b = xlight__blob_memory(data, len);
    struct xlight__kernel *k = NULL;
    struct xlight__why why = {0};

    if (!xlight__kernel_load(&b, &o, &k, &why)) {
        if (k->image.size > (k->fd < 0 ? len : MAX))
            abort();
    } else if (k || !why.nr || !why.links[0].text[0]) {
        abort();
    }
    xlight__kernel_free(k);
    if (len)
        force(data, len);
    return 0;
}
