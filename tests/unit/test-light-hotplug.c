/* SPDX-License-Identifier: MIT */
/*
 * test-light-hotplug.c - devices come and go: with a fake server, on a simulated host. What fails
 * or is cancelled anywhere leaves nothing behind.
 */
#include "../light/fake-backend.h"
#include "../light/sim-host.h"
#include "../light/store-dump.h"
#include "device/daemon.h"
#include "device/device.h"
#include "state/state.h"
#include "test-main.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenolith/light-device.h>

extern int fail_alloc_in; /* see fail-alloc.h */

static xlight_handle *h;
static char image[64], locks[64], scripts[64];

static void make_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

static void begin(unsigned int flags)
{
    h = sim_start("");
    snprintf(image, sizeof(image), "%s/image", sim_dir);
    snprintf(locks, sizeof(locks), "%s/locks", sim_dir);
    snprintf(scripts, sizeof(scripts), "%s/scripts", sim_dir);
    h->os->lock_dir = locks;
    h->os->script_dir = scripts;
    h->os->wait_ms = 300U * (unsigned int)sim_scale();
    make_file(image, "disk", 0600);
    ck_assert_int_eq(mkdir(scripts, 0700), 0);
    ck_assert_int_eq(xlight__sim_disk(h->os, "/dev/sim", 8, 17), 0);
    ck_assert_int_eq(xlight__sim_net(h->os, "xenbr0", true), 0);
    ck_assert_int_eq(xlight__sim_net(h->os, "vif1.0", false), 0);
    fake_backend_start(flags);
}

static struct xlight_config *parse(const char *text)
{
    struct xlight_config *c = NULL;
    char whole[2048];
    int len = snprintf(whole, sizeof(whole), "name = \"x\"\nkernel = \"/k\"\n%s", text);

    ck_assert_int_eq(xlight_config_parse("test", whole, (size_t)len, NULL, &c), 0);
    return c;
}

static struct xlight_config *last_config; /* must live as long as what uses it */

static void end(void)
{
    xlight_config_free(last_config);
    last_config = NULL;
    fake_backend_stop();
    sim_end(h);
}

/* All devices of a configuration for domain 1, as one operation. */
static int start(const char *text, xlight_op **ret_op)
{
    struct xlight__client c = {.h = h, .domid = 1, .type = XLIGHT_PV};
    int rc = xlight__op_new(h, 1, ret_op, "cannot add devices");

    ck_assert_int_eq(rc, 0);
    xlight_config_free(last_config);
    last_config = parse(text);
    rc = xlight__devices_create(*ret_op, &c, last_config);
    if (rc)
        xlight_op_free(*ret_op);
    return rc;
}

static int come(const char *text)
{
    xlight_op *op;
    int rc = start(text, &op);

    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}

static int run_destroy(xlight_op *op, void *state)
{
    return xlight__devices_destroy(op, 1, state);
}

static int go(void)
{
    static const struct xlight__step steps[] = {{"all", run_destroy, NULL}};
    static const struct xlight__part part = XLIGHT__PART(steps, NULL);
    struct xlight__noted noted = {.rc = 0};
    xlight_op *op;
    int rc;

    ck_assert_int_eq(xlight__op_new(h, 1, &op, "cannot remove devices"), 0);
    ck_assert_int_eq(xlight__op_add(op, &part, &noted), 0);
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc ? rc : noted.rc;
}

static void check_node(const char *path, const char *wanted)
{
    char *value = NULL;
    int rc = xstore_read_string(h->store, XBT_NULL, path, &value);

    ck_assert_msg(rc == 0 || rc == -ENOENT, "%s: %d", path, rc);
    if (wanted)
        ck_assert_pstr_eq(value, wanted);
    else
        ck_assert_ptr_null(value);
    free(value);
}

static void check_nothing_left(void)
{
    char *a = store_dump(h->store, "/libxl/1"), *b = store_dump(h->store, "/local/domain");
    const struct xlight__sim_net *vif = xlight__sim_find_net(h->os, "vif1.0");

    ck_assert_str_eq(a, "");
    ck_assert_str_eq(b, "");
    free(a);
    free(b);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 0);
    ck_assert(!vif || (!vif->up && !vif->master[0]));
}

#define DISK "/local/domain/0/backend/vbd/1/51712/"
#define VIF  "/local/domain/0/backend/vif/1/0/"

static char all[512];
static const char *all_devices(void)
{
    snprintf(all, sizeof(all),
             "disk = [\"%s,raw,xvda,rw\", \"/dev/sim,raw,xvdb,rw\"]\nvif = [\"mtu=1400\"]\n",
             image);
    return all;
}

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
    rc = -1;
    for (int n = 1; rc; n++) {
        xlight_op *op;

        ck_assert_int_eq(start(all_devices(), &op), 0);
        fail_alloc_in = n;
        while ((rc = xlight_op_process(op)) == -EINPROGRESS) {
            struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};
            int left = fail_alloc_in, ms;

            /* One failure is enough: what undoes it is to have memory. */
            if (left <= 0)
                fail_alloc_in = 0;
            ms = xlight_op_timeout(op);
            poll(&p, 1, ms);
        }
        fail_alloc_in = 0;
        xlight_op_free(op);
        if (rc)
            check_nothing_left();
        ck_assert_int_lt(n, 2000);
        n += n / 8; /* not all: there are hundreds */
    }
    ck_assert_int_eq(go(), 0);
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

static void make_script(const char *name, const char *text)
{
    char path[128], whole[1024];

    snprintf(path, sizeof(path), "%s/%s", scripts, name);
    snprintf(whole, sizeof(whole), "#!/bin/sh\n%s\n", text);
    make_file(path, whole, 0700);
}

/* What a script has written, in the directory of this host. */
static char *output(void)
{
    static char text[2048];
    char path[64];
    size_t n;
    FILE *f;

    snprintf(path, sizeof(path), "%s/out", sim_dir);
    f = fopen(path, "re");
    ck_assert_ptr_nonnull(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = 0;
    fclose(f);
    unlink(path);
    return text;
}

START_TEST(scripts_are_run)
{
    char text[1024], script[512], wanted[1024];

    begin(0);
    snprintf(script, sizeof(script),
             "echo \"$0 $* $script $XENBUS_TYPE $XENBUS_PATH $XENBUS_BASE_PATH $vif[$netdev]\" "
             ">>%s/out",
             sim_dir);
    make_script("block-x", script);
    make_script("vif-x", script);
    ck_assert_int_eq(come("disk = [\"target,raw,xvda,rw,script=block-x\"]\n"
                          "vif = [\"script=vif-x,gatewaydev=eth5\"]\n"),
                     0);
    snprintf(wanted, sizeof(wanted),
             "%s/block-x add %s/block-x vbd backend/vbd/1/51712 backend []\n"
             "%s/vif-x online type_if=vif %s/vif-x vif backend/vif/1/0 backend vif1.0[eth5]\n",
             scripts, scripts, scripts, scripts);
    ck_assert_str_eq(output(), wanted);
    ck_assert_int_eq(go(), 0);
    snprintf(wanted, sizeof(wanted),
             "%s/block-x remove %s/block-x vbd backend/vbd/1/51712 backend []\n"
             "%s/vif-x offline type_if=vif %s/vif-x vif backend/vif/1/0 backend vif1.0[eth5]\n",
             scripts, scripts, scripts, scripts);
    ck_assert_str_eq(output(), wanted);
    check_nothing_left();

    /* One that fails is undone, too. */
    snprintf(script, sizeof(script), "echo $1 >>%s/out; [ $1 = remove ]", sim_dir);
    make_script("block-x", script);
    ck_assert_int_eq(come("disk = [\"t,raw,xvda,rw,script=block-x\"]"), -EIO);
    xlight_error_format(h, text, sizeof(text));
    snprintf(wanted, sizeof(wanted),
             "cannot add devices: cannot connect disk xvda: the script of disk xvda failed: "
             "%s/block-x add: exit status 1",
             scripts);
    ck_assert_str_eq(text, wanted);
    ck_assert_str_eq(output(), "add\nremove\n");
    check_nothing_left();
    ck_assert_int_eq(come("disk = [\"t,raw,xvda,rw,script=block-none\"]"), -ENOENT);
    check_nothing_left();
    /* What it says in the store is passed on. */
    snprintf(script, sizeof(script),
             "[ $1 = remove ] || { XENSTORED_PATH=%s/socket %s/utils/xenstore/xenstore write "
             "/local/domain/0/$XENBUS_PATH/hotplug-error 'no luck'; kill -9 $$; }",
             sim_dir, BUILD_DIR);
    make_script("block-x", script);
    ck_assert_int_eq(come("disk = [\"t,raw,xvda,rw,script=block-x\"]"), -EIO);
    ck_assert_ptr_nonnull(strstr(xlight_error_text(h, 3), "block-x add: signal 9, no luck"));
    check_nothing_left();
    /* Hooks of vif-bridge are shell, so the script itself is run. */
    snprintf(text, sizeof(text), "%s/vif-post.d", scripts);
    ck_assert_int_eq(mkdir(text, 0700), 0);
    make_script("vif-post.d/a.hook", "");
    ck_assert_int_eq(come("vif = [\"\"]"), -ENOENT);
    make_script("vif-bridge", "");
    ck_assert_int_eq(come("vif = [\"\"]"), 0);
    ck_assert_str_eq(xlight__sim_find_net(h->os, "vif1.0")->master, "");
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

/* A device model that says that it is ready, and then lives on. */
#define READY                                                    \
    "XENSTORED_PATH=%s/socket %s/utils/xenstore/xenstore write " \
    "/local/domain/0/device-model/1/state running\n"

static const char *screen(const char *script)
{
    static char text[512];

    snprintf(text, sizeof(text), "vfb = [\"\"]\ndevice_model_override = \"%s/%s\"\n", scripts,
             script);
    return text;
}

static int model_pid(void)
{
    int pid = 0;

    ck_assert_int_eq(
        xstore_read_int(h->store, XBT_NULL, "/local/domain/1/image/device-model-pid", &pid), 0);
    return pid;
}

START_TEST(device_models)
{
    struct xlight_config *config;
    char script[512];
    bool runs = true;
    int pid;

    begin(0);
    snprintf(script, sizeof(script), "echo \"$*\" >%s/out\n" READY "while :; do sleep 0.1; done",
             sim_dir, sim_dir, BUILD_DIR);
    make_script("qemu", script);
    config = parse(screen("qemu"));
    ck_assert(xlight__needs_model(config));
    xlight_config_free(config);
    ck_assert_int_eq(come(screen("qemu")), 0);
    ck_assert_str_eq(output(), "-xen-domid 1 -no-shutdown -nodefaults -no-user-config -xen-attach "
                               "-name x -vnc 127.0.0.1:0,to=99 -display none -machine xenpv -m "
                               "32\n");
    pid = model_pid();
    ck_assert(xlight__daemon_is(pid, "-xen-domid", "1"));
    ck_assert(!xlight__daemon_is(pid, "-xen-domid", "2"));
    ck_assert_int_eq(xlight__model_runs(h, 1, &runs), 0);
    ck_assert(runs);
    /* It is no child of ours, and in a session of its own. */
    ck_assert_int_eq(getsid(pid), pid);
    ck_assert_int_eq(go(), 0);
    ck_assert(!xlight__daemon_is(pid, "-xen-domid", "1"));
    check_nothing_left();
    /* One that does not want to end. */
    snprintf(script, sizeof(script), "trap '' HUP\n" READY "while :; do sleep 0.1; done", sim_dir,
             BUILD_DIR);
    make_script("qemu", script);
    ck_assert_int_eq(come(screen("qemu")), 0);
    pid = model_pid();
    ck_assert_int_eq(go(), 0);
    for (int i = 0; i < 100 && xlight__daemon_is(pid, "-xen-domid", "1"); i++)
        usleep(10000);
    ck_assert(!xlight__daemon_is(pid, "-xen-domid", "1"));
    check_nothing_left();
    /* A number that is somebody else's by now is left alone. */
    ck_assert_int_eq(
        xstore_write_int(h->store, XBT_NULL, "/local/domain/1/image/device-model-pid", getpid()),
        0);
    ck_assert_int_eq(xlight__model_runs(h, 1, &runs), 0);
    ck_assert(!runs);
    ck_assert_int_eq(go(), 0);
    /* It cannot be had. */
    ck_assert_int_eq(come(screen("none")), -ENOENT);
    check_nothing_left();
    make_script("qemu", "exit 1");
    ck_assert_int_eq(come(screen("qemu")), -ECHILD);
    ck_assert_str_eq(xlight_error_text(h, 1), "the device model has ended at once");
    check_nothing_left();
    h->os->wait_ms /= 10;
    make_script("qemu", "while :; do sleep 0.1; done");
    ck_assert_int_eq(come(screen("qemu")), -ETIMEDOUT);
    check_nothing_left();
    end();
}
END_TEST

static void make_domain(void)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1, .max_evtchn_port = -1, .max_grant_frames = 4, .max_maptrack_frames = 4};
    domid_t domid = 0;

    memset(config.handle, 0x77, sizeof(config.handle));
    config.grant_opts = 1;
    ck_assert_int_eq(xctl_domain_create(h->ctrl, 0, &config, &domid), 0);
    ck_assert_uint_eq(domid, 1);
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/libxl/1/type", "pv"), 0);
}

static int attach(enum xlight_device_kind kind, const char *text)
{
    union {
        struct xlight_disk disk;
        struct xlight_nic nic;
        struct xlight_vkb vkb;
        struct xlight_channel channel;
    } config;
    xlight_op *op = NULL;
    int rc;

    xlight_device_config_init(kind, &config);
    ck_assert_int_eq(xlight_device_parse(kind, text, NULL, &config), 0);
    rc = xlight_device_attach_start(h, 1, kind, &config, &op);
    xlight_device_config_clear(kind, &config);
    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}

static int detach(enum xlight_device_kind kind, int devid, enum xlight_detach how)
{
    xlight_op *op = NULL;
    int rc = xlight_device_detach_start(h, 1, kind, devid, how, &op);

    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}

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

/* What cannot be disconnected: taken away nevertheless with its domain, which is said; else not. */
START_TEST(cannot_be_disconnected)
{
    begin(0);
    make_script("block-x", "[ $1 = add ]");
    ck_assert_int_eq(come("disk = [\"target,raw,xvda,rw,script=block-x\"]\n"), 0);
    ck_assert_int_eq(go(), -EIO);
    check_nothing_left();
    make_domain();
    ck_assert_int_eq(attach(XLIGHT_DISK, "target,raw,xvda,rw,script=block-x"), 0);
    ck_assert_int_eq(detach(XLIGHT_DISK, 51712, XLIGHT_DETACH_FORCED), -EIO);
    ck_assert_ptr_nonnull(strstr(xlight_error_text(h, 1), "cannot disconnect disk xvda"));
    check_node(DISK "params", "target");
    make_script("block-x", "exit 0");
    ck_assert_int_eq(detach(XLIGHT_DISK, 51712, XLIGHT_DETACH_FORCED), 0);
    check_node(DISK "params", NULL);
    end();
}
END_TEST

/* One that cannot be disconnected keeps none of the others; the first such one is told. */
START_TEST(all_others_are_disconnected)
{
    char text[512];

    begin(0);
    make_script("block-x", "[ $1 = add ]");
    make_script("block-y", "exit 1");
    snprintf(text, sizeof(text),
             "disk = [\"a,raw,xvda,rw,script=block-x\", \"b,raw,xvdb,rw,script=block-x\","
             "\"%s,raw,xvdc,rw\", \"d,raw,xvdd,rw,script=block-y\"]\n",
             image);
    ck_assert_int_eq(come(text), -EIO);
    xlight_error_format(h, text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "cannot connect disk xvdd"));
    ck_assert_ptr_nonnull(strstr(text, "cannot disconnect disk xvda"));
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

TEST_MAIN("light-hotplug", attach_list_detach, cannot_be_disconnected, all_others_are_disconnected,
          attach_with_each_request_failing, device_models, come_and_go, failures_leave_nothing,
          cancelled_anywhere, nobody_serves, sharing, scripts_are_run, locks_are_waited_for,
          the_guest_does_not_let_go)
