/* SPDX-License-Identifier: MIT */
/*
 * private.h - inside of libs/light.
 *
 * The library stands on libs/ctrl and libs/store alone. config/ knows neither of them: what it
 * does is done on any machine.
 */
#ifndef XENOLITH_LIGHT_PRIVATE_H
#define XENOLITH_LIGHT_PRIVATE_H

#include "build/why.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/ctrl.h>
#include <xenolith/light.h>
#include <xenolith/light-message.h>
#include <xenolith/store.h>

struct xlight_handle {
    xctl_handle *ctrl;
    xstore_handle *store; /* NULL: a simulated host without one */
    /* Where files are: configurations, what is gone at the next boot, unpacked kernels; or NULL. */
    char *state_dir, *run_dir, *cache_dir;
    bool sim;               /* this is not the host that the program runs on */
    struct xlight__os *os;  /* see device/os.h */
    char *sys_dir;          /* the kernel's /sys; NULL: a simulated host without one */
    char *store_path;       /* as xstore_open() takes it */
    struct xlight__why why; /* the last failure */
    struct xlight_op *ops;  /* that there are; see op/ */
    uint64_t last_watch;    /* number of the last watch of one of them */
};

/*
 * error.c. fail starts a new chain; fail_ctrl and fail_store start one from what the layer below
 * says about its last failure, with what was wanted of it above; wrap adds what was wanted here.
 * All return code.
 */
int xlight__fail(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int xlight__fail_ctrl(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int xlight__fail_store(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int xlight__wrap(xlight_handle *h, int code, uint32_t domid, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* With the first error of what was said of a configuration; NULL: there was no memory for that. */
int xlight__fail_messages(xlight_handle *h, int code, uint32_t domid, const xlight_messages *m);

#endif /* XENOLITH_LIGHT_PRIVATE_H */
