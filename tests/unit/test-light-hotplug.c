/* SPDX-License-Identifier: MIT */
/* test-light-hotplug.c - devices come and go; what fails or is cancelled anywhere leaves nothing
 * behind. */
#include "light/hotplug-host.h"
#include "fail-each.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(come_and_go)
{
    const struct xlight__sim_net *vif;

    begin(0);
    ck_assert_int_eq(come(all_devices()), 0);
    check_node(DISK "node", "/dev/loop0");
    check_node(DISK "physical-device", "7:0");
    check_node(DISK "physical-device-path", "/dev/loop0");
    check_node(DISK "hotplug-status", "connected");
    check_node(DISK "state", "2");
    check_node("/local/domain/0/backend/vbd/1/51728/physical-device", "8:11");
    check_node("/local/domain/0/backend/vbd/1/51728/node", NULL);
    check_node(VIF "hotplug-status", "connected");
    check_node("/local/domain/1/device/vif/0/mtu", "1400");
    vif = xlight__sim_find_net(h->os, "vif1.0");
    ck_assert(vif->up);
    ck_assert_str_eq(vif->master, "xenbr0");
    ck_assert_uint_eq(vif->mac[0], 0xfe);
    ck_assert_uint_eq(vif->mtu, 1400);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 1);
    ck_assert_int_eq(come(all_devices()), -EEXIST);
    ck_assert_int_eq(go(), 0);
    check_nothing_left();
    ck_assert_int_eq(go(), 0);
    ck_assert_int_lt(access(XSTORE_PATH("%s/block", locks), F_OK), 0);
    end();
}
END_TEST

/* Every call of the host fails once, and each allocation, wherever it happens. */
START_TEST(failures_leave_nothing)
{
    int rc = -1;

    begin(0);
    for (unsigned int n = 1; rc; n++) {
        xlight__sim_fail(h->os, n, EIO);
        rc = come(all_devices());
        xlight__sim_fail(h->os, 0, 0);
        if (rc)
            check_nothing_left();
        ck_assert_uint_lt(n, 100);
    }
    ck_assert_int_eq(go(), 0);
    for (int n = 1, more = true; more; n++) {
        xlight_op *op;

        ck_assert_int_eq(start(all_devices(), &op), 0);
        fail_each_begin(n);
        while ((rc = xlight_op_process(op)) == -EINPROGRESS) {
            struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};
            int ms;

            /* One failure is enough: what undoes it is to have memory. */
            if (fail_alloc_in <= 0)
                fail_each_end();
            ms = xlight_op_timeout(op);
            poll(&p, 1, ms);
        }
        more = fail_each_end();
        xlight_op_free(op);
        ck_assert(!rc || more);
        if (rc)
            check_nothing_left();
        else
            ck_assert_int_eq(go(), 0);
        ck_assert_int_lt(n, 2000);
        n += n / 8; /* not all: there are hundreds */
    }
    check_nothing_left();
    end();
}
END_TEST

START_TEST(cancelled_anywhere)
{
    unsigned int calls = 0;
    int rc = -1;

    begin(0);
    for (unsigned int stop = 0; rc; stop++) {
        xlight_op *op;

        ck_assert_int_eq(start(all_devices(), &op), 0);
        for (calls = 0; calls < stop; calls++) {
            struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};

            rc = xlight_op_process(op);
            if (rc != -EINPROGRESS)
                break;
            poll(&p, 1, xlight_op_timeout(op));
        }
        if (calls == stop) {
            xlight_op_cancel(op);
            rc = xlight_op_wait(op);
            ck_assert_int_eq(rc, -ECANCELED);
        }
        xlight_op_free(op);
        if (rc)
            check_nothing_left();
        ck_assert_uint_lt(stop, 200);
    }
    ck_assert_int_eq(go(), 0);
    end();
}
END_TEST

START_TEST(nobody_serves)
{
    char text[512];

    begin(0);
    fake_backend_stop();
    ck_assert_int_eq(come("vif = [\"\"]\n"), -ETIMEDOUT);
    ck_assert_str_eq(xlight_error_text(h, 1),
                     "network interface 0: nothing serves it; is a driver for vif there?");
    check_nothing_left();
    fake_backend_start(FAKE_REFUSE);
    ck_assert_int_eq(come("vif = [\"\"]\n"), -EIO);
    ck_assert_str_eq(xlight_error_text(h, 1), "what serves network interface 0 gave up: state 6");
    check_nothing_left();
    fake_backend_stop();
    fake_backend_start(0);
    xlight__sim_net_gone(h->os, "xenbr0");
    ck_assert_int_eq(come("vif = [\"\"]\n"), -ENODEV);
    xlight_error_format(h, text, sizeof(text));
    ck_assert_str_eq(text, "cannot add devices: cannot connect network interface 0: there is no "
                           "bridge xenbr0");
    check_nothing_left();
    /* The name that Xen's bridges had before. */
    ck_assert_int_eq(xlight__sim_net(h->os, "eth0", true), 0);
    ck_assert_int_eq(come("vif = [\"vifname=web\"]\n"), 0);
    ck_assert_str_eq(xlight__sim_find_net(h->os, "web")->master, "eth0");
    ck_assert_int_eq(go(), 0);
    ck_assert_str_eq(xlight__sim_find_net(h->os, "web")->master, "");
    ck_assert_int_eq(xlight__sim_net(h->os, "vif1.0", false), 0);
    ck_assert_int_eq(come("vif = [\"vifname=web\"]\n"), -EEXIST);
    check_nothing_left();
    end();
}
END_TEST

/* A disk of domain 2, which is another guest, on the same device or file. */
static void other_disk(const char *number, const char *mode)
{
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL,
                                         "/local/domain/0/backend/vbd/2/51712/physical-device",
                                         number),
                     0);
    ck_assert_int_eq(
        xstore_write_string(h->store, XBT_NULL, "/local/domain/0/backend/vbd/2/51712/mode", mode),
        0);
}

static void same_vm(const char *one, const char *two)
{
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/local/domain/1/vm", one), 0);
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/local/domain/2/vm", two), 0);
}

START_TEST(sharing)
{
    char text[512], config[256], mounts[64];
    unsigned int nr;

    begin(0);
    same_vm("/vm/a", "/vm/b");
    other_disk("8:11", "w");
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,rw\"]"), -EBUSY);
    xlight_error_format(h, text, sizeof(text));
    ck_assert_str_eq(text, "cannot add devices: cannot connect disk xvda: /dev/sim cannot be "
                           "written by this domain: it is in use by domain 2, as disk 51712");
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,r\"]"), -EBUSY);
    other_disk("8:11", "r");
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,rw\"]"), -EBUSY);
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,r\"]"), 0);
    ck_assert_int_eq(go(), 0);
    other_disk("8:12", "w");
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,rw\"]"), 0);
    ck_assert_int_eq(go(), 0);
    /* The same guest, as during a migration to this host; and one that is going. */
    other_disk("8:11", "w");
    same_vm("/vm/a", "/vm/a");
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,rw\"]"), 0);
    ck_assert_int_eq(go(), 0);
    same_vm("/vm/a", "/vm/b");
    ck_assert_int_eq(xstore_rm(h->store, XBT_NULL, "/local/domain/2/vm"), 0);
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,rw\"]"), 0);
    ck_assert_int_eq(go(), 0);
    /* A file that another guest has through a loop device. */
    same_vm("/vm/a", "/vm/b");
    ck_assert_int_eq(h->os->ops->loop_free(h->os, &nr), 0);
    ck_assert_int_eq(h->os->ops->loop_attach(h->os, nr, image, false), 0);
    other_disk("7:0", "w");
    snprintf(config, sizeof(config), "disk = [\"%s,raw,xvda,rw\"]", image);
    ck_assert_int_eq(come(config), -EBUSY);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 1);
    other_disk("7:1", "w");
    ck_assert_int_eq(come(config), 0);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 2);
    ck_assert_int_eq(go(), 0);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 1);
    ck_assert_int_eq(h->os->ops->loop_detach(h->os, nr), 0);
    /* What is mounted here. */
    other_disk("1:1", "w");
    snprintf(mounts, sizeof(mounts), "%s/mounts", sim_dir);
    make_file(mounts, "proc /proc proc rw 0 0\n/dev/sim /mnt ext4 ro,noatime 0 0\n", 0600);
    h->os->mounts = mounts;
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,rw\"]"), -EBUSY);
    ck_assert_ptr_nonnull(strstr(xlight_error_text(h, 3), "/dev/sim is mounted on /mnt here"));
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,r\"]"), 0);
    ck_assert_int_eq(go(), 0);
    make_file(mounts, "/dev/sim /mnt ext4 rw 0 0\n", 0600);
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda,r\"]"), -EBUSY);
    /* A file that nobody may write. */
    ck_assert_int_eq(chmod(image, 0400), 0);
    ck_assert_int_eq(come(config), -EACCES);
    snprintf(config, sizeof(config), "disk = [\"%s,raw,xvda,r\"]", image);
    ck_assert_int_eq(come(config), 0);
    ck_assert_int_eq(go(), 0);
    end();
}
END_TEST

/* The lock of the script block is respected, without standing still. */
START_TEST(locks_are_waited_for)
{
    char path[128];
    xlight_op *op;
    int fd, rc = -EINPROGRESS, calls = 0;

    begin(0);
    ck_assert_int_eq(mkdir(locks, 0700), 0);
    snprintf(path, sizeof(path), "%s/block", locks);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    ck_assert_int_eq(start("disk = [\"/dev/sim,raw,xvda\"]", &op), 0);
    for (; calls < 30 && rc == -EINPROGRESS; calls++) {
        struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};

        rc = xlight_op_process(op);
        poll(&p, 1, xlight_op_timeout(op));
    }
    ck_assert_int_eq(rc, -EINPROGRESS);
    check_node(DISK "physical-device", NULL);
    /* As the script does it. */
    unlink(path);
    close(fd);
    ck_assert_int_eq(xlight_op_wait(op), 0);
    xlight_op_free(op);
    check_node(DISK "physical-device", "8:11");
    ck_assert_int_lt(access(path, F_OK), 0);
    ck_assert_int_eq(go(), 0);
    end();
}
END_TEST

START_TEST(the_guest_does_not_let_go)
{
    struct xlight__client c;
    struct xlight__devset *set;
    struct xlight__dev dev;
    xlight_op *op;

    begin(FAKE_STUCK);
    c = (struct xlight__client){.h = h, .domid = 1, .type = XLIGHT_PV};
    ck_assert_int_eq(come(all_devices()), 0);
    ck_assert_int_eq(xlight__dev_find(h, 1, "vif", 0, &dev), 0);
    set = xlight__devset_new(&c);
    ck_assert_int_eq(xlight__devset_take(set, &dev), 0);
    ck_assert_int_eq(xlight__op_new(h, 1, &op, "cannot detach"), 0);
    ck_assert_int_eq(xlight__op_add(op, &xlight__part_going, set), 0);
    ck_assert_int_eq(xlight_op_wait(op), -ETIMEDOUT);
    ck_assert_str_eq(xlight_error_text(h, 1), "network interface 0 is still in use: the guest "
                                              "does not let go of it");
    xlight_op_free(op);
    check_node(VIF "online", "0");
    check_node(VIF "state", "5");
    check_node("/local/domain/1/device/vif/0/state", "1");
    /* Forced after that, it goes. */
    set = xlight__devset_new(&c);
    ck_assert_int_eq(xlight__devset_take(set, &dev), 0);
    set->going = XLIGHT__FORCED_LATER;
    ck_assert_int_eq(xlight__op_new(h, 1, &op, "cannot detach"), 0);
    ck_assert_int_eq(xlight__op_add(op, &xlight__part_going, set), 0);
    ck_assert_int_eq(xlight_op_wait(op), 0);
    xlight_op_free(op);
    check_node(VIF "online", NULL);
    check_node("/local/domain/1/device/vif/0/backend", NULL);
    ck_assert_int_eq(go(), 0);
    check_nothing_left();
    end();
}
END_TEST

/* The lock of somebody who does not come back is not waited for without end. */
START_TEST(lock_that_stays)
{
    char path[128];
    int fd;

    begin(0);
    h->os->wait_ms = 50U * (unsigned int)sim_scale();
    ck_assert_int_eq(mkdir(locks, 0700), 0);
    snprintf(path, sizeof(path), "%s/block", locks);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    ck_assert_int_eq(come("disk = [\"/dev/sim,raw,xvda\"]"), -ETIMEDOUT);
    ck_assert_ptr_nonnull(strstr(xlight_error_text(h, 2), "somebody has held the lock"));
    check_nothing_left();
    close(fd);
    end();
}
END_TEST

/* Neither a file that was deleted nor another one in its place keeps a disk from going. */
START_TEST(file_is_gone)
{
    char moved[80];

    begin(0);
    ck_assert_int_eq(come(all_devices()), 0);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 1);
    unlink(image);
    ck_assert_int_eq(go(), 0);
    check_nothing_left();
    make_file(image, "disk", 0600);
    ck_assert_int_eq(come(all_devices()), 0);
    snprintf(moved, sizeof(moved), "%s-moved", image);
    ck_assert_int_eq(rename(image, moved), 0);
    make_file(image, "other", 0600);
    ck_assert_int_eq(go(), 0);
    check_nothing_left();
    unlink(moved);
    /* As a script of Xen's would have left it: nothing tells which file it was. */
    ck_assert_int_eq(come(all_devices()), 0);
    ck_assert_int_eq(xstore_rm(h->store, XBT_NULL, DISK "loop-file"), 0);
    unlink(image);
    ck_assert_int_eq(go(), 0);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 1);
    end();
}
END_TEST

TEST_MAIN("light-hotplug", lock_that_stays, file_is_gone, come_and_go, failures_leave_nothing,
          cancelled_anywhere, nobody_serves, sharing, locks_are_waited_for,
          the_guest_does_not_let_go)
