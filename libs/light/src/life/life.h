/* SPDX-License-Identifier: MIT */
/*
 * life.h - inside of the life of domains.
 *
 * create.c is the plan: a table of steps, each of which is in one of check.c (what the
 * configuration leaves open, what we cannot do), make.c (the domain and its settings) and build.c
 * (kernel, memory, store). destroy.c is the other way; it knows nothing of how the domain was made.
 */
#ifndef XENOLITH_LIGHT_LIFE_LIFE_H
#define XENOLITH_LIGHT_LIFE_LIFE_H

#include "../bootloader/bootloader.h"
#include "../build/build.h"
#include "../op/op.h"
#include "../state/state.h"
#include <xenolith/light-life.h>

struct life_create {
    xlight_handle *h;
    struct xlight_config *c;
    bool paused, balloon;
    bool moved;            /* it is on its way from another host, or from this one */
    const char *lock_file; /* or NULL */
    int lock_fd;           /* -1: it is not open */
    uint64_t taken_kb;     /* of domain 0 */
    domid_t domid;
    bool made;                       /* there is a domain */
    bool home;                       /* ... and its nodes in the store */
    struct xlight__boot_choice boot; /* what a boot loader has chosen */
    int kernel_fd, ramdisk_fd;
    struct xlight__blob kernel_file, ramdisk;
    struct xlight__kernel *kernel;
    struct xlight__build build;
    struct xlight__built built;
};

static inline bool life_is_hvm(const struct xlight_config *c)
{
    return c->type != XLIGHT_PV;
}

/* Options that begin with their size, of which we know so much. */
int life_check_options(xlight_handle *h, const void *options, size_t known);

/* check.c. Needs no domain. */
int life_check(xlight_handle *h, struct xlight_config *c);

/* Memory for its page tables, of a domain with any. make.c */
uint64_t life_paging_kb(const struct xlight_config *c);

/* Steps; state is a struct life_create. */
int life_lock(xlight_op *op, void *state); /* lock.c */
int life_unlock(xlight_op *op, void *state);
int life_make_room(xlight_op *op, void *state); /* room.c */
int life_make_room_undo(xlight_op *op, void *state);
int life_make(xlight_op *op, void *state); /* make.c */
int life_make_undo(xlight_op *op, void *state);
int life_set_vcpus(xlight_op *op, void *state);
int life_set_machine(xlight_op *op, void *state);
int life_set_access(xlight_op *op, void *state);
int life_set_scheduling(xlight_op *op, void *state); /* sched.c */
int life_settle(xlight_op *op, void *state);         /* build.c */
int life_settle_undo(xlight_op *op, void *state);
int life_load(xlight_op *op, void *state);
int life_boot(xlight_op *op, void *state);
int life_load_chosen(xlight_op *op, void *state);
int life_make_ports(struct life_create *k);
int life_build(xlight_op *op, void *state);
int life_publish(xlight_op *op, void *state);
int life_add_devices(xlight_op *op, void *state); /* create.c */
int life_await_console(xlight_op *op, void *state);
int life_save(xlight_op *op, void *state);
int life_save_undo(xlight_op *op, void *state);
int life_start(xlight_op *op, void *state);

/* The state of a domain that a user may act on: there is one, and it is not domain 0. */
int life_info(xlight_handle *h, uint32_t domid, struct xen_domctl_getdomaininfo *ret_info);

/*
 * How many pages a domain can have, and how far their numbers can reach, whatever its guest says:
 * see dump-frames.c.
 */
int life_bounds(xlight_handle *h, domid_t domid, const struct xen_domctl_getdomaininfo *info,
                uint64_t *ret_limit, uint64_t *ret_most);

/* From a step: adds the steps that destroy a domain. They cannot be undone. */
int life_add_destroy(xlight_op *op, xlight_handle *h, domid_t domid);

/* Removes nodes, configuration and the domain itself; tries twice whatever fails. */
int life_remove_home(xlight_handle *h, domid_t domid);
int life_remove_domain(xlight_handle *h, domid_t domid);

#endif /* XENOLITH_LIGHT_LIFE_LIFE_H */
