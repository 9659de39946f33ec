/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: xen_version(cmd, arg), what the guest runs on.  arg points to the
 * type of the command, OUT unless noted.  Strings are zero-terminated; a
 * caller without the right to see one reads "<denied>".
 */
#ifndef XEN_PUBLIC_VERSION_H
#define XEN_PUBLIC_VERSION_H

#include "xen.h"
#include "features.h"

#define XENVER_version             0  /* arg 0; returns major << 16 | minor */
#define XENVER_extraversion        1  /* xen_extraversion_t */
#define XENVER_compile_info        2  /* xen_compile_info */
#define XENVER_capabilities        3  /* xen_capabilities_info_t */
#define XENVER_changeset           4  /* xen_changeset_info_t */
#define XENVER_platform_parameters 5  /* xen_platform_parameters */
#define XENVER_get_features        6  /* xen_feature_info */
#define XENVER_pagesize            7  /* arg 0; returns bytes */
#define XENVER_guest_handle        8  /* xen_domain_handle_t */
#define XENVER_commandline         9  /* xen_commandline_t */
#define XENVER_build_id            10 /* xen_build_id; returns its length */

typedef char xen_extraversion_t[16];
#define XEN_EXTRAVERSION_LEN (sizeof(xen_extraversion_t))

struct xen_compile_info {
    char compiler[64];
    char compile_by[16];
    char compile_domain[32];
    char compile_date[32];
};
typedef struct xen_compile_info xen_compile_info_t;

/* Kinds of guests that can be built, separated by blanks: "xen-3.0-x86_64 ..." */
typedef char xen_capabilities_info_t[1024];
#define XEN_CAPABILITIES_INFO_LEN (sizeof(xen_capabilities_info_t))

typedef char xen_changeset_info_t[64];
#define XEN_CHANGESET_INFO_LEN (sizeof(xen_changeset_info_t))

struct xen_platform_parameters {
    xen_ulong_t virt_start; /* first linear address a PV guest must not use */
};
typedef struct xen_platform_parameters xen_platform_parameters_t;

/* IN/OUT.  -EINVAL: submap_idx too large. */
struct xen_feature_info {
    unsigned int submap_idx; /* IN */
    uint32_t submap;         /* OUT: bit per XENFEAT_* - 32 * submap_idx */
};
typedef struct xen_feature_info xen_feature_info_t;

typedef char xen_commandline_t[1024];

/* IN/OUT; arg 0 asks for the length only.  -ENOBUFS: len is too small. */
struct xen_build_id {
    uint32_t len;                      /* IN: bytes in buf */
    __extension__ unsigned char buf[]; /* OUT */
};
typedef struct xen_build_id xen_build_id_t;

#endif /* XEN_PUBLIC_VERSION_H */
