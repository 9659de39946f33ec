/* SPDX-License-Identifier: MIT */
/*
 * unpack-kernel.c - unpacks a vmlinuz (bzImage) or a compressed file to standard output with the
 * hypervisor's decoders, so that scripts can compare with the usual tools.
 *
 * Usage: unpack-kernel FILE [MAX_BYTES]. Exit status 0, 1 decoder error, 2 usage or file error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <xen/decompress.h>

#define DEFAULT_MAX (1ul << 28)

static void *zeroed(size_t bytes)
{
    return calloc(1, bytes);
}

static u8 *read_file(const char *name, size_t *ret_len)
{
    FILE *f = fopen(name, "rb");
    u8 *data = NULL;
    long len;

    if (!f)
        return NULL;
    if (!fseek(f, 0, SEEK_END) && (len = ftell(f)) > 0 && !fseek(f, 0, SEEK_SET)) {
        data = malloc((size_t)len);
        if (data && fread(data, 1, (size_t)len, f) == (size_t)len) {
            *ret_len = (size_t)len;
        } else {
            free(data);
            data = NULL;
        }
    }
    fclose(f);
    return data;
}

static u32 le32(const u8 *p)
{
    return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

/* Narrows *data to the payload when it is a bzImage of boot protocol 2.08 or newer. */
static void find_payload(const u8 **data, size_t *len)
{
    const u8 *p = *data;
    size_t start, size;

    if (*len < 0x250)
        return;
    if (p[0x202] != 'H' || p[0x203] != 'd' || p[0x204] != 'r' || p[0x205] != 'S' ||
        p[0x206] + 256u * p[0x207] < 0x208)
        return;
    start = ((p[0x1f1] ? p[0x1f1] : 4) + (size_t)1) * 512 + le32(p + 0x248);
    size = le32(p + 0x24c);
    if (start > *len || size > *len - start)
        return;
    *data += start;
    *len = size;
}

int main(int argc, char **argv)
{
    struct decompress_ctx ctx = {zeroed, free};
    size_t len = 0, max = argc > 2 ? strtoul(argv[2], NULL, 0) : DEFAULT_MAX, unpacked = 0;
    u8 *file, *out;
    const u8 *data;
    int ret;

    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE [MAX_BYTES]\n", argv[0]);
        return 2;
    }
    file = read_file(argv[1], &len);
    out = malloc(max);
    if (!file || !out) {
        fprintf(stderr, "%s: cannot read\n", argv[1]);
        return 2;
    }
    data = file;
    find_payload(&data, &len);
    ret = decompress(&ctx, data, len, out, max, &unpacked);
    if (ret)
        fprintf(stderr, "%s: %s: error %d\n", argv[1], compression_name(compression_of(data, len)),
                ret);
    else if (fwrite(out, 1, unpacked, stdout) != unpacked)
        ret = -1;
    free(out);
    free(file);
    return ret ? 1 : 0;
}
