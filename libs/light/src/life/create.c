/* SPDX-License-Identifier: MIT */
/* create.c - from a configuration to a domain that runs. */
#include "../device/device.h"
#include "life.h"
#include <unistd.h>

static int check(xlight_op *op, void *state)
{
    struct life_create *k = state;

    (void)op;
    return life_check(k->h, k->c);
}

/* What more there is to be done depends on the devices. */
int life_add_devices(xlight_op *op, void *state)
{
    struct life_create *k = state;
    const struct xlight__client client = {k->h, k->domid, k->c->type};

    return xlight__devices_create(op, &client, k->c);
}

/* What can be wrong with files is found out before there is a domain. */
static const struct xlight__step steps[] = {
    {"checking the configuration", check, NULL},
    {"loading the kernel", life_load, NULL},
    {"waiting for other creations", life_lock, life_unlock},
    {"making room in domain 0", life_make_room, life_make_room_undo},
    {"making an empty domain", life_make, life_make_undo},
    {"making its home in the store", life_settle, life_settle_undo},
    {"preparing its boot loader", life_boot, NULL},
    {"loading what its boot loader has chosen", life_load_chosen, NULL},
    {"giving it vCPUs", life_set_vcpus, NULL},
    {"setting up its machine", life_set_machine, NULL},
    {"building it", life_build, NULL},
    {"letting others create", life_unlock, NULL},
    {"setting its share of the CPUs", life_set_scheduling, NULL},
    {"telling it and the daemons", life_publish, NULL},
    {"giving it devices of the host", life_set_access, NULL},
    {"adding its devices", life_add_devices, NULL},
    {"waiting for its console", life_await_console, NULL},
    {"saving its configuration", life_save, life_save_undo},
    {"starting it", life_start, NULL},
};

static void free_create(void *state)
{
    struct life_create *k = state;

    xlight__kernel_free(k->kernel);
    xlight__boot_forget(&k->boot);
    if (k->kernel_fd >= 0)
        close(k->kernel_fd);
    if (k->ramdisk_fd >= 0)
        close(k->ramdisk_fd);
    if (k->lock_fd >= 0)
        close(k->lock_fd);
    free(k);
}

static const struct xlight__part part = XLIGHT__PART(steps, free_create);

int xlight_domain_create_start(xlight_handle *h, struct xlight_config *config,
                               const struct xlight_create_options *options, xlight_op **ret_op)
{
    int rc = options ? life_check_options(h, options, sizeof(*options)) : 0;
    struct life_create *k = NULL;

    if (rc)
        return rc;
    k = calloc(1, sizeof(*k));
    if (!k)
        return xlight__fail(h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory for a new domain");
    k->h = h;
    k->c = config;
    k->paused = options && options->paused;
    k->balloon = options && options->balloon;
    k->lock_file = options ? options->lock_file : NULL;
    k->kernel_fd = k->ramdisk_fd = k->lock_fd = -1;
    return xlight__op_start(h, XLIGHT_NO_DOMAIN, &part, k, ret_op, "cannot create domain \"%s\"",
                            config->name ? config->name : "");
}
