/* SPDX-License-Identifier: MIT */
/* kind-nic.c - network interfaces. */
#include "../config/read.h"
#include "dev.h"
#include <sys/random.h>

#define USUAL_MTU    1500
#define USUAL_BRIDGE "xenbr0"
#define USUAL_MODEL  "rtl8139"
#define USUAL_SCRIPT "vif-bridge"

static bool has_mac(const struct xlight_nic *n)
{
    static const uint8_t none[6];

    return memcmp(n->mac, none, sizeof(none));
}

/* One of Xen's range of addresses. */
static int make_mac(const struct xlight__client *c, struct xlight_nic *n)
{
    uint8_t mac[6] = {0x00, 0x16, 0x3e};

    if (getrandom(mac + 3, 3, 0) != 3)
        return xlight__fail(c->h, -errno, c->domid, "no random numbers for a MAC address");
    mac[3] &= 0x7f;
    memcpy(n->mac, mac, sizeof(mac));
    return 0;
}

static int preset(const struct xlight__client *c, char **string, const char *value)
{
    if (*string || !xlight__set_string(string, value))
        return 0;
    return xlight__fail(c->h, -ENOMEM, c->domid, "no memory for a network interface");
}

static int prepare(const struct xlight__client *c, void *conf)
{
    struct xlight_nic *n = conf;
    int rc = 0;

    if (n->type == XLIGHT_NIC_IOEMU && c->type != XLIGHT_HVM)
        return xlight__fail(c->h, -EINVAL, c->domid,
                            "only HVM guests have network cards of type ioemu");
    if (!has_mac(n))
        rc = make_mac(c, n);
    if (!rc)
        rc = preset(c, &n->bridge, USUAL_BRIDGE);
    if (!rc)
        rc = preset(c, &n->model, USUAL_MODEL);
    if (!rc)
        rc = preset(c, &n->script, USUAL_SCRIPT);
    if (rc)
        return rc;
    if (!n->mtu)
        n->mtu = USUAL_MTU;
    if (!n->type)
        n->type = XLIGHT_NIC_VIF;
    if (n->trusted == XLIGHT_DEFAULT)
        n->trusted = XLIGHT_YES;
    return 0;
}

static const char *server(const void *conf)
{
    (void)conf;
    return "vif";
}

static void nodes(struct xlight__nodes *n, const struct xlight__client *c,
                  const struct xlight__dev *dev, const void *conf)
{
    const struct xlight_nic *nic = conf;
    char mac[18];

    xlight__format_mac(nic->mac, mac);
    xlight__node_number(n, XLIGHT__BACK, "frontend-id", dev->domid);
    xlight__node(n, XLIGHT__BACK, "online", "1");
    xlight__node_number(n, XLIGHT__BACK, "state", XLIGHT__INITIALISING);
    xlight__node_script(n, c, nic->script);
    xlight__node(n, XLIGHT__BACK, "vifname", nic->ifname);
    xlight__node(n, XLIGHT__BACK, "mac", mac);
    xlight__node(n, XLIGHT__BACK, "ip", nic->ip);
    xlight__node(n, XLIGHT__BACK, "gatewaydev", nic->gatewaydev);
    if (nic->rate_interval_usecs)
        xlight__node_format(n, XLIGHT__BACK, "rate", "%llu,%u",
                            (unsigned long long)nic->rate_bytes_per_interval,
                            nic->rate_interval_usecs);
    if (nic->mtu != USUAL_MTU)
        xlight__node_number(n, XLIGHT__BACK, "mtu", (uint64_t)nic->mtu);
    xlight__node(n, XLIGHT__BACK, "bridge", nic->bridge);
    xlight__node_number(n, XLIGHT__BACK, "handle", (uint64_t)dev->devid);
    xlight__node(n, XLIGHT__BACK, "type", nic->type == XLIGHT_NIC_VIF ? "vif" : "vif_ioemu");
    /* That it is there makes the server wait for what it will become. */
    xlight__node(n, XLIGHT__BACK, "hotplug-status", "");
    xlight__node_number(n, XLIGHT__FRONT, "backend-id", dev->server_domid);
    xlight__node_number(n, XLIGHT__FRONT, "state", XLIGHT__INITIALISING);
    xlight__node_number(n, XLIGHT__FRONT, "handle", (uint64_t)dev->devid);
    xlight__node(n, XLIGHT__FRONT, "mac", mac);
    xlight__node(n, XLIGHT__FRONT, "trusted", nic->trusted == XLIGHT_YES ? "1" : "0");
    xlight__node_number(n, XLIGHT__FRONT_READONLY, "mtu", (uint64_t)nic->mtu);
}

const struct xlight__kind xlight__kind_nic = {
    .name = "vif",
    .word = "network interface",
    .type = &xlight__nic_type,
    .list = offsetof(struct xlight_config, nics),
    .nr = offsetof(struct xlight_config, nr_nics),
    .backend_domid = offsetof(struct xlight_nic, backend_domid),
    .backend_domain = offsetof(struct xlight_nic, backend_domain),
    .devid = offsetof(struct xlight_nic, devid),
    .prepare = prepare,
    .server = server,
    .nodes = nodes,
};
