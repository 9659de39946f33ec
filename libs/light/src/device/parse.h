/* SPDX-License-Identifier: MIT */
/* parse.h - texts about devices, taken apart. They come from users, or from other domains. */
#ifndef XENOLITH_LIGHT_DEVICE_PARSE_H
#define XENOLITH_LIGHT_DEVICE_PARSE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define XLIGHT__DEV_KIND 16 /* bytes of a kind's name, with the zero */

/* A decimal number without sign, at most max, a child's name for example; nothing behind it. */
bool xlight__parse_decimal(const char *text, unsigned long max, unsigned long *ret_number);

/* "/local/domain/0/backend/vbd/5/51712" taken apart. -EBADMSG: it is no such path. */
int xlight__dev_parse(const char *back, uint32_t *ret_server_domid,
                      char ret_server[XLIGHT__DEV_KIND], uint32_t *ret_domid, int *ret_devid);

/* "ca:10", a device number as the node physical-device has it. -EINVAL: it is none. */
int xlight__parse_number(const char *text, dev_t *ret_number);

#endif /* XENOLITH_LIGHT_DEVICE_PARSE_H */
