/* SPDX-License-Identifier: MIT */
/* format.h - numbers and structures of saved guests. What is most significant byte first says so.
 */
#ifndef XENOLITH_LIGHT_STREAM_FORMAT_H
#define XENOLITH_LIGHT_STREAM_FORMAT_H

#include <stdint.h>

/* The container. Numbers are as the machine has them, which order shows. */
#define STREAM_MAGIC      "Xen saved domain, xl format\n \0 \r"
#define STREAM_MAGIC_SIZE 32 /* without a zero at the end */
#define STREAM_ORDER      0x01020304U
#define STREAM_JSON       1U /* mandatory flags: what the configuration is written in */
#define STREAM_V2         2U /* ... the format of the rest */
struct stream_container {
    char magic[STREAM_MAGIC_SIZE];
    uint32_t order, mandatory, optional, length; /* length of what follows: a size, and so much */
};

/* The host's side; all of it most significant byte first but the content of records. */
#define STREAM_LIGHT_IDENT   0x4c6962786c466d74ULL /* "LibxlFmt" */
#define STREAM_LIGHT_VERSION 2U
#define STREAM_LIGHT_BIG     1U /* options: the content is most significant byte first */
#define STREAM_LIGHT_LEGACY  2U /* ... the guest is in the format before version 2 */
struct stream_light_header {
    uint64_t ident;
    uint32_t version, options;
};

/* Types of its records, whose headers are as those of the guest. */
#define LIGHT_END              0U
#define LIGHT_GUEST            1U /* LIBXC_CONTEXT: empty; the guest follows */
#define LIGHT_EMULATOR_STORE   2U
#define LIGHT_EMULATOR_STATE   3U
#define LIGHT_CHECKPOINT_END   4U
#define LIGHT_CHECKPOINT_STATE 5U

/* The guest. This header is most significant byte first. */
#define STREAM_MARKER  (~0ULL)
#define STREAM_ID      0x58454e46U /* "XENF" */
#define STREAM_VERSION 3U
#define STREAM_BIG     1U /* options: the rest is most significant byte first */
struct stream_image {
    uint64_t marker;
    uint32_t id, version;
    uint16_t options, zero[3];
};

#define STREAM_PV  1U
#define STREAM_HVM 2U
struct stream_domain {
    uint32_t type;
    uint16_t page_shift, zero;
    uint32_t xen_major, xen_minor; /* of who wrote it */
};

/* Bodies are padded with zeros to a multiple of 8, which length does not count. */
struct stream_record {
    uint32_t type, length;
};
#define STREAM_OPTIONAL   0x80000000U /* a type that one need not know */
#define STREAM_BODY_LIMIT (128U << 20)
#define STREAM_PAD        8U
#define STREAM_PAGE       4096U

enum stream_type {
    STREAM_END = 0x0,
    STREAM_PAGE_DATA = 0x1,
    STREAM_PV_INFO = 0x2,
    STREAM_PV_P2M_FRAMES = 0x3,
    STREAM_PV_VCPU_BASIC = 0x4,
    STREAM_PV_VCPU_EXTENDED = 0x5,
    STREAM_PV_VCPU_XSAVE = 0x6,
    STREAM_SHARED_INFO = 0x7,
    STREAM_TSC_INFO = 0x8,
    STREAM_HVM_CONTEXT = 0x9,
    STREAM_HVM_PARAMS = 0xa,
    STREAM_TOOLSTACK = 0xb,
    STREAM_PV_VCPU_MSRS = 0xc,
    STREAM_VERIFY = 0xd,
    STREAM_CHECKPOINT = 0xe,
    STREAM_CHECKPOINT_PFNS = 0xf,
    STREAM_STATIC_DATA_END = 0x10,
    STREAM_CPUID_POLICY = 0x11,
    STREAM_MSR_POLICY = 0x12,
};

/* PAGE_DATA: count entries of pfn and type, then the pages of those types that have content. */
struct stream_pages {
    uint32_t count, zero;
    uint64_t pfns[];
};
#define STREAM_BATCH      1024U /* pages that are written at once */
#define STREAM_PFN_MASK   0x000fffffffffffffULL
#define STREAM_TYPE_SHIFT 60
#define STREAM_PIN        8U /* types 1 to 4: page tables; with this they are pinned */
#define STREAM_BROKEN     0xdU
#define STREAM_ALLOC      0xeU /* there, but without content */
#define STREAM_NONE       0xfU /* not there */

struct stream_pv_info {
    uint8_t width, levels, zero[6]; /* bytes of a word, of page tables */
};

/* Where the guest keeps its list of frames: a pfn for each page of that list. */
struct stream_frames {
    uint32_t first, last; /* pfns that this is about */
    uint64_t pfns[];
};
#define STREAM_PER_FRAME (STREAM_PAGE / 8)

struct stream_vcpu {
    uint32_t vcpu, zero;
    uint8_t context[];
};

struct stream_tsc {
    uint32_t mode, khz;
    uint64_t ns;
    uint32_t incarnation, zero;
};

#endif /* XENOLITH_LIGHT_STREAM_FORMAT_H */
