/* SPDX-License-Identifier: MIT */
/*
 * device.h - what operations need of devices: parts that make devices come and go. The way of a
 * device, and of all that belong together at once:
 *
 *     nodes are written; its server is waited for; the host makes it ready; the server connects
 *     the server is asked to close and waited for; the host takes back what it made; nodes go
 *
 * Either way each step is one for the whole set, so that servers work side by side.
 */
#ifndef XENOLITH_LIGHT_DEVICE_DEVICE_H
#define XENOLITH_LIGHT_DEVICE_DEVICE_H

#include "../op/op.h"
#include "dev.h"
#include "hotplug.h"

/*
 * From a step: adds the steps that give a new domain the devices of its configuration, and start a
 * device model if one is needed. The configuration gets what had not been
 * given, and must live as long as the operation. All is undone with it.
 */
int xlight__devices_create(xlight_op *op, const struct xlight__client *c,
                           struct xlight_config *config);

/* The first failure of steps that go on whatever fails. */
struct xlight__noted {
    int rc;
    struct xlight__why why;
};
/* Notes a failure; returns 0. noted NULL: returns rc. */
int xlight__note(xlight_handle *h, struct xlight__noted *noted, int rc);

/*
 * From a step: adds the steps that take all devices of a domain away, and its device model, whether
 * the guest likes it or not. They cannot be undone. What fails is noted, and they go on; noted must
 * live as long as the operation.
 */
int xlight__devices_destroy(xlight_op *op, uint32_t domid, struct xlight__noted *noted);

/* Whether a configuration needs a device model. */
bool xlight__needs_model(const struct xlight_config *config);

/*
 * What follows is for this folder.
 *
 * A set of devices, the state of a part. Each has its own copy of what describes it, or none when
 * it is taken away.
 */
struct xlight__devset_item {
    struct xlight__dev dev;
    void *conf;
    bool written; /* its nodes */
    bool ready;   /* the host has begun to make it so */
    bool idle;    /* nobody had begun to serve it when it was asked to close */
    struct xlight__hotplug_state hotplug;
};
enum xlight__going { XLIGHT__GENTLY, XLIGHT__FORCED_LATER, XLIGHT__FORCED };
struct xlight__devset {
    struct xlight__client client;
    struct xlight__devset_item *items;
    unsigned int nr;
    unsigned int at;             /* the item whose hotplug is under way */
    bool others;                 /* do the hotplug, not we */
    enum xlight__going going;    /* how items are made to go */
    bool closing;                /* all have been asked to */
    bool patient;                /* the second time */
    bool model_gone;             /* nobody serves what a device model serves */
    struct xlight__noted stuck;  /* the first that could not be disconnected */
    struct xlight__noted *noted; /* or NULL: a failure is the end */
};
struct xlight__devset *xlight__devset_new(const struct xlight__client *c);
void xlight__devset_free(void *set);
/* Adds a device made out of a copy of conf; or one that exists. Explains errors. */
int xlight__devset_make(struct xlight__devset *set, const struct xlight__kind *kind, void *conf);
int xlight__devset_take(struct xlight__devset *set, const struct xlight__dev *dev);

/*
 * Finds out whether the hotplug of a domain's devices is ours, which a node of it says. A domain
 * that was made without hotplug scripts has somebody else for that, such as udev.
 */
int xlight__devset_find_others(struct xlight__devset *set);

/*
 * attach.c: adds the steps that attach a device like conf, which is copied, or detach one, and
 * change the configuration that is written down.
 */
int xlight__attach_add(xlight_op *op, uint32_t domid, const struct xlight__kind *kind,
                       const void *conf);
int xlight__detach_add(xlight_op *op, const struct xlight__dev *dev, enum xlight__going going);

/* Steps; the state is a set. going.c */
int xlight__devset_close(xlight_op *op, void *state);
int xlight__devset_unready(xlight_op *op, void *state);
int xlight__devset_erase(xlight_op *op, void *state);

extern const struct xlight__part xlight__part_coming, xlight__part_going;

/*
 * model.c: the device model, a QEMU process that serves what the kernel does not. The state is of
 * its own; conf as in xlight__devices_create().
 */
int xlight__model_add(xlight_op *op, const struct xlight__client *c,
                      const struct xlight_config *config);
/* Adds the step that ends the device model of a domain; fine without one. */
int xlight__model_end(xlight_op *op, uint32_t domid, struct xlight__noted *noted);
/* Whether there is one that has started. */
int xlight__model_runs(xlight_handle *h, uint32_t domid, bool *ret_runs);

#endif /* XENOLITH_LIGHT_DEVICE_DEVICE_H */
