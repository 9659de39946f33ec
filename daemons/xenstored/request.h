/* SPDX-License-Identifier: MIT */
/* request.h - from a message to what is done about it (request.c). */
#ifndef XENSTORED_REQUEST_H
#define XENSTORED_REQUEST_H

#include "conn.h"

/* Carries out one request (msg->len bytes of payload) and answers it. */
void request_handle(struct conn *c, const struct xsd_sockmsg *msg, const char *data);

#endif /* XENSTORED_REQUEST_H */
