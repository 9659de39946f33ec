/* SPDX-License-Identifier: MIT */
/* os-linux.c - the operating system of a real host. */
#include "os.h"
#include <errno.h>
#include <stdlib.h>

static const struct xlight__os_ops ops = {
    .image = xlight__image_of,
    .loop_free = xlight__loop_free,
    .loop_attach = xlight__loop_attach,
    .loop_detach = xlight__loop_detach,
    .loop_list = xlight__loop_list,
    .net_exists = xlight__net_exists,
    .net_rename = xlight__net_rename,
    .net_set_mac = xlight__net_set_mac,
    .net_get_mtu = xlight__net_get_mtu,
    .net_set_mtu = xlight__net_set_mtu,
    .net_set_up = xlight__net_set_up,
    .net_is_bridge = xlight__net_is_bridge,
    .bridge_has = xlight__bridge_has,
    .bridge_add = xlight__bridge_add,
    .bridge_remove = xlight__bridge_remove,
};

int xlight__os_linux(struct xlight__os **ret_os)
{
    struct xlight__os *os = malloc(sizeof(*os));

    if (!os)
        return -ENOMEM;
    /* The paths are Xen's, so that its scripts and we see each other. */
    *os = (struct xlight__os){.ops = &ops,
                              .lock_dir = "/var/run/xen-hotplug",
                              .script_dir = "/etc/xen/scripts",
                              .run_dir = "/var/run/xen",
                              .log_dir = "/var/log/xen",
                              .mounts = "/proc/self/mounts",
                              .wait_ms = XLIGHT__WAIT_MS};
    *ret_os = os;
    return 0;
}

void xlight__os_free(struct xlight__os *os)
{
    free(os);
}
