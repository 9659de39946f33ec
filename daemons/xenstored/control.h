/* SPDX-License-Identifier: MIT */
/* control.h - what xenstore-control asks (control.c). */
#ifndef XENSTORED_CONTROL_H
#define XENSTORED_CONTROL_H

#include "conn.h"

/* Answers a CONTROL message: 0, or a negative errno to be answered. */
int control_handle(struct conn *c, const struct xsd_sockmsg *msg, const char *data, size_t len);

#endif /* XENSTORED_CONTROL_H */
