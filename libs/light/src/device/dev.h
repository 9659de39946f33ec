/* SPDX-License-Identifier: MIT */
/*
 * dev.h - a device of a domain: where it is in the store, what kinds there are, and how what a
 * configuration says of it becomes nodes.
 *
 * A device has three directories. The guest's driver works in front, the driver that serves it
 * (usually in domain 0) in back; libxl, which guests cannot reach, says which devices there are and
 * what they were made from. Their layout is that of Xen's toolstack.
 */
#ifndef XENOLITH_LIGHT_DEVICE_DEV_H
#define XENOLITH_LIGHT_DEVICE_DEV_H

#include "../private.h"
#include "os.h"
#include "parse.h"
#include <xenolith/light-config.h>

/* States of both ends, of xen/io/xenbus.h. */
enum xlight__bus_state {
    XLIGHT__INITIALISING = 1,
    XLIGHT__INIT_WAIT,
    XLIGHT__INITIALISED,
    XLIGHT__CONNECTED,
    XLIGHT__CLOSING,
    XLIGHT__CLOSED
};

#define XLIGHT__DEV_PATH 96

struct xlight__dev {
    const struct xlight__kind *kind; /* NULL: none that we make */
    const struct xlight__server *server;
    uint32_t domid, server_domid;
    int devid;
    char kind_name[XLIGHT__DEV_KIND], server_name[XLIGHT__DEV_KIND];
    char front[XLIGHT__DEV_PATH], back[XLIGHT__DEV_PATH], libxl[XLIGHT__DEV_PATH];
    char name[64]; /* for people: "disk xvda" */
};

/* What serves a device. */
struct xlight__hotplug;
struct xlight__server {
    const char *name;
    bool qemu;  /* it is a QEMU process */
    bool plain; /* it has no states: its nodes are just there, and just removed */
    const struct xlight__hotplug *hotplug; /* or NULL */
};
/* Of this name; one that we do not know is taken for a driver of the kernel. Never NULL. */
const struct xlight__server *xlight__server(const char *name);

/* The domain that devices are for, as far as they have to know. */
struct xlight__client {
    xlight_handle *h;
    uint32_t domid;
    int type; /* enum xlight_type_of_domain */
};

/* Nodes that a device begins with, in the order in which they are written. */
enum xlight__side { XLIGHT__BACK, XLIGHT__FRONT, XLIGHT__FRONT_READONLY };
struct xlight__nodes {
    struct xlight__node {
        enum xlight__side side;
        const char *key;
        char *value;
    } list[40];
    unsigned int nr;
    bool no_memory; /* a value was lost */
};
/* Adds a node; without memory, or room, notes that. A value of NULL: no node. */
void xlight__node(struct xlight__nodes *n, enum xlight__side side, const char *key,
                  const char *value);
void xlight__node_number(struct xlight__nodes *n, enum xlight__side side, const char *key,
                         uint64_t value);
void xlight__node_format(struct xlight__nodes *n, enum xlight__side side, const char *key,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The node "script". A script without a path is one of Xen's. */
void xlight__node_script(struct xlight__nodes *n, const struct xlight__client *c,
                         const char *script);
void xlight__nodes_free(struct xlight__nodes *n);

/* A kind of devices that we make. conf is one of its structures. */
struct xlight__kind {
    const char *name;                            /* in the store: "vbd" */
    const char *word;                            /* for people: "disk" */
    const struct xlight_type *type;              /* of what describes it */
    size_t list, nr;                             /* where struct xlight_config has them */
    size_t backend_domid, backend_domain, devid; /* in conf; devid 0: it follows from the rest */
    int first_devid;
    /* Fills in what has not been given, and checks. Explains errors. */
    int (*prepare)(const struct xlight__client *c, void *conf);
    /* What serves it: the name of a server. */
    const char *(*server)(const void *conf);
    /* The device id, of kinds without a field for it. Explains errors. */
    int (*number)(const struct xlight__client *c, const void *conf, int *ret_devid);
    void (*name_of)(const struct xlight__dev *dev, const void *conf, char *buf, size_t size);
    void (*nodes)(struct xlight__nodes *n, const struct xlight__client *c,
                  const struct xlight__dev *dev, const void *conf);
};

extern const struct xlight__kind xlight__kind_disk, xlight__kind_nic, xlight__kind_channel,
    xlight__kind_vkb, xlight__kind_vfb, xlight__kind_p9;

/* All, in the order in which a new domain gets them; ends with NULL. */
extern const struct xlight__kind *const xlight__kinds[];
const struct xlight__kind *xlight__kind(const char *name);
const struct xlight__kind *xlight__kind_of(int kind); /* enum xlight_device_kind; or NULL */

/* Fills in what follows from domains, kind, server and device id. */
void xlight__dev_set(struct xlight__dev *dev, const char *kind, const char *server, uint32_t domid,
                     uint32_t server_domid, int devid);

/*
 * Makes a device out of conf, which gets what had not been given: defaults; the domain that serves
 * it; the next device id that neither the store nor the first nr of before has. Writes nothing.
 */
int xlight__dev_make(const struct xlight__client *c, const struct xlight__kind *kind, void *conf,
                     const struct xlight__dev *before, unsigned int nr,
                     struct xlight__dev *ret_dev);

/* Writes the nodes of a new device. -EEXIST: there is one with this id. */
int xlight__dev_write(const struct xlight__client *c, xs_transaction_t t,
                      const struct xlight__dev *dev, const void *conf);

/*
 * Removes a path and all below, and the directories above that hold nothing then and have no value.
 * Explains nothing.
 */
int xlight__erase(xlight_handle *h, xs_transaction_t t, const char *path);

/* Removes all nodes of a device, and directories above that are empty then. */
int xlight__dev_erase(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev);
/* Those of the guest's side. */
int xlight__dev_erase_front(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev);

/* A device as the store has it. -ENODEV: there is none. */
int xlight__dev_find(xlight_handle *h, uint32_t domid, const char *kind, int devid,
                     struct xlight__dev *ret_dev);

/* All of a kind, or with kind NULL all that there are. The caller frees *ret_list. */
int xlight__dev_list(xlight_handle *h, uint32_t domid, const char *kind,
                     struct xlight__dev **ret_list, unsigned int *ret_nr);

/*
 * A node of a device's directory as text; NULL when there is none. The caller frees *ret_value.
 */
int xlight__dev_read(xlight_handle *h, uint32_t domid, const char *dir, const char *key,
                     char **ret_value);

/* Whether there is a domain, and a store; its type. Explains. */
int xlight__check_domain(xlight_handle *h, uint32_t domid, int *ret_type);

/* A copy of a structure without lists. To be cleared by xlight_type_clear(). */
int xlight__type_copy(const struct xlight_type *type, void *to, const void *from);

#endif /* XENOLITH_LIGHT_DEVICE_DEV_H */
