/* SPDX-License-Identifier: MIT */
/*
 * fuzz-decompress.c - fuzz target for the decoders of xen/lib/decompress.
 *
 * Input: one byte that chooses the decoder, two that give the size of the output buffer in units of
 * 16 bytes, then the stream. The inner decoders are reached directly too, because the check sums of
 * the containers would stop nearly every mutated input. Buffers have their exact sizes on the heap,
 * for the address sanitizer. With -DFUZZ_STANDALONE each file argument is run once.
 */
#include <stdlib.h>
#include <string.h>
#include "../../xen/lib/decompress/private.h"
#include "fuzz-main.h"

#define HEAD_SIZE 3

static void *zeroed(size_t bytes)
{
    return calloc(1, bytes);
}

static const struct decompress_ctx ctx = {zeroed, free};

static int run_raw(int (*decode)(void *, const u8 *, size_t, u8 *, size_t, size_t *, size_t *),
                   size_t state_size, const u8 *in, size_t in_len, u8 *out, size_t out_max,
                   size_t *len)
{
    void *state = calloc(1, state_size);
    size_t used = 0;
    int ret = state ? decode(state, in, in_len, out, out_max, &used, len) : -ENOMEM;

    free(state);
    if (used > in_len)
        abort();
    return ret;
}

static int run_decoder(unsigned int which, const u8 *in, size_t in_len, u8 *out, size_t out_max,
                       size_t *len)
{
    switch (which % 8) {
    case 0:
        return unxz(&ctx, in, in_len, out, out_max, len);
    case 1:
        return gunzip(&ctx, in, in_len, out, out_max, len);
    case 2:
        return unzstd(&ctx, in, in_len, out, out_max, len);
    case 3:
        return unlz4(&ctx, in, in_len, out, out_max, len);
    case 4:
        return run_raw(lzma2_decode, lzma2_state_size, in, in_len, out, out_max, len);
    case 5:
        return run_raw(deflate_decode, deflate_state_size, in, in_len, out, out_max, len);
    case 6:
        *len = in_len < out_max ? in_len : out_max;
        memcpy(out, in, *len);
        bcj_x86_decode(out, *len, which);
        return 0;
    default:
        return decompress(&ctx, in, in_len, out, out_max, len);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    size_t out_max, in_len, len = 0;
    u8 *in, *out;

    if (size < HEAD_SIZE)
        return 0;
    out_max = ((size_t)data[1] | (size_t)data[2] << 8) * 16;
    in_len = size - HEAD_SIZE;
    in = malloc(in_len ? in_len : 1);
    out = malloc(out_max ? out_max : 1);
    if (in && out) {
        memcpy(in, data + HEAD_SIZE, in_len);
        run_decoder(data[0], in, in_len, out, out_max, &len);
        if (len > out_max)
            abort();
    }
    free(out);
    free(in);
    return 0;
}
