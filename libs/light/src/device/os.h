/* SPDX-License-Identifier: MIT */
/*
 * os.h - what devices need of the operating system: loop devices and network interfaces.
 *
 * A real host has Linux's, a simulated one an imitation in memory with the same rules, whose disks
 * and interfaces the test makes. All calls return 0 or a negative errno; who calls explains.
 */
#ifndef XENOLITH_LIGHT_DEVICE_OS_H
#define XENOLITH_LIGHT_DEVICE_OS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a path of a disk leads to. */
struct xlight__disk_image {
    bool block, regular;
    dev_t number; /* of the block device */
    dev_t dev;    /* where the file is, and which one */
    ino_t ino;
    bool writable; /* for anybody, by its mode */
};

/* A loop device in use; its file. */
struct xlight__loop {
    unsigned int nr;
    dev_t dev;
    ino_t ino;
};

#define XLIGHT__LOOP_MAJOR 7

#define XLIGHT__WAIT_MS 10000U

struct xlight__os;
struct xlight__os_ops {
    int (*image)(struct xlight__os *os, const char *path, struct xlight__disk_image *ret_image);
    /* One that is free at this moment. */
    int (*loop_free)(struct xlight__os *os, unsigned int *ret_nr);
    /* -EBUSY: somebody else took it meanwhile. */
    int (*loop_attach)(struct xlight__os *os, unsigned int nr, const char *file, bool readonly);
    /* One that is in use becomes free when its last user is gone. */
    int (*loop_detach)(struct xlight__os *os, unsigned int nr);
    /* The caller frees *ret_list. */
    int (*loop_list)(struct xlight__os *os, struct xlight__loop **ret_list, unsigned int *ret_nr);
    bool (*net_exists)(struct xlight__os *os, const char *name);
    int (*net_rename)(struct xlight__os *os, const char *name, const char *to);
    int (*net_set_mac)(struct xlight__os *os, const char *name, const uint8_t mac[6]);
    int (*net_get_mtu)(struct xlight__os *os, const char *name, unsigned int *ret_mtu);
    int (*net_set_mtu)(struct xlight__os *os, const char *name, unsigned int mtu);
    int (*net_set_up)(struct xlight__os *os, const char *name, bool up);
    bool (*net_is_bridge)(struct xlight__os *os, const char *name);
    /* 0: the interface is no port of that bridge; 1: it is. */
    int (*bridge_has)(struct xlight__os *os, const char *bridge, const char *port);
    int (*bridge_add)(struct xlight__os *os, const char *bridge, const char *port);
    int (*bridge_remove)(struct xlight__os *os, const char *bridge, const char *port);
};

struct xlight__os {
    const struct xlight__os_ops *ops;
    const char *lock_dir;   /* of the locks that Xen's scripts take, too; NULL: none are taken */
    const char *script_dir; /* where scripts are that are given without a path */
    const char *run_dir;    /* for sockets of device models; NULL: they get none */
    const char *log_dir;    /* for what device models print; NULL: nobody hears it */
    const char *mounts;     /* what is mounted, as fstab(5) has it; NULL: nothing is */
    unsigned int wait_ms;   /* how long a server may take to come or go */
};

int xlight__os_linux(struct xlight__os **ret_os);
int xlight__os_sim(struct xlight__os **ret_os);
void xlight__os_free(struct xlight__os *os);

/* os-loop.c and os-net.c: the parts of Linux's. */
int xlight__loop_free(struct xlight__os *os, unsigned int *ret_nr);
int xlight__loop_attach(struct xlight__os *os, unsigned int nr, const char *file, bool readonly);
int xlight__loop_detach(struct xlight__os *os, unsigned int nr);
int xlight__loop_list(struct xlight__os *os, struct xlight__loop **ret_list, unsigned int *ret_nr);
bool xlight__net_exists(struct xlight__os *os, const char *name);
int xlight__net_rename(struct xlight__os *os, const char *name, const char *to);
int xlight__net_set_mac(struct xlight__os *os, const char *name, const uint8_t mac[6]);
int xlight__net_get_mtu(struct xlight__os *os, const char *name, unsigned int *ret_mtu);
int xlight__net_set_mtu(struct xlight__os *os, const char *name, unsigned int mtu);
int xlight__net_set_up(struct xlight__os *os, const char *name, bool up);
bool xlight__net_is_bridge(struct xlight__os *os, const char *name);
int xlight__bridge_has(struct xlight__os *os, const char *bridge, const char *port);
int xlight__bridge_add(struct xlight__os *os, const char *bridge, const char *port);
int xlight__bridge_remove(struct xlight__os *os, const char *bridge, const char *port);

/* What a path leads to, on a real host. */
int xlight__image_of(struct xlight__os *os, const char *path, struct xlight__disk_image *ret_image);

/*
 * os-sim.c, for tests: makes an interface, a bridge or not; takes it away; makes a block device;
 * how many loop devices are in use; which call from now on fails, and how (0: none).
 */
int xlight__sim_net(struct xlight__os *os, const char *name, bool bridge);
void xlight__sim_net_gone(struct xlight__os *os, const char *name);
int xlight__sim_disk(struct xlight__os *os, const char *path, unsigned int major,
                     unsigned int minor);
unsigned int xlight__sim_loops(const struct xlight__os *os);
void xlight__sim_fail(struct xlight__os *os, unsigned int nth, int error);

/* An interface as it is, or NULL. */
struct xlight__sim_net {
    char name[16];
    char master[16]; /* the bridge that it is a port of, or "" */
    uint8_t mac[6];
    unsigned int mtu;
    bool bridge, up;
};
const struct xlight__sim_net *xlight__sim_find_net(const struct xlight__os *os, const char *name);

#endif /* XENOLITH_LIGHT_DEVICE_OS_H */
