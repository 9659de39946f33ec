/* SPDX-License-Identifier: MIT */
/* qmp.h - one command for a QEMU process, through its control socket. */
#ifndef XENOLITH_LIGHT_DEVICE_QMP_H
#define XENOLITH_LIGHT_DEVICE_QMP_H

#include "../op/op.h"

/* How far it has come. Zeroed at first; to be ended in any case. */
struct xlight__qmp {
    int fd;             /* plus 1: 0 is none */
    unsigned int stage; /* answers that have come */
    char answer[4096];  /* a line, as far as it has come */
    size_t len;
    uint64_t clock;
};

/*
 * For a step: calls a command that has one argument, a text, and waits for the answer. -EAGAIN as
 * steps have it; 0: it was done. An error that QEMU tells is -EREMOTEIO.
 */
int xlight__qmp_call(xlight_op *op, uint32_t domid, const char *socket, const char *command,
                     const char *argument, const char *value, struct xlight__qmp *q);
void xlight__qmp_end(struct xlight__qmp *q);

#endif /* XENOLITH_LIGHT_DEVICE_QMP_H */
