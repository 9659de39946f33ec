/* SPDX-License-Identifier: MIT */
/*
 * hotplug.h - what the host does to a device that is served in domain 0: a disk becomes a block
 * device, a network interface gets into a bridge.
 *
 * Xen has scripts for it. What the two usual ones do, block and vif-bridge, is done here, with the
 * same nodes and locks as they use; either can undo what the other did. All others are run.
 */
#ifndef XENOLITH_LIGHT_DEVICE_HOTPLUG_H
#define XENOLITH_LIGHT_DEVICE_HOTPLUG_H

#include "../op/op.h"
#include "dev.h"

/* How long a script may take, and others may hold a lock. */
#define XLIGHT__SCRIPT_MS(h) (4 * (h)->os->wait_ms)

/* A node of domains whose devices are not made ready by us; it is below /libxl/DOMID. */
#define XLIGHT__NO_HOTPLUG "no-hotplug"

/* What a device's hotplug waits for. Zeroed at first. */
struct xlight__hotplug_state {
    bool started;          /* a script has been started */
    uint64_t clock;        /* of the script, or the lock */
    int lock_fd, timer_fd; /* plus 1: 0 is none */
};

/*
 * on makes a device ready, after its server has reached InitWait; off takes that back, as far as it
 * was done, and is fine when it was not at all. Both are called as a step is, with its results.
 */
struct xlight__hotplug {
    int (*on)(xlight_op *op, const struct xlight__dev *dev, struct xlight__hotplug_state *s);
    int (*off)(xlight_op *op, const struct xlight__dev *dev, struct xlight__hotplug_state *s);
};
extern const struct xlight__hotplug xlight__hotplug_block, xlight__hotplug_vif;

/* Gives back what a state holds, when on or off will not be called again. */
void xlight__hotplug_end(struct xlight__hotplug_state *s);

/*
 * lock.c: the lock of Xen's scripts with this name; -EAGAIN while somebody else has it. unlock is
 * fine without one.
 */
int xlight__hotplug_lock(xlight_op *op, const char *name, struct xlight__hotplug_state *s);
void xlight__hotplug_unlock(xlight_handle *h, const char *name, struct xlight__hotplug_state *s);

/*
 * sharing.c: whether a disk on one of these devices is in use in a way that forbids another use,
 * to read or to write: by other guests, or by domain 0 as a file system. -EBUSY: it is.
 */
int xlight__check_sharing(xlight_handle *h, const struct xlight__dev *dev, const dev_t *numbers,
                          unsigned int nr, bool write);
/*
 * script.c: whether the device's script is the one of Xen with this name, which is then done in
 * process; runs it with an action ("add") and perhaps one more argument.
 */
int xlight__script_is(xlight_handle *h, const struct xlight__dev *dev, const char *name,
                      bool *ret_is);
int xlight__script_run(xlight_op *op, const struct xlight__dev *dev, const char *action,
                       const char *argument, struct xlight__hotplug_state *s);

/* Writes a node of the server's side. */
int xlight__back_write(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev,
                       const char *key, const char *value);

#endif /* XENOLITH_LIGHT_DEVICE_HOTPLUG_H */
