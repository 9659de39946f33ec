/* SPDX-License-Identifier: MIT */
/* wire.h - the parts of messages: strings, numbers, paths, names of errors. */
#ifndef XENSTORED_WIRE_H
#define XENSTORED_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/include/public/io/xs_wire.h>

#define WIRE_HEADER  sizeof(struct xsd_sockmsg)
#define WIRE_MAX     (WIRE_HEADER + XENSTORE_PAYLOAD_MAX)
#define XS_PERMS_MAX 1024U /* entries of a permission list; more do not fit into a message */

#define DOMID_FIRST_RESERVED 0x7ff0U
#define DOMID_ITSELF         0x7ff0U /* Xen's DOMID_SELF */

/* An absolute path without a slash at its end, or a special one: "@introduceDomain". */
struct path {
    const char *s; /* NUL after len bytes is not promised */
    uint16_t len;
    uint16_t relative; /* bytes that were put in front of what the client sent */
};

/* The name that the protocol has for a positive errno; "EINVAL" when it has none. */
const char *wire_error_name(int err);

/* The name of a message type, for the log; never NULL. */
const char *wire_type_name(uint32_t type);

/*
 * Splits NUL-terminated strings. Returns how many there are (beyond `max` they are counted, not
 * stored), or -EINVAL when the last has no end.
 */
int wire_strings(const char *data, size_t len, const char **ret_vec, unsigned int max);

/* The whole text as a decimal number up to `max`: 0 or -EINVAL. */
int wire_number(const char *text, uint32_t max, uint32_t *ret_value);

/*
 * Makes an absolute path of what a client of domain `domid` sent (len bytes, without a NUL).
 * `special` allows the ones with '@'. `rel_max` bounds the part below /local/domain/N/.
 * The result points to `text` or to a buffer that the next call overwrites.
 * -EINVAL: characters, empty components, slash at the end, too long.
 */
int wire_path(const char *text, size_t len, uint16_t domid, bool special, unsigned int rel_max,
              struct path *ret_path);

/* The same rules for a path that is already absolute. */
bool wire_path_valid(const char *s, size_t len);

#endif /* XENSTORED_WIRE_H */
