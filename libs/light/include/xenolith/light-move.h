/* SPDX-License-Identifier: MIT */
/*
 * light-move.h - saved guests, in files of Xen's toolstack, version 4.17. The rules of light.h apply.
 */
#ifndef XENOLITH_LIGHT_MOVE_H
#define XENOLITH_LIGHT_MOVE_H

#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is in a file with a saved guest. */
struct xlight_stream_info {
    size_t size;             /* of this structure; the caller sets it */
    uint64_t bytes, records; /* in all */
    uint64_t pages;          /* with content; one that was written to meanwhile counts again */
    uint64_t max_pfn;        /* PV: the highest page that it can have */
    uint32_t vcpus;          /* PV: that are online */
    uint32_t version;        /* of the guest's part: 2 or 3 */
    uint32_t xen_major, xen_minor; /* who wrote it */
    bool hvm;                      /* a virtual machine; else PV */
};

/*
 * Reads a saved guest from a descriptor to its end, and looks whether all of it is there and goes
 * together. Needs no host. The descriptor stays the caller's; it may be a pipe, whose end is waited
 * for. On failure writes the reason to why, at most size bytes with the zero: which record is
 * broken, and what is wrong with it. -EBADMSG: it is no saved guest, or is damaged; -ENODATA: it
 * ends in the middle; -EOPNOTSUPP: it is of a kind that we cannot restore.
 */
XLIGHT_CHECK int xlight_stream_check(int fd, struct xlight_stream_info *ret_info, char *why,
                                     size_t size);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_MOVE_H */
