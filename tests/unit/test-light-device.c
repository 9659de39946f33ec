/* SPDX-License-Identifier: MIT */
/*
 * test-light-device.c - what devices are in the store: whole trees, compared with what Xen's
 * toolstack writes; device ids; devices found again, and removed without a trace.
 */
#include "../light/sim-host.h"
#include "../light/store-dump.h"
#include "device/dev.h"
#include "device/model.h"
#include "fail-each.h"
#include "test-main.h"
#include <stdio.h>
#include <stdlib.h>

static xlight_handle *h;
static struct xlight__client client;

static void begin(void)
{
    h = sim_start("");
    client = (struct xlight__client){.h = h, .domid = 1, .type = XLIGHT_PV};
    ck_assert_int_eq(xlight__sim_disk(h->os, "/dev/loop5", 7, 5), 0);
}

static struct xlight_config *parse(const char *text)
{
    struct xlight_config *c = NULL;
    xlight_messages *m = NULL;
    char whole[2048], why[512] = "";
    int len = snprintf(whole, sizeof(whole), "name = \"x\"\nkernel = \"/k\"\n%s", text);

    ck_assert_int_eq(xlight_messages_new(&m), 0);
    if (xlight_config_parse("test", whole, (size_t)len, m, &c))
        xlight_message_format(xlight_messages_get(m, 0), why, sizeof(why));
    ck_assert_str_eq(why, "");
    xlight_messages_free(m);
    return c;
}

/* Makes and writes one device. */
static int add(const struct xlight__kind *kind, void *conf, struct xlight__dev *ret_dev)
{
    int rc = xlight__dev_make(&client, kind, conf, NULL, 0, ret_dev);

    return rc ? rc : xlight__dev_write(&client, XBT_NULL, ret_dev, conf);
}

static void check_dir(const char *path, const char *wanted)
{
    char *text = store_dump(h->store, path);

    ck_assert_str_eq(text, wanted);
    free(text);
}

/* Removing leaves nothing, neither directories above. */
static void check_removal(const struct xlight__dev *dev)
{
    ck_assert_int_eq(xlight__dev_erase(h, XBT_NULL, dev), 0);
    check_dir("/libxl/1", "");
    check_dir("/local/domain", "");
    ck_assert_int_eq(xlight__dev_erase(h, XBT_NULL, dev), 0);
}

START_TEST(disk)
{
    struct xlight_config *c;
    struct xlight__dev dev;

    begin();
    c = parse("disk = [\"phy:/dev/loop5,xvda,w\"]");
    free(c->disks[0].script);
    c->disks[0].script = strdup("/boot/block-plain");
    ck_assert_int_eq(add(&xlight__kind_disk, c->disks, &dev), 0);
    ck_assert_str_eq(dev.name, "disk xvda");
    check_dir("/libxl/1/device",
              "/libxl/1/device/vbd =  (n0)\n"
              "/libxl/1/device/vbd/51712 =  (n0)\n"
              "/libxl/1/device/vbd/51712/backend = /local/domain/0/backend/vbd/1/51712 (n0)\n"
              "/libxl/1/device/vbd/51712/bootable = 1 (n0)\n"
              "/libxl/1/device/vbd/51712/dev = xvda (n0)\n"
              "/libxl/1/device/vbd/51712/device-type = disk (n0)\n"
              "/libxl/1/device/vbd/51712/discard-enable = 1 (n0)\n"
              "/libxl/1/device/vbd/51712/frontend = /local/domain/1/device/vbd/51712 (n0)\n"
              "/libxl/1/device/vbd/51712/frontend-id = 1 (n0)\n"
              "/libxl/1/device/vbd/51712/mode = w (n0)\n"
              "/libxl/1/device/vbd/51712/online = 1 (n0)\n"
              "/libxl/1/device/vbd/51712/params = /dev/loop5 (n0)\n"
              "/libxl/1/device/vbd/51712/removable = 0 (n0)\n"
              "/libxl/1/device/vbd/51712/script = /boot/block-plain (n0)\n"
              "/libxl/1/device/vbd/51712/specification = xen (n0)\n"
              "/libxl/1/device/vbd/51712/state = 1 (n0)\n"
              "/libxl/1/device/vbd/51712/type = phy (n0)\n");
    check_dir("/local/domain/0/backend/vbd/1",
              "/local/domain/0/backend/vbd/1/51712 =  (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/bootable = 1 (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/dev = xvda (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/device-type = disk (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/discard-enable = 1 (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/frontend = /local/domain/1/device/vbd/51712 "
              "(n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/frontend-id = 1 (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/mode = w (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/online = 1 (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/params = /dev/loop5 (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/removable = 0 (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/script = /boot/block-plain (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/specification = xen (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/state = 1 (n0,r1)\n"
              "/local/domain/0/backend/vbd/1/51712/type = phy (n0,r1)\n");
    check_dir("/local/domain/1/device/vbd",
              "/local/domain/1/device/vbd/51712 =  (n1,r0)\n"
              "/local/domain/1/device/vbd/51712/backend = /local/domain/0/backend/vbd/1/51712 "
              "(n1,r0)\n"
              "/local/domain/1/device/vbd/51712/backend-id = 0 (n1,r0)\n"
              "/local/domain/1/device/vbd/51712/device-type = disk (n1,r0)\n"
              "/local/domain/1/device/vbd/51712/protocol = x86_64-abi (n1,r0)\n"
              "/local/domain/1/device/vbd/51712/state = 1 (n1,r0)\n"
              "/local/domain/1/device/vbd/51712/trusted = 1 (n1,r0)\n"
              "/local/domain/1/device/vbd/51712/virtual-device = 51712 (n1,r0)\n");
    check_removal(&dev);
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

START_TEST(network_interface)
{
    struct xlight_config *c;
    struct xlight__dev dev;

    begin();
    c = parse("vif = [\"mac=00:16:3e:00:00:01,script=/boot/vif-plain\"]");
    ck_assert_int_eq(add(&xlight__kind_nic, c->nics, &dev), 0);
    ck_assert_int_eq(c->nics[0].devid, 0);
    check_dir("/libxl/1/device/vif",
              "/libxl/1/device/vif/0 =  (n0)\n"
              "/libxl/1/device/vif/0/backend = /local/domain/0/backend/vif/1/0 (n0)\n"
              "/libxl/1/device/vif/0/bridge = xenbr0 (n0)\n"
              "/libxl/1/device/vif/0/frontend = /local/domain/1/device/vif/0 (n0)\n"
              "/libxl/1/device/vif/0/frontend-id = 1 (n0)\n"
              "/libxl/1/device/vif/0/handle = 0 (n0)\n"
              "/libxl/1/device/vif/0/hotplug-status =  (n0)\n"
              "/libxl/1/device/vif/0/mac = 00:16:3e:00:00:01 (n0)\n"
              "/libxl/1/device/vif/0/online = 1 (n0)\n"
              "/libxl/1/device/vif/0/script = /boot/vif-plain (n0)\n"
              "/libxl/1/device/vif/0/state = 1 (n0)\n"
              "/libxl/1/device/vif/0/type = vif (n0)\n");
    check_dir("/local/domain/1/device",
              "/local/domain/1/device/vif =  (n0)\n"
              "/local/domain/1/device/vif/0 =  (n1,r0)\n"
              "/local/domain/1/device/vif/0/backend = /local/domain/0/backend/vif/1/0 (n1,r0)\n"
              "/local/domain/1/device/vif/0/backend-id = 0 (n1,r0)\n"
              "/local/domain/1/device/vif/0/handle = 0 (n1,r0)\n"
              "/local/domain/1/device/vif/0/mac = 00:16:3e:00:00:01 (n1,r0)\n"
              "/local/domain/1/device/vif/0/mtu = 1500 (n0,r1)\n"
              "/local/domain/1/device/vif/0/state = 1 (n1,r0)\n"
              "/local/domain/1/device/vif/0/trusted = 1 (n1,r0)\n");
    check_removal(&dev);
    xlight_config_free(c);
    /* Everything that can be said of one. */
    c = parse("vif = [\"mac=00:16:3e:00:00:02,script=vif-route,vifname=web,ip=10.0.0.1,"
              "rate=10Mb/s@20ms,gatewaydev=eth9,mtu=9000,bridge=br7,devid=5,untrusted\"]");
    ck_assert_int_eq(add(&xlight__kind_nic, c->nics, &dev), 0);
    check_dir("/local/domain/0/backend/vif/1/5",
              "/local/domain/0/backend/vif/1/5/bridge = br7 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/frontend = /local/domain/1/device/vif/5 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/frontend-id = 1 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/gatewaydev = eth9 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/handle = 5 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/hotplug-status =  (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/ip = 10.0.0.1 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/mac = 00:16:3e:00:00:02 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/mtu = 9000 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/online = 1 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/rate = 25000,20000 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/script = /etc/xen/scripts/vif-route (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/state = 1 (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/type = vif (n0,r1)\n"
              "/local/domain/0/backend/vif/1/5/vifname = web (n0,r1)\n");
    check_removal(&dev);
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

START_TEST(channels)
{
    struct xlight_config *c;
    struct xlight__dev channel;

    begin();
    c = parse("channel = [\"name=a,connection=socket,path=/tmp/s\"]");
    ck_assert_int_eq(add(&xlight__kind_channel, c->channels, &channel), 0);
    ck_assert_int_eq(c->channels[0].devid, 1);
    check_dir("/local/domain/1/device/console",
              "/local/domain/1/device/console/1 =  (n1,r0)\n"
              "/local/domain/1/device/console/1/backend = /local/domain/0/backend/console/1/1 "
              "(n1,r0)\n"
              "/local/domain/1/device/console/1/backend-id = 0 (n1,r0)\n"
              "/local/domain/1/device/console/1/limit = 1048576 (n0,r1)\n"
              "/local/domain/1/device/console/1/name = a (n0,r1)\n"
              "/local/domain/1/device/console/1/output = chardev:libxl-channel1 (n0,r1)\n"
              "/local/domain/1/device/console/1/protocol = vt100 (n1,r0)\n"
              "/local/domain/1/device/console/1/state = 1 (n1,r0)\n"
              "/local/domain/1/device/console/1/tty =  (n0,r1)\n"
              "/local/domain/1/device/console/1/type = ioemu (n0,r1)\n");
    check_dir("/libxl/1/device/console/1",
              "/libxl/1/device/console/1/backend = /local/domain/0/backend/console/1/1 (n0)\n"
              "/libxl/1/device/console/1/connection = socket (n0)\n"
              "/libxl/1/device/console/1/frontend = /local/domain/1/device/console/1 (n0)\n"
              "/libxl/1/device/console/1/frontend-id = 1 (n0)\n"
              "/libxl/1/device/console/1/name = a (n0)\n"
              "/libxl/1/device/console/1/online = 1 (n0)\n"
              "/libxl/1/device/console/1/path = /tmp/s (n0)\n"
              "/libxl/1/device/console/1/protocol = vt100 (n0)\n"
              "/libxl/1/device/console/1/state = 1 (n0)\n");
    check_removal(&channel);
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

START_TEST(disk_of_qemu)
{
    struct xlight_config *c;
    struct xlight__dev disk_dev;

    begin();
    c = parse("disk = [\"/nonexistent/a,qcow2,sda,r\"]\n");
    client.type = XLIGHT_PVH;
    ck_assert_int_eq(add(&xlight__kind_disk, c->disks, &disk_dev), 0);
    ck_assert_int_eq(c->disks[0].backend, XLIGHT_DISK_QDISK);
    check_dir("/local/domain/0/backend/qdisk/1/2048",
              "/local/domain/0/backend/qdisk/1/2048/bootable = 1 (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/dev = sda (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/device-type = disk (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/discard-enable = 0 (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/frontend = /local/domain/1/device/vbd/2048 "
              "(n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/frontend-id = 1 (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/mode = r (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/online = 1 (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/params = qcow2:/nonexistent/a (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/removable = 0 (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/specification = xen (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/state = 1 (n0,r1)\n"
              "/local/domain/0/backend/qdisk/1/2048/type = qdisk (n0,r1)\n");
    ck_assert_int_eq(xlight__dev_erase(h, XBT_NULL, &disk_dev), 0);
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

/* Its password goes another way: the guest can read these nodes. */
START_TEST(screen)
{
    struct xlight_config *c;
    struct xlight__dev vfb;

    begin();
    c = parse("vfb = [\"vncpasswd=p\"]\n");
    client.type = XLIGHT_PVH;
    ck_assert_int_eq(add(&xlight__kind_vfb, c->vfbs, &vfb), 0);
    check_dir("/local/domain/0/backend/vfb/1/0",
              "/local/domain/0/backend/vfb/1/0/frontend = /local/domain/1/device/vfb/0 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/frontend-id = 1 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/online = 1 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/opengl = 0 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/sdl = 0 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/state = 1 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/vnc = 1 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/vncdisplay = 0 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/vnclisten = 127.0.0.1 (n0,r1)\n"
              "/local/domain/0/backend/vfb/1/0/vncunused = 1 (n0,r1)\n");
    ck_assert_int_eq(xlight__dev_erase(h, XBT_NULL, &vfb), 0);
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

START_TEST(keyboards)
{
    struct xlight_config *c;
    struct xlight__dev vkb;

    begin();
    c = parse("vfb = [\"\"]\n");
    client.type = XLIGHT_PVH;
    ck_assert_uint_eq(c->nr_vkbs, 1);
    c->vkbs[0].multi_touch = c->vkbs[0].abs_pointer = true;
    c->vkbs[0].multi_touch_width = 7;
    c->vkbs[0].width = 640;
    ck_assert_int_eq(add(&xlight__kind_vkb, c->vkbs, &vkb), 0);
    check_dir("/local/domain/0/backend/vkbd/1/0",
              "/local/domain/0/backend/vkbd/1/0/feature-abs-pointer = 1 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/feature-multi-touch = 1 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/frontend = /local/domain/1/device/vkbd/0 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/frontend-id = 1 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/multi-touch-height = 0 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/multi-touch-num-contacts = 0 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/multi-touch-width = 7 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/online = 1 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/state = 1 (n0,r1)\n"
              "/local/domain/0/backend/vkbd/1/0/width = 640 (n0,r1)\n");
    ck_assert_int_eq(xlight__dev_erase(h, XBT_NULL, &vkb), 0);
    c->vkbs[0].backend_type = XLIGHT_VKB_LINUX;
    ck_assert_int_eq(add(&xlight__kind_vkb, c->vkbs, &vkb), 0);
    ck_assert_str_eq(vkb.back, "/local/domain/0/backend/vinput/1/0");
    ck_assert_str_eq(vkb.libxl, "/libxl/1/device/vkbd/0");
    ck_assert_int_eq(xlight__dev_erase(h, XBT_NULL, &vkb), 0);
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

START_TEST(folder)
{
    struct xlight_config *c;
    struct xlight__dev p9;

    begin();
    c = parse("p9 = [\"tag=t,path=/p,security_model=none\"]\n");
    client.type = XLIGHT_PVH;
    ck_assert_int_eq(add(&xlight__kind_p9, c->p9s, &p9), 0);
    check_dir("/local/domain/1/device",
              "/local/domain/1/device/9pfs =  (n0)\n"
              "/local/domain/1/device/9pfs/0 =  (n1,r0)\n"
              "/local/domain/1/device/9pfs/0/backend = /local/domain/0/backend/9pfs/1/0 (n1,r0)\n"
              "/local/domain/1/device/9pfs/0/backend-id = 0 (n1,r0)\n"
              "/local/domain/1/device/9pfs/0/state = 1 (n1,r0)\n"
              "/local/domain/1/device/9pfs/0/tag = t (n1,r0)\n");
    check_dir("/libxl/1/device",
              "/libxl/1/device/9pfs =  (n0)\n"
              "/libxl/1/device/9pfs/0 =  (n0)\n"
              "/libxl/1/device/9pfs/0/backend = /local/domain/0/backend/9pfs/1/0 (n0)\n"
              "/libxl/1/device/9pfs/0/frontend = /local/domain/1/device/9pfs/0 (n0)\n"
              "/libxl/1/device/9pfs/0/frontend-id = 1 (n0)\n"
              "/libxl/1/device/9pfs/0/online = 1 (n0)\n"
              "/libxl/1/device/9pfs/0/path = /p (n0)\n"
              "/libxl/1/device/9pfs/0/security_model = none (n0)\n"
              "/libxl/1/device/9pfs/0/state = 1 (n0)\n");
    check_removal(&p9);
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

/* What cannot be made, and why; rc as wanted. */
static void refuse(const struct xlight__kind *kind, void *conf, int wanted, const char *why)
{
    struct xlight__dev dev;

    ck_assert_int_eq(add(kind, conf, &dev), wanted);
    ck_assert_str_eq(xlight_error_text(h, 0), why);
}

START_TEST(what_cannot_be)
{
    struct xlight_config *c;
    struct xlight_channel nameless = {.devid = -1};
    struct xlight_p9 p9 = {.devid = -1};
    struct xlight__dev dev;

    begin();
    c = parse("disk = [\"/nonexistent/a,raw,xvda\", \"/dev/loop5,raw,vda\", "
              "\"/dev/loop5,vhd,xvdb,backendtype=phy\", \"/dev/loop5,qcow2,xvdc,script=x\", "
              "\"/dev/loop5,raw,xvdd,backendtype=tap\", \"/dev/loop5,raw,xvde\", "
              "\"/tmp,raw,xvdf,backendtype=phy\", \"/dev/loop5,raw,xvdg,specification=virtio\"]\n"
              "vif = [\"type=ioemu\", \"backend=nobody\"]\n");
    refuse(&xlight__kind_disk, &c->disks[0], -ENOENT, "/nonexistent/a: No such file or directory");
    refuse(&xlight__kind_disk, &c->disks[1], -EINVAL, "a disk cannot be called vda");
    refuse(&xlight__kind_disk, &c->disks[2], -EINVAL,
           "disk xvdb cannot have backendtype phy: it takes raw files and block devices");
    refuse(&xlight__kind_disk, &c->disks[3], -EINVAL,
           "disk xvdc has a script, which qdisk does not use");
    refuse(&xlight__kind_disk, &c->disks[4], -EINVAL,
           "disk xvdd has a backendtype that is not supported; phy and qdisk are");
    refuse(&xlight__kind_disk, &c->disks[6], -EINVAL,
           "disk xvdf cannot have backendtype phy: it takes raw files and block devices");
    refuse(&xlight__kind_disk, &c->disks[7], -EINVAL, "disk xvdg cannot be virtio");
    ck_assert_int_eq(add(&xlight__kind_disk, &c->disks[5], &dev), 0);
    refuse(&xlight__kind_disk, &c->disks[5], -EEXIST, "the domain has a disk xvde already");
    refuse(&xlight__kind_nic, &c->nics[0], -EINVAL,
           "only HVM guests have network cards of type ioemu");
    refuse(&xlight__kind_nic, &c->nics[1], -ESRCH, "there is no domain \"nobody\"");
    refuse(&xlight__kind_channel, &nameless, -EINVAL, "a channel without a name");
    refuse(&xlight__kind_p9, &p9, -EINVAL, "a shared folder needs tag, path and security_model");
    check_removal(&dev);
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

START_TEST(ids_and_lists)
{
    struct xlight__dev *list = NULL, dev, devs[3];
    struct xlight_config *c;
    unsigned int nr = 0;
    bool more = true;

    begin();
    c = parse("vif = [\"\", \"devid=8\", \"\"]\ndisk = [\"/dev/loop5,raw,xvdb\"]\n");
    c->nics[0].devid = c->nics[2].devid = -1;
    ck_assert_int_eq(add(&xlight__kind_nic, &c->nics[0], &devs[0]), 0);
    ck_assert_int_eq(add(&xlight__kind_nic, &c->nics[1], &devs[1]), 0);
    ck_assert_int_eq(add(&xlight__kind_nic, &c->nics[2], &devs[2]), 0);
    ck_assert_int_eq(c->nics[0].devid, 0);
    ck_assert_int_eq(c->nics[2].devid, 9);
    ck_assert_uint_eq(c->nics[0].mac[1], 0x16);
    ck_assert_int_ne(memcmp(c->nics[0].mac, c->nics[2].mac, 6), 0);
    ck_assert_int_eq(add(&xlight__kind_disk, &c->disks[0], &dev), 0);
    /* Things that do not belong there are left alone. */
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/libxl/1/device/vif/x/backend", "?"),
                     0);
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/libxl/1/device/pci/0/backend",
                                         "/local/domain/0/backend/pci/1/0"),
                     0);

    for (int n = 1, rc; more; n++) {
        free(list);
        list = NULL;
        fail_each_begin(n);
        rc = xlight__dev_list(h, 1, NULL, &list, &nr);
        more = fail_each_end();
        ck_assert(!rc || (rc == -ENOMEM && more && !list));
    }
    ck_assert_uint_eq(nr, 5);
    ck_assert_str_eq(list[0].kind_name, "pci");
    ck_assert_ptr_null(list[0].kind);
    ck_assert_str_eq(list[0].name, "pci 0");
    ck_assert_str_eq(list[1].name, "disk xvdb");
    ck_assert_int_eq(list[2].devid, 0);
    ck_assert_int_eq(list[4].devid, 9);
    ck_assert_mem_eq(&list[3], &devs[1], sizeof(dev));
    free(list);
    ck_assert_int_eq(xlight__dev_list(h, 1, "vif", &list, &nr), 0);
    ck_assert_uint_eq(nr, 3);
    free(list);
    ck_assert_int_eq(xlight__dev_list(h, 2, NULL, &list, &nr), 0);
    ck_assert_uint_eq(nr, 0);
    ck_assert_int_eq(xlight__dev_find(h, 1, "vbd", 51728, &dev), 0);
    ck_assert_int_eq(xlight__dev_find(h, 1, "vbd", 51712, &dev), -ENODEV);
    ck_assert_str_eq(xlight_error_text(h, 0), "there is no /libxl/1/device/vbd/51712");
    xlight_config_free(c);
    sim_end(h);
}
END_TEST

START_TEST(paths_of_servers)
{
    static const char *const bad[] = {"",
                                      "/local/domain/0/backend/vbd/1",
                                      "/local/domain/0/backend/vbd/1/",
                                      "/local/domain/0/backend/vbd/1/2/3",
                                      "/local/domain/-1/backend/vbd/1/2",
                                      "/local/domain/32756/backend/vbd/1/2",
                                      "/local/domain/0/backend//1/2",
                                      "/local/domain/0/backend/a-name-too-long-/1/2",
                                      "/local/domain/0/backend/vbd/1/2147483648",
                                      "/local/domain/0/device/vbd/1/2"};
    char server[XLIGHT__DEV_KIND];
    uint32_t of = 9, domid = 9;
    int devid = 9;

    for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(xlight__dev_parse(bad[i], &of, server, &domid, &devid) == -EBADMSG, "%s",
                      bad[i]);
    ck_assert_uint_eq(domid, 9);
    ck_assert_int_eq(
        xlight__dev_parse("/local/domain/3/backend/qdisk/32751/51712", &of, server, &domid, &devid),
        0);
    ck_assert_uint_eq(of, 3);
    ck_assert_str_eq(server, "qdisk");
    ck_assert_uint_eq(domid, 32751);
    ck_assert_int_eq(devid, 51712);
}
END_TEST

static void check_args(const struct xlight__args *a, const char *wanted)
{
    char text[1024] = "";

    for (unsigned int i = 1; i < a->nr; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 1 ? " " : "",
                 a->list[i]);
    ck_assert_str_eq(text, wanted);
}

/* What a configuration says stays within the option that it belongs to. */
START_TEST(model_arguments)
{
    struct xlight_config *c = parse("vfb = [\"vnclisten=::1\"]\n"
                                    "channel = [\"name=a,connection=socket,path=/s\"]\n");
    struct xlight__args args = {0};
    bool more = true;

    c->channels[0].devid = 1;
    free(c->name);
    c->name = strdup("x,debug-threads=on");
    free(c->channels[0].path);
    c->channels[0].path = strdup("/s,reconnect=1,");
    free(c->vfbs[0].vnc.listen);
    c->vfbs[0].vnc.listen = strdup("h,password=off");
    c->vfbs[0].vnc.enable = c->vfbs[0].vnc.find_unused = XLIGHT_YES;
    for (int n = 1, rc = -ENOMEM; more; n++) {
        if (!rc)
            xlight__args_free(&args);
        fail_each_begin(n);
        rc = xlight__model_args(c, 1, "/r,un", &args);
        more = fail_each_end();
        ck_assert(!rc || (rc == -ENOMEM && more));
        ck_assert_int_lt(n, 200);
    }
    check_args(&args, "-xen-domid 1 -no-shutdown "
                      "-chardev socket,id=libxl-cmd,path=/r,,un/qmp-libxl-1,server=on,wait=off "
                      "-mon chardev=libxl-cmd,mode=control "
                      "-chardev socket,id=libxenstat-cmd,path=/r,,un/qmp-libxenstat-1,server=on,"
                      "wait=off -mon chardev=libxenstat-cmd,mode=control "
                      "-chardev socket,id=libxl-channel1,path=/s,,reconnect=1,,,server=on,wait=off "
                      "-nodefaults -no-user-config -xen-attach -name x,,debug-threads=on "
                      "-vnc h,,password=off:0,to=99 -display none -machine xenpv -m 32");
    xlight__args_free(&args);
    xlight_config_free(c);
}
END_TEST

TEST_MAIN("light-device", model_arguments, disk, network_interface, channels, disk_of_qemu, screen,
          keyboards, folder, what_cannot_be, ids_and_lists, paths_of_servers)
