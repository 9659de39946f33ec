/* SPDX-License-Identifier: MIT */
/* test-light-attach.c - one device more, or fewer, of a domain that runs. */
#include "light/hotplug-host.h"
#include "state/state.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct xlight_device *list(enum xlight_device_kind kind, unsigned int wanted)
{
    struct xlight_device *devices = NULL;
    unsigned int nr = 99;

    ck_assert_int_eq(xlight_device_list(h, 1, kind, &devices, &nr), 0);
    ck_assert_uint_eq(nr, wanted);
    return devices;
}

/* How many disks and interfaces the configuration has that is written down. */
static void check_config(const uint8_t uuid[16], unsigned int disks, unsigned int nics)
{
    struct xlight_config *c;

    ck_assert_int_eq(xlight__state_load(h, 1, uuid, &c), 0);
    ck_assert_uint_eq(c->nr_disks, disks);
    ck_assert_uint_eq(c->nr_nics, nics);
    if (disks)
        ck_assert_str_eq(c->disks[disks - 1].vdev, "xvdb");
    xlight_config_free(c);
}

START_TEST(attach_list_detach)
{
    struct xlight_device *d;
    struct xlight_config *config;
    uint8_t uuid[16];

    begin(0);
    ck_assert_int_eq(attach(XLIGHT_DISK, "/dev/sim,raw,xvdb"), -ESRCH);
    make_domain();
    memset(uuid, 0x77, sizeof(uuid));
    config = parse("");
    ck_assert_int_eq(xlight__state_save(h, 1, uuid, config), 0);
    xlight_config_free(config);
    xlight_device_list_free(list(XLIGHT_DISK, 0), 0);
    ck_assert_int_eq(attach(XLIGHT_DISK, "/dev/sim,raw,xvdb"), 0);
    check_config(uuid, 1, 0);
    ck_assert_int_eq(attach(XLIGHT_DISK, "/dev/sim,raw,d1p0"), -EEXIST);
    check_config(uuid, 1, 0);
    ck_assert_str_eq(xlight_error_text(h, 0), "cannot attach a disk to domain 1");
    d = list(XLIGHT_DISK, 1);
    ck_assert_str_eq(d->name, "xvdb");
    ck_assert_int_eq(d->devid, 51728);
    ck_assert_str_eq(d->server, "vbd");
    ck_assert_str_eq(d->backend, "/local/domain/0/backend/vbd/1/51728");
    ck_assert_str_eq(d->frontend, "/local/domain/1/device/vbd/51728");
    ck_assert_str_eq(d->target, "/dev/sim");
    ck_assert_int_eq(d->state, 1);
    ck_assert_int_eq(d->event_channel, -1);
    xlight_device_list_free(d, 1);
    ck_assert_int_eq(
        xstore_write_string(h->store, XBT_NULL, "/local/domain/1/device/vbd/51728/ring-ref", "8"),
        0);
    ck_assert_int_eq(
        xstore_write_string(h->store, XBT_NULL, "/local/domain/1/device/vbd/51728/state", "-7x"),
        0);
    d = list(XLIGHT_DISK, 1);
    ck_assert_int_eq(d->ring_ref, 8);
    ck_assert_int_eq(d->state, -1);
    xlight_device_list_free(d, 1);
    ck_assert_int_eq(attach(XLIGHT_NIC, "mac=00:16:3e:00:00:07"), 0);
    check_config(uuid, 1, 1);
    d = list(XLIGHT_NIC, 1);
    ck_assert_uint_eq(d->mac[5], 7);
    xlight_device_list_free(d, 1);
    ck_assert_int_eq(attach(XLIGHT_VKB, "backend-type=qemu"), -EOPNOTSUPP);
    ck_assert_int_eq(attach(XLIGHT_DISK, "/x,qcow2,xvdc"), -EOPNOTSUPP);
    ck_assert_str_eq(xlight_error_text(h, 1), "disk xvdc takes a device model, and the domain was "
                                              "created without one");
    ck_assert_int_eq(attach(XLIGHT_VKB, "backend-type=linux,unique-id=a"), 0);
    d = list(XLIGHT_VKB, 1);
    ck_assert_str_eq(d->server, "vinput");
    ck_assert_str_eq(d->name, "a");
    xlight_device_list_free(d, 1);
    ck_assert_int_eq(attach(XLIGHT_CHANNEL, "name=a,connection=pty"), -EOPNOTSUPP);
    ck_assert_int_eq(detach(XLIGHT_CHANNEL, 1, XLIGHT_DETACH_GENTLY), -EOPNOTSUPP);
    ck_assert_int_eq(detach(XLIGHT_DISK, 51728, XLIGHT_DETACH_GENTLY), 0);
    check_config(uuid, 0, 1);
    ck_assert_int_eq(detach(XLIGHT_DISK, 51728, XLIGHT_DETACH_GENTLY), -ENODEV);
    ck_assert_int_eq(detach(XLIGHT_NIC, 0, XLIGHT_DETACH_FORCED_LATER), 0);
    check_config(uuid, 0, 0);
    ck_assert_int_eq(detach(XLIGHT_VKB, 0, XLIGHT_DETACH_FORCED), 0);
    xlight_device_list_free(list(XLIGHT_VKB, 0), 0);
    ck_assert_int_eq(xstore_rm(h->store, XBT_NULL, "/libxl/1/type"), 0);
    check_nothing_left();
    end();
}
END_TEST

/* Each request to the store fails once. */
START_TEST(attach_with_each_request_failing)
{
    char text[128];
    int rc = -1;

    begin(0);
    make_domain();
    snprintf(text, sizeof(text), "%s,raw,xvda", image);
    for (unsigned int n = 1; rc; n++) {
        char *after;

        sim_store_fail_in = n;
        rc = attach(XLIGHT_DISK, text);
        sim_store_fail_in = 0;
        if (rc) {
            after = store_dump(h->store, "/local/domain");
            ck_assert_msg(!*after, "request %u: %s", n, after);
            free(after);
            ck_assert_uint_eq(xlight__sim_loops(h->os), 0);
        }
        ck_assert_uint_lt(n, 300);
    }
    ck_assert_int_eq(detach(XLIGHT_DISK, 51712, XLIGHT_DETACH_GENTLY), 0);
    end();
}
END_TEST

static int change(const char *drive, const char *target)
{
    xlight_op *op = NULL;
    int rc = xlight_medium_change_start(h, 1, drive, target, &op);

    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}

static void check_medium(const char *target, unsigned int loops)
{
    struct xlight_device *d = list(XLIGHT_DISK, 2);

    ck_assert_str_eq(d[1].name, "xvdb");
    ck_assert_pstr_eq(d[1].target && *d[1].target ? d[1].target : NULL, target);
    xlight_device_list_free(d, 2);
    ck_assert_uint_eq(xlight__sim_loops(h->os), loops);
}

START_TEST(media)
{
    char text[128], other[64];

    begin(0);
    ck_assert_int_eq(change("xvdb", NULL), -ESRCH);
    make_domain();
    ck_assert_int_eq(change("xvdb", NULL), -ENODEV);
    ck_assert_int_eq(change("nonsense", NULL), -EINVAL);
    ck_assert_int_eq(attach(XLIGHT_DISK, "/dev/sim,raw,xvda"), 0);
    snprintf(text, sizeof(text), "vdev=xvdb,devtype=cdrom,target=%s", image);
    ck_assert_int_eq(attach(XLIGHT_DISK, text), 0);
    check_medium(image, 1);
    ck_assert_int_eq(change("xvdb", NULL), 0);
    check_medium(NULL, 0);
    check_node("/local/domain/0/backend/vbd/1/51728/device-type", "cdrom");
    ck_assert_int_eq(change("xvdb", NULL), 0);
    snprintf(other, sizeof(other), "%s/other", sim_dir);
    make_file(other, "iso", 0600);
    ck_assert_int_eq(change("xvdb", other), 0);
    check_medium(other, 1);
    ck_assert_int_eq(change("xvdb", image), 0);
    check_medium(image, 1);
    /* What cannot be done leaves the medium where it is. */
    ck_assert_int_eq(change("xvdb", "/nonexistent"), -ENOENT);
    ck_assert_int_eq(change("xvdb", sim_dir), -EINVAL);
    ck_assert_int_eq(change("xvda", image), -EINVAL);
    ck_assert_ptr_nonnull(strstr(xlight_error_text(h, 0), "xvda is no CD drive but a disk"));
    check_medium(image, 1);
    fake_backend_stop();
    fake_backend_start(FAKE_STUCK);
    ck_assert_int_eq(change("xvdb", other), -ETIMEDOUT);
    check_medium(image, 1);
    fake_backend_stop();
    fake_backend_start(0);
    ck_assert_int_eq(go(), 0);
    end();
}
END_TEST

TEST_MAIN("light-attach", media, attach_list_detach, attach_with_each_request_failing)
