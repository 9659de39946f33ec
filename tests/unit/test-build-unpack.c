/* SPDX-License-Identifier: MIT */
/* test-build-unpack.c - the builder's decoders: every format, whole, doubled, cut and damaged. */
#include "build/images.h"
#include "fail-alloc.h"
#include "test-main.h"
#include "unpack.h"
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct xlight__why why;

/* Content with runs, holes of whole pages, and a part that hardly gets smaller. */
static void sample(struct bytes *b, size_t len)
{
    uint32_t x = 12345;

    *b = (struct bytes){0};
    bytes_fill(b, 0, len);
    for (size_t at = 0; at < len; at++) {
        x = x * 1664525 + 1013904223;
        if (at % 65536 >= 20000)
            b->data[at] = (uint8_t)(at % 65536 < 40000 ? at / 64 : x >> 24);
    }
}

static const char *text(void)
{
    static char buf[1024];

    xlight__why_format(&why, buf, sizeof(buf));
    return buf;
}

/* Unpacks to a file; -1 for the descriptor after a failure. */
static int unpack(const struct bytes *packed, uint64_t max, int *ret_fd, uint64_t *ret_size)
{
    struct xlight__blob b = xlight__blob_memory(packed->data, packed->len);
    const struct xlight__packer *p = xlight__packer_find(packed->data, packed->len);
    struct xlight__sink s = {.fd = memfd_create("test", 0), .max = max};
    int rc;

    ck_assert_ptr_nonnull(p);
    ck_assert_int_ge(s.fd, 0);
    why.nr = 0;
    rc = xlight__unpack(p, &b, &s, &why);
    ck_assert_int_le(rc, 0);
    ck_assert_int_eq(why.nr > 0, rc < 0);
    if (rc) {
        close(s.fd);
        s.fd = -1;
    }
    *ret_fd = s.fd;
    *ret_size = s.size;
    return rc;
}

static void check_content(int fd, uint64_t size, const struct bytes *want)
{
    uint8_t *got = malloc(size + 1);
    struct stat st;

    ck_assert_uint_eq(size, want->len);
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_uint_eq((uint64_t)st.st_size, size);
    ck_assert_int_eq(pread(fd, got, size + 1, 0), (ssize_t)size);
    ck_assert(!memcmp(got, want->data, size));
    free(got);
    close(fd);
}

START_TEST(every_format_in_every_size)
{
    const size_t sizes[] = {1, 100, 4096, 65536, 300001, 9 << 20};

    for (int f = 0; f < NR_FORMATS; f++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            struct bytes want, packed;
            uint64_t size;
            int fd;

            /* The long one for the format with blocks of 8 MiB. */
            if (sizes[i] > 1 << 20 && f != LZ4_LEGACY)
                continue;
            sample(&want, sizes[i]);
            image_pack((enum format)f, want.data, want.len, &packed);
            ck_assert_str_eq(xlight__packer_name(xlight__packer_find(packed.data, packed.len)),
                             format_names[f]);
            ck_assert_msg(!unpack(&packed, 1 << 30, &fd, &size), "%s %zu: %s", format_names[f],
                          sizes[i], text());
            check_content(fd, size, &want);
            bytes_free(&want);
            bytes_free(&packed);
        }
    }
}
END_TEST

START_TEST(pages_of_zeros_become_holes)
{
    struct bytes want = {0}, packed;
    struct stat st;
    uint64_t size;
    int fd;

    bytes_fill(&want, 0, 1 << 20);
    bytes_fill(&want, 5, 100);
    bytes_fill(&want, 0, 1 << 20);
    image_pack(GZIP, want.data, want.len, &packed);
    ck_assert_int_eq(unpack(&packed, 1 << 30, &fd, &size), 0);
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_le(st.st_blocks * 512, 16384);
    check_content(fd, size, &want);
    bytes_free(&want);
    bytes_free(&packed);
}
END_TEST

START_TEST(streams_in_a_row)
{
    for (int f = 0; f < NR_FORMATS; f++) {
        struct bytes want, packed, twice = {0}, all = {0};
        uint64_t size;
        int fd;

        sample(&want, 100000);
        image_pack((enum format)f, want.data, want.len, &packed);
        bytes_add(&twice, packed.data, packed.len);
        bytes_add(&twice, packed.data, packed.len);
        ck_assert_msg(!unpack(&twice, 1 << 30, &fd, &size), "%s: %s", format_names[f], text());
        /* LZMA without a container has no start that one could tell from anything else. */
        bytes_add(&all, want.data, want.len);
        if (f != LZMA)
            bytes_add(&all, want.data, want.len);
        check_content(fd, size, &all);
        bytes_free(&all);
        bytes_free(&want);
        bytes_free(&packed);
        bytes_free(&twice);
    }
}
END_TEST

START_TEST(what_follows_is_left_alone)
{
    for (int f = 0; f < NR_FORMATS; f++) {
        struct bytes want, packed;
        uint64_t size;
        int fd;

        sample(&want, 100000);
        image_pack((enum format)f, want.data, want.len, &packed);
        /* The old LZ4 form has no end: only the size that Linux adds is allowed. */
        bytes_fill(&packed, 0x33, f == LZ4_LEGACY ? 4 : 5000);
        ck_assert_msg(!unpack(&packed, 1 << 30, &fd, &size), "%s: %s", format_names[f], text());
        check_content(fd, size, &want);
        bytes_free(&want);
        bytes_free(&packed);
    }
}
END_TEST

START_TEST(cut_short_anywhere)
{
    for (int f = 0; f < NR_FORMATS; f++) {
        struct bytes want, packed;

        sample(&want, 70000);
        image_pack((enum format)f, want.data, want.len, &packed);
        for (size_t len = 9; len < packed.len; len += len < 100 ? test_every(3) : 977) {
            struct bytes cut = {packed.data, len, len};
            uint64_t size;
            int fd, rc = unpack(&cut, 1 << 30, &fd, &size);

            ck_assert_msg(rc == -ENODATA || rc == -EILSEQ, "%s cut at %zu: %d", format_names[f],
                          len, rc);
            ck_assert_ptr_nonnull(strstr(text(), format_names[f]));
        }
        bytes_free(&want);
        bytes_free(&packed);
    }
}
END_TEST

START_TEST(damaged_anywhere)
{
    unsigned int found = 0, all = 0;

    for (int f = 0; f < NR_FORMATS; f++) {
        struct bytes want, packed;

        sample(&want, 70000);
        image_pack((enum format)f, want.data, want.len, &packed);
        for (size_t at = 9; at < packed.len; at += at < 60 ? test_every(3) : 1511) {
            uint64_t size;
            int fd, rc;

            packed.data[at] ^= 0x10;
            rc = unpack(&packed, 1 << 20, &fd, &size);
            packed.data[at] ^= 0x10;
            if (fd >= 0)
                close(fd);
            all++;
            found += rc < 0;
        }
        bytes_free(&want);
        bytes_free(&packed);
    }
    /* Some bits mean nothing, and three formats have no checksum here. */
    ck_assert_uint_gt(found * 2, all);
}
END_TEST

/* An xz stream, in blocks of so many bytes; 0: in one. */
static void pack_xz(const struct bytes *data, lzma_check check, size_t block, struct bytes *ret)
{
    lzma_mt mt = {.threads = 1, .block_size = block, .preset = 0, .check = check};
    lzma_stream s = LZMA_STREAM_INIT;
    static uint8_t out[1 << 16];

    *ret = (struct bytes){0};
    ck_assert_int_eq(
        block ? lzma_stream_encoder_mt(&s, &mt) : lzma_easy_encoder(&s, mt.preset, check), LZMA_OK);
    s.next_in = data->data;
    s.avail_in = data->len;
    s.next_out = out;
    s.avail_out = sizeof(out);
    ck_assert_int_eq(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
    bytes_add(ret, out, sizeof(out) - s.avail_out);
    lzma_end(&s);
}

/* Who checks differs, not what is found: no byte can change. Behind it may be the size of Linux. */
START_TEST(no_byte_of_xz_can_change)
{
    static const struct {
        lzma_check check;
        size_t block, behind;
    } kinds[] = {{LZMA_CHECK_CRC32, 0, 0},
                 {LZMA_CHECK_CRC32, 0, 4},
                 {LZMA_CHECK_CRC32, 4096, 0},
                 {LZMA_CHECK_CRC64, 0, 0}};
    struct bytes want, packed, first;
    uint64_t size;
    int fd;

    sample(&want, 45000);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        size_t len;

        pack_xz(&want, kinds[k].check, kinds[k].block, &packed);
        len = packed.len;
        bytes_fill(&packed, 0x59, kinds[k].behind);
        ck_assert_msg(!unpack(&packed, 1 << 20, &fd, &size), "%zu: %s", k, text());
        check_content(fd, size, &want);
        for (size_t at = 0; at < len; at += at < 40 || at + 80 > len ? 1 : 13 * test_every(3)) {
            packed.data[at] ^= (uint8_t)(1 << at % 8);
            if (xlight__packer_find(packed.data, packed.len))
                ck_assert_msg(unpack(&packed, 1 << 20, &fd, &size) < 0, "%zu: byte %zu", k, at);
            packed.data[at] ^= (uint8_t)(1 << at % 8);
        }
        bytes_free(&packed);
    }
    /* What stands at the end is for the last stream, and not for the first. */
    pack_xz(&want, LZMA_CHECK_CRC32, 0, &first);
    pack_xz(&want, LZMA_CHECK_CRC32, 0, &packed);
    first.data[first.len - 32] ^= 1;
    bytes_add(&first, packed.data, packed.len);
    ck_assert_int_eq(unpack(&first, 1 << 20, &fd, &size), -EILSEQ);
    bytes_free(&first);
    bytes_free(&packed);
    bytes_free(&want);
}
END_TEST

/* An end behind a stream that was made to fit it, with the CRC32 of what that unpacks to, helps
 * nobody. */
START_TEST(xz_with_another_end)
{
    lzma_stream_flags flags = {.check = LZMA_CHECK_CRC32};
    lzma_index *index = lzma_index_init(NULL);
    struct bytes want, packed;
    uint8_t buf[64];
    uint32_t crc, backward;
    uint64_t size;
    size_t pos = 0;
    int fd;

    sample(&want, 45000);
    pack_xz(&want, LZMA_CHECK_CRC32, 0, &packed);
    crc = lzma_crc32(want.data, want.len, 0);
    memcpy(&backward, packed.data + packed.len - 8, 4);
    pos = packed.len - 12 - (backward + 1) * 4 - 4;
    ck_assert(!memcmp(packed.data + pos, &crc, 4));
    packed.data[pos] ^= 1;
    ck_assert_int_eq(unpack(&packed, 1 << 20, &fd, &size), -EILSEQ);

    bytes_add(&packed, &crc, 4);
    ck_assert_int_eq(lzma_index_append(index, NULL, packed.len - 12, want.len), LZMA_OK);
    pos = 0;
    ck_assert_int_eq(lzma_index_buffer_encode(index, buf, &pos, sizeof(buf)), LZMA_OK);
    bytes_add(&packed, buf, pos);
    flags.backward_size = pos;
    ck_assert_int_eq(lzma_stream_footer_encode(&flags, buf), LZMA_OK);
    bytes_add(&packed, buf, 12);
    ck_assert_uint_eq(lzma_index_stream_size(index), packed.len);
    ck_assert_int_eq(unpack(&packed, 1 << 20, &fd, &size), -EILSEQ);
    lzma_index_end(index, NULL);
    bytes_free(&packed);
    bytes_free(&want);
}
END_TEST

START_TEST(more_than_allowed)
{
    for (int f = 0; f < NR_FORMATS; f++) {
        struct bytes want, packed;
        uint64_t size;
        int fd;

        sample(&want, 600000);
        image_pack((enum format)f, want.data, want.len, &packed);
        ck_assert_int_eq(unpack(&packed, 599999, &fd, &size), -EFBIG);
        ck_assert_int_eq(unpack(&packed, 600000, &fd, &size), 0);
        close(fd);
        bytes_free(&want);
        bytes_free(&packed);
    }
}
END_TEST

START_TEST(xz_that_wants_too_much_memory)
{
    /* A stream header, and a block that asks for a dictionary of 1.5 GiB. */
    static const uint8_t head[] = {0xfd, '7',  'z', 'X', 'Z',  0, 0,  1, 0x69, 0x22,
                                   0xde, 0x36, 2,   0,   0x21, 1, 37, 0, 0,    0};
    struct bytes packed = {0};
    uint64_t size;
    uint32_t crc;
    int fd;

    bytes_add(&packed, head, sizeof(head));
    crc = 0;
    for (int i = 12, c; i < 20; i++) {
        crc = i == 12 ? ~0U : crc;
        crc ^= packed.data[i];
        for (c = 0; c < 8; c++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
    crc = ~crc;
    bytes_add(&packed, &crc, 4);
    bytes_fill(&packed, 0, 100);
    ck_assert_int_eq(unpack(&packed, 1 << 30, &fd, &size), -EFBIG);
    ck_assert_ptr_nonnull(strstr(text(), "1536 MiB of memory"));
    bytes_free(&packed);
}
END_TEST

START_TEST(no_memory_for_buffers)
{
    for (int f = 0; f < NR_FORMATS; f++) {
        struct bytes want, packed;
        bool failed = true;

        sample(&want, 70000);
        image_pack((enum format)f, want.data, want.len, &packed);
        for (int n = 1; failed; n++) {
            uint64_t size;
            int fd, rc;

            fail_alloc_in = n;
            rc = unpack(&packed, 1 << 20, &fd, &size);
            failed = !fail_alloc_in;
            fail_alloc_in = 0;
            ck_assert_int_eq(rc, failed ? -ENOMEM : 0);
            if (fd >= 0)
                close(fd);
        }
        bytes_free(&want);
        bytes_free(&packed);
    }
}
END_TEST

START_TEST(file_that_cannot_be_written)
{
    struct bytes want, packed;
    struct xlight__blob b;
    struct xlight__sink s = {.fd = open("/dev/null", O_RDONLY), .max = 1 << 20};

    sample(&want, 70000);
    image_pack(ZSTD, want.data, want.len, &packed);
    b = xlight__blob_memory(packed.data, packed.len);
    why.nr = 0;
    ck_assert_int_eq(xlight__unpack(xlight__packer_find(packed.data, 16), &b, &s, &why), -EBADF);
    ck_assert(s.broken);
    close(s.fd);
    bytes_free(&want);
    bytes_free(&packed);
}
END_TEST

START_TEST(blob_bounds)
{
    struct xlight__blob b = xlight__blob_memory("0123456789", 10);
    char buf[16] = "";

    why.nr = 0;
    ck_assert_int_eq(xlight__blob_read(&b, 0, buf, 11, &why), -ENODATA);
    ck_assert_int_eq(xlight__blob_read(&b, 11, buf, 0, &why), -ENODATA);
    ck_assert_int_eq(xlight__blob_read(&b, ~0ULL, buf, 2, &why), -ENODATA);
    ck_assert_str_eq(buf, "");
    ck_assert_int_eq(xlight__blob_read(&b, 8, buf, 2, &why), 0);
    ck_assert_str_eq(buf, "89");
    b = xlight__blob_part(&b, 4, 3);
    ck_assert_int_eq(xlight__blob_read(&b, 1, buf, 2, &why), 0);
    ck_assert_str_eq(buf, "56");
    ck_assert_int_eq(xlight__blob_read(&b, 1, buf, 3, &why), -ENODATA);
}
END_TEST

/* A file with holes is copied as it reads; one that shrank gives an error. */
START_TEST(blob_copies_holes)
{
    int fd = memfd_create("test", 0);
    uint8_t *got = malloc(65536), *want = calloc(1, 65536);
    struct xlight__blob b;

    ck_assert_int_eq(pwrite(fd, "hello", 5, 20000), 5);
    ck_assert_int_eq(pwrite(fd, "world", 5, 60000), 5);
    ck_assert_int_eq(ftruncate(fd, 65536), 0);
    memcpy(want + 20000, "hello", 5);
    memcpy(want + 60000, "world", 5);
    ck_assert_int_eq(xlight__blob_file(fd, &b, NULL), 0);
    for (size_t at = 0; at < 65536; at += 999) {
        memset(got, 0xee, 65536);
        ck_assert_int_eq(xlight__blob_copy(&b, at, got + 1, 65536 - at - 1, NULL), 0);
        ck_assert(!memcmp(got + 1, want + at, 65536 - at - 1));
        ck_assert_uint_eq(got[0], 0xee);
    }
    ck_assert_int_eq(ftruncate(fd, 50000), 0);
    why.nr = 0;
    ck_assert_int_eq(xlight__blob_read(&b, 0, got, 65536, &why), -ENODATA);
    ck_assert_ptr_nonnull(strstr(text(), "shorter"));
    free(got);
    free(want);
    close(fd);
}
END_TEST

TEST_MAIN("build-unpack", every_format_in_every_size, pages_of_zeros_become_holes, streams_in_a_row,
          what_follows_is_left_alone, cut_short_anywhere, damaged_anywhere, more_than_allowed,
          no_byte_of_xz_can_change, xz_with_another_end, xz_that_wants_too_much_memory,
          no_memory_for_buffers, file_that_cannot_be_written, blob_bounds, blob_copies_holes)
