/* SPDX-License-Identifier: MIT */
/*
 * light-device.h - devices of domains that run: which there are, more, and fewer. The rules of
 * light.h apply, and what takes time is an operation as light-op.h has it. Errors that all calls
 * share: -ESRCH, there is no such domain; -ENOTCONN, there is no store.
 */
#ifndef XENOLITH_LIGHT_DEVICE_H
#define XENOLITH_LIGHT_DEVICE_H

#include <xenolith/light-config.h>
#include <xenolith/light-op.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of devices, and the structures of light-config.h that describe them. */
enum xlight_device_kind {
    XLIGHT_DISK = 1, /* struct xlight_disk */
    XLIGHT_NIC,      /* struct xlight_nic */
    XLIGHT_CHANNEL,  /* struct xlight_channel */
    XLIGHT_P9,       /* struct xlight_p9 */
    XLIGHT_VFB,      /* struct xlight_vfb */
    XLIGHT_VKB       /* struct xlight_vkb */
};

/* A device as it is in the store. Numbers are -1, and strings NULL, where the store has none. */
struct xlight_device {
    uint32_t domid;
    int kind;   /* enum xlight_device_kind */
    int devid;  /* of a disk: the number of its name, see xlight_disk_number() */
    char *name; /* of a disk: xvda; of a channel: its name; of a keyboard: its unique id */
    uint32_t backend_domid;      /* the domain that serves it */
    char *server;                /* what serves it there: vbd, qdisk, vif and others */
    char *backend, *frontend;    /* the directories of both sides */
    int state;                   /* of the guest's side, XenbusState: 4 is connected */
    int event_channel, ring_ref; /* of a network interface: the ring of what the guest sends */
    int rx_ring_ref;             /* ... and of what it receives */
    char *target;                /* of a disk: file or device */
    uint8_t mac[6];              /* of a network interface */
    char *connection;            /* of a channel: pty or socket */
    char *path;                  /* ... its terminal, or its socket */
};

/* The table of its fields, for JSON; see light-field.h. */
XLIGHT_API const struct xlight_type *xlight_device_type(void);

/*
 * All devices of a kind, in the order of their ids. The caller frees *ret_list with
 * xlight_device_list_free(), which takes NULL, too.
 */
XLIGHT_CHECK int xlight_device_list(xlight_handle *h, uint32_t domid, enum xlight_device_kind kind,
                                    struct xlight_device **ret_list, unsigned int *ret_nr);
XLIGHT_API void xlight_device_list_free(struct xlight_device *list, unsigned int nr);

/* The number of a disk's name, "xvda", "sdb1" or a number. -EINVAL: it is no such name. */
XLIGHT_CHECK int xlight_disk_number(const char *name, int *ret_devid);

/*
 * A specification as in configuration files, "target=/disk,vdev=xvdb", read into a structure of
 * this kind, which xlight_device_config_init() made ready; afterwards it is to be cleared. What is
 * wrong is added to m, which may be NULL. -EINVAL: there are errors.
 */
XLIGHT_API void xlight_device_config_init(enum xlight_device_kind kind, void *config);
XLIGHT_API void xlight_device_config_clear(enum xlight_device_kind kind, void *config);
XLIGHT_CHECK int xlight_device_parse(enum xlight_device_kind kind, const char *text,
                                     xlight_messages *m, void *config);

/*
 * Gives a domain one more device: a disk, network interface or keyboard, as config describes it,
 * which is copied. What is left open is chosen, as when a domain is created.
 * -EEXIST: there is one with this name or id; -EBUSY: the disk is in use elsewhere; -ETIMEDOUT:
 * nothing serves such devices; -EOPNOTSUPP: that takes a device model, and the domain has none, or
 * a device of this kind cannot be added.
 */
XLIGHT_CHECK int xlight_device_attach_start(xlight_handle *h, uint32_t domid,
                                            enum xlight_device_kind kind, const void *config,
                                            xlight_op **ret_op);

/*
 * Puts another medium into a CD drive, or takes it out. drive is the name of a disk that was given
 * with devtype=cdrom; target is a path, or NULL for none. PV and PVH guests see a drive as a disk,
 * which is taken away and given to them anew: as xlight_device_detach_start() gently does it, so
 * nothing happens while the guest uses it.
 * -ENODEV: there is no such drive; -EINVAL: that disk is none; -ENOENT and others: there is no such
 * medium, which is found out before anything is done.
 */
XLIGHT_CHECK int xlight_medium_change_start(xlight_handle *h, uint32_t domid, const char *drive,
                                            const char *target, xlight_op **ret_op);

/*
 * Takes a device away. -ENODEV: there is none with this id; -EOPNOTSUPP: it is a channel;
 * -ETIMEDOUT: the guest does not let go of it.
 */
enum xlight_detach {
    XLIGHT_DETACH_GENTLY,       /* only if the guest agrees */
    XLIGHT_DETACH_FORCED_LATER, /* as soon as it has not within ten seconds */
    XLIGHT_DETACH_FORCED        /* without asking */
};
XLIGHT_CHECK int xlight_device_detach_start(xlight_handle *h, uint32_t domid,
                                            enum xlight_device_kind kind, int devid,
                                            enum xlight_detach how, xlight_op **ret_op);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_DEVICE_H */
