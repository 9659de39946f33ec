/* SPDX-License-Identifier: MIT */
/* write.h - from structures to the text of an xl.cfg(5) file. */
#ifndef XENOLITH_LIGHT_CONFIG_WRITE_H
#define XENOLITH_LIGHT_CONFIG_WRITE_H

#include <stdio.h>
#include "fields.h"

/* "text", with escapes. */
void xlight__put_quoted(FILE *out, const char *text);
/* The value of any field but lists and sets, without quotes; obj is the structure that it is in. */
void xlight__put_plain(FILE *out, const struct xlight_field *f, const void *obj);
/* "0-3,8", or what is to be asked of the host. */
void xlight__put_set(FILE *out, const struct xlight_bits *b);

/* write-device.c: the specification of a device, in quotes. */
void xlight__put_device(FILE *out, const struct xlight_type *type, const void *obj);

/* write-special.c: the settings that are not one field each. */
void xlight__put_special(FILE *out, const struct xlight_config *c);

#endif /* XENOLITH_LIGHT_CONFIG_WRITE_H */
