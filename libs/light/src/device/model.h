/* SPDX-License-Identifier: MIT */
/* model.h - the command line of device models. */
#ifndef XENOLITH_LIGHT_DEVICE_MODEL_H
#define XENOLITH_LIGHT_DEVICE_MODEL_H

#include <errno.h>
#include <xenolith/light-config.h>

#define XLIGHT__MODEL_DOMID  "-xen-domid"
#define XLIGHT__MODEL_SOCKET "%s/qmp-%s-%u" /* directory, name, domain */

struct xlight__args {
    char **list; /* ends with NULL */
    unsigned int nr;
    bool no_memory;
};

/* With sockets in run_dir, or without if that is NULL. The caller frees the arguments. -ENOMEM. */
int xlight__model_args(const struct xlight_config *c, uint32_t domid, const char *run_dir,
                       struct xlight__args *ret_args);
void xlight__args_free(struct xlight__args *a);

/* The path of the program. */
const char *xlight__model_program(const struct xlight_config *c);

#endif /* XENOLITH_LIGHT_DEVICE_MODEL_H */
