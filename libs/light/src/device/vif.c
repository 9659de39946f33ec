/* SPDX-License-Identifier: MIT */
/*
 * vif.c - a guest's network interface gets into a bridge: what Xen's script vif-bridge does, but
 * for rules of iptables, and addresses that a new interface does not have.
 */
#include "hotplug.h"
#include <stdio.h>

#define OLD_BRIDGE "xenbr" /* a bridge of the first Xens, which newer ones called eth */

/* The highest address that is not for groups: so the bridge never takes it for its own. */
static const uint8_t mac_of_port[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};

struct vif {
    char kernel_name[32];
    char *name; /* the one that was wished for */
    char *bridge, *mtu;
};

static void free_vif(struct vif *v)
{
    free(v->name);
    free(v->bridge);
    free(v->mtu);
}

static int read_vif(xlight_handle *h, const struct xlight__dev *dev, struct vif *v)
{
    int rc = xlight__dev_read(h, dev->domid, dev->back, "vifname", &v->name);

    snprintf(v->kernel_name, sizeof(v->kernel_name), "vif%u.%d", dev->domid, dev->devid);
    if (!rc)
        rc = xlight__dev_read(h, dev->domid, dev->back, "bridge", &v->bridge);
    return rc ? rc : xlight__dev_read(h, dev->domid, dev->back, "mtu", &v->mtu);
}

static const char *name_of(const struct vif *v)
{
    return v->name && *v->name ? v->name : v->kernel_name;
}

static int explain(xlight_handle *h, const struct xlight__dev *dev, int rc, const char *what,
                   const char *name)
{
    return xlight__fail(h, rc, dev->domid, "cannot %s %s: %s", what, name, strerrordesc_np(-rc));
}

/* The bridge by the name that it has today. */
static bool find_bridge(struct xlight__os *os, struct vif *v)
{
    char eth[32];

    if (!v->bridge || !*v->bridge)
        return false;
    if (os->ops->net_exists(os, v->bridge))
        return true;
    if (strncmp(v->bridge, OLD_BRIDGE, strlen(OLD_BRIDGE)))
        return false;
    snprintf(eth, sizeof(eth), "eth%.15s", v->bridge + strlen(OLD_BRIDGE));
    if (!os->ops->net_is_bridge(os, eth))
        return false;
    /* It is shorter, so it fits. */
    strcpy(v->bridge, eth);
    return true;
}

static int rename_vif(xlight_handle *h, const struct xlight__dev *dev, const struct vif *v)
{
    struct xlight__os *os = h->os;
    int rc;

    if (name_of(v) == v->kernel_name)
        return 0;
    if (os->ops->net_exists(os, v->name))
        return xlight__fail(h, -EEXIST, dev->domid, "there is an interface %s already", v->name);
    rc = os->ops->net_rename(os, v->kernel_name, v->name);
    return rc ? explain(h, dev, rc, "rename", v->kernel_name) : 0;
}

/* The guest is told, in a node that only we write. */
static int set_mtu(xlight_handle *h, const struct xlight__dev *dev, const struct vif *v)
{
    struct xlight__os *os = h->os;
    unsigned int mtu = v->mtu && *v->mtu ? (unsigned int)strtoul(v->mtu, NULL, 10) : 0;
    int rc = 0;

    if (!mtu && os->ops->net_get_mtu(os, v->bridge, &mtu))
        return 0;
    /* An interface that cannot have it is no reason to go without a network. */
    os->ops->net_set_mtu(os, name_of(v), mtu);
    rc = xstore_write_u64(h->store, XBT_NULL, XSTORE_PATH("%s/mtu", dev->front), mtu);
    return rc ? xlight__fail_store(h, rc, dev->domid, "cannot tell the MTU of %s", dev->name) : 0;
}

static int add_to_bridge(xlight_handle *h, const struct xlight__dev *dev, const struct vif *v)
{
    struct xlight__os *os = h->os;
    const char *name = name_of(v);
    int rc = 0;

    if (!os->ops->bridge_has(os, v->bridge, name))
        rc = os->ops->bridge_add(os, v->bridge, name);
    if (rc)
        return xlight__fail(h, rc, dev->domid, "cannot put %s into the bridge %s: %s", name,
                            v->bridge, strerrordesc_np(-rc));
    rc = os->ops->net_set_up(os, name, true);
    return rc ? explain(h, dev, rc, "start", name) : 0;
}

static int online(xlight_handle *h, const struct xlight__dev *dev, struct vif *v)
{
    struct xlight__os *os = h->os;
    int rc = read_vif(h, dev, v);

    if (!rc)
        rc = rename_vif(h, dev, v);
    if (!rc && !find_bridge(os, v))
        rc = xlight__fail(h, -ENODEV, dev->domid, "there is no bridge %s",
                          v->bridge ? v->bridge : "");
    if (!rc && (rc = os->ops->net_set_up(os, name_of(v), false)))
        rc = explain(h, dev, rc, "stop", name_of(v));
    if (rc)
        return rc;
    os->ops->net_set_mac(os, name_of(v), mac_of_port);
    rc = set_mtu(h, dev, v);
    if (!rc)
        rc = add_to_bridge(h, dev, v);
    return rc ? rc : xlight__back_write(h, XBT_NULL, dev, "hotplug-status", "connected");
}

/* Usually the interface is gone by now. */
static void offline(xlight_handle *h, struct vif *v)
{
    struct xlight__os *os = h->os;
    const char *name = name_of(v);

    if (!os->ops->net_exists(os, name))
        return;
    os->ops->net_set_up(os, name, false);
    if (find_bridge(os, v) && os->ops->bridge_has(os, v->bridge, name))
        os->ops->bridge_remove(os, v->bridge, name);
}

static int vif_on(xlight_op *op, const struct xlight__dev *dev, struct xlight__hotplug_state *s)
{
    xlight_handle *h = xlight__op_handle(op);
    struct vif v = {.name = NULL};
    bool here = false;
    int rc = xlight__script_is(h, dev, "vif-bridge", &here);

    if (rc)
        return rc;
    if (!here)
        return xlight__script_run(op, dev, "online", "type_if=vif", s);
    rc = online(h, dev, &v);
    free_vif(&v);
    return rc;
}

static int vif_off(xlight_op *op, const struct xlight__dev *dev, struct xlight__hotplug_state *s)
{
    xlight_handle *h = xlight__op_handle(op);
    struct vif v = {.name = NULL};
    bool here = false;
    int rc = xlight__script_is(h, dev, "vif-bridge", &here);

    if (rc)
        return rc;
    if (!here)
        return xlight__script_run(op, dev, "offline", "type_if=vif", s);
    rc = read_vif(h, dev, &v);
    if (!rc)
        offline(h, &v);
    free_vif(&v);
    return rc;
}

const struct xlight__hotplug xlight__hotplug_vif = {vif_on, vif_off};
