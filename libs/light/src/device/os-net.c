/* SPDX-License-Identifier: MIT */
/* os-net.c - Linux's network interfaces and bridges, by ioctls on any socket. */
#include "os.h"
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/sockios.h>

/* -EINVAL: that is no name of an interface. */
static int set_name(char to[IFNAMSIZ], const char *name)
{
    size_t len = strlen(name);

    if (!len || len >= IFNAMSIZ || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
        return -EINVAL;
    memcpy(to, name, len + 1);
    return 0;
}

static int call(unsigned long request, struct ifreq *r)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

    if (fd < 0)
        return -errno;
    rc = ioctl(fd, request, r) ? -errno : 0;
    close(fd);
    return rc;
}

static int call_for(unsigned long request, const char *name, struct ifreq *r)
{
    int rc = set_name(r->ifr_name, name);

    return rc ? rc : call(request, r);
}

bool xlight__net_exists(struct xlight__os *os, const char *name)
{
    struct ifreq r = {0};

    (void)os;
    return !call_for(SIOCGIFINDEX, name, &r);
}

int xlight__net_rename(struct xlight__os *os, const char *name, const char *to)
{
    struct ifreq r = {0};
    int rc = set_name(r.ifr_newname, to);

    (void)os;
    return rc ? rc : call_for(SIOCSIFNAME, name, &r);
}

int xlight__net_set_mac(struct xlight__os *os, const char *name, const uint8_t mac[6])
{
    struct ifreq r = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};

    (void)os;
    memcpy(r.ifr_hwaddr.sa_data, mac, 6);
    return call_for(SIOCSIFHWADDR, name, &r);
}

int xlight__net_get_mtu(struct xlight__os *os, const char *name, unsigned int *ret_mtu)
{
    struct ifreq r = {0};
    int rc = call_for(SIOCGIFMTU, name, &r);

    (void)os;
    if (!rc)
        *ret_mtu = (unsigned int)r.ifr_mtu;
    return rc;
}

int xlight__net_set_mtu(struct xlight__os *os, const char *name, unsigned int mtu)
{
    struct ifreq r = {.ifr_mtu = (int)mtu};

    (void)os;
    return call_for(SIOCSIFMTU, name, &r);
}

int xlight__net_set_up(struct xlight__os *os, const char *name, bool up)
{
    struct ifreq r = {0};
    int rc = call_for(SIOCGIFFLAGS, name, &r);

    (void)os;
    if (rc)
        return rc;
    r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
    return call(SIOCSIFFLAGS, &r);
}

/* Whether sysfs has that of an interface. */
static bool sysfs_has(const char *name, const char *what, const char *more)
{
    char checked[IFNAMSIZ], path[128];

    if (set_name(checked, name) || (more && set_name((char[IFNAMSIZ]){0}, more)))
        return false;
    snprintf(path, sizeof(path), "/sys/class/net/%s/%s%s", name, what, more ? more : "");
    return !access(path, F_OK);
}

bool xlight__net_is_bridge(struct xlight__os *os, const char *name)
{
    (void)os;
    return sysfs_has(name, "bridge", NULL);
}

int xlight__bridge_has(struct xlight__os *os, const char *bridge, const char *port)
{
    (void)os;
    return sysfs_has(bridge, "brif/", port);
}

static int change_bridge(unsigned long request, const char *bridge, const char *port)
{
    struct ifreq r = {0};
    int rc = call_for(SIOCGIFINDEX, port, &r);

    return rc ? rc : call_for(request, bridge, &r);
}

int xlight__bridge_add(struct xlight__os *os, const char *bridge, const char *port)
{
    (void)os;
    return change_bridge(SIOCBRADDIF, bridge, port);
}

int xlight__bridge_remove(struct xlight__os *os, const char *bridge, const char *port)
{
    (void)os;
    return change_bridge(SIOCBRDELIF, bridge, port);
}
