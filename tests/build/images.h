/* SPDX-License-Identifier: MIT */
/* images.h - kernel images for tests of the builder: made from nothing, packed in every format. */
#ifndef TESTS_BUILD_IMAGES_H
#define TESTS_BUILD_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow. */
struct bytes {
    uint8_t *data;
    size_t len, room;
};
void bytes_add(struct bytes *b, const void *data, size_t len);
void bytes_fill(struct bytes *b, int byte, size_t len);
void bytes_be32(struct bytes *b, uint32_t v);
void bytes_free(struct bytes *b);

/* A kernel of two segments, the second one with room behind its content. */
struct tiny {
    bool is32, no_notes, section_notes;
    uint64_t paddr;     /* of the first segment: default 1 MiB */
    uint64_t virt_base; /* default 0xffffffff80000000 */
    size_t text, data, bss;
    bool init_p2m, mod_start_pfn, hypercall_page, phys32, rsdp_anywhere;
    uint64_t init_p2m_va; /* default 0x8000000000 */
    uint64_t entry;       /* default: the first segment */
    const char *xen_version, *features, *loader, *guest_os;
};
#define TINY_TEXT 9000U
#define TINY_DATA 5000U
#define TINY_BSS  20000U

/* Fills in defaults, makes the image. Content is a pattern: tiny_byte(offset in the segment). */
void tiny_make(struct tiny *t, struct bytes *ret);
uint8_t tiny_byte(unsigned int segment, size_t at);
/* Where the segments are, relative to paddr. */
uint64_t tiny_data_start(const struct tiny *t);

/* Adds one note of Xen's. */
void note_add(struct bytes *b, uint32_t type, const void *desc, uint32_t len);

enum format { GZIP, BZIP2, XZ, LZMA, LZO, LZ4_LEGACY, LZ4_FRAME, ZSTD, NR_FORMATS };
extern const char *const format_names[NR_FORMATS];
void image_pack(enum format f, const void *data, size_t len, struct bytes *ret);

/* A bzImage around a payload; unpacked is the size it says. protocol is 0x20f and so on. */
void bzimage_make(const struct bytes *payload, uint32_t unpacked, bool add_size,
                  unsigned int protocol, struct bytes *ret);

#endif /* TESTS_BUILD_IMAGES_H */
