/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: hypfs_op(cmd, path, path length, buffer, buffer length), a small
 * tree of hypervisor settings.  Lengths are bytes and a path's includes the
 * zero.  -ENOENT: no such entry; -ENOBUFS: buffer too small; -EACCES: read-only.
 */
#ifndef XEN_PUBLIC_HYPFS_H
#define XEN_PUBLIC_HYPFS_H

#include "xen.h"

#define XEN_HYPFS_VERSION     1
#define XEN_HYPFS_MAX_PATHLEN 1024

#define XEN_HYPFS_OP_get_version    0 /* no arguments; returns XEN_HYPFS_VERSION */
#define XEN_HYPFS_OP_read           1 /* OUT: xen_hypfs_direntry, then the content */
#define XEN_HYPFS_OP_write_contents 2 /* IN: the content only */

#define XEN_HYPFS_TYPE_DIR    0 /* content: xen_hypfs_dirlistentry items */
#define XEN_HYPFS_TYPE_BLOB   1
#define XEN_HYPFS_TYPE_STRING 2
#define XEN_HYPFS_TYPE_UINT   3
#define XEN_HYPFS_TYPE_INT    4
#define XEN_HYPFS_TYPE_BOOL   5

#define XEN_HYPFS_ENC_PLAIN 0
#define XEN_HYPFS_ENC_GZIP  1

/* OUT: what an entry is. */
struct xen_hypfs_direntry {
    uint8_t type;     /* XEN_HYPFS_TYPE_* */
    uint8_t encoding; /* XEN_HYPFS_ENC_* */
    uint16_t pad;
    uint32_t content_len;   /* bytes */
    uint32_t max_write_len; /* bytes; 0: read-only */
};
typedef struct xen_hypfs_direntry xen_hypfs_direntry_t;

/* OUT: one item of a directory. */
struct xen_hypfs_dirlistentry {
    xen_hypfs_direntry_t e;
    uint16_t off_next; /* bytes from here to the next item; 0: last */
    __extension__ char name[];
};

#endif /* XEN_PUBLIC_HYPFS_H */
