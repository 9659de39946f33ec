/* SPDX-License-Identifier: MIT */
/*
 * test-light-os.c - loop devices, network interfaces and names of disks: Linux's, where we may, and
 * the imitation for simulated hosts, by the same tests.
 */
#include "test-main.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <linux/sockios.h>
#include "device/os.h"
#include "device/vdev.h"

extern int fail_alloc_in; /* see fail-alloc.h */

/* While it is not 0 the host has one loop device, which cannot be opened for that reason. */
static int loop_error;
static char loop_dir[64]; /* what stands for /sys/block */
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

DIR *__wrap_opendir(const char *path)
{
    char one[64] = "/tmp/test-light-os-XXXXXX", entry[80];
    DIR *d;

    if (!loop_error || strcmp(path, "/sys/block"))
        return __real_opendir(path);
    ck_assert_ptr_nonnull(mkdtemp(one));
    snprintf(entry, sizeof(entry), "%s/loop0", one);
    ck_assert_int_eq(mkdir(entry, 0700), 0);
    d = __real_opendir(one);
    snprintf(loop_dir, sizeof(loop_dir), "%s", one);
    return d;
}

int __wrap_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list args;

    if (loop_error && !strcmp(path, "/dev/loop0")) {
        errno = loop_error;
        return -1;
    }
    if (flags & O_CREAT) {
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return __real_open(path, flags, mode);
}

static const struct {
    const char *name;
    int number; /* -1: no name of a disk */
} names[] = {{"xvda", 51712},
             {"xvdb", 51728},
             {"xvda1", 51713},
             {"xvdp15", 51967},
             {"xvdq", 268439552},
             {"xvda16", 268435472},
             {"xvdaa", 268442112},
             {"d0p0", 51712},
             {"d1p2", 51730},
             {"d16p0", 268439552},
             {"d0p255", 268435711},
             {"hda", 768},
             {"hdb", 832},
             {"hdc", 5632},
             {"hdd", 5696},
             {"hda63", 831},
             {"sda", 2048},
             {"sdb3", 2067},
             {"sdp15", 2303},
             {"51712", 51712},
             {"0xca00", 51712},
             {"0", 0},
             {"xvd", -1},
             {"", -1},
             {"xvda0", -1},
             {"xvda01", -1},
             {"xvda256", -1},
             {"xvdA", -1},
             {"hde", -1},
             {"hda64", -1},
             {"sdq", -1},
             {"sda16", -1},
             {"d5", -1},
             {"d5p", -1},
             {"d01p1", -1},
             {"d1p256", -1},
             {"d1048576p0", -1},
             {"d1048575p0", 536870656},
             {"-1", -1},
             {"99999999999", -1},
             {"xvda1x", -1},
             {"vda", -1},
             {"xvdzzzzzzzz", -1}};

START_TEST(names_of_disks)
{
    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int number = 7, rc = xlight__vdev_number(names[i].name, &number);

        ck_assert_msg(rc == (names[i].number < 0 ? -EINVAL : 0), "%s: %d", names[i].name, rc);
        ck_assert_msg(number == (rc ? 7 : names[i].number), "%s: %d", names[i].name, number);
    }
}
END_TEST

static char dir[] = "/tmp/test-light-os-XXXXXX";

/* Whether the list has a loop device with this number, for this file. */
static bool listed(struct xlight__os *os, unsigned int nr, const char *file)
{
    struct xlight__loop *list = NULL;
    struct xlight__disk_image image;
    unsigned int count = 0;
    bool found = false;

    ck_assert_int_eq(os->ops->image(os, file, &image), 0);
    ck_assert(image.regular && !image.block);
    ck_assert_int_eq(os->ops->loop_list(os, &list, &count), 0);
    for (unsigned int i = 0; i < count; i++)
        found |= list[i].nr == nr && list[i].dev == image.dev && list[i].ino == image.ino;
    free(list);
    return found;
}

static void check_loops(struct xlight__os *os)
{
    struct xlight__disk_image image;
    char file[64];
    unsigned int nr = 0;
    int fd, rc = -EBUSY;

    snprintf(file, sizeof(file), "%s/image", dir);
    fd = open(file, O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(ftruncate(fd, 1 << 20), 0);
    close(fd);
    for (int i = 0; rc == -EBUSY && i < 20; i++) {
        ck_assert_int_eq(os->ops->loop_free(os, &nr), 0);
        rc = os->ops->loop_attach(os, nr, file, false);
    }
    ck_assert_int_eq(rc, 0);
    ck_assert(listed(os, nr, file));
    ck_assert_int_eq(os->ops->loop_attach(os, nr, file, true), -EBUSY);
    ck_assert_int_eq(os->ops->loop_detach(os, nr), 0);
    ck_assert(!listed(os, nr, file));
    ck_assert_int_eq(os->ops->loop_detach(os, nr), -ENXIO);
    ck_assert_int_eq(os->ops->loop_attach(os, nr, "/nonexistent", true), -ENOENT);

    ck_assert_int_eq(os->ops->image(os, dir, &image), 0);
    ck_assert(!image.regular && !image.block);
    ck_assert_int_eq(os->ops->image(os, "/nonexistent", &image), -ENOENT);
    unlink(file);
}

static bool may_loop(void)
{
    int fd = open("/dev/loop-control", O_RDWR), loop;
    bool may;

    if (fd < 0)
        return false;
    close(fd);
    loop = open("/dev/loop0", O_RDWR);
    may = loop >= 0;
    close(loop);
    return may;
}

START_TEST(loops)
{
    struct xlight__os *os;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(xlight__os_sim(&os), 0);
    check_loops(os);
    ck_assert_uint_eq(xlight__sim_loops(os), 0);
    xlight__os_free(os);
    ck_assert_int_eq(xlight__os_linux(&os), 0);
    if (may_loop())
        check_loops(os);
    else
        printf("not run: loop devices of this machine\n");
    xlight__os_free(os);
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* An interface that stays as long as this descriptor. */
static int make_tap(const char *name)
{
    struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR);

    strncpy(r.ifr_name, name, IFNAMSIZ - 1);
    if (fd >= 0 && ioctl(fd, TUNSETIFF, &r)) {
        close(fd);
        return -1;
    }
    return fd;
}

static void check_net(struct xlight__os *os)
{
    const uint8_t mac[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
    unsigned int mtu = 0;

    ck_assert(os->ops->net_exists(os, "vif9.0"));
    ck_assert(!os->ops->net_exists(os, "vif9.1"));
    ck_assert_int_eq(os->ops->net_set_mac(os, "vif9.0", mac), 0);
    ck_assert_int_eq(os->ops->net_get_mtu(os, "vif9.0", &mtu), 0);
    ck_assert_uint_eq(mtu, 1500);
    ck_assert_int_eq(os->ops->net_set_mtu(os, "vif9.0", 1400), 0);
    ck_assert_int_eq(os->ops->net_get_mtu(os, "vif9.0", &mtu), 0);
    ck_assert_uint_eq(mtu, 1400);
    ck_assert_int_eq(os->ops->net_set_mtu(os, "vif9.0", 1), -EINVAL);
    ck_assert_int_eq(os->ops->net_set_up(os, "vif9.0", true), 0);
    ck_assert_int_eq(os->ops->net_set_up(os, "vif9.0", false), 0);
    ck_assert_int_eq(os->ops->net_rename(os, "vif9.0", "web"), 0);
    ck_assert(os->ops->net_exists(os, "web"));
    ck_assert_int_eq(os->ops->net_rename(os, "web", "a-name-that-is-too-long"), -EINVAL);
    ck_assert_int_eq(os->ops->net_rename(os, "vif9.0", "x"), -ENODEV);
    ck_assert_int_eq(os->ops->net_set_up(os, "vif9.0", true), -ENODEV);
    ck_assert(!os->ops->net_is_bridge(os, "web"));
    ck_assert_int_eq(os->ops->bridge_has(os, "none", "web"), 0);
    ck_assert_int_lt(os->ops->bridge_add(os, "none", "web"), 0);
}

static void check_bridge(struct xlight__os *os, const char *port)
{
    ck_assert(os->ops->net_is_bridge(os, "br9"));
    ck_assert_int_eq(os->ops->bridge_add(os, "br9", port), 0);
    ck_assert_int_eq(os->ops->bridge_has(os, "br9", port), 1);
    ck_assert_int_eq(os->ops->bridge_add(os, "br9", port), -EBUSY);
    ck_assert_int_eq(os->ops->bridge_remove(os, "br9", port), 0);
    ck_assert_int_eq(os->ops->bridge_has(os, "br9", port), 0);
    ck_assert_int_eq(os->ops->bridge_remove(os, "br9", port), -EINVAL);
}

/* In a network of our own, where /sys is not: it shows the interfaces of whoever mounted it. */
static void check_linux_net(struct xlight__os *os)
{
    struct ifreq r = {.ifr_name = "br9"};
    int tap, fd;

    if (unshare(CLONE_NEWNET) || (tap = make_tap("vif9.0")) < 0) {
        printf("not run: network interfaces of this machine\n");
        return;
    }
    check_net(os);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (ioctl(fd, SIOCBRADDBR, &r.ifr_name)) {
        printf("not run: bridges of this machine\n");
    } else {
        ck_assert_int_eq(os->ops->bridge_add(os, "br9", "web"), 0);
        ck_assert_int_eq(os->ops->bridge_add(os, "br9", "web"), -EBUSY);
        ck_assert_int_eq(os->ops->bridge_remove(os, "br9", "web"), 0);
        ck_assert_int_eq(os->ops->bridge_remove(os, "br9", "web"), -EINVAL);
    }
    close(fd);
    close(tap);
}

START_TEST(networks)
{
    struct xlight__os *os;

    ck_assert_int_eq(xlight__os_sim(&os), 0);
    ck_assert_int_eq(xlight__sim_net(os, "vif9.0", false), 0);
    ck_assert_int_eq(xlight__sim_net(os, "vif9.0", false), -EEXIST);
    check_net(os);
    ck_assert_int_eq(xlight__sim_net(os, "br9", true), 0);
    check_bridge(os, "web");
    xlight__sim_net_gone(os, "web");
    ck_assert(!os->ops->net_exists(os, "web"));
    xlight__sim_fail(os, 2, EPERM);
    ck_assert_int_eq(os->ops->net_set_up(os, "br9", true), 0);
    ck_assert_int_eq(os->ops->net_set_up(os, "br9", true), -EPERM);
    ck_assert_int_eq(os->ops->net_set_up(os, "br9", true), 0);
    xlight__os_free(os);
    fail_alloc_in = 1;
    ck_assert_int_eq(xlight__os_sim(&os), -ENOMEM);
    fail_alloc_in = 1;
    ck_assert_int_eq(xlight__os_linux(&os), -ENOMEM);
    fail_alloc_in = 0;
    ck_assert_int_eq(xlight__os_linux(&os), 0);
    check_linux_net(os);
    xlight__os_free(os);
}
END_TEST

START_TEST(disks_of_a_simulated_host)
{
    struct xlight__disk_image image;
    struct xlight__os *os;

    ck_assert_int_eq(xlight__os_sim(&os), 0);
    ck_assert_int_eq(xlight__sim_disk(os, "/dev/sim", 8, 1), 0);
    ck_assert_int_eq(os->ops->image(os, "/dev/sim", &image), 0);
    ck_assert(image.block && !image.regular && image.writable);
    ck_assert_uint_eq(image.number, 0x801);
    xlight__os_free(os);
}
END_TEST

static void remove_loop_dir(void)
{
    char entry[80];

    snprintf(entry, sizeof(entry), "%s/loop0", loop_dir);
    ck_assert_int_eq(rmdir(entry), 0);
    ck_assert_int_eq(rmdir(loop_dir), 0);
}

/* A loop device that cannot be looked at may have any file: then there is no list. */
START_TEST(loop_that_fails)
{
    static const int unused[] = {ENXIO, ENODEV, ENOENT}, bad[] = {EIO, EACCES, ENOMEM};
    struct xlight__loop *list = NULL;
    struct xlight__os *os;
    unsigned int nr = 9;

    ck_assert_int_eq(xlight__os_linux(&os), 0);
    for (int i = 0; i < 3; i++) {
        loop_error = bad[i];
        ck_assert_int_eq(os->ops->loop_list(os, &list, &nr), -bad[i]);
        remove_loop_dir();
        ck_assert_uint_eq(nr, 9);
    }
    for (int i = 0; i < 3; i++) {
        loop_error = unused[i];
        ck_assert_int_eq(os->ops->loop_list(os, &list, &nr), 0);
        remove_loop_dir();
        ck_assert_uint_eq(nr, 0);
        free(list);
        nr = 9;
    }
    loop_error = 0;
    xlight__os_free(os);
}
END_TEST

TEST_MAIN("light-os", loop_that_fails, names_of_disks, loops, networks, disks_of_a_simulated_host)
